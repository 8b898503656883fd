"""The page of live training, and the WebSocket on which its camera's frames come and drawn frames go back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import struct
from collections.abc import Mapping
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from hipform.app.browser_training import BrowserTraining, Noticed, Said, Shown, Speaker, Taken
from hipform.batch.library import Order, new_order
from hipform.config import Settings
from hipform.errors import HipformError, InputError
from hipform.exercises import AUTO
from hipform.feedback.trainer import least_rest_s
from hipform.render import Command
from hipform.store import kept_calibrations
from hipform.texts import Texts
from hipform.training import MAX_REPS, MAX_SETS, REST_BOUNDS_S
from hipform.web.athletes import known_athletes
from hipform.web.camera_messages import camera_mode_in, frame_in
from hipform.web.limits import SILENT_LIMIT_S
from hipform.web.live_sessions import Ended, LiveSession, MessageListener
from hipform.web.phone_cameras import PhoneCamera
from hipform.web.preferences import LIVE_MODEL, MODELS
from hipform.web.requests import get, page, texts_of, workplace_of
from hipform.web.views import exercise_choices, in_the_apps_words
from hipform.web.workplace import Workplace

_FACTS = ("athlete", "load", "note")
_HEAD = struct.Struct("<d")
"""Before each drawn image: when it was captured, seconds by the clock of its camera's page."""
_REFUSED = 4000
_PHONE = "phone"


async def live_page(request: Request) -> Response:
    """Answer with the page of live training, the only one that may use the camera."""
    place: Workplace = request.app.state.workplace
    answer = page(
        request,
        "live.html.j2",
        exercises=exercise_choices(texts_of(request)),
        athletes=list(known_athletes(place).values()),
        models=MODELS,
        model=LIVE_MODEL,
        bounds={"sets": (1, MAX_SETS), "rest": REST_BOUNDS_S, "reps": (1, MAX_REPS)},
    )
    answer.headers["permissions-policy"] = "camera=(self), microphone=(), geolocation=()"
    return answer


async def ready_phones(request: Request) -> Response:
    """Answer which phones could film: their ids and names."""
    place, texts = workplace_of(request), texts_of(request)
    ready = place.phone_cameras.ready()
    return JSONResponse(
        [
            {"id": device.id, "name": device.name or texts("Phone {n}", n=number)}
            for number, device in enumerate(list(place.phones.devices.values()), 1)
            if device.id in ready
        ]
    )


async def live_socket(socket: WebSocket) -> None:
    """Film a training: first what is asked, as JSON, then frames and commands."""
    await socket.accept()
    outbox = _Outbox(texts_of(socket))
    try:
        asked = await asyncio.wait_for(socket.receive_text(), SILENT_LIMIT_S)
        session, phone = await run_in_threadpool(_begin, socket.app.state.workplace, asked, outbox)
    except HipformError as error:
        await socket.send_json({"problem": in_the_apps_words(str(error), outbox.texts)})
        await socket.close(_REFUSED)
        return
    except (TimeoutError, WebSocketDisconnect, KeyError):
        await _closed(socket)
        return
    sending = asyncio.create_task(outbox.send_to(socket))
    receiving = asyncio.create_task(_receive(socket, session, phone, outbox))
    try:
        await asyncio.wait((sending, receiving), return_when=asyncio.FIRST_COMPLETED)
        if receiving.done() and receiving.result():
            await sending
    finally:
        # Whatever happened to the page, what was filmed is kept.
        session.give(Command.QUIT)
        for task in (sending, receiving):
            task.cancel()
        # Unlike a gather of cancelled tasks, this passes a cancellation of this function itself on as it came.
        ended, _ = await asyncio.wait((sending, receiving))
        for one in ended:
            # An error that nobody asks for would be logged.
            _ = one.cancelled() or one.exception()
        await _closed(socket)


async def _closed(socket: WebSocket) -> None:
    if socket.application_state is WebSocketState.CONNECTED:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close()


async def _receive(socket: WebSocket, session: LiveSession, phone: PhoneCamera | None, outbox: _Outbox) -> bool:
    """Hand on frames and commands; return whether the user has ended the training, rather than left the page."""
    while True:
        try:
            message = await asyncio.wait_for(socket.receive(), SILENT_LIMIT_S)
        except TimeoutError:
            # A page that waits for hipform has nothing to send, nor has one whose frames come from a phone.
            if session.is_behind or (phone and phone.is_there):
                continue
            return False
        command = _command(message.get("text"))
        frame = frame_in(message.get("bytes")) if phone is None else None
        if command:
            session.give(command)
            if command is Command.QUIT:
                return True
        elif frame is None:
            # The page has gone, or it is not ours.
            return False
        elif not session.push(frame):
            outbox.put(Taken())


def _command(text: str | None) -> Command | None:
    try:
        return Command(text or "")
    except ValueError:
        return None


