"""Targets that tests start from."""

from __future__ import annotations

from macrostrike.deploy.target import Target, load_target


def strikes_alone() -> Target:
    """The local target without the second venue, for those who set up arbitrages of their own."""
    target = load_target("local")
    factories = {name: each for name, each in target.factories.items() if each.venue == "UniswapV3"}
    return target.model_copy(update={"factories": factories, "amm": None})
