"""Frame by frame, as a whole, and again: one code path, causal, in bounded memory."""

import itertools
from functools import cache

import pytest
from hypothesis import Phase as HypothesisPhase
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.analysis import Analyzer
from hipform.analysis.judged_reps import Gap, RejectedMovement, Rep
from hipform.exercises import EXERCISES
from hipform.kinematics.reading_errors import base_u95, exercise_reading
from hipform.segmentation.phases import Phase
from hipform.segmentation.resampling import STEP_S
from tests.bridges import every_bridge
from tests.synthetic import (
    RepPlan,
    RepSet,
    SyntheticCamera,
    analyse,
    between_times,
    bottom_deg_of,
    cut_at,
    dropped,
    film_exercise,
    film_set,
    result_of,
)

FEW = settings(max_examples=4, phases=(HypothesisPhase.explicit, HypothesisPhase.reuse, HypothesisPhase.generate))

# Both times the scale of the exercise, which no number of the signal changes.
_SCALE = exercise_reading("glute-bridge").u95_scale
HELD_U95_DEG, MOVING_U95_DEG = (pytest.approx(_SCALE * u95) for u95 in base_u95("trunk_thigh_flexion_deg"))


def eventful(slug="glute-bridge"):
    """Return a clip with full and partial repetitions, a cut, a short and a long loss."""
    low = bottom_deg_of(slug)
    plans = [RepPlan(bottom_deg=low), RepPlan(bottom_deg=low, lockout_deg=low / 2), *[RepPlan(bottom_deg=low)] * 3]
    clip = film_exercise(slug, RepSet(tuple(plans)), fps=20, noise_px=0.5)
    poses = dropped(clip.poses, lambda t_s: 4.0 <= t_s < 4.2 or 9.8 <= t_s < 10.8)
    return clip.but(cut_at(poses, 9.4))


EVENTFUL = eventful()


@cache
def analysed_whole():
    return analyse(EVENTFUL, "glute-bridge")


def events_of(steps):
    return [event for step in steps for event in step.events]


# -------------------------------------------------------------------------------------------------- whole, again, apart


@every_bridge
def test_run_again_gives_the_same(slug):
    clip = eventful(slug)
    first, second = analyse(clip, slug), analyse(clip, slug)
    assert repr(first) == repr(second)


def test_two_analyses_at_once_do_not_meddle():
    alone = analysed_whole()
    other_clip = film_exercise("hip-thrust", 3, SyntheticCamera(facing=-1), fps=20)
    one, other = (Analyzer(EXERCISES[slug], EVENTFUL.info) for slug in ("glute-bridge", "hip-thrust"))
    steps = []
    for pose, other_pose in itertools.zip_longest(EVENTFUL.poses, other_clip.poses[: len(EVENTFUL.poses)]):
        steps.append(one.push(pose))
        if other_pose:
            other.push(other_pose)
    assert repr((steps, one.finish())) == repr(alone)


def test_steps_that_were_handed_out_never_change():
    analyzer = Analyzer(EXERCISES["glute-bridge"], EVENTFUL.info)
    steps, said = [], []
    for pose in EVENTFUL.poses:
        steps.append(analyzer.push(pose))
        said.append(repr(steps[-1]))
    analyzer.finish()
    assert [repr(step) for step in steps] == said


@given(st.integers(0, len(EVENTFUL.poses)))
@FEW
def test_what_was_said_up_to_a_time_does_not_change_when_more_frames_come(length):
    whole, _ = analysed_whole()
    part, _ = analyse(EVENTFUL.but(EVENTFUL.poses[:length]), "glute-bridge")
    assert repr(part) == repr(whole[:length])


@given(st.floats(0.5, 9))
@FEW
def test_events_in_time_are_among_those_of_the_whole(end_s):
    poses = [pose for pose in EVENTFUL.poses if pose.t_s < end_s]
    events = events_of(analysed_whole()[0])
    part = events_of(analyse(EVENTFUL.but(poses), "glute-bridge")[0])
    assert part == events[: len(part)]


# ------------------------------------------------------------------------------------------------ events and the result


