"""What was ever cut of a diamond, by its events, and whether the loupe agrees.

EIP-2535 names functions in `DiamondCut`. ERC-8153 names facets in `FacetAdded`, `FacetReplaced` and
`FacetRemoved`: their functions are what each facet's `exportSelectors()` answers. A diamond may
emit both for one cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ape_diamond._abis import EXPORT_SELECTORS
from ape_diamond._codec import Function, decode, topic_of
from ape_diamond._cut import CutAction
from ape_diamond._values import ZERO_ADDRESS, checked_address, checksummed, shown
from ape_diamond.chain import Chain, Log
from ape_diamond.errors import AnswerUnreadable, CallReverted, NodeRefused, NotADiamond

_MIN_BLOCKS = 256  # a node that refuses so few refuses for another reason
_CUT = topic_of("DiamondCut((address,uint8,bytes4[])[],address,bytes)")
_CUT_TYPES = ("(address,uint8,bytes4[])[]", "address", "bytes")
_ADDED = topic_of("FacetAdded(address)")
_REPLACED = topic_of("FacetReplaced(address,address)")
_REMOVED = topic_of("FacetRemoved(address)")
_DELEGATED = topic_of("DiamondDelegateCall(address,bytes)")
_OF_FACETS = (_ADDED, _REPLACED, _REMOVED)
_TOPICS = (_CUT, *_OF_FACETS, _DELEGATED)
_EXPORT = Function(EXPORT_SELECTORS, (), ("bytes",))


@dataclass(frozen=True, slots=True)
class Change:
    """One function's change of facet. `before` is None when added, `after` when removed.

    `action` is what the event says; where it does not fit `before`, the diamond broke the standard.
    """

    selector: bytes
    action: CutAction
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut. `sender` signed its transaction; None on a chain that keeps no transactions.

    init: the contract that initialised, called with `init_data`; None when there was none.
    standard: `EIP-2535` or `ERC-8153`, by whose events it is known.
    """

    block: int
    transaction_hash: bytes
    sender: str | None
    changes: tuple[Change, ...]
    init: str | None
    init_data: bytes
    standard: str = "EIP-2535"


def cut_history(
    chain: Chain,
    address: str,
    *,
    from_block: int = 0,
    functions: Mapping[bytes, str] | None = None,
) -> tuple[Cut, ...]:
    """Every cut of the diamond at `address`, oldest first.

    `from_block` may be the block that it was created in, which saves looking. From a later one,
    `functions` are those that it had before, by selector. Where the node refuses so many blocks at
    once, they are asked for in parts. Raises `NotADiamond` when an event is not as its standard has
    it.
    """
    address = checked_address(address)
    reader = _Reader(chain, address, functions or {})
    return tuple(cut for log in _events(chain, address, from_block) for cut in reader.cuts(log))


def exported_selectors(chain: Chain, facet: str) -> tuple[bytes, ...] | None:
    """What a facet says of itself, by ERC-8153; None where it does not answer."""
    packed = _EXPORT.try_to_ask(chain, facet)
    if packed is None or not packed or len(packed) % 4:
        return None
    return tuple(packed[i : i + 4] for i in range(0, len(packed), 4))


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
        f"function {shown(selector)} is on {functions.get(selector, 'no facet')} by the loupe, "
        f"on {rebuilt.get(selector, 'no facet')} by the events"
        for selector in sorted(functions.keys() | rebuilt.keys())
        if functions.get(selector) != rebuilt.get(selector)
    ]


