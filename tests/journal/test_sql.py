"""S22: the score by SQL over decoded events alone, on real databases, is what the chain answers.

Property 16: so is every strike's life, with due time, prices and result.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, text

from macrostrike.abi import diamond_abi
from macrostrike.journal import sql
from macrostrike.types import Closing, Signal, Strategy

from ..unit.amm.pools import UNIT, Amm
from ..unit.deployed import deploy_env, deploy_other
from ..unit.environment import Env
from ..unit.journal.test_books import History, Step, steps

TOTALS = (
    *("opened", "open", "settled", "wins", "losses"),
    *("profit", "loss", "pnl", "best", "worst"),
)
ROOT = Path(__file__).parents[2]
LONG, SHORT = Signal.STRONG_LONG, Signal.STRONG_SHORT
Rows = list[dict[str, Any]]


class Table:
    """A database with the decoded events of a diamond in it."""

    def __init__(self, connection: Connection, env: Env) -> None:
        self._connection = connection
        for statement in sql.statements("tables"):
            connection.execute(text(statement))
        for index, log in enumerate(env.chain.logs(env.diamond)):
            event = diamond_abi().decode_event(log.topics, log.data)
            if event is None:
                continue
            at = env.times.get(log.block_number, 0)
            for table, columns in sql.rows(event, log.block_number, index, at):
                connection.execute(text(sql.insert(table, columns)), columns)

    def ask(self, name: str) -> Rows:
        (statement,) = sql.statements(name)
        return [dict(each) for each in self._connection.execute(text(statement)).mappings()]


@pytest.fixture(params=["sqlite", "postgresql"])
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    url = "sqlite://"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").replace("postgresql:", "postgresql+psycopg:", 1)
    engine = create_engine(url)
    with engine.connect() as opened:
        yield opened
        opened.rollback()
    engine.dispose()


@pytest.fixture(scope="module")
def fine() -> Env:
    return deploy_env()


@pytest.fixture(scope="module")
def coarse() -> Env:
    """A quote of 18 decimals: a book unit is 10^12 raw ones."""
    return deploy_other(quote_decimals=18, base_decimals=18, unit_exponent=12, base_first=False)


def history(seed_: int, length: int) -> list[Step]:
    """Steps drawn as the books' own test draws them."""
    drawn: list[Step] = []

    @seed(seed_)
    @settings(
        max_examples=1,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(steps, min_size=length, max_size=length))
    def draw(found: list[Step]) -> None:
        drawn.extend(found)

    draw()
    return drawn


def play(env: Env, seed_: int) -> None:
    """A random history, and of each way to close a strike one at least."""
    happening, random = History(env), Random(seed_)
    env.rule(max_deviation_bps=1000)
    env.give(env.keeper.address, quote=10**24)
    for signal, model, confidence in ((LONG, 1, 9500), (SHORT, 2, 9999), (LONG, 1, 10_000)):
        env.strike(signal=signal, model_id=model, confidence_bps=confidence, horizon=5000)
    env.price(random.choice((1500, 1700)))
    happening.mark()
    happening.take_over(0)
    happening.settle(0)
    happening.write_off(0)
    for name, arguments in history(seed_, 25):
        happening.take(name, arguments)


@pytest.mark.parametrize("kind", ["fine", "coarse"])
@pytest.mark.parametrize("seed_", [1, 2])
def test_s22_random_histories(
    request: pytest.FixtureRequest, connection: Connection, kind: str, seed_: int
) -> None:
    if kind == "coarse" and connection.dialect.name == "sqlite":
        pytest.skip("SQLite's integers are of 63 bits")
    env: Env = request.getfixturevalue(kind)
    with env.undone():
        play(env, seed_)
        table = Table(connection, env)
        stats = env.read("getStrikeStats")
        assert stats.settled >= 3
        _compare_totals(table, env)
        _compare_models(table, env, stats.settled)
        _compare_strikes(table, env)


