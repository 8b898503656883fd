"""One-signal tests of repetitions: true schedules as samples, and the figures that the definitions give for them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hipform.config import Settings
from hipform.features.rep_summary import RepSummary, summarise
from hipform.kinematics.measures import MEASURES
from hipform.segmentation.samples import Sample
from hipform.segmentation.traced_movement import LEVEL_BAND_DEG, START_RATIO
from hipform.segmentation.turning_points import Movement, StartsAt, TurningPointFinder
from hipform.types import Side
from tests.synthetic import RepSet

SMALLEST_DEG = 12.0
TURN_RATIO = 0.35
BAND_DEG = 5.0


def finder_for(starts_at: StartsAt = StartsAt.BOTTOM) -> TurningPointFinder:
    """Return a fresh finder."""
    return TurningPointFinder(TURN_RATIO, SMALLEST_DEG, starts_at)


def from_top(
    count: int = 1,
    *,
    lower_s: float = 1.0,
    low_s: float = 0.4,
    lift_s: float = 0.8,
    rest_s: float = 1.0,
    top_deg: float = 0.0,
    bottom_deg: float = 80.0,
    **how,
) -> RepSet:
    """Return a set whose repetitions start and end at the top: a schedule turned round."""
    times = {"lift_s": lower_s, "hold_s": low_s, "lower_s": lift_s, "rest_s": rest_s}
    return RepSet.of(count, **times, lockout_deg=bottom_deg, bottom_deg=top_deg, **how)


def travel_deg(movement: Movement) -> float:
    """Return how far the signal went from the start to the turn."""
    return abs(movement.start_deg - movement.turn_deg)


def find(t_s: Iterable[float], angles_deg: Iterable[float], finder: TurningPointFinder | None = None) -> list[Movement]:
    """Return the movements of a signal, each accepted as a repetition, the one still under way included."""
    finder = finder or finder_for()
    found = []
    for t, angle in zip(t_s, angles_deg, strict=True):
        movement = finder.push(float(t), float(angle))
        if movement:
            found.append(movement)
            finder.accept(travel_deg(movement))
    last = finder.finish()
    return [*found, last] if last else found


def samples_of(t_s, angles_deg, **others) -> list[Sample]:
    """Return samples of a hip signal; *others* are columns by the name of a measure or field."""
    count = len(t_s)

    def column(name, default):
        return np.broadcast_to(np.asarray(others.get(name, default), dtype=float), (count,))

    measures = {name: column(name, 0.0) for name in MEASURES} | {
        "trunk_thigh_flexion_deg": np.asarray(angles_deg, dtype=float)
    }
    fields = {name: column(name, value) for name, value in (("view_off_deg", 5), ("trunk_px", 150), ("thigh_px", 126))}
    ankles = others.get("ankle_px", np.tile([500.0, 600.0], (count, 1)))
    sides, extrapolated = (
        np.broadcast_to(others.get(name, value), (count,)) for name, value in (("is_left", 0), ("extrapolated", 0))
    )
    hidden = np.broadcast_to(others.get("is_hidden", 0), (count,))
    loads = others.get("load", np.full((count, 5), np.nan))
    return [
        Sample(
            t_s=float(t),
            side=Side.LEFT if sides[index] else Side.RIGHT,
            values={name: float(values[index]) for name, values in measures.items()},
            extrapolated=bool(extrapolated[index]),
            ankle_px=np.asarray(ankles[index], dtype=float),
            signal_deg=float(measures["trunk_thigh_flexion_deg"][index]),
            is_hidden=bool(hidden[index]),
            load=np.asarray(loads[index], dtype=float),
            **{name: float(values[index]) for name, values in fields.items()},
        )
        for index, t in enumerate(t_s)
    ]


def summarise_all(
    samples: list[Sample], settings: Settings | None = None, starts_at: StartsAt = StartsAt.BOTTOM
) -> list[RepSummary]:
    """Return the summary of every movement in *samples*, each given the samples that there are when it is found."""
    finder, begin_s, summaries = finder_for(starts_at), -np.inf, []
    for index in range(len(samples) + 1):
        now = samples[index] if index < len(samples) else None
        movement = finder.push(now.t_s, now.values["trunk_thigh_flexion_deg"]) if now else finder.finish()
        if movement:
            own = [sample for sample in samples[: index + 1] if sample.t_s >= begin_s]
            summaries.append(summarise(own, movement, settings or Settings()))
            finder.accept(travel_deg(movement))
            begin_s = np.inf if movement.end_t_s is None else movement.end_t_s
    return summaries


def true_times(reps: RepSet, number: int) -> dict[str, float]:
    """Return the times of a repetition by their definitions, read from the true signal itself."""
    lift, top, leave, low = reps.rep_times(number)
    plan = reps.plans[number - 1]
    t = np.arange(lift, low, 4e-3)
    angle = np.array([reps.angle_deg(t_s) for t_s in t])
    end_deg = reps.angle_deg(low)
    rising, sinking = t < top, t > leave
    off_bottom = plan.bottom_deg - START_RATIO * (plan.bottom_deg - plan.lockout_deg)
    near_bottom = end_deg - START_RATIO * (end_deg - plan.lockout_deg)
    at_top = angle <= plan.lockout_deg + BAND_DEG
    start_s, end_s = t[rising & (angle >= off_bottom)].max(), t[sinking & (angle >= near_bottom)].min()
    return {
        "start_s": start_s,
        "top_start_s": t[at_top].min(),
        "top_end_s": t[at_top].max(),
        "end_s": end_s,
        "lift_s": t[at_top].min() - start_s,
        "hold_s": float(np.ptp(t[at_top])),
        "lower_s": end_s - t[at_top].max(),
    }


def true_times_from_top(reps: RepSet, number: int) -> dict[str, float]:
    """Return the times of a repetition of `from_top` by their definitions, read from the true signal itself."""
    leave, low, lift, top = reps.rep_times(number)
    plan = reps.plans[number - 1]
    t = np.arange(leave, top, 4e-3)
    angle = np.array([reps.angle_deg(t_s) for t_s in t])
    top_deg, bottom_deg = plan.bottom_deg, plan.lockout_deg
    margin_deg = max(LEVEL_BAND_DEG, START_RATIO * (bottom_deg - top_deg))
    lowering, lifting = t < low, t > lift
    start_s = t[lowering & (angle <= top_deg + margin_deg)].max()
    low_s = t[lowering & (angle >= bottom_deg - margin_deg)].min()
    lift_s = t[lifting & (angle >= bottom_deg - margin_deg)].max()
    top_start_s = t[lifting & (angle <= top_deg + BAND_DEG)].min()
    return {
        "start_s": start_s,
        "top_start_s": top_start_s,
        "lower_s": low_s - start_s,
        "lift_s": top_start_s - lift_s,
    }
