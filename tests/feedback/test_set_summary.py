from dataclasses import replace

import pytest

from hipform.analysis.judged_reps import RejectedMovement, Rep, SetResult
from hipform.exercises import EXERCISES
from hipform.exercises.findings import Finding, Status
from hipform.features.rep_timing import RepTiming
from hipform.feedback.set_summary import summarise_set
from hipform.types import Estimate, Side
from tests.bridges import every_bridge
from tests.synthetic import RepPlan, RepSet, SyntheticCamera, film_exercise, result_of

BRIDGE = EXERCISES["glute-bridge"]
RULES = [rule.id for rule in BRIDGE.rules]
LOCKOUT, ARCH, SQUEEZE = RULES[:3]
SHINS = "shin-angle"
DEG = Estimate(0.0, 5.0, "deg")


def rep(number=1, faults=(), hidden=(), why="too dark", partial=False):
    """Return a repetition with *faults* (ids, or an excess by id) and *hidden* rules, the rest being ok."""
    excess = faults if isinstance(faults, dict) else dict.fromkeys(faults, 1.0)

    def finding(rule):
        if rule in hidden:
            return Finding(rule=rule, status=Status.NOT_ASSESSED, text=why)
        if rule in excess:
            return Finding(rule=rule, status=Status.FAULT, text="bad", measured=DEG, limit=10.0, excess=excess[rule])
        return Finding(rule=rule, status=Status.OK, text="good", measured=DEG, limit=10.0)

    return Rep(
        number=number,
        partial=partial,
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
        findings=tuple(finding(rule) for rule in RULES),
    )


def close_call(u95_deg):
    """Return a repetition whose lockout was measured, and not clearly enough to be judged."""
    one = rep(hidden=[LOCKOUT])
    found = replace(one.finding(LOCKOUT), measured=Estimate(9.0, u95_deg, "deg"), limit=10.0)
    return replace(one, findings=tuple(found if each.rule == LOCKOUT else each for each in one.findings))


def set_of(*reps, partial=0, **what):
    numbered = tuple(replace(one, number=number) for number, one in enumerate(reps, 1))
    partials = tuple(rep(number, partial=True) for number in range(1, partial + 1))
    return SetResult(
        number=1,
        exercise=BRIDGE.slug,
        start_s=0.0,
        end_s=60.0,
        side=Side.RIGHT,
        view_off_deg=5.0,
        reps=numbered,
        partial_reps=partials,
        **what,
    )


def summary(*reps, **what):
    return summarise_set(BRIDGE, set_of(*reps, **what))


SHORT, HIDDEN = rep(faults=[LOCKOUT]), rep(hidden=[LOCKOUT])

# ------------------------------------------------------------------------------------------------------------ headlines


@pytest.mark.parametrize(
    ("reps", "partial", "headline"),
    [
        ([], 0, "No repetition counted."),
        ([], 1, "No repetition counted, plus 1 partial rep."),
        ([rep()], 0, "1 rep counted, 1 of 1 locked out."),
        ([rep()] * 3, 0, "3 reps counted, 3 of 3 locked out."),
        ([rep(), SHORT, SHORT], 0, "3 reps counted, 1 of 3 locked out."),
        ([SHORT] * 2, 0, "2 reps counted, 0 of 2 locked out."),
        ([HIDDEN] * 2, 0, "2 reps counted; lockout could not be judged."),
        ([rep(), rep(), HIDDEN], 0, "3 reps counted, 2 of 2 locked out, 1 could not be judged."),
        ([rep()] * 2, 2, "2 reps counted, plus 2 partial reps, 2 of 2 locked out."),
        ([HIDDEN], 1, "1 rep counted, plus 1 partial rep; lockout could not be judged."),
    ],
)
def test_headline(reps, partial, headline):
    assert summary(*reps, partial=partial).headline == headline


