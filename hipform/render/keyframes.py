"""Pictures of the top and the bottom of each repetition, with the angle drawn on them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from hipform.files import write_whole
from hipform.render import canvas, theme
from hipform.render.canvas import Box
from hipform.render.skeleton import HipAngle, HipFan, Skeleton
from hipform.render.theme import Sizes
from hipform.types import (
    LOCKOUT_RULE,
    Estimate,
    Image,
    Observation,
    Pose,
    Rep,
    Side,
    Status,
    included_text,
    picture_name,
)

_HIP = "hip_flexion_deg"

# Longest side of a kept picture: enough for a report on a full screen, and it bounds memory whatever the clip's size.
_LONGEST_PX = 1280
_KEPT_QUALITY = 93
_WRITTEN_QUALITY = 90
_SHRUNK_QUALITY = 78
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG file after which the picture's size stands."""
_MOST_SHRUNK_PX = 8192
# A repetition becomes certain seconds after its top, and a slow one takes ten from its bottom.
_KEEP_S = 20.0
_MOST_PICTURES = 64
# Between turning points a picture now and then is near any moment that is asked for.
_EVERY_S = 0.5
# A turn of the hip that is no tremor.
_TURN_DEG = 6.0
# While the hip rests at the bottom the latest picture is the one the lift begins from.
_REST_DEG = 2.0
_NEAR_ENOUGH_S = 0.6
# Beyond this the picture shows a bottom, and a filled wedge would only hide the body.
_WEDGE_UP_TO_DEG = 45.0
_WEDGE_FROM_DEG = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A kept picture.

    Attributes
    ----------
    pose
        The landmarks, in the kept picture's pixels.
    jpeg
        The picture as JPEG, at most 1280 pixels on its longer side.
    """

    pose: Pose
    jpeg: bytes

    def image(self) -> Image:
        """Return the picture as RGB, shape (height, width, 3)."""
        decoded = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
        return np.asarray(decoded, np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class RepPictures:
    """The kept pictures nearest to a repetition's top and bottom; None where none is near enough."""

    top: Moment | None
    bottom: Moment | None


class KeyframeKeeper:
    """Keeps the pictures of the last seconds at which the hip turned, and one every half second in between.

    Memory is bounded: two raw frames and at most 64 JPEG pictures, whatever the length of the clip.
    """

    def __init__(self) -> None:
        self._kept: list[Moment] = []
        self._straightest = _Candidate()
        self._most_bent = _Candidate()
        self._shot = 0
        self._last_kept_s = -math.inf

    def push(self, image: Image, pose: Pose, observation: Observation) -> None:
        """Look at one frame, in time order, before anything is drawn on it.

        Parameters
        ----------
        image
            RGB picture, shape (height, width, 3); copied where needed, never kept.
        pose
            The landmarks of this frame.
        observation
            Only its ``hip_flexion_deg`` is used; a frame without one (NaN) is passed over.
        """
        if pose.shot != self._shot:
            self._close_shot()
            self._shot = pose.shot
        flexion_deg = observation.values.get(_HIP, math.nan)
        if not math.isfinite(flexion_deg):
            return
        self._follow(image, pose, flexion_deg)
        if pose.t_s - self._last_kept_s >= _EVERY_S:
            self._last_kept_s = pose.t_s
            self._keep(_moment(image, pose))

    def take(self, rep: Rep) -> RepPictures:
        """Return the pictures nearest to the top and to the begin of the lift of *rep*.

        A moment more than 0.6 s away from the one asked for is not shown as if it were that one: None instead.
        """
        moments = [*self._kept, *self._pending()]
        return RepPictures(_nearest(moments, rep.top_s), _nearest(moments, rep.lift_start_s))

    def _follow(self, image: Image, pose: Pose, flexion_deg: float) -> None:
        """Improve the candidate looked for; once the hip has turned away from it, keep it and look for the opposite."""
        low, high = self._straightest, self._most_bent
        if not low.is_set and not high.is_set:
            low.set(image, pose, flexion_deg)
            high.set(image, pose, flexion_deg)
        if low.is_set and flexion_deg < low.flexion_deg:
            low.set(image, pose, flexion_deg)
        if high.is_set and flexion_deg > high.flexion_deg - _REST_DEG:
            high.set(image, pose, max(flexion_deg, high.flexion_deg))
        if low.is_set and flexion_deg - low.flexion_deg > _TURN_DEG:
            self._keep(low.moment())
            low.clear()
            high.set(image, pose, flexion_deg)
        elif high.is_set and high.flexion_deg - flexion_deg > _TURN_DEG:
            self._keep(high.moment())
            high.clear()
            low.set(image, pose, flexion_deg)

    def _pending(self) -> list[Moment]:
        return [candidate.moment() for candidate in (self._straightest, self._most_bent) if candidate.is_set]

    def _keep(self, moment: Moment) -> None:
        oldest_s = moment.pose.t_s - _KEEP_S
        kept = [other for other in self._kept if other.pose.t_s >= oldest_s]
        self._kept = [*kept, moment][-_MOST_PICTURES:]

    def _close_shot(self) -> None:
        for moment in self._pending():
            self._keep(moment)
        self._straightest.clear()
        self._most_bent.clear()
        self._last_kept_s = -math.inf


