"""What is paid for data on the chain below, by the real oracle of the OP stack."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from macrostrike.arbitrage import GasOverProfit
from macrostrike.chain import RevmTransport, RpcTransport
from macrostrike.chain._data_fee import GAS_PRICE_ORACLE, NODE_INTERFACE, l1_fees, unsigned
from macrostrike.chain.chains import GWEI, spec_of
from macrostrike.client import MacroStrike
from macrostrike.client._each import _calls
from macrostrike.client._samples import arbitrage_data, strike_data
from macrostrike.errors import NodeError
from macrostrike.executor import Executor, FeeAboveCeiling
from macrostrike.executor._fees import Fees, within
from macrostrike.executor._many import _fees
from macrostrike.journal import Journal
from macrostrike.testing._local import known_account
from tests.faults import Exchange, FaultProxy, Reply

from ..evm import put_code
from ..predictions import prediction

REAL = json.loads(Path(__file__).with_name("op_stack.json").read_text(encoding="utf-8"))
L1_BLOCK = "0x4200000000000000000000000000000000000015"
DIAMOND = "0x" + "d1" * 20
OPERATOR = known_account("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
OPTIMISM, ARBITRUM, ETHEREUM = 10, 42161, 1
BASE_FEE, BLOB_FEE, BASE_SCALAR, BLOB_SCALAR = 31 * GWEI, 7 * GWEI, 5_227, 1_014_213


@dataclass
class Depositor:
    """Who sets the oracle's values on every chain of the stack."""

    address: str = "0xDeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001"


def sent(chain: RevmTransport, to: str, function: str, *words: bytes) -> None:
    chain.send(Depositor(), to, keccak(text=function)[:4] + b"".join(words))  # type: ignore[arg-type]


@pytest.fixture
def optimism() -> RevmTransport:
    """A chain after Ecotone, with the bytecode that npm has of both contracts."""
    chain = RevmTransport(chain_id=OPTIMISM)
    for name, address in (("GasPriceOracle", GAS_PRICE_ORACLE), ("L1Block", L1_BLOCK)):
        code = bytes.fromhex(REAL["contracts"][name][2:])
        put_code(chain, address, code)
    values = BASE_SCALAR.to_bytes(4, "big") + BLOB_SCALAR.to_bytes(4, "big") + bytes(24)
    words = [value.to_bytes(32, "big") for value in (BASE_FEE, BLOB_FEE, 0, 0)]
    sent(chain, L1_BLOCK, "setL1BlockValuesEcotone()", values, *words)
    sent(chain, GAS_PRICE_ORACLE, "setEcotone()")
    return chain


def raw(chain: RevmTransport, transaction: bytes) -> int:
    """`getL1Fee` as by hand."""
    padded = transaction + bytes(-len(transaction) % 32)
    words = (32).to_bytes(32, "big") + len(transaction).to_bytes(32, "big")
    answer = chain.call(GAS_PRICE_ORACLE, keccak(text="getL1Fee(bytes)")[:4] + words + padded)
    return int.from_bytes(answer, "big")


def test_the_fee_is_the_oracles_to_the_wei(optimism: RevmTransport) -> None:
    transaction = unsigned(OPTIMISM, DIAMOND, strike_data())
    gas = sum(4 if byte == 0 else 16 for byte in transaction) + 68 * 16
    ecotone = gas * (BASE_SCALAR * 16 * BASE_FEE + BLOB_SCALAR * BLOB_FEE) // (16 * 10**6)
    cost = optimism.data_cost(DIAMOND, strike_data())
    assert (cost.fee, cost.gas) == (ecotone, 0)

    sent(optimism, GAS_PRICE_ORACLE, "setFjord()")
    fjord = optimism.data_cost(DIAMOND, strike_data())
    assert fjord.fee == raw(optimism, transaction) != ecotone
    assert fjord.wei(gas_price=5) == fjord.fee
    # Of what is small, the smallest size: 100 bytes.
    smallest = 100 * (BASE_SCALAR * 16 * BASE_FEE + BLOB_SCALAR * BLOB_FEE) // 10**6
    assert l1_fees(optimism, [b"\x02"]) == [raw(optimism, b"\x02")] == [smallest]
    for data in (arbitrage_data(2), arbitrage_data(3), bytes(1_000), b""):
        assert optimism.data_cost(DIAMOND, data).fee == raw(
            optimism, unsigned(OPTIMISM, DIAMOND, data)
        )


