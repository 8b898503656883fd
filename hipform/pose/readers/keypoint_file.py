"""The output of a reader of another tool's file: named keypoints of the people in each frame, as the file has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import numpy as np

from hipform.pose.landmark_schema import LandmarkSchema, LandmarkSource
from hipform.pose.poses import Landmark
from hipform.pose.readers.keypoint_names import BODY_AND_FEET, LEG_AND_TRUNK, landmark_of
from hipform.types import FloatArray, NoiseModel

TWO_D = LandmarkSchema(keypoints=BODY_AND_FEET, has_world=False, has_visibility=True, has_contour=False)
"""Landmarks that most tools find: 2-D points, of which some layouts lack a few."""
_HIP_U95_DEG, _KNEE_U95_DEG, _OPENCAP_U95_DEG = 9.8, 13.8, 11.0
TWO_D_NOISE = NoiseModel(
    u95_scale=1.2,
    least_u95_deg={
        "trunk_thigh_flexion_deg": _HIP_U95_DEG,
        "other_trunk_thigh_flexion_deg": _HIP_U95_DEG,
        "trunk_incline_deg": _HIP_U95_DEG,
        "trunk_lean_deg": _HIP_U95_DEG,
        "thigh_incline_deg": _HIP_U95_DEG,
        "knee_flexion_deg": _KNEE_U95_DEG,
        "other_knee_flexion_deg": _KNEE_U95_DEG,
        "shin_lean_deg": _KNEE_U95_DEG,
    },
)
"""Noise model for 2-D landmarks of other tools, whose errors hipform has not measured.

Against motion capture the sagittal hip and knee angles of OpenPose had mean absolute errors of 4.0 and 5.6 degrees
(Stenum, Rossi and Roemmich 2021, doi 10.1371/journal.pcbi.1008935). Of normally distributed errors 95 of 100 lie within
2.46 times the mean: 9.8 degrees at the hip and 13.8 at the knee. Errors of the trunk, thigh and shin alone are not
published; each is given the interval of the joint angle that it is a part of, which is the cautious choice. For
everything else, such as heights and distances, the factor is the ratio of 9.8 degrees to the half-width of hipform's
own trunk-thigh angle while it is held, 8.2.
"""
THREE_D_NOISE = NoiseModel(u95_scale=1.33, least_u95_deg=dict.fromkeys(TWO_D_NOISE.least_u95_deg, _OPENCAP_U95_DEG))
"""The same for markers: OpenCap's joint angles had a mean absolute error of 4.5 degrees, so 95 of 100 lie within 11.

Uhlrich and others 2023, doi 10.1371/journal.pcbi.1011462. The factor is again the ratio to 8.2.
"""
USUAL_MIN_SCORE = 0.3
"""Points with a lower score count as not seen, as in the visualisation of MMPose and in Sports2D."""


class Space(Enum):
    """Coordinate system of a file."""

    PIXELS = auto()
    """Pixels of the image, x right and y down."""
    SHARES = auto()
    """Coordinates relative to the width and height of the image, 0..1."""
    METRES = auto()
    """Metres in space, y up, as in OpenSim: three coordinates, of which the third may be meaningless."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """The keypoints of one person in one frame.

    Attributes
    ----------
    points
        Shape (k, 2), or (k, 3) in `Space.METRES`; NaN where the file holds none.
    scores
        The tool's confidence, shape (k,); NaN where it states none.
    world_m
        Points in metres around the hips, as in `hipform.pose.poses.Pose`, shape (k, 3), if the file has them.
    """

    points: FloatArray
    scores: FloatArray
    world_m: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class KeypointFrame:
    """All people of one frame.

    Attributes
    ----------
    index
        Number of the frame in the clip, from any start; increasing, with gaps where frames are missing in the file.
    people
        In any order.
    t_s
        Time in the clip, if the file has times.
    """

    index: int
    people: Sequence[Person]
    t_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeypointFile:
    """An opened file of another tool.

    Attributes
    ----------
    names
        The tool's names of the keypoints, in the order of `Person.points`.
    frames
        Returns the frames from the start; each call reads the file again, one frame at a time. Raises ValueError if the
        file is wrong.
    space
        Coordinate system of the points.
    fps
        Frame rate, if the file states one.
    size_px
        Width and height of the image, if the file states them.
    """

    names: Sequence[str]
    frames: Callable[[], Iterator[KeypointFrame]]
    space: Space = Space.PIXELS
    fps: float | None = None
    size_px: tuple[int, int] | None = None

    def landmarks(self) -> dict[int, Landmark]:
        """Return the landmark of each known keypoint by its index; of keypoints with the same landmark, the first one.

        Raises
        ------
        ValueError
            If neither side has shoulder, hip and knee.
        """
        found: dict[int, Landmark] = {}
        for place, name in enumerate(self.names):
            landmark = landmark_of(name)
            if landmark is not None and landmark not in found.values():
                found[place] = landmark
        if not any(needed <= set(found.values()) for needed in LEG_AND_TRUNK):
            named = ", ".join(str(name) for name in self.names[:30]) or "none"
            raise ValueError(f"neither side has a shoulder, a hip and a knee among its keypoints ({named})")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseFormat(LandmarkSource):
    """A file format of another tool, as a source of landmarks.

    Attributes
    ----------
    title
        Description of the file, for messages: "a folder of OpenPose's JSON files".
    open
        Opens the file at a path; raises ValueError if it does not have this format.
    endings
        Extensions of such files in lower case, for searches; a file that is named may have any other.
    min_score
        Points with a lower score count as not seen.
    is_folder
        Whether the path is a folder instead of a file.
    """

    title: str
    open: Callable[[Path], KeypointFile]
    endings: frozenset[str]
    min_score: float = USUAL_MIN_SCORE
    is_folder: bool = False


def unknown_scores(count: int) -> FloatArray:
    """Return the scores of a tool that states none."""
    return np.full(count, np.nan)
