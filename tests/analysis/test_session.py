"""Sets apart by rest, sections apart by exercise: numbered, judged each by itself, and nothing lost between them."""

import itertools
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import Phase as HypothesisPhase
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.analysis import Section, Session
from hipform.analysis.judged_reps import Gap, RejectedMovement, Rep
from hipform.config import Settings
from hipform.exercises import EXERCISES
from hipform.exercises.findings import Status
from hipform.segmentation.phases import Phase
from tests.exercises.samples import clip_of, samples_of
from tests.synthetic import (
    RepPlan,
    RepSet,
    between_times,
    blend,
    bottom_deg_of,
    bridge,
    cut_at,
    differences,
    dropped,
    figures,
    film,
    film_exercise,
    film_set,
    frame_times,
    result_of,
    retimed,
    squat,
    then,
    walk,
)

SLUG = "glute-bridge"
FPS = 10
FEW = settings(max_examples=4, phases=(HypothesisPhase.explicit, HypothesisPhase.reuse, HypothesisPhase.generate))


def sets_with_rest(*rests_s, reps=2, slug=SLUG):
    """Return sets of *reps* repetitions with the given rests between them; after the last set comes half a second."""
    plan = RepPlan(bottom_deg=bottom_deg_of(slug))
    plans = [replace(plan, rest_s=rest_s) for rest_s in (*rests_s, plan.rest_s)]
    return RepSet(tuple(itertools.chain(*((plan,) * (reps - 1) + (last,) for last in plans))))


def judge(clip, *sections, overrides=None):
    """Push a clip through a fresh session; return every step and the sets."""
    sections = sections or (Section(exercise=EXERCISES[SLUG]),)
    session = Session(sections, clip.info, Settings(overrides))
    return [session.push(pose) for pose in clip.poses], session.finish()


@pytest.mark.parametrize(
    ("alternative", "status"),
    [(None, Status.FAULT), ("good-morning", Status.FAULT), ("deadlift", Status.NOT_ASSESSED)],
)
def test_what_is_no_fault_in_the_exercise_that_it_may_be_is_not_called_one(alternative, status):
    (squatted, *_) = samples_of("romanian-deadlift", "knee-dominant")[Status.FAULT]
    clip = clip_of("romanian-deadlift", squatted)
    section = Section(exercise=EXERCISES["romanian-deadlift"], confidence=0.5, alternative=alternative)
    (found,) = judge(clip, section)[1]
    findings = [rep.finding("knee-dominant") for rep in found.reps]
    assert [one.status for one in findings] == [status] * 2
    if status is Status.NOT_ASSESSED:
        assert {one.text for one in findings} == {"a fault in a Romanian deadlift, but it may be a deadlift"}


def events_of(steps, kind):
    return [event for step in steps for event in step.events if isinstance(event, kind)]


def counts(sets):
    return [len(found.reps) for found in sets]


# ----------------------------------------------------------------------------------------------------------------- rest


@pytest.mark.parametrize(("rest_s", "reps"), [(10, [4]), (18, [4]), (25, [2, 2]), (60, [2, 2])])
def test_a_long_rest_parts_two_sets(rest_s, reps):
    _, sets = judge(film_exercise(SLUG, sets_with_rest(rest_s), fps=FPS))
    assert counts(sets) == reps


@pytest.mark.parametrize("rest_s", [19.4, 20.0, 20.3])
def test_no_repetition_is_lost_when_the_rest_is_over_as_a_lift_begins(rest_s):
    """A set that ended in mid-lift would break the lift in two; one that begins in it has no time for it."""
    _, sets = judge(film_exercise(SLUG, sets_with_rest(rest_s)))
    assert sum(counts(sets)) == 4
    assert [rep.range_deg.value for found in sets for rep in found.reps] == pytest.approx([45] * 4, abs=5)


def test_the_rest_that_parts_sets_is_a_setting():
    clip = film_exercise(SLUG, sets_with_rest(10, 25), fps=FPS)
    assert counts(judge(clip, overrides={"sets.rest_s": 8})[1]) == [2, 2, 2]
    assert counts(judge(clip, overrides={"sets.rest_s": 30})[1]) == [6]


def test_a_set_without_a_counted_repetition_does_not_end():
    reps = RepSet((RepPlan(bottom_deg=45, lockout_deg=28, rest_s=30), *[RepPlan(bottom_deg=45)] * 2))
    _, (found,) = judge(film_exercise(SLUG, reps, fps=FPS))
    assert (len(found.reps), len(found.partial_reps)) == (2, 1)


def test_sets_are_numbered_and_share_out_the_clip():
    clip = film_exercise(SLUG, sets_with_rest(25, 25), fps=FPS)
    _, sets = judge(clip)
    assert [found.number for found in sets] == [1, 2, 3]
    assert (sets[0].start_s, sets[-1].end_s) == (clip.poses[0].t_s, clip.poses[-1].t_s)
    for one, following in itertools.pairwise(sets):
        assert following.start_s - one.end_s == pytest.approx(1 / FPS)
    for found in sets:
        assert [rep.number for rep in found.reps] == [1, 2]
        assert all(found.start_s <= rep.timing.start_s and rep.timing.end_s <= found.end_s for rep in found.reps)


