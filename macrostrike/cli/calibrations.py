"""`ape run journal calibration`: what was claimed and delivered, before and after the gate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

import click
from rich.console import Console
from rich.table import Table

from macrostrike.cli.journals import GOOD, REFUSED
from macrostrike.journal import (
    CommitmentRow,
    Journal,
    MarketOutcome,
    PredictionRow,
    ScoreRow,
)
from macrostrike.journal.calibration import Calibration, Claim, calibration_of
from macrostrike.journal.merkle import root

_PAGE = 1000
_EPOCH = date(1970, 1, 1).toordinal()


def calibration(journal: Journal, console: Console, *, as_json: bool) -> int:
    """What predictions claimed and delivered, all of them and those struck; and the days' roots,
    each rebuilt. Refused where one is not what was committed to."""
    scored = [
        (row, score)
        for row, score in _scored(journal)
        if score.outcome in (MarketOutcome.WON, MarketOutcome.LOST)
    ]
    groups = {
        "before the gate, by the market": [_claim(*each) for each in scored],
        "struck, by the market": [_claim(*e) for e in scored if e[0].strike_id is not None],
        "struck, by the chain": [
            Claim(each.confidence_bps, bool(each.won))
            for each in journal.strikes()
            if each.won is not None
        ],
    }
    shown = {name: calibration_of(claims) for name, claims in groups.items()}
    roots = [(each, _is_kept(journal, each)) for each in journal.commitments()]
    if as_json:
        content = {
            "calibration": {name: of and asdict(of) for name, of in shown.items()},
            "commitments": [row.to_dict() | {"kept": kept} for row, kept in roots],
        }
        click.echo(json.dumps(content, indent=2))
    else:
        for name, of in shown.items():
            console.print(f"nothing is scored yet: {name}" if of is None else _bins(name, of))
        for row, kept in roots:
            day = date.fromordinal(_EPOCH + row.day).isoformat()
            verdict = "as committed" if kept else "[red]not what was committed to[/]"
            console.print(
                f"{day} {row.kind}: {row.leaves} rows, root {row.root.hex()}, {verdict}",
                highlight=False,
                soft_wrap=True,
            )
    return GOOD if all(kept for _, kept in roots) else REFUSED


def _scored(journal: Journal) -> Iterator[tuple[PredictionRow, ScoreRow]]:
    """Each prediction that is followed, page by page."""
    last = 0
    while scores := journal.scores(after=last, limit=_PAGE):
        rows = {
            row.seq: row for row in journal.predictions(after=last, limit=scores[-1].seq - last)
        }
        yield from ((rows[each.seq], each) for each in scores if each.seq in rows)
        last = scores[-1].seq


def _claim(row: PredictionRow, score: ScoreRow) -> Claim:
    return Claim(row.confidence_bps, score.outcome is MarketOutcome.WON)


def _is_kept(journal: Journal, row: CommitmentRow) -> bool:
    leaves = journal.leaves(row.day, row.kind)
    return leaves is not None and (len(leaves), root(leaves)) == (row.leaves, row.root)


def _bins(name: str, of: Calibration) -> Table:
    """Bins, with Murphy's decomposition beneath."""
    parts = (
        f"Brier {of.brier:.4f} = reliability {of.reliability:.4f} - resolution {of.resolution:.4f} "
        f"+ uncertainty {of.uncertainty:.4f} {of.within:+.4f} within bins"
    )
    table = Table(title=f"{of.count} {name}", title_justify="left", caption=parts)
    for title in ("confidence", "predictions", "claimed", "won", "95 % interval"):
        table.add_column(title, justify="right")
    for each in of.bins:
        table.add_row(
            f"{each.low_bps / 100:g} to {each.high_bps / 100:g} %",
            str(each.count),
            f"{100 * each.claimed:.2f} %",
            f"{100 * each.delivered:.2f} %",
            f"{100 * each.lower:.1f} to {100 * each.upper:.1f} %",
        )
    return table
