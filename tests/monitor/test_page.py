"""The page in a real browser: it shows what journal and chain say, live, at two widths, in dark and
light, by keyboard, and asks no other host for anything.

Screenshots are left in reports/page/.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from macrostrike.journal import ChangeKind, IntentState
from macrostrike.monitor.rules import RULES
from macrostrike.monitor.server import serving
from macrostrike.monitor.service import Monitor
from tests.browser import Browser
from tests.monitor.desk import Desk
from tests.monitor.support import ROOT

pytestmark = pytest.mark.long

HOUR = 3600
SCREENSHOTS = ROOT / "reports" / "page"
WIDE, PHONE = 1440, 390


@pytest.fixture(scope="module")
def monitor(traded: Desk) -> Monitor:
    traded.send(*[IntentState.CONFIRMED] * 58, IntentState.REJECTED, IntentState.REPLACED)
    return Monitor(traded.world.transport, traded.world.manifest, traded.journal)


@pytest.fixture(scope="module")
def url(monitor: Monitor) -> Iterator[str]:
    monitor.look()
    with serving(monitor, port=0, every=HOUR) as url:
        yield url


@pytest.fixture
def page(chromium: Browser, url: str) -> Browser:
    """The page at full width, in the dark, with its first figures."""
    show(chromium, url)
    return chromium


def show(browser: Browser, url: str, width: int = WIDE, scheme: str = "dark") -> None:
    """Opens the page afresh."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(url)
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#headline .tile"))


def until(browser: Browser, condition: Callable[[], object]) -> None:
    WebDriverWait(browser, 20, poll_frequency=0.05).until(lambda _: condition())


def text(browser: Browser, selector: str) -> str:
    return browser.find_element(By.CSS_SELECTOR, selector).text


def tile(browser: Browser, title: str) -> WebElement:
    [found] = [
        each
        for each in browser.find_elements(By.CSS_SELECTOR, ".tile")
        if each.find_element(By.TAG_NAME, "dt").text == title
    ]
    return found


def test_the_headline_is_the_chains(page: Browser, traded: Desk) -> None:
    stats = traded.client.stats()
    assert f"{round(stats.equity / 1e6):,} USDC" in tile(page, "Equity").text
    assert "91.7" in tile(page, "Win rate, last 100").text
    assert tile(page, "Open strikes").text.splitlines()[1] == "2"
    assert text(page, "#health") == "healthy"
    assert f"block {traded.world.transport.block_number():,}" in text(page, "#deployment")
    assert traded.world.diamond in text(page, "#build")


def test_every_chart_is_there_with_words_for_it(page: Browser) -> None:
    for chart, words in {
        "equity": "Equity",
        "win": "Win rate",
        "reliability": "confidence bins",
        "costs": "pool fees",
        "gas": "executeStrike",
        "sent": "confirmed 58",
        "stages": "broadcast, median",
    }.items():
        drawn = page.find_element(By.CSS_SELECTOR, f"#{chart} svg[role=img]")
        assert words in (drawn.get_attribute("aria-label") or ""), chart
    assert len(page.find_elements(By.CSS_SELECTOR, "#bots tbody td")) == 25
    assert len(page.find_elements(By.CSS_SELECTOR, "#reliability .point")) == 2
    assert len(page.find_elements(By.CSS_SELECTOR, "#open tbody tr")) == 2
    assert len(page.find_elements(By.CSS_SELECTOR, "#arbitrage tbody tr")) == 2
    verdicts = [each.text for each in page.find_elements(By.CSS_SELECTOR, "#checks .tag")]
    assert verdicts == ["not yet", "not yet", "pass", "pass", "fail", "not yet"]


def test_behind_each_chart_is_a_table(page: Browser) -> None:
    for summary in page.find_elements(By.TAG_NAME, "summary"):
        summary.send_keys(Keys.ENTER)
    for name in ("equity", "win", "reliability", "costs", "gas", "sent", "stages"):
        rows = page.find_elements(By.CSS_SELECTOR, f"#{name}-table tbody tr")
        assert rows, name
        assert all(row.is_displayed() for row in rows[:1]), name
    last = page.find_elements(By.CSS_SELECTOR, "#reliability-table tbody tr")[0].text
    assert last.startswith("93")


