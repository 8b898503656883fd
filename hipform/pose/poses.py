"""Landmarks of one person in one frame, and the outline of the trunk."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hipform.types import FloatArray


class Landmark(IntEnum):
    """The 33 body points of BlazePose, in the model's order; left and right are those of the lifter."""

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


per_pose = lru_cache(maxsize=16)
"""Decorator for functions of a `Pose`, which never changes: tracker, views and the readers of several legs ask for the
same numbers of the last frames."""

N_LANDMARKS = len(Landmark)
MAX_DISCS = 3
"""Most discs that a `Pose` holds."""

_BODY = [Landmark[f"{side}_{name}"] for side in ("LEFT", "RIGHT") for name in ("SHOULDER", "HIP", "KNEE", "ANKLE")]


CONTOUR_STATIONS: FloatArray = np.linspace(0.0, 1.1, 23)
"""Positions along the trunk where `TrunkContour` is measured, in trunk lengths: 0 is the shoulder, 1 the hip."""


@dataclass(frozen=True, slots=True, eq=False)
class TrunkContour:
    """Distance of the person's outline from the line shoulder-hip, in trunk lengths.

    Attributes
    ----------
    counter_clockwise_ratio, clockwise_ratio
        Distance on the side counter-clockwise or clockwise of the line as seen from the shoulder, on the screen; one
        value for each of `CONTOUR_STATIONS`, NaN where it was not seen.
    """

    counter_clockwise_ratio: FloatArray
    clockwise_ratio: FloatArray

    def ventral_ratio(self, facing: int) -> FloatArray:
        """Return the outline of chest and belly; *facing* is that of `hipform.kinematics.measures.SideView`."""
        return self.counter_clockwise_ratio if facing > 0 else self.clockwise_ratio

    def dorsal_ratio(self, facing: int) -> FloatArray:
        """Return the outline of the back and the buttock."""
        return self.ventral_ratio(-facing)

    @staticmethod
    def unseen() -> TrunkContour:
        """Return an outline of NaN."""
        return TrunkContour(np.full(len(CONTOUR_STATIONS), np.nan), np.full(len(CONTOUR_STATIONS), np.nan))


@dataclass(frozen=True, slots=True, eq=False)
class Disc:
    """A weight plate in the image: a circle from the side, an upright ellipse from an oblique view.

    Attributes
    ----------
    center_px
        Its centre, shape (2,).
    radius_px
        Horizontal and vertical radius, shape (2,).
    confidence
        Share of its outline that was seen, 0..1; where the outline cannot be seen and the disc was known by its looks,
        the share in the frame before.
    """

    center_px: FloatArray
    radius_px: FloatArray
    confidence: float

    def holds(self, points_px: FloatArray, margin_ratio: float = 0.0) -> NDArray[np.bool_]:
        """Return which of *points_px*, shape (n, 2), lie inside, or outside by at most *margin_ratio* of the radius.

        False for unseen points.
        """
        offset = (points_px - self.center_px) / self.radius_px
        return np.asarray(np.hypot(offset[:, 0], offset[:, 1]) <= 1.0 + margin_ratio)


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """The landmarks of one person in one frame; the `LandmarkSchema` of their source says which exist.

    Attributes
    ----------
    t_s, shot
        Those of the `Frame`.
    image_px
        Landmarks in pixels, shape (33, 2); all NaN if nobody was found, and NaN for points that the source does not
        have.
    world_m
        Landmarks in metres relative to the mid-hip point, shape (33, 3); all NaN if nobody was found, or if the source
        has no 3-D points.
    visibility
        The model's estimate that a point is in the image and not hidden, 0..1, shape (33,). High values do not prove
        that a point is right (a plate over the hip keeps it at 0.9). A source without such an estimate states 1 for
        points that it found and 0 for the others.
    contour
        The person's outline along the trunk; ``None`` if it was not measured or nobody was found.
    discs
        Discs near hands and hips that may be the load, at most `MAX_DISCS`.
    """

    t_s: float
    image_px: FloatArray
    world_m: FloatArray
    visibility: FloatArray
    shot: int = 0
    contour: TrunkContour | None = None
    discs: tuple[Disc, ...] = ()

    @property
    def found(self) -> bool:
        """Whether a person was found in this frame."""
        return bool(np.isfinite(self.image_px).any())

    @property
    def px_per_m(self) -> float:
        """Scale of the image at the body, from the spread of trunk and legs in it and in metres; NaN if not known."""
        image, world = self.image_px[_BODY], self.world_m[_BODY, :2]
        known = np.isfinite(image[:, 0]) & np.isfinite(world[:, 0])
        if np.count_nonzero(known) < len(_BODY) // 2:
            return math.nan
        image, world = (points[known] - points[known].mean(axis=0) for points in (image, world))
        spread_m = float(np.linalg.norm(world))
        return float(np.linalg.norm(image)) / spread_m if spread_m else math.nan

    @staticmethod
    def unseen(t_s: float, shot: int = 0) -> Pose:
        """Return a pose without a person: all points NaN, visibility 0."""
        return Pose(
            t_s,
            np.full((N_LANDMARKS, 2), np.nan),
            np.full((N_LANDMARKS, 3), np.nan),
            np.zeros(N_LANDMARKS),
            shot,
        )