def test_each_set_is_judged_against_itself():
    """A set of half the range is one of partial repetitions only beside another of full range."""
    full, short = RepPlan(bottom_deg=50), RepPlan(bottom_deg=50, lockout_deg=25)
    clip = film_exercise(SLUG, RepSet((full, full, replace(full, rest_s=25), short, short)), fps=FPS)
    assert counts(judge(clip)[1]) == [3, 2]
    (joined,) = judge(clip, overrides={"sets.rest_s": 60})[1]
    assert (len(joined.reps), len(joined.partial_reps)) == (3, 2)


def test_one_set_is_what_one_analyzer_makes_of_it():
    clip = film_exercise(SLUG, 3, fps=FPS)
    assert judge(clip)[1] == (result_of(clip, SLUG),)


def getting_up(t_s):
    return blend(bridge(45), squat(0.0), t_s / 2)


@pytest.mark.parametrize("between", [walk, lambda _: squat(0.0)], ids=["walks", "stands"])
def test_a_lifter_who_gets_up_between_sets(between):
    reps = RepSet.of(2, lead_s=1, rest_s=1, bottom_deg=45)
    parts = ((reps.duration_s, reps.motion()), (2, getting_up), (30, between), (2, lambda t_s: getting_up(2 - t_s)))
    clip = film(then(*parts, parts[0]), frame_times(2 * reps.duration_s + 34, FPS))
    _, sets = judge(clip)
    assert counts(sets) == [2, 2]
    assert sets[0].rejected


# ------------------------------------------------------------------------------------------------------------- sections

BRIDGE_S = sets_with_rest(25).duration_s


def mixed():
    """Return bridges in two sets, then hip thrusts in two, as one clip in two shots, and its sections."""
    bridges = film_exercise(SLUG, sets_with_rest(25), fps=FPS)
    thrusts = film_exercise("hip-thrust", sets_with_rest(25, slug="hip-thrust"), fps=FPS)
    poses = cut_at([*bridges.poses, *retimed(thrusts.poses, BRIDGE_S + 0.05)], BRIDGE_S + 0.01)
    sections = (
        Section(exercise=EXERCISES[SLUG], confidence=0.75),
        Section(exercise=EXERCISES["hip-thrust"], start_s=BRIDGE_S + 0.05, confidence=0.5),
    )
    return bridges.but(poses), sections


MIXED, MIXED_SECTIONS = mixed()


@cache
def mixed_judged():
    return judge(MIXED, *MIXED_SECTIONS)


def test_another_exercise_is_another_set():
    steps, sets = mixed_judged()
    assert [(found.number, found.exercise) for found in sets] == [
        (1, SLUG),
        (2, SLUG),
        (3, "hip-thrust"),
        (4, "hip-thrust"),
    ]
    assert counts(sets) == [2, 2, 2, 2]
    assert [found.confidence for found in sets] == [0.75, 0.75, 0.5, 0.5]
    assert sets[2].start_s == BRIDGE_S + 0.05 > sets[1].end_s
    for step in steps:
        assert step.observation.exercise == (SLUG if step.observation.t_s < BRIDGE_S + 0.05 else "hip-thrust")


def test_rules_are_those_of_the_exercise():
    for found in judge(MIXED, *MIXED_SECTIONS)[1]:
        rules = [rule.id for rule in EXERCISES[found.exercise].rules]
        assert all([finding.rule for finding in rep.findings] == rules for rep in found.reps)


def test_a_section_that_no_frame_falls_into_is_none():
    other = EXERCISES["hip-thrust"]
    clip = film_exercise(SLUG, 2, fps=FPS)
    sections = (Section(exercise=EXERCISES[SLUG]), Section(exercise=other, start_s=3.01))
    unseen = (Section(exercise=other, start_s=3.02), Section(exercise=EXERCISES[SLUG], start_s=1e6))
    _, sets = judge(clip, *sections, *unseen)
    assert [found.exercise for found in sets] == [SLUG, "hip-thrust"]
    assert judge(clip.but([]))[1] == ()


def test_a_section_without_a_repetition_is_one_set_that_says_so():
    clip = film_exercise(SLUG, 2, fps=FPS)
    sections = (Section(exercise=EXERCISES[SLUG]), Section(exercise=EXERCISES["hip-thrust"], start_s=0.4))
    _, sets = judge(clip, *sections)
    assert counts(sets)[0] == 0
    assert [found.number for found in sets] == [1, 2]


def test_a_lift_broken_by_the_next_section_says_so():
    reps = RepSet.of(2, lift_s=2, bottom_deg=45)
    start_s = reps.rep_times(2)[0] + 1.2
    sections = (Section(exercise=EXERCISES[SLUG]), Section(exercise=EXERCISES["hip-thrust"], start_s=start_s))
    _, (before, _) = judge(film_exercise(SLUG, reps, fps=FPS), *sections)
    assert len(before.reps) == 1
    assert [movement.reason for movement in before.rejected] == ["another exercise starts mid-lift"]


