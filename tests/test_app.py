"""The main job on the rendered samples with the real pose model, and everything it leaves behind."""

import csv
import itertools
import json
import math
import pickle
from dataclasses import replace

import av
import jsonschema
import numpy as np
import pytest

import hipform
from hipform.app import FILES, _Commentary, analyze
from hipform.config import Settings
from hipform.errors import ConfigError, InputError, NoPersonError, OutputError
from hipform.report.result import AnalysisResult, json_schema
from hipform.types import LOCKOUT_RULE, Status
from tests.samples import SAMPLES, write_video
from tests.synthetic import Camera, RepPlan, RepSet, analyse, film_exercise, shoot

DEMO = SAMPLES / "hip_thrust_demo.mp4"
SHORT = SAMPLES / "hip_thrust_short.mp4"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    times = []
    result = analyze(
        DEMO,
        exercise="hip-thrust",
        model="full",
        out=folder,
        progress=lambda t_s, total_s: times.append((t_s, total_s)),
    )
    return folder, result, times


def the_set(result):
    (found,) = result.sets
    return found


def test_the_demo_is_three_full_repetitions(demo):
    _, result, _ = demo
    assert [rep.finding(LOCKOUT_RULE).status for rep in the_set(result).reps] == [Status.OK] * 3
    assert the_set(result).partial_reps == the_set(result).uncounted == the_set(result).gaps == ()
    truth_top_s = (1.6, 5.0, 8.4)
    for rep, top_s in zip(the_set(result).reps, truth_top_s, strict=True):
        assert rep.top_start_s < top_s + 0.2
        assert rep.top_start_s <= rep.top_s <= rep.top_end_s


@pytest.mark.parametrize("model", ["lite", "full", "heavy"])
def test_short_is_called_short_and_full_full(model):
    short = analyze(SHORT, exercise="hip-thrust", model=model)
    full = analyze(SAMPLES / "hip-thrust_good.mp4", exercise="hip-thrust", model=model)
    assert [rep.finding(LOCKOUT_RULE).status for rep in the_set(short).reps] == [Status.FAULT]
    assert [rep.finding(LOCKOUT_RULE).status for rep in the_set(full).reps] == [Status.OK] * 2
    lockout = the_set(short).reps[0].lockout_hip_flexion_deg
    assert abs(lockout.value - 22) <= lockout.u95


def test_a_straight_line_made_by_the_low_back_is_not_claimed_for_the_hip():
    result = analyze(SAMPLES / "hip_thrust_arched.mp4", exercise="hip-thrust", model="lite")
    assert any("hip or low back" in sentence for sentence in result.summaries[0].not_judged)


def test_every_output_is_there_and_nothing_else(demo):
    folder, result, _ = demo
    assert set(result.files) == set(FILES)
    assert {path.name for path in folder.iterdir()} == set(FILES.values())
    assert {path.name for path in (folder / FILES["keyframes"]).iterdir()} == {
        f"rep_{number:02d}_{place}.jpg" for number in (1, 2, 3) for place in ("top", "bottom")
    }


def test_progress_is_told_for_every_frame(demo):
    _, result, times = demo
    assert len(times) == result.clip.frames == 333
    assert times == sorted(times)
    assert times[-1][1] == pytest.approx(11.1, abs=0.1)


def test_the_annotated_video_keeps_frames_times_and_size(demo):
    folder, _, _ = demo
    with av.open(str(DEMO)) as source, av.open(str(folder / FILES["video"])) as made:
        wanted = [frame.time for frame in source.decode(video=0)]
        assert [frame.time for frame in made.decode(video=0)] == pytest.approx(wanted, abs=1e-4)
        stream = made.streams.video[0]
        assert (stream.width, stream.height, stream.codec_context.name) == (960, 540, "h264")
        assert stream.codec_context.pix_fmt == "yuv420p"


