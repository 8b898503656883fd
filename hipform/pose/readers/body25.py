"""OpenPose's BODY_25 keypoints in one JSON file."""

from __future__ import annotations

from pathlib import Path

from hipform.pose.readers.keypoint_file import TWO_D, TWO_D_NOISE, KeypointFile, PoseFormat
from hipform.pose.readers.keypoint_lists import open_keypoint_lists
from hipform.pose.readers.keypoint_names import OPENPOSE_LAYOUTS


def _open(path: Path) -> KeypointFile:
    return open_keypoint_lists(path, OPENPOSE_LAYOUTS)


FORMAT = PoseFormat(
    name="body25",
    schema=TWO_D,
    noise=TWO_D_NOISE,
    title="frames of BODY_25 keypoints in one JSON file",
    open=_open,
    endings=frozenset({".json"}),
)