def test_a_chart_is_read_by_the_arrow_keys(page: Browser) -> None:
    svg = page.find_element(By.CSS_SELECTOR, "#equity svg")
    page.execute_script("arguments[0].focus()", svg)
    svg.send_keys(Keys.END)
    tip = page.find_element(By.CSS_SELECTOR, "#equity .tip")
    until(page, tip.is_displayed)
    last = tip.text
    assert "equity" in last
    assert "drawdown" in last
    svg.send_keys(Keys.HOME)
    assert tip.text != last
    svg.send_keys(Keys.ESCAPE)
    assert not tip.is_displayed()


def test_it_is_live(page: Browser, traded: Desk, monitor: Monitor) -> None:
    """A strike opens, a fault comes: both show without a reload, the fault within two blocks."""
    page.execute_script("window.mark = 'the same page'")
    strike_id = traded.open()
    traded.sync()
    traded.journal.record_change(ChangeKind.STATE, "loop", "halted", cause="unknown outcomes")
    monitor.look()
    until(page, lambda: text(page, "#health") == "halted")
    until(page, lambda: f"#{strike_id}" in text(page, "#open"))
    [halted] = [rule for rule in RULES if rule.name == "Halted"]
    assert "Critical: Halted" in text(page, "#alerts")
    assert halted.remedy in text(page, "#alerts")
    assert "halted" in text(page, "#history")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.save_screenshot(str(SCREENSHOTS / "halted.png"))

    traded.journal.record_change(ChangeKind.STATE, "loop", "running", cause="a person looked")
    monitor._watch._courses.clear()  # the alert ends half a minute later: not waited for here
    monitor.look()
    until(page, lambda: text(page, "#health") == "healthy")
    assert page.execute_script("return window.mark") == "the same page"


def test_what_a_journal_says_is_never_run(page: Browser, traded: Desk, monitor: Monitor) -> None:
    evil = "<img src=x onerror=\"document.title='taken'\">"
    traded.journal.record_change(ChangeKind.STATE, "loop", "running", cause=evil)
    monitor.look()
    until(page, lambda: evil in text(page, "#history"))
    assert page.title == "MacroStrike"
    traded.journal.record_change(ChangeKind.STATE, "loop", "running", cause="well")
    monitor.look()


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_it_fits(chromium: Browser, url: str, width: int, scheme: str) -> None:
    show(chromium, url, width, scheme)
    root = chromium.find_element(By.TAG_NAME, "html")
    assert root.get_property("scrollWidth") == root.get_property("clientWidth")
    for element in chromium.find_elements(By.CSS_SELECTOR, ".tile dd, .bots td, h2, .scroll"):
        needs, has = (element.get_property(f"{each}Width") for each in ("scroll", "client"))
        assert needs <= has or not element.is_displayed(), element.text
    height = chromium.execute_script("return document.documentElement.scrollHeight")
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    time.sleep(0.3)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    name = "wide" if width == WIDE else "phone"
    assert chromium.save_screenshot(str(SCREENSHOTS / f"{name}-{scheme}.png"))


def test_the_theme_can_be_chosen(page: Browser) -> None:
    def background() -> str:
        return str(page.execute_script("return getComputedStyle(document.body).backgroundColor"))

    button, before = page.find_element(By.ID, "theme"), background()
    seen = set()
    for _ in range(3):
        button.send_keys(Keys.ENTER)
        seen.add((button.get_attribute("aria-label"), background() == before))
    assert seen == {("Theme: dark", True), ("Theme: light", False), ("Theme: system", True)}


def test_text_can_be_read_in_both_schemes(chromium: Browser, url: str) -> None:
    """Contrast of 4.5 at least, of each color that text has on a card."""
    for scheme in ("dark", "light"):
        show(chromium, url, scheme=scheme)
        ratios = chromium.execute_script(CONTRAST)
        assert len(ratios) == 6
        assert min(ratios.values()) >= 4.5, (scheme, ratios)


def test_it_asks_no_one_else(page: Browser, url: str) -> None:
    asked = page.execute_script(
        "return performance.getEntriesByType('resource').map((entry) => entry.name)"
    )
    assert all(each.startswith((url, "data:")) for each in asked)
    problems = [line for line in page.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]
    assert problems == []


CONTRAST = """
const parse = (color) => color.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((c) => {
    const s = c / 255;
    return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const card = document.querySelector(".card");
const below = light(parse(getComputedStyle(card).backgroundColor));
const found = {};
for (const name of ["ink", "quiet", "accent", "good", "bad", "warn"]) {
  const probe = document.createElement("span");
  card.append(probe);
  probe.style.color = `var(--${name})`;
  const above = light(parse(getComputedStyle(probe).color));
  found[name] = (Math.max(above, below) + 0.05) / (Math.min(above, below) + 0.05);
  probe.remove();
}
return found;
"""
