"""Repetitions that start and end standing: a hinge is lowered first and lifted then."""

import itertools
from functools import cache

import pytest
from hypothesis import Phase as HypothesisPhase
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.analysis.judged_reps import Rep
from hipform.segmentation.phases import Phase
from hipform.segmentation.turning_points import STUCK_S
from tests.analysis.standing import film_hinges, hinges
from tests.synthetic import RepPlan, RepSet, SyntheticCamera, analyse, between_times, cut_at, dropped, result_of

FEW = settings(max_examples=4, phases=(HypothesisPhase.explicit, HypothesisPhase.reuse, HypothesisPhase.generate))
SLUGS = ("romanian-deadlift", "good-morning", "pull-through")
SLUG = SLUGS[0]
SET = hinges()
CLIP = film_hinges(SET, fps=20)
LEAVE_S, LOW_S, LIFT_S, TOP_S = SET.rep_times(2)


def until(end_s):
    return CLIP.but(pose for pose in CLIP.poses if pose.t_s <= end_s)


@pytest.mark.parametrize("facing", [1, -1], ids=["right", "left"])
@pytest.mark.parametrize(
    ("slug", "azimuth"), [*((SLUG, azimuth) for azimuth in (-30, 0, 30, 60)), *((slug, 30) for slug in SLUGS[1:])]
)
def test_a_set_counts_from_every_side(slug, facing, azimuth):
    camera = SyntheticCamera(facing=facing, azimuth_deg=azimuth)
    result = result_of(film_hinges(SET, camera, fps=20, noise_px=0.7), slug)
    assert (len(result.reps), len(result.partial_reps)) == (3, 0)
    assert result.rejected == ()
    assert {rep.side for rep in result.reps} == {camera.near}


@pytest.mark.parametrize(("fps", "jitter"), [(12, 0), (24, 0), (60, 0), (30, 0.7)])
def test_a_set_counts_at_every_frame_rate(fps, jitter):
    assert len(result_of(film_hinges(SET, fps=fps, jitter=jitter), SLUG).reps) == 3


def test_angles_and_times_are_those_of_the_plan():
    for number, rep in enumerate(result_of(CLIP, SLUG).reps, 1):
        leave_s, low_s, lift_s, top_s = SET.rep_times(number)
        assert rep.lockout_trunk_thigh_flexion_deg.value == pytest.approx(2, abs=0.5)
        assert rep.bottom_trunk_thigh_flexion_deg.value == pytest.approx(80, abs=0.5)
        assert leave_s <= rep.timing.start_s < low_s < rep.timing.top_start_s <= top_s < rep.timing.end_s
        assert rep.timing.lower_s == pytest.approx(low_s - leave_s, abs=0.4)
        assert rep.timing.lift_s == pytest.approx(top_s - lift_s, abs=0.4)


def test_a_repetition_is_said_soon_after_it_is_over():
    steps, _ = analyse(CLIP, SLUG)
    said_s = [step.observation.t_s for step in steps if step.events]
    over_s = [SET.rep_times(number)[3] for number in (1, 2, 3)]
    assert all(0 <= said - over < 0.5 for said, over in zip(said_s, over_s, strict=True))


def test_phases_begin_with_the_lowering():
    steps, _ = analyse(film_hinges(hinges(2, hold_s=1), fps=20), SLUG)
    runs = [phase for phase, _ in itertools.groupby(step.observation.phase for step in steps)]
    one = [Phase.LOWER, Phase.BOTTOM, Phase.LIFT, Phase.TOP]
    assert runs == [Phase.IDLE, *one, *one]


@cache
def whole_clip():
    return analyse(CLIP, SLUG)


@given(st.integers(0, len(CLIP.poses)))
@FEW
def test_what_was_said_up_to_a_time_does_not_change_when_more_frames_come(length):
    whole, _ = whole_clip()
    part, _ = analyse(CLIP.but(CLIP.poses[:length]), SLUG)
    assert repr(part) == repr(whole[:length])


# ----------------------------------------------------------------------------------------------------- sticking, short


def sticking(at_deg, pause_s):
    """Return three hinges; the lift of the second one halts at *at_deg* for a while."""
    full = hinges(1).plans[0]
    halted = RepPlan(lift_s=1.2, hold_s=0.3, lower_s=0.8, lockout_deg=80, bottom_deg=2, rest_s=pause_s)
    rest = RepPlan(lift_s=0.01, hold_s=0.01, lower_s=0.5, lockout_deg=at_deg, bottom_deg=at_deg, rest_s=1.0)
    return RepSet((full, halted, rest, full))


