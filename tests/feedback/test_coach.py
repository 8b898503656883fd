import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipform.analysis.judged_reps import Gap, Observation, Rep, SetResult, Step
from hipform.exercises import EXERCISES
from hipform.exercises.findings import Finding, Severity, Status
from hipform.features.rep_timing import RepTiming
from hipform.feedback.coach import SHOWN_S, Coach, Commentary, fault_severity, worst_fault
from hipform.feedback.coach import cues_of as cues_of_sets
from hipform.segmentation.phases import Phase
from hipform.types import Estimate, Side
from tests.synthetic import RepPlan, RepSet, analyse, film_exercise

BRIDGE = EXERCISES["glute-bridge"]
RULES = [rule.id for rule in BRIDGE.rules]
MAJOR = [rule.id for rule in BRIDGE.rules if rule.severity is Severity.MAJOR]
MINOR = [rule.id for rule in BRIDGE.rules if rule.severity is Severity.MINOR]
LOCKOUT, ARCH = MAJOR
SQUEEZE, MOMENTUM = MINOR[:2]
DEG = Estimate(0.0, 5.0, "deg")


def fault(rule, excess=1.0, limit=10.0):
    return Finding(
        rule=rule, status=Status.FAULT, text="seen", measured=Estimate(0, 1, "deg"), limit=limit, excess=excess
    )


def rep(*faults, not_assessed=()):
    """Return a repetition with these faults (ids, or findings), the rest being ok."""
    found = {f if isinstance(f, str) else f.rule: fault(f) if isinstance(f, str) else f for f in faults}
    found |= {rule: Finding(rule=rule, status=Status.NOT_ASSESSED, text="hidden") for rule in not_assessed}
    ok = {rule: Finding(rule=rule, status=Status.OK, text="fine") for rule in RULES}
    return Rep(
        number=1,
        partial=False,
        side=Side.RIGHT,
        timing=RepTiming(
            start_s=0.0,
            lift_start_s=None,
            top_start_s=1.0,
            top_s=1.2,
            top_end_s=1.5,
            end_s=2.5,
            lift_s=1.0,
            hold_s=0.5,
            lower_s=1.0,
        ),
        lockout_trunk_thigh_flexion_deg=DEG,
        bottom_trunk_thigh_flexion_deg=DEG,
        range_deg=DEG,
        findings=tuple((ok | found).values()),
    )


def step(t_s, *events):
    seen = Observation(
        t_s=t_s,
        exercise=BRIDGE.slug,
        set_number=1,
        tracked=True,
        side=Side.RIGHT,
        values={},
        u95={},
        view_off_deg=0.0,
        assessable=True,
        phase=Phase.BOTTOM,
        phase_s=0.0,
        rep_count=0,
        partial_count=0,
    )
    return Step(observation=seen, events=events)


def cues_of(*reps, every_s=5.0):
    """Return the cue right after each repetition."""
    coach = Coach(BRIDGE)
    return [coach.push(step(number * every_s, one)) for number, one in enumerate(reps)]


def rules_of(*reps):
    return [cue and cue.rule for cue in cues_of(*reps)]


# ---------------------------------------------------------------------------------------------------- which fault first


def test_a_faultless_set_gets_no_cue():
    assert cues_of(rep(), rep(), rep()) == [None] * 3


@pytest.mark.parametrize("rule", RULES)
def test_a_fault_is_answered_with_its_cue(rule):
    (cue,) = cues_of(rep(rule))
    assert (cue.rule, cue.text, cue.is_praise) == (rule, BRIDGE.rule(rule).cue, False)


@pytest.mark.parametrize(("graver", "milder"), [(ARCH, SQUEEZE), (LOCKOUT, MOMENTUM)])
def test_the_more_severe_fault_comes_first(graver, milder):
    for order in itertools.permutations((fault(graver, excess=0.1), fault(milder, excess=90))):
        assert rules_of(rep(*order)) == [graver]


