"""A real browser, where the machine has one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

Browser = webdriver.Chrome


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Skips the test where none is installed."""
    paths = [shutil.which("chromium"), shutil.which("chromedriver")]
    if None in paths:
        pytest.skip("chromium and chromium-driver are not installed: Debian has both")
    options = Options()
    options.binary_location = str(paths[0])
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options, Service(str(paths[1])))
    yield browser
    browser.quit()
