import itertools
import math

import numpy as np
import pytest

from hipform.estimation.frame_sampling import LONGEST_S as LONGEST_LOOK_S
from hipform.segmentation.resampling import LONGEST_S, STEP_S, samples_between
from hipform.types import Side
from tests.segmentation.signals import samples_of, summarise_all
from tests.synthetic import RepSet, frame_times


def two(elapsed_s, **columns):
    return samples_of([1.0, 1.0 + elapsed_s], [80.0, 50.0], **columns)


def test_between_two_sparse_samples_every_measure_goes_straight_on():
    before, now = two(0.2, trunk_px=[100.0, 160.0], view_off_deg=[5.0, 11.0], ankle_px=[[0.0, 0.0], [6.0, 12.0]])
    found = list(samples_between(before, now))
    share = np.arange(1, 6) / 6
    assert [sample.t_s for sample in found] == pytest.approx(list(1 + 0.2 * share))
    assert [sample.values["trunk_thigh_flexion_deg"] for sample in found] == pytest.approx(list(80 - 30 * share))
    assert [sample.trunk_px for sample in found] == pytest.approx(list(100 + 60 * share))
    assert [sample.view_off_deg for sample in found] == pytest.approx(list(5 + 6 * share))
    assert found[2].ankle_px == pytest.approx([3.0, 6.0])


@pytest.mark.parametrize("elapsed_s", [1 / 60, 1 / 24, 1 / 15])
def test_samples_of_a_video_are_left_as_they_are(elapsed_s):
    assert list(samples_between(*two(elapsed_s))) == []


def test_what_lies_between_far_samples_is_not_made_up():
    assert list(samples_between(*two(LONGEST_S + 0.01))) == []


def test_nothing_leads_from_one_side_of_the_body_to_the_other():
    assert list(samples_between(*two(0.2, is_left=[True, False]))) == []
    assert all(sample.side is Side.LEFT for sample in samples_between(*two(0.2, is_left=True)))


def test_what_was_not_seen_at_one_end_is_not_known_between():
    found = list(samples_between(*two(0.2, knee_flexion_deg=[10.0, math.nan])))
    assert found
    assert all(math.isnan(sample.values["knee_flexion_deg"]) for sample in found)


def test_guessed_at_one_end_is_guessed_between():
    assert all(sample.extrapolated for sample in samples_between(*two(0.2, extrapolated=[False, True])))


def test_the_longest_look_of_a_fast_analysis_is_filled_at_any_frame_rate():
    assert LONGEST_LOOK_S + 1 / 15 < LONGEST_S


def filled(samples):
    ways = (list(samples_between(*pair)) for pair in itertools.pairwise(samples))
    return [samples[0], *(one for sample, way in zip(samples[1:], ways, strict=True) for one in (*way, sample))]


@pytest.mark.parametrize("fps", [8, 10])
def test_a_sparse_set_filled_up_measures_as_a_dense_one(fps):
    """Ten looks a second used to lengthen every lift by a look's time and shorten every hold by as much."""
    reps = RepSet.of(3, lift_s=1.0, hold_s=0.8, lower_s=1.2, lockout_deg=2, bottom_deg=65)
    dense, sparse = (
        samples_of(t_s, [reps.angle_deg(t) for t in t_s])
        for t_s in (frame_times(reps.duration_s, rate) for rate in (30, fps))
    )
    for wanted, found in zip(summarise_all(dense), summarise_all(filled(sparse)), strict=True):
        assert found.lockout.value == pytest.approx(wanted.lockout.value, abs=0.5)
        assert found.bottom.value == pytest.approx(wanted.bottom.value, abs=1)
        for name in ("lift_s", "hold_s", "lower_s"):
            assert getattr(found.timing, name) == pytest.approx(getattr(wanted.timing, name), abs=0.1), name
        times = [sample.t_s for sample in filled(sparse)]
        assert max(np.diff(times)) <= STEP_S + 0.01
