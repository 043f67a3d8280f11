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

from ..readers import refuses
from ..scene import ZERO, Scene, event


@pytest.mark.parametrize("role", ["owner", "guardian"])
def test_pausing_stops_strikes_and_unpausing_lets_them_go_on(scene: Scene, role: str) -> None:
    actor = getattr(scene, role)
    assert actor.send("pause") == [event("Paused", by=actor.address)]
    assert scene.read("paused") is True
    with refuses(scene, EnforcedPause()):
        scene.strike()
    assert scene.owner.send("unpause") == [event("Unpaused", by=scene.owner.address)]
    assert scene.read("paused") is False
    scene.strike()


def test_pausing_twice_and_unpausing_twice_are_refused(scene: Scene) -> None:
    with refuses(scene, ExpectedPause()):
        scene.owner.send("unpause")
    scene.guardian.send("pause")
    with refuses(scene, EnforcedPause()):
        scene.guardian.send("pause")


def test_a_guardian_cannot_unpause(scene: Scene) -> None:
    scene.guardian.send("pause")
    with refuses(scene, NotOwner(scene.guardian.address, scene.owner.address)):
        scene.guardian.send("unpause")


def test_pausing_leaves_the_rest_of_the_books_alone(scene: Scene) -> None:
    scene.owner.send("setThreshold", 9400)
    stats = scene.read("getStrikeStats")
    scene.owner.send("pause")
    assert scene.read("threshold") == 9400
    assert scene.read("getStrikeStats") == stats
    scene.owner.send("unpause")
    assert scene.read("threshold") == 9400
    assert scene.read("getStrikeStats") == stats


@pytest.mark.parametrize("threshold", [9300, 9301, 9999, 10_000])
def test_the_owner_sets_the_threshold_up_and_down(scene: Scene, threshold: int) -> None:
    scene.owner.send("setThreshold", 9700)
    assert scene.owner.send("setThreshold", threshold) == [
        event("ThresholdSet", threshold_bps=threshold, by=scene.owner.address)
    ]
    assert scene.read("threshold") == threshold


@pytest.mark.parametrize("threshold", [0, 9299, 10_001, 65_535])
def test_no_threshold_is_under_93_or_over_100_percent(scene: Scene, threshold: int) -> None:
    with refuses(scene, ThresholdOutOfRange(threshold, 9300)):
        scene.owner.send("setThreshold", threshold)


def test_a_guardian_only_raises_the_threshold(scene: Scene) -> None:
    guardian = scene.guardian
    assert guardian.send("setThreshold", 9500) == [
        event("ThresholdSet", threshold_bps=9500, by=guardian.address)
    ]
    with refuses(scene, ThresholdOutOfRange(9499, 9500)):
        guardian.send("setThreshold", 9499)
    with refuses(scene, ThresholdOutOfRange(10_001, 9500)):
        guardian.send("setThreshold", 10_001)
    guardian.send("setThreshold", 9501)
    assert scene.read("threshold") == 9501


def test_strikes_meet_the_threshold_in_force(scene: Scene) -> None:
    scene.guardian.send("setThreshold", 9600)
    with refuses(scene, ConfidenceTooLow(9599, 9600)):
        scene.strike(confidence_bps=9599)
    scene.strike(confidence_bps=9600)


def test_the_owner_names_and_dismisses_guardians(scene: Scene) -> None:
    stranger = scene.stranger
    assert scene.owner.send("setGuardian", stranger.address, True) == [
        event("GuardianSet", guardian=stranger.address, active=True)
    ]
    assert scene.read("isGuardian", stranger.address) is True
    stranger.send("pause")
    assert scene.owner.send("setGuardian", stranger.address, False) == [
        event("GuardianSet", guardian=stranger.address, active=False)
    ]
    assert scene.read("isGuardian", stranger.address) is False
    scene.owner.send("unpause")
    with refuses(scene, NotGuardian(stranger.address)):
        stranger.send("pause")


def test_nobody_is_no_guardian(scene: Scene) -> None:
    with refuses(scene, ZeroAddress()):
        scene.owner.send("setGuardian", ZERO, True)
