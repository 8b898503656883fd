"""Which exercise one movement belongs to: a linear classifier of its postures, and how often a plate is seen in each.

The postures of people and of kinematic lifters train the classifier. Whether a plate is seen, and where, multiplies the
probabilities: real clips are too few to learn more about it than a rate for each exercise.

`scripts.recognition` trains it and writes `MODEL_FILE`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files

import numpy as np

from hipform.exercises.declaration import WorkingSide
from hipform.exercises.traits import PLATE_RATIO
from hipform.features.rep_summary import RepSummary
from hipform.kinematics.posture import POSTURE
from hipform.types import FloatArray

NONE = ""
"""Stands for no exercise, beside the slugs."""
MODEL_FILE = "movement_classifier.json"
LEAST_PROBABILITY = 0.004
"""No class is less likely than this: the training data do not hold everything that people do.

Basis: guess, checked in the cross-validation by person.
"""
HIGHEST_CONFIDENCE = 0.97
"""No higher confidence is stated, 0 to 1: of some fifty recognitions of held-out people at the top, 96 % were right.

Basis: tuned in the cross-validation by person.
"""
FARTHEST = 3.0
"""A number further from the mean than this number of standard deviations adds no information. Basis: guess."""
_PARTS = {
    "trunk": "the trunk",
    "chest": "the trunk",
    "hip": "the hips",
    "knee": "the knees",
    "knees": "the knees",
    "thigh": "the thighs",
    "shank": "the shanks",
    "arm": "the arms",
    "elbow": "the arms",
    "shoulder": "the shoulders",
    "nose": "the head",
    "lower": "the hands",
    "upper": "the hands",
    "wrist": "the hands",
    "wrists": "the hands",
    "ankle": "the feet",
    "ankles": "the feet",
}
"""What a number of `POSTURE` is about, by the first word of its name."""
_SIDES = ((WorkingSide.NEAR, WorkingSide.STANCE), (WorkingSide.PLANTED,), (WorkingSide.MOVING,))
_ARRAYS = ("usual", "mean", "deviation", "weights", "offsets", "plate_rates", "calibration")
_FEATURES = ("thigh_share_ratio", "hip_rise_trunks", "feet_move_trunks", "segment_change_ratio", "hands_peak_ratio")


class Plate(IntEnum):
    """Whether a plate that the lifter moves is seen, and how low it comes; the value is a column of the rates."""

    UNSEEN = 0
    NEAR_THE_FLOOR = 1
    HIGHER = 2


SMALLEST_PLATE_M = 0.12
"""A disc with a smaller radius is a dumbbell or a kettlebell, metres. Basis: tuned on real clips: 0.09, plates 0.14."""
NEAR_THE_FLOOR_RADII = 1.4
"""A plate whose centre comes this close to the height of the feet, in its radii, stood on the floor or nearly so.

