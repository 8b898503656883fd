"""Readings of the low back, compared with the lifter's own."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipform.kinematics.lumbar_extension import (
    BACK_FREE,
    BACK_ON_BENCH,
    BACK_ON_FLOOR,
    N_DEPTHS,
    NO_DEPTH_NEUTRAL,
    NO_NEUTRAL,
    DepthNeutral,
    Neutral,
    by_depth,
    lifter_depth_neutral,
    lifter_neutral,
    median_levels,
    scatter_deg,
)

readings = st.lists(st.floats(-60, 60), min_size=3, max_size=12)


def measures(hollow=0.0, bulge=0.0, flexion=0.0):
    return {"back_hollow_ratio": hollow, "belly_bulge_ratio": bulge, "trunk_thigh_flexion_deg": flexion}


def test_a_scale_needs_only_what_it_uses():
    assert BACK_FREE.reading_deg(measures(0.02, math.nan, math.nan)) == pytest.approx(12.2)
    assert BACK_ON_FLOOR.reading_deg(measures(math.nan, 0.02)) == pytest.approx(12.8)
    assert math.isnan(BACK_ON_FLOOR.reading_deg(measures(0.02, math.nan)))
    assert math.isnan(BACK_ON_BENCH.reading_deg(measures(math.nan, 0.02)))


def test_on_the_floor_a_hip_that_stops_short_does_not_hide_an_arch():
    level, short = (BACK_ON_FLOOR.reading_deg(measures(bulge=0.01, flexion=flexion)) for flexion in (0, 10))
    assert short - level == pytest.approx(8)


def tops(count):
    return [float(number) for number in range(count)]


def test_the_neutral_is_the_median_of_the_first_three():
    neutral = lifter_neutral([0, 20, 2, 60, 60, 60, 60], tops(7))
    assert (neutral.reading_deg, neutral.taken_until_s) == (2, 2.0)
    assert lifter_neutral([math.nan, 0, 20, 2], tops(4)).taken_until_s == 3.0


def test_in_a_steady_set_of_six_the_first_repetitions_can_be_judged_like_the_others():
    steady = [0.0, 1.0, -1.0, 0.5, -0.5, 0.0]
    assert lifter_neutral(steady, tops(6)).taken_until_s == -math.inf
    assert lifter_neutral(steady[:5], tops(5)).taken_until_s == 2.0
    # The first three decide where they differ from the rest.
    assert lifter_neutral([15.0, 15.0, 15.0, *[0.0] * 5], tops(8)).taken_until_s == 2.0


def test_of_two_the_less_arched_is_neutral_and_one_is_nothing():
    assert lifter_neutral([15, 1], tops(2)).reading_deg == 1
    assert lifter_neutral([15, math.nan], tops(2)) is NO_NEUTRAL
    assert math.isnan(NO_NEUTRAL.extension(3.0, 5.0).value)


@given(readings, st.floats(-50, 50))
def test_a_zero_of_ones_own_changes_nothing(values, shift):
    near, far = (
        lifter_neutral(values, tops(len(values))),
        lifter_neutral([v + shift for v in values], tops(len(values))),
    )
    assert far.extension(values[0] + shift, 5.0).value == pytest.approx(near.extension(values[0], 5.0).value, abs=1e-9)
    assert far.own_u95_deg == pytest.approx(near.own_u95_deg, abs=1e-9)


def test_a_set_that_changes_by_no_more_than_chance_is_neutral_as_a_whole():
    """Three first repetitions that happened to be flat would make an arch of every other."""
    assert lifter_neutral([0, -8, -8, -1, 19, 3, -3, 8, 7, 0], tops(10)).reading_deg == 0


def test_a_set_shows_how_exactly_it_can_be_judged():
    steady, loose = (lifter_neutral([0, size, -size, 0, size, -size], tops(6)) for size in (0.5, 12))
    assert steady.own_u95_deg < 8
    assert loose.own_u95_deg > 25
    assert steady.extension(15.0, 20.0).u95 < 10
    # Two repetitions say little about how much a set scatters.
    assert lifter_neutral([0, 0.5], tops(2)).own_u95_deg > 10


def test_one_arch_is_found_among_steady_repetitions_and_not_among_loose_ones():
    readings = np.array([0, 1, -1, 20, 0, 1, -1])
    for spread, is_clear in ((1, True), (10, False)):
        set_deg = np.where(readings == 20, 20, spread * readings)
        found = lifter_neutral(set_deg.tolist(), tops(7)).extension(20.0, 20.0)
        assert (found.value > found.u95) is is_clear


def test_a_few_arched_repetitions_do_not_widen_the_scatter():
    assert scatter_deg([0, 1, 0, 1, 0, 1, 40, 40]) < 3
    # Of a normal spread 95 of 100 lie within it.
    sample = np.random.default_rng(0).normal(0, 3, 2000)
    assert np.mean(np.abs(sample) <= scatter_deg(sample)) == pytest.approx(0.95, abs=0.015)


def test_a_large_extension_is_less_sure_than_a_small_one():
    small, large = (Neutral(0.0, scatter_deg=3.0).extension(value, 4.0) for value in (0.0, 30.0))
    assert small.u95 == 5.0
    assert large.u95 == math.hypot(3, 4, 12)


def test_readings_are_kept_by_depth():
    levels = by_depth(np.array([-3.0, 1, 2, 3, 47, 300]), np.array([9.0, 1, 2, math.nan, 5, 9]))
    assert levels.shape == (N_DEPTHS,)
    assert levels[0] == 1.5
    assert levels[9] == 5
    assert np.isfinite(levels).sum() == 2


def at_depths(value, deepest=20):
    return np.where(np.arange(N_DEPTHS) <= deepest, value, np.nan)


def test_backs_are_compared_where_both_were_deepest():
    neutral = lifter_depth_neutral([at_depths(0.0)] * 3, tops(3))
    levels = np.where(np.arange(N_DEPTHS) > 12, -20.0, 0.0)
    assert neutral.extension(levels, 5.0).value == -20
    assert neutral.extension(np.where(np.arange(N_DEPTHS) <= 12, 0.0, np.nan), 5.0).value == 0
    assert math.isnan(neutral.extension(at_depths(-20.0, deepest=7), 5.0).value)
    assert neutral.extension_now(70.0, -8.0, 5.0).value == -8


def test_of_two_the_less_rounded_is_neutral_and_one_is_nothing():
    for order in ((0.0, -20.0), (-20.0, 0.0)):
        neutral = lifter_depth_neutral([at_depths(value) for value in order], tops(2))
        assert neutral.levels_deg[10] == 0
        assert neutral.taken_until_s == 1.0
    unseen = np.full(N_DEPTHS, np.nan)
    assert lifter_depth_neutral([at_depths(0.0), unseen], tops(2)) is NO_DEPTH_NEUTRAL
    assert math.isnan(NO_DEPTH_NEUTRAL.extension(at_depths(0.0), 5.0).value)


@pytest.mark.parametrize("flexion_deg", [-3.0, 12.0, 39.9, 40.0, 62.5, 179.9, 180.0, 300.0, math.nan])
@pytest.mark.parametrize("reading_deg", [7.0, math.nan])
def test_a_single_frame_is_compared_as_a_repetition_of_one_frame(flexion_deg, reading_deg):
    levels_deg = np.arange(float(N_DEPTHS))
    levels_deg[12] = math.nan
    neutral = DepthNeutral(levels_deg, 2.0)
    expected = neutral.extension(by_depth(np.array([flexion_deg]), np.array([reading_deg])), 3.0)
    assert str(neutral.extension_now(flexion_deg, reading_deg, 3.0)) == str(expected)


def test_the_scatter_by_depth_is_that_of_the_repetitions():
    even = lifter_depth_neutral([at_depths(0.0)] * 6, tops(6))
    uneven = lifter_depth_neutral([at_depths(value) for value in (0.0, 4, -4, 5, -5, 3)], tops(6))
    assert even.scatter_deg == 0
    assert 5 < uneven.scatter_deg < 20


def test_levels_that_nobody_reached_stay_unknown():
    levels = median_levels([at_depths(1.0, deepest=9), at_depths(3.0, deepest=11)])
    assert (levels[9], levels[11]) == (2, 3)
    assert np.isnan(levels[12:]).all()
    assert isinstance(lifter_depth_neutral([levels] * 2, tops(2)), DepthNeutral)
