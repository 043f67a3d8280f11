"""Models: registered by the owner for an engine, with one record over all their bins (S9)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import ModelNotRegistered, TooManyModels, ZeroAddress
from macrostrike.types import BPS, Model, Signal

from ..readers import assert_rebuilt, refuses
from ..scene import DAY, ZERO, Scene, event

NEW, LEAST = 2500, 500


def model(scene: Scene, model_id: int) -> Model:
    (found,) = [each for each in scene.read("getModels") if each.model_id == model_id]
    return found


def test_the_owner_registers_a_model_for_an_engine(scene: Scene) -> None:
    engine = scene.engine.address
    assert scene.owner.send("setModel", 6, engine) == [event("ModelSet", model_id=6, engine=engine)]
    assert model(scene, 6) == Model(6, engine, 0, 0, NEW)
    scene.strike(model_id=6)


def test_a_model_belongs_to_somebody(scene: Scene) -> None:
    with refuses(scene, ZeroAddress()):
        scene.owner.send("setModel", 6, ZERO)


def test_an_engine_cannot_invent_a_model(scene: Scene) -> None:
    """S9: whatever the id is, it must have been registered, and for this engine."""
    scene.register(6, scene.stranger.address)
    scene.owner.send("revokeModel", 2)
    for model_id in (2, 6, 7, 65_535):
        prediction = scene.prediction(model_id=model_id)
        with refuses(scene, ModelNotRegistered(scene.engine.address, model_id)):
            scene.execute(prediction)


@pytest.mark.parametrize("by", ["owner", "guardian"])
def test_a_revoked_model_keeps_its_record(scene: Scene, by: str) -> None:
    scene.play(won=False)
    person = getattr(scene, by)
    assert person.send("revokeModel", 1) == [event("ModelRevoked", model_id=1, by=person.address)]
    assert (model(scene, 1).engine, model(scene, 1).settled) == (ZERO, 1)
    assert scene.read("getStrikeStats").settled == 1
    scene.register(1)
    assert (model(scene, 1).settled, model(scene, 1).wins) == (1, 0)
    assert scene.read("getCalibration", 1)[2].settled == 1


def test_a_bad_model_cannot_start_anew_with_another_engine(scene: Scene) -> None:
    """S9: its record goes with it."""
    for _ in range(4):
        scene.play(won=False, strategies=1)
    second = scene.second_engine.address
    scene.owner.send("setEngine", second, scene.now + DAY)
    scene.register(1, second)
    assert model(scene, 1).factor_bps == LEAST
    assert scene.read("getCalibration", 1)[2].factor_bps[Signal.STRONG_LONG] == LEAST


def test_a_bad_model_cannot_start_anew_in_another_bin(scene: Scene) -> None:
    """S9, the input of the review: 500 in one bin, 2500 in the next."""
    for _ in range(4):
        scene.play(won=False, strategies=1)
    assert {each.factor_bps for each in scene.read("getCalibration", 1)} == {(LEAST,) * 4}


history = st.lists(
    st.tuples(st.booleans(), st.sampled_from(Signal), st.integers(9300, BPS)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=6)
@given(history)
def test_no_cell_is_sized_over_its_whole_model(
    scene: Scene, history: list[tuple[bool, Signal, int]]
) -> None:
    """S9, the kind: whatever the record, no bin and no signal escapes it."""
    with scene.undone():
        for won, signal, confidence in history:
            scene.play(won=won, signal=signal, confidence_bps=confidence, strategies=1)
            if scene.read("getStrikeStats").halted:
                scene.owner.send("resume")
        whole = model(scene, 1)
        assert (whole.settled, whole.wins) == (len(history), sum(won for won, *_ in history))
        for each in scene.read("getCalibration", 1):
            assert max(each.factor_bps) <= whole.factor_bps
        assert_rebuilt(scene)


def test_the_score_sums_over_so_many_models_and_no_more(scene: Scene) -> None:
    known = len(scene.read("getModels"))
    for model_id in range(1000, 1000 + 256 - known):
        scene.register(model_id)
    with refuses(scene, TooManyModels()):
        scene.owner.send("setModel", 2000, scene.engine.address)
    scene.register(1)
    assert len(scene.read("getModels")) == 256
