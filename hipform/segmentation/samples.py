"""One tracked frame, reduced to the data for finding and measuring repetitions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from hipform.pose.poses import N_LANDMARKS
from hipform.types import FloatArray, NoiseModel, Side


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One tracked frame, reduced to the data for finding and measuring repetitions.

    Attributes
    ----------
    side
        Side of the body that was measured.
    values
        Measures by name.
    view_off_deg
        Angle off the side view in this frame, degrees.
    camera_move_deg
        How far the camera must move around the lifter for a side view, degrees: positive toward the feet of a lifter on
        the back, the head of one who faces the floor, or the front of a standing one; NaN if it is not known.
    conditions
        Conditions of this frame that widen the intervals, by name in
        `hipform.kinematics.reading_errors.CONDITIONS`; NaN where not known.
    extrapolated
        Whether shoulder, hip or knee is slightly outside the image, where the model extrapolates it.
    trunk_px, thigh_px
        Segment lengths of the points that were measured: pixels of the image, or millimetres of the side projection
        where the view is too oblique for it. Only ratios of them within a movement mean anything.
    ankle_px
        Ankle position, shape (2,).
    world_m
        Landmarks in metres as in `hipform.pose.poses.Pose`, shape (33, 3).
    signal_deg
        `hipform.segmentation.rep_signal.RepSignal`: what rises and falls with the repetitions.
    is_hidden
        Whether the hip is not seen: the plate lies on it, or the landmarks cannot be right. Angles are then guesses.
    load
        Centre and vertical radius of the load, pixels, the radius in metres if the load is as far away as the body, and
        the height of its centre above the lowest point of the feet, pixels, shape (5,); NaN where it is not seen.
    frame_gap_s
        Gap between the two frames that this sample was interpolated from, seconds; 0 for a frame itself.
    noise
        Accuracy of the landmarks, from their source.
    """

    t_s: float
    side: Side
    values: Mapping[str, float]
    view_off_deg: float
    extrapolated: bool
    trunk_px: float
    thigh_px: float
    ankle_px: FloatArray
    signal_deg: float
    is_hidden: bool
    load: FloatArray
    camera_move_deg: float = math.nan
    conditions: Mapping[str, float] = field(default_factory=dict)
    world_m: FloatArray = field(default_factory=lambda: np.full((N_LANDMARKS, 3), np.nan))
    frame_gap_s: float = 0.0
    noise: NoiseModel = field(default_factory=NoiseModel)
