"""Nonces: each once, within a window of 128 behind the highest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import ConfidenceTooLow, NonceUsed

from ..readers import refuses
from ..scene import DAY, Scene, reverts

HIGHEST = (1 << 64) - 1
WINDOW = 128


def use(scene: Scene, nonce: int) -> None:
    """Opens a strike with the nonce, and makes room for the next."""
    opened = scene.strike(nonce=nonce)
    scene.settle(opened["strike_id"], by="owner")
    if scene.read("getStrikeStats").halted:
        scene.owner.send("resume")


def is_used(scene: Scene, nonce: int) -> bool:
    return bool(scene.read("isNonceUsed", scene.engine.address, nonce))


def test_every_nonce_is_free_at_first(scene: Scene) -> None:
    assert scene.read("getEngine", scene.engine.address)[1] == 0
    for nonce in (0, 1, WINDOW, HIGHEST):
        assert not is_used(scene, nonce)


@pytest.mark.parametrize("nonce", [0, 1, WINDOW - 1, WINDOW, 10**6, HIGHEST])
def test_a_nonce_is_used_once(scene: Scene, nonce: int) -> None:
    use(scene, nonce)
    assert is_used(scene, nonce)
    with refuses(scene, NonceUsed(scene.engine.address, nonce)):
        scene.strike(nonce=nonce)


def test_nonces_may_come_in_any_order_within_the_window(scene: Scene) -> None:
    for nonce in (500, 499, 501, 500 - WINDOW + 2):
        use(scene, nonce)
        assert is_used(scene, nonce)
    assert scene.read("getEngine", scene.engine.address)[1] == 501
    assert not is_used(scene, 498)


def test_the_window_ends_128_behind_the_highest(scene: Scene) -> None:
    use(scene, 1000)
    oldest = 1000 - WINDOW + 1
    with refuses(scene, NonceUsed(scene.engine.address, oldest - 1)):
        scene.strike(nonce=oldest - 1)
    use(scene, oldest)


def test_nonces_far_ahead_leave_those_behind_dead(scene: Scene) -> None:
    use(scene, 7)
    use(scene, HIGHEST)
    for nonce in (0, 7, 8, HIGHEST - WINDOW, HIGHEST):
        with reverts(NonceUsed(scene.engine.address, nonce)):
            scene.strike(nonce=nonce)
    use(scene, HIGHEST - WINDOW + 1)


def test_each_engine_has_nonces_of_its_own(scene: Scene) -> None:
    use(scene, 5)
    second = scene.second_engine.address
    scene.owner.send("setEngine", second, scene.now + DAY)
    prediction = scene.prediction(engine=second, nonce=5, model_id=scene.register(6, second))
    scene.execute(prediction, scene.sign(prediction, "second_engine"))


def test_a_refused_strike_uses_no_nonce(scene: Scene) -> None:
    scene.guardian.send("setThreshold", 9600)
    prediction = scene.prediction(confidence_bps=9500)
    with refuses(scene, ConfidenceTooLow(9500, 9600)):
        scene.execute(prediction)
    assert not is_used(scene, prediction.nonce)
    scene.owner.send("setThreshold", 9500)
    scene.execute(prediction)


near = st.integers(0, 300)
jumps = st.sampled_from([0, 127, 128, 129, 255, 256, 257, 5000, 5000 + 127, 5000 + 128, HIGHEST])


@settings(max_examples=20)
@given(st.lists(st.one_of(near, jumps), min_size=3, max_size=20))
def test_nonces_are_a_set_with_a_window(scene: Scene, nonces: list[int]) -> None:
    with scene.undone():
        used: set[int] = set()
        for nonce in nonces:
            if nonce in used or nonce <= max(used, default=0) - WINDOW:
                with reverts(NonceUsed(scene.engine.address, nonce)):
                    scene.strike(nonce=nonce)
            else:
                use(scene, nonce)
                used.add(nonce)
            highest = max(used, default=0)
            assert scene.read("getEngine", scene.engine.address)[1] == highest
            for probe in {*nonces, highest - WINDOW, highest - WINDOW + 1}:
                if probe >= 0:
                    assert is_used(scene, probe) == (probe in used or probe <= highest - WINDOW)
