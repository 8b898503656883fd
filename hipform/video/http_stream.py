"""A stream from an http address: one connection to the given host, with limits on the data received from it."""

from __future__ import annotations

import contextlib
import errno
import http.client
import io
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import IO, Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from hipform.errors import CameraError, one_line

MAX_BYTES_PER_PICTURE = 64_000_000
"""More data than this without a frame is not a video stream; a frame of 40 megapixels takes less."""
_MAX_REDIRECTS = 5
_LONGEST_PLACE = 100
_PORTS = {"http": 80, "https": 443}

_OnOpen = Callable[[socket.socket], None]


class HttpStream(io.RawIOBase):
    """The bytes of a stream, as they arrive.

    Redirects are followed only to the same scheme, host and port. Proxies from the environment are not used, because a
    camera is in the user's own network.

    Parameters
    ----------
    url
        Address with ``http`` or ``https``; user and password in it are sent when the camera asks for them.
    timeout_s
        Time limit for connecting, answering and the first frame, and later between two frames.

    Attributes
    ----------
    media_type
        What the camera calls the stream, such as ``multipart/x-mixed-replace``.
    problem
        Why the stream ended; empty while it continues, or if the camera ended it.

    Raises
    ------
    CameraError
        If the camera redirects to another host, or the address is not valid.
    OSError
        If nothing answers in time, or the answer is not a stream.
    """

    def __init__(self, url: str, timeout_s: float) -> None:
        super().__init__()
        self._timeout_s = timeout_s
        self._socket: socket.socket | None = None
        self.problem = ""
        self.allow_next_picture()
        parts = urlsplit(url)
        clean_url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), _Http(self._keep), _SameOriginRedirects(), *_logins(parts, clean_url)
        )
        with self._in_time():
            self._response = opener.open(clean_url, timeout=timeout_s)
        self.media_type = str(self._response.headers.get_content_type())

    def allow_next_picture(self) -> None:
        """Renew the limits on time and bytes, because a frame has arrived."""
        self._until_s = time.monotonic() + self._timeout_s
        self._bytes_left = MAX_BYTES_PER_PICTURE

    def readable(self) -> bool:
        """Return True: the stream can be read, but not seeked."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the data that has arrived, at most *size* bytes; empty at the end, whose reason is in `problem`."""
        if self.problem:
            return b""
        left_s = self._until_s - time.monotonic()
        if left_s <= 0 or self._bytes_left <= 0:
            self.problem = "the data holds no frame that hipform can read"
            return b""
        assert self._socket is not None
        try:
            self._socket.settimeout(left_s)
            data: bytes = self._response.read1(size)
        except TimeoutError:
            self.problem = "no frame arrived in time"
            return b""
        # PyAV prints the error of a second failed read, so no error is raised through it.
        except (http.client.HTTPException, OSError, ValueError):
            self.problem = "the connection was lost"
            return b""
        self._bytes_left -= len(data)
        return data

    def shut(self) -> None:
        """End the connection; safe to call from any thread. A reading thread gets an error or the end of the stream."""
        if self._socket is not None:
            with contextlib.suppress(OSError, ValueError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Free the connection. Do not call while another thread reads."""
        if not self.closed and hasattr(self, "_response"):
            self._response.close()
        super().close()

    def _keep(self, opened: socket.socket) -> None:
        self._socket = opened

    @contextlib.contextmanager
    def _in_time(self) -> Iterator[None]:
        """Limit the total time of the block: each byte may arrive in time while the answer never completes."""
        timer = threading.Timer(self._timeout_s, self.shut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except urllib.error.HTTPError as error:
            error.close()
            raise ConnectionError(errno.ECONNREFUSED, f"it answers {error.code}") from error
        except urllib.error.URLError as error:
            raise self._as_os_error(error.reason) from error
        except (http.client.HTTPException, OSError) as error:
            raise self._as_os_error(error) from error
        except ValueError as error:
            raise CameraError(
                "The address of the camera is not valid.", "Copy it as the phone's app shows it."
            ) from error
        finally:
            timer.cancel()

    def _as_os_error(self, reason: str | BaseException) -> OSError:
        if time.monotonic() >= self._until_s or isinstance(reason, TimeoutError):
            return TimeoutError(errno.ETIMEDOUT, "it does not answer in time")
        if isinstance(reason, OSError) and reason.strerror:
            return OSError(reason.errno, reason.strerror)
        return ConnectionError(errno.ECONNABORTED, "it does not answer as a camera does")


def camera_tls() -> ssl.SSLContext:
    """Return a TLS context that encrypts the connection to a camera without verifying its identity.

    Apps that turn a phone into a camera use self-signed certificates, which cannot be verified.
    """
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _logins(parts: SplitResult, url: str) -> list[urllib.request.BaseHandler]:
    """Return handlers that send the user and password from the address if the camera asks for them."""
    if not parts.username:
        return []
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, url, unquote(parts.username), unquote(parts.password or ""))
    return [urllib.request.HTTPDigestAuthHandler(passwords), urllib.request.HTTPBasicAuthHandler(passwords)]


class _SameOriginRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects only to the given scheme, host and port."""

    _left = _MAX_REDIRECTS

    def http_error_302(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,  # noqa: ARG002 - the signature is urllib's
        msg: str,  # noqa: ARG002
        headers: http.client.HTTPMessage,
    ) -> Any:
        """Open the address that the headers name."""
        fp.close()
        target = urljoin(req.full_url, headers.get("Location", ""))
        if _origin(target) != _origin(req.full_url):
            parts = urlsplit(target)
            place = one_line(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")[:_LONGEST_PLACE]
            raise CameraError(
                f"The camera redirects to {place}, which you did not give; hipform does not follow the redirect.",
                "If you trust that address, give it instead.",
            )
        self._left -= 1
        if self._left < 0:
            raise ConnectionError(errno.ELOOP, "it redirects endlessly")
        return self.parent.open(target, timeout=req.timeout or None)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


class _Http(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    """Opens connections and reports their sockets, so that they can be ended from outside."""

    def __init__(self, on_open: _OnOpen) -> None:
        super().__init__()
        self._on_open = on_open

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, req, on_open=self._on_open)  # type: ignore[arg-type]

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureConnection, req, on_open=self._on_open)  # type: ignore[arg-type]


class _Connection(http.client.HTTPConnection):
    def __init__(self, *arguments: Any, on_open: _OnOpen, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._on_open = on_open

    def connect(self) -> None:
        super().connect()
        self._on_open(self.sock)


class _SecureConnection(_Connection):
    default_port = _PORTS["https"]

    def connect(self) -> None:
        super().connect()
        self.sock = camera_tls().wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        self._on_open(self.sock)
        self.sock.do_handshake()