class _Candidate:
    """One raw frame that may become a kept picture; its buffer is used again and again."""

    def __init__(self) -> None:
        self.flexion_deg = math.nan
        self._image: Image = np.empty((0, 0, 3), np.uint8)
        self._pose = Pose.unseen(0.0)
        self.is_set = False

    def set(self, image: Image, pose: Pose, flexion_deg: float) -> None:
        if self._image.shape != image.shape:
            self._image = np.empty_like(image)
        np.copyto(self._image, image)
        self._pose, self.flexion_deg, self.is_set = pose, flexion_deg, True

    def clear(self) -> None:
        self.is_set = False

    def moment(self) -> Moment:
        return _moment(self._image, self._pose)


def _moment(image: Image, pose: Pose) -> Moment:
    height, width = image.shape[:2]
    scale = min(1.0, _LONGEST_PX / max(height, width))
    if scale < 1.0:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        pose = replace(pose, image_px=pose.image_px * scale)
    return Moment(pose, _jpeg(image, _KEPT_QUALITY))


def _jpeg(image: Image, quality: int) -> bytes:
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()


def _nearest(moments: list[Moment], t_s: float | None) -> Moment | None:
    if t_s is None or not moments:
        return None
    best = min(moments, key=lambda moment: abs(moment.pose.t_s - t_s))
    return best if abs(best.pose.t_s - t_s) <= _NEAR_ENOUGH_S else None


