"""Two sets against each other, and a set against its own best repetition."""

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from hipform.app import compare
from hipform.errors import ConfigError, InputError, OutputError
from hipform.exercises.findings import Finding, Status
from hipform.pose.poses import Landmark, Pose
from hipform.report.compare_page import two_groups, verdict_of
from hipform.report.differences import NO_CLEAR, Difference
from hipform.report.ghost import BONES, POINTS, laid_over, trace
from hipform.report.result import FILES
from hipform.report.result_folder import ResultFolder
from hipform.types import Side
from tests.report.made import rep, result
from tests.report.test_report_page import text_of


def folder_of(path, *sets, **changes):
    return ResultFolder(path, result(*sets, **changes))


def test_two_sets_are_taken_as_they_are(tmp_path):
    first, second = two_groups(folder_of(tmp_path, [rep(1)]), folder_of(tmp_path, [rep(1), rep(2)]))
    assert (first.name, second.name, len(second.reps)) == ("First", "Second", 2)


def test_alone_the_best_stands_against_the_others(tmp_path):
    reps = [rep(1, lockout_deg=9), rep(2, lockout_deg=1), rep(3, lockout_deg=5)]
    others, best = two_groups(folder_of(tmp_path, reps), None)
    assert [one.number for one in others.reps] == [1, 3]
    assert [one.number for one in best.reps] == [2]
    assert best.name == "Best: rep 2"


def test_where_too_little_was_judged_for_a_best_rep_the_straightest_one_is_shown(tmp_path):
    open_back = Finding(rule="lumbar-overextension", status=Status.NOT_ASSESSED, text="not seen")
    reps = [rep(1, lockout_deg=9), rep(2, lockout_deg=1)]
    reps = [replace(one, findings=(one.findings[0], open_back, *one.findings[2:])) for one in reps]
    _, shown = two_groups(folder_of(tmp_path, reps), None)
    assert shown.name == "Closest to straight: rep 2"


def test_where_there_are_several_sets_one_is_chosen(tmp_path):
    folder = folder_of(tmp_path, [rep(1)], [rep(1), rep(2)])
    with pytest.raises(ConfigError, match=r"several sets. Choose one with --set-b \(1: hip-thrust, 1 reps; 2: "):
        two_groups(folder_of(tmp_path, [rep(1)]), folder)
    with pytest.raises(ConfigError, match="has no set 3"):
        two_groups(folder, folder, 3, 1)
    first, second = two_groups(folder, folder, 1, 2)
    assert (first.clip, second.clip) == ("clip.mp4, set 1", "clip.mp4, set 2")


def test_other_exercises_are_not_compared(tmp_path):
    other = folder_of(tmp_path, [rep(1)])
    swing = replace(other.result.sets[0], exercise="kettlebell-swing")
    other = ResultFolder(tmp_path, replace(other.result, sets=(swing,)))
    with pytest.raises(
        InputError, match=r"clip\.mp4 is judged as hip thrust and clip\.mp4 as kettlebell swing\. Only sets"
    ):
        two_groups(folder_of(tmp_path, [rep(1)]), other)


def test_too_few_repetitions_are_reported(tmp_path):
    with pytest.raises(InputError, match="no counted repetition"):
        two_groups(folder_of(tmp_path, []), None)
    with pytest.raises(InputError, match="fewer than 2 repetitions with judged angles"):
        two_groups(folder_of(tmp_path, [rep(1), rep(2, judged=False)]), None)


def test_the_page_says_what_differs_and_shows_both(copied, demo_folder, tmp_path):
    path = compare(copied, demo_folder, out=tmp_path / "two.html")
    page = path.read_text(encoding="utf-8")
    assert path == tmp_path / "two.html"
    assert "There is no clear difference in any measurement." in text_of(page)
    assert page.count("<video") == 2
    assert 'src="copied/annotated.mp4"' in page
    assert "<svg data-ghost" in page
    assert 'class="chart" data-curves' in page