def test_of_two_equally_severe_faults_the_one_further_past_its_limit_comes_first():
    assert rules_of(rep(fault(LOCKOUT, 2, 10), fault(ARCH, 3, 20))) == [LOCKOUT]
    assert rules_of(rep(fault(LOCKOUT, 1, 10), fault(ARCH, 3, 20))) == [ARCH]


def test_a_fault_without_a_limit_is_ranked_by_its_excess():
    assert fault_severity(BRIDGE, fault(LOCKOUT, 3, 0.0)) == (2, 3)
    assert fault_severity(BRIDGE, fault(LOCKOUT, 3, 6)) == (2, 0.5)


def test_a_rule_that_was_not_assessed_is_no_fault():
    assert worst_fault(BRIDGE, rep(not_assessed=RULES).findings) is None
    assert cues_of(rep(not_assessed=RULES)) == [None]


# ---------------------------------------------------------------------------------------------- never twice, and praise


def test_the_same_cue_waits_for_a_repetition():
    assert rules_of(*[rep(LOCKOUT)] * 5) == [LOCKOUT, None, LOCKOUT, None, LOCKOUT]


def test_while_a_cue_waits_the_next_fault_has_its_turn():
    assert rules_of(*[rep(LOCKOUT, SQUEEZE)] * 4) == [LOCKOUT, SQUEEZE, LOCKOUT, SQUEEZE]


def test_praise_follows_a_corrected_fault_once():
    cues = cues_of(rep(LOCKOUT), rep(), rep())
    assert [cue and cue.is_praise for cue in cues] == [False, True, None]
    assert cues[1].rule == LOCKOUT


def test_a_new_fault_comes_before_praise():
    (_, cue) = cues_of(rep(LOCKOUT), rep(SQUEEZE))
    assert (cue.rule, cue.is_praise) == (SQUEEZE, False)


def test_a_fault_that_is_no_longer_assessed_is_not_corrected():
    assert cues_of(rep(LOCKOUT), rep(not_assessed=[LOCKOUT]))[1] is None


@given(st.lists(st.sets(st.sampled_from(RULES), max_size=3), min_size=2, max_size=8))
def test_no_cue_is_given_on_two_consecutive_repetitions(faults):
    cues = cues_of(*(rep(*sorted(names)) for names in faults))
    for before, after in itertools.pairwise(cues):
        assert before is None or after is None or before.text != after.text


@given(st.lists(st.sets(st.sampled_from(RULES), max_size=4), max_size=8))
def test_every_cue_follows_a_fault_and_praise_a_corrected_one(faults):
    cues = cues_of(*(rep(*sorted(names)) for names in faults))
    before = set()
    for cue, names in zip(cues, faults, strict=True):
        if cue:
            assert cue.rule in (before - names if cue.is_praise else names)
        before = names


@given(st.lists(st.sets(st.sampled_from(RULES)), max_size=8))
def test_the_same_set_gets_the_same_cues(faults):
    reps = [rep(*sorted(names)) for names in faults]
    assert cues_of(*reps) == cues_of(*reps)


def test_praise_is_short_and_positive():
    text = cues_of(rep(LOCKOUT), rep())[1].text
    assert len(text.split()) <= 6
    assert "not" not in text.lower()


# ---------------------------------------------------------------------------------------------------- how long it shows


def test_a_cue_shows_for_its_time_by_the_clips_clock():
    coach = Coach(BRIDGE)
    assert coach.push(step(10.0)) is None
    cue = coach.push(step(11.0, rep(LOCKOUT)))
    for t_s, shown in [(11.5, cue), (11.0 + SHOWN_S - 0.01, cue), (11.0 + SHOWN_S, None), (60.0, None)]:
        assert coach.push(step(t_s)) is shown


def test_the_next_repetition_ends_a_cue():
    coach = Coach(BRIDGE)
    assert coach.push(step(0.0, rep(LOCKOUT)))
    assert coach.push(step(1.0, rep(LOCKOUT))) is None
    assert coach.push(step(1.1)) is None


