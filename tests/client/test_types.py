"""The types are the contracts' own: names, order, values. What callers make is checked."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from macrostrike import types
from macrostrike._generated.events import ArbitrageExecuted, Deposited, Halted
from macrostrike._roots import Named, Struct
from macrostrike.abi import Abi, artifact, diamond_abi, snake_case
from macrostrike.errors import InvalidPrediction, InvalidValue, MacroStrikeError
from macrostrike.types import (
    BotConfig,
    CalibrationBin,
    Due,
    FacetCut,
    FacetCutAction,
    FleetConfig,
    MarketConfig,
    MarketRules,
    Mined,
    Prediction,
    Signal,
    SignalStats,
    Strategy,
    StrikeOpened,
    StrikeRecord,
    strategy_mask,
)

ENGINE = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
PREDICTION: dict[str, Any] = {
    "engine": ENGINE,
    "nonce": 1,
    "market": 0,
    "signal": Signal.LONG,
    "confidence_bps": 9300,
    "valid_from": 100,
    "valid_until": 200,
    "horizon": 60,
    "stop_loss_bps": 1,
}
RULES: dict[str, Any] = {
    "max_bot_lots": 1,
    "max_strike_lots": 1,
    "max_open_lots": 1,
    "max_day_lots": 1,
    "cooldown": 0,
    "max_deviation_bps": 1,
    "oracle_window": 30,
    "exit_window": 30,
    "exit_deviation_bps": 1,
    "max_horizon": 1,
    "max_stop_loss_bps": 1,
    "keeper_delay": 0,
    "premium_bps": 0,
    "discount_bps": 0,
    "auction_seconds": 300,
}


def structs_in(entries: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every struct that an ABI's functions and events name, with its components."""
    for entry in entries:
        parameters = [*entry.get("inputs", []), *entry.get("outputs", [])]
        for parameter in [*parameters, *entry.get("components", [])]:
            if "components" in parameter:
                name = re.sub(r"\[\d*\]$", "", parameter["internalType"]).removeprefix("struct ")
                yield name, parameter["components"]
                yield from structs_in([parameter])


STRUCTS = dict(structs_in(artifact("IMacroStrike").abi))
KINDS = {
    getattr(kind, "abi_name", kind.__name__): kind
    for kind in vars(types).values()
    if isinstance(kind, type) and issubclass(kind, (Struct, Named))
}
ENUMS = {name: kind for name, kind in KINDS.items() if issubclass(kind, Named)}


def test_every_struct_of_the_abi_has_its_class() -> None:
    assert set(STRUCTS) == set(KINDS) - set(ENUMS)


@pytest.mark.parametrize("name", sorted(STRUCTS))
def test_fields_are_those_of_the_struct_in_its_order(name: str) -> None:
    """Also where a class adds checks to a generated one, and names its fields once more."""
    fields = [field.name for field in dataclasses.fields(KINDS[name])]
    assert fields == [snake_case(component["name"]) for component in STRUCTS[name]]


def test_enums_print_as_the_contracts_write_their_members() -> None:
    assert [str(signal) for signal in Signal] == ["StrongLong", "Long", "Short", "StrongShort"]
    assert [int(signal) for signal in Signal] == [0, 1, 2, 3]


# Loss-free both ways: any value that the ABI allows goes to bytes and comes back equal.


def values_of(parameter: dict[str, Any]) -> st.SearchStrategy[Any]:
    kind: str = parameter["type"]
    if array := re.search(r"\[(\d*)\]$", kind):
        inner = values_of({**parameter, "type": kind[: array.start()]} | internal_item(parameter))
        size = int(array[1]) if array[1] else None
        sized = st.lists(inner, min_size=size or 0, max_size=size or 3)
        return sized.map(tuple)
    name = parameter["internalType"].rpartition(" ")[2]
    if kind == "tuple":
        build = KINDS[name]
        parts = st.tuples(*(values_of(component) for component in parameter["components"]))
        return parts.map(lambda values: built(build, values))
    if name in ENUMS:
        return st.sampled_from(KINDS[name])
    return scalars(kind)


def internal_item(parameter: dict[str, Any]) -> dict[str, str]:
    return {"internalType": re.sub(r"\[\d*\]$", "", parameter["internalType"])}


def scalars(kind: str) -> st.SearchStrategy[Any]:
    if kind == "bool":
        return st.booleans()
    if kind == "address":
        return st.binary(min_size=20, max_size=20).map(lambda b: types.checksummed("0x" + b.hex()))
    if kind == "bytes":
        return st.binary(max_size=70)
    if sized := re.fullmatch(r"bytes(\d+)", kind):
        return st.binary(min_size=int(sized[1]), max_size=int(sized[1]))
    bits = int(kind.removeprefix("u").removeprefix("int"))
    if kind.startswith("u"):
        return st.integers(0, (1 << bits) - 1)
    return st.integers(-(1 << (bits - 1)), (1 << (bits - 1)) - 1)