def test_the_eventful_clip_is_eventful():
    steps, result = analysed_whole()
    assert {type(event) for event in events_of(steps)} == {Rep, RejectedMovement, Gap}
    assert (len(result.reps), len(result.partial_reps)) == (3, 1)


def test_the_result_holds_every_event_and_judges_the_repetitions_anew():
    steps, result = analysed_whole()
    events = events_of(steps)
    assert [event for event in events if isinstance(event, Gap)] == list(result.gaps)
    assert set(events) & set(result.rejected) == {event for event in events if isinstance(event, RejectedMovement)}
    live = sorted(event.timing.top_s for event in events if isinstance(event, Rep))
    assert live == sorted(rep.timing.top_s for rep in (*result.reps, *result.partial_reps))
    assert result.refined == ("set-baseline",)


def test_the_whole_set_corrects_what_was_said_live():
    """A first repetition of half the range counts live, when it is of usual size, and is partial in hindsight."""
    plans = (RepPlan(bottom_deg=75, lockout_deg=32), *[RepPlan(bottom_deg=75)] * 3)
    steps, result = analyse(film_exercise("hip-thrust", RepSet(plans), fps=20), "hip-thrust")
    assert [event.partial for event in events_of(steps)] == [False] * 4
    assert (len(result.reps), len(result.partial_reps)) == (3, 1)


@every_bridge
def test_counts_rise_with_the_events(slug):
    steps, _ = analyse(eventful(slug), slug)
    full = partial = 0
    for step in steps:
        for event in step.events:
            full += isinstance(event, Rep) and not event.partial
            partial += isinstance(event, Rep) and event.partial
        assert (step.observation.rep_count, step.observation.partial_count) == (full, partial)


def test_a_repetition_is_said_soon_after_it_is_over():
    reps = RepSet.of(3, rest_s=1.5, bottom_deg=45)
    steps, _ = analyse(film_exercise("glute-bridge", reps), "glute-bridge")
    said_s = [step.observation.t_s for step in steps if step.events]
    over_s = [reps.rep_times(number)[3] for number in (1, 2, 3)]
    assert all(0 <= said - over < 0.5 for said, over in zip(said_s, over_s, strict=True))


def ending_and_counted(clip, slug):
    """Return the times at which a repetition began to be as good as over, and those at which one was counted."""
    analyzer, ending_s, counted_s, was_ending = Analyzer(EXERCISES[slug], clip.info), [], [], False
    for pose in clip.poses:
        events = analyzer.push(pose).events
        counted_s += [pose.t_s for event in events if isinstance(event, Rep) and not event.partial]
        is_ending = analyzer.rep_is_ending
        ending_s += [pose.t_s] if is_ending and not was_ending else []
        was_ending = is_ending
    return ending_s, counted_s


@pytest.mark.parametrize("slug", ["glute-bridge", "deadlift"])
def test_a_repetition_is_as_good_as_over_a_little_before_it_is_counted(slug):
    ending_s, counted_s = ending_and_counted(film_exercise(slug, 4, noise_px=1.0), slug)
    assert len(counted_s) == len(ending_s) == 4
    assert all(0 < counted - ending < 1 for ending, counted in zip(ending_s, counted_s, strict=True))


def test_a_partial_repetition_is_never_as_good_as_counted():
    plans = [RepPlan(bottom_deg=45), RepPlan(bottom_deg=45, lockout_deg=24), RepPlan(bottom_deg=45)]
    ending_s, counted_s = ending_and_counted(film_exercise("glute-bridge", RepSet(tuple(plans))), "glute-bridge")
    assert len(counted_s) == len(ending_s) == 2


def test_another_exercise_is_never_as_good_as_counted():
    assert ending_and_counted(film_exercise("glute-bridge", 3), "deadlift") == ([], [])


# --------------------------------------------------------------------------------------------------------- observations


@every_bridge
@pytest.mark.parametrize("facing", [1, -1])
def test_observations_read_the_true_angle(slug, facing):
    reps = RepSet.of(2, bottom_deg=bottom_deg_of(slug))
    steps, _ = analyse(film_exercise(slug, reps, SyntheticCamera(facing=facing), fps=20), slug)
    for seen in (step.observation for step in steps):
        assert seen.tracked
        assert seen.values["trunk_thigh_flexion_deg"] == pytest.approx(reps.angle_deg(seen.t_s), abs=1e-6)


