"""The routes by which clips arrive, from this computer and from phones."""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hipform.batch.library import new_order
from hipform.errors import InputError, one_line
from hipform.exercises import AUTO
from hipform.web.preferences import MODELS
from hipform.web.requests import get, json_of, pieces_of, post, texts_of, workplace_of
from hipform.web.uploads import Upload, label_of

_FACTS = ("athlete", "load", "note", "date")
_MAX_MARK = 500
_POSITION = re.compile(r"[0-9]{1,15}")


async def begin(request: Request) -> Response:
    """Begin to take a clip, or continue with one that broke off; answer with its id and how much has arrived."""
    place, asked = workplace_of(request), await json_of(request)
    name, size, mark = asked.get("name"), asked.get("size"), asked.get("mark")
    if not isinstance(name, str) or not isinstance(mark, str) or not isinstance(size, int) or isinstance(size, bool):
        raise InputError("The request is not understood.")
    facts = {fact: value for fact in _FACTS if isinstance(value := asked.get(fact), str) and value.strip()}
    exercise, model = asked.get("exercise"), asked.get("model")
    facts["exercise"] = exercise if isinstance(exercise, str) and exercise else AUTO
    facts["model"] = model if isinstance(model, str) and model in MODELS else place.preferences.now.model
    facts["language"] = texts_of(request).language
    upload = place.uploads.begin(
        new_order(label_of(name), **facts), size, one_line(mark)[:_MAX_MARK], request.scope["owner"]
    )
    return JSONResponse({"id": upload.id, "arrived": upload.n_bytes})


async def arrived(request: Request) -> Response:
    """Answer how much of a clip has arrived."""
    upload = _upload_of(request)
    return JSONResponse({"arrived": upload.n_bytes, "size": upload.size})


async def take_piece(request: Request) -> Response:
    """Take a piece of a clip; the last one puts the clip into the queue."""
    place, upload = workplace_of(request), _upload_of(request)
    first_byte = request.path_params["first_byte"]
    if not _POSITION.fullmatch(first_byte):
        raise InputError("The request is not understood.")
    await place.uploads.append(upload, int(first_byte), pieces_of(request))
    if upload.n_bytes < upload.size:
        return JSONResponse({"arrived": upload.n_bytes})
    entry = await run_in_threadpool(place.uploads.finish, upload)
    place.note_sender(entry.id, request.scope["owner"])
    place.queue.notice()
    return JSONResponse({"arrived": upload.size, "set": entry.id})


def _upload_of(request: Request) -> Upload:
    return workplace_of(request).uploads.find(request.path_params["upload"], request.scope["owner"])


UPLOAD_ROUTES = [
    post("/uploads", begin),
    get("/uploads/{upload}", arrived),
    post("/uploads/{upload}/{first_byte}", take_piece, "PUT"),
]
