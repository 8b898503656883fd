"""The screen of live coaching: every stage of a training, readable from three metres."""

from __future__ import annotations

from dataclasses import dataclass

from hipform.config import Settings
from hipform.feedback.trainer import LiveState
from hipform.render import canvas, theme
from hipform.render.theme import Sizes
from hipform.types import ClipInfo, Image, Pose


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the window knows and the training does not.

    Attributes
    ----------
    mirrored
        Whether the picture is shown as in a mirror.
    muted
        Whether the voice is off.
    recording
        Whether the picture is being recorded.
    notice
        A line about the machine, such as a change to a lighter pose model; empty for none.
    """

    mirrored: bool = False
    muted: bool = False
    recording: bool = False
    notice: str = ""


class LiveScreen:
    """Draws the state of a training onto the camera's pictures, in place.

    It remembers what flashes and where the banner stands: feed it every frame that is shown, in order.

    Parameters
    ----------
    info
        The camera's picture; its width and height are those of every picture drawn on.
    settings
        Values in force.
    keys
        The legend: pairs of a key and what it does, such as ``("space", "pause")``; empty for none.
    """

    def __init__(self, info: ClipInfo, settings: Settings, keys: tuple[tuple[str, str], ...] = ()) -> None:
        self._sizes = Sizes(info.width_px, info.height_px)
        self._settings = settings
        self._keys = keys

    def draw(self, image: Image, pose: Pose, state: LiveState, situation: Situation) -> None:
        """Draw one frame in place.

        Parameters
        ----------
        image
            RGB picture as the camera gave it, shape (height, width, 3); mirrored here where that is asked for.
        pose
            The landmarks of the frame, in the picture as the camera gave it.
        state
            What the trainer says of it.
        situation
            What the window knows.

        Raises
        ------
        ValueError
            The picture does not have the camera's size.
        """
        sizes = self._sizes
        if image.shape != (sizes.height_px, sizes.width_px, 3):
            raise ValueError(f"picture has shape {image.shape}, the camera's is {sizes.width_px} x {sizes.height_px}")
        at = (sizes.margin, sizes.margin + sizes.phase_cap)
        text = state.stage.value if pose.found else situation.notice
        canvas.put_text(image, text, at, sizes.phase_cap, theme.TEXT)
