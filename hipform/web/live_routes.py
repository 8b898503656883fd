"""The page of live training, and the WebSocket on which its camera's frames come and drawn frames go back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
from collections.abc import Mapping
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from hipform.app.browser_training import BrowserTraining, Noticed, Said, Shown, Speaker, Taken
from hipform.batch.library import Order, new_order
from hipform.errors import HipformError, InputError
from hipform.exercises import AUTO
from hipform.render import Command
from hipform.store import kept_calibrations
from hipform.video.pushed_camera import PushedFrame
from hipform.web.athletes import known_athletes
from hipform.web.limits import SILENT_LIMIT_S
from hipform.web.live_sessions import Ended, LiveSession
from hipform.web.preferences import LIVE_MODEL, MODELS
from hipform.web.requests import get, page
from hipform.web.views import exercise_choices, in_the_apps_words
from hipform.web.workplace import Workplace

_FACTS = ("athlete", "load", "note")
_SMALLEST_PX, _LARGEST_PX, _FASTEST_FPS = 160, 1920, 120
_HEAD = struct.Struct("<d")
"""Before each image, in both directions: when it was captured, seconds by the clock of the page."""
_LATEST_S = 1e9
_REFUSED = 4000


async def live_page(request: Request) -> Response:
    """Answer with the page of live training, the only one that may use the camera."""
    place: Workplace = request.app.state.workplace
    answer = page(
        request,
        "live.html.j2",
        exercises=exercise_choices(),
        athletes=list(known_athletes(place).values()),
        models=MODELS,
        model=LIVE_MODEL,
    )
    answer.headers["permissions-policy"] = "camera=(self), microphone=(), geolocation=()"
    return answer


async def live_socket(socket: WebSocket) -> None:
    """Film a training: first what is asked, as JSON, then frames and commands."""
    await socket.accept()
    outbox = _Outbox()
    try:
        asked = await asyncio.wait_for(socket.receive_text(), SILENT_LIMIT_S)
        session = await run_in_threadpool(_begin, socket.app.state.workplace, asked, outbox)
    except HipformError as error:
        await socket.send_json({"problem": in_the_apps_words(str(error))})
        await socket.close(_REFUSED)
        return
    except (TimeoutError, WebSocketDisconnect, KeyError):
        await _closed(socket)
        return
    sending = asyncio.create_task(outbox.send_to(socket))
    receiving = asyncio.create_task(_receive(socket, session, outbox))
    try:
        await asyncio.wait((sending, receiving), return_when=asyncio.FIRST_COMPLETED)
        if receiving.done() and receiving.result():
            await sending
    finally:
        # Whatever happened to the page, what was filmed is kept.
        session.give(Command.QUIT)
        for task in (sending, receiving):
            task.cancel()
        await asyncio.gather(sending, receiving, return_exceptions=True)
        await _closed(socket)


async def _closed(socket: WebSocket) -> None:
    if socket.application_state is WebSocketState.CONNECTED:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close()


async def _receive(socket: WebSocket, session: LiveSession, outbox: _Outbox) -> bool:
    """Hand on frames and commands; return whether the user has ended the training, rather than left the page."""
    while True:
        try:
            message = await asyncio.wait_for(socket.receive(), SILENT_LIMIT_S)
        except TimeoutError:
            # A page that waits for hipform has nothing to send.
            if session.is_behind:
                continue
            return False
        command = _command(message.get("text"))
        frame = _frame(message.get("bytes"))
        if command:
            session.give(command)
            if command is Command.QUIT:
                return True
        elif frame is None:
            # The page has gone, or it is not ours.
            return False
        elif not session.push(frame):
            outbox.put(Taken())


def _frame(data: bytes | None) -> PushedFrame | None:
    """Return the frame in a message; ``None`` if it is not one."""
    if data is None or len(data) <= _HEAD.size:
        return None
    (captured_s,) = _HEAD.unpack_from(data)
    if not 0 <= captured_s < _LATEST_S:
        return None
    return PushedFrame(captured_s, data[_HEAD.size :])


def _command(text: str | None) -> Command | None:
    try:
        return Command(text or "")
    except ValueError:
        return None


def _begin(place: Workplace, text: str, outbox: _Outbox) -> LiveSession:
    """Begin what the page asks for.

    Raises
    ------
    HipformError
        If it cannot be done, or is not understood.
    """
    asked = _asked(text)
    order = _order(asked)
    athlete = order.correction.training.athlete
    width_px, height_px, fps = _camera(asked)
    training = BrowserTraining(
        exercise=order.exercise,
        model=order.model,
        settings=place.preferences.now.settings,
        calibrations=tuple(kept_calibrations(athlete)[0]) if athlete else (),
        width_px=width_px,
        height_px=height_px,
        fps=fps,
        speaker=_speaker(asked),
    )
    return place.live.begin(order, training, outbox.put)


def _asked(text: str) -> Mapping[str, object]:
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("The request is not understood.") from error
    if not isinstance(asked, dict):
        raise InputError("The request is not understood.")
    return asked


def _order(asked: Mapping[str, object]) -> Order:
    facts = {fact: value for fact in _FACTS if isinstance(value := asked.get(fact), str) and value.strip()}
    exercise, model = asked.get("exercise"), asked.get("model")
    facts["exercise"] = exercise if isinstance(exercise, str) and exercise else AUTO
    facts["model"] = model if isinstance(model, str) and model in MODELS else LIVE_MODEL
    return new_order(f"live {datetime.now().astimezone():%Y-%m-%d %H.%M}.mp4", **facts)


def _speaker(asked: Mapping[str, object]) -> Speaker:
    try:
        return Speaker(str(asked.get("speaker")))
    except ValueError as error:
        raise InputError("The request is not understood.") from error


def _camera(asked: Mapping[str, object]) -> tuple[int, int, float]:
    """Return width, height and rate of the camera's frames."""
    width_px, height_px, fps = asked.get("width"), asked.get("height"), asked.get("fps")
    if (
        isinstance(width_px, int)
        and isinstance(height_px, int)
        and isinstance(fps, int | float)
        and all(_SMALLEST_PX <= side <= _LARGEST_PX for side in (width_px, height_px))
        and 1 <= fps <= _FASTEST_FPS
    ):
        return width_px, height_px, float(fps)
    raise InputError("The camera's frames have a size or rate that hipform does not take.", "Choose another one.")


