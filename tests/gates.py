"""The gates of a strike, in the order in which the contract asks them: the one table of them.

A gate is shut by changes of `tests.client.attempts`. What refuses a strike is asked of the
contract, of the client's checks and of a batch, for each gate alone and for all of them at once;
and the state machine walks them at every strike that it tries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from macrostrike import MacroStrike, Prediction
from macrostrike.errors import (
    ActionNotAllowed,
    BudgetExceeded,
    CapExceeded,
    ConfidenceTooLow,
    ContractError,
    CooldownActive,
    EnforcedPause,
    EngineNotActive,
    FleetHalted,
    InvalidHorizon,
    InvalidSignature,
    InvalidStopLoss,
    MarketNotEnabled,
    ModelNotRegistered,
    NegativeExpectation,
    NonceUsed,
    NoParticipants,
    NotOperator,
    OracleDeviation,
    OracleUnavailable,
    PredictionExpired,
    PredictionNotYetValid,
    SideNotAllowed,
    TooManyOpenStrikes,
    UnknownMarket,
)
from macrostrike.types import Action

from .client.attempts import BOT, EVERYONE, LAST_NONCE, Drawn

ANY = -1
"""Stands for a value that only the chain can know."""

# The errors' values are of no matter where names alone are asked for.
_SOME_PREDICTION: Any = SimpleNamespace(
    engine="", nonce=0, model_id=0, valid_from=0, valid_until=0, confidence_bps=0
)
_SOME_CLIENT: Any = SimpleNamespace(address=None)

Expected = Callable[[Prediction, MacroStrike], ContractError]


@dataclass(frozen=True)
class Gate:
    """What shuts it, the error then, and the changes that are just on the open side, if any."""

    name: str
    shut: Drawn
    error: Expected
    open: Drawn | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def refusal(self) -> str:
        """The error's name."""
        return type(self.error(_SOME_PREDICTION, _SOME_CLIENT)).__name__


GATES = (
    Gate("paused", {"paused": True}, lambda p, c: EnforcedPause()),
    Gate("halted", {"past": "halted"}, lambda p, c: FleetHalted()),
    Gate("operator", {"sender": "stranger"}, lambda p, c: NotOperator(c.address or "", 0)),
    Gate(
        "action",
        {"operator may": int(Action.SETTLE)},
        lambda p, c: ActionNotAllowed(c.address or "", Action.STRIKE, Action.SETTLE),
        {"operator may": int(Action.STRIKE)},
    ),
    Gate("engine", {"engine revoked": True}, lambda p, c: EngineNotActive(p.engine, 0)),
    Gate(
        "signature",
        {"signature": "of another"},
        lambda p, c: InvalidSignature(p.engine, ANY),  # type: ignore[arg-type]
    ),
    Gate(
        "model",
        {"model revoked": 0},
        lambda p, c: ModelNotRegistered(p.engine, p.model_id),
        {"model revoked": 1},
    ),
    Gate(
        "not yet valid",
        {"valid from": 1},
        lambda p, c: PredictionNotYetValid(p.valid_from, p.valid_from - 1),
        {"valid from": 0},
    ),
    Gate(
        "expired",
        {"valid until": -1},
        lambda p, c: PredictionExpired(p.valid_until, p.valid_until + 1),
        {"valid until": 0},
    ),
    Gate(
        "nonce",
        {"nonce": LAST_NONCE - 128},
        lambda p, c: NonceUsed(p.engine, p.nonce),
        {"nonce": LAST_NONCE - 127},
    ),
    Gate(
        "confidence",
        {"confidence_bps": 9299},
        lambda p, c: ConfidenceTooLow(9299, 9300),
        {"confidence_bps": 9300},
    ),
    Gate("market", {"market": 2}, lambda p, c: UnknownMarket(2)),
    Gate("enabled", {"disabled": 0}, lambda p, c: MarketNotEnabled(0)),
    Gate("side", {"rule longs": False}, lambda p, c: SideNotAllowed(0, True)),
    Gate("cooldown", {"cooldown": 1}, lambda p, c: CooldownActive(0, ANY), {"cooldown": 0}),
    Gate(
        "horizon",
        {"horizon": 14_401},
        lambda p, c: InvalidHorizon(14_401, 14_400),
        {"horizon": 14_400},
    ),
    Gate(
        "stop-loss",
        {"stop_loss_bps": 301},
        lambda p, c: InvalidStopLoss(301, 300),
        {"stop_loss_bps": 300},
    ),
    Gate(
        "expectation",
        {"take_profit_bps": 7},
        lambda p, c: NegativeExpectation(p.confidence_bps, 7, 100),
        {"take_profit_bps": 8},
    ),
    Gate(
        "participants",
        {"bots": (EVERYONE, replace(BOT, active=False))},
        lambda p, c: NoParticipants(),
        {"bots": (EVERYONE - 1, replace(BOT, active=False))},
    ),
    Gate(
        "strike cap",
        {"caps": ("strike", -1)},
        lambda p, c: CapExceeded("strike", ANY, ANY),
        {"caps": ("strike", 0)},
    ),
    Gate(
        "budget",
        {"operator budget": -1},
        lambda p, c: BudgetExceeded(c.address or "", ANY, ANY),
        {"operator budget": 0},
    ),
    Gate("slots", {"past": "full"}, lambda p, c: TooManyOpenStrikes()),
    Gate("oracle", {"rule oracle_window": 7000}, lambda p, c: OracleUnavailable(0)),
    Gate("price", {"price": "1640"}, lambda p, c: OracleDeviation(0, ANY, ANY)),
)


def shut_from(gate: int) -> Drawn:
    """The changes that shut this gate and all later ones."""
    # Where two gates are shut by the same part of the world, the earlier one has it.
    return {name: value for each in reversed(GATES[gate:]) for name, value in each.shut.items()}


def assert_is(error: ContractError | None, expected: ContractError) -> None:
    """The same class with the same values."""
    assert type(error) is type(expected), (error, expected)
    for name, value in vars(expected).items():
        if value != ANY:
            assert getattr(error, name) == value, name


def walk() -> Iterator[tuple[Gate, Drawn]]:
    """Each gate in turn, with all before it open, and it and all behind it shut."""
    for index, gate in enumerate(GATES):
        yield gate, shut_from(index)
