"""Cuts, losses, other people, and clips with next to nothing in them."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from hipform.analysis import Analyzer
from hipform.analysis.judged_reps import Gap, Rep
from hipform.exercises import EXERCISES
from hipform.exercises.declaration import View
from hipform.pose.poses import Pose
from tests.bridges import every_bridge
from tests.synthetic import (
    RepSet,
    SyntheticCamera,
    analyse,
    between_times,
    changed,
    cut_at,
    dropped,
    film_exercise,
    film_set,
    mislabelled,
    moved,
    posture_of,
    result_of,
    retimed,
    scaled,
    without,
)

SLUG = "glute-bridge"
REPS = RepSet.of(3, lift_s=1.0, hold_s=0.6, lower_s=1.0, rest_s=0.6, bottom_deg=45)
WHOLE = film_exercise(SLUG, REPS, fps=20)
LIFT_S, TOP_S, LEAVE_S, LOW_S = REPS.rep_times(2)
MID_LIFT_S, MID_LOWERING_S = (LIFT_S + TOP_S) / 2, (LEAVE_S + LOW_S) / 2
FEW = settings(max_examples=6, phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""Whole clips are too slow to look for the smallest example that fails."""
every_exercise = pytest.mark.parametrize("slug", EXERCISES)


def spans(result):
    """Return the time that every listed repetition takes, what was not seen left out."""
    reps = (*result.reps, *result.partial_reps)
    return [(rep.timing.seen_start_s, rep.timing.seen_end_s) for rep in reps]


def none_spans(result, start_s, end_s):
    return all(end <= start_s or start >= end_s for start, end in spans(result))


# ----------------------------------------------------------------------------------------------------------------- cuts


@pytest.mark.parametrize(
    ("cut_s", "count"),
    [(MID_LIFT_S, 2), ((TOP_S + LEAVE_S) / 2, 3), (MID_LOWERING_S, 3)],
    ids=["lift", "top", "lowering"],
)
def test_a_repetition_with_a_cut_counts_if_it_had_reached_its_top(cut_s, count):
    steps, result = analyse(WHOLE.but(cut_at(WHOLE.poses, cut_s)), SLUG)
    assert len(result.reps) == count
    assert none_spans(result, cut_s, cut_s)
    assert ("cut to another shot" in [movement.reason for movement in result.rejected]) == (count == 2)
    assert [gap.reason for gap in result.gaps] == ["cut to another shot"]
    assert [event for step in steps for event in step.events if isinstance(event, Gap)] == list(result.gaps)


@given(st.floats(0.1, REPS.duration_s - 0.1))
@FEW
def test_a_cut_anywhere_joins_nothing_and_makes_nothing(cut_s):
    result = result_of(WHOLE.but(cut_at(WHOLE.poses, cut_s)), SLUG)
    assert none_spans(result, cut_s, cut_s)
    assert 2 <= len(result.reps) <= 3
    assert len(result.reps) + len(result.partial_reps) <= 3


def test_a_cut_in_a_rest_changes_no_count():
    cut = result_of(WHOLE.but(cut_at(WHOLE.poses, LOW_S + 0.3)), SLUG)
    assert len(cut.reps) == 3


def test_a_bottom_before_a_cut_is_no_bottom_after_it():
    """The next shot begins at a top: nothing was lifted in it."""
    top_s = REPS.rep_times(3)[1]
    poses = [replace(p, shot=int(p.t_s > top_s)) for p in WHOLE.poses if p.t_s < LOW_S + 0.3 or p.t_s > top_s]
    result = result_of(WHOLE.but(poses), SLUG)
    assert len(result.reps) == 2
    assert result.rejected == ()


def test_a_cut_to_a_lifter_facing_the_other_way():
    other = film_exercise(SLUG, REPS, camera=SyntheticCamera(facing=-1, azimuth_deg=10), fps=20)
    late = [replace(pose, shot=1) for pose in retimed(other.poses, REPS.duration_s + 0.05)]
    result = result_of(WHOLE.but([*WHOLE.poses, *late]), SLUG)
    assert len(result.reps) == 6
    assert [rep.side for rep in result.reps] == ["right"] * 3 + ["left"] * 3


# --------------------------------------------------------------------------------------------------------------- losses


