"""The monitor in a terminal: a screen that is drawn again and again, and the table of checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from macrostrike.monitor.checks import Check, Verdict

_STATUS = {"healthy": "green", "degraded": "yellow", "unhealthy": "red", "halted": "red"}
_VERDICT = {Verdict.PASS: "green", Verdict.FAIL: "bold red", Verdict.NOT_YET: "yellow"}
_BARS = "▁▂▃▄▅▆▇█"
_CURVE = 60
CLOCKS_DIFFER = 60
"""Seconds that a block may be ahead of this machine's clock."""


def screen(document: dict[str, Any]) -> RenderableType:
    """One document of the monitor, as it looks in a terminal."""
    health = document["health"]
    color = _STATUS[health["status"]]
    parts: list[RenderableType] = [_title(document, color)]
    parts += [_alert(alert, document["now"]) for alert in document["alerts"]]
    if "deployment" not in document:
        return Group(*parts, Text("; ".join(health["reasons"]), style="red"))
    return Group(*parts, _headline(document), _bots(document), _open(document), _tail(document))


def check_table(checks: Sequence[Check]) -> Table:
    """The post-deployment checks."""
    table = Table(title="After the deployment", title_justify="left", title_style="bold")
    for column in ("check", "verdict", "measured", "wanted"):
        table.add_column(column, overflow="fold")
    for check in checks:
        verdict = Text(str(check.verdict), style=_VERDICT[check.verdict])
        table.add_row(check.name, verdict, Text(check.measured), check.wanted)
    return table


def _title(document: dict[str, Any], color: str) -> RenderableType:
    line = Text.assemble(("MacroStrike  ", "bold"), (f"● {document['health']['status']}", color))
    if "deployment" in document:
        where, state = document["deployment"], document["state"]["word"]
        line.append(f"  loop {state or 'not running'}  {where['name']} on {where['network']}")
        line.append(f"  block {where['block']:,} of {_clock(where['block_time'])}")
        line.append(f", {_beside(where['block_time'] - document['at'])}")
    if document["failure"]:
        line.append(f"\n{document['failure']}", style="yellow")
    return line


def _alert(alert: dict[str, Any], now: float) -> RenderableType:
    color = "red" if alert["severity"] == "critical" else "yellow"
    text = Text(f"{alert['text']}\n{alert['remedy']}")
    age = f"for {now - alert['since']:,.0f} s, since {_clock(alert['since'])}"
    title = f"{alert['severity']}: {alert['key']}, {age}"
    return Panel(text, title=Text(title), title_align="left", border_style=color)


def _headline(document: dict[str, Any]) -> RenderableType:
    f, quote = document["headline"], document["deployment"]["quote"]
    table = _table("", "", ">", ">", "")
    table.show_header = False
    curve = _curve([point[1] for point in document["equity"]])
    table.add_row("equity", f"{f['equity']:,.2f} {quote}", _signed(f["pnl"]), curve)
    limits = "target 93 %, warning 90 %, critical 85 %"
    rates = _curve([point[1] for point in document["win_rate"]])
    table.add_row("win rate, last 100", _percent(f["recent_win_rate"]), _of(f), rates)
    table.add_row("drawdown", _percent(f["drawdown"], 2), "", "the breaker halts over 10 %")
    table.add_row("growth, day and week", *map(_change, (f["growth_day"], f["growth_week"])), "")
    table.add_row("open strikes", f"{f['open']}", _signed(f["unrealised"]), "at the oracle's price")
    tail = f"95 % under {_time(f['execution_tail_seconds'])}, target 100 ms"
    table.add_row("execution time", _time(f["execution_seconds"]), "", tail)
    table.add_row("error rate", _percent(f["error_rate"], 2), "", "target under 1 %")
    table.add_row("gas price", f"{f['gas_price_gwei']:,.2f} gwei", "", "warning over 200 gwei")
    table.caption = f"win rate: {limits}"
    return table


def _bots(document: dict[str, Any]) -> RenderableType:
    quote = document["deployment"]["quote"]
    table = _table(f"25 bots: P&L of strikes, {quote}", "", *(f">bot {n}" for n in range(1, 6)))
    rows: dict[str, list[RenderableType]] = {}
    for bot in document["bots"]:
        rows.setdefault(bot["strategy"], []).append(_signed(bot["pnl"]))
    for strategy, cells in rows.items():
        table.add_row(strategy, *cells)
    return table


def _open(document: dict[str, Any]) -> RenderableType:
    quote = document["deployment"]["quote"]
    columns = ("strike", "signal", ">confidence", f">size, {quote}", ">entry", ">oracle")
    table = _table("Open strikes", *columns, f">unrealised, {quote}", "due")
    for row in document["open"]:
        entry, oracle = (_price(row[name]) for name in ("entry", "oracle"))
        table.add_row(
            f"#{row['id']}",
            Text(row["signal"], style="green" if "Long" in row["signal"] else "red"),
            _percent(row["confidence"], 2),
            f"{row['notional']:,.2f}",
            entry,
            oracle,
            _signed(row["unrealised"]),
            row["due"],
        )
    return table if document["open"] else Text("No strike is open.", style="dim")


def _tail(document: dict[str, Any]) -> RenderableType:
    sent = document["transactions"]
    outcomes = ", ".join(f"{count} {name}" for name, count in sent["outcomes"].items())
    text = Text(f"transactions: {outcomes or 'none through the executor'}", style="dim")
    if sent["pending"]:
        text.append(f"; {sent['pending']} wait, the oldest {sent['oldest_seconds']:.0f} s")
    return text


def _table(title: str, *columns: str) -> Table:
    """Columns that begin with `>` are for numbers."""
    table = Table(title=title or None, title_justify="left", title_style="bold")
    for column in columns:
        justify = "right" if column.startswith(">") else "left"
        table.add_column(column.removeprefix(">"), justify=justify)  # type: ignore[arg-type]
    return table


def _curve(values: Iterable[float]) -> str:
    """The last values as a line of bars."""
    shown = list(values)[-_CURVE:]
    if len(shown) < 2 or max(shown) == min(shown):
        return ""
    low, span = min(shown), max(shown) - min(shown)
    return "".join(_BARS[int((value - low) / span * (len(_BARS) - 1))] for value in shown)


def _signed(value: float | None) -> Text:
    if value is None:
        return Text("–")
    color = "green" if value > 0 else "red" if value < 0 else "dim"
    return Text(f"{value:+,.2f}", style=color)


def _price(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f}"


def _change(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2%}"


def _percent(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:.{digits}%}"


def _of(headline: dict[str, Any]) -> str:
    return f"{headline['wins']:,} of {headline['settled']:,}"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds * 1000:,.1f} ms" if seconds < 1 else f"{seconds:,.1f} s"


def _beside(ahead: float) -> str:
    """The last block's time beside this machine's. A local chain's may be of recorded minutes."""
    if ahead > CLOCKS_DIFFER:
        return f"{timedelta(seconds=round(ahead))} ahead of this machine's clock"
    return f"{max(-ahead, 0):,.0f} s ago"


def _clock(timestamp: float) -> str:
    return f"{datetime.fromtimestamp(timestamp, timezone.utc):%m-%d %H:%M:%S} UTC"
