import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.analysis import Recogniser, Section, Session, recognition
from hipform.analysis.judged_reps import Rep
from hipform.analysis.recognition import Guess
from hipform.config import Settings
from hipform.exercises import EXERCISES, find_exercise
from hipform.exercises.findings import Status
from hipform.feedback.coach import PRAISE
from hipform.feedback.live_sets import CHANGE_S, LiveSets
from hipform.feedback.trainer import (
    ADVICE_AGAIN_S,
    ADVICE_EVERY_S,
    COUNTDOWN_S,
    LEFT_S,
    REST_S,
    STILL_S,
    TARGET_S,
    LiveStage,
)
from hipform.feedback.voice_lines import CAMERA_RIGHT, UtteranceKind
from tests.live_poses import held, in_a_row, nobody, play, recorded, said, sight, stages, trainer_for
from tests.synthetic import (
    SIDE_ON,
    SyntheticCamera,
    differences,
    figures,
    film,
    film_exercise,
    lying,
    plan_of,
    set_of,
    shoot,
    squat,
    to_and_fro,
)

CHECK, COUNTDOWN, SET, REST, SUMMARY = LiveStage
BRIDGES = film_exercise("glute-bridge", 3).poses
LYING = BRIDGES[0]
INFO = SIDE_ON.info
NAMED = {
    "hip_thrust_box": "hip-thrust",
    "deadlift_kettlebell_rounded": "deadlift",
    "glute_bridge_phone_portrait": "glute-bridge",
    "single_leg_bridge_title": "single-leg-glute-bridge",
}
MOST_POSES = 500
"""Of a recording: enough for several repetitions."""
TWO_SETS = in_a_row(held(LYING, 7), BRIDGES, nobody(30), held(LYING, 7), BRIDGES, nobody(6))


def bridges(*plans):
    return film_exercise(
        "glute-bridge", set_of("glute-bridge", [plan_of("glute-bridge", **plan) for plan in plans])
    ).poses


def gist(state):
    """Return what is shown and said, without the numbers that NaN makes unlike themselves."""
    return (
        state.stage,
        state.says,
        state.rep_count,
        state.set_number,
        state.cue,
        state.check,
        state.countdown_s,
        state.rest_left_s,
        [one.summary for one in state.done],
    )


@pytest.fixture(scope="module")
def two_sets():
    trainer = trainer_for(INFO, "glute-bridge", n_sets=2, rest_s=20)
    return play(trainer, TWO_SETS), trainer.finish()


# ----------------------------------------------------------------------------------------------------------- the course


def test_a_training_goes_from_the_check_to_the_last_summary(two_sets):
    states, _ = two_sets
    assert stages(states) == [CHECK, COUNTDOWN, SET, REST, CHECK, COUNTDOWN, SET, SUMMARY]


def test_the_voice_guides_through_the_training(two_sets):
    states, _ = two_sets
    assert said(states) == [
        *("3", "2", "1", "Go", "1", "2", "3"),
        "Set 1 done. 3 reps, 3 of 3 locked out",
        "10 seconds",
        "Set 2 of 2",
        "Step into view",
        *("3", "2", "1", "Go", "1", "2", "3"),
        "All sets done. 3 reps, 3 of 3 locked out",
    ]


def test_sets_are_numbered_as_they_come(two_sets):
    states, course = two_sets
    assert list(dict.fromkeys(state.set_number for state in states if state.stage is SET)) == [1, 2]
    assert [(one.number, one.summary.reps) for one in course.done] == [(1, 3), (2, 3)]


def test_the_countdown_runs_for_its_time(two_sets):
    states, _ = two_sets
    counting = [state for state in states if state.stage is COUNTDOWN and state.set_number == 1]
    assert counting[0].countdown_s == COUNTDOWN_S
    assert counting[-1].t_s - counting[0].t_s == pytest.approx(COUNTDOWN_S, abs=0.1)
    assert all(later.countdown_s < earlier.countdown_s for earlier, later in pairwise(counting))


def test_rest_is_timed_from_the_end_of_the_last_repetition(two_sets):
    states, course = two_sets
    resting = next(state for state in states if state.stage is REST)
    last = course.done[0].result.reps[-1]
    assert resting.rest_left_s == pytest.approx(20 - (resting.t_s - last.timing.end_s), abs=0.3)


