from dataclasses import replace

import pytest

from hipform.feedback.arm_signal import HELD_S, ArmSignal, is_one_arm_raised
from hipform.feedback.trainer import SIGNAL_COUNTDOWN_S, LiveStage
from hipform.kinematics.measures import SIDE_POINTS
from hipform.kinematics.tracking import trunk_length_px
from hipform.types import Side
from tests.live_poses import FPS, held, in_a_row, nobody, play, said, stages, trainer_for
from tests.synthetic import SIDE_ON, film_exercise, lying, shoot, squat

CHECK, COUNTDOWN, SET, REST, SUMMARY = LiveStage
STANDING = shoot(squat(0.0))
SWINGS = film_exercise("deadlift", 3).poses


def with_arms_up(pose, *sides, reach=1.0):
    """Return *pose* with the arms of these sides straight up; *reach* is how far, in usual arms."""
    image_px, trunk_px = pose.image_px.copy(), trunk_length_px(pose)
    for side in sides:
        shoulder, elbow, wrist = (SIDE_POINTS[side][name] for name in ("shoulder", "elbow", "wrist"))
        image_px[elbow] = image_px[shoulder] - (0.0, 0.45 * trunk_px * reach)
        image_px[wrist] = image_px[shoulder] - (0.0, 0.9 * trunk_px * reach)
    return replace(pose, image_px=image_px)


ARM_UP = with_arms_up(STANDING, Side.LEFT)
SIGNAL = [*held(ARM_UP, HELD_S + 0.3)]


def signals(poses):
    signal = ArmSignal()
    return [pose.t_s for pose in poses if signal.push(pose)]


@pytest.mark.parametrize("side", Side)
def test_either_arm_held_up_is_one_signal(side):
    (at_s,) = signals(held(with_arms_up(STANDING, side), 6.0))
    assert at_s == pytest.approx(HELD_S, abs=2 / FPS)


@pytest.mark.parametrize(
    "pose",
    [
        STANDING,
        with_arms_up(STANDING, *Side),
        with_arms_up(STANDING, Side.LEFT, reach=0.3),
        with_arms_up(shoot(lying(0.0)), Side.LEFT),
        replace(ARM_UP, visibility=ARM_UP.visibility * 0.4),
    ],
    ids=["arms down", "both arms: a press", "a hand at the head", "lying down", "guessed by the model"],
)
def test_other_arms_are_no_signal(pose):
    assert not is_one_arm_raised(pose)


def test_a_short_wave_is_no_signal_and_a_lost_frame_does_not_start_anew():
    wave = in_a_row(held(ARM_UP, 1.5), held(STANDING, 1.0), held(ARM_UP, 1.5))
    assert not signals(wave)
    assert signals(in_a_row(held(ARM_UP, 1.2), nobody(0.2), held(ARM_UP, 1.2)))


def test_a_second_signal_needs_a_second_raise():
    assert len(signals(in_a_row(SIGNAL, held(STANDING, 1.0), SIGNAL))) == 2


def test_the_signal_starts_and_ends_a_set_and_asks_for_the_report():
    trainer = trainer_for(SIDE_ON.info, "deadlift", n_sets=1)
    poses = in_a_row(
        held(STANDING, 0.5), SIGNAL, held(STANDING, SIGNAL_COUNTDOWN_S), SWINGS, SIGNAL, held(STANDING, 1.0), SIGNAL
    )
    # The camera check would never be content: nothing but the signal starts the countdown.
    states = play(trainer, poses, light_ratio=0.01)
    assert stages(states) == [CHECK, COUNTDOWN, SET, SUMMARY]
    assert said(states)[:6] == ["Too dark: switch on a light", "Get ready", "3", "2", "1", "Go"]
    assert states[-1].wants_report
    assert not states[-SIGNAL_FRAMES].wants_report
    assert trainer.finish().done[0].summary.reps == 3


SIGNAL_FRAMES = len(SIGNAL)


def test_the_signal_before_the_first_rep_goes_back_to_the_check():
    trainer = trainer_for(SIDE_ON.info, "deadlift")
    poses = in_a_row(SIGNAL, held(STANDING, SIGNAL_COUNTDOWN_S + 1), SIGNAL)
    assert stages(play(trainer, poses, light_ratio=0.01)) == [CHECK, COUNTDOWN, SET, CHECK]


def test_planned_reps_are_announced_and_shown():
    trainer = trainer_for(SIDE_ON.info, "deadlift", target_reps=3)
    states = play(trainer, in_a_row(held(STANDING, 7), SWINGS))
    assert [text for text in said(states) if text[0] in "123"][-3:] == ["1", "2, one more", "3, that was the last"]
    assert {state.target_reps for state in states} == {3}