def built(kind: type[Any], values: tuple[Any, ...]) -> Any:
    """As the chain's answers are: unchecked."""
    made = object.__new__(kind)
    for field, value in zip(dataclasses.fields(kind), values, strict=True):
        object.__setattr__(made, field.name, value)
    return made


@pytest.mark.parametrize("name", sorted(STRUCTS))
def test_conversion_is_loss_free_both_ways(name: str) -> None:
    parameter = {
        "name": "value",
        "type": "tuple",
        "internalType": f"struct {name}",
        "components": STRUCTS[name],
    }
    echo = {"type": "function", "name": "echo", "inputs": [parameter], "outputs": [parameter]}
    abi = Abi([echo])

    @given(values_of(parameter))
    def holds(value: Any) -> None:
        back = abi.decode_result("echo", abi.encode_call("echo", value)[4:])
        assert type(back) is KINDS[name]
        assert back == value

    holds()


def test_integers_stay_integers() -> None:
    echo = STRUCTS["StrikeStats"]
    data = b"".join((7).to_bytes(32, "big") for _ in echo[:-1]) + (1).to_bytes(32, "big")
    stats = diamond_abi().decode_result("getStrikeStats", data)
    assert {type(getattr(stats, f.name)) for f in dataclasses.fields(stats)[:-1]} == {int}
    assert stats.halted is True


# What callers make is checked on construction.


def test_a_prediction_takes_what_the_chain_takes() -> None:
    minimum = Prediction(**PREDICTION | {"nonce": 0, "confidence_bps": 0, "horizon": 1})
    maximum = Prediction(
        **PREDICTION
        | {
            "nonce": 2**64 - 1,
            "market": 255,
            "confidence_bps": 10_000,
            "strategies": 31,
            "model_id": 2**16 - 1,
            "valid_from": 2**40 - 1,
            "valid_until": 2**40 - 1,
            "horizon": 2**24 - 1,
            "take_profit_bps": 2**16 - 1,
            "stop_loss_bps": 9999,
        }
    )
    assert minimum.strategies == strategy_mask(*Strategy)
    assert maximum.stop_loss_bps == 9999


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("engine", "0x12"),
        ("engine", ENGINE.replace("dB6a", "db6A")),
        ("engine", ENGINE[2:]),
        ("engine", bytes(20)),
        ("nonce", -1),
        ("nonce", 2**64),
        ("nonce", 1.0),
        ("nonce", "1"),
        ("nonce", True),
        ("market", 256),
        ("signal", 4),
        ("signal", "LONG"),
        ("confidence_bps", 10_001),
        ("confidence_bps", -1),
        ("confidence_bps", 0.95),
        ("strategies", 0),
        ("strategies", 32),
        ("model_id", 2**16),
        ("valid_until", 2**40),
        ("valid_until", 99),
        ("horizon", 0),
        ("horizon", 2**24),
        ("take_profit_bps", 2**16),
        ("stop_loss_bps", 0),
        ("stop_loss_bps", 10_000),
    ],
)
def test_a_prediction_that_no_chain_takes_is_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidPrediction) as refused:
        Prediction(**PREDICTION | {field: value})
    assert (refused.value.field, refused.value.value) == (field, value)
    assert repr(value) in str(refused.value)
    assert refused.value.allowed in str(refused.value)
    assert isinstance(refused.value, (ValueError, MacroStrikeError))


def test_values_become_what_they_stand_for() -> None:
    prediction = Prediction(**PREDICTION | {"engine": ENGINE.lower(), "signal": 3})
    assert prediction.engine == ENGINE
    assert prediction.signal is Signal.STRONG_SHORT


