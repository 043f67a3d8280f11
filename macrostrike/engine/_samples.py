"""What was one model's business and how it came out: the samples of its next fit."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from macrostrike.engine._labels import Barriers, Costs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Part = tuple[NDArray[np.float64], NDArray[np.bool_]]
    """Rows, and whether each was a win."""


@dataclass(slots=True)
class Samples:
    """Minutes in the order of their bars, in columns: a fit takes them as arrays without a copy of
    each value. `_won` has the first ones' outcomes, as far as they are known."""

    barriers: Barriers
    _bars: array[int] = field(default_factory=lambda: array("q"))
    _sides: array[int] = field(default_factory=lambda: array("q"))
    _values: array[float] = field(default_factory=lambda: array("d"))
    _won: array[int] = field(default_factory=lambda: array("b"))
    _width: int = 1  # values of a row

    def add(self, bar: int, side: int, row: tuple[float, ...]) -> None:
        """A minute on which a strike of `side` (+1 long, -1 short) might have been opened."""
        self._bars.append(bar)
        self._sides.append(side)
        self._width = len(row)
        self._values.extend(row)

    def label(
        self, closes: NDArray[np.float64], *, first_bar: int, last_bar: int, costs: Costs
    ) -> None:
        """Whether each was a win net of costs, as far as the closes of these bars tell."""
        import numpy as np

        bars, sides, done = np.array(self._bars), np.array(self._sides), len(self._won)
        known = int(np.searchsorted(bars, last_bar - self.barriers.minutes, side="right"))
        starts = bars[done:known] - first_bar
        returns = self.barriers.returns(closes, starts, sides[done:known], costs)
        self._won.extend((returns > 0).tolist())

    def parts(self, calibrated_from: int) -> tuple[Part, Part]:
        """Those to train on and those to calibrate on, of which the latter begin at that bar.

        Purged: an outcome that reaches into the calibration's days is in neither.
        """
        import numpy as np

        bars, won = np.array(self._bars), np.array(self._won, dtype=np.bool_)
        rows = np.array(self._values).reshape(-1, self._width)[: len(won)]
        minutes = self.barriers.minutes
        trained, tested = np.searchsorted(bars, (calibrated_from - minutes, calibrated_from))
        return (rows[:trained], won[:trained]), (rows[tested:], won[tested:])

    def forget(self, before: int) -> None:
        """Drops those of bars before that one."""
        import numpy as np

        count = int(np.searchsorted(np.array(self._bars), before))
        del self._bars[:count], self._sides[:count], self._won[:count]
        del self._values[: count * self._width]
