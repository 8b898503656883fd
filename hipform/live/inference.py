"""Inference: find the pose in each captured frame, run the trainer and keep both, in a thread of its own."""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hipform.config import Settings
from hipform.errors import CameraError, OutputError
from hipform.feedback.camera_check import FrameCheck
from hipform.feedback.trainer import LiveStage, LiveState, Trainer
from hipform.kinematics.load import LoadFinder
from hipform.live.capture import Capture
from hipform.live.frame_rate import Pace, Rate
from hipform.live.recorder import Recorder
from hipform.live.training_plan import TrainingPlan
from hipform.pose.mediapipe_pose import PeopleFinder
from hipform.pose.plate_detection import PlateTracker
from hipform.pose.poses import Pose
from hipform.pose.sources import noise_of, open_estimator
from hipform.render import Command
from hipform.sound import Voice
from hipform.stages import Newest
from hipform.texts import english
from hipform.types import Image
from hipform.video.camera import light_of
from hipform.video.cuts import CutDetector
from hipform.video.frames import ClipInfo, Frame

FAREWELL_S = 10.0
"""How long the last summary stays on the screen before a training with a given number of sets ends."""
_EXTRA_GAP_S = 1
"""A pause leaves a gap at least this much longer than the loss of tracking that is bridged."""
_COUNT_PEOPLE_EVERY_S = 2.0
_CHECK_DISK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class JudgedFrame:
    """A frame on its way to the screen, with its pose and the state of the training."""

    image: Image
    pose: Pose
    state: LiveState


class Inference:
    """Turn captured frames into judged frames.

    Parameters
    ----------
    capture
        Source of the frames.
    plan
        What the user asks for.
    voice
        Speaks the trainer's utterances.
    show_notice
        Called with each line about the machine that the lifter should read.

    Attributes
    ----------
    judged
        The judged frames for the screen; the newest replaces one that is still waiting.
    commands
        Commands of the user to apply before the next frame: pause and next exercise.
    notes
        Sentences on how the filming went.
    model
        Pose model in use.
    run
        State that belongs to this model.
    """

    run: ModelRun

    def __init__(self, capture: Capture, plan: TrainingPlan, voice: Voice, show_notice: Callable[[str], None]) -> None:
        self.judged: Newest[JudgedFrame] = Newest()
        self.commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self.notes: list[str] = []
        self.model = plan.model
        self._capture = capture
        self._info = capture.camera.info
        self._plan = plan
        self._voice = voice
        self._show_notice = show_notice
        self._clock = _TrainingClock(plan.settings)
        self._bystanders = _BystanderDetector()
        self._thread = threading.Thread(target=self._infer, name="hipform-inference", daemon=True)

    def load(self) -> None:
        """Load the pose model and open the recording.

        Raises
        ------
        HipformError
            If the pose model cannot be loaded, or the folder cannot be written to.
        """
        self._estimator = open_estimator(self.model)
        self._warm_up()
        self._start_run()

    def start(self) -> None:
        """Start the threads."""
        self._bystanders.start()
        self._thread.start()

    def close(self) -> None:
        """Wait for the thread to finish, then close the recording and the pose model; close the capture first."""
        try:
            self._thread.join()
            self.run.recorder.close()
            self._estimator.close()
        finally:
            self._bystanders.close()

    # ---------------------------------------------------------------------------------------------- pose and training

    def _infer(self) -> None:
        error: BaseException | None = None
        try:
            self._process_frames()
        except BaseException as raised:  # noqa: BLE001 - passed on to the main thread, whatever it is
            error = raised
        self._capture.frames.close()
        self.judged.close(error)

    def _process_frames(self) -> None:
        try:
            for captured in self._capture.frames:
                self.run.n_processed += 1
                self._apply_commands()
                self._require_same_size(captured)
                frame = replace(captured, t_s=self._clock.time_s(captured.t_s, paused=self.run.paused))
                self.judged.put(self._judge(frame))
                if self._must_end(frame.t_s):
                    return
        except CameraError as error:
            if not self.run.recorder.frames:
                raise
            self.notes.append(f"{error.what} The part filmed until then was analysed.")
        except OutputError as error:
            self.run.recorder.problem = error.what

    def _require_same_size(self, frame: Frame) -> None:
        if frame.image.shape[:2] != (self._info.height_px, self._info.width_px):
            raise CameraError("{file} changed its frame size.", file=self._info.name)

    def _judge(self, frame: Frame) -> JudgedFrame:
        if self.run.paused:
            unseen = Pose.unseen(frame.t_s, self.run.shot)
            return JudgedFrame(frame.image, unseen, self.run.trainer.push(self._check_of(frame, unseen)))
        if self._may_change_model() and self.run.pace.push(frame.t_s, self._capture.dropped + self.run.n_processed):
            self._change_model()
        self.run.shot += self.run.cuts.push(frame.image)
        frame = replace(frame, shot=self.run.shot)
        pose = self._estimator.detect(frame)
        pose = replace(pose, discs=self.run.plates.find(frame, pose))
        self.run.recorder.put(frame, pose)
        pose = self.run.load.push(pose)
        state = self.run.trainer.push(self._check_of(frame, pose))
        self.run.stage = state.stage
        self.run.has_begun = self.run.has_begun or self.run.stage is LiveStage.SET
        self._voice.say(state.says)
        return JudgedFrame(frame.image, pose, state)

    def _check_of(self, frame: Frame, pose: Pose) -> FrameCheck:
        in_check = self.run.stage is LiveStage.CHECK and not self._capture.camera.waits
        people = self._bystanders.count(frame.image, frame.t_s) if in_check else None
        light, burnt = light_of(frame.image)
        return FrameCheck(
            pose=pose, people=people, light_ratio=light, burnt_ratio=burnt, fps=self.run.rate.push(frame.t_s)
        )

    def _apply_commands(self) -> None:
        while not self.commands.empty():
            command = self.commands.get()
            if command is Command.NEXT:
                self.run.trainer.next_exercise()
                self._plan = replace(self._plan, exercise=None)
            elif self.run.paused:
                self.run.trainer.resume()
                self.run.paused = False
                self.run.pace, self.run.rate = Pace(), Rate()
            else:
                self.run.trainer.pause()
                self.run.paused = True

    def _must_end(self, t_s: float) -> bool:
        """Return whether the training is over, or the disk too full to go on."""
        if self.run.stage is LiveStage.SUMMARY:
            self.run.summary_since_s = min(self.run.summary_since_s, t_s)
            return t_s - self.run.summary_since_s >= FAREWELL_S
        self.run.summary_since_s = math.inf
        if t_s - self.run.disk_checked_s >= _CHECK_DISK_EVERY_S:
            self.run.disk_checked_s = t_s
            if not self.run.recorder.has_disk_space():
                self.notes.append(english("The disk is nearly full: filming ended early."))
                return True
        return False

    # --------------------------------------------------------------------------------------------------------- model

    def _warm_up(self) -> None:
        """Run the model on a black frame: loading takes a second or two and must not delay the first real one."""
        size = (self._info.height_px, self._info.width_px, 3)
        self._estimator.detect(Frame(0.0, np.zeros(size, np.uint8)))

    def _start_run(self) -> None:
        self._capture.count_afresh()
        self.run = ModelRun(self._plan, self._info, self.model)

    def _may_change_model(self) -> bool:
        """Return whether nothing is judged yet: from its first set on, a training keeps its model."""
        return not self.run.has_begun and self.model != "lite" and not self._capture.camera.waits

    def _change_model(self) -> None:
        """Continue with the lite model; discard what was filmed so far, so that all landmarks are of one model."""
        self.notes.append(
            english("This machine is too slow for the {file} model: the lite model was used.", file=self.model)
        )
        self._show_notice(english("Slow machine: using the lite model"))
        self._estimator.close()
        self.run.recorder.discard()
        self.model = "lite"
        self._estimator = open_estimator("lite")
        self._warm_up()
        self._start_run()
        # The current frame is the first one of the new model.
        self.run.n_processed = 1


