"""The app in German: every text that a page shows has a translation, and no translation is left over."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from hipform.exercises import EXERCISES, find_exercise
from hipform.feedback.rep_verdict import status_text
from hipform.web import texts, views
from hipform.web.texts import LANGUAGES, Texts, catalogue, language_of
from hipform.web.views import verdict_in_words

ROOM = Path(texts.__file__).parent
CALLS = re.compile(r'(?:\b_|texts|self)\(\s*"((?:[^"\\]|\\.)*)"')


WHOLE_VERDICTS = {"1 fault", "no fault seen", "lockout too close to call", "lockout not judged"}


def shown():
    """Return every text of the templates and the code."""
    sources = [*ROOM.glob("templates/*.j2"), ROOM / "texts.py", ROOM / "views.py"]
    found = {match for path in sources for match in CALLS.findall(path.read_text(encoding="utf-8"))}
    return (
        found | set(views._STATES.values()) | WHOLE_VERDICTS | {"low back", "over the set"} | set(names_of_exercises())
    )


def names_of_exercises():
    """Yield what the pages show of the exercises: their names, and those of their variants and faults."""
    for exercise in EXERCISES.values():
        yield exercise.name
        yield from (variant.name for variant in exercise.variants)
        yield from (text for rule in exercise.all_rules for text in (rule.title, rule.short))


@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {"en"}))
def test_every_text_is_translated_with_its_values_and_none_is_left_over(language):
    translations = catalogue(language)
    assert set(translations) == shown()
    for english, other in translations.items():
        assert other.strip()
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", other)), english


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("de-AT,de;q=0.9,en;q=0.8", "de"), ("fr,en;q=0.5", "en"), ("", "en"), ("ja", "en"), ("EN-us", "en"), ("*", "en")],
)
def test_the_language_is_that_of_the_browser_if_the_app_has_it(accepted, language):
    assert language_of(accepted) == language


@pytest.mark.parametrize(
    ("left_s", "words"),
    [
        (None, ""),
        (4, "a few seconds left"),
        (42, "about 40 s left"),
        (180, "about 3 min left"),
        (7300, "about 2 h left"),
    ],
)
def test_time_left_claims_no_more_than_an_estimate_knows(left_s, words):
    assert Texts("en").time_left(left_s) == words


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
    assert verdict_in_words(english, Texts("de")) == german
    assert verdict_in_words(english, Texts("en")) == english


def test_every_status_of_a_rep_has_german_words():
    from tests.report.made import rep

    exercise = find_exercise("hip-thrust")
    faults = [rule.id for rule in exercise.rules]
    for made in (rep(1), rep(1, judged=False), rep(1, faults=faults[:1]), rep(1, faults=faults)):
        english = status_text(exercise, made)
        assert verdict_in_words(english, Texts("de")) != english


def test_a_row_names_exercises_and_faults_in_german():
    result = SimpleNamespace(exercises=("deadlift",), worst_fault="Low back rounds (2 of 5 reps)")
    row = views.Row(entry=None, state=None, result=result)
    assert row.exercise(Texts("de")) == "Kreuzheben"
    assert row.worst_fault(Texts("de")) == "Unterer Rücken wird rund (2 von 5)"
    result.worst_fault = "Form fades over the set (over the set)"
    assert row.worst_fault(Texts("de")) == "Technik lässt im Satz nach (über den Satz)"
    result.worst_fault = None
    assert row.worst_fault(Texts("de")) == ""


def test_the_pages_are_in_the_language_of_the_browser(client):
    page = client.get("/", headers={"accept-language": "de"}).text
    assert '<html lang="de">' in page
    assert "Clips hier ablegen" in page
