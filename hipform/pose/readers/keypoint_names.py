"""Keypoints by the names that other tools use, and by index if a file has no names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hipform.pose.poses import Landmark
from hipform.types import Side

_SIDES = {"left": Side.LEFT, "l": Side.LEFT, "2": Side.LEFT, "right": Side.RIGHT, "r": Side.RIGHT, "1": Side.RIGHT}
"""MPII, whose names DeepLabCut's human model uses, counts from the right: hip1 is the right hip."""
_JOINTS = {
    "eye": "EYE",
    "ear": "EAR",
    "shoulder": "SHOULDER",
    "sjc": "SHOULDER",
    "elbow": "ELBOW",
    "wrist": "WRIST",
    "hip": "HIP",
    "hjc": "HIP",
    "knee": "KNEE",
    "ankle": "ANKLE",
    "heel": "HEEL",
    "calc": "HEEL",
    "bigtoe": "FOOT_INDEX",
    "toe": "FOOT_INDEX",
    "footindex": "FOOT_INDEX",
}
BODY_AND_FEET = frozenset(
    {Landmark.NOSE, *(Landmark[f"{side.name}_{joint}"] for side in Side for joint in _JOINTS.values())}
)
"""All landmarks that have a name here."""
_FILLERS = {"study", "joint", "center", "centre"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

LEG_AND_TRUNK = tuple(
    frozenset(Landmark[f"{side.name}_{joint}"] for joint in ("SHOULDER", "HIP", "KNEE")) for side in Side
)
"""Landmarks that are needed on at least one side to measure anything."""


def landmark_of(name: str) -> Landmark | None:
    """Return the landmark that a tool calls *name*, as in ``left_knee``, ``LKnee``, ``knee_l`` or ``r_knee_study``."""
    spelled = name.strip().upper()
    if spelled in Landmark.__members__:
        return Landmark[spelled]
    words = [word.lower() for word in _WORD.findall(name) if word.lower() not in _FILLERS]
    # Names written as one word: lknee, RHJC.
    if len(words) == 1 and words[0][:1] in _SIDES and words[0][1:] in _JOINTS:
        words = [words[0][0], words[0][1:]]
    for place in (0, -1):
        if len(words) > 1 and words[place] in _SIDES:
            joint = "".join(words[1:] if place == 0 else words[:-1])
            return Landmark[f"{_SIDES[words[place]].name}_{_JOINTS[joint]}"] if joint in _JOINTS else None
    return None


def _paired(*joints: str) -> list[str]:
    return [f"{side}_{joint}" for joint in joints for side in ("left", "right")]


COCO17 = ("nose", *_paired("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle"))
_COCO_FEET = ("left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel")
_OPENPOSE18 = (
    *("nose", "neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist"),
    *("RHip", "RKnee", "RAnkle", "LHip", "LKnee", "LAnkle", "REye", "LEye", "REar", "LEar"),
)
BODY25 = (
    *_OPENPOSE18[:8],
    *("MidHip", *_OPENPOSE18[8:]),
    *("LBigToe", "LSmallToe", "LHeel", "RBigToe", "RSmallToe", "RHeel"),
)
_HALPE26 = (
    *COCO17,
    *("head", "neck", "hip"),
    *_paired("big_toe", "small_toe", "heel"),
)

COCO_LAYOUTS: Mapping[int, Sequence[str]] = MappingProxyType(
    {
        17: COCO17,
        26: _HALPE26,
        133: (*COCO17, *_COCO_FEET, *(f"face_or_hand_{place}" for place in range(110))),
        136: (*_HALPE26, *(f"face_or_hand_{place}" for place in range(110))),
    }
)
"""COCO's keypoints by their number: body, Halpe, whole body, Halpe with face and hands."""
OPENPOSE_LAYOUTS: Mapping[int, Sequence[str]] = MappingProxyType({18: _OPENPOSE18, 25: BODY25})
"""OpenPose's keypoints by their number: its COCO model and BODY_25."""