class _Outbox:
    """What waits to be sent to the page: of drawn frames only the newest, so that a slow page is never behind."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._has_news = asyncio.Event()
        self._texts: list[dict[str, object]] = []
        self._n_taken = 0
        self._shown: Shown | None = None
        self._state: object = None
        self._has_ended = False

    def put(self, message: object) -> None:
        """Take a message; any thread may call this."""
        # The loop may have ended with the app.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._put, message)

    def _put(self, message: object) -> None:
        match message:
            case Shown():
                self._shown = message
            case Taken():
                self._n_taken += 1
            case Said(text):
                # A page that does not read gets the last one only.
                self._texts = [one for one in self._texts if "say" not in one]
                self._texts.append({"say": text})
            case Noticed(text):
                self._texts.append({"notice": text})
            case Ended(entry=entry, problem=problem):
                problem = in_the_apps_words(problem)
                self._texts.append({"ended": True, "set": entry.id if entry else "", "problem": problem})
                self._has_ended = True
        self._has_news.set()

    async def send_to(self, socket: WebSocket) -> None:
        """Send until the end of the training."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while not self._has_ended or self._texts:
                await self._has_news.wait()
                self._has_news.clear()
                texts, self._texts, shown, self._shown = self._texts, [], self._shown, None
                taken, self._n_taken = self._n_taken, 0
                if taken:
                    texts.append({"taken": taken})
                for text in texts:
                    await socket.send_json(text)
                if shown:
                    if shown.state != self._state:
                        self._state = shown.state
                        await socket.send_json({"state": shown.state})
                    await socket.send_bytes(_HEAD.pack(shown.captured_s) + shown.jpeg)


LIVE_ROUTES = [get("/live", live_page), WebSocketRoute("/live/socket", live_socket)]
