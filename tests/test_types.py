"""Numbers as people read them."""

import pytest

from hipform.types import Estimate, change_text, degrees_text, included_text


@pytest.mark.parametrize(("change_deg", "text"), [(14.4, "+14°"), (-3.6, "-4°"), (0.4, "0°"), (-0.4, "0°")])
def test_a_change_has_a_sign_unless_there_is_none(change_deg, text):
    assert change_text(change_deg) == text


def test_an_uncertainty_is_rounded_up():
    assert degrees_text(Estimate(71.6, 9.1, "deg")) == "72° ± 10"
    assert included_text(Estimate(-4.0, 5.2, "deg")) == "184° ± 6"
    assert included_text(Estimate(float("nan"), 5.0, "deg")) == "not known"
