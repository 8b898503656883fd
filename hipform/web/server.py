"""The server of the app: its socket, its connections, and its beginning and end."""

from __future__ import annotations

import contextlib
import http.client
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from hipform.batch.clip_job import ClipFunction
from hipform.batch.clip_queue import ClipQueue, StoppableEngine
from hipform.batch.library import Library
from hipform.batch.result_store import locked_store
from hipform.batch.set_job import analyse_set
from hipform.batch.workers import LocalWorkers
from hipform.errors import OutputError
from hipform.files import write_whole
from hipform.interruption import Interrupted, pause
from hipform.store import history_path
from hipform.validation import read_bounded
from hipform.web.guard import Guard, session_value
from hipform.web.live_sessions import LiveSessions
from hipform.web.preferences import PreferencesFile
from hipform.web.routes import COOKIE, OPEN_PATHS, ROUTES
from hipform.web.serving import listen, serving
from hipform.web.uploads import Uploads
from hipform.web.workplace import Workplace, key_of

HOST = "127.0.0.1"
_NAMES = (HOST, "localhost")
_CLIP_LIMIT_S = 4 * 3600.0
_PORT_FILE = "port"
_LOOK_EVERY_S = 0.5
_ANSWER_LIMIT_S = 5.0
_MAX_CODE_BYTES = 200


class Listener(Protocol):
    """Receives the address of the app."""

    def __call__(self, address: str, code: str, *, is_new: bool) -> None:
        """Receive the address, a code that signs one browser in, and whether the app has just started."""
        ...


def app_folder() -> Path:
    """Return the library's folder where none is named: beside the history."""
    return history_path().parent / "app"


def run_app(root: Path, port: int, on_ready: Listener, *, function: ClipFunction = analyse_set) -> None:
    """Run the app until the end of this process is requested; if it is running already, only report where.

    Parameters
    ----------
    root
        Folder of the library.
    port
        Port on this computer; 0 for a free one.
    on_ready
        Called when browsers may connect.
    function
        Analyses a clip in a worker.

    Raises
    ------
    Interrupted
        When the app has ended as requested.
    HipformError
        If the library is damaged or in use, or the port is taken.
    """
    library = Library(root)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked_store(library.store))
        except OutputError:
            running = _running_app(root)
            if running is None:
                raise
            on_ready(*running, is_new=False)
            return
        library.open()
        listening = stack.enter_context(listen(HOST, port))
        place = stack.enter_context(workplace(library, lambda work: LocalWorkers(1, _CLIP_LIMIT_S, work, function)))
        own_port = listening.getsockname()[1]
        stack.enter_context(serving(make_app(place, own_port), listening))
        write_whole(root / _PORT_FILE, str(own_port).encode())
        stack.callback((root / _PORT_FILE).unlink, missing_ok=True)
        on_ready(f"http://{HOST}:{own_port}/", place.new_code(), is_new=True)
        _wait(place)


def _wait(place: Workplace) -> None:
    try:
        while True:
            pause(_LOOK_EVERY_S)
            place.forget_lost_phones()
    except Interrupted as interrupted:
        place.is_ending = True
        raise Interrupted("clips that were not done go on at the next start.") from interrupted


def _running_app(root: Path) -> tuple[str, str] | None:
    """Return the address of the app that uses the library in *root*, and a new code; ``None`` if it does not answer."""
    try:
        port = int(read_bounded(root / _PORT_FILE, 20))
        connection = http.client.HTTPConnection(HOST, port, timeout=_ANSWER_LIMIT_S)
        headers = {"origin": f"http://{HOST}:{port}", "cookie": f"{COOKIE}={session_value(key_of(root))}"}
        with contextlib.closing(connection):
            connection.request("POST", "/codes", headers=headers)
            answer = connection.getresponse()
            code = answer.read(_MAX_CODE_BYTES).decode("ascii")
    except (OSError, ValueError, OverflowError, http.client.HTTPException):
        return None
    return (f"http://{HOST}:{port}/", code) if answer.status == 200 else None


@contextlib.contextmanager
def workplace(library: Library, engine: Callable[[Path], StoppableEngine]) -> Iterator[Workplace]:
    """Yield what the routes work with, while the queue of *library* runs."""
    preferences = PreferencesFile(library.root / "settings.json")
    queue = ClipQueue(
        library, engine, lambda: preferences.now.settings, keeps_clips=lambda: preferences.now.keeps_clips
    )
    live = LiveSessions(library, queue.notice)
    live.keep_what_was_filmed()
    place = Workplace(
        library=library,
        queue=queue,
        uploads=Uploads(library),
        preferences=preferences,
        key=key_of(library.root),
        live=live,
    )
    with queue:
        try:
            yield place
        finally:
            place.is_ending = True
            place.live.close()
            place.phones.switch_off()


def make_app(place: Workplace, port: int) -> ASGIApp:
    """Return the app for browsers of this computer."""
    hosts = frozenset(f"{name}:{port}" for name in _NAMES)
    session = session_value(place.key)
    guard = Middleware(
        Guard,
        hosts=lambda: hosts,
        owner_of=lambda value: "" if secrets.compare_digest(value.encode(), session.encode()) else None,
        cookie=COOKIE,
        open_paths=OPEN_PATHS,
    )
    app = Starlette(routes=ROUTES, middleware=[guard])
    app.state.workplace = place
    app.state.language = lambda: place.preferences.now.language
    return app
