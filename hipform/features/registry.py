"""The definition of a feature, and the registry of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from hipform.segmentation.traced_movement import TracedMovement

Feature = Callable[[TracedMovement], float]
"""Computes one number from a movement for rules and traits; NaN if it was not seen. Its name ends with its unit."""

_FEATURES: dict[str, Feature] = {}
FEATURES: Mapping[str, Feature] = MappingProxyType(_FEATURES)
"""Every feature by the name of its function."""


def feature(compute: Feature) -> Feature:
    """Register a function in `FEATURES`; `RepSummary.features` holds its result under the function's name."""
    _FEATURES[compute.__name__] = compute
    return compute
