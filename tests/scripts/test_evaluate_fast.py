"""How fast mode is compared with every frame: on synthetic repetitions, and once on a real clip."""

from dataclasses import replace
from pathlib import Path

import pytest

from hipform.analysis.judged_reps import Rep
from hipform.exercises.findings import LOCKOUT_RULE, Finding, Status
from hipform.features.rep_timing import RepTiming
from hipform.types import Estimate, Side
from scripts.benchmark_fast import Shares, section
from scripts.evaluate.agreement import compare, matched
from scripts.evaluate.clips import Entry
from scripts.evaluate.fast import part_of, run_clip
from scripts.evaluate.fast_page import Agreement, page
from tests.samples import write_thin_clip


def a_rep(top_s, status=Status.OK, **changed):
    angle = Estimate(2.0, 5.0, "deg")
    return Rep(
        number=1,
        partial=False,
        side=Side.LEFT,
        timing=RepTiming(
            start_s=top_s - 1,
            lift_start_s=None,
            top_start_s=top_s - 0.2,
            top_s=top_s,
            top_end_s=top_s + 0.2,
            end_s=top_s + 1,
            lift_s=0.8,
            hold_s=0.4,
            lower_s=changed.pop("lower_s", 0.8),
        ),
        lockout_trunk_thigh_flexion_deg=changed.pop("lockout", angle),
        bottom_trunk_thigh_flexion_deg=angle,
        range_deg=angle,
        findings=(Finding(rule=LOCKOUT_RULE, status=status, text=""),),
    )


def an_agreement(**changed):
    known = {
        "clip": "a.mp4",
        "model": "heavy",
        "way": "fast",
        "part": "held out",
        "source": "rendered",
        "frames": 100,
        "processed": 30,
        "same": 2,
        "unsure": 0,
        "contradicted": 0,
        "missed": 0,
        "extra": 0,
        "count_errors": (0, 0),
        "exercises": True,
        "changes_deg": (0.5, -1.0),
        "changes_s": (0.03,),
        "coverage": ((90, 100), (29, 30)),
    }
    return Agreement(**(known | changed))


def test_repetitions_are_matched_by_their_tops_each_once():
    every = [a_rep(2.0), a_rep(5.0), a_rep(8.0)]
    other = [a_rep(2.4), a_rep(4.9), a_rep(12.0)]
    assert [(rep.timing.top_s, found and found.timing.top_s) for rep, found in matched(every, other)] == [
        (2.0, 2.4),
        (5.0, 4.9),
        (8.0, None),
    ]
    assert [found for _, found in matched([a_rep(2.0), a_rep(2.1)], [a_rep(2.0)])].count(None) == 1


def test_each_way_to_differ_has_its_own_count():
    every = [a_rep(at, status) for at, status in ((1, Status.OK), (4, Status.OK), (7, Status.FAULT), (10, Status.OK))]
    other = [
        a_rep(at, status)
        for at, status in ((1, Status.OK), (4, Status.NOT_ASSESSED), (7, Status.OK), (13, Status.OK), (16, Status.OK))
    ]
    found = compare(every, other)
    kinds = ("same", "unsure", "contradicted", "missed", "extra")
    assert [found[kind] for kind in kinds] == [1, 1, 1, 1, 2]


def test_changes_of_angle_and_tempo_are_those_of_the_same_repetition():
    found = compare(
        [a_rep(1.0), a_rep(4.0, lower_s=None)],
        [a_rep(1.1, lockout=Estimate(3.5, 5.0, "deg"), lower_s=1.0), a_rep(4.0)],
    )
    assert found["changes_deg"] == pytest.approx((1.5, 0.0))
    # A time that one of both did not see is not compared.
    assert found["changes_s"] == pytest.approx((0, 0, 0.2, 0, 0))


def test_rendered_clips_are_parted_by_seed_and_real_ones_by_digest(tmp_path):
    entry = Entry(Path("a.mp4"), "deadlift", range(2, 3), "full", seed=8)
    assert (part_of(entry), part_of(replace(entry, seed=9))) == ("development", "held out")
    real = tmp_path / "b.mp4"
    parts = set()
    for content in range(8):
        real.write_bytes(bytes([content]))
        parts.add(part_of(Entry(real, "deadlift", range(2, 3), "")))
    assert parts == {"development", "held out"}


def test_the_page_adds_up_and_lists_what_differs():
    text = page(
        [
            an_agreement(),
            an_agreement(clip="b.mp4", same=5, unsure=1, extra=1, source="real", coverage=None),
            an_agreement(clip="c.mp4", part="development", count_errors=None),
            an_agreement(way="control", processed=97),
        ],
        "the command",
    )
    assert "| heavy | held out | fast | 2 | 30.0% | 9 | 7 (77.8%) | 1 | 0 | 0 | 1 |" in text
    assert "| heavy | held out, real | fast | 1 | 30.0% | 7 | 5 (71.4%) | 1 | 0 | 0 | 1 |" in text
    assert "| heavy | development | fast | 0 of 0 | 0 of 0 | 90.0% | 96.7% | 1 of 1 | 0.8 | 1.0 | 0.03 |" in text
    assert "| heavy | held out | control | 1 | 97.0% |" in text
    assert "| b.mp4 | heavy | held out | fast | 5 | 1 | 0 | 0 | 1 |" in text
    assert "| a.mp4 |" not in text


def test_a_clip_is_processed_in_all_ways_and_cached(tmp_path, monkeypatch):
    clip = write_thin_clip(tmp_path / "short.mp4", every=2)
    entry = Entry(clip, "hip-thrust", range(1, 2), "short", seed=1)
    found = run_clip(entry, "lite", tmp_path, control=True)
    # The lite model alone may find this rep too close to call, in one way and not in the other.
    assert [(one.way, one.same + one.unsure, one.reps, one.count_errors) for one in found] == [
        ("fast", 1, 1, (0, 0)),
        ("control", 1, 1, (0, 0)),
    ]
    fast, control = found
    assert fast.processed < 0.6 * fast.frames
    assert fast.coverage is None
    assert control.processed == control.frames - 3
    monkeypatch.setattr("scripts.evaluate.runs.VideoFile", None)
    monkeypatch.setattr("hipform.app.landmarks.VideoFile", None)
    assert run_clip(entry, "lite", tmp_path, control=True) == found


# --------------------------------------------------------------------------------------------------------------- times


def test_the_section_of_times_gives_medians_with_their_spread():
    shares = Shares("full", "auto", 12.0, 4.0, (0.31, 0.35, 0.33), (0.3, 0.3, 0.3), 0.26)
    text = section([shares], Path("set.mp4"), "the command")
    row = "| full | recognised | 12.0 s | 4.0 s | 0.33 (0.31 to 0.35) | 0.30 (0.30 to 0.30) | 0.26 | at most 0.33 |"
    assert row in text
    assert text.startswith("## Fast mode\n")
