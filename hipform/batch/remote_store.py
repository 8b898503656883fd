"""Results in a remote storage, which cannot rename folders."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hipform.batch.clip_options import digest_of
from hipform.batch.remote_files import file_system, unreachable
from hipform.errors import OutputError
from hipform.files import is_temporary_name, output_error, temporary_name
from hipform.report.result import FILES, RUN_RECORD, is_output
from hipform.temporary_folders import remove_temporary_folders

_INCOMING = ".hipform-incoming"
_FETCHED_AT_ONCE = 200
_LEFT_OVER_S = 24 * 3600.0


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
        remove_temporary_folders(self.work)
        with contextlib.suppress(OutputError, NotImplementedError), self._one_line_errors() as (system, root):
            for name in sorted(_names_below(system, f"{root}/{_INCOMING}")):
                path = f"{root}/{_INCOMING}/{name}"
                if is_temporary_name(name.partition("/")[0]) and time.time() - _written_s(system, path) > _LEFT_OVER_S:
                    system.rm_file(path)

    def records(self) -> Iterator[tuple[str, bytes]]:
        """Yield each folder that has a run record, with the record; many are fetched at a time."""
        with self._one_line_errors() as (system, root):
            try:
                folders = sorted(str(one["name"]) for one in system.ls(root, detail=True) if one["type"] == "directory")
            except FileNotFoundError:
                return
            for first in range(0, len(folders), _FETCHED_AT_ONCE):
                paths = [f"{folder}/{RUN_RECORD}" for folder in folders[first : first + _FETCHED_AT_ONCE]]
                found: dict[str, bytes] = system.cat(paths, on_error="omit")
                for path in sorted(found):
                    yield path.split("/")[-2], bytes(found[path])

    def record(self, name: str) -> bytes:
        """Return the run record of the folder *name*."""
        return self._read(name, RUN_RECORD)

    def is_occupied(self, name: str) -> bool:
        """Return whether *name* already exists."""
        with self._one_line_errors() as (system, root):
            return bool(system.exists(f"{root}/{name}"))

    def deliver(self, folder: Path, name: str) -> str:  # noqa: ARG002 - it gets its name when it is published
        """Write all files of *folder* to a folder next to the results; an earlier result is not changed."""
        staging = f"{_INCOMING}/{temporary_name()}"
        with self._one_line_errors() as (system, root):
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                self._write(system, file, f"{root}/{staging}/{file.relative_to(folder).as_posix()}")
        return staging

    def publish(self, name: str, delivered: str, record: bytes) -> None:
        """Move the delivered files to their folder one by one, and write the run record last; other files stay."""
        with self._one_line_errors() as (system, root):
            source, target = f"{root}/{delivered}", f"{root}/{name}"
            new, earlier = _names_below(system, source), _names_below(system, target)
            if RUN_RECORD in earlier:
                # Without a run record, a mix of two analyses cannot be taken for a result if this is interrupted.
                system.rm_file(f"{target}/{RUN_RECORD}")
            for file in sorted(new):
                self._move(system, f"{source}/{file}", f"{target}/{file}")
            for gone in sorted(name for name in earlier - new - {RUN_RECORD} if is_output(name)):
                system.rm_file(f"{target}/{gone}")
            system.pipe_file(f"{target}/{RUN_RECORD}", record)
            if system.exists(source):
                system.rm(source, recursive=True)

    def publish_record(self, name: str, record: bytes) -> None:
        """Write the run record; outputs without one are incomplete and are removed."""
        with self._one_line_errors() as (system, root):
            target = f"{root}/{name}"
            earlier = _names_below(system, target)
            if RUN_RECORD not in earlier:
                for gone in sorted(filter(is_output, earlier)):
                    system.rm_file(f"{target}/{gone}")
            system.makedirs(target, exist_ok=True)
        self.mark(name, record)

    def has_result(self, name: str) -> bool:
        """Return whether the folder *name* has a finished result, which is written before its run record."""
        with self._one_line_errors() as (system, root):
            return all(system.exists(f"{root}/{name}/{part}") for part in (RUN_RECORD, FILES["result"]))

    def result(self, name: str) -> bytes:
        """Return the result.json in the folder *name*."""
        return self._read(name, FILES["result"])

    def mark(self, name: str, record: bytes) -> None:
        """Replace the run record of the folder *name*."""
        with self._one_line_errors() as (system, root):
            system.pipe_file(f"{root}/{name}/{RUN_RECORD}", record)

    def put(self, name: str, file: Path) -> None:
        """Write a finished file."""
        with self._one_line_errors() as (system, root):
            self._write(system, file, f"{root}/{name}")

    def _read(self, name: str, part: str) -> bytes:
        with self._one_line_errors() as (system, root):
            return bytes(system.cat_file(f"{root}/{name}/{part}"))

    def _move(self, system: Any, source: str, target: str) -> None:
        system.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        system.mv(source, target)

    def _write(self, system: Any, file: Path, target: str) -> None:
        system.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        system.put_file(str(file), target)

    @contextmanager
    def _one_line_errors(self) -> Iterator[tuple[Any, str]]:
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
