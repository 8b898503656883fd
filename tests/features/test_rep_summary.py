import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.config import Settings
from hipform.features.arms import NEARLY_UP_DEG
from hipform.segmentation.traced_movement import smoothed
from hipform.segmentation.turning_points import StartsAt
from hipform.types import Side
from tests.segmentation.signals import from_top, samples_of, summarise_all, true_times, true_times_from_top
from tests.synthetic import RepPlan, RepSet, frame_times

MOVEMENTS = ("lift_s", "hold_s", "lower_s")


def summaries_of(
    reps,
    *,
    start_s=0.0,
    end_s=math.inf,
    fps=30,
    jitter=0.0,
    noise_deg=0.0,
    settings_=None,
    starts_at=StartsAt.BOTTOM,
    **others,
):
    times = np.array([t for t in frame_times(reps.duration_s, fps, jitter, seed=5) if start_s <= t <= end_s])
    angles = np.array([reps.angle_deg(t) for t in times])
    angles += np.random.default_rng(1).normal(0, noise_deg, len(times)) if noise_deg else 0
    columns = {name: value(times, angles) if callable(value) else value for name, value in others.items()}
    return summarise_all(samples_of(times, angles, **columns), settings_, starts_at)


# -------------------------------------------------------------------------------------------------------- angles, times

plans = st.builds(
    RepPlan,
    lift_s=st.floats(0.5, 2),
    hold_s=st.floats(0.3, 2),
    lower_s=st.floats(0.5, 2),
    rest_s=st.floats(0.5, 1.5),
    lockout_deg=st.floats(-15, 12),
    # Every range is more than the turn of any other: 35 % of 95 degrees.
    bottom_deg=st.floats(50, 80),
)
sets = st.builds(RepSet, st.lists(plans, min_size=1, max_size=3).map(tuple), is_eased=st.booleans())


@given(sets, st.sampled_from([(24, 0.0), (30, 0.0), (60, 0.0), (30, 0.5)]))
@settings(max_examples=40)
def test_lockout_bottom_and_range_are_within_a_degree(reps, rate):
    found = summaries_of(reps, fps=rate[0], jitter=rate[1])
    assert len(found) == len(reps.plans)
    for plan, summary in zip(reps.plans, found, strict=True):
        assert summary.lockout.value == pytest.approx(plan.lockout_deg, abs=1)
        assert summary.bottom.value == pytest.approx(plan.bottom_deg, abs=1)
        assert summary.range.value == pytest.approx(summary.bottom.value - summary.lockout.value)


@given(sets, st.sampled_from([(24, 0.0), (30, 0.0), (60, 0.0), (30, 0.5)]))
@settings(max_examples=40)
def test_tempo_is_within_two_frames_of_the_truth(reps, rate):
    fps, jitter = rate
    # Smoothing rounds a corner by up to half its window.
    within_s = 2 * (1 + jitter) / fps + 0.035
    for number, summary in enumerate(summaries_of(reps, fps=fps, jitter=jitter), 1):
        true = true_times(reps, number)
        for name in ("start_s", "top_start_s", "top_end_s", "end_s"):
            assert getattr(summary.timing, name) == pytest.approx(true[name], abs=within_s), name
        for name in MOVEMENTS:
            assert getattr(summary.timing, name) == pytest.approx(true[name], abs=2 * within_s), name


@pytest.mark.parametrize(("fps", "jitter"), [(24, 0), (60, 0), (30, 0.5)])
def test_the_frame_rate_changes_no_figure(fps, jitter):
    reps = RepSet.of(2, lockout_deg=4, bottom_deg=55)
    for usual, other in zip(summaries_of(reps), summaries_of(reps, fps=fps, jitter=jitter), strict=True):
        for name in MOVEMENTS:
            assert getattr(other.timing, name) == pytest.approx(getattr(usual.timing, name), abs=0.1)
        assert other.lockout.value == pytest.approx(usual.lockout.value, abs=0.5)
        assert other.features["held_deg"] == pytest.approx(usual.features["held_deg"], abs=0.5)


