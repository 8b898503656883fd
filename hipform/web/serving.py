"""Sockets of the app and the connections to them."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
import threading
from asyncio import Transport
from asyncio.events import TimerHandle
from collections.abc import Iterator
from functools import partial

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from hipform.errors import ConfigError
from hipform.web.limits import HEADER_LIMIT_S, MAX_CONNECTIONS, MAX_FRAME_BYTES, MAX_HEADER_BYTES

# Without a handler of its own, the server's messages would get among those of the command.
logging.getLogger("uvicorn").addHandler(logging.NullHandler())


@contextlib.contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """Yield a socket that listens at an address of this computer.

    Raises
    ------
    ConfigError
        If the port is taken or not allowed.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with listening:
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
            # From here on browsers can connect; they wait until they are served.
            listening.listen(MAX_CONNECTIONS)
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            reason = "is used by another program" if taken else f"cannot be used: {error.strerror}"
            raise ConfigError(f"Port {port} {reason}.", "Choose another one with --port.") from error
        yield listening


@contextlib.contextmanager
def serving(app: ASGIApp, listening: socket.socket, context: ssl.SSLContext | None = None) -> Iterator[None]:
    """Serve *app* in a thread of its own during the block, encrypted if there is a *context*."""
    config = uvicorn.Config(
        app,
        http=_Connection,
        ws="wsproto",
        ws_max_size=MAX_FRAME_BYTES,
        # Frames are compressed already, and what is compressed may be a bomb.
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        timeout_graceful_shutdown=1,
    )
    config.load()
    # The server's own settings for this are names of files, and the key is in none.
    config.ssl = context
    server = uvicorn.Server(config)
    thread = threading.Thread(target=_run, args=(server, listening), kwargs={"is_encrypted": context is not None})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


def _run(server: uvicorn.Server, listening: socket.socket, *, is_encrypted: bool) -> None:
    with asyncio.Runner() as runner:
        if is_encrypted:
            # The usual limit is a minute, and the server has no setting for it.
            loop = runner.get_loop()
            loop.create_server = partial(loop.create_server, ssl_handshake_timeout=HEADER_LIMIT_S)  # type: ignore[method-assign]
        runner.run(server.serve([listening]))


class _Connection(H11Protocol):
    """A connection that is cut if there are too many, or its client takes too long to send the head of a request."""

    _until: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as its parent's
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            # The server's own limit holds for requests; connections without one would take this process's open files.
            transport.abort()
            return
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            # It has become a WebSocket.
            self._stop_waiting()
            return
        # There is no request yet, or the last one is answered.
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._stop_waiting()
        else:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self._until is None:
            self._until = self.loop.call_later(HEADER_LIMIT_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._until is not None:
            self._until.cancel()
            self._until = None
