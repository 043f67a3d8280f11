"""A portable track record: one file that proves every statistic to people who have no node.

    record = track_record(RpcTransport(url), manifest.diamond, manifest.deployed_at)

It has the headers of all blocks from the deployment to its head, each the parent of the next;
Merkle proofs of every receipt in which the diamond logged something; and proofs of the diamond's
storage at the head: the totals, which show that no event is missing, and the code behind each
function.
`tools/verify_record.py` checks it with nothing of this package.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from eth_utils.crypto import keccak

from macrostrike._generated.events import StrikeOpened
from macrostrike.abi import diamond_abi
from macrostrike.chain import BoundContract, Log, RpcTransport
from macrostrike.journal._fleet import BINS, Cell
from macrostrike.journal._proofs import Prover
from macrostrike.journal.books import Books
from macrostrike.types import Signal, Strategy

FORMAT = "macrostrike-record-1"

_IDS_A_WORD = 16
_STRATEGIES_AT, _FUNDED_AT = 3, 11  # slots within the fleet's storage
_WORD = 32


def track_record(
    transport: RpcTransport,
    diamond: str,
    from_block: int,
    on_block: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """The record as plain data for JSON, up to the latest block.

    from_block: that of the deployment. on_block: called with how many of how many blocks are done.

    Raises `NotProven` where the node's answers do not fit their hashes, `NodeError` where it has no
    `eth_getProof`, and as the transport.
    """
    prover, last = Prover(transport), transport.block_number()
    logs = transport.logs(diamond, from_block, last)
    places: defaultdict[int, set[int]] = defaultdict(set)
    for log in logs:
        places[log.block_number].add(log.transaction_index)
    headers, times = [], {}
    for number, (raw, block) in enumerate(prover.headers(from_block, last), from_block):
        headers.append(raw.hex())
        times[number] = int(block["timestamp"], 16)
        if number in places:
            prover.receipts(block, places[number])
        if on_block is not None:
            on_block(number - from_block + 1, last - from_block + 1)
    books = Books()
    books.apply_logs(logs, times.__getitem__)
    return {
        "format": FORMAT,
        "chain_id": transport.chain_id,
        "diamond": diamond,
        "bytecode": _bytecode(prover, transport, diamond, last, books),
        "statistics": statistics(books),
        "strikes": list(_strikes(logs, times)),
        "receipts": [
            [number, index] for number in sorted(places) for index in sorted(places[number])
        ],
        "headers": headers,
        "nodes": [node.hex() for node in prover.nodes],
    }


def statistics(books: Books) -> dict[str, dict[str, int]]:
    """What a record says in figures: amounts in book units, `brier` in millionths.

    `cell MODEL/BIN/SIGNAL` are the chain's own; `signal` and `model` are sums of them, and `all`.
    """
    fleet = books.fleet
    found: defaultdict[str, Cell] = defaultdict(Cell)
    for (model, place, signal), cell in fleet.cells.items():
        if not cell.settled:
            continue
        for key in ("all", f"signal {signal}", f"model {model}", f"cell {model}/{place}/{signal}"):
            _add(found[key], cell)
    counted = {key: _counts(cell) for key, cell in found.items()}
    opened = books.stats().opened
    counted["all"] = {"opened": opened} | counted.get("all", {})
    for strategy in Strategy:
        of = books.strategy_stats(strategy)
        if of.settled:
            counts = {"settled": of.settled, "wins": of.wins, "pnl": of.pnl // fleet.unit}
            counted[f"strategy {strategy}"] = counts
    return dict(sorted(counted.items()))


def _add(total: Cell, cell: Cell) -> None:
    total.settled += cell.settled
    total.wins += cell.wins
    total.brier_sum += cell.brier_sum
    total.profit += cell.profit
    total.loss += cell.loss


def _counts(cell: Cell) -> dict[str, int]:
    return {
        "settled": cell.settled,
        "wins": cell.wins,
        "brier": cell.brier_sum,
        "profit": cell.profit,
        "loss": cell.loss,
    }


def _strikes(logs: Sequence[Log], times: dict[int, int]) -> Iterator[dict[str, Any]]:
    """Each strike once, in the order of their opening."""
    abi = diamond_abi()
    strikes: dict[int, dict[str, Any]] = {}
    for log in logs:
        event, at = abi.decode_event(log.topics, log.data), times[log.block_number]
        if event is None:
            continue
        if event.name == "StrikeOpened":
            opened = StrikeOpened.from_args(event.args)
            strikes[opened.strike_id] = {
                "strike_id": opened.strike_id,
                "signal": int(opened.signal),
                "confidence_bps": opened.confidence_bps,
                "model_id": opened.model_id,
                "lots": list(opened.lots),
                "notional": opened.notional,
                "opened_at": at,
            }
        elif event.name == "StrikeSettled":
            ended = {name: event.args[name] for name in ("pnl", "won")}
            strikes[event.args["strike_id"]] |= {"settled_at": at} | ended
    yield from strikes.values()


def _bytecode(
    prover: Prover, transport: RpcTransport, diamond: str, block: int, books: Books
) -> str:
    """Proves the state that a verifier reads; the hash of the code that runs."""
    facets = BoundContract.diamond(transport, diamond).call("facets")
    selectors = {each: facet.facet_address for facet in facets for each in facet.function_selectors}
    functions = [int.from_bytes(each, "big") for each in selectors]
    code = prover.state(diamond, block, [*_score_slots(books), *_function_slots(functions)])
    codes = {facet: prover.state(facet, block) for facet in sorted(set(selectors.values()))}
    return bytecode_hash(code, {each: codes[facet] for each, facet in selectors.items()})


def bytecode_hash(diamond: bytes, functions: dict[bytes, bytes]) -> str:
    """Of the code hash of the diamond, and of those behind its functions by selector."""
    behind = b"".join(selector + code for selector, code in sorted(functions.items()))
    return "0x" + keccak(diamond + behind).hex()


def _score_slots(books: Books) -> Iterator[int]:
    """Where the chain keeps its totals."""
    fleet, score = _namespace("Fleet"), _namespace("Score")
    yield from (fleet, score + 1)
    for strategy in Strategy:
        yield from (fleet + _STRATEGIES_AT + strategy, fleet + _FUNDED_AT + strategy)
    models = list(books.fleet.models)
    first = int.from_bytes(keccak(_word(score + 1)), "big")
    yield from range(first, first + -(-len(models) // _IDS_A_WORD))
    cells = BINS * len(Signal)
    for model in models:
        for key in range(model * cells, (model + 1) * cells):
            yield int.from_bytes(keccak(_word(key) + _word(score)), "big")


def _function_slots(selectors: Sequence[int]) -> Iterator[int]:
    """The ring of the diamond's functions, and its head."""
    first = _namespace("Diamond")
    yield first
    yield from (first + selector for selector in selectors)


def _namespace(name: str) -> int:
    """Where a struct of storage begins (ERC-7201)."""
    inner = int.from_bytes(keccak(text=f"macrostrike.storage.{name}"), "big") - 1
    return int.from_bytes(keccak(_word(inner)), "big") >> 8 << 8


def _word(number: int) -> bytes:
    return number.to_bytes(_WORD, "big")
