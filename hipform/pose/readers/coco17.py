"""COCO keypoints in one JSON file: ViTPose, RTMPose, AlphaPose, Detectron2 and other tools that write COCO results."""

from __future__ import annotations

from pathlib import Path

from hipform.pose.readers.keypoint_file import TWO_D, TWO_D_NOISE, KeypointFile, PoseFormat
from hipform.pose.readers.keypoint_lists import open_keypoint_lists
from hipform.pose.readers.keypoint_names import COCO_LAYOUTS


def _open(path: Path) -> KeypointFile:
    return open_keypoint_lists(path, COCO_LAYOUTS)


FORMAT = PoseFormat(
    name="coco17",
    schema=TWO_D,
    noise=TWO_D_NOISE,
    title="COCO's results in JSON, or frames of COCO keypoints",
    open=_open,
    endings=frozenset({".json"}),
)