def test_phases_pass_in_order_and_know_how_long_they_last():
    reps = RepSet.of(2, hold_s=1, rest_s=1, lead_s=1, bottom_deg=45)
    steps, _ = analyse(film_exercise("glute-bridge", reps, fps=20), "glute-bridge")
    seen = [step.observation for step in steps]
    cycle = [Phase.LIFT, Phase.TOP, Phase.LOWER, Phase.BOTTOM]
    runs = [list(run) for _, run in itertools.groupby(seen, key=lambda observation: observation.phase)]
    assert [run[0].phase for run in runs] == [Phase.IDLE, *cycle, *cycle]
    for run in runs:
        assert [observation.phase_s for observation in run] == pytest.approx(
            [observation.t_s - run[0].t_s for observation in run]
        )


@pytest.mark.parametrize("at_s", [0.3, 1.0, 1.7], ids=["before the lift", "lift", "top"])
def test_a_long_loss_is_no_phase(at_s):
    reps = RepSet.of(2, hold_s=1, rest_s=1, bottom_deg=45)
    clip = film_exercise("glute-bridge", reps, fps=20)
    steps, _ = analyse(clip.but(dropped(clip.poses, between_times(at_s, at_s + 2))), "glute-bridge")
    before, *lost = (step.observation for step in steps if at_s - 0.051 <= step.observation.t_s < at_s + 2)
    bridged = [seen for seen in lost if seen.t_s - before.t_s <= 0.5]
    assert [seen.phase for seen in bridged] == [before.phase] * len(bridged)
    given_up = lost[len(bridged) :]
    assert {seen.phase for seen in given_up} == {Phase.IDLE}
    assert [seen.phase_s for seen in given_up] == pytest.approx([seen.t_s - given_up[0].t_s for seen in given_up])


@pytest.mark.parametrize(("azimuth", "assessable"), [(0, True), (25, True), (50, True), (70, False)])
def test_the_view_is_known_from_the_first_frame(azimuth, assessable):
    clip = film_exercise("glute-bridge", camera=SyntheticCamera(azimuth_deg=azimuth), fps=20)
    for step in analyse(clip, "glute-bridge")[0]:
        assert step.observation.view_off_deg == pytest.approx(azimuth, abs=0.5)
        assert step.observation.assessable == assessable


@pytest.mark.parametrize(("frames", "median_deg"), [(40, 24), (300, 0)])
def test_the_view_of_a_set_is_its_median(frames, median_deg):
    straight, turned = (
        film_exercise("glute-bridge", 8, camera=SyntheticCamera(azimuth_deg=deg), fps=20) for deg in (0, 24)
    )
    poses = [*straight.poses[:frames], *turned.poses[frames:]]
    assert result_of(straight.but(poses)).view_off_deg == median_deg


def test_the_band_is_narrow_while_the_top_is_held_and_wide_while_moving():
    reps = RepSet.of(1, hold_s=1, bottom_deg=45)
    lift_s, top_s, leave_s, _ = reps.rep_times(1)
    steps, _ = analyse(film_exercise("glute-bridge", reps), "glute-bridge")
    bands = {round(step.observation.t_s, 3): step.observation.u95["trunk_thigh_flexion_deg"] for step in steps}

    def band(t_s):
        return bands[min(bands, key=lambda t: abs(t - t_s))]

    assert band((top_s + leave_s) / 2) == HELD_U95_DEG
    assert band((lift_s + top_s) / 2) == MOVING_U95_DEG
    assert band(0.3) == MOVING_U95_DEG


# ---------------------------------------------------------------------------------------------------------- few frames


def test_few_frames_a_second_measure_as_many_do():
    many, few = (result_of(film_exercise("glute-bridge", 3, fps=fps)) for fps in (30, 8))
    assert len(few.reps) == len(many.reps) == 3
    for rep, wanted in zip(few.reps, many.reps, strict=True):
        assert rep.lockout_trunk_thigh_flexion_deg.value == pytest.approx(
            wanted.lockout_trunk_thigh_flexion_deg.value, abs=0.5
        )
        for name in ("lift_s", "hold_s", "lower_s"):
            assert getattr(rep.timing, name) == pytest.approx(getattr(wanted.timing, name), abs=0.1), name


