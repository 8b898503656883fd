"""Numbers as people read them, and the times of a repetition."""

from dataclasses import replace

import pytest

from hipform.features.rep_timing import TEMPO_PARTS, RepTiming, Tempo
from hipform.feedback.angle_text import format_angle, format_angle_change, format_joint_angle
from hipform.types import Estimate


@pytest.mark.parametrize(("change_deg", "text"), [(14.4, "+14°"), (-3.6, "-4°"), (0.4, "0°"), (-0.4, "0°")])
def test_a_change_has_a_sign_unless_there_is_none(change_deg, text):
    assert format_angle_change(change_deg) == text


def test_an_uncertainty_is_rounded_up():
    assert format_angle(Estimate(71.6, 9.1, "deg")) == "72° ± 10"
    assert format_joint_angle(Estimate(-4.0, 5.2, "deg")) == "184° ± 6"
    assert format_joint_angle(Estimate(float("nan"), 5.0, "deg")) == "not known"


TIMING = RepTiming(
    start_s=1.0,
    lift_start_s=1.0,
    top_start_s=1.8,
    top_s=2.0,
    top_end_s=2.4,
    end_s=3.4,
    lift_s=0.8,
    hold_s=0.6,
    lower_s=1.0,
)


def test_the_tempo_of_a_repetition_is_its_times_without_its_moments():
    assert TIMING.tempo == Tempo(lift_s=0.8, hold_s=0.6, lower_s=1.0)
    assert TIMING.tempo.parts == TIMING.parts == dict(zip(TEMPO_PARTS, (0.8, 0.6, 1.0), strict=True))


def test_what_is_seen_of_a_repetition_is_its_top_where_the_clip_ends_first():
    cut = replace(TIMING, start_s=None, lift_start_s=None, end_s=None)
    assert (TIMING.seen_start_s, TIMING.seen_end_s) == (1.0, 3.4)
    assert (cut.seen_start_s, cut.seen_end_s) == (1.8, 2.4)
