"""The main job on the rendered samples with the real pose model, and everything it leaves behind."""

import csv
import itertools
import json
import math
import os
import pickle
from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import islice

import av
import numpy as np
import pytest

import hipform
from hipform.analysis import Recogniser
from hipform.app import analyze, analyze_clip, calibrate
from hipform.app.draw_video import _paired
from hipform.config import Settings
from hipform.errors import ConfigError, InputError, NoExerciseError, NoPersonError, OutputError
from hipform.exercises.common_rules import NO_SQUEEZE, TIME_U95_S
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.files import temporary_name
from hipform.folder_handle import FolderHandle
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording
from hipform.pose.sources import noise_of
from hipform.report.result import FILES, AnalysisResult, json_schema
from hipform.temporary_folders import make_temporary_folder
from hipform.video.frames import Frame
from scripts.record_samples import RECORDINGS
from scripts.update_goldens import GOLDENS
from tests.estimators import use_estimator
from tests.samples import SAMPLES, write_thin_clip, write_video
from tests.synthetic import (
    RepPlan,
    RepSet,
    SyntheticCamera,
    shoot,
    squat,
    to_and_fro,
)

DEMO = SAMPLES / "hip_thrust_demo.mp4"
SHORT = SAMPLES / "hip_thrust_short.mp4"


def the_set(result):
    (found,) = result.sets
    return found


def test_the_demo_is_three_full_repetitions(demo):
    _, result, _ = demo
    assert [rep.finding(LOCKOUT_RULE).status for rep in the_set(result).reps] == [Status.OK] * 3
    assert the_set(result).partial_reps == the_set(result).rejected == the_set(result).gaps == ()
    truth_top_s = (1.6, 5.0, 8.4)
    for rep, top_s in zip(the_set(result).reps, truth_top_s, strict=True):
        assert rep.timing.top_start_s < top_s + 0.2
        assert rep.timing.top_start_s <= rep.timing.top_s <= rep.timing.top_end_s


@pytest.mark.parametrize("model", ["lite", "heavy"])
def test_short_is_called_short(thin_clip, model, tmp_path, monkeypatch):
    """Without an output folder nothing is written either. The demo is seen by the full model."""
    monkeypatch.chdir(tmp_path)
    result = hipform.analyze(thin_clip, exercise="hip-thrust", model=model, jobs=0)
    assert result.files == {}
    assert list(tmp_path.iterdir()) == []
    (rep,) = the_set(result).reps
    assert rep.finding(LOCKOUT_RULE).status is Status.FAULT
    lockout = rep.lockout_trunk_thigh_flexion_deg
    assert abs(lockout.value - 22) <= lockout.u95


def test_full_as_the_lite_model_sees_it_is_close_and_not_sure():
    """The interval of the lite model is too wide to be sure of a hip that is within its limit."""
    reps = the_set(analyze(RECORDINGS / "hip-thrust_good.npz", exercise="hip-thrust")).reps
    assert [rep.finding(LOCKOUT_RULE).status for rep in reps] == [Status.NOT_ASSESSED] * 2
    assert all(abs(rep.lockout_trunk_thigh_flexion_deg.value) < 10 for rep in reps)


def test_a_straight_line_made_by_the_low_back_is_not_claimed_for_the_hip():
    result = analyze(RECORDINGS / "hip_thrust_arched.npz", exercise="hip-thrust")
    assert any("hip or low back" in sentence for sentence in result.summaries[0].not_judged)


def test_every_output_is_there_and_nothing_else(demo):
    folder, result, _ = demo
    assert set(result.files) == set(FILES) - {"recording"}
    assert {path.name for path in folder.iterdir()} == set(FILES.values()) - {FILES["recording"]}
    assert {path.name for path in (folder / FILES["keyframes"]).iterdir()} == {
        f"rep_{number:02d}_{place}.jpg" for number in (1, 2, 3) for place in ("top", "bottom")
    }


def test_progress_is_reported_for_every_frame(demo):
    _, result, times = demo
    # Now and then while landmarks are looked for, and for every frame that is drawn.
    assert result.clip.frames == 167 < len(times)
    assert times == sorted(times)
    assert times[-1][1] == pytest.approx(11.1, abs=0.1)


