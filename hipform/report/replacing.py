"""Atomic replacement of earlier results in a folder that may also contain the user's files.

New results are made in a hidden folder inside the target folder. When they are complete, a list of them is written
there, and from then on they are valid: each file is renamed to its final name, which takes a moment. If a run is
stopped in that moment, the list remains, and the next process that opens the folder completes it. Only hipform's own
outputs are ever
moved or removed.
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
from hipform.files import is_temporary_name, locked, make_folder, output_error, remove_leftovers, write_whole
from hipform.folder_handle import FolderHandle
from hipform.report.result import FILES, RESULT_FILES, is_output
from hipform.temporary_folders import is_marked, make_temporary_folder, remove_temporary_folder

_LOCK = ".hipform-lock"
_NEW = "new"
_LIST = "replacement.json"
_MOST_LIST_BYTES = 10_000_000
_claims: ContextVar[frozenset[Path]] = ContextVar("claims", default=frozenset())
"""Folders that the current context has claimed."""


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keep other hipform processes from writing results to *folder* during the block; create it and its parents.

    First, leftovers of killed runs in it are cleaned up. If the block fails, folders that were created for it and are
    empty are removed. Within the block, the folder can be claimed again.

    Raises
    ------
    FolderInUseError
        Another hipform is writing to it.
    OutputError
        The folder cannot be created or written to.
    """
    if folder.absolute() in _claims.get():
        yield
        return
    try:
        made = [place for place in (folder, *folder.parents) if not place.exists()]
    except OSError as error:
        # A name that is too long cannot even be asked for.
        raise output_error(folder, error) from error
    make_folder(folder)
    in_use = FolderInUseError(
        f"Another hipform is writing to {folder}.", "Wait until it has finished, or choose another folder with --out."
    )
    try:
        with locked(folder / _LOCK, in_use):
            try:
                _clean_up(folder)
                token = _claims.set(_claims.get() | {folder.absolute()})
                try:
                    yield
                finally:
                    _claims.reset(token)
            finally:
                # It is removed while it is locked, so that a waiting process makes a new one.
                with contextlib.suppress(OSError), FolderHandle(folder) as target:
                    target.remove_file(_LOCK)
    except BaseException:
        for place in made:
            # This does not remove a folder that is not empty.
            with contextlib.suppress(OSError):
                place.rmdir()
        raise


@contextlib.contextmanager
def replaced_results(folder: Path) -> Iterator[Path]:
    """Yield an empty folder for results; at the end of the block, they replace those in *folder*, a claimed folder.

    Earlier outputs that this analysis does not write stay, except for the key frame images.

    Raises
    ------
    OutputError
        The results cannot be written or put in place; nothing is changed unless the replacement had started.
    """
    staging = make_temporary_folder(folder)
    try:
        make_folder(staging / _NEW)
        yield staging / _NEW
        _put_in_place(folder, staging, keeps_others=True)
    finally:
        _discard(staging)


def replace_results(folder: Path, new: Path) -> None:
    """Replace all earlier results in *folder*, a claimed folder, with those in *new*; *new* is removed.

    Raises
    ------
    OutputError
        See `replaced_results`.
    """
    staging = make_temporary_folder(folder)
    try:
        new.rename(staging / _NEW)
        _put_in_place(folder, staging, keeps_others=False)
    except OSError as error:
        raise output_error(folder, error) from error
    finally:
        _discard(staging)


def complete_replacement(folder: Path) -> None:
    """Complete the replacement of results that a stopped run has left unfinished, if any.

    Raises
    ------
    OutputError
        There is one, but another hipform is working on it, or it cannot be completed.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        try:
            unfinished = any(is_temporary_name(path.name) and _has_list(path) for path in folder.iterdir())
        except PermissionError:
            # The folder may be readable although it cannot be listed.
            return
        if unfinished:
            with claimed(folder):
                pass


def clean_up(folder: Path) -> None:
    """Complete or remove what killed runs have left in *folder*, if anything.

    Raises
    ------
    OutputError
        There is something, but another hipform is writing there, or it cannot be done.
    """
    try:
        is_left = any(is_temporary_name(path.name) and path.is_dir() for path in folder.iterdir())
    except OSError as error:
        raise output_error(folder, error) from error
    if is_left:
        with claimed(folder):
            pass


def _clean_up(folder: Path) -> None:
    """Complete replacements that killed runs have started, and remove their other leftovers."""
    with FolderHandle(folder) as target:
        remove_leftovers(target)
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
    """Remove a hidden folder whose results are not valid yet."""
    if not _has_list(staging):
        remove_temporary_folder(staging)


# --------------------------------------------------------------------------------------------------------- into place


@dataclass(frozen=True, slots=True)
class _Replacement:
    """The steps of a replacement, as listed in the file.

    Attributes
    ----------
    files
        New outputs, in the order in which they are put in place.
    obsolete
        Outputs of an earlier analysis to remove.
    """

    files: Sequence[str]
    obsolete: Sequence[str]

    def to_json(self) -> bytes:
        """Return the list as JSON text."""
        return json.dumps({"files": self.files, "obsolete": self.obsolete}).encode()

    @staticmethod
    def from_json(text: bytes) -> _Replacement:
        """Read a list; raise `OSError` if it is not valid, because the folder may come from anybody."""
        try:
            found = json.loads(text)
            names = found["files"], found["obsolete"]
        except (ValueError, LookupError, TypeError, RecursionError):
            names = None, None
        if not all(isinstance(one, list) and all(isinstance(n, str) and is_output(n) for n in one) for one in names):
            raise OSError(errno.EINVAL, "the unfinished results of an earlier run in it are damaged")
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
        # Not even an interruption stops this, because it takes only a moment.
        _finish(folder, staging)
        raise


def _order(name: str) -> tuple[bool, str]:
    """Return a sort key that puts files that vouch for the others last."""
    return name in RESULT_FILES, name


def _outputs(folder: FolderHandle) -> list[str]:
    """Return the output names in *folder*, with its images prefixed by the name of their folder."""
    pictures = FILES["keyframes"]
    inner = []
    if folder.is_folder(pictures):
        with folder.folder(pictures) as opened:
            inner = [f"{pictures}/{name}" for name in opened.names()]
    return [*folder.names(), *inner]


def _require_places(target: FolderHandle, files: Sequence[str]) -> None:
    """Raise, before anything is changed, if a file cannot be put in place."""
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
    """Do the remaining steps of the list, then remove the list.

    Raises
    ------
    OutputError
        A step cannot be done now; the list stays.
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
