"""The pages of the app in German."""

from types import SimpleNamespace

import pytest

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


def test_the_pages_are_in_the_language_of_the_browser(client):
    page = client.get("/", headers={"accept-language": "de"}).text
    assert '<html lang="de">' in page
    assert "Clips hier ablegen" in page