def test_the_annotated_video_keeps_frames_times_and_size(demo):
    folder, _, _ = demo
    with av.open(str(folder.parent / DEMO.name)) as source, av.open(str(folder / FILES["video"])) as made:
        wanted = [frame.time for frame in source.decode(video=0)]
        assert [frame.time for frame in made.decode(video=0)] == pytest.approx(wanted, abs=1e-4)
        stream = made.streams.video[0]
        assert (stream.width, stream.height, stream.codec_context.name) == (960, 540, "h264")
        assert stream.codec_context.pix_fmt == "yuv420p"


def test_the_overlay_changes_the_picture(demo):
    folder, _, _ = demo
    with av.open(str(folder.parent / DEMO.name)) as source, av.open(str(folder / FILES["video"])) as made:
        plain = next(source.decode(video=0)).to_ndarray(format="rgb24").astype(int)
        drawn = next(made.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    assert (np.abs(plain - drawn).max(axis=2) > 60).mean() > 0.02


def conforms(text):
    """Return whether the text of a result.json is as its schema says, for use in an assertion."""
    import jsonschema

    jsonschema.validate(json.loads(text), json_schema())
    return True


def test_the_json_conforms_to_the_schema_and_reads_back(demo):
    folder, result, _ = demo
    text = (folder / FILES["result"]).read_text()
    assert conforms(text)
    assert AnalysisResult.from_json(text) == result


def test_the_tables_have_a_row_a_rep_and_a_row_a_frame(demo):
    folder, result, _ = demo
    with (folder / FILES["reps"]).open(newline="") as file:
        reps = list(csv.DictReader(file))
    with (folder / FILES["frames"]).open(newline="") as file:
        frames = list(csv.DictReader(file))
    assert [row[LOCKOUT_RULE] for row in reps] == ["ok"] * 3
    assert len(frames) == result.clip.frames
    assert float(frames[100]["time_s"]) == pytest.approx(100 / 15, abs=1e-3)
    assert all(math.isfinite(float(row["trunk_thigh_flexion_deg"])) for row in frames)
    assert frames[-1]["rep_count"] == "3"


def test_the_recording_judges_again_to_the_same_result(demo):
    folder, result, _ = demo
    again = analyze(folder / FILES["poses"], exercise="hip-thrust")
    assert again.sets == result.sets
    assert again.model == "full"
    assert (again.clip.frames, again.clip.name) == (result.clip.frames, result.clip.name)


def test_other_settings_change_the_verdict_and_are_named(demo):
    folder, _, _ = demo
    settings = Settings({"no-squeeze.hold_s": 2.5})
    result = analyze(folder / FILES["poses"], exercise="hip-thrust", settings=settings)
    assert [rep.finding("no-squeeze").status for rep in the_set(result).reps] == [Status.FAULT] * 3
    assert result.settings == {"no-squeeze.hold_s": 2.5}
    assert result.summaries[0].one_thing_rule == "no-squeeze"


def test_the_result_travels_between_processes_and_into_pandas(demo):
    _, result, _ = demo
    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301 - our own bytes
    table = result.to_dataframe()
    assert list(table["rep"]) == [1, 2, 3]
    assert table["lockout_trunk_thigh_flexion_deg"].abs().max() < 5


def test_an_earlier_result_survives_a_failed_second_run(tmp_path, demo, monkeypatch):
    use_estimator(monkeypatch, model_that_sees(None))
    folder, _, _ = demo
    before = (folder / FILES["video"]).read_bytes()
    blank = write_video(tmp_path / "blank.mp4", [np.zeros((240, 320, 3), np.uint8)] * 10)
    with pytest.raises(NoPersonError):
        analyze(blank, exercise="hip-thrust", model="lite", out=folder)
    assert (folder / FILES["video"]).read_bytes() == before


def test_the_clip_itself_is_never_overwritten(tmp_path):
    clip = tmp_path / FILES["video"]
    clip.write_bytes(SHORT.read_bytes())
    with pytest.raises(OutputError, match="is the clip itself"):
        analyze(clip, exercise="hip-thrust", model="lite", out=tmp_path)
    assert clip.read_bytes() == SHORT.read_bytes()


def test_a_recording_is_not_overwritten_by_its_own_analysis(tmp_path, demo):
    folder, _, _ = demo
    poses = tmp_path / FILES["poses"]
    poses.write_bytes((folder / FILES["poses"]).read_bytes())
    assert "poses" in analyze(poses, exercise="hip-thrust", out=tmp_path).files
    assert poses.read_bytes() == (folder / FILES["poses"]).read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {
        "poses.npz",
        "result.json",
        "report.html",
        "cues.vtt",
        "reps.csv",
        "frames.csv",
    }


def test_what_killed_runs_left_is_removed_after_a_day(tmp_path, demo):
    old, fresh = tmp_path / f"{temporary_name()}.mp4", tmp_path / f"{temporary_name()}.mp4"
    for path in (old, fresh):
        path.touch()
    left_folder, of_a_batch = make_temporary_folder(tmp_path), tmp_path / ".hipform-batch"
    of_a_batch.mkdir()
    (left_folder / "rep_01.jpg").touch()
    for path in (old, left_folder, of_a_batch):
        os.utime(path, (0, 0))
    analyze(demo[0] / FILES["poses"], exercise="hip-thrust", out=tmp_path)
    assert not old.exists()
    assert not left_folder.exists()
    assert of_a_batch.exists()
    assert fresh.exists()


def test_a_folder_that_cannot_be_made_is_reported_before_any_landmark_is_looked_for(tmp_path, monkeypatch):
    def too_late(*_):
        raise AssertionError("the model was loaded")

    use_estimator(monkeypatch, too_late)
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    for out in (in_the_way, in_the_way / "below"):
        with pytest.raises(OutputError, match="file"):
            analyze(SHORT, out=out)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_wrong_inputs_are_distinguished(tmp_path):
    with pytest.raises(ConfigError, match="hip-thrust"):
        analyze(SHORT, exercise="hipthrust")
    with pytest.raises(InputError, match=r"gone\.mp4"):
        analyze(tmp_path / "gone.mp4", exercise="hip-thrust")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="file"):
        analyze(SHORT, exercise="hip-thrust", out=tmp_path / "file" / "out")


