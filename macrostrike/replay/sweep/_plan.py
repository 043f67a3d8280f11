"""What a sweep tries: a YAML file with values, and lists of values where several are tried."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from macrostrike.errors import MacroStrikeError
from macrostrike.replay._costs import GasPrice
from macrostrike.replay._engines import EngineSettings, Kind
from macrostrike.replay._policy import Policy

_PARTS: dict[str, type[Any]] = {"engine": EngineSettings, "policy": Policy, "gas": GasPrice}
_PLAIN = {"draws": 0, "seed": 1, "folds": 5}


class PlanInvalid(MacroStrikeError):
    """A sweep's file can't be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One trial."""

    engine: EngineSettings
    policy: Policy
    gas: GasPrice

    @property
    def key(self) -> str:
        """Tells it from all others."""
        return _digest(asdict(self))


@dataclass(frozen=True, slots=True)
class Plan:
    """All trials of a sweep, and the names of what differs between them.

    folds: into how many runs of days the market is cut, to pick on those before and look at the
    next.
    """

    trials: tuple[Settings, ...]
    varied: tuple[str, ...]
    folds: int

    @property
    def key(self) -> str:
        """Tells it from all others."""
        return _digest([each.key for each in self.trials])


def read_plan(path: Path | str) -> Plan:
    """A sweep from its file. Raises `PlanInvalid`, with the name that is wrong."""
    try:
        given = yaml.safe_load(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as failure:
        raise PlanInvalid(f"{path} can't be read: {failure}") from None
    if not isinstance(given, Mapping):
        raise PlanInvalid(f"{path} must have engine, policy or gas")
    return parse_plan(given)


def parse_plan(given: Mapping[str, Any]) -> Plan:
    """A sweep from what its file holds. Raises `PlanInvalid`."""
    _require_known("a sweep", given, [*_PARTS, *_PLAIN])
    plain = _PLAIN | {name: given[name] for name in _PLAIN if name in given}
    if any(not isinstance(each, int) for each in plain.values()) or plain["folds"] < 2:
        raise PlanInvalid("draws, seed and folds must be whole numbers, folds at least 2")
    names, choices = [], []
    for part, kind in _PARTS.items():
        values = given.get(part) or {}
        _require_known(part, values, [each.name for each in fields(kind)])
        for name, value in values.items():
            names.append((part, name))
            choices.append(value if isinstance(value, list) else [value])
    every = list(product(*choices))
    if plain["draws"]:
        # Drawn without repetition, and kept in the file's order.
        chosen = random.Random(plain["seed"]).sample(
            range(len(every)), min(plain["draws"], len(every))
        )
        every = [every[place] for place in sorted(chosen)]
    varied = [
        f"{part}.{name}"
        for (part, name), values in zip(names, choices, strict=True)
        if len(values) > 1
    ]
    trials = tuple(_settings(dict(zip(names, each, strict=True))) for each in every)
    if len({each.key for each in trials}) < len(trials):
        raise PlanInvalid("the same values are there twice")
    return Plan(trials, tuple(varied), plain["folds"])


def _settings(values: Mapping[tuple[str, str], Any]) -> Settings:
    made = dict(_made(values))
    return Settings(**made)


def _made(values: Mapping[tuple[str, str], Any]) -> Iterator[tuple[str, Any]]:
    for part, kind in _PARTS.items():
        of = {name: value for (owner, name), value in values.items() if owner == part}
        try:
            for name, value in of.items():
                if name != "kind" and value is not None and type(value) not in (int, float):
                    raise PlanInvalid(f"{part}.{name} must be a number, not {value!r}")
            if "kind" in of:
                of["kind"] = Kind(of["kind"])
            if part == "gas":
                of.setdefault("gwei", 0.05)
            yield part, kind(**of)
        except (TypeError, ValueError) as failure:
            raise PlanInvalid(f"{part}: {failure}") from None


def _require_known(where: str, given: Any, known: list[str]) -> None:
    if not isinstance(given, Mapping):
        raise PlanInvalid(f"{where} must have names and values")
    for name in given:
        if name not in known:
            near = get_close_matches(str(name), known, 1)
            hint = f": is {near[0]} meant?" if near else f", only {', '.join(known)}"
            raise PlanInvalid(f"{where} has no {name}{hint}")


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
