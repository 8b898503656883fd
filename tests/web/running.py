"""The app as a process of its own: started, killed and started again."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from hipform.batch.library import Library
from hipform.web.guard import session_value
from hipform.web.workplace import key_of
from tests.samples import ROOT

LIMIT_S = 240


class Running:
    """The app on a folder; *command* starts it."""

    def __init__(self, folder, *command):
        self.folder = folder
        folder.mkdir(exist_ok=True, parents=True)
        self.log = folder / "out.txt"
        own = {
            "PYTHONPATH": str(ROOT),
            "HIPFORM_HISTORY": str(folder / "kept" / "history.sqlite3"),
            "PYTHONUNBUFFERED": "1",
        }
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, *command], stdout=out, stderr=out, env={**os.environ, **own}, cwd=ROOT
            )
        self.address = self._address()

    def _address(self):
        until_s = time.monotonic() + LIMIT_S
        while time.monotonic() < until_s:
            found = re.search(r"Open (http://[\d.]+:\d+)/#(\S+)", self.log.read_text())
            if found:
                self.code = found[2]
                return found[1]
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def client(self, root):
        cookie = {"hipform": session_value(key_of(root))}
        return httpx2.Client(base_url=self.address, headers={"origin": self.address}, cookies=cookie, timeout=60)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        """Press Ctrl-C; return the exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()


def wait_until(is_so, limit_s=LIMIT_S):
    until_s = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < until_s
        time.sleep(0.05)


def sets_in(root):
    """Return the sets that a start of the app would find."""
    library = Library(root)
    library.open()
    return library.sets()


if __name__ == "__main__":
    from hipform.web.server import run_app
    from tests.batch.sets import scripted_set

    def show(address, code, *, is_new):
        sys.stdout.write(f"Open {address}#{code}\n")

    run_app(Path(sys.argv[1]), 0, show, function=scripted_set)