def test_a_sticking_point_is_no_end():
    """The lift halts at four fifths of the way, for longer than a lockout takes to be one."""
    assert sticking(18, 0.6).angle_deg(sticking(18, 0.6).rep_times(2)[3] + 0.3) == pytest.approx(18)
    result = result_of(film_hinges(sticking(18, 0.6), fps=20), SLUG)
    assert len(result.reps) == 3
    assert [rep.lockout_trunk_thigh_flexion_deg.value for rep in result.reps] == pytest.approx([2, 2, 2], abs=0.5)


def test_a_short_lockout_is_a_repetition_of_its_own():
    """Held for a second and a half, the same halt was the top; what follows is too little for another one."""
    result = result_of(film_hinges(sticking(18, STUCK_S + 0.5), fps=20), SLUG)
    assert len(result.reps) == 3
    assert [rep.lockout_trunk_thigh_flexion_deg.value for rep in result.reps] == pytest.approx([2, 18, 2], abs=0.5)


# ------------------------------------------------------------------------------------------------------ what clips omit


def test_a_clip_that_begins_in_a_descent():
    begin_s = (SET.rep_times(1)[0] + SET.rep_times(1)[1]) / 2
    result = result_of(CLIP.but(pose for pose in CLIP.poses if pose.t_s > begin_s), SLUG)
    first, second, _ = result.reps
    assert first.timing.start_s is None
    assert first.timing.lift_s == pytest.approx(second.timing.lift_s, abs=0.07)
    assert second.timing.start_s is not None


def begun(share, slug=SLUG):
    """Return the result of the set from that share of its first lift on."""
    _, _, lift_s, top_s = SET.rep_times(1)
    begin_s = lift_s + share * (top_s - lift_s)
    return result_of(CLIP.but(pose for pose in CLIP.poses if pose.t_s > begin_s), slug)


def test_a_clip_that_begins_in_a_lift_counts_it_if_most_of_it_is_seen():
    early, late = begun(0.25), begun(0.5)
    assert (len(early.reps), len(late.reps)) == (3, 2)
    assert early.reps[0].timing.start_s is early.reps[0].timing.lift_s is None
    assert [movement.reason for movement in late.rejected] == ["the clip starts mid-lift"]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_clip_that_begins_at_the_bottom_counts_the_first_lift(slug):
    _, low_s, _, top_s = SET.rep_times(1)
    result = result_of(CLIP.but(pose for pose in CLIP.poses if pose.t_s > low_s), slug)
    first, second, _ = result.reps
    assert (first.timing.start_s, first.timing.lower_s) == (None, None)
    assert first.timing.lift_s == pytest.approx(second.timing.lift_s, abs=0.07)
    assert top_s < first.timing.end_s <= second.timing.start_s
    assert first.range_deg.value == pytest.approx(second.range_deg.value, abs=1)


@pytest.mark.parametrize("end_s", [LIFT_S + 0.9 * (TOP_S - LIFT_S), TOP_S], ids=["nearly up", "up"])
def test_a_clip_that_ends_with_the_lift_counts_it(end_s):
    result = result_of(until(end_s), SLUG)
    assert len(result.reps) == 2
    assert result.rejected == ()


@pytest.mark.parametrize("end_s", [(LEAVE_S + LOW_S) / 2, LIFT_S, (LIFT_S + TOP_S) / 2], ids=["down", "low", "lift"])
def test_a_clip_that_ends_before_the_lift_is_over_does_not_count_it(end_s):
    result = result_of(until(end_s), SLUG)
    assert len(result.reps) == 1
    assert [movement.reason for movement in result.rejected] == ["the clip ends mid-lift"]


@pytest.mark.parametrize(("at_s", "count"), [((LEAVE_S + LOW_S) / 2, 3), ((LIFT_S + TOP_S) / 2, 2)], ids=["down", "up"])
def test_a_loss_takes_the_repetition_out_unless_its_lift_is_seen(at_s, count):
    steps, result = analyse(CLIP.but(dropped(CLIP.poses, between_times(at_s, at_s + 0.9))), SLUG)
    assert len(result.reps) == count
    assert [movement.reason for movement in result.rejected] == ["no person found in the frame"]
    assert sum(isinstance(event, Rep) for step in steps for event in step.events) == count


def test_a_cut_in_the_lift_takes_the_repetition_out():
    result = result_of(CLIP.but(cut_at(CLIP.poses, (LIFT_S + TOP_S) / 2)), SLUG)
    assert len(result.reps) == 2
    assert [movement.reason for movement in result.rejected] == ["cut to another shot", "the clip starts mid-lift"]


def test_what_follows_a_cut_in_the_descent_is_a_lift_whose_begin_was_not_seen():
    result = result_of(CLIP.but(cut_at(CLIP.poses, (LEAVE_S + LOW_S) / 2)), SLUG)
    assert [rep.timing.start_s is None for rep in result.reps] == [False, True, False]
    assert [movement.reason for movement in result.rejected] == ["cut to another shot"]
