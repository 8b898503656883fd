"""Errors of readings, learned from people and rendered lifters: interval growth with the conditions, and constant bias.

``reading_errors.json`` beside this file holds the numbers, and `scripts.learn_intervals` writes it. Intervals at growth
1 are those of a steady, fully visible lifter in a side view.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from hipform.texts import english

MAX_GROWTH = 6.0
"""From this factor on the intervals, nothing is known: 30 degrees at a held top, and more elsewhere.

Basis: definition, wider intervals could not support a verdict.
"""

_REASONS = {
    "view_off_deg": english("the camera is about {value:.0f} degrees off the side view"),
    "tilt_deg": english("the camera looks down or up at the lifter by about {value:.0f} degrees"),
    "segment_change_ratio": english(
        "trunk or thigh changes its length by {value:.0%}: a plate or clothes may hide the hip"
    ),
    "depth_difference_deg": english("the pose model contradicts itself about the hip by {value:.0f} degrees"),
    "hidden_ratio": english("shoulder, hip or knee is probably hidden ({value:.0%})"),
    "thigh_error_ratio": english(
        "the thigh looks {value:.0%} too long or too short for the trunk: the hip may be misplaced"
    ),
    "jitter_deg": english("the hip landmark jitters by {value:.1f} degrees"),
}
"""Why a condition widens the intervals, for people, with the value of the condition."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How one condition of a video widens the intervals.

    Attributes
    ----------
    low, high
        Value up to which nothing is widened, and value from which nothing more is added.
    log_growth
        Natural logarithm of the factor at `high`; in between it grows linearly.
    refused
        Value from which a reading is implausible.
    """

    low: float
    high: float
    log_growth: float
    refused: float

    def log_growth_at(self, value: float) -> float:
        """Return the logarithm of the factor at *value*; 0 if the value is not known."""
        if math.isnan(value):
            return 0.0
        return self.log_growth * min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class ExerciseReading:
    """What an exercise changes about readings of the trunk-thigh angle.

    Attributes
    ----------
    bias_deg
        How much too flexed the trunk-thigh angle reads; it is subtracted.
    u95_scale
        Factor on the intervals of all measures.
    """

    bias_deg: float = 0.0
    u95_scale: float = 1.0


_LEARNED = json.loads(Path(__file__).with_name("reading_errors.json").read_text(encoding="utf-8"))
CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {name: Condition(**numbers) for name, numbers in _LEARNED["conditions"].items()}
)
"""Every condition that widens the intervals, by name."""
_EXERCISES = {slug: ExerciseReading(**numbers) for slug, numbers in _LEARNED["exercises"].items()}


def exercise_reading(base_slug: str) -> ExerciseReading:
    """Return what is known about the readings of an exercise, whatever its variant."""
    return _EXERCISES.get(base_slug, ExerciseReading())


def base_u95(name: str) -> tuple[float, float]:
    """Return the learned half-widths of the 95 % intervals of a measure at growth 1: held, and moving or flexed."""
    held_u95, moving_u95 = _LEARNED["u95"][name]
    return held_u95, moving_u95


def interval_growth(conditions: Mapping[str, float]) -> float:
    """Return the factor on the intervals under *conditions*, 1 to `MAX_GROWTH`.

    Parameters
    ----------
    conditions
        Value by name in `CONDITIONS`; a missing or NaN value widens nothing, except that an unknown view says
        nothing about any angle.
    """
    if math.isnan(conditions.get("view_off_deg", math.nan)):
        return MAX_GROWTH
    if any(conditions.get(name, math.nan) >= condition.refused for name, condition in CONDITIONS.items()):
        return MAX_GROWTH
    grown = (condition.log_growth_at(conditions.get(name, math.nan)) for name, condition in CONDITIONS.items())
    return min(math.exp(sum(grown)), MAX_GROWTH)


def widest_reason(conditions: Mapping[str, float]) -> str:
    """Return the condition that widens the intervals most, for people; empty if none does."""
    known = {name: value for name in CONDITIONS if math.isfinite(value := conditions.get(name, math.nan))}
    refused = [name for name, value in known.items() if value >= CONDITIONS[name].refused]
    widest = refused or sorted(known, key=lambda name: -CONDITIONS[name].log_growth_at(known[name]))
    if not widest or not (refused or CONDITIONS[widest[0]].log_growth_at(known[widest[0]]) > 0):
        return ""
    return _REASONS[widest[0]].format(value=known[widest[0]])
