"""Results that take the place of earlier ones in a folder that its user shares: all of them or none.

New results are made in a hidden folder inside the one they are for. When they are whole, a list of them is written
there, and from then on they count: each file is renamed to its place, which takes a moment. A run that is stopped in
that moment leaves the list, and whoever opens the folder next goes on from it. Nothing but hipform's own outputs is
ever moved or removed.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from hipform.errors import FolderInUseError, OutputError
from hipform.files import is_temporary_name, locked, make_folder, output_error, write_whole
from hipform.folder_handle import FolderHandle
from hipform.report.result import FILES, RESULT_FILES, is_output
from hipform.temporary_folders import is_marked, make_temporary_folder, remove_leftovers, remove_temporary_folder

_LOCK = ".hipform-lock"
_NEW = "new"
_LIST = "replacement.json"
_MOST_LIST_BYTES = 10_000_000
_claims: ContextVar[frozenset[Path]] = ContextVar("claims", default=frozenset())
"""Folders that are claimed where this is asked."""


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keep every other hipform from writing results into *folder* for the block; make it, with those above it.

    What killed runs have left in it is put right first. If the block fails, folders that were made for it and are empty
    go again. Within the block it can be claimed again.

    Raises
    ------
    FolderInUseError
        Another hipform is writing there.
    OutputError
        The folder cannot be made or written to.
    """
    if folder.absolute() in _claims.get():
        yield
        return
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    make_folder(folder)
    in_use = FolderInUseError(
        f"Another hipform is writing to {folder}.", "Wait until it has finished, or choose another folder with --out."
    )
    try:
        with locked(folder / _LOCK, in_use):
            try:
                _put_right(folder)
                token = _claims.set(_claims.get() | {folder.absolute()})
                try:
                    yield
                finally:
                    _claims.reset(token)
            finally:
                # While it is held: whoever waits for it then asks for a new one.
                with contextlib.suppress(OSError), FolderHandle(folder) as target:
                    target.remove_file(_LOCK)
    except BaseException:
        for place in made:
            # This leaves one that is not empty as it is.
            with contextlib.suppress(OSError):
                place.rmdir()
        raise


@contextlib.contextmanager
def replaced_results(folder: Path) -> Iterator[Path]:
    """Yield an empty folder to write results into, which take their places in *folder*, a claimed one, at the end.

    Outputs that an earlier analysis left and this one does not write stay, but for the pictures.

    Raises
    ------
    OutputError
        They cannot be written or put into their places; where nothing has been put there yet, nothing is changed.
    """
    staging = make_temporary_folder(folder)
    try:
        make_folder(staging / _NEW)
        yield staging / _NEW
        _put_in_place(folder, staging, keeps_others=True)
    finally:
        _discard(staging)


def replace_results(folder: Path, new: Path) -> None:
    """Put the results in the folder *new* into the place of all earlier ones in *folder*, a claimed one; *new* goes.

    Raises
    ------
    OutputError
        As `replaced_results`.
    """
    staging = make_temporary_folder(folder)
    try:
        new.rename(staging / _NEW)
        _put_in_place(folder, staging, keeps_others=False)
    except OSError as error:
        raise output_error(folder, error) from error
    finally:
        _discard(staging)


