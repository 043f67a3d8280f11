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
from .scene import SLIPPAGE_BPS, Scene, deployed
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
    with deployed() as scene:
        figures.gas["deploy_total"] = scene.deploy_gas
        progress(f"an upgrade of {FACET}")
        with scene.undone():
            figures.gas["upgrade_one_facet"] = upgrade_gas(scene.world)
        progress("the first strike ever")
        with scene.undone():
            _first(scene, figures)
        progress("64 strikes, so that nothing is new")
        scene.warm()
        progress("one strike, its settlement, and bare swaps of the same amount")
        _long(scene, figures)
        _short(scene, figures)
        progress("a settlement and the next strike in one transaction")
        _roll(scene, figures)
        progress("ten strikes in a batch")
        _batch(scene, figures)
        progress("a strike on V4, and its settlement")
        with scene.undone():
            _v4(scene, figures)
        progress("arbitrages, and bare swaps of the same cycle")
        with scene.undone():
            _arbitrages(scene, figures)
        progress("dispatch and cut, here and in the reference diamond")
        _diamonds(scene, figures)
    return figures


def _first(scene: Scene, figures: Figures) -> None:
    opened = scene.open(Signal.STRONG_LONG)
    figures.gas["strike_first_ever"] = opened.mined.gas_used
    scene.move_price(_WIN)
    figures.gas["settle_first_ever"] = scene.client.settle(opened.strike_id).mined.gas_used