# ----------------------------------------------------------------------------------------------------- the fast mode


@pytest.fixture(scope="module")
def fast_demo(tmp_path_factory):
    """Return the folder of the demo looked at fast, its result, and the progress that was reported."""
    folder, times = tmp_path_factory.mktemp("fast_demo"), []
    result = analyze(
        DEMO,
        exercise="hip-thrust",
        model="full",
        out=folder,
        fast=True,
        jobs=0,
        progress=lambda t_s, total_s: times.append((t_s, total_s)),
    )
    return folder, result, times


def test_a_fast_look_finds_what_every_frame_shows(demo, fast_demo):
    (_, full, _), (_, fast, _) = demo, fast_demo
    assert fast.clip.frames < 333 / 3
    assert len(the_set(fast).reps) == len(the_set(full).reps)
    for rep, wanted in zip(the_set(fast).reps, the_set(full).reps, strict=True):
        # The plates of the demo leave its hip point near the limit of what counts as steady.
        assert rep.finding(LOCKOUT_RULE).status in (wanted.finding(LOCKOUT_RULE).status, Status.NOT_ASSESSED)
        assert abs(rep.lockout_trunk_thigh_flexion_deg.value - wanted.lockout_trunk_thigh_flexion_deg.value) < 2
        for name in ("lift_s", "hold_s", "lower_s"):
            assert getattr(rep.timing, name) == pytest.approx(getattr(wanted.timing, name), abs=0.2), name


def test_a_fast_look_never_calls_short_full(thin_clip):
    """Nor full short: the test before this one."""
    (rep,) = the_set(analyze(thin_clip, exercise="hip-thrust", model="lite", fast=True, jobs=0)).reps
    assert rep.finding(LOCKOUT_RULE).status is not Status.OK


