"""Progress in words: what changed, which faults persist, and how to train on.

The advice is the usual one: two to three sessions a week with recovery between them, gradual increases in load, stop
on pain, and see a professional when a fault persists or a note mentions pain. Nothing here is a diagnosis.
"""

from __future__ import annotations

import re

from hipform.errors import ConfigError
from hipform.exercises import find_exercise
from hipform.exercises.declaration import Exercise
from hipform.feedback.angle_text import format_joint_angle
from hipform.feedback.progress import (
    PERSISTS_SESSIONS,
    AthleteProgress,
    Change,
    ExerciseProgress,
    RateChange,
    Totals,
)
from hipform.texts import day_in_words, english
from hipform.training import Load

SESSIONS_A_WEEK = (2, 3)
"""Recommended range of sessions per week. Basis: convention, coaching practice."""
_READY_REPS = 5
"""The lifter may progress from this many judged repetitions in the latest session.

Basis: convention, coaching practice.
"""
_READY_SHARE = 0.9
"""The lifter may progress if this share of those repetitions is full. Basis: convention, coaching practice."""

GENERAL = (
    english(
        "Train it early in the session, while fresh, after light activation such as bodyweight bridges or band walks."
    ),
    english(
        "Raise load, reps or sets a little at a time, then move on to single-leg work. Stop an exercise that hurts."
    ),
)

_PAINS = (
    r"(?:pain(?:s|ed|ful|fully)?|hurt(?:s|ing)?|ach(?:e|es|ed|ing|y)|sting(?:s|ing)?|stung|twinges?"
    r"|injur(?:y|ies|ed)|numb(?:ness)?|tingl(?:e|es|ing))"
)
"""Words for pain in a note. "Sore" is not among them: muscles are often sore after training."""
_DENIALS = r"(?:no|not|without|zero|never|nor|(?:do|does|did)(?:n['\u2019]?t| not))(?: (?:any|more|longer))*"
_PAIN = re.compile(rf"\b{_PAINS}\b", re.IGNORECASE)
_NO_PAIN = re.compile(rf"\b{_DENIALS} {_PAINS}\b|\bpain[ -]free\b", re.IGNORECASE)
"""Pain that is denied directly before the word. Any other wording of a denial only adds a line of advice."""


def mentions_pain(note: str) -> bool:
    """Return whether an English note mentions pain or numbness; "no pain" and "pain-free" do not count."""
    return bool(_PAIN.search(_NO_PAIN.sub(" ", note)))


def exercise_name(slug: str) -> str:
    """Return the name of an exercise, or its slug if this version does not know it."""
    exercise = _known(slug)
    return exercise.name if exercise else slug


def rule_title(slug: str, rule: str) -> str:
    """Return the title of a rule, or its id if this version does not know it."""
    exercise = _known(slug)
    titles = {known.id: known.title for known in exercise.all_rules} if exercise else {}
    return titles.get(rule, rule)


def _known(slug: str) -> Exercise | None:
    try:
        return find_exercise(slug)
    except ConfigError:
        return None


# -------------------------------------------------------------------------------------------------------------- changes


def changes_in_words(one: ExerciseProgress) -> tuple[str, ...]:
    """Return a sentence for each measure that can be compared between the first and the latest sessions."""
    lines = [_load_over_time(one.days[0], one.days[-1])] if one.rate or one.lockout else []
    lines += [_rate_in_words(one.rate)] if one.rate else []
    if one.other_model:
        lines.append(
            english("Angles are not compared: the first and the latest sessions were analysed with different models.")
        )
    if one.lockout:
        lines.append(_lockout_in_words(one.lockout))
    if one.range:
        lines.append(_plain_in_words(english("Range"), one.range))
    if one.lumbar:
        lines.append(_plain_in_words(english("Extension of the low back"), one.lumbar))
    return tuple(line for line in lines if line)


def _load_over_time(first: Totals, last: Totals) -> str:
    """Return the change of the heaviest load; empty if it is not known."""
    if first.heaviest is None or last.heaviest is None:
        return ""
    return english(
        "Load: {load} then, {change}.", load=first.heaviest, change=load_change_in_words(first.heaviest, last.heaviest)
    )


def since_last_session(before: Totals, now: Totals) -> tuple[str, ...]:
    """Return sentences on the change from the last session with an exercise to a set of it: load, lockouts, angle.

    Angles are only compared if the same pose model measured both.
    """
    lines = [_last_time_in_words(before, now)]
    if before.judged and now.judged:
        lines.append(_rate_in_words(RateChange(then=_full(before), now=_full(now))))
    if before.lockout and now.lockout and before.models == now.models:
        lines.append(_lockout_in_words(Change(then=before.lockout, now=now.lockout, then_days=1, now_days=1)))
    return tuple(lines)


def _full(totals: Totals) -> tuple[int, int]:
    return totals.locked_out, totals.judged


def _last_time_in_words(before: Totals, now: Totals) -> str:
    """Return when the last session was, the loads of both and their difference."""
    day, load = day_in_words(before.day), before.heaviest
    if load is None:
        return english("Last time, on {day}.", day=day)
    if now.heaviest is None:
        return english("Last time, on {day}, with {load}.", day=day, load=load)
    change = load_change_in_words(load, now.heaviest)
    return english("Last time, on {day}, with {load}: {change}.", day=day, load=load, change=change)


