"""The window of live training: shows frames and reads keys."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

import cv2

from hipform.errors import OutputError
from hipform.texts import english
from hipform.types import Image

_TITLE = "hipform"
_HEIGHT_PX = 900
"""Greatest height that a window opens with, so that it fits on most screens; the user may make it larger."""
_USE_HEADLESS = "Use --headless to train with sound and recording only."


class Command(StrEnum):
    """Command of a key."""

    PAUSE = "pause"
    NEXT = "next exercise"
    MUTE = "mute"
    MIRROR = "mirror"
    REPORT = "report"
    QUIT = "quit"


_ESCAPE, _X_ESCAPE = 27, 0xFF1B
_LAST_ASCII = 127
_KEYS = {
    ord(" "): Command.PAUSE,
    ord("n"): Command.NEXT,
    ord("m"): Command.MUTE,
    ord("f"): Command.MIRROR,
    ord("x"): Command.MIRROR,
    ord("o"): Command.REPORT,
    ord("q"): Command.QUIT,
    _ESCAPE: Command.QUIT,
    _X_ESCAPE: Command.QUIT,
}
LEGEND = (
    (english("space"), Command.PAUSE.value),
    ("n", Command.NEXT.value),
    ("m", Command.MUTE.value),
    ("f", Command.MIRROR.value),
    ("o", Command.REPORT.value),
    ("q", Command.QUIT.value),
)
"""Keys and their functions, as shown on the screen."""


class Display(Protocol):
    """Shows frames to the lifter."""

    def show(self, image: Image) -> Command | None:
        """Show an RGB image and return the command given since the last one; a closed window means quit."""

    def poll(self) -> Command | None:
        """Return the command given while there was no new frame."""


class Window:
    """A window on the screen; see `Display`. Use it in the main thread only: most systems allow windows nowhere else.

    Parameters
    ----------
    fullscreen
        Whether the window fills the screen; else it is sized for the first image.
    """

    def __init__(self, *, fullscreen: bool = False) -> None:
        self._fullscreen = fullscreen
        self._has_shown = False

    def __enter__(self) -> Self:
        """Open the window.

        Raises
        ------
        OutputError
            If there is no screen.
        """
        require_display()
        try:
            cv2.namedWindow(_TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
            if self._fullscreen:
                cv2.setWindowProperty(_TITLE, cv2.WND_PROP_FULLSCREEN, cv2.WINDOW_FULLSCREEN)
        except cv2.error as error:
            raise OutputError("This installation of OpenCV cannot open windows.", _USE_HEADLESS) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The user may have closed it already.
        with contextlib.suppress(cv2.error):
            cv2.destroyAllWindows()
            # A window stays open until its events are handled.
            cv2.waitKey(1)

    def show(self, image: Image) -> Command | None:
        """See `Display`."""
        if self._is_closed():
            # Showing an image would open it again.
            return Command.QUIT
        if not self._has_shown and not self._fullscreen:
            height, width = image.shape[:2]
            scale = min(1.0, _HEIGHT_PX / height)
            cv2.resizeWindow(_TITLE, round(scale * width), round(scale * height))
        self._has_shown = True
        cv2.imshow(_TITLE, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        return self.poll()

    def poll(self) -> Command | None:
        """See `Display`."""
        # Not `waitKey`: it truncates the code of the left arrow to that of Q.
        key = cv2.waitKeyEx(1)
        if self._is_closed():
            return Command.QUIT
        return None if key < 0 else _command_of(key)

    @staticmethod
    def _is_closed() -> bool:
        try:
            return bool(cv2.getWindowProperty(_TITLE, cv2.WND_PROP_VISIBLE) < 1)
        except cv2.error:
            # Qt drops all state with its last window.
            return True


def _command_of(key: int) -> Command | None:
    """Return the command of a key, with or without Shift; *key* is a code of `cv2.waitKeyEx`."""
    # The modifiers are in the upper half.
    code = key & 0xFFFF
    return _KEYS.get(ord(chr(code).lower()) if code <= _LAST_ASCII else code)


def require_display() -> None:
    """Raise an error if there is no screen for a window: Qt would end the whole program.

    Raises
    ------
    OutputError
        If there is no screen, or it cannot be reached.
    """
    if sys.platform == "linux" and not _x_answers():
        raise OutputError("There is no screen to open a window on.", _USE_HEADLESS)


def _x_answers() -> bool:
    """Return whether the X server of this session answers; OpenCV opens windows on Linux through X only."""
    if not os.environ.get("DISPLAY"):
        return False
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    answers = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return bool(answers)
