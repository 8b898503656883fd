"""What every exercise, rule and trait must be, whichever it is."""

import math
import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

import hipform.exercises
from hipform.config import SETTINGS, Settings
from hipform.errors import ConfigError
from hipform.exercises import EXERCISES, find_exercise
from hipform.exercises.declaration import MAX_PENALTY, UNSEEN_PENALTY, Rule, Trait
from hipform.exercises.findings import LOCKOUT_RULE, Severity, Status
from hipform.kinematics.measures import MEASURES
from hipform.segmentation.turning_points import StartsAt
from hipform.types import Estimate, Side
from tests.exercises.samples import BRIDGES, FACE_DOWN, STANDING, USUAL, good_rep, own_samples, rep_summary, samples_of

every_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
RULE_IDS = {rule.id for exercise in EXERCISES.values() for rule in exercise.all_rules}
NEGATIONS = {"not", "no", "never", "stop", "avoid", "without", "less", "quit", "cannot"}
FADED = [rep_summary(lift_s=0.5 + 0.2 * number, side=side) for number, side in enumerate([*Side] * 3)]


class Recorded(Settings):
    """Settings that remember which keys were read."""

    def __init__(self):
        super().__init__()
        self.read = set()

    def __getitem__(self, key):
        self.read.add(key)
        return super().__getitem__(key)


def assess(rule, settings):
    """Judge something that the rule has all it needs for."""
    if isinstance(rule, Rule):
        return rule.assess(rep_summary(view_off_deg=5.0), USUAL, settings)
    return rule.assess(FADED, settings)


def ids_of(slug):
    """Return the ids of all rules of an exercise."""
    return {rule.id for rule in EXERCISES[slug].all_rules}


# ------------------------------------------------------------------------------------------------------------ exercises


def test_every_file_that_declares_an_exercise_is_found():
    folder = Path(hipform.exercises.__file__).parent
    files = {
        file.stem
        for file in folder.glob("*.py")
        if re.search(r"^\w+ = Exercise\(", file.read_text("utf-8"), re.MULTILINE)
    }
    assert {slug.replace("-", "_") for slug in EXERCISES} == files


def test_two_exercises_of_one_slug_are_refused(monkeypatch):
    again = replace(EXERCISES["hip-thrust"], name="Another")
    monkeypatch.setattr(hipform.exercises.hip_thrust, "AGAIN", again, raising=False)
    with pytest.raises(ConfigError, match="the same slug: hip-thrust"):
        hipform.exercises._declared()


def test_the_registry_is_in_the_order_of_the_slugs():
    assert [exercise.slug for exercise in EXERCISES.values()] == sorted(EXERCISES)


@every_exercise
def test_exercise_is_fully_described(exercise):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", exercise.slug)
    assert all(text.strip() == text != "" for text in (exercise.name, exercise.purpose, exercise.camera.advice))
    assert all(text.endswith(".") for text in (exercise.purpose, exercise.camera.advice))
    assert exercise.traits


@every_exercise
def test_the_camera_can_stand_there(exercise):
    assert 0.2 <= exercise.camera.height_m <= 1.2
    assert 2.0 <= exercise.camera.distance_m <= 4.0


@every_exercise
def test_every_exercise_asks_for_the_lockout(exercise):
    assert exercise.rule(LOCKOUT_RULE) in exercise.rules


def test_what_a_whole_set_shows_is_never_judged_by_a_rule_of_single_repetitions():
    of_sets, of_reps = (
        {rule.id for exercise in EXERCISES.values() for rule in getattr(exercise, which)}
        for which in ("set_rules", "rules")
    )
    assert of_sets
    assert not of_sets & of_reps


@every_exercise
def test_sides_are_compared_where_they_are_distinguished(exercise):
    assert ("asymmetry" in ids_of(exercise.slug)) == exercise.has_sides


@every_exercise
def test_exercise_numbers_make_sense(exercise):
    assert 0 < exercise.smallest_range_deg < exercise.usual_range_deg < 120
    quickest_lift_s = 0.33 if exercise.starts_at is StartsAt.BOTTOM else 0.5
    assert exercise.fastest_hip_deg_per_s > math.pi / 2 * exercise.usual_range_deg / quickest_lift_s