Basis: tuned on real clips, in the cross-validation by person; 1.3 gives the same figures, 1.6 recognises fewer.
"""


def plate_of(rep: RepSummary) -> Plate:
    """Return where the plate of a movement was seen."""
    features = rep.features
    if not (features["load_seen_ratio"] > PLATE_RATIO and features["load_radius_m"] > SMALLEST_PLATE_M):
        return Plate.UNSEEN
    return Plate.NEAR_THE_FLOOR if features["load_low_radii"] <= NEAR_THE_FLOOR_RADII else Plate.HIGHER


def movement_numbers(rep: RepSummary, working_side: WorkingSide) -> FloatArray:
    """Return what the classifier looks at, shape (n,); NaN where a number was not seen."""
    lift_s = math.nan if rep.timing.lift_s is None else rep.timing.lift_s
    numbers = [
        *rep.postures[:2].ravel(),
        *(rep.features[name] for name in _FEATURES),
        lift_s,
        rep.range.value,
        rep.view_off_deg,
        *(working_side in sides for sides in _SIDES),
    ]
    return np.array(numbers, dtype=float)


@dataclass(frozen=True, slots=True, eq=False)
class MovementClassifier:
    """A multinomial logistic regression of the numbers, times the rate of what is seen of a plate.

    Attributes
    ----------
    classes
        Slugs of the exercises that it knows, and `NONE`.
    usual, mean, deviation
        Of each number: what stands for an unseen one, mean and standard deviation, shape (n,).
    weights, offsets
        Shape (classes, n) and (classes,).
    plate_rates
        Share of the movements of each class in which a plate is seen as in `Plate`, shape (classes, 3).
    calibration
        Slope and offset of the logit of the stated confidence over that of the likelihood, shape (2,).
    """

    classes: tuple[str, ...]
    usual: FloatArray
    mean: FloatArray
    deviation: FloatArray
    weights: FloatArray
    offsets: FloatArray
    plate_rates: FloatArray
    calibration: FloatArray

    def log_probabilities(self, numbers: FloatArray, plate: Plate) -> Mapping[str, float]:
        """Return the logarithm of the probability of each class for what `movement_numbers` and `plate_of` returned."""
        scores = self.weights @ self._scaled(numbers) + self.offsets
        likely = np.exp(scores - scores.max())
        likely = np.maximum(likely / likely.sum(), LEAST_PROBABILITY) * self.plate_rates[:, plate]
        return dict(zip(self.classes, map(math.log, likely / likely.sum()), strict=True))

    def confidence(self, likelihood: float) -> float:
        """Return how often an exercise of this mean likelihood, 0..1, was the right one in the cross-validation."""
        slope, offset = self.calibration
        logit = slope * logit_of(likelihood) + offset
        return min(1.0 / (1.0 + math.exp(-float(logit))), HIGHEST_CONFIDENCE)

    def _scaled(self, numbers: FloatArray) -> FloatArray:
        seen = np.where(np.isfinite(numbers), numbers, self.usual)
        return np.asarray(np.clip((seen - self.mean) / self.deviation, -FARTHEST, FARTHEST))

    def worst_fit(self, numbers: FloatArray, name: str) -> str:
        """Return which part of the body, at which end of the movement, speaks most against a class and for no exercise.

        Parameters
        ----------
        numbers
            What `movement_numbers` returned.
        name
            One of `classes`.

        Returns
        -------
        str
            Such as ``the hands at the bottom``.
        """
        against = self.weights[self.classes.index(NONE)] - self.weights[self.classes.index(name)]
        points = against * self._scaled(numbers)
        found: dict[str, float] = {}
        for end, first in (("bottom", 0), ("top", len(POSTURE))):
            for posture, value in zip(POSTURE, points[first : first + len(POSTURE)], strict=True):
                part = f"{_PARTS[posture.split('_')[0]]} at the {end}"
                found[part] = found.get(part, 0.0) + float(value)
        return max(found, key=lambda part: found[part])

    def as_json(self) -> str:
        """Return it as the content of `MODEL_FILE`."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        data = {"classes": self.classes} | {name: np.round(array, 4).tolist() for name, array in arrays.items()}
        return json.dumps(data)

    @staticmethod
    def from_json(text: str) -> MovementClassifier:
        """Return the classifier that `as_json` wrote."""
        data = json.loads(text)
        classes = tuple(data.pop("classes"))
        return MovementClassifier(classes, **{name: np.array(values) for name, values in data.items()})


def logit_of(likelihood: float) -> float:
    """Return the logit of a mean likelihood, 0..1, which is neither impossible nor certain."""
    inside = min(max(likelihood, LEAST_PROBABILITY), 1.0 - LEAST_PROBABILITY)
    return math.log(inside / (1.0 - inside))


@cache
def shipped_classifier() -> MovementClassifier:
    """Return the classifier that comes with hipform."""
    return MovementClassifier.from_json((files(__package__) / MODEL_FILE).read_text(encoding="utf-8"))
