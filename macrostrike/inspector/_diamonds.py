"""The functions of `ape_diamond`, for a transport, and with this project's ABIs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import ape_diamond
from ape_diamond import Cut, DiamondView, MergedAbi, NamedAbi
from macrostrike import abi
from macrostrike.chain import Transport
from macrostrike.errors.diamonds import with_our_errors
from macrostrike.inspector._chain import TransportChain

_ARTIFACTS = Path(abi.__file__).parent / "_artifacts"

read_abis = with_our_errors(ape_diamond.read_abis)
load_layout = with_our_errors(ape_diamond.load_layout)
require_compatible = with_our_errors(ape_diamond.require_compatible)


@with_our_errors
def inspect_diamond(
    transport: Transport, address: str, known: Sequence[NamedAbi] = ()
) -> DiamondView:
    """What the diamond at `address` is made of.

    `known` are ABIs to name functions by, beside those of this project and of the standards.
    Raises `NotADiamond`, and `InvalidValue` for what is not an address.
    """
    return ape_diamond.inspect_diamond(
        TransportChain(transport), address, [*known, *_project_abis()]
    )


@with_our_errors
def cut_history(transport: Transport, address: str, *, from_block: int = 0) -> tuple[Cut, ...]:
    """Every cut of the diamond at `address`, oldest first; as `ape_diamond.cut_history`."""
    return ape_diamond.cut_history(TransportChain(transport), address, from_block=from_block)


def implementation_of(transport: Transport, contract: str) -> str | None:
    """As `ape_diamond.implementation_of`."""
    return ape_diamond.implementation_of(TransportChain(transport), contract)


def merge_abis(facets: Mapping[str, Iterable[bytes]], known: Sequence[NamedAbi] = ()) -> MergedAbi:
    """As `ape_diamond.merge_abis`, knowing this project's facets after `known`."""
    return ape_diamond.merge_abis(facets, [*known, *_project_abis()])


@cache
def _project_abis() -> tuple[NamedAbi, ...]:
    """This project's facets."""
    return tuple(
        NamedAbi(path.stem, tuple(content["abi"]))
        for path in sorted(_ARTIFACTS.glob("*Facet.json"))
        if (content := json.loads(path.read_text(encoding="utf-8")))["sourceName"].startswith(
            "contracts/facets/"
        )
    )
