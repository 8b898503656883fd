"""Start and end times of a repetition and its phases."""

from __future__ import annotations

from itertools import pairwise

from hipform.features.rep_timing import RepTiming
from hipform.segmentation.traced_movement import TracedMovement
from hipform.segmentation.turning_points import IN_MOTION_S, StartsAt


def rep_timing(traced: TracedMovement) -> RepTiming:
    """Return the times of a movement; a time that the clip does not show is ``None``."""
    trace, movement = traced.trace, traced.movement
    t_s = trace.t_s
    lift_s, hold_s = (float(t_s[b] - t_s[a]) for a, b in pairwise((trace.start, trace.top_first, trace.top_last)))
    from_top = movement.starts_at is StartsAt.TOP
    first = trace.lower_first if from_top else trace.start
    last = trace.top_last if from_top else trace.lower_last
    start_seen = first is not None and (movement.start_seen or t_s[first] - t_s[0] > IN_MOTION_S)
    # A lift from the top is seen whole after its lowering, and without it if the lifter is at the bottom at first.
    lift_seen = start_seen or (from_top and (movement.outward_seen or bool(t_s[trace.start] - t_s[0] > IN_MOTION_S)))
    lowered = trace.lower_first is not None and trace.lower_last is not None and (start_seen or not from_top)
    return RepTiming(
        start_s=float(t_s[first]) if first is not None and start_seen else None,
        lift_start_s=float(t_s[trace.start]) if lift_seen else None,
        top_start_s=float(t_s[trace.top_first]),
        top_s=float(t_s[trace.top]),
        top_end_s=float(t_s[trace.top_last]),
        end_s=None if last is None else float(t_s[last]),
        lift_s=lift_s if lift_seen else None,
        hold_s=hold_s,
        lower_s=float(t_s[trace.lower_last] - t_s[trace.lower_first]) if lowered else None,
    )
