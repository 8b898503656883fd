"""Folders made of one analysed set, and the system's browser."""

import shutil
import time

import pytest

from scripts.app_process import LIMIT_S
from scripts.benchmark_report import lengthened
from tests.chromium import launched, new_context


@pytest.fixture(scope="session")
def demo_folder(demo):
    """Return the folder with everything `analyze` writes for three repetitions; not to be changed."""
    return demo[0]


@pytest.fixture
def copied(demo_folder, tmp_path):
    """Return a copy of that folder, to be changed."""
    return shutil.copytree(demo_folder, tmp_path / "copied")


@pytest.fixture(scope="session")
def hundred(demo_folder, tmp_path_factory):
    """Return a folder with a set of a hundred repetitions, of which no report was made yet."""
    folder = tmp_path_factory.mktemp("long") / "hundred"
    lengthened(demo_folder, 100, folder)
    return folder


@pytest.fixture(scope="module")
def browser():
    with launched() as running:
        yield running


@pytest.fixture
def opened(browser):
    """Return a function that opens a page and what is folded on it.

    Afterwards nothing may have complained or asked for anything outside.
    """
    complaints, contexts = [], []

    def open_page(path, width=1180, beside=("annotated.mp4",), *, unfold=True, **options):
        contexts.append(new_context(browser, viewport={"width": width, "height": 900}, **options))
        page = contexts[-1].new_page()
        allowed = (path.as_uri(), *((path.parent / name).as_uri() for name in beside), "data:")
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith(allowed) or complaints.append(request.url))
        page.goto(path.as_uri())
        # The page cannot be asked to wait by `eval`, which its policy forbids.
        unread = "[...document.querySelectorAll('video')].some((one) => !one.error && one.readyState < 1)"
        deadline = time.monotonic() + LIMIT_S
        while page.evaluate(unread):
            assert time.monotonic() < deadline, "the video cannot be read"
            page.wait_for_timeout(20)
        if unfold:
            page.evaluate("document.querySelectorAll('.fold').forEach((part) => { part.open = true; })")
            page.wait_for_timeout(50)
            # Two pictures later the charts have the size that they got.
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
