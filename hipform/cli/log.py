"""`--log FILE`: what happened in a run, for whoever looks for a defect, without telling whose clip it was.

The modules log facts that hold no names: sizes, times, counts. What other programs and defects say is not theirs to
choose: from it everything is cut that the command line named, and every path.
"""

from __future__ import annotations

import contextlib
import errno
import getpass
import logging
import os
import platform
import re
import socket
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path

from hipform import __version__
from hipform.errors import HipformError, OutputError, one_line
from hipform.files import output_error

_log = logging.getLogger(__name__)

_FIRST_LINE = "# hipform log, version 1"
_LIBRARIES = ("av", "mediapipe", "numpy", "opencv-contrib-python", "opencv-python", "scipy")
_PUBLIC_OPTIONS = frozenset({"--exercise", "-e", "--model", "-m", "--set-a", "--set-b", "--to"})
"""Options whose values say nothing of a person."""
_WHOLE_OPTIONS = frozenset({"--note"})
"""Options whose single words are everybody's: cut as a whole only."""
_CUT = "..."
# A path begins after a blank, a quote or a bracket; one without blanks is recognised wherever it leads.
_PATH = re.compile(r"(?<![\w.])(?:[A-Za-z]:)?[\\/][^\s'\"]+")
_LONGEST_MESSAGE = 500


def start_log(path: Path, arguments: Sequence[str], commands: Iterable[str]) -> None:
    """Begin to append what the modules of hipform log to the file *path*.

    Parameters
    ----------
    path
        A new file, or one that an earlier run logged to.
    arguments
        The command line behind the program's name. Names of options are logged, values only where they are public.
    commands
        Names of commands, to be told apart from names of files.

    Raises
    ------
    OutputError
        If the file cannot be written, or is something else than a log of hipform.
    """
    shown, private = split_arguments(arguments, frozenset(commands))
    try:
        _require_ours(path)
        handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace", delay=False)
    except OSError as error:
        raise output_error(path, error) from error
    handler.setFormatter(LogFormatter([*private, *_people_and_places()]))
    # A log that the disk has no room for ends; the work goes on.
    logging.raiseExceptions = False
    package = logging.getLogger("hipform")
    package.addHandler(handler)
    package.setLevel(logging.DEBUG)
    _log.info("hipform %s, Python %s, %s, %s cores", __version__, _python(), _system(), os.cpu_count())
    _log.info(", ".join(f"{name} {_version(name)}" for name in _LIBRARIES))
    _log.info("asked for: %s", " ".join(shown))


def _require_ours(path: Path) -> None:
    """Write the first line of a new log; refuse a file that is something else, which a slip of the hand may name."""
    if path.exists() and not path.is_file():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)) if path.is_dir() else OSError("it is no file")
    with path.open("a+", encoding="utf-8") as file:
        file.seek(0)
        is_new = not file.read(1)
        file.seek(0)
        if is_new:
            file.write(f"{_FIRST_LINE}\n")
        elif file.readline(len(_FIRST_LINE)) != _FIRST_LINE:
            raise OutputError(f"{path} is there and is no log of hipform.", "Choose another name for the log.")


def split_arguments(arguments: Sequence[str], commands: frozenset[str]) -> tuple[list[str], list[str]]:
    """Return a command line as it may be shown, and the words in it that may not."""
    shown: list[str] = []
    private: list[str] = []
    option = ""
    for argument in arguments:
        name, value = _as_option(argument)
        if name:
            option = name
            shown.append(name)
        elif option or argument not in commands:
            value = argument
        else:
            shown.append(argument)
        if value and option in _PUBLIC_OPTIONS:
            shown.append(value)
        elif value:
            shown.append(_CUT)
            private += [value, one_line(value), *([] if option in _WHOLE_OPTIONS else re.split(r"[\\/\s]+", value))]
            private.append(Path(value).stem)
        if value:
            option = ""
    return shown, private


def _as_option(argument: str) -> tuple[str, str]:
    """Return name and attached value of an option, both empty for anything else."""
    match = re.fullmatch(r"(--[a-z][a-z-]*)(?:=(.*))?|(-[a-z])(.*)", argument, re.DOTALL)
    if match is None:
        return "", ""
    return (match[1], match[2] or "") if match[1] else (match[3], match[4])


def _people_and_places() -> Iterator[str]:
    """Yield the names of this user, this computer and the home folder."""
    yield socket.gethostname()
    # An account may have no home, and no name: each system and Python says so in its own way.
    with contextlib.suppress(RuntimeError):
        yield str(Path.home())
    with contextlib.suppress(ImportError, KeyError, OSError):
        yield getpass.getuser()


class LogFormatter(logging.Formatter):
    """One line for each record and one for each step of a traceback, without *private* words and without paths."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03d"

    def __init__(self, private: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        words = sorted({word for word in private if len(word) > 1 and word != "hipform"}, key=len, reverse=True)
        self._private = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words)) or '(?!)'})(?!\w)", re.IGNORECASE)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the record in one line."""
        record.message = _PATH.sub(_CUT, one_line(record.message))
        return super().formatMessage(record)

    def formatException(self, ei: logging._SysExcInfoType) -> str:  # noqa: N802 - the library's name
        """Return error and causes: kinds and places in the code. Only a defect and the system have words of theirs."""
        lines = []
        error = ei[1]
        before = ""
        while error is not None:
            lines.append(f"  {before}{type(error).__name__}{self._words(error, is_first=not before)}")
            frames = traceback.extract_tb(error.__traceback__)
            lines += [f"    {_place(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames]
            error, before = error.__cause__ or (None if error.__suppress_context__ else error.__context__), "after "
        return "\n".join(lines)

    def _words(self, error: BaseException, *, is_first: bool) -> str:
        if isinstance(error, OSError):
            # Without its file.
            return f": {error.strerror}" if error.strerror else ""
        if isinstance(error, HipformError) or not is_first:
            # What it says names clips and people; the line of code it comes from says the rest.
            return ""
        text = _PATH.sub(_CUT, self._private.sub(_CUT, one_line(str(error))))
        return f": {text[:_LONGEST_MESSAGE]}" if text else ""


def _place(filename: str) -> str:
    """Return a file of code from its package on, wherever that is installed."""
    path = Path(filename)
    roots = sorted((entry for entry in sys.path if entry), key=len, reverse=True)
    for root in roots:
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.name


def _python() -> str:
    return f"{platform.python_version()} ({platform.python_implementation()})"


def _system() -> str:
    return f"{platform.system()} {platform.release()} {platform.machine()}"


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"
