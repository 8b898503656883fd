"""Conversion of another tool's landmarks to a recording that the rest of hipform reads like its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hipform.errors import ConfigError
from hipform.files import scratch_folder
from hipform.pose.readers.formats import find_format
from hipform.pose.readers.pose_file import PoseFile, PoseFileFacts
from hipform.pose.recording import RecordingWriter
from hipform.report.result import FILES


def check_pose_format(pose_format: str | None, facts: PoseFileFacts) -> None:
    """Check a format and the facts about its files, without a file.

    Raises
    ------
    ConfigError
        If there is no such format, or facts are given without a format.
    InputError
        If a fact is out of bounds.
    """
    if pose_format is not None:
        find_format(pose_format)
    elif facts != PoseFileFacts():
        raise ConfigError(
            "Frame rate, size and view apply only to another tool's landmarks.",
            "Name the format with --pose-format.",
        )
    facts.check()


@contextmanager
def as_recording(path: Path, pose_format: str | None, facts: PoseFileFacts) -> Iterator[Path]:
    """Yield a recording of the landmarks in the file at *path*; it exists until the block ends.

    Parameters
    ----------
    path
        A landmark file of another tool.
    pose_format
        Its format; ``None`` for a clip or a recording, which is yielded as it is.
    facts
        Facts from the user about the file.

    Raises
    ------
    ConfigError
        See `check_pose_format`.
    InputError
        If the file cannot be read in that format, or a required fact is missing.
    """
    check_pose_format(pose_format, facts)
    if pose_format is None:
        yield path
        return
    source = PoseFile(path, find_format(pose_format), facts)
    with scratch_folder() as scratch:
        recording = scratch / FILES["poses"]
        names = {"estimator": source.model, "keypoints": source.model}
        with RecordingWriter(recording, source.info, source.model, **names) as writer:
            for pose in source:
                writer.write(pose)
        yield recording