@every_exercise
def test_rules_of_an_exercise_are_unique_and_found_by_their_id(exercise):
    assert len(ids_of(exercise.slug)) == len(exercise.all_rules)
    assert all(exercise.rule(rule.id) is rule for rule in exercise.all_rules)
    with pytest.raises(KeyError):
        exercise.rule("no-such-rule")


@pytest.mark.parametrize("slug", EXERCISES)
def test_find_exercise(slug):
    assert find_exercise(slug) is EXERCISES[slug]


VARIANTS = [(slug, variant) for slug, exercise in EXERCISES.items() for variant in exercise.variants]
every_variant = pytest.mark.parametrize(
    ("slug", "variant"), VARIANTS, ids=[f"{slug}:{variant.name}" for slug, variant in VARIANTS]
)


@every_variant
def test_a_variant_is_the_exercise_without_what_does_not_hold(slug, variant):
    found, plain = find_exercise(f"{slug}:{variant.name}"), EXERCISES[slug]
    assert found.slug == f"{slug}:{variant.name}"
    assert found.name == f"{plain.name}, {variant.name}"
    assert set(variant.without) <= {rule.id for rule in plain.rules}
    assert [rule.id for rule in found.rules] == [rule.id for rule in plain.rules if rule.id not in variant.without]
    assert found.set_rules == plain.set_rules
    assert found.working_side is (variant.working_side or plain.working_side)


@every_variant
def test_a_variant_changes_something_and_says_what(slug, variant):
    assert variant.without or variant.working_side
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", variant.name)
    assert variant.note.endswith(".")


def test_an_unknown_variant_is_refused_with_the_nearest_and_all():
    with pytest.raises(ConfigError, match="unknown variant 'sumi' of deadlift") as caught:
        find_exercise("deadlift:sumi")
    assert "Did you mean 'sumo'" in caught.value.hint
    assert all(variant.name in caught.value.hint for variant in EXERCISES["deadlift"].variants)


def test_a_variant_of_an_exercise_without_any_is_refused():
    with pytest.raises(ConfigError, match="unknown variant 'wide' of hip-thrust") as caught:
        find_exercise("hip-thrust:wide")
    assert caught.value.hint == "Hip thrust has no variants."


def test_an_unknown_exercise_is_refused_with_the_nearest_and_all():
    with pytest.raises(ConfigError, match="Did you mean 'hip-thrust'") as caught:
        find_exercise("hip-trust")
    assert all(slug in caught.value.hint for slug in EXERCISES)


def test_a_far_off_exercise_gets_no_suggestion():
    with pytest.raises(ConfigError) as caught:
        find_exercise("xyz")
    assert "Did you mean" not in str(caught.value)


# ---------------------------------------------------------------------------------------------------------------- rules


@every_exercise
def test_rules_are_fully_described(exercise):
    for rule in exercise.all_rules:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
        texts = (rule.title, rule.short, rule.reason, rule.cue, rule.went_well)
        assert all(text.strip() == text != "" for text in texts), rule.id
        assert len(rule.short) <= 8, rule.id
        assert "every" not in rule.went_well.split()  # it is said where some repetitions could not be judged, too
        assert rule.reason.endswith("."), rule.id
        assert not rule.cue.endswith("."), rule.id
        assert rule.severity in Severity, rule.id


@every_exercise
def test_cues_are_short_and_positive(exercise):
    for rule in exercise.all_rules:
        words = re.findall(r"[a-z']+", rule.cue.lower())
        assert 0 < len(words) <= 6, rule.id
        allowed = {"less"} if rule.id == "overload" else set()
        assert not (set(words) - allowed) & NEGATIONS, rule.id
        assert not any(word.endswith(("n't", "nt'")) for word in words), rule.id


@every_exercise
def test_cues_and_column_heads_differ(exercise):
    assert len({rule.cue for rule in exercise.all_rules}) == len(exercise.all_rules)
    assert len({rule.short for rule in exercise.all_rules}) == len(exercise.all_rules)


@every_exercise
def test_rules_read_settings_of_their_own_section_and_of_the_view_only(exercise):
    for rule in exercise.all_rules:
        settings = Recorded()
        assess(rule, settings)
        assert settings.read <= set(SETTINGS), rule.id
        sections = {key.split(".")[0] for key in settings.read}
        assert rule.id in sections
        assert sections <= {rule.id, "view"}, rule.id


