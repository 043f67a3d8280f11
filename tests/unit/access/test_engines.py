"""Engines: whose signature counts, and until when."""

from __future__ import annotations

import pytest

from macrostrike.errors import (
    EngineNotActive,
    InvalidGrant,
    InvalidSignature,
    MalformedSignature,
    ZeroAddress,
)

from ..environment import DAY, ZERO, Env, event
from ..readers import refuses

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def test_a_grant_is_announced_and_read_back(env: Env) -> None:
    engine, until = env.stranger.address, env.now + DAY
    assert env.owner.send("setEngine", engine, until) == [
        event("EngineSet", engine=engine, valid_until=until)
    ]
    assert env.read("getEngine", engine) == (until, 0)


def test_a_grant_must_expire_in_the_future(env: Env) -> None:
    now = env.now
    with refuses(env, InvalidGrant(env.stranger.address, now, 0)):
        env.owner.send("setEngine", env.stranger.address, now)
    env.owner.send("setEngine", env.stranger.address, now + 1)


def test_no_one_is_not_a_engine(env: Env) -> None:
    with refuses(env, ZeroAddress()):
        env.owner.send("setEngine", ZERO, env.now + DAY)


def test_an_engine_lives_to_the_second_of_its_expiry(env: Env) -> None:
    until = env.now + 1000
    env.owner.send("setEngine", env.engine.address, until)
    prediction = env.prediction()
    with env.undone():
        env.at(until)
        env.execute(prediction)
    env.at(until + 1)
    with refuses(env, EngineNotActive(env.engine.address, until)):
        env.execute(prediction)


def test_who_was_never_granted_is_not_a_engine(env: Env) -> None:
    prediction = env.prediction(engine=env.stranger.address)
    with refuses(env, EngineNotActive(env.stranger.address, 0)):
        env.execute(prediction, env.sign(prediction, "stranger"))


@pytest.mark.parametrize("role", ["owner", "guardian"])
def test_signatures_of_a_revoked_engine_are_worthless_at_once(env: Env, role: str) -> None:
    prediction = env.prediction()
    engine, by = env.engine.address, getattr(env, role)
    assert by.send("revokeEngine", engine) == [event("EngineRevoked", engine=engine, by=by.address)]
    with refuses(env, EngineNotActive(engine, 0)):
        env.execute(prediction)


def test_granting_again_revives_no_nonce(env: Env) -> None:
    used = env.prediction()
    env.execute(used)
    env.owner.send("revokeEngine", env.engine.address)
    env.owner.send("setEngine", env.engine.address, env.now + DAY)
    assert env.read("getEngine", env.engine.address)[1] == used.nonce
    assert env.read("isNonceUsed", env.engine.address, used.nonce) is True


def test_any_live_engine_may_sign_for_itself(env: Env) -> None:
    second = env.second_engine.address
    env.owner.send("setEngine", second, env.now + DAY)
    prediction = env.prediction(engine=second, model_id=env.register(6, second))
    opened = env.execute(prediction, env.sign(prediction, "second_engine"))
    assert opened["engine"] == second


def test_an_engine_cannot_sign_for_another(env: Env) -> None:
    second = env.second_engine.address
    env.owner.send("setEngine", second, env.now + DAY)
    prediction = env.prediction()
    with refuses(env, InvalidSignature(env.engine.address, second)):
        env.execute(prediction, env.sign(prediction, "second_engine"))


@pytest.mark.parametrize("length", [0, 1, 63, 64, 66, 130, 1000])
def test_a_signature_of_another_length_is_malformed(env: Env, length: int) -> None:
    """64 too: short signatures (EIP-2098) are another form of one, and none is wanted twice."""
    prediction = env.prediction()
    signature = (env.sign(prediction) * 16)[:length]
    with refuses(env, MalformedSignature(length)):
        env.execute(prediction, signature)


def test_a_high_s_is_malformed(env: Env) -> None:
    """The same signature in its other form, which the curve allows and the chain must not."""
    prediction = env.prediction()
    signature = env.sign(prediction)
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    twin = r + (CURVE_ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    with refuses(env, MalformedSignature(65)):
        env.execute(prediction, twin)


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_another_v_is_malformed(env: Env, v: int) -> None:
    prediction = env.prediction()
    signature = env.sign(prediction)[:64] + bytes([v])
    with refuses(env, MalformedSignature(65)):
        env.execute(prediction, signature)


def test_zeros_are_malformed(env: Env) -> None:
    """And recover no zero address that would pass for an engine."""
    with refuses(env, MalformedSignature(65)):
        env.execute(env.prediction(), bytes(65))
