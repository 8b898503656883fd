"""The window of live coaching: pictures out, keys in."""

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
from hipform.types import Image

_TITLE = "hipform"
_USE_HEADLESS = "Use --headless to train with sound and recording only."


class Command(StrEnum):
    """What a key asks for."""

    PAUSE = "pause"
    NEXT = "next exercise"
    MUTE = "mute"
    MIRROR = "mirror"
    QUIT = "quit"


_ESCAPE, _X_ESCAPE = 27, 0xFF1B
_LAST_ASCII = 127
_KEYS = {
    ord(" "): Command.PAUSE,
    ord("n"): Command.NEXT,
    ord("m"): Command.MUTE,
    ord("f"): Command.MIRROR,
    ord("x"): Command.MIRROR,
    ord("q"): Command.QUIT,
    _ESCAPE: Command.QUIT,
    _X_ESCAPE: Command.QUIT,
}
LEGEND = (
    ("space", Command.PAUSE.value),
    ("n", Command.NEXT.value),
    ("m", Command.MUTE.value),
    ("f", Command.MIRROR.value),
    ("q", Command.QUIT.value),
)
"""Keys and what they do, as the screen shows them."""


class Display(Protocol):
    """Shows pictures to the lifter."""

    def show(self, image: Image) -> Command | None:
        """Show an RGB picture and return what was asked for since the last one; a closed window asks to quit."""

    def poll(self) -> Command | None:
        """Return what was asked for while there was no new picture."""


class Window:
    """A window on the screen; see `Display`. For the main thread only: most systems allow windows nowhere else.

    Parameters
    ----------
    width_px, height_px
        Size of the pictures, and of the window at first.
    fullscreen
        Whether it fills the screen.
    """

    def __init__(self, width_px: int, height_px: int, *, fullscreen: bool = False) -> None:
        self._size = (width_px, height_px)
        self._fullscreen = fullscreen

    def __enter__(self) -> Self:
        """Open the window.

        Raises
        ------
        OutputError
            There is no screen to open it on.
        """
        require_display()
        try:
            cv2.namedWindow(_TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
            cv2.resizeWindow(_TITLE, *self._size)
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
            # Until its events are seen to, a window stays where it is.
            cv2.waitKey(1)

    def show(self, image: Image) -> Command | None:
        """See `Display`."""
        if self._is_closed():
            # A picture would open it again.
            return Command.QUIT
        cv2.imshow(_TITLE, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        return self.poll()

    def poll(self) -> Command | None:
        """See `Display`."""
        # Not `waitKey`: it cuts the code of the left arrow down to that of Q.
        key = cv2.waitKeyEx(1)
        if self._is_closed():
            return Command.QUIT
        return None if key < 0 else _command_of(key)

    @staticmethod
    def _is_closed() -> bool:
        try:
            return bool(cv2.getWindowProperty(_TITLE, cv2.WND_PROP_VISIBLE) < 1)
        except cv2.error:
            # Qt forgets everything with its last window.
            return True


def _command_of(key: int) -> Command | None:
    """Return what a key asks for, with or without Shift; *key* as `cv2.waitKeyEx` gives it."""
    # The modifiers are in the upper half.
    code = key & 0xFFFF
    return _KEYS.get(ord(chr(code).lower()) if code <= _LAST_ASCII else code)


def require_display() -> None:
    """Refuse to open a window where there is no screen: Qt would end the whole program.

    Raises
    ------
    OutputError
        There is none, or it cannot be reached.
    """
    if sys.platform == "linux" and not _x_answers():
        raise OutputError("There is no screen to open a window on.", _USE_HEADLESS)


def _x_answers() -> bool:
    """Tell whether the X server of this session answers; OpenCV's windows know no other way on Linux."""
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
