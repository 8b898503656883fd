"""Standard output that ends no work: where nobody reads it, where its encoding lacks a sign, where its disk is full."""

from __future__ import annotations

import contextlib
import errno
import io
import sys

from hipform.errors import OutputError


class _Steady(io.FileIO):
    """What writes to a pipe or file and keeps the first error for later instead of raising it."""

    error: OSError | None = None

    def write(self, data: object) -> int:
        try:
            return super().write(data)  # type: ignore[arg-type] # the buffer gives what the file takes
        except OSError as error:
            self.error = self.error or error
            return memoryview(data).nbytes  # type: ignore[arg-type]


class SteadyOutput:
    """Stands in for standard output as long as the program runs.

    A sign that the encoding lacks, as in the files of Windows, becomes a question mark. A reader that is gone, as with
    ``| head``, is no failure. A full disk is one, but only when everything else is done: see `require_written`.
    """

    def __init__(self) -> None:
        self._raw: _Steady | None = None
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
            with contextlib.suppress(OSError):
                self._replace(sys.stdout)

    def _replace(self, stream: io.TextIOWrapper) -> None:
        self._raw = _Steady(stream.fileno(), "wb", closefd=False)
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(self._raw), encoding=stream.encoding, errors="replace")

    def require_written(self) -> None:
        """Refuse to end well where what was printed did not reach its file.

        Raises
        ------
        OutputError
            The disk is full or gone.
        """
        if self._raw is None:
            return
        sys.stdout.flush()
        error = self._raw.error
        if error is not None and error.errno != errno.EPIPE:
            raise OutputError(f"What was printed did not arrive: {error.strerror}.", "Everything else is done.")
