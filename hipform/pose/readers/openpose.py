"""OpenPose: a folder with one JSON file per frame, as ``--write_json`` writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from hipform.pose.readers.json_files import as_list, as_mapping, layout_of, load_json, same_count, scored_person
from hipform.pose.readers.keypoint_file import TWO_D, TWO_D_NOISE, KeypointFile, KeypointFrame, Person, PoseFormat
from hipform.pose.readers.keypoint_names import OPENPOSE_LAYOUTS

_FILE_NAME = re.compile(r"(?P<clip>.*?)_?(?P<frame>\d{1,12})(_keypoints)?\.json")


def _open(path: Path) -> KeypointFile:
    files = _numbered(path)
    count = next((len(person.points) for _, file in files for person in _people(file)), None)
    if count is None:
        raise ValueError("it contains no person")
    names = layout_of(OPENPOSE_LAYOUTS, count)

    def frames() -> Iterator[KeypointFrame]:
        for index, file in files:
            yield KeypointFrame(index, same_count(_people(file), count))

    return KeypointFile(names=names, frames=frames)


def _numbered(folder: Path) -> list[tuple[int, Path]]:
    """Return the files of the only clip in *folder* with their frame numbers, in order."""
    matches = [(_FILE_NAME.fullmatch(file.name), file) for file in folder.iterdir()]
    numbered = [(match["clip"], int(match["frame"]), file) for match, file in matches if match]
    if not numbered:
        raise ValueError("it holds no files with names like video_000000000000_keypoints.json")
    if len({clip for clip, _, _ in numbered}) > 1:
        raise ValueError("it holds the files of several clips; put those of each clip into a separate folder")
    return sorted((index, file) for _, index, file in numbered)


def _people(file: Path) -> Sequence[Person]:
    data = as_mapping(load_json(file), file.name)
    people = as_list(data.get("people"), f"`people` of {file.name}")
    return [scored_person(as_mapping(one, "a person").get("pose_keypoints_2d")) for one in people]


FORMAT = PoseFormat(
    name="openpose",
    schema=TWO_D,
    noise=TWO_D_NOISE,
    title="a folder of OpenPose's JSON files, one per frame",
    open=_open,
    endings=frozenset({".json"}),
    is_folder=True,
)
