"""The system's browser, for tests of pages."""

import shutil
from contextlib import contextmanager

import pytest

from scripts.app_process import LIMIT_S
from scripts.dev import TEST_TOOLS


@contextmanager
def launched(*arguments):
    """Yield the running browser, started with *arguments*; skip the test where there is none.

    Its contexts come from `new_context`.
    """
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, TEST_TOOLS["chromium"][0])), None)
    if path is None:
        pytest.skip("needs the system's Chromium; on Debian and Ubuntu: apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", *arguments], timeout=LIMIT_S * 1000
        )
        yield running
        running.close()


def new_context(browser, **options):
    """Return a context of the browser in which everything may take as long as a busy machine needs."""
    context = browser.new_context(**options)
    context.set_default_timeout(LIMIT_S * 1000)
    return context