def test_a_fast_look_says_so_and_widens_its_times(demo, fast_demo):
    (_, full, _), (folder, fast, _) = demo, fast_demo
    assert fast.clip.notes[-1].startswith(f"Fast mode: {fast.clip.frames} frames were processed, 8 per second")
    assert not any("Fast mode" in note for note in full.clip.notes)
    page = (folder / FILES["report"]).read_text(encoding="utf-8")
    assert "Fast mode" in page
    assert "The folder does not contain the annotated video." in page
    full_u95_s, fast_u95_s = (the_set(one).reps[1].finding("no-squeeze").measured.u95 for one in (full, fast))
    assert full_u95_s == pytest.approx(TIME_U95_S * noise_of("full").u95_scale)
    # Where two segments of the clip meet, the gap may be a little wider than the sampler's own.
    assert math.hypot(full_u95_s, 0.2) - 1e-3 <= fast_u95_s <= math.hypot(full_u95_s, 0.3)


def test_a_fast_look_writes_everything_but_the_video(fast_demo):
    folder, result, times = fast_demo
    assert set(result.files) == set(FILES) - {"video", "recording"}
    assert {path.name for path in folder.iterdir()} == set(result.files.values())
    assert len(list((folder / FILES["keyframes"]).iterdir())) == 6
    assert len((folder / FILES["frames"]).read_text().splitlines()) == 1 + result.clip.frames
    assert len(times) > result.clip.frames
    assert times == sorted(times)


def test_a_fast_look_is_judged_again_to_the_same_from_its_recording(fast_demo):
    folder, result, _ = fast_demo
    for fast in (False, True):
        again = analyze(folder / FILES["poses"], exercise="hip-thrust", fast=fast)
        assert again.sets == result.sets
        assert again.clip == result.clip


def test_the_exercise_is_recognised_at_a_fast_look():
    with Recording(RECORDINGS / "deadlift_good.npz") as recording:
        recogniser = Recogniser(recording.info)
        for pose in islice(recording, None, None, 4):
            recogniser.push(pose)
    assert [section.exercise.slug for section in recogniser.finish()] == ["deadlift"]


def test_on_the_second_reading_each_pose_gets_its_own_frame():
    frames = [Frame(at / 30, np.zeros((2, 2, 3), np.uint8)) for at in range(10)]
    drawn = [(Pose.unseen(frames[at].t_s), f"state {at}") for at in (0, 3, 4, 9)]
    assert list(_paired(drawn, iter(frames))) == [
        (frames[at], *one) for at, one in zip((0, 3, 4, 9), drawn, strict=True)
    ]
    # A recording that was cut short lacks the last frames.
    assert len(list(_paired(drawn, iter(frames[:9])))) == 3


