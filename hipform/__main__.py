"""``hipform`` and ``python -m hipform``: the entry point of the command line.

This module imports only what handling an interruption needs. An interruption during the remaining imports ends the
process at once, because there is nothing to clean up yet.
"""

# The built-in part of `signal`, which itself imports enum, functools and more; until the handlers below are installed,
# Python answers Ctrl-C with a traceback.
import _signal  # type: ignore[import-not-found]
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED_EXIT_CODE = 130


def _leave(_signal: int, _frame: "FrameType | None") -> None:
    os._exit(INTERRUPTED_EXIT_CODE)


def run() -> None:
    """Run the command line."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(_signal, name, None)
        # What was ignored at the start stays ignored: `nohup` does that to SIGHUP, and a shell to SIGINT of a command
        # that it runs in the background.
        if number is not None and _signal.getsignal(number) != _signal.SIG_IGN:
            _signal.signal(number, _leave)
    from hipform.cli import main  # noqa: PLC0415 - see the module's docstring

    try:
        main()
    except SystemExit as leaving:
        # Exit at once: everything is written. Unloading modules takes time and can crash if threads are still in a
        # library's code.
        os._exit(leaving.code if isinstance(leaving.code, int) else 1)


if __name__ == "__main__":
    run()
