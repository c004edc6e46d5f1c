"""A real Chromium for the tests that look at pages; its absence fails in CI and is said elsewhere."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        message = "not run: needs Chromium (Debian's package chromium)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def reader(browser: Browser) -> Iterator[BrowserContext]:
    """A person at a desk: a window of their own, set to Chinese."""
    desk = {"viewport": {"width": 1200, "height": 900}, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
    context = browser.new_context(**desk)
    yield context
    context.close()


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Path:
    """Where a test leaves its picture for who wants to see it: DUCHA_LOOK, or a folder that is thrown away."""
    directory = Path(os.environ.get("DUCHA_LOOK") or request.getfixturevalue("tmp_path"))
    directory.mkdir(parents=True, exist_ok=True)
    return directory