def test_a_clip_that_is_replaced_between_two_readings_is_reported(tmp_path, monkeypatch):
    use_estimator(monkeypatch, model_that_sees(ONE_REP.motion()))
    clip, other = blank_clip(tmp_path / "a.mp4", ONE_REP.duration_s), blank_clip(tmp_path / "b.mp4", 4)
    judge = analyze_clip.judge_recording

    def replace_after(*arguments, **how):
        found = judge(*arguments, **how)
        other.replace(clip)
        return found

    monkeypatch.setattr(analyze_clip, "judge_recording", replace_after)
    with pytest.raises(InputError, match="changed while it was being read"):
        analyze(clip, exercise="glute-bridge", out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == [clip]


def model_that_sees(motion):
    """Return what stands in for the pose model: it sees *motion* in the picture's own time, whatever the picture."""

    class Seer:
        def __enter__(self):
            return self

        def __exit__(self, *_error):
            return None

        def detect(self, frame):
            posture = motion and motion(frame.t_s)
            if posture is None:
                return Pose.unseen(frame.t_s)
            return shoot(posture, frame.t_s, SyntheticCamera(px_per_m=90, origin_px=(120, 200)))

    return Seer


def blank_clip(path, duration_s, fps=10):
    return write_video(path, [np.full((240, 320, 3), 90, np.uint8)] * int(duration_s * fps), fps=fps)


ONE_REP = RepSet.of(1, rest_s=1.0, lead_s=1.0, bottom_deg=45)
TWO_SETS = RepSet((RepPlan(bottom_deg=45), RepPlan(bottom_deg=45, rest_s=7)) * 2)


@pytest.fixture(scope="module")
def two_sets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two_sets")
    clip = blank_clip(folder / "sets.mp4", TWO_SETS.duration_s)
    with pytest.MonkeyPatch.context() as patch:
        use_estimator(patch, model_that_sees(TWO_SETS.motion()))
        result = analyze(clip, exercise="glute-bridge", out=folder, settings=Settings({"sets.rest_s": 5}))
    return folder, result


def test_two_sets_in_one_clip_are_distinguished_in_every_output(two_sets):
    folder, result = two_sets
    assert [(found.number, len(found.reps)) for found in result.sets] == [(1, 2), (2, 2)]
    assert [summary.reps for summary in result.summaries] == [2, 2]
    assert {path.name for path in (folder / FILES["keyframes"]).iterdir()} == {
        f"set_{number:02d}_rep_{rep:02d}_{place}.jpg"
        for number in (1, 2)
        for rep in (1, 2)
        for place in ("top", "bottom")
    }
    with (folder / FILES["reps"]).open(newline="") as file:
        assert [(row["set"], row["rep"]) for row in csv.DictReader(file)] == [
            ("1", "1"),
            ("1", "2"),
            ("2", "1"),
            ("2", "2"),
        ]
    with (folder / FILES["frames"]).open(newline="") as file:
        frames = list(csv.DictReader(file))
    assert {row["exercise"] for row in frames} == {"glute-bridge"}
    assert [number for number, _ in itertools.groupby(row["set"] for row in frames)] == ["1", "2"]
    assert conforms((folder / FILES["result"]).read_text())


def test_the_result_comes_last(tmp_path, demo, monkeypatch):
    folder, _, _ = demo
    there = []
    rename = FolderHandle.rename

    def watched(self, name, other, new_name):
        there.append(new_name)
        rename(self, name, other, new_name)

    monkeypatch.setattr(FolderHandle, "rename", watched)
    analyze(folder / FILES["poses"], exercise="hip-thrust", out=tmp_path)
    assert there[:5] == ["frames.csv", "reps.csv", "cues.vtt", "report.html", "result.json"]
    # They are made apart and then moved into the folder together.
    assert there[-1] == "result.json"


def test_the_cues_of_the_video_are_kept_with_their_times(demo):
    folder, _, _ = demo
    settings = Settings({"no-squeeze.hold_s": 2.5})
    result = analyze(folder / FILES["poses"], exercise="hip-thrust", settings=settings)
    first, *_ = result.cues
    assert first.text == NO_SQUEEZE.cue
    assert first.rule == "no-squeeze"
    reps = the_set(result).reps
    assert reps[0].timing.top_s < first.start_s < reps[1].timing.top_s
    # It is on for four seconds, or until the next repetition says something else.
    assert 1 < first.end_s - first.start_s <= 4 + 2 / 30
    assert all(one.end_s <= other.start_s for one, other in itertools.pairwise(result.cues))


def test_the_day_of_the_analysis_is_kept(demo):
    _, result, _ = demo
    day = datetime.fromisoformat(result.analysed_at)
    assert day.tzinfo is not None
    assert abs((datetime.now().astimezone() - day).total_seconds()) < 3600


# ---------------------------------------------------------------------------------------------------- recognised, named


@pytest.fixture(scope="module")
def recognised(tmp_path_factory):
    folder, scratch, times = tmp_path_factory.mktemp("auto"), tmp_path_factory.mktemp("scratch"), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(scratch))
        clip = write_thin_clip(scratch.with_suffix(".mp4"), "glute-bridge_good.mp4", every=2)
        result = analyze(clip, model="lite", out=folder, progress=lambda *at: times.append(at), jobs=0)
    return folder, scratch, result, times


