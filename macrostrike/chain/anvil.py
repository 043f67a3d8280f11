"""A local node of one's own: anvil, started, used, and ended."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from macrostrike.chain._relay import relay
from macrostrike.chain.rpc import RpcTransport
from macrostrike.chain.transport import Signer
from macrostrike.errors import AnvilMissing, NodeError, NodeUnavailable
from macrostrike.errors.redaction import without_secrets

_NODE_MODULES = Path(__file__).parents[2] / "node_modules" / "@foundry-rs"
_STARTS_WITHIN = 30.0  # seconds
_FORKS_WITHIN = 180.0  # a provider may take its time with the blocks that a fork begins with
_ADVANCE_GAS = 5_000_000
_POOL_WITHIN = 0.5  # seconds: what is not mined by itself stays


class AnvilTransport(RpcTransport):
    """An anvil node's chain. See `LocalTransport`.

    `block_time` None leaves the node's clock as its owner has set it: by default that of the
    machine. Blocks may be of the same second then.
    """

    def __init__(
        self,
        url: str,
        *,
        chain_id: int | None = None,
        timeout: float = 30.0,
        block_time: int | None = 12,
    ) -> None:
        # One block a transaction: a fork of a chain that needs more would wait for ever.
        super().__init__(url, chain_id=chain_id, timeout=timeout, confirmations=1)
        self.sets_time = block_time is not None
        self._block_time = 0
        if block_time is not None:
            self.block_time = block_time

    @property
    def block_time(self) -> int:
        return self._block_time

    @block_time.setter
    def block_time(self, seconds: int) -> None:
        self.request("anvil_setBlockTimestampInterval", seconds)
        self._block_time, self.sets_time = seconds, True

    def mine(self, seconds: int | None = None) -> None:
        if seconds is not None:
            self.request("evm_setNextBlockTimestamp", self.timestamp() + seconds)
        self.request("evm_mine")

    def advance(self, signer: Signer, to: str, data: bytes, *, seconds: int) -> None:
        self.request("evm_setNextBlockTimestamp", self.timestamp() + seconds)
        self.send(signer, to, data, gas=_ADVANCE_GAS)

    def snapshot(self) -> int:
        return int(self.request("evm_snapshot"), 16)

    def revert(self, snapshot: int) -> None:
        self._await_pool()
        # Anvil answers false to an id that it never gave, and with an error to one that is spent.
        try:
            done = self.request("evm_revert", hex(snapshot))
        except NodeError:
            done = False
        self._next_nonces.clear()
        if not done:
            raise ValueError(f"no snapshot {snapshot}: it was never taken, or is spent")

    def _await_pool(self) -> None:
        """Anvil takes what it mined out of its pool a moment after the receipt. What is sent after
        going back, with the same nonce, would be taken out with it, and never be mined.
        """
        deadline = time.monotonic() + _POOL_WITHIN
        while int(self.request("txpool_status")["pending"], 16) and time.monotonic() < deadline:
            time.sleep(0.001)

    def set_storage(self, address: str, slot: int, word: bytes) -> None:
        self.request("anvil_setStorageAt", address, f"0x{slot:064x}", "0x" + word.hex())

    def set_balance(self, address: str, wei: int) -> None:
        self.request("anvil_setBalance", address, hex(wei))


@contextmanager
def start_anvil(*options: str, fork_url: str | None = None) -> Iterator[str]:
    """Runs anvil on a free port and yields its URL; ends it, however the block is left.

    `options` are anvil's own. Of a `fork_url` nothing is shown, be it by anvil or in the list of
    processes. Raises `AnvilMissing`, and `NodeUnavailable` when it doesn't come up.
    """
    with ExitStack() as stack:
        if fork_url is not None:
            options = ("--fork-url", stack.enter_context(relay(fork_url)), *options)
        stack.enter_context(_ended_in_order())
        within = _FORKS_WITHIN if "--fork-url" in options else _STARTS_WITHIN
        yield stack.enter_context(_running(options, within, secret=fork_url or ""))


@contextmanager
def _running(options: Sequence[str], within: float, secret: str) -> Iterator[str]:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(find_anvil()), "--port", str(port), "--silent", *options]
    # Not a pipe: one that is not read is full some time.
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        try:
            _await_start(process, url, within, lambda: _words(said, secret))
            yield url
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Ends this process by an exception on a signal, so that what it started ends first."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    untouched = [each for each in numbers if signal.getsignal(each) is signal.SIG_DFL]
    for number in untouched:
        signal.signal(number, _exit)
    try:
        yield
    finally:
        for number in untouched:
            signal.signal(number, signal.SIG_DFL)


def _exit(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def find_anvil() -> Path:
    """The anvil on PATH, or the project's own. Raises `AnvilMissing`."""
    if found := shutil.which("anvil"):
        return Path(found)
    own: Sequence[Path] = sorted(_NODE_MODULES.glob("anvil-*/bin/anvil"))
    if not own:
        raise AnvilMissing(str(_NODE_MODULES))
    return own[0]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_start(
    process: subprocess.Popen[bytes], url: str, within: float, said: Callable[[], str]
) -> None:
    deadline = time.monotonic() + within
    while process.poll() is None:
        try:
            RpcTransport(url, timeout=2.0, patience=0.0)
        except (NodeUnavailable, NodeError):
            if time.monotonic() > deadline:
                late = f"anvil did not come up within {within:g} s. {said()}".strip()
                raise NodeUnavailable(url, late) from None
            time.sleep(0.05)
        else:
            return
    reason = f"anvil ended at once with code {process.returncode}: {said()}"
    raise NodeUnavailable(url, reason)


def _words(said: IO[bytes], secret: str) -> str:
    """What anvil said, as it passes on what its node said, which may be the key."""
    said.seek(0)
    return without_secrets(" ".join(said.read().decode(errors="replace").split()), secret)
