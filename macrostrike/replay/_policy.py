"""How a replay trades: what is chosen beforehand, and the target that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from macrostrike.deploy.target import Target, load_target
from macrostrike.types import ALL_STRATEGIES, BPS, MIN_CONFIDENCE_BPS, Strategy


@dataclass(frozen=True, slots=True)
class Policy:
    """How a replay trades.

    strikes: after so many it opens no more.
    resume_after: seconds until the owner resumes a fleet that the breakers halted.
    block_time: seconds from one transaction's block to the next.
    latency_blocks: how many blocks later than the first possible each transaction lands.
    flow: quote, whole units, that others swap the same way just before each of the fleet's swaps,
        between its quote and its block; negative: the other way.
    size: of the bots' usual shares, which are those of `deployments/targets/local.yaml`.
    threshold_bps: the chain's.
    min_confidence_bps: every bot's own.
    strategies: a mask of those whose bots are on.
    """

    strikes: int = 1500
    resume_after: int = 3600
    block_time: int = 2
    latency_blocks: int = 0
    flow: int = 0
    size: float = 1.0
    threshold_bps: int = MIN_CONFIDENCE_BPS
    min_confidence_bps: int = MIN_CONFIDENCE_BPS
    strategies: int = ALL_STRATEGIES

    def target(self) -> Target:
        """`local`, with this policy's threshold and bots. Raises what a target's rules refuse."""
        target = load_target("local")
        fleet = target.fleet
        strategies = {}
        for strategy in Strategy:
            changed = {
                "min_confidence_bps": self.min_confidence_bps,
                "active": bool(self.strategies >> strategy & 1),
            }
            strategies[str(strategy)] = tuple(
                bot.model_copy(update=changed | {"risk_bps": self._sized(bot.risk_bps)})
                for bot in getattr(fleet.strategies, str(strategy))
            )
        bots = fleet.strategies.model_copy(update=strategies)
        return target.model_copy(
            update={
                "threshold_bps": self.threshold_bps,
                "fleet": fleet.model_copy(update={"strategies": bots}),
            }
        )

    def _sized(self, risk_bps: int) -> int:
        return min(max(round(risk_bps * self.size), 1), BPS)
