"""The near side of the body, and the trunk-thigh angle at the hip."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from hipform.render import canvas, theme
from hipform.render.canvas import Box, Point
from hipform.render.theme import Rgb, Sizes
from hipform.types import FloatArray, Image, Landmark, Pose, Side

_EAR, _SHOULDER, _HIP, _KNEE = Landmark.LEFT_EAR, Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP, Landmark.LEFT_KNEE
_ELBOW, _WRIST, _ANKLE = Landmark.LEFT_ELBOW, Landmark.LEFT_WRIST, Landmark.LEFT_ANKLE
_HEEL, _FOOT = Landmark.LEFT_HEEL, Landmark.LEFT_FOOT_INDEX

# Thin segments first, so that trunk and thigh lie on top.
_THIN = ((_EAR, _SHOULDER), (_SHOULDER, _ELBOW), (_ELBOW, _WRIST), (_KNEE, _ANKLE), (_ANKLE, _HEEL), (_HEEL, _FOOT))
_STRONG = ((_SHOULDER, _HIP), (_HIP, _KNEE))
_JOINTS = (_EAR, _SHOULDER, _ELBOW, _WRIST, _HIP, _KNEE, _ANKLE, _HEEL, _FOOT)

_SEEN = 0.5
# Trunk length, as a part of the picture's shorter side, from which strokes have their full thickness.
_FULL_SIZE_TRUNK = 0.3


def near(part: Landmark, side: Side) -> int:
    """Return the index of a left landmark's counterpart on *side*."""
    return int(part) + (side is Side.RIGHT)


def near_points(pose: Pose, side: Side) -> FloatArray:
    """Return the drawn points of *side* in pixels, shape (9, 2), NaN where unseen."""
    return pose.image_px[[near(part, side) for part in _JOINTS]]


def body_box(pose: Pose, side: Side) -> Box | None:
    """Return the box around the drawn points, or None where none is seen."""
    points = near_points(pose, side)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return None
    left, top = np.clip(points.min(axis=0), -1e6, 1e6)
    right, bottom = np.clip(points.max(axis=0), -1e6, 1e6)
    return Box(int(left), int(top), int(right) + 1, int(bottom) + 1)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Draws ear to foot and shoulder to wrist of one side, trunk and thigh emphasised.

    Parameters
    ----------
    sizes
        Sizes of the picture drawn on.
    """

    sizes: Sizes

    def draw(self, image: Image, pose: Pose, side: Side) -> None:
        """Draw in place; NaN points are left out, points the model hardly sees are dashed and thin."""
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
    """The front angle between trunk and thigh as it lies in the picture.

    Attributes
    ----------
    hip, shoulder, knee
        Points in pixels.
    start_deg, sweep_deg
        Direction hip to shoulder, clockwise from the picture's right, and the turn from there through the front of the
        body to the thigh; over 180 degrees in size when the hip is past straight.
    """

    hip: Point
    shoulder: Point
    knee: Point
    start_deg: float
    sweep_deg: float

    @staticmethod
    def of(pose: Pose, side: Side) -> HipFan | None:
        """Return the fan, or None where shoulder, hip or knee is unseen or two of them coincide."""
        hip, shoulder, knee = (canvas.to_point(pose.image_px[near(part, side)]) for part in (_HIP, _SHOULDER, _KNEE))
        if hip is None or shoulder is None or knee is None or hip in (shoulder, knee):
            return None
        start_deg = math.degrees(math.atan2(shoulder[1] - hip[1], shoulder[0] - hip[0]))
        thigh_deg = math.degrees(math.atan2(knee[1] - hip[1], knee[0] - hip[0]))
        # Which side of the body faces the camera fixes on which side of the trunk the belly is, whatever the posture.
        sense = 1 if side is Side.RIGHT else -1
        sweep_deg = (sense * (thigh_deg - start_deg)) % 360
        if sweep_deg > 270:
            # Nobody extends the hip by 90 degrees: left and right were mixed up, the short way round is the honest one.
            sweep_deg, sense = 360 - sweep_deg, -sense
        return HipFan(hip, shoulder, knee, start_deg, sense * sweep_deg)

    @property
    def reach_px(self) -> float:
        """Length of the shorter of trunk and thigh."""
        return min(math.dist(self.hip, self.shoulder), math.dist(self.hip, self.knee))

    def toward(self, angle_deg: float, distance_px: float) -> Point:
        """Return the point at *distance_px* from the hip, *angle_deg* clockwise from the picture's right."""
        angle = math.radians(angle_deg)
        return round(self.hip[0] + distance_px * math.cos(angle)), round(self.hip[1] + distance_px * math.sin(angle))

    @property
    def middle_deg(self) -> float:
        """Direction of the middle of the fan."""
        return self.start_deg + self.sweep_deg / 2


@dataclass(frozen=True, slots=True)
class HipAngle:
    """Draws the arc at the hip and its number on a small panel in front of the body.

    Parameters
    ----------
    sizes
        Sizes of the picture drawn on.
    """

    sizes: Sizes

    def draw(self, image: Image, fan: HipFan, text: str, color: Rgb = theme.TEXT, avoid: tuple[Box, ...] = ()) -> None:
        """Draw in place; *text* is the number as people read it, kept clear of the boxes in *avoid*."""
        radius = max(1, round(min(self.sizes.part(0.085), 0.5 * fan.reach_px)))
        self._arc(image, fan, radius)
        cap_px = self.sizes.angle_cap
        width = canvas.text_width(text, cap_px, theme.BOLD) + 2 * self.sizes.pad
        height = cap_px + 2 * self.sizes.pad
        # From the hip outward until the panel's own half-diagonal clears the arc.
        angle = math.radians(fan.middle_deg)
        clear = radius + self.sizes.pad + abs(math.cos(angle)) * width / 2 + abs(math.sin(angle)) * height / 2
        x, y = fan.toward(fan.middle_deg, clear)
        box = Box(x - width // 2, y - height // 2, x - width // 2 + width, y - height // 2 + height)
        for taken in avoid:
            box = box.clear_of(taken)
        box = box.moved_into(self.sizes.width_px, self.sizes.height_px)
        canvas.shade(image, box, self.sizes.pad)
        at = (box.left + self.sizes.pad, box.bottom - self.sizes.pad)
        canvas.put_text(image, text, at, cap_px, color, theme.BOLD)

    def _arc(self, image: Image, fan: HipFan, radius: int) -> None:
        ends = sorted((fan.start_deg, fan.start_deg + fan.sweep_deg))
        thin, outline = self.sizes.thin_bone, self.sizes.outline
        for color, thickness in ((theme.OUTLINE, thin + 2 * outline), (theme.WHITE, thin)):
            cv2.ellipse(image, fan.hip, (radius, radius), 0, ends[0], ends[1], color, thickness, cv2.LINE_AA)
