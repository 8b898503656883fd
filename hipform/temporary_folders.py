"""Hidden folders for unfinished work, with a marker by which hipform recognises them before it removes them."""

from __future__ import annotations

import contextlib
from io import FileIO
from pathlib import Path

from hipform.files import is_temporary_name, output_error, temporary_name
from hipform.folder_handle import FolderHandle

_MARKER = "made-by-hipform"
_MOST_MARKER_BYTES = 100


def make_temporary_folder(parent: Path) -> Path:
    """Make and return a hidden folder in *parent*, with a marker file that says that hipform made this folder.

    Raises
    ------
    OutputError
        The folder cannot be made.
    """
    folder = parent / temporary_name()
    try:
        with FolderHandle(parent) as outer:
            outer.make_folder(folder.name)
        with FolderHandle(folder) as made, FileIO(made.create(_MARKER), "r+") as file:
            file.write(folder.name.encode())
    except OSError as error:
        remove_temporary_folder(folder)
        raise output_error(folder, error) from error
    return folder


def remove_temporary_folder(folder: Path) -> None:
    """Remove a folder of `make_temporary_folder` and its contents; anything that cannot be removed stays.

    Links, and non-empty folders without the marker file, are not touched.
    """
    with contextlib.suppress(OSError), FolderHandle(folder.parent) as parent:
        _remove_temporary(parent, folder.name)


def remove_temporary_folders(folder: Path) -> None:
    """Remove all folders of `make_temporary_folder` in *folder*.

    Raises
    ------
    OSError
        *folder* cannot be read.
    """
    with FolderHandle(folder) as opened:
        left = [name for name in opened.names() if is_temporary_name(name)]
    for name in left:
        remove_temporary_folder(folder / name)


def _remove_temporary(parent: FolderHandle, name: str) -> None:
    with parent.folder(name) as folder:
        # A run that was stopped while it made the folder leaves no marker, and then the folder is empty.
        if not is_marked(folder) and set(folder.names()) - {_MARKER}:
            return
        for inner in folder.names():
            # The marker is removed last, so that the remains of a killed run are still recognised.
            if inner != _MARKER:
                folder.remove_tree(inner)
        folder.remove_file(_MARKER)
    parent.remove_empty(name)


def is_marked(folder: FolderHandle) -> bool:
    """Return whether the marker in *folder* says that hipform made it under its present name."""
    try:
        with folder.open_file(_MARKER) as file:
            return file.read(_MOST_MARKER_BYTES) == folder.path.name.encode()
    except OSError:
        return False