@pytest.mark.parametrize(
    ("sides", "headline"),
    [
        ([Side.LEFT, Side.RIGHT] * 2, "4 reps counted (2 left, 2 right), 4 of 4 locked out."),
        ([Side.LEFT], "1 rep counted (1 left), 1 of 1 locked out."),
        ([], "No repetition counted."),
    ],
)
def test_headline_of_an_exercise_with_sides_counts_each(sides, headline):
    exercise = EXERCISES["single-leg-glute-bridge"]
    result = set_of(*(replace(rep(), side=side) for side in sides))
    assert summarise_set(exercise, result).headline == headline


def test_counts_stand_behind_the_headline():
    said = summary(rep(), SHORT, HIDDEN, rep(), partial=2)
    assert (said.reps, said.partial_reps, said.locked_out, said.lockout_unknown) == (4, 2, 2, 1)


# -------------------------------------------------------------------------------------------------------- the one thing


def test_nothing_to_change_in_a_good_set():
    said = summary(rep(), rep())
    assert (said.one_thing, said.one_thing_rule, said.one_thing_cue) == (None, None, None)


def test_the_one_thing_names_how_often_why_and_what_to_do():
    said = summary(rep(), SHORT, SHORT)
    rule = BRIDGE.rule(LOCKOUT)
    assert said.one_thing == f"{rule.title} (2 of 3 reps). {rule.reason}"
    assert (said.one_thing_rule, said.one_thing_cue) == (LOCKOUT, rule.cue)


@pytest.mark.parametrize(
    ("reps", "rule"),
    [
        ([rep(faults={LOCKOUT: 0.1, SQUEEZE: 99}), rep(faults={SQUEEZE: 99})], LOCKOUT),
        ([rep(faults={ARCH: 1}), rep(faults={ARCH: 1}), rep(faults={LOCKOUT: 50})], ARCH),
        ([rep(faults={ARCH: 1, LOCKOUT: 2})], LOCKOUT),
        ([rep(faults={ARCH: 2, LOCKOUT: 1})], ARCH),
    ],
    ids=["severity", "frequency", "excess", "excess too"],
)
def test_the_one_thing_is_the_most_severe_then_the_most_frequent_then_the_furthest(reps, rule):
    assert summary(*reps).one_thing_rule == rule


def test_a_fault_of_the_set_is_over_the_set():
    fades = Finding(rule="overload", status=Status.FAULT, text="fades", measured=DEG, limit=0.15, excess=0.2)
    said = summary(rep(), findings=(fades,))
    assert said.one_thing.startswith(f"{BRIDGE.rule('overload').title} (over the set). ")


def test_partial_repetitions_bring_nothing_to_change():
    partials = (rep(1, faults=[LOCKOUT], partial=True),)
    assert summarise_set(BRIDGE, replace(set_of(rep()), partial_reps=partials)).one_thing is None


# ------------------------------------------------------------------------------------------- what went well, is unknown


def test_only_what_was_judged_fine_on_most_repetitions_went_well():
    said = summary(rep(), rep(faults=[LOCKOUT]), rep(hidden=[SQUEEZE, SHINS]), rep(hidden=[SHINS]))
    unsaid = (LOCKOUT, ARCH, SHINS)
    assert said.went_well == tuple(BRIDGE.rule(rule).went_well for rule in RULES if rule not in unsaid)


@pytest.mark.parametrize(
    ("arches_deg", "is_praised"),
    [((0.0, 2.0, None), True), ((0.0, None, None), False), ((0.0, 2.0, 9.0), False), ((None, None, None), False)],
)
def test_not_arching_is_praised_only_where_the_low_back_was_seen_without_an_arch(arches_deg, is_praised):
    back = [None if deg is None else Estimate(deg, 6.0, "deg") for deg in arches_deg]
    said = summary(*(replace(rep(), lumbar_extension_deg=one) for one in back))
    assert (BRIDGE.rule(ARCH).went_well in said.went_well) == is_praised


def test_nothing_went_well_in_a_set_without_repetitions():
    assert summary().went_well == ()


def test_what_was_not_judged_has_a_reason_and_a_count():
    said = summary(rep(hidden=[SQUEEZE]), rep())
    assert said.not_judged[0] == "no squeeze at the top (1 of 2): too dark"


