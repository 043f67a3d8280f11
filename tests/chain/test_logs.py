"""N2: events of any range, from nodes that give them in small portions only."""

from __future__ import annotations

import json

import pytest
from eth_account.signers.local import LocalAccount

from macrostrike.chain import AnvilTransport, Log, RpcTransport
from macrostrike.chain._refusals import Narrower, narrower
from macrostrike.errors import NodeError, NodeUnavailable
from tests.faults import Exchange, FaultProxy, Reply, Rule, error, on, status

from .conftest import SENDER

LOGS = "eth_getLogs"
BLOCKS = 90


@pytest.fixture(scope="module")
def history(node: AnvilTransport, counter: str) -> list[Log]:
    """Ninety events and more, several in some blocks, and empty blocks between."""
    signer: LocalAccount = SENDER
    for each in range(BLOCKS):
        node.send(signer, counter, b"", gas=200_000)
        if each % 3 == 0:
            node.mine()
    return node.logs(counter)


def span(exchange: Exchange) -> tuple[int, int]:
    (query,) = exchange.request["params"]
    return int(query["fromBlock"], 16), int(query["toBlock"], 16)


def up_to(blocks: int, refusal: Rule) -> Rule:
    """A node that takes no wider ranges."""

    def rule(exchange: Exchange) -> Reply | None:
        first, last = span(exchange)
        return refusal(exchange) if last - first + 1 > blocks else None

    return rule


def up_to_results(count: int, message: str) -> Rule:
    """A node that returns no more events at once, and says which range it would have given."""

    def rule(exchange: Exchange) -> Reply | None:
        found = exchange.result()
        if len(found) <= count:
            return None
        first, last = hex(span(exchange)[0]), found[count - 1]["blockNumber"]
        return error(-32005, message.format(first=first, last=last))(exchange)

    return rule


def in_body(code: int, message: str) -> bytes:
    return json.dumps(
        {"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": message}}
    ).encode()


BY_RANGE = {
    "a hint": error(-32602, "block range limit is 7 blocks"),
    "a hint in thousands": error(-32000, "exceed maximum block range: 5k"),
    "no hint": error(-32000, "query exceeds max block range"),
    "eth_getLogs is limited": error(-32614, "eth_getLogs is limited to a 10,000 range"),
    "too wide": error(-32701, "Please specify an address or a smaller range: too wide"),
    "HTTP 400": status(400, in_body(-32602, "Block range is too large")),
    "HTTP 413 without words": status(413),
    "HTTP 500 with words": status(500, in_body(-32000, "response size exceeded")),
    "a time-out": error(-32000, "query timeout exceeded"),
    "a gateway's time-out": status(504, b"<html>Gateway Time-out</html>"),
    "a string": status(200, b'{"error":"log response size exceeded. Up to a 2K block range"}'),
}
BY_SIZE = [
    "query returned more than 9 results. Try with this block range [{first}, {last}].",
    "query returned more than 9 results",
    "Log response size exceeded. this block range should work: [{first}, {last}]",
]


@pytest.mark.parametrize("refusal", BY_RANGE.values(), ids=BY_RANGE)
@pytest.mark.parametrize("blocks", [1, 7, 40])
def test_wide_ranges_are_split_whatever_the_refusal(
    refusal: Rule, blocks: int, chain: RpcTransport, proxy: FaultProxy, history: list[Log]
) -> None:
    proxy.rules.append(on(LOGS, up_to(blocks, refusal)))
    address = history[0].address
    assert chain.logs(address) == history
    # And it knows by now how wide the node takes them.
    before = proxy.count(LOGS)
    assert chain.logs(address) == history
    minimum = -(-chain.block_number() // blocks)
    assert proxy.count(LOGS) - before <= 2 * minimum + 4


@pytest.mark.parametrize("message", BY_SIZE)
@pytest.mark.parametrize("count", [4, 9])
def test_so_are_ranges_of_too_many_events(
    message: str, count: int, chain: RpcTransport, proxy: FaultProxy, history: list[Log]
) -> None:
    proxy.rules.append(on(LOGS, up_to_results(count, message)))
    assert chain.logs(history[0].address) == history


def test_a_part_of_the_chain_is_a_part_of_its_events(
    chain: RpcTransport, proxy: FaultProxy, history: list[Log]
) -> None:
    proxy.rules.append(on(LOGS, up_to(3, BY_RANGE["no hint"])))
    first, last = history[10].block_number, history[30].block_number
    wanted = [log for log in history if first <= log.block_number <= last]
    assert chain.logs(history[0].address, first, last) == wanted
    assert chain.logs(history[0].address, last + 1, last) == []


def test_what_is_about_something_else_is_said(
    chain: RpcTransport, proxy: FaultProxy, history: list[Log]
) -> None:
    proxy.rules.append(on(LOGS, error(-32601, "the method does not exist")))
    with pytest.raises(NodeError, match="does not exist"):
        chain.logs(history[0].address)
    assert proxy.count(LOGS) == 1
    proxy.rules[:] = [on(LOGS, status(401, b"no"))]
    with pytest.raises(NodeUnavailable, match="401"):
        chain.logs(history[0].address)


def test_a_node_that_refuses_single_blocks_too_is_said_on(
    chain: RpcTransport, proxy: FaultProxy, history: list[Log]
) -> None:
    proxy.rules.append(on(LOGS, up_to(0, BY_RANGE["no hint"])))
    with pytest.raises(NodeError, match="max block range"):
        chain.logs(history[0].address)
    assert proxy.count(LOGS) < 20


def test_a_rate_limit_is_not_a_range(
    chain: RpcTransport, proxy: FaultProxy, history: list[Log]
) -> None:
    proxy.rules.append(on(LOGS, error(429, "compute units per second exceeded"), times=2))
    assert chain.logs(history[0].address) == history
    assert proxy.count(LOGS) == 3


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        (
            "query returned more than 10000 results. Try with this range [0x1, 0x2f].",
            Narrower(1, 47),
        ),
        (
            "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block "
            "range and no limit on the response size, or you can request any block range with a "
            "cap of 10K logs in the response. Based on your parameters and the response size "
            "limit, this block range should work: [0x0, 0x10]",
            Narrower(0, 16),
        ),
        (
            "eth_getLogs and eth_newFilter are limited to a 10,000 blocks range",
            Narrower(width=10_000),
        ),
        ("exceed maximum block range: 5000", Narrower(width=5000)),
        ("block range limit exceeded, max 1000 blocks", Narrower(width=1000)),
        ("eth_getLogs block range too large, range: 20000, max: 2000", Narrower(width=2000)),
        (
            "requested too many blocks from 0 to 16777216, maximum is set to 2048",
            Narrower(width=2048),
        ),
        ("block range too wide", Narrower()),
        ("query timeout exceeded", Narrower()),
        ("request timed out", Narrower()),
        ("context deadline exceeded", Narrower()),
        ("query exceeds max results 20000, retry with the range 100-200", Narrower(100, 200)),
        ("Response is too big", Narrower()),
        ("the method does not exist", None),
        ("missing trie node", None),
        ("invalid argument 0: hex string has length 38", None),
        ("too many requests, rate limited", None),
        ("daily request count exceeded, request rate limited", None),
    ],
)
def test_what_providers_say(message: str, hint: Narrower | None) -> None:
    assert narrower(message) == hint
