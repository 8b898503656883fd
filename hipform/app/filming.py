"""Live training while it is filmed: camera, pose model, trainer, screen, voice and recording, each in its own time."""

from __future__ import annotations

import hashlib
import math
import queue
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hipform.config import Settings
from hipform.errors import CameraError, OutputError
from hipform.exercises.base import Exercise
from hipform.feedback.camera_check import Sight
from hipform.feedback.trainer import Course, LiveStage, LiveState, Trainer
from hipform.render import LEGEND, Command, Display, LiveScreen, RawSink, Situation
from hipform.report.result import FILES
from hipform.sound import Voice
from hipform.sources import (
    Camera,
    CrowdFinder,
    CutDetector,
    Landmarker,
    ModelName,
    RecordingWriter,
    VideoFile,
    light_of,
)
from hipform.stages import Background, Newest
from hipform.types import Calibration, ClipInfo, Frame, Image, Pose

ROOM_BYTES = 100_000_000
"""Free room that is kept on the disk for the results, beside that for the annotated video."""
SILENT_S = 10.0
"""A camera that gives nothing for this long has gone away, whatever it says."""
FAREWELL_S = 10.0
"""How long the last summary stays on the screen before a training of a given number of sets ends."""
_NOTICE_S = 8.0
_RATE_OVER_S = 1.0
_LOOK_AROUND_EVERY_S = 2.0
_DISK_EVERY_S = 1.0
_POLL_S = 0.02
_WAITING_PICTURES = 8
"""Pictures that may wait to be encoded: they ride out a slow moment and take 20 MB at 720p."""

Watch = Callable[[LiveState], None]
"""Called in the main thread with the state of each picture, when it is on the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
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


class Pace:
    """Decides from what comes and what is done whether the pose model is too slow for this machine.

    It is too slow when it falls short in two windows in a row: a single one may be another program's doing. Nobody goes
    back to the larger model: what was too slow once would be so again.
    """

    WINDOW_S = 2.0
    ENOUGH_RATIO = 0.9
    ENOUGH_FPS = 30.0

    def __init__(self) -> None:
        self._begun: tuple[float, int] | None = None
        self._taken = 0
        self._slow_windows = 0

    def push(self, t_s: float, captured: int) -> bool:
        """Take the time of a frame that is looked at and how many were captured so far; tell whether it is too slow."""
        if self._begun is None:
            self._begun = t_s, captured
        begun_s, before = self._begun
        spent_s = t_s - begun_s
        if spent_s < self.WINDOW_S:
            self._taken += 1
            return False
        needed_fps = min((captured - before) / spent_s, self.ENOUGH_FPS)
        is_slow = self._taken / spent_s < self.ENOUGH_RATIO * needed_fps
        self._slow_windows = self._slow_windows + 1 if is_slow else 0
        self._begun, self._taken = (t_s, captured), 1
        return self._slow_windows >= 2


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """One frame on its way to the screen."""

    image: Image
    pose: Pose
    state: LiveState


class _Keeper:
    """Keeps pictures and landmarks of one pose model, in step.

    Attributes
    ----------
    video
        The recording; ``None`` where no pictures are kept.
    frames
        Frames kept so far.
    problem
        Why the recording ended early; empty if it did not.
    """

    def __init__(self, plan: Plan, info: ClipInfo, model: ModelName) -> None:
        self.video = plan.folder / FILES["recording"] if plan.record else None
        self.poses = plan.folder / FILES["poses"]
        self.frames = 0
        self.problem = ""
        self._info = info
        self._digest = hashlib.sha256()
        self._sink = RawSink(self.video, info) if self.video else None
        self._writer = RecordingWriter(self.poses, info, model)
        self._landmarks, self._pictures = ExitStack(), ExitStack()
        self._background: Background[Frame] | None = None
        if self._sink:
            self._pictures.enter_context(self._sink)
            self._background = self._pictures.enter_context(Background(self._record, _WAITING_PICTURES))
        self._landmarks.enter_context(self._writer)

    @property
    def bytes(self) -> int:
        """Size of the recording so far."""
        return self._sink.bytes if self._sink else 0

    def _record(self, frame: Frame) -> None:
        assert self._sink is not None
        self._sink.write(frame.image, frame.t_s)

    def put(self, frame: Frame, pose: Pose) -> None:
        """Keep one frame; waits where the disk cannot follow, so that what is judged is what is recorded.

        Raises
        ------
        OutputError
            The disk is full or gone.
        """
        if self._background:
            self._background.put(frame)
        self._writer.write(pose)
        self._digest.update(np.float64(pose.t_s).tobytes() + pose.image_px.tobytes())
        self.frames += 1

    def close(self) -> None:
        """Finish the recording, as far as the disk allows; `problem` tells where it does not."""
        try:
            self._pictures.close()
        except OutputError as error:
            self.problem = self.problem or error.what

    def finish(self, notes: Sequence[str]) -> ClipInfo:
        """Write the landmarks with what is known of their pictures, after `close`.

        Raises
        ------
        OutputError
            They cannot be written.
        """
        if self.video and self.video.exists():
            with VideoFile(self.video) as video:
                self._info = video.info
        else:
            # There is no file to know the training by again, for the history; its landmarks are as good.
            self._info = replace(self._info, sha256=self._digest.hexdigest())
        self._info = replace(self._info, notes=tuple(notes))
        self._writer.info = self._info
        self._landmarks.close()
        return self._info

    def discard(self) -> None:
        """Leave nothing."""
        self.close()
        self._landmarks.close()
        for path in (self.video, self.poses):
            if path:
                path.unlink(missing_ok=True)


class _Lookout:
    """Looks for other people now and then, in a thread of its own: it takes longer than a frame lasts."""

    def __init__(self) -> None:
        self._asked: Newest[Image] = Newest()
        self._people: int | None = None
        self._next_s = 0.0
        self._thread = threading.Thread(target=self._run, name="hipform-lookout", daemon=True)

    def __enter__(self) -> _Lookout:
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


class _Rate:
    """Frames a second of late."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def push(self, t_s: float) -> float:
        """Take the time of a frame; return the rate, NaN until it is known."""
        self._times.append(t_s)
        while t_s - self._times[0] > _RATE_OVER_S:
            self._times.popleft()
        spent_s = t_s - self._times[0]
        return (len(self._times) - 1) / spent_s if spent_s > _RATE_OVER_S / 2 else math.nan


