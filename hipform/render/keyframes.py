"""Key frame images: top and bottom position of each repetition, with the angle drawn on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from hipform.analysis.judged_reps import Rep, SetResult, image_name
from hipform.exercises import find_exercise
from hipform.exercises.fault_places import FaultPlace
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.feedback.angle_text import format_joint_angle
from hipform.feedback.coach import worst_fault
from hipform.files import write_whole
from hipform.pose.poses import Landmark, Pose
from hipform.render import canvas, theme
from hipform.render.canvas import Box
from hipform.render.skeleton import HipAngle, HipFan, Skeleton, near
from hipform.render.theme import Sizes
from hipform.texts import ENGLISH, Texts, english
from hipform.types import Estimate, Image, Side

# Longest side of an image: enough for a full-screen report.
_LONGEST_PX = 1280
_WRITTEN_QUALITY = 90
_SHRUNK_QUALITY = 78
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that are followed by the image size."""
_MAX_INPUT_PX = 8192
_MAX_DISTANCE_S = 0.6
# A larger angle means a bottom position, where a filled wedge would only hide the body.
_WEDGE_UP_TO_DEG = 45.0
_WEDGE_FROM_DEG = 2.0
_RING_SHARE = 0.24
"""Radius of the ring around a faulty part, as a share of the length of the trunk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyframe:
    """A key frame image to make.

    Attributes
    ----------
    rep
        Repetition with its final verdict.
    moment
        ``top`` or ``bottom``.
    exercise
        The exercise it was judged as.
    set_number
        Number of its set if the clip has several, else ``None``.
    """

    rep: Rep
    moment: str
    exercise: str
    set_number: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an image shows of the judgement.

    Attributes
    ----------
    status
        The sign; ``None`` for words without a sign.
    text
        The words.
    places
        The faulty parts, each drawn with a ring around it.
    """

    status: Status | None
    text: str
    places: tuple[FaultPlace, ...] = ()


def plan_keyframes(sets: Sequence[SetResult], times_s: Sequence[float]) -> dict[float, list[Keyframe]]:
    """Return the images to make, by frame time: the top and the start of the lift of every repetition.

    Parameters
    ----------
    sets
        All sets of the clip.
    times_s
        Times of the frames with landmarks, in time order, at least one. A moment more than 0.6 s away from all of them
        gets no image.
    """
    frames_s = np.asarray(times_s)
    plan: dict[float, list[Keyframe]] = {}
    for found in sets:
        for rep in (*found.reps, *found.partial_reps):
            for moment, t_s in (("top", rep.timing.top_s), ("bottom", rep.timing.lift_start_s)):
                nearest_s = math.nan if t_s is None else float(frames_s[np.argmin(np.abs(frames_s - t_s))])
                if t_s is not None and abs(nearest_s - t_s) <= _MAX_DISTANCE_S:
                    number = found.number if len(sets) > 1 else None
                    plan.setdefault(nearest_s, []).append(
                        Keyframe(rep=rep, moment=moment, exercise=found.exercise, set_number=number)
                    )
    return plan


def _reduced(image: Image, pose: Pose) -> tuple[Image, Pose]:
    """Return image and landmarks, scaled down to at most `_LONGEST_PX`."""
    height, width = image.shape[:2]
    scale = min(1.0, _LONGEST_PX / max(height, width))
    if scale == 1.0:
        return image, pose
    size = max(1, round(width * scale)), max(1, round(height * scale))
    reduced = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return reduced, replace(pose, image_px=pose.image_px * scale)


def encode_jpeg(image: Image, quality: int = _WRITTEN_QUALITY) -> bytes:
    """Return an RGB image as JPEG."""
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()


def shrunk(jpeg: bytes, longest_px: int) -> tuple[bytes, int, int] | None:
    """Return a JPEG image scaled down to at most *longest_px* and encoded again, with its width and height.

    The image may come from anybody: returns ``None`` if it is not a JPEG or larger than any that hipform writes.
    """
    # OpenCV would decode any format of any size, and a few bytes can claim gigabytes.
    stated_px = _stated_size_px(jpeg)
    if stated_px is None or max(stated_px) > _MAX_INPUT_PX:
        return None
    decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    if decoded is None:
        return None
    image = np.asarray(decoded, np.uint8)
    height, width = image.shape[:2]
    scale = min(1.0, longest_px / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    resized = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return encode_jpeg(resized, _SHRUNK_QUALITY), *size


def _stated_size_px(jpeg: bytes) -> tuple[int, int] | None:
    """Return height and width from the header of a JPEG file, or ``None`` if it is not a JPEG."""
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
    image: Image,
    pose: Pose,
    side: Side,
    trunk_thigh_flexion: Estimate | None,
    caption: str,
    verdict: Verdict | None = None,
) -> Image:
    """Return a copy of an image with skeleton, hip angle, straight line and caption drawn on it.

    The line from shoulder through hip continues for the length of the thigh: the wedge between both shows how far the
    hip is short of straight, or past it.

    Parameters
    ----------
    image
        RGB image, shape (height, width, 3); not changed.
    pose
        Landmarks in this image; NaN points are not drawn.
    side
        Near side.
    trunk_thigh_flexion
        Trunk-thigh flexion, degrees, 0 is straight; with ``None`` or NaN no number is drawn.
    caption
        One short line.
    verdict
        What the image shows of the judgement: sign, words, and rings around the faulty parts; ``None`` for nothing.
    """
    if trunk_thigh_flexion is not None and not (
        math.isfinite(trunk_thigh_flexion.value) and math.isfinite(trunk_thigh_flexion.u95)
    ):
        trunk_thigh_flexion = None
    drawn = image.copy()
    sizes = Sizes(image.shape[1], image.shape[0])
    fan = HipFan.of(pose, side, 180.0 - trunk_thigh_flexion.value if trunk_thigh_flexion else math.nan)
    if fan is not None:
        _draw_wedge(drawn, fan, sizes)
    Skeleton(sizes).draw(drawn, pose, side)
    for place in verdict.places if verdict else ():
        _draw_ring(drawn, sizes, pose, side, place)
    caption_box = _draw_caption(drawn, sizes, caption, verdict)
    if fan is not None and trunk_thigh_flexion is not None:
        HipAngle(sizes).draw(drawn, fan, format_joint_angle(trunk_thigh_flexion), avoid=(caption_box,))
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


