"""MediaPipe Pose: its 33 landmarks, written to JSON by a user's own program or web page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hipform.pose.landmark_schema import LandmarkSchema
from hipform.pose.poses import N_LANDMARKS, Landmark
from hipform.pose.readers.json_files import as_list, as_mapping, load_json, stated_number, stated_size
from hipform.pose.readers.keypoint_file import KeypointFile, KeypointFrame, Person, PoseFormat, Space
from hipform.types import FloatArray, NoiseModel

_IN_PICTURE = ("landmarks", "pose_landmarks", "poseLandmarks")
_IN_WORLD = ("worldLandmarks", "pose_world_landmarks", "poseWorldLandmarks", "world_landmarks")
_MILLISECONDS = ("timestamp_ms", "timestampMs")


def _open(path: Path) -> KeypointFile:
    data = load_json(path)
    header: dict[str, Any] = {} if isinstance(data, list) else as_mapping(data, "its content")
    rows = as_list(data if isinstance(data, list) else header.get("frames"), "`frames`")
    if not rows:
        raise ValueError("it holds no frames")
    if not any(_list_of(as_mapping(row, "a frame"), _IN_PICTURE) for row in rows):
        raise ValueError(f"none of its frames holds {', '.join(f'`{name}`' for name in _IN_PICTURE)}")

    def frames() -> Iterator[KeypointFrame]:
        for index, row in enumerate(rows):
            yield KeypointFrame(index, _people(as_mapping(row, "a frame")), _time_s(row))

    return KeypointFile(
        names=[landmark.name for landmark in Landmark],
        frames=frames,
        space=Space.SHARES,
        fps=stated_number(header, "fps"),
        size_px=stated_size(header),
    )


def _time_s(row: Mapping[str, Any]) -> float | None:
    milliseconds = stated_number(row, *_MILLISECONDS)
    return stated_number(row, "t_s") if milliseconds is None else milliseconds / 1000


def _list_of(row: Mapping[str, Any], names: Sequence[str]) -> list[Any]:
    """Return the landmarks of all people under the first of *names*; a single person need not be in a list."""
    found = [row[name] for name in names if row.get(name)]
    people = as_list(found[0], "a frame's landmarks") if found else []
    return people if all(isinstance(one, list) for one in people) else [people]


def _people(row: Mapping[str, Any]) -> Sequence[Person]:
    in_picture, in_world = _list_of(row, _IN_PICTURE), _list_of(row, _IN_WORLD)
    worlds = in_world if len(in_world) == len(in_picture) else [None] * len(in_picture)
    return [_person(*pair) for pair in zip(in_picture, worlds, strict=True)]


def _person(in_picture: list[Any], in_world: list[Any] | None) -> Person:
    world_m = None if in_world is None else _fields(in_world, "x", "y", "z")
    points = _fields(in_picture, "x", "y", "visibility")
    return Person(points[:, :2], points[:, 2], world_m)


def _fields(points: list[Any], *names: str) -> FloatArray:
    """Return *names* of each point, shape (33, len(names)); NaN where one is missing."""
    if len(points) != N_LANDMARKS:
        raise ValueError(f"it has a person with {len(points)} landmarks, not {N_LANDMARKS}")
    values = [[stated_number(as_mapping(point, "a landmark"), name) for name in names] for point in points]
    return np.array(values, dtype=np.float64)


FORMAT = PoseFormat(
    name="mediapipe",
    # The intervals were measured with the landmarks of this network, so they need not be wider.
    schema=LandmarkSchema(keypoints=frozenset(Landmark), has_world=True, has_visibility=True, has_contour=False),
    noise=NoiseModel(bias_ratio=1.0),
    title="frames of MediaPipe's 33 landmarks in JSON",
    open=_open,
    endings=frozenset({".json"}),
    # It also places hidden points, and hipform uses them like those of its own models.
    min_score=0.0,
)
