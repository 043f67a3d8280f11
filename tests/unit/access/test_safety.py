"""Pause, threshold and guardians: safer by many, riskier by the owner alone."""

from __future__ import annotations

import pytest

from macrostrike.errors import (
    ConfidenceTooLow,
    EnforcedPause,
    ExpectedPause,
    NotGuardian,
    NotOwner,
    ThresholdOutOfRange,
    ZeroAddress,
)

from ..environment import ZERO, Env, event
from ..readers import refuses


@pytest.mark.parametrize("role", ["owner", "guardian"])
def test_pausing_stops_strikes_and_unpausing_lets_them_go_on(env: Env, role: str) -> None:
    actor = getattr(env, role)
    assert actor.send("pause") == [event("Paused", by=actor.address)]
    assert env.read("paused") is True
    with refuses(env, EnforcedPause()):
        env.strike()
    assert env.owner.send("unpause") == [event("Unpaused", by=env.owner.address)]
    assert env.read("paused") is False
    env.strike()


def test_pausing_twice_and_unpausing_twice_are_refused(env: Env) -> None:
    with refuses(env, ExpectedPause()):
        env.owner.send("unpause")
    env.guardian.send("pause")
    with refuses(env, EnforcedPause()):
        env.guardian.send("pause")


def test_a_guardian_cannot_unpause(env: Env) -> None:
    env.guardian.send("pause")
    with refuses(env, NotOwner(env.guardian.address, env.owner.address)):
        env.guardian.send("unpause")


def test_pausing_leaves_the_rest_of_the_books_alone(env: Env) -> None:
    env.owner.send("setThreshold", 9400)
    stats = env.read("getStrikeStats")
    env.owner.send("pause")
    assert env.read("threshold") == 9400
    assert env.read("getStrikeStats") == stats
    env.owner.send("unpause")
    assert env.read("threshold") == 9400
    assert env.read("getStrikeStats") == stats


@pytest.mark.parametrize("threshold", [9300, 9301, 9999, 10_000])
def test_the_owner_sets_the_threshold_up_and_down(env: Env, threshold: int) -> None:
    env.owner.send("setThreshold", 9700)
    assert env.owner.send("setThreshold", threshold) == [
        event("ThresholdSet", threshold_bps=threshold, by=env.owner.address)
    ]
    assert env.read("threshold") == threshold


@pytest.mark.parametrize("threshold", [0, 9299, 10_001, 65_535])
def test_no_threshold_is_under_93_or_over_100_percent(env: Env, threshold: int) -> None:
    with refuses(env, ThresholdOutOfRange(threshold, 9300)):
        env.owner.send("setThreshold", threshold)


def test_a_guardian_only_raises_the_threshold(env: Env) -> None:
    guardian = env.guardian
    assert guardian.send("setThreshold", 9500) == [
        event("ThresholdSet", threshold_bps=9500, by=guardian.address)
    ]
    with refuses(env, ThresholdOutOfRange(9499, 9500)):
        guardian.send("setThreshold", 9499)
    with refuses(env, ThresholdOutOfRange(10_001, 9500)):
        guardian.send("setThreshold", 10_001)
    guardian.send("setThreshold", 9501)
    assert env.read("threshold") == 9501


def test_strikes_meet_the_threshold_in_force(env: Env) -> None:
    env.guardian.send("setThreshold", 9600)
    with refuses(env, ConfidenceTooLow(9599, 9600)):
        env.strike(confidence_bps=9599)
    env.strike(confidence_bps=9600)


def test_the_owner_names_and_dismisses_guardians(env: Env) -> None:
    stranger = env.stranger
    assert env.owner.send("setGuardian", stranger.address, True) == [
        event("GuardianSet", guardian=stranger.address, active=True)
    ]
    assert env.read("isGuardian", stranger.address) is True
    stranger.send("pause")
    assert env.owner.send("setGuardian", stranger.address, False) == [
        event("GuardianSet", guardian=stranger.address, active=False)
    ]
    assert env.read("isGuardian", stranger.address) is False
    env.owner.send("unpause")
    with refuses(env, NotGuardian(stranger.address)):
        stranger.send("pause")


def test_no_one_is_not_a_guardian(env: Env) -> None:
    with refuses(env, ZeroAddress()):
        env.owner.send("setGuardian", ZERO, True)
