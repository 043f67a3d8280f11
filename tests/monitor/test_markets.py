"""Markets that the owner registered after the manifest was written are shown like all others."""

from __future__ import annotations

import pytest

from macrostrike.cli.monitor_screen import screen
from macrostrike.monitor.document import document_of
from macrostrike.monitor.metrics import samples_of
from macrostrike.monitor.service import Monitor, View
from macrostrike.types import Action

from ..bench.load import three_markets
from ..predictions import prediction_now
from .desk import Desk
from .test_terminal import shown


@pytest.fixture
def later(desk: Desk) -> Desk:
    """A strike on market 0 that is settled, one on market 2 that is, and one that is open there."""
    three_markets(desk.world)
    desk.owner.transact("setOperator", desk.world.guardian.address, 2**32, Action.SETTLE, 0)
    for nonce, market in enumerate((0, 2, 2), 1):
        made = prediction_now(desk.world, nonce, market=market, model_id=1)
        strike_id = desk.client.strike(made, desk.world.engine).strike_id
        if nonce < 3:
            desk.move("0.002")
            desk.client.settle(strike_id)
    desk.sync()
    return desk


def view_of(desk: Desk, *, markets: int) -> View:
    """What is seen with a manifest of so many markets, and of an operator who may settle alone."""
    manifest = desk.world.manifest
    known = manifest.model_copy(
        update={
            "markets": manifest.markets[:markets],
            "operators": (*manifest.operators, desk.world.guardian.address),
        }
    )
    return Monitor(desk.world.transport, known, desk.journal, clock=lambda: desk.now).look()


def test_a_known_base_gives_its_name_and_its_prices(later: Desk) -> None:
    view = view_of(later, markets=1)
    document = document_of(view, later.now)
    (row,) = document["open"]
    assert row["market"] == "WETH/USDC"
    assert row["entry"] == pytest.approx(float(later.price), rel=0.01)
    assert [each["market"] for each in document["closed"]] == ["WETH/USDC"] * 2
    assert view.figures is not None
    risks = [s for s in samples_of(view.figures) if s.name == "stolen_key_loss_quote"]
    assert len(risks) == 2


def test_an_unknown_base_has_a_number_and_no_price(later: Desk) -> None:
    document = document_of(view_of(later, markets=0), later.now)
    (row,) = document["open"]
    assert (row["market"], row["entry"], row["oracle"]) == ("market 2", None, None)
    assert [each["market"] for each in document["closed"]] == ["market 2", "market 0"]
    assert "#3" in shown(screen(document))
