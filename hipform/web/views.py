"""What the pages show of the library: rows, facts and states in words, made from records and without any analysis."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hipform.batch.clip_queue import SetState, State
from hipform.batch.library import LibrarySet
from hipform.exercises import AUTO, EXERCISES, VARIANT_MARK
from hipform.feedback.advice import exercise_name
from hipform.report.index_page import IndexRow, lockout_of, reps_of
from hipform.texts import Texts, english

_STATES = {
    State.WAITING: english("Waiting"),
    State.RUNNING: english("Being analysed"),
    State.DONE: english("Done"),
    State.FAILED: english("Failed"),
    State.CANCELLED: english("Cancelled"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One set in the library page.

    Attributes
    ----------
    entry, state
        The set and its state.
    result
        Its row in the index of a batch; ``None`` if it has no result.
    """

    entry: LibrarySet
    state: SetState
    result: IndexRow | None

    def exercise(self, texts: Texts) -> str:
        """Return the names of the exercises."""
        return ", ".join(texts(exercise_name(slug)) for slug in self.result.exercises) if self.result else ""

    @property
    def reps(self) -> str:
        """Counted repetitions."""
        return reps_of(self.result) if self.result else ""

    def lockout(self, texts: Texts) -> str:
        """Return how many repetitions locked out."""
        return texts(lockout_of(self.result)) if self.result else ""

    def worst_fault(self, texts: Texts) -> str:
        """Return the worst fault, with how often it was seen; empty if there is none."""
        return texts(self.result.worst_fault) if self.result and self.result.worst_fault else ""

    def reason(self, texts: Texts) -> str:
        """Return why there is no result, in the words of the app."""
        return in_the_apps_words(self.state.reason, texts)

    @property
    def day(self) -> str:
        """When the clip was filmed, or otherwise given to the app."""
        return (self.result and self.result.day) or self.entry.order.asked_at.date().isoformat()


def rows_of(entries: Sequence[LibrarySet], states: Mapping[str, SetState]) -> list[Row]:
    """Return the rows of sets."""
    return [row_of(entry, states[entry.id]) for entry in entries if entry.id in states]


def row_of(entry: LibrarySet, state: SetState) -> Row:
    """Return the row of a set."""
    record = entry.record
    return Row(
        entry=entry, state=state, result=record.row if record and entry.has_result and not record.failure else None
    )


_FIELDS = {
    "athlete": "Athlete",
    "date": "Date",
    "exercise": "Exercise",
    "load": "Load",
    "note": "Note",
    "person": "Person",
    "speed": "Slow motion",
    "turn": "Turn the picture",
}
"""Fields of the pages by the option of the command line that says the same."""
_COMMAND = re.compile(r";? ?`hipform [^`]*`[^.;]*")
_OPTION = re.compile(r"--([a-z]+)")


def in_the_apps_words(text: str, texts: Texts) -> str:
    """Return an error in the user's language, with its advice for somebody who sees the pages only."""
    return _OPTION.sub(lambda option: texts(_FIELDS.get(option[1], option[0])), _COMMAND.sub("", texts(text)))


def state_in_words(state: SetState, texts: Texts) -> str:
    """Return the state in a few words, with the time left."""
    words = texts(_STATES[state.state])
    if state.is_drawing:
        words = texts("The annotated video is being drawn")
    left = texts.time_left(state.left_s)
    return f"{words} - {left}" if left and state.state in (State.WAITING, State.RUNNING) else words


def exercise_choices(texts: Texts) -> list[tuple[str, str]]:
    """Return the exercises, with their variants, as values and names of a choice."""
    choices = [(AUTO, "")]
    for slug, exercise in EXERCISES.items():
        own = texts(exercise.name)
        choices.append((slug, own))
        names = [variant.name for variant in exercise.variants]
        choices += [(f"{slug}{VARIANT_MARK}{name}", f"{own}: {texts(name)}") for name in names]
    return choices


def athlete_key(name: str) -> str:
    """Return what stands for an athlete in addresses, so that no name is in a history of a browser."""
    return hashlib.sha256(" ".join(name.split()).casefold().encode()).hexdigest()[:16]


def athletes_of(entries: Sequence[LibrarySet], in_history: Sequence[str]) -> dict[str, str]:
    """Return the names of all athletes by their keys, in alphabetical order."""
    names = [entry.order.athlete for entry in entries if entry.order.athlete]
    found = {athlete_key(name): name for name in (*names, *in_history)}
    return dict(sorted(found.items(), key=lambda one: one[1].casefold()))
