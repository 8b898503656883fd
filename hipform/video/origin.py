"""Identity of a clip's file, and the time of its recording."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hipform.errors import InputError
from hipform.training import DateSource
from hipform.validation import is_plausible_date

_TIME_TAGS = ("com.apple.quicktime.creationdate", "creation_time")
"""Tags in which cameras store the time, the better one first: Apple's has a time zone, the other is in UTC."""
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""An earlier date means that the camera's clock was never set."""


_CAPTURE_RATE_TAG = "com.android.capture.fps"
"""Tag in which Android phones store the rate of filming. iPhones need none: their clips have real times."""
_PLAUSIBLE_FPS = (1.0, 10_000.0)


def digest(path: Path) -> str:
    """Return the sha256 of a file, or of the names and contents of the files in a folder.

    Raises
    ------
    InputError
        If *path* is neither a regular file nor a folder, or cannot be read to its end.
    """
    try:
        if path.is_dir():
            parts = (f"{part.name}\n{digest(part)}\n" for part in sorted(path.iterdir()) if part.is_file())
            return hashlib.sha256("".join(parts).encode(errors="surrogateescape")).hexdigest()
        # A pipe without a writer, or an endless device, would be read forever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError("{file} is not a regular file.", "Give the path of a file.", file=path)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            "{file} cannot be read: {cause}.", "Copy the clip again.", file=path, cause=error.strerror
        ) from error


def recording_time(path: Path, metadata: Mapping[str, str]) -> tuple[datetime | None, DateSource | None]:
    """Return when a clip was recorded, and the source of that date: its *metadata*, or else the file's own time.

    Both are ``None`` if the file's time is implausible: disks hold years such as 30828 if it was never set.
    """
    latest = datetime.now(UTC) + timedelta(days=1)
    for tag in _TIME_TAGS:
        stated = _time(metadata.get(tag, ""))
        if stated and _EARLIEST <= stated <= latest:
            return stated, DateSource.CLIP
    try:
        file_time = datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone()
    except (ValueError, OverflowError, OSError):
        return None, None
    return (file_time, DateSource.FILE) if is_plausible_date(file_time) else (None, None)


def filming_time() -> tuple[datetime | None, DateSource | None]:
    """Return the present time for what is filmed now, as in `recording_time`; none by a clock that is set wrong."""
    now = datetime.now().astimezone().replace(microsecond=0)
    return (now, DateSource.CLIP) if is_plausible_date(now) else (None, None)


def capture_fps(metadata: Mapping[str, str]) -> float | None:
    """Return the frames per second at which a clip was filmed, as its *metadata* states; ``None`` if it does not."""
    try:
        fps = float(metadata.get(_CAPTURE_RATE_TAG, ""))
    except ValueError:
        return None
    slowest, fastest = _PLAUSIBLE_FPS
    return fps if slowest <= fps <= fastest else None


def _time(text: str) -> datetime | None:
    """Return the time that *text* states; one without a zone, or in UTC, is converted to local time."""
    try:
        time = datetime.fromisoformat(text)
        in_utc = not time.utcoffset()
        return time.replace(tzinfo=time.tzinfo or UTC).astimezone() if in_utc else time
    except (ValueError, OverflowError, OSError):
        return None
