"""Judging landmarks again after a correction."""

from dataclasses import replace

import pytest

from hipform.app.judge_again import Correction, judge_again
from hipform.errors import InputError
from hipform.report.result import FILES
from hipform.report.result_folder import ResultFolder
from hipform.training import training_facts
from scripts.record_samples import RECORDINGS

POSES = RECORDINGS / "hip_thrust_demo.npz"


def thrusts(name, **changes):
    """Return a correction in which the user names the exercise, which takes a third of the time."""
    return Correction(name=name, exercise="hip-thrust", **changes)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    out = tmp_path_factory.mktemp("first") / "out"
    return out, judge_again(POSES, out, thrusts("a.mp4"), clip=None)


def test_the_result_has_the_name_and_the_facts_that_the_user_states(first, tmp_path):
    training = training_facts("Ana", "80kg", "felt good", "2026-03-21")
    found = judge_again(POSES, tmp_path / "out", thrusts("best set.mp4", training=training), clip=None)
    assert (found.clip.name, found.training.athlete) == ("best set.mp4", "Ana")
    assert found.same_verdicts(first[1].sets)


def test_only_the_time_between_start_and_end_counts(first, tmp_path):
    reps = first[1].sets[0].reps
    assert len(reps) > 1
    end_s = reps[0].timing.end_s + 0.1
    found = judge_again(POSES, tmp_path / "out", thrusts("a.mp4", end_s=end_s), clip=None)
    assert found.clip.end_s <= end_s
    assert len(found.sets[0].reps) < len(reps)
    assert not found.same_verdicts(first[1].sets)


def test_a_time_after_the_end_of_the_clip_is_refused(tmp_path):
    with pytest.raises(InputError, match="between the stated start and end"):
        judge_again(POSES, tmp_path / "out", thrusts("a.mp4", start_s=9000.0), clip=None)


def test_slow_motion_and_a_turn_that_the_user_states_are_corrected(first, tmp_path):
    slow = judge_again(POSES, tmp_path / "slow", Correction(name="a.mp4", speed=2.0), clip=None)
    assert slow.clip.end_s == pytest.approx(first[1].clip.end_s / 2, rel=0.01)
    turned = judge_again(POSES, tmp_path / "turned", thrusts("a.mp4", turn_deg=90), clip=None)
    assert (turned.clip.width_px, turned.clip.height_px) == (first[1].clip.height_px, first[1].clip.width_px)


def test_the_side_that_the_user_names_is_measured(first, tmp_path):
    usual = first[1].sets[0].reps[0].side
    found = judge_again(POSES, tmp_path / "out", thrusts("a.mp4", side=usual.other), clip=None)
    assert {rep.side for one in found.sets for rep in one.reps} == {usual.other}
    assert f"The {usual.other.value} side was measured, as you asked." in found.clip.notes
    same = judge_again(POSES, tmp_path / "same", thrusts("a.mp4", side=usual), clip=None)
    assert same.same_verdicts(first[1].sets)


def test_the_exercise_that_the_user_names_is_judged(tmp_path):
    found = judge_again(POSES, tmp_path / "out", Correction(name="a.mp4", exercise="glute-bridge"), clip=None)
    assert {one.exercise for one in found.sets} == {"glute-bridge"}


def test_the_video_is_kept_only_while_the_verdicts_are_the_same(tmp_path):
    out = tmp_path / "earlier"
    earlier = judge_again(POSES, out, thrusts("a.mp4"), clip=None)
    (out / FILES["video"]).write_bytes(b"video")
    with_video = {**earlier.files, "video": FILES["video"]}
    (out / FILES["result"]).write_text(replace(earlier, files=with_video).to_json())
    same = judge_again(POSES, tmp_path / "same", thrusts("b.mp4"), clip=None, drawn=out)
    assert ResultFolder.open(tmp_path / "same").part("video").read_bytes() == b"video"
    assert "video" in same.files
    other = judge_again(POSES, tmp_path / "other", thrusts("b.mp4", end_s=4.0), clip=None, drawn=out)
    assert "video" not in other.files
