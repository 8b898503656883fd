"""The report and the comparison in a real browser."""

import json
import shutil
import time
from itertools import pairwise

import cv2
import pytest

from hipform.app import compare, report
from hipform.report.result import FILES
from scripts.app_process import LIMIT_S
from tests.chromium import new_context

NASTY = "</script><img src=x onerror=alert(1)><b>'\"&.mp4"
TIME = "() => document.querySelector('video').currentTime"


def named(folder, name):
    """Change the name of the clip in a folder of results."""
    path = folder / FILES["result"]
    result = json.loads(path.read_text(encoding="utf-8"))
    result["clip"]["name"] = name
    path.write_text(json.dumps(result), encoding="utf-8")
    return folder


def reps_of(page):
    return page.evaluate("hipform.data.reps")


def head_x(page):
    return page.evaluate("document.querySelector('.play-head').getBoundingClientRect().left")


def wait_until(page, expression):
    """Wait until a JavaScript expression holds. Playwright's own way polls by `eval`, which the pages forbid."""
    deadline = time.monotonic() + LIMIT_S
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(20)


def has_time(page, expected_s, within_s=0.1, video=0):
    wait_until(page, f"Math.abs(document.querySelectorAll('video')[{video}].currentTime - {expected_s}) < {within_s}")


def heading_levels_are_in_order(page):
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((one) => Number(one.tagName[1]))")
    return levels.index(1) == 0 and levels.count(1) == 1 and all(to - of <= 1 for of, to in pairwise(levels))


def least_contrast(page):
    """Return the smallest contrast of a text with what is behind it, as WCAG counts it, and where it is."""
    return page.evaluate(
        """() => {
            const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
            const rgb = (color) => {
                context.fillStyle = color; context.fillRect(0, 0, 1, 1);
                return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
            };
            const light = (color) => {
                const part = rgb(color).map((c) => (c <= 10 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
                return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
            };
            const behind = (one) => {
                for (let at = one; at; at = at.parentElement) {
                    const color = getComputedStyle(at).backgroundColor;
                    if (color !== "rgba(0, 0, 0, 0)") return color;
                }
            };
            const texts = [...document.querySelectorAll("body *")].filter((one) =>
                [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) &&
                !one.closest("script, style, noscript, .hidden-text, .skip, video"));
            const ratios = texts.map((one) => {
                const [a, b] = [light(getComputedStyle(one).color), light(behind(one))].sort((x, y) => y - x);
                return [(a + 0.05) / (b + 0.05), one.outerHTML.slice(0, 100)];
            });
            return ratios.sort((x, y) => x[0] - y[0])[0];
        }"""
    )


def focused(page):
    return page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_a_click_on_a_repetition_moves_video_and_play_head(opened, demo_folder):
    page = opened(demo_folder / FILES["report"])
    before = head_x(page)
    second = reps_of(page)[1]
    page.get_by_role("button", name="Rep 2, locked out, low back not judged").click()
    has_time(page, second["start"])
    assert head_x(page) > before + 50
    assert (
        page.get_by_role("button", name="Rep 2, locked out, low back not judged").get_attribute("aria-current")
        == "true"
    )
    assert "rep 2" in page.locator("[data-readout]").inner_text()


def test_a_click_on_any_curve_moves_the_video_there(opened, demo_folder):
    page = opened(demo_folder / FILES["report"])
    end_s = page.evaluate("hipform.data.end")
    overs = page.locator(".watch .u-over")
    assert overs.count() == len(page.evaluate("hipform.data.tracks")) >= 2
    for curve, share in ((overs.nth(0), 0.5), (overs.nth(1), 0.25), (overs.last, 0.75)):
        box = curve.bounding_box()
        curve.click(position={"x": box["width"] * share, "y": box["height"] / 2})
        has_time(page, end_s * share)
        assert head_x(page) == pytest.approx(overs.nth(0).bounding_box()["x"] + box["width"] * share, abs=3)


def test_dragging_zooms_all_curves_and_moves_nothing(opened, demo_folder):
    page = opened(demo_folder / FILES["report"])
    curve = page.locator(".watch .u-over").first
    curve.scroll_into_view_if_needed()
    box = curve.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 50, steps=5)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert page.evaluate(TIME) == 0
    last = page.locator(".watch .u-over").nth(1)
    last.click(position={"x": last.bounding_box()["width"] - 2, "y": 20})
    assert 0 < page.evaluate(TIME) < 0.6 * page.evaluate("hipform.data.end")
    page.get_by_role("button", name="Whole clip").click()
    last.click(position={"x": last.bounding_box()["width"] - 2, "y": 20})
    has_time(page, page.evaluate("hipform.data.end"))