def test_the_default_rest_is_used_if_none_is_given():
    states = play(trainer_for(INFO, "glute-bridge", n_sets=2), in_a_row(BRIDGES, nobody(LEFT_S + 1)))
    assert REST_S - 10 < states[-1].rest_left_s < REST_S


def test_without_a_number_of_sets_the_summary_stays_and_then_the_check_comes():
    states = play(trainer_for(INFO, "glute-bridge"), in_a_row(BRIDGES, nobody(40)))
    assert stages(states) == [CHECK, SET, REST, CHECK]
    assert {state.rest_left_s for state in states} == {None}


def test_a_lifter_who_simply_starts_is_not_ignored():
    states = play(trainer_for(INFO, "glute-bridge"), BRIDGES)
    assert stages(states) == [CHECK, SET]
    assert said(states, UtteranceKind.COUNT) == ["1", "2", "3"]


def test_a_lifter_who_starts_in_the_countdown_is_not_ignored():
    quick = bridges(*[{"lift_s": 0.4, "hold_s": 0.3, "lower_s": 0.4}] * 3)
    states = play(trainer_for(INFO, "glute-bridge"), in_a_row(held(LYING, 3.5), quick))
    assert stages(states) == [CHECK, COUNTDOWN, SET]
    assert said(states, UtteranceKind.COUNT) == ["1", "2", "3"]


def test_a_rest_in_view_ends_the_set_too():
    states = play(trainer_for(INFO, "glute-bridge", n_sets=1), in_a_row(BRIDGES, held(LYING, 22)))
    assert stages(states) == [CHECK, SET, SUMMARY]


def test_a_lifter_who_is_back_soon_continues_the_same_set():
    trainer = trainer_for(INFO, "glute-bridge", n_sets=3)
    states = play(trainer, in_a_row(BRIDGES, nobody(LEFT_S + 2), BRIDGES, nobody(LEFT_S + 2)))
    assert stages(states) == [CHECK, SET, REST, SET, REST]
    assert said(states, UtteranceKind.COUNT) == ["1", "2", "3", "4", "5", "6"]
    assert [one.summary.reps for one in states[-1].done] == [6]
    assert [one.summary.reps for one in trainer.finish().done] == [6]


def test_a_set_that_is_called_early_shows_nothing_of_the_one_before_and_ends_it_once():
    trainer = trainer_for(INFO, "glute-bridge", n_sets=3, rest_s=6)
    states = play(trainer, in_a_row(BRIDGES, nobody(LEFT_S + 1), held(LYING, 25)))
    assert stages(states) == [CHECK, SET, REST, CHECK, COUNTDOWN, SET]
    called = states[-330:]
    assert {(state.stage, state.set_number, state.rep_count, state.last_rep) for state in called} == {(SET, 2, 0, None)}
    assert len(said(states, UtteranceKind.SUMMARY)) == 1


def test_repetitions_after_the_last_set_are_one_more_set():
    states = play(trainer_for(INFO, "glute-bridge", n_sets=1), in_a_row(BRIDGES, nobody(30), BRIDGES, nobody(6)))
    assert stages(states) == [CHECK, SET, SUMMARY, SET, SUMMARY]
    assert [one.summary.reps for one in states[-1].done] == [3, 3]


def test_leaving_before_the_first_repetition_ends_no_set():
    states = play(trainer_for(INFO, "glute-bridge"), in_a_row(held(LYING, 8), nobody(6)))
    assert stages(states) == [CHECK, COUNTDOWN, SET, CHECK]
    assert states[-1].done == ()


def test_the_countdown_stops_when_the_camera_check_fails():
    states = play(trainer_for(INFO, "glute-bridge"), in_a_row(held(LYING, 4), nobody(3)))
    assert stages(states) == [CHECK, COUNTDOWN, CHECK]
    assert "Go" not in said(states)


def test_there_is_no_countdown_for_a_lifter_beside_the_mat():
    standing = shoot(squat(0.0), camera=SIDE_ON)
    assert stages(play(trainer_for(INFO, "glute-bridge"), held(standing, 8))) == [CHECK]
    assert COUNTDOWN in stages(play(trainer_for(INFO, "deadlift"), held(standing, 8)))


