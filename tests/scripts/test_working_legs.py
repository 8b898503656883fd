"""The evaluation of which leg is judged."""

import pytest

from hipform.exercises import EXERCISES
from hipform.exercises.declaration import WorkingSide
from hipform.types import Side
from scripts.evaluate.working_legs import Choice, by_cues, figures, read_legs, rendered_legs
from tests.analysis.standing import kneeling
from tests.synthetic import shoot, single_leg


def test_every_leg_by_eye_is_of_an_exercise_in_which_one_leg_may_work():
    legs = read_legs()
    assert all(EXERCISES[leg.exercise].names_leg and leg.first_s < leg.last_s for leg in legs)
    assert {leg.side for leg in legs} == set(Side)


def test_the_leg_of_rendered_samples_is_known():
    assert {leg.exercise for leg in rendered_legs()} >= {"bird-dog", "hip-kickback", "single-leg-glute-bridge"}


FEET = {"foot that travels or stays", "foot in the air or on the floor", "majority of these three"}


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    ("posture", "working_side", "cues"),
    [
        # The free thigh of a synthetic bridge moves with the planted one.
        (single_leg, WorkingSide.PLANTED, FEET),
        (kneeling, WorkingSide.MOVING, {*FEET, "range of the thigh"}),
    ],
)
def test_cues_of_the_legs_find_the_working_one(side, posture, working_side, cues):
    chosen = by_cues([shoot(posture(side)(hip_deg)) for hip_deg in (80, 60, 40, 20, 5)], working_side)
    assert {chosen[way] for way in cues} == {side}


def test_a_person_counts_only_if_every_repetition_is_right():
    right, wrong = ({"hipform": side} for side in (Side.LEFT, Side.RIGHT))
    found = [Choice("a", Side.LEFT, right), Choice("a", Side.LEFT, wrong), Choice("b", Side.LEFT, right)]
    assert list(figures(found, found[:1]))[-1] == "| hipform | 2 of 3 | 1 of 2 | 1 of 1 | 1 of 1 |"
