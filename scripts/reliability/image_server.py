"""What the simulated network cameras share: multipart JPEG images over HTTP."""

from __future__ import annotations

import http.server

import cv2

from hipform.types import Image

MULTIPART = "multipart/x-mixed-replace; boundary=frame"


def part_of(content: bytes) -> bytes:
    """Return one part of a multipart stream with *content* as its JPEG image."""
    return b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(content), content)


def jpeg_part(image: Image) -> bytes:
    """Return one part of a multipart stream that shows *image*, RGB."""
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    return part_of(jpeg.tobytes())


class ImageHandler(http.server.BaseHTTPRequestHandler):
    """Answers requests with `answer`, without a log, and accepts that a client hangs up at any time."""

    def do_GET(self) -> None:
        """Answer one request."""
        self.answer()

    def answer(self) -> None:
        """Answer the request for `path`."""
        raise NotImplementedError

    def send_start(self, content_type: str = MULTIPART) -> None:
        """Send the status line and the headers of a successful answer."""
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.end_headers()

    def handle(self) -> None:
        """Answer one connection."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Log nothing."""
