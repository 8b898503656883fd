"""Which exercise one movement belongs to: a linear classifier of its postures, trained on people and kinematic lifters.

`scripts.recognition` trains it and writes `MODEL_FILE`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from hipform.exercises.declaration import WorkingSide
from hipform.features.rep_summary import RepSummary
from hipform.types import FloatArray

NONE = ""
"""Stands for no exercise, beside the slugs."""
MODEL_FILE = "movement_classifier.json"
LEAST_PROBABILITY = 0.004
"""No class is less likely than this: the training data do not hold everything that people do.

Basis: guess, checked in the cross-validation by person.
"""
FARTHEST = 3.0
"""A number further from the mean than so many standard deviations tells no more. Basis: guess."""
_SIDES = ((WorkingSide.NEAR, WorkingSide.STANCE), (WorkingSide.PLANTED,), (WorkingSide.MOVING,))
_FEATURES = ("thigh_share_ratio", "hip_rise_trunks", "feet_move_trunks", "segment_change_ratio", "hands_peak_ratio")


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
    """A multinomial logistic regression.

    Attributes
    ----------
    classes
        Slugs of the exercises that it knows, and `NONE`.
    usual, mean, deviation
        Of each number: what stands for an unseen one, mean and standard deviation, shape (n,).
    weights, offsets
        Shape (classes, n) and (classes,).
    """

    classes: tuple[str, ...]
    usual: FloatArray
    mean: FloatArray
    deviation: FloatArray
    weights: FloatArray
    offsets: FloatArray

    def log_probabilities(self, numbers: FloatArray) -> Mapping[str, float]:
        """Return the logarithm of the probability of each class for what `movement_numbers` returned."""
        seen = np.where(np.isfinite(numbers), numbers, self.usual)
        scaled = np.clip((seen - self.mean) / self.deviation, -FARTHEST, FARTHEST)
        scores = self.weights @ scaled + self.offsets
        likely = np.exp(scores - scores.max())
        likely = np.maximum(likely / likely.sum(), LEAST_PROBABILITY)
        return dict(zip(self.classes, map(math.log, likely / likely.sum()), strict=True))

    def as_json(self) -> str:
        """Return it as the content of `MODEL_FILE`."""
        arrays = {name: getattr(self, name) for name in ("usual", "mean", "deviation", "weights", "offsets")}
        data = {"classes": self.classes} | {name: np.round(array, 4).tolist() for name, array in arrays.items()}
        return json.dumps(data)

    @staticmethod
    def from_json(text: str) -> MovementClassifier:
        """Return the classifier that `as_json` wrote."""
        data = json.loads(text)
        classes = tuple(data.pop("classes"))
        return MovementClassifier(classes, **{name: np.array(values) for name, values in data.items()})


@cache
def shipped_classifier() -> MovementClassifier:
    """Return the classifier that comes with hipform."""
    return MovementClassifier.from_json((files(__package__) / MODEL_FILE).read_text(encoding="utf-8"))
