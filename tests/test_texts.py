"""The catalogues have every text that people read, and `Texts` finds them again in the sentences made of them."""

import ast
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

import hipform
from hipform import errors
from hipform.config import SETTINGS
from hipform.errors import OUT_OF_MEMORY, ConfigError, HipformError, InputError
from hipform.exercises import EXERCISES
from hipform.kinematics.measures import MEASURES
from hipform.render import Command
from hipform.report.pages import SCRIPT_TEXT
from hipform.texts import (
    LANGUAGES,
    NUMBERS,
    VERBATIM,
    LanguageCode,
    Texts,
    catalogue,
    day_in_words,
    english,
    language_of,
    template_of,
)

PACKAGE = Path(hipform.__file__).parent
OTHERS = sorted(LANGUAGES.keys() - {"en"})
IN_TEMPLATES = re.compile(r'(?<!\w)_\(\s*"((?:[^"\\]|\\.)*)"')
MARKS = ("english", "texts", "_texts", "self")
"""Functions whose first argument, if it is a literal, is a text of the catalogues."""
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, HipformError)}
"""Errors, whose first two arguments, if they are literals, are texts of the catalogues too: the app shows them."""


def placeholders(text):
    return set(re.findall(r"{(\w+)", text))


@cache
def calls():
    """Return every call that marks a text, with its file."""
    return [
        (path.name, node)
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and name_of(node) in {*MARKS, *ERRORS}
    ]


def name_of(call):
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def literals(call):
    """Return the texts of a call: its first argument, and of an error also what to do."""
    texts = call.args[: 2 if name_of(call) in ERRORS else 1]
    return [text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)]


def declared():
    """Yield the texts that are fields of declarations: of exercises, settings and commands."""
    yield from (command.value for command in Command)
    yield OUT_OF_MEMORY
    for exercise in EXERCISES.values():
        yield exercise.name
        yield exercise.camera.advice
        yield from (variant.name for variant in exercise.variants)
        yield from (trait.rejection_reason for trait in exercise.traits)
        for rule in exercise.all_rules:
            yield from (rule.title, rule.short, rule.reason, rule.cue, rule.went_well)
            yield from (text for key in rule.limits for text in (SETTINGS[key].meaning, SETTINGS[key].source))
        yield from (MEASURES[name].label for rule in exercise.rules for name in rule.needs)


@cache
def all_texts():
    code = {text for _, call in calls() for text in literals(call)}
    pages = {text for path in PACKAGE.rglob("*.j2") for text in IN_TEMPLATES.findall(path.read_text(encoding="utf-8"))}
    scripts = {
        text for path in PACKAGE.rglob("assets/*.js") for text in SCRIPT_TEXT.findall(path.read_text(encoding="utf-8"))
    }
    return {template_of(text) for text in code | pages | scripts | set(declared())} - {""}


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_and_no_translation_is_left_over(language):
    assert sorted(catalogue(language).keys() ^ all_texts()) == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_same_values(language):
    for text, translation in catalogue(language).items():
        assert translation.strip()
        assert placeholders(text) == placeholders(translation), text


def test_texts_are_literals_with_a_value_for_each_name():
    for where, call in calls():
        if name_of(call) in {"english", *ERRORS}:
            texts, names = literals(call), {keyword.arg for keyword in call.keywords}
            assert texts or name_of(call) in ERRORS, (where, call.lineno)
            assert not names or names == placeholders(" ".join(texts)), (where, call.lineno)


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_taken_for_another(language):
    texts = Texts(language)
    for text, translation in catalogue(language).items():
        values = {name: "7" if name in NUMBERS else "knees" for name in placeholders(text)}
        shown = {name: value if name in VERBATIM else texts(value) for name, value in values.items()}
        assert texts(text.format_map(values)) == translation.format_map(shown), text


def test_an_error_is_translated_with_what_to_do():
    """Also where the name of the file has a full stop or braces in it."""
    error = InputError("{file} is empty.", "Copy the clip again from the phone or camera.", file="take 2. {file}.mp4")
    assert (
        Texts("de")(str(error)) == "take 2. {file}.mp4 ist leer. Kopiere den Clip noch einmal von Telefon oder Kamera."
    )
    assert Texts("de")("Something else. And more.") == "Something else. And more."


@pytest.mark.parametrize(
    ("sentence", "german"),
    [
        ("knees 12 ± 8 degrees bent at the top", "Knie oben 12 ± 8 Grad gebeugt"),
        ("hinge score 0.4 ± 0.1: hips moved 71 degrees, knees 30",
         "Hüftbeuge-Wert 0,4 ± 0,1: Hüfte 71 Grad bewegt, Knie 30"),
        ("too close to call: lowered in 0.5 s", "zu knapp für ein Urteil: in 0,5 s abgesenkt"),
        ("Low back rounds", "Unterer Rücken wird rund"),
        ("low back rounds (2 of 5), knees not locked: the clip starts mid-lift",
         "Unterer Rücken wird rund (2 von 5), Knie nicht gestreckt: der Clip beginnt mitten im Heben"),
        ("8 reps counted (4 left, 4 right), plus 1 partial rep, 6 of 7 locked out.",
         "8 Wiederholungen gezählt (4 links, 4 rechts), dazu 1 Teilwiederholung, 6 von 7 voll gestreckt."),
        ("174.5° ± 5", "174,5° ± 5"),
        ("0.42 ± 0.03 m/s", "0,42 ± 0,03 m/s"),
        ("22 November 2026", "22. November 2026"),
    ],
)  # fmt: skip
def test_a_finished_sentence_is_translated_with_its_values(sentence, german):
    assert Texts("de")(sentence) == german
    assert Texts("en")(sentence) == sentence


@pytest.mark.parametrize("text", ["", "my own words", "Knees: and my own words", "7 of my clips", "{", "{name}", "%s"])
def test_what_the_catalogue_lacks_stays_as_it_is(text):
    assert Texts("de")(text) == text


@pytest.mark.parametrize("name", sorted(VERBATIM))
def test_what_users_write_is_shown_as_it_is(name):
    assert "Knees" in Texts("de")("Note: {note}", note="Knees")
    assert name != "note" or Texts("de")(english("Note: {note}", note="Knees: 0.5")) == "Notiz: Knees: 0.5"


@pytest.mark.parametrize("times", [30, 45, 5000])
def test_a_text_that_could_be_read_in_countless_ways_is_given_up(times):
    text = "a, b: c; d (e of f). " * times
    assert Texts("de")(text) == text


def test_there_is_no_other_language():
    with pytest.raises(ConfigError, match="no language 'xx'"):
        Texts("xx")


def test_every_language_has_a_name():
    assert get_args(LanguageCode) == tuple(LANGUAGES)


def test_a_day_is_written_out():
    assert day_in_words(date(2026, 3, 1)) == "1 March 2026"
    assert Texts("de")(day_in_words(date(2026, 3, 1))) == "1. März 2026"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("de-AT,de;q=0.9,en;q=0.8", "de"), ("fr,en;q=0.5", "en"), ("", "en"), ("ja", "en"), ("EN-us", "en"), ("*", "en")],
)
def test_the_language_is_that_of_the_browser_if_there_is_one(accepted, language):
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
