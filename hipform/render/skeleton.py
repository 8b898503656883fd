"""Drawing of the near side of the body and of the trunk-thigh angle."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from hipform.pose.poses import Landmark, Pose
from hipform.render import canvas, theme
from hipform.render.canvas import Box, Point
from hipform.render.theme import Rgb, Sizes
from hipform.types import FloatArray, Image, Side

_EAR, _SHOULDER, _HIP, _KNEE = Landmark.LEFT_EAR, Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP, Landmark.LEFT_KNEE
_ELBOW, _WRIST, _ANKLE = Landmark.LEFT_ELBOW, Landmark.LEFT_WRIST, Landmark.LEFT_ANKLE
_HEEL, _FOOT = Landmark.LEFT_HEEL, Landmark.LEFT_FOOT_INDEX

# Thin segments first, so that trunk and thigh lie on top.
_THIN = ((_EAR, _SHOULDER), (_SHOULDER, _ELBOW), (_ELBOW, _WRIST), (_KNEE, _ANKLE), (_ANKLE, _HEEL), (_HEEL, _FOOT))
_STRONG = ((_SHOULDER, _HIP), (_HIP, _KNEE))
_OTHER_SIDE = ((_SHOULDER, _HIP), (_HIP, _KNEE), (_KNEE, _ANKLE), (_ANKLE, _FOOT))
_JOINTS = (_EAR, _SHOULDER, _ELBOW, _WRIST, _HIP, _KNEE, _ANKLE, _HEEL, _FOOT)

_SEEN = 0.5
# Trunk length from which strokes have their full thickness, as a share of the shorter side of the frame.
_FULL_SIZE_TRUNK = 0.3


def near(part: Landmark, side: Side) -> int:
    """Return the index of a left landmark's counterpart on *side*."""
    return int(part) + (side is Side.RIGHT)