def test_times_are_in_order():
    for summary in summaries_of(RepSet.of(3)):
        times = [
            summary.timing.start_s,
            summary.timing.top_start_s,
            summary.timing.top_s,
            summary.timing.top_end_s,
            summary.timing.end_s,
        ]
        assert times == sorted(times)
        assert summary.timing.lift_s == pytest.approx(summary.timing.top_start_s - summary.timing.start_s)
        assert summary.timing.hold_s == pytest.approx(summary.timing.top_end_s - summary.timing.top_start_s)
        assert summary.timing.lower_s == pytest.approx(summary.timing.end_s - summary.timing.top_end_s)


def test_noise_moves_the_lockout_by_less_than_itself():
    for summary in summaries_of(RepSet.of(3, hold_s=1), noise_deg=2):
        assert summary.lockout.value == pytest.approx(0, abs=1.5)
        assert summary.bottom.value == pytest.approx(50, abs=1.5)


def test_the_top_is_where_the_angle_is_within_the_band_of_its_best():
    reps = RepSet.of(1, is_eased=False, lift_s=2, hold_s=0, lower_s=2, bottom_deg=60)
    narrow, wide = (summaries_of(reps, settings_=Settings({"reps.top_band_deg": band}))[0] for band in (3, 15))
    assert narrow.timing.hold_s == pytest.approx(2 * 3 / 30, abs=0.1)
    assert wide.timing.hold_s == pytest.approx(2 * 15 / 30, abs=0.1)


def test_a_dip_within_the_top_belongs_to_the_hold():
    times = frame_times(6)
    angles = np.interp(times, [0, 0.5, 1.5, 2.2, 2.4, 2.6, 3.5, 4.5, 6], [50, 50, 0, 0, 8, 0, 0, 50, 50])
    (summary,) = summarise_all(samples_of(times, angles))
    assert summary.timing.hold_s == pytest.approx(2.0 + 2 * 0.1, abs=0.1)


# ------------------------------------------------------------------------------------------- what the clip did not show


def test_a_clip_that_begins_in_mid_lift_has_no_start_and_no_lift():
    reps = RepSet.of(2, lift_s=1.5)
    lift_s, top_s, *_ = reps.rep_times(1)
    first, second = summaries_of(reps, start_s=(lift_s + top_s) / 2)
    assert (first.timing.start_s, first.timing.lift_s) == (None, None)
    assert first.lockout.value == pytest.approx(0, abs=1)
    assert second.timing.lift_s is not None


@pytest.mark.parametrize("where", ["top", "mid-lowering"])
def test_a_clip_that_ends_early_has_no_end_and_no_lowering(where):
    reps = RepSet.of(2, lower_s=1.5)
    _, _, leave_s, low_s = reps.rep_times(2)
    first, second = summaries_of(reps, end_s={"top": leave_s, "mid-lowering": (leave_s + low_s) / 2}[where])
    assert first.timing.lower_s is not None
    assert (second.timing.end_s, second.timing.lower_s) == (None, None)
    assert second.timing.lift_s is not None


# -------------------------------------------------------------------------------------------------- measures and checks


def test_every_measure_is_read_at_the_top_and_at_the_bottom():
    (summary,) = summaries_of(
        RepSet.of(1),
        shin_lean_deg=lambda _, angles: angles / 5,
        knee_flexion_deg=lambda _, angles: np.where(angles < 25, 90.0, 120.0),
        neck_extension_deg=np.nan,
    )
    assert summary.top["shin_lean_deg"] == pytest.approx(0, abs=0.5)
    assert summary.low["shin_lean_deg"] == pytest.approx(10, abs=0.5)
    assert (summary.top["knee_flexion_deg"], summary.low["knee_flexion_deg"]) == (90, 120)
    assert math.isnan(summary.top["neck_extension_deg"])
    assert math.isnan(summary.low["neck_extension_deg"])
    assert summary.top["trunk_thigh_flexion_deg"] == summary.lockout.value


