"""Fresh nodes with deployed diamonds, and the strikes that are sent to them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from macrostrike.abi import diamond_abi
from macrostrike.chain import AnvilTransport, start_anvil
from macrostrike.deploy.target import Target, load_target
from macrostrike.signing import sign_prediction
from macrostrike.testing import World, deploy_world
from macrostrike.types import Signal, StrikeOrder

from ..predictions import prediction

ANY = (1 << 256) - 1
OPEN = 60  # strikes: the chain has room for 64
GAS = 400_000


@dataclass(frozen=True, slots=True)
class Deployed:
    """Worlds on one chain, and the state of its node."""

    worlds: tuple[World, ...]
    state: str
    timestamp: int


def small_strikes() -> Target:
    """The local target with one lot a bot, so that thousands of strikes fit its capital."""
    target = load_target("local")
    market = target.markets[0]
    limits = {"max_bot_lots": 1, "max_open_lots": 65_000, "max_day_lots": 16_000_000}
    rules = market.rules.model_copy(update=limits)
    return target.model_copy(update={"markets": (market.model_copy(update={"rules": rules}),)})


@cache
def deployed(diamonds: int) -> Deployed:
    """Deployed once, on a node that has ended since."""
    with start_anvil() as url:
        node, target = AnvilTransport(url), small_strikes()
        worlds = tuple(deploy_world(node, target=target) for _ in range(diamonds))
        return Deployed(worlds, node.request("anvil_dumpState"), node.timestamp())


@contextmanager
def fresh(diamonds: int = 1, *options: str) -> Iterator[tuple[World, ...]]:
    """The same diamonds on a node that has just begun."""
    at = deployed(diamonds)
    with start_anvil(*options) as url:
        node = AnvilTransport(url)
        node.request("anvil_loadState", at.state)
        node.request("evm_setNextBlockTimestamp", max(at.timestamp, node.timestamp()) + 12)
        node.request("evm_mine")
        for account in (at.worlds[0].operator, at.worlds[0].owner):
            node.set_balance(account.address, 10**24)
        yield tuple(replace(world, transport=node) for world in at.worlds)


class Plain:
    """JSON-RPC by one connection and no library: what a node takes for itself."""

    def __init__(self, url: str) -> None:
        host = urlsplit(url)
        self._head = f"POST / HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Type: application/json\r\n"
        self._socket = socket.create_connection((host.hostname, host.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Plain:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def __call__(self, method: str, *params: Any) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        self._socket.sendall(f"{self._head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        head, _, answer = self._more().partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(answer) < length:
            answer += self._more()
        return json.loads(answer)

    def _more(self) -> bytes:
        return self._socket.recv(1 << 20)


def orders(world: World, first: int, count: int) -> list[StrikeOrder]:
    """Signed predictions, long and short in turn, that accept any amount."""
    made = []
    for nonce in range(first, first + count):
        signal = Signal.STRONG_LONG if nonce % 2 else Signal.STRONG_SHORT
        said = prediction(world.engine.address, nonce, signal=signal, valid_until=1 << 39)
        signature = sign_prediction(said, world.engine, 31337, world.diamond)
        made.append(StrikeOrder(said, signature, 0 if said.signal.is_long else ANY))
    return made


def calldata(order: StrikeOrder) -> bytes:
    """Of one strike."""
    return diamond_abi().encode_call(
        "executeStrike", order.prediction, order.signature, order.limit_amount
    )
