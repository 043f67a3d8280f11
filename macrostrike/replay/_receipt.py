"""A run's receipt: what it was made of, and what came out, as hashes that a second run repeats."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path
from typing import Any

from macrostrike.market import Bar
from macrostrike.replay._score import Score
from macrostrike.replay._stage import Stage
from macrostrike.replay._trades import Trade

_PACKAGE = Path(__file__).parents[1]
_LIBRARIES = {"numpy": "numpy", "pyrevm": "pyrevm", "scikit-learn": "sklearn"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """Each a SHA-256 in hex; `parameters` as they were given.

    bytecode: of the code on chain: diamond, facets, pool, and the contract that moves the pool.
    code: of this package's own; `libraries`: versions of those that compute results.
    data: of all bars of the market, whether they were needed or not.
    books: of the chain's score and every trade at the end.
    """

    bytecode: str
    code: str
    libraries: Mapping[str, str]
    data: str
    parameters: Mapping[str, Any]
    books: str

    @property
    def hash(self) -> str:
        """Of the whole receipt."""
        return _digest(asdict(self))


def differences(receipt: Receipt, recorded: Mapping[str, Any]) -> list[str]:
    """In words, where a receipt is not the recorded one, as a report's document has it."""
    names = [each.name for each in fields(receipt)]
    return [
        f"{name}: {getattr(receipt, name)} now, {recorded.get(name)} in the receipt"
        for name in names
        if getattr(receipt, name) != recorded.get(name)
    ]


def receipt_of(
    *,
    stage: Stage,
    bars: Iterable[Bar],
    parameters: Mapping[str, Any],
    score: Score,
    trades: Sequence[Trade],
) -> Receipt:
    """The receipt of a run."""
    return Receipt(
        bytecode=_bytecode(stage),
        code=code_hash(),
        libraries={name: version(name) for name in _LIBRARIES if find_spec(_LIBRARIES[name])},
        data=data_hash(bars),
        parameters=dict(parameters),
        books=_digest({"score": _plain(score), "trades": [_plain(each) for each in trades]}),
    )


@cache
def code_hash() -> str:
    """Of all Python files of this package, by their names."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _bytecode(stage: Stage) -> str:
    world = stage.world
    hashes = {name: facet.code_hash for name, facet in world.manifest.facets.items()}
    for address in (world.diamond, world.venues.fixtures.pool, stage.driver):
        hashes[address] = hashlib.sha256(stage.transport.code(address)).hexdigest()
    return _digest(hashes)


def data_hash(bars: Iterable[Bar]) -> str:
    """Of all bars of a market."""
    digest = hashlib.sha256()
    values = attrgetter(*(each.name for each in fields(Bar)))
    for bar in bars:
        digest.update((",".join(map(str, values(bar))) + "\n").encode())
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    """Numbers, texts, lists and objects alone, the same on every machine."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in _names(value.__class__)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, bool) or value is None:
        return value
    return int(value) if isinstance(value, int) else str(value)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """Of a dataclass's fields."""
    return tuple(each.name for each in fields(kind))


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