def test_other_events_do_not_change_a_cue():
    coach = Coach(BRIDGE)
    cue = coach.push(step(0.0, rep(LOCKOUT)))
    assert coach.push(step(1.0, Gap(start_s=0.5, end_s=1.0, reason="lost"))) is cue


def test_a_set_from_frames_to_cues():
    """Two short lockouts, then two good ones: a cue, silence, praise, silence."""
    short, good = RepPlan(bottom_deg=50, lockout_deg=18), RepPlan(bottom_deg=50)
    steps, _ = analyse(film_exercise("glute-bridge", RepSet((short, short, good, good), lead_s=1), fps=20))
    coach = Coach(BRIDGE)
    shown = [coach.push(one) for one in steps]
    said = [cue for cue, one in zip(shown, steps, strict=True) if any(isinstance(e, Rep) for e in one.events)]
    assert [cue and cue.text for cue in said] == [
        BRIDGE.rule("incomplete-lockout").cue,
        None,
        "Better, keep that",
        None,
    ]


def test_cue_and_tempo_do_not_carry_over_to_the_next_set():
    commentary = Commentary()
    steps, _ = analyse(film_exercise("glute-bridge", RepSet.of(1, lockout_deg=22, bottom_deg=70), fps=20))
    said = [commentary.push(step) for step in steps]
    assert said[-1][0].rule == LOCKOUT
    assert said[-1][1].number == 1
    for change in ({"set_number": 2}, {"exercise": "hip-thrust"}):
        changed = replace(steps[-1], observation=replace(steps[-1].observation, **change), events=())
        assert commentary.push(changed) == (None, None)


def finished(*reps, end_s=60.0, number=1, start_s=0.0):
    return SetResult(
        number=number,
        exercise=BRIDGE.slug,
        start_s=start_s,
        end_s=end_s,
        side=Side.RIGHT,
        view_off_deg=5.0,
        reps=tuple(one for one in reps if not one.partial),
        partial_reps=tuple(one for one in reps if one.partial),
    )


def at(rep, over_s):
    return replace(rep, timing=replace(rep.timing, end_s=over_s))


def test_a_file_gets_the_cues_of_the_final_verdicts():
    reps = [at(rep(LOCKOUT), 5.0), at(rep(LOCKOUT), 10.0), at(rep(), 15.0), at(rep(), 16.0)]
    shown = cues_of_sets([finished(*reps)])
    assert [(cue.start_s, cue.end_s, cue.rule, cue.is_praise) for cue in shown] == [
        (5.0, 5.0 + SHOWN_S, LOCKOUT, False),
        (15.0, 16.0, LOCKOUT, True),
    ]
    assert [cue and cue.text for cue in cues_of(*reps)] == [shown[0].text, None, shown[1].text, None]


def test_a_partial_repetition_has_its_turn_in_time_order():
    partial = at(replace(rep(SQUEEZE), partial=True), 7.0)
    shown = cues_of_sets([finished(at(rep(LOCKOUT), 5.0), at(rep(), 9.0), partial)])
    assert [(cue.start_s, cue.end_s, cue.rule) for cue in shown] == [
        (5.0, 7.0, LOCKOUT),
        (7.0, 9.0, SQUEEZE),
        (9.0, 13.0, SQUEEZE),
    ]


def test_a_cue_ends_with_its_set_and_needs_time_to_be_shown():
    assert [cue.end_s for cue in cues_of_sets([finished(at(rep(LOCKOUT), 5.0), end_s=6.0)])] == [6.0]
    assert cues_of_sets([finished(at(rep(LOCKOUT), 5.0), end_s=5.0)]) == ()
    nothing_carried_over = [
        finished(at(rep(LOCKOUT), 5.0), end_s=20.0),
        finished(at(rep(), 25.0), start_s=20.1, number=2),
    ]
    assert [cue.rule for cue in cues_of_sets(nothing_carried_over)] == [LOCKOUT]
