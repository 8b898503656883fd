"""JSON files of other tools, read with a size limit and converted to arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hipform.pose.readers.keypoint_file import Person, unknown_scores
from hipform.types import FloatArray

MAX_JSON_BYTES = 200_000_000
"""About an hour of one person. Python objects take about five times as much memory as the text."""


def load_json(path: Path) -> Any:
    """Return the content of the file at *path*.

    Raises
    ------
    ValueError
        If it is too large, empty, or not JSON.
    """
    size_bytes = path.stat().st_size
    if size_bytes > MAX_JSON_BYTES:
        raise ValueError(f"it is larger than {MAX_JSON_BYTES // 1_000_000} MB; split it into sets")
    if not size_bytes:
        raise ValueError("it is empty")
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON") from error


def as_list(value: Any, what: str) -> list[Any]:
    """Return *value* if it is a list; otherwise raise ValueError with *what* it is."""
    if not isinstance(value, list):
        raise ValueError(f"{what} is not a list")  # noqa: TRY004 - a wrong file, not a wrong call
    return value


def as_mapping(value: Any, what: str) -> dict[str, Any]:
    """Return *value* if it is an object; otherwise raise ValueError with *what* it is."""
    if not isinstance(value, dict):
        raise ValueError(f"{what} is not an object")  # noqa: TRY004 - a wrong file, not a wrong call
    return value


def numbers(values: Any, columns: int) -> FloatArray:
    """Return *values*, flat or in rows of *columns*, as an array of shape (n, columns); ``null`` becomes NaN.

    Raises
    ------
    ValueError
        If they are not numbers, or not a whole number of rows.
    """
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError("it has keypoints that are not numbers, or of unequal length") from error
    if array.size % columns or (array.ndim > 1 and array.shape[-1] != columns):
        raise ValueError(f"it has keypoints of shape {array.shape}, not rows of {columns} numbers")
    return array.reshape(-1, columns)


def scored_person(values: Any) -> Person:
    """Return the person whose keypoints are rows of x, y and score; points with score 0 become NaN."""
    rows = numbers(values, 3)
    points = np.where(np.expand_dims(rows[:, 2] > 0, 1), rows[:, :2], np.nan)
    return Person(points, rows[:, 2])


def person_with_scores(points: Any, scores: Any) -> Person:
    """Return the person with separate points and scores; *scores* may be missing (``None``)."""
    rows = numbers(points, 2)
    if scores is None:
        return Person(rows, unknown_scores(len(rows)))
    found = numbers(scores, 1)[:, 0]
    if len(found) != len(rows):
        raise ValueError("the number of scores differs from the number of keypoints")
    return Person(rows, found)


def layout_of(layouts: Mapping[int, Sequence[str]], count: int) -> Sequence[str]:
    """Return the names of *count* keypoints; raise ValueError if no layout has that number."""
    if count not in layouts:
        known = ", ".join(str(known) for known in layouts)
        raise ValueError(f"it has {count} keypoints per person; known layouts have {known}")
    return layouts[count]


def same_count(people: Sequence[Person], count: int) -> Sequence[Person]:
    """Return *people*; raise ValueError unless each has *count* keypoints."""
    for person in people:
        if len(person.points) != count:
            raise ValueError(f"it has a person with {len(person.points)} keypoints beside others with {count}")
    return people


def stated_size(data: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return ``width`` and ``height`` of *data*; ``None`` if both are missing."""
    size = data.get("width"), data.get("height")
    if size == (None, None):
        return None
    if not all(isinstance(side, (int, float)) and 1 <= side <= 100_000 for side in size):
        raise ValueError("its width and height are not a valid image size")
    return int(size[0]), int(size[1])  # type: ignore[arg-type]  # both are numbers by now


def stated_number(data: Mapping[str, Any], *names: str) -> float | None:
    """Return the first of *names* that *data* has, as a number; ``None`` if it has none of them."""
    for name in names:
        value = data.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"its {name} is not a number")  # noqa: TRY004 - a wrong file, not a wrong call
        return float(value)
    return None