class _Reader:
    """Reads events one transaction after the other, and keeps what they leave of the functions."""

    def __init__(self, chain: Chain, address: str, functions: Mapping[bytes, str]) -> None:
        self._chain = chain
        self._address = address
        self._functions = dict(functions)

    def cuts(self, logs: Sequence[Log]) -> Iterator[Cut]:
        """The cuts of one transaction. Those of ERC-8153 are one."""
        # A diamond that emits the events of both standards has the changes by the first already.
        for log in logs:
            if log.topics[0] == _CUT:
                yield self._cut(log)
        of_facets = [log for log in logs if log.topics[0] in _OF_FACETS]
        changes = tuple(change for log in of_facets for change in self._facet_changes(log))
        if changes:
            delegated = [log for log in logs if log.topics[0] == _DELEGATED]
            init, data = self._delegation(delegated[-1]) if delegated else (None, b"")
            yield self._made(logs[-1], changes, init, data, "ERC-8153")

    def _cut(self, log: Log) -> Cut:
        try:
            cuts, init, data = decode(_CUT_TYPES, log.data)
            changes = tuple(self._changes(cuts))
        except (AnswerUnreadable, ValueError) as failure:
            why = f"its DiamondCut event in block {log.block_number} is invalid ({failure})"
            raise NotADiamond(self._address, why) from None
        init = None if init == ZERO_ADDRESS else init
        return self._made(log, changes, init, data, "EIP-2535")

    def _made(
        self, log: Log, changes: tuple[Change, ...], init: str | None, data: bytes, standard: str
    ) -> Cut:
        sender = self._chain.sender(log.transaction_hash)
        number, transaction = log.block_number, log.transaction_hash
        return Cut(number, transaction, sender, changes, init, data, standard)

    def _changes(self, cuts: Iterable[Any]) -> Iterator[Change]:
        for facet, number, selectors in cuts:
            action = CutAction(number)
            after = None if action is CutAction.REMOVE else checksummed(facet)
            for selector in selectors:
                yield self._change(selector, action, after)

    def _facet_changes(self, log: Log) -> Iterator[Change]:
        try:
            facets = [checksummed(topic[12:]) for topic in log.topics[1:]]
            old = self._exported(facets[0]) if log.topics[0] != _ADDED else ()
            new = self._exported(facets[-1]) if log.topics[0] != _REMOVED else ()
        except (CallReverted, IndexError) as failure:
            why = f"a facet of its event in block {log.block_number} is not readable ({failure})"
            raise NotADiamond(self._address, why) from None
        for selector in new:
            before = self._functions.get(selector)
            if before != facets[-1]:
                action = CutAction.ADD if before is None else CutAction.REPLACE
                yield self._change(selector, action, facets[-1])
        for selector in old:
            if self._functions.get(selector) == facets[0]:
                yield self._change(selector, CutAction.REMOVE, None)

    def _exported(self, facet: str) -> tuple[bytes, ...]:
        selectors = exported_selectors(self._chain, facet)
        if selectors is None:
            raise CallReverted(b"", f"{facet} does not answer {EXPORT_SELECTORS}")
        return selectors

    def _change(self, selector: bytes, action: CutAction, after: str | None) -> Change:
        before = self._functions.pop(selector, None)
        if after is not None:
            self._functions[selector] = after
        return Change(selector, action, before, after)

    def _delegation(self, log: Log) -> tuple[str, bytes]:
        try:
            (data,) = decode(("bytes",), log.data)
            return checksummed(log.topics[1][12:]), data
        except (AnswerUnreadable, IndexError) as failure:
            why = f"its DiamondDelegateCall in block {log.block_number} is invalid ({failure})"
            raise NotADiamond(self._address, why) from None


def _events(chain: Chain, address: str, first: int) -> Iterator[list[Log]]:
    """The logs of each transaction that changed a diamond."""
    for _, logs in groupby(_logs(chain, address, first), lambda log: log.transaction_hash):
        yield list(logs)


def _logs(chain: Chain, address: str, first: int) -> Iterator[Log]:
    last = chain.block_number()
    span = last - first + 1
    while first <= last:
        end = min(first + span - 1, last)
        try:
            logs = chain.logs(address, first, end, _TOPICS)
        except NodeRefused:
            if span <= _MIN_BLOCKS:
                raise
            span = max(span // 2, _MIN_BLOCKS)
            continue
        yield from logs
        first = end + 1


def history_to_json(
    history: Iterable[Cut], signatures: Mapping[bytes, str]
) -> list[dict[str, Any]]:
    """The cuts as JSON has them. `signatures` name functions by selector."""
    return [
        {
            "block": cut.block,
            "transaction": shown(cut.transaction_hash),
            "sender": cut.sender,
            "standard": cut.standard,
            "changes": [
                {
                    "action": change.action.name.lower(),
                    "selector": shown(change.selector),
                    "function": signatures.get(change.selector),
                    "before": change.before,
                    "after": change.after,
                }
                for change in cut.changes
            ],
            "init": cut.init,
            "init_data": shown(cut.init_data),
        }
        for cut in history
    ]
