"""The classifier of movements."""

import math

import numpy as np
import pytest

from hipform.analysis.movement_classifier import (
    LEAST_PROBABILITY,
    NONE,
    MovementClassifier,
    movement_numbers,
    shipped_classifier,
)
from hipform.exercises import EXERCISES
from hipform.exercises.declaration import WorkingSide
from tests.exercises.samples import good_rep

TWO = MovementClassifier(
    classes=(NONE, "glute-bridge"),
    usual=np.array([2.0]),
    mean=np.array([1.0]),
    deviation=np.array([0.5]),
    weights=np.array([[0.0], [1.0]]),
    offsets=np.array([0.0, 0.0]),
)


def shares(classifier, numbers):
    return {name: math.exp(log) for name, log in classifier.log_probabilities(np.array(numbers)).items()}


def test_a_probability_follows_from_weights_and_numbers():
    assert shares(TWO, [1.0])["glute-bridge"] == pytest.approx(0.5)
    assert shares(TWO, [1.5])["glute-bridge"] == pytest.approx(1 / (1 + math.exp(-1)))


def test_an_unseen_number_is_the_usual_one():
    assert shares(TWO, [math.nan]) == shares(TWO, [2.0])


def test_a_number_far_away_says_no_more_than_one_at_the_limit():
    assert shares(TWO, [99.0]) == shares(TWO, [2.5])


def test_nothing_is_impossible():
    steep = MovementClassifier(TWO.classes, TWO.usual, TWO.mean, TWO.deviation, 99 * TWO.weights, TWO.offsets)
    found = shares(steep, [9.0])
    assert sum(found.values()) == pytest.approx(1)
    assert found[NONE] == pytest.approx(LEAST_PROBABILITY, rel=0.01)


def test_the_shipped_one_survives_its_file():
    shipped = shipped_classifier()
    numbers = movement_numbers(good_rep("glute-bridge"), WorkingSide.NEAR)
    again = MovementClassifier.from_json(shipped.as_json())
    assert again.log_probabilities(numbers) == pytest.approx(shipped.log_probabilities(numbers), abs=1e-3)


def test_the_shipped_one_knows_exercises_and_none():
    # An exercise that was added since it was trained is judged by its traits alone.
    assert {NONE, "glute-bridge", "deadlift"} <= set(shipped_classifier().classes) <= {NONE, *EXERCISES}
