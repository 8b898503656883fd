"""Live training while it is filmed: camera, pose model, trainer, screen, voice and recording, each in its own time."""

from __future__ import annotations

import math
import queue
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hipform.analysis.judged_reps import Calibration
from hipform.config import Settings
from hipform.errors import CameraError, OutputError
from hipform.exercises.declaration import Exercise
from hipform.feedback.camera_check import FrameCheck
from hipform.feedback.trainer import Course, LiveStage, LiveState, Trainer
from hipform.live.frame_rate import Pace, Rate
from hipform.live.recorder import Footage
from hipform.pose.mediapipe_pose import CrowdFinder
from hipform.pose.model_files import ModelName
from hipform.pose.poses import Pose
from hipform.pose.sources import open_estimator
from hipform.render import LEGEND, Command, Display, LiveScreen, Situation
from hipform.sound import Voice
from hipform.stages import Newest
from hipform.types import Image
from hipform.video.camera import Camera, light_of
from hipform.video.cuts import CutDetector
from hipform.video.frames import ClipInfo, Frame

ROOM_BYTES = 100_000_000
"""Free room that is kept on the disk for the results, beside that for the annotated video."""
SILENT_S = 10.0
"""A camera that gives nothing for this long has gone away, whatever it says."""
FAREWELL_S = 10.0
"""How long the last summary stays on the screen before a training of a given number of sets ends."""
_NOTICE_S = 8.0
_GAP_BEYOND_S = 1
"""By so much, at least, the gap that a pause leaves is longer than a loss of the body that is bridged."""
_LOOK_AROUND_EVERY_S = 2.0
_DISK_EVERY_S = 1.0
_POLL_S = 0.02

