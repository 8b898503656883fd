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
    "Train it early in the session, while fresh, after light activation such as bodyweight bridges or band walks.",
    "Raise load, reps or sets a little at a time, then move on to single-leg work. Stop an exercise that hurts.",
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
        lines.append("Angles are not compared: the first and the latest sessions were analysed with different models.")
    if one.lockout:
        lines.append(_lockout_in_words(one.lockout))
    if one.range:
        lines.append(_plain_in_words("Range", one.range))
    if one.lumbar:
        lines.append(_plain_in_words("Extension of the low back", one.lumbar))
    return tuple(line for line in lines if line)


def _load_over_time(first: Totals, last: Totals) -> str:
    """Return the change of the heaviest load; empty if it is not known."""
    if first.heaviest is None or last.heaviest is None:
        return ""
    return f"Load: {first.heaviest} then, {load_change_in_words(first.heaviest, last.heaviest)}."


def since_last_session(before: Totals, now: Totals) -> tuple[str, ...]:
    """Return sentences on the change from the last session with an exercise to a set of it: load, lockouts, angle.

    Angles are only compared if the same pose model measured both.
    """
    lines = [f"Last time, on {before.day.day} {before.day:%B %Y}{_loads_in_words(before, now)}"]
    if before.judged and now.judged:
        lines.append(_rate_in_words(RateChange(then=_full(before), now=_full(now))))
    if before.lockout and now.lockout and before.models == now.models:
        lines.append(_lockout_in_words(Change(then=before.lockout, now=now.lockout, then_days=1, now_days=1)))
    return tuple(lines)


def _full(totals: Totals) -> tuple[int, int]:
    return totals.locked_out, totals.judged


def _loads_in_words(before: Totals, now: Totals) -> str:
    """Return the loads of both sessions and their difference, as the end of a sentence."""
    if before.heaviest is None or now.heaviest is None:
        return f", with {before.heaviest}." if before.heaviest else "."
    change = load_change_in_words(before.heaviest, now.heaviest)
    return f", with {before.heaviest}: {change}."


def load_change_in_words(before: Load, now: Load) -> str:
    """Return how a load changed, in the unit of the later one: "now 80 kg, 35 kg more"."""
    change = Load(kg=abs(now.kg - before.kg), unit=now.unit)
    if round(change.kg, 2) == 0:
        return "the same load"
    return f"now {now}, {change} {'more' if now.kg > before.kg else 'less'}"


def _rate_in_words(rate: RateChange) -> str:
    counts = "{} of {} judged reps then, {} of {} now".format(*rate.then, *rate.now)
    if not rate.is_real:
        return f"Lockout rate: no change beyond chance ({counts})."
    more = rate.now[0] / rate.now[1] > rate.then[0] / rate.then[1]
    return f"Lockout rate: {'up' if more else 'down'} ({counts})."


def _lockout_in_words(change: Change) -> str:
    angles = f"{format_joint_angle(change.then)} then, {format_joint_angle(change.now)} now"
    if not change.is_real:
        return f"Lockout angle: no change beyond the measurement error ({angles})."
    # Less flexion is a straighter hip.
    way = "up" if change.difference.value < 0 else "down"
    return f"Lockout angle: {way} by {_whole_degrees(change)}°, more than the measurement error ({angles})."


def _plain_in_words(what: str, change: Change) -> str:
    angles = f"{change.then.value:.0f}° then, {change.now.value:.0f}° now, ± {change.now.u95:.0f}"
    if not change.is_real:
        return f"{what}: no change beyond the measurement error ({angles})."
    way = "up" if change.difference.value > 0 else "down"
    return f"{what}: {way} by {_whole_degrees(change)}°, more than the measurement error ({angles})."


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
    what_to_do = "If so, stop what hurts and see a doctor or physical therapist; a video cannot show the cause of pain."
    return [f"A note may mention pain ({quotes}). {what_to_do}"]


def _persistent_in_words(one: ExerciseProgress) -> list[str]:
    where = f"in at least half of the judged reps in each of the last {PERSISTS_SESSIONS} sessions that could be judged"
    who = "A qualified coach or physical therapist can see what a camera cannot."
    return [
        f"{exercise_name(one.exercise)}: \u201c{rule_title(one.exercise, rule)}\u201d {where}. {who}"
        for rule in one.persistent
    ]


def _ready_in_words(one: ExerciseProgress) -> str:
    last = one.days[-1]
    is_sure = last.judged >= _READY_REPS and last.locked_out >= _READY_SHARE * last.judged
    if one.persistent or not is_sure:
        return ""
    counts = f"{last.locked_out} of {last.judged} judged reps locked out last time and no fault persists"
    return f"{exercise_name(one.exercise)}: {counts}; load, reps or sets may go up a little."


def _frequency_in_words(one: AthleteProgress) -> str:
    low, high = SESSIONS_A_WEEK
    usual = f"{low} to {high} a week with recovery between them are usually recommended"
    if one.per_week is None:
        return f"Sessions: {usual}; the history is too short to show how often you train."
    seen = f"{one.per_week:.1f} analysed sessions a week over the last {one.lately_days} days"
    if one.per_week < low:
        return f"Sessions: {seen}; {usual}. Sessions that were not filmed are not counted."
    if one.per_week > high:
        return f"Sessions: {seen}; {usual}. Leave time to recover."
    return f"Sessions: {seen}, within the recommended {low} to {high}."
