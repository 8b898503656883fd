"""A relay between FFmpeg and an RTSP camera that keeps FFmpeg from connecting to any other host.

FFmpeg follows every redirect of such a camera and has no option to prevent that. Therefore FFmpeg connects to this
relay. Only the relay is connected to the camera; it reads each answer and does not pass on redirects.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from typing import BinaryIO, Self
from urllib.parse import urlsplit, urlunsplit

from hipform.video.http_stream import camera_tls

_PORTS = {"rtsp": 554, "rtsps": 322}
_HERE = "127.0.0.1"
_CHUNK_BYTES = 65_536
_MAX_HEAD_LINES = 100
_MAX_LINE_BYTES = 4096
_MAX_BODY_BYTES = 65_536
_INTERLEAVED = b"$"
_STATUS = re.compile(rb"RTSP/\d\.\d ([1-6]\d\d)( [ -~]*)?")
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[ -~]*")


class RtspRelay:
    """A connection to an RTSP camera, and a local connection for FFmpeg; a context manager.

    Parameters
    ----------
    url
        Address with ``rtsp`` or ``rtsps``.
    timeout_s
        Time for connecting.

    Attributes
    ----------
    url
        Address at which FFmpeg reaches the camera: a port of this computer that accepts one local connection.
    problem
        Why the relay ended the connection; empty if it did not.

    Raises
    ------
    OSError
        If nothing answers at the address.
    ValueError
        If the address is not valid.
    """

    def __init__(self, url: str, timeout_s: float) -> None:
        parts = urlsplit(url)
        if not parts.hostname:
            raise ValueError("there is no host in the address")
        self.problem = ""
        self._camera = socket.create_connection((parts.hostname, parts.port or _PORTS[parts.scheme]), timeout_s)
        if parts.scheme == "rtsps":
            self._camera = camera_tls().wrap_socket(self._camera, server_hostname=parts.hostname)
        self._camera.settimeout(None)
        self._player: socket.socket | None = None
        self._listener = socket.create_server((_HERE, 0), backlog=1)
        self._listener.settimeout(timeout_s)
        login, at, _ = parts.netloc.rpartition("@")
        place = f"{login}{at}{_HERE}:{self._listener.getsockname()[1]}"
        self.url = urlunsplit(parts._replace(scheme="rtsp", netloc=place))
        threading.Thread(target=self._run, name="hipform-rtsp", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shut()

    def shut(self) -> None:
        """End both connections; safe to call from any thread."""
        for one in (self._camera, self._player, self._listener):
            if one is not None:
                with contextlib.suppress(OSError, ValueError):
                    one.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _run(self) -> None:
        with contextlib.suppress(OSError, ValueError), self._camera:
            with self._listener:
                self._player, _ = self._listener.accept()
            with self._player:
                asking = threading.Thread(target=self._ask, args=(self._player,), name="hipform-rtsp-ask", daemon=True)
                asking.start()
                try:
                    self._answer(self._player)
                finally:
                    # A socket that is closed while a thread reads from it stays open.
                    self.shut()
                    asking.join()

    def _ask(self, player: socket.socket) -> None:
        """Pass on the requests of FFmpeg."""
        with contextlib.suppress(OSError, ValueError):
            while data := player.recv(_CHUNK_BYTES):
                self._camera.sendall(data)
        self.shut()

    def _answer(self, player: socket.socket) -> None:
        """Pass on the answers of the camera, message by message."""
        with self._camera.makefile("rb") as camera:
            while first := camera.read(1):
                if first == _INTERLEAVED:
                    head = camera.read(3)
                    player.sendall(first + head + camera.read(int.from_bytes(head[1:])))
                else:
                    message = _message(first + camera.readline(_MAX_LINE_BYTES), camera)
                    if isinstance(message, str):
                        self.problem = message
                        return
                    player.sendall(message)


def _message(status_line: bytes, camera: BinaryIO) -> bytes | str:
    """Return the answer that starts with *status_line*, rewritten so that FFmpeg parses it as it was parsed here.

    Returns
    -------
    bytes or str
        The answer, or why the connection to the camera is refused.
    """
    status = _STATUS.fullmatch(status_line.rstrip(b"\r\n"))
    if status is None:
        return "it does not answer as a camera does"
    if status[1].startswith(b"3"):
        return "it redirects to another address, which you did not give"
    headers, length = [], 0
    for _ in range(_MAX_HEAD_LINES):
        line = camera.readline(_MAX_LINE_BYTES).rstrip(b"\r\n")
        if not line:
            break
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        elif _HEADER.fullmatch(line) and name.lower() != b"location":
            headers.append(line)
    else:
        return "it does not answer as a camera does"
    if not 0 <= length <= _MAX_BODY_BYTES:
        return "it does not answer as a camera does"
    headers.append(b"Content-Length: %d" % length)
    return b"\r\n".join([status[0], *headers, b"", camera.read(length)])