class ModelRun:
    """State that starts afresh with each pose model, because results of two models cannot be mixed.

    Attributes
    ----------
    trainer, recorder, pace, rate, cuts
        The trainer, the recorder, the check for a slow machine, the frame rate and the cut detector.
    plates, load
        What finds the discs in the frames, and what decides which of them is the load.
    n_processed
        Number of frames taken from the camera so far.
    shot
        Number of cuts so far.
    stage
        Stage of the training.
    has_begun
        Whether a set has started.
    paused
        Whether judging and recording are paused.
    summary_since_s
        When the last set ended, seconds; infinite before.
    disk_checked_s
        When the free disk space was last checked, seconds.
    """

    def __init__(self, plan: TrainingPlan, info: ClipInfo, model: str) -> None:
        calibrations = [calibration for calibration in plan.calibrations if calibration.model == model]
        seen = replace(info, noise=noise_of(model))
        self.trainer = Trainer(
            seen, plan.exercise, plan.settings, calibrations, plan.n_sets, plan.rest_s, plan.target_reps
        )
        self.recorder = Recorder(plan.folder, info, model, record=plan.record)
        self.pace, self.rate, self.cuts = Pace(), Rate(), CutDetector()
        self.plates, self.load = PlateTracker(), LoadFinder()
        self.n_processed = 0
        self.shot = 0
        self.stage = LiveStage.CHECK
        self.has_begun = False
        self.paused = False
        self.summary_since_s = math.inf
        self.disk_checked_s = -math.inf


class _TrainingClock:
    """Give each frame its time in the training: the time of its capture without the pauses.

    A pause leaves a gap of a few seconds, so that no repetition continues across it, in the recording either.
    """

    def __init__(self, settings: Settings) -> None:
        # Whole seconds are whole ticks of every time base.
        self._gap_s = math.ceil(settings["tracking.bridge_s"]) + _EXTRA_GAP_S
        self._skipped_s = self._last_s = 0.0
        self._has_paused = False

    def time_s(self, captured_s: float, *, paused: bool) -> float:
        """Return the time of a frame captured at *captured_s*; time stands still while *paused*."""
        self._has_paused = self._has_paused or paused
        if paused:
            return self._last_s
        if self._has_paused:
            elapsed_s = captured_s - self._skipped_s - self._last_s
            self._skipped_s += max(0.0, elapsed_s - self._gap_s)
            self._has_paused = False
        self._last_s = captured_s - self._skipped_s
        return self._last_s


class _BystanderDetector:
    """Count the people in view now and then, in a thread of its own: counting takes longer than a frame lasts."""

    def __init__(self) -> None:
        self._requests: Newest[Image] = Newest()
        self._people: int | None = None
        self._next_s = 0.0
        self._thread = threading.Thread(target=self._run, name="hipform-bystanders", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._requests.close()
        self._thread.join()

    def count(self, image: Image, t_s: float) -> int | None:
        """Return a count finished since the last call, else ``None``; request a new count of *image* when it is due."""
        if t_s >= self._next_s:
            self._next_s = t_s + _COUNT_PEOPLE_EVERY_S
            self._requests.put(image)
        people, self._people = self._people, None
        return people

    def _run(self) -> None:
        with PeopleFinder() as finder:
            for image in self._requests:
                self._people = finder.count_crowd(image)
