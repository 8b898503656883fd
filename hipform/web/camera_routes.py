"""The routes of a phone that is the camera of a live training.

Its page sends one request for each frame. A WebSocket would do with less, but iPhones open none to a server whose
certificate their user has accepted by hand.
"""

from __future__ import annotations

import asyncio
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hipform.errors import InputError
from hipform.web.camera_messages import camera_mode_in, frame_in
from hipform.web.limits import MAX_FRAME_BYTES
from hipform.web.requests import body_of, json_of, page, post, workplace_of

_LOOK_EVERY_S = 0.005
_ANSWER_LIMIT_S = 2.0
"""A frame is answered after this time even if the training is slow, so that the phone hears what it has to say."""


def camera_page(request: Request) -> Response:
    """Answer with the page that films live."""
    answer = page(request, "phone_camera.html.j2")
    answer.headers["permissions-policy"] = "camera=(self), microphone=(), geolocation=()"
    return answer


async def note_camera(request: Request) -> Response:
    """Note that the phone is ready; answer whether a training wants its frames."""
    facts = await json_of(request)
    camera = workplace_of(request).phone_cameras.note(
        request.scope["owner"], camera_mode_in(facts), has_voice=facts.get("voice") is True
    )
    return JSONResponse({"films": camera.is_filming})


async def take_frame(request: Request) -> Response:
    """Take a frame; answer with what the phone has to say, and whether the training goes on."""
    frame = frame_in(await body_of(request, MAX_FRAME_BYTES))
    if frame is None:
        raise InputError("The request is not understood.")
    camera = workplace_of(request).phone_cameras.find(request.scope["owner"])
    say = camera.push(frame)
    # The phone sends another when this is answered, so that no frame is sent in vain.
    until_s = time.monotonic() + _ANSWER_LIMIT_S
    while camera.is_behind and time.monotonic() < until_s:
        await asyncio.sleep(_LOOK_EVERY_S)
    return JSONResponse({"films": camera.is_filming, "say": say})


CAMERA_ROUTES = [post("/camera", note_camera), post("/camera/frames", take_frame)]
