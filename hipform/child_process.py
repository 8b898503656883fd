"""Child processes: every program that hipform starts is started here.

Each child runs in its own process group, so that Ctrl-C in the terminal reaches only hipform, and ending a child also
ends everything it has started. Its pipes are read continuously and only a bounded part is kept, so that neither a
child that floods them nor a silent one causes trouble. `ChildProcess.end` always kills and reaps it.

A Python child imports nothing from the working folder, which may contain files such as ``pickle.py`` next to the clips,
and does not import the main script of a program that uses hipform as a library. It exits when its parent has gone.
What its hipform modules log is logged again by the same logger of the parent.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from hipform.errors import one_line
from hipform.interruption import NOTICED_EVERY_S, raise_if_interrupted
from hipform.running_children import kill_group, running
from hipform.stages import BoundedQueue

if sys.platform != "win32":
    import resource

_package_log = logging.getLogger("hipform")

Report = Callable[[object], None]
"""Sends a message from a running child to its parent; the message is pickled."""

_MOST_BYTES_OF_MESSAGE = 1 << 28
_MOST_BYTES_OF_DATA = 8 << 30
"""Memory that a child may allocate, if the system can limit it: a larger allocation fails in the child alone."""
_LAST_WORDS_BYTES = 4096
_CHUNK_BYTES = 1 << 16
_WAITING_MESSAGES = 16
_HEADER_BYTES = 8
_CALL, _MESSAGE = b"C", b"M"
"""The first byte of what a parent sends: a function to call, or a message to the function that runs."""
inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
"""In a child: what its parent has sent to the function that runs."""
START_LIMIT_S = 120.0
"""How long a Python child may take to start and to import the modules that a function needs."""
_PATIENCE_S = 0.5
_POLL_S = 0.1
# Without these flags Windows would open a console window for every program.
_FLAGS = 0x08000000 | 0x00000200 if sys.platform == "win32" else 0


class ChildLostError(Exception):
    """A Python child ended before it returned an answer.

    Attributes
    ----------
    exit_code
        Its exit code; the negative signal number if a signal ended it, ``None`` if it had to be killed.
    """

    def __init__(self, exit_code: int | None, last_words: str) -> None:
        self.exit_code = exit_code
        super().__init__(f"{describe_exit(exit_code)}{': ' if last_words else ''}{last_words}")


@dataclass(frozen=True, slots=True)
class Began:
    """The child has started, has imported the function's modules and now calls the function."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A message that a child sent during the call."""

    message: object


@dataclass(frozen=True, slots=True)
class Returned:
    """The return value of a call in a child, and the memory the child holds afterwards, MB."""

    value: object
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Raised:
    """The exception that the function in a child raised, and the memory the child holds, MB."""

    error: BaseException
    memory_mb: int


@dataclass(frozen=True, slots=True)
class ChildLost:
    """The child has ended or sent an invalid message; no further answer will arrive."""

    error: ChildLostError


@dataclass(frozen=True, slots=True)
class Logged:
    """A record of one of hipform's loggers in the child: the logger's name, the level and the formatted message."""

    logger: str
    level: int
    message: str


Answer = Began | Reported | Returned | Raised | ChildLost


def describe_exit(exit_code: int | None) -> str:
    """Return a description of how a process ended."""
    if exit_code is None:
        return "killed"
    if exit_code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-exit_code).name
    return f"exit code {exit_code}"


class ChildProcess:
    """A program in its own process group; use it as a context manager, or call `end`.

    Parameters
    ----------
    command
        Program and arguments.
    environment
        Variables to add to, or override in, this process's environment.
    keeps_output
        Whether standard output is a pipe, which a thread of the caller's reads and closes; it goes nowhere otherwise.

    Raises
    ------
    OSError
        The program cannot be started.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None, *, keeps_output: bool = False
    ) -> None:
        self._words = bytearray()
        self.process = subprocess.Popen(  # noqa: S603 - the callers' commands are fixed
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if keeps_output else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
            creationflags=_FLAGS,
        )
        running.add(self.process)
        _limit_memory(self.process.pid)
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._words_thread = self._thread(self._keep_words)
        self._threads = [self._words_thread, self._thread(self._send)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def last_words(self) -> str:
        """The last part of what the program wrote to standard error."""
        return bytes(self._words).decode(errors="replace").strip()

    def write(self, data: bytes) -> None:
        """Send *data* to standard input in a thread, so that a program that does not read it blocks nobody."""
        self._outbox.put(data)

    def close_input(self) -> None:
        """Close standard input once everything queued has been written."""
        self._outbox.put(None)

    def wait(self, limit_s: float) -> int | None:
        """Wait for the program to end and return its exit code; ``None`` if it is still running after *limit_s*."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self.process.wait(limit_s)
            # The last output may still be in the pipe; a process that it left running may hold the pipe open for ever.
            self._words_thread.join(_PATIENCE_S)
            return code
        return None

    def end(self) -> None:
        """Kill the program and everything it has started, and reap it; has no effect if it has ended."""
        kill_group(self.process)
        running.discard(self.process)
        self._outbox.put(None)
        until_s = time.monotonic() + _PATIENCE_S
        try:
            self.process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            # One that waits for a disk that does not answer cannot be killed; it is reaped whenever it ends.
            self._thread(self.process.wait)
        # Each closes its pipe. What has left the group may hold one open: nobody waits for its thread then.
        for thread in self._threads:
            thread.join(max(0.0, until_s - time.monotonic()))

    def _thread(self, work: Callable[[], object]) -> threading.Thread:
        thread = threading.Thread(target=work, name="hipform-child", daemon=True)
        thread.start()
        return thread

    def _send(self) -> None:
        pipe = self.process.stdin
        assert pipe is not None
        with contextlib.suppress(OSError, ValueError):
            while (data := self._outbox.get()) is not None:
                _write_all(pipe, data)
        with contextlib.suppress(OSError):
            pipe.close()

    def _keep_words(self) -> None:
        pipe = self.process.stderr
        assert pipe is not None
        with pipe, contextlib.suppress(OSError, ValueError):
            while data := pipe.read(_CHUNK_BYTES):
                self._words += data
                del self._words[:-_LAST_WORDS_BYTES]


