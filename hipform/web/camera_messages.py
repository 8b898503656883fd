"""What the page of a camera sends, checked: size and rate of its frames, and the frames."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from hipform.errors import InputError
from hipform.video.camera import CameraMode
from hipform.video.pushed_camera import PushedFrame

_HEAD = struct.Struct("<dI")
"""Before each image: when it was captured, seconds by the clock of the page, and its number among all captured."""
_SMALLEST_PX, _LARGEST_PX, _FASTEST_FPS = 160, 1920, 120
_LATEST_S = 1e9


def frame_in(data: bytes | None) -> PushedFrame | None:
    """Return the frame in a message; ``None`` if it is not one."""
    if data is None or len(data) <= _HEAD.size:
        return None
    captured_s, number = _HEAD.unpack_from(data)
    if not 0 <= captured_s < _LATEST_S:
        return None
    return PushedFrame(captured_s, number, data[_HEAD.size :])


def camera_mode_in(facts: Mapping[str, object]) -> CameraMode:
    """Return size and rate of a camera's frames.

    Raises
    ------
    InputError
        If they are not stated, or out of bounds.
    """
    width_px, height_px, fps = facts.get("width"), facts.get("height"), facts.get("fps")
    if (
        isinstance(width_px, int)
        and isinstance(height_px, int)
        and isinstance(fps, int | float)
        and all(_SMALLEST_PX <= side <= _LARGEST_PX for side in (width_px, height_px))
        and 1 <= fps <= _FASTEST_FPS
    ):
        return CameraMode(width_px, height_px, float(fps))
    raise InputError("The camera's frames have a size or rate that hipform does not take.", "Choose another one.")