def _begin(place: Workplace, text: str, outbox: _Outbox) -> tuple[LiveSession, PhoneCamera | None]:
    """Begin what the page asks for; return the training, and the phone that films it unless the page does.

    Raises
    ------
    HipformError
        If it cannot be done, or is not understood.
    """
    asked = _asked(text)
    order = _order(asked, outbox.texts.language)
    phone = place.phone_cameras.find(str(asked["phone"])) if asked.get("phone") else None
    athlete, settings = order.correction.training.athlete, place.preferences.now.settings
    training = BrowserTraining(
        exercise=order.exercise,
        model=order.model,
        settings=settings,
        calibrations=tuple(kept_calibrations(athlete)[0]) if athlete else (),
        n_sets=_whole_number(asked, "sets", 1, MAX_SETS),
        rest_s=_rest_s(asked, settings),
        target_reps=_whole_number(asked, "reps", 1, MAX_REPS),
        camera_name="phone's camera" if phone else "browser's camera",
        mode=phone.mode if phone else camera_mode_in(asked),
        speaker=_speaker(asked, phone),
        language=outbox.texts.language,
    )
    speaks = phone if phone and asked.get("speaker") == _PHONE else None
    session = place.live.begin(order, training, _listener(outbox, phone, speaks))
    if phone:
        phone.film(session)
    return session, phone


def _listener(outbox: _Outbox, phone: PhoneCamera | None, speaks: PhoneCamera | None) -> MessageListener:
    """Return what hands the messages of a training on to the page, and what is said to the phone that *speaks*."""

    def hand_on(message: object) -> None:
        if isinstance(message, Said) and speaks:
            speaks.say(message.text)
        # The page waits for its own frames only.
        if not (isinstance(message, Taken) and phone):
            outbox.put(message)

    return hand_on


def _whole_number(asked: Mapping[str, object], name: str, least: int, most: int) -> int | None:
    """Return a number of a form's field; ``None`` if the field is empty.

    Raises
    ------
    InputError
        If it is no whole number from *least* to *most*.
    """
    text = str(asked.get(name, "")).strip()
    if not text:
        return None
    # Not every digit that Python reads is one that a form sends.
    if text.isascii() and text.isdigit() and least <= int(text[:9]) <= most:
        return int(text)
    raise InputError(
        "{field}: {given!r} is not a whole number from {least} to {most}.",
        field=name.capitalize(),
        given=text[:40],
        least=least,
        most=most,
    )


def _rest_s(asked: Mapping[str, object], settings: Settings) -> float | None:
    rest_s, least_s = _whole_number(asked, "rest", *REST_BOUNDS_S), math.ceil(least_rest_s(settings))
    if rest_s is not None and rest_s < least_s:
        raise InputError(
            "A rest of {s} s is too short to end a set.", "Give {least} s or more.", s=rest_s, least=least_s
        )
    return rest_s


def _asked(text: str) -> Mapping[str, object]:
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("The request is not understood.") from error
    if not isinstance(asked, dict):
        raise InputError("The request is not understood.")
    return asked


def _order(asked: Mapping[str, object], language: str) -> Order:
    facts = {fact: value for fact in _FACTS if isinstance(value := asked.get(fact), str) and value.strip()}
    exercise, model = asked.get("exercise"), asked.get("model")
    facts["exercise"] = exercise if isinstance(exercise, str) and exercise else AUTO
    facts["model"] = model if isinstance(model, str) and model in MODELS else LIVE_MODEL
    return new_order(f"live {datetime.now().astimezone():%Y-%m-%d %H.%M}.mp4", language=language, **facts)


def _speaker(asked: Mapping[str, object], phone: PhoneCamera | None) -> Speaker:
    """Return who speaks; what a phone says goes through the page, and the computer speaks for one without a voice."""
    wanted = asked.get("speaker")
    if wanted == _PHONE and phone:
        return Speaker.PAGE if phone.has_voice else Speaker.COMPUTER
    try:
        return Speaker(str(wanted))
    except ValueError as error:
        raise InputError("The request is not understood.") from error


class _Outbox:
    """What waits to be sent to the page: of drawn frames only the newest, so that a slow page is never behind.

    Parameters
    ----------
    texts
        The texts in the language of the page.
    """

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
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
                self._texts.append({"notice": self.texts(text)})
            case Ended(entry=entry, problem=problem):
                problem = in_the_apps_words(problem, self.texts)
                self._texts.append({"ended": True, "set": entry.id if entry else "", "problem": problem})
                self._has_ended = True
        self._has_news.set()

    def _in_words(self, state: Mapping[str, object]) -> dict[str, object]:
        """Return a state with the texts that the page shows beside the image in its language."""
        words = dict(state)
        if exercise := state.get("exercise"):
            words["exercise"] = self.texts(str(exercise))
        if verdict := state.get("verdict"):
            words["verdict"] = self.texts(str(verdict))
        if isinstance(done := state.get("done"), list):
            words["done"] = [self.texts(text) for text in done]
        return words

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
                        await socket.send_json({"state": self._in_words(shown.state)})
                    await socket.send_bytes(_HEAD.pack(shown.captured_s) + shown.jpeg)


LIVE_ROUTES = [get("/live", live_page), get("/live/phones", ready_phones), WebSocketRoute("/live/socket", live_socket)]
