"""Speed of the bar over the load: the line, the estimate of the one-repetition maximum, and when there is none."""

from dataclasses import replace

import numpy as np
import pytest

from hipform.exercises.barbell_hip_thrust import SPEED_AT_MAX
from hipform.feedback.load_speed import LINE_DAYS, load_speed, load_speed_in_words
from hipform.training import Load, LoadUnit
from hipform.types import Estimate
from tests.histories import kept_rep, kept_set

MAX_KG = 150.0
LOADS_KG = (70, 90, 110, 125)


def true_speed(load_kg, max_kg=MAX_KG, at_max=SPEED_AT_MAX.value):
    """Return the speed of a lifter who is 0.9 m/s faster without a load than with the heaviest one."""
    return at_max + 0.9 * (1 - load_kg / max_kg)


def lifted(load_kg, speed, day=0, **changes):
    """Return a set of three repetitions, of which the first one is the fastest."""
    reps = [
        replace(kept_rep(number), bar_mean_m_per_s=Estimate(speed * slower, 0.1 * speed, "m_per_s"))
        for number, slower in ((1, 1.0), (2, 0.95), (3, 0.9))
    ]
    facts = {"exercise": "barbell-hip-thrust", "name": f"{day}-{load_kg}.mp4", "load_kg": load_kg, "reps": reps}
    return kept_set(day, **(facts | changes))


def history(loads_kg=LOADS_KG, speed=true_speed, **changes):
    return [lifted(load_kg, speed(load_kg), day, **changes) for day, load_kg in enumerate(loads_kg)]


def test_the_line_of_a_lifter_ends_at_the_maximum():
    line = load_speed(history())
    assert line.one_rep_max.value == pytest.approx(MAX_KG)
    assert 5 < line.one_rep_max.u95 < 0.25 * MAX_KG
    assert line.speed_at(100) == pytest.approx(true_speed(100))
    said = load_speed_in_words(line)
    assert (
        said[0]
        == "Bar speed of the fastest rep, 2026-09-07 to 2026-09-10: 0.77 m/s with 70 kg and 0.44 m/s with 125 kg."
    )
    assert said[1].startswith("Estimate of the one-rep maximum: 150 ± ")
    assert "kg. It follows from the speed of the bar" in said[1]


def test_the_interval_holds_the_maximum_of_95_of_100_lifters():
    rng = np.random.default_rng(1)
    held = []
    for _ in range(400):
        at_max, scatter = SPEED_AT_MAX.value + rng.normal(0, SPEED_AT_MAX.u95 / 1.96), rng.uniform(0.02, 0.06)
        line = load_speed(
            history(speed=lambda kg, at=at_max, sd=scatter: true_speed(kg, at_max=at) + rng.normal(0, sd))
        )
        if line.one_rep_max:
            held.append(abs(line.one_rep_max.value - MAX_KG) <= line.one_rep_max.u95)
    assert len(held) > 150
    assert 0.92 <= np.mean(held) <= 1.0


@pytest.mark.parametrize(
    ("sets", "refusal"),
    [
        (history((100,)), "same load"),
        (history((100, 120)), "needs 3 loads"),
        (history(speed=lambda kg: 0.6 + kg / 1000), "not slower with more load"),
        (history(speed=lambda kg: 0.6 + 0.2 * (kg == 90)), "too close together"),
        (history((20, 40, 60, 80)), "too light"),
        (history((60, 80, 100)), "uncertain by"),
        (history(speed=lambda kg: 0.31 - 0.25 * (kg - 110) / 50 if kg > 80 else 0.55), "below a load that was lifted"),
        (history(exercise="deadlift"), "no study"),
        (history(exercise="of-another-version"), "no study"),
    ],
)
def test_an_estimate_that_the_speeds_do_not_support_is_refused_with_the_reason(sets, refusal):
    line = load_speed(sets)
    assert line.one_rep_max is None
    assert refusal in line.refusal
    assert "No estimate of the one-rep maximum: " in load_speed_in_words(line)[-1]


def test_only_the_fastest_full_rep_of_the_latest_weeks_counts():
    long_ago = lifted(60, 2.0, -LINE_DAYS)
    partial = replace(kept_rep(1, partial=True), bar_mean_m_per_s=Estimate(3.0, 0.3, "m_per_s"))
    sets = [long_ago, *history(), lifted(125, 0.1, 3, reps=[partial], name="later.mp4")]
    assert load_speed(sets).points == load_speed(history()).points


def test_without_a_load_or_a_speed_nothing_is_said():
    assert load_speed([kept_set(load_kg=80), lifted(None, 0.5)]) is None
    assert load_speed_in_words(None) == ()


def test_loads_are_shown_in_the_unit_of_the_lifter():
    pounds = [replace(one, load=Load(kg=one.load.kg, unit=LoadUnit.LB)) for one in history()]
    assert "Estimate of the one-rep maximum: 331 ± " in load_speed_in_words(load_speed(pounds))[1]
