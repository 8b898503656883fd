"""Lines that the voice speaks during live training: few words, for someone who is lifting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hipform.analysis.judged_reps import RejectedMovement
from hipform.exercises.declaration import Exercise
from hipform.feedback.cues import Cue
from hipform.feedback.set_summary import Summary


class UtteranceKind(StrEnum):
    """Purpose of an utterance; the beep mode has a tone for each."""

    CUE = "cue"
    PRAISE = "praise"
    COUNT = "count"
    WHY = "why"
    CHECK = "check"
    COUNTDOWN = "countdown"
    SUMMARY = "summary"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something to say to the lifter now; it is dropped if it cannot be said in time."""

    text: str
    kind: UtteranceKind


PARTIAL = Utterance("Partial rep: go all the way up", UtteranceKind.WHY)
GET_READY = Utterance("Get ready", UtteranceKind.COUNTDOWN)
GO = Utterance("Go", UtteranceKind.COUNTDOWN)
CAMERA_RIGHT = Utterance("Camera is set. Take your position", UtteranceKind.CHECK)


def count(number: int, target: int | None = None) -> Utterance:
    """Return the number of a repetition, and at the end of a planned set how many are left."""
    words = {1: ", one more", 0: ", that was the last"}.get(target - number, "") if target else ""
    return Utterance(f"{number}{words}", UtteranceKind.COUNT)


def seconds_left(number: int) -> Utterance:
    """Return the seconds left in the countdown."""
    return Utterance(str(number), UtteranceKind.COUNTDOWN)


def form(cue: Cue) -> Utterance:
    """Return a cue or praise."""
    return Utterance(cue.text, UtteranceKind.PRAISE if cue.is_praise else UtteranceKind.CUE)


def not_counted(movement: RejectedMovement) -> Utterance:
    """Return why a movement was not counted: its rejection reason up to the first colon."""
    return Utterance(f"Not counted: {movement.reason.split(':')[0]}", UtteranceKind.WHY)


def advice(text: str) -> Utterance:
    """Return what to change about the camera or the room."""
    return Utterance(text, UtteranceKind.CHECK)


def recognised(exercise: Exercise) -> Utterance:
    """Return the name of the recognised exercise."""
    return Utterance(exercise.name, UtteranceKind.NOTICE)


def rest_left(seconds: int) -> Utterance:
    """Return the rest that is left."""
    return Utterance(f"{seconds} seconds", UtteranceKind.NOTICE)


def next_set(number: int, n_sets: int | None) -> Utterance:
    """Return the announcement of the next set."""
    return Utterance(f"Set {number} of {n_sets}" if n_sets else f"Set {number}", UtteranceKind.NOTICE)


def set_done(number: int, summary: Summary, *, all_done: bool) -> Utterance:
    """Return the summary of a set in three short sentences: number, repetitions, what to change."""
    judged = summary.reps - summary.lockout_unknown
    lines = ["All sets done" if all_done else f"Set {number} done", f"{summary.reps} rep{'s' * (summary.reps != 1)}"]
    if judged:
        lines[1] += f", {summary.locked_out} of {judged} locked out"
    if summary.one_thing_cue:
        lines.append(f"Next time: {summary.one_thing_cue.lower()}")
    return Utterance(". ".join(lines), UtteranceKind.SUMMARY)
