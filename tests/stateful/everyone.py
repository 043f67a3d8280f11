"""All rules together, and how they are run."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from .rules_amm import Arbitrages
from .rules_flash import Flashes
from .rules_owner import Owners


class Everyone(Flashes, Arbitrages, Owners):
    """The state machine."""


def play(examples: int, steps: int, seed_: int | None = None) -> None:
    """So many sequences of so many steps, each from the beginning.

    The same seed plays the same. Raises what broke an invariant, with the shortest sequence found.
    """
    wanted = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    machine = Everyone if seed_ is None else seed(seed_)(type("Everyone", (Everyone,), {}))
    run_state_machine_as_test(machine, settings=wanted)
