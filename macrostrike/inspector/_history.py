"""What was ever cut of a diamond, by its `DiamondCut` events, and whether the loupe agrees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from macrostrike.abi import Abi, interface
from macrostrike.chain import Log, Transport
from macrostrike.errors import AbiError, NodeError
from macrostrike.errors.deploying import NotADiamond
from macrostrike.types import ZERO_ADDRESS, FacetCutAction, checked_address, checksummed

_MIN_BLOCKS = 256  # a node that refuses so few refuses for another reason


@dataclass(frozen=True, slots=True)
class Change:
    """One function's change of facet. `before` is None when added, `after` when removed.

    `action` is what the event says; where it does not fit `before`, the diamond broke the standard.
    """

    selector: bytes
    action: FacetCutAction
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut. `sender` signed its transaction; None on a chain that keeps no transactions.

    init: who initialised, called with `init_data`; None when no one did.
    """

    block: int
    transaction_hash: bytes
    sender: str | None
    changes: tuple[Change, ...]
    init: str | None
    init_data: bytes


@runtime_checkable
class _Node(Protocol):
    def request(self, method: str, *params: Any) -> Any: ...


def cut_history(transport: Transport, address: str, *, from_block: int = 0) -> tuple[Cut, ...]:
    """Every cut of the diamond at `address`, oldest first.

    `from_block` may be the block that it was created in, which saves looking. Where the node
    refuses so many blocks at once, they are asked for in parts. Raises `NotADiamond` when an event
    is not as EIP-2535 has it.
    """
    address = checked_address(address)
    functions: dict[bytes, str] = {}
    history = []
    for log in _logs(transport, address, from_block):
        try:
            event = _cuts().decode_event(log.topics, log.data)
            assert event is not None  # it was asked for by its topic
            changes = tuple(_changes(event.args["diamond_cut"], functions))
        except (AbiError, ValueError) as failure:
            why = f"its DiamondCut event in block {log.block_number} is none ({failure})"
            raise NotADiamond(address, why) from None
        init = event.args["init"]
        history.append(
            Cut(
                block=log.block_number,
                transaction_hash=log.transaction_hash,
                sender=_sender(transport, log),
                changes=changes,
                init=None if init == ZERO_ADDRESS else init,
                init_data=event.args["calldata"],
            )
        )
    return tuple(history)


def rebuild_functions(history: Iterable[Cut]) -> dict[bytes, str]:
    """The facet of each selector, as all cuts together leave it."""
    functions: dict[bytes, str] = {}
    for change in (change for cut in history for change in cut.changes):
        if change.after is None:
            functions.pop(change.selector, None)
        else:
            functions[change.selector] = change.after
    return functions


def history_faults(history: Iterable[Cut], functions: Mapping[bytes, str]) -> list[str]:
    """Where the events and the loupe's `functions` disagree; the loupe may lie, or a change may
    have been made without an event."""
    rebuilt = rebuild_functions(history)
    return [
        f"function 0x{selector.hex()} is on {functions.get(selector, 'no facet')} by the loupe, "
        f"on {rebuilt.get(selector, 'no facet')} by the events"
        for selector in sorted(functions.keys() | rebuilt.keys())
        if functions.get(selector) != rebuilt.get(selector)
    ]


def _changes(cuts: Iterable[Any], functions: dict[bytes, str]) -> Iterator[Change]:
    for facet, action, selectors in cuts:
        removes = FacetCutAction(action) is FacetCutAction.REMOVE
        after = None if removes else checksummed(facet)
        for selector in selectors:
            yield Change(selector, FacetCutAction(action), functions.pop(selector, None), after)
            if after is not None:
                functions[selector] = after


def _logs(transport: Transport, address: str, first: int) -> Iterator[Log]:
    last = transport.block_number()
    span = last - first + 1
    while first <= last:
        end = min(first + span - 1, last)
        try:
            logs = transport.logs(address, first, end, topics=[_cuts().topic("DiamondCut")])
        except NodeError:
            if span <= _MIN_BLOCKS:
                raise
            span = max(span // 2, _MIN_BLOCKS)
            continue
        yield from logs
        first = end + 1


def _sender(transport: Transport, log: Log) -> str | None:
    if not isinstance(transport, _Node):
        return None
    found = transport.request("eth_getTransactionByHash", "0x" + log.transaction_hash.hex())
    return None if found is None else checksummed(found["from"])


def _cuts() -> Abi:
    """Untyped, so that whatever others emit can be read."""
    return interface("IDiamondCut", typed=False)
