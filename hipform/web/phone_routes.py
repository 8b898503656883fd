"""The routes that a phone reaches, and those of the page that lets it in."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp

from hipform.errors import InputError
from hipform.web.camera_routes import CAMERA_ROUTES, camera_page
from hipform.web.guard import Guard
from hipform.web.phones import OFF_AFTER_S, Use, local_addresses
from hipform.web.requests import asset, form_of, get, json_of, page, post, result_file, texts_of, workplace_of
from hipform.web.upload_routes import UPLOAD_ROUTES
from hipform.web.uploads import label_of
from hipform.web.views import exercise_choices, rows_of, state_in_words
from hipform.web.workplace import Workplace

_COOKIES = {Use.CLIPS: "hipform-phone", Use.LIVE: "__Host-hipform-camera"}
"""Cookies of phones, by what they may do; browsers send the second one over encrypted connections only."""

# ------------------------------------------------------------------------------------------------- for this computer


async def phones_page(request: Request) -> Response:
    """Answer with the page that switches access on and shows the codes."""
    phones = workplace_of(request).phones
    shown = request.query_params.get("show", "")
    device = phones.devices.get(shown)
    return page(
        request,
        "phones.html.j2",
        address=phones.addresses.get(Use.CLIPS, ""),
        fingerprint=phones.fingerprint,
        addresses=await run_in_threadpool(local_addresses),
        devices=list(phones.devices.values()),
        shown=device if device and not device.is_paired else None,
        link=phones.link_of(device) if device and not device.is_paired else "",
        off_after_min=round(OFF_AFTER_S / 60),
    )


async def switch_on(request: Request) -> Response:
    """Switch access on at the chosen address, and show the first code."""
    place = workplace_of(request)
    form = await form_of(request)
    await run_in_threadpool(place.phones.switch_on, form.get("address", ""), phone_apps(place))
    return RedirectResponse(f"/phone?show={place.phones.add('').id}", 303)


async def switch_off(request: Request) -> Response:
    """Switch access off."""
    await run_in_threadpool(workplace_of(request).phones.switch_off)
    return RedirectResponse("/phone", 303)


async def add_device(request: Request) -> Response:
    """Make a code for one more phone."""
    form = await form_of(request)
    name, use = form.get("name", ""), Use.LIVE if form.get("use") == Use.LIVE else Use.CLIPS
    device = workplace_of(request).phones.add(label_of(name) if name else "", use)
    return RedirectResponse(f"/phone?show={device.id}", 303)


async def revoke(request: Request) -> Response:
    """Disconnect a phone."""
    workplace_of(request).phones.revoke(request.path_params["device"])
    return RedirectResponse("/phone", 303)


async def code(request: Request) -> Response:
    """Answer with the code of a phone as an image."""
    phones = workplace_of(request).phones
    return Response(phones.code_of(phones.find(request.path_params["device"])), media_type="image/svg+xml")


async def is_paired(request: Request) -> Response:
    """Answer whether a phone has read its code."""
    device = workplace_of(request).phones.find(request.path_params["device"])
    return PlainTextResponse("yes" if device.is_paired else "no")


COMPUTER_ROUTES = [
    get("/phone", phones_page),
    post("/phone/on", switch_on),
    post("/phone/off", switch_off),
    post("/phone/devices", add_device),
    post("/phone/devices/{device}/revoke", revoke),
    get("/phone/devices/{device}/code.svg", code),
    get("/phone/devices/{device}/paired", is_paired),
]

# ------------------------------------------------------------------------------------------------------ for the phone


async def phone_page(request: Request) -> Response:
    """Answer with the page on the phone, or with that for a phone that is not known yet."""
    if request.scope["owner"] is None:
        return page(request, "phone_sign_in.html.j2")
    if request.app.state.use is Use.LIVE:
        return camera_page(request)
    return page(request, "phone.html.j2", exercises=exercise_choices(texts_of(request)), **_own(request))


async def own_sets(request: Request) -> Response:
    """Answer with the list of the sets that the phone has sent."""
    return page(request, "phone_sets.html.j2", **_own(request))


def _own(request: Request) -> dict[str, Any]:
    place, texts, owner = workplace_of(request), texts_of(request), request.scope["owner"]
    own = [entry for entry in place.library.sets() if place.senders.get(entry.id) == owner]
    rows = rows_of(own, place.queue.states())
    return {"rows": [(row, state_in_words(row.state, texts)) for row in rows]}


async def pair(request: Request) -> Response:
    """Give the cookie to a phone that has read its code."""
    key = (await json_of(request)).get("key")
    use: Use = request.app.state.use
    session = workplace_of(request).phones.pair(key, use) if isinstance(key, str) else None
    if session is None:
        return PlainTextResponse("The code is used up.", 403)
    response = Response(status_code=204)
    response.set_cookie(_COOKIES[use], session, path="/", httponly=True, samesite="strict", secure=use is Use.LIVE)
    return response


async def own_result(request: Request) -> Response:
    """Answer with a part of the results of a set that the phone has sent."""
    place = workplace_of(request)
    entry = place.library.find(request.path_params["set"])
    if place.senders.get(entry.id) != request.scope["owner"]:
        raise InputError("There is no such set.")
    return result_file(place.library.store.root / entry.id, request.path_params["file"])


async def known(_request: Request) -> Response:
    """Answer a page that asks whether its phone is known; the guard has refused it if not."""
    return Response(status_code=204)


def phone_apps(place: Workplace) -> dict[Use, ASGIApp]:
    """Return the apps for phones, by what they may do."""
    return {use: _phone_app(place, use) for use in Use}


def _phone_app(place: Workplace, use: Use) -> ASGIApp:
    phones = place.phones
    guard = Middleware(
        Guard,
        hosts=lambda: frozenset(address for one, address in phones.addresses.items() if one is use),
        owner_of=lambda session: phones.owner_of(session, use),
        cookie=_COOKIES[use],
        open_paths=("/", "/session", "/assets/"),
    )
    own = CAMERA_ROUTES if use is Use.LIVE else _CLIP_ROUTES
    app = Starlette(routes=[*_COMMON_ROUTES, *own], middleware=[guard])
    app.state.workplace = place
    app.state.use = use
    app.state.language = lambda: None
    return app


_COMMON_ROUTES = [
    get("/", phone_page),
    post("/session", pair),
    get("/known", known),
    get("/assets/{name}", asset),
]
_CLIP_ROUTES = [
    get("/own", own_sets),
    *UPLOAD_ROUTES,
    get("/results/{set}/{file}", own_result),
]