def test_a_measure_seen_for_part_of_the_top_is_read_from_that_part():
    reps = RepSet.of(1, hold_s=1)
    leave_s = reps.rep_times(1)[2]
    (summary,) = summaries_of(reps, shin_lean_deg=lambda times, _: np.where(times > leave_s - 0.3, 7.0, np.nan))
    assert summary.top["shin_lean_deg"] == 7


def test_the_thighs_share_is_its_part_of_the_turn():
    for share in (0.0, 0.4, 1.0):
        (summary,) = summaries_of(RepSet.of(1), thigh_incline_deg=lambda _, angles, part=share: 10 + part * angles)
        assert summary.features["thigh_share_ratio"] == pytest.approx(share, abs=0.02)


def test_the_hips_rise_is_measured_upward_in_trunk_lengths():
    (summary,) = summaries_of(RepSet.of(1), hip_height_ratio=lambda _, angles: 0.6 - angles / 100)
    assert summary.features["hip_rise_trunks"] == pytest.approx(0.5, abs=0.02)


def test_the_feets_travel_is_their_widest_in_trunk_lengths():
    def ankles(times, _):
        return np.column_stack([500 + 0 * times, 600 + 75 * (times > 1.0)])

    (summary,) = summaries_of(RepSet.of(1), ankle_px=ankles)
    assert summary.features["feet_move_trunks"] == pytest.approx(0.5)


def test_unseen_feet_have_not_been_seen_to_stay():
    def ankles(times, _):
        return np.column_stack([np.where(times > 1.0, np.nan, 500), 600 + 0 * times])

    (summary,) = summaries_of(RepSet.of(1), ankle_px=ankles)
    assert math.isnan(summary.features["feet_move_trunks"])


@pytest.mark.parametrize("segment", ["trunk_px", "thigh_px"])
def test_a_segment_that_changes_its_length_shows(segment):
    steady = summaries_of(RepSet.of(1))[0]
    (changing,) = summaries_of(RepSet.of(1), **{segment: lambda _, angles: 100 + 40 * angles / 50})
    assert steady.features["segment_change_ratio"] == 0
    assert 0.25 < changing.features["segment_change_ratio"] < 0.4


def test_the_view_is_the_median_of_the_lift():
    reps = RepSet.of(1)
    leave_s = reps.rep_times(1)[2]
    (summary,) = summaries_of(reps, view_off_deg=lambda times, _: np.where(times > leave_s + 0.2, 80.0, 20.0))
    assert summary.view_off_deg == 20


def test_the_band_of_the_range_holds_both_ends():
    (summary,) = summaries_of(RepSet.of(1))
    assert summary.lockout.u95 < summary.bottom.u95
    assert summary.range.u95 == pytest.approx(math.hypot(summary.lockout.u95, summary.bottom.u95))
    assert {summary.lockout.unit, summary.bottom.unit, summary.range.unit} == {"deg"}
    assert summary.side is Side.RIGHT


# ----------------------------------------------------------------------------------------------------- the held extreme


def test_a_held_arch_is_read_and_a_brief_one_is_not():
    def held(hold_s):
        (summary,) = summaries_of(RepSet.of(1, is_eased=False, hold_s=hold_s, lockout_deg=-25, lift_s=0.5, lower_s=0.5))
        return summary.features["held_deg"]

    assert held(1.0) == pytest.approx(-25, abs=0.5)
    assert held(0.05) > -20


def test_a_signal_that_the_load_carried_on_is_no_angle():
    """Behind plates the signal keeps an offset, and every lockout looked tens of degrees past straight."""
    reps = RepSet.of(1, hold_s=1.0)
    times = frame_times(reps.duration_s)
    seen = samples_of(times, [reps.angle_deg(t) for t in times])
    (summary,) = summarise_all([replace(one, signal_deg=one.signal_deg - 40) for one in seen])
    assert summary.features["held_deg"] == pytest.approx(0, abs=1)
    # A hold without an angle is no hold.
    unseen = [
        replace(one, values=one.values | {"trunk_thigh_flexion_deg": math.nan}) if one.t_s > 1.5 else one
        for one in seen
    ]
    assert all(not one.features["held_deg"] < 10 for one in summarise_all(unseen))


