"""One-signal tests of repetitions: true schedules as samples, and the figures that the definitions give for them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hipform.config import Settings
from hipform.kinematics.measures import MEASURES
from hipform.reps.summary import START_RATIO, Sample, summarise
from hipform.reps.turns import TurnFinder
from hipform.types import Side
from tests.synthetic import RepSet

SMALLEST_DEG = 12.0
TURN_RATIO = 0.35
BAND_DEG = 5.0


def find(t_s: Iterable[float], angles_deg: Iterable[float], finder: TurnFinder | None = None) -> list:
    """Return the movements of a signal, each accepted as a repetition, the one still under way included."""
    finder = finder or TurnFinder(TURN_RATIO, SMALLEST_DEG)
    found = []
    for t, angle in zip(t_s, angles_deg, strict=True):
        movement = finder.push(float(t), float(angle))
        if movement:
            found.append(movement)
            finder.accept(movement.range_deg)
    last = finder.finish()
    return [*found, last] if last else found


def samples_of(t_s, angles_deg, **others) -> list[Sample]:
    """Return samples of a hip signal; *others* are columns by the name of a measure or field."""
    count = len(t_s)

    def column(name, default):
        return np.broadcast_to(np.asarray(others.get(name, default), dtype=float), (count,))

    measures = {name: column(name, 0.0) for name in MEASURES} | {"hip_flexion_deg": np.asarray(angles_deg, dtype=float)}
    fields = {name: column(name, value) for name, value in (("view_off_deg", 5), ("trunk_px", 150), ("thigh_px", 126))}
    ankles = others.get("ankle_px", np.tile([500.0, 600.0], (count, 1)))
    return [
        Sample(
            t_s=float(t),
            values={name: float(values[index]) for name, values in measures.items()},
            ankle_px=np.asarray(ankles[index], dtype=float),
            **{name: float(values[index]) for name, values in fields.items()},
        )
        for index, t in enumerate(t_s)
    ]


def summarise_all(samples: list[Sample], settings: Settings | None = None) -> list:
    """Return the summary of every movement in *samples*, each given its own samples as the analyzer does."""
    movements = find([s.t_s for s in samples], [s.values["hip_flexion_deg"] for s in samples])
    summaries, begin_s = [], -np.inf
    for movement in movements:
        end_s = np.inf if movement.end_t_s is None else movement.end_t_s + 0.3
        own = [sample for sample in samples if begin_s <= sample.t_s <= end_s]
        summaries.append(summarise(own, movement, Side.RIGHT, settings or Settings()))
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
