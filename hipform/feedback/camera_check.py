"""The camera check before a set: what to change, one thing at a time, until the picture can be judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hipform.config import Settings
from hipform.exercises.base import Exercise
from hipform.types import ClipInfo, Pose


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sight:
    """What one frame tells of lifter, camera and place.

    Attributes
    ----------
    pose
        Landmarks of the lifter, with the time of the frame.
    people
        How many people were found; ``None`` where that was not looked at in this frame.
    light_ratio
        Mean brightness of the picture, 0 black to 1 white; NaN if not measured.
    burnt_ratio
        Share of the pixels that are burnt out, 0..1; NaN if not measured.
    fps
        Frames a second of late, by their capture times; NaN until known.
    """

    pose: Pose
    people: int | None
    light_ratio: float
    burnt_ratio: float
    fps: float


class ItemState(StrEnum):
    """The three answers of the camera check; what was not seen is never ``ok``."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckItem:
    """One thing that must be right before a set.

    Attributes
    ----------
    name
        What is looked at, in one or two words.
    state
        Whether it is right.
    advice
        What to change, in a handful of words; empty when it is right.
    """

    name: str
    state: ItemState
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """The camera check at one frame.

    Attributes
    ----------
    items
        All that is looked at, most important first.
    ready
        Whether all is right, and has been for a moment. Light, people and the like may be unknown; that the whole body
        is in the picture and that it is seen from the side must be known.
    advice
        The one thing to change now; empty when there is none.
    """

    items: tuple[CheckItem, ...]
    ready: bool
    advice: str


class CameraCheck:
    """Say what to change about camera, light and place, steadily: nothing flickers with one frame.

    Parameters
    ----------
    info
        The camera's picture, for its size.
    exercise
        What the lifter is going to do; ``None`` while that is not known.
    settings
        Values in force.
    """

    def __init__(self, info: ClipInfo, exercise: Exercise | None, settings: Settings) -> None:
        self._info = info
        self._exercise = exercise
        self._settings = settings

    def push(self, sight: Sight) -> CheckReport:
        """Take the next frame, in time order, and return the check as it stands."""
        state = ItemState.OK if sight.pose.found else ItemState.UNKNOWN
        return CheckReport(items=(CheckItem(name="Whole body", state=state),), ready=False, advice="")
