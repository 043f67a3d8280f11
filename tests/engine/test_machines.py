"""The reference engine says the same where another processor's arithmetic rounds otherwise."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

from macrostrike.build import ROOT
from macrostrike.engine import ReferenceEngine
from macrostrike.market import synthetic_market


def said() -> str:
    """A digest of all forecasts of the first days, and how many there are."""
    digest, count = hashlib.sha256(), 0
    engine = ReferenceEngine()
    for bar in synthetic_market(4, ReferenceEngine.warm_up + 500).bars:
        for forecast in engine.see(bar):
            digest.update(repr(forecast).encode())
            count += 1
    return f"{count} {digest.hexdigest()}"


def test_forecasts_do_not_depend_on_the_processor() -> None:
    """OpenBLAS and numpy have other kernels for each, whose last digits differ."""
    program = "from tests.engine.test_machines import said; print(said())"
    older = {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX2 FMA3"}
    environment = {**os.environ, **older}
    other = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not other.stdout.startswith("0 ")
    assert other.stdout.strip() == said()
