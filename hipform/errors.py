"""The errors of hipform as one tree; each has an exit code.

.. code-block:: text

    HipformError                exit code
    ├── ConfigError             3   a settings file or an option has a wrong key or value
    ├── InputError              4   a clip or recording cannot be read
    │   ├── NotAVideoError      4   the file exists, but has no readable video stream
    │   ├── CameraError         4   a camera is missing, in use, not permitted or disconnected
    │   └── RecordingError      4   the file is not a valid landmark recording
    ├── NoPersonError           5   the clip was read to its end and no person was found, or hardly ever
    ├── OutputError             6   results cannot be written (permission, disk full, name taken)
    │   └── FolderInUseError    6   another hipform is writing into the same folder
    ├── ModelError              7   a pose model is missing, altered or cannot be loaded
    ├── NoExerciseError         8   the clip shows no known exercise, and none was named
    ├── HistoryError            9   the history of earlier sets cannot be read or written
    ├── BatchError              10  clips of a batch failed, each for its own reason, or one exceeded its time limit
    └── WorkerLostError         11  a child process was ended from outside, as happens when memory runs out

The command line adds 0 (done), 1 (a defect in hipform), 2 (wrong usage), 11 (not enough memory, see `is_out_of_memory`)
and 130 (interrupted). `EXIT_CODES` is the table that README and ``hipform --help`` print.
"""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Mapping
from pathlib import Path

# A library stays silent unless its user configures logging; without this handler, Python would print warnings. It is
# added here because every module that logs imports this one.
logging.getLogger("hipform").addHandler(logging.NullHandler())


_MAX_CHARS = 1000
"""Longest part of an error; the longest of hipform's own, a list of what is ignored, is shorter."""


class HipformError(Exception):
    """Base of all errors that a user can meet.

    Parameters
    ----------
    what
        What is wrong, naming the file or setting.
    hint
        What the user can do about it.
    values
        What stands in braces in either. An error that the app can show gives its values so, because a catalogue finds
        the translation of a sentence by its literal.

    Notes
    -----
    ``str(error)`` is always one line, so that control characters in a file name cannot reach the terminal, and at most
    about 2,000 characters long: what is wrong and what to do stay visible beside a value that is longer.
    """

    exit_code = 1

    def __init__(self, what: str, hint: str = "", /, **values: object) -> None:
        self.what = shortened(one_line(_filled(what, values)))
        self.hint = shortened(one_line(_filled(hint, values)))
        super().__init__(f"{self.what} {self.hint}".strip())

    def __reduce__(self) -> tuple[type[HipformError], tuple[str, str]]:
        """Keep both parts of the error when it is pickled."""
        return type(self), (self.what, self.hint)


class ConfigError(HipformError):
    """A settings file or an option has an unknown key or a value out of bounds."""

    exit_code = 3


class InputError(HipformError):
    """A clip or recording cannot be read."""

    exit_code = 4


class NotAVideoError(InputError):
    """The file exists but has no video stream that can be decoded."""


class CameraError(InputError):
    """A camera is missing, in use by another program, not permitted, delivers no frames, or was disconnected."""


class RecordingError(InputError):
    """The file is not a landmark recording, is damaged, or needs more memory than a clip can need."""


class NoPersonError(HipformError):
    """The clip was read to its end and no person was found in it."""

    exit_code = 5


class OutputError(HipformError):
    """Results cannot be written."""

    exit_code = 6


class FolderInUseError(OutputError):
    """Another hipform is writing into the same folder."""


class ModelError(HipformError):
    """A pose model is missing, altered or cannot be loaded."""

    exit_code = 7


class NoExerciseError(HipformError):
    """The clip was read to its end and shows no known exercise, and the user named none."""

    exit_code = 8


class HistoryError(HipformError):
    """The history cannot be read or written: it is locked, damaged, from a newer hipform, or not accessible."""

    exit_code = 9


class BatchError(HipformError):
    """Clips of a batch failed, each for its own reason; also the reason of a clip that exceeded its time limit."""

    exit_code = 10


class WorkerLostError(HipformError):
    """A process that hipform started was ended from outside, as happens when memory runs out."""

    exit_code = 11


MEMORY_EXIT_CODE = WorkerLostError.exit_code
OUT_OF_MEMORY = (
    "there is not enough memory, or the limit of open files is reached. "
    "Close other programs, use a smaller frame size, or raise the limit of open files (ulimit -n)."
)
_WORDS_OF_MEMORY = re.compile(r"can't start new thread|-4:Insufficient memory")
"""Messages of Python's threads and of OpenCV, which have no specific error type for it."""
INTERRUPTED_EXIT_CODE = 130

EXIT_CODES: dict[int, str] = {
    0: "done",
    1: "a defect in hipform; please report it",
    2: "wrong usage: unknown option or missing argument",
    ConfigError.exit_code: "settings: unknown key, or value out of bounds",
    InputError.exit_code: "input: missing, unreadable, damaged or not a video",
    NoPersonError.exit_code: "no person found in the clip, or in too few frames",
    OutputError.exit_code: "output: cannot be written (permission, disk full, name taken)",
    ModelError.exit_code: "pose model: missing or altered",
    NoExerciseError.exit_code: "no exercise recognised in the clip",
    HistoryError.exit_code: "history: locked, damaged, written by a newer version, or not writable",
    BatchError.exit_code: "batch: some clips failed; the others are done",
    MEMORY_EXIT_CODE: "not enough memory, or too many open files",
    INTERRUPTED_EXIT_CODE: "interrupted (Ctrl-C)",
}


_PLACEHOLDER = re.compile(r"{(\w+)[^{}]*}")


def _filled(text: str, values: Mapping[str, object]) -> str:
    """Return *text* with *values*; other braces stay, for a hint may quote what a user has written."""
    return _PLACEHOLDER.sub(lambda found: found[0].format_map(values) if found[1] in values else found[0], text)


def missing_package(path: Path, file_format: str, package: str, extra: str) -> OutputError:
    """Return the error of a file whose format needs the *package* that the *extra* of hipform installs."""
    hint = f"Install it with: pip install 'hipform[{extra}]'"
    return OutputError(f"Cannot write {path}: {file_format} needs the package {package}.", hint)


def shortened(text: str) -> str:
    """Return *text* without its middle if it repeats a value of thousands of letters."""
    return text if len(text) <= _MAX_CHARS else f"{text[: _MAX_CHARS // 2]} ... {text[-_MAX_CHARS // 2 :]}"


def one_line(text: str) -> str:
    """Return *text* with every control and line-break character replaced by ``?``."""
    return "".join(char if char.isprintable() else "?" for char in text)


def is_out_of_files(error: BaseException | None) -> bool:
    """Return whether *error* says that no file more may be opened."""
    return isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether *error*, of whatever library, says that memory has run out, or that no file more may be opened."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM or is_out_of_files(error)
    return isinstance(error, MemoryError) or bool(_WORDS_OF_MEMORY.search(str(error)))
