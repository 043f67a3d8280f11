"""Measures speed, prints tables and writes reports/bench.json.

python -m tests.bench              measures everything
python -m tests.bench search       measures that part alone; what is known of the others is kept
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from . import journal, latency, load, search, strikes

REPORT = Path(__file__).parents[2] / "reports" / "bench.json"

Measure = Callable[[Callable[[str], None]], dict[str, Any]]
Show = Callable[[dict[str, Any], Console], None]

PARTS: dict[str, tuple[Measure, Show]] = {
    part.__name__.rpartition(".")[2]: (part.measure, part.show)
    for part in (search, strikes, latency, journal, load)
}
"""Each returns its figures as JSON can hold them, and prints them for people."""


def main() -> int:
    parser = argparse.ArgumentParser(description="How fast it is.")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="by default all")
    chosen = parser.parse_args().parts or list(PARTS)
    reported = Console(stderr=True)
    out = Console() if sys.stdout.isatty() else Console(width=160)
    report = json.loads(REPORT.read_text()) if REPORT.exists() else {}
    for name in chosen:
        measure, show = PARTS[name]
        with reported.status(f"measuring {name} ...") as status:
            figures = measure(lambda doing, name=name: status.update(f"{name}: {doing} ..."))
        report[name] = {"machine": _machine(), **figures}
        show(figures, out)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=1) + "\n")
    reported.print(f"Written to {REPORT.relative_to(REPORT.parents[1])}")
    return 0


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }


if __name__ == "__main__":
    sys.exit(main())