def load_change_in_words(before: Load, now: Load) -> str:
    """Return how a load changed, in the unit of the later one: "now 80 kg, 35 kg more"."""
    change = Load(kg=abs(now.kg - before.kg), unit=now.unit)
    if round(change.kg, 2) == 0:
        return english("the same load")
    if now.kg > before.kg:
        return english("now {load}, {change} more", load=now, change=change)
    return english("now {load}, {change} less", load=now, change=change)


def _rate_in_words(rate: RateChange) -> str:
    (n, of), (n_now, of_now) = rate.then, rate.now
    counts = english("{n} of {of} judged reps then, {n_now} of {of_now} now", n=n, of=of, n_now=n_now, of_now=of_now)
    if not rate.is_real:
        return english("Lockout rate: no change beyond chance ({counts}).", counts=counts)
    more = rate.now[0] / rate.now[1] > rate.then[0] / rate.then[1]
    if more:
        return english("Lockout rate: up ({counts}).", counts=counts)
    return english("Lockout rate: down ({counts}).", counts=counts)


def _lockout_in_words(change: Change) -> str:
    then, now = format_joint_angle(change.then), format_joint_angle(change.now)
    angles = english("{then} then, {now} now", then=then, now=now)
    if not change.is_real:
        return english("Lockout angle: no change beyond the measurement error ({angles}).", angles=angles)
    # Less flexion is a straighter hip.
    deg = _whole_degrees(change)
    if change.difference.value < 0:
        return english(
            "Lockout angle: up by {deg}°, more than the measurement error ({angles}).", deg=deg, angles=angles
        )
    return english("Lockout angle: down by {deg}°, more than the measurement error ({angles}).", deg=deg, angles=angles)


def _plain_in_words(what: str, change: Change) -> str:
    angles = english(
        "{then:.0f}° then, {now:.0f}° now, ± {u95:.0f}",
        then=change.then.value,
        now=change.now.value,
        u95=change.now.u95,
    )
    if not change.is_real:
        return english("{what}: no change beyond the measurement error ({angles}).", what=what, angles=angles)
    deg = _whole_degrees(change)
    if change.difference.value > 0:
        return english(
            "{what}: up by {deg}°, more than the measurement error ({angles}).", what=what, deg=deg, angles=angles
        )
    return english(
        "{what}: down by {deg}°, more than the measurement error ({angles}).", what=what, deg=deg, angles=angles
    )


def _whole_degrees(change: Change) -> int:
    """Return the size of a change as the difference of the rounded values, so that the sentence adds up."""
    return abs(round(change.now.value) - round(change.then.value))


# --------------------------------------------------------------------------------------------------------------- advice


def advice(one: AthleteProgress) -> tuple[str, ...]:
    """Return the advice, most important first."""
    hurts = _pain_in_words(one)
    persists = [line for exercise in one.exercises for line in _persistent_in_words(exercise)]
    ready = [] if hurts else [line for exercise in one.exercises if (line := _ready_in_words(exercise))]
    return (*hurts, *persists, *ready, _frequency_in_words(one), *GENERAL)


def _pain_in_words(one: AthleteProgress) -> list[str]:
    noted = [(day, note) for day, note in one.recent_notes if mentions_pain(note)]
    if not noted:
        return []
    quotes = "; ".join(f"{day:%Y-%m-%d}: \u201c{note}\u201d" for day, note in noted)
    return [
        english(
            "A note may mention pain ({note}). If so, stop what hurts and see a doctor or physical therapist; a video "
            "cannot show the cause of pain.",
            note=quotes,
        )
    ]


def _persistent_in_words(one: ExerciseProgress) -> list[str]:
    return [
        english(
            "{exercise}: \u201c{fault}\u201d in at least half of the judged reps in each of the last {n} sessions that "
            "could be judged. A qualified coach or physical therapist can see what a camera cannot.",
            exercise=exercise_name(one.exercise),
            fault=rule_title(one.exercise, rule),
            n=PERSISTS_SESSIONS,
        )
        for rule in one.persistent
    ]


def _ready_in_words(one: ExerciseProgress) -> str:
    last = one.days[-1]
    is_sure = last.judged >= _READY_REPS and last.locked_out >= _READY_SHARE * last.judged
    if one.persistent or not is_sure:
        return ""
    return english(
        "{exercise}: {n} of {of} judged reps locked out last time and no fault persists; load, reps or sets may go up "
        "a little.",
        exercise=exercise_name(one.exercise),
        n=last.locked_out,
        of=last.judged,
    )


def _frequency_in_words(one: AthleteProgress) -> str:
    low, high = SESSIONS_A_WEEK
    usual = english("{low} to {high} a week with recovery between them are usually recommended", low=low, high=high)
    if one.per_week is None:
        return english("Sessions: {usual}; the history is too short to show how often you train.", usual=usual)
    seen = english(
        "{per_week:.1f} analysed sessions a week over the last {days} days",
        per_week=one.per_week,
        days=one.lately_days,
    )
    if one.per_week < low:
        return english(
            "Sessions: {seen}; {usual}. Sessions that were not filmed are not counted.", seen=seen, usual=usual
        )
    if one.per_week > high:
        return english("Sessions: {seen}; {usual}. Leave time to recover.", seen=seen, usual=usual)
    return english("Sessions: {seen}, within the recommended {low} to {high}.", seen=seen, low=low, high=high)
