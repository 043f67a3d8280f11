"""The page, section by section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from html import escape
from importlib.resources import files
from typing import Any

from macrostrike._counts import counted
from macrostrike.replay._bootstrap import ASSUMPTIONS, Interval
from macrostrike.replay._costs import QUOTE
from macrostrike.replay._figures import Group
from macrostrike.replay._layout import BOT_NAMES, RUN, SIGNAL_NAMES, Row, layout
from macrostrike.replay._report import Report
from macrostrike.replay._scenario import Scenario
from macrostrike.replay._words import TARGET, limits, money
from macrostrike.replay.page import _charts as charts

_HIST_BINS = 30


def render_page(report: Report, scenario: Scenario | None = None) -> str:
    """The whole HTML document."""
    style = files("macrostrike.replay.page").joinpath("page.css").read_text(encoding="utf-8")
    body = "\n".join(_sections(report, scenario))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>MacroStrike replay</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _sections(report: Report, scenario: Scenario | None) -> Iterator[str]:
    yield _header(report)
    if report.basis.figures.all.trades:
        yield _tiles(report)
        yield _capital(report)
        yield _costs(report)
        yield _claims(report)
        yield _groups(report)
        yield _spread(report)
        yield _projections(report)
        yield _halts(report)
    yield _layout(report, scenario)
    yield _limits(report)
    yield _receipt(report)


def _header(report: Report) -> str:
    basis = report.basis
    net = basis.figures.all.net
    kind = "lost" if net < 0 else "gained" if net > 0 else ""
    sentences = "".join(f"<p>{escape(each)}</p>" for each in report.headline)
    notice = ""
    if basis.market.is_made_up:
        notice = '<p class="notice">Made-up prices: nothing here is about a real market.</p>'
    return (
        "<header><h1>MacroStrike replay</h1>"
        f'<p class="soft">{escape(basis.market.source)}. The deployed bytecode and the live '
        "client, in process; every figure below is measured unless it says otherwise.</p></header>"
        f'{notice}<section class="verdict {kind}">{sentences}</section>'
    )


def _tiles(report: Report) -> str:
    basis, found = report.basis, report.basis.figures
    every = found.all
    assert every.expectancy is not None
    assert every.win_rate is not None
    fall = found.drawdown
    factor = "–" if found.profit_factor is None else f"{found.profit_factor:.2f}"
    tiles = [
        (money(every.expectancy), "net a strike, after fees, impact and gas", every.net),
        (f"{100 * every.win_rate:.1f} %", "won; target 93 %", every.win_rate - TARGET),
        (factor, "profit factor: won over lost", (found.profit_factor or 1) - 1),
        (f"-{100 * fall.share:.2f} %", f"deepest drawdown, {money(fall.amount / QUOTE, 0)}", -1),
        (
            money(every.net / QUOTE, 0),
            f"net in all, on {_whole(basis.run.before.capital)}",
            every.net,
        ),
    ]
    cells = (
        f'<div class="tile"><b class="{_kind(sign)}">{value}</b><span>{escape(name)}</span></div>'
        for value, name, sign in tiles
    )
    return f'<div class="tiles">{"".join(cells)}</div>'


def _capital(report: Report) -> str:
    found = report.basis.figures
    curve = [(at, raw / QUOTE) for at, raw in found.curve]
    fall = found.drawdown
    return (
        "<h2>Capital</h2><p class='soft small'>Bots' equity and reserve after each settlement, "
        f"before gas. Deepest fall {money(fall.amount / QUOTE, 0)} ({100 * fall.share:.2f} %), "
        f"from {_day(fall.high_at)} to {_day(fall.low_at)}. The scale does not begin at zero.</p>"
        f'<div class="card">{charts.line_chart(curve, height=220, label="Capital over time")}'
        f"{charts.drawdown_chart(curve, height=80, label='Drawdown over time')}</div>"
    )


def _costs(report: Report) -> str:
    costs, basis = report.basis.figures.costs, report.basis
    rows, at = [], 0
    for name, amount, is_total in costs.steps():
        start, end = (0, amount) if is_total else (at, at + amount)
        at = end
        rows.append(
            charts.Bar(name, start, end, money(amount / QUOTE), _kind(amount), is_total=is_total)
        )
    ends = [0, *(row.start for row in rows), *(row.end for row in rows)]
    chart = charts.bars(rows, min(ends), max(ends), [(0, "$0")])
    return (
        "<h2>Where the money went</h2><p class='soft small'>From what the pool's price alone gave "
        "the positions, down to what was left. Fees and impact are of both swaps; impact is the "
        "rest that fees don't explain. The sum is the books' profit to the last unit. Gas is "
        f"assumed at {basis.gas.gwei:g} gwei, with ether at the minute's price, and is not in the "
        "books.</p>"
        f'<div class="card">{chart}</div>'
    )


def _claims(report: Report) -> str:
    found = report.basis.figures
    rows = [
        charts.Bar(
            f"{100 * each.claimed:.1f} % claimed",
            each.low,
            each.high,
            f"{100 * each.wins / each.trades:.1f} % of {each.trades:,}",
            "range",
            mark=each.wins / each.trades,
            claim=each.claimed,
        )
        for each in found.bins
    ]
    low = min((each.low for each in found.bins), default=0.5)
    low = max(0.5, int(low * 10) / 10)  # a bin of three strikes may be anything
    axes = [(low, f"{100 * low:.0f} %"), (TARGET, "93 %")]
    assert found.brier is not None
    words = "more" if (found.skill or 0) > 0 else "no more"
    return (
        "<h2>What was claimed, and what came</h2><p class='soft small'>By confidence, in the "
        "chain's bins. Ring: claimed. Line: won. Band: the true rate with 95 % "
        "confidence. Ring right of the band: claimed too much. Brier score "
        f"{found.brier:.3f}; always claiming the win rate yields {found.brier_base:.3f}: the "
        f"confidence says {words} than that.</p>"
        f'<div class="card">{charts.bars(rows, low, 1.0, axes)}</div>'
    )


def _groups(report: Report) -> str:
    found = report.basis.figures
    signals = {SIGNAL_NAMES[each]: group for each, group in found.by_signal.items()}
    strategies = {BOT_NAMES[each]: group for each, group in found.by_strategy.items()}
    hours = [group.net / QUOTE for group in found.by_hour.values()]
    names = [(hour, f"{hour:02d}:00") for hour in (0, 6, 12, 18)]
    chart = charts.columns(hours, names, height=130, label="Net result by hour", unit="$")
    return (
        '<h2>By signal, strategy and hour</h2><div class="two">'
        f'<div class="card"><h3>By signal</h3>{_table(signals)}</div>'
        f'<div class="card"><h3>By strategy</h3>{_table(strategies)}</div>'
        f'<div class="card"><h3>Net by hour of opening, UTC</h3>{chart}</div>'
        f'<div class="card"><h3>By market</h3>{_table({"ETH/USDC": found.all})}</div></div>'
    )


def _table(groups: dict[str, Group]) -> str:
    rows = []
    for name, group in groups.items():
        won = "–" if group.win_rate is None else f"{100 * group.win_rate:.1f} %"
        each = "–" if group.expectancy is None else money(group.expectancy)
        bps = "–" if group.expectancy_bps is None else f"{group.expectancy_bps:+.1f}"
        rows.append(
            f"<tr><td>{escape(name)}</td><td>{group.trades:,}</td><td>{won}</td>"
            f'<td class="{_kind(group.net)}">{money(group.net / QUOTE, 0)}</td>'
            f"<td>{each}</td><td>{bps}</td></tr>"
        )
    head = "<tr><th></th><th>Strikes</th><th>Won</th><th>Net</th><th>Net each</th><th>bps</th></tr>"
    return f'<div class="scroll"><table class="groups">{head}{"".join(rows)}</table></div>'


def _spread(report: Report) -> str:
    found = report.basis.figures
    results = [each.pnl / QUOTE for each in report.basis.run.trades]
    chart = charts.histogram(results, bins=_HIST_BINS, height=170, label="Results of strikes")
    wins, losses = found.all.wins, found.all.trades - found.all.wins
    average = ""
    if wins and losses:
        won, lost = found.profit / wins / QUOTE, found.loss / losses / QUOTE
        average = (
            f" The average win is {money(won)}, the average loss {money(lost)}: "
            f"{lost / won:.1f} times as much."
        )
    return (
        "<h2>Results of single strikes</h2><p class='soft small'>How many ended at each result, "
        f"before gas; each grid line is ten times the one below.{average}</p>"
        f'<div class="card">{chart}</div>'
    )


def _projections(report: Report) -> str:
    found = report.basis.bootstrap
    if found is None:
        return (
            "<h2>Projections</h2><p>None: too few days were measured for a bootstrap by days.</p>"
        )
    ends = [0.0]
    rows = []
    for each in found.projections:
        span, name = each.result, "1 day" if each.days == 1 else f"{each.days} days"
        ends += [span.low, span.high]
        rows.append(
            charts.Bar(name, span.low, span.high, money(span.median, 0), "range", mark=span.median)
        )
    table = "".join(
        f"<tr><td>{row.name}</td><td>{each.trades:,.0f}</td><td>{_span(each.result, 0)}</td>"
        f"<td>{money(each.result.median, 0)}</td><td>{100 * each.loses:.0f} %</td></tr>"
        for row, each in zip(rows, found.projections, strict=True)
    )
    head = (
        "<tr><th></th><th>Strikes</th><th>90 % interval</th><th>Median</th><th>Loses in</th></tr>"
    )
    assumptions = "".join(f"<li>{escape(each)}</li>" for each in ASSUMPTIONS)
    low, high = min(ends), max(ends)
    return (
        "<h2>Projections: drawn from what was measured, no forecast</h2><div class='card'>"
        f"{charts.bars(rows, low, high, [(0.0, '$0')])}"
        f'<div class="scroll"><table class="drawn">{head}{table}</table></div></div>'
        f'<ul class="soft small">{assumptions}'
        f"<li>Win rate {_percent(found.win_rate)} and net result of a strike "
        f"{_span(found.expectancy, 2)}, by the same draws (90 % intervals).</li></ul>"
    )


def _halts(report: Report) -> str:
    halts = report.basis.run.halts
    if not halts:
        return ""
    rows = "".join(
        f"<tr><td>{_minute(each.at)}</td><td>{_minute(each.resumed_at)}</td>"
        f"<td>{each.recent_wins} of 40</td></tr>"
        for each in halts
    )
    head = "<tr><th>Halted</th><th>Resumed by the owner</th><th>Recent wins then</th></tr>"
    hours = report.basis.policy.resume_after / 3600
    refused = ", ".join(f"{name} {count:,}" for name, count in report.basis.run.refused.items())
    return (
        f"<h2>Halts</h2><p>{counted(len(halts), 'time')} fewer than 34 of the last 40 strikes were "
        "won, or the capital had fallen 10 %, and the diamond opened nothing more. By this "
        f"run's policy the owner resumes {hours:g} h later, each time: a choice of the replay that "
        "makes it trade more than it should.</p>"
        f"<details><summary>{counted(len(halts), 'halt')}</summary>"
        f'<div class="scroll"><table>{head}{rows}</table></div></details>'
        f'<p class="soft small">Refused by the chain: {escape(refused)}.</p>'
    )


def _layout(report: Report, scenario: Scenario | None) -> str:
    scripted = (
        {}
        if scenario is None
        else {row.name: row for row in layout(scenario.before, scenario.after, scenario.measured)}
    )
    rows, group = [], ""
    for row in report.rows:
        if row.group != group:
            group = row.group
            rows.append(f'<tr class="group"><td colspan="4">{escape(group)}</td></tr>')
        other = scripted.get(row.name)
        rows.append(
            f"<tr><td>{_cell(row.name)}{_tag(row)}</td><td>{_cell(row.reference)}</td>"
            f"<td>{'–' if other is None else _cell(other.value)}</td>"
            f"<td>{_cell(row.value)}</td></tr>"
        )
    head = "<tr><th></th><th>Reference run</th><th>Scripted scenario</th><th>This market</th></tr>"
    speed = ""
    if scenario is not None:
        speed = (
            f" The scenario's strikes took {1 / scenario.strikes_per_second * 1000:.2f} ms of one "
            "core each, opening and settlement, market moves apart."
        )
    return (
        "<h2>The reference run's table</h2><p class='soft small'>The scenario's outcomes are "
        "<b>scripted</b> to be those of the reference run and pushed through the real contracts on "
        "a real pool: it shows that the chain keeps such a score, not that anyone trades like it. "
        "Cells are the diamond's own view functions' answers; those tagged <i>run</i> are measured "
        f"by the program.{speed}</p>"
        f'<div class="card scroll"><table class="layout">{head}{"".join(rows)}</table></div>'
    )


def _cell(text: str) -> str:
    """On a phone cells are broken into lines: not within a share."""
    return escape(text).replace(" %", "&nbsp;%")


def _tag(row: Row) -> str:
    return '<span class="tag">run</span>' if row.source == RUN else ""


def _limits(report: Report) -> str:
    items = "".join(f"<li>{escape(each)}</li>" for each in limits(report.basis))
    return f"<h2>What this can't show</h2><ul>{items}</ul>"


def _named(prefix: str, values: Mapping[str, Any]) -> Iterator[str]:
    """Parameters that are set, parts of parts by their names alone."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _named(f"{key} ", value)
        elif value is not None:
            yield f"{prefix}{key} {value}"


