"""What notebooks and JSON show of results (D22), and tracebacks of errors (D13)."""

from __future__ import annotations

import json
import traceback

from macrostrike import Signal
from macrostrike.errors import ConfidenceTooLow
from macrostrike.types import ArbitrageQuote, Mined, SignalStats, Skipped

from ..predictions import prediction

MINED = Mined(
    transaction_hash=b"\x9e" * 32, block_number=7, timestamp=1_700_000_000, gas_used=21_000
)


def test_a_result_is_a_dictionary_that_json_takes() -> None:
    assert json.loads(json.dumps(MINED.to_dict())) == {
        "transaction_hash": "0x" + "9e" * 32,
        "block_number": 7,
        "timestamp": 1_700_000_000,
        "gas_used": 21_000,
    }


def test_enums_go_by_their_names_and_errors_by_their_sentences() -> None:
    said = prediction("0x" + "11" * 20, signal=Signal.STRONG_LONG)
    assert said.to_dict()["signal"] == "StrongLong"
    skipped = Skipped(3, ConfidenceTooLow(9299, 9300)).to_dict()
    assert skipped["index"] == 3
    assert "9299" in skipped["error"]


def test_a_notebook_shows_a_table_of_escaped_text() -> None:
    html = ArbitrageQuote(amount_in=5, profit=2)._repr_html_()
    assert "<caption>ArbitrageQuote</caption>" in html
    assert "<td>5</td>" in html
    skipped = Skipped(0, ConfidenceTooLow("<script>", 9300))  # type: ignore[arg-type]
    assert "<script>" not in skipped._repr_html_()


def test_whole_numbers_stay_whole() -> None:
    stats = SignalStats(2**70, 1, 10**30, 0)
    assert json.loads(json.dumps(stats.to_dict()))["profit"] == 10**30


def test_a_traceback_names_the_public_class_once() -> None:
    shown = "".join(traceback.format_exception_only(ConfidenceTooLow(9299, 9300)))
    assert shown.startswith("macrostrike.errors.ConfidenceTooLow: Confidence 9299")


def test_amounts_in_whole_tokens_are_beside_the_raw_ones() -> None:
    """To the unit, as text that JSON takes; what is not an amount of these tokens is left alone."""
    stats = SignalStats(2**70, 1, 10**30 + 1, 0)
    assert "profit_decimal" not in stats.to_dict()
    shown = json.loads(json.dumps(stats.to_dict(quote_decimals=6)))
    assert (shown["profit"], shown["profit_decimal"]) == (10**30 + 1, f"{10**24}.000001")
    assert shown["loss_decimal"] == "0.000000"
    assert SignalStats(1, 1, -1234567, 7).to_dict(quote_decimals=6)["profit_decimal"] == "-1.234567"
    assert SignalStats(1, 1, -3, 7).to_dict(quote_decimals=0)["profit_decimal"] == "-3"
    assert "settled_decimal" not in shown
    assert "profit_decimal" not in ArbitrageQuote(amount_in=5, profit=2).to_dict(quote_decimals=6)