def test_the_play_head_follows_the_running_video(opened, demo_folder):
    page = opened(demo_folder / FILES["report"])
    before = head_x(page)
    page.evaluate("() => { const video = document.querySelector('video'); video.muted = true; return video.play(); }")
    wait_until(page, "document.querySelector('video').currentTime > 0.7")
    wait_until(page, f"document.querySelector('.play-head').getBoundingClientRect().left > {before + 20}")
    wait_until(page, "Number(document.querySelector('#seek').value) > 0.5")


def test_everything_can_be_done_with_the_keys(opened, demo_folder):
    page = opened(demo_folder / FILES["report"])
    first, second, third = reps_of(page)
    page.keyboard.press("Tab")
    assert "Skip to the content" in focused(page)
    stops = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stops.append(focused(page))
        if "data-reps" in page.evaluate("document.activeElement.parentElement.outerHTML.slice(0, 120)"):
            break
    assert "Rep 1, locked out, low back not judged" in stops[-1]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    has_time(page, second["start"])
    page.keyboard.press("End")
    page.keyboard.press(" ")
    has_time(page, third["start"])
    page.keyboard.press("Tab")
    assert 'id="seek"' in focused(page)
    page.keyboard.press("Home")
    has_time(page, 0)
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    has_time(page, 0.2)
    assert "hip" in page.locator("#seek").get_attribute("aria-valuetext")
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.seek || document.activeElement.tagName"))
    assert {each["anchor"] for each in (first, second, third)} <= reached
    assert "SUMMARY" in reached


def test_the_first_screen_is_short_and_the_rest_is_folded(opened, demo_folder):
    page = opened(demo_folder / FILES["report"], unfold=False)
    assert page.evaluate("document.documentElement.scrollHeight") < 1800
    assert page.locator(".glance").is_visible()
    assert not page.locator("video").is_visible()
    page.locator("#set-1-reps > summary").click()
    page.locator("table.reps a").nth(1).press("Enter")
    assert page.locator("#set-1-rep-2").is_visible()
    page.get_by_role("button", name="Show Rep 2 in the video").click()
    assert page.locator("video").is_visible()
    assert page.locator(".watch canvas").first.bounding_box()["width"] > 800


def test_a_comment_is_printed_when_somebody_wrote_one(opened, demo_folder):
    page = opened(demo_folder / FILES["report"], unfold=False)
    page.emulate_media(media="print")
    assert not page.locator(".comment").is_visible()
    page.emulate_media(media="screen")
    page.locator("[data-comment]").click()
    page.keyboard.type("Chest up")
    page.emulate_media(media="print")
    assert page.locator(".comment").inner_text().strip().endswith("Chest up")


def test_a_card_leads_to_its_repetition(opened, demo_folder):
    page = opened(demo_folder / FILES["report"])
    page.get_by_role("button", name="Show Rep 3 in the video").click()
    has_time(page, reps_of(page)[2]["start"])


def test_what_is_on_the_page_has_names_and_headings_in_order(opened, demo_folder):
    page = opened(demo_folder / FILES["report"])
    assert page.get_by_role("main").count() == page.get_by_role("contentinfo").count() == 1
    assert heading_levels_are_in_order(page)
    assert page.evaluate("[...document.images].every((one) => one.alt.length > 20 && one.complete && one.naturalWidth)")
    assert page.evaluate(
        "[...document.querySelectorAll('[role=img],[role=region],video')].every((one) => one.ariaLabel)"
    )
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    for link in page.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].map((one) => one.hash.slice(1))"):
        assert link in ids


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(opened, demo_folder, scheme):
    page = opened(demo_folder / FILES["report"], color_scheme=scheme)
    ratio, element = least_contrast(page)
    assert ratio >= 4.5, element


