"""Landmarks that another tool found, turned into a recording that the rest of hipform reads like its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hipform.errors import ConfigError
from hipform.files import scratch_folder
from hipform.pose import PoseFile, PoseFileFacts, RecordingWriter, find_format
from hipform.report.result import FILES


@contextmanager
def recorded(path: Path, pose_format: str, facts: PoseFileFacts) -> Iterator[Path]:
    """Yield a recording of the landmarks in the file at *path*; it lasts until the block ends.

    Raises
    ------
    ConfigError
        If there is no such format.
    InputError
        If the file cannot be read as one of that format, or something must be known beside it.
    """
    source = PoseFile(path, find_format(pose_format), facts)
    with scratch_folder() as scratch:
        recording = scratch / FILES["poses"]
        with RecordingWriter(recording, source.info, source.model) as writer:
            for pose in source:
                writer.write(pose)
        yield recording


def require_pose_format_for(facts: PoseFileFacts) -> None:
    """Refuse *facts* about a file that is not another tool's.

    Raises
    ------
    ConfigError
        If any is given.
    """
    if facts != PoseFileFacts():
        raise ConfigError(
            "Frame rate, size and view are asked for only with the landmarks of another tool.",
            "Say what they are with --pose-format.",
        )