def test_a_clip_shorter_than_the_hold_says_nothing():
    reps = RepSet.of(1, lead_s=0.2)
    long_hold = Settings({"lumbar-overextension.hold_s": 2})
    (summary,) = summaries_of(reps, end_s=reps.rep_times(1)[1] + 0.2, settings_=long_hold)
    assert math.isnan(summary.features["held_deg"])


# ------------------------------------------------------------------------------------------------------------ smoothing


def test_smoothing_drops_a_spike_of_one_frame_and_keeps_a_ramp():
    times = frame_times(2)
    ramp = 30 * times
    spiked = ramp.copy()
    spiked[30] += 40
    assert smoothed(spiked, times)[20:40] == pytest.approx(ramp[20:40], abs=1.1)
    assert smoothed(ramp, times)[5:-5] == pytest.approx(ramp[5:-5])


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=50), st.sampled_from([10, 30, 60]))
def test_smoothing_stays_within_its_values_and_keeps_their_number(values, fps):
    found = smoothed(np.array(values), np.arange(len(values)) / fps)
    assert len(found) == len(values)
    assert found.min() >= min(values) - 1e-9
    assert found.max() <= max(values) + 1e-9


def test_smoothing_widens_with_the_frame_rate():
    def rise_s(fps):
        times = frame_times(2, fps)
        found = smoothed(np.where(times >= 1, 1.0, 0.0), times)
        return float(np.sum((found > 0.01) & (found < 0.99)) / fps)

    assert rise_s(120) == pytest.approx(rise_s(30), abs=0.06)
    assert rise_s(120) > 0.08


# ------------------------------------------------------------------------------------------------- starting at the top

from_tops = st.builds(
    from_top,
    st.integers(1, 3),
    lower_s=st.floats(0.5, 2),
    low_s=st.floats(0.3, 2),
    lift_s=st.floats(0.5, 2),
    rest_s=st.floats(0.6, 1.5),
    top_deg=st.floats(-10, 12),
    bottom_deg=st.floats(60, 110),
    is_eased=st.booleans(),
)


@given(from_tops, st.sampled_from([(24, 0.0), (30, 0.0), (60, 0.0), (30, 0.5)]))
@settings(max_examples=40)
def test_from_the_top_angles_and_tempo_are_those_of_the_lift_and_the_lowering_before_it(reps, rate):
    fps, jitter = rate
    within_s = 2 * (1 + jitter) / fps + 0.035
    found = summaries_of(reps, fps=fps, jitter=jitter, starts_at=StartsAt.TOP)
    assert len(found) == len(reps.plans)
    for number, (plan, summary) in enumerate(zip(reps.plans, found, strict=True), 1):
        assert summary.lockout.value == pytest.approx(plan.bottom_deg, abs=1)
        assert summary.bottom.value == pytest.approx(plan.lockout_deg, abs=1)
        assert summary.range.value == pytest.approx(plan.lockout_deg - plan.bottom_deg, abs=2)
        true = true_times_from_top(reps, number)
        for name in ("start_s", "top_start_s"):
            assert getattr(summary.timing, name) == pytest.approx(true[name], abs=within_s), name
        for name in ("lift_s", "lower_s"):
            assert getattr(summary.timing, name) == pytest.approx(true[name], abs=2 * within_s), name


def test_from_the_top_times_are_in_order_and_end_with_the_top():
    for summary in summaries_of(from_top(3), starts_at=StartsAt.TOP):
        times = [
            summary.timing.start_s,
            summary.timing.top_start_s,
            summary.timing.top_s,
            summary.timing.top_end_s,
            summary.timing.end_s,
        ]
        assert times == sorted(times)
        assert summary.timing.end_s == summary.timing.top_end_s
        assert (
            summary.timing.start_s + summary.timing.lower_s + summary.timing.lift_s <= summary.timing.top_start_s + 1e-9
        )
        assert summary.timing.hold_s == pytest.approx(summary.timing.top_end_s - summary.timing.top_start_s)


