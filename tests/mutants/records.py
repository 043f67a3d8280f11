"""What became of mutants, kept in .cache, so that a run goes on where the last one ended."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .mutant import Mutant, mutated_files
from .reached import digest

OPEN = "open"


@dataclass(frozen=True)
class Record:
    """Whether it was `killed`, `survived`, is `invalid`: no Solidity; or `open`: not on all tests.

    By which test, after how many, and the last line of its failure.
    """

    outcome: str
    test: str
    tests: int
    why: str = ""


@dataclass
class Records:
    """By key; what was said of a file that has changed since is forgotten."""

    path: Path
    by_key: dict[tuple[str, ...], Record] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> Records:
        records = cls(folder / "records.jsonl")
        for file in mutated_files():  # once, now: records are of these files, changed later or not
            digest(file)
        if records.path.exists():
            for line in records.path.read_text(encoding="utf-8").splitlines():
                content = json.loads(line)
                if content["digest"] == digest(content["key"][0]):
                    records.by_key[tuple(content["key"])] = Record(**content["record"])
        return records

    def get(self, mutant: Mutant) -> Record | None:
        return self.by_key.get(mutant.key)

    def add(self, mutant: Mutant, record: Record) -> None:
        self.by_key[mutant.key] = record
        content = {"key": mutant.key, "digest": digest(mutant.file), "record": asdict(record)}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(content) + "\n")

    def forget(self, mutants: Iterable[Mutant]) -> None:
        """Takes back what was said of these."""
        gone = {mutant.key for mutant in mutants}
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        kept = [line for line in lines if tuple(json.loads(line)["key"]) not in gone]
        self.path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        self.by_key = {key: each for key, each in self.by_key.items() if key not in gone}
