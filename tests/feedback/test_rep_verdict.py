from dataclasses import replace

import pytest

from hipform.exercises import EXERCISES
from hipform.exercises.findings import Status
from hipform.feedback.rep_verdict import best_and_worst, key_rules, low_back_status, rep_status, status_text
from hipform.types import Estimate
from tests.feedback.test_set_summary import ARCH, BRIDGE, LOCKOUT, SQUEEZE, rep, set_of

DEADLIFT = EXERCISES["deadlift"]


def deadlift_rep(**unsure):
    """Return a repetition with one finding for each rule of the deadlift: ``ok``, except as named."""
    template = rep().findings[0]
    statuses = {rule.id: Status(unsure.get(rule.id.replace("-", "_"), "ok")) for rule in DEADLIFT.rules}
    findings = tuple(replace(template, rule=rule, status=status) for rule, status in statuses.items())
    return replace(rep(), findings=findings)


def test_major_faults_are_the_key_of_a_repetition():
    assert {rule.id for rule in key_rules(BRIDGE)} == {LOCKOUT, ARCH}
    assert "lumbar-rounding" in {rule.id for rule in key_rules(DEADLIFT)}


@pytest.mark.parametrize(
    ("one", "status", "text"),
    [
        (rep(), Status.OK, "no fault seen"),
        (rep(hidden=[SQUEEZE]), Status.OK, "no fault seen"),
        (rep(hidden=[LOCKOUT]), Status.NOT_ASSESSED, "lockout not judged"),
        (rep(hidden=[ARCH]), Status.NOT_ASSESSED, "locked out, low back not judged"),
        (rep(hidden=[ARCH], faults=[SQUEEZE]), Status.FAULT, "1 fault"),
        (rep(faults=[LOCKOUT, SQUEEZE]), Status.FAULT, "2 faults"),
    ],
)
def test_a_repetition_is_fine_only_if_every_key_rule_was_judged(one, status, text):
    assert rep_status(BRIDGE, one) is status
    assert status_text(BRIDGE, one) == text


@pytest.mark.parametrize(("u95_deg", "is_shown"), [(12.0, True), (15.5, False)])
def test_a_close_call_is_shown_with_its_figure_unless_that_is_too_rough(u95_deg, is_shown):
    close = Estimate(2.0, u95_deg, "deg")
    one = replace(rep(hidden=[LOCKOUT]), lockout_trunk_thigh_flexion_deg=close)
    found = replace(one.finding(LOCKOUT), measured=close, limit=10.0)
    one = replace(one, findings=tuple(found if each.rule == LOCKOUT else each for each in one.findings))
    assert one.angles_judged is is_shown
    assert status_text(BRIDGE, one) == ("lockout too close to call" if is_shown else "lockout not judged")


def test_a_deadlift_whose_back_was_not_judged_is_not_fine():
    one = deadlift_rep(lumbar_rounding="not_assessed")
    assert (rep_status(DEADLIFT, one), status_text(DEADLIFT, one)) == (
        Status.NOT_ASSESSED,
        "locked out, low back not judged",
    )
    assert status_text(DEADLIFT, deadlift_rep(hips_shoot_up="not_assessed")) == "locked out, start not judged"


def leaning(number, **what):
    return replace(rep(**what), number=number, lockout_trunk_thigh_flexion_deg=Estimate(float(number), 5.0, "deg"))


def test_a_repetition_with_an_unjudged_key_rule_is_never_the_best():
    unsure, fine, short = leaning(1, hidden=[ARCH]), leaning(2), leaning(3, faults=[LOCKOUT])
    assert best_and_worst(BRIDGE, [unsure, fine, short]) == (fine, short)
    assert best_and_worst(BRIDGE, [unsure, replace(unsure, number=2)]) is None


def test_without_a_worse_one_there_is_no_best():
    assert best_and_worst(BRIDGE, [leaning(1)]) is None
    assert best_and_worst(BRIDGE, [leaning(1, hidden=[ARCH]), leaning(2, faults=[LOCKOUT])]) is None
    faulty = leaning(2, faults=[SQUEEZE]), leaning(3, faults=[LOCKOUT])
    assert best_and_worst(BRIDGE, faulty) == faulty
    assert best_and_worst(BRIDGE, [leaning(1, hidden=[ARCH]), *faulty]) is None


@pytest.mark.parametrize(
    ("roundings", "status"),
    [
        (("ok", "ok", "ok"), Status.OK),
        (("ok", "ok", "not_assessed"), Status.OK),
        (("ok", "not_assessed", "not_assessed"), Status.NOT_ASSESSED),
        (("not_assessed",) * 3, Status.NOT_ASSESSED),
        (("ok", "ok", "fault"), Status.FAULT),
        ((), Status.NOT_ASSESSED),
    ],
)
def test_a_low_back_is_fine_if_each_of_its_rules_was_judged_so_in_most_repetitions(roundings, status):
    found = set_of(*(deadlift_rep(lumbar_rounding=one) for one in roundings))
    assert low_back_status(DEADLIFT, found) is status
