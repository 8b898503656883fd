"""Landmarks of one person in one frame, and the outline of the trunk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from hipform.types import FloatArray


class Landmark(IntEnum):
    """The 33 body points of BlazePose, in the model's order; left and right are the lifter's own."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


N_LANDMARKS = len(Landmark)


CONTOUR_STATIONS: FloatArray = np.linspace(0.0, 1.1, 23)
"""Where `TrunkContour` is measured along the trunk: 0 the shoulder, 1 the hip, in trunk lengths."""


@dataclass(frozen=True, slots=True, eq=False)
class TrunkContour:
    """Distance of the person's outline from the line shoulder-hip, in trunk lengths.

    Attributes
    ----------
    counter_clockwise_ratio, clockwise_ratio
        On the side to which the line, seen from the shoulder, turns counter-clockwise or clockwise on the screen; at
        each of `CONTOUR_STATIONS`, NaN where it was not seen.
    """

    counter_clockwise_ratio: FloatArray
    clockwise_ratio: FloatArray

    def ventral_ratio(self, facing: int) -> FloatArray:
        """Return the outline of chest and belly; *facing* as in `hipform.kinematics.measures.SideView`."""
        return self.counter_clockwise_ratio if facing > 0 else self.clockwise_ratio

    def dorsal_ratio(self, facing: int) -> FloatArray:
        """Return the outline of the back and the buttock."""
        return self.ventral_ratio(-facing)

    @staticmethod
    def unseen() -> TrunkContour:
        """Return the outline of nobody."""
        return TrunkContour(np.full(len(CONTOUR_STATIONS), np.nan), np.full(len(CONTOUR_STATIONS), np.nan))


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """Where the person's points are in one frame; what a source of landmarks can know is its `LandmarkSchema`.

    Attributes
    ----------
    t_s, shot
        As in `Frame`.
    image_px
        Landmarks in pixels, shape (33, 2); all NaN when nobody was found, and NaN for points that the source of the
        landmarks does not have.
    world_m
        Landmarks in metres around the middle of the hips, shape (33, 3); all NaN when nobody was found, and where the
        source knows the picture only.
    visibility
        The model's own estimate that a point is in the picture and not hidden, 0..1, shape (33,). High values do not
        prove that a point is right (a plate over the hip keeps it at 0.9). A source without such an estimate gives 1
        for points that it found and 0 for the others.
    contour
        The person's outline along the trunk; ``None`` where it was not looked for or nobody was found.
    """

    t_s: float
    image_px: FloatArray
    world_m: FloatArray
    visibility: FloatArray
    shot: int = 0
    contour: TrunkContour | None = None

    @property
    def found(self) -> bool:
        """Whether a person was found in this frame."""
        return bool(np.isfinite(self.image_px).any())

    @staticmethod
    def unseen(t_s: float, shot: int = 0) -> Pose:
        """Return a pose of nobody: NaN points, visibility 0."""
        return Pose(
            t_s,
            np.full((N_LANDMARKS, 2), np.nan),
            np.full((N_LANDMARKS, 3), np.nan),
            np.zeros(N_LANDMARKS),
            shot,
        )
