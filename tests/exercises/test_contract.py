"""What every exercise, rule and gate must be, whichever it is."""

import math
import re
from dataclasses import fields, replace

import pytest

from hipform.config import SETTINGS, Settings
from hipform.errors import ConfigError
from hipform.exercises import EXERCISES, find_exercise
from hipform.exercises.base import Rule
from hipform.kinematics.measures import MEASURES
from hipform.types import Severity, Status
from tests.exercises.samples import SAMPLES, USUAL, rep_summary

every_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
RULES = {rule.id: rule for exercise in EXERCISES.values() for rule in (*exercise.rules, *exercise.set_rules)}
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
NEGATIONS = {"not", "no", "never", "stop", "avoid", "without", "less", "quit", "cannot"}
FADED = [rep_summary(lift_s=0.5 + 0.2 * number) for number in range(6)]


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
        return rule.assess(rep_summary(), USUAL, settings, hip_may_hide=False)
    return rule.assess(FADED, settings)


# ------------------------------------------------------------------------------------------------------------ exercises


def test_registry_keys_are_the_slugs():
    assert [exercise.slug for exercise in EXERCISES.values()] == list(EXERCISES)
    assert set(EXERCISES) == {"glute-bridge", "single-leg-glute-bridge", "hip-thrust", "barbell-hip-thrust"}


@every_exercise
def test_exercise_is_fully_described(exercise):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", exercise.slug)
    assert all(text.strip() == text != "" for text in (exercise.name, exercise.purpose, exercise.camera))
    assert all(text.endswith(".") for text in (exercise.purpose, exercise.camera))
    assert exercise.rules
    assert exercise.set_rules
    assert exercise.gates


@every_exercise
def test_exercise_numbers_make_sense(exercise):
    assert 0 < exercise.smallest_range_deg < exercise.usual_range_deg < 120
    assert exercise.fastest_hip_deg_per_s > exercise.usual_range_deg / SETTINGS["reps.lift_min_s"].default


@every_exercise
def test_rules_of_an_exercise_are_unique_and_found_by_their_id(exercise):
    rules = (*exercise.rules, *exercise.set_rules)
    assert len({rule.id for rule in rules}) == len(rules)
    assert all(exercise.rule(rule.id) is rule for rule in rules)
    with pytest.raises(KeyError):
        exercise.rule("no-such-rule")


def test_only_a_loaded_hip_may_hide():
    assert [slug for slug, exercise in EXERCISES.items() if exercise.hip_may_hide] == ["barbell-hip-thrust"]


@pytest.mark.parametrize("slug", EXERCISES)
def test_find_exercise(slug):
    assert find_exercise(slug) is EXERCISES[slug]


def test_an_unknown_exercise_is_refused_with_the_nearest_and_all():
    with pytest.raises(ConfigError, match="Did you mean 'hip-thrust'") as caught:
        find_exercise("hip-trust")
    assert all(slug in caught.value.hint for slug in EXERCISES)


def test_a_far_off_exercise_gets_no_suggestion():
    with pytest.raises(ConfigError) as caught:
        find_exercise("xyz")
    assert "Did you mean" not in str(caught.value)


# ---------------------------------------------------------------------------------------------------------------- rules


@every_rule
def test_rule_is_fully_described(rule):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
    assert all(text.strip() == text != "" for text in (rule.title, rule.reason, rule.cue, rule.went_well))
    assert rule.reason.endswith(".")
    assert not rule.cue.endswith(".")
    assert rule.severity in Severity


@every_rule
def test_cue_is_short_and_positive(rule):
    words = re.findall(r"[a-z']+", rule.cue.lower())
    assert 0 < len(words) <= 6
    allowed = {"less"} if rule.id == "overload" else set()
    assert not (set(words) - allowed) & NEGATIONS
    assert not any(word.endswith(("n't", "nt'")) for word in words)


def test_cues_differ():
    assert len({rule.cue for rule in RULES.values()}) == len(RULES)


@every_rule
def test_rule_reads_settings_of_its_own_section_and_of_the_view_only(rule):
    settings = Recorded()
    assess(rule, settings)
    assert settings.read
    assert settings.read <= set(SETTINGS)
    sections = {key.split(".")[0] for key in settings.read}
    assert rule.id in sections
    assert sections <= {rule.id, "view"}


@every_rule
def test_rule_needs_known_measures(rule):
    assert set(getattr(rule, "needs", ())) <= set(MEASURES)


@every_rule
def test_rule_has_samples_of_every_answer(rule):
    assert set(SAMPLES[rule.id]) == set(Status)
    assert all(SAMPLES[rule.id].values())


@every_rule
def test_finding_is_complete(rule):
    finding = assess(rule, Settings())
    assert finding.rule == rule.id
    assert finding.text
    assert finding.measured.unit in {"deg", "s", "ratio"}
    assert finding.limit is not None
    assert (finding.excess > 0) == (finding.status is Status.FAULT)


def test_every_rule_section_of_the_settings_has_its_rule():
    sections = {setting.section for setting in SETTINGS.values()} - {"view", "tracking", "reps", "sets"}
    assert sections == set(RULES)


# ---------------------------------------------------------------------------------------------------------------- gates


@every_exercise
def test_gates_have_reasons_and_let_a_good_repetition_pass(exercise):
    reasons = [gate.reason for gate in exercise.gates]
    assert all(reasons)
    assert len(set(reasons)) == len(reasons)
    assert all(gate.passes(rep_summary()) for gate in exercise.gates)


@every_exercise
def test_gates_let_pass_what_was_not_seen(exercise):
    unseen = dict.fromkeys(MEASURES, math.nan)
    blank = rep_summary(top=unseen, low=unseen)
    numbers = {field.name: math.nan for field in fields(blank) if isinstance(getattr(blank, field.name), float)}
    assert all(gate.passes(replace(blank, **numbers)) for gate in exercise.gates)


@every_exercise
def test_shoulders_far_below_the_hips_are_no_upright_trunk(exercise):
    """A bridge that arches past straight lifts the hips that high."""
    assert all(gate.passes(rep_summary(top={"trunk_incline_deg": -42.0})) for gate in exercise.gates)


@every_exercise
@pytest.mark.parametrize(
    ("outside", "inside", "reason"),
    [
        ({"top": {"trunk_incline_deg": 40.0}}, {"top": {"trunk_incline_deg": 30.0}}, "trunk upright"),
        ({"top": {"knee_flexion_deg": 30.0}}, {"top": {"knee_flexion_deg": 40.0}}, "knee straight"),
        ({"thigh_share_ratio": 0.15}, {"thigh_share_ratio": 0.25}, "only the trunk moved"),
        ({"hip_rise_trunks": 0.05}, {"hip_rise_trunks": 0.12}, "hips did not rise"),
    ],
)
def test_each_gate_closes_on_its_own(exercise, outside, inside, reason):
    closed = [gate.reason for gate in exercise.gates if not gate.passes(rep_summary(**outside))]
    assert len(closed) == 1
    assert reason in closed[0]
    assert all(gate.passes(rep_summary(**inside)) for gate in exercise.gates)
