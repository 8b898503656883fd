"""Every way hipform can fail, as one tree with one exit code each.

.. code-block:: text

    HipformError                exit code
    ├── ConfigError             3   a settings file or an option has a wrong key or value
    ├── InputError              4   a clip or recording cannot be read
    │   ├── NotAVideoError      4   the file is there, but holds no readable picture stream
    │   ├── CameraError         4   a camera is missing, in use, closed to us, or went away
    │   └── RecordingError      4   the file is not a landmark recording hipform can trust
    ├── NoPersonError           5   the clip was read to its end and nobody was found in it
    ├── OutputError             6   results cannot be written (permission, disk full, in the way)
    │   └── FolderInUseError    6   another hipform is writing into the same folder
    ├── ModelError              7   a pose model is missing, altered or cannot be loaded
    ├── NoExerciseError         8   the clip shows none of the exercises, and none was named
    ├── HistoryError            9   the history of earlier sets cannot be read or written
    ├── BatchError              10  clips of a batch failed, each with a reason of its own; or one was over its time
    └── WorkerLostError         11  a process of hipform's own was ended from outside, as happens when memory runs out

The command line adds 0 (done), 1 (a defect in hipform), 2 (wrong usage), 11 (not enough memory, in
whatever words: `is_out_of_memory`) and 130 (interrupted).
`EXIT_CODES` is the table that README and ``hipform --help`` print.
"""

from __future__ import annotations

import errno
import re


class HipformError(Exception):
    """Base of all errors a user can meet.

    Parameters
    ----------
    what
        What is wrong, naming the file or setting.
    hint
        What the user can do about it.

    Notes
    -----
    ``str(error)`` is always one line: control characters in a file name cannot reach the terminal.
    """

    exit_code = 1

    def __init__(self, what: str, hint: str = "") -> None:
        self.what = one_line(what)
        self.hint = one_line(hint)
        super().__init__(f"{self.what} {self.hint}".strip())

    def __reduce__(self) -> tuple[type[HipformError], tuple[str, str]]:
        """Have a pickled error keep both its parts on the way between processes."""
        return type(self), (self.what, self.hint)


class ConfigError(HipformError):
    """A settings file or an option has an unknown key or a value out of bounds."""

    exit_code = 3


class InputError(HipformError):
    """A clip or recording cannot be read."""

    exit_code = 4


class NotAVideoError(InputError):
    """The file exists but holds no picture stream that can be decoded."""


class CameraError(InputError):
    """A camera is missing, used by another program, not permitted, provides no images, or was disconnected."""


class RecordingError(InputError):
    """The file is not a landmark recording, is damaged, or asks for more memory than a clip can need."""


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
    """The clip was read to its end and shows none of the exercises; the user named none either."""

    exit_code = 8


class HistoryError(HipformError):
    """The history of earlier sets cannot be read or written: locked, damaged, of a newer hipform, in a wrong place."""

    exit_code = 9


class BatchError(HipformError):
    """Clips of a batch failed, each with a reason of its own; or the reason of one: it was over its time limit."""

    exit_code = 10


class WorkerLostError(HipformError):
    """A process that hipform started was ended from outside, as systems do that run out of memory."""

    exit_code = 11


MEMORY_EXIT_CODE = WorkerLostError.exit_code
OUT_OF_MEMORY = (
    "there is not enough memory, or no file more may be opened. "
    "Close other programs, use a smaller picture, or raise the limit of open files (ulimit -n)."
)
_WORDS_OF_MEMORY = re.compile(r"can't start new thread|-4:Insufficient memory")
"""How Python's threads and OpenCV say it: they have no error of their own for it."""
INTERRUPTED_EXIT_CODE = 130

EXIT_CODES: dict[int, str] = {
    0: "done",
    1: "a defect in hipform: please report it",
    2: "wrong usage: unknown option or missing argument",
    ConfigError.exit_code: "settings: unknown key or value out of bounds",
    InputError.exit_code: "input: missing, unreadable, not a video or damaged",
    NoPersonError.exit_code: "no person found in the clip",
    OutputError.exit_code: "output: cannot be written (permission, disk full, something in the way)",
    ModelError.exit_code: "pose model: missing or altered",
    NoExerciseError.exit_code: "none of the exercises recognised in the clip",
    HistoryError.exit_code: "history: locked, damaged, of a newer version, or cannot be written",
    BatchError.exit_code: "batch: some clips failed, the others are done",
    MEMORY_EXIT_CODE: "not enough memory, or open files",
    INTERRUPTED_EXIT_CODE: "interrupted (Ctrl-C)",
}


def one_line(text: str) -> str:
    """Return *text* with every control and line-breaking character replaced by ``?``."""
    return "".join(char if char.isprintable() else "?" for char in text)


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether *error*, of whatever library, says that memory has run out."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOMEM, errno.EMFILE, errno.ENFILE)
    return isinstance(error, MemoryError) or bool(_WORDS_OF_MEMORY.search(str(error)))
