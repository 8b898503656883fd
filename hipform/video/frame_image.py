"""Conversion of decoded video frames to upright RGB images with square pixels: size, rotation, colours, HDR."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from numpy.typing import NDArray

from hipform.texts import english
from hipform.types import Image

MAX_SIDE_PX = 1920
"""Larger frames are scaled to this long side during colour conversion, so that 4K costs as much as Full HD."""

_HDR_NAMES = {ColorTrc.SMPTE2084: "PQ", ColorTrc.ARIB_STD_B67: "HLG"}
# Matrices that swscale knows (AVColorSpace numbers); for others the size decides, as in video players.
_KNOWN_MATRICES = frozenset({1, 4, 5, 6, 7, 9, 10})
_HD_HEIGHT_PX = 720
# A pixel aspect beyond this is an error of the program that wrote the clip.
_MAX_PIXEL_ASPECT = 4
# Brightness of plain white in HDR (ITU-R BT.2408) and of the brightest highlight to preserve, cd/m2.
_WHITE_CD_M2 = 203.0
_PEAK_CD_M2 = 1000.0
# Brightens HDR so that middle grey becomes 127 of 255, as in standard dynamic range.
_HDR_GAIN = 1.5


@dataclass(frozen=True, slots=True)
class Turn:
    """How stored pixels are displayed: transposed first, then mirrored."""

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False

    @staticmethod
    def of(frame: av.VideoFrame) -> Turn:
        """Read the display matrix of *frame*, rounded to quarter turns; upright if there is none."""
        data: Any = frame.side_data.get("DISPLAYMATRIX")
        if data is None:
            return Turn()
        x_from_x, y_from_x, _, x_from_y, y_from_y = np.frombuffer(data, np.int32)[:5].tolist()
        if abs(y_from_x) > abs(x_from_x):
            return Turn(True, flip_x=x_from_y < 0, flip_y=y_from_x < 0)
        return Turn(False, flip_x=x_from_x < 0, flip_y=y_from_y < 0)

    def apply(self, image: Image) -> Image:
        """Return *image* as it should be displayed."""
        if self.transpose:
            image = _as_image(cv2.transpose(image))
        if self.flip_x or self.flip_y:
            code = -1 if self.flip_x and self.flip_y else int(self.flip_x)
            image = _as_image(cv2.flip(image, code))
        return image


class FrameConverter:
    """Converts all frames of one stream to images of the same size and colour space.

    Parameters
    ----------
    first
        First frame of the stream; it determines the size of all images.
    pixel_aspect
        Width of a stored pixel divided by its height.
    """

    def __init__(self, first: av.VideoFrame, pixel_aspect: Fraction | None) -> None:
        self._aspect = _sane_aspect(pixel_aspect)
        self._reformatter = VideoReformatter()
        width, height = self._square_size(first)
        scale = min(1.0, MAX_SIDE_PX / max(width, height))
        width, height = _scaled(width, height, scale)
        self._rotation_deg = first.rotation
        self._turn = Turn.of(first)
        self.width_px, self.height_px = (height, width) if self._turn.transpose else (width, height)
        self.notes = self._notes(first, scale)
        self.refitted = 0
        """Number of frames so far whose shape differed from that of the first."""

    def convert(self, frame: av.VideoFrame) -> Image:
        """Return *frame* as an upright RGB image, C-contiguous, shape (height_px, width_px, 3).

        A frame whose shape differs from the first is padded with black bars.

        Raises
        ------
        av.FFmpegError
            If the pixel format cannot be converted.
        """
        # Reading side data puts a frame into a reference cycle: hundreds of megabytes until the collector runs.
        turn = self._turn if frame.rotation == self._rotation_deg else Turn.of(frame)
        width, height = self._square_size(frame)
        room = (self.height_px, self.width_px) if turn.transpose else (self.width_px, self.height_px)
        width, height = _scaled(width, height, min(room[0] / width, room[1] / height))
        image = turn.apply(self._rgb(frame, width, height))
        if image.shape[:2] != (self.height_px, self.width_px):
            self.refitted += 1
            image = self._with_bars(image)
        return np.ascontiguousarray(image)

    def _square_size(self, frame: av.VideoFrame) -> tuple[int, int]:
        """Return the size with square pixels; it is enlarged, never reduced, so that no pixel is lost."""
        if self._aspect >= 1:
            return max(1, round(frame.width * self._aspect)), frame.height
        return frame.width, max(1, round(frame.height / self._aspect))

    def _rgb(self, frame: av.VideoFrame, width: int, height: int) -> Image:
        trc = frame.color_trc
        if frame.colorspace not in _KNOWN_MATRICES and not frame.format.is_rgb:
            frame.colorspace = _matrix_by_size(frame, trc)
        rgb = self._reformatter.reformat(frame, width, height, "rgb24", dst_color_range=ColorRange.JPEG, threads=1)
        image = np.asarray(rgb.to_ndarray(), np.uint8)
        if trc not in _HDR_NAMES:
            return image
        return _as_image(cv2.LUT(np.ascontiguousarray(image), _SDR_FROM[ColorTrc(trc)]))

    def _with_bars(self, image: Image) -> Image:
        canvas = np.zeros((self.height_px, self.width_px, 3), np.uint8)
        height, width = image.shape[:2]
        top, left = (self.height_px - height) // 2, (self.width_px - width) // 2
        canvas[top : top + height, left : left + width] = image
        return canvas

    def _notes(self, first: av.VideoFrame, scale: float) -> list[str]:
        notes = []
        if first.color_trc in _HDR_NAMES:
            name = _HDR_NAMES[ColorTrc(first.color_trc)]
            notes.append(english("HDR ({file}) was converted to standard dynamic range.", file=name))
        if self._aspect != 1:
            notes.append(english("The clip's pixels are not square; the frames were stretched to true proportions."))
        if scale < 1:
            note = english(
                "Frames of {width} x {height} were scaled to {side} on the long side.",
                width=first.width,
                height=first.height,
                side=MAX_SIDE_PX,
            )
            notes.append(note)
        return notes


def _sane_aspect(aspect: Fraction | None) -> Fraction:
    if not aspect or not Fraction(1, _MAX_PIXEL_ASPECT) <= aspect <= _MAX_PIXEL_ASPECT:
        return Fraction(1)
    return aspect


def _scaled(width: int, height: int, scale: float) -> tuple[int, int]:
    return max(1, round(width * scale)), max(1, round(height * scale))


def _matrix_by_size(frame: av.VideoFrame, trc: int) -> Colorspace:
    if trc in _HDR_NAMES or frame.color_primaries == ColorPrimaries.BT2020:
        return Colorspace.BT2020
    return Colorspace.ITU709 if min(frame.width, frame.height) >= _HD_HEIGHT_PX else Colorspace.SMPTE170M


def _sdr_table(cd_m2: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return sRGB values for brightnesses in cd/m2: Reinhard tone mapping with a white point, then the sRGB gamma."""
    relative = _HDR_GAIN * cd_m2 / _WHITE_CD_M2
    peak = _HDR_GAIN * _PEAK_CD_M2 / _WHITE_CD_M2
    shown = np.clip(relative * (1 + relative / peak**2) / (1 + relative), 0, 1)
    encoded = np.where(shown <= 0.0031308, 12.92 * shown, 1.055 * shown ** (1 / 2.4) - 0.055)
    return np.round(255 * encoded).astype(np.uint8)


def _cd_m2_from_pq(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the brightness of a PQ signal 0..1 (SMPTE ST 2084)."""
    root = signal ** (1 / 78.84375)
    light: NDArray[np.float64] = 10_000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (
        1 / 0.1593017578125
    )
    return light


def _cd_m2_from_hlg(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the brightness of an HLG signal 0..1 on its nominal 1000 cd/m2 screen (ITU-R BT.2100)."""
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12)
    light: NDArray[np.float64] = _PEAK_CD_M2 * scene**1.2
    return light


def _as_image(array: NDArray[np.generic] | cv2.typing.MatLike) -> Image:
    return np.asarray(array, np.uint8)


_SIGNAL = np.linspace(0, 1, 256)
_SDR_FROM = {
    ColorTrc.SMPTE2084: _sdr_table(_cd_m2_from_pq(_SIGNAL)),
    ColorTrc.ARIB_STD_B67: _sdr_table(_cd_m2_from_hlg(_SIGNAL)),
}
