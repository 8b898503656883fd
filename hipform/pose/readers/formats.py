"""The registry of other tools' formats, by their names on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hipform.errors import ConfigError
from hipform.pose.readers import body25, coco17, deeplabcut, mediapipe_json, mmpose, openpose, sleap, trc
from hipform.pose.readers.keypoint_file import PoseFormat

POSE_FORMATS: Mapping[str, PoseFormat] = MappingProxyType(
    {
        module.FORMAT.name: module.FORMAT
        for module in (coco17, body25, openpose, mmpose, deeplabcut, sleap, trc, mediapipe_json)
    }
)
"""All formats, by name."""


def find_format(name: str) -> PoseFormat:
    """Return the format called *name*.

    Raises
    ------
    ConfigError
        If there is no such format.
    """
    if name not in POSE_FORMATS:
        raise ConfigError(f"There is no pose format {name!r}.", f"Known: {', '.join(POSE_FORMATS)}.")
    return POSE_FORMATS[name]
