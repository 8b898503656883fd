"""Live training from camera to results, with a synthetic lifter: what was filmed is always kept and judged."""

import shutil
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from hipform.app import analyze
from hipform.app.draw_video import _paired
from hipform.app.live_training import analyze_filmed, default_folder, require_room
from hipform.config import Settings
from hipform.errors import CameraError, ModelError, NoExerciseError, NoPersonError, OutputError
from hipform.feedback.trainer import LiveStage
from hipform.feedback.voice_lines import UtteranceKind
from hipform.live import capture, inference, recorder
from hipform.live.frame_rate import Pace
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording
from hipform.render import Command, RawSink
from hipform.report.result import FILES
from hipform.stages import Newest
from hipform.video.frames import Frame
from hipform.video.video_file import VideoFile
from scripts.app_process import wait_until
from tests.filmed import FPS, FakeCamera, bridges, filmed, nobody, patch, plan_for

POSES = bridges(3)


@pytest.fixture(autouse=True)
def lifter(monkeypatch):
    patch(monkeypatch, POSES)


def reps(result):
    return [len(found.reps) for found in result.sets]


def times_in(path):
    with VideoFile(path) as video:
        return [frame.t_s for frame in video]


def poses_in(path):
    with Recording(path) as recording:
        return list(recording)


def test_a_training_writes_the_same_folder_as_an_analysis(tmp_path):
    plan = plan_for(tmp_path / "out")
    found = filmed(FakeCamera(POSES), plan)
    result = analyze_filmed(found, plan)
    assert reps(result) == [3]
    assert set(result.files) == set(FILES)
    assert {path.name for path in plan.folder.iterdir()} == set(FILES.values())
    assert times_in(found.recording) == [pose.t_s for pose in POSES]
    assert [pose.t_s for pose in poses_in(found.poses)] == [pose.t_s for pose in POSES]
    assert result.clip.notes == (
        "Camera 0 is made up.",
        f"Frames captured: {len(POSES)}; dropped to keep up: 0 (0.0%).",
    )
    assert result.model == "full"
    again = analyze(found.poses, exercise="glute-bridge")
    assert again.sets == result.sets
    assert again.clip.sha256 == result.clip.sha256


def test_an_exercise_that_is_not_given_is_recognised(tmp_path):
    plan = plan_for(tmp_path / "out", exercise=None, record=False)
    result = analyze_filmed(filmed(FakeCamera(POSES), plan), plan)
    assert reps(result) == [3]
    assert result.sets[0].exercise == "glute-bridge"
    assert result.sets[0].confidence > 0.5


def test_a_camera_disconnected_in_mid_set_loses_nothing_filmed(tmp_path):
    plan = plan_for(tmp_path / "out", record=False)
    until = next(number for number, pose in enumerate(POSES) if pose.t_s > POSES[-1].t_s - 3)
    camera = FakeCamera(POSES[:until], fails=CameraError("Camera 0 was disconnected.", "Check its cable."))
    result = analyze_filmed(filmed(camera, plan), plan)
    assert reps(result) == [2]
    assert "Camera 0 was disconnected. The part filmed until then was analysed." in result.clip.notes


def test_a_silent_camera_counts_as_disconnected(tmp_path, monkeypatch):
    monkeypatch.setattr(capture, "SILENT_S", 0.3)
    plan = plan_for(tmp_path / "out", record=False)
    found = filmed(FakeCamera(POSES[:30], waits=False, hangs=True), plan)
    assert any("camera 0 stopped sending frames." in note for note in found.info.notes)


def test_a_camera_without_any_frame_is_an_error(tmp_path):
    plan = plan_for(tmp_path / "out")
    with pytest.raises(CameraError, match="was disconnected"):
        filmed(FakeCamera([], fails=CameraError("Camera 0 was disconnected.")), plan)
    assert not (plan.folder / FILES["recording"]).exists()


def test_a_stop_in_mid_rep_saves_what_was_filmed(tmp_path):
    plan, stop = plan_for(tmp_path / "out"), threading.Event()

    def watch(state):
        if state.rep_count == 2 and camera.given == len(in_third_rep):
            stop.set()

    in_third_rep = [pose for pose in POSES if pose.t_s < 8.8]
    # It hangs there, so that the stop comes in mid-rep however late this machine draws.
    camera = FakeCamera(in_third_rep, hangs=True)
    result = analyze_filmed(filmed(camera, plan, stop=stop, watch=watch), plan)
    assert reps(result) == [2]
    assert (plan.folder / FILES["video"]).exists()


