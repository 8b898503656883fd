"""The registry of landmark sources, by the name that recordings store.

A new pose model is one file that declares its `PoseModel`, and one entry in the list here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hipform.errors import ModelError
from hipform.pose.landmark_schema import LandmarkSource, PoseEstimator, PoseModel
from hipform.pose.mediapipe_pose import POSE_MODELS as MEDIAPIPE_MODELS
from hipform.pose.model_files import ModelName
from hipform.pose.readers.formats import POSE_FORMATS
from hipform.pose.readers.keypoint_file import TWO_D_NOISE
from hipform.types import NoiseModel

POSE_MODELS: Mapping[str, PoseModel] = MappingProxyType({model.name: model for model in MEDIAPIPE_MODELS})
"""Sources that process frames, by name."""

SOURCES: Mapping[str, LandmarkSource] = MappingProxyType({**POSE_MODELS, **POSE_FORMATS})
"""All sources, by name."""


def noise_of(name: str) -> NoiseModel:
    """Return the noise model of the source called *name*; an unknown source counts as another tool."""
    return SOURCES[name].noise if name in SOURCES else TWO_D_NOISE


def find_source(name: str) -> LandmarkSource:
    """Return the source called *name*, as a recording states it.

    Raises
    ------
    ModelError
        If there is no such source.
    """
    if name not in SOURCES:
        raise ModelError(f"There is no source of landmarks called {name!r}.", f"Known: {', '.join(SOURCES)}.")
    return SOURCES[name]


def open_estimator(model: ModelName) -> PoseEstimator:
    """Return a new estimator of a pose model that runs in this process: see `PoseModel.make`.

    Raises
    ------
    ModelError
        If the model is missing or was changed.
    """
    return POSE_MODELS[model].make()
