"""Many predictions of one engine at once, in any order, one far ahead: none is lost.

The chain is a model of its own here: a nonce that is 128 behind the highest counts as used.
"""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from macrostrike.chain import DataCost, Fees, Outcome, Purpose, Receipt, Terms
from macrostrike.client import MacroStrike
from macrostrike.errors import NonceUsed
from macrostrike.executor import Executor, NonceJump, Settings
from macrostrike.journal import Decision, Journal
from macrostrike.loop._desk import Desk
from macrostrike.types import Prediction

from ..predictions import prediction

KEY = Account.from_key("0x" + "a1" * 32)
ENGINE = Account.from_key("0x" + "e1" * 32).address
WINDOW = 128


class Chain:
    """Mines whatever it is given, at once."""

    chain_id = 1
    confirmations, first_look = 1, 0.001

    def __init__(self) -> None:
        self.receipts: dict[bytes, Receipt] = {}

    def nonce(self, address: str, **_: object) -> int:
        return len(self.receipts)

    def terms(self, *_: object, gas: int, **__: object) -> Terms:
        return Terms(gas, self.fees())

    def fees(self) -> Fees:
        return Fees(2, 1)

    def data_cost(self, *_: object) -> DataCost:
        return DataCost()

    def timestamp(self, *, pending: bool = False) -> int:
        return 1_000

    def broadcast_and_wait(self, signed: bytes) -> Outcome | None:
        named = keccak(signed)
        self.receipts[named] = Receipt(named, 1, 1_000, 1, (), None, block_hash=bytes(32))
        return None

    def receipt(self, named: bytes) -> Receipt | None:
        return self.receipts.get(named)


class Client:
    """Strikes as the diamond does, as far as nonces are concerned."""

    diamond = KEY.address

    def __init__(self, chain: Chain, executor: Executor) -> None:
        self.transport, self.sender = chain, executor
        self.struck: list[int] = []

    def strike(self, prediction: Prediction, _: bytes) -> Any:
        nonce, highest = prediction.nonce, max(self.struck, default=0)
        if nonce in self.struck or nonce + WINDOW <= highest:
            raise NonceUsed(ENGINE, nonce)
        purpose = Purpose("executeStrike", keccak(b"%d" % nonce), ENGINE, nonce)
        self.sender.submit(KEY.address, b"", gas=21_000, purpose=purpose).wait()
        self.struck.append(nonce)
        return SimpleNamespace(strike_id=nonce, mined=SimpleNamespace(timestamp=1_000))


def record(journal: Journal, nonce: int) -> None:
    said = prediction(ENGINE, nonce)
    journal.record_prediction(said, keccak(b"%d" % nonce), b"", source="engine")


def executor_of(chain: Chain, journal: Journal) -> Executor:
    settings = Settings(max_per_second=None)
    return Executor(cast(Any, chain), KEY, journal, settings)


def test_three_hundred_at_once_and_one_a_thousand_ahead() -> None:
    nonces = [*range(1, 301), 1_300]
    random.Random(12).shuffle(nonces)
    with Journal.open("sqlite://") as journal:
        chain = Chain()
        client = Client(chain, executor_of(chain, journal))
        for nonce in nonces:
            record(journal, nonce)
        desk = Desk(cast(MacroStrike, client), journal)
        decided = [each.row.decision for each in desk.run(None)]
        assert decided == [Decision.STRUCK] * 301
        assert client.struck == sorted(nonces)
        assert len(chain.receipts) == 301


def test_a_jump_is_refused_before_anything_is_written() -> None:
    with Journal.open("sqlite://") as journal:
        chain = Chain()
        executor = executor_of(chain, journal)
        record(journal, 5)

        def submit(nonce: int) -> object:
            purpose = Purpose("executeStrike", None, ENGINE, nonce)
            return executor.submit(KEY.address, b"", gas=21_000, purpose=purpose).wait()

        with pytest.raises(NonceJump) as refused:
            submit(5 + WINDOW)
        assert (refused.value.nonce, refused.value.waiting) == (133, 5)
        assert journal.intents() == []
        assert chain.receipts == {}
        assert submit(5 + WINDOW - 1)
        journal.decide(keccak(b"5"), Decision.STRUCK)
        assert submit(5 + WINDOW)
