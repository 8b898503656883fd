"""Differences within the measurement uncertainty are not reported as differences."""

import pytest

from hipform.report.differences import NO_CLEAR, compare_reps
from hipform.types import Estimate
from tests.report.made import rep


def rows(first, second, angle_u95_deg=None):
    return {row.label: row for row in compare_reps(first, second, angle_u95_deg)}


def test_a_difference_within_the_bands_is_none():
    row = rows([rep(1, lockout_deg=3)], [rep(1, lockout_deg=9)])["Lockout"]
    assert (row.first, row.second, row.change, row.verdict) == ("177° ± 5", "171° ± 5", "-6° ± 8", NO_CLEAR)
    assert not row.clear


@pytest.mark.parametrize(("deg", "verdict"), [(20, "less extended"), (-12, "more extended")])
def test_a_difference_beyond_them_is_one_with_its_direction(deg, verdict):
    row = rows([rep(1, lockout_deg=3)], [rep(1, lockout_deg=deg)])["Lockout"]
    assert (row.verdict, row.clear) == (verdict, True)


def test_within_one_set_smaller_differences_show():
    assert rows([rep(1, lockout_deg=3)], [rep(2, lockout_deg=9)], 5.0)["Lockout"].clear


def test_the_bands_do_not_shrink_with_the_number_of_repetitions():
    many = [rep(number, lockout_deg=3) for number in range(1, 30)]
    assert rows(many, many)["Lockout"].first == "177° ± 5"


def test_tempo_has_its_own_error():
    row = rows([rep(1, lift_s=1.0)], [rep(1, lift_s=1.1)])["Lift"]
    assert (row.change, row.verdict) == ("+0.1 ± 0.3 s", NO_CLEAR)
    assert rows([rep(1, lift_s=1.0)], [rep(1, lift_s=1.5)])["Lift"].verdict == "slower"


def test_no_minus_before_nothing():
    assert rows([rep(1, hold_s=1.0)], [rep(1, hold_s=0.98)])["Hold"].change == "+0.0 ± 0.3 s"
    assert rows([rep(1, lockout_deg=3.0)], [rep(1, lockout_deg=3.3)])["Lockout"].change == "+0° ± 8"


def test_angles_that_were_not_judged_are_not_compared():
    blind = rep(1, judged=False)
    assert not blind.angles_judged
    found = rows([rep(1)], [blind])
    assert (found["Lockout"].second, found["Lockout"].change, found["Lockout"].clear) == ("not known", "", False)
    assert found["Lift"].change == "+0.0 ± 0.3 s"
    assert "Lockout" not in rows([blind], [blind])


def test_the_low_back_is_compared_within_one_set_where_it_was_measured():
    name = "Low back at the top"
    assert name not in rows([rep(1)], [rep(1)], 5.0)
    flat, bent, arched = ([rep(1, lumbar_extension_deg=Estimate(value, 6.0, "deg"))] for value in (2.0, 8.0, 20.0))
    assert rows(flat, arched, 5.0)[name].verdict == "more arched"
    # Its own bands hold, not those of the angles between landmarks.
    assert rows(flat, bent, 5.0)[name].verdict == NO_CLEAR
    assert name not in rows(flat, arched)
