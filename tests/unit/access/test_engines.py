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

from ..readers import refuses
from ..scene import DAY, ZERO, Scene, event

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def test_a_grant_is_announced_and_read_back(scene: Scene) -> None:
    engine, until = scene.stranger.address, scene.now + DAY
    assert scene.owner.send("setEngine", engine, until) == [
        event("EngineSet", engine=engine, valid_until=until)
    ]
    assert scene.read("getEngine", engine) == (until, 0)


def test_a_grant_must_expire_in_the_future(scene: Scene) -> None:
    now = scene.now
    with refuses(scene, InvalidGrant(scene.stranger.address, now, 0)):
        scene.owner.send("setEngine", scene.stranger.address, now)
    scene.owner.send("setEngine", scene.stranger.address, now + 1)


def test_nobody_is_no_engine(scene: Scene) -> None:
    with refuses(scene, ZeroAddress()):
        scene.owner.send("setEngine", ZERO, scene.now + DAY)


def test_an_engine_lives_to_the_second_of_its_expiry(scene: Scene) -> None:
    until = scene.now + 1000
    scene.owner.send("setEngine", scene.engine.address, until)
    prediction = scene.prediction()
    with scene.undone():
        scene.at(until)
        scene.execute(prediction)
    scene.at(until + 1)
    with refuses(scene, EngineNotActive(scene.engine.address, until)):
        scene.execute(prediction)


def test_who_was_never_granted_is_no_engine(scene: Scene) -> None:
    prediction = scene.prediction(engine=scene.stranger.address)
    with refuses(scene, EngineNotActive(scene.stranger.address, 0)):
        scene.execute(prediction, scene.sign(prediction, "stranger"))


@pytest.mark.parametrize("role", ["owner", "guardian"])
def test_signatures_of_a_revoked_engine_are_worthless_at_once(scene: Scene, role: str) -> None:
    prediction = scene.prediction()
    engine, by = scene.engine.address, getattr(scene, role)
    assert by.send("revokeEngine", engine) == [event("EngineRevoked", engine=engine, by=by.address)]
    with refuses(scene, EngineNotActive(engine, 0)):
        scene.execute(prediction)


def test_granting_again_revives_no_nonce(scene: Scene) -> None:
    used = scene.prediction()
    scene.execute(used)
    scene.owner.send("revokeEngine", scene.engine.address)
    scene.owner.send("setEngine", scene.engine.address, scene.now + DAY)
    assert scene.read("getEngine", scene.engine.address)[1] == used.nonce
    assert scene.read("isNonceUsed", scene.engine.address, used.nonce) is True


def test_any_live_engine_may_sign_for_itself(scene: Scene) -> None:
    second = scene.second_engine.address
    scene.owner.send("setEngine", second, scene.now + DAY)
    prediction = scene.prediction(engine=second, model_id=scene.register(6, second))
    opened = scene.execute(prediction, scene.sign(prediction, "second_engine"))
    assert opened["engine"] == second


def test_an_engine_cannot_sign_for_another(scene: Scene) -> None:
    second = scene.second_engine.address
    scene.owner.send("setEngine", second, scene.now + DAY)
    prediction = scene.prediction()
    with refuses(scene, InvalidSignature(scene.engine.address, second)):
        scene.execute(prediction, scene.sign(prediction, "second_engine"))


@pytest.mark.parametrize("length", [0, 1, 63, 64, 66, 130, 1000])
def test_a_signature_of_another_length_is_malformed(scene: Scene, length: int) -> None:
    """64 too: short signatures (EIP-2098) are another form of one, and none is wanted twice."""
    prediction = scene.prediction()
    signature = (scene.sign(prediction) * 16)[:length]
    with refuses(scene, MalformedSignature(length)):
        scene.execute(prediction, signature)


def test_a_high_s_is_malformed(scene: Scene) -> None:
    """The same signature in its other form, which the curve allows and the chain must not."""
    prediction = scene.prediction()
    signature = scene.sign(prediction)
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    twin = r + (CURVE_ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    with refuses(scene, MalformedSignature(65)):
        scene.execute(prediction, twin)


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_another_v_is_malformed(scene: Scene, v: int) -> None:
    prediction = scene.prediction()
    signature = scene.sign(prediction)[:64] + bytes([v])
    with refuses(scene, MalformedSignature(65)):
        scene.execute(prediction, signature)


def test_zeros_are_malformed(scene: Scene) -> None:
    """And recover no zero address that would pass for an engine."""
    with refuses(scene, MalformedSignature(65)):
        scene.execute(scene.prediction(), bytes(65))