def test_what_could_not_be_compared_is_not_called_without_difference():
    same = Difference("Lift", "0.7 s", "0.6 s", "+0.1 s", NO_CLEAR, clear=False)
    unknown = Difference("Lockout", "179°", "not known", "", "cannot be compared", clear=False)
    said = "There is no clear difference in what could be compared; not known: lockout."
    assert verdict_of([unknown, same]) == said
    assert verdict_of([unknown]) == "Nothing could be compared."
    assert verdict_of([same]) == "There is no clear difference in any measurement."


def test_a_clear_difference_is_named_with_its_size(copied, demo_folder):
    path = copied / FILES["result"]
    found = json.loads(path.read_text(encoding="utf-8"))
    for one in found["sets"][0]["reps"]:
        one["lockout_trunk_thigh_flexion_deg"]["value"] += 30
    path.write_text(json.dumps(found), encoding="utf-8")
    text = text_of(compare(copied, demo_folder).read_text(encoding="utf-8"))
    assert re.search(r"Clear differences: lockout more extended \(\+30° ± 1\d\)\.", text)


def test_a_folder_with_the_result_alone_is_compared_by_its_figures(copied, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(copied / FILES["result"], alone)
    page = compare(alone).read_text(encoding="utf-8")
    assert "<video" not in page
    assert "<svg" not in page
    assert 'class="chart"' not in page
    assert "Lockout" in text_of(page)


def test_a_comparison_replaces_nothing_but_pages(copied):
    before = (copied / FILES["result"]).read_bytes()
    with pytest.raises(OutputError, match=r"ends in \.html"):
        compare(copied, out=copied / FILES["result"])
    assert (copied / FILES["result"]).read_bytes() == before
    (copied / FILES["report"]).write_text("the report of the set", encoding="utf-8")
    with pytest.raises(OutputError, match="belongs to the results of an analysis"):
        compare(copied, out=copied / FILES["report"])
    assert (copied / FILES["report"]).read_text(encoding="utf-8") == "the report of the set"


# ------------------------------------------------------------------------------------------------------------- ghosts


def walker(t_s, *, mirrored=False, size=100.0, at=300.0):
    """Return a body whose ankles rest while everything else rises with time."""
    points = np.full((33, 2), np.nan)
    for side in Side:
        for height, name in enumerate(("ankle", "knee", "hip", "shoulder", "ear")):
            lean = height * 0.3 * size * (-1 if mirrored else 1)
            points[Landmark[f"{side.name}_{name.upper()}"]] = at + lean, at - size * height * (1 + 0.1 * t_s)
    return Pose(t_s, points, np.full((33, 3), np.nan), np.ones(33))


def traced(**options):
    poses = [walker(t_s / 10, **options) for t_s in range(50)]
    return trace(poses, rep(1, start_s=1.0, end_s=3.0))


def test_a_body_is_followed_over_the_repetition_only():
    body = traced()
    assert body.shape == (101, 2 * len(POINTS), 2)
    hip = POINTS.index("hip")
    assert body[0, hip, 1] == pytest.approx(300 - 200 * 1.1)
    assert body[100, hip, 1] == pytest.approx(300 - 200 * 1.3)
    assert np.isnan(body[:, POINTS.index("wrist")]).all()


def test_bodies_of_other_size_place_and_direction_lie_on_each_other():
    one, other = laid_over(traced(), traced(mirrored=True, size=37.0, at=900.0))
    assert one == pytest.approx(other, nan_ok=True)
    assert one[:, POINTS.index("ankle")] == pytest.approx(np.zeros((101, 2)), abs=1e-9)


def test_every_bone_joins_two_points_of_one_side():
    assert all(one != other and one // len(POINTS) == other // len(POINTS) for one, other in BONES)
    assert max(max(bone) for bone in BONES) == 2 * len(POINTS) - 1


def test_nobody_and_half_a_repetition_leave_no_ghost():
    assert trace([Pose.unseen(t_s / 10) for t_s in range(50)], rep(1, start_s=1.0, end_s=3.0)) is None
    assert trace([walker(t_s / 10) for t_s in range(50)], rep(1, start_s=None)) is None
