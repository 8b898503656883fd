"""The app in a real browser, with the real model on a short sample."""

import pytest

from tests.chromium import launched
from tests.samples import SAMPLES
from tests.web.running import LIMIT_S, Running

CLIP = SAMPLES / "hip_thrust_short.mp4"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    top = tmp_path_factory.mktemp("app")
    running = Running(top, "-m", "hipform", "app", "--no-browser", "--port", "0", "--folder", str(top / "app"))
    yield running
    assert running.end() == 130


@pytest.fixture(scope="module")
def context(running):
    with launched() as browser:
        context = browser.new_context(viewport={"width": 1100, "height": 800})
        context.set_default_timeout(LIMIT_S * 1000)
        yield context
        context.close()


@pytest.fixture
def page(context, running):
    """Return a page; afterwards nothing may have complained or asked for anything outside."""
    complaints = []
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda request: request.url.startswith((running.address, "data:")) or complaints.append(request.url)
    )
    yield page
    page.close()
    assert complaints == []


def test_from_a_dropped_clip_to_its_report_and_its_correction(page, running):
    page.goto(f"{running.address}/#{running.code}")
    page.wait_for_selector("[data-drop]")
    assert page.url == f"{running.address}/"
    page.click("summary")
    page.select_option("select[name=model]", "lite")
    page.fill("input[name=athlete]", "Ana")
    page.set_input_files("[data-files]", [str(CLIP)])
    page.wait_for_selector("[data-set] progress")
    page.reload()
    page.wait_for_selector("[data-set] .numbers")
    page.click("[data-set] .name")
    report = page.frame_locator("[data-report]")
    report.locator("video").wait_for()
    video = page.frames[1]
    video.wait_for_function("document.querySelector('video').readyState >= 1")
    report.locator("[data-seek]").first.click()
    video.wait_for_function("document.querySelector('video').currentTime > 0")
    page.click("text=Correct what was assumed")
    page.fill("input[name=label]", "first set.mp4")
    page.fill("input[name=load]", "80kg")
    page.click("text=Judge again")
    page.wait_for_selector("h1:has-text('first set.mp4')")
    report.locator("text=80 kg").first.wait_for()
    assert report.locator("video").count() == 1


def test_every_page_opens_without_complaint_on_a_phones_width(page, running):
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/", "/athletes", "/phone", "/settings"):
        page.goto(f"{running.address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
