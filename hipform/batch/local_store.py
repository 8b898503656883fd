"""Results in a folder that all workers can access."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hipform.errors import InputError, OutputError
from hipform.files import make_folder, output_error, write_whole
from hipform.folder_handle import FolderHandle
from hipform.report.replacing import claimed, clean_up, replace_results
from hipform.report.result import FILES, INDEX_FILES, RUN_RECORD
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder, remove_temporary_folders
from hipform.validation import read_whole

_WORK = ".hipform-batch"
_MAX_READ_BYTES = 50_000_000
"""Size limit of a run record or a result; no clip needs as much."""


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
        """Make `work` if it does not exist; a link with its name is not followed.

        Raises
        ------
        OutputError
            Also if a file that no batch has written has the name of one that this batch will write.
        """
        make_folder(self.root)
        with self._opened() as root:
            if root.is_link(_WORK):
                raise OutputError("{file} is a link, and links are not followed.", "Remove it.", file=self.work)
            is_ours = root.is_folder(_WORK)
        taken = [name for name in INDEX_FILES if os.path.lexists(self.root / name)]
        taken = [name for name in taken if not self._is_index_file(name, is_ours=is_ours)]
        if taken:
            raise OutputError(
                "{file} is not from a batch.",
                "Move it or choose another folder with --out.",
                file=self.root / taken[0],
            )
        make_folder(self.work)

    def _is_index_file(self, name: str, *, is_ours: bool) -> bool:
        """Return whether *name* is a file, in a folder where a batch has written before."""
        # A folder of results that was copied may lack the hidden one.
        return not (self.root / name).is_dir() and (is_ours or any(True for _ in self.records()))

    def remove_leftovers(self) -> None:
        """Remove what killed batches have left, and nothing else."""
        try:
            remove_temporary_folders(self.work)
        except OSError as error:
            raise output_error(self.work, error) from error

    def records(self) -> Iterator[tuple[str, bytes]]:
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

    def record(self, name: str) -> bytes:
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

    def publish(self, name: str, delivered: str, record: bytes) -> None:
        """Rename the delivered folder; if a folder *name* exists, the new files replace the earlier ones in it."""
        new, target = Path(delivered), self.root / name
        write_whole(new / RUN_RECORD, record)
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

    def publish_record(self, name: str, record: bytes) -> None:
        """Write the run record into the folder; a new folder gets its name with the record already in it."""
        if self._has_folder(name):
            self.mark(name, record)
        else:
            new = make_temporary_folder(self.work) / "result"
            make_folder(new)
            self.publish(name, str(new), record)

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

    def mark(self, name: str, record: bytes) -> None:
        """Replace the run record of the folder *name*."""
        self._has_folder(name)
        write_whole(self.root / name / RUN_RECORD, record)

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
            raise InputError(
                "{file} cannot be read: {cause}.", "Analyse the clip again.", file=path, cause=error.strerror
            ) from error


def _content(root: FolderHandle, name: str, part: str) -> bytes:
    with root.folder(name) as folder, folder.open_file(part) as file:
        return read_whole(file, _MAX_READ_BYTES)
