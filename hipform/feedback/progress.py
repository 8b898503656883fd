"""Progress of each athlete over many days: only judged repetitions and only changes beyond the uncertainty count.

A session is a day with sets. Each angle of a day is the median of its repetitions, with the half-width of a single
repetition: clothes, build and camera position shift all readings of a day alike, so more repetitions do not reduce the
uncertainty.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from statistics import median

from hipform.exercises.findings import Status
from hipform.features.rep_timing import Tempo
from hipform.feedback.angle_text import format_angle
from hipform.feedback.history_records import KeptRep, KeptSet, Tally
from hipform.feedback.load_speed import LoadSpeed, fastest, load_speed
from hipform.texts import english
from hipform.training import Load
from hipform.types import Estimate

PERSISTS_SESSIONS = 3
"""A fault persists when it occurs in this many consecutive sessions in which its rule could be judged.

Basis: convention, coaching practice.
"""
PERSISTS_SHARE = 0.5
"""Smallest share of judged repetitions at fault in each of those sessions. Basis: convention, coaching practice."""
RECENT_DAYS = 28
"""Recent period for sessions per week and for notes. Basis: convention, coaching practice."""
_SHORTEST_DAYS = 14
"""Sessions per week are not meaningful over a shorter period. Basis: guess."""
_COMPARED_SESSIONS = 3
"""Largest number of first and of latest sessions to compare; with few sessions, half of them. Basis: guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Totals over some sets of one exercise.

    Attributes
    ----------
    day
        Day of the first set.
    sets, reps, partial_reps
        Counts.
    locked_out, judged
        Number of counted repetitions with full lockout, and of those whose lockout could be judged.
    lockout, range, lumbar
        Median trunk-thigh angle at the top, range and extension of the low back over the counted repetitions whose
        angles may be judged, with the uncertainty of a single one; ``None`` without any.
    tempo
        Medians of the tempo; ``None`` without counted repetitions.
    heaviest
        Heaviest load given.
    fastest_bar
        Highest mean bar speed with that load, or of all sets if no load was given; ``None`` without any.
    models
        Pose models used for the angles.
    findings
        Tally of each rule, by rule.
    notes
        Distinct notes.
    """

    day: date
    sets: int
    reps: int
    partial_reps: int
    locked_out: int
    judged: int
    lockout: Estimate | None
    range: Estimate | None
    lumbar: Estimate | None
    tempo: Tempo | None
    heaviest: Load | None
    fastest_bar: Estimate | None
    models: frozenset[str]
    findings: Mapping[str, Tally]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """A personal best; only repetitions with full lockout count.

    Attributes
    ----------
    of
        What was best.
    value
        The value as text.
    day
        Day on which it was first reached.
    """

    of: str
    value: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Change of a median from the first to the latest sessions.

    Attributes
    ----------
    then, now
        Median of the first and of the latest sessions.
    then_days, now_days
        Number of sessions in each.
    """

    then: Estimate
    now: Estimate
    then_days: int
    now_days: int

    @property
    def difference(self) -> Estimate:
        """Now minus then."""
        u95 = math.hypot(self.then.u95, self.now.u95)
        return Estimate(self.now.value - self.then.value, u95, self.now.unit)

    @property
    def is_real(self) -> bool:
        """Whether the difference is larger than its uncertainty."""
        return abs(self.difference.value) > self.difference.u95


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange:
    """Lockout rate in the first and in the latest sessions, each as (full, judged) repetitions."""

    then: tuple[int, int]
    now: tuple[int, int]

    @property
    def is_real(self) -> bool:
        """Whether the 95 % intervals of the two shares do not overlap."""
        (then_low, then_high), (now_low, now_high) = _share_interval(*self.then), _share_interval(*self.now)
        return then_high < now_low or now_high < then_low


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseProgress:
    """Progress of one athlete in one exercise.

    Attributes
    ----------
    exercise
        Slug of the exercise.
    days
        Totals of each day, oldest first.
    bests
        Personal bests.
    persistent
        Rules with a persistent fault.
    lockout, range, lumbar, rate
        Changes from the first to the latest sessions; ``None`` if there is too little to compare, and for angles also
        if different pose models were used.
    other_model
        Whether angles were not compared because of different pose models.
    load_speed
        Speed of the bar over the load; ``None`` if no load has a bar speed.
    """

    exercise: str
    days: tuple[Totals, ...]
    bests: tuple[Best, ...]
    persistent: tuple[str, ...]
    lockout: Change | None
    range: Change | None
    lumbar: Change | None
    rate: RateChange | None
    other_model: bool
    load_speed: LoadSpeed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AthleteProgress:
    """Progress of one athlete.

    Attributes
    ----------
    athlete
        Name.
    weeks
        Monday and number of sessions of each week from the first session to today, including empty weeks.
    per_week
        Recent sessions per week; ``None`` if the history is too short.
    lately_days
        Number of days that `per_week` covers.
    exercises
        Exercises, most recent first.
    recent_notes
        Day and text of each note of the last `RECENT_DAYS`, oldest first.
    """

    athlete: str
    weeks: tuple[tuple[date, int], ...]
    per_week: float | None
    lately_days: int
    exercises: tuple[ExerciseProgress, ...]
    recent_notes: tuple[tuple[date, str], ...]


