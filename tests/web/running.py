"""The app as a process of its own, with clients that are its browser."""

import sys
from pathlib import Path

import httpx2

from hipform.batch.library import Library
from scripts.app_process import LIMIT_S, AppProcess, wait_until

__all__ = ["LIMIT_S", "Running", "sets_in", "wait_until"]


class Running(AppProcess):
    """The app on a library."""

    def client(self):
        headers = {"origin": self.address, "cookie": self.cookie}
        return httpx2.Client(base_url=self.address, headers=headers, timeout=60)


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
