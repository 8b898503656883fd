"""A simulated phone: an IP camera on this machine that disconnects on request."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice

from hipform.types import Image
from scripts.reliability.clips import FPS
from scripts.reliability.image_server import ImageHandler, jpeg_part

SILENT = "silent"
"""Word in the address: after the frames nothing follows, but the connection stays open."""


@contextmanager
def phone(images: Sequence[Image]) -> Iterator[str]:
    """Serve *images*, over and over, as multipart JPEG; yield the address.

    ``ADDRESS/COUNT`` disconnects after COUNT frames, ``ADDRESS/COUNT/silent`` stops sending.
    """
    parts = [jpeg_part(image) for image in images]
    over = threading.Event()

    class Handler(ImageHandler):
        def answer(self) -> None:
            count, _, after = self.path.strip("/").partition("/")
            self.send_start()
            started = time.monotonic()
            for number, part in enumerate(islice(cycle(parts), int(count))):
                over.wait(max(0.0, started + number / FPS - time.monotonic()))
                self.wfile.write(part)
            if after == SILENT:
                over.wait()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            over.set()
            server.shutdown()
            thread.join()
