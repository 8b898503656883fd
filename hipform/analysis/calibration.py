"""A lifter's own full lockout and neutral low back, from a clip that shows both."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from hipform.analysis.analyzer import Analyzer
from hipform.analysis.body import BodyReader
from hipform.config import Settings
from hipform.exercises.base import VARIANT_MARK, Exercise
from hipform.kinematics.low_back import median_levels, own_depth_neutral, scatter_deg
from hipform.reps.summary import RepSummary, Sample
from hipform.types import Calibration, ClipInfo, FloatArray, Pose

HOLD_S = 2.0
"""A lockout held for this long is one to calibrate by: three seconds are asked for."""
STILL_DEG = 4.0
"""Most that the trunk-thigh angle moves while it is held."""
UPRIGHT_DEG = 45.0
"""A hold more flexed than this is no lockout."""
MOST_OFF_STRAIGHT_DEG = 15.0
"""What person, clothes and camera add to the angle is less than this on any clip seen: more is no full lockout."""


class Calibrator:
    """Take in the poses of one clip, then say what its lifter's own lockout and neutral are.

    Parameters
    ----------
    exercise
        What is done or held.
    info
        The clip.
    model
        Name of the pose model.
    settings
        Values in force.
    """

    def __init__(self, exercise: Exercise, info: ClipInfo, model: str, settings: Settings) -> None:
        self._exercise = exercise
        self._model = model
        self._settings = settings
        self._analyzer = Analyzer(exercise, info, settings)
        self._reader = BodyReader(info, exercise.working_side, exercise.fastest_hip_deg_per_s, settings)
        self._samples: list[Sample] = []

    def push(self, pose: Pose) -> None:
        """Take the next pose, in time order."""
        self._analyzer.push(pose)
        sample = self._reader.push(pose).sample
        if sample:
            self._samples.append(sample)

    def finish(self) -> Calibration | str:
        """Return the calibration, or why there is none; call once, after the last pose."""
        self._analyzer.finish()
        reps = [rep for rep in self._analyzer.full_reps if self._is_clear(rep)]
        found = self._from_reps(reps) if reps else self._from_hold()
        if isinstance(found, str):
            return found
        off_deg, limit_deg = found.view_off_deg, self._settings["view.low_back_deg"]
        if off_deg > limit_deg:
            return f"the camera stands about {off_deg:.0f} degrees off the side view, more than {limit_deg:.0f}"
        lockout_deg = found.lockout_hip_flexion_deg
        if abs(lockout_deg) > MOST_OFF_STRAIGHT_DEG:
            way = "short of" if lockout_deg > 0 else "past"
            return f"the top reads {abs(lockout_deg):.0f} degrees {way} straight: too far to be a full lockout"
        return found

    def _is_clear(self, rep: RepSummary) -> bool:
        key = "view.segment_change_loaded_ratio" if self._exercise.hip_may_hide else "view.segment_change_ratio"
        return rep.segment_change_ratio <= self._settings[key] and rep.guessed_ratio == 0.0

    def _from_reps(self, reps: Sequence[RepSummary]) -> Calibration:
        tops = [rep.low_back_top_deg for rep in reps if math.isfinite(rep.low_back_top_deg)]
        deep = own_depth_neutral([rep.low_back_levels_deg for rep in reps], [rep.top_s for rep in reps])
        levels_deg = median_levels([rep.low_back_levels_deg for rep in reps])
        return Calibration(
            exercise=self._slug,
            model=self._model,
            reps=len(reps),
            view_off_deg=_median([rep.view_off_deg for rep in reps]),
            lockout_hip_flexion_deg=_median([rep.lockout.value for rep in reps]),
            low_back_top_deg=_median(tops) if tops else None,
            low_back_top_scatter_deg=scatter_deg(tops) if tops else 0.0,
            low_back_levels_deg=_without_nan(levels_deg),
            low_back_levels_scatter_deg=deep.scatter_deg,
        )

    def _from_hold(self) -> Calibration | str:
        held = _longest_hold(self._samples)
        if not held:
            return f"there is no counted repetition, and no lockout held still for {HOLD_S:.0f} s"
        levels = {name: _median([sample.values[name] for sample in held]) for name in held[0].values}
        scale = self._exercise.low_back
        reading = scale.reading_deg(levels) if scale else math.nan
        return Calibration(
            exercise=self._slug,
            model=self._model,
            reps=0,
            view_off_deg=_median([sample.view_off_deg for sample in held]),
            lockout_hip_flexion_deg=levels["hip_flexion_deg"],
            low_back_top_deg=reading if math.isfinite(reading) else None,
        )

    @property
    def _slug(self) -> str:
        return self._exercise.slug.split(VARIANT_MARK)[0]


def _longest_hold(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Return the longest stretch in which an extended hip stays within `STILL_DEG`; empty under `HOLD_S`."""
    best: Sequence[Sample] = ()
    first = 0
    for last, sample in enumerate(samples):
        while _moves(samples[first : last + 1]):
            first += 1
        stretch = samples[first : last + 1]
        length_s = sample.t_s - stretch[0].t_s if stretch else 0.0
        if length_s >= HOLD_S and (not best or length_s > best[-1].t_s - best[0].t_s):
            best = stretch
    return best


def _moves(stretch: Sequence[Sample]) -> bool:
    hips_deg = [sample.values["hip_flexion_deg"] for sample in stretch]
    return bool(hips_deg) and (max(hips_deg) > UPRIGHT_DEG or max(hips_deg) - min(hips_deg) > STILL_DEG)


def _without_nan(levels_deg: FloatArray) -> tuple[float | None, ...] | None:
    """Return levels for a file, which knows no NaN; ``None`` if there is none."""
    levels = tuple(float(level) if math.isfinite(level) else None for level in levels_deg)
    return levels if any(level is not None for level in levels) else None


def _median(values: Iterable[float]) -> float:
    seen = [value for value in values if math.isfinite(value)]
    return float(np.median(seen)) if seen else math.nan