def test_there_is_no_countdown_for_a_moving_lifter():
    restless = film(to_and_fro(squat, 0.0, 0.5, 1.5), [number / 30 for number in range(240)]).poses
    assert COUNTDOWN not in stages(play(trainer_for(INFO, "deadlift"), restless))
    assert STILL_S < COUNTDOWN_S


# ------------------------------------------------------------------------------------------------- the same as a file


@given(st.integers(0, len(TWO_SETS)))
@settings(max_examples=3, deadline=None)
def test_what_was_shown_and_said_does_not_change_when_more_frames_come(two_sets, length):
    states = play(trainer_for(INFO, "glute-bridge", n_sets=2, rest_s=20), TWO_SETS[:length])
    assert [gist(state) for state in states] == [gist(state) for state in two_sets[0][:length]]


def of_a_file(info, poses, sections):
    session = Session(sections, info)
    for pose in poses:
        session.push(pose)
    return session.finish()


@pytest.fixture(scope="module", params=NAMED)
def golden(request):
    info, poses = recorded(request.param)
    poses = poses[:MOST_POSES]
    trainer = trainer_for(info, NAMED[request.param])
    return info, poses, play(trainer, poses), trainer.finish(), NAMED[request.param]


def test_the_sets_are_those_of_the_same_poses_as_a_file(golden):
    info, poses, _, course, slug = golden
    expected = of_a_file(info, poses, [Section(exercise=find_exercise(slug))])
    assert [one.result.exercise for one in course.done] == [one.exercise for one in expected]
    for one, other in zip(course.done, expected, strict=True):
        assert differences(figures(one.result), figures(other)) == {}


def lateness_s(states, reps):
    """Return how long after its end each repetition was said, in frame time."""
    counted_s = [state.t_s for state in states for line in state.says if line.kind is UtteranceKind.COUNT]
    assert len(counted_s) == len(reps)
    return [t_s - rep.timing.seen_end_s for t_s, rep in zip(counted_s, reps, strict=True)]


def events_of(states):
    reps = [event for state in states if state.step for event in state.step.events if isinstance(event, Rep)]
    return [rep for rep in reps if not rep.partial]


def test_a_repetition_is_announced_within_250_ms_of_its_end(golden):
    _, _, states, _, _ = golden
    reps = events_of(states)
    assert reps
    assert max(lateness_s(states, reps)) <= 0.25
    assert said(states, UtteranceKind.COUNT) == [str(rep.number) for rep in reps]


@pytest.mark.parametrize("slug", EXERCISES)
def test_every_exercise_is_announced_in_time(slug):
    states = play(trainer_for(INFO, slug), film_exercise(slug, 3, noise_px=1.0).poses)
    reps = events_of(states)
    assert len(reps) >= 2
    said_in_time = lateness_s(states, reps) if len(said(states, UtteranceKind.COUNT)) == len(reps) else None
    # The clip of a swing ends in the last lowering: that one is as good as over, and judged at the end.
    assert said_in_time is None or max(said_in_time) <= 0.25
    assert said(states, UtteranceKind.COUNT)[: len(reps)] == [str(rep.number) for rep in reps]


@pytest.mark.parametrize("name", ["other_squat", "other_sit_up", "other_push_up"])
def test_only_repetitions_are_counted_aloud(name):
    info, poses = recorded(name)
    states = play(trainer_for(info, "glute-bridge"), poses)
    assert said(states, UtteranceKind.COUNT) == []


# ------------------------------------------------------------------------------------------------------- recognition


def test_the_exercise_is_recognised_at_the_first_top_and_all_repetitions_count():
    info, poses = recorded("glute_bridge_studio")
    trainer = trainer_for(info)
    states = play(trainer, poses)
    known = next(state for state in states if state.exercise)
    assert (known.exercise.slug, known.recognised) == ("glute-bridge", True)
    assert (known.stage, known.rep_count) == (SET, 0)
    assert said(states, UtteranceKind.NOTICE) == ["Glute bridge"]
    assert said(states, UtteranceKind.COUNT)[-1] == "5"
    (section,) = trainer.finish().sections
    assert section.exercise.slug == "glute-bridge"


