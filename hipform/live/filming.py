"""Film a live training: capture, inference and screen, each in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from hipform.errors import CameraError, OutputError
from hipform.feedback.trainer import LiveState
from hipform.live.capture import Capture
from hipform.live.inference import Inference
from hipform.live.screen import NoticeListener, Notices, Screen
from hipform.live.training_plan import Filmed, TrainingPlan
from hipform.render import Command, Display
from hipform.sound import Voice
from hipform.texts import Texts, english
from hipform.video.camera import Camera

_POLL_S = 0.02

StateListener = Callable[[LiveState], None]
"""Called in the main thread with the state of each frame, once the frame is on the screen."""


class Filming:
    """Film one training.

    One thread captures frames from the camera, another finds the pose, runs the trainer and keeps both, and the main
    thread draws and shows. One frame may wait between two threads, and a newer frame replaces it.

    Parameters
    ----------
    camera
        Open camera.
    plan
        What the user asks for.
    voice
        Speaks the trainer's utterances.
    stop
        Ends the filming when set; any thread may set it.
    report
        Called with each line about the voice and the machine.
    """

    def __init__(
        self, camera: Camera, plan: TrainingPlan, voice: Voice, stop: threading.Event, report: NoticeListener
    ) -> None:
        notices = Notices(voice, report)
        self._stop = stop
        self._wants_report = False
        self._capture = Capture(camera)
        self._inference = Inference(self._capture, plan, voice, notices.show)
        self._screen = Screen(
            camera.info,
            plan.settings,
            voice,
            notices,
            mirrored=plan.mirrored,
            record=plan.record,
            texts=Texts(plan.language),
        )

    def run(self, display: Display | None, on_state: StateListener) -> Filmed:
        """Film until the training, the camera or the user ends it; call from the main thread.

        Raises
        ------
        CameraError
            If the camera delivered no frame at all.
        HipformError
            If the pose model cannot be loaded, or the folder cannot be written to.
        """
        self._inference.load()
        try:
            self._film(display, on_state)
        except BaseException:
            recorder = self._inference.run.recorder
            if recorder.frames:
                recorder.finish(self._inference.notes)
            else:
                recorder.discard()
            raise
        return self._finish()

    def _film(self, display: Display | None, on_state: StateListener) -> None:
        """Run threads and screen; raise the first error of any of them once all have ended."""
        judged = self._inference.judged
        self._capture.start()
        self._inference.start()
        try:
            while not (self._stop.is_set() or judged.over):
                self._update_screen(display, on_state)
        finally:
            self._capture.close()
            self._inference.close()
        while judged.take(0.0) is not None:
            pass

    def _update_screen(self, display: Display | None, on_state: StateListener) -> None:
        frame = self._inference.judged.take(_POLL_S)
        self._capture.check_is_alive()
        command = self._screen.update(display, frame)
        if frame is not None:
            on_state(frame.state)
        if command is Command.REPORT or (frame is not None and frame.state.wants_report):
            self._wants_report = True
            self._stop.set()
        elif command is Command.QUIT:
            self._stop.set()
        elif command:
            self._inference.commands.put(command)

    def _finish(self) -> Filmed:
        run, camera, notes = self._inference.run, self._capture.camera, self._inference.notes
        recorder, dropped = run.recorder, self._capture.dropped
        if not recorder.frames:
            recorder.discard()
            raise CameraError("Filming ended before the first frame was recorded.")
        if recorder.problem:
            notes.append(english("The recording ended early: {note}", note=recorder.problem))
        captured = dropped + run.n_processed
        notes.append(
            english(
                "Frames captured: {n}; dropped to keep up: {dropped} ({share:.1%}).",
                n=captured,
                dropped=dropped,
                share=dropped / captured,
            )
        )
        recording = recorder.video if recorder.video and recorder.video.exists() else None
        try:
            info = recorder.finish([camera.description, *camera.notes, *notes])
        except OutputError as error:
            hint = f" The recording is kept: {recording}" if recording else ""
            raise OutputError(error.what, f"{error.hint}{hint}") from error
        return Filmed(
            info=info,
            model=self._inference.model,
            course=run.trainer.finish(),
            recording=recording,
            poses=recorder.poses,
            captured=captured,
            dropped=dropped,
            wants_report=self._wants_report,
        )