def test_several_are_asked_about_at_once_each_with_its_own_answer(optimism: RevmTransport) -> None:
    several = [strike_data(), bytes(1_000), b"", arbitrage_data(3)]
    assert optimism.data_costs(DIAMOND, several) == [
        optimism.data_cost(DIAMOND, each) for each in several
    ]
    assert optimism.data_costs(DIAMOND, []) == []


def test_strikes_that_are_sent_together_ask_once_for_all(
    optimism: RevmTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [((prediction(OPERATOR.address, nonce), bytes(65)), 0) for nonce in (1, 2, 3)]
    asked: list[int] = []
    call_many = optimism.call_many

    def counted(calls: Any) -> list[bytes]:
        asked.append(len(calls))
        return call_many(calls)

    monkeypatch.setattr(optimism, "call_many", counted)
    with Journal.open("sqlite://") as journal, Executor(optimism, OPERATOR, journal) as executor:
        calls = list(_calls(MacroStrike(optimism, DIAMOND, sender=executor), orders))
        monkeypatch.setattr(optimism, "call", None)  # nothing else is asked
        fees = _fees(executor, calls)
    assert asked == [3]
    assert len(fees) == 3
    assert all(each.data_cost and each.data_cost.fee > 0 for each in calls)


def test_more_hops_cost_more_and_a_creation_has_no_receiver(optimism: RevmTransport) -> None:
    two, three = (optimism.data_cost(DIAMOND, arbitrage_data(hops)).fee for hops in (2, 3))
    assert two < three
    assert optimism.data_cost(None, bytes(10)).fee < optimism.data_cost(DIAMOND, bytes(10)).fee


def test_a_chain_without_its_own_contracts_is_refused() -> None:
    with pytest.raises(NodeError, match=f"chain 10 has no contract at {GAS_PRICE_ORACLE}"):
        RevmTransport(chain_id=OPTIMISM).data_cost(DIAMOND, b"")
    assert RevmTransport(chain_id=ETHEREUM).data_cost(DIAMOND, b"").wei(10**9) == 0


def test_arbitrum_counts_its_data_in_gas(node: Any) -> None:
    def answers(exchange: Exchange) -> Reply | None:
        if exchange.method == "eth_chainId":
            return exchange.answer(result=hex(ARBITRUM))
        if exchange.method == "eth_call":
            [call, _] = exchange.request["params"]
            assert call["to"] == NODE_INTERFACE
            assert call["data"].startswith("0x77d488a2")
            words = (4_321, 10**8, 30 * GWEI)
            return exchange.answer(result="0x" + "".join(f"{word:064x}" for word in words))
        return None

    with FaultProxy(node.url) as proxy:
        proxy.rules.append(answers)
        cost = RpcTransport(proxy.url).data_cost(DIAMOND, strike_data())
    assert (cost.fee, cost.gas) == (0, 4_321)
    assert cost.wei(gas_price=10) == 43_210


def test_the_ceiling_is_for_gas_and_data_together() -> None:
    fees = Fees(max_fee=21, priority=1)  # the next block wants 11
    assert within(fees, 30, beside=9) == fees
    assert within(fees, 25, beside=9) == Fees(max_fee=16, priority=1)
    with pytest.raises(FeeAboveCeiling) as refused:
        within(fees, 19, beside=9)
    assert (refused.value.needed, refused.value.ceiling) == (20, 19)


def test_a_find_that_does_not_pay_its_data_says_so() -> None:
    assert "its data 7 wei" in str(GasOverProfit(10, 2, 25, 7))


@pytest.mark.parametrize(
    ("chain_id", "confirmations", "finality"),
    [(1, 2, "finalized"), (8453, 1, "finalized"), (31337, 1, "latest"), (987_654, 2, "finalized")],
)
def test_each_chain_has_its_own_depth(chain_id: int, confirmations: int, finality: str) -> None:
    spec = spec_of(chain_id)
    assert (spec.confirmations, spec.finality) == (confirmations, finality)
