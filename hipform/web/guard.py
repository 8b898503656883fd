"""What every request must satisfy before a route sees it, and the headers of every response.

A page of another site can make a browser send requests to this computer, and can even make its own name lead here (DNS
rebinding). Therefore the Host header must be an address of the app, the Origin header must be the same, and the cookie
is never sent along from elsewhere (SameSite=Strict). Other users of this computer do not have the cookie.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hipform.web.limits import PIECE_LIMIT_S

_SAFE = frozenset({"GET", "HEAD"})
_OWN_SITE = frozenset({"same-origin", "none"})
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""For the app's own pages."""
FRAMED_POLICY = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
"""For the app's answer where a report was to be shown in a frame."""
REPORT_POLICY = "frame-ancestors 'self'; object-src 'none'; worker-src 'none'; connect-src 'none'; form-action 'none'"
"""For reports, beside the policy in each, which allows its own scripts by their hashes and nothing else."""
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}


def session_value(key: str) -> str:
    """Return the value of the cookie that proves that its sender had *key*."""
    return hmac.new(key.encode(), b"hipform session", hashlib.sha256).hexdigest()


class Guard:
    """Refuses requests that are not from a page of the app.

    Parameters
    ----------
    app
        The routes.
    hosts
        Returns the Host headers that are accepted.
    owner_of
        Returns the owner of a cookie's value, ``None`` if it proves nothing. The owner is put into the scope.
    cookie
        Name of the cookie.
    open_paths
        Paths that need no cookie; those that end with a slash stand for all below.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Callable[[], frozenset[str]],
        owner_of: Callable[[str], str | None],
        cookie: str,
        open_paths: tuple[str, ...],
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._owner_of = owner_of
        self._cookie = cookie
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer that it is refused."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope["owner"] = self._owner_of(_cookie(headers, self._cookie))
        if scope["type"] == "websocket":
            if self._may_connect(scope, headers):
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self._refusal(scope, headers)
        app = self._app if refusal is None else refusal
        await app(scope, _unless_slow(receive), _with_headers(send))

    def _refusal(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts():
            return PlainTextResponse("This address is not the app's.", 421)
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
        is_own = origin == f"{scope['scheme']}://{hosts[0].lower()}"
        is_opened = scope["path"] == "/" and scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if (origin is not None and not is_own) or (site not in _OWN_SITE and not is_opened):
            return PlainTextResponse("Requests from other sites are refused.", 403)
        if scope["method"] not in _SAFE and not is_own:
            return PlainTextResponse("The request does not say which page it is from.", 403)
        if scope["owner"] is None and not self._is_open(scope["path"]):
            return PlainTextResponse("Open the app by the address that it printed when it started.", 401)
        return None

    def _may_connect(self, scope: Scope, headers: Headers) -> bool:
        """Return whether a WebSocket is from a page of the app: browsers let any page open one, and send the cookie."""
        hosts = headers.getlist("host")
        is_named = len(hosts) == 1 and hosts[0].lower() in self._hosts()
        is_own = is_named and headers.getlist("origin") == [f"http://{hosts[0].lower()}"]
        return is_own and scope["owner"] is not None

    def _is_open(self, path: str) -> bool:
        return any(
            path == one or (one.endswith("/") and one != "/" and path.startswith(one)) for one in self._open_paths
        )


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


class SlowClientError(Exception):
    """A client was silent for too long within a request."""


def _unless_slow(receive: Receive) -> Receive:
    """Return *receive* with a limit on the time between two pieces of a request's body."""
    is_whole = False

    async def limited() -> Message:
        nonlocal is_whole
        if is_whole:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), PIECE_LIMIT_S)
        except TimeoutError as error:
            raise SlowClientError from error
        is_whole = not message.get("more_body", False)
        return message

    return limited


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("content-security-policy", POLICY)
        await send(message)

    return sent
