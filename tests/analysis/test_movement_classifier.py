"""The classifier of movements."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hipform.analysis.movement_classifier import (
    HIGHEST_CONFIDENCE,
    LEAST_PROBABILITY,
    NONE,
    MovementClassifier,
    Plate,
    movement_numbers,
    plate_of,
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
    plate_rates=np.array([[0.5, 0.25, 0.25], [0.5, 0.4, 0.1]]),
    calibration=np.array([2.0, 1.0]),
)


def shares(classifier, numbers, plate=Plate.UNSEEN):
    return {name: math.exp(log) for name, log in classifier.log_probabilities(np.array(numbers), plate).items()}


def test_a_probability_follows_from_weights_and_numbers():
    assert shares(TWO, [1.0])["glute-bridge"] == pytest.approx(0.5)
    assert shares(TWO, [1.5])["glute-bridge"] == pytest.approx(1 / (1 + math.exp(-1)))


def test_what_is_seen_of_a_plate_multiplies_the_probabilities():
    assert shares(TWO, [1.0], Plate.NEAR_THE_FLOOR)["glute-bridge"] == pytest.approx(0.4 / 0.65)
    assert shares(TWO, [1.0], Plate.HIGHER)["glute-bridge"] == pytest.approx(0.1 / 0.35)


@pytest.mark.parametrize(
    ("seen", "radius", "low", "expected"),
    [
        (0.0, math.nan, math.nan, Plate.UNSEEN),
        (0.2, 0.2, 0.7, Plate.UNSEEN),
        (0.9, 0.1, 0.7, Plate.UNSEEN),
        (0.9, 0.2, 0.7, Plate.NEAR_THE_FLOOR),
        (0.9, 0.2, 3.0, Plate.HIGHER),
        (0.9, 0.2, math.nan, Plate.HIGHER),
    ],
    ids=["none", "hardly seen", "a dumbbell", "on the floor", "a bar in the air", "no feet seen"],
)
def test_a_plate_is_large_and_seen_for_a_while(seen, radius, low, expected):
    features = {"load_seen_ratio": seen, "load_radius_m": radius, "load_low_radii": low}
    rep = good_rep("deadlift")
    assert plate_of(replace(rep, features={**rep.features, **features})) is expected


def test_a_confidence_follows_from_the_logit_of_the_likelihood():
    assert TWO.confidence(0.5) == pytest.approx(1 / (1 + math.exp(-1)))
    assert TWO.confidence(0.0) < TWO.confidence(0.2) < TWO.confidence(0.6) < TWO.confidence(1.0) == HIGHEST_CONFIDENCE


def test_what_is_seen_of_a_plate_separates_relatives():
    """Thrusts, and lifts with hanging arms, are done with a bar and without."""
    shipped = shipped_classifier()
    rates = dict(zip(shipped.classes, shipped.plate_rates, strict=True))
    assert shipped.plate_rates.sum(axis=1) == pytest.approx(np.ones(len(shipped.classes)), abs=1e-3)
    assert rates["hip-thrust"][Plate.UNSEEN] > 1.5 * rates["barbell-hip-thrust"][Plate.UNSEEN]
    assert rates["deadlift"][Plate.NEAR_THE_FLOOR] > rates["romanian-deadlift"][Plate.NEAR_THE_FLOOR]


def test_an_unseen_number_is_the_usual_one():
    assert shares(TWO, [math.nan]) == shares(TWO, [2.0])


def test_a_number_far_away_says_no_more_than_one_at_the_limit():
    assert shares(TWO, [99.0]) == shares(TWO, [2.5])


def test_nothing_is_impossible():
    steep = replace(TWO, weights=99 * TWO.weights)
    found = shares(steep, [9.0])
    assert sum(found.values()) == pytest.approx(1)
    assert found[NONE] == pytest.approx(LEAST_PROBABILITY, rel=0.01)


def test_the_shipped_one_survives_its_file():
    shipped = shipped_classifier()
    numbers = movement_numbers(good_rep("glute-bridge"), WorkingSide.NEAR)
    again = MovementClassifier.from_json(shipped.as_json())
    expected = pytest.approx(shipped.log_probabilities(numbers, Plate.UNSEEN), abs=1e-3)
    assert again.log_probabilities(numbers, Plate.UNSEEN) == expected
    assert again.confidence(0.7) == pytest.approx(shipped.confidence(0.7), abs=1e-3)


def test_the_shipped_one_knows_exercises_and_none():
    # An exercise that was added since it was trained is judged by its traits alone.
    assert {NONE, "glute-bridge", "deadlift"} <= set(shipped_classifier().classes) <= {NONE, *EXERCISES}
