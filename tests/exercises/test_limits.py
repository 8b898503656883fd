"""The settings that a rule names as its limits are those it reads while it judges, no more and no fewer."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from hipform.config import SETTINGS, Settings
from hipform.exercises import EXERCISES
from hipform.exercises.declaration import Baseline, Rule
from hipform.features.rep_summary import summarise
from hipform.kinematics.lumbar_extension import BACK_FREE, N_DEPTHS, DepthNeutral, Neutral
from hipform.kinematics.measures import MEASURES
from hipform.segmentation.samples import Sample
from hipform.segmentation.turning_points import Movement, StartsAt
from hipform.types import Estimate, Side

every_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
SIDE_DEG = 5.0
BASELINE = Baseline(
    lockout_deg=0.0,
    best_range_deg=50.0,
    low_back_top=Neutral(0.0),
    low_back_deep=DepthNeutral(np.zeros(N_DEPTHS)),
)


class Recorded(Settings):
    """Settings that remember which keys were read."""

    def __init__(self):
        super().__init__()
        self.read = set()

    def __getitem__(self, key):
        self.read.add(key)
        return super().__getitem__(key)


def lifted(settings):
    """Return a lift and a lowering of the hip by 50 degrees, summarised with *settings*."""
    t_s = np.arange(0, 3, 1 / 15)
    hip_deg = np.interp(t_s, [0.5, 1.2, 1.8, 2.5], [50, 0, 0, 50])
    samples = [
        Sample(
            t_s=float(t),
            side=Side.LEFT,
            values=dict.fromkeys(MEASURES, 0.0)
            | {"trunk_thigh_flexion_deg": float(angle), "wrist_lift_ratio": float(t)},
            view_off_deg=SIDE_DEG,
            extrapolated=False,
            trunk_px=150.0,
            thigh_px=130.0,
            ankle_px=np.zeros(2),
            signal_deg=float(angle),
            is_hidden=False,
            load=np.full(5, np.nan),
        )
        for t, angle in zip(t_s, hip_deg, strict=True)
    ]
    movement = Movement(
        starts_at=StartsAt.BOTTOM,
        start_t_s=0.5,
        start_deg=50.0,
        turn_t_s=1.5,
        turn_deg=0.0,
        end_t_s=2.5,
        end_deg=50.0,
    )
    # Who rises first cannot be read off measures that stay 0.
    rep = summarise(samples, movement, settings, low_back=BACK_FREE)
    return replace(rep, features={**rep.features, "early_rise_ratio": 1.0})


def assess(rule, rep, settings):
    """Judge *rep*, or five of it on each side."""
    if isinstance(rule, Rule):
        return rule.assess(rep, BASELINE, settings)
    return rule.assess([replace(rep, side=side) for side in Side for _ in range(5)], settings)


@cache
def read_while_judging(rule):
    """Return the keys that *rule* reads for all its answers, and those read for what it says about a repetition."""
    settings = Recorded()
    plain = lifted(settings)
    # Who stands short and who arches have further limits.
    for lockout_deg in (0.0, 15.0, -15.0):
        lockout = Estimate(lockout_deg, 5.0, "deg")
        features = {**plain.features, "held_deg": lockout_deg}
        assess(rule, replace(plain, lockout=lockout, features=features), settings)
    return frozenset(settings.read)


@every_exercise
def test_limits_are_the_settings_of_the_rules_section_that_it_reads(exercise):
    for rule in exercise.all_rules:
        read = read_while_judging(rule)
        assert {key for key in read if SETTINGS[key].section == rule.id} == set(rule.limits), rule.id
        assert len(set(rule.limits)) == len(rule.limits) > 0, rule.id


@every_exercise
def test_no_rule_judges_by_the_limits_of_another(exercise):
    for_its_rep = Recorded()
    lifted(for_its_rep)
    for rule in exercise.all_rules:
        others = {SETTINGS[key].section for key in read_while_judging(rule) - for_its_rep.read} - {rule.id}
        assert others <= {"view"}, rule.id


def test_every_limit_is_one_of_a_rule():
    named = {key for exercise in EXERCISES.values() for rule in exercise.all_rules for key in rule.limits}
    sections = {rule.id for exercise in EXERCISES.values() for rule in exercise.all_rules}
    assert named == {key for key, setting in SETTINGS.items() if setting.section in sections}


@every_exercise
def test_the_first_limit_is_the_one_a_finding_is_held_against(exercise):
    for rule in exercise.all_rules:
        main = rule.limits[0]
        settings = Settings({main: SETTINGS[main].high})
        rep = replace(lifted(settings), view_off_deg=SIDE_DEG)
        assert assess(rule, rep, settings).limit == SETTINGS[main].high, rule.id
