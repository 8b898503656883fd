"""Fit the classifier of movements, and measure it on people that it was not trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from hipform.analysis.movement_classifier import FARTHEST, MovementClassifier, Plate
from hipform.types import FloatArray
from scripts.recognition.movements import KINEMATIC, MovementTable

FOLDS = 10
REGULARISATION = 0.03
KINEMATIC_WEIGHT = 0.15
"""Weight of a kinematic clip beside a real one."""
TOTAL_WEIGHT = 5.0
PLATE_PRIOR = (0.7, 0.15, 0.15)
"""Rates of `Plate` in an exercise without real clips."""
PRIOR_CLIPS = 8.0
"""Number of real clips that the prior counts for."""
UNCALIBRATED = np.array([1.0, 0.0])


def weights_of(table: MovementTable) -> FloatArray:
    """Return the weight of each movement: every real clip counts the same, rare exercises a little more."""
    _, clip, size = np.unique(table.clip, return_inverse=True, return_counts=True)
    weight = np.where(table.source == KINEMATIC, KINEMATIC_WEIGHT, 1.0) / size[clip]
    _, shows = np.unique(table.shows, return_inverse=True)
    return np.asarray(TOTAL_WEIGHT * weight / np.sqrt(np.bincount(shows, weight))[shows])


def plate_rates_of(table: MovementTable, classes: Sequence[str]) -> FloatArray:
    """Return how often a plate is seen in each class, shape (classes, 3); kinematic lifters have none to be seen."""
    real = table.part(table.source != KINEMATIC)
    _, clip, size = np.unique(real.clip, return_inverse=True, return_counts=True)
    seen = np.array([np.bincount(real.plate, (real.shows == name) / size[clip], len(Plate)) for name in classes])
    counts = seen + PRIOR_CLIPS * np.array(PLATE_PRIOR)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def fit(table: MovementTable, calibration: FloatArray = UNCALIBRATED) -> MovementClassifier:
    """Return the classifier for a table, with the calibration of its confidences."""
    usual = np.nan_to_num(np.nanmedian(table.numbers, axis=0))
    seen = np.where(np.isfinite(table.numbers), table.numbers, usual)
    mean, deviation = seen.mean(axis=0), seen.std(axis=0) + 1e-6
    scaled = np.clip((seen - mean) / deviation, -FARTHEST, FARTHEST)
    model = LogisticRegression(C=REGULARISATION, max_iter=200)
    model.fit(scaled, table.shows, sample_weight=weights_of(table))
    classes = tuple(str(name) for name in model.classes_)
    rates = plate_rates_of(table, classes)
    return MovementClassifier(classes, usual, mean, deviation, model.coef_, model.intercept_, rates, calibration)


@dataclass(frozen=True, eq=False)
class Fold:
    """A classifier and the sources that it was not trained on."""

    classifier: MovementClassifier
    held_out: NDArray[np.str_]


def folds(table: MovementTable) -> Iterator[Fold]:
    """Yield the classifiers of a cross-validation by person; kinematic lifters train all of them."""
    is_real = table.source != KINEMATIC
    real = table.part(is_real)
    for _, held_out in GroupKFold(FOLDS).split(real.numbers, real.shows, real.source):
        sources = np.unique(real.source[held_out])
        yield Fold(fit(table.part(~np.isin(table.source, sources))), sources)
