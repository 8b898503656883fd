"""Restriction of a landmark recording to a part of its clip."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hipform.errors import ConfigError, InputError
from hipform.files import scratch_folder
from hipform.pose.recording import Recording, RecordingWriter
from hipform.report.result import FILES


def require_order(start_s: float | None, end_s: float | None) -> None:
    """Raise an error if there is no time between a start and an end, seconds.

    Raises
    ------
    ConfigError
        If the start is not before the end.
    """
    if start_s is not None and end_s is not None and start_s >= end_s:
        raise ConfigError(
            "The start, {start:g} s, is not before the end, {end:g} s.", "Give other times.", start=start_s, end=end_s
        )


@contextmanager
def trimmed(poses: Path, start_s: float | None, end_s: float | None, name: str | None = None) -> Iterator[Path]:
    """Yield a recording of the frames between two times, which exists until the block ends.

    Without times and a name, that is the recording itself.

    Parameters
    ----------
    poses
        The recording of the whole clip.
    start_s, end_s
        First and last time in the clip, seconds; ``None`` for the first, or last, frame.
    name
        Name of the clip in the new recording; its own if not given.

    Raises
    ------
    InputError
        If no frame is between these times.
    """
    if start_s is None and end_s is None and name is None:
        yield poses
        return
    first_s = -math.inf if start_s is None else start_s
    last_s = math.inf if end_s is None else end_s
    with scratch_folder() as folder:
        path = folder / FILES["poses"]
        n_poses = 0
        with Recording(poses) as recording:
            info = recording.info if name is None else replace(recording.info, name=name)
            with RecordingWriter(path, info, recording.model) as writer:
                for pose in recording:
                    if first_s <= pose.t_s <= last_s:
                        writer.write(pose)
                        n_poses += 1
        if not n_poses:
            raise InputError("No frame of the clip is between the stated start and end.", "Give other times.")
        yield path
