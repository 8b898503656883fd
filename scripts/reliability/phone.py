"""A phone that films: an IP camera on this machine, which goes away when it is told to."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice

import cv2

from hipform.types import Image
from scripts.reliability.clips import FPS

SILENT = "silent"
"""Word in the address: after the pictures nothing comes, but the connection stays."""


@contextmanager
def phone(images: Sequence[Image]) -> Iterator[str]:
    """Serve *images*, over and over, as multipart JPEG; yield the address.

    ``ADDRESS/COUNT`` hangs up after so many pictures, ``ADDRESS/COUNT/silent`` falls silent.
    """
    parts = [_part(image) for image in images]
    over = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            count, _, after = self.path.strip("/").partition("/")
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            started = time.monotonic()
            for number, part in enumerate(islice(cycle(parts), int(count))):
                over.wait(max(0.0, started + number / FPS - time.monotonic()))
                self.wfile.write(part)
            if after == SILENT:
                over.wait()

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            over.set()
            server.shutdown()
            thread.join()


def _part(image: Image) -> bytes:
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    return b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(jpeg), jpeg.tobytes())