class PythonChild(ChildProcess):
    """A Python process that runs functions of hipform one after another, each passed to `begin`.

    Functions, their arguments, messages and return values are pickled. A function is pickled by name, so it must be
    importable.

    Parameters
    ----------
    answers
        Queue for answers, each paired with its child; several children may share one. ``None`` makes a new queue. It is
        bounded: a child waits if nobody takes its answers.
    environment
        See `ChildProcess`.

    Attributes
    ----------
    answers
        The queue of answers.
    """

    def __init__(
        self,
        answers: BoundedQueue[tuple[PythonChild, Answer]] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(python_command("serve"), environment, keeps_output=True)
        self.answers: BoundedQueue[tuple[PythonChild, Answer]] = answers or BoundedQueue(_WAITING_MESSAGES)
        self._ending = threading.Event()
        self._threads.append(self._thread(self._receive))

    def begin(self, function: Callable[..., object], *arguments: object) -> None:
        """Have the child call ``function(report, *arguments)``, where *report* is a `Report`; return at once."""
        self.write(_packed((function, arguments, _package_log.getEffectiveLevel()), _CALL))

    def send(self, message: object) -> None:
        """Send a message to the function that the child runs, which finds it in `inbox`; return at once.

        Messages wait without limit for a function that does not take them, so the caller has to limit their number.
        """
        self.write(_packed(message, _MESSAGE))

    def run(
        self,
        function: Callable[..., object],
        *arguments: object,
        limit_s: float,
        on_report: Callable[[object], None] | None = None,
    ) -> Any:
        """Call ``function(report, *arguments)`` in the child and return what it returns.

        Raises
        ------
        ChildLostError
            The child ended before it returned an answer.
        TimeoutError
            The call took longer than *limit_s* after it had started; the child has been ended.
        """
        until_s = time.monotonic() + START_LIMIT_S
        self.begin(function, *arguments)
        while (left_s := until_s - time.monotonic()) > 0:
            raise_if_interrupted()
            with contextlib.suppress(queue.Empty):
                match self.answers.get(min(left_s, NOTICED_EVERY_S))[1]:
                    case Began():
                        until_s = time.monotonic() + limit_s
                    case Reported(message):
                        if on_report:
                            on_report(message)
                    case Returned(value):
                        return value
                    case Raised(error) | ChildLost(error):
                        raise error
        self.end()
        raise TimeoutError(f"no answer in {limit_s:g} s")

    def end(self) -> None:
        """End the process as `ChildProcess.end` does; no further answer arrives."""
        self._ending.set()
        super().end()

    def _receive(self) -> None:
        pipe = self.process.stdout
        assert pipe is not None
        with pipe:
            while (answer := _unpacked(pipe)) is not None:
                if isinstance(answer, Logged):
                    logging.getLogger(answer.logger).log(answer.level, "%s", answer.message)
                elif not self._hand_over(answer):
                    return
            code = self.wait(_PATIENCE_S)
            # It has closed its end, or sent what is no message, and goes on: nobody listens any more.
            kill_group(self.process)
            words = [one_line(line) for line in self.last_words.splitlines()[-1:]]
            self._hand_over(ChildLost(ChildLostError(code, " ".join(words))))

    def _hand_over(self, answer: Answer) -> bool:
        while not self._ending.is_set():
            if self.answers.put((self, answer), _POLL_S):
                return True
        return False


def python_command(function: str, module: str = __name__, arguments: Sequence[str] = ()) -> list[str]:
    """Return the command for a Python that imports nothing from the working folder and calls *function* of *module*.

    The function finds *arguments* in ``sys.argv[1:]``.
    """
    # Isolated mode ignores the working folder, empty entries of PYTHONPATH and any `sitecustomize.py`.
    flags = ["-I", "-X", f"utf8={sys.flags.utf8_mode}", *(["-B"] if sys.dont_write_bytecode else [])]
    path = _path()
    start = (
        f"import sys; n = {len(path)} + 1; sys.path[:] = dict.fromkeys(sys.argv[1:n] + sys.path); del sys.argv[1:n]; "
        f"import {module} as m; m.{function}()"
    )
    if sys.flags.optimize:
        flags.append("-" + "O" * sys.flags.optimize)
    return [sys.executable, *flags, "-c", start, *path, *arguments]


def _path() -> list[str]:
    """Return this process's import path without the working folder, unless hipform itself is there."""
    own = os.path.realpath(Path(__file__).parents[1])
    here = None
    with contextlib.suppress(OSError):
        here = os.path.realpath(Path.cwd())
    real = {entry: os.path.realpath(entry) for entry in sys.path if Path(entry).is_absolute()}
    return [entry for entry in real if real[entry] == own or real[entry] != here]


def _limit_memory(process_id: int) -> None:
    if sys.platform == "linux":
        # The process may have ended already.
        with contextlib.suppress(OSError):
            _, most = resource.prlimit(process_id, resource.RLIMIT_DATA)
            limit = _MOST_BYTES_OF_DATA if most == resource.RLIM_INFINITY else min(most, _MOST_BYTES_OF_DATA)
            resource.prlimit(process_id, resource.RLIMIT_DATA, (limit, most))


# ------------------------------------------------------------------------------------------------------------ messages


def _packed(message: object, kind: bytes = b"") -> bytes:
    data = kind + pickle.dumps(message)
    return len(data).to_bytes(_HEADER_BYTES, "big") + data


def _unpacked(pipe: IO[bytes]) -> Answer | Logged | None:
    """Return the next message of a child; ``None`` if the child ended or sent an invalid message."""
    with contextlib.suppress(OSError, ValueError):
        header = _read_all(pipe, _HEADER_BYTES)
        size = int.from_bytes(header or b"", "big")
        if header and size <= _MOST_BYTES_OF_MESSAGE and (data := _read_all(pipe, size)):
            # The data come through a private pipe from a process that runs only hipform.
            with contextlib.suppress(Exception):
                answer = pickle.loads(data)  # noqa: S301
                return answer if isinstance(answer, Began | Reported | Returned | Raised | Logged) else None
    return None


def _read_all(pipe: IO[bytes], size: int) -> bytes | None:
    """Return *size* bytes; ``None`` at the end of the pipe."""
    data = bytearray()
    while len(data) < size:
        part = pipe.read(min(size - len(data), _CHUNK_BYTES))
        if not part:
            return None
        data += part
    return bytes(data)


def _write_all(pipe: IO[bytes], data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[pipe.write(left) :]


# -------------------------------------------------------------------------------------------------------- in the child


def serve() -> None:
    """Handle the parent's requests until it has gone; this is the main function of a Python child."""
    # Only the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = _private(0, "rb"), _private(1, "wb")
    lock = threading.Lock()

    def send(answer: bytes) -> None:
        with lock:
            try:
                _write_all(answers, answer)
            except OSError:
                os._exit(1)

    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting), name="hipform-parent", daemon=True).start()
    _package_log.addHandler(_ToParent(lambda record: send(_packed(record))))
    while True:
        send(_answer(waiting.get(), lambda message: send(_packed(message))))