@given(st.floats(0.2, REPS.duration_s - 0.6), st.floats(0.05, 0.3))
@FEW
def test_a_short_loss_anywhere_is_bridged(start_s, length_s):
    result = result_of(WHOLE.but(dropped(WHOLE.poses, between_times(start_s, start_s + length_s))), SLUG)
    assert len(result.reps) == 3
    assert result.gaps == ()


@given(st.floats(0.2, REPS.duration_s - 1.5), st.floats(0.7, 1.2))
@FEW
def test_a_long_loss_anywhere_is_a_gap_that_no_repetition_spans(start_s, length_s):
    steps, result = analyse(WHOLE.but(dropped(WHOLE.poses, between_times(start_s, start_s + length_s))), SLUG)
    (gap,) = result.gaps
    assert gap.reason == "no person found in the frame"
    assert gap.start_s == pytest.approx(start_s, abs=0.06)
    assert gap.end_s == pytest.approx(start_s + length_s, abs=0.06)
    assert none_spans(result, gap.start_s, gap.end_s)
    assert len(result.reps) + len(result.partial_reps) <= 3
    lost = [step.observation.tracked for step in steps if start_s <= step.observation.t_s < start_s + length_s]
    assert not any(lost)


@pytest.mark.parametrize(
    ("at_s", "count"),
    [(MID_LIFT_S, 2), ((TOP_S + LEAVE_S) / 2, 3), (MID_LOWERING_S, 3)],
    ids=["lift", "top", "lowering"],
)
def test_a_repetition_with_a_long_loss_counts_if_it_had_reached_its_top(at_s, count):
    result = result_of(WHOLE.but(dropped(WHOLE.poses, between_times(at_s, at_s + 0.8))), SLUG)
    assert len(result.reps) == count
    assert [movement.reason for movement in result.rejected] == ["no person found in the frame"] * (3 - count)
    assert [gap.reason for gap in result.gaps] == ["no person found in the frame"]


def test_a_loss_to_the_end_is_closed_at_the_end():
    result = result_of(WHOLE.but(dropped(WHOLE.poses, lambda t_s: t_s >= LOW_S + 0.2)), SLUG)
    assert [(gap.reason, gap.end_s) for gap in result.gaps] == [("no person found in the frame", WHOLE.poses[-1].t_s)]
    assert len(result.reps) == 2


def test_frames_that_never_came_are_a_loss_too():
    holed = [pose for pose in WHOLE.poses if not MID_LIFT_S <= pose.t_s < MID_LIFT_S + 1.5]
    result = result_of(WHOLE.but(holed), SLUG)
    assert none_spans(result, MID_LIFT_S, MID_LIFT_S + 1.4)


@pytest.mark.parametrize("part", ["shoulder", "hip", "knee"])
def test_a_joint_long_out_of_sight_is_a_gap(part):
    hidden = changed(WHOLE.poses, lambda pose: without(pose, part), between_times(MID_LIFT_S, MID_LIFT_S + 1))
    result = result_of(WHOLE.but(hidden), SLUG)
    assert [gap.reason for gap in result.gaps] == ["shoulder, hip or knee not seen"]
    assert len(result.reps) == 2


def test_a_joint_out_of_sight_throughout_is_a_gap():
    result = result_of(WHOLE.but(without(pose, "knee") for pose in WHOLE.poses), SLUG)
    assert result.reps == ()
    (gap,) = result.gaps
    assert gap.reason == "shoulder, hip or knee not seen"
    assert gap.end_s == WHOLE.poses[-1].t_s


FAR_FEET = film_set(REPS, posture_of(SLUG, shin_lean_deg=-18), fps=20)
ANKLE_PX, KNEE_PX = (max(pose.image_px[point, 0] for pose in FAR_FEET.poses) for point in (28, 26))
"""With feet far out the right edge can cut off the ankle, or the knee too."""


def cropped_at(x_px):
    """Return the clip in a picture that is so narrow that *x_px* lies 2 % of the width past its edge."""
    return replace(FAR_FEET, info=replace(FAR_FEET.info, width_px=round(x_px / 1.02)))


def verdicts(result, rule):
    return [rep.finding(rule).status for rep in result.reps]


def test_points_beyond_the_edge_of_the_picture_are_guesses():
    assert verdicts(result_of(cropped_at(ANKLE_PX + 3), SLUG), "shin-angle") == ["ok"] * 3
    assert verdicts(result_of(cropped_at(ANKLE_PX - 3), SLUG), "shin-angle") == ["not_assessed"] * 3


