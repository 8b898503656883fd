import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.config import Settings
from hipform.reps.summary import smoothed
from hipform.types import Side
from tests.reps.signals import samples_of, summarise_all, true_times
from tests.synthetic import RepPlan, RepSet, frame_times

MOVEMENTS = ("lift_s", "hold_s", "lower_s")


def summaries_of(reps, start_s=0.0, end_s=math.inf, fps=30, jitter=0.0, noise_deg=0.0, settings_=None, **others):
    times = np.array([t for t in frame_times(reps.duration_s, fps, jitter, seed=5) if start_s <= t <= end_s])
    angles = np.array([reps.angle_deg(t) for t in times])
    angles += np.random.default_rng(1).normal(0, noise_deg, len(times)) if noise_deg else 0
    columns = {name: value(times, angles) if callable(value) else value for name, value in others.items()}
    return summarise_all(samples_of(times, angles, **columns), settings_)


# -------------------------------------------------------------------------------------------------------- angles, times

plans = st.builds(
    RepPlan,
    lift_s=st.floats(0.5, 2),
    hold_s=st.floats(0.3, 2),
    lower_s=st.floats(0.5, 2),
    rest_s=st.floats(0.5, 1.5),
    lockout_deg=st.floats(-15, 12),
    bottom_deg=st.floats(40, 80),
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
            assert getattr(summary, name) == pytest.approx(true[name], abs=within_s), name
        for name in MOVEMENTS:
            assert getattr(summary, name) == pytest.approx(true[name], abs=2 * within_s), name


@pytest.mark.parametrize(("fps", "jitter"), [(24, 0), (60, 0), (30, 0.5)])
def test_the_frame_rate_changes_no_figure(fps, jitter):
    reps = RepSet.of(2, lockout_deg=4, bottom_deg=55)
    for usual, other in zip(summaries_of(reps), summaries_of(reps, fps=fps, jitter=jitter), strict=True):
        for name in MOVEMENTS:
            assert getattr(other, name) == pytest.approx(getattr(usual, name), abs=0.1)
        assert other.lockout.value == pytest.approx(usual.lockout.value, abs=0.5)
        assert other.held_deg == pytest.approx(usual.held_deg, abs=0.5)


def test_times_are_in_order():
    for summary in summaries_of(RepSet.of(3)):
        times = [summary.start_s, summary.top_start_s, summary.top_s, summary.top_end_s, summary.end_s]
        assert times == sorted(times)
        assert summary.lift_s == pytest.approx(summary.top_start_s - summary.start_s)
        assert summary.hold_s == pytest.approx(summary.top_end_s - summary.top_start_s)
        assert summary.lower_s == pytest.approx(summary.end_s - summary.top_end_s)


def test_noise_moves_the_lockout_by_less_than_itself():
    for summary in summaries_of(RepSet.of(3, hold_s=1), noise_deg=2):
        assert summary.lockout.value == pytest.approx(0, abs=1.5)
        assert summary.bottom.value == pytest.approx(50, abs=1.5)


def test_the_top_is_where_the_angle_is_within_the_band_of_its_best():
    reps = RepSet.of(1, is_eased=False, lift_s=2, hold_s=0, lower_s=2, bottom_deg=60)
    narrow, wide = (summaries_of(reps, settings_=Settings({"reps.top_band_deg": band}))[0] for band in (3, 15))
    assert narrow.hold_s == pytest.approx(2 * 3 / 30, abs=0.1)
    assert wide.hold_s == pytest.approx(2 * 15 / 30, abs=0.1)


def test_a_dip_within_the_top_belongs_to_the_hold():
    times = frame_times(6)
    angles = np.interp(times, [0, 0.5, 1.5, 2.2, 2.4, 2.6, 3.5, 4.5, 6], [50, 50, 0, 0, 8, 0, 0, 50, 50])
    (summary,) = summarise_all(samples_of(times, angles))
    assert summary.hold_s == pytest.approx(2.0 + 2 * 0.1, abs=0.1)


# ------------------------------------------------------------------------------------------- what the clip did not show


def test_a_clip_that_begins_in_mid_lift_has_no_start_and_no_lift():
    reps = RepSet.of(2, lift_s=1.5)
    lift_s, top_s, *_ = reps.rep_times(1)
    first, second = summaries_of(reps, start_s=(lift_s + top_s) / 2)
    assert (first.start_s, first.lift_s) == (None, None)
    assert first.lockout.value == pytest.approx(0, abs=1)
    assert second.lift_s is not None


@pytest.mark.parametrize("where", ["top", "mid-lowering"])
def test_a_clip_that_ends_early_has_no_end_and_no_lowering(where):
    reps = RepSet.of(2, lower_s=1.5)
    _, _, leave_s, low_s = reps.rep_times(2)
    first, second = summaries_of(reps, end_s={"top": leave_s, "mid-lowering": (leave_s + low_s) / 2}[where])
    assert first.lower_s is not None
    assert (second.end_s, second.lower_s) == (None, None)
    assert second.lift_s is not None


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
    assert summary.top["hip_flexion_deg"] == summary.lockout.value


def test_a_measure_seen_for_part_of_the_top_is_read_from_that_part():
    reps = RepSet.of(1, hold_s=1)
    leave_s = reps.rep_times(1)[2]
    (summary,) = summaries_of(reps, shin_lean_deg=lambda times, _: np.where(times > leave_s - 0.3, 7.0, np.nan))
    assert summary.top["shin_lean_deg"] == 7


def test_the_thighs_share_is_its_part_of_the_turn():
    for share in (0.0, 0.4, 1.0):
        (summary,) = summaries_of(RepSet.of(1), thigh_incline_deg=lambda _, angles, part=share: 10 + part * angles)
        assert summary.thigh_share_ratio == pytest.approx(share, abs=0.02)


def test_the_hips_rise_is_measured_upward_in_trunk_lengths():
    (summary,) = summaries_of(RepSet.of(1), hip_height_ratio=lambda _, angles: 0.6 - angles / 100)
    assert summary.hip_rise_trunks == pytest.approx(0.5, abs=0.02)


def test_the_feets_travel_is_their_widest_in_trunk_lengths():
    def ankles(times, _):
        return np.column_stack([500 + 0 * times, 600 + 75 * (times > 1.0)])

    (summary,) = summaries_of(RepSet.of(1), ankle_px=ankles)
    assert summary.feet_move_trunks == pytest.approx(0.5)


def test_unseen_feet_have_not_been_seen_to_stay():
    def ankles(times, _):
        return np.column_stack([np.where(times > 1.0, np.nan, 500), 600 + 0 * times])

    (summary,) = summaries_of(RepSet.of(1), ankle_px=ankles)
    assert math.isnan(summary.feet_move_trunks)


@pytest.mark.parametrize("segment", ["trunk_px", "thigh_px"])
def test_a_segment_that_changes_its_length_shows(segment):
    steady = summaries_of(RepSet.of(1))[0]
    (changing,) = summaries_of(RepSet.of(1), **{segment: lambda _, angles: 100 + 40 * angles / 50})
    assert steady.segment_change_ratio == 0
    assert 0.25 < changing.segment_change_ratio < 0.4


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
        return summary.held_deg

    assert held(1.0) == pytest.approx(-25, abs=0.5)
    assert held(0.05) > -20


def test_a_clip_shorter_than_the_hold_says_nothing():
    reps = RepSet.of(1, lead_s=0.2)
    long_hold = Settings({"lumbar-overextension.hold_s": 2})
    (summary,) = summaries_of(reps, end_s=reps.rep_times(1)[1] + 0.2, settings_=long_hold)
    assert math.isnan(summary.held_deg)


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
