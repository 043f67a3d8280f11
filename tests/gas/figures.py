"""The figures: what each action costs, measured from the same state of the same world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from eth_utils.crypto import keccak

from macrostrike.abi import Abi, Event
from macrostrike.build import Contract, npm, ours
from macrostrike.chain import Receipt
from macrostrike.types import (
    BOTS,
    BPS,
    FacetCut,
    FacetCutAction,
    Mined,
    Signal,
    StrikeOpened,
)

from ..evm import Payer
from .arbitrage import open_cycles
from .environment import SLIPPAGE_BPS, Env, deployed
from .trace import parts_of
from .upgrade import FACET, upgrade_gas
from .v4 import open_market

BATCH = 10
CUT = 17

_CONTRACTS = Path(__file__).parents[2] / "contracts"
_ZERO = "0x" + "00" * 20
_WIN = Decimal("0.004")
_BATCH_WIN = Decimal("0.016")


@dataclass
class Figures:
    """Gas by figure, parts of it by figure and part, bytes by contract."""

    gas: dict[str, int] = field(default_factory=dict)
    parts: dict[str, dict[str, int]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


def measure(progress: Callable[[str], None]) -> Figures:
    """All figures, on a node of their own. `progress` gets the name of the next."""
    figures = Figures(sizes=_sizes())
    progress("deploy the world")
    with deployed() as env:
        figures.gas["deploy_total"] = env.deploy_gas
        progress(f"an upgrade of {FACET}")
        with env.undone():
            figures.gas["upgrade_one_facet"] = upgrade_gas(env.world)
        progress("the first strike ever")
        with env.undone():
            _first(env, figures)
        progress("64 strikes, so that nothing is new")
        env.warm()
        progress("one strike, its settlement, and bare swaps of the same amount")
        _long(env, figures)
        _short(env, figures)
        progress("a settlement and the next strike in one transaction")
        _roll(env, figures)
        progress("ten strikes in a batch")
        _batch(env, figures)
        progress("a strike on V4, and its settlement")
        with env.undone():
            _v4(env, figures)
        progress("arbitrages, and bare swaps of the same cycle")
        with env.undone():
            _arbitrages(env, figures)
        progress("dispatch and cut, here and in the reference diamond")
        _diamonds(env, figures)
    return figures


def _first(env: Env, figures: Figures) -> None:
    opened = env.open(Signal.STRONG_LONG)
    figures.gas["strike_first_ever"] = opened.mined.gas_used
    env.move_price(_WIN)
    figures.gas["settle_first_ever"] = env.client.settle(opened.strike_id).mined.gas_used


def _long(env: Env, figures: Figures) -> None:
    amount = _strike(env, figures, Signal.STRONG_LONG, "strike_v3_25", "settle_v3_25").notional
    with env.undone():
        _keep(env, figures, "bare_v3", env.swap(amount, buys_base=True))
    with env.undone():
        swaps = [env.swap(amount // BOTS, buys_base=True) for _ in range(BOTS)]
        figures.gas["naive_25_v3"] = sum(swap.gas_used for swap in swaps)


def _short(env: Env, figures: Figures) -> None:
    opened = _strike(env, figures, Signal.STRONG_SHORT, "strike_v3_25_short", "settle_v3_25_short")
    with env.undone():
        sold = env.swap(opened.record.base_amount, buys_base=False)
        _keep(env, figures, "bare_v3_sell", sold)


def _strike(env: Env, figures: Figures, signal: Signal, strike: str, settle: str) -> StrikeOpened:
    """A strike, and its settlement as a win and as a loss."""
    with env.undone():
        opened = env.open(signal)
        _keep(env, figures, strike, opened.mined)
        for name, move in ((settle, _WIN), (f"{settle}_loss", -_WIN)):
            with env.undone():
                env.move_price(move if signal.is_long else -move)
                settled = env.client.settle(opened.strike_id)
                if (settled.pnl > 0) != (move == _WIN):
                    raise AssertionError(f"{name} came out at {settled.pnl}")
                _keep(env, figures, name, settled.mined)
    return opened


def _v4(env: Env, figures: Figures) -> None:
    """After strikes that leave no word of it new, the last of them the best so far."""
    market = open_market(env)
    for move in (2 * _WIN, -_WIN):
        opened = env.open(Signal.STRONG_LONG, market.id)
        market.move_price(move)
        env.client.settle(opened.strike_id)
        market.move_price(Decimal(0))
    opened = env.open(Signal.STRONG_LONG, market.id)
    figures.gas["strike_v4_25"] = opened.mined.gas_used
    market.move_price(_WIN)
    figures.gas["settle_v4_25"] = env.client.settle(opened.strike_id).mined.gas_used


def _roll(env: Env, figures: Figures) -> None:
    """A long that is won, and the next long, with the limits that a rehearsal has found."""
    with env.undone():
        opened = env.open(Signal.STRONG_LONG)
        env.move_price(_WIN)
        with env.undone():
            _, events = _rolled(env, opened.strike_id, (0, 0))
            amounts = {event.name: event.args for event in events}
            limits = (
                _limit(amounts["StrikeSettled"]["quote_amount"]),
                _limit(amounts["StrikeOpened"]["base_amount"]),
            )
        receipt, events = _rolled(env, opened.strike_id, limits)
        if not events[0].args["pnl"] > 0:
            raise AssertionError(f"the strike was to win: {events}")
        figures.gas["roll_v3_25"] = -(-receipt.gas_used // 2)
        figures.parts["roll_v3_25"] = parts_of(
            env.chain, receipt.transaction_hash, env.world.diamond
        )


def _rolled(env: Env, strike_id: int, limits: tuple[int, int]) -> tuple[Receipt, list[Event]]:
    order = env.order(Signal.STRONG_LONG, limits[1])
    receipt = env.client.transact("roll", strike_id, limits[0], order, False)
    return receipt, env.client.events(receipt.logs)


def _batch(env: Env, figures: Figures) -> None:
    """Ten longs opened in one transaction and won in another, the last one first as each moves the
    price, all or nothing. Each has a limit of its own, which a rehearsal has found."""
    with env.undone():
        opened = _open_batch(env, [0] * BATCH)
        limits = [_limit(event.args["base_amount"]) for event in opened[1]]
    with env.undone():
        receipt, events = _open_batch(env, limits)
        _keep_each(figures, "batch10_per_strike_v3", receipt)
        ids = [event.args["strike_id"] for event in reversed(events)]
        env.move_price(_BATCH_WIN)
        with env.undone():
            _, events = _settle_batch(env, ids, [0] * BATCH)
            limits = [_limit(event.args["quote_amount"]) for event in events]
        receipt, events = _settle_batch(env, ids, limits)
        if not all(event.args["pnl"] > 0 for event in events):
            raise AssertionError(f"the batch was to win: {events}")
        _keep_each(figures, "batch10_settle_per_strike_v3", receipt)


def _open_batch(env: Env, limits: list[int]) -> tuple[Receipt, list[Event]]:
    orders = [env.order(Signal.STRONG_LONG, limit) for limit in limits]
    receipt = env.client.transact("executeStrikes", orders, False)
    return receipt, env.client.events(receipt.logs)


def _settle_batch(env: Env, ids: list[int], limits: list[int]) -> tuple[Receipt, list[Event]]:
    receipt = env.client.transact("settleStrikes", ids, limits, False)
    return receipt, env.client.events(receipt.logs)


def _arbitrages(env: Env, figures: Figures) -> None:
    """Each after all of them once, so that no word of pools and books is new."""
    cycles = open_cycles(env)
    arbitrages = {
        "arbitrage_v2_v3": ("cheap", "market"),
        "arbitrage_v3_v2": ("market", "dear"),
        "arbitrage_v2_v2": ("cheap", "dear"),
        "arbitrage_3hop": ("market", "third_dear", "third"),
        "arbitrage_v3_v4": ("market", "v4_dear"),
        "arbitrage_v3_v4_ether": ("market", "eth_dear"),
    }
    for pools in arbitrages.values():
        cycles.arbitrage(*pools)
    for name, pools in arbitrages.items():
        with env.undone():
            figures.gas[name] = cycles.arbitrage(*pools).gas_used
    with env.undone():
        figures.gas["bare_two_swaps_v2_v3"] = cycles.bare().gas_used
    with env.undone():
        figures.gas["bare_two_swaps_v3_v4"] = cycles.bare_v3_v4().gas_used


def _diamonds(env: Env, figures: Figures) -> None:
    """Our diamond and the reference one, at the same: a call of a function that does nothing, less
    the same call of its facet; and a cut that adds the same 17 functions of the same facet."""
    world, probe = env.world, env.trader.deploy(ours("DiamondProbeFacet"), 1)
    reference_cut, reference = _reference("DiamondCutFacet"), _reference("Diamond")
    cut_facet = env.trader.deploy(reference_cut)
    core = FacetCut(cut_facet, FacetCutAction.ADD, (reference_cut.abi.selector("diamondCut"),))
    made = env.trader.deploy(reference, world.owner.address, [core], [])
    for prefix, diamond, cut in (
        ("", world.diamond, ours("DiamondCutFacet").abi),
        ("reference_", made, reference_cut.abi),
    ):
        _diamond(env, figures, prefix, diamond, cut, probe)


def _diamond(env: Env, figures: Figures, prefix: str, diamond: str, cut: Abi, probe: str) -> None:
    abi = ours("DiamondProbeFacet").abi

    def add(*selectors: bytes) -> int:
        cuts = [FacetCut(probe, FacetCutAction.ADD, selectors)]
        by = Payer(env.chain, env.world.owner)
        return by.tell(cut, diamond, "diamondCut", cuts, _ZERO, b"").gas_used

    with env.undone():
        figures.gas[f"{prefix}cut_17"] = add(*(keccak(text=f"cut{n}()")[:4] for n in range(CUT)))
    with env.undone():
        add(abi.selector("noop"))
        through, direct = (env.trader.tell(abi, to, "noop").gas_used for to in (diamond, probe))
        figures.gas[f"{prefix}dispatch_overhead"] = through - direct


def _keep(env: Env, figures: Figures, name: str, mined: Receipt | Mined) -> None:
    figures.gas[name] = mined.gas_used
    figures.parts[name] = parts_of(env.chain, mined.transaction_hash, env.world.diamond)


def _keep_each(figures: Figures, name: str, batch: Receipt) -> None:
    figures.gas[name] = -(-batch.gas_used // BATCH)


def _limit(amount: int) -> int:
    return amount * (BPS - SLIPPAGE_BPS) // BPS


def _reference(name: str) -> Contract:
    return npm(f"hardhat-deploy/extendedArtifacts/{name}.json")


def _sizes() -> dict[str, int]:
    """Of all that goes on chain, as it is there."""
    names = [path.stem for path in (_CONTRACTS / "facets").glob("*.sol")]
    return {name: len(ours(name).runtime) for name in sorted([*names, "MacroStrikeDiamond"])}
