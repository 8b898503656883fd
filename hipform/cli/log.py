"""`--log FILE`: a log of the run for debugging, without personal data.

The modules log facts without names: sizes, times, counts. Messages of libraries and of unexpected errors may contain
names, so everything that the command line named, and every path, is removed from them.
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
_LIBRARIES = ("av", "mediapipe", "numpy", "opencv-contrib-python", "scipy")
_PUBLIC_OPTIONS = frozenset({"--exercise", "-e", "--model", "-m", "--set-a", "--set-b", "--to"})
"""Options whose values reveal nothing about a person."""
_WHOLE_OPTIONS = frozenset({"--note"})
"""Options whose single words are common words: only the whole value is removed."""
_CUT = "..."
# A path starts after a space, a quote or a bracket; a path without spaces is always recognised.
_PATH = re.compile(r"(?<![\w.])(?:[A-Za-z]:)?[\\/][^\s'\"]+")
_LONGEST_MESSAGE = 500


def start_log(path: Path, arguments: Sequence[str], commands: Iterable[str]) -> None:
    """Start to append hipform's log records to the file *path*.

    Parameters
    ----------
    path
        A new file, or the log of an earlier run.
    arguments
        The command line after the program's name. Names of options are logged; values only if they are public.
    commands
        Names of commands, to distinguish them from file names.

    Raises
    ------
    OutputError
        If the file cannot be written or is not a hipform log.
    """
    shown, private = split_arguments(arguments, frozenset(commands))
    try:
        _require_ours(path)
        handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace", delay=False)
    except OSError as error:
        raise output_error(path, error) from error
    handler.setFormatter(LogFormatter([*private, *_people_and_places()]))
    # If the disk is full, logging stops and the work goes on.
    logging.raiseExceptions = False
    package = logging.getLogger("hipform")
    package.addHandler(handler)
    package.setLevel(logging.DEBUG)
    _log.info("hipform %s, Python %s, %s, %s cores", __version__, _python(), _system(), os.cpu_count())
    _log.info(", ".join(f"{name} {_version(name)}" for name in _LIBRARIES))
    _log.info("asked for: %s", " ".join(shown))


def _require_ours(path: Path) -> None:
    """Write the first line of a new log; refuse any other file, which the user may have named by mistake."""
    if path.exists() and not path.is_file():
        raise (
            IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)) if path.is_dir() else OSError("it is not a file")
        )
    with path.open("a+", encoding="utf-8") as file:
        file.seek(0)
        is_new = not file.read(1)
        file.seek(0)
        if is_new:
            file.write(f"{_FIRST_LINE}\n")
        elif file.readline(len(_FIRST_LINE)) != _FIRST_LINE:
            raise OutputError(f"{path} exists and is not a hipform log.", "Choose another file name for the log.")


def split_arguments(arguments: Sequence[str], commands: frozenset[str]) -> tuple[list[str], list[str]]:
    """Return the public parts of a command line, and its private words."""
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
    """Return name and attached value of an option; both are empty if *argument* is not an option."""
    match = re.fullmatch(r"(--[a-z][a-z-]*)(?:=(.*))?|(-[a-z])(.*)", argument, re.DOTALL)
    if match is None:
        return "", ""
    return (match[1], match[2] or "") if match[1] else (match[3], match[4])


def _people_and_places() -> Iterator[str]:
    """Yield the names of this user, this computer and the home folder."""
    yield socket.gethostname()
    # An account may lack a home folder or a name; the error depends on system and Python version.
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
        """Return the types and code locations of an error and its causes, with messages only where they are safe."""
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
            # Without the file name.
            return f": {error.strerror}" if error.strerror else ""
        if isinstance(error, HipformError) or not is_first:
            # The message may name clips and people; the line of code identifies the error.
            return ""
        text = _PATH.sub(_CUT, self._private.sub(_CUT, one_line(str(error))))
        return f": {text[:_LONGEST_MESSAGE]}" if text else ""


def _place(filename: str) -> str:
    """Return the path of a source file relative to its package's parent."""
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