def test_a_full_disk_ends_only_the_recording(tmp_path, monkeypatch):
    whole = RawSink.write

    def write(self, image, t_s):
        if self.frames == 100:
            raise OutputError("Cannot write recording.mp4: the disk is full.")
        whole(self, image, t_s)

    monkeypatch.setattr(RawSink, "write", write)
    plan = plan_for(tmp_path / "out")
    found = filmed(FakeCamera(POSES), plan)
    result = analyze_filmed(found, plan)
    assert result.clip.notes[1:-1] == ("The recording ended early: Cannot write recording.mp4: the disk is full.",)
    assert 100 <= result.clip.frames < 130
    assert len(times_in(found.recording)) == 100


def test_unwritable_landmarks_keep_the_recording_and_report_its_path(tmp_path, monkeypatch):
    def fail(self):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recorder.RecordingWriter, "_finish", fail)
    plan = plan_for(tmp_path / "out")
    with pytest.raises(OutputError, match=r"poses\.npz: the disk is full.*recording is kept: .*recording\.mp4"):
        filmed(FakeCamera(POSES[:40]), plan)
    assert len(times_in(plan.folder / FILES["recording"])) == 40


def test_filming_ends_while_there_is_disk_space_for_the_results(tmp_path, monkeypatch):
    free = iter([10**12, 10**12, 10**12])
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=next(free, 10**6)))
    plan = plan_for(tmp_path / "out")
    found = filmed(FakeCamera(POSES), plan)
    assert "The disk is nearly full: filming ended early." in found.info.notes
    assert 30 < len(times_in(found.recording)) < 100


def test_a_full_disk_is_reported_before_filming(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=10**6))
    with pytest.raises(OutputError, match="less than 100 MB"):
        require_room(plan_for(tmp_path / "out"))


@pytest.mark.parametrize("record", [True, False])
@pytest.mark.parametrize("kind", ["recording", "poses"])
def test_a_folder_with_a_training_or_an_analysis_is_rejected(tmp_path, kind, record):
    (tmp_path / FILES[kind]).write_bytes(b"precious")
    plan = plan_for(tmp_path, record=record)
    with pytest.raises(OutputError, match=f"already has the {FILES[kind]} of another"):
        require_room(plan)
    with pytest.raises(OutputError, match=f"already has the {FILES[kind]} of another"):
        filmed(FakeCamera(POSES), plan)
    assert (tmp_path / FILES[kind]).read_bytes() == b"precious"