def test_guessed_joints_are_counted_by_and_not_judged():
    seen, extrapolated = (analyse(cropped_at(KNEE_PX + shift), SLUG) for shift in (3, -20))
    assert len(seen[1].reps) == len(extrapolated[1].reps) == 3
    assert all(step.observation.assessable for step in seen[0])
    assert not any(step.observation.assessable for step in extrapolated[0])
    assert all(step.observation.tracked for step in extrapolated[0])
    for rule in EXERCISES[SLUG].rules:
        texts = {rep.finding(rule.id).text for rep in extrapolated[1].reps}
        if rule.sight is View.ANGLES:
            assert texts == {"shoulder, hip or knee is out of frame at the top"}
        else:
            assert verdicts(extrapolated[1], rule.id) == verdicts(seen[1], rule.id)


def test_joints_far_out_of_the_picture_are_not_even_guessed():
    result = result_of(cropped_at(KNEE_PX / 1.1), SLUG)
    assert result.reps == ()
    assert {gap.reason for gap in result.gaps} == {"shoulder, hip or knee not seen"}


def test_other_points_past_the_edge_are_no_guesses():
    """Hands and feet are used as far as they are seen; nothing is counted by them."""
    steps, _ = analyse(cropped_at(ANKLE_PX - 3), SLUG)
    assert all(step.observation.assessable for step in steps)
    assert all(math.isnan(step.observation.values["shin_lean_deg"]) for step in steps)


# --------------------------------------------------------------------------------------------------------- other bodies

ANOTHER = film_exercise(SLUG, RepSet.of(3, lead_s=1.1, bottom_deg=45), fps=20)
TRUNK_PX = 150


def beside(poses):
    return moved(poses, (0, -3 * TRUNK_PX))


@pytest.mark.parametrize("change", [beside, lambda poses: scaled(poses, 1.9)], ids=["elsewhere", "nearer"])
def test_a_jump_to_another_body_ends_the_repetition(change):
    other = retimed(change(ANOTHER.poses), MID_LIFT_S - 2.0)
    poses = [*(pose for pose in WHOLE.poses if pose.t_s < MID_LIFT_S), *(p for p in other if p.t_s >= MID_LIFT_S)]
    info = replace(WHOLE.info, width_px=4000, height_px=4000)
    result = result_of(replace(WHOLE, poses=tuple(moved(poses, (0, 1000))), info=info), SLUG)
    assert "tracking jumped to another body" in [gap.reason for gap in result.gaps]
    assert "tracking jumped to another body" in [movement.reason for movement in result.rejected]
    assert none_spans(result, MID_LIFT_S - 0.06, MID_LIFT_S)


def test_a_jump_to_another_body_and_back_takes_the_repetition_out():
    poses = list(WHOLE.poses)
    for index, pose in enumerate(poses):
        if MID_LIFT_S <= pose.t_s < MID_LIFT_S + 0.3:
            (poses[index],) = beside([pose])
    result = result_of(WHOLE.but(moved(poses, (0, 0))), SLUG)
    assert len(result.reps) == 2
    assert [gap.reason for gap in result.gaps] == ["tracking jumped to another body"] * 2


def test_a_model_that_hops_between_two_people_counts_nothing():
    poses = [pose if index % 2 else beside([pose])[0] for index, pose in enumerate(WHOLE.poses)]
    result = result_of(WHOLE.but(poses), SLUG)
    assert (result.reps, result.partial_reps) == ((), ())
    assert result.gaps


@cache
def single_leg_bridges():
    clip = film_exercise("single-leg-glute-bridge", REPS)
    return clip, result_of(clip, "single-leg-glute-bridge")


@given(st.floats(0.3, 8), st.floats(0.05, 1))
@FEW
def test_labels_swapped_for_a_while_change_nothing(start_s, length_s):
    whole, result = single_leg_bridges()
    swapped = whole.but(changed(whole.poses, mislabelled, between_times(start_s, start_s + length_s)))
    assert result_of(swapped, "single-leg-glute-bridge") == result


# ----------------------------------------------------------------------------------------------------- leaps of a point


def leaping_hip(by_px):
    def leap(pose):
        image_px = pose.image_px.copy()
        image_px[23:25] += by_px
        return replace(pose, image_px=image_px)

    return leap


