"""Result stores: a local or shared folder, or a remote storage.

A clip's results are made in their own temporary folder, delivered next to the store's results, and published as a
whole. Only the process that runs the batch publishes.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hipform.batch.clip_options import digest_of
from hipform.batch.remote_files import file_system, is_address, unreachable
from hipform.errors import InputError, OutputError
from hipform.files import is_temporary_name, locked, make_folder, output_error, temporary_name, write_whole
from hipform.folder_handle import FolderHandle
from hipform.report.replacing import claimed, clean_up, replace_results
from hipform.report.result import FILES, RUN_RECORD, is_output
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder
from hipform.validation import read_whole

_WORK = ".hipform-batch"
_LOCK = "lock"
_INCOMING = ".hipform-incoming"
_FETCHED_AT_ONCE = 200
_LEFT_OVER_S = 24 * 3600.0
_MAX_READ_BYTES = 50_000_000
"""Size limit of a run record or a result; no clip needs as much."""


class ResultStore(Protocol):
    """The interface of a result store; instances are sent to the workers."""

    @property
    def work(self) -> Path:
        """Folder for unfinished results; leftovers in it are removed when a batch starts and when it ends."""
        ...

    def make_work(self) -> None:
        """Make `work` if it does not exist; raise `OutputError` if it cannot be made or is not safe to use."""
        ...

    def remove_leftovers(self) -> None:
        """Remove what killed batches have left, and nothing else."""
        ...

    def cards(self) -> Iterator[tuple[str, bytes]]:
        """Yield each folder that has a run record, with the record."""
        ...

    def card(self, name: str) -> bytes:
        """Return the run record of the folder *name*."""
        ...

    def is_occupied(self, name: str) -> bool:
        """Return whether *name* already exists."""
        ...

    def deliver(self, folder: Path, name: str) -> str:
        """Move a finished folder to the store without showing it yet; return what `publish` needs to find it."""
        ...

    def publish(self, name: str, delivered: str, card: bytes) -> None:
        """Publish delivered results as the folder *name*, replacing an earlier one."""
        ...

    def publish_card(self, name: str, card: bytes) -> None:
        """Write the run record of the folder *name*; a finished result in it stays, an incomplete one is removed."""
        ...

    def has_result(self, name: str) -> bool:
        """Return whether the folder *name* has a finished result, whatever its run record says."""
        ...

    def result(self, name: str) -> bytes:
        """Return the result.json in the folder *name*."""
        ...

    def mark(self, name: str, card: bytes) -> None:
        """Replace the run record of the folder *name*."""
        ...

    def put(self, name: str, file: Path) -> None:
        """Move a finished file to the store, replacing an earlier one."""
        ...


def open_store(out: str) -> ResultStore:
    """Return the store that *out*, a path or a URL, names."""
    return RemoteStore(out.rstrip("/")) if is_address(out) else LocalStore(Path(out).absolute())


@contextmanager
def locked_store(place: ResultStore) -> Iterator[None]:
    """Lock *place* for this process, and remove leftovers in its work folder before and after.

    Raises
    ------
    OutputError
        If another batch is using the store, or the store is not writable.
    """
    place.make_work()
    in_use = OutputError(
        f"Another batch is writing to {place}.", "Wait until it has finished, or choose another folder with --out."
    )
    with locked(place.work / _LOCK, in_use):
        place.remove_leftovers()
        try:
            yield
        finally:
            place.remove_leftovers()


def _remove_leftovers(work: Path) -> None:
    """Remove leftovers of batches in *work*, but not the lock."""
    with FolderHandle(work) as opened:
        left = [name for name in opened.names() if is_temporary_name(name)]
    for name in left:
        remove_temporary_folder(work / name)


# ------------------------------------------------------------------------------------------------------------- a folder


@dataclass(frozen=True, slots=True)
class LocalStore:
    """A folder that all workers can access under the same path."""

    root: Path

    def __str__(self) -> str:
        return str(self.root)

    @property
    def work(self) -> Path:
        """Folder for unfinished results, on the same file system."""
        return self.root / _WORK

    def make_work(self) -> None:
        """Make `work` if it does not exist; a link with its name is not followed."""
        make_folder(self.root)
        with self._opened() as root:
            if root.is_link(_WORK):
                raise OutputError(f"{self.work} is a link, and links are not followed.", "Remove it.")
        make_folder(self.work)

    def remove_leftovers(self) -> None:
        """Remove what killed batches have left, and nothing else."""
        _remove_leftovers(self.work)

    def cards(self) -> Iterator[tuple[str, bytes]]:
        """Yield each folder that has a run record, with the record; links are skipped."""
        with self._opened() as root:
            for name in root.names():
                with contextlib.suppress(OSError):
                    if name != _WORK and root.is_folder(name):
                        self._settle(name)
                        yield name, _content(root, name, RUN_RECORD)

    def _settle(self, name: str) -> None:
        """Complete or remove what a killed batch has left in the folder *name*."""
        # If that fails, the run record stays as it was, the clip is done again, and its failure is reported.
        with contextlib.suppress(OutputError):
            clean_up(self.root / name)

    @contextmanager
    def _opened(self) -> Iterator[FolderHandle]:
        """Hold the folder open; an error in the block is raised as `OutputError`."""
        try:
            with FolderHandle(self.root) as root:
                yield root
        except OSError as error:
            raise output_error(self.root, error) from error

    def card(self, name: str) -> bytes:
        """Return the run record of the folder *name*."""
        return self._read(name, RUN_RECORD)

    def is_occupied(self, name: str) -> bool:
        """Return whether *name* already exists."""
        return os.path.lexists(self.root / name)

    def deliver(self, folder: Path, name: str) -> str:  # noqa: ARG002 - only remote stores need the name
        """Move *folder* to the store's file system; does nothing if it was made there."""
        if folder.is_relative_to(self.work):
            return str(folder)
        try:
            return str(shutil.copytree(folder, make_temporary_folder(self.work) / "result"))
        except OSError as error:
            raise output_error(self.work, error) from error

    def publish(self, name: str, delivered: str, card: bytes) -> None:
        """Rename the delivered folder; if a folder *name* exists, the new files replace the earlier ones in it."""
        new, target = Path(delivered), self.root / name
        write_whole(new / RUN_RECORD, card)
        try:
            if self._has_folder(name):
                with claimed(target):
                    replace_results(target, new)
            else:
                new.rename(target)
        except OSError as error:
            raise output_error(target, error) from error
        finally:
            remove_temporary_folder(new.parent)

    def _has_folder(self, name: str) -> bool:
        """Return whether the folder *name* exists; raise if something else has that name."""
        with self._opened() as root:
            if root.is_link(name):
                raise output_error(self.root / name, OSError(errno.ELOOP, os.strerror(errno.ELOOP)))
            return root.is_folder(name)

    def publish_card(self, name: str, card: bytes) -> None:
        """Write the run record into the folder; a new folder gets its name with the record already in it."""
        if self._has_folder(name):
            self.mark(name, card)
        else:
            new = make_temporary_folder(self.work) / "result"
            make_folder(new)
            self.publish(name, str(new), card)

    def has_result(self, name: str) -> bool:
        """Return whether the folder *name* has a finished result; an unfinished one never has that name."""
        try:
            with self._opened() as root, root.folder(name) as folder:
                return folder.is_file(FILES["result"])
        except OutputError:
            return False

    def result(self, name: str) -> bytes:
        """Return the result.json in the folder *name*."""
        return self._read(name, FILES["result"])

    def mark(self, name: str, card: bytes) -> None:
        """Replace the run record of the folder *name*."""
        self._has_folder(name)
        write_whole(self.root / name / RUN_RECORD, card)

    def put(self, name: str, file: Path) -> None:
        """Rename a finished file from the work folder."""
        try:
            file.replace(self.root / name)
        except OSError as error:
            raise output_error(self.root / name, error) from error

    def _read(self, name: str, part: str) -> bytes:
        path = self.root / name / part
        try:
            with FolderHandle(self.root) as root:
                return _content(root, name, part)
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.", "Analyse the clip again.") from error


