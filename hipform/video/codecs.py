"""The video codecs that this installation of PyAV can read."""

from __future__ import annotations

import av

_DECODERS = {
    "H.264": ("h264",),
    "HEVC": ("hevc",),
    "VP9": ("vp9", "libvpx-vp9"),
    # The decoder called av1 only works with a graphics card.
    "AV1": ("libdav1d", "libaom-av1"),
    "ProRes": ("prores",),
    "MJPEG": ("mjpeg",),
}
"""Codecs that phones, cameras and editors write, and decoders for each; one of them is enough."""


def readable_codecs() -> dict[str, bool]:
    """Return for each codec whether it can be decoded here."""
    return {kind: any(map(_can_decode, names)) for kind, names in _DECODERS.items()}


def _can_decode(name: str) -> bool:
    try:
        return av.Codec(name, "r").is_decoder
    except ValueError:
        return False
