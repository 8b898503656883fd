"""What the pages about athletes show and do: cards, progress, comparison, calibration, deletion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hipform.app import calibrate, compare
from hipform.batch.library import LibrarySet
from hipform.errors import InputError
from hipform.feedback.advice import exercise_name
from hipform.feedback.progress import progress as progress_over
from hipform.report.progress_page import progress_page
from hipform.store import History, forget_calibrations, history_path, keep_calibration, kept_calibrations
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder
from hipform.texts import Texts
from hipform.web.views import athlete_key as key_of
from hipform.web.views import athletes_of
from hipform.web.workplace import Workplace

__all__ = ["forget_calibrations", "key_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One athlete in the list.

    Attributes
    ----------
    key, name
        What stands for the athlete in addresses, and the name.
    sets, reps
        Counts over the history.
    last
        Day of the last set in ISO 8601; empty if there is none.
    exercises
        Names of the exercises.
    """

    key: str
    name: str
    sets: int
    reps: int
    last: str
    exercises: tuple[str, ...]


def known_athletes(place: Workplace) -> dict[str, str]:
    """Return the names of the athletes in the library and the history by their keys."""
    with History(history_path()) as history:
        names = [one.athlete for one in history.sets()]
    return athletes_of(place.library.sets(), names)


def name_of(place: Workplace, key: str) -> str:
    """Return the athlete with *key*.

    Raises
    ------
    InputError
        If there is none.
    """
    names = known_athletes(place)
    if key not in names:
        raise InputError("There is no such athlete.", "All of this athlete's sets may have been deleted.")
    return names[key]


def cards(place: Workplace) -> list[Card]:
    """Return the cards of all athletes."""
    with History(history_path()) as history:
        sets = history.sets()
    found = []
    for key, name in known_athletes(place).items():
        own = [one for one in sets if key_of(one.athlete) == key]
        exercises = dict.fromkeys(exercise_name(one.exercise) for one in own)
        found.append(
            Card(
                key=key,
                name=name,
                sets=len(own),
                reps=sum(not rep.partial for one in own for rep in one.reps),
                last=own[-1].recorded_at.date().isoformat() if own else "",
                exercises=tuple(exercises),
            )
        )
    return found


def progress_of(name: str, texts: Texts) -> str:
    """Return the progress page of an athlete."""
    today = datetime.now().astimezone().date()
    with History(history_path()) as history:
        sets = history.sets(athlete=name)
    return progress_page(progress_over(sets, today), today, texts)


def comparison_of(place: Workplace, first: str, second: str, texts: Texts) -> str:
    """Return a page that compares two sets; with the same set twice, its best repetition and the others.

    Raises
    ------
    HipformError
        See `hipform.app.compare`.
    """
    results = [place.library.results(name) for name in dict.fromkeys((first, second))]
    exercises = [one.result.sets[0].exercise for one in results]
    numbers = [
        next((found.number for found in one.result.sets if found.reps and found.exercise == exercises[0]), None)
        for one in results
    ]
    room = make_temporary_folder(place.library.store.work)
    try:
        page = compare(
            results[0].path,
            results[1].path if len(results) > 1 else None,
            first_set=numbers[0],
            second_set=numbers[1] if len(results) > 1 else None,
            out=room / "compare.html",
            language=texts.language,
        )
        return page.read_text(encoding="utf-8")
    finally:
        remove_temporary_folder(room)


def calibrate_from(place: Workplace, entry: LibrarySet) -> None:
    """Keep the lockout and the neutral low back of a set for later sets of its athlete.

    Raises
    ------
    HipformError
        If the set has no athlete or no result, or is not suitable.
    """
    athlete = entry.order.correction.training.athlete
    if athlete is None:
        raise InputError("The set has no athlete.", "Say first who is in the clip.")
    result = place.library.results(entry.id).result
    exercises = list(dict.fromkeys(found.exercise for found in result.sets))
    if len(exercises) != 1:
        raise InputError("The clip shows several exercises.", "Calibrate from a clip of one.")
    poses = place.library.store.root / entry.id / "poses.npz"
    found = calibrate(poses, exercise=exercises[0], settings=place.preferences.now.settings)
    keep_calibration(athlete, found)


def calibrations_of(name: str) -> list[tuple[str, str, int]]:
    """Return exercise, pose model and number of repetitions of an athlete's calibrations."""
    return [(exercise_name(one.exercise), one.model, one.reps) for one in kept_calibrations(name)[0]]


def delete_athlete(place: Workplace, name: str) -> None:
    """Delete every set of an athlete, what the history has of them, and their calibrations."""
    for entry in place.library.sets():
        if entry.order.athlete and key_of(entry.order.athlete) == key_of(name):
            place.queue.delete(entry.id)
    with History(history_path()) as history:
        history.delete(history.sets(athlete=name))
    forget_calibrations(name)
