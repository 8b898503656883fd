"""A hostile network camera: each path of its address is a different attack."""

from __future__ import annotations

import base64
import http.server
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, repeat

from hipform.types import Image
from scripts.reliability.image_server import MULTIPART, ImageHandler, jpeg_part, part_of

SDP = b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 5000 RTP/AVP 26\r\n"
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"


@contextmanager
def hostile_camera(
    images: Sequence[Image], others: Sequence[Image], visits: list[str], pause_s: float = 0.0
) -> Iterator[str]:
    """Serve a hostile camera on this computer; yield its address.

    Parameters
    ----------
    images
        What it films.
    others
        Images of another size, which follow them.
    visits
        List that receives the path of every request.
    pause_s
        Time between two images.
    """
    parts, other_parts = [jpeg_part(image) for image in images], [jpeg_part(image) for image in others]

    class Camera(_HostileCamera):
        pictures, small_pictures, between_s, paths = parts, other_parts, pause_s, visits

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


class _HostileCamera(ImageHandler):
    pictures: Sequence[bytes]
    small_pictures: Sequence[bytes]
    between_s: float
    paths: list[str]

    def answer(self) -> None:
        self.paths.append(self.path)
        getattr(self, f"answer_{self.path.strip('/')}")()

    def send_parts(self, parts: Iterable[bytes], kind: str = MULTIPART) -> None:
        self.send_start(kind)
        for one in parts:
            self.wfile.write(one)
            time.sleep(self.between_s)

    def send_redirect(self, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.end_headers()

    @property
    def here(self) -> str:
        host, port = self.connection.getsockname()
        return f"{host}:{port}"

    def answer_good(self) -> None:
        self.send_parts(self.pictures)

    def answer_moved(self) -> None:
        self.send_redirect("/good")

    def answer_loop(self) -> None:
        self.send_redirect("/loop")

    def answer_elsewhere(self) -> None:
        self.send_redirect(f"http://localhost:{self.here.rpartition(':')[2]}/good")

    def answer_secure(self) -> None:
        self.send_redirect(f"https://{self.here}/good")

    def answer_file(self) -> None:
        self.send_redirect("file:///etc/hostname")

    def answer_rtsp(self) -> None:
        self.send_redirect(f"rtsp://{self.here}/good")

    def answer_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.wfile.write(b"X-More: %b\r\n" % (b"a" * 200))

    def answer_trickle(self) -> None:
        for byte in chain(b"HTTP/1.1 200 OK\r\nX: ", repeat(97)):
            self.wfile.write(bytes([byte]))
            time.sleep(0.1)

    def answer_empty(self) -> None:
        self.send_parts(_slowly(part_of(b"")))

    def answer_noise(self) -> None:
        self.send_parts(_slowly(part_of(bytes(20_000))))

    def answer_flood(self) -> None:
        head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 2000000000\r\n\r\n\xff\xd8"
        self.send_parts(chain([head], repeat(bytes(100_000), 20_000)))

    def answer_sdp(self) -> None:
        self.send_parts([SDP], "application/sdp")

    def answer_playlist(self) -> None:
        self.send_parts([PLAYLIST], "application/vnd.apple.mpegurl")

    def answer_then_empty(self) -> None:
        self.send_parts(chain(self.pictures, _slowly(part_of(b""))))

    def answer_then_trickle(self) -> None:
        self.send_parts(self.pictures)
        for byte in self.pictures[0]:
            self.wfile.write(bytes([byte]))
            time.sleep(0.5)

    def answer_smaller(self) -> None:
        self.send_parts(chain(self.pictures, self.small_pictures))

    def answer_basic(self) -> None:
        self._answer_if_known("Basic", 'Basic realm="camera"')

    def answer_digest(self) -> None:
        self._answer_if_known("Digest", 'Digest realm="camera", nonce="1", qop="auth", algorithm=MD5')

    def _answer_if_known(self, scheme: str, challenge: str) -> None:
        """Send the images to a client that logs in as ``me``."""
        given = self.headers.get("Authorization", "")
        named = base64.b64decode(given.removeprefix("Basic ")).decode() if given.startswith("Basic ") else given
        if given.startswith(scheme) and "me" in named:
            self.answer_good()
            return
        self.send_response(401)
        self.send_header("WWW-Authenticate", challenge)
        self.end_headers()


def _slowly(part: bytes) -> Iterator[bytes]:
    """Yield *part* endlessly."""
    while True:
        time.sleep(0.002)
        yield part
