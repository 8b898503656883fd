"""The app in a real browser, with the real model on a short sample."""

import pytest
from playwright.sync_api import Error

from hipform.web.phones import local_addresses
from tests.chromium import launched, new_context
from tests.samples import SAMPLES
from tests.web.fake_camera import camera_arguments, make_mjpeg
from tests.web.running import Running, wait_until

CLIP = SAMPLES / "hip_thrust_short.mp4"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    top = tmp_path_factory.mktemp("app")
    running = Running(top, top / "app")
    yield running
    assert running.end() == 130


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Return a browser whose camera shows a hip thrust again and again."""
    camera = make_mjpeg(CLIP, tmp_path_factory.mktemp("camera") / "camera.mjpeg")
    with launched(*camera_arguments(camera)) as browser:
        yield browser


@pytest.fixture(scope="module")
def context(browser, running):
    """Return a context of the browser that is signed in."""
    context = new_context(browser, viewport={"width": 1100, "height": 800})
    first = context.new_page()
    first.goto(f"{running.address}/#{running.code}")
    first.wait_for_selector("[data-drop]")
    # The code is used up, and out of the browser's history.
    assert first.url == f"{running.address}/"
    first.close()
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


def test_from_a_dropped_clip_to_its_report_and_its_correction(page, running, thin_clip):
    page.goto(running.address)
    page.click("summary")
    page.select_option("select[name=model]", "lite")
    page.fill("input[name=athlete]", "Ana")
    page.set_input_files("[data-files]", [str(thin_clip)])
    page.wait_for_selector("[data-set] progress")
    page.reload()
    page.wait_for_selector("[data-set] .numbers")
    page.click("[data-set] .name")
    report = page.frame_locator("[data-report]")
    report.locator("summary:has-text('Watch it')").click()
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


@pytest.fixture
def lent(browser, tmp_path):
    """Return the page of an app with fake clips that has access for phones switched on, and the link in the code."""
    running = Running(tmp_path / "0", tmp_path / "app", "-m", "tests.web.running", str(tmp_path / "app"))
    with new_context(browser) as context:
        page = context.new_page()
        page.goto(f"{running.address}/#{running.code}")
        page.wait_for_selector("[data-drop]")
        page.goto(f"{running.address}/phone")
        page.click("text=Switch on")
        yield page, page.text_content("[data-link]")
    running.kill()


needs_network = pytest.mark.skipif(
    not local_addresses(), reason="this computer is in no private network, so no phone could reach it"
)


@needs_network
def test_a_phone_reads_the_code_sends_a_clip_that_breaks_off_and_shows_the_report(browser, lent, tmp_path):
    page, link = lent
    clip, broken = tmp_path / "phone.mp4", []
    clip.write_text("ok" + " " * 20_000_000)
    phone = new_context(browser, viewport={"width": 390, "height": 800}, is_mobile=True, has_touch=True)
    mobile = phone.new_page()

    def break_off_once(route):
        broken.append(route.request.url)
        if len(broken) > 1:
            route.continue_()
        else:
            route.abort("connectionreset")

    mobile.route("**/uploads/*/1*", break_off_once)
    mobile.goto(link)
    mobile.set_input_files("[data-files][multiple]", [str(clip)])
    page.wait_for_selector("text=connected")
    report = mobile.wait_for_selector("a:has-text('Report')")
    assert report.get_attribute("href").endswith("report.html")
    # Once more for every time that a busy machine itself breaks it off.
    assert len(broken) >= 2
    assert mobile.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("text=Switch off")
    page.wait_for_selector("text=Switch on")
    with pytest.raises(Error):
        mobile.goto(link.partition("#")[0])


def test_every_page_opens_without_complaint_on_a_phones_width(page, running):
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/", "/athletes", "/phone", "/settings"):
        page.goto(f"{running.address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.fixture
def live_page(page, running):
    """Return the page of live training, with the lite model chosen."""
    page.goto(f"{running.address}/live")
    page.select_option("select[name=model]", "lite")
    page.select_option("select[name=speaker]", "nobody")
    return page


def test_a_training_in_front_of_the_camera_is_counted_and_becomes_a_set(live_page):
    live_page.select_option("select[name=exercise]", "hip-thrust")
    live_page.click("[data-start]")
    live_page.wait_for_selector('[data-reps]:text-matches("[1-9]")')
    assert live_page.text_content("[data-exercise]") == "Hip thrust"
    assert live_page.text_content("[data-verdict]") != ""
    is_drawn = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(one => one)"
    assert live_page.eval_on_selector("[data-screen]", is_drawn)
    live_page.press("body", "q")
    live_page.wait_for_url("**/sets/*")
    live_page.frame_locator("[data-report]").locator("h1").first.wait_for()


def list_phones(page):
    """Let the page of live training list the phones once more."""
    with page.expect_response("**/live/phones"):
        pass
    page.evaluate("fetch('/live/phones').then((answer) => answer.json())")


def test_listing_the_phones_leaves_a_start_and_its_refusal_as_they_are(page, running):
    page.goto(f"{running.address}/live")
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => new Promise((_, reject) => "
        "{ window.refuse = () => reject(new DOMException('', 'NotAllowedError')); }); }"
    )
    page.click("[data-start]")
    list_phones(page)
    assert page.is_disabled("[data-start]")
    page.evaluate("() => refuse()")
    page.wait_for_selector("[data-problem]:has-text('does not let this page use the camera')")
    list_phones(page)
    assert page.is_visible("[data-problem]")
    assert page.is_enabled("[data-start]")


@pytest.fixture
def mobile(browser):
    """Return the page of a phone whose user accepts the certificate; afterwards nothing may have complained."""
    complaints = []
    accepting = {"ignore_https_errors": True, "is_mobile": True, "has_touch": True}
    with new_context(browser, viewport={"width": 360, "height": 740}, **accepting) as context:
        mobile = context.new_page()
        mobile.on("console", lambda message: complaints.append(message.text))
        mobile.on("pageerror", lambda error: complaints.append(str(error)))
        yield mobile
    # The phone asks again and again whether the computer is there.
    assert [text for text in complaints if "ERR_CONNECTION" not in text] == []


@needs_network
def test_a_phone_is_the_camera_of_a_training_on_the_computer(page, running, mobile):
    page.goto(f"{running.address}/phone")
    page.click("text=Switch on")
    page.click("text=Code for the live camera")
    link = page.text_content("[data-link]")
    assert link.startswith("https://")
    mobile.goto(link)
    mobile.click("[data-start]")
    mobile.wait_for_selector("[data-state=ready]")
    mobile.wait_for_selector("[role=status]:has-text('Ready. Start the training at the computer')")
    assert mobile.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.wait_for_url("**/live")
    page.wait_for_selector("option:text('Phone 2')", state="attached")
    page.select_option("select[name=model]", "lite")
    page.select_option("select[name=exercise]", "hip-thrust")
    page.select_option("select[name=speaker]", "phone")
    page.click("text=Start the training")
    page.wait_for_selector('[data-reps]:text-matches("[1-9]")')
    mobile.wait_for_selector("[data-state=films]")
    mobile.route("**/camera**", lambda route: route.abort("connectionreset"))
    mobile.wait_for_selector("[data-state=lost]")
    mobile.unroute("**/camera**")
    mobile.wait_for_selector("[data-state=films]")
    page.press("body", "q")
    page.wait_for_url("**/sets/*")
    mobile.wait_for_selector("[data-state=ready]")
    # The page of the set loads itself again when the set is done, which may overtake its leaving.
    other = page.context.new_page()
    other.goto(f"{running.address}/phone")
    other.click("text=Switch off")
    other.wait_for_selector("text=Switch on")
    other.close()


def test_closing_the_page_keeps_what_was_filmed(live_page, running):
    with running.client() as client:
        before = client.get("/library").text.count("data-set=")
    live_page.click("[data-start]")
    live_page.wait_for_selector("[data-screen][data-stage]")
    live_page.goto(f"{running.address}/settings")
    with running.client() as client:
        wait_until(lambda: client.get("/library").text.count("data-set=") > before)