@every_exercise
def test_rules_need_known_measures(exercise):
    for rule in exercise.all_rules:
        assert set(getattr(rule, "needs", ())) <= set(MEASURES), rule.id


@every_exercise
def test_rules_have_samples_of_every_answer(exercise):
    for rule in exercise.all_rules:
        samples = samples_of(exercise.slug, rule.id)
        assert set(samples) == set(Status), rule.id
        assert all(samples.values()), rule.id


@every_exercise
def test_findings_are_complete(exercise):
    for rule in exercise.all_rules:
        finding = assess(rule, Settings())
        assert finding.rule == rule.id
        assert finding.text, rule.id
        assert finding.measured.unit in {"deg", "s", "ratio"}, rule.id
        assert finding.limit is not None, rule.id
        assert (finding.excess > 0) == (finding.status is Status.FAULT), rule.id


def test_every_rule_section_of_the_settings_has_its_rule():
    sections = {setting.section for setting in SETTINGS.values()} - {"view", "tracking", "reps", "sets", "bar"}
    assert sections == RULE_IDS


def test_every_setting_of_a_rule_is_read_by_some_rule():
    settings = Recorded()
    for exercise in EXERCISES.values():
        for rule in exercise.all_rules:
            assess(rule, settings)
    # `summarise` measures a held top with it, for the rule.
    elsewhere = {"lumbar-overextension.hold_s"}
    # Only what is high or short is asked how far.
    for changes in ({"lockout": Estimate(-30.0, 5.0, "deg")}, {"lockout": Estimate(30.0, 5.0, "deg")}):
        for rule in (EXERCISES["bird-dog"].rule("leg-too-high"), EXERCISES["bird-dog"].rule("incomplete-lockout")):
            rule.assess(rep_summary(**changes), USUAL, settings)
    of_rules = {key for key, setting in SETTINGS.items() if setting.section in RULE_IDS}
    assert of_rules - settings.read == elsewhere


# --------------------------------------------------------------------------------------------------------------- traits


@every_exercise
def test_every_trait_can_speak(exercise):
    assert all(trait.tolerance > 0 for trait in exercise.traits)
    assert all(math.isfinite(trait.low) or math.isfinite(trait.high) for trait in exercise.traits)
    assert all(trait.low < trait.high for trait in exercise.traits)


@every_exercise
def test_what_rules_a_movement_out_is_said_once(exercise):
    reasons = [trait.rejection_reason for trait in exercise.traits]
    said = [reason for reason in reasons if reason]
    assert said
    assert len(set(said)) == len(said)


@every_exercise
def test_next_to_nothing_speaks_against_a_good_repetition(exercise):
    assert exercise.refusal(good_rep(exercise.slug)) is None
    assert exercise.mismatch(good_rep(exercise.slug)) < 1.0


@every_exercise
def test_what_was_not_seen_rules_nothing_out_and_speaks_against_it_a_little(exercise):
    unseen = dict.fromkeys(MEASURES, math.nan)
    blank = replace(good_rep(exercise.slug, lift_s=None), top=unseen, low=unseen)
    of_range = {"range", "lockout", "bottom"}
    numbers = {
        field.name: math.nan
        for field in fields(blank)
        if isinstance(getattr(blank, field.name), float) and field.name not in of_range
    }
    postures = np.full_like(blank.postures, math.nan)
    blank = replace(blank, features=dict.fromkeys(blank.features, math.nan), postures=postures, **numbers)
    assert exercise.refusal(blank) is None
    assert exercise.mismatch(blank) == pytest.approx(UNSEEN_PENALTY * len(exercise.traits))


@every_exercise
def test_an_exercise_is_seen_where_most_of_its_traits_are(exercise):
    rep = good_rep(exercise.slug)
    assert exercise.is_seen(rep)
    unseen = dict.fromkeys(MEASURES, math.nan)
    assert not exercise.is_seen(replace(rep, top=unseen, low=unseen, features=dict.fromkeys(rep.features, math.nan)))


@every_exercise
def test_a_hip_that_hardly_moves_is_no_exercise(exercise):
    still = replace(good_rep(exercise.slug), range=Estimate(exercise.smallest_range_deg - 1, 5.0, "deg"))
    assert exercise.mismatch(still) >= MAX_PENALTY