def test_a_change_of_exercise_is_followed():
    info, poses = recorded("glute_bridge_then_single_leg")
    trainer = trainer_for(info)
    states = play(trainer, poses)
    course = trainer.finish()
    assert said(states, UtteranceKind.NOTICE) == ["Glute bridge", "Single-leg glute bridge"]
    # The first repetition on one leg is over before anybody can know that more of its kind follow, and changes its set.
    assert said(states, UtteranceKind.COUNT) == ["1", "2", "3", "4", "2", "3"]
    assert [(one.exercise.slug, one.summary.reps) for one in course.done] == [
        ("glute-bridge", 3),
        ("single-leg-glute-bridge", 3),
    ]
    assert [len(one.reps) for one in of_a_file(info, poses, course.sections)] == [3, 3]
    assert [section.exercise.slug for section in course.sections] == ["glute-bridge", "single-leg-glute-bridge"]


@pytest.mark.parametrize(("held_s", "followed"), [(CHANGE_S - 0.1, False), (CHANGE_S + 0.1, True)])
def test_another_exercise_is_followed_once_its_guess_has_held(monkeypatch, held_s, followed):
    """A movement that one leg shows before the others do may flip the guess and flip it back."""
    sets = LiveSets(INFO, None, Settings())
    for pose in BRIDGES:
        slug = "single-leg-glute-bridge" if 2.0 <= pose.t_s < 2.0 + held_s else "glute-bridge"
        guess = Guess(slug=slug, likelihood=0.9, confidence=0.9, movements=2)
        for name in ("guess", "early_guess"):
            monkeypatch.setattr(Recogniser, name, lambda _, guess=guess: guess)
        sets.push(pose)
        if pose.t_s < 2.0 + held_s:
            last = sets.exercise.slug
    assert (last == "single-leg-glute-bridge") is followed


@pytest.mark.parametrize("kept", [0, 1, 2, 3])
def test_repetitions_belong_to_another_exercise_from_where_it_began(monkeypatch, kept):
    """It is recognised at the end of the third repetition, and began after *kept* of them."""
    plan, sets = set_of("glute-bridge", 3), LiveSets(INFO, None, Settings())
    start_s = plan.rep_times(kept)[3] if kept else -math.inf
    monkeypatch.setattr(Recogniser, "push", lambda *_: None)
    for pose in BRIDGES:
        slug = "hip-thrust" if pose.t_s > BRIDGES[-1].t_s - CHANGE_S - 0.1 else "glute-bridge"
        guess = Guess(slug=slug, likelihood=0.9, confidence=0.9, movements=2, start_s=start_s)
        for name in ("guess", "early_guess"):
            monkeypatch.setattr(Recogniser, name, lambda _, guess=guess: guess)
        sets.push(pose)
    found = [(one.exercise.slug, len(one.result.reps)) for one in sets.so_far()]
    assert found == [pair for pair in (("glute-bridge", kept), ("hip-thrust", 3 - kept)) if pair[1]]


@pytest.fixture
def unsure(monkeypatch):
    """One movement never tells enough."""
    monkeypatch.setattr(recognition, "SETTLED_LIKELIHOOD", 1.1)


def until_first_movement(poses):
    """Return the poses to the end of the first movement on one leg, before the other leg shows the same."""
    return [pose for pose in poses if pose.t_s < 12.2]


@pytest.mark.usefixtures("unsure")
def test_the_set_begins_while_the_exercise_is_being_recognised():
    info, poses = recorded("single_leg_bridge_title")
    states = play(trainer_for(info), until_first_movement(poses))
    assert states[-1].stage is SET
    assert (states[-1].exercise, states[-1].step) == (None, None)


def test_nothing_is_recognised_in_something_else():
    info, poses = recorded("other_sit_up")
    trainer = trainer_for(info)
    assert {state.exercise for state in play(trainer, poses)} == {None}
    course = trainer.finish()
    assert (course.sections, course.done) == ((), ())


@pytest.mark.usefixtures("unsure")
def test_a_movement_begins_a_set_once():
    info, poses = recorded("single_leg_bridge_title")
    sets, begun = LiveSets(info, None, Settings()), []
    for pose in until_first_movement(poses):
        assert sets.push(pose) == []
        begun.append(sets.may_have_begun)
    assert begun.count(True) == 1


