"""What a node's refusal means: whether to ask again, what became of a transaction. No I/O.

By wording, as nodes agree on codes even less. The words are those of geth, erigon, nethermind,
besu, reth, anvil, hardhat, Arbitrum and OP nodes, and of the large providers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from macrostrike.errors import MalformedAnswer, NodeError, NodeUnavailable

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
_TRANSACTION_REJECTED = -32003
_LIMIT_EXCEEDED = -32005

_KNOWN = (
    "already known",
    "already imported",
    "alreadyknown",
    "known transaction",
    "already exists",
    "already in mempool",
    "already in the mempool",
    "already in pool",
    "already in the pool",
    "already have transaction",
    "transaction is already",
)
_NONCE_USED = (
    "nonce too low",
    "nonce is too low",
    "oldnonce",
    "old nonce",
    "nonce has already been used",
    "nonce too small",
    "nonce already used",
)
_NONCE_PENDING = ("replacement", "replace existing", "replacing existing")
_REJECTED = (
    "insufficient funds",
    "insufficient balance",
    "insufficientfunds",
    "intrinsic gas",
    "gas limit",
    "gas too low",
    "less than block base fee",
    "fee cap",
    "feecap",
    "tip above",
    "higher than max fee",
    "max fee per gas",
    "maxfeepergas",
    "base fee",
    "underpriced",
    "gas price too low",
    "replacement",
    "nonce too high",
    "nonce gap",
    "nonce is too high",
    "invalid sender",
    "invalid signature",
    "invalid chain",
    "chain id",
    "chainid",
    "rlp",
    "oversized",
    "not supported",
    "unsupported",
    "replay-protected",
    "exceeds the configured cap",
    "exceeds configured",
    "revert",
    "code size",
    "initcode",
    "sender not an eoa",
    "pool is full",
    "txpool is full",
    "invalid transaction",
    "invalid opcode",
    "out of gas",
    "gas uint64 overflow",
)
_PASSES = (
    "rate limit",
    "ratelimit",
    "too many requests",
    "request limit",
    "requests per",
    "per second",
    "throughput",
    "capacity",
    "quota",
    "busy",
    "try again",
    "retry",
    "temporar",
    "timeout",
    "timed out",
    "time out",
    "unavailable",
    "overloaded",
    "internal error",
    "internal server error",
    "bad gateway",
    "upstream",
    "header not found",
    "unknown block",
    "block not found",
    "cannot query unfinalized",
    "indexing is in progress",
    "syncing",
    "connection",
    "no healthy",
    "eof",
)
_PASSING_CODES = frozenset({429, -32029, -32097, -32007, -32016})
_TOO_MUCH = frozenset({408, 413, 504, 524})  # HTTP: a smaller question may get an answer
_PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 529})

_RANGE = re.compile(
    r"block range|range (?:is )?too|range limit|range of|limit(?:ed)? to|blocks? (?:distance|span)"
    r"|exceeds? (?:the )?(?:max|limit|range)|too (?:large|wide|many (?:blocks|results|logs|events))"
    r"|more than \d+|response size|size (?:exceed|limit|too)|max(?:imum)?.{0,20}"
    r"(?:blocks|range|results|logs)|query (?:returned|exceeds|timeout)|timed? ?out|deadline"
    r"|took too long|split|narrow|smaller range|result(?:s|set)? (?:too|limit|window)"
    r"|content too|payload|entity too|too big|exceeded max|up to a",
    re.IGNORECASE,
)
_BOUND = r"(0x[0-9a-f]+|\d+)"
_SUGGESTED = re.compile(
    rf"\[\s*{_BOUND}\s*,\s*{_BOUND}\s*\]|range {_BOUND}\s*-\s*{_BOUND}", re.IGNORECASE
)
_WIDTH = re.compile(
    r"(?P<before>\d[\d,_]*)(?P<k>k?)[ -]*blocks?"
    r"|(?:range|limit(?:ed)?|max(?:imum)?|up to|distance)(?P<between>[^\d\[]{0,40}?)"
    r"(?P<after>\d[\d,_]*)(?P<thousands>k?)\b(?!\s*(?:results|logs|events|s\b|ms|mb|kb|bytes))",
    re.IGNORECASE,
)
_OF_RESULTS = re.compile(r"results?|logs\b|events", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Narrower:
    """What a node said about the range of blocks that it would have taken.

    first, last: a range to try; width: so many blocks. None where it does not say.
    """

    first: int | None = None
    last: int | None = None
    width: int | None = None


def is_known(refusal: NodeError) -> bool:
    """Whether a node says of a transaction that it has it already."""
    return _says(_KNOWN, refusal.reason) and "nonce" not in refusal.reason.lower()


def is_nonce_used(refusal: NodeError) -> bool:
    """Whether a node says that a transaction's nonce was used before."""
    return _says(_NONCE_USED, refusal.reason)


def is_nonce_pending(refusal: NodeError) -> bool:
    """Whether a node says that another transaction with its nonce waits, and offers more."""
    return _says(_NONCE_PENDING, refusal.reason)


def is_final(refusal: NodeError) -> bool:
    """Whether a node's refusal of a transaction is for good. What is not known to be may pass."""
    if isinstance(refusal, MalformedAnswer) or passes(refusal):
        return False
    codes = (PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, _TRANSACTION_REJECTED)
    return refusal.code in codes or _says(_REJECTED, refusal.reason)


def passes(refusal: NodeError) -> bool:
    """Whether the same question may get an answer a little later."""
    if isinstance(refusal, MalformedAnswer) or refusal.code in _PASSING_CODES:
        return True
    if refusal.code in (METHOD_NOT_FOUND, INVALID_PARAMS, PARSE_ERROR):
        return False
    if refusal.code == _LIMIT_EXCEEDED or refusal.status in (429, 503):
        return True
    return _says(_PASSES, refusal.reason)


def status_passes(status: int) -> bool:
    """Whether a server's HTTP status is one that goes by."""
    return status in _PASSING_STATUS


def is_about_pending(refusal: NodeError) -> bool:
    """Whether a node refuses the tag `pending`, as it keeps no pending block."""
    words = refusal.reason.lower()
    return refusal.code == INVALID_PARAMS or "pending" in words or "block" in words


def is_too_much(failure: NodeUnavailable) -> bool:
    """Whether a question was more than the node could answer in time, or in one answer."""
    return failure.status in _TOO_MUCH or (failure.sent and "too long" in failure.reason)


def narrower(reason: str) -> Narrower | None:
    """What a refusal of `eth_getLogs` says of the range; None where it is about something else."""
    if not (_RANGE.search(reason) or _SUGGESTED.search(reason)):
        return None
    if suggested := _SUGGESTED.search(reason):
        first, last = (int(bound, 0) for bound in suggested.groups() if bound)
        if first <= last:
            return Narrower(first, last)
    widths = [
        int(re.sub(r"[,_]", "", said["before"] or said["after"]))
        * (1000 if said["k"] or said["thousands"] else 1)
        for said in _WIDTH.finditer(reason)
        if not _OF_RESULTS.search(said["between"] or "")
    ]
    return Narrower(width=min(widths)) if widths else Narrower()


def _says(words: tuple[str, ...], text: str) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in words)
