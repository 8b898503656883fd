"""The registry of landmark sources, by the name that recordings store.

A new pose model is one file ``hipform/pose/NAME_pose.py`` that declares its models as `POSE_MODELS`; it is found here.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import hipform.pose
from hipform.errors import ModelError
from hipform.pose.landmark_schema import LandmarkSource, PoseEstimator, PoseModel
from hipform.pose.readers.formats import POSE_FORMATS
from hipform.pose.readers.keypoint_file import TWO_D_NOISE
from hipform.types import NoiseModel

_MODEL_FILE = "_pose"
"""End of the names of the modules in `hipform.pose` that declare pose models."""


def declared_models(folders: Iterable[str]) -> dict[str, PoseModel]:
    """Return the models that the files of the package `hipform.pose` declare, by name.

    Raises
    ------
    ValueError
        If two models have the same name, or one has the name of a format of landmark files.
    """
    names = sorted(found.name for found in pkgutil.iter_modules(folders) if found.name.endswith(_MODEL_FILE))
    modules = [importlib.import_module(f"{hipform.pose.__name__}.{name}") for name in names]
    models: dict[str, PoseModel] = {}
    for model in (model for module in modules for model in module.POSE_MODELS):
        if model.name in models or model.name in POSE_FORMATS:
            raise ValueError(f"two landmark sources are called {model.name!r}")
        models[model.name] = model
    return models


POSE_MODELS: Mapping[str, PoseModel] = MappingProxyType(declared_models(hipform.pose.__path__))
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


def find_pose_model(name: str) -> PoseModel:
    """Return the pose model called *name*.

    Raises
    ------
    ModelError
        If there is no such model.
    """
    if name not in POSE_MODELS:
        raise ModelError(f"There is no pose model {name!r}.", f"Choose one of {', '.join(POSE_MODELS)}.")
    return POSE_MODELS[name]


def open_estimator(model: str) -> PoseEstimator:
    """Return a new estimator of a pose model that runs in this process: see `PoseModel.make`.

    Raises
    ------
    ModelError
        If the model is unknown, missing or was changed.
    """
    return find_pose_model(model).make()