# --------------------------------------------------------------------------------------------------------- nothing lost


def with_a_tail():
    """Return two repetitions, 25 s of rest, a loss of 2 s, and a movement that is no repetition."""
    jump = RepPlan(bottom_deg=45, lift_s=0.1, hold_s=0.6, rest_s=2)
    reps = RepSet((RepPlan(bottom_deg=45), RepPlan(bottom_deg=45, rest_s=30), jump))
    clip = film_set(reps, fps=30)
    lift_s = reps.rep_times(3)[0]
    return clip.but(dropped(clip.poses, between_times(lift_s - 4, lift_s - 2)))


def test_what_follows_the_last_set_joins_it():
    clip = with_a_tail()
    steps, (found,) = judge(clip)
    assert len(found.reps) == 2
    assert len(events_of(steps, RejectedMovement)) == 1
    assert list(found.rejected) == events_of(steps, RejectedMovement)
    assert list(found.gaps) == events_of(steps, Gap)
    assert [gap.reason for gap in found.gaps] == ["no person found in the frame"]
    assert found.end_s == clip.poses[-1].t_s
    assert steps[-1].observation.set_number == 2


def test_every_event_is_in_a_set():
    clip = MIXED.but(dropped(MIXED.poses, lambda t_s: 2 <= t_s < 3 or 25 <= t_s < 27))
    steps, sets = judge(clip, *MIXED_SECTIONS)
    gaps = [gap for found in sets for gap in found.gaps]
    assert len(gaps) == 2
    assert gaps == events_of(steps, Gap)
    assert sum(len(found.rejected) for found in sets) >= len(events_of(steps, RejectedMovement))
    live = [rep.timing.top_s for rep in events_of(steps, Rep)]
    final = [rep.timing.top_s for found in sets for rep in (*found.reps, *found.partial_reps)]
    assert set(live) <= set(final)


@pytest.mark.parametrize("loss_s", [(8, 45), (25, 45), (8, 31)])
def test_a_loss_across_the_end_of_a_rest_is_one_gap(loss_s):
    reps = sets_with_rest(60)
    clip = film_exercise(SLUG, reps, fps=FPS)
    _, sets = judge(clip.but(dropped(clip.poses, between_times(*loss_s))))
    assert counts(sets) == [2, 2]
    (gap,) = (gap for found in sets for gap in found.gaps)
    assert (gap.start_s, gap.end_s) == pytest.approx(loss_s, abs=0.11)


# ----------------------------------------------------------------------------------------------------------- live


def test_counts_are_those_of_the_running_set():
    steps, _ = judge(film_exercise(SLUG, sets_with_rest(25), fps=FPS))
    runs = [list(run) for _, run in itertools.groupby(steps, key=lambda step: step.observation.set_number)]
    assert [run[0].observation.set_number for run in runs] == [1, 2]
    for run in runs:
        assert run[0].observation.rep_count == 0
        assert run[-2].observation.rep_count == 2
    assert runs[1][0].observation.phase is Phase.IDLE


@given(st.integers(0, len(MIXED.poses)))
@FEW
def test_what_was_said_up_to_a_time_does_not_change_when_more_frames_come(length):
    whole, _ = mixed_judged()
    part, _ = judge(MIXED.but(MIXED.poses[:length]), *MIXED_SECTIONS)
    assert repr(part) == repr(whole[:length])


def test_run_again_gives_the_same():
    assert repr(judge(MIXED, *MIXED_SECTIONS)) == repr(mixed_judged())


# ------------------------------------------------------------------------------------------------------ while it runs


THREE_SETS = film_set(sets_with_rest(25.0, 25.0), bridge, fps=FPS)


def test_a_set_is_closed_once_it_is_over():
    session = Session([Section(exercise=EXERCISES[SLUG])], THREE_SETS.info)
    closed = []
    for pose in THREE_SETS.poses:
        session.push(pose)
        closed.append(session.closed)
    assert sorted({len(sets) for sets in closed}) == [0, 1, 2]
    assert closed[-1] == session.finish()[:2]


@pytest.mark.parametrize("frames", [0, 1, 60, 300])
def test_what_is_so_far_is_what_would_be_found_if_it_ended_now(frames):
    asked, silent = (Session([Section(exercise=EXERCISES[SLUG])], THREE_SETS.info) for _ in range(2))
    for pose in THREE_SETS.poses[:frames]:
        asked.push(pose)
        silent.push(pose)
    assert differences(figures(asked.so_far()), figures(silent.finish())) == {}


def test_asking_what_is_so_far_changes_nothing():
    asked, silent = (Session([Section(exercise=EXERCISES[SLUG])], THREE_SETS.info) for _ in range(2))
    for number, pose in enumerate(THREE_SETS.poses):
        asked.push(pose)
        silent.push(pose)
        if number % 200 == 100:
            asked.so_far()
    assert differences(figures(asked.finish()), figures(silent.finish())) == {}