def _long(scene: Scene, figures: Figures) -> None:
    amount = _strike(scene, figures, Signal.STRONG_LONG, "strike_v3_25", "settle_v3_25").notional
    with scene.undone():
        _keep(scene, figures, "bare_v3", scene.swap(amount, buys_base=True))
    with scene.undone():
        swaps = [scene.swap(amount // BOTS, buys_base=True) for _ in range(BOTS)]
        figures.gas["naive_25_v3"] = sum(swap.gas_used for swap in swaps)


def _short(scene: Scene, figures: Figures) -> None:
    opened = _strike(
        scene, figures, Signal.STRONG_SHORT, "strike_v3_25_short", "settle_v3_25_short"
    )
    with scene.undone():
        sold = scene.swap(opened.record.base_amount, buys_base=False)
        _keep(scene, figures, "bare_v3_sell", sold)


def _strike(
    scene: Scene, figures: Figures, signal: Signal, strike: str, settle: str
) -> StrikeOpened:
    """A strike, and its settlement as a win and as a loss."""
    with scene.undone():
        opened = scene.open(signal)
        _keep(scene, figures, strike, opened.mined)
        for name, move in ((settle, _WIN), (f"{settle}_loss", -_WIN)):
            with scene.undone():
                scene.move_price(move if signal.is_long else -move)
                settled = scene.client.settle(opened.strike_id)
                if (settled.pnl > 0) != (move == _WIN):
                    raise AssertionError(f"{name} came out at {settled.pnl}")
                _keep(scene, figures, name, settled.mined)
    return opened


def _v4(scene: Scene, figures: Figures) -> None:
    """After strikes that leave no word of it new, the last of them the best so far."""
    market = open_market(scene)
    for move in (2 * _WIN, -_WIN):
        opened = scene.open(Signal.STRONG_LONG, market.id)
        market.move_price(move)
        scene.client.settle(opened.strike_id)
        market.move_price(Decimal(0))
    opened = scene.open(Signal.STRONG_LONG, market.id)
    figures.gas["strike_v4_25"] = opened.mined.gas_used
    market.move_price(_WIN)
    figures.gas["settle_v4_25"] = scene.client.settle(opened.strike_id).mined.gas_used


def _roll(scene: Scene, figures: Figures) -> None:
    """A long that is won, and the next long, with the limits that a rehearsal has found."""
    with scene.undone():
        opened = scene.open(Signal.STRONG_LONG)
        scene.move_price(_WIN)
        with scene.undone():
            _, events = _rolled(scene, opened.strike_id, (0, 0))
            amounts = {event.name: event.args for event in events}
            limits = (
                _limit(amounts["StrikeSettled"]["quote_amount"]),
                _limit(amounts["StrikeOpened"]["base_amount"]),
            )
        receipt, events = _rolled(scene, opened.strike_id, limits)
        if not events[0].args["pnl"] > 0:
            raise AssertionError(f"the strike was to win: {events}")
        figures.gas["roll_v3_25"] = -(-receipt.gas_used // 2)
        figures.parts["roll_v3_25"] = parts_of(
            scene.chain, receipt.transaction_hash, scene.world.diamond
        )


def _rolled(scene: Scene, strike_id: int, limits: tuple[int, int]) -> tuple[Receipt, list[Event]]:
    order = scene.order(Signal.STRONG_LONG, limits[1])
    receipt = scene.client.transact("roll", strike_id, limits[0], order, False)
    return receipt, scene.client.events(receipt.logs)


def _batch(scene: Scene, figures: Figures) -> None:
    """Ten longs opened in one transaction and won in another, the last one first as each moves the
    price, all or nothing. Each has a limit of its own, which a rehearsal has found."""
    with scene.undone():
        opened = _open_batch(scene, [0] * BATCH)
        limits = [_limit(event.args["base_amount"]) for event in opened[1]]
    with scene.undone():
        receipt, events = _open_batch(scene, limits)
        _keep_each(figures, "batch10_per_strike_v3", receipt)
        ids = [event.args["strike_id"] for event in reversed(events)]
        scene.move_price(_BATCH_WIN)
        with scene.undone():
            _, events = _settle_batch(scene, ids, [0] * BATCH)
            limits = [_limit(event.args["quote_amount"]) for event in events]
        receipt, events = _settle_batch(scene, ids, limits)
        if not all(event.args["pnl"] > 0 for event in events):
            raise AssertionError(f"the batch was to win: {events}")
        _keep_each(figures, "batch10_settle_per_strike_v3", receipt)


def _open_batch(scene: Scene, limits: list[int]) -> tuple[Receipt, list[Event]]:
    orders = [scene.order(Signal.STRONG_LONG, limit) for limit in limits]
    receipt = scene.client.transact("executeStrikes", orders, False)
    return receipt, scene.client.events(receipt.logs)


def _settle_batch(scene: Scene, ids: list[int], limits: list[int]) -> tuple[Receipt, list[Event]]:
    receipt = scene.client.transact("settleStrikes", ids, limits, False)
    return receipt, scene.client.events(receipt.logs)


def _arbitrages(scene: Scene, figures: Figures) -> None:
    """Each after all of them once, so that no word of pools and books is new."""
    cycles = open_cycles(scene)
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
        with scene.undone():
            figures.gas[name] = cycles.arbitrage(*pools).gas_used
    with scene.undone():
        figures.gas["bare_two_swaps_v2_v3"] = cycles.bare().gas_used
    with scene.undone():
        figures.gas["bare_two_swaps_v3_v4"] = cycles.bare_v3_v4().gas_used


def _diamonds(scene: Scene, figures: Figures) -> None:
    """Our diamond and the reference one, at the same: a call of a function that does nothing, less
    the same call of its facet; and a cut that adds the same 17 functions of the same facet."""
    world, probe = scene.world, scene.trader.deploy(ours("DiamondProbeFacet"), 1)
    reference_cut, reference = _reference("DiamondCutFacet"), _reference("Diamond")
    cut_facet = scene.trader.deploy(reference_cut)
    core = FacetCut(cut_facet, FacetCutAction.ADD, (reference_cut.abi.selector("diamondCut"),))
    made = scene.trader.deploy(reference, world.owner.address, [core], [])
    for prefix, diamond, cut in (
        ("", world.diamond, ours("DiamondCutFacet").abi),
        ("reference_", made, reference_cut.abi),
    ):
        _diamond(scene, figures, prefix, diamond, cut, probe)


def _diamond(
    scene: Scene, figures: Figures, prefix: str, diamond: str, cut: Abi, probe: str
) -> None:
    abi = ours("DiamondProbeFacet").abi

    def add(*selectors: bytes) -> int:
        cuts = [FacetCut(probe, FacetCutAction.ADD, selectors)]
        by = Payer(scene.chain, scene.world.owner)
        return by.tell(cut, diamond, "diamondCut", cuts, _ZERO, b"").gas_used

    with scene.undone():
        figures.gas[f"{prefix}cut_17"] = add(*(keccak(text=f"cut{n}()")[:4] for n in range(CUT)))
    with scene.undone():
        add(abi.selector("noop"))
        through, direct = (scene.trader.tell(abi, to, "noop").gas_used for to in (diamond, probe))
        figures.gas[f"{prefix}dispatch_overhead"] = through - direct


def _keep(scene: Scene, figures: Figures, name: str, mined: Receipt | Mined) -> None:
    figures.gas[name] = mined.gas_used
    figures.parts[name] = parts_of(scene.chain, mined.transaction_hash, scene.world.diamond)


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
