"""Where results go: a folder of this machine or of a share, or a storage behind an address.

A clip's results are made in a room of their own, delivered beside the place's results, and published whole. Publishing
is done by the process that runs the batch and by no other.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from hipform.batch.clip_options import digest_of
from hipform.batch.remote_files import file_system, is_address, unreachable
from hipform.errors import InputError, OutputError
from hipform.files import make_folder, output_error, write_whole
from hipform.report.index_page import THUMBNAIL
from hipform.report.result import FILES
from hipform.validation import read_bounded

CARD = "batch.json"
_WORK = ".hipform-batch"
_LOCK = "lock"
_OWN = frozenset({*FILES.values(), THUMBNAIL, CARD})
_FETCHED_AT_ONCE = 200
_MAX_READ_BYTES = 50_000_000
"""Of a card or a result: no clip's are as large."""


class Place(Protocol):
    """What a batch needs of the place of its results; it travels to the workers."""

    @property
    def work(self) -> Path:
        """Folder for what is not finished; emptied when a batch begins and when it ends."""
        ...

    def make_work(self) -> None:
        """Make `work` unless it is there; raise `OutputError` where it cannot be made, or is not to be trusted."""
        ...

    def cards(self) -> Iterator[tuple[str, bytes]]:
        """Yield the folders that have a card, with it."""
        ...

    def card(self, name: str) -> bytes:
        """Return the card of the folder *name*."""
        ...

    def is_occupied(self, name: str) -> bool:
        """Tell whether something is called *name* already."""
        ...

    def deliver(self, folder: Path, name: str) -> str:
        """Bring a finished folder to the place, not visible yet; return what `publish` needs to find it."""
        ...

    def publish(self, name: str, delivered: str, card: bytes) -> None:
        """Make what was delivered the folder *name*, in place of an earlier one."""
        ...

    def publish_card(self, name: str, card: bytes) -> None:
        """Give the folder *name* this card; a finished result that is in it stays, half of one does not."""
        ...

    def has_result(self, name: str) -> bool:
        """Tell whether a finished result is in the folder *name*, whatever its card says."""
        ...

    def result(self, name: str) -> bytes:
        """Return the result.json in the folder *name*."""
        ...

    def mark(self, name: str, card: bytes) -> None:
        """Replace the card of the folder *name*."""
        ...

    def put(self, name: str, file: Path) -> None:
        """Bring a finished file to the place, in place of an earlier one."""
        ...


def place_at(out: str) -> Place:
    """Return the place that *out*, a path or an address, names."""
    return RemotePlace(out.rstrip("/")) if is_address(out) else LocalPlace(Path(out).absolute())


