"""What the client's tests share."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from eth_account import Account
from eth_account.signers.local import LocalAccount

from macrostrike import MacroStrike, Prediction, Signal
from macrostrike.abi import Abi, artifact
from macrostrike.chain import Receipt, Transport
from macrostrike.deploy.target import load_target
from macrostrike.testing import World
from macrostrike.types import ZERO_ADDRESS, FacetCut, FacetCutAction

from ..predictions import prediction_now

ROOT = Path(__file__).parents[2]
STRANGER: LocalAccount = Account.from_key("0x" + "5e" * 32)


def client_of(world: World, signer: LocalAccount | None = None) -> MacroStrike:
    """The operator's client, or another's."""
    signer = signer or world.operator
    world.transport.set_balance(signer.address, 10**20)
    return MacroStrike(world.transport, world.diamond, signer)


def owner_does(world: World, function: str, *args: object) -> Receipt:
    return client_of(world, world.owner).transact(function, *args)


def prediction_of(world: World, **changes: Any) -> Prediction:
    """A prediction that every gate lets pass, except for `changes`."""
    nonce = client_of(world).next_nonce(world.engine.address)
    usual = {"signal": Signal.STRONG_LONG, "confidence_bps": 9300}
    return prediction_now(world, nonce, **usual | changes)


def unchecked(prediction: Prediction, **changes: Any) -> Prediction:
    """The prediction with values that the client would not let anyone make."""
    copy = object.__new__(Prediction)
    for field in dataclasses.fields(Prediction):
        value = changes.get(field.name, getattr(prediction, field.name))
        object.__setattr__(copy, field.name, value)
    return copy


def books_of(world: World) -> tuple[object, ...]:
    """What only a strike, a settlement or the owner changes."""
    client = client_of(world)
    engine = client.engine(world.engine.address)
    return client.stats(), client.bots(), client.treasury(), engine


def state_of(world: World) -> tuple[object, ...]:
    """All that a refusal before sending leaves as it was."""
    client = client_of(world)
    return (
        *books_of(world),
        client.markets(),
        client.operator(world.operator.address),
        world.transport.nonce(world.operator.address),
        world.transport.block_number(),
    )


def bare_diamond(chain: Transport, owner: LocalAccount) -> str:
    """A diamond with all its facets, and nothing set up."""
    export = Abi(artifact("IFacet").abi)
    cuts = []
    for name in load_target("local").facets:
        facet = str(chain.send(owner, None, artifact(name).bytecode).contract_address)
        answer = chain.call(facet, export.encode_call("exportSelectors"))
        packed = export.decode_result("exportSelectors", answer)
        selectors = tuple(packed[i : i + 4] for i in range(0, len(packed), 4))
        cuts.append(FacetCut(facet, FacetCutAction.ADD, selectors))
    diamond = artifact("MacroStrikeDiamond")
    arguments = Abi(diamond.abi).encode_constructor(cuts, owner.address, ZERO_ADDRESS, b"")
    return str(chain.send(owner, None, diamond.bytecode + arguments).contract_address)


Answer = Callable[[dict[str, Any]], bytes | None]
"""What to say to a JSON-RPC request; None to let the real node answer."""


@contextmanager
def strange_node(answer: Answer, node: str = "", status: int = 200) -> Iterator[str]:
    """An HTTP server that answers in place of a node, where it wants to."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = json.loads(body)
            reply = None if isinstance(asked, list) else answer(asked)
            if reply is None:
                forwarded = Request(node, body, {"Content-Type": "application/json"})
                with urlopen(forwarded) as response:
                    reply = response.read()
            self.send_response(status)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            """Not on the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def rpc_error(code: int, message: str, data: str | None = None) -> bytes:
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return json.dumps({"jsonrpc": "2.0", "id": 0, "error": error}).encode()