def progress(sets: Sequence[KeptSet], today: date) -> tuple[AthleteProgress, ...]:
    """Return the progress of each athlete in *sets*, sorted by name."""
    by_name = sorted(sets, key=lambda one: (one.athlete.casefold(), one.recorded_at))
    return tuple(_athlete(name, list(own), today) for name, own in groupby(by_name, key=lambda one: one.athlete))


def total(sets: Sequence[KeptSet]) -> Totals:
    """Return the totals of *sets* of one exercise; at least one set."""
    reps = [rep for one in sets for rep in one.reps if not rep.partial]
    heaviest = max((one.load for one in sets if one.load), key=lambda load: load.kg, default=None)
    with_heaviest = [one for one in sets if heaviest is None or (one.load and one.load.kg == heaviest.kg)]
    return Totals(
        day=day_of(sets[0]),
        sets=len(sets),
        reps=len(reps),
        partial_reps=sum(rep.partial for one in sets for rep in one.reps),
        locked_out=sum(rep.lockout is Status.OK for rep in reps),
        judged=sum(rep.lockout is not Status.NOT_ASSESSED for rep in reps),
        lockout=_middle(rep.lockout_trunk_thigh_flexion_deg for rep in reps),
        range=_middle(rep.range_deg for rep in reps),
        lumbar=_middle(rep.lumbar_extension_deg for rep in reps),
        tempo=_median_tempo([rep.tempo for rep in reps]),
        heaviest=heaviest,
        fastest_bar=fastest(rep for one in with_heaviest for rep in one.reps),
        models=frozenset(one.model for one in sets),
        findings=_added(one.findings for one in sets),
        notes=tuple(dict.fromkeys(one.note for one in sets if one.note)),
    )


def day_of(one: KeptSet) -> date:
    """Return the local day of a set."""
    return one.recorded_at.date()


# ------------------------------------------------------------------------------------------------------------- athletes


def _athlete(name: str, sets: Sequence[KeptSet], today: date) -> AthleteProgress:
    days = sorted({day_of(one) for one in sets})
    span_days = (today - days[0]).days + 1
    lately_days = min(span_days, RECENT_DAYS)
    lately = [day for day in days if 0 <= (today - day).days < lately_days]
    slugs = dict.fromkeys(one.exercise for one in reversed(sets))
    notes = {(day_of(one), one.note): None for one in sets if one.note and (today - day_of(one)).days < RECENT_DAYS}
    return AthleteProgress(
        athlete=name,
        weeks=_weeks(days, today),
        per_week=None if span_days < _SHORTEST_DAYS else 7 * len(lately) / lately_days,
        lately_days=lately_days,
        exercises=tuple(_exercise(slug, [one for one in sets if one.exercise == slug]) for slug in slugs),
        recent_notes=tuple(notes),
    )


