"""Live training whose camera, screen and voice are a page in the browser; it runs in a child of the app's server."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hipform import child_process
from hipform.analysis.judged_reps import Calibration
from hipform.app.live_training import require_room, train
from hipform.child_process import Report
from hipform.config import Settings
from hipform.exercises import AUTO, find_exercise
from hipform.feedback.rep_verdict import rep_status, status_text
from hipform.feedback.trainer import LiveState
from hipform.feedback.voice_lines import Utterance
from hipform.live.training_plan import Filmed, TrainingPlan
from hipform.pose.model_files import ModelName
from hipform.render import Command, encode_jpeg
from hipform.sound import SoundMode, Voice
from hipform.stages import BoundedQueue
from hipform.texts import Texts, english
from hipform.types import Image
from hipform.video.camera import CameraMode
from hipform.video.pushed_camera import PushedCamera, PushedFrame

_QUALITY = 80
_GOODBYE_S = 3.0
_MOST_COMMANDS = 16
"""Commands that may wait for the next frame; nobody presses more keys than that between two."""


class Speaker(StrEnum):
    """Who speaks the cues and counts."""

    PAGE = "page"
    COMPUTER = "computer"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserTraining:
    """What the page asks for, in a form that can be sent to the process that films.

    Attributes
    ----------
    exercise
        Slug of the exercise; ``auto`` to recognise it.
    model, settings, calibrations
        See `hipform.live.training_plan.TrainingPlan`.
    n_sets, rest_s, target_reps
        See `hipform.live.training_plan.TrainingPlan`.
    camera_name, mode
        Name of the camera, and size and rate of its frames.
    speaker
        Who speaks.
    language
        Language that is spoken and drawn, as in `hipform.texts.LANGUAGES`.
    """

    exercise: str
    model: ModelName
    settings: Settings
    calibrations: Sequence[Calibration]
    n_sets: int | None = None
    rest_s: float | None = None
    target_reps: int | None = None
    camera_name: str = "browser's camera"
    mode: CameraMode
    speaker: Speaker
    language: str = "en"

    def plan(self, folder: Path) -> TrainingPlan:
        """Return the options of the session, which is recorded in *folder*."""
        return TrainingPlan(
            folder=folder,
            exercise=None if self.exercise == AUTO else find_exercise(self.exercise),
            model=self.model,
            settings=self.settings,
            calibrations=self.calibrations,
            n_sets=self.n_sets,
            rest_s=self.rest_s,
            target_reps=self.target_reps,
            language=self.language,
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """The camera has taken a frame and may get another."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A drawn frame: when it was captured, by the clock of the page, the image, and the state in words and numbers."""

    captured_s: float
    jpeg: bytes
    state: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Said:
    """What the page has to speak."""

    text: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """A line about voice and machine."""

    text: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What filming left in its folder: the model of the landmarks, and the exercise to judge them by, or ``auto``."""

    model: str
    exercise: str


def train_in_browser(report: Report, asked: BrowserTraining, folder: Path) -> Recorded:
    """Film a session; the parent sends `PushedFrame` and `Command` and receives `Taken`, `Shown`, `Said`, `Noticed`.

    Parameters
    ----------
    report
        Sends to the parent.
    asked
        What the page asks for.
    folder
        Folder for the recording.

    Raises
    ------
    HipformError
        See `hipform.app.live_training.require_room` and `train`.
    """
    plan = asked.plan(folder)
    require_room(plan)
    camera = PushedCamera(asked.camera_name, asked.mode, lambda: report(Taken()))
    screen, stop = _PageScreen(report, camera), threading.Event()
    threading.Thread(target=_hand_on, args=(camera, screen, stop), name="hipform-page", daemon=True).start()
    with _voice(asked, report) as voice:
        filmed = train(
            camera,
            plan,
            voice,
            display=screen,
            stop=stop,
            watch=screen.send,
            on_notice=lambda text: report(Noticed(text)),
        )
        voice.finish(_GOODBYE_S)
    return Recorded(filmed.model, _exercise_of(filmed, asked))


def _voice(asked: BrowserTraining, report: Report) -> Voice:
    texts = Texts(asked.language)
    if asked.speaker is Speaker.PAGE:
        return _PageVoice(report, texts)
    return Voice(SoundMode.VOICE if asked.speaker is Speaker.COMPUTER else SoundMode.OFF, texts=texts)


def _hand_on(camera: PushedCamera, screen: _PageScreen, stop: threading.Event) -> None:
    """Hand on what the parent sends."""
    while True:
        message = child_process.inbox.get()
        if isinstance(message, PushedFrame):
            camera.push(message)
        elif message is Command.QUIT:
            stop.set()
        elif isinstance(message, Command):
            screen.take(message)


def _exercise_of(filmed: Filmed, asked: BrowserTraining) -> str:
    """Return the exercise that the whole recording shows; ``auto`` if there was another one, or none was named."""
    return asked.exercise if all(one.exercise.slug == asked.exercise for one in filmed.course.sections) else AUTO


class _PageScreen:
    """Sends what is shown to the page; see `hipform.render.Display`."""

    def __init__(self, report: Report, camera: PushedCamera) -> None:
        self._commands: BoundedQueue[Command] = BoundedQueue(_MOST_COMMANDS)
        self._report = report
        self._camera = camera
        self._jpeg = b""

    def show(self, image: Image) -> Command | None:
        """See `hipform.render.Display`; `send` follows with the state."""
        self._jpeg = encode_jpeg(image, _QUALITY)
        return self.poll()

    def poll(self) -> Command | None:
        """See `hipform.render.Display`."""
        with contextlib.suppress(queue.Empty):
            return self._commands.get(0)
        return None

    def take(self, command: Command) -> None:
        """Take a command; drop it if too many wait for the next frame. Another thread calls this."""
        self._commands.put(command, 0)

    def send(self, state: LiveState) -> None:
        """Send the frame that was just shown, with its state."""
        self._report(Shown(self._camera.first_s + state.t_s, self._jpeg, state_in_words(state)))


class _PageVoice(Voice):
    """Lets the page speak."""

    def __init__(self, report: Callable[[object], None], texts: Texts) -> None:
        super().__init__(SoundMode.OFF, texts=texts)
        self._report = report

    @property
    def is_silent(self) -> bool:
        """Whether it is muted."""
        return self.muted

    def say(self, utterances: Sequence[Utterance]) -> None:
        """Send the utterances of one frame."""
        if utterances and not self.muted:
            self._report(Said(". ".join(self._texts(utterance.text) for utterance in utterances)))


def state_in_words(state: LiveState) -> Mapping[str, object]:
    """Return what a page shows of a state beside the drawn frame, for those who do not see it."""
    rep, exercise = state.last_rep, state.exercise
    verdict = status_text(exercise, rep) if rep and exercise else ""
    status = rep_status(exercise, rep).value if rep and exercise else ""
    return {
        "stage": "paused" if state.paused else state.stage.value,
        "exercise": exercise.name if exercise else "",
        "set": state.set_number,
        "reps": state.rep_count,
        "verdict": verdict,
        "status": status,
        "cue": state.cue.text if state.cue else "",
        "advice": state.check.advice if state.check else "",
        "done": [
            english("{exercise}: {headline}", exercise=one.exercise.name, headline=one.summary.headline)
            for one in state.done
        ],
    }
