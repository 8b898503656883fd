"""Fit and check `hipform.kinematics.upright`: which way up a clip is, from the body in it.

    python -m scripts.evaluate.upright MANIFEST.csv RECORDINGS

MANIFEST.csv has the columns `file` and `source` (the person); RECORDINGS is a folder with a landmark recording
``NAME.npz`` of each clip. Clips of one person are never fitted and checked at the same time.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from hipform.kinematics.upright import (
    LEAST_LOOKS,
    LEAST_PROBABILITY,
    UprightReader,
    turn_probabilities,
)
from hipform.pose.recording import Recording
from hipform.types import FloatArray

_PENALTY = 0.3
"""Weight of the squared weights of standardised features, chosen before the first fit."""


def main() -> None:
    """Print the weights, and how the fit does on people whom it was not fitted to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("recordings", type=Path)
    options = parser.parse_args()
    names, persons, features = _read(options.manifest, options.recordings)
    probability = np.zeros((len(names), 4))
    for person in np.unique(persons):
        weights = _fit(features[persons != person])
        for index in np.flatnonzero(persons == person):
            probability[index] = turn_probabilities(features[index], weights)
    print(f"{len(names)} clips of {len(np.unique(persons))} people, checked on people who were left out of the fit")
    print(f"right way up preferred: {np.mean(probability.argmax(axis=1) == 0):.3f}")
    print(f"turned wrongly: {np.mean(probability[:, 1:].max(axis=1) >= LEAST_PROBABILITY):.3f}")
    print(f"noticed when turned: {np.mean(probability[:, 0] >= LEAST_PROBABILITY):.3f}")
    for index in np.argsort(probability[:, 0])[:10]:
        print(f"  {names[index]}: {probability[index].round(3).tolist()}")
    print("weights:", _fit(features).round(3).tolist())


def _read(manifest: Path, recordings: Path) -> tuple[Sequence[str], NDArray[np.str_], FloatArray]:
    """Return names, persons and features, shape (n, 4, 20), of the clips that have enough poses."""
    names, persons, features = [], [], []
    with manifest.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = recordings / f"{Path(row['file']).stem}.npz"
            if not path.exists():
                continue
            reader = UprightReader()
            with Recording(path) as recording:
                for pose in recording:
                    reader.push(pose)
            if len(reader.looks) >= LEAST_LOOKS:
                names.append(path.stem)
                persons.append(row["source"])
                features.append(np.mean(reader.looks, axis=0))
    return names, np.array(persons), np.array(features)


def _fit(features: FloatArray) -> FloatArray:
    """Return the weights of a conditional logit in which the first of the four ways up is right."""
    spread = features.reshape(-1, features.shape[2]).std(axis=0)
    scaled = features / spread

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        score = scaled @ weights
        likelihood = np.exp(score - score.max(axis=1, keepdims=True))
        probability = likelihood / likelihood.sum(axis=1, keepdims=True)
        slope = np.einsum("nk,nkf->f", probability, scaled) - scaled[:, 0].sum(axis=0)
        value = -np.log(probability[:, 0]).sum() + _PENALTY * float(weights @ weights)
        return float(value), slope + 2 * _PENALTY * weights

    found = minimize(loss, np.zeros(features.shape[2]), jac=True)
    return np.asarray(found.x / spread)


if __name__ == "__main__":
    main()