def near_points(pose: Pose, side: Side) -> FloatArray:
    """Return the drawn points of *side* in pixels, shape (9, 2), NaN if not seen."""
    return pose.image_px[[near(part, side) for part in _JOINTS]]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Draws one side of the body from ear to foot and shoulder to wrist, with trunk and thigh emphasised.

    Parameters
    ----------
    sizes
        Sizes for the image drawn on.
    """

    sizes: Sizes

    def draw(self, image: Image, pose: Pose, side: Side) -> None:
        """Draw in place; skip NaN points, and draw bones with low visibility thin and dashed."""
        scale = self._scale(pose, side)
        for segments, thickness in ((_THIN, self.sizes.thin_bone), (_STRONG, self.sizes.bone)):
            for first, second in segments:
                self._bone(image, pose, (near(first, side), near(second, side)), max(1, round(thickness * scale)))
        radius = max(1, round(self.sizes.joint * scale))
        for part in _JOINTS:
            index = near(part, side)
            at = canvas.to_point(pose.image_px[index])
            if at is not None:
                seen = pose.visibility[index] >= _SEEN
                canvas.dot(image, at, radius if seen else max(1, radius // 2), theme.WHITE, self.sizes.outline)

    def _scale(self, pose: Pose, side: Side) -> float:
        trunk_px = math.dist(pose.image_px[near(_SHOULDER, side)], pose.image_px[near(_HIP, side)])
        relative = trunk_px / (_FULL_SIZE_TRUNK * self.sizes.short_px)
        return min(1.0, max(0.5, relative)) if math.isfinite(relative) else 1.0

    def _bone(self, image: Image, pose: Pose, ends: tuple[int, int], thickness: int) -> None:
        start, end = (canvas.to_point(pose.image_px[index]) for index in ends)
        if start is None or end is None:
            return
        if min(pose.visibility[index] for index in ends) >= _SEEN:
            canvas.stroke(image, [start, end], theme.SKELETON, thickness, self.sizes.outline)
        else:
            canvas.dashed(image, start, end, theme.SKELETON, max(1, thickness // 2), self.sizes.outline)


@dataclass(frozen=True, slots=True)
class HipFan:
    """The angle between trunk and thigh at the front of the body, in image coordinates.

    Attributes
    ----------
    hip, shoulder, knee
        Points in pixels.
    start_deg, sweep_deg
        Direction from hip to shoulder, clockwise from the right, and signed angle from there through the front of the
        body to the thigh; its size exceeds 180 degrees if the hip is past straight.
    """

    hip: Point
    shoulder: Point
    knee: Point
    start_deg: float
    sweep_deg: float

    @staticmethod
    def of(pose: Pose, side: Side, angle_deg: float = math.nan, before: HipFan | None = None) -> HipFan | None:
        """Return the fan, or ``None`` if shoulder, hip or knee is not seen or two of them coincide.

        Parameters
        ----------
        side
            The side that is measured; it may be the far one.
        angle_deg
            The trunk-thigh angle, 180 is straight: the arc lies where it measures about as much. With NaN the measured
            side is taken for the one that faces the camera.
        before
            The fan of the frame before; near a straight line the arc stays on its side of the body.
        """
        hip, shoulder, knee = (canvas.to_point(pose.image_px[near(part, side)]) for part in (_HIP, _SHOULDER, _KNEE))
        if hip is None or shoulder is None or knee is None or hip in (shoulder, knee):
            return None
        start_deg = math.degrees(math.atan2(shoulder[1] - hip[1], shoulder[0] - hip[0]))
        thigh_deg = math.degrees(math.atan2(knee[1] - hip[1], knee[0] - hip[0]))
        # The side that faces the camera determines on which side of the trunk the belly is, in any posture.
        sense = (1 if side is Side.RIGHT else -1) if before is None else math.copysign(1, before.sweep_deg)
        sweep_deg = (sense * (thigh_deg - start_deg)) % 360
        if _is_behind(sweep_deg, angle_deg, 0.0 if before is None else _STAYS_DEG):
            sweep_deg, sense = 360 - sweep_deg, -sense
        return HipFan(hip, shoulder, knee, start_deg, sense * sweep_deg)

    @property
    def reach_px(self) -> float:
        """Length of the shorter of trunk and thigh."""
        return min(math.dist(self.hip, self.shoulder), math.dist(self.hip, self.knee))

    def toward(self, angle_deg: float, distance_px: float) -> Point:
        """Return the point at *distance_px* from the hip, *angle_deg* clockwise from the right."""
        angle = math.radians(angle_deg)
        return round(self.hip[0] + distance_px * math.cos(angle)), round(self.hip[1] + distance_px * math.sin(angle))

    @property
    def middle_deg(self) -> float:
        """Direction of the middle of the fan."""
        return self.start_deg + self.sweep_deg / 2


_STAYS_DEG = 10.0
"""The arc changes to the other side of the body only if it then measures the angle better by more than this."""


def _is_behind(sweep_deg: float, angle_deg: float, margin_deg: float) -> bool:
    """Return whether an arc of *sweep_deg* lies behind the body, judging by the trunk-thigh angle."""
    if math.isnan(angle_deg):
        # Nobody extends the hip past straight by 90 degrees: left and right were swapped.
        return sweep_deg > 270
    return abs(360 - sweep_deg - angle_deg) + margin_deg < abs(sweep_deg - angle_deg)


_LABEL_TURNS_DEG = (0.0, 180.0, 35.0, -35.0, 145.0, -145.0, 90.0, -90.0)
"""Directions to try for the label, relative to the middle of the fan: in front of the body, behind it, between."""
_LABEL_REACHES = (1.0, 1.5, 2.2)
"""Distances to try for the label, as multiples of the smallest one that clears the arc."""


class HipAngle:
    """Draws the arc at the hip, and its number on a small panel that avoids trunk and thigh.

    Call `draw` for every frame, in order: the last position is remembered, so that the panel moves little.

    Parameters
    ----------
    sizes
        Sizes for the image drawn on.
    """

    def __init__(self, sizes: Sizes) -> None:
        self._sizes = sizes
        self._place = (_LABEL_REACHES[0], _LABEL_TURNS_DEG[0])

    def draw(
        self,
        image: Image,
        fan: HipFan,
        text: str,
        color: Rgb = theme.TEXT,
        *,
        limbs: FloatArray | None = None,
        avoid: tuple[Box, ...] = (),
    ) -> None:
        """Draw in place.

        Parameters
        ----------
        text
            The angle as text.
        limbs
            More lines to avoid if there is space: ends in pixels, shape (n, 2, 2); NaN lines are ignored.
        avoid
            Boxes to avoid.
        """
        s = self._sizes
        radius = max(1, round(min(s.part(0.085), 0.5 * fan.reach_px)))
        self._arc(image, fan, radius)
        size = canvas.text_width(text, s.angle_cap, theme.BOLD) + 2 * s.pad, s.angle_cap + 2 * s.pad
        box = self._box(fan, size, radius, (limbs, avoid))
        canvas.shade(image, box, s.pad)
        canvas.put_text(image, text, (box.left + s.pad, box.bottom - s.pad), s.angle_cap, color, theme.BOLD)

    def _box(
        self, fan: HipFan, size: tuple[int, int], radius: int, others: tuple[FloatArray | None, tuple[Box, ...]]
    ) -> Box:
        """Return the box of the label: the last position if that is free, else the first free one."""
        limbs, avoid = others
        body = [np.array([(fan.hip, fan.shoulder), (fan.hip, fan.knee)], dtype=np.float64)]
        if limbs is not None:
            body.append(limbs)
        # Avoid everything first; if that is impossible, only trunk and thigh.
        for lines in (np.concatenate(body), body[0]):
            for place in (self._place, *((reach, turn) for reach in _LABEL_REACHES for turn in _LABEL_TURNS_DEG)):
                box = self._box_at(fan, size, radius, place)
                is_taken = any(box.overlap(other) for other in avoid) or _touches(lines, box, self._sizes.pad)
                if not is_taken and box == self._inside(box):
                    self._place = place
                    return box
        return self._inside(self._box_at(fan, size, radius, (_LABEL_REACHES[0], _LABEL_TURNS_DEG[0])))

    def _inside(self, box: Box) -> Box:
        return box.moved_into(self._sizes.width_px, self._sizes.height_px)

    def _box_at(self, fan: HipFan, size: tuple[int, int], radius: int, place: tuple[float, float]) -> Box:
        width, height = size
        reach, turn_deg = place
        # Move outward from the hip until the panel clears the arc.
        angle = math.radians(fan.middle_deg + turn_deg)
        half_px = abs(math.cos(angle)) * width / 2 + abs(math.sin(angle)) * height / 2
        x, y = fan.toward(fan.middle_deg + turn_deg, reach * (radius + self._sizes.pad + half_px))
        return Box(x - width // 2, y - height // 2, x - width // 2 + width, y - height // 2 + height)

    def _arc(self, image: Image, fan: HipFan, radius: int) -> None:
        ends = sorted((fan.start_deg, fan.start_deg + fan.sweep_deg))
        thin, outline = self._sizes.thin_bone, self._sizes.outline
        for color, thickness in ((theme.OUTLINE, thin + 2 * outline), (theme.WHITE, thin)):
            cv2.ellipse(image, fan.hip, (radius, radius), 0, ends[0], ends[1], color, thickness, cv2.LINE_AA)


_ALONG = np.linspace(0.0, 1.0, 25)[:, None, None]


def _touches(lines: FloatArray, box: Box, margin_px: int) -> bool:
    """Return whether any of *lines*, shape (n, 2, 2), comes within *margin_px* of *box*."""
    points = lines[:, 0] + _ALONG * (lines[:, 1] - lines[:, 0])
    low, high = (box.left - margin_px, box.top - margin_px), (box.right + margin_px, box.bottom + margin_px)
    return bool(((points > low) & (points < high)).all(axis=2).any())


def limb_lines(pose: Pose, side: Side) -> FloatArray:
    """Return the ends of the bones that a label on *side* should avoid, pixels, shape (10, 2, 2); NaN if unseen.

    They are the drawn ones except trunk and thigh, and those of the other side, which are not drawn but seen.
    """
    own = [[near(first, side), near(second, side)] for first, second in _THIN]
    return pose.image_px[own + [[near(first, side.other), near(second, side.other)] for first, second in _OTHER_SIDE]]
