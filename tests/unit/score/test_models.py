"""Models: registered by the owner for an engine, with one record over all their bins (S9)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macrostrike.errors import ModelNotRegistered, TooManyModels, ZeroAddress
from macrostrike.types import BPS, Model, Signal

from ..environment import DAY, ZERO, Env, event
from ..readers import assert_rebuilt, refuses

NEW, MINIMUM = 2500, 500


def model(env: Env, model_id: int) -> Model:
    (found,) = [each for each in env.read("getModels") if each.model_id == model_id]
    return found


def test_the_owner_registers_a_model_for_an_engine(env: Env) -> None:
    engine = env.engine.address
    assert env.owner.send("setModel", 6, engine) == [event("ModelSet", model_id=6, engine=engine)]
    assert model(env, 6) == Model(6, engine, 0, 0, NEW)
    env.strike(model_id=6)


def test_a_model_belongs_to_somebody(env: Env) -> None:
    with refuses(env, ZeroAddress()):
        env.owner.send("setModel", 6, ZERO)


def test_an_engine_cannot_invent_a_model(env: Env) -> None:
    """S9: whatever the id is, it must have been registered, and for this engine."""
    env.register(6, env.stranger.address)
    env.owner.send("revokeModel", 2)
    for model_id in (2, 6, 7, 65_535):
        prediction = env.prediction(model_id=model_id)
        with refuses(env, ModelNotRegistered(env.engine.address, model_id)):
            env.execute(prediction)


@pytest.mark.parametrize("by", ["owner", "guardian"])
def test_a_revoked_model_keeps_its_record(env: Env, by: str) -> None:
    env.play(won=False)
    person = getattr(env, by)
    assert person.send("revokeModel", 1) == [event("ModelRevoked", model_id=1, by=person.address)]
    assert (model(env, 1).engine, model(env, 1).settled) == (ZERO, 1)
    assert env.read("getStrikeStats").settled == 1
    env.register(1)
    assert (model(env, 1).settled, model(env, 1).wins) == (1, 0)
    assert env.read("getCalibration", 1)[2].settled == 1


def test_a_bad_model_cannot_start_anew_with_another_engine(env: Env) -> None:
    """S9: its record goes with it."""
    for _ in range(4):
        env.play(won=False, strategies=1)
    second = env.second_engine.address
    env.owner.send("setEngine", second, env.now + DAY)
    env.register(1, second)
    assert model(env, 1).factor_bps == MINIMUM
    assert env.read("getCalibration", 1)[2].factor_bps[Signal.STRONG_LONG] == MINIMUM


def test_a_bad_model_cannot_start_anew_in_another_bin(env: Env) -> None:
    """S9, the input of the review: 500 in one bin, 2500 in the next."""
    for _ in range(4):
        env.play(won=False, strategies=1)
    assert {each.factor_bps for each in env.read("getCalibration", 1)} == {(MINIMUM,) * 4}


history = st.lists(
    st.tuples(st.booleans(), st.sampled_from(Signal), st.integers(9300, BPS)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=6)
@given(history)
def test_no_cell_is_sized_over_its_whole_model(
    env: Env, history: list[tuple[bool, Signal, int]]
) -> None:
    """S9, the kind: whatever the record, no bin and no signal escapes it."""
    with env.undone():
        for won, signal, confidence in history:
            env.play(won=won, signal=signal, confidence_bps=confidence, strategies=1)
            if env.read("getStrikeStats").halted:
                env.owner.send("resume")
        whole = model(env, 1)
        assert (whole.settled, whole.wins) == (len(history), sum(won for won, *_ in history))
        for each in env.read("getCalibration", 1):
            assert max(each.factor_bps) <= whole.factor_bps
        assert_rebuilt(env)


def test_the_score_sums_over_so_many_models_and_no_more(env: Env) -> None:
    known = len(env.read("getModels"))
    for model_id in range(1000, 1000 + 256 - known):
        env.register(model_id)
    with refuses(env, TooManyModels()):
        env.owner.send("setModel", 2000, env.engine.address)
    env.register(1)
    assert len(env.read("getModels")) == 256
