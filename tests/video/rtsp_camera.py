"""An RTSP camera on this computer: H.264 in RTP, through the one TCP connection."""

import re
import socket
import struct
import threading
import time
from fractions import Fraction

import av

FPS = 30
_SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
    "a=rtpmap:96 H264/90000\r\na=control:track\r\n"
)
_START_CODE = re.compile(rb"\x00\x00\x00?\x01")


class RtspCamera:
    """Gives some pictures to each who asks, then hangs up.

    Attributes
    ----------
    asked
        Method of every request.
    redirects_to
        Place that is named instead of an answer.
    extra_headers
        What every answer has besides.
    """

    def __init__(self, images):
        self.asked = []
        self.redirects_to = ""
        self.extra_headers = b""
        self._units = [_units(packet) for packet in _encoded(images)]
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"rtsp://127.0.0.1:{self._server.getsockname()[1]}/video"
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _run(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                try:
                    self._talk(connection)
                except OSError:
                    continue

    def _talk(self, connection):
        asked = connection.makefile("rb")
        while line := asked.readline():
            method = line.split()[0].decode()
            number = b"0"
            while (header := asked.readline()).strip():
                if header.lower().startswith(b"cseq"):
                    number = header.split(b":")[1].strip()
            self.asked.append(method)
            connection.sendall(self._answer(method, b"CSeq: " + number + b"\r\n" + self.extra_headers))
            if method == "PLAY":
                self._play(connection)
                return

    def _answer(self, method, headers):
        if self.redirects_to and method == "DESCRIBE":
            return b"RTSP/1.0 302 Moved\r\n" + headers + f"Location: {self.redirects_to}\r\n\r\n".encode()
        body = _SDP.encode() if method == "DESCRIBE" else b""
        kind = b"Content-Type: application/sdp\r\nContent-Length: %d\r\n" % len(body) if body else b""
        channel = b"Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n"
        return (
            b"RTSP/1.0 200 OK\r\n" + headers + kind + (channel if method in ("SETUP", "PLAY") else b"") + b"\r\n" + body
        )

    def _play(self, connection):
        sequence = 0
        for number, units in enumerate(self._units):
            for place, unit in enumerate(units):
                marker = 0x80 if place == len(units) - 1 else 0
                head = struct.pack("!BBHII", 0x80, marker | 96, sequence, number * 90_000 // FPS, 1)
                packet = head + unit
                connection.sendall(b"$\x00" + struct.pack("!H", len(packet)) + packet)
                sequence += 1
            time.sleep(0.005)


def _encoded(images):
    """Yield each picture as H.264 with start codes, every one a key frame with its parameters."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.height, encoder.width = images[0].shape[:2]
    encoder.pix_fmt, encoder.framerate, encoder.time_base = "yuv420p", FPS, Fraction(1, FPS)
    encoder.options = {"tune": "zerolatency", "g": "1", "x264-params": "repeat-headers=1"}
    for image in images:
        for packet in encoder.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
            yield bytes(packet)


def _units(packet):
    return [unit for unit in _START_CODE.split(packet) if unit]
