"""``hipform`` and ``python -m hipform``: the way into the command line.

Only what is needed for an interruption is imported here; one that comes while the rest is imported ends this process
before there is anything to tidy up.
"""

import os
import signal
from types import FrameType

INTERRUPTED_EXIT_CODE = 130


def _leave(_signal: int, _frame: FrameType | None) -> None:
    os._exit(INTERRUPTED_EXIT_CODE)


def run() -> None:
    """Run the command line."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Who started this with `nohup` wants it to go on when the terminal is closed.
        if number is not None and (name != "SIGHUP" or signal.getsignal(number) != signal.SIG_IGN):
            signal.signal(number, _leave)
    from hipform.cli import main  # noqa: PLC0415 - see the module's docstring

    try:
        main()
    except SystemExit as leaving:
        # At once: all is written, and taking modules apart gains nothing, takes time, and under threads that are still
        # in a library's code it can crash.
        os._exit(leaving.code if isinstance(leaving.code, int) else 1)


if __name__ == "__main__":
    run()
