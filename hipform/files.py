"""Writing files that are either whole or not there."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from hipform.errors import OutputError

_TEMPORARY = ".hipform-"
_DIGITS = 12
_LEFT_OVER_S = 24 * 3600.0
_REASONS = {
    errno.ENOSPC: ("the disk is full", "Free some space or choose another folder."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space or choose another folder."),
    errno.EFBIG: ("the file would be larger than this system allows", "Choose another folder."),
    errno.EACCES: ("permission denied", "Choose a folder you may write to."),
    errno.EPERM: ("permission denied", "Choose a folder you may write to."),
    errno.EROFS: ("the disk is read-only", "Choose another folder."),
    errno.ENOENT: ("the folder does not exist", "Create the folder first."),
    errno.ENOTDIR: ("a part of the path is not a folder", "Choose another folder."),
    errno.EEXIST: ("something else of that name is in the way", "Move it or choose another name."),
    errno.EISDIR: ("a folder of that name is in the way", "Move it or choose another name."),
    errno.ENAMETOOLONG: ("the name is too long", "Choose a shorter name."),
}


def output_error(path: Path, error: OSError) -> OutputError:
    """Return the one clear line for a failed write to *path*."""
    reason, hint = _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))
    return OutputError(f"Cannot write {path}: {reason}.", hint)


def is_same_file(first: Path, second: Path) -> bool:
    """Tell whether both are there and one file, by whatever names."""
    try:
        return first.samefile(second)
    except (OSError, ValueError):
        return False


def require_place(folder: Path) -> None:
    """Refuse an output folder that cannot be made, before minutes are spent on what shall go into it.

    Raises
    ------
    OutputError
        Something is in the way, or its place may not be written to.
    """
    try:
        place = next(place for place in (folder, *folder.parents) if place.exists())
    except OSError as error:
        raise output_error(folder, error) from error
    if not place.is_dir():
        raise output_error(folder, FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)))
    if not os.access(place, os.W_OK | os.X_OK):
        raise output_error(folder, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


@contextlib.contextmanager
def made_folder(folder: Path) -> Iterator[None]:
    """Make *folder*, with those above it, for the block; if that fails before anything is in it, it goes again.

    Raises
    ------
    OutputError
        It cannot be made.
    """
    is_new = not folder.exists()
    make_folder(folder)
    try:
        yield
    except BaseException:
        if is_new:
            # This leaves one that is not empty as it is.
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


def make_folder(folder: Path) -> None:
    """Make *folder*, with those above it, unless it is there.

    Raises
    ------
    OutputError
        It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error


def remove_leftovers(folder: Path) -> None:
    """Remove what is temporary in *folder* and was not written to for a day: left by runs that were killed."""
    with contextlib.suppress(OSError):
        # By the digits of its name: what a batch keeps in a hidden folder of its own is not temporary.
        for path in folder.glob(f"{_TEMPORARY}{'[0-9a-f]' * _DIGITS}*"):
            with contextlib.suppress(OSError):
                if time.time() - path.lstat().st_mtime <= _LEFT_OVER_S:
                    continue
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder for what is needed until the block ends, in the system's place for such.

    Raises
    ------
    OutputError
        There is no such place, or it cannot be written to.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="hipform-", ignore_cleanup_errors=True)
    except OSError as error:
        where = error.strerror or "no folder for them"
        raise OutputError(f"Temporary files cannot be written: {where}.", "Let TMPDIR name another folder.") from error
    with folder as path:
        yield Path(path)


def create_beside(path: Path) -> Path:
    """Create and return an empty hidden file in the folder of *path*, to be renamed to it when whole.

    Raises
    ------
    OutputError
        The folder is missing or may not be written to, or a folder, pipe or device has the final name.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.exists() and not path.is_file():
            # A pipe or a device would be replaced by a file.
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        temporary = path.with_name(f"{_TEMPORARY}{secrets.token_hex(_DIGITS // 2)}{path.suffix}")
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        raise output_error(path, error) from error
    return temporary


def write_whole(path: Path, data: bytes) -> None:
    """Write *data* under a temporary name and rename it to *path*.

    Raises
    ------
    OutputError
        The file cannot be written; nothing is left behind.
    """
    temporary = create_beside(path)
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        remove(temporary)


@contextlib.contextmanager
def text_written_whole(path: Path) -> Iterator[TextIO]:
    """Yield a text file that gets its name *path* when the block ends, and is gone if it ends with an exception.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    temporary = create_beside(path)
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            yield file
        temporary.replace(path)
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        remove(temporary)


def remove(path: Path) -> None:
    """Remove a temporary file if it is still there; a failure to do so must not hide the error that led here."""
    with contextlib.suppress(OSError):
        path.unlink()