def finish_replacing(folder: Path) -> None:
    """Put results into their places that a run which was stopped has left beside them; mostly there are none.

    Raises
    ------
    OutputError
        There are some, and another hipform is at it, or they cannot be put into their places.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        try:
            unfinished = any(is_temporary_name(path.name) and _has_list(path) for path in folder.iterdir())
        except PermissionError:
            # It may be closed to listing and open to reading.
            return
        if unfinished:
            with claimed(folder):
                pass


def put_right(folder: Path) -> None:
    """Finish or remove what killed runs have left in *folder*; mostly there is nothing.

    Raises
    ------
    OutputError
        There is something, and another hipform is writing there, or it cannot be done.
    """
    try:
        is_left = any(is_temporary_name(path.name) and path.is_dir() for path in folder.iterdir())
    except OSError as error:
        raise output_error(folder, error) from error
    if is_left:
        with claimed(folder):
            pass


def _put_right(folder: Path) -> None:
    """Finish what killed runs have begun to put into place, and remove what else they have left."""
    remove_leftovers(folder)
    with FolderHandle(folder) as target:
        left = [name for name in target.names() if is_temporary_name(name) and target.is_folder(name)]
    for name in left:
        if _has_list(folder / name):
            _finish(folder, folder / name)
        _discard(folder / name)


def _has_list(staging: Path) -> bool:
    try:
        with FolderHandle(staging.parent) as target, target.folder(staging.name) as opened:
            return opened.is_file(_LIST) and is_marked(opened)
    except OSError:
        return False


def _discard(staging: Path) -> None:
    """Remove a hidden folder whose results do not count yet."""
    if not _has_list(staging):
        remove_temporary_folder(staging)


# --------------------------------------------------------------------------------------------------------- into place


@dataclass(frozen=True, slots=True)
class _Replacement:
    """What is to be done, as the list tells it.

    Attributes
    ----------
    files
        New outputs, in the order in which they are put into place.
    obsolete
        Outputs of an earlier analysis that go.
    """

    files: Sequence[str]
    obsolete: Sequence[str]

    def to_json(self) -> bytes:
        """Return the list as text."""
        return json.dumps({"files": self.files, "obsolete": self.obsolete}).encode()

    @staticmethod
    def from_json(text: bytes) -> _Replacement:
        """Read a list; raise `OSError` for what is none of hipform's: the folder may come from anybody."""
        try:
            found = json.loads(text)
            names = found["files"], found["obsolete"]
        except (ValueError, LookupError, TypeError, RecursionError):
            names = None, None
        if not all(isinstance(one, list) and all(isinstance(n, str) and is_output(n) for n in one) for one in names):
            raise OSError(errno.EINVAL, "what an earlier run has left in it is damaged")
        return _Replacement(*names)


def _put_in_place(folder: Path, staging: Path, *, keeps_others: bool) -> None:
    try:
        with FolderHandle(folder) as target, FolderHandle(staging / _NEW) as new:
            files = sorted(filter(is_output, _outputs(new)), key=_order)
            _require_places(target, files)
            earlier = [name for name in _outputs(target) if is_output(name) and name not in files]
    except OSError as error:
        raise output_error(folder, error) from error
    has_pictures = any("/" in name for name in files)
    obsolete = [name for name in earlier if (has_pictures if "/" in name else not keeps_others)]
    write_whole(staging / _LIST, _Replacement(files, obsolete).to_json())
    try:
        _finish(folder, staging)
    except OutputError:
        raise
    except BaseException:
        # Interrupted: it takes a moment only.
        _finish(folder, staging)
        raise


def _order(name: str) -> tuple[bool, str]:
    """Sort what vouches for the others behind them."""
    return name in RESULT_FILES, name


def _outputs(folder: FolderHandle) -> list[str]:
    """Return the names in *folder* and those of its pictures, the latter behind the name of their folder."""
    pictures = FILES["keyframes"]
    inner = []
    if folder.is_folder(pictures):
        with folder.folder(pictures) as opened:
            inner = [f"{pictures}/{name}" for name in opened.names()]
    return [*folder.names(), *inner]


def _require_places(target: FolderHandle, files: Sequence[str]) -> None:
    """Refuse before anything is changed what cannot be put into its place."""
    for name in files:
        outer, _, leaf = name.rpartition("/")
        if outer and target.status(outer) is None:
            continue
        with target.folder(outer) if outer else contextlib.nullcontext(target) as place:
            if place.is_folder(leaf):
                raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not os.access(place.path, os.W_OK | os.X_OK):
                raise OSError(errno.EACCES, os.strerror(errno.EACCES))


def _finish(folder: Path, staging: Path) -> None:
    """Do what the list tells, as far as it is not done; the list goes when all of it is.

    Raises
    ------
    OutputError
        It cannot be done now; the list stays.
    """
    try:
        with FolderHandle(folder) as target, target.folder(staging.name) as opened:
            with opened.open_file(_LIST) as file:
                replacement = _Replacement.from_json(file.read(_MOST_LIST_BYTES))
            for name in replacement.files:
                _move(name, opened, target)
            for name in replacement.obsolete:
                _remove(name, target)
            opened.remove_file(_LIST)
    except OSError as error:
        raise output_error(folder, error) from error


def _move(name: str, staging: FolderHandle, target: FolderHandle) -> None:
    outer, _, leaf = name.rpartition("/")
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(staging.folder(_NEW))
        place = target
        if outer:
            source = stack.enter_context(source.folder(outer))
            if target.status(outer) is None:
                target.make_folder(outer)
            place = stack.enter_context(target.folder(outer))
        if source.is_file(leaf):
            source.rename(leaf, place, leaf)


def _remove(name: str, target: FolderHandle) -> None:
    outer, _, leaf = name.rpartition("/")
    if not outer:
        target.remove_file(leaf)
    elif target.status(outer) is not None:
        with target.folder(outer) as place:
            place.remove_file(leaf)