def _weeks(days: Sequence[date], today: date) -> tuple[tuple[date, int], ...]:
    counts = Counter(_monday(day) for day in days)
    first, last = _monday(days[0]), max(_monday(today), _monday(days[-1]))
    mondays = [first + timedelta(weeks=week) for week in range((last - first).days // 7 + 1)]
    return tuple((monday, counts[monday]) for monday in mondays)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _exercise(slug: str, sets: Sequence[KeptSet]) -> ExerciseProgress:
    days = tuple(total(list(own)) for _, own in groupby(sets, key=day_of))
    ends = _ends([day for day in days if day.lockout])
    same_models = ends is None or _models(ends[0]) == _models(ends[1])
    return ExerciseProgress(
        exercise=slug,
        days=days,
        bests=tuple(_bests(sets)),
        persistent=_persistent(days),
        lockout=_change(days, "lockout") if same_models else None,
        range=_change(days, "range") if same_models else None,
        lumbar=_change(days, "lumbar") if same_models else None,
        rate=_rate_change(days),
        other_model=not same_models,
        load_speed=load_speed(sets),
    )


def _models(days: Iterable[Totals]) -> frozenset[str]:
    return frozenset(model for day in days for model in day.models)


# ------------------------------------------------------------------------------------------------- changes and verdicts


def _ends(days: Sequence[Totals]) -> tuple[Sequence[Totals], Sequence[Totals]] | None:
    """Return the first and the latest sessions to compare, or ``None`` with fewer than two sessions."""
    count = min(_COMPARED_SESSIONS, len(days) // 2)
    return (days[:count], days[-count:]) if count else None


def _change(days: Sequence[Totals], name: str) -> Change | None:
    ends = _ends([day for day in days if getattr(day, name)])
    if ends is None:
        return None
    then, now = (_middle(getattr(day, name) for day in end) for end in ends)
    assert then is not None
    assert now is not None
    return Change(then=then, now=now, then_days=len(ends[0]), now_days=len(ends[1]))


def _rate_change(days: Sequence[Totals]) -> RateChange | None:
    ends = _ends([day for day in days if day.judged])
    if ends is None:
        return None
    then, now = ((sum(day.locked_out for day in end), sum(day.judged for day in end)) for end in ends)
    return RateChange(then=then, now=now)


def _share_interval(count: int, of: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of the share *count* / *of*."""
    from scipy.stats import binomtest  # noqa: PLC0415 - a second of import that most commands do not need

    interval = binomtest(count, of).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def _persistent(days: Sequence[Totals]) -> tuple[str, ...]:
    """Return the rules with a persistent fault: see `PERSISTS_SESSIONS` and `PERSISTS_SHARE`."""
    rules = dict.fromkeys(rule for day in days for rule in day.findings)
    return tuple(rule for rule in rules if _persists([day.findings[rule] for day in days if rule in day.findings]))


def _persists(tallies: Sequence[Tally]) -> bool:
    judged = [tally for tally in tallies if tally.ok + tally.fault][-PERSISTS_SESSIONS:]
    return len(judged) == PERSISTS_SESSIONS and all(
        tally.fault >= PERSISTS_SHARE * (tally.ok + tally.fault) for tally in judged
    )


def _bests(sets: Sequence[KeptSet]) -> Iterable[Best]:
    full = [(one, [rep for rep in one.reps if not rep.partial and rep.lockout is Status.OK]) for one in sets]
    full = [(one, reps) for one, reps in full if reps]
    # `max` returns the first of equal values, so a best counts from the day it was first reached.
    loaded = [(one, reps) for one, reps in full if one.load]
    if loaded:
        one, reps = max(loaded, key=lambda pair: (pair[0].load.kg if pair[0].load else 0.0, len(pair[1])))
        yield Best(
            of=english("Heaviest load with full reps"),
            value=english("{load} for {reps}", load=one.load, reps=_reps(reps)),
            day=day_of(one),
        )
    if full:
        one, reps = max(full, key=lambda pair: len(pair[1]))
        most = english("{reps} with {load}", reps=_reps(reps), load=one.load) if one.load else _reps(reps)
        yield Best(of=english("Most full reps in a set"), value=most, day=day_of(one))
    ranges = [(rep.range_deg, day_of(one)) for one, reps in full for rep in reps if rep.range_deg]
    if ranges:
        widest, day = max(ranges, key=lambda pair: pair[0].value)
        yield Best(of=english("Largest range of a full rep"), value=format_angle(widest), day=day)


def _reps(reps: Sequence[KeptRep]) -> str:
    return english("1 full rep") if len(reps) == 1 else english("{n} full reps", n=len(reps))


# -------------------------------------------------------------------------------------------------------------- medians


def _middle(angles: Iterable[Estimate | None]) -> Estimate | None:
    known = [angle for angle in angles if angle]
    if not known:
        return None
    return Estimate(median(angle.value for angle in known), median(angle.u95 for angle in known), known[0].unit)


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _median_tempo(tempos: Sequence[Tempo]) -> Tempo | None:
    if not tempos:
        return None
    return Tempo(
        lift_s=_median(tempo.lift_s for tempo in tempos),
        hold_s=median(tempo.hold_s for tempo in tempos),
        lower_s=_median(tempo.lower_s for tempo in tempos),
    )


def _added(many: Iterable[Mapping[str, Tally]]) -> dict[str, Tally]:
    sums: dict[str, Tally] = {}
    for findings in many:
        for rule, tally in findings.items():
            before = sums.get(rule, Tally())
            sums[rule] = Tally(
                ok=before.ok + tally.ok,
                fault=before.fault + tally.fault,
                not_assessed=before.not_assessed + tally.not_assessed,
            )
    return sums
