"""The list of the steps that put new results in place of earlier ones, and these steps.

The list is written into the hidden folder that holds the new results. While it exists, the new results are valid, and
whoever finds it completes the steps.
"""

from __future__ import annotations

import contextlib
import errno
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hipform.files import output_error, write_whole
from hipform.folder_handle import FolderHandle
from hipform.report.result import is_output
from hipform.temporary_folders import is_marked

NEW = "new"
"""The folder of the new results, in the hidden folder."""
_LIST = "replacement.json"
_MOST_LIST_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Replacement:
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

    def write(self, staging: Path) -> None:
        """Write the list into the hidden folder; from then on its results are valid."""
        text = json.dumps({"files": self.files, "obsolete": self.obsolete})
        write_whole(staging / _LIST, text.encode())

    @staticmethod
    def from_json(text: bytes) -> Replacement:
        """Read a list; raise `OSError` if it is not valid, because the folder may come from anybody."""
        try:
            found = json.loads(text)
            names = found["files"], found["obsolete"]
        except (ValueError, LookupError, TypeError, RecursionError):
            names = None, None
        if not all(isinstance(one, list) and all(isinstance(n, str) and is_output(n) for n in one) for one in names):
            raise OSError(errno.EINVAL, "the unfinished results of an earlier run in it are damaged")
        return Replacement(*names)


def has_list(staging: Path) -> bool:
    """Return whether the hidden folder *staging* has a list of steps, and hipform made the folder."""
    try:
        with FolderHandle(staging.parent) as target, target.folder(staging.name) as opened:
            return opened.is_file(_LIST) and is_marked(opened)
    except OSError:
        return False


def complete(folder: Path, staging: Path) -> None:
    """Do the remaining steps of the list, then remove the list.

    Raises
    ------
    OutputError
        A step cannot be done now; the list stays.
    """
    try:
        with FolderHandle(folder) as target, target.folder(staging.name) as opened:
            with opened.open_file(_LIST) as file:
                replacement = Replacement.from_json(file.read(_MOST_LIST_BYTES))
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
        source = stack.enter_context(staging.folder(NEW))
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
