"""Nonces: each once, within a window of 128 behind the highest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import ConfidenceTooLow, NonceUsed

from ..environment import DAY, Env, reverts
from ..readers import refuses

HIGHEST = (1 << 64) - 1
WINDOW = 128


def use(env: Env, nonce: int) -> None:
    """Opens a strike with the nonce, and makes room for the next."""
    opened = env.strike(nonce=nonce)
    env.settle(opened["strike_id"], by="owner")
    if env.read("getStrikeStats").halted:
        env.owner.send("resume")


def is_used(env: Env, nonce: int) -> bool:
    return bool(env.read("isNonceUsed", env.engine.address, nonce))


def test_every_nonce_is_free_at_first(env: Env) -> None:
    assert env.read("getEngine", env.engine.address)[1] == 0
    for nonce in (0, 1, WINDOW, HIGHEST):
        assert not is_used(env, nonce)


@pytest.mark.parametrize("nonce", [0, 1, WINDOW - 1, WINDOW, 10**6, HIGHEST])
def test_a_nonce_is_used_once(env: Env, nonce: int) -> None:
    use(env, nonce)
    assert is_used(env, nonce)
    with refuses(env, NonceUsed(env.engine.address, nonce)):
        env.strike(nonce=nonce)


def test_nonces_may_come_in_any_order_within_the_window(env: Env) -> None:
    for nonce in (500, 499, 501, 500 - WINDOW + 2):
        use(env, nonce)
        assert is_used(env, nonce)
    assert env.read("getEngine", env.engine.address)[1] == 501
    assert not is_used(env, 498)


def test_the_window_ends_128_behind_the_highest(env: Env) -> None:
    use(env, 1000)
    oldest = 1000 - WINDOW + 1
    with refuses(env, NonceUsed(env.engine.address, oldest - 1)):
        env.strike(nonce=oldest - 1)
    use(env, oldest)


def test_the_last_of_the_window_is_not_used_again(env: Env) -> None:
    """The one that was the highest until a whole window less one came after it."""
    use(env, 1000)
    use(env, 1000 + WINDOW - 1)
    assert is_used(env, 1000)
    assert not is_used(env, 1001)
    with refuses(env, NonceUsed(env.engine.address, 1000)):
        env.strike(nonce=1000)


def test_nonces_far_ahead_leave_those_behind_dead(env: Env) -> None:
    use(env, 7)
    use(env, HIGHEST)
    for nonce in (0, 7, 8, HIGHEST - WINDOW, HIGHEST):
        with reverts(NonceUsed(env.engine.address, nonce)):
            env.strike(nonce=nonce)
    use(env, HIGHEST - WINDOW + 1)


def test_each_engine_has_nonces_of_its_own(env: Env) -> None:
    use(env, 5)
    second = env.second_engine.address
    env.owner.send("setEngine", second, env.now + DAY)
    prediction = env.prediction(engine=second, nonce=5, model_id=env.register(6, second))
    env.execute(prediction, env.sign(prediction, "second_engine"))


def test_a_refused_strike_uses_no_nonce(env: Env) -> None:
    env.guardian.send("setThreshold", 9600)
    prediction = env.prediction(confidence_bps=9500)
    with refuses(env, ConfidenceTooLow(9500, 9600)):
        env.execute(prediction)
    assert not is_used(env, prediction.nonce)
    env.owner.send("setThreshold", 9500)
    env.execute(prediction)


near = st.integers(0, 300)
jumps = st.sampled_from([0, 127, 128, 129, 255, 256, 257, 5000, 5000 + 127, 5000 + 128, HIGHEST])


@settings(max_examples=20)
@given(st.lists(st.one_of(near, jumps), min_size=3, max_size=20))
def test_nonces_are_a_set_with_a_window(env: Env, nonces: list[int]) -> None:
    with env.undone():
        used: set[int] = set()
        for nonce in nonces:
            if nonce in used or nonce <= max(used, default=0) - WINDOW:
                with reverts(NonceUsed(env.engine.address, nonce)):
                    env.strike(nonce=nonce)
            else:
                use(env, nonce)
                used.add(nonce)
            highest = max(used, default=0)
            assert env.read("getEngine", env.engine.address)[1] == highest
            for probe in {*nonces, highest - WINDOW, highest - WINDOW + 1}:
                if probe >= 0:
                    assert is_used(env, probe) == (probe in used or probe <= highest - WINDOW)
