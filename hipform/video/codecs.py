"""Which kinds of video this installation of PyAV can read."""

from __future__ import annotations

import av

_DECODERS = {
    "H.264": ("h264",),
    "HEVC": ("hevc",),
    "VP9": ("vp9", "libvpx-vp9"),
    # The decoder called av1 works with a graphics card only.
    "AV1": ("libdav1d", "libaom-av1"),
    "ProRes": ("prores",),
    "MJPEG": ("mjpeg",),
}
"""What phones, cameras and editors write, and the decoders of which one is needed for it."""


def readable_codecs() -> dict[str, bool]:
    """Return for each kind of video whether it can be decoded here."""
    return {kind: any(map(_can_decode, names)) for kind, names in _DECODERS.items()}


def _can_decode(name: str) -> bool:
    try:
        return av.Codec(name, "r").is_decoder
    except ValueError:
        return False
