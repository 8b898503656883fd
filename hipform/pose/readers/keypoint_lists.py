"""One JSON file with lists of keypoints: COCO's results, or frames with people in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from hipform.pose.readers.json_files import (
    as_list,
    as_mapping,
    layout_of,
    load_json,
    same_count,
    scored_person,
    stated_number,
    stated_size,
)
from hipform.pose.readers.keypoint_file import KeypointFile, KeypointFrame, Person


def open_keypoint_lists(path: Path, layouts: Mapping[int, Sequence[str]]) -> KeypointFile:
    """Open the file at *path*; the number of keypoints determines their names.

    The file is either COCO results, a list with one entry per person (``image_id``, ``keypoints``: x, y, score and so
    on), where ``image_id`` numbers the frames; or an object with ``frames``, each with ``people`` and their
    ``keypoints``, and with ``fps`` or a ``t_s`` in each frame.

    Raises
    ------
    ValueError
        If it is neither.
    """
    data = load_json(path)
    header: dict[str, Any] = {} if isinstance(data, list) else as_mapping(data, "its content")
    rows: list[tuple[int, float | None, list[Any]]]
    if isinstance(data, list):
        entries = sorted(((_frame_number(entry), entry) for entry in data), key=lambda pair: pair[0])
        rows = [(index, None, [entry for _, entry in group]) for index, group in groupby(entries, lambda pair: pair[0])]
    else:
        rows = [_frame_row(index, frame) for index, frame in enumerate(as_list(data.get("frames"), "`frames`"))]
    first = next((people[0] for _, _, people in rows if people), None)
    if first is None:
        raise ValueError("it contains no person")
    names = layout_of(layouts, len(_person(first).points))

    def frames() -> Iterator[KeypointFrame]:
        for index, t_s, people in rows:
            yield KeypointFrame(index, same_count([_person(one) for one in people], len(names)), t_s)

    return KeypointFile(names=names, frames=frames, fps=stated_number(header, "fps"), size_px=stated_size(header))


def _person(entry: Any) -> Person:
    return scored_person(as_list(as_mapping(entry, "a person").get("keypoints"), "`keypoints`"))


def _frame_row(index: int, frame: Any) -> tuple[int, float | None, list[Any]]:
    fields = as_mapping(frame, "a frame")
    return index, stated_number(fields, "t_s"), as_list(fields.get("people"), "`people`")


def _frame_number(entry: Any) -> int:
    """Return the number in ``image_id``, which is a number or the name of an image that ends in one."""
    image_id = as_mapping(entry, "an entry").get("image_id")
    if isinstance(image_id, int):
        return image_id
    match = re.search(r"(\d{1,12})(\.\w+)?$", image_id) if isinstance(image_id, str) else None
    if not match:
        raise ValueError("an entry has no `image_id` with a frame number")
    return int(match[1])
