"""One tracked frame, reduced to what repetitions are found and measured from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hipform.types import FloatArray, Side


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One tracked frame, reduced to what a repetition needs.

    Attributes
    ----------
    side
        Side of the body they were measured on.
    values
        Measures by name.
    view_off_deg
        Angle off the side view in this frame.
    extrapolated
        Whether shoulder, hip or knee lies a little outside the picture, where the model can only guess it.
    trunk_px, thigh_px
        Segment lengths in the picture.
    ankle_px
        Ankle position, shape (2,).
    frame_gap_s
        Time between the two frames that this sample lies between, where it was filled in; 0 for a frame itself.
    u95_scale
        Factor on all intervals, from the source of the landmarks.
    """

    t_s: float
    side: Side
    values: Mapping[str, float]
    view_off_deg: float
    extrapolated: bool
    trunk_px: float
    thigh_px: float
    ankle_px: FloatArray
    frame_gap_s: float = 0.0
    u95_scale: float = 1.0
