"""What a feature is, and where all of them are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from hipform.segmentation.traced_movement import TracedMovement

Feature = Callable[[TracedMovement], float]
"""A number that rules and traits look at, from one movement; NaN where it was not seen. Its name ends with its unit."""

_FEATURES: dict[str, Feature] = {}
FEATURES: Mapping[str, Feature] = MappingProxyType(_FEATURES)
"""Every feature by the name of its function."""


def feature(compute: Feature) -> Feature:
    """Put a function into `FEATURES`: its result stands in `RepSummary.features` under the function's name."""
    _FEATURES[compute.__name__] = compute
    return compute
