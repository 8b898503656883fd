"""The pages of the app in German."""

from types import SimpleNamespace

import pytest

from hipform.errors import HistoryError, NoExerciseError
from hipform.exercises import find_exercise
from hipform.feedback.rep_verdict import status_text
from hipform.texts import Texts
from hipform.web import views
from tests.german import untranslated
from tests.report.made import rep


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("no fault seen", "kein Fehler gesehen"),
        ("1 fault", "1 Fehler"),
        ("3 faults", "3 Fehler"),
        ("lockout not judged", "Streckung nicht beurteilt"),
        ("knees not judged", "Knie nicht beurteilt"),
        ("locked out, low back not judged", "voll gestreckt, unterer Rücken nicht beurteilt"),
    ],
)
def test_verdicts_of_a_live_training_are_translated(english, german):
    assert Texts("de")(english) == german


def test_every_status_of_a_rep_has_german_words():
    exercise = find_exercise("hip-thrust")
    faults = [rule.id for rule in exercise.rules]
    for made in (rep(1), rep(1, judged=False), rep(1, faults=faults[:1]), rep(1, faults=faults)):
        assert not untranslated(status_text(exercise, made))


def test_a_row_names_exercises_and_faults_in_german():
    result = SimpleNamespace(exercises=("deadlift",), worst_fault="Low back rounds (2 of 5 reps)")
    row = views.Row(entry=None, state=None, result=result)
    assert row.exercise(Texts("de")) == "Kreuzheben"
    assert row.worst_fault(Texts("de")) == "Unterer Rücken wird rund (2 von 5 Wiederholungen)"
    result.worst_fault = "Form fades over the set (over the set)"
    assert row.worst_fault(Texts("de")) == "Technik lässt im Satz nach (über den Satz)"
    result.worst_fault = None
    assert row.worst_fault(Texts("de")) == ""


def test_errors_and_their_advice_are_in_the_language_of_the_browser(client):
    german = {"accept-language": "de", "accept": "application/json"}
    assert client.get("/sets/none", headers=german).json() == {
        "error": "Diesen Satz gibt es nicht. Vielleicht wurde er gelöscht."
    }
    missing = HistoryError("The date of the clip is unknown.", "Give it with --date.")
    assert views.in_the_apps_words(str(missing), Texts("de")) == (
        "Das Datum des Clips ist unbekannt. Gib es mit Datum an."
    )
    refused = NoExerciseError(
        "{clip} does not look like any of the {n} exercises. The nearest is the {exercise}, which does not fit "
        "({reason}).",
        "If it is one of them, name it, for example with --exercise {given}; `hipform exercises` lists them and shows "
        "how to film each.",
        clip="a.mp4",
        n=13,
        exercise=find_exercise("deadlift").name_in_sentence,
        reason=find_exercise("deadlift").traits[0].rejection_reason,
        given="deadlift",
    )
    words = views.in_the_apps_words(str(refused), Texts("de"))
    assert words.startswith("a.mp4 sieht nach keiner der 13 Übungen aus. Am nächsten kommt: Kreuzheben, doch")
    assert words.endswith("nenne sie, zum Beispiel mit Übung deadlift.")


def test_the_pages_are_in_the_language_of_the_browser(client):
    page = client.get("/", headers={"accept-language": "de"}).text
    assert '<html lang="de">' in page
    assert "Clips hier ablegen" in page