def test_what_is_made_cannot_be_changed() -> None:
    prediction = Prediction(**PREDICTION)
    with pytest.raises(dataclasses.FrozenInstanceError):
        prediction.confidence_bps = 9999  # type: ignore[misc]
    with pytest.raises(InvalidPrediction):
        dataclasses.replace(prediction, confidence_bps=10_001)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: BotConfig(risk_bps=0), "risk_bps"),
        (lambda: BotConfig(risk_bps=10_001), "risk_bps"),
        (lambda: BotConfig(risk_bps=1, min_confidence_bps=9299), "min_confidence_bps"),
        (lambda: BotConfig(risk_bps=1, active=1), "active"),  # type: ignore[arg-type]
        (lambda: MarketRules(**RULES | {"max_bot_lots": 1024}), "max_bot_lots"),
        (lambda: MarketRules(**RULES | {"max_deviation_bps": 1001}), "max_deviation_bps"),
        (lambda: MarketRules(**RULES | {"oracle_window": 29}), "oracle_window"),
        (lambda: MarketRules(**RULES | {"exit_window": 31}), "exit_window"),
        (lambda: MarketRules(**RULES | {"max_horizon": 0}), "max_horizon"),
        (lambda: MarketRules(**RULES | {"auction_seconds": 299}), "auction_seconds"),
        (lambda: fleet(bots=(BotConfig(risk_bps=1),) * 24), "bots"),
        (lambda: fleet(bots=(1,) * 25), "bots"),
        (lambda: fleet(unit_exponent=17), "unit_exponent"),
        (lambda: fleet(lot=0), "lot"),
        (lambda: FacetCut("0x0", FacetCutAction.ADD, ()), "facet_address"),
    ],
)
def test_settings_out_of_range_are_refused(make: Any, field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        make()
    assert refused.value.field == field


def fleet(**changes: Any) -> FleetConfig:
    fields: dict[str, Any] = {
        "quote": ENGINE,
        "unit_exponent": 0,
        "lot": 1,
        "bots": [BotConfig(risk_bps=1)] * 25,
    }
    return FleetConfig(**fields | changes)


def test_settings_in_range_are_taken() -> None:
    rules = MarketRules(**RULES)
    assert fleet().bots == (BotConfig(risk_bps=1),) * 25
    assert MarketConfig(base=ENGINE, pool=ENGINE, factory=ENGINE, rules=rules).rules is rules


# What people read.


def test_signals_know_their_side_and_strength() -> None:
    assert [s for s in Signal if s.is_long] == [Signal.STRONG_LONG, Signal.LONG]
    assert [s for s in Signal if s.is_strong] == [Signal.STRONG_LONG, Signal.STRONG_SHORT]


def test_due_says_whether_a_strike_is_or_can_be_marked_so() -> None:
    assert [due for due in Due if due.is_due] == [Due.TAKE_PROFIT, Due.STOP_LOSS, Due.HORIZON]


def test_a_mask_names_strategies() -> None:
    assert strategy_mask(Strategy.MARKET_MAKING, Strategy.VOLATILITY) == 0b10001


def test_rates_are_exact_and_none_before_anything_settled() -> None:
    assert SignalStats(settled=0, wins=0, profit=0, loss=0).win_rate is None
    assert SignalStats(settled=8, wins=7, profit=0, loss=0).win_rate == Decimal("0.875")
    scored = CalibrationBin(settled=2, wins=1, brier_sum=500_000, factor_bps=(0, 0, 0, 0))
    assert scored.brier_score == Decimal("0.25")


@given(st.data())
def test_the_words_of_events_unpack_as_they_are_packed(data: st.DataObject) -> None:
    lots = data.draw(st.lists(st.integers(0, 1023), min_size=25, max_size=25))
    weights = sum(lot << (10 * bot) for bot, lot in enumerate(lots))
    args: dict[str, Any] = {"strike_id": 1, "engine": ENGINE, "operator": ENGINE, "nonce": 2}
    names = "market confidence_bps model_id horizon take_profit_bps stop_loss_bps base_amount"
    fields = {name: data.draw(st.integers(0, 255)) for name in names.split()}
    args |= fields | {"signal": Signal.SHORT, "notional": 3, "weights": weights}
    mined = Mined(transaction_hash=bytes(32), block_number=1, timestamp=77, gas_used=1)
    opened = StrikeOpened.from_args(args, mined=mined)
    assert (opened.signal, opened.lots) == (Signal.SHORT, tuple(lots))
    assert opened.record == StrikeRecord(id=1, opened_at=77, **fields)


@given(st.lists(st.integers(1, 2**32 - 1), min_size=2, max_size=4))
def test_pools_of_an_arbitrage_are_as_many_as_are_not_zero(pools: list[int]) -> None:
    word = sum(pool << (32 * hop) for hop, pool in enumerate(pools))
    amounts = {"amount_in": 1, "profit": 1, "model_id": 1, "confidence_bps": 9300}
    args = {"operator": ENGINE, "token_in": ENGINE, "pools": word} | amounts
    assert ArbitrageExecuted.from_args(args).pools == tuple(pools)


def test_short_text_in_an_event_is_text_and_from_has_a_name_in_python() -> None:
    halted = {"reason": b"drawdown".ljust(32, b"\0"), "equity": 1, "high_water": 2}
    assert Halted.from_args(halted | {"recent_wins": 40}).reason == "drawdown"
    assert Deposited.from_args({"from": ENGINE, "amount": 5}) == Deposited(ENGINE, 5)
