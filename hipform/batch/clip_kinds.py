"""What a search of folders and patterns takes for a clip: videos, or landmark files of another tool."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from hipform.batch.clip_options import Analysis, digest_of
from hipform.pose.readers.formats import find_format

VIDEO_ENDINGS = frozenset(
    f".{ending}"
    for ending in (
        *("mp4", "mov", "qt", "m4v", "avi", "divx", "mkv", "webm", "mpg", "mpeg", "m2v", "vob", "mts", "m2ts", "ts"),
        *("3gp", "3g2", "wmv", "asf", "flv", "f4v", "ogv", "ogm", "mxf", "rm", "rmvb", "dv", "nut", "y4m"),
        *("gif", "apng", "avif", "webp"),
    )
)
"""Extensions that a folder search accepts; a file that is named itself may have any extension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipKind:
    """What a search takes for a clip.

    Attributes
    ----------
    title
        Name for people: "video", "coco17 file".
    endings
        Extensions in lower case.
    is_folder
        Whether a clip is a folder that holds such files, one for each frame.
    """

    title: str
    endings: frozenset[str]
    is_folder: bool = False

    @property
    def with_article(self) -> str:
        """The title with its article: "a video", "an openpose folder"."""
        return f"{'an' if self.title[0] in 'aeiou' else 'a'} {self.title}"

    def matches(self, name: str) -> bool:
        """Return whether a file with this name is a clip, or a part of one if clips are folders."""
        return Path(name).suffix.lower() in self.endings

    def no_match(self, count: int) -> str:
        """Return why *count* files are not clips, for people."""
        if self.is_folder:
            return f"{'it is' if count == 1 else 'they are'} not part of {self.with_article}"
        if count == 1:
            return f"its ending is not that of {self.with_article}"
        return f"their endings are not those of {self.title}s"


_VIDEO = ClipKind(title="video", endings=VIDEO_ENDINGS)


def clip_kind(analysis: Analysis) -> ClipKind:
    """Return what *analysis* takes for a clip."""
    if analysis.pose_format is None:
        return _VIDEO
    pose_format = find_format(analysis.pose_format)
    title = f"{pose_format.name} {'folder' if pose_format.is_folder else 'file'}"
    return ClipKind(title=title, endings=pose_format.endings, is_folder=pose_format.is_folder)


def folder_stamp(folder: Path) -> tuple[int, str]:
    """Return the total size of the files in *folder*, and a cheap value that changes when one of them does."""
    with os.scandir(folder) as entries:
        files = sorted((one.name, one.stat()) for one in entries if one.is_file())
    size = sum(status.st_size for _, status in files)
    listed = digest_of("\n".join(f"{name} {status.st_size} {status.st_mtime_ns}" for name, status in files))
    return size, f"{size}-{listed[:16]}"