def _content(root: FolderHandle, name: str, part: str) -> bytes:
    with root.folder(name) as folder, folder.open_file(part) as file:
        return read_whole(file, _MAX_READ_BYTES)


# ------------------------------------------------------------------------------------------------------------ a storage


@dataclass(frozen=True, slots=True)
class RemoteStore:
    """A remote storage, where folders cannot be renamed; the run record is written last instead."""

    address: str

    def __str__(self) -> str:
        return self.address

    @property
    def work(self) -> Path:
        """Local folder for unfinished results.

        It has the same name each time, because it contains the lock, and so that leftovers of a killed batch are found.
        """
        return Path(tempfile.gettempdir()) / f"hipform-batch-{_user_id()}-{digest_of(self.address)[:16]}"

    def make_work(self) -> None:
        """Make `work` if it does not exist, accessible to this user only.

        Its parent is writable by everybody and its contents get removed, so a folder or link that somebody else has put
        there is not used.
        """
        work = self.work
        try:
            with contextlib.suppress(FileExistsError):
                work.mkdir(mode=0o700)
            status = work.lstat()
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != _user_id():
                raise OutputError(f"{work} is not a folder of yours.", "Remove it, or set TMPDIR to another folder.")
            work.chmod(0o700)
        except OSError as error:
            raise output_error(work, error) from error

    def remove_leftovers(self) -> None:
        """Remove what killed batches have left: locally at once, in the storage after a day.

        The storage may have other users. If it does not report the age of a file, the file stays.
        """
        _remove_leftovers(self.work)
        with contextlib.suppress(OutputError, NotImplementedError), self._told() as (system, root):
            for name in sorted(_names_below(system, f"{root}/{_INCOMING}")):
                path = f"{root}/{_INCOMING}/{name}"
                if is_temporary_name(name.partition("/")[0]) and time.time() - _written_s(system, path) > _LEFT_OVER_S:
                    system.rm_file(path)

    def cards(self) -> Iterator[tuple[str, bytes]]:
        """Yield each folder that has a run record, with the record; many are fetched at a time."""
        with self._told() as (system, root):
            try:
                folders = sorted(str(one["name"]) for one in system.ls(root, detail=True) if one["type"] == "directory")
            except FileNotFoundError:
                return
            for first in range(0, len(folders), _FETCHED_AT_ONCE):
                paths = [f"{folder}/{RUN_RECORD}" for folder in folders[first : first + _FETCHED_AT_ONCE]]
                found: dict[str, bytes] = system.cat(paths, on_error="omit")
                for path in sorted(found):
                    yield path.split("/")[-2], bytes(found[path])

    def card(self, name: str) -> bytes:
        """Return the run record of the folder *name*."""
        return self._read(name, RUN_RECORD)

    def is_occupied(self, name: str) -> bool:
        """Return whether *name* already exists."""
        with self._told() as (system, root):
            return bool(system.exists(f"{root}/{name}"))

    def deliver(self, folder: Path, name: str) -> str:  # noqa: ARG002 - it gets its name when it is published
        """Write all files of *folder* to a folder next to the results; an earlier result is not changed."""
        staging = f"{_INCOMING}/{temporary_name()}"
        with self._told() as (system, root):
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                self._write(system, file, f"{root}/{staging}/{file.relative_to(folder).as_posix()}")
        return staging

    def publish(self, name: str, delivered: str, card: bytes) -> None:
        """Move the delivered files to their folder one by one, and write the run record last; other files stay."""
        with self._told() as (system, root):
            source, target = f"{root}/{delivered}", f"{root}/{name}"
            new, earlier = _names_below(system, source), _names_below(system, target)
            if RUN_RECORD in earlier:
                # Without a run record, a mix of two analyses cannot be taken for a result if this is interrupted.
                system.rm_file(f"{target}/{RUN_RECORD}")
            for file in sorted(new):
                self._move(system, f"{source}/{file}", f"{target}/{file}")
            for gone in sorted(name for name in earlier - new - {RUN_RECORD} if is_output(name)):
                system.rm_file(f"{target}/{gone}")
            system.pipe_file(f"{target}/{RUN_RECORD}", card)
            if system.exists(source):
                system.rm(source, recursive=True)

    def publish_card(self, name: str, card: bytes) -> None:
        """Write the run record; outputs without one are incomplete and are removed."""
        with self._told() as (system, root):
            target = f"{root}/{name}"
            earlier = _names_below(system, target)
            if RUN_RECORD not in earlier:
                for gone in sorted(filter(is_output, earlier)):
                    system.rm_file(f"{target}/{gone}")
            system.makedirs(target, exist_ok=True)
        self.mark(name, card)

    def has_result(self, name: str) -> bool:
        """Return whether the folder *name* has a finished result, which is written before its run record."""
        with self._told() as (system, root):
            return all(system.exists(f"{root}/{name}/{part}") for part in (RUN_RECORD, FILES["result"]))

    def result(self, name: str) -> bytes:
        """Return the result.json in the folder *name*."""
        return self._read(name, FILES["result"])

    def mark(self, name: str, card: bytes) -> None:
        """Replace the run record of the folder *name*."""
        with self._told() as (system, root):
            system.pipe_file(f"{root}/{name}/{RUN_RECORD}", card)

    def put(self, name: str, file: Path) -> None:
        """Write a finished file."""
        with self._told() as (system, root):
            self._write(system, file, f"{root}/{name}")

    def _read(self, name: str, part: str) -> bytes:
        with self._told() as (system, root):
            return bytes(system.cat_file(f"{root}/{name}/{part}"))

    def _move(self, system: Any, source: str, target: str) -> None:
        system.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        system.mv(source, target)

    def _write(self, system: Any, file: Path, target: str) -> None:
        system.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        system.put_file(str(file), target)

    @contextmanager
    def _told(self) -> Iterator[tuple[Any, str]]:
        """Yield the file system and the store's path; an exception of its library is raised as `OutputError`."""
        system, root = file_system(self.address)
        try:
            yield system, root
        except Exception as error:
            raise unreachable(self.address, error, OutputError) from error


def _written_s(system: Any, path: str) -> float:
    return float(system.modified(path).timestamp())


def _names_below(system: Any, folder: str) -> set[str]:
    """Return the files below *folder*, relative to it; empty if it does not exist."""
    try:
        return {str(path).rpartition(folder.strip("/"))[2].lstrip("/") for path in system.find(folder)}
    except FileNotFoundError:
        return set()


def _user_id() -> int:
    # Windows has no user ids, reports 0 for every file, and has a temporary folder for each user.
    return os.geteuid() if hasattr(os, "geteuid") else 0
