"""How often recognised exercises are right at each stated confidence, on people that the classifier has not seen."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from hipform.analysis.movement_classifier import HIGHEST_CONFIDENCE, logit_of
from hipform.types import FloatArray

FILE = Path(__file__).with_name("confidences.csv")
FOLDS = 10
LIMITS = (0.0, 0.4, 0.6, 0.8, 0.9, 1.0)
"""Limits of the rows of the table of confidences."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """An exercise that was recognised in a clip of a person who was held out.

    Attributes
    ----------
    source
        The person.
    likelihood
        Mean likelihood of the exercise, 0..1.
    is_right
        Whether the clip shows it.
    """

    source: str
    likelihood: float
    is_right: bool


def save(found: Sequence[Recognition]) -> None:
    """Write what `load` reads."""
    with FILE.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["source", "likelihood", "is_right"])
        rows.writerows([one.source, f"{one.likelihood:.4f}", int(one.is_right)] for one in found)


def load() -> list[Recognition]:
    """Return the recognitions of the last cross-validation."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Recognition(row["source"], float(row["likelihood"]), row["is_right"] == "1") for row in rows]


def _columns(found: Sequence[Recognition]) -> tuple[FloatArray, NDArray[np.bool_]]:
    logits = np.array([[logit_of(one.likelihood)] for one in found])
    return logits, np.array([one.is_right for one in found])


def calibration_of(found: Sequence[Recognition]) -> FloatArray:
    """Return slope and offset of the logit of the share of right ones over the logit of the likelihood (Platt)."""
    logits, is_right = _columns(found)
    model = LogisticRegression().fit(logits, is_right)
    return np.array([model.coef_[0, 0], model.intercept_[0]])


def reliability_table(found: Sequence[Recognition]) -> list[str]:
    """Return the lines of a table: stated confidence, and how many were right; each person calibrated by the others."""
    logits, is_right = _columns(found)
    groups = np.array([one.source for one in found])
    folds = GroupKFold(FOLDS)
    stated = cross_val_predict(LogisticRegression(), logits, is_right, groups=groups, cv=folds, method="predict_proba")
    stated = np.minimum(stated, HIGHEST_CONFIDENCE)
    lines = ["| stated confidence | recognitions | stated on average | right |", "| --- | --- | --- | --- |"]
    for low, high in zip(LIMITS[-2::-1], LIMITS[:0:-1], strict=True):
        rows = (stated[:, 1] >= low) & (stated[:, 1] < high)
        if rows.any():
            mean, right = stated[rows, 1].mean(), is_right[rows].mean()
            lines.append(f"| {low:.0%} to {high:.0%} | {rows.sum()} | {mean:.0%} | {right:.0%} |")
    return lines
