"""Which way up a clip is, from the body in it: a clip that was turned without a tag shows people on the walls.

The pose model finds people whichever way up they are, and as surely, so that its confidence says nothing. Gravity
shows it: feet, knees, buttocks or hands carry the body, shanks and hanging arms point down, heads do not.
"""

from __future__ import annotations

import math

import numpy as np

from hipform.pose.poses import Landmark, Pose
from hipform.types import FloatArray

LEAST_PROBABILITY = 0.97
"""A clip counts as turned if that is at least this probable. Of real clips the right way up, none reached 0.83.

Basis: tuned.
"""
LOOK_EVERY_S = 0.2
"""Poses closer together than this add nothing. Basis: guess."""
LEAST_LOOKS = 5
"""Fewest poses from which the way up is judged. Basis: guess."""


def _pair(name: str) -> list[int]:
    return [int(Landmark[f"LEFT_{name}"]), int(Landmark[f"RIGHT_{name}"])]


_SEGMENTS = tuple(
    (_pair(begin), _pair(end))
    for begin, end in (
        ("SHOULDER", "HIP"),
        ("HIP", "KNEE"),
        ("KNEE", "ANKLE"),
        ("HEEL", "FOOT_INDEX"),
        ("SHOULDER", "ELBOW"),
        ("ELBOW", "WRIST"),
    )
)
_HEAD = [int(Landmark.NOSE), *_pair("EAR")]
_HEIGHTS = [*map(_pair, ("SHOULDER", "HIP", "KNEE", "ANKLE", "WRIST")), _HEAD]
_FEET = [*_pair("ANKLE"), *_pair("HEEL"), *_pair("FOOT_INDEX")]
_LIMBS = slice(Landmark.LEFT_SHOULDER, None)

# A conditional logit over the four ways up, fitted by `scripts.evaluate.upright` to landmarks of real clips; that
# command prints these numbers and how they do on people whom they were not fitted to.
_WEIGHTS: FloatArray = np.array(
    [
        *(0.261, -4.585, -0.277, 2.849, 1.303, 2.289, 1.046, -3.12, 0.952, 1.694, -0.094, -1.374),
        *(-1.325, 0.094, 0.467, 0.828, -0.688, -1.826, 0.19, -0.949),
    ]
)


class UprightReader:
    """Finds which way up a clip is; push its poses in time order, then call `finish`.

    Attributes
    ----------
    looks
        `features_by_turn` of the poses that were looked at.
    """

    def __init__(self) -> None:
        self.looks: list[FloatArray] = []
        self._next_s = -math.inf

    def push(self, pose: Pose) -> None:
        """Process the next pose."""
        if pose.t_s >= self._next_s and np.isfinite(pose.image_px).all():
            self._next_s = pose.t_s + LOOK_EVERY_S
            self.looks.append(features_by_turn(pose.image_px))

    def finish(self) -> int:
        """Return how many quarter turns clockwise make the clip upright; 0 if it is upright or that is not clear."""
        if len(self.looks) < LEAST_LOOKS:
            return 0
        probability = turn_probabilities(np.mean(self.looks, axis=0), _WEIGHTS)
        best = int(np.argmax(probability))
        return best if probability[best] >= LEAST_PROBABILITY else 0


def turn_probabilities(features: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the probability of each number of quarter turns; *features* have the shape (4, n), *weights* (n,)."""
    score = features @ weights
    likelihood = np.exp(score - score.max())
    return np.asarray(likelihood / likelihood.sum())


def features_by_turn(image_px: FloatArray) -> FloatArray:
    """Return what shows which way up a body is, for the image turned by 0 to 3 quarter turns clockwise.

    Parameters
    ----------
    image_px
        All landmarks, pixels, shape (33, 2).

    Returns
    -------
    numpy.ndarray
        Shape (4, 20): how far each segment points down (-1 to 1) and the square of it; how far the head does from the
        shoulders; heights of the joints above the lowest landmark, and of the lowest part of the feet, in body sizes.
    """
    turned = [image_px]
    for _ in range(3):
        turned.append(turn_clockwise(turned[-1]))
    return np.stack([_features(points) for points in turned])


def turn_clockwise(points: FloatArray) -> FloatArray:
    """Return *points* turned by a quarter clockwise around the origin, where y points down, shape (n, 2)."""
    return np.stack([-points[:, 1], points[:, 0]], axis=1)


def _features(points: FloatArray) -> FloatArray:
    found = []
    for begin, end in _SEGMENTS:
        down = _down(points[end] - points[begin])
        found += [down.mean(), (down**2).mean()]
    found.append(_down(points[_HEAD].mean(axis=0) - points[_SEGMENTS[0][0]].mean(axis=0)))
    limbs = points[_LIMBS]
    size_px = math.sqrt(float(((limbs - limbs.mean(axis=0)) ** 2).sum(axis=1).mean())) or 1.0
    lowest_px = float(points[:, 1].max())
    found += [(lowest_px - float(points[joint, 1].mean())) / size_px for joint in _HEIGHTS]
    found.append(min(1.0, (lowest_px - float(points[_FEET, 1].max())) / size_px))
    return np.array(found)


def _down(vectors: FloatArray) -> FloatArray:
    """Return the vertical part of the directions of *vectors*, shape (..., 2); 1 is straight down."""
    return np.asarray(vectors[..., 1] / np.maximum(np.hypot(vectors[..., 0], vectors[..., 1]), 1e-6))
