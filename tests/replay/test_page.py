"""The report's page in a real browser: two widths, dark and light, nothing from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from macrostrike.chain import RevmTransport
from macrostrike.market import synthetic_market
from macrostrike.replay import (
    TRIALS,
    Policy,
    reference_script,
    render_page,
    replay_market,
    run_scenario,
)

from ..browser import Browser
from .test_report import Longs

WIDE, PHONE = 1280, 390


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    scenario = run_scenario(RevmTransport(), reference_script()[:60])
    market = synthetic_market(6, 8000)
    report = replay_market(
        market,
        Longs(),
        name="a test's engine",
        policy=Policy(strikes=400),
        registry=folder / TRIALS,
    )
    path = folder / "replay.html"
    path.write_text(render_page(report, scenario), encoding="utf-8")
    return path


def show(browser: Browser, page: Path, width: int, scheme: str = "light") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(page.as_uri())


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_nothing_is_wider_than_the_window(chromium: Browser, page: Path, width: int) -> None:
    show(chromium, page, width)
    wide = chromium.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width
    # Nor is any table wider than its card, though it could be scrolled there.
    scrolled = chromium.execute_script(
        "return [...document.querySelectorAll('.scroll')]"
        ".filter(each => each.scrollWidth > each.clientWidth)"
        ".map(each => each.firstElementChild.className + each.scrollWidth)"
    )
    assert scrolled == []


def test_the_verdict_comes_first_and_every_section_is_there(chromium: Browser, page: Path) -> None:
    show(chromium, page, WIDE)
    text = chromium.execute_script("return document.body.innerText")
    assert text.index("a strike") < text.index("Capital") < text.index("Receipt")
    for title in ("Where the money went", "Projections", "The reference run's table"):
        assert title in text
    verdict = "return document.querySelector('.verdict p').innerText"
    assert chromium.execute_script(verdict).startswith(("It lost money", "It made money"))


def test_dark_and_light_are_both_readable(chromium: Browser, page: Path) -> None:
    colors = "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]"
    found = {}
    for scheme in ("light", "dark"):
        show(chromium, page, WIDE, scheme)
        ink, paper = (brightness(color) for color in chromium.execute_script(colors))
        assert abs(ink - paper) > 150
        found[scheme] = paper
    assert found["dark"] < 60 < 200 < found["light"]


def test_it_asks_no_other_host_for_anything(chromium: Browser, page: Path) -> None:
    show(chromium, page, WIDE)
    asked = {
        entry["params"]["request"]["url"]
        for entry in (
            json.loads(line["message"])["message"] for line in chromium.get_log("performance")
        )
        if entry["method"] == "Network.requestWillBeSent"
    }
    assert {url for url in asked if not url.startswith("file:")} == set()
    assert [line for line in chromium.get_log("browser") if line["level"] == "SEVERE"] == []


def brightness(color: str) -> float:
    """Of `rgb(r, g, b)`, 0 to 255."""
    parts = color[color.index("(") + 1 : -1].split(",")
    return sum(float(part) for part in parts[:3]) / 3
