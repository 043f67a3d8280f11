"""All that the monitor knows at one moment: pure functions of the journal's rows and the chain."""

from __future__ import annotations

from dataclasses import dataclass

from eth_utils.crypto import keccak

from macrostrike.journal import ChangeKind, RunState, StrikeRow
from macrostrike.manifest import Manifest
from macrostrike.monitor._books import differences_of
from macrostrike.monitor._chain import ChainView
from macrostrike.monitor._records import FIRST, Records
from macrostrike.monitor._score import Bin, Score, bins_of, closed_in_order, growth_of, scores_of
from macrostrike.monitor._sending import Sending, sending_of
from macrostrike.monitor._tallies import Tallies

STATES = ("running", "reducing", "paused", "halted")
LOOP = "loop"
"""The name of the loop's state in the journal's changes, and of its runs' kind."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One moment's figures. Amounts are raw token units; ratios are 0 to 1.

    at: when journal and chain were read, Unix seconds.
    state: of the service, one of `STATES`; None where no loop has said any. `reason` is why.
    unrealised: raw quote of the open strikes at the oracle's price, as far as it has one.
    tallies: sums over all rows of the journal.
    first_closed: the first strikes that were closed, up to 100 of them.
    differences: of journal and chain, in words; None while the journal is not at the same block.
    """

    at: float
    manifest: Manifest
    records: Records
    chain: ChainView
    state: str | None
    reason: str
    scores: tuple[Score, ...]
    bins: tuple[Bin, ...]
    growth: dict[str, float]
    sending: Sending
    tallies: Tallies
    unrealised: int
    first_closed: tuple[StrikeRow, ...]
    differences: tuple[str, ...] | None

    @property
    def score(self) -> Score:
        """Of all models, over all strikes."""
        return self.scores[1]

    @property
    def recent_score(self) -> Score:
        """Of all models, over the last 100 strikes."""
        return self.scores[0]

    @property
    def drawdown(self) -> float:
        """Loss of equity from its high-water mark, 0 to 1."""
        stats = self.chain.stats
        return max(1 - stats.equity / stats.high_water, 0.0) if stats.high_water else 0.0

    @property
    def loop_beat_at(self) -> float | None:
        """When the loop last said that it works; None while none runs that ever did."""
        running = (r for r in self.records.runs if r.kind == LOOP and r.state is RunState.RUNNING)
        return max((run.beat_at for run in running if run.beat_at is not None), default=None)

    @property
    def blocks_behind(self) -> int | None:
        """Blocks that the journal has not followed yet; None before its first sync."""
        synced = self.records.synced_block
        return None if synced is None else max(self.chain.block_number - synced, 0)

    @property
    def bytecode_hash(self) -> bytes:
        """Of the facets' code hashes, by address: which build this is."""
        parts = sorted((facet.address, facet.code_hash) for facet in self.manifest.facets.values())
        return keccak(b"".join(bytes.fromhex(code[2:]) for _, code in parts))


def figures_of(records: Records, chain: ChainView, manifest: Manifest, at: float) -> Figures:
    """Computes all figures. `at` is Unix seconds."""
    closed, tallies = closed_in_order(records.strikes), records.tallies(manifest)
    state, reason = _state(records, chain, at)
    return Figures(
        at=at,
        manifest=manifest,
        records=records,
        chain=chain,
        state=state,
        reason=reason,
        scores=scores_of(closed, tallies.strikes.models),
        bins=bins_of(chain.calibration),
        growth=growth_of(closed, chain.stats.equity, chain.timestamp),
        sending=sending_of(records.intents, records.predictions, records.transactions, at),
        tallies=tallies,
        unrealised=sum(strike.unrealised or 0 for strike in chain.open_strikes),
        first_closed=(*records.first_closed, *closed)[:FIRST],
        differences=differences_of(records, chain, tallies.strikes),
    )


def _state(records: Records, chain: ChainView, at: float) -> tuple[str | None, str]:
    """The chain's word counts more than the loop's."""
    said = [c for c in records.changes if c.kind is ChangeKind.STATE and c.name == LOOP]
    state, cause = (said[-1].value, said[-1].cause) if said else (None, "no loop has run yet")
    if chain.stats.halted:
        knows = state == "halted"
        return "halted", cause if knows else "the chain's breaker: only the owner resumes it"
    if chain.paused and state != "halted":
        return "paused", "paused on chain: only the owner unpauses it"
    loops = [run for run in records.runs if run.kind == LOOP]
    if state == "halted" or not loops:
        return state, cause
    running = [run for run in loops if run.state is RunState.RUNNING]
    if not running:
        return None, "the loop has ended"
    if all(run.is_silent(at) for run in running):
        return None, "the loop was killed, or cut off: it has not said for minutes that it works"
    return state, cause
