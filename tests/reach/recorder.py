"""A pytest plugin that records what of the contracts each test reaches.

It is between the tests and the in-process EVM, whichever of them uses it, and sees every call to
the diamond and its facets with the result. Contracts are known by their code, so that a mock
with a function of the same name counts for nothing.

    pytest -p tests.reach.recorder

uses the instrumented contracts and leaves .cache/reach/recorded/<process>.json. `make reach` does.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from typing import Any

import pyrevm
import pytest

from macrostrike.abi import Abi

from .evm import RoomyEvm, changed_block, use
from .instrument import CACHE, MARK, NO_REVERT
from .symbols import SYMBOLS, codes, instrumented_root

RECORDED = CACHE / "recorded"
_PADDING = 33  # zeros that revm leaves behind code
_REVERT = re.compile(r"^Revert \{ gas_used: \d+, output: 0x([0-9a-f]*) \}$")
_STATEMENT = (1 << 224) - 1
# What is asked of the real bytecode means nothing here: probes make it larger, and keep what the
# optimizer takes out.
OF_BYTECODE = (
    "test_every_contract_leaves_a_tenth_of_the_size_limit",
    "test_who_knows_how_to_transfer",
)


class Records:
    """By kind and symbol, the tests that reached it: how often done, how often refused."""

    def __init__(self) -> None:
        self.reached: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(
            lambda: defaultdict(lambda: [0, 0])
        )
        self.statements: set[int] = set()
        self._skipped = Abi(SYMBOLS.abi)

    def note(self, symbol: str | None, *, done: bool) -> None:
        if symbol is not None:
            test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
            self.reached[symbol][test.partition("[")[0]][not done] += 1

    def note_error(self, data: bytes) -> None:
        """The error, and those that it names: a pool may say what it was answered."""
        self.note(SYMBOLS.errors.get(data[:4]), done=True)
        for at in range(4, len(data), 32):
            if data[at + 4 : at + 32] == bytes(28):
                self.note(SYMBOLS.errors.get(data[at : at + 4]), done=True)

    def note_log(self, topics: list[bytes], data: bytes) -> None:
        self.note(SYMBOLS.events.get(topics[0]), done=True)
        event = self._skipped.decode_event(topics, data)
        if event is not None and event.name == "Skipped":
            self.note_error(event.args["reason"])


RECORDS = Records()


class RecordingEvm(RoomyEvm):
    """`pyrevm.EVM`, observed."""

    def __init__(self, env: Any = None, **options: Any) -> None:
        super().__init__(env, **options)
        self._names: dict[str, str] = {}
        self._logs: list[Any] = []

    @property
    def result(self) -> Any:
        return _Result(self._evm.result, self._logs)

    def message_call(self, caller: str, to: str, *args: Any, **options: Any) -> bytes:
        data = bytes(options.get("calldata", args[0] if args else b"") or b"")
        contract = self._contract(to)
        try:
            answer = bytes(self._evm.message_call(caller, to, *args, **options) or b"")
        except RuntimeError as failure:
            if contract is not None:
                self._note_refusal(contract, data, str(failure))
                self._again(lambda: self._evm.message_call(caller, to, *args, **options))
            raise
        self._note_logs()
        if contract is not None:
            RECORDS.note(SYMBOLS.function(contract, data[:4]), done=True)
        return answer

    def deploy(self, deployer: str, code: bytes, *args: Any, **options: Any) -> str:
        is_diamond = bytes(code).startswith(codes().diamond)
        try:
            created = str(self._evm.deploy(deployer, code, *args, **options))
        except RuntimeError as failure:
            if is_diamond:
                self._note_refusal("MacroStrikeDiamond", b"", str(failure))
            self._again(lambda: self._evm.deploy(deployer, code, *args, **options))
            raise
        self._note_logs()
        if is_diamond:
            RECORDS.note(SYMBOLS.constructor, done=True)
        return created

    def _contract(self, address: str) -> str | None:
        """The name of our contract there, if it is one."""
        known = self._names.get(address)
        if known is None:
            code = (self._evm.get_code(address) or b"")[:-_PADDING]
            known = codes().name_of(bytes(code))
            if known is not None:
                self._names[address] = known
        return known

    def _note_refusal(self, contract: str, data: bytes, failure: str) -> None:
        RECORDS.note(SYMBOLS.function(contract, data[:4]), done=False)
        if reverted := _REVERT.match(failure):
            RECORDS.note_error(bytes.fromhex(reverted[1]))

    def _note_logs(self) -> None:
        """Takes the probes' logs out of those of the last call, and notes the others."""
        self._logs = []
        for log in self._evm.result.logs:
            topics = [bytes.fromhex(topic[2:]) for topic in log.topics]
            number = int.from_bytes(topics[0], "big") if topics else 0
            if len(topics) == 1 and number & ~_STATEMENT == MARK:
                RECORDS.statements.add(number & _STATEMENT)
                continue
            self._logs.append(log)
            if topics and self._contract(log.address) is not None:
                RECORDS.note_log(topics, log.data[1])

    def _again(self, call: Any) -> None:
        """The same call, in which what reverts only ends: for its statements alone."""
        kept, checkpoint = self._logs, self._evm.snapshot()
        self._evm.reset_transient_storage()
        self._evm.set_block_env(changed_block(self._block, coinbase=NO_REVERT))
        try:
            call()
            for log in self._evm.result.logs:
                number = int(log.topics[0], 16) if len(log.topics) == 1 else 0
                if number & ~_STATEMENT == MARK:
                    RECORDS.statements.add(number & _STATEMENT)
        except RuntimeError:
            pass  # reverted by what has no probe: a panic, or a contract of others
        self._evm.revert(checkpoint)
        self._evm.set_block_env(self._block or pyrevm.BlockEnv())
        self._logs = kept


class _Result:
    """A result whose logs are those that the contracts meant."""

    def __init__(self, result: Any, logs: list[Any]) -> None:
        self._result, self.logs = result, logs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._result, name)


def pytest_configure(config: pytest.Config) -> None:
    use(RecordingEvm, instrumented_root())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.name.startswith(OF_BYTECODE):
            item.add_marker(pytest.mark.skip("asked of the real bytecode"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not RECORDS.reached:
        return  # the process that only hands out the tests
    RECORDED.mkdir(parents=True, exist_ok=True)
    content = {"reached": RECORDS.reached, "statements": sorted(RECORDS.statements)}
    (RECORDED / f"{os.getpid()}.json").write_text(json.dumps(content))
