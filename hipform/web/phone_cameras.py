"""Phones as the cameras of live trainings: which are ready, which one films, and what it has to say."""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Collection
from dataclasses import dataclass, field

from hipform.errors import InputError
from hipform.render import Command
from hipform.video.camera import CameraMode
from hipform.video.pushed_camera import CLOCK_JUMP_S, PushedFrame
from hipform.web.limits import SILENT_LIMIT_S
from hipform.web.live_sessions import LiveSession


@dataclass(slots=True, eq=False)
class PhoneCamera:
    """The camera of a phone.

    Attributes
    ----------
    mode
        Size and rate of its frames.
    has_voice
        Whether the phone can speak.
    """

    mode: CameraMode
    has_voice: bool
    _session: LiveSession | None = None
    _seen_s: float = field(default_factory=time.monotonic)
    _captured_s: float = -math.inf
    _to_say: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)

    @property
    def is_there(self) -> bool:
        """Whether the phone has sent anything lately."""
        return time.monotonic() - self._seen_s < SILENT_LIMIT_S

    @property
    def is_filming(self) -> bool:
        """Whether a training takes its frames."""
        return self._session is not None and not self._session.is_over

    @property
    def is_behind(self) -> bool:
        """Whether its last frames wait for the training."""
        return self._session is not None and self.is_filming and self._session.is_behind

    def film(self, session: LiveSession) -> None:
        """Give the frames from now on to *session*."""
        self._take_texts()
        self._captured_s = -math.inf
        self._session = session

    def end(self) -> None:
        """End the training that it films, if there is one; what was filmed is kept."""
        if self._session is not None and self.is_filming:
            self._session.give(Command.QUIT)

    def note(self, mode: CameraMode, *, has_voice: bool) -> None:
        """Note that the phone is there, and how it films now."""
        self.mode, self.has_voice, self._seen_s = mode, has_voice, time.monotonic()

    def push(self, frame: PushedFrame) -> list[str]:
        """Hand a frame to the training, if there is one; return what the phone has to say."""
        self._seen_s = time.monotonic()
        # Two requests on their way may overtake each other; the clock of a page that was opened again begins anew.
        if self._session is not None and not 0 <= self._captured_s - frame.captured_s < CLOCK_JUMP_S:
            self._captured_s = frame.captured_s
            self._session.push(frame)
        return self._take_texts()

    def say(self, text: str) -> None:
        """Let the phone speak with its next frame; any thread may call this."""
        self._to_say.put(text)

    def _take_texts(self) -> list[str]:
        return [self._to_say.get_nowait() for _ in range(self._to_say.qsize())]


class PhoneCameras:
    """The cameras of the phones that are connected for live training, by the ids of the phones."""

    def __init__(self) -> None:
        self._cameras: dict[str, PhoneCamera] = {}

    def note(self, device: str, mode: CameraMode, *, has_voice: bool) -> PhoneCamera:
        """Note that a phone is ready to film; return its camera."""
        camera = self._cameras.setdefault(device, PhoneCamera(mode, has_voice))
        camera.note(mode, has_voice=has_voice)
        return camera

    def find(self, device: str) -> PhoneCamera:
        """Return the camera of a phone.

        Raises
        ------
        InputError
            If it is not ready.
        """
        camera = self._cameras.get(device)
        if camera is None or not camera.is_there:
            raise InputError("The phone is not ready.", "Start its camera, and keep its page in front.")
        return camera

    def ready(self) -> list[str]:
        """Return the ids of the phones that may film."""
        # A copy, because the server for phones and the app's own thread change it meanwhile.
        return [device for device, camera in list(self._cameras.items()) if camera.is_there]

    def drop_all_but(self, devices: Collection[str]) -> None:
        """Forget the cameras of phones that are no longer connected, and end what they film."""
        for device in self._cameras.keys() - set(devices):
            self._cameras.pop(device).end()