# --------------------------------------------------------------------------------------------------------------- words


def test_a_repetition_gets_one_cue_and_never_the_same_twice_in_a_row():
    short = [{"lockout_deg": 25.0}] * 4
    states = play(trainer_for(INFO, "glute-bridge"), bridges(*short))
    cues = said(states, UtteranceKind.CUE)
    assert cues
    assert all(earlier != later for earlier, later in pairwise(cues)) or len(cues) <= 2
    assert len(cues) <= len(events_of(states))
    shown = [state.cue.text for state in states if state.cue]
    assert set(cues) == set(shown)


def test_praise_comes_when_a_fault_goes_away():
    states = play(trainer_for(INFO, "glute-bridge"), bridges({"lockout_deg": 25.0}, {}, {}))
    assert said(states, UtteranceKind.PRAISE) == [PRAISE]


def test_a_partial_repetition_is_announced_and_not_counted():
    plans = [{}, {}, {"lockout_deg": 22.0}, {}]
    states = play(trainer_for(INFO, "glute-bridge"), bridges(*plans))
    assert said(states, UtteranceKind.WHY) == ["Partial rep: go all the way up"]
    assert said(states, UtteranceKind.COUNT) == ["1", "2", "3"]


def test_a_rejected_movement_in_a_set_has_its_reason_spoken():
    states = play(trainer_for(INFO, "deadlift"), in_a_row(held(LYING, 6), BRIDGES[:180]))
    assert said(states, UtteranceKind.COUNT) == []
    assert set(said(states, UtteranceKind.WHY)) == {"Not counted: trunk not upright at the top"}


def test_a_rejected_movement_before_a_set_is_ignored():
    assert said(play(trainer_for(INFO, "deadlift"), BRIDGES[:180]), UtteranceKind.WHY) == []


def test_advice_is_repeated_after_a_while():
    states = play(trainer_for(INFO, "glute-bridge"), held(LYING, 20), light_ratio=0.05)
    assert set(said(states)) == {"Too dark: switch on a light"}
    first_s, second_s = (state.t_s for state in states if state.says)
    assert second_s - first_s == pytest.approx(ADVICE_AGAIN_S, abs=0.1)


def test_other_advice_waits_for_a_moment():
    trainer, askew = trainer_for(INFO, "glute-bridge"), shoot(lying(45.0), camera=SyntheticCamera(azimuth_deg=30.0))
    poses = in_a_row(held(LYING, 2), held(askew, 8))
    states = play(trainer, poses[:60], light_ratio=0.05) + play(trainer, poses[60:])
    first, second = (state for state in states if state.says)
    assert said([first, second]) == ["Too dark: switch on a light", "Move the camera about 30 degrees toward your head"]
    assert second.t_s - first.t_s == pytest.approx(ADVICE_EVERY_S, abs=0.1)


def test_a_good_camera_is_announced_once():
    restless = film(to_and_fro(squat, 0.0, 0.5, 1.5), [number / 30 for number in range(600)]).poses
    assert said(play(trainer_for(INFO, "bird-dog"), restless), UtteranceKind.CHECK) == [CAMERA_RIGHT.text]


def test_advice_to_an_empty_room_stops():
    assert said(play(trainer_for(INFO), nobody(60))) == ["Step into view"]


# ---------------------------------------------------------------------------------------------------------------- keys


def test_paused_time_is_not_judged():
    trainer = trainer_for(INFO, "glute-bridge")
    poses = in_a_row(BRIDGES, BRIDGES, BRIDGES)
    first, second = len(BRIDGES), 2 * len(BRIDGES)
    before = play(trainer, poses[:first])
    trainer.pause()
    paused = play(trainer, poses[first:second])
    trainer.resume()
    after = play(trainer, poses[second:])
    assert {(state.paused, state.step) for state in paused} == {(True, None)}
    assert said(paused) == []
    assert said(before, UtteranceKind.COUNT) == ["1", "2", "3"]
    assert said(after, UtteranceKind.COUNT) == ["4", "5", "6"]
    assert not after[0].paused


