"""A new predictor is 20 lines: the one in the documentation runs as it stands."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from textwrap import dedent
from typing import Any

import pytest

from macrostrike.engine import Forecast, Predictor, Result, _predictor
from macrostrike.errors import InvalidPrediction
from macrostrike.market import Bar, synthetic_market
from macrostrike.types import Signal


def test_the_documented_predictor_runs() -> None:
    text = _predictor.__doc__ or ""
    source = dedent(text[text.index("    class") : text.index("with `BREAKOUT")])
    constant = re.search(r"`BREAKOUT = (Forecast\(.*?\))`", text, re.DOTALL)
    assert constant is not None
    assert len(source.strip().splitlines()) <= 20
    names: dict[str, Any] = {
        "deque": deque,
        "Decimal": Decimal,
        "Bar": Bar,
        "Forecast": Forecast,
        "Result": Result,
        "Sequence": Sequence,
        "Signal": Signal,
    }
    exec(f"BREAKOUT = {constant[1]}\n{source}", names)
    predictor: Predictor = names["Breakout"]()
    said = [each for bar in synthetic_market(1, 600).bars for each in predictor.see(bar)]
    assert said
    made = said[0].prediction(engine="0x" + "11" * 20, nonce=3, now=100)
    assert (made.valid_from, made.valid_until, made.nonce, made.horizon) == (100, 220, 3, 7200)


def test_a_forecast_that_no_chain_would_take_is_refused() -> None:
    forecast = Forecast(
        signal=Signal.LONG,
        confidence_bps=10_001,
        model_id=1,
        horizon=60,
        take_profit_bps=1,
        stop_loss_bps=1,
    )
    with pytest.raises(InvalidPrediction):
        forecast.prediction(engine="0x" + "11" * 20, nonce=1, now=1)