def shrunk(jpeg: bytes, longest_px: int) -> tuple[bytes, int, int] | None:
    """Return a JPEG picture at most *longest_px* long, encoded anew, with its width and height.

    The picture may come from anybody: ``None`` for what is no picture or larger than any that hipform writes.
    """
    # OpenCV would decode any format of any size; even a few bytes can claim gigabytes.
    stated_px = _stated_size_px(jpeg)
    if stated_px is None or max(stated_px) > _MOST_SHRUNK_PX:
        return None
    decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    if decoded is None:
        return None
    image = np.asarray(decoded, np.uint8)
    height, width = image.shape[:2]
    scale = min(1.0, longest_px / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    resized = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return _jpeg(resized, _SHRUNK_QUALITY), *size


def _stated_size_px(jpeg: bytes) -> tuple[int, int] | None:
    """Return height and width that the head of a JPEG file states; ``None`` for what is not one."""
    if not jpeg.startswith(b"\xff\xd8"):
        return None
    at = 2
    while jpeg[at : at + 1] == b"\xff" and len(jpeg) >= at + 9:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        if marker in _JPEG_FRAMES:
            return int.from_bytes(jpeg[at + 5 : at + 7]), int.from_bytes(jpeg[at + 7 : at + 9])
        at += 2 + length
    return None


def draw_keyframe(
    image: Image, pose: Pose, side: Side, hip_flexion: Estimate | None, caption: str, status: Status | None = None
) -> Image:
    """Return a copy of a picture with skeleton, hip angle, straight line and caption drawn on it.

    The line from shoulder through hip runs on as far as the thigh is long: the wedge between both is how far the hip is
    short of straight, or past it.

    Parameters
    ----------
    image
        RGB picture, shape (height, width, 3); left as it is.
    pose
        Landmarks in this picture; NaN points are not drawn.
    side
        Near side.
    hip_flexion
        Trunk-thigh angle, 0 straight; None or NaN leaves the number out.
    caption
        One short line.
    status
        What the lockout rule says: adds a sign and a plain word. None for pictures that are not judged by it.
    """
    if hip_flexion is not None and not (math.isfinite(hip_flexion.value) and math.isfinite(hip_flexion.u95)):
        hip_flexion = None
    drawn = image.copy()
    sizes = Sizes(image.shape[1], image.shape[0])
    fan = HipFan.of(pose, side)
    if fan is not None:
        _draw_wedge(drawn, fan, sizes)
    Skeleton(sizes).draw(drawn, pose, side)
    caption_box = _draw_caption(drawn, sizes, caption, status, hip_flexion)
    if fan is not None and hip_flexion is not None:
        HipAngle(sizes).draw(drawn, fan, included_text(hip_flexion), avoid=(caption_box,))
    return drawn


def _draw_wedge(image: Image, fan: HipFan, sizes: Sizes) -> None:
    thigh_px = math.dist(fan.hip, fan.knee)
    straight = fan.toward(fan.start_deg + 180.0, thigh_px)
    open_deg = 180.0 - abs(fan.sweep_deg)
    if _WEDGE_FROM_DEG <= abs(open_deg) <= _WEDGE_UP_TO_DEG:
        color = theme.SHORT if open_deg > 0 else theme.SKELETON
        corners = np.array([fan.hip, straight, fan.knee], np.float64)
        canvas.tint_polygon(image, corners, color, theme.WEDGE_ALPHA)
    canvas.dashed(image, fan.hip, straight, theme.WHITE, sizes.thin_bone, sizes.outline)


def _draw_caption(image: Image, sizes: Sizes, caption: str, status: Status | None, hip_flexion: Estimate | None) -> Box:
    cap_px, pad = sizes.part(0.038), sizes.pad
    badge = 0 if status in (None, Status.FAULT) else 2 * cap_px + pad
    lines = [caption] if status is None else [caption, _verdict(status, hip_flexion)]
    room = sizes.width_px - 2 * sizes.margin - 2 * pad - badge
    cap_px = min(canvas.fitting_cap(line, cap_px, room) for line in lines)
    width = 2 * pad + badge + max(canvas.text_width(line, cap_px) for line in lines)
    height = 2 * pad + round(cap_px * (1.8 * len(lines) - 0.6))
    bottom = sizes.height_px - sizes.margin
    box = Box(sizes.margin, bottom - height, sizes.margin + width, bottom)
    canvas.shade(image, box, pad)
    for index, line in enumerate(lines):
        at = (box.left + pad + badge, box.top + pad + round(cap_px * (1 + 1.8 * index)))
        canvas.put_text(image, line, at, cap_px, theme.SHORT if index and status is Status.FAULT else theme.TEXT)
    center = (box.left + pad + cap_px, (box.top + box.bottom) // 2)
    if status is Status.OK:
        canvas.check_badge(image, center, cap_px)
    elif status is Status.NOT_ASSESSED:
        canvas.question_badge(image, center, cap_px)
    return box


def _verdict(status: Status, hip_flexion: Estimate | None) -> str:
    if status is Status.OK:
        return "full extension"
    if status is Status.NOT_ASSESSED:
        return "not judged"
    if hip_flexion is None or hip_flexion.value < 1.0:
        return "short of full"
    return f"{hip_flexion.value:.0f}° short of straight"


def write_keyframes(folder: Path, rep: Rep, pictures: RepPictures, set_number: int | None = None) -> tuple[Path, ...]:
    """Draw and write ``rep_01_top.jpg`` and ``rep_01_bottom.jpg``, for partial repetitions ``partial_01_...``.

    Parameters
    ----------
    folder
        Existing folder.
    rep
        The repetition.
    pictures
        From `KeyframeKeeper.take`; a missing one is not written.
    set_number
        Number of the set when the clip has several; it then stands in the caption and before the name: ``set_01_...``.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    OutputError
        A file cannot be written; nothing is left under its name.
    """
    status = rep.finding(LOCKOUT_RULE).status
    # An angle that may not be judged is not drawn as if it had been.
    judged = status is not Status.NOT_ASSESSED
    parts = (
        ("top", pictures.top, rep.lockout_hip_flexion_deg if judged else None, status),
        ("bottom", pictures.bottom, rep.bottom_hip_flexion_deg if judged else None, None),
    )
    written = []
    for name, moment, angle, verdict in parts:
        if moment is None:
            continue
        kind = "Partial" if rep.partial else "Rep"
        caption = f"{kind} {rep.number} · {name}" + (f" · {included_text(angle)}" if angle else "")
        if set_number is not None:
            caption = f"Set {set_number} · {caption}"
        drawn = draw_keyframe(moment.image(), moment.pose, rep.side, angle, caption, verdict)
        path = folder / picture_name(rep, name, set_number)
        write_whole(path, _jpeg(drawn, _WRITTEN_QUALITY))
        written.append(path)
    return tuple(written)