def test_a_hip_that_leaps_for_two_frames_is_not_measured_there():
    leapt = changed(WHOLE.poses, leaping_hip((0, -70)), between_times(LOW_S + 0.2, LOW_S + 0.29))
    steps, result = analyse(WHOLE.but(leapt), SLUG)
    unseen = [step.observation.t_s for step in steps if not step.observation.tracked]
    assert unseen == [pose.t_s for pose in WHOLE.poses if LOW_S + 0.2 <= pose.t_s < LOW_S + 0.29]
    assert len(result.reps) == 3
    assert result.gaps == ()


def test_a_hip_that_stays_elsewhere_has_moved():
    leapt = changed(WHOLE.poses, leaping_hip((0, -25)), lambda t_s: t_s >= LOW_S + 0.2)
    steps, _ = analyse(WHOLE.but(leapt), SLUG)
    tracked = [step.observation.tracked for step in steps if step.observation.t_s >= LOW_S + 0.2]
    assert tracked[8:] == [True] * len(tracked[8:])


# ------------------------------------------------------------------------------------------------------ next to nothing


@every_exercise
def test_no_frames_at_all(slug):
    result = Analyzer(EXERCISES[slug], WHOLE.info).finish()
    assert (result.reps, result.partial_reps, result.rejected, result.gaps) == ((), (), (), ())
    assert result.view_off_deg is None
    assert result.exercise == slug


@every_bridge
@pytest.mark.parametrize("count", [1, 2, 3])
def test_hardly_a_frame(slug, count):
    clip = film_exercise(slug, fps=20)
    result = result_of(clip.but(clip.poses[:count]), slug)
    assert (result.reps, result.rejected, result.gaps) == ((), (), ())
    assert result.view_off_deg == 0


@every_exercise
def test_nobody_at_all(slug):
    steps, result = analyse(WHOLE.but(dropped(WHOLE.poses, lambda _: True)), slug)
    assert (result.reps, result.partial_reps, result.rejected) == ((), (), ())
    (gap,) = result.gaps
    assert (gap.start_s, gap.end_s) == (WHOLE.poses[0].t_s, WHOLE.poses[-1].t_s)
    assert result.view_off_deg is None
    for step in steps:
        seen = step.observation
        assert (seen.tracked, seen.assessable) == (False, False)
        assert all(math.isnan(value) for value in (*seen.values.values(), *seen.u95.values()))
        assert math.isnan(seen.view_off_deg)


# ----------------------------------------------------------------------------------------------------------- NaN storms


@cache
def whole_set(slug):
    return film_exercise(slug, 3, fps=20)


@every_bridge
@given(st.integers(0, 10_000), st.floats(0.02, 0.95), st.integers(1, 12))
@settings(FEW, max_examples=4)
def test_frames_lost_at_random_never_add_a_repetition(slug, seed, share, run):
    """Runs of up to *run* frames are lost, in all about *share* of the clip."""
    whole = whole_set(slug)
    rng = np.random.default_rng(seed)
    lost = np.repeat(rng.random(len(whole.poses) // run + 1) < share, run)[: len(whole.poses)]
    poses = [Pose.unseen(p.t_s) if is_lost else p for p, is_lost in zip(whole.poses, lost, strict=True)]
    steps, result = analyse(whole.but(poses), slug)
    assert len(result.reps) + len(result.partial_reps) <= 3
    assert all(start <= end for start, end in spans(result))
    assert [step.observation.tracked and bool(lost[i]) for i, step in enumerate(steps)] == [False] * len(steps)
    assert sum(isinstance(event, Rep) for step in steps for event in step.events) <= 3


@every_bridge
@given(st.integers(0, 10_000), st.floats(0.01, 0.5))
@settings(FEW, max_examples=4)
def test_points_lost_at_random_never_crash_or_add_a_repetition(slug, seed, share):
    whole = whole_set(slug)
    rng = np.random.default_rng(seed)

    def holed(pose):
        image_px, world_m, gone = pose.image_px.copy(), pose.world_m.copy(), rng.random(33) < share
        gone[0] = False
        image_px[gone], world_m[gone] = np.nan, np.nan
        return replace(pose, image_px=image_px, world_m=world_m)

    result = result_of(whole.but(map(holed, whole.poses)), slug)
    assert len(result.reps) + len(result.partial_reps) <= 3
