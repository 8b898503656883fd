"""Lines that the voice speaks during live training: few words, for someone who is lifting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hipform.analysis.judged_reps import RejectedMovement
from hipform.exercises.declaration import Exercise
from hipform.feedback.cues import Cue
from hipform.feedback.set_summary import Summary, n_reps
from hipform.texts import english


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


PARTIAL = Utterance(english("Partial rep: go all the way up"), UtteranceKind.WHY)
GET_READY = Utterance(english("Get ready"), UtteranceKind.COUNTDOWN)
GO = Utterance(english("Go"), UtteranceKind.COUNTDOWN)
CAMERA_RIGHT = Utterance(english("Camera is set. Take your position"), UtteranceKind.CHECK)


def count(number: int, target: int | None = None) -> Utterance:
    """Return the number of a repetition, and at the end of a planned set how many are left."""
    left = target - number if target else None
    if left == 1:
        return Utterance(english("{n}, one more", n=number), UtteranceKind.COUNT)
    if left == 0:
        return Utterance(english("{n}, that was the last", n=number), UtteranceKind.COUNT)
    return Utterance(str(number), UtteranceKind.COUNT)


def seconds_left(number: int) -> Utterance:
    """Return the seconds left in the countdown."""
    return Utterance(str(number), UtteranceKind.COUNTDOWN)


def form(cue: Cue) -> Utterance:
    """Return a cue or praise."""
    return Utterance(cue.text, UtteranceKind.PRAISE if cue.is_praise else UtteranceKind.CUE)


def not_counted(movement: RejectedMovement) -> Utterance:
    """Return why a movement was not counted: its rejection reason up to the first colon."""
    return Utterance(english("Not counted: {why}", why=movement.reason.split(":")[0]), UtteranceKind.WHY)


def advice(text: str) -> Utterance:
    """Return what to change about the camera or the room."""
    return Utterance(text, UtteranceKind.CHECK)


def recognised(exercise: Exercise) -> Utterance:
    """Return the name of the recognised exercise."""
    return Utterance(exercise.name, UtteranceKind.NOTICE)


def rest_left(seconds: int) -> Utterance:
    """Return the rest that is left."""
    return Utterance(english("{n} seconds", n=seconds), UtteranceKind.NOTICE)


def next_set(number: int, n_sets: int | None) -> Utterance:
    """Return the announcement of the next set."""
    text = english("Set {n} of {of}", n=number, of=n_sets) if n_sets else english("Set {n}", n=number)
    return Utterance(text, UtteranceKind.NOTICE)


def set_done(number: int, summary: Summary, *, all_done: bool) -> Utterance:
    """Return the summary of a set in three short sentences: number, repetitions, what to change."""
    judged = summary.reps - summary.lockout_unknown
    done = english("All sets done") if all_done else english("Set {n} done", n=number)
    reps = n_reps(summary.reps)
    if judged:
        reps = english("{reps}, {n} of {of} locked out", reps=reps, n=summary.locked_out, of=judged)
    text = english("{done}. {reps}", done=done, reps=reps)
    if summary.one_thing_cue:
        text = english("{text}. Next time: {cue}", text=text, cue=summary.one_thing_cue.lower())
    return Utterance(text, UtteranceKind.SUMMARY)
