"""What of a judged set goes into the history."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hipform.analysis.judge import CALIBRATION, SET_BASELINE
from hipform.store import kept_set
from hipform.training import DateSource, Training
from hipform.types import Estimate
from tests.report.made import rep, result

WHEN = datetime(2026, 3, 21, 18, 30, tzinfo=UTC)
ANA = Training(athlete="Ana", recorded_at=WHEN, recorded_from=DateSource.GIVEN)
FILED = {"clip_sha256": "0" * 64, "clip_name": "a.mp4", "model": "heavy", "hipform_version": "1"}


def kept(*reps, refined=(SET_BASELINE,)):
    (found,) = result(list(reps)).sets
    return kept_set(replace(found, refined=refined), ANA, **FILED).reps


def test_the_low_back_is_stored_only_with_a_calibration():
    arched = rep(1, lumbar_extension_deg=Estimate(12.0, 8.0, "deg"))
    assert kept(arched)[0].lumbar_extension_deg is None
    assert kept(arched, refined=(SET_BASELINE, CALIBRATION))[0].lumbar_extension_deg.value == 12.0


def test_angles_that_were_not_judged_are_not_stored():
    (blind,) = kept(rep(1, judged=False))
    assert blind.lockout_trunk_thigh_flexion_deg is None
    assert blind.range_deg is None
    assert blind.tempo.lift_s is not None


def test_the_speed_of_the_bar_is_stored_even_where_a_plate_hides_the_angles():
    speed = Estimate(0.5, 0.05, "m_per_s")
    (blind,) = kept(rep(1, judged=False, bar_mean_m_per_s=speed))
    assert blind.bar_mean_m_per_s == speed


def test_a_set_without_an_athlete_cannot_be_stored():
    (found,) = result([rep(1)]).sets
    with pytest.raises(ValueError, match="athlete"):
        kept_set(found, replace(ANA, athlete=None), **FILED)
