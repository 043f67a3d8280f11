"""What the diamond must hold, while strikes are open: on rehearsal, deploy, upgrade and status."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from eth_utils.crypto import keccak

from macrostrike import MacroStrike, Signal
from macrostrike.chain import AnvilTransport
from macrostrike.deploy import DeployError, complete, inspect, load_target, rehearse
from macrostrike.deploy.run import Deployment, solvency
from macrostrike.journal import Books
from macrostrike.journal.balances import Position, required_balances
from macrostrike.testing import World

from .support import again, target_with, tell
from .test_upgrade import loupes, upgrade

QUOTE, BASE, OTHER = "0xQ", "0xB", "0xO"
ETHER = 10**18
TARGET = load_target("local")


def busy(world: World) -> MacroStrike:
    """Longs and shorts open, and capital with the AMM bots in both tokens."""
    client = MacroStrike(world.transport, world.diamond, world.operator)
    for signal in (Signal.LONG, Signal.STRONG_SHORT, Signal.STRONG_LONG, Signal.SHORT):
        prediction = client.prediction(world.engine, signal, confidence_bps=9500)
        client.strike(prediction, world.engine)
    tell(world, world.owner, "fundAMM", world.manifest.markets[0].base.address, 7 * ETHER)
    return client


def plans(world: World) -> Sequence[Deployment]:
    """What `deploy`, `initialize` with another setting, and `upgrade` would do now."""
    return (
        again(world),
        again(world, target_with(("cooldown: 0", "cooldown: 5"))),
        upgrade(world, loupes()["version"]),
    )


def test_strikes_that_are_open_stop_no_rehearsal_and_no_deployment(world: World) -> None:
    client = busy(world)
    signers = {world.owner.address: world.owner}
    for deployment in plans(world):
        checks = rehearse(deployment).checks
        assert sum("covers the books" in check.name for check in checks) == 2
        assert all(check.ok for check in checks)
    for number in range(3):
        assert complete(plans(world)[number], signers).receipts
    for strike_id in client.open_strikes():
        client.settle(strike_id)
    assert all(check.ok for check in solvency(world.transport, world.diamond))


def test_it_is_what_the_events_say_to_the_unit(world: World) -> None:
    busy(world)
    books = Books()
    books.apply_logs(world.transport.logs(world.diamond), lambda block: block)
    for check in solvency(world.transport, world.diamond):
        token = check.name.split()[0]
        assert check.expected == f"at least {books.booked(token)}"
        assert check.actual == str(books.booked(token))  # nothing was given to it


def test_one_unit_less_is_found(world: World) -> None:
    client = busy(world)
    if not isinstance(world.transport, AnvilTransport):
        pytest.skip("a token's storage can't be written in process")
    quote = client.treasury().quote
    slot = int.from_bytes(
        keccak(bytes.fromhex(world.diamond[2:]).rjust(32, b"\0") + bytes(32)), "big"
    )
    kept = int.from_bytes(world.transport.storage(quote, slot), "big")
    world.transport.set_storage(quote, slot, (kept - 1).to_bytes(32, "big"))
    checks = {each.name: each for each in inspect(world.transport, TARGET, world.manifest)}
    short = checks["USDC covers the books"]
    assert (short.expected, short.actual) == (f"at least {kept}", str(kept - 1))
    assert not short.ok
    assert checks["WETH covers the books"].ok
    with pytest.raises(DeployError, match="USDC covers the books"):
        rehearse(again(world))


def test_each_thing_that_is_owed_counts_once() -> None:
    longs = [Position(BASE, True, 100, 7), Position(OTHER, True, 30, 2)]
    shorts = [Position(BASE, False, 50, 3)]
    required = required_balances(
        quote=QUOTE,
        reserve=1_000,
        equity=20_000,
        positions=[*longs, *shorts],
        inventory={BASE: 400, OTHER: 0},
        amm_capital={QUOTE: 9, BASE: 11},
    )
    assert required == {
        QUOTE: 1_000 + 20_000 + 9 - 100 - 30 + 50,
        BASE: 400 + 11 + 7,
        OTHER: 2,
    }
