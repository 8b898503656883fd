"""The child processes that run now, and how each is killed with all that it started.

This module imports hardly anything: the command line needs it from its first moment on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

running: set[subprocess.Popen[bytes]] = set()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process of `ChildProcess` and everything it has started, even if the process itself has ended."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            # The system does not reuse a group's number while any process is in the group.
            os.killpg(process.pid, signal.SIGKILL)


def kill_all() -> None:
    """Kill all children of this process without waiting, for an exit that cannot be orderly."""
    for process in list(running):
        kill_group(process)
