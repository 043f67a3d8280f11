"""What is stuck, and why: transactions, predictions, roles, oracles, clocks.

Reads the journal, the chain and the node, and sends nothing. What one safe act resolves is marked:
that act is `Executor.recover`, behind a `Journal.sync`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from macrostrike.chain import BoundContract
from macrostrike.chain.signed import read_signed
from macrostrike.client import MacroStrike
from macrostrike.errors import ContractError, Reverted
from macrostrike.executor import LIVE
from macrostrike.journal import Decision, IntentRow, IntentState, Journal
from macrostrike.types import ZERO_ADDRESS, Market

_CLOCK_SECONDS = 60  # that this machine's clock may differ from the chain's
_RESERVE_TRANSACTIONS = 20  # that an operator's ether should last for
_STRIKE_GAS = 250_000


class Stuck(str, Enum):
    """The kinds of findings."""

    UNKNOWN = "unknown outcome"
    GAP = "gap"
    FOREIGN = "foreign nonce"
    UNDERPRICED = "underpriced"
    EXPIRED = "expired"
    REORGED = "reorganised"
    BUDGET = "budget"
    ETHER = "ether"
    ROLE = "role"
    HALTED = "halted"
    PAUSED = "paused"
    ORACLE = "oracle"
    CARDINALITY = "cardinality"
    CLOCK = "clock"

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is stuck.

    subject: what: a transaction, an operator, a market. why: the facts, with their values.
    remedy: what to do. is_resolved_by_recovery: whether `ape run doctor --act` does it.
    """

    kind: Stuck
    subject: str
    why: str
    remedy: str
    is_resolved_by_recovery: bool = False


def examine(
    client: MacroStrike, journal: Journal, operators: Sequence[str], *, now: float | None = None
) -> list[Finding]:
    """Everything that is stuck now, of these operators and of the diamond.

    now: this machine's clock, Unix seconds. Raises what client and journal raise.
    """
    chain_time = client.transport.timestamp()
    clock = time.time() if now is None else now
    found = [*_of_clock(clock, chain_time), *_of_blocks(client, journal)]
    for operator in operators:
        found += _of_transactions(client, journal, operator)
        found += _of_operator(client, operator, chain_time)
    return [
        *found,
        *_of_predictions(journal, chain_time),
        *_of_breakers(client),
        *_of_oracles(client),
    ]


def _of_clock(clock: float, chain_time: int) -> Iterator[Finding]:
    ahead = clock - chain_time
    if abs(ahead) > _CLOCK_SECONDS:
        yield Finding(
            Stuck.CLOCK,
            "this machine",
            f"its clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the chain's",
            "set it by NTP, or look whether the node is in sync: predictions are valid by the "
            "chain's clock",
        )


def _of_blocks(client: MacroStrike, journal: Journal) -> Iterator[Finding]:
    known = journal.blocks()
    if not known or known[-1].number > client.transport.block_number():
        return
    if client.transport.block(known[-1].number).hash != known[-1].hash:
        yield Finding(
            Stuck.REORGED,
            f"block {known[-1].number}",
            "the chain has another block in its place",
            "sync the journal, which takes back what was replaced",
            is_resolved_by_recovery=True,
        )


def _of_transactions(client: MacroStrike, journal: Journal, operator: str) -> Iterator[Finding]:
    live = journal.intents(*LIVE, account=operator)
    base_fee = _base_fee(client)
    for intent in live:
        named = f"0x{intent.hash.hex()}"
        subject = f"{intent.action} with nonce {intent.account_nonce}, {named}"
        if intent.state in (IntentState.UNKNOWN, IntentState.PREPARED):
            yield Finding(
                Stuck.UNKNOWN,
                subject,
                intent.error or "it was written, and no answer to its broadcast is known",
                "look for its receipt, and send the same bytes again where there is none",
                is_resolved_by_recovery=True,
            )
        elif (offered := read_signed(intent.signed).fees.max_fee) < base_fee:
            yield Finding(
                Stuck.UNDERPRICED,
                subject,
                f"it offers {offered} wei for a unit of gas, and a block asks for {base_fee}",
                "send it again with higher fees, within the ceiling",
                is_resolved_by_recovery=True,
            )
    yield from _of_nonces(client, journal, operator, live)


