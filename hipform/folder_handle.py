"""Folders held open, so that a name in one refers to the same file even if the path changes meanwhile."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

_HAS_HANDLES = {os.open, os.stat, os.mkdir, os.rename, os.rmdir, os.unlink} <= os.supports_dir_fd and hasattr(
    os, "O_NOFOLLOW"
)
"""Linux and macOS support all of this. Windows does not: there, links are checked by name just before each step."""
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
# Opening a pipe would block for ever; O_BINARY exists on Windows only.
_READ = os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_CREAT | os.O_EXCL | os.O_RDWR | _NO_LINK | getattr(os, "O_BINARY", 0)
_FOLDER = getattr(os, "O_DIRECTORY", 0)
# Where the system has a flag for it, a folder that is writable but not readable can be held too.
_HOLD = _FOLDER | getattr(os, "O_PATH", os.O_RDONLY)


class FolderHandle:
    """A folder, held open; use as a context manager.

    Links in the path to the folder are followed, because its user has named it. Links in the folder are never followed;
    opening one is an `OSError` with ``errno.ELOOP``.

    Parameters
    ----------
    path
        The folder.
    inside
        Its parent, if that is held open already; the folder is then not followed if it is a link.

    Raises
    ------
    OSError
        It does not exist, is not a folder, or is not permitted; the methods raise it too.
    """

    def __init__(self, path: Path, inside: FolderHandle | None = None) -> None:
        self.path = path
        self._handle: int | None = None
        if inside and inside.is_link(path.name):
            raise _link()
        if _HAS_HANDLES and inside:
            self._handle = inside.open_inner(path.name, _HOLD | _NO_LINK)
        elif _HAS_HANDLES:
            self._handle = os.open(path, _HOLD)
        elif not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open_inner(self, name: str, flags: int) -> int:
        """Open *name* in this folder as `os.open` does."""
        return os.open(self._at(name), flags, dir_fd=self._handle)

    def close(self) -> None:
        """Close the folder."""
        if self._handle is not None and self._handle >= 0:
            os.close(self._handle)
            # Not a folder; without a handle, names would be relative to the working folder.
            self._handle = -1

    def folder(self, name: str) -> FolderHandle:
        """Return the subfolder *name*, also held open."""
        return FolderHandle(self.path / name, self)

    def open_file(self, name: str) -> IO[bytes]:
        """Open the ordinary file *name* for reading."""
        if self.is_link(name):
            raise _link()
        return _ordinary(self.open_inner(name, _READ))

    def create(self, name: str) -> int:
        """Create the file *name*, which must not exist, and return a descriptor for reading and writing."""
        return os.open(self._at(name), _CREATE, 0o666, dir_fd=self._handle)

    def make_folder(self, name: str) -> None:
        """Make the folder *name*, which must not exist."""
        os.mkdir(self._at(name), dir_fd=self._handle)

    def rename(self, name: str, other: FolderHandle, new_name: str) -> None:
        """Move *name* into the folder *other* under *new_name*; an existing file, or a link itself, is replaced."""
        os.replace(self._at(name), other._at(new_name), src_dir_fd=self._handle, dst_dir_fd=other._handle)

    def remove_file(self, name: str) -> None:
        """Remove a file, or a link itself, if it exists."""
        try:
            os.unlink(self._at(name), dir_fd=self._handle)
        except FileNotFoundError:
            return

    def remove_empty(self, name: str) -> None:
        """Remove an empty folder."""
        os.rmdir(self._at(name), dir_fd=self._handle)

    def remove_tree(self, name: str) -> None:
        """Remove the file or link *name*, or the folder and its contents; links in it are removed, not followed."""
        if self.is_folder(name):
            shutil.rmtree(self._at(name), dir_fd=self._handle)
        else:
            self.remove_file(name)

    def names(self) -> list[str]:
        """Return the names in the folder, sorted."""
        if not _HAS_HANDLES:
            return sorted(path.name for path in self.path.iterdir())
        listed = os.open(".", os.O_RDONLY | _FOLDER, dir_fd=self._handle)
        try:
            with os.scandir(listed) as entries:
                return sorted(entry.name for entry in entries)
        finally:
            os.close(listed)

    def status(self, name: str) -> os.stat_result | None:
        """Return the status of *name*, for a link that of the link itself; ``None`` if it does not exist."""
        try:
            return os.stat(self._at(name), dir_fd=self._handle, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def is_link(self, name: str) -> bool:
        """Return whether *name* is a link or a Windows junction."""
        found = self.status(name)
        return found is not None and _is_link(found)

    def is_folder(self, name: str) -> bool:
        """Return whether *name* is a folder, not a link to one."""
        return self._is(name, stat.S_ISDIR)

    def is_file(self, name: str) -> bool:
        """Return whether *name* is an ordinary file, not a link to one."""
        return self._is(name, stat.S_ISREG)

    def _is(self, name: str, kind: Callable[[int], bool]) -> bool:
        found = self.status(name)
        return found is not None and kind(found.st_mode) and not _is_link(found)

    def _at(self, name: str) -> str:
        return name if _HAS_HANDLES else str(self.path / name)


def open_inside(path: Path) -> IO[bytes]:
    """Open an ordinary file in a folder that the user has named; the file must not be a link.

    Raises
    ------
    OSError
        It cannot be read, is a link, or is not an ordinary file.
    """
    with FolderHandle(path.parent) as folder:
        return folder.open_file(path.name)


def open_named(path: Path) -> IO[bytes]:
    """Open an ordinary file that the user has named; links are followed.

    Raises
    ------
    OSError
        It cannot be read, or is not an ordinary file: reading a pipe or a device could block for ever.
    """
    return _ordinary(os.open(path, _READ & ~_NO_LINK))


def _ordinary(descriptor: int) -> IO[bytes]:
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise OSError(errno.EINVAL, "not an ordinary file")


def _link() -> OSError:
    return OSError(errno.ELOOP, "it is a link, and links are not followed")


def _is_link(found: os.stat_result) -> bool:
    # A junction leads elsewhere like a link, but Windows does not report it as one.
    return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == getattr(
        stat, "IO_REPARSE_TAG_MOUNT_POINT", -1
    )