def test_a_trait_speaks_by_the_square_of_the_distance_up_to_a_bound():
    trait = Trait(of=lambda rep: rep.timing.hold_s, low=2, high=4, tolerance=2)
    against = {hold_s: trait.mismatch(rep_summary(hold_s=hold_s)) for hold_s in (2, 3, 4, 5, 6, 8, 10, 100, 1, -6)}
    assert against == {
        2: 0,
        3: 0,
        4: 0,
        5: 0.25,
        6: 1,
        8: 4,
        10: MAX_PENALTY,
        100: MAX_PENALTY,
        1: 0.25,
        -6: MAX_PENALTY,
    }
    assert trait.mismatch(rep_summary(hold_s=math.nan)) == UNSEEN_PENALTY
    assert not trait.rejects(rep_summary(hold_s=100))


def test_a_trait_that_says_what_it_is_otherwise_rules_out_beyond_its_slack():
    trait = Trait(of=lambda rep: rep.timing.hold_s, high=4, tolerance=2, rejection_reason="a rest")
    assert not trait.rejects(rep_summary(hold_s=6))
    assert trait.rejects(rep_summary(hold_s=6.01))
    assert trait.mismatch(rep_summary(hold_s=6.01)) == MAX_PENALTY


LYING_OUT = [
    ({"top": {"trunk_incline_deg": 47.0}}, {"top": {"trunk_incline_deg": 45.0}}, "trunk upright"),
    ({"top": {"knee_flexion_deg": 2.0}}, {"top": {"knee_flexion_deg": 4.0}}, "knee straight"),
    ({"thigh_share_ratio": 0.19}, {"thigh_share_ratio": 0.21}, "only the trunk moved"),
    ({"hip_rise_trunks": 0.01}, {"hip_rise_trunks": 0.03}, "hips did not rise"),
]


def _level(lean_deg):
    """Return a trunk that leans alike from bottom to top."""
    return {name: {"trunk_lean_deg": lean_deg} for name in ("low", "top")}


FACE_DOWN_OUT = [
    (_level(27.0), _level(29.0), "trunk not level"),
    (_level(141.0), _level(139.0), "trunk not level"),
    ({"thigh_share_ratio": -0.04}, {"thigh_share_ratio": -0.06}, "the leg did not rise"),
    ({"feet_move_trunks": 0.19}, {"feet_move_trunks": 0.21}, "the foot stayed"),
]
STANDING_OUT = [
    ({"top": {"trunk_lean_deg": -46.0}}, {"top": {"trunk_lean_deg": -44.0}}, "trunk not upright"),
    ({"top": {"thigh_incline_deg": -53.0}}, {"top": {"thigh_incline_deg": -55.0}}, "as in a back extension"),
    ({"top": {"hip_height_ratio": 0.74}}, {"top": {"hip_height_ratio": 0.76}}, "not standing"),
    ({"low": {"trunk_lean_deg": 9.0}}, {"low": {"trunk_lean_deg": 11.0}}, "no hinge"),
    ({"low": {"thigh_incline_deg": -9.0}}, {"low": {"thigh_incline_deg": -11.0}}, "a squat"),
]
OUT = [
    *[(slug, *case) for slug in BRIDGES for case in LYING_OUT],
    *[(slug, *case) for slug in FACE_DOWN for case in FACE_DOWN_OUT],
    *[(slug, *case) for slug in STANDING for case in STANDING_OUT],
    *[(slug, *case) for slug in EXERCISES for case in own_samples(slug, "REJECTED")],
]


@pytest.mark.parametrize(("slug", "outside", "inside", "reason"), OUT)
def test_each_trait_rules_out_on_its_own(slug, outside, inside, reason):
    assert reason in EXERCISES[slug].refusal(good_rep(slug, **outside))
    assert EXERCISES[slug].refusal(good_rep(slug, **inside)) is None


@pytest.mark.parametrize("slug", BRIDGES)
def test_shoulders_far_below_the_hips_are_no_upright_trunk(slug):
    """A bridge that arches past straight lifts the hips that high."""
    assert EXERCISES[slug].refusal(good_rep(slug, top={"trunk_incline_deg": -42.0})) is None
