"""What a place answers is read in whole words; what it fails with is passed on to the byte."""

from __future__ import annotations

import pytest

from macrostrike.errors import CallFailed

from ..answering import encoded, words
from .conftest import Place

ASKED = "asked()"
LENGTHS = (0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 161)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("fails", [False, True], ids=["answers", "reverts"])
def test_a_word_needs_32_bytes(place: Place, length: int, fails: bool) -> None:
    answer = bytes(range(1, length + 1))
    call = encoded(ASKED)
    place.set({call + words(0): answer}, fails=fails)
    if length >= 32 and not fails:
        assert place.ask("word", place.address, call) == int.from_bytes(answer[:32], "big")
        return
    with pytest.raises(CallFailed) as refused:
        place.ask("word", place.address, call)
    assert (refused.value.target, refused.value.reason) == (place.address, answer)


def test_who_has_no_code_answers_nothing(place: Place) -> None:
    account = "0x" + "77" * 20
    with pytest.raises(CallFailed) as refused:
        place.ask("word", account, encoded(ASKED))
    assert refused.value.reason == b""
