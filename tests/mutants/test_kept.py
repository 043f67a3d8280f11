"""What is known of mutants outlives a machine, and ends with the file that it is of."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from .kept import OUTCOMES, adopt, keep
from .mutant import Mutant
from .records import Record, Records

# Of two files that exist, so that they have a digest.
MUTANTS = [
    Mutant(
        file=file,
        line=1,
        function=f"F.f{n}",
        kind="constant",
        operator="one more",
        was=f"{n}",
        now=f"({n} + 1)",
        start=0,
        end=1,
        form="value",
    )
    for file in ("contracts/MacroStrikeDiamond.sol", "contracts/libraries/strike/LibStrike.sol")
    for n in range(30)
]


def known(folder: Path) -> Records:
    """Records of all of them but the last of each file, each outcome among them."""
    folder.mkdir()
    records = Records.load(folder)
    for n, mutant in enumerate(MUTANTS):
        if n % 30 != 29:
            records.add(mutant, Record(OUTCOMES[n % 3], "test_x" if n % 3 == 0 else "", n))
    return records


def outcomes(records: Records) -> list[str | None]:
    found = [records.get(mutant) for mutant in MUTANTS]
    return [None if each is None else each.outcome for each in found]


def test_another_machine_goes_on_where_the_run_ended(tmp_path: Path) -> None:
    here = known(tmp_path / "here")
    keep(MUTANTS, here, tmp_path / "kept.json")
    (tmp_path / "there").mkdir()
    there = Records.load(tmp_path / "there")
    adopt(MUTANTS, there, tmp_path / "kept.json")
    assert outcomes(there) == outcomes(here)
    assert outcomes(there).count(None) == 2
    assert outcomes(Records.load(tmp_path / "there")) == outcomes(here)


def test_what_a_machine_found_itself_counts_more(tmp_path: Path) -> None:
    keep(MUTANTS, known(tmp_path / "here"), tmp_path / "kept.json")
    (tmp_path / "there").mkdir()
    there = Records.load(tmp_path / "there")
    survivor = MUTANTS[1]
    there.add(survivor, Record("killed", "test_new", 1))
    adopt(MUTANTS, there, tmp_path / "kept.json")
    assert there.get(survivor) == Record("killed", "test_new", 1)


def test_a_changed_file_begins_anew_and_the_others_do_not(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    keep(MUTANTS, known(tmp_path / "here"), path)
    content = json.loads(path.read_text())
    content[MUTANTS[0].file]["digest"] = "0" * 16
    path.write_text(json.dumps(content))
    (tmp_path / "there").mkdir()
    there = Records.load(tmp_path / "there")
    adopt(MUTANTS, there, path)
    assert outcomes(there)[:30] == [None] * 30
    assert None not in outcomes(there)[30:59]


def test_a_mutant_of_other_text_is_another(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    keep(MUTANTS, known(tmp_path / "here"), path)
    (tmp_path / "there").mkdir()
    there = Records.load(tmp_path / "there")
    changed = replace(MUTANTS[0], now="0")
    adopt([changed], there, path)
    assert there.get(changed) is None


def test_without_a_snapshot_there_is_nothing_to_go_on_from(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    there = Records.load(tmp_path / "there")
    adopt(MUTANTS, there, tmp_path / "none.json")
    assert outcomes(there) == [None] * 60
