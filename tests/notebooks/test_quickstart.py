"""The notebook, executed as a person would: from top to bottom, on a chain of its own."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
QUICKSTART = ROOT / "notebooks" / "quickstart.ipynb"


@pytest.fixture(scope="module")
def executed() -> nbformat.NotebookNode:
    """The notebook with the outputs of this run. Raises where a cell does."""
    notebook = nbformat.read(QUICKSTART, as_version=4)
    resources = {"metadata": {"path": str(ROOT)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute(
        env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    return notebook


def printed(notebook: nbformat.NotebookNode) -> str:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "".join(output.get("text", "") for output in outputs)


def test_shows_the_gate_a_settlement_and_the_score(executed: nbformat.NotebookNode) -> None:
    text = printed(executed)

    assert "Confidence 9299 bps is under the threshold" in text
    assert "25 bots, one swap" in text
    assert "won: True" in text
    assert "of 16 won" in text


def test_draws_its_plots(executed: nbformat.NotebookNode) -> None:
    data = [output.get("data", {}) for cell in executed.cells for output in cell.get("outputs", ())]

    assert any("image/png" in each for each in data)


def test_is_committed_without_outputs() -> None:
    notebook = nbformat.read(QUICKSTART, as_version=4)

    assert not any(cell.get("outputs") for cell in notebook.cells)