@pytest.mark.parametrize("width", [360, 700, 1600])
def test_no_width_makes_the_page_scroll_sideways(opened, demo_folder, width):
    page = opened(demo_folder / FILES["report"], width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for chart in page.locator(".chart").all():
        assert chart.locator("canvas").bounding_box()["width"] <= width


def test_dark_is_dark_and_paper_is_light(opened, demo_folder):
    page = opened(demo_folder / FILES["report"], color_scheme="dark")
    page_color = (
        "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((sum, n) => sum + Number(n), 0)"
    )
    assert page.evaluate(page_color) < 120
    axis = "() => hipform.color('hip')"
    assert page.evaluate(axis) == "#56b4e9"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(axis) == "#0072b2"
    assert page.evaluate("document.querySelectorAll('details:not([open])').length") == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(axis) == "#56b4e9"
    assert page.evaluate("document.querySelectorAll('details[open]:not(.fold)').length") == 0


def test_it_prints_to_clean_pages(opened, demo_folder, tmp_path):
    page = opened(demo_folder / FILES["report"], unfold=False)
    path = tmp_path / "report.pdf"

    def printed_pages():
        page.pdf(path=path, format="A4", print_background=True)
        return path.read_bytes().count(b"/Type /Page\n")

    assert printed_pages() == 1
    page.evaluate("document.querySelectorAll('.fold').forEach((part) => { part.open = true; })")
    assert 2 <= printed_pages() <= 8
    page.emulate_media(media="print")
    assert not page.locator("video").is_visible()
    assert not page.get_by_role("button", name="Zoom in").is_visible()
    assert page.locator(".rep img").last.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1180


def test_a_long_name_a_trend_and_a_comment_stay_on_one_printed_page(opened, demo_folder, tmp_path):
    page = opened(demo_folder / FILES["report"], unfold=False)
    page.evaluate(
        """() => {
            const name = "Maximiliane-Henriette von und zu Donaudampfschifffahrtsgesellschaft";
            document.querySelector("h1").textContent = `Hip thrust \u00b7 ${name} \u00b7 80 kg \u00b7 22 November 2026`;
            document.querySelector(".brand").textContent = `Krafttraining und Rehabilitation ${name}`;
            const list = "<li>Last time, on 2 March 2026, with 45 kg: now 80 kg, 35 kg more.</li>".repeat(3);
            const rest = document.querySelector(".rest");
            rest.insertAdjacentHTML("beforeend", `<h3>Since last time</h3><ul>${list}</ul>`);
            const comment = document.querySelector("[data-comment]");
            comment.textContent = "Die Lendenwirbelsaeule bleibt in der obersten Position neutral. ".repeat(12);
            comment.closest(".comment").classList.remove("screen-only");
        }"""
    )
    path = tmp_path / "report.pdf"
    page.pdf(path=path, format="A4", print_background=True)
    assert path.read_bytes().count(b"/Type /Page\n") == 1


def test_beside_a_portrait_picture_no_paper_is_left_empty(opened, copied):
    for path in (copied / FILES["keyframes"]).iterdir():
        cv2.imwrite(str(path), cv2.rotate(cv2.imread(str(path)), cv2.ROTATE_90_CLOCKWISE))
    report(copied)
    page = opened(copied / FILES["report"], width=700, unfold=False)
    page.emulate_media(media="print")
    picture, rest = (page.locator(f".one-thing {part}").first.bounding_box() for part in ("figure", ".rest"))
    assert rest["y"] < picture["y"] + picture["height"] / 2
    assert rest["x"] + rest["width"] <= picture["x"]


def test_a_name_cannot_become_code(opened, copied):
    path = report(named(copied, NASTY))
    page = opened(path)
    assert page.locator("h1 + p").inner_text().startswith(NASTY)
    assert page.locator("img[src=x]").count() == 0


def test_the_policy_stops_whatever_is_added(browser, demo_folder):
    page = new_context(browser).new_page()
    page.goto((demo_folder / FILES["report"]).as_uri())
    page.evaluate(
        """() => {
            window.ran = [];
            const script = document.createElement("script");
            script.textContent = "window.ran.push('script')";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=\\"window.ran.push('handler')\\">");
            const style = document.createElement("style");
            style.textContent = "body { color: rgb(1, 2, 3) }";
            document.head.append(style);
        }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") == []
    assert page.evaluate("getComputedStyle(document.body).color") != "rgb(1, 2, 3)"
    refused = page.evaluate("fetch('https://example.org/').then(() => 'reached', () => 'refused')")
    assert refused == "refused"
    page.context.close()


def test_without_its_video_the_page_says_so_and_its_curves_still_lead(browser, demo_folder, tmp_path):
    shutil.copy(demo_folder / FILES["report"], tmp_path / "alone.html")
    page = new_context(browser).new_page()
    page.goto((tmp_path / "alone.html").as_uri())
    page.locator("#watch > summary").click()
    page.get_by_text("The video cannot be played from here").wait_for()
    assert not page.locator("video").is_visible()
    before = head_x(page)
    page.get_by_role("button", name="Rep 3, locked out, low back not judged").click()
    assert head_x(page) > before + 100
    assert "rep 3" in page.locator("[data-readout]").inner_text()
    page.context.close()


def test_an_embedded_video_plays_from_the_page_alone(opened, copied, tmp_path):
    page_file = shutil.copy(report(copied, embed=True), tmp_path / "alone.html")
    page = opened(page_file)
    page.get_by_role("button", name="Rep 2, locked out, low back not judged").click()
    has_time(page, reps_of(page)[1]["start"])


def test_cues_are_captions(opened, copied):
    path = copied / FILES["result"]
    result = json.loads(path.read_text(encoding="utf-8"))
    result["cues"] = [
        {"start_s": 1.0, "end_s": 3.0, "rule": "no-squeeze", "text": "Hold <the> top", "is_praise": False}
    ]
    path.write_text(json.dumps(result), encoding="utf-8")
    page = opened(report(copied))
    tracks = page.evaluate(
        "[...document.querySelector('video').textTracks].map((track) => { track.mode = 'hidden';"
        " return [track.kind, [...track.cues].map((cue) => [cue.startTime, cue.endTime, cue.text])]; })"
    )
    assert tracks == [["captions", [[1, 3, "Hold <the> top"]]]]


def test_a_clip_that_begins_before_zero_is_later_in_its_video(opened, copied):
    path = copied / FILES["result"]
    result = json.loads(path.read_text(encoding="utf-8"))
    result["clip"]["start_s"] = -0.5
    path.write_text(json.dumps(result), encoding="utf-8")
    page = opened(report(copied))
    page.get_by_role("button", name="Rep 2, locked out, low back not judged").click()
    has_time(page, reps_of(page)[1]["start"] + 0.5)
    assert "rep 2" in page.locator("[data-readout]").inner_text()


def test_a_hundred_repetitions_are_all_there(opened, hundred):
    page = opened(report(hundred))
    assert page.locator(".jump").count() == page.locator(".rep").count() == 100
    page.get_by_role("button", name="Rep 3, locked out, low back not judged", exact=True).click()
    has_time(page, reps_of(page)[2]["start"])
    assert "of 200 images" in page.locator("main").inner_text()


# ------------------------------------------------------------------------------------------------------------ compare


def test_one_slider_moves_figures_curve_and_videos(opened, copied):
    page = opened(compare(copied))
    line = "[...document.querySelectorAll('.ghost.second .near-side')].map((one) => one.getAttribute('y1')).join()"
    start, end = page.evaluate("hipform.data.spans")[1]
    page.locator("#phase").focus()
    page.keyboard.press("Home")
    bottom, left = page.evaluate(line), head_x(page)
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    assert page.evaluate(line) != bottom
    assert head_x(page) > left + 50
    has_time(page, start + 0.4 * (end - start), 0.05, video=1)
    assert page.locator("[data-phase]").inner_text().startswith("40 %")
    assert page.locator("#phase").get_attribute("aria-valuetext").startswith("40 %")


def test_angles_that_were_not_judged_are_not_known_whatever_was_seen(opened, copied, demo_folder):
    unjudged = shutil.copytree(demo_folder, copied / "unjudged")
    result = json.loads((unjudged / FILES["result"]).read_text(encoding="utf-8"))
    for rep in result["sets"][0]["reps"]:
        (lockout,) = (finding for finding in rep["findings"] if finding["rule"] == "incomplete-lockout")
        lockout |= {"status": "not_assessed", "measured": None, "limit": None}
    (unjudged / FILES["result"]).write_text(json.dumps(result), encoding="utf-8")
    page = opened(compare(copied, unjudged), beside=("annotated.mp4", "unjudged/annotated.mp4"))
    shown = page.locator("[data-phase]").inner_text()
    assert shown.endswith("not known")
    assert "not seen" not in shown


def test_playing_runs_through_the_repetition_and_stops(opened, copied):
    page = opened(compare(copied))
    button = page.get_by_role("button", name="Play", exact=True)
    button.click()
    before = page.locator("#phase").input_value()
    wait_until(page, f"document.querySelector('#phase').value !== '{before}'")
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    rest = page.locator("#phase").input_value()
    page.wait_for_timeout(150)
    assert page.locator("#phase").input_value() == rest


def test_a_comparison_has_names_and_headings_in_order(opened, copied):
    page = opened(compare(copied))
    assert heading_levels_are_in_order(page)
    assert page.evaluate(
        "[...document.querySelectorAll('[role=img],[role=region],video')].every((one) => one.ariaLabel)"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_text_of_a_comparison_stands_out(opened, copied, scheme):
    ratio, element = least_contrast(opened(compare(copied), color_scheme=scheme))
    assert ratio >= 4.5, element


@pytest.mark.parametrize("width", [360, 1180])
def test_a_comparison_fits_its_width(opened, copied, width):
    page = opened(compare(copied), width=width, color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.images].every((one) => one.alt.length > 20)")
