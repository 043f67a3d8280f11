"""The rows of the table of settings that say who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from macrostrike.deploy.plan._setting import Act, Comparison, Setting, each
from macrostrike.deploy.plan._words import moment
from macrostrike.types import ZERO_ADDRESS, Action


class _Grant(NamedTuple):
    """What an operator may do; `budget` is of a day, in book units."""

    ends: int
    actions: Action
    budget: int


def _operators(at: Comparison) -> Mapping[str, _Grant]:
    return {
        each.address: _Grant(
            int(each.valid_until.timestamp()), each.actions, at.target.book(each.daily_budget)
        )
        for each in at.target.roles.operators
    }


def _in_words(at: Comparison, grant: _Grant | None) -> str:
    if grant is None:
        return "nothing"
    names = "+".join(str(action.name).lower() for action in Action if action in grant.actions)
    return f"{names}, {at.book(grant.budget)} a day, until {moment(grant.ends)}"


def _revoked(at: Comparison, account: str, new: object, old: object) -> str:
    return "a revoked role" if account in at.diamond.revoked else ""


ROLE_ROWS = (
    Setting(
        "guardian {key}",
        wanted=lambda at: dict.fromkeys(at.target.roles.guardians, True),
        actual=lambda at: dict.fromkeys(sorted(at.diamond.guardians), True),
        absent=False,
        sets=Act("make {key} a guardian", "setGuardian"),
        unsets=Act(
            "dismiss the guardian {key}", "setGuardian", lambda account, _: (account, False)
        ),
    ),
    Setting(
        "operator {key}",
        wanted=_operators,
        actual=lambda at: {
            account: _Grant(grant.valid_until, grant.actions, grant.daily_budget)
            for account, grant in at.diamond.operators.items()
            if grant.valid_until
        },
        sets=Act(
            "let operator {key} {new} (now {old})",
            "setOperator",
            lambda account, grant: (account, grant.ends, int(grant.actions), grant.budget),
        ),
        unsets=Act("revoke operator {key}", "revokeOperator", lambda account, _: (account,)),
        words=each(_in_words),
        reverses=_revoked,
    ),
    Setting(
        "engine {key}",
        wanted=lambda at: {
            each.address: int(each.valid_until.timestamp()) for each in at.target.roles.engines
        },
        actual=lambda at: {
            account: grant.valid_until for account, grant in at.diamond.engines.items()
        },
        absent=0,
        sets=Act("believe engine {key} until {new} (now {old})", "setEngine"),
        unsets=Act("revoke engine {key}", "revokeEngine", lambda account, _: (account,)),
        words=each(lambda at, ends: moment(ends)),
        reverses=_revoked,
    ),
    Setting(
        "model {key}",
        wanted=lambda at: {
            model: engine.address for engine in at.target.roles.engines for model in engine.models
        },
        actual=lambda at: {
            model: engine for model, engine in at.diamond.models.items() if engine != ZERO_ADDRESS
        },
        absent="no engine",
        sets=Act("let engine {new} predict by model {key}", "setModel"),
        unsets=Act("revoke model {key} of {old}", "revokeModel", lambda model, _: (model,)),
    ),
)