def test_without_an_exercise_a_clip_is_judged_as_what_it_shows(recognised):
    folder, _, result, _ = recognised
    named = analyze(folder / FILES["poses"], exercise="glute-bridge")
    assert the_set(result).confidence > 0.9
    assert the_set(named).confidence is None
    assert len(the_set(named).reps) == 2
    assert replace(the_set(result), confidence=None) == the_set(named)


def test_what_is_recognised_is_written_from_the_first_frame_on(recognised):
    folder, _, result, _ = recognised
    assert {path.name for path in folder.iterdir()} == set(FILES.values()) - {FILES["recording"]}
    with (folder / FILES["frames"]).open(newline="") as file:
        frames = list(csv.DictReader(file))
    assert len(frames) == result.clip.frames
    assert {row["exercise"] for row in frames} == {"glute-bridge"}
    with av.open(str(folder / FILES["video"])) as made:
        assert sum(1 for _ in made.decode(video=0)) == result.clip.frames
    assert conforms((folder / FILES["result"]).read_text())


def test_the_first_pass_leaves_nothing_behind(recognised):
    _, scratch, _, _ = recognised
    assert list(scratch.iterdir()) == []


def test_both_passes_are_one_progress(recognised):
    _, _, result, times = recognised
    reported_s, totals_s = zip(*times, strict=True)
    assert len(times) > result.clip.frames
    assert list(reported_s) == sorted(reported_s)
    assert reported_s[0] < 0.1
    assert reported_s[-1] == pytest.approx(result.clip.end_s, abs=1 / 15)
    assert set(totals_s) == {totals_s[0]}


def test_the_recording_is_recognised_as_the_clip_was(recognised):
    folder, _, result, _ = recognised
    assert analyze(folder / FILES["poses"]).sets == result.sets


def clip_with_pcm(path, duration_s, fps=30):
    """Write a grey clip with a second of silence, in a codec that is not copied into mp4; return *path*."""
    with av.open(str(path), "w") as made:
        video = made.add_stream("libx264", rate=fps, width=128, height=64, pix_fmt="yuv420p")
        sound = made.add_stream("pcm_s16le", rate=48_000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.int16), format="s16", layout="mono")
        silence.sample_rate = 48_000
        grey = av.VideoFrame.from_ndarray(np.full((64, 128, 3), 90, np.uint8), format="rgb24")
        for number in range(round(duration_s * fps)):
            grey.pts = number
            made.mux(video.encode(grey))
        made.mux(sound.encode(silence))
        for stream in (sound, video):
            made.mux(stream.encode(None))
    return path


def test_what_becomes_of_the_sound_is_reported_in_the_result_and_the_report(tmp_path, monkeypatch):
    use_estimator(monkeypatch, model_that_sees(ONE_REP.motion()))
    clip = clip_with_pcm(tmp_path / "set.mov", ONE_REP.duration_s)
    result = analyze(clip, exercise="glute-bridge", out=tmp_path / "out")
    note = "The sound of the annotated video was converted from pcm_s16le to AAC."
    assert result.clip.notes == (note,)
    assert json.loads((tmp_path / "out" / FILES["result"]).read_text())["clip"]["notes"] == [note]
    assert note in (tmp_path / "out" / FILES["report"]).read_text()


SQUATS = to_and_fro(lambda depth: squat(1.2 * depth), 0, 1, 2.5)


@pytest.mark.parametrize(
    ("motion", "error"), [(SQUATS, NoExerciseError), (None, NoPersonError)], ids=["squats", "nobody"]
)
def test_a_clip_of_something_else_is_refused_and_leaves_nothing_behind(tmp_path, monkeypatch, motion, error):
    clip, scratch = blank_clip(tmp_path / "other.mp4", 8), tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    use_estimator(monkeypatch, model_that_sees(motion))
    with pytest.raises(error, match=r"other\.mp4"):
        analyze(clip, out=tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"other.mp4", "scratch"}
    assert list(scratch.iterdir()) == []


def test_a_person_in_hardly_any_frame_is_the_reason(tmp_path, monkeypatch):
    use_estimator(monkeypatch, model_that_sees(lambda t_s: SQUATS(t_s) if t_s < 1 else None))
    with pytest.raises(NoPersonError, match=r"found in only \d+ of the \d+ frames of far\.mp4"):
        analyze(blank_clip(tmp_path / "far.mp4", 8))


