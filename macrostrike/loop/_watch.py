"""Watches a diamond's pools, and takes what they leave."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from macrostrike.arbitrage import VENUES, emitters, pool_key, read_pools
from macrostrike.arbitrage._errors import GasOverProfit
from macrostrike.arbitrage._find import Find
from macrostrike.arbitrage.pools._pool import Pool
from macrostrike.chain.heads import News
from macrostrike.chain.transport import Block
from macrostrike.errors import (
    ActionNotAllowed,
    ChainError,
    ConfidenceTooLow,
    ContractError,
    EnforcedPause,
    NotOperator,
    NotProfitable,
)
from macrostrike.loop._quarantine import Quarantine, Quarantined
from macrostrike.types import (
    ZERO_ADDRESS,
    ArbitrageExecuted,
    ArbitrageMissed,
    ArbitrageQuote,
)
from macrostrike.types import Pool as Registered

if TYPE_CHECKING:
    from macrostrike.client import MacroStrike

# What the diamond's owner does that may make another verdict of the same find.
_SETTINGS = frozenset(
    {
        "AMMCapSet",
        "AMMFunded",
        "OperatorSet",
        "PoolRegistered",
        "PoolUnregistered",
        "Resumed",
        "ThresholdSet",
        "Unpaused",
    }
)
_OF_THE_OPERATOR = (
    ActionNotAllowed,
    ConfidenceTooLow,
    EnforcedPause,
    NotOperator,
)
_MAX_SEARCHES = 8  # in one look, each without what was refused before
_BEHIND_LOOKS = 5  # in a row, in which a shorter chain is treated as a node that is behind
_SILENT_SECONDS = 15.0  # after which it looks though the node has said nothing
_MAX_BLOCKS = 500  # of events at once: behind by more, all is read anew


@dataclass(frozen=True, slots=True)
class Seen:
    """A find and its outcome.

    quoted: by the chain's own trial; None where that was refused.
    done: None unless it was executed.
    refused: why it was not: before it was sent, or as a miss that the chain has scored.
    """

    block_number: int
    find: Find
    quoted: ArbitrageQuote | None = None
    done: ArbitrageExecuted | None = None
    refused: ContractError | GasOverProfit | None = None


class Watch:
    """Looks at the pools whenever their events say that something has changed.

    What the chain refuses is left out, and the search goes on without it in the same look, so that
    one pool that always fails hides no other. Pools that keep failing are quarantined.

    confidence_bps: the operator's probability that what is quoted is also executed: the chain
        scores it, misses included.
    min_profit_wei: what a find has to earn more than, net of gas.
    base_token, prices: as of `MacroStrike.search`.
    dry_run: quotes what is found, and sends nothing.
    """

    def __init__(
        self,
        client: MacroStrike,
        *,
        confidence_bps: int,
        min_profit_wei: int = 0,
        base_token: str | None = None,
        prices: Mapping[str, float] | None = None,
        dry_run: bool = False,
    ) -> None:
        self._client = client
        self._confidence_bps = confidence_bps
        self._min_profit_wei = min_profit_wei
        self._base_token, self._prices = base_token, prices
        self._dry_run = dry_run
        self._registered: dict[str, list[Registered]] = {}  # several pairs of one pool's tokens
        self._emitters: frozenset[str] = frozenset()
        self._pools: dict[str, Pool] = {}
        self._wrapped_native = ZERO_ADDRESS
        self._head: Block | None = None
        self._behind = 0
        self._gas_price: int | None = None
        # What was reported already, until one of its pools changes.
        self._reported: dict[tuple[int, ...], Seen] = {}
        self._quarantine = Quarantine()

    @property
    def pools(self) -> int:
        """How many pools are watched."""
        return len(self._pools)

    def run(
        self, stop: threading.Event, every: float = 1.0
    ) -> Iterator[Seen | Quarantined | ChainError]:
        """All that is seen until it is to `stop`, looking `every` so many seconds, or when the node
        tells of a block.

        A node that fails is reported, and asked again.
        """
        news = News(self._client.transport)
        while not stop.is_set():
            try:
                yield from self.look()
            except ChainError as failure:
                yield failure
            news.pause(stop, every, _SILENT_SECONDS)

    def look(self) -> Iterator[Seen | Quarantined]:
        """What there is now and was not reported yet. Raises `ChainError`."""
        if not self._update():
            return
        for _ in range(_MAX_SEARCHES):
            refused = False
            for find in self._search():
                if find.pools in self._reported:
                    continue
                seen = self._take(find)
                self._reported[find.pools] = seen
                yield seen
                if isinstance(seen.refused, _OF_THE_OPERATOR):
                    return  # whatever is found now would be refused
                refused |= seen.refused is not None
                yield from self._judge(seen)
            if not refused:
                return

    def _search(self) -> list[Find]:
        """Without what was refused in this state, and without pools in quarantine."""
        assert self._head is not None, "it is searched after an update"
        barred = self._quarantine.pools(self._head.number)
        ids = {key: {each.id for each in pools} for key, pools in self._registered.items()}
        return self._client.search(
            min_profit_wei=self._min_profit_wei,
            base_token=self._base_token,
            prices=self._prices,
            pools=[pool for key, pool in self._pools.items() if not ids.get(key, set()) & barred],
            without=[seen.find for seen in self._reported.values() if seen.refused],
        )

    def _judge(self, seen: Seen) -> Iterator[Quarantined]:
        """Counts for and against the find's pools."""
        if seen.done is not None:
            self._quarantine.worked(seen.find.pools)
        elif seen.refused is not None and not isinstance(seen.refused, GasOverProfit):
            yield from self._quarantine.failed(seen.find.pools, seen.block_number)

    def _take(self, find: Find) -> Seen:
        client, block = self._client, find.block_number
        order = client.order(find, confidence_bps=self._confidence_bps)
        try:
            quoted = client.quote_arbitrage(order)
        except ContractError as refused:
            return Seen(block, find, refused=refused)
        if quoted.profit < order.min_profit:
            gone = NotProfitable(quoted.amount_in, quoted.profit, order.min_profit)
            return Seen(block, find, quoted, refused=gone)
        if self._dry_run:
            return Seen(block, find, quoted)
        try:
            done = client.attempt_arbitrage(find, confidence_bps=self._confidence_bps)
        except (ContractError, GasOverProfit) as refused:
            return Seen(block, find, quoted, refused=refused)
        if isinstance(done, ArbitrageMissed):
            return Seen(block, find, quoted, refused=done.error)
        return Seen(block, find, quoted, done)

    def _update(self) -> bool:
        """Reads what has changed; False where nothing has that could make a difference."""
        transport = self._client.transport
        head, gas_price = transport.block(), transport.gas_price()
        last = self._head
        if last is not None and (head.hash == last.hash or self._is_behind(head, last)):
            return False
        self._head, self._behind = None, 0
        if last is None or not self._follows(head, last):
            changed = self._read_all(head)
        else:
            changed = self._read_changed(last.number + 1, head)
        cheaper = self._gas_price is not None and gas_price < self._gas_price
        self._head, self._gas_price = head, gas_price
        return changed or cheaper

    def _is_behind(self, head: Block, last: Block) -> bool:
        """Whether the node that answers is behind the one that answered before, as happens with
        balancers. A chain that stays shorter has been cut back."""
        self._behind = self._behind + 1 if head.number < last.number else 0
        return 0 < self._behind <= _BEHIND_LOOKS

    def _follows(self, head: Block, last: Block) -> bool:
        """Whether the block that was read last is still one of the chain, and not far back."""
        if not last.number < head.number <= last.number + _MAX_BLOCKS:
            return False
        return self._client.transport.block(last.number).hash == last.hash

    def _read_all(self, head: Block) -> bool:
        known = [pool for pool in self._client.pools() if pool.registered]
        self._registered = {}
        for pool in known:
            self._registered.setdefault(pool_key(pool), []).append(pool)
        self._emitters = emitters(self._client.transport, known)
        self._wrapped_native = self._client.call("wrappedNative")
        self._pools, self._reported = {}, {}
        self._read(known, head)
        return True

    def _read_changed(self, first: int, head: Block) -> bool:
        watched_as = {
            pool.pool: key if VENUES[pool.venue].naming.has_address else pool.pool
            for key, (pool, *_) in self._registered.items()
        }
        watched = [self._client.diamond, *watched_as, *self._emitters]
        logs = self._client.transport.logs(watched, first, head.number)
        if any(event.name in _SETTINGS for event in self._client.events(logs)):
            return self._read_all(head)
        # A manager's or vault's events begin with the pool's id. Balancer's pools have their own
        # too, of fees, rates and pauses.
        there = {watched_as.get(log.address, log.address) for log in logs} | {
            f"0x{log.topics[1].hex()}" for log in logs if len(log.topics) > 1
        }
        changed = there & self._registered.keys()
        self._reported = {
            way: seen
            for way, seen in self._reported.items()
            if changed.isdisjoint(hop.pool for hop in seen.find.opportunity.hops)
        }
        several = (pool for key in changed for pool in self._registered[key])
        return self._read(several, head)

    def _read(self, registered: Iterable[Registered], head: Block) -> bool:
        several = list(registered)
        pools, excluded = read_pools(
            self._client.transport, several, wrapped_native=self._wrapped_native, at=head
        )
        for each in excluded:
            self._pools.pop(each.pool, None)
        self._pools |= {pool.id: pool for pool in pools}
        return bool(several)