def test_rules_that_share_a_reason_share_a_sentence():
    said = summary(*[rep(hidden=[LOCKOUT, SQUEEZE])] * 2)
    assert said.not_judged[0] == "incomplete lockout, no squeeze at the top: too dark"


def test_every_kind_of_reason_is_given_the_most_frequent_first():
    reps = [rep(hidden=[SQUEEZE], why="rare"), *[rep(hidden=[SQUEEZE], why="usual")] * 2]
    assert summary(*reps).not_judged[:2] == (
        "no squeeze at the top (2 of 3): usual",
        "no squeeze at the top (1 of 3): rare",
    )


def test_reasons_that_differ_in_a_number_are_one_with_a_range_and_a_remedy():
    whys = [f"camera about {deg} degrees off the side view; the limit is 55" for deg in (32, 29, 9.5)]
    said = summary(*(rep(hidden=[LOCKOUT], why=why) for why in whys))
    assert said.not_judged[0] == (
        "incomplete lockout: camera about 9.5 to 32 degrees off the side view; the limit is 55. "
        "Film straight from the side."
    )


def test_rejected_movements_are_listed_with_time_and_reason():
    sit = RejectedMovement(start_s=1.24, end_s=3.0, reason="a sit-up")
    assert summary(rep(), rejected=(sit,)).rejected == ("1.2-3.0 s: a sit-up",)


@pytest.mark.parametrize(
    ("reps", "is_advised"),
    [
        ([], True),
        ([HIDDEN], True),
        ([rep()], False),
        ([SHORT], False),
        ([rep(hidden=[ARCH])], False),
        ([rep(hidden=["shallow-range"])], False),
        ([close_call(u95_deg=12.0)], False),
        ([close_call(u95_deg=16.0)], True),
    ],
    ids=["none", "hidden", "good", "short", "low back unseen", "nothing to compare", "close call", "too rough"],
)
def test_camera_advice_comes_when_it_may_help(reps, is_advised):
    assert summary(*reps).camera_advice == (BRIDGE.camera.advice if is_advised else None)


# ----------------------------------------------------------------------------------------------------- from whole clips


@every_bridge
def test_from_clip_to_words(slug):
    def said(*plans, camera=None):
        clip = film_exercise(slug, RepSet(plans), camera or SyntheticCamera(), fps=20)
        return summarise_set(EXERCISES[slug], result_of(clip, slug))

    good, short, half = RepPlan(bottom_deg=60), RepPlan(bottom_deg=60, lockout_deg=20), RepPlan(lockout_deg=32)
    half = replace(half, bottom_deg=60)
    two, three = (f" ({count} right)" if EXERCISES[slug].has_sides else "" for count in (2, 3))
    assert said(good, good, good).headline == f"3 reps counted{three}, 3 of 3 locked out."
    assert said(good, good, short).headline == f"3 reps counted{three}, 2 of 3 locked out."
    assert said(good, half, good).headline == f"2 reps counted{two}, plus 1 partial rep, 2 of 2 locked out."
    oblique = said(good, good, camera=SyntheticCamera(azimuth_deg=-58))
    assert oblique.headline == f"2 reps counted{two}; lockout could not be judged."
    assert oblique.camera_advice.startswith("Move the camera about 60 degrees toward your ")
    assert oblique.camera_advice.endswith("until then no angle is judged.")


@pytest.mark.parametrize(
    ("slug", "move_deg", "advice"),
    [
        ("glute-bridge", 42.0, "Move the camera about 40 degrees toward your feet; until then the low back is not"),
        ("glute-bridge", -63.0, "Move the camera about 65 degrees toward your head; until then no angle is judged."),
        ("bird-dog", 30.0, "Move the camera about 30 degrees toward your head"),
        ("deadlift", -31.0, "Move the camera about 30 degrees toward your back"),
    ],
)
def test_an_oblique_camera_is_reported_where_to_go_and_what_is_lost(slug, move_deg, advice):
    found = set_of(rep(), camera_move_deg=move_deg)
    assert summarise_set(EXERCISES[slug], found).camera_advice.startswith(advice)