class _ToParent(logging.Handler):
    """Sends what hipform logs to the parent; tracebacks stay here, because they cannot be pickled."""

    def __init__(self, send: Callable[[Logged], None]) -> None:
        super().__init__()
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        self._send(Logged(record.name, record.levelno, record.getMessage()))


def _private(number: int, mode: str) -> IO[bytes]:
    """Take over a standard stream for messages; other code then reads from and prints to the null device."""
    pipe: IO[bytes] = os.fdopen(os.dup(number), mode, buffering=0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, number)
    os.close(nowhere)
    return pipe


def _listen(requests: IO[bytes], waiting: queue.SimpleQueue[bytes]) -> None:
    """Receive requests, and exit this process when the parent has gone, whatever it is doing."""
    while header := _read_all(requests, _HEADER_BYTES):
        request = _read_all(requests, int.from_bytes(header, "big"))
        if request is None:
            break
        if request[:1] == _CALL:
            waiting.put(request[1:])
        else:
            inbox.put(pickle.loads(request[1:]))  # noqa: S301 - from the parent, through a private pipe
    os._exit(1)


def _answer(request: bytes, send: Callable[[Began | Reported], None]) -> bytes:
    """Handle a request and return the packed answer."""
    try:
        function, arguments, log_level = pickle.loads(request)  # noqa: S301 - from the parent, through a private pipe
        _package_log.setLevel(log_level)
        send(Began())
        value = function(lambda message: send(Reported(message)), *arguments)
        return _packed(Returned(value, _memory_mb()))
    except BaseException as error:  # noqa: BLE001 - passed on to the parent, whatever it is
        return _packed(Raised(_portable(error), _memory_mb()))


def _portable(error: BaseException) -> BaseException:
    """Return *error*, or an equivalent error if it cannot be pickled."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - a library's error may fail in any way
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _memory_mb() -> int:
    # Imported here so that `hipform --help` does not wait for it.
    import psutil  # noqa: PLC0415

    return int(psutil.Process().memory_info().rss) >> 20