def test_every_frame_has_one_step_however_much_is_filled_in():
    clip = film_exercise("glute-bridge", 2, fps=8)
    steps, _ = analyse(clip, "glute-bridge")
    assert [step.observation.t_s for step in steps] == [pose.t_s for pose in clip.poses]


def test_of_few_frames_too_the_band_is_wide_while_the_hip_moves():
    reps = RepSet.of(1, hold_s=1, bottom_deg=28)
    lift_s, top_s, _, _ = reps.rep_times(1)
    steps, _ = analyse(film_exercise("glute-bridge", reps, fps=8), "glute-bridge")
    moving = [step.observation for step in steps if lift_s + 0.2 < step.observation.t_s < top_s - 0.1]
    assert moving
    assert [seen.u95["trunk_thigh_flexion_deg"] for seen in moving] == [MOVING_U95_DEG] * len(moving)


def test_nothing_is_filled_in_across_a_cut():
    clip = film_exercise("glute-bridge", 2, fps=8)
    analyzer = Analyzer(EXERCISES["glute-bridge"], clip.info)
    cut = clip.but(cut_at(clip.poses, 1.0))
    sizes = push_all(analyzer, cut)
    first = next(at for at, pose in enumerate(cut.poses) if pose.shot)
    assert sizes[first] == 1
    assert sizes[first + 1] > 2


# --------------------------------------------------------------------------------------------------------------- memory


def kept(analyzer):
    return len(analyzer._samples)


def push_all(analyzer, clip):
    return [(analyzer.push(pose), kept(analyzer))[1] for pose in clip.poses]


@pytest.mark.parametrize("angle_deg", [0, 45], ids=["straight", "bottom"])
def test_a_long_rest_keeps_twenty_seconds(angle_deg):
    still = RepSet.of(1, rest_s=60, bottom_deg=angle_deg, lockout_deg=angle_deg)
    analyzer = Analyzer(EXERCISES["glute-bridge"], EVENTFUL.info)
    sizes = push_all(analyzer, film_set(still, fps=8))
    # Sparse samples are filled up.
    assert max(sizes) <= 20 / STEP_S + 50
    assert len(sizes) > 60 * 8


def test_a_top_without_end_is_given_up():
    reps = RepSet.of(1, hold_s=75, bottom_deg=45)
    clip = film_set(reps, fps=8)
    analyzer = Analyzer(EXERCISES["glute-bridge"], clip.info)
    assert max(push_all(analyzer, clip)) <= 62 / STEP_S + 130
    result = analyzer.finish()
    assert result.reps == ()
    assert "no end within 60 s" in [movement.reason for movement in result.rejected]


def test_a_set_keeps_the_samples_of_one_repetition():
    clip = film_exercise("glute-bridge", 8, fps=10)
    analyzer = Analyzer(EXERCISES["glute-bridge"], clip.info)
    assert max(push_all(analyzer, clip)) <= 6 / STEP_S


@pytest.mark.parametrize("sinks_deg", [0, 4], ids=["level", "sinking"])
def test_a_set_after_a_long_rest_counts(sinks_deg):
    """The deepest moment of a rest may lie long before the first lift."""
    rest = RepPlan(lift_s=2, hold_s=64, lower_s=0.5, rest_s=0.1, bottom_deg=45 + sinks_deg, lockout_deg=45)
    reps = RepSet((rest, *[RepPlan(bottom_deg=45)] * 3))
    result = result_of(film_set(reps, fps=8))
    assert len(result.reps) == 3
    assert result.rejected == ()


def test_a_loss_and_a_cut_forget_the_samples():
    clip = film_exercise("glute-bridge", 2, fps=20)
    for poses in (cut_at(clip.poses, 1.5), dropped(clip.poses, between_times(1.0, 1.6))):
        sizes = push_all(Analyzer(EXERCISES["glute-bridge"], clip.info), clip.but(poses))
        assert min(sizes[22:35]) <= 1
