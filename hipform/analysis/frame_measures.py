"""The measures of one frame, given the knowledge about its set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypedDict

from hipform.analysis.body import Body
from hipform.analysis.judge import Judge
from hipform.config import Settings
from hipform.exercises.declaration import Exercise
from hipform.kinematics.measures import MEASURES
from hipform.kinematics.reading_errors import exercise_reading
from hipform.pose.poses import Disc
from hipform.types import Estimate, Side


class FrameMeasures(TypedDict):
    """The measured part of a `hipform.analysis.judged_reps.Observation`."""

    t_s: float
    tracked: bool
    side: Side
    values: Mapping[str, float]
    u95: Mapping[str, float]
    lumbar_extension_deg: Estimate | None
    view_off_deg: float
    assessable: bool
    load: Disc | None


def measure_frame(
    body: Body, exercise: Exercise, settings: Settings, judge: Judge, view_off_deg: float | None
) -> FrameMeasures:
    """Return the measures of one frame.

    Parameters
    ----------
    body
        The athlete in this frame.
    judge
        Provides the neutral of the set that the low back is compared with.
    view_off_deg
        Angle between the camera and the true side view in this set, degrees; ``None`` while it is not known.
    """
    sample = body.sample
    extrapolated = sample is not None and sample.extrapolated
    return {
        "t_s": body.t_s,
        "tracked": sample is not None,
        "side": body.side,
        "values": sample.values if sample else dict.fromkeys(MEASURES, math.nan),
        "u95": body.u95(exercise_reading(exercise.base_slug).u95_scale),
        "lumbar_extension_deg": None
        if view_off_deg is None or sample is None or extrapolated
        else judge.low_back_now(sample.values, view_off_deg),
        "view_off_deg": math.nan if view_off_deg is None else view_off_deg,
        "load": body.load,
        "assessable": view_off_deg is not None and view_off_deg <= settings["view.angles_deg"] and not extrapolated,
    }
