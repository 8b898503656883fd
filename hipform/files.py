"""Atomic writing: a file is either complete or absent."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import tempfile
import time
import warnings
from collections.abc import Iterator
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from filelock import FileLock, Timeout

from hipform.errors import OutputError
from hipform.folder_handle import FolderHandle
from hipform.texts import english

_TEMPORARY, _SCRATCH = ".hipform-", "hipform-"
_DIGITS = 12
_CHECK_DIGITS = 6
_LEFT_OVER_S = 24 * 3600.0
_REASONS = {
    errno.ENOSPC: (english("the disk is full"), english("Free some space or choose another folder.")),
    errno.EDQUOT: (english("the disk quota is used up"), english("Free some space or choose another folder.")),
    errno.EFBIG: (english("the file would be larger than this system allows"), english("Choose another folder.")),
    errno.EACCES: (english("permission denied"), english("Choose a folder that you can write to.")),
    errno.EPERM: (english("permission denied"), english("Choose a folder that you can write to.")),
    errno.EROFS: (english("the disk is read-only"), english("Choose another folder.")),
    errno.ENOENT: (english("the folder does not exist"), english("Create the folder first.")),
    errno.ENOTDIR: (english("a part of the path is not a folder"), english("Choose another folder.")),
    errno.EEXIST: (english("something else already has that name"), english("Move it or choose another name.")),
    errno.ELOOP: (english("a link already has that name"), english("Remove the link or choose another folder.")),
    errno.EISDIR: (english("a folder already has that name"), english("Move it or choose another name.")),
    errno.ENAMETOOLONG: (english("the name is too long"), english("Choose a shorter name.")),
}
DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Errors of a disk that is full or may not be written to."""


def output_error(path: Path, error: OSError) -> OutputError:
    """Return a one-line error for a failed write to *path*."""
    reason, hint = _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))
    if error.errno in DISK_ERRORS and _is_temporary(path):
        hint = english("Free some space there, or set TMPDIR to another folder.")
    return OutputError("Cannot write {file}: {reason}.", hint, file=path, reason=reason)


def _is_temporary(path: Path) -> bool:
    """Return whether *path* lies in a folder of `scratch_folder`, which the user has not named."""
    try:
        below = path.relative_to(tempfile.gettempdir()).parts
    except (ValueError, OSError):
        return False
    return len(below) > 1 and below[0].startswith(_SCRATCH)


def require_free(path: Path) -> None:
    """Raise if *path* is a folder, a pipe or a device, which a file must not replace.

    Raises
    ------
    OSError
        It is one of them.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


def is_same_file(first: Path, second: Path) -> bool:
    """Return whether both paths exist and are the same file."""
    try:
        return first.samefile(second)
    except (OSError, ValueError):
        return False


def require_place(folder: Path) -> None:
    """Raise if an output folder cannot be made, before minutes are spent on its contents.

    Raises
    ------
    OutputError
        Something else has its name, or its parent is not writable.
    """
    try:
        place = next(place for place in (folder, *folder.parents) if place.exists())
    except OSError as error:
        raise output_error(folder, error) from error
    if not place.is_dir():
        raise output_error(folder, FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)))
    if not os.access(place, os.W_OK | os.X_OK):
        raise output_error(folder, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def make_folder(folder: Path) -> None:
    """Make *folder* and its parents if they do not exist.

    Raises
    ------
    OutputError
        It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder in the system's temporary folder; it is removed at the end of the block.

    Raises
    ------
    OutputError
        There is no temporary folder, or it is not writable.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix=_SCRATCH, ignore_cleanup_errors=True)
    except OSError as error:
        where = error.strerror or "there is no folder for them"
        raise OutputError(
            "Temporary files cannot be written: {cause}.", "Set TMPDIR to another folder.", cause=where
        ) from error
    with folder as path:
        yield Path(path)