def test_named_a_clip_of_something_else_is_judged_as_that(tmp_path, monkeypatch):
    use_estimator(monkeypatch, model_that_sees(SQUATS))
    result = analyze(blank_clip(tmp_path / "other.mp4", 8), exercise="glute-bridge")
    assert the_set(result).reps == ()
    assert the_set(result).rejected


@pytest.mark.parametrize("share", [0.3, 0.97], ids=["first pass", "second pass"])
def test_an_error_in_either_pass_leaves_nothing_behind(tmp_path, monkeypatch, share):
    clip, scratch = blank_clip(tmp_path / "set.mp4", ONE_REP.duration_s), tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    use_estimator(monkeypatch, model_that_sees(ONE_REP.motion()))

    def fail(t_s, total_s):
        if t_s >= share * total_s:
            raise RuntimeError("the progress bar fell over")

    with pytest.raises(RuntimeError, match="fell over"):
        analyze(clip, exercise="glute-bridge", out=tmp_path / "out", progress=fail)
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


def test_a_variant_is_judged_by_its_own_rules(tmp_path):
    recording = GOLDENS / "glute_bridge_studio.npz"
    plain, variant = (
        analyze(recording, exercise=name, out=tmp_path) for name in ("glute-bridge", "glute-bridge:feet-elevated")
    )
    assert the_set(variant).exercise == "glute-bridge:feet-elevated"
    plain_rules, rules = ([finding.rule for finding in the_set(one).reps[0].findings] for one in (plain, variant))
    assert rules == [rule for rule in plain_rules if rule != "shin-angle"]
    assert AnalysisResult.from_json((tmp_path / FILES["result"]).read_text()) == variant


def test_an_unknown_variant_names_the_known_ones():
    recording = GOLDENS / "glute_bridge_studio.npz"
    with pytest.raises(ConfigError, match="Did you mean 'feet-elevated'"):
        analyze(recording, exercise="glute-bridge:feet-elevate")
    with pytest.raises(ConfigError, match="Hip thrust has no variants"):
        analyze(recording, exercise="hip-thrust:sumo")


# ----------------------------------------------------------------------------------------------------- own calibration

CORRECT, ROUNDED = (GOLDENS / f"deadlift_kettlebell_{how}.npz" for how in ("correct", "rounded"))


@pytest.fixture(scope="module")
def own():
    return hipform.calibrate(CORRECT, exercise="deadlift")


def backs(path, *calibrations, **how):
    found = the_set(analyze(path, exercise="deadlift", calibrations=calibrations, **how))
    return Counter(rep.finding("lumbar-rounding").status for rep in found.reps)


def test_a_rounded_set_is_distinguished_from_a_correct_one_by_the_same_person(own):
    correct, rounded = backs(CORRECT, own), backs(ROUNDED, own)
    assert correct[Status.FAULT] == 0
    assert correct[Status.OK] >= 8
    assert rounded[Status.FAULT] >= 4
    assert rounded[Status.OK] == 0


def test_a_calibration_holds_for_its_exercise_and_model_only(own):
    other = replace(own, exercise="hip-thrust")
    plain, refined = backs(ROUNDED, end_s=12), backs(ROUNDED, own, end_s=12)
    assert plain != refined
    assert backs(ROUNDED, other, replace(own, model="full"), end_s=12) == plain
    assert backs(ROUNDED, other, own, end_s=12) == refined


def test_what_shows_no_lockout_is_no_calibration():
    with pytest.raises(InputError, match=r"calibration: the top reads 1\d degrees short of straight"):
        calibrate(GOLDENS / "other_plank.npz", exercise="glute-bridge")


def test_a_clip_of_nobody_is_no_calibration(tmp_path, monkeypatch):
    use_estimator(monkeypatch, model_that_sees(None))
    clip = tmp_path / "wall.mp4"
    write_video(clip, [np.full((120, 160, 3), 200, np.uint8)] * 5)
    with pytest.raises(NoPersonError):
        calibrate(clip, exercise="glute-bridge", model="lite")