def _compare_totals(table: Table, env: Env) -> None:
    (totals,) = table.ask("totals")
    stats = env.read("getStrikeStats")
    assert totals == {name: getattr(stats, name) for name in TOTALS}
    signals = {each["signal"]: each for each in table.ask("signals")}
    for signal in Signal:
        reported = env.read("getSignalStats", signal)
        known = signals.get(int(signal), dict.fromkeys(("settled", "wins", "profit", "loss"), 0))
        assert {name: known[name] for name in known if name != "signal"} == {
            name: getattr(reported, name) for name in ("settled", "wins", "profit", "loss")
        }
    strategies = {each["strategy"]: each for each in table.ask("strategies")}
    for strategy in Strategy:
        reported = env.read("getStrategyStats", strategy)
        known = strategies.get(int(strategy), dict.fromkeys(("settled", "wins", "pnl"), 0))
        fields = ("settled", "wins", "pnl")
        assert [known[name] for name in fields] == [getattr(reported, name) for name in fields]


def _compare_models(table: Table, env: Env, settled: int) -> None:
    bins = {(each["model_id"], each["bin"]): each for each in table.ask("calibration")}
    for model in (0, 1, 2):
        for index, reported in enumerate(env.read("getCalibration", model)):
            known = bins.get((model, index), dict.fromkeys(("settled", "wins", "brier_sum"), 0))
            fields = ("settled", "wins", "brier_sum")
            assert [known[name] for name in fields] == [getattr(reported, name) for name in fields]
    assert sum(each["settled"] for each in table.ask("models")) == settled


def _compare_strikes(table: Table, env: Env) -> None:
    """Property 16."""
    abi, lives = diamond_abi(), {each["strike_id"]: each for each in table.ask("strikes")}
    for log in env.chain.logs(env.diamond):
        event = abi.decode_event(log.topics, log.data)
        if event is None or event.name not in ("StrikeSettled", "StrikeTaken"):
            continue
        life = lives[event.args["strike_id"]]
        names = ("pnl", "won", "how") if event.name == "StrikeSettled" else ("off_bps",)
        assert [life[name] for name in names] == [int(event.args[name]) for name in names]
        assert (life["off_bps"] is not None) == (life["how"] == Closing.TAKEOVER)
    for strike_id in env.read("getOpenStrikes"):
        assert lives[strike_id]["due_at"] == env.read("getStrike", strike_id).record.due_at
        assert lives[strike_id]["won"] is None


def test_s22_arbitrages_with_their_misses(connection: Connection) -> None:
    amm = Amm(deploy_env())
    amm.swap("a_usdc_weth", "usdc", 300_000 * UNIT["usdc"])
    order = amm.order("usdc", 10_000 * UNIT["usdc"], "low_usdc_weth", "a_usdc_weth")
    for _ in range(6):
        amm.env.operator.send("attemptArbitrage", order)
    table = Table(connection, amm.env)
    reported = amm.env.read("getArbitrageCalibration", order.model_id)
    known = {each["bin"]: each for each in table.ask("arbitrage")}
    assert sum(each.attempts for each in reported) == 6
    for index, each in enumerate(reported):
        row = known.get(index, dict.fromkeys(("attempts", "hits", "brier_sum"), 0))
        assert [row[name] for name in ("attempts", "hits", "brier_sum")] == [
            each.attempts,
            each.hits,
            each.brier_sum,
        ]


def test_every_file_is_a_query_that_is_asked() -> None:
    assert all(len(sql.statements(name)) == 1 for name in sql.QUERIES)


def test_the_page_that_shows_how_does_it(fine: Env) -> None:
    """The snippet of docs/how-to/score-in-sql.md, as it stands."""
    page = (ROOT / "docs/how-to/score-in-sql.md").read_text(encoding="utf-8")
    snippet: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], snippet)
    with fine.undone():
        fine.play(won=True)
        database = snippet["rebuild"](fine.chain.logs(fine.diamond), fine.times.__getitem__)
        assert snippet["totals"](database)[:5] == (1, 0, 1, 1, 0)
