"""What a trial came to, kept as soon as it is known, and the table of all of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from macrostrike.replay._costs import QUOTE
from macrostrike.replay._replay import Replay
from macrostrike.replay.sweep._plan import Settings


@dataclass(frozen=True, slots=True)
class Result:
    """One trial's. Amounts in whole quote, net of all.

    daily: net result of each day from the day `first_day` (since 1970) on.
    """

    key: str
    receipt: str
    strikes: int
    wins: int
    halts: int
    net: float
    expectancy: float | None
    brier: float | None
    drawdown: float
    first_day: int
    daily: tuple[float, ...]

    @classmethod
    def of(cls, settings: Settings, done: Replay) -> Result:
        """What of a replay is kept."""
        found = done.figures
        return cls(
            key=settings.key,
            receipt=done.receipt.hash,
            strikes=found.all.trades,
            wins=found.all.wins,
            halts=len(done.run.halts),
            net=found.all.net / QUOTE,
            expectancy=found.all.expectancy,
            brier=found.brier,
            drawdown=found.drawdown.share,
            first_day=min(found.by_day, default=0),
            daily=tuple(day.net / QUOTE for day in found.by_day.values()),
        )

    def by_day(self) -> dict[int, float]:
        """Net result by the day's number."""
        return dict(enumerate(self.daily, self.first_day))


class Kept:
    """A file with a line for each trial that is done: a killed sweep goes on behind it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Result]:
        """By key. A line that was cut off is removed: its trial is run again."""
        found: dict[str, Result] = {}
        if not self._path.exists():
            return found
        whole = 0
        for line in self._path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            entry = json.loads(line)
            found[entry["key"]] = Result(**entry | {"daily": tuple(entry["daily"])})
            whole += len(line)
        os.truncate(self._path, whole)
        return found

    def add(self, result: Result) -> None:
        """One more, on disk when this returns."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(result)) + "\n")
            file.flush()
            os.fsync(file.fileno())


def write_parquet(path: Path, trials: Sequence[Settings], results: Sequence[Result]) -> None:
    """One row a trial, in the plan's order: its settings, its figures, its days.

    The same bytes for the same trials, whatever ran them.
    """
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    rows = [
        {"trial": number, **dict(_flat(asdict(settings))), **asdict(result)}
        for number, (settings, result) in enumerate(zip(trials, results, strict=True), 1)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    pq.write_table(pa.Table.from_pylist(rows), unfinished)
    unfinished.replace(path)


def _flat(parts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for part, values in parts.items():
        for name, value in values.items():
            yield f"{part}.{name}", str(value.value) if name == "kind" else value