def test_a_movement_cut_off_by_a_pause_is_not_rejected():
    trainer = trainer_for(INFO, "glute-bridge")
    poses = in_a_row(BRIDGES, BRIDGES)
    middle = len(BRIDGES) + 30
    play(trainer, poses[:middle])
    trainer.pause()
    trainer.resume()
    assert said(play(trainer, poses[middle + 90 :]), UtteranceKind.WHY) == []


def test_a_pause_in_the_countdown_returns_to_the_check():
    trainer = trainer_for(INFO, "glute-bridge")
    assert play(trainer, held(LYING, 4))[-1].stage is COUNTDOWN
    trainer.pause()
    trainer.resume()
    assert trainer.push(sight(held(LYING, 5)[-1])).stage in (CHECK, COUNTDOWN)
    assert trainer.push(sight(held(LYING, 5.1)[-1])).check is not None


def test_the_next_exercise_ends_the_set_and_is_recognised():
    trainer = trainer_for(INFO, "glute-bridge")
    deadlifts = film_exercise("deadlift", 2).poses
    poses = in_a_row(BRIDGES, held(deadlifts[0], 1), deadlifts, nobody(6))
    play(trainer, poses[: len(BRIDGES)])
    trainer.next_exercise()
    states = play(trainer, poses[len(BRIDGES) :])
    course = trainer.finish()
    assert states[0].stage is CHECK
    assert said(states, UtteranceKind.NOTICE) == ["Deadlift"]
    assert [section.exercise.slug for section in course.sections] == ["glute-bridge", "deadlift"]
    assert course.sections[1].start_s == pytest.approx(BRIDGES[-1].t_s)
    assert [(one.exercise.slug, one.summary.reps) for one in course.done] == [("glute-bridge", 3), ("deadlift", 2)]


def test_the_next_exercise_skips_one_that_was_not_done():
    trainer = trainer_for(INFO, "deadlift")
    poses = in_a_row(held(LYING, 2), BRIDGES, nobody(6))
    play(trainer, poses[:60])
    trainer.next_exercise()
    play(trainer, poses[60:])
    assert [section.exercise.slug for section in trainer.finish().sections] == ["glute-bridge"]


def test_a_rep_that_ends_as_the_next_exercise_is_asked_for_is_kept():
    trainer = trainer_for(INFO, "glute-bridge")
    states = []
    for pose in BRIDGES:
        states += play(trainer, [pose])
        if states[-1].rep_count == 2:
            break
    trainer.next_exercise()
    course = trainer.finish()
    assert course.done[0].summary.reps == 2
    assert course.sections[0].exercise.slug == "glute-bridge"


def test_each_exercise_has_its_own_number_of_sets():
    trainer = trainer_for(INFO, "glute-bridge", n_sets=1)
    deadlifts = film_exercise("deadlift", 2).poses
    poses = in_a_row(BRIDGES, nobody(6), deadlifts, nobody(6))
    first = len(BRIDGES) + 180
    assert play(trainer, poses[:first])[-1].stage is SUMMARY
    trainer.next_exercise()
    states = play(trainer, poses[first:])
    assert states[0].set_number == 1
    assert states[-1].stage is SUMMARY


def test_the_end_closes_the_current_set():
    trainer = trainer_for(INFO, "glute-bridge")
    play(trainer, BRIDGES)
    (done,) = trainer.finish().done
    assert done.summary.reps == 3
    assert {rep.finding("incomplete-lockout").status for rep in done.result.reps} == {Status.OK}


def test_the_planned_reps_done_is_a_rest_and_further_reps_continue_the_set():
    trainer = trainer_for(INFO, "glute-bridge", target_reps=3)
    states = play(trainer, in_a_row(BRIDGES, held(LYING, TARGET_S + 2), BRIDGES, held(LYING, 1)))
    assert stages(states) == [CHECK, SET, REST, SET]
    rest = next(state for state in states if state.stage is REST)
    last_rep_s = max(rep.timing.seen_end_s for rep in rest.done[0].result.reps)
    assert rest.t_s - last_rep_s == pytest.approx(TARGET_S, abs=0.5)
    assert (states[-1].set_number, states[-1].rep_count) == (1, 6)