@contextmanager
def held(place: Place) -> Iterator[None]:
    """Hold *place* for this process, and keep its work folder empty before and after.

    Raises
    ------
    OutputError
        If another batch is at work there, or the place cannot be written to.
    """
    place.make_work()
    lock = FileLock(place.work / _LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise OutputError(
            f"Another batch is writing to {place}.", "Wait until it has finished, or choose another folder with --out."
        ) from error
    except OSError as error:
        raise output_error(place.work, error) from error
    try:
        _empty(place.work)
        try:
            yield
        finally:
            _empty(place.work)
    finally:
        lock.release()


def new_room(folder: Path) -> Path:
    """Make and return an empty folder in *folder*."""
    room = folder / secrets.token_hex(6)
    make_folder(room)
    return room


def _empty(work: Path) -> None:
    """Remove all but the lock, which must stay: whoever waits for it has it open."""
    for path in work.iterdir():
        if path.name != _LOCK:
            remove_tree(path)


def remove_tree(path: Path) -> None:
    """Remove a file or a folder with all in it; what cannot be removed now is removed when the next batch begins."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


# ------------------------------------------------------------------------------------------------------------- a folder


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A folder that all workers reach under the same path."""

    root: Path

    def __str__(self) -> str:
        return str(self.root)

    @property
    def work(self) -> Path:
        """Folder for what is not finished, on the same file system."""
        return self.root / _WORK

    def make_work(self) -> None:
        """Make `work` unless it is there."""
        make_folder(self.work)

    def cards(self) -> Iterator[tuple[str, bytes]]:
        """Yield the folders that have a card, with it."""
        for folder in sorted(self.root.iterdir()):
            with contextlib.suppress(OSError):
                yield folder.name, read_bounded(folder / CARD, _MAX_READ_BYTES)

    def card(self, name: str) -> bytes:
        """Return the card of the folder *name*."""
        return self._read(name, CARD)

    def is_occupied(self, name: str) -> bool:
        """Tell whether something is called *name* already."""
        return os.path.lexists(self.root / name)

    def deliver(self, folder: Path, name: str) -> str:  # noqa: ARG002 - the name matters to storages only
        """Bring *folder* to where it can be renamed; where it was made there, nothing needs to be done."""
        if folder.is_relative_to(self.work):
            return str(folder)
        try:
            return str(shutil.copytree(folder, new_room(self.work) / "result"))
        except OSError as error:
            raise output_error(self.work, error) from error

    def publish(self, name: str, delivered: str, card: bytes) -> None:
        """Rename what was delivered; what others put into an earlier folder of that name goes along."""
        new, target = Path(delivered), self.root / name
        write_whole(new / CARD, card)
        try:
            if target.exists():
                old = new_room(self.work) / name
                target.rename(old)
                for path in old.iterdir():
                    if path.name not in _OWN and not (new / path.name).exists():
                        path.rename(new / path.name)
                remove_tree(old.parent)
            new.rename(target)
        except OSError as error:
            raise output_error(target, error) from error
        finally:
            remove_tree(new.parent)

    def publish_card(self, name: str, card: bytes) -> None:
        """Put the card into the folder if there is one; a new one is renamed with its card in it."""
        if (self.root / name).is_dir():
            self.mark(name, card)
        else:
            new = new_room(self.work) / "result"
            make_folder(new)
            self.publish(name, str(new), card)

    def has_result(self, name: str) -> bool:
        """Tell whether a finished result is in the folder *name*: no other gets that name."""
        return (self.root / name / FILES["result"]).is_file()

    def result(self, name: str) -> bytes:
        """Return the result.json in the folder *name*."""
        return self._read(name, FILES["result"])

    def mark(self, name: str, card: bytes) -> None:
        """Replace the card of the folder *name*."""
        write_whole(self.root / name / CARD, card)

    def put(self, name: str, file: Path) -> None:
        """Rename a finished file that lies in the work folder."""
        try:
            file.replace(self.root / name)
        except OSError as error:
            raise output_error(self.root / name, error) from error

    def _read(self, name: str, part: str) -> bytes:
        path = self.root / name / part
        try:
            return read_bounded(path, _MAX_READ_BYTES)
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.", "Analyse the clip again.") from error


# ------------------------------------------------------------------------------------------------------------ a storage


@dataclass(frozen=True, slots=True)
class RemotePlace:
    """A storage behind an address, where nothing can be renamed: the card is written last instead."""

    address: str

    def __str__(self) -> str:
        return self.address

    @property
    def work(self) -> Path:
        """Folder of this machine for what is not finished.

        It has the same name each time: the lock lies in it, and what a batch that was killed has left is found again.
        """
        return Path(tempfile.gettempdir()) / f"hipform-batch-{_user_id()}-{digest_of(self.address)[:16]}"

    def make_work(self) -> None:
        """Make `work` unless it is there, for this user alone.

        Everybody may write where it lies, and what is in it is removed: what somebody else has put there, a link above
        all, is not used.
        """
        work = self.work
        try:
            with contextlib.suppress(FileExistsError):
                work.mkdir(mode=0o700)
            status = work.lstat()
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != _user_id():
                raise OutputError(f"{work} is no folder of yours.", "Remove it, or let TMPDIR name another place.")
            work.chmod(0o700)
        except OSError as error:
            raise output_error(work, error) from error

    def cards(self) -> Iterator[tuple[str, bytes]]:
        """Yield the folders that have a card, with it; many are fetched at a time."""
        with self._told() as (system, root):
            try:
                folders = sorted(str(one["name"]) for one in system.ls(root, detail=True) if one["type"] == "directory")
            except FileNotFoundError:
                return
            for first in range(0, len(folders), _FETCHED_AT_ONCE):
                paths = [f"{folder}/{CARD}" for folder in folders[first : first + _FETCHED_AT_ONCE]]
                found: dict[str, bytes] = system.cat(paths, on_error="omit")
                for path in sorted(found):
                    yield path.split("/")[-2], bytes(found[path])

    def card(self, name: str) -> bytes:
        """Return the card of the folder *name*."""
        return self._read(name, CARD)

    def is_occupied(self, name: str) -> bool:
        """Tell whether something is called *name* already."""
        with self._told() as (system, root):
            return bool(system.exists(f"{root}/{name}"))

    def deliver(self, folder: Path, name: str) -> str:
        """Write all files of *folder*; without a card they do not count yet."""
        with self._told() as (system, root):
            target = f"{root}/{name}"
            if system.exists(target):
                system.rm(target, recursive=True)
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                self._write(system, file, f"{target}/{file.relative_to(folder).as_posix()}")
        return name

    def publish(self, name: str, delivered: str, card: bytes) -> None:  # noqa: ARG002 - it lies there already
        """Write the card."""
        self.mark(name, card)

    def publish_card(self, name: str, card: bytes) -> None:
        """Write the card; what a delivery that was cut short has left is removed."""
        with self._told() as (system, root):
            target = f"{root}/{name}"
            if not system.exists(f"{target}/{CARD}") and system.exists(target):
                system.rm(target, recursive=True)
            system.makedirs(target, exist_ok=True)
        self.mark(name, card)

    def has_result(self, name: str) -> bool:
        """Tell whether a finished result is in the folder *name*: it came before its card."""
        with self._told() as (system, root):
            return all(system.exists(f"{root}/{name}/{part}") for part in (CARD, FILES["result"]))

    def result(self, name: str) -> bytes:
        """Return the result.json in the folder *name*."""
        return self._read(name, FILES["result"])

    def mark(self, name: str, card: bytes) -> None:
        """Replace the card of the folder *name*."""
        with self._told() as (system, root):
            system.pipe_file(f"{root}/{name}/{CARD}", card)

    def put(self, name: str, file: Path) -> None:
        """Write a finished file."""
        with self._told() as (system, root):
            self._write(system, file, f"{root}/{name}")

    def _read(self, name: str, part: str) -> bytes:
        with self._told() as (system, root):
            return bytes(system.cat_file(f"{root}/{name}/{part}"))

    def _write(self, system: Any, file: Path, target: str) -> None:
        system.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        system.put_file(str(file), target)

    @contextmanager
    def _told(self) -> Iterator[tuple[Any, str]]:
        """Yield the file system and the path of the place; what its library raises comes out as `OutputError`."""
        system, root = file_system(self.address)
        try:
            yield system, root
        except Exception as error:
            raise unreachable(self.address, error, OutputError) from error


def _user_id() -> int:
    # Windows has none, tells 0 of every file, and has a temporary folder for each user.
    return os.geteuid() if hasattr(os, "geteuid") else 0