class _Take:
    """Everything that begins anew with a pose model: what it found belongs to no other.

    Attributes
    ----------
    trainer, keeper, pace, rate, cuts
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

    def __init__(self, plan: Plan, info: ClipInfo, model: ModelName) -> None:
        own = [one for one in plan.calibrations if one.model == model]
        self.trainer = Trainer(info, plan.exercise, plan.settings, own, plan.n_sets, plan.rest_s)
        self.keeper = _Keeper(plan, info, model)
        self.pace, self.rate, self.cuts = Pace(), _Rate(), CutDetector()
        self.looked_at = 0
        self.shot = 0
        self.stage = LiveStage.CHECK
        self.has_begun = False
        self.paused = False
        self.over_s = math.inf
        self.disk_seen_s = -math.inf


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
    """

    def __init__(self, camera: Camera, plan: Plan, voice: Voice, stop: threading.Event) -> None:
        self._camera = camera
        self._plan = plan
        self._voice = voice
        self._stop = stop
        self._captured: Newest[Frame] = Newest()
        self._shown: Newest[_Picture] = Newest()
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._notices = _Notices(voice)
        self._screen = LiveScreen(camera.info, plan.settings, LEGEND)
        self._mirrored = plan.mirrored
        self._arrived_s = math.inf
        self._notes: list[str] = []
        self._model = plan.model

    def run(self, display: Display | None, watch: Watch) -> Filmed:
        """Film until the training, the camera or the user ends it; call from the main thread.

        Raises
        ------
        CameraError
            If the camera gave no picture at all.
        HipformError
            If the pose model cannot be loaded, or nothing can be written.
        """
        self._landmarker = Landmarker(self._model)
        self._warm_up()
        self._begin_anew()
        try:
            self._film(display, watch)
        except BaseException:
            keeper = self._take.keeper
            if keeper.frames:
                keeper.finish(self._notes)
            else:
                keeper.discard()
            raise
        return self._filmed()

    def _film(self, display: Display | None, watch: Watch) -> None:
        """Run the threads and the screen; an error of any of them is raised when all have ended."""
        follow = threading.Thread(target=self._follow, name="hipform-follow", daemon=True)
        with _Lookout() as self._lookout:
            threading.Thread(target=self._capture, name="hipform-capture", daemon=True).start()
            follow.start()
            try:
                self._show(display, watch)
            finally:
                self._captured.close()
                self._camera.close()
                follow.join()
                self._take.keeper.close()
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
            for frame in self._captured:
                self._take.looked_at += 1
                self._obey()
                self._shown.put(self._looked_at(frame))
                if self._is_enough(frame.t_s):
                    return
        except CameraError as error:
            if not self._take.keeper.frames:
                raise
            self._notes.append(f"{error.what} What was filmed until then was analysed.")
        except OutputError as error:
            self._take.keeper.problem = error.what

    def _looked_at(self, frame: Frame) -> _Picture:
        if self._take.paused:
            unseen = Pose.unseen(frame.t_s, self._take.shot)
            return _Picture(frame.image, unseen, self._take.trainer.push(self._sight(frame, unseen)))
        if self._may_change_model() and self._take.pace.push(frame.t_s, self._captured.dropped + self._take.looked_at):
            self._change_model()
        self._take.shot += self._take.cuts.push(frame.image)
        frame = replace(frame, shot=self._take.shot)
        pose = self._landmarker.detect(frame)
        self._take.keeper.put(frame, pose)
        state = self._take.trainer.push(self._sight(frame, pose))
        self._take.stage = state.stage
        self._take.has_begun = self._take.has_begun or self._take.stage is LiveStage.SET
        self._voice.say(state.says)
        return _Picture(frame.image, pose, state)

    def _sight(self, frame: Frame, pose: Pose) -> Sight:
        in_check = self._take.stage is LiveStage.CHECK and not self._camera.waits
        people = self._lookout.people(frame.image, frame.t_s) if in_check else None
        light, burnt = light_of(frame.image)
        return Sight(
            pose=pose, people=people, light_ratio=light, burnt_ratio=burnt, fps=self._take.rate.push(frame.t_s)
        )

    def _obey(self) -> None:
        while not self._commands.empty():
            command = self._commands.get()
            if command is Command.NEXT:
                self._take.trainer.next_exercise()
            elif self._take.paused:
                self._take.trainer.resume()
                self._take.paused = False
            else:
                self._take.trainer.pause()
                self._take.paused = True

    def _is_enough(self, t_s: float) -> bool:
        """Tell whether the training is over, or there is no room to go on."""
        if self._take.stage is LiveStage.SUMMARY:
            self._take.over_s = min(self._take.over_s, t_s)
            return t_s - self._take.over_s >= FAREWELL_S
        if t_s - self._take.disk_seen_s >= _DISK_EVERY_S:
            self._take.disk_seen_s = t_s
            # The annotated video will need about as much as the recording has taken.
            if shutil.disk_usage(self._plan.folder).free < ROOM_BYTES + self._take.keeper.bytes:
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
        self._take = _Take(self._plan, self._camera.info, self._model)

    def _may_change_model(self) -> bool:
        """Tell whether nothing is judged yet: a training is of one model from its first set on."""
        return not self._take.has_begun and self._model != "lite" and not self._camera.waits

    def _change_model(self) -> None:
        """Go on with the lite model; what was filmed so far is given up, so that all is of one model."""
        self._notes.append(f"This machine is too slow for the {self._model} model: the lite model was used.")
        self._notices.tell("Slower machine: lite model")
        self._landmarker.close()
        self._take.keeper.discard()
        self._model = "lite"
        self._landmarker = Landmarker("lite")
        self._warm_up()
        self._begin_anew()
        # The picture in hand is the first one for the new model.
        self._take.looked_at = 1

    # --------------------------------------------------------------------------------------------------------- screen

    def _show(self, display: Display | None, watch: Watch) -> None:
        while not (self._stop.is_set() or self._shown.over):
            picture = self._shown.take(_POLL_S)
            if time.monotonic() - self._arrived_s > SILENT_S and not self._camera.waits:
                self._captured.close(CameraError(f"{self._camera.info.name} gives no more pictures."))
                self._arrived_s = math.inf
            if picture is None:
                command = display.poll() if display else None
            else:
                command = display.show(self._drawn(picture)) if display else None
                watch(picture.state)
            if command:
                self._heed(command)

    def _drawn(self, picture: _Picture) -> Image:
        # A copy: the picture itself is being recorded.
        image = picture.image.copy()
        situation = Situation(
            mirrored=self._mirrored,
            muted=self._voice.is_silent,
            recording=self._plan.record and not picture.state.paused,
            notice=self._notices.now(),
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
        keeper = self._take.keeper
        if not keeper.frames:
            keeper.discard()
            raise CameraError("Filming ended before there was a picture to keep.")
        if keeper.problem:
            self._notes.append(f"The recording ended early: {keeper.problem}")
        dropped = self._captured.dropped
        captured = dropped + self._take.looked_at
        share = dropped / captured
        self._notes.append(f"Pictures captured: {captured}; left out to keep up: {dropped} ({share:.1%}).")
        recording = keeper.video if keeper.video and keeper.video.exists() else None
        try:
            info = keeper.finish([self._camera.told, *self._notes])
        except OutputError as error:
            kept = f" The recording is kept: {recording}" if recording else ""
            raise OutputError(error.what, f"{error.hint}{kept}") from error
        return Filmed(
            info=info,
            model=self._model,
            course=self._take.trainer.finish(),
            recording=recording,
            poses=keeper.poses,
            captured=captured,
            dropped=dropped,
        )


class _Notices:
    """Lines about the machine, each on the screen for a while."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._text = ""
        self._until_s = -math.inf
        self._has_complained = False

    def tell(self, text: str) -> None:
        """Show *text* for a while."""
        self._text, self._until_s = text, time.monotonic() + _NOTICE_S

    def now(self) -> str:
        """Return the line to show now; empty for none."""
        if self._voice.problem and not self._has_complained:
            self._has_complained = True
            self.tell(self._voice.problem)
        return self._text if time.monotonic() < self._until_s else ""
