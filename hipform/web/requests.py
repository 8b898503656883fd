"""Reading of requests and making of answers, for all routes of the app."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from hipform import __version__
from hipform.errors import HipformError, InputError, OutputError
from hipform.report.pages import page_templates
from hipform.report.result import FILES, THUMBNAIL
from hipform.texts import Texts, language_of
from hipform.web.guard import FRAMED_POLICY, REPORT_POLICY, SlowClientError
from hipform.web.limits import MAX_FORM_BYTES
from hipform.web.views import in_the_apps_words
from hipform.web.workplace import Workplace

_HERE = Path(__file__).parent
_REPORT_ASSETS = Path(__file__).parent.parent / "report" / "assets"
_ASSETS = {
    "page.css": _REPORT_ASSETS / "page.css",
    **{path.name: path for path in sorted((_HERE / "assets").iterdir()) if path.suffix in (".css", ".js")},
}
"""Every file that is served as it is; a name that is not here leads nowhere."""
_TYPES = {".css": "text/css", ".js": "text/javascript"}
_SHOWN = {FILES["video"]: "video/mp4", THUMBNAIL: "image/jpeg", FILES["cues"]: "text/vtt"}
"""Files of results that pages show, beside the report."""

_log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]


def workplace_of(request: Request) -> Workplace:
    """Return what the app works with."""
    found: Workplace = request.app.state.workplace
    return found


def get(path: str, endpoint: Endpoint) -> Route:
    """Return a route for reading."""
    return Route(path, _refuses(endpoint), methods=["GET"])


def post(path: str, endpoint: Endpoint, method: str = "POST") -> Route:
    """Return a route that changes something."""
    return Route(path, _refuses(endpoint), methods=[method])


def page(request: Request, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """Return *template* rendered with *context*; all text in it is escaped."""
    texts = texts_of(request)
    templates = page_templates(_HERE / "templates")
    html = templates.get_template(template).render(_=texts, language=texts.language, version=__version__, **context)
    return HTMLResponse(html, status)


def texts_of(request: HTTPConnection) -> Texts:
    """Return the texts in the language of the user, or otherwise of the browser."""
    chosen = request.app.state.language()
    return Texts(chosen or language_of(request.headers.get("accept-language", "")))


async def body_of(request: Request, limit_bytes: int = MAX_FORM_BYTES) -> bytes:
    """Return the body of a request that holds a form or something else that is small.

    Raises
    ------
    InputError
        If it is too large.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit_bytes:
            raise InputError("The request is too large.")
    return bytes(body)


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form, without spaces around them."""
    text = (await body_of(request)).decode(errors="replace")
    return {name: value.strip() for name, value in parse_qsl(text, keep_blank_values=True)}


async def json_of(request: Request) -> Mapping[str, object]:
    """Return the JSON object in a request.

    Raises
    ------
    InputError
        If there is none.
    """
    try:
        found = json.loads(await body_of(request))
        # Half a character (a lone surrogate) can be written in JSON, and in nothing that follows.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise InputError("The request is not understood.") from error
    if not isinstance(found, dict):
        raise InputError("The request is not understood.")
    return found


def pieces_of(request: Request) -> AsyncIterator[bytes]:
    """Return the pieces of a request's body as they arrive."""
    return request.stream()


async def asset(request: Request) -> Response:
    """Answer with a style or a script."""
    path = _ASSETS.get(request.path_params["name"])
    if path is None:
        return PlainTextResponse("Not found.", 404)
    return FileResponse(path, media_type=_TYPES[path.suffix])


def result_file(folder: Path, name: str) -> Response:
    """Answer with a part of the results in *folder*; ranges are served, so that videos can be searched."""
    if name == FILES["report"]:
        kind, headers = "text/html", {"content-security-policy": REPORT_POLICY}
    elif name in _SHOWN:
        kind, headers = _SHOWN[name], {}
    else:
        return PlainTextResponse("Not found.", 404)
    path = folder / name
    if path.is_symlink() or not path.is_file():
        return PlainTextResponse("Not found.", 404)
    if name == THUMBNAIL:
        # The list shows it again and again, by an address that changes with the result.
        headers = {"cache-control": "private, max-age=86400"}
    return FileResponse(path, media_type=kind, headers=headers)


def report_response(html: str) -> HTMLResponse:
    """Answer with a page of the report's kind, which brings a policy of its own."""
    return HTMLResponse(html, headers={"content-security-policy": REPORT_POLICY})


def _refuses(endpoint: Endpoint) -> Endpoint:
    """Return *endpoint* with its errors as answers: a page for people, JSON for scripts."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except HipformError as error:
            what, status = in_the_apps_words(str(error), texts_of(request)), 404 if request.method == "GET" else 400
        except OSError as error:
            _log.warning("the files of the app cannot be used", exc_info=error)
            gone = OutputError(
                "{file} cannot be used: {cause}.",
                file=workplace_of(request).library.root,
                cause=error.strerror or error,
            )
            what, status = in_the_apps_words(str(gone), texts_of(request)), 503
        except (ClientDisconnect, SlowClientError):
            return PlainTextResponse("The request broke off.", 408, {"connection": "close"})
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse({"error": what}, status)
        is_framed = request.headers.get("sec-fetch-dest") == "iframe"
        answer = page(request, "problem.html.j2", status=status, what=what, is_framed=is_framed)
        if is_framed:
            answer.headers["content-security-policy"] = FRAMED_POLICY
        return answer

    return answered