def _draw_ring(image: Image, sizes: Sizes, pose: Pose, side: Side, place: FaultPlace) -> None:
    """Draw a ring around the part of the body that a fault concerns, if it was seen."""
    start, end = (pose.image_px[near(part, side)] for part in (place.start, place.end))
    center = canvas.to_point(start + place.share * (end - start))
    trunk = pose.image_px[[near(part, side) for part in (Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP)]]
    trunk_px = float(np.linalg.norm(trunk[1] - trunk[0]))
    if center is None:
        return
    radius = round(_RING_SHARE * trunk_px) if math.isfinite(trunk_px) else sizes.part(_RING_SHARE / 3)
    canvas.ring(image, center, max(radius, 2 * sizes.joint), theme.SHORT, sizes.bone, sizes.outline)


def _draw_caption(image: Image, sizes: Sizes, caption: str, verdict: Verdict | None) -> Box:
    cap_px, pad = sizes.part(0.038), sizes.pad
    status = verdict.status if verdict else None
    badge = 0 if status in (None, Status.FAULT) else 2 * cap_px + pad
    lines = [caption, verdict.text] if verdict else [caption]
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


def verdict_of(keyframe: Keyframe) -> Verdict | None:
    """Return what an image shows of the judgement of its repetition.

    That is the most severe fault that is visible at its moment, with rings around the parts of all of them; otherwise
    the verdict on the lockout at the top, without the sign for ok if the repetition has a fault elsewhere.
    """
    rep, exercise = keyframe.rep, find_exercise(keyframe.exercise)
    faults = [finding for finding in rep.findings if finding.status is Status.FAULT]
    at = {fault.rule: place for fault in faults if (place := exercise.fault_place(fault.rule))}
    visible = tuple(fault for fault in faults if fault.rule in at and at[fault.rule].moment == keyframe.moment)
    worst = worst_fault(exercise, visible)
    if worst:
        places = tuple(at[fault.rule] for fault in visible)
        text = _shortfall(rep) if worst.rule == LOCKOUT_RULE else exercise.rule(worst.rule).title
        return Verdict(Status.FAULT, text, places)
    if keyframe.moment != "top":
        return None
    if rep.finding(LOCKOUT_RULE).status is Status.OK:
        return Verdict(None if faults else Status.OK, english("full extension"))
    return Verdict(Status.NOT_ASSESSED, english("not judged"))


def _shortfall(rep: Rep) -> str:
    short_deg = rep.lockout_trunk_thigh_flexion_deg.value
    if rep.angles_judged and short_deg >= 1.0:
        return english("{deg:.0f}° short of straight", deg=short_deg)
    return english("short of full")


def write_keyframe(folder: Path, keyframe: Keyframe, image: Image, pose: Pose, texts: Texts = ENGLISH) -> Path:
    """Draw and write ``rep_01_top.jpg`` or ``rep_01_bottom.jpg``, for partial repetitions ``partial_01_...``.

    Parameters
    ----------
    folder
        Existing folder.
    keyframe
        The image to make. In a clip with several sets, caption and file name start with the set.
    image, pose
        Image and landmarks of its frame; not changed.
    texts
        The texts in the language of the caption.

    Returns
    -------
    Path
        The written file.

    Raises
    ------
    OutputError
        If the file cannot be written; no partial file is left.
    """
    rep, is_top = keyframe.rep, keyframe.moment == "top"
    # An angle that may not be judged must not look judged.
    angle = (
        (rep.lockout_trunk_thigh_flexion_deg if is_top else rep.bottom_trunk_thigh_flexion_deg)
        if rep.angles_judged
        else None
    )
    parts = [texts("Set {n}", n=keyframe.set_number)] if keyframe.set_number is not None else []
    parts.append(texts("Partial {n}", n=rep.number) if rep.partial else texts("Rep {n}", n=rep.number))
    parts.append(texts("top") if is_top else texts("bottom"))
    parts += [format_joint_angle(angle)] if angle else []
    verdict = verdict_of(keyframe)
    shown = verdict and replace(verdict, text=texts(verdict.text))
    drawn = draw_keyframe(*_reduced(image, pose), rep.side, angle, " · ".join(parts), shown)
    path = folder / image_name(rep, keyframe.moment, keyframe.set_number)
    write_whole(path, encode_jpeg(drawn))
    return path
