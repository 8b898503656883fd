"""SLEAP: its project file (.slp) and its analysis file (.h5), both HDF5."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hipform.pose.readers.hdf5 import open_hdf5, rows_of
from hipform.pose.readers.keypoint_file import (
    TWO_D,
    TWO_D_NOISE,
    KeypointFile,
    KeypointFrame,
    Person,
    PoseFormat,
    unknown_scores,
)
from hipform.types import FloatArray

_MAX_META_BYTES = 10_000_000
_MOST_POINTS = 1_000_000
"""In one frame."""
_CHUNK_FRAMES = 256


def _open(path: Path) -> KeypointFile:
    with open_hdf5(path) as file:
        if "tracks" in file and "node_names" in file:
            return _open_analysis(path, file)
        if "metadata" in file and "instances" in file:
            return _open_project(path, file)
    raise ValueError("it is neither a project nor an analysis file of SLEAP")


# ------------------------------------------------------------------------------------------------------------- analysis


def _open_analysis(path: Path, file: Any) -> KeypointFile:
    names = _texts(file["node_names"])
    shape = file["tracks"].shape
    if len(shape) != 4 or shape[1:3] != (2, len(names)):
        raise ValueError(f"its tracks have the shape {shape}, not (tracks, 2, nodes, frames)")
    scored = "point_scores" in file and file["point_scores"].shape == (shape[0], *shape[2:])

    def frames() -> Iterator[KeypointFrame]:
        with open_hdf5(path) as opened:
            for start in range(0, shape[3], _CHUNK_FRAMES):
                stop = min(start + _CHUNK_FRAMES, shape[3])
                tracks = np.asarray(opened["tracks"][:, :, :, start:stop], dtype=np.float64)
                scores = opened["point_scores"][:, :, start:stop] if scored else np.full(tracks[:, 0].shape, np.nan)
                for place in range(stop - start):
                    yield KeypointFrame(start + place, _tracked(tracks[..., place], scores[..., place]))

    return KeypointFile(names=names, frames=frames)


def _tracked(tracks: FloatArray, scores: FloatArray) -> Sequence[Person]:
    seen = np.flatnonzero(np.isfinite(tracks).any(axis=(1, 2)))
    return [Person(tracks[one].T, np.asarray(scores[one], dtype=np.float64)) for one in seen]


# -------------------------------------------------------------------------------------------------------------- project


def _open_project(path: Path, file: Any) -> KeypointFile:
    names = _skeleton_names(file["metadata"].attrs.get("json", b""))
    videos = np.unique(file["frames"]["video"]) if len(file["frames"]) else ()
    if len(videos) != 1:
        raise ValueError(f"it holds the frames of {len(videos)} videos; exactly one is needed")

    def frames() -> Iterator[KeypointFrame]:
        with open_hdf5(path) as opened:
            # Frames that were labelled by hand may be in any order.
            order = np.argsort(opened["frames"]["frame_idx"], kind="stable")
            for row in opened["frames"][()][order]:
                instances = opened["instances"][int(row["instance_id_start"]) : int(row["instance_id_end"])]
                people = [_instance(opened, one, len(names)) for one in _best(instances)]
                yield KeypointFrame(int(row["frame_idx"]), people)

    return KeypointFile(names=names, frames=frames)


def _best(instances: Any) -> Sequence[Any]:
    """Return the instances to use: those placed by hand replace the predictions that they were made from."""
    ids = {int(one["from_predicted"]) for one in instances if int(one["instance_type"]) == 0}
    return [one for one in instances if int(one["instance_id"]) not in ids]


def _instance(file: Any, instance: Any, count: int) -> Person:
    start, stop = int(instance["point_id_start"]), int(instance["point_id_end"])
    if stop - start != count:
        raise ValueError(f"it has an instance with {stop - start} points, but its skeleton has {count} nodes")
    is_predicted = int(instance["instance_type"]) == 1
    points = file["pred_points" if is_predicted else "points"][start:stop]
    placed = np.column_stack([points["x"], points["y"]]).astype(np.float64)
    placed[~np.asarray(points["visible"], dtype=bool)] = np.nan
    return Person(placed, np.asarray(points["score"], dtype=np.float64) if is_predicted else unknown_scores(count))


def _skeleton_names(stored: Any) -> Sequence[str]:
    """Return the names of the nodes of the only skeleton, in its order, from the project's metadata."""
    if not 0 < len(stored) <= _MAX_META_BYTES:
        raise ValueError("it has no description of its skeleton")
    try:
        meta = json.loads(stored)
        (skeleton,) = meta["skeletons"]
        return [str(meta["nodes"][node["id"]]["name"]) for node in skeleton["nodes"]]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise ValueError("the description of its skeleton cannot be read") from error


def _texts(data: Any) -> Sequence[str]:
    if len(data) > _MOST_POINTS:
        raise ValueError("it has too many nodes")
    return [text.decode(errors="replace") if isinstance(text, bytes) else str(text) for text in rows_of(data)]


FORMAT = PoseFormat(
    name="sleap",
    schema=TWO_D,
    noise=TWO_D_NOISE,
    title="a project (.slp) or analysis file (.h5) of SLEAP",
    open=_open,
    endings=frozenset({".slp", ".h5"}),
)
