"""Atomic replacement of earlier results in a folder that may also contain the user's files.

New results are made in a hidden folder inside the target folder. When they are complete, a list of them is written
there, and from then on they are valid: each file is renamed to its final name, which takes a moment. If a run is
stopped in that moment, the list remains, and the next process that opens the folder completes it. Only hipform's own
outputs are ever moved or removed.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path

from hipform.errors import FolderInUseError, OutputError
from hipform.files import is_temporary_name, locked, make_folder, output_error, remove_leftovers
from hipform.folder_handle import FolderHandle
from hipform.report.replacement_list import NEW, Replacement, complete, has_list
from hipform.report.result import FILES, RESULT_FILES, is_output
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder

_LOCK = ".hipform-lock"
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
        make_folder(staging / NEW)
        yield staging / NEW
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
        new.rename(staging / NEW)
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
            unfinished = any(is_temporary_name(path.name) and has_list(path) for path in folder.iterdir())
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
        if has_list(folder / name):
            complete(folder, folder / name)
        _discard(folder / name)


def _discard(staging: Path) -> None:
    """Remove a hidden folder whose results are not valid yet."""
    if not has_list(staging):
        remove_temporary_folder(staging)


# --------------------------------------------------------------------------------------------------------- into place


def _put_in_place(folder: Path, staging: Path, *, keeps_others: bool) -> None:
    try:
        with FolderHandle(folder) as target, FolderHandle(staging / NEW) as new:
            files = sorted(filter(is_output, _outputs(new)), key=_order)
            _require_places(target, files)
            earlier = [name for name in _outputs(target) if is_output(name) and name not in files]
    except OSError as error:
        raise output_error(folder, error) from error
    has_pictures = any("/" in name for name in files)
    obsolete = [name for name in earlier if (has_pictures if "/" in name else not keeps_others)]
    Replacement(files, obsolete).write(staging)
    try:
        complete(folder, staging)
    except OutputError:
        raise
    except BaseException:
        # Not even an interruption stops this, because it takes only a moment.
        complete(folder, staging)
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
