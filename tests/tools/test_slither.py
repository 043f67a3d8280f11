"""S21: what the static analysis leaves out, and why."""

from __future__ import annotations

import json

from tools import slither
from tools._solc import ROOT


def test_s21_low_findings_fail_and_each_detector_left_out_has_its_reason() -> None:
    config = json.loads((ROOT / "slither.config.json").read_text())
    assert (config["exclude_low"], config["fail_on"]) == (False, "low")
    assert slither.__doc__
    said = {line[3:].split("`")[0] for line in slither.__doc__.splitlines() if line[:3] == "- `"}
    assert said == set(config["detectors_to_exclude"].split(","))
