"""The app as a process of its own, with clients that are its browser."""

import sys
from pathlib import Path

import httpx2

from hipform.batch.library import Library
from scripts.app_process import LIMIT_S, AppProcess, wait_until

__all__ = ["LIMIT_S", "Running", "sets_in", "wait_until"]


PATIENT = """
import tests.unhurried
from hipform.web import guard, live_routes, live_sessions, phone_cameras, server

live_routes.SILENT_LIMIT_S = phone_cameras.SILENT_LIMIT_S = guard.PIECE_LIMIT_S = {limit_s}
live_sessions._END_LIMIT_S = server._ANSWER_LIMIT_S = {limit_s}
tests.unhurried.run()
"""
"""The app, with all the time that a busy machine and a browser on it need."""


class Running(AppProcess):
    """The app on a library; with clips and a pose model as users have them unless *command* starts another one."""

    def __init__(self, folder, root, *command):
        usual = ("-c", PATIENT.format(limit_s=LIMIT_S), "app", "--no-browser", "--port", "0", "--folder", str(root))
        super().__init__(folder, root, *(command or usual))

    def client(self):
        headers = {"origin": self.address, "cookie": self.cookie}
        return httpx2.Client(base_url=self.address, headers=headers, timeout=LIMIT_S)


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
