"""How the speed of the bar falls with the load, and the estimate of the one-repetition maximum that follows.

The fastest repetition of each load and day counts, because the line of speed over load is one of full effort. Where the
line reaches the speed at which lifters move their heaviest load, it ends: that load is the estimate. Few lifters lift
three loads often enough for the scatter of their own points to be known, so that a usual scatter is mixed in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from hipform.errors import ConfigError
from hipform.exercises import find_exercise
from hipform.feedback.history_records import KeptRep, KeptSet
from hipform.texts import english
from hipform.training import Load, LoadUnit
from hipform.types import Estimate, FloatArray

LINE_DAYS = 28
"""The line is that of this many days up to the latest session: over a longer time strength changes.

Basis: convention, a block of training.
"""
LEAST_LOADS = 3
"""Fewest loads for a line. Basis: convention, load-velocity profiles."""
_USUAL_SCATTER_M_PER_S = 0.04
"""Standard deviation of the fastest repetitions around the line of a lifter.

Basis: guess, 0.02 to 0.03 with a transducer on one day; cameras and other days add to it.
"""
_USUAL_SCATTER_WEIGHT = 4.0
"""How many points the usual scatter counts as, beside those of the lifter. Basis: guess."""
_LEAST_HEAVIEST_RATIO = 0.65
"""The heaviest load must be this share of the estimate; otherwise the line is extended too far.

