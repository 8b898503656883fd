"""Calibration: a lifter's full lockout and neutral low back, from a clip that shows both."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np

from hipform.analysis.analyzer import Analyzer
from hipform.analysis.body import BodyReader
from hipform.analysis.judged_reps import Calibration
from hipform.config import Settings
from hipform.exercises.declaration import Exercise
from hipform.features.rep_summary import RepSummary
from hipform.kinematics.lumbar_extension import lifter_depth_neutral, median_levels, scatter_deg
from hipform.kinematics.reading_errors import exercise_reading
from hipform.pose.poses import Pose
from hipform.segmentation.samples import Sample
from hipform.texts import english
from hipform.types import FloatArray
from hipform.video.frames import ClipInfo

HOLD_S = 2.0
"""A lockout must be held for this long for a calibration; the lifter is asked for three seconds.

Basis: convention, steady for two of the three seconds asked for.
"""
LONGEST_HOLD_S = 10.0
"""Only this much of a hold is used. Basis: guess."""
STILL_DEG = 4.0
"""Largest change of the trunk-thigh angle during a hold. Basis: guess, checked on real and rendered clips."""
UPRIGHT_DEG = 45.0
"""A hold that is more flexed than this is not a lockout. Basis: guess."""
CLEAR_GROWTH = 2.0
"""A repetition whose intervals are widened by more than this factor is no reference. Basis: guess."""
MOST_OFF_STRAIGHT_DEG = 15.0
"""Person, clothes and camera changed the angle by less than this in all clips; more is not a full lockout.

Basis: tuned on real clips.
"""


class Calibrator:
    """Measure the lifter's lockout and neutral from the poses of one clip.

    Parameters
    ----------
    exercise
        The exercise that is performed or held.
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
        bias_deg = exercise_reading(exercise.base_slug).bias_deg
        self._reader = BodyReader(info, exercise.working_side, exercise.fastest_hip_deg_per_s, settings, bias_deg)
        self._hold = _Hold()

    def push(self, pose: Pose) -> None:
        """Process the next pose, in time order."""
        self._analyzer.push(pose)
        sample = self._reader.push(pose).sample
        if sample:
            self._hold.push(sample)

    def finish(self) -> Calibration | str:
        """Return the calibration, or the reason why there is none; call once, after the last pose."""
        self._analyzer.finish()
        reps = [rep for rep in self._analyzer.full_reps if self._is_clear(rep)]
        found = self._from_reps(reps) if reps else self._from_hold()
        if isinstance(found, str):
            return found
        off_deg, limit_deg = found.view_off_deg, self._settings["view.low_back_deg"]
        if off_deg > limit_deg:
            return english(
                "the camera is about {off:.0f} degrees off the side view; the limit is {limit:.0f}",
                off=off_deg,
                limit=limit_deg,
            )
        lockout_deg = found.lockout_trunk_thigh_flexion_deg
        if abs(lockout_deg) > MOST_OFF_STRAIGHT_DEG:
            reads = english("{deg:.0f} degrees short of straight", deg=lockout_deg)
            if lockout_deg < 0:
                reads = english("{deg:.0f} degrees past straight", deg=-lockout_deg)
            return english("the top reads {reads}: too far to be a full lockout", reads=reads)
        return found

    @staticmethod
    def _is_clear(rep: RepSummary) -> bool:
        return rep.growth <= CLEAR_GROWTH and rep.extrapolated_ratio == 0.0

    def _from_reps(self, reps: Sequence[RepSummary]) -> Calibration:
        tops = [rep.low_back_top_deg for rep in reps if math.isfinite(rep.low_back_top_deg)]
        deep = lifter_depth_neutral([rep.low_back_levels_deg for rep in reps], [rep.timing.top_s for rep in reps])
        levels_deg = median_levels([rep.low_back_levels_deg for rep in reps])
        return Calibration(
            exercise=self._exercise.base_slug,
            model=self._model,
            reps=len(reps),
            view_off_deg=_median([rep.view_off_deg for rep in reps]),
            lockout_trunk_thigh_flexion_deg=_median([rep.lockout.value for rep in reps]),
            low_back_top_deg=_median(tops) if tops else None,
            low_back_top_scatter_deg=scatter_deg(tops) if tops else 0.0,
            low_back_levels_deg=_without_nan(levels_deg),
            low_back_levels_scatter_deg=deep.scatter_deg,
        )

    def _from_hold(self) -> Calibration | str:
        held = self._hold.best
        if not held:
            return english("there is no counted repetition, and no lockout was held still for {s:.0f} s", s=HOLD_S)
        levels = {name: _median([sample.values[name] for sample in held]) for name in held[0].values}
        scale = self._exercise.low_back
        reading = scale.reading_deg(levels) if scale else math.nan
        return Calibration(
            exercise=self._exercise.base_slug,
            model=self._model,
            reps=0,
            view_off_deg=_median([sample.view_off_deg for sample in held]),
            lockout_trunk_thigh_flexion_deg=levels["trunk_thigh_flexion_deg"],
            low_back_top_deg=reading if math.isfinite(reading) else None,
        )


class _Hold:
    """The longest still lockout so far, limited to `LONGEST_HOLD_S` so that memory does not grow with the clip."""

    def __init__(self) -> None:
        self.best: Sequence[Sample] = ()
        self._best_s = 0.0
        self._now: deque[Sample] = deque()

    def push(self, sample: Sample) -> None:
        """Add the next sample, in time order."""
        self._now.append(sample)
        while self._now and (sample.t_s - self._now[0].t_s > LONGEST_HOLD_S or _moves(self._now)):
            self._now.popleft()
        held_s = sample.t_s - self._now[0].t_s if self._now else 0.0
        if held_s >= HOLD_S and held_s > self._best_s:
            self.best, self._best_s = tuple(self._now), held_s


def _moves(stretch: Iterable[Sample]) -> bool:
    hips_deg = [sample.values["trunk_thigh_flexion_deg"] for sample in stretch]
    return max(hips_deg) > UPRIGHT_DEG or max(hips_deg) - min(hips_deg) > STILL_DEG


def _without_nan(levels_deg: FloatArray) -> tuple[float | None, ...] | None:
    """Return the levels with ``None`` in place of NaN, for a file; ``None`` if there are none."""
    levels = tuple(float(level) if math.isfinite(level) else None for level in levels_deg)
    return levels if any(level is not None for level in levels) else None


def _median(values: Iterable[float]) -> float:
    seen = [value for value in values if math.isfinite(value)]
    return float(np.median(seen)) if seen else math.nan