def test_the_overlay_changes_the_picture(demo):
    folder, _, _ = demo
    with av.open(str(DEMO)) as source, av.open(str(folder / FILES["video"])) as made:
        plain = next(source.decode(video=0)).to_ndarray(format="rgb24").astype(int)
        drawn = next(made.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    assert (np.abs(plain - drawn).max(axis=2) > 60).mean() > 0.02


def test_the_json_conforms_to_the_schema_and_reads_back(demo):
    folder, result, _ = demo
    text = (folder / FILES["result"]).read_text()
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(json.loads(text), json_schema())
    assert AnalysisResult.from_json(text) == result


def test_the_tables_have_a_row_a_rep_and_a_row_a_frame(demo):
    folder, result, _ = demo
    with (folder / FILES["reps"]).open(newline="") as file:
        reps = list(csv.DictReader(file))
    with (folder / FILES["frames"]).open(newline="") as file:
        frames = list(csv.DictReader(file))
    assert [row[LOCKOUT_RULE] for row in reps] == ["ok"] * 3
    assert len(frames) == result.clip.frames
    assert float(frames[100]["time_s"]) == pytest.approx(100 / 30, abs=1e-3)
    assert all(math.isfinite(float(row["hip_flexion_deg"])) for row in frames)
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
    assert table["lockout_hip_flexion_deg"].abs().max() < 5


def test_without_an_output_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = hipform.analyze(SHORT, exercise="hip-thrust", model="lite")
    assert result.files == {}
    assert list(tmp_path.iterdir()) == []


def test_nobody_in_the_clip_leaves_no_files(tmp_path):
    clip = write_video(tmp_path / "empty.mp4", [np.full((240, 320, 3), 90, np.uint8)] * 20)
    with pytest.raises(NoPersonError, match=r"empty\.mp4"):
        analyze(clip, exercise="hip-thrust", model="lite", out=tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_error_in_the_middle_leaves_no_files(tmp_path):
    seen = []

    def fail(t_s, _total_s):
        seen.append(t_s)
        if len(seen) == 30:
            raise RuntimeError("the progress bar fell over")

    with pytest.raises(RuntimeError, match="fell over"):
        analyze(SHORT, exercise="hip-thrust", model="lite", out=tmp_path / "out", progress=fail)
    assert list((tmp_path / "out").iterdir()) == []


def test_an_earlier_result_survives_a_failed_second_run(tmp_path, demo):
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
    analyze(poses, exercise="hip-thrust", out=tmp_path)
    assert poses.read_bytes() == (folder / FILES["poses"]).read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"poses.npz", "result.json", "reps.csv", "frames.csv"}


def test_wrong_inputs_are_told_apart(tmp_path):
    with pytest.raises(ConfigError, match="hip-thrust"):
        analyze(SHORT, exercise="hipthrust")
    with pytest.raises(InputError, match=r"gone\.mp4"):
        analyze(tmp_path / "gone.mp4", exercise="hip-thrust")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="file"):
        analyze(SHORT, exercise="hip-thrust", out=tmp_path / "file" / "out")


class TwoSets:
    """Stands in for the pose model: two sets of two bridges in the picture's own time."""

    reps = RepSet((RepPlan(bottom_deg=45), RepPlan(bottom_deg=45, rest_s=7)) * 2)

    def __init__(self, _model):
        self._motion = self.reps.motion()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return None

    def detect(self, frame):
        return shoot(self._motion(frame.t_s), frame.t_s, Camera(px_per_m=90, origin_px=(120, 200)))


@pytest.fixture(scope="module")
def two_sets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two_sets")
    blank = np.full((240, 320, 3), 90, np.uint8)
    clip = write_video(folder / "sets.mp4", [blank] * int(TwoSets.reps.duration_s * 10), fps=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hipform.app.Landmarker", TwoSets)
        result = analyze(clip, exercise="glute-bridge", out=folder, settings=Settings({"sets.rest_s": 5}))
    return folder, result


def test_two_sets_in_one_clip_are_told_apart_in_every_output(two_sets):
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
    assert [number for number, _ in itertools.groupby(row["set"] for row in frames)] == ["1", "2", "3"]
    jsonschema.validate(json.loads((folder / FILES["result"]).read_text()), json_schema())


def test_cue_and_tempo_of_a_set_go_with_it():
    commentary = _Commentary()
    steps, _ = analyse(film_exercise("glute-bridge", RepSet.of(1, lockout_deg=22, bottom_deg=70), fps=20))
    said = [commentary.push(step) for step in steps]
    assert said[-1][0].rule == LOCKOUT_RULE
    assert said[-1][1].number == 1
    for change in ({"set_number": 2}, {"exercise": "hip-thrust"}):
        changed = replace(steps[-1], observation=replace(steps[-1].observation, **change), events=())
        assert commentary.push(changed) == (None, None)
