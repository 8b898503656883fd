"""MMPose: the JSON file that its demos and its inferencer write for a video, with RTMPose, ViTPose or other models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hipform.pose.readers.json_files import (
    as_list,
    as_mapping,
    layout_of,
    load_json,
    person_with_scores,
    same_count,
    stated_number,
)
from hipform.pose.readers.keypoint_file import TWO_D, TWO_D_NOISE, KeypointFile, KeypointFrame, Person, PoseFormat
from hipform.pose.readers.keypoint_names import COCO_LAYOUTS


def _open(path: Path) -> KeypointFile:
    data = load_json(path)
    # The inferencer writes only the list, the demos write it together with metadata of the model.
    meta = {} if isinstance(data, list) else as_mapping(data, "its content")
    rows = data if isinstance(data, list) else as_list(meta.get("instance_info"), "`instance_info`")
    first = next((person for row in rows for person in _people(row)), None)
    if first is None:
        raise ValueError("it contains no person")
    count = len(first.points)
    names = _stated_names(meta, count) or layout_of(COCO_LAYOUTS, count)

    def frames() -> Iterator[KeypointFrame]:
        for place, row in enumerate(rows):
            index = stated_number(row, "frame_id")
            yield KeypointFrame(place if index is None else int(index), same_count(_people(row), count))

    return KeypointFile(names=names, frames=frames)


def _people(row: Any) -> Sequence[Person]:
    instances = as_list(as_mapping(row, "a frame").get("instances"), "`instances`")
    fields = [as_mapping(instance, "an instance") for instance in instances]
    return [person_with_scores(one.get("keypoints"), one.get("keypoint_scores")) for one in fields]


def _stated_names(meta: dict[str, Any], count: int) -> Sequence[str] | None:
    """Return the names of the keypoints, if the file states them."""
    info = meta.get("meta_info")
    by_place = info.get("keypoint_id2name") if isinstance(info, dict) else None
    if not isinstance(by_place, dict):
        return None
    return [str(by_place.get(str(place), f"keypoint_{place}")) for place in range(count)]


FORMAT = PoseFormat(
    name="mmpose",
    schema=TWO_D,
    noise=TWO_D_NOISE,
    title="the JSON file that MMPose writes for a video",
    open=_open,
    endings=frozenset({".json"}),
)