class NewFile:
    """A file that gets its name when it is complete; until then it is a hidden, open file in the same folder.

    As a context manager, it gets its name when the block ends, and is removed if the block ends with an exception.

    Parameters
    ----------
    path
        The final name; an existing file is replaced, as is a link itself.

    Attributes
    ----------
    file
        The open file to write to.
    temporary
        Temporary name, for libraries that open files themselves.

    Raises
    ------
    OutputError
        The folder is missing or not writable, or a folder, pipe or device has the final name. An `OSError` within the
        block is also raised as this error.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            require_free(path)
            self._folder = FolderHandle(path.parent)
        except OSError as error:
            raise output_error(path, error) from error
        self.temporary = path.with_name(f"{temporary_name()}{path.suffix}")
        try:
            self.file = FileIO(self._folder.create(self.temporary.name), "r+")
        except OSError as error:
            self._folder.close()
            raise output_error(path, error) from error

    def publish(self) -> None:
        """Give the file its name, and remove what killed runs have left in its folder.

        Raises
        ------
        OutputError
            The disk is full or not available, or something that is not a file has taken the name meanwhile.
        """
        try:
            self.file.close()
            self._folder.rename(self.temporary.name, self._folder, self._path.name)
            remove_leftovers(self._folder)
        except OSError as error:
            raise output_error(self._path, error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Remove the unfinished file; a failure to do so must not hide the error that led here."""
        with contextlib.suppress(OSError):
            self.file.close()
        with contextlib.suppress(OSError):
            self._folder.remove_file(self.temporary.name)
        self._folder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.publish()
            return
        self.discard()
        if isinstance(error, OSError):
            raise output_error(self._path, error) from error


def write_whole(path: Path, data: bytes) -> None:
    """Write *data* under a temporary name and rename it to *path*.

    Raises
    ------
    OutputError
        The file cannot be written; nothing is left behind.
    """
    with NewFile(path) as new, BufferedWriter(new.file) as file:
        file.write(data)


@contextlib.contextmanager
def text_written_whole(path: Path) -> Iterator[TextIO]:
    """Yield a text file that gets its name *path* when the block ends, and is removed if an exception ends it.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    with NewFile(path) as new, as_text(new.file) as file:
        yield file


def as_text(file: FileIO) -> TextIO:
    """Return a UTF-8 text file that writes to *file* and does not translate line ends."""
    return TextIOWrapper(BufferedWriter(file), encoding="utf-8", newline="")


def temporary_name() -> str:
    """Return a new hidden name that `is_temporary_name` recognises: a random number and its check digits."""
    number = secrets.token_hex(_DIGITS // 2)
    return f"{_TEMPORARY}{number}{_check_digits(number)}"


def is_temporary_name(name: str) -> bool:
    """Return whether hipform generated *name*, or its stem; no person would choose such a name."""
    stem = name.removeprefix(_TEMPORARY).partition(".")[0]
    number, check = stem[:_DIGITS], stem[_DIGITS:]
    return name.startswith(_TEMPORARY) and check == _check_digits(number)


def _check_digits(number: str) -> str:
    return hashlib.sha256(f"hipform {number}".encode()).hexdigest()[:_CHECK_DIGITS]


def remove_leftovers(folder: FolderHandle) -> None:
    """Remove temporary files in *folder* that have not changed for a day, which killed runs have left."""
    with contextlib.suppress(OSError):
        for name in folder.names():
            found = folder.status(name) if is_temporary_name(name) and folder.is_file(name) else None
            if found and time.time() - found.st_mtime > _LEFT_OVER_S:
                with contextlib.suppress(OSError):
                    folder.remove_file(name)


@contextlib.contextmanager
def locked(path: Path, in_use: OutputError) -> Iterator[None]:
    """Hold the lock *path* for the block; the system releases it when the process ends.

    On a file system without such locks, the file itself is the lock, and a killed process leaves it behind.

    Raises
    ------
    OutputError
        *in_use* if another process holds the lock; another error if the lock cannot be made.
    """
    lock = FileLock(path, timeout=0)
    try:
        with warnings.catch_warnings(category=UserWarning, action="ignore"):
            lock.acquire()
    except Timeout as error:
        raise in_use from error
    except (OSError, NotImplementedError) as error:
        failure = error if isinstance(error, OSError) else OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
        raise output_error(path, failure) from error
    try:
        yield
    finally:
        lock.release()