Basis: guess.
"""
_MOST_U95_RATIO = 0.25
"""An estimate with a wider half-width than this share of it says nothing. Basis: guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPoint:
    """The fastest repetition with a load on a day: the load in kilograms and the mean speed of the bar."""

    day: date
    load_kg: float
    speed: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSpeed:
    """Speed of the bar over the load, of one athlete in one exercise.

    Attributes
    ----------
    points
        The fastest repetitions of the last `LINE_DAYS`, by day and load; at least one.
    unit
        Unit of the latest load.
    at_no_load_m_per_s, m_per_s_per_kg
        The line through the points; NaN if all have the same load.
    one_rep_max
        Estimate of the one-repetition maximum with its interval, kilograms; ``None`` if there is none.
    refusal
        Why there is none; empty if there is one.
    """

    points: tuple[LoadPoint, ...]
    unit: LoadUnit
    at_no_load_m_per_s: float
    m_per_s_per_kg: float
    one_rep_max: Estimate | None
    refusal: str

    def speed_at(self, load_kg: float) -> float:
        """Return the speed of the line at a load, m/s; NaN without a line."""
        return self.at_no_load_m_per_s + self.m_per_s_per_kg * load_kg


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A straight line of speed over load through at least two different loads.

    Attributes
    ----------
    load_kg, speed_m_per_s
        The points, shape (n,).
    slope, at_zero
        The line: m/s per kilogram, negative if more load is slower, and m/s without load.
    """

    load_kg: FloatArray
    speed_m_per_s: FloatArray
    slope: float
    at_zero: float

    @property
    def _scatter_u95_m_per_s(self) -> float:
        """Half-width of the interval of a single point around the line, with the usual scatter mixed in."""
        from scipy.special import stdtrit  # noqa: PLC0415 - takes as long to import as numpy; most commands need none

        residuals = self.speed_m_per_s - self.at_zero - self.slope * self.load_kg
        freedom = len(residuals) - 2 + _USUAL_SCATTER_WEIGHT
        squares = float(residuals @ residuals) + _USUAL_SCATTER_WEIGHT * _USUAL_SCATTER_M_PER_S**2
        return float(stdtrit(freedom, 0.975)) * math.sqrt(squares / freedom)

    @property
    def _spread(self) -> float:
        """Sum of the squared differences of the loads from their mean, square kilograms."""
        return float(np.var(self.load_kg)) * len(self.load_kg)

    def load_at(self, speed: Estimate) -> Estimate | None:
        """Return the load at which the line reaches *speed*, kilograms; ``None`` if its interval has no bounds.

        The interval is Fieller's, with the half-width of its longer side.
        """
        square_u95 = self._scatter_u95_m_per_s**2
        beyond = float(self.speed_m_per_s.mean()) - speed.value
        curvature = self.slope**2 - square_u95 / self._spread
        if self.slope >= 0 or curvature <= 0:
            return None
        constant = beyond**2 - square_u95 / len(self.load_kg) - speed.u95**2
        half_width = math.sqrt((self.slope * beyond) ** 2 - curvature * constant) / curvature
        from_middle, middle = -beyond / self.slope, -self.slope * beyond / curvature
        u95_kg = half_width + abs(middle - from_middle)
        return Estimate(float(self.load_kg.mean()) + from_middle, u95_kg, "kg")


def load_speed(sets: Sequence[KeptSet]) -> LoadSpeed | None:
    """Return the line of the latest sets of one athlete and exercise; ``None`` if no load has a bar speed.

    Parameters
    ----------
    sets
        Sets of one exercise, oldest first.
    """
    points = _points(sets)
    if not points:
        return None
    line = _fit(points)
    found = _one_rep_max(sets[-1].exercise, line) if line else english("all reps with a bar speed had the same load")
    return LoadSpeed(
        points=points,
        unit=next(one.load.unit for one in reversed(sets) if one.load),
        at_no_load_m_per_s=line.at_zero if line else math.nan,
        m_per_s_per_kg=line.slope if line else math.nan,
        one_rep_max=found if isinstance(found, Estimate) else None,
        refusal=found if isinstance(found, str) else "",
    )


def _fit(points: Sequence[LoadPoint]) -> _Line | None:
    """Return the line through *points*; ``None`` if all have the same load."""
    load_kg, speed = (np.array([of(point) for point in points]) for of in (_load_of, _speed_of))
    if np.ptp(load_kg) == 0:
        return None
    slope, at_zero = np.polyfit(load_kg, speed, 1)
    return _Line(load_kg, speed, float(slope), float(at_zero))


def load_speed_in_words(line: LoadSpeed | None) -> tuple[str, ...]:
    """Return what the line says, in sentences; nothing without one."""
    if line is None:
        return ()
    first, last = line.points[0], line.points[-1]
    lightest, heaviest = (extreme(line.points, key=_load_of) for extreme in (min, max))
    shown = [lightest, heaviest] if heaviest.load_kg > lightest.load_kg else [heaviest]
    speeds = [
        english("{speed:.2f} m/s with {load}", speed=one.speed.value, load=Load(kg=one.load_kg, unit=line.unit))
        for one in shown
    ]
    both = english("{first} and {second}", first=speeds[0], second=speeds[1]) if len(speeds) > 1 else speeds[0]
    days = f"{last.day:%Y-%m-%d}"
    if last.day > first.day:
        days = english("{first:%Y-%m-%d} to {last:%Y-%m-%d}", first=first.day, last=last.day)
    lines = [english("Bar speed of the fastest rep, {days}: {speeds}.", days=days, speeds=both)]
    if line.one_rep_max is None:
        return (*lines, english("No estimate of the one-rep maximum: {why}.", why=line.refusal))
    value, u95 = (round(kg / line.unit.kg) for kg in (line.one_rep_max.value, line.one_rep_max.u95))
    estimate = english(
        "Estimate of the one-rep maximum: {value} ± {u95} {unit}. It follows from the speed of the bar, and holds only "
        "if the reps were lifted as fast as possible.",
        value=value,
        u95=u95,
        unit=line.unit.value,
    )
    return (*lines, estimate)


def fastest(reps: Iterable[KeptRep]) -> Estimate | None:
    """Return the highest mean bar speed of counted repetitions; ``None`` if none has one."""
    speeds = [rep.bar_mean_m_per_s for rep in reps if rep.bar_mean_m_per_s and not rep.partial]
    return max(speeds, key=lambda speed: speed.value, default=None)


def _points(sets: Sequence[KeptSet]) -> tuple[LoadPoint, ...]:
    """Return the points of the latest `LINE_DAYS`, by day and load."""
    reps: dict[tuple[date, float], list[KeptRep]] = {}
    for one in sets:
        if one.load:
            reps.setdefault((one.recorded_at.date(), one.load.kg), []).extend(one.reps)
    found = [
        LoadPoint(day=day, load_kg=load_kg, speed=speed)
        for (day, load_kg), own in sorted(reps.items())
        if (speed := fastest(own))
    ]
    return tuple(point for point in found if (found[-1].day - point.day).days < LINE_DAYS)


def _one_rep_max(slug: str, line: _Line) -> Estimate | str:
    """Return the load at which the line reaches the speed of a heaviest lift, kilograms, or why it is not known."""
    at_max = _speed_at_max(slug)
    if at_max is None:
        return english("no study gives a speed of the heaviest lift that predicts it well in this exercise")
    n_loads = len(set(line.load_kg))
    if n_loads < LEAST_LOADS:
        return english(
            "it needs {least} loads with a bar speed within {days} days, and there are {n}",
            least=LEAST_LOADS,
            days=LINE_DAYS,
            n=n_loads,
        )
    if line.slope >= 0:
        return english("the bar was not slower with more load")
    found = line.load_at(at_max)
    if found is None:
        return english("the loads are too close together, or the speeds scatter too much, for a clear line")
    return _objection(found, float(line.load_kg.max())) or found


def _objection(found: Estimate, heaviest_kg: float) -> str:
    """Return what speaks against an estimate, given the heaviest load that was lifted; empty if nothing does."""
    if found.value < heaviest_kg:
        return english(
            "the line ends below a load that was lifted, so that not every rep was lifted as fast as possible"
        )
    if heaviest_kg < _LEAST_HEAVIEST_RATIO * found.value:
        return english("the heaviest load is too light: the line would have to be extended too far")
    if found.u95 > _MOST_U95_RATIO * found.value:
        return english(
            "it would be uncertain by {share:.0%}; more loads, or heavier ones, make it clearer",
            share=found.u95 / found.value,
        )
    return ""


def _speed_at_max(slug: str) -> Estimate | None:
    try:
        return find_exercise(slug).bar_speed_at_max
    except ConfigError:
        return None


def _load_of(point: LoadPoint) -> float:
    return point.load_kg


def _speed_of(point: LoadPoint) -> float:
    return point.speed.value
