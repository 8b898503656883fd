"""The page of every exercise, in a wide and a narrow terminal, with and without Unicode."""

import io

import pytest
from rich.console import Console

from hipform.config import SETTINGS, Settings
from hipform.errors import ConfigError
from hipform.exercises import EXERCISES, VARIANT_MARK, find_exercise
from hipform.exercises.declaration import WorkingSide
from hipform.exercises.findings import Severity
from hipform.report.exercise_page import exercise_page, gravest_first, measured_in_words

NAMES = [
    name
    for slug, exercise in EXERCISES.items()
    for name in (slug, *(f"{slug}{VARIANT_MARK}{variant.name}" for variant in exercise.variants))
]
every_name = pytest.mark.parametrize("name", NAMES)
every_exercise = pytest.mark.parametrize("slug", EXERCISES)


def page(name, columns=80, encoding="utf-8", settings=None):
    """Return the page as printed; a character that *encoding* lacks is an error."""
    printed = io.BytesIO()
    with io.TextIOWrapper(printed, encoding=encoding, write_through=True) as file:
        console = Console(file=file, width=columns, highlight=False)
        console.print(exercise_page(console, name, settings or Settings()))
        return printed.getvalue().decode(encoding)


def words(text):
    """Return *text* with its line breaks and indentation gone."""
    return " ".join(text.split())


@every_name
@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize(("encoding", "lens"), [("utf-8", "◉"), ("ascii", "@")])
def test_page_is_complete_and_fits(name, columns, encoding, lens):
    shown = page(name, columns, encoding)
    assert max(map(len, shown.splitlines())) <= columns
    exercise, text = find_exercise(name), words(shown)
    for part in (exercise.name, exercise.purpose, exercise.camera.advice, f"--exercise {name}", f"camera {lens}"):
        assert words(part) in text, part
    for part in (
        f"{exercise.camera.distance_m:.1f} m",
        f"{exercise.camera.height_m:.1f} m",
        *measured_in_words(exercise),
    ):
        assert part in text, part
    for rule in exercise.all_rules:
        for part in (f"{rule.title} {rule.severity}", rule.reason, f"Cue: {rule.cue}"):
            assert part in text, part
        for key in rule.limits:
            setting = SETTINGS[key]
            assert f" {setting.meaning} {key} - {setting.basis}: {setting.source}" in text


@every_exercise
def test_variants_are_named_with_what_they_change_and_how_to_ask_for_them(slug):
    wide = words(page(slug, 160))
    for variant in EXERCISES[slug].variants:
        assert f"--exercise {slug}{VARIANT_MARK}{variant.name} {variant.note}" in wide
    assert ("Variants" in wide) == bool(EXERCISES[slug].variants)


def test_a_variant_has_its_own_rules_and_leg():
    assert "Squats the deadlift" in page("deadlift")
    assert "Squats the deadlift" not in page("deadlift:trap-bar")
    assert "whose foot is planted" not in page("romanian-deadlift")
    assert "whose foot is planted" in page("romanian-deadlift:single-leg")


def test_limits_are_those_in_force_and_the_changed_ones_are_marked():
    changed = page("hip-thrust", settings=Settings({"incomplete-lockout.short_deg": 7, "view.angles_deg": 25}))
    assert "7 degrees*" in changed
    assert "up to 25 degrees from the side view" in changed
    assert "* differs from the default" in changed
    assert "*" not in page("hip-thrust")


def test_a_changed_limit_of_another_exercise_is_none_of_the_page():
    assert page("hip-thrust", settings=Settings({"lean-back.lean_deg": 7})) == page("hip-thrust")


@every_exercise
def test_rules_come_gravest_first_and_all_of_them(slug):
    rules = gravest_first(EXERCISES[slug])
    weights = [list(Severity).index(rule.severity) for rule in rules]
    assert weights == sorted(weights, reverse=True)
    assert sorted(rule.id for rule in rules) == sorted(rule.id for rule in EXERCISES[slug].all_rules)


def test_what_is_measured_is_said_in_plain_words():
    assert measured_in_words(EXERCISES["bird-dog"]) == (
        "At the top: trunk-thigh angle.",
        "Over the repetition: the range of the hip, and the durations of lift, hold and lowering.",
        "A repetition starts at the bottom: up, then down.",
        "The measured leg is the leg that extends.",
    )
    assert "at the top: down" in measured_in_words(EXERCISES["good-morning"])[2]
    near = [exercise for exercise in EXERCISES.values() if exercise.working_side is WorkingSide.NEAR]
    assert all("closer to the camera" in measured_in_words(exercise)[3] for exercise in near)


def test_a_rule_that_asks_for_a_whole_set_says_so():
    shown = page("bird-dog")
    assert "Sides differ  note, over the whole set" in shown


def test_an_unknown_exercise_is_refused():
    with pytest.raises(ConfigError, match="Did you mean 'hip-thrust'"):
        page("hip-thrusts")