Tell = Callable[[str], None]
"""Called with each line about voice and machine, in whatever thread it arises."""
Watch = Callable[[LiveState], None]
"""Called in the main thread with the state of each picture, when it is on the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """What is asked for.

    Attributes
    ----------
    folder
        Where recording and results go.
    exercise
        What is going to be done; ``None`` recognises it.
    model
        Pose model to begin with.
    settings, calibrations
        As for `hipform.app.analyze`.
    n_sets, rest_s
        As for `hipform.feedback.trainer.Trainer`.
    mirrored
        Whether the picture is shown as in a mirror at first.
    record
        Whether the pictures are recorded.
    """

    folder: Path
    exercise: Exercise | None
    model: ModelName
    settings: Settings
    calibrations: Sequence[Calibration] = ()
    n_sets: int | None = None
    rest_s: float | None = None
    mirrored: bool = False
    record: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Filmed:
    """What was filmed.

    Attributes
    ----------
    info
        The recording, or the camera where nothing was recorded, with notes on how it went.
    model
        Pose model of all landmarks.
    course
        What was done when.
    recording
        The pictures; ``None`` where none were kept.
    poses
        The landmarks.
    captured, dropped
        Pictures that the camera gave, and those among them that were left out to keep up.
    """

    info: ClipInfo
    model: ModelName
    course: Course
    recording: Path | None
    poses: Path
    captured: int
    dropped: int


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """One frame on its way to the screen."""

    image: Image
    pose: Pose
    state: LiveState


class _BystanderDetector:
    """Looks for other people now and then, in a thread of its own: it takes longer than a frame lasts."""

    def __init__(self) -> None:
        self._asked: Newest[Image] = Newest()
        self._people: int | None = None
        self._next_s = 0.0
        self._thread = threading.Thread(target=self._run, name="hipform-bystanders", daemon=True)

    def __enter__(self) -> _BystanderDetector:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._asked.close()
        self._thread.join()

    def people(self, image: Image, t_s: float) -> int | None:
        """Return what was seen since the last time, and have *image* looked at when it is time for that."""
        if t_s >= self._next_s:
            self._next_s = t_s + _LOOK_AROUND_EVERY_S
            self._asked.put(image)
        people, self._people = self._people, None
        return people

    def _run(self) -> None:
        with CrowdFinder() as finder:
            for image in self._asked:
                self._people = finder.people(image)


class _ModelRun:
    """Everything that begins anew with a pose model: what it found belongs to no other.

    Attributes
    ----------
    trainer, footage, pace, rate, cuts
        What leads the training, keeps what is filmed and looks at its frames.
    looked_at
        Frames taken from the camera so far.
    shot
        Number of cuts so far.
    stage
        Where in the training.
    has_begun
        Whether there was a set.
    paused
        Whether nothing is judged or kept for the time being.
    over_s
        When the last set was over; infinite before.
    disk_seen_s
        When the room on the disk was last looked at.
    """

    def __init__(self, plan: TrainingPlan, info: ClipInfo, model: ModelName) -> None:
        own = [one for one in plan.calibrations if one.model == model]
        self.trainer = Trainer(info, plan.exercise, plan.settings, own, plan.n_sets, plan.rest_s)
        self.footage = Footage(plan.folder, info, model, record=plan.record)
        self.pace, self.rate, self.cuts = Pace(), Rate(), CutDetector()
        self.looked_at = 0
        self.shot = 0
        self.stage = LiveStage.CHECK
        self.has_begun = False
        self.paused = False
        self.over_s = math.inf
        self.disk_seen_s = -math.inf


class _TrainingClock:
    """Gives frames their time in the training: that of their capture, without the pauses.

    A pause leaves a gap of a few seconds, so that in the recording, too, no repetition goes on across it.
    """

    def __init__(self, settings: Settings) -> None:
        # Whole seconds are whole ticks of every time base.
        self._gap_s = math.ceil(settings["tracking.bridge_s"]) + _GAP_BEYOND_S
        self._left_out_s = self._last_s = 0.0
        self._has_paused = False

    def time_s(self, captured_s: float, *, paused: bool) -> float:
        """Return the time of a frame captured at *captured_s*; it stands still while *paused*."""
        self._has_paused = self._has_paused or paused
        if paused:
            return self._last_s
        if self._has_paused:
            spent_s = captured_s - self._left_out_s - self._last_s
            self._left_out_s += max(0.0, spent_s - self._gap_s)
            self._has_paused = False
        self._last_s = captured_s - self._left_out_s
        return self._last_s


class Filming:
    """Films one training.

    A thread takes pictures from the camera, another one finds the pose, leads the training and keeps both, the main
    thread draws and shows. Between them lies room for one picture, and the newest takes it: pictures may be left out,
    time may not, for every one carries the time of its capture.

    Parameters
    ----------
    camera
        Open camera.
    plan
        What is asked for.
    voice
        Says what the trainer says.
    stop
        Ends the filming when set, from wherever.
    tell
        Called with what there is to know of voice and machine.
    """

    def __init__(self, camera: Camera, plan: TrainingPlan, voice: Voice, stop: threading.Event, tell: Tell) -> None:
        self._camera = camera
        self._plan = plan
        self._voice = voice
        self._stop = stop
        self._captured: Newest[Frame] = Newest()
        self._shown: Newest[_Picture] = Newest()
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._notices = _Notices(voice, tell)
        self._screen = LiveScreen(camera.info, plan.settings, LEGEND)
        self._mirrored = plan.mirrored
        self._arrived_s = math.inf
        self._notes: list[str] = []
        self._model = plan.model
        self._clock = _TrainingClock(plan.settings)

    def run(self, display: Display | None, watch: Watch) -> Filmed:
        """Film until the training, the camera or the user ends it; call from the main thread.

        Raises
        ------
        CameraError
            If the camera gave no picture at all.
        HipformError
            If the pose model cannot be loaded, or nothing can be written.
        """
        self._landmarker = open_estimator(self._model)
        self._warm_up()
        self._begin_anew()
        try:
            self._film(display, watch)
        except BaseException:
            footage = self._run.footage
            if footage.frames:
                footage.finish(self._notes)
            else:
                footage.discard()
            raise
        return self._filmed()

    def _film(self, display: Display | None, watch: Watch) -> None:
        """Run the threads and the screen; an error of any of them is raised when all have ended."""
        follow = threading.Thread(target=self._follow, name="hipform-follow", daemon=True)
        with _BystanderDetector() as self._lookout:
            threading.Thread(target=self._capture, name="hipform-capture", daemon=True).start()
            follow.start()
            try:
                self._show(display, watch)
            finally:
                self._captured.close()
                self._camera.close()
                follow.join()
                self._run.footage.close()
                self._landmarker.close()
        while self._shown.take(0.0) is not None:
            pass

    # -------------------------------------------------------------------------------------------------------- capture

    def _capture(self) -> None:
        error: BaseException | None = None
        try:
            for frame in self._camera:
                self._arrived_s = time.monotonic()
                self._captured.put(frame)
                if self._camera.waits:
                    self._captured.wait_until_taken()
        except BaseException as raised:  # noqa: BLE001 - carried over to who takes the pictures, whatever it is
            error = raised
        self._captured.close(error)

    # ---------------------------------------------------------------------------------------------- pose and training

    def _follow(self) -> None:
        error: BaseException | None = None
        try:
            self._take_all()
        except BaseException as raised:  # noqa: BLE001 - carried over to the main thread, whatever it is
            error = raised
        self._captured.close()
        self._shown.close(error)

    def _take_all(self) -> None:
        try:
            for captured in self._captured:
                self._run.looked_at += 1
                self._obey()
                self._require_same_size(captured)
                frame = replace(captured, t_s=self._clock.time_s(captured.t_s, paused=self._run.paused))
                self._shown.put(self._looked_at(frame))
                if self._is_enough(frame.t_s):
                    return
        except CameraError as error:
            if not self._run.footage.frames:
                raise
            self._notes.append(f"{error.what} What was filmed until then was analysed.")
        except OutputError as error:
            self._run.footage.problem = error.what

    def _require_same_size(self, frame: Frame) -> None:
        info = self._camera.info
        if frame.image.shape[:2] != (info.height_px, info.width_px):
            raise CameraError(f"{info.name} changed the size of its pictures.")

    def _looked_at(self, frame: Frame) -> _Picture:
        if self._run.paused:
            unseen = Pose.unseen(frame.t_s, self._run.shot)
            return _Picture(frame.image, unseen, self._run.trainer.push(self._sight(frame, unseen)))
        if self._may_change_model() and self._run.pace.push(frame.t_s, self._captured.dropped + self._run.looked_at):
            self._change_model()
        self._run.shot += self._run.cuts.push(frame.image)
        frame = replace(frame, shot=self._run.shot)
        pose = self._landmarker.detect(frame)
        self._run.footage.put(frame, pose)
        state = self._run.trainer.push(self._sight(frame, pose))
        self._run.stage = state.stage
        self._run.has_begun = self._run.has_begun or self._run.stage is LiveStage.SET
        self._voice.say(state.says)
        return _Picture(frame.image, pose, state)

    def _sight(self, frame: Frame, pose: Pose) -> FrameCheck:
        in_check = self._run.stage is LiveStage.CHECK and not self._camera.waits
        people = self._lookout.people(frame.image, frame.t_s) if in_check else None
        light, burnt = light_of(frame.image)
        return FrameCheck(
            pose=pose, people=people, light_ratio=light, burnt_ratio=burnt, fps=self._run.rate.push(frame.t_s)
        )

    def _obey(self) -> None:
        while not self._commands.empty():
            command = self._commands.get()
            if command is Command.NEXT:
                self._run.trainer.next_exercise()
                self._plan = replace(self._plan, exercise=None)
            elif self._run.paused:
                self._run.trainer.resume()
                self._run.paused = False
                self._run.pace, self._run.rate = Pace(), Rate()
            else:
                self._run.trainer.pause()
                self._run.paused = True

    def _is_enough(self, t_s: float) -> bool:
        """Tell whether the training is over, or there is no room to go on."""
        if self._run.stage is LiveStage.SUMMARY:
            self._run.over_s = min(self._run.over_s, t_s)
            return t_s - self._run.over_s >= FAREWELL_S
        self._run.over_s = math.inf
        if t_s - self._run.disk_seen_s >= _DISK_EVERY_S:
            self._run.disk_seen_s = t_s
            # The annotated video will need about as much as the recording has taken.
            if shutil.disk_usage(self._plan.folder).free < ROOM_BYTES + self._run.footage.bytes:
                self._notes.append("The disk is nearly full: filming ended early.")
                return True
        return False

    # --------------------------------------------------------------------------------------------------------- model

    def _warm_up(self) -> None:
        """Have the model loaded before the first picture: that takes a second or two."""
        size = (self._camera.info.height_px, self._camera.info.width_px, 3)
        self._landmarker.detect(Frame(0.0, np.zeros(size, np.uint8)))

    def _begin_anew(self) -> None:
        self._captured.dropped = 0
        self._run = _ModelRun(self._plan, self._camera.info, self._model)

    def _may_change_model(self) -> bool:
        """Tell whether nothing is judged yet: a training is of one model from its first set on."""
        return not self._run.has_begun and self._model != "lite" and not self._camera.waits

    def _change_model(self) -> None:
        """Go on with the lite model; what was filmed so far is given up, so that all is of one model."""
        self._notes.append(f"This machine is too slow for the {self._model} model: the lite model was used.")
        self._notices.tell("Slower machine: lite model")
        self._landmarker.close()
        self._run.footage.discard()
        self._model = "lite"
        self._landmarker = open_estimator("lite")
        self._warm_up()
        self._begin_anew()
        # The picture in hand is the first one for the new model.
        self._run.looked_at = 1

    # --------------------------------------------------------------------------------------------------------- screen

    def _show(self, display: Display | None, watch: Watch) -> None:
        while not (self._stop.is_set() or self._shown.over):
            picture = self._shown.take(_POLL_S)
            if time.monotonic() - self._arrived_s > SILENT_S and not self._camera.waits:
                self._captured.close(CameraError(f"{self._camera.info.name} gives no more pictures."))
                self._arrived_s = math.inf
            notice = self._notices.now()
            if picture is None:
                command = display.poll() if display else None
            else:
                command = display.show(self._drawn(picture, notice)) if display else None
                watch(picture.state)
            if command:
                self._heed(command)

    def _drawn(self, picture: _Picture, notice: str) -> Image:
        # A copy: the picture itself is being recorded.
        image = picture.image.copy()
        situation = Situation(
            mirrored=self._mirrored,
            muted=self._voice.is_silent,
            recording=self._plan.record and not picture.state.paused,
            notice=notice,
        )
        self._screen.draw(image, picture.pose, picture.state, situation)
        return image

    def _heed(self, command: Command) -> None:
        if command is Command.QUIT:
            self._stop.set()
        elif command is Command.MIRROR:
            self._mirrored = not self._mirrored
        elif command is Command.MUTE:
            self._voice.muted = not self._voice.muted
        else:
            self._commands.put(command)

    # ------------------------------------------------------------------------------------------------------------ end

    def _filmed(self) -> Filmed:
        footage = self._run.footage
        if not footage.frames:
            footage.discard()
            raise CameraError("Filming ended before there was a picture to keep.")
        if footage.problem:
            self._notes.append(f"The recording ended early: {footage.problem}")
        dropped = self._captured.dropped
        captured = dropped + self._run.looked_at
        share = dropped / captured
        self._notes.append(f"Pictures captured: {captured}; left out to keep up: {dropped} ({share:.1%}).")
        recording = footage.video if footage.video and footage.video.exists() else None
        try:
            info = footage.finish([self._camera.description, *self._camera.notes, *self._notes])
        except OutputError as error:
            kept = f" The recording is kept: {recording}" if recording else ""
            raise OutputError(error.what, f"{error.hint}{kept}") from error
        return Filmed(
            info=info,
            model=self._model,
            course=self._run.trainer.finish(),
            recording=recording,
            poses=footage.poses,
            captured=captured,
            dropped=dropped,
        )


class _Notices:
    """Lines about the machine, each told once and on the screen for a while."""

    def __init__(self, voice: Voice, tell: Tell) -> None:
        self._voice = voice
        self._tell = tell
        self._text = ""
        self._until_s = -math.inf
        self._has_complained = False

    def tell(self, text: str) -> None:
        """Tell *text* and show it for a while."""
        self._tell(text)
        self._text, self._until_s = text, time.monotonic() + _NOTICE_S

    def now(self) -> str:
        """Return the line to show now; empty for none."""
        if self._voice.problem and not self._has_complained:
            self._has_complained = True
            self.tell(self._voice.problem)
        return self._text if time.monotonic() < self._until_s else ""
