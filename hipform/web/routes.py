"""The routes of the app's own pages: each reads a request, calls the library or its queue, and answers."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from typing import IO, Any
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from hipform.app.result_downloads import report_in, write_archive
from hipform.batch.clip_queue import SetState, State
from hipform.batch.library import LibrarySet
from hipform.config import SETTINGS
from hipform.errors import ConfigError, InputError
from hipform.exercises import AUTO
from hipform.feedback.advice import exercise_name
from hipform.report.result import FILES
from hipform.store import History, history_path
from hipform.texts import LANGUAGES
from hipform.types import Side
from hipform.web import athletes
from hipform.web.guard import session_value
from hipform.web.limits import MAX_STREAMS
from hipform.web.live_routes import LIVE_ROUTES
from hipform.web.phone_routes import COMPUTER_ROUTES
from hipform.web.preferences import MODELS, limits_of
from hipform.web.requests import (
    asset,
    form_of,
    get,
    json_of,
    page,
    post,
    report_response,
    result_file,
    texts_of,
    workplace_of,
)
from hipform.web.upload_routes import UPLOAD_ROUTES
from hipform.web.uploads import label_of
from hipform.web.views import exercise_choices, row_of, rows_of, state_in_words
from hipform.web.workplace import Workplace

COOKIE = "hipform"
_YEAR_S = 365 * 24 * 3600
_LOOK_EVERY_S = 0.25
_TURNS = ("0", "90", "180", "270")
_PEOPLE = ("left", "right", "nearest", "1", "2", "3", "4", "5")
_SPEEDS = ("1", "2", "4", "8")
_FACTS = ("athlete", "load", "note", "date")


# ------------------------------------------------------------------------------------------------------- the library


async def library_page(request: Request) -> Response:
    """Answer with the page of all sets, or with that for a browser that is not known yet."""
    if request.scope["owner"] is None:
        return page(request, "sign_in.html.j2")
    place = workplace_of(request)
    return page(request, "library.html.j2", **_library(request), **_choices(request), model=place.preferences.now.model)


async def library_rows(request: Request) -> Response:
    """Answer with the list of sets alone, for a page that is open."""
    return page(request, "library_rows.html.j2", **_library(request))


def _library(request: Request) -> dict[str, Any]:
    place, texts = workplace_of(request), texts_of(request)
    rows = rows_of(place.library.sets(), place.queue.states())
    return {
        "rows": [(row, state_in_words(row.state, texts)) for row in rows],
        "waiting": sum(row.state.state in (State.WAITING, State.RUNNING) for row in rows),
    }


def _choices(request: Request) -> dict[str, Any]:
    return {
        "exercises": exercise_choices(texts_of(request)),
        "athletes": list(athletes.known_athletes(workplace_of(request)).values()),
        "models": MODELS,
    }


async def sign_in(request: Request) -> Response:
    """Give the cookie to a browser that has the key."""
    key = (await json_of(request)).get("key")
    place = workplace_of(request)
    if not isinstance(key, str) or not place.admits(key):
        return PlainTextResponse("The key is not this app's.", 403)
    response = Response(status_code=204)
    response.set_cookie(COOKIE, session_value(place.key), max_age=_YEAR_S, path="/", httponly=True, samesite="strict")
    return response


async def new_code(request: Request) -> Response:
    """Make a code that signs one more browser in."""
    return PlainTextResponse(workplace_of(request).new_code())


async def who(_request: Request) -> Response:
    """Answer a page that asks whether its browser is known; the guard has refused it if not."""
    return Response(status_code=204)


async def events(request: Request) -> Response:
    """Answer with a stream of the states of all sets that are not done."""
    place = workplace_of(request)
    if place.n_streams >= MAX_STREAMS:
        raise InputError("Too many pages of the app are open.", "Close some.")
    return StreamingResponse(_news(request, place), media_type="text/event-stream")


async def _news(request: Request, place: Workplace) -> AsyncIterator[str]:
    texts, sent = texts_of(request), ""
    place.n_streams += 1
    try:
        while not place.is_ending:
            version = place.queue.version
            states = await run_in_threadpool(place.queue.states)
            open_ones = {
                name: {
                    "state": state.state,
                    "drawing": state.is_drawing,
                    "share": state.share,
                    "words": state_in_words(state, texts),
                }
                for name, state in states.items()
                if state.state in (State.WAITING, State.RUNNING)
            }
            news = json.dumps({"version": version, "sets": open_ones})
            if news != sent:
                yield f"data: {news}\n\n"
                sent = news
            await asyncio.sleep(_LOOK_EVERY_S)
    finally:
        place.n_streams -= 1


# --------------------------------------------------------------------------------------------------------------- a set


async def set_page(request: Request) -> Response:
    """Answer with the page of one set."""
    place, texts = workplace_of(request), texts_of(request)
    entry = place.library.find(request.path_params["set"])
    state = place.queue.states().get(entry.id, SetState(state=State.WAITING))
    row = row_of(entry, state)
    others = [
        (other.entry.id, f"{other.entry.order.label} ({other.day})")
        for other in rows_of(place.library.sets(), place.queue.states())
        if other.result and row.result and other.entry.id != entry.id and other.result.exercises == row.result.exercises
    ]
    context = {**_choices(request), "row": row, "order": entry.order, "words": state_in_words(state, texts)}
    athlete = entry.order.athlete
    key = athletes.key_of(athlete) if athlete else None
    return page(
        request,
        "set.html.j2",
        **context,
        others=others,
        turns=_TURNS,
        speeds=_SPEEDS,
        people=_PEOPLE,
        maybe=await run_in_threadpool(_alternatives, place, entry),
        athlete_key=key,
        done=request.query_params.get("done"),
    )


def _alternatives(place: Workplace, entry: LibrarySet) -> list[tuple[str, str]]:
    """Return slugs and names of what the recognised exercises may be instead."""
    if not entry.has_result or entry.order.exercise != AUTO:
        return []
    try:
        sets = place.library.results(entry.id).result.sets
    except InputError:
        return []
    slugs = {found.alternative for found in sets if found.alternative}
    return [(slug, exercise_name(slug)) for slug in sorted(slugs)]


async def correct(request: Request) -> Response:
    """Take the corrections of a set, which is judged again."""
    place, name = workplace_of(request), request.path_params["set"]
    form = await form_of(request)
    facts: dict[str, object] = {fact: form.get(fact) or None for fact in _FACTS}
    facts |= {end: _seconds(form.get(end, "")) for end in ("start_s", "end_s")}
    facts["turn_deg"] = int(turn) if (turn := form.get("turn_deg", "")) in _TURNS else None
    facts["person"] = person if (person := form.get("person", "")) in _PEOPLE else AUTO
    facts["side"] = side if (side := form.get("side", "")) in tuple(Side) else None
    facts["speed"] = float(speed) if (speed := form.get("speed", "")) in _SPEEDS else None
    label, model = form.get("label"), form.get("model")
    facts["exercise"] = form.get("exercise") or AUTO
    if label:
        facts["label"] = label_of(label)
    if model in MODELS:
        facts["model"] = model
    await run_in_threadpool(place.library.ask, name, **facts)
    place.queue.notice()
    return RedirectResponse(f"/sets/{place.library.find(name).id}", 303)


def _seconds(text: str) -> float | None:
    if not text:
        return None
    minutes, _, seconds = text.replace(",", ".").rpartition(":")
    try:
        time_s = 60 * int(minutes or 0) + float(seconds)
    except ValueError as error:
        raise ConfigError(
            "{given!r} is not a time.", "Write seconds, such as 12.5, or minutes: 1:12.5.", given=text[:40]
        ) from error
    if not 0 <= time_s < 1e6:
        raise ConfigError("{given!r} is not a time in a clip.", "Write seconds, such as 12.5.", given=text[:40])
    return time_s


async def judge_as(request: Request) -> Response:
    """Have a set judged as another exercise, which it may be."""
    place, name = workplace_of(request), request.path_params["set"]
    await run_in_threadpool(place.library.ask, name, exercise=(await form_of(request)).get("exercise") or AUTO)
    place.queue.notice()
    return RedirectResponse(f"/sets/{place.library.find(name).id}", 303)


async def cancel(request: Request) -> Response:
    """Cancel a set that is waiting or running."""
    place = workplace_of(request)
    await run_in_threadpool(place.queue.cancel, request.path_params["set"])
    return await _back(request)


async def retry(request: Request) -> Response:
    """Ask the same about a set once more."""
    place = workplace_of(request)
    await run_in_threadpool(place.library.ask, request.path_params["set"])
    place.queue.notice()
    return await _back(request)


async def delete(request: Request) -> Response:
    """Delete a set."""
    await run_in_threadpool(workplace_of(request).queue.delete, request.path_params["set"])
    return RedirectResponse("/", 303)


async def _back(request: Request) -> Response:
    """Answer with the page from which a button was pressed."""
    form = await form_of(request)
    name = workplace_of(request).library.find(request.path_params["set"]).id
    return RedirectResponse(f"/sets/{name}" if form.get("from") == "set" else "/", 303)


async def calibrate(request: Request) -> Response:
    """Keep the lockout and the neutral of a set for its athlete."""
    place, name = workplace_of(request), request.path_params["set"]
    await run_in_threadpool(athletes.calibrate_from, place, place.library.find(name))
    return RedirectResponse(f"/sets/{name}?done=calibrated", 303)


async def result_part(request: Request) -> Response:
    """Answer with the report of a set, its video or another part that pages show."""
    place = workplace_of(request)
    entry, name = place.library.find(request.path_params["set"]), request.path_params["file"]
    language = texts_of(request).language
    if name == FILES["report"] and entry.has_result and language != entry.order.language:
        html = await run_in_threadpool(report_in, language, place.library.results(entry.id))
        return report_response(html)
    return result_file(place.library.store.root / entry.id, name)


async def archive(request: Request) -> Response:
    """Answer with the results folder of a set as a zip archive."""
    place = workplace_of(request)
    entry = place.library.find(request.path_params["set"])
    place.library.results(entry.id)
    file: IO[bytes] = tempfile.TemporaryFile(dir=place.library.store.work)  # noqa: SIM115 - closed after it is sent
    await run_in_threadpool(write_archive, place.library.store.root / entry.id, file)
    size = file.tell()
    file.seek(0)
    headers = {**_as_download(entry, ".zip"), "content-length": str(size)}
    closing = BackgroundTask(file.close)
    return StreamingResponse(_blocks(file), media_type="application/zip", headers=headers, background=closing)


async def _blocks(file: IO[bytes]) -> AsyncIterator[bytes]:
    while block := await run_in_threadpool(file.read, 1 << 20):
        yield block


async def one_file(request: Request) -> Response:
    """Answer with the report of a set as one file to send."""
    place = workplace_of(request)
    entry = place.library.find(request.path_params["set"])
    language = texts_of(request).language
    html = await run_in_threadpool(report_in, language, place.library.results(entry.id), embed=True)
    return HTMLResponse(html, headers=_as_download(entry, ".html"))


def _as_download(entry: LibrarySet, ending: str) -> dict[str, str]:
    stem = entry.order.label.rpartition(".")[0] or entry.order.label
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(stem + ending, safe='')}"}


# ---------------------------------------------------------------------------------------------------------- athletes


async def athletes_page(request: Request) -> Response:
    """Answer with a card for each athlete."""
    cards = await run_in_threadpool(athletes.cards, workplace_of(request))
    return page(request, "athletes.html.j2", cards=cards)


async def athlete_page(request: Request) -> Response:
    """Answer with the page of one athlete."""
    place, texts = workplace_of(request), texts_of(request)
    key = request.path_params["athlete"]
    name = athletes.name_of(place, key)
    own = [one for one in place.library.sets() if one.order.athlete and athletes.key_of(one.order.athlete) == key]
    rows = rows_of(own, place.queue.states())
    shown = [(row, state_in_words(row.state, texts)) for row in rows]
    calibrations = await run_in_threadpool(athletes.calibrations_of, name)
    return page(request, "athlete.html.j2", name=name, key=key, rows=shown, calibrations=calibrations)


async def progress(request: Request) -> Response:
    """Answer with the progress page of an athlete."""
    place = workplace_of(request)
    name = athletes.name_of(place, request.path_params["athlete"])
    return report_response(await run_in_threadpool(athletes.progress_of, name, texts_of(request)))


async def delete_athlete(request: Request) -> Response:
    """Delete an athlete: sets, history and calibrations."""
    place = workplace_of(request)
    name = athletes.name_of(place, request.path_params["athlete"])
    await run_in_threadpool(athletes.delete_athlete, place, name)
    return RedirectResponse("/athletes", 303)


async def comparison_page(request: Request) -> Response:
    """Answer with the page around a comparison."""
    place = workplace_of(request)
    first, second = (place.library.find(request.query_params.get(name, "")) for name in ("first", "second"))
    return page(request, "comparison.html.j2", first=first, second=second)


async def comparison(request: Request) -> Response:
    """Answer with the comparison of two sets; its address is as deep as its file, so that its videos are found."""
    first, second = request.path_params["first"], request.path_params["second"]
    place, texts = workplace_of(request), texts_of(request)
    return report_response(await run_in_threadpool(athletes.comparison_of, place, first, second, texts))


# ---------------------------------------------------------------------------------------------------------- settings


async def settings_page(request: Request) -> Response:
    """Answer with the page of the settings."""
    place = workplace_of(request)
    used = await run_in_threadpool(place.used_bytes)
    return page(
        request,
        "settings.html.j2",
        now=place.preferences.now,
        settings=list(SETTINGS.values()),
        models=MODELS,
        languages=LANGUAGES,
        used=used,
        folder=str(place.library.root),
        history=str(history_path()),
        n_cores=place.n_cores,
        done=request.query_params.get("done"),
    )


async def change_settings(request: Request) -> Response:
    """Take new settings; they apply to what is analysed from now on."""
    form = await form_of(request)
    limits = limits_of(form)
    place = workplace_of(request)
    place.preferences.change(
        model=form.get("model"),
        language=form.get("language") or None,
        limits=limits,
        keeps_clips=form.get("keeps_clips") == "yes",
    )
    return RedirectResponse("/settings?done=saved", 303)


async def delete_all(request: Request) -> Response:
    """Delete every set, what is arriving, the history and all calibrations."""
    form = await form_of(request)
    if form.get("sure") != "yes":
        raise ConfigError("Nothing was deleted.", "Tick the box first.")
    await run_in_threadpool(_delete_all, workplace_of(request))
    return RedirectResponse("/settings?done=deleted", 303)


def _delete_all(place: Workplace) -> None:
    # First, so that none of them becomes a set meanwhile.
    place.uploads.drop_all_but(())
    for entry in place.library.sets():
        place.queue.delete(entry.id)
    with History(history_path()) as history:
        history.delete(history.sets())
    athletes.forget_calibrations(None)


OPEN_PATHS = ("/", "/session", "/assets/")
ROUTES = [
    get("/", library_page),
    post("/session", sign_in),
    post("/codes", new_code),
    get("/known", who),
    get("/assets/{name}", asset),
    get("/library", library_rows),
    get("/events", events),
    *UPLOAD_ROUTES,
    *LIVE_ROUTES,
    *COMPUTER_ROUTES,
    get("/sets/{set}", set_page),
    post("/sets/{set}/correct", correct),
    post("/sets/{set}/judge-as", judge_as),
    post("/sets/{set}/cancel", cancel),
    post("/sets/{set}/retry", retry),
    post("/sets/{set}/delete", delete),
    post("/sets/{set}/calibrate", calibrate),
    get("/results/{set}/folder.zip", archive),
    get("/results/{set}/report-in-one-file.html", one_file),
    get("/results/compare/{first}/{second}", comparison),
    get("/results/{set}/{file}", result_part),
    get("/compare", comparison_page),
    get("/athletes", athletes_page),
    get("/athletes/{athlete}", athlete_page),
    get("/athletes/{athlete}/progress", progress),
    post("/athletes/{athlete}/delete", delete_athlete),
    get("/settings", settings_page),
    post("/settings", change_settings),
    post("/settings/delete-all", delete_all),
]
