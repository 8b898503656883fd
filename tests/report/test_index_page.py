"""The index of a batch: its rows, and the page in a real browser."""

import re
from dataclasses import replace

import pytest

from hipform.exercises.findings import Status
from hipform.report.index_page import IndexRow, failed_row, index_page, index_row, low_back_of
from hipform.training import training_facts
from tests.report.made import rep, result, unseen
from tests.report.test_in_browser import NASTY, heading_levels_are_in_order, least_contrast


def row_of(*sets, **changes):
    return index_row("clip.mp4", result(*sets, **changes), has_thumbnail=False)


def test_a_row_counts_over_all_sets():
    row = row_of([rep(1), rep(2, faults=["incomplete-lockout"]), rep(1, partial=True)], [rep(1)])
    assert (row.sets, row.reps, row.partial_reps) == (2, 3, 1)
    assert (row.locked_out, row.lockout_judged) == (2, 3)
    assert row.exercises == ("hip-thrust",)
    assert row.worst_fault == "Incomplete lockout (1 of 2 reps)"


def test_what_was_not_judged_is_not_called_fine():
    row = row_of([rep(1, judged=False), rep(2, judged=False)])
    assert (row.locked_out, row.lockout_judged, row.low_back) == (0, 0, Status.NOT_ASSESSED)
    assert row.worst_fault is None
    assert row_of().low_back is Status.NOT_ASSESSED


def test_the_low_back_is_at_fault_where_any_rep_is():
    fine, arched = rep(1), rep(2, faults=["lumbar-overextension"])
    assert row_of([fine]).low_back is Status.OK
    row = row_of([fine, arched], [arched])
    assert (row.low_back, row.low_back_faults) == (Status.FAULT, 2)


def test_a_low_back_that_was_not_seen_in_every_rep_is_not_called_fine():
    hidden = replace(rep(1), findings=tuple(unseen(one.rule) for one in rep(1).findings))
    row = row_of([hidden, rep(2)])
    assert row.low_back is Status.NOT_ASSESSED
    assert low_back_of(row) == "? fine in 1 of 2"


@pytest.mark.parametrize(
    ("backs", "value", "words"),
    [
        ([Status.NOT_ASSESSED, Status.NOT_ASSESSED], "?", "not judged"),
        ([Status.OK, Status.NOT_ASSESSED], "0", "clips with a fault, 1 not judged"),
        ([Status.FAULT, Status.OK], "1", "clip with a fault"),
    ],
)
def test_low_backs_that_were_not_judged_are_not_counted_as_free_of_faults(backs, value, words):
    rows = [(f"{n}", IndexRow(clip=f"{n}.mp4", reps=5, low_back=back)) for n, back in enumerate(backs)]
    page = index_page([*rows, ("x", failed_row("x.mp4", training_facts(None, None, None, None), "Nobody was found."))])
    tile = page[page.index('class="tiles') : page.index("<table")]
    tile = re.sub(r"<[^>]+>|\s+", " ", tile[tile.index("Low back") :]).split()
    assert " ".join(tile).startswith(f"Low back {value} {words}")
    assert ("not judged" in " ".join(tile)) == ("not judged" in words)


def test_a_coach_sees_each_athlete_and_what_to_look_at_first():
    ana = {"athlete": "Ana", "reps": 8, "lockout_judged": 8}
    rows = [
        ("a", IndexRow(clip="a.mp4", **ana, locked_out=8, load="45 kg", load_kg=45.0)),
        ("b", IndexRow(clip="b.mp4", **ana, locked_out=4, load="80 kg", load_kg=80.0, worst_fault="Short (4 of 8)")),
        ("c", IndexRow(clip="c.mp4", athlete="Bo", reps=5, low_back_faults=5, worst_fault="Arch (5 of 5)")),
        ("d", failed_row("d.mp4", training_facts("Bo", None, None, None), "Nobody was found.")),
    ]
    page = index_page(rows)
    first = page[page.index("Look at these first") : page.index("By athlete")]
    assert first.index("c.mp4") < first.index("b.mp4")
    assert "a.mp4" not in first
    table = page[page.index('class="athletes"') :]
    assert "45 kg to 80 kg" in table
    assert "2, 1 failed" in table
    assert "12 of 16" in table


def test_the_worst_fault_is_the_gravest_of_all_sets():
    row = row_of([rep(1, faults=["shin-angle"])], [rep(1, faults=["lumbar-overextension"])])
    assert row.worst_fault == "Arching past straight (1 of 1 rep)"


def test_a_failed_clip_has_its_reason_and_what_was_said_of_it():
    row = failed_row("x.mp4", training_facts("Ana", "80kg", "tired", "2026-03-21"), "Nobody was found.")
    assert (row.failure, row.athlete, row.load, row.load_kg, row.note) == (
        "Nobody was found.",
        "Ana",
        "80 kg",
        80.0,
        "tired",
    )
    assert row.reps == 0


def test_texts_of_others_are_escaped():
    rows = [
        ("x", IndexRow(clip=NASTY, athlete=NASTY, worst_fault=NASTY, reps=1)),
        ("evil\"'<x>", failed_row(NASTY, training_facts(None, None, None, None), f"{NASTY} is no video.")),
    ]
    page = index_page(rows)
    assert "<img src=x" not in page
    assert "<b>" not in page
    assert 'href="x/report.html"' in page