def test_the_top_before_the_lowering_is_not_the_top_of_the_repetition():
    """The lifter stands straighter before the first repetition than after it."""
    times = frame_times(6)
    angles = np.interp(times, [0, 1, 2, 2.5, 3.5, 6], [-8, -8, 80, 80, 4, 4])
    (summary,) = summarise_all(samples_of(times, angles), starts_at=StartsAt.TOP)
    assert summary.lockout.value == 4
    assert summary.timing.top_s > 2.5


def test_a_clip_that_begins_in_a_descent_has_no_start_and_knows_the_lift():
    reps = from_top(2, lower_s=1.5)
    leave_s, low_s, *_ = reps.rep_times(1)
    first, second = summaries_of(reps, start_s=(leave_s + low_s) / 2, starts_at=StartsAt.TOP)
    assert first.timing.start_s is None
    assert first.timing.lift_s == pytest.approx(second.timing.lift_s, abs=0.07)
    assert second.timing.start_s is not None


def test_a_clip_that_ends_at_the_top_has_seen_the_whole_repetition():
    reps = from_top(1)
    (summary,) = summaries_of(reps, end_s=reps.rep_times(1)[3], starts_at=StartsAt.TOP)
    (whole,) = summaries_of(reps, starts_at=StartsAt.TOP)
    assert (summary.timing.lift_s, summary.timing.lower_s, summary.timing.start_s) == (
        whole.timing.lift_s,
        whole.timing.lower_s,
        whole.timing.start_s,
    )


# ------------------------------------------------------------------------------------------ how the body moves together

LIFT = RepSet.of(1, is_eased=False, lift_s=1.5, lower_s=1.5, hold_s=1.0, bottom_deg=60)
"""Straight ramps: a share of the way is the same share of the time."""
LIFT_S, TOP_S, LEAVE_S, _ = LIFT.rep_times(1)


def up(_, angles):
    """Return the share of the way up."""
    return 1 - angles / 60


def one(**columns):
    (summary,) = summaries_of(LIFT, **columns)
    return summary


def test_the_side_is_the_one_that_most_of_the_top_was_measured_on():
    assert one().side is Side.RIGHT
    assert one(is_left=lambda times, _: times > TOP_S + 0.3).side is Side.LEFT
    assert one(is_left=lambda times, _: times > TOP_S + 0.7).side is Side.RIGHT
    assert one(is_left=lambda times, _: times < TOP_S - 0.2).side is Side.RIGHT


def test_the_early_rise_is_that_of_the_first_third():
    """The hips do half of their way in it, the shoulders a sixth of theirs."""

    def hips(times, _):
        return np.interp(times, [LIFT_S, LIFT_S + 0.5, TOP_S], [0.6, 0.9, 1.2])

    def shoulders(times, _):
        return np.interp(times, [LIFT_S, LIFT_S + 0.5, TOP_S], [1.0, 1.1, 1.6])

    found = one(hip_height_ratio=hips, shoulder_height_ratio=shoulders).features["early_rise_ratio"]
    assert found == pytest.approx(3, abs=0.2)
    assert one(hip_height_ratio=up, shoulder_height_ratio=up).features["early_rise_ratio"] == pytest.approx(1)


def test_heights_rise_in_pixels_whatever_the_trunk_does():
    """A trunk that rounds would make its own lengths no measure for a rise."""
    lengths_px = {"trunk_px": lambda *at: 100 + 50 * up(*at)}
    heights = {
        "hip_height_ratio": lambda *at: (60 + 90 * up(*at)) / (100 + 50 * up(*at)),
        "shoulder_height_ratio": lambda *at: (100 + 90 * up(*at)) / (100 + 50 * up(*at)),
    }
    assert one(**lengths_px, **heights).features["early_rise_ratio"] == pytest.approx(1)