def _receipt(report: Report) -> str:
    receipt, trials = report.receipt, report.basis.trials
    parameters = ", ".join(_named("", receipt.parameters))
    entries = (
        ("Receipt", receipt.hash),
        ("Bytecode", receipt.bytecode),
        ("Code", receipt.code),
        ("Data", receipt.data),
        ("Final books", receipt.books),
        ("Parameters", parameters),
        ("Registry of trials", f"{trials.count:,} of this data, head {trials.head}"),
    )
    rows = "".join(
        f'<dt>{name}</dt><dd class="hash">{escape(value)}</dd>' for name, value in entries
    )
    return (
        "<h2>Receipt</h2><p>SHA-256 of what the run was made of and of what came out. A second run "
        "with the same bytecode, data and parameters yields the same books, to the unit: "
        f"<code>make replay</code>.</p><dl>{rows}</dl>"
        "<footer>MacroStrike. One page, no network, no script.</footer>"
    )


def _kind(amount: float) -> str:
    return "gain" if amount > 0 else "loss" if amount < 0 else ""


def _whole(raw: int) -> str:
    return money(raw / QUOTE, 0)


def _span(interval: Interval, decimals: int) -> str:
    return f"{money(interval.low, decimals)} to {money(interval.high, decimals)}"


def _percent(interval: Interval) -> str:
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f} %"


def _day(at: int) -> str:
    return f"{datetime.fromtimestamp(at, timezone.utc):%-d %b %Y}"


def _minute(at: int) -> str:
    return f"{datetime.fromtimestamp(at, timezone.utc):%-d %b %H:%M} UTC"