# -------------------------------------------------------------------------------------------------------------- browser


def cells(page, column):
    return page.evaluate(
        f"[...document.querySelectorAll('.clips tbody tr')].filter((row) => !row.hidden)"
        f".map((row) => row.cells[{column}]?.textContent.trim())"
    )


@pytest.fixture
def index(tmp_path):
    """Return a page of four clips, one of which failed, and of one with a nasty name."""
    good = IndexRow(clip="set 10.mp4", exercises=("hip-thrust",), sets=1, reps=9, locked_out=9, lockout_judged=9)
    bad = replace(good, clip="set 9.mp4", exercises=("deadlift",), sets=2, reps=12, locked_out=2, lockout_judged=4)
    back = {"low_back": Status.FAULT, "low_back_faults": 3, "worst_fault": "Low back arches at the top (3 of 9 reps)"}
    rows = [
        replace(good, low_back=Status.OK),
        replace(bad, **back, athlete="Ana", load="80 kg", day="2026-03-21", has_thumbnail=True),
        IndexRow(clip="unsure.mp4", exercises=("hip-thrust", "deadlift"), sets=2, reps=3),
        failed_row("broken.mp4", training_facts(None, None, None, None), "broken.mp4 is no video."),
        IndexRow(clip=NASTY, exercises=("hip-thrust",), sets=1, reps=1),
    ]
    names = ["set 10", "set 9", "unsure", "broken", "nasty"]
    (tmp_path / "set 9").mkdir()
    (tmp_path / "set 9" / "thumbnail.jpg").write_bytes(JPEG)
    path = tmp_path / "index.html"
    path.write_text(index_page(list(zip(names, rows, strict=True))), encoding="utf-8")
    return path


def jpeg():
    import cv2
    import numpy as np

    return cv2.imencode(".jpg", np.full((90, 160, 3), 90, np.uint8))[1].tobytes()


JPEG = jpeg()
CLIP = 1
ALL = ["set 10.mp4", "set 9.mp4", "unsure.mp4", "broken.mp4", NASTY]


@pytest.fixture
def page(opened, index):
    return opened(index, beside=("set 9/thumbnail.jpg",))


def test_pictures_are_linked_and_shown(page):
    source = page.evaluate("[...document.images].map((one) => [one.getAttribute('src'), one.loading])")
    assert source == [["set%209/thumbnail.jpg", "lazy"]]


def test_a_click_on_a_heading_sorts(page):
    page.click(".clips button.sort:text-is('Clip')")
    assert [name for name in cells(page, CLIP) if name != NASTY] == [
        "broken.mp4",
        "set 9.mp4",
        "set 10.mp4",
        "unsure.mp4",
    ]
    page.click(".clips button.sort:text-is('Reps')")
    assert cells(page, CLIP)[:2] == ["set 9.mp4", "set 10.mp4"]
    assert cells(page, CLIP)[-1] == "broken.mp4"
    page.click(".clips button.sort:text-is('Locked out')")
    page.click(".clips button.sort:text-is('Locked out')")
    # What was not judged comes last either way.
    assert cells(page, CLIP)[:2] == ["set 9.mp4", "set 10.mp4"]
    assert page.evaluate("document.querySelectorAll('[aria-sort=ascending]').length") == 1


def test_the_form_filters(page):
    page.fill("#words", "ANA low")
    assert cells(page, CLIP) == ["set 9.mp4"]
    assert page.inner_text(".count") == "1 of 5"
    page.fill("#words", "")
    page.select_option("#exercise", "deadlift")
    assert cells(page, CLIP) == ["set 9.mp4", "unsure.mp4"]
    page.select_option("#exercise", "")
    for show, names in {
        "lockout": ["set 9.mp4"],
        "back": ["set 9.mp4"],
        "fault": ["set 9.mp4"],
        "failed": ["broken.mp4"],
        "": ALL,
    }.items():
        page.select_option("#show", show)
        assert cells(page, CLIP) == names
    page.fill("#words", "nothing is called that")
    assert page.is_visible("[data-none]")


def test_a_failed_clip_says_why_and_leads_nowhere(page):
    row = page.locator("tr.failed")
    assert "broken.mp4 is no video." in row.inner_text()
    assert row.locator("a").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1180])
def test_the_page_can_be_read(opened, index, scheme, width):
    page = opened(index, width=width, beside=("set 9/thumbnail.jpg",), color_scheme=scheme)
    assert heading_levels_are_in_order(page)
    assert least_contrast(page)[0] >= 4.5
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_thousand_clips_are_a_small_page():
    row = IndexRow(
        clip="clients/ana/set 9.mp4", exercises=("deadlift",), sets=1, reps=12, locked_out=2, lockout_judged=4,
        worst_fault="Low back arches at the top (3 of 9 reps)", athlete="Ana", day="2026-03-21", has_thumbnail=True,
    )  # fmt: skip
    assert len(index_page([(f"ana_set {at}", row) for at in range(1000)])) < 1_500_000