def test_the_rise_begins_when_the_hips_leave_their_lowest_point():
    """Hips that shoot up keep the angle between trunk and thigh as it is: their rise is over before it opens."""

    def hips(times, _):
        return np.interp(times, [LIFT_S - 0.6, LIFT_S, TOP_S], [0.5, 1.0, 1.2])

    def shoulders(times, _):
        return np.interp(times, [LIFT_S - 0.6, LIFT_S, TOP_S], [1.0, 1.2, 1.8])

    found = one(hip_height_ratio=hips, shoulder_height_ratio=shoulders).features["early_rise_ratio"]
    assert found == pytest.approx(2.2, abs=0.3)


@pytest.mark.parametrize("rise", [0.0, 0.1, -0.2])
def test_shoulders_that_hardly_rise_count_as_a_twentieth_of_a_trunk(rise):
    found = one(hip_height_ratio=up, shoulder_height_ratio=lambda *at: rise * up(*at))
    third = one(hip_height_ratio=up, shoulder_height_ratio=up)
    assert third.features["early_rise_ratio"] == pytest.approx(1)
    assert 0.2 / 0.05 < found.features["early_rise_ratio"] < 0.4 / 0.05


def test_hips_that_hardly_rise_have_not_shot_up():
    found = one(hip_height_ratio=lambda *at: 0.1 * up(*at), shoulder_height_ratio=up).features["early_rise_ratio"]
    assert found == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize(("hips", "shoulders"), [(0.1, 0.1), (0.0, 0.0), (math.nan, 1.0), (1.0, math.nan)])
def test_what_does_not_rise_or_is_not_seen_has_no_early_rise(hips, shoulders):
    found = one(hip_height_ratio=lambda *at: hips * up(*at), shoulder_height_ratio=lambda *at: shoulders * up(*at))
    assert math.isnan(found.features["early_rise_ratio"])


def test_the_hands_lead_by_what_they_rose_before_the_hips_were_nearly_up():
    with_the_hips = one(wrist_lift_ratio=lambda *at: 0.5 + up(*at)).features["hands_lead_ratio"]
    assert with_the_hips == pytest.approx(1 - NEARLY_UP_DEG / 60, abs=0.06)

    def after_the_hips(times, _):
        return np.interp(times, [TOP_S, TOP_S + 0.3], [0.5, 1.5])

    def before_the_hips(times, _):
        return np.interp(times, [LIFT_S, LIFT_S + 0.6], [0.5, 1.5])

    assert one(wrist_lift_ratio=after_the_hips).features["hands_lead_ratio"] == pytest.approx(0, abs=0.01)
    assert one(wrist_lift_ratio=before_the_hips).features["hands_lead_ratio"] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("hands", [0.5, math.nan])
def test_hands_that_do_not_rise_lead_nothing(hands):
    assert math.isnan(one(wrist_lift_ratio=hands).features["hands_lead_ratio"])


def test_the_hands_peak_is_their_highest_place_in_the_lift_without_its_leaps():
    def hands(times, _):
        leap = (np.abs(times - TOP_S - 0.5) < 0.02) * 3
        late = (times > LEAVE_S + 0.5) * 1.0
        return np.interp(times, [LIFT_S, TOP_S], [-1.0, -0.2]) + leap + late

    assert one(wrist_height_ratio=hands).features["hands_peak_ratio"] == pytest.approx(-0.2, abs=0.01)
    assert math.isnan(one(wrist_height_ratio=math.nan).features["hands_peak_ratio"])


@pytest.mark.parametrize(("guessed_s", "ratio"), [(0, 0), (0.5, 0.5 / 1.25), (9, 1)])
def test_the_guessed_share_is_that_of_the_top(guessed_s, ratio):
    begin_s = TOP_S - 0.125
    found = one(extrapolated=lambda times, _: (times < begin_s + guessed_s) & (guessed_s > 0))
    assert found.extrapolated_ratio == pytest.approx(ratio, abs=0.06)