def _of_nonces(
    client: MacroStrike, journal: Journal, operator: str, live: Sequence[IntentRow]
) -> Iterator[Finding]:
    pool = client.transport.nonce(operator)
    nonces = {intent.account_nonce for intent in live}
    missing = sorted(set(range(pool, max(nonces, default=0))) - nonces)
    if missing:
        yield Finding(
            Stuck.GAP,
            f"operator {operator}",
            f"nothing has nonce {', '.join(map(str, missing))}, and later ones wait for it",
            "use the nonces up with transactions that do nothing",
            is_resolved_by_recovery=True,
        )
    everything = journal.intents(account=operator)
    ours = {each.account_nonce for each in everything if each.state is not IntentState.FOREIGN}
    mined = client.transport.nonce(operator, pending=False)
    first = min(ours, default=mined)
    foreign = sorted(set(range(first, mined)) - ours)
    if foreign:
        yield Finding(
            Stuck.FOREIGN,
            f"operator {operator}",
            f"transactions with nonce {', '.join(map(str, foreign[:10]))} are not in the journal",
            "find what else uses the key; where nothing should, revoke the operator as a guardian",
        )


def _of_operator(client: MacroStrike, operator: str, chain_time: int) -> Iterator[Finding]:
    grant = client.operator(operator)
    subject = f"operator {operator}"
    if grant.valid_until < chain_time:
        yield Finding(
            Stuck.ROLE,
            subject,
            f"its role ended at {grant.valid_until}, and it is {chain_time}",
            "the owner grants it again",
        )
    elif not grant.available:
        yield Finding(
            Stuck.BUDGET,
            subject,
            f"nothing is left of its budget of {grant.daily_budget} book units a day",
            "wait, as it fills up again over a day, or have the owner raise it",
        )
    balance, price = client.transport.balance(operator), client.transport.gas_price()
    strike = client.strike_cost(gas=_STRIKE_GAS, gas_price=price)
    if balance < (needed := _RESERVE_TRANSACTIONS * strike):
        yield Finding(
            Stuck.ETHER,
            subject,
            f"it has {balance} wei; {_RESERVE_TRANSACTIONS} strikes cost {needed} at {price} a gas",
            "send it ether",
        )


def _of_predictions(journal: Journal, chain_time: int) -> Iterator[Finding]:
    for row in journal.predictions(decision=Decision.PENDING):
        if row.valid_until < chain_time:
            yield Finding(
                Stuck.EXPIRED,
                f"prediction {row.seq} of {row.engine}, nonce {row.engine_nonce}",
                f"it was valid until {row.valid_until}, and it is {chain_time}",
                "nothing: a running loop decides it as expired; start one if none runs",
            )


def _of_breakers(client: MacroStrike) -> Iterator[Finding]:
    stats = client.stats()
    if stats.halted:
        yield Finding(
            Stuck.HALTED,
            "the diamond",
            f"a breaker has halted it, at equity {stats.equity} of {stats.high_water} raw quote "
            f"units and {stats.recent_wins} recent wins",
            "find out why it lost; then the owner resumes",
        )
    if client.is_paused():
        yield Finding(Stuck.PAUSED, "the diamond", "it is paused", "the owner unpauses")


def _of_oracles(client: MacroStrike) -> Iterator[Finding]:
    for number, market in enumerate(client.markets()):
        if not market.enabled:
            continue
        try:
            client.call("getOracleQuote", number, 10**18)
        except ContractError as failure:
            short = _cardinality(client, market)
            yield Finding(
                Stuck.ORACLE if short is None else Stuck.CARDINALITY,
                f"market {number}",
                str(failure) if short is None else short,
                "wait for the feed, or for trades in the pool"
                if short is None
                else "increase the pool's observation cardinality, and wait for trades",
            )


def _cardinality(client: MacroStrike, market: Market) -> str | None:
    """Why a pool can't give its mean price over the market's window; None where it can."""
    if market.feed != ZERO_ADDRESS:
        return None
    pool = BoundContract.of(client.transport, market.pool, "IUniswapV3Pool")
    window = market.rules.oracle_window
    try:
        pool.call("observe", [window, 0])
    except Reverted:
        _, _, _, cardinality, *_ = pool.call("slot0")
        return f"the pool keeps {cardinality} observations, too few for {window} s"
    return None


def _base_fee(client: MacroStrike) -> int:
    fees = client.transport.fees()
    # The maximum is twice the base fee and the tip.
    return fees.max_fee if fees.priority is None else (fees.max_fee - fees.priority) // 2
