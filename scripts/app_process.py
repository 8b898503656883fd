"""`hipform app` as a process of its own, for scripts and tests: started, asked, killed and started again."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from hipform.store.history import PATH_VARIABLE
from hipform.web.guard import session_value
from hipform.web.workplace import key_of
from scripts.paths import ROOT

LIMIT_S = 240.0
PIECE_BYTES = 16 << 20
"""As the page sends it."""
_LOOK_EVERY_S = 0.05


class AppProcess:
    """The app on a library; it is running when this is made.

    Parameters
    ----------
    folder
        Folder for what it prints.
    root
        Folder of the library; the history is kept beside it.
    command
        Arguments of Python that start it; the app itself if not given.

    Attributes
    ----------
    process, address, code, log
        The process, its address, the code that signs one browser in, and the file with what it prints.
    ready_s
        How long it took to start, seconds.
    """

    def __init__(self, folder: Path, root: Path, *command: str) -> None:
        folder.mkdir(exist_ok=True, parents=True)
        self.root = root
        self.log = folder / "out.txt"
        own = {
            "PYTHONPATH": str(ROOT),
            PATH_VARIABLE: str(root.parent / "kept" / "history.sqlite3"),
            "PYTHONUNBUFFERED": "1",
        }
        usual = ("-m", "hipform", "app", "--no-browser", "--port", "0", "--folder", str(root))
        begun_s = time.monotonic()
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, *(command or usual)], stdout=out, stderr=out, env={**os.environ, **own}, cwd=ROOT
            )
        self.address, self.code = self._where()
        self.ready_s = time.monotonic() - begun_s

    def _where(self) -> tuple[str, str]:
        until_s = time.monotonic() + LIMIT_S
        while time.monotonic() < until_s:
            found = re.search(r"Open (http://[\d.]+:\d+)/?#(\S+)", self.log.read_text())
            if found:
                return found[1], found[2]
            if self.process.poll() is not None:
                break
            time.sleep(_LOOK_EVERY_S)
        raise RuntimeError(f"the app does not start: {self.log.read_text()}")

    @property
    def cookie(self) -> str:
        """The cookie of a browser that is signed in."""
        return f"hipform={session_value(key_of(self.root))}"

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that it has started."""
        found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return found

    @property
    def processor_s(self) -> float:
        """Processor time of the server and of its processes that run, seconds."""
        own = psutil.Process(self.process.pid)
        return float(sum(sum(one.cpu_times()[:2]) for one in (own, *self.workers)))

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Return status and body of the answer to a request of a page."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=LIMIT_S)
        with contextlib.closing(connection):
            own = {"origin": self.address, "cookie": self.cookie, **headers}
            connection.request(method, path, body, own)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def send(self, clip: Path, **facts: str) -> str:
        """Send a clip as the page does; return the name of its set."""
        size = clip.stat().st_size
        asked = {"name": clip.name, "size": size, "mark": str(clip), **facts}
        begun = self._json("POST", "/uploads", json.dumps(asked).encode())
        at = begun["arrived"]
        with clip.open("rb") as file:
            while True:
                file.seek(at)
                answer = self._json("PUT", f"/uploads/{begun['id']}/{at}", file.read(PIECE_BYTES))
                if "set" in answer:
                    return str(answer["set"])
                at = answer["arrived"]

    def _json(self, method: str, path: str, body: bytes) -> Mapping[str, Any]:
        status, text = self.ask(method, path, body, accept="application/json")
        if status != 200:
            raise RuntimeError(f"{method} {path}: {status} {text[:200]!r}")
        found: Mapping[str, Any] = json.loads(text)
        return found

    @property
    def is_busy(self) -> bool:
        """Whether a set is waiting or being analysed."""
        return b"/cancel" in self.ask("GET", "/library")[1]

    def kill(self) -> None:
        """Kill the server, as the system does when memory is short."""
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """Press Ctrl-C; return the exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(LIMIT_S)
        finally:
            self.process.kill()


def wait_until(is_so: Callable[[], object], limit_s: float = LIMIT_S) -> None:
    """Wait until *is_so* returns something true.

    Raises
    ------
    TimeoutError
        If that does not happen within *limit_s*.
    """
    until_s = time.monotonic() + limit_s
    while not is_so():
        if time.monotonic() > until_s:
            raise TimeoutError(f"not within {limit_s:g} s")
        time.sleep(_LOOK_EVERY_S)