def test_a_training_that_cannot_start_leaves_no_folder(tmp_path, monkeypatch):
    def refuse(_model):
        raise ModelError("The pose model is altered.")

    monkeypatch.setattr(inference, "open_estimator", refuse)
    with pytest.raises(ModelError):
        filmed(FakeCamera(POSES), plan_for(tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []


def test_without_recording_the_folder_has_no_video_files(tmp_path):
    plan = plan_for(tmp_path / "out", record=False)
    result = analyze_filmed(filmed(FakeCamera(POSES), plan), plan)
    assert reps(result) == [3]
    assert set(FILES) - set(result.files) == {"video", "keyframes", "recording"}
    assert {path.name for path in plan.folder.iterdir()} == {FILES[name] for name in result.files}
    assert len(result.clip.sha256) == 64


class Keys:
    """A display that presses keys at given frames and looks at pictures."""

    def __init__(self, keys):
        self._keys = dict(keys)
        self.shown = 0

    def show(self, image):
        height, width, _ = image.shape
        assert height >= 240
        assert width >= 320
        self.shown += 1
        return self._keys.pop(self.shown, None)

    def poll(self):
        return None


def test_a_pause_is_neither_judged_nor_recorded(tmp_path, in_step):
    plan, paused = plan_for(tmp_path / "out"), []
    display = Keys({20: Command.PAUSE, 60: Command.PAUSE})
    found = filmed(FakeCamera(POSES), plan, display=display, watch=lambda state: paused.append(state.paused))
    kept = [pose.t_s for pose in poses_in(found.poses)]
    assert sum(paused) > 10
    assert len(kept) < len(POSES)
    assert times_in(found.recording) == pytest.approx(kept, abs=1e-9)


@pytest.fixture
def in_step(monkeypatch):
    """Let camera, pose model and display wait for each other, so that keys come at the frames they are meant for."""
    put, close, is_over = Newest.put, Newest.close, threading.Event()

    def put_and_wait(self, item):
        put(self, item)
        while self._waiting and not is_over.is_set():
            time.sleep(0.0005)

    def close_all(self, *error):
        # Whoever has taken its last item takes none that another one still puts.
        is_over.set()
        close(self, *error)

    monkeypatch.setattr(Newest, "put", put_and_wait)
    monkeypatch.setattr(Newest, "close", close_all)


def waiting(pose, start_s, lasts_s):
    """Return the frames of a lifter who stays as in *pose*."""
    return [replace(pose, t_s=start_s + (1 + number) / FPS) for number in range(round(FPS * lasts_s))]


def later(poses, by_s):
    return [replace(pose, t_s=pose.t_s + by_s) for pose in poses]


def test_a_long_pause_ends_no_set_and_leaves_a_short_gap(tmp_path, monkeypatch, in_step):
    before = [pose for pose in POSES if pose.t_s < 8.2]
    # Longer than the rest that ends a set.
    pause_s = Settings()["sets.rest_s"] + 4
    paused = waiting(before[-1], before[-1].t_s, pause_s)
    poses = [*before, *paused, *later(POSES[len(before) :], pause_s), *nobody(later(POSES, pause_s), 6)]
    patch(monkeypatch, poses)
    plan, stages = plan_for(tmp_path / "out", n_sets=1), []
    display = Keys({len(before): Command.PAUSE, len(before) + len(paused) - 10: Command.PAUSE})
    found = filmed(FakeCamera(poses), plan, display=display, watch=lambda state: stages.append(state.stage))
    assert reps(analyze_filmed(found, plan)) == [3]
    times = times_in(found.recording)
    assert times == pytest.approx([pose.t_s for pose in poses_in(found.poses)], abs=1e-6)
    gaps = sorted(np.diff(times))
    assert gaps[-1] == pytest.approx(2, abs=0.05)
    assert gaps[-2] < 1.5 / FPS
    assert stages[-1] is LiveStage.SUMMARY


def test_a_second_summary_is_shown_as_long_as_the_first(tmp_path, monkeypatch, in_step):
    away_s, back_s = 8, POSES[-1].t_s + 8 + 1 / FPS
    poses = [*POSES, *nobody(POSES, away_s), *later(POSES, back_s), *nobody(later(POSES, back_s), 40)]
    patch(monkeypatch, poses)
    states = []
    plan = plan_for(tmp_path / "out", record=False, n_sets=1)
    filmed(FakeCamera(poses), plan, watch=lambda state: states.append((state.t_s, state.stage)))
    other = [number for number, (_, stage) in enumerate(states) if stage is not LiveStage.SUMMARY]
    assert LiveStage.SUMMARY in {stage for _, stage in states[: other[-1]]}
    assert states[-1][0] - states[other[-1]][0] == pytest.approx(inference.FAREWELL_S, abs=0.2)


def test_a_pause_delays_the_end(tmp_path, monkeypatch, in_step):
    poses = [*POSES, *nobody(POSES, 25)]
    patch(monkeypatch, poses)
    display = Keys({len(POSES) + 8 * FPS: Command.PAUSE})
    plan = plan_for(tmp_path / "out", record=False, n_sets=1)
    states = []
    camera = FakeCamera(poses)
    filmed(camera, plan, display=display, watch=states.append)
    assert camera.given == len(poses)
    assert states[-1].paused


def test_pauses_do_not_count_as_a_slow_machine(tmp_path, monkeypatch, in_step):
    poses = bridges(1, still_s=12)
    patch(monkeypatch, poses)
    display = Keys({30: Command.PAUSE, 120: Command.PAUSE, 150: Command.PAUSE, 240: Command.PAUSE})
    plan = plan_for(tmp_path / "out", record=False)
    assert filmed(FakeCamera(poses, waits=False), plan, display=display).model == "full"


def test_an_ended_exercise_does_not_return_with_another_model(tmp_path, monkeypatch, in_step):
    monkeypatch.setattr(Pace, "push", lambda _self, t_s, _captured: t_s > 1)
    states = []
    plan = plan_for(tmp_path / "out", record=False)
    found = filmed(FakeCamera(POSES, waits=False), plan, display=Keys({9: Command.NEXT}), watch=states.append)
    assert found.model == "lite"
    assert states[-1].recognised


def test_notices_are_reported_without_a_display_too(tmp_path):
    reported = []
    voice = SimpleNamespace(say=lambda _said: None, is_silent=True, problem="No sound: none", muted=False)
    filmed(FakeCamera(POSES[:60]), plan_for(tmp_path / "out", record=False), voice=voice, on_notice=reported.append)
    assert reported == ["No sound: none"]


def test_a_camera_that_changes_its_frame_size_ends_the_training_and_loses_nothing(tmp_path):
    class Changing(FakeCamera):
        def __iter__(self):
            for frame in super().__iter__():
                is_late = frame.t_s > 8.7
                yield replace(frame, image=frame.image[::2, ::2]) if is_late else frame

    plan = plan_for(tmp_path / "out")
    result = analyze_filmed(filmed(Changing(POSES), plan), plan)
    assert reps(result) == [2]
    assert "camera 0 changed its frame size. The part filmed until then was analysed." in result.clip.notes


@pytest.mark.parametrize("key", [Command.QUIT, None])
def test_the_quit_key_ends_it(tmp_path, key, in_step):
    poses = POSES[:200]
    found = filmed(FakeCamera(poses), plan_for(tmp_path / "out", record=False), display=Keys({20: key}))
    assert (len(poses_in(found.poses)) < len(poses)) is (key is Command.QUIT)


def test_mirror_and_mute_change_only_display_and_sound(tmp_path):
    display = Keys({5: Command.MIRROR, 9: Command.MUTE, 12: Command.MIRROR, 15: Command.MUTE})
    plan = plan_for(tmp_path / "out", record=False)
    assert reps(analyze_filmed(filmed(FakeCamera(POSES), plan, display=display), plan)) == [3]


def test_another_exercise_may_follow(tmp_path, in_step):
    states = []
    display = Keys({15: Command.NEXT})
    filmed(FakeCamera(POSES[:240]), plan_for(tmp_path / "out", record=False), display=display, watch=states.append)
    assert states[0].exercise is not None
    assert any(state.exercise is None for state in states)


@pytest.mark.parametrize("exercise", ["glute-bridge", None])
def test_nobody_in_view_keeps_the_recording_and_reports_its_path(tmp_path, monkeypatch, exercise):
    empty = [Pose.unseen(number / 30) for number in range(60)]
    patch(monkeypatch, empty)
    plan = plan_for(tmp_path / "out", exercise=exercise)
    found = filmed(FakeCamera(empty), plan)
    with pytest.raises(NoPersonError, match=r"The recording is kept: .*recording\.mp4"):
        analyze_filmed(found, plan)
    assert len(times_in(found.recording)) == 60


def test_a_lifter_who_only_lies_there_does_no_exercise(tmp_path):
    plan = plan_for(tmp_path / "out", exercise=None)
    found = filmed(FakeCamera(POSES[: 3 * FPS]), plan)
    with pytest.raises(NoExerciseError, match=r"No exercise was recognised.*kept"):
        analyze_filmed(found, plan)


def test_the_last_of_several_sets_ends_the_training(tmp_path, monkeypatch):
    poses = [*POSES, *nobody(POSES, 40)]
    patch(monkeypatch, poses)
    camera, stages = FakeCamera(poses), []
    plan = plan_for(tmp_path / "out", record=False, n_sets=1)
    result = analyze_filmed(filmed(camera, plan, watch=lambda state: stages.append(state.stage)), plan)
    assert reps(result) == [3]
    assert stages[-1] is LiveStage.SUMMARY
    assert result.clip.frames < len(poses)


def test_what_the_trainer_says_reaches_the_voice(tmp_path, monkeypatch):
    said, poses = [], bridges(1, still_s=7)
    patch(monkeypatch, poses)
    voice = SimpleNamespace(say=said.extend, is_silent=False, problem="No sound: none", muted=False)
    filmed(FakeCamera(poses), plan_for(tmp_path / "out", record=False), voice=voice)
    kinds = {one.kind for one in said}
    assert UtteranceKind.COUNTDOWN in kinds
    assert UtteranceKind.COUNT in kinds


def test_an_error_in_a_thread_is_raised_and_the_recording_is_kept(tmp_path, monkeypatch):
    whole = inference.Trainer.push

    def push(self, sight):
        if sight.pose.t_s > 1:
            raise ZeroDivisionError("here")
        return whole(self, sight)

    monkeypatch.setattr(inference.Trainer, "push", push)
    plan = plan_for(tmp_path / "out")
    with pytest.raises(ZeroDivisionError, match="here"):
        filmed(FakeCamera(POSES), plan)
    assert len(times_in(plan.folder / FILES["recording"])) > 10


def test_a_slow_screen_delays_nothing(tmp_path):
    class Slow(Keys):
        def show(self, image):
            # As slow as can be: until everything is filmed.
            wait_until(lambda: camera.given == len(poses))
            return super().show(image)

    display, poses = Slow({}), POSES[:200]
    camera = FakeCamera(poses)
    found = filmed(camera, plan_for(tmp_path / "out", record=False), display=display)
    assert len(poses_in(found.poses)) == len(poses)
    assert display.shown < len(poses)


# --------------------------------------------------------------------------------------------------------- the model


def decided_at(seconds, captured_fps, processed_fps):
    """Return when the pose model is found to be too slow; None if it is not."""
    pace = Pace()
    for number in range(round(seconds * processed_fps)):
        t_s = number / processed_fps
        if pace.push(t_s, round(t_s * captured_fps)):
            return t_s
    return None


@pytest.mark.parametrize(
    ("captured_fps", "processed_fps", "is_slow"),
    [
        (30, 30, False),
        (30, 25, False),
        (60, 24, False),
        (15, 15, False),
        (15, 12, True),
        (30, 20, True),
        (60, 22, True),
    ],
)
def test_the_model_is_too_slow_below_the_camera_rate_or_25_fps(captured_fps, processed_fps, is_slow):
    assert (decided_at(12, captured_fps, processed_fps) is not None) is is_slow


def test_two_consecutive_slow_windows_are_needed():
    assert decided_at(12, 30, 15) == pytest.approx(2 * Pace.WINDOW_S, abs=0.1)
    pace, t_s, slow = Pace(), 0.0, []
    for window in range(8):
        fps = 15 if window % 2 else 30
        for _ in range(round(Pace.WINDOW_S * fps)):
            slow.append(pace.push(t_s, round(t_s * 30)))
            t_s += 1 / fps
    assert not any(slow)


def test_a_slow_machine_restarts_the_recording_with_the_lite_model(tmp_path, monkeypatch):
    monkeypatch.setattr(Pace, "push", lambda _self, t_s, _captured: t_s > 1)
    plan = plan_for(tmp_path / "out")
    camera = FakeCamera(POSES, waits=False)
    monkeypatch.setattr(Newest, "put", _held_up(Newest.put))
    found = filmed(camera, plan)
    result = analyze_filmed(found, plan)
    assert (found.model, result.model) == ("lite", "lite")
    assert "This machine is too slow for the full model: the lite model was used." in result.clip.notes
    assert result.clip.start_s == pytest.approx(1, abs=0.2)
    assert times_in(found.recording)[0] == result.clip.start_s
    assert reps(result) == [3]


def _held_up(put):
    def wait(self, item):
        put(self, item)
        if isinstance(item, Frame):
            self.wait_until_taken()

    return wait


def test_the_model_does_not_change_after_the_first_set_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(Pace, "push", lambda _self, t_s, _captured: t_s > POSES[-1].t_s - 2)
    monkeypatch.setattr(Newest, "put", _held_up(Newest.put))
    found = filmed(FakeCamera(POSES, waits=False), plan_for(tmp_path / "out", record=False))
    assert found.model == "full"


# ------------------------------------------------------------------------------------------------------- small parts


def test_poses_are_paired_with_frames_by_time():
    poses = [Pose.unseen(t_s) for t_s in (0.1, 0.2, 0.3, 0.4)]
    frames = [Frame(t_s, np.zeros((1, 1, 3), np.uint8)) for t_s in (0.0, 0.1, 0.3)]
    drawn = [(pose, None) for pose in poses]
    assert [(frame.t_s, pose.t_s) for frame, pose, _ in _paired(drawn, frames)] == [
        (0.1, poses[0].t_s),
        (0.3, poses[2].t_s),
    ]


def test_every_training_has_a_folder_of_its_own(tmp_path):
    assert default_folder(tmp_path, "live") == tmp_path / "live"
    (tmp_path / "live").mkdir()
    (tmp_path / "live_2").mkdir()
    assert default_folder(tmp_path, "live") == tmp_path / "live_3"
