"""Detection of discs that may be the load: weight plates, from the side circles, obliquely upright ellipses.

The bar is level, so that a plate that is seen obliquely is a circle that was squeezed horizontally. The image around
hands and hips is brought to `_SEARCH_PX_PER_M` with the help of the body's size, and stretched by each of `_RATIOS`;
then every edge votes for the centres of the circles that it may belong to. The search runs every `_SEARCH_S` only; in
the frames between, a small part of the image around each disc is enough to follow it, by its edge or, where the edge
cannot be seen, by its looks.

A round thing that the hands do not move (a plate on a rack, a clock, a ball) looks the same in one frame, so several
discs are followed, and `hipform.kinematics.load` decides which of them is the load.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hipform.pose.poses import MAX_DISCS, Disc, Landmark, Pose
from hipform.types import FloatArray
from hipform.video.frames import Frame

GreyImage = NDArray[np.uint8]

_SEARCH_PX_PER_M = 96.0
"""Scale at which plates are searched for: the edge of a full-size plate (0.45 m) has a radius of 22 pixels there."""
_FOLLOW_RADIUS_PX = 24.0
"""Radius of a plate at the scale at which it is followed."""
_RADII_M = (0.13, 0.42)
"""Radii of plates; the body's size is known within a fifth, and a plate is closer to the camera than the body."""
_RADII_PX = _SEARCH_PX_PER_M * np.geomspace(*_RADII_M, 11)
_RATIOS = (1.0, 0.8, 0.6)
_RATIO_RANGE = (0.45, 1.12)
"""Horizontal relative to vertical radius, the cosine of the angle between the plate and the image: those that are
searched for, and what a disc may have after it was fitted to its edges."""
_SEARCH_S = 0.3
_IDLE_SEARCH_S = 0.6
"""Time between two searches of the whole area, and the same while no disc has moved; the lead-in of a segment is
longer."""
_LOST_SEARCH_S = 0.1
_LOST_S = 0.6
"""Time between two searches after a disc that had moved was lost, and for how long: a plate that is blurred or covered
in mid-lift soon shows again."""
_AREA_M = (0.6, 0.35)
"""Margin of the search area around hands and hips; an oblique bar carries its plate that far to the side."""
_FACING_MARGINS = (1.2, 0.8)
"""The area also grows by this share of the width of the shoulders in the image to both sides, and downwards: the bar
sticks out further the more the lifter faces the camera, and its near plate is lower in the image than the hands."""
_MOST_SHOULDERS_M = 0.45
"""Greatest width of the shoulders; landmarks that are further apart are wrong."""
_NEAR_RADII = 0.35
"""Margin around the expected place of a plate that is followed, in its radii."""
_LEAST_COVERAGE = 0.45
"""Smallest share of the circumference that must be an edge for a disc to be found."""
_KEPT_COVERAGE = 0.33
"""The same for a plate that is followed: a hand or an upright may cover a part of it."""
_FREE_M = 0.3
_FAR_PENALTY = 0.5
"""A disc further than `_FREE_M` above or below hands and hips loses this much coverage for each metre."""
_MOVED_RADII = 0.5
_MOVED_BONUS = 0.5
"""A disc that has moved by `_MOVED_RADII` is not a thing on the wall, and outranks those that may be."""
_LOCAL_PX = 11
_LEAST_STRENGTH = 12.0
"""Weakest change of brightness that can be an edge, in units of a Sobel filter."""
_N_FITS = 4
_FITTED_PX = 0.1
"""A circle that moves or grows by less than this fits its edges."""
_STILL_RATIO = 0.05
"""Mean change of brightness, relative to its spread, up to which a part of the image still shows the same."""
_STILL_RADII = 0.02
"""A disc that moved by less than this in the last frame may be at rest."""
_LEAST_LIKENESS = 0.7
_RECOGNISED_S = 1.0
"""A disc whose outline cannot be seen (a plate before a wall as bright as it, or blurred) is still followed for this
time where the image correlates this much with that of the disc."""
_N_ANGLES = 48
_SCALE_POSES = 15
_ANGLES = np.arange(_N_ANGLES) * (2 * math.pi / _N_ANGLES)
_DESIGN = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES), np.ones(_N_ANGLES), np.cos(2 * _ANGLES)])
_DESIGN_PRODUCTS = (_DESIGN[:, :, None] * _DESIGN[:, None, :]).reshape(_N_ANGLES, -1)
_STIFFNESS = np.diag([0.5, 0.5, 0.5, 4.0])
_FOLLOWED_STIFFNESS = np.diag([0.5, 0.5, 0.5, 1000.0])
"""Weight of no change in each step of a fit, in edges, for a search and for a disc that is followed: where the rim is
seen in part the fit must not stretch it, and a plate that was found keeps its shape."""
_MOST_STRETCH = 0.12
"""Most that a plate may be wider or narrower than the nearest of `_RATIOS` makes it, in its radii."""
_RADIAL_SHARE = 0.85
"""Cosine of the largest angle between a radius and the gradient of an edge of the disc."""
_INNER_RATIO = 0.85
_ALIKE = (14.0, 0.15)
"""Just inside its rim, a plate differs from its usual brightness by at most this: levels of 255, and a share."""
_GROWTH = 0.12
"""Largest change of a plate's radius from one frame to the next."""
_SIZE_EXPONENT = 0.3
_REACH = np.arange(-2, 3)
_CARRIERS = [Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST, Landmark.LEFT_HIP, Landmark.RIGHT_HIP]


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """A part of the image, scaled and stretched so that a plate is a circle.

    Attributes
    ----------
    grey
        The image itself.
    origin_px, scale
        Upper left corner in the frame, and pixels here for each pixel of the frame, both (x, y).
    gradient
        Horizontal and vertical derivative relative to the weakest edge, shape (2, height, width).
    strength
        Length of the gradient; 1 is the weakest edge.
    """

    grey: GreyImage
    origin_px: FloatArray
    scale: FloatArray
    gradient: NDArray[np.float32]
    strength: NDArray[np.float32]


@dataclass(slots=True)
class _Followed:
    """A disc that is followed from frame to frame.

    Attributes
    ----------
    disc, step_px
        The disc in the last frame, and how far it moved since the one before.
    start_px
        Where it was first seen.
    still
        The image around it when it was last fitted to its edges, with the arguments of `_part` that gave it.
    looks, outlined_s
        The image of the disc when its outline was last seen well, ``None`` if it never was, and the time of that frame.
    has_moved
        Whether it has ever moved clearly up or down.
    """

    disc: Disc
    start_px: FloatArray
    step_px: FloatArray
    still: tuple[GreyImage, FloatArray, FloatArray, FloatArray] | None = None
    looks: GreyImage | None = None
    outlined_s: float = -math.inf
    has_moved: bool = False

    def is_at_rest(self, frame: Frame) -> bool:
        """Return whether *frame* shows the same around the disc as when it was last fitted to its edges."""
        if self.still is None or np.hypot(*(self.step_px / self.disc.radius_px)) > _STILL_RADII:
            return False
        before, *where = self.still
        part = _part(frame, *where)
        if part is None or part[0].shape != before.shape:
            return False
        change, spread = np.abs(part[0].astype(np.int16) - before).mean(), before.std()
        return bool(change <= _STILL_RATIO * spread)

    def seen_again(self, edges: _Edges, t_s: float) -> FloatArray | None:
        """Return where the image looks as the disc did, as a circle of its size; ``None`` if it does nowhere."""
        if self.looks is None or t_s - self.outlined_s > _RECOGNISED_S:
            return None
        if min(edges.grey.shape) < len(self.looks):
            return None
        _, likeness, _, corner = cv2.minMaxLoc(cv2.matchTemplate(edges.grey, self.looks, cv2.TM_CCOEFF_NORMED))
        center = np.array(corner) + len(self.looks) // 2
        return np.array([*center, _FOLLOW_RADIUS_PX, 0.0]) if likeness >= _LEAST_LIKENESS else None

    def take(self, disc: Disc) -> None:
        """Continue with the disc in the next frame."""
        self.step_px = disc.center_px - self.disc.center_px
        self.disc = disc
        moved_radii = abs(disc.center_px[1] - self.start_px[1]) / disc.radius_px[1]
        self.has_moved = self.has_moved or bool(moved_radii > _MOVED_RADII)


class PlateTracker:
    """Find the discs that the lifter may be moving, frame by frame.

    Frames of one clip in order; frames may be skipped. What it finds depends on the frames since the start of a shot
    only, so it can start anywhere.
    """

    def __init__(self) -> None:
        self._shot: int | None = None
        self._forget()

    def _forget(self) -> None:
        self._scales: deque[float] = deque(maxlen=_SCALE_POSES)
        self._searched_s = self._moving_s = -math.inf
        self._followed: list[_Followed] = []

    def find(self, frame: Frame, pose: Pose) -> tuple[Disc, ...]:
        """Return the discs in *frame* near hands or hips, at most `MAX_DISCS`, the most plate-like first.

        Parameters
        ----------
        frame, pose
            The next frame of the clip, and the lifter in it.
        """
        if frame.shot != self._shot:
            self._forget()
            self._shot = frame.shot
        scale = pose.px_per_m
        if not math.isfinite(scale):
            self._followed = []
            return ()
        self._scales.append(scale)
        px_per_m = float(np.median(self._scales))
        self._follow(frame)
        if frame.t_s - self._searched_s >= self._search_pause_s(frame.t_s):
            self._searched_s = frame.t_s
            found = _search(frame, pose, px_per_m)
            self._add(found)
        self._followed.sort(key=lambda one: _rank(one, pose, px_per_m), reverse=True)
        del self._followed[MAX_DISCS:]
        return tuple(one.disc for one in self._followed)

    def _search_pause_s(self, t_s: float) -> float:
        """Return the time between two searches, given what is followed at *t_s*."""
        if any(one.has_moved for one in self._followed):
            self._moving_s = t_s
            return _SEARCH_S
        return _LOST_SEARCH_S if t_s - self._moving_s <= _LOST_S else _IDLE_SEARCH_S

    def _follow(self, frame: Frame) -> None:
        kept: list[_Followed] = []
        for one in self._followed:
            disc = one.disc if one.is_at_rest(frame) else _followed_disc(frame, one)
            if disc and not any(_is_same(disc, other.disc) for other in kept):
                one.take(disc)
                kept.append(one)
        self._followed = kept

    def _add(self, found: Sequence[Disc]) -> None:
        for disc in found:
            same = next((one for one in self._followed if _is_same(disc, one.disc)), None)
            if same is None:
                self._followed.append(_Followed(disc, disc.center_px, np.zeros(2)))
            elif _is_better(disc, same.disc):
                same.disc = disc


def _is_same(disc: Disc, other: Disc) -> bool:
    """Return whether two discs share most of their area's middle."""
    apart = (disc.center_px - other.center_px) / np.maximum(disc.radius_px, other.radius_px)
    return bool(np.hypot(*apart) < 0.5)


def _has_plate_shape(disc: Disc) -> bool:
    """Return whether *disc* is a circle or an upright ellipse."""
    return bool(_RATIO_RANGE[0] <= disc.radius_px[0] / disc.radius_px[1] <= _RATIO_RANGE[1])


def _is_better(disc: Disc, other: Disc) -> bool:
    """Return whether *disc* is the edge of a plate and *other* a ring inside it or a worse fit."""
    larger = disc.radius_px[1] > 1.1 * other.radius_px[1]
    return disc.confidence > (0.9 if larger else 1.15) * other.confidence


def _rank(one: _Followed, pose: Pose, px_per_m: float) -> float:
    carriers_px = pose.image_px[_CARRIERS, 1]
    apart_m = float(np.nanmin(np.abs(carriers_px - one.disc.center_px[1]))) / px_per_m
    return one.disc.confidence - _FAR_PENALTY * max(apart_m - _FREE_M, 0.0) + _MOVED_BONUS * one.has_moved


def _followed_disc(frame: Frame, one: _Followed) -> Disc | None:
    """Return the disc where it is in *frame*; ``None`` if it is not near where it should be."""
    last = one.disc
    expected_px = last.center_px + one.step_px
    margin_px = (1.15 + _NEAR_RADII) * last.radius_px
    where = (expected_px - margin_px, expected_px + margin_px, _FOLLOW_RADIUS_PX / last.radius_px)
    part = _part(frame, *where)
    if part is None:
        return None
    edges = _edges(*part)
    x, y = (expected_px - edges.origin_px) * edges.scale
    circles, coverage = _refined(edges, np.array([[x, y, _FOLLOW_RADIUS_PX, 0.0]]), _FOLLOWED_STIFFNESS)
    alike = None
    if coverage[0] < _LEAST_COVERAGE:
        alike = one.seen_again(edges, frame.t_s)
        near = _voted(edges, _FOLLOW_RADIUS_PX * np.array([0.94, 1.0, 1.06])) if alike is None else alike[None]
        circles, coverage = _refined(edges, near, _FOLLOWED_STIFFNESS)
    best = int(coverage.argmax())
    disc = _disc(edges, circles[best], coverage[best])
    if (
        abs(circles[best, 2] / _FOLLOW_RADIUS_PX - 1) < _GROWTH
        and coverage[best] >= _KEPT_COVERAGE
        and _has_plate_shape(disc)
    ):
        one.still = (part[0], *where)
        if coverage[best] >= _LEAST_COVERAGE:
            one.looks, one.outlined_s = _around(edges.grey, circles[best]), frame.t_s
        return disc
    one.still = None
    return None if alike is None else _disc(edges, alike, last.confidence)


def _around(grey: GreyImage, circle: FloatArray) -> GreyImage | None:
    """Return the part of the image that a followed disc fills; ``None`` if the edge of the image cuts it."""
    reach = round(_FOLLOW_RADIUS_PX)
    x, y = np.rint(circle[:2]).astype(int)
    part = grey[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]
    return part if part.shape == (2 * reach + 1, 2 * reach + 1) else None


def _search(frame: Frame, pose: Pose, px_per_m: float) -> list[Disc]:
    """Return the best discs near hands and hips, the best one first."""
    points = pose.image_px[_CARRIERS]
    points = points[np.isfinite(points[:, 0])]
    if not len(points):
        return []
    side_px, below_px = np.array(_FACING_MARGINS) * _shoulder_width_px(pose, px_per_m)
    low_px = points.min(axis=0) - np.array(_AREA_M) * px_per_m - (side_px, 0.0)
    high_px = points.max(axis=0) + np.array(_AREA_M) * px_per_m + (side_px, below_px)
    zoom = np.full(2, _SEARCH_PX_PER_M / px_per_m)
    part = _part(frame, low_px, high_px, zoom)
    if part is None:
        return []
    grey, origin_px, scale = part
    found: list[Disc] = []
    for ratio in _RATIOS:
        size = (round(grey.shape[1] / ratio), grey.shape[0])
        stretched = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        edges = _edges(stretched, origin_px, scale * (size[0] / grey.shape[1], 1.0))
        circles, coverage = _refined(edges, _voted(edges, _RADII_PX), _STIFFNESS)
        fitted = [_disc(edges, circles[i], coverage[i]) for i in np.flatnonzero(coverage >= _LEAST_COVERAGE)]
        found += filter(_has_plate_shape, fitted)
    # A plate has rings and a rim: of discs in one place that are about as good, the largest is its edge.
    found.sort(key=lambda disc: disc.confidence * disc.radius_px[1] ** _SIZE_EXPONENT, reverse=True)
    best: list[Disc] = []
    for disc in found:
        if not any(_is_same(disc, other) for other in best):
            best.append(disc)
    return best[:MAX_DISCS]


def _shoulder_width_px(pose: Pose, px_per_m: float) -> float:
    """Return how far the shoulders are apart from left to right in the image; 0 if they are not seen."""
    left, right = pose.image_px[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER], 0]
    return float(np.nan_to_num(min(abs(left - right), _MOST_SHOULDERS_M * px_per_m)))


def _part(
    frame: Frame, low_px: FloatArray, high_px: FloatArray, zoom: FloatArray
) -> tuple[GreyImage, FloatArray, FloatArray] | None:
    """Return a part of the frame in grey, scaled by *zoom*, with its `_Edges.origin_px` and `_Edges.scale`.

    ``None`` if hardly anything of it is inside the image.
    """
    height, width = frame.image.shape[:2]
    first = np.clip(np.floor(low_px), 0, (width, height)).astype(int)
    last = np.clip(np.ceil(high_px), 0, (width, height)).astype(int)
    size = np.rint((last - first) * zoom).astype(int)
    if size.min() < 2 * _RADII_PX[0]:
        return None
    # Averaging over four pixels of each target pixel is enough, and much faster than over all of them.
    stride = max(1, int(0.5 / zoom.max()))
    part = np.ascontiguousarray(frame.image[first[1] : last[1] : stride, first[0] : last[0] : stride])
    how = cv2.INTER_AREA if zoom.max() * stride < 1 else cv2.INTER_LINEAR
    small = cv2.resize(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), size.tolist(), interpolation=how)
    return np.asarray(small, np.uint8), first.astype(float), size / (last - first)


def _edges(grey: GreyImage, origin_px: FloatArray, scale: FloatArray) -> _Edges:
    smooth = np.asarray(cv2.GaussianBlur(grey, (3, 3), 0), np.uint8)
    gradient = np.stack([cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)])
    strength = cv2.magnitude(gradient[0], gradient[1])
    # A dark plate before dark clothes has a weak edge, and leaves or bricks have strong ones: local contrast counts.
    threshold = np.maximum(cv2.blur(strength, (_LOCAL_PX, _LOCAL_PX)), _LEAST_STRENGTH)
    return _Edges(smooth, origin_px, scale, gradient / threshold, strength / threshold)


def _voted(edges: _Edges, radii: FloatArray) -> FloatArray:
    """Return the most voted-for circle of each of n radii, in the form of `_refined`, shape (n, 4)."""
    height, width = edges.strength.shape
    y, x = np.nonzero(edges.strength > np.maximum(1.0, cv2.blur(edges.strength, (3, 3))))
    unit = edges.gradient[:, y, x] / edges.strength[y, x]
    reach = np.concatenate([radii, -radii])[:, None]
    cx = np.rint(x + reach * unit[0]).astype(np.intp)
    cy = np.rint(y + reach * unit[1]).astype(np.intp)
    cell = cy * width + cx + (np.arange(len(reach)) % len(radii))[:, None] * (height * width)
    inside = (cx >= 0) & (cx < width) & (cy >= 0) & (cy < height)
    votes = np.bincount(cell[inside], minlength=len(radii) * height * width).astype(np.float32)
    peaks = (
        cv2.minMaxLoc(cv2.GaussianBlur(image, (5, 5), 1.2))[3] for image in votes.reshape(len(radii), height, width)
    )
    return np.array([(*peak, radius, 0.0) for peak, radius in zip(peaks, radii, strict=True)])


def _refined(edges: _Edges, circles: FloatArray, stiffness: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return *circles* fitted to the edges near them, and their coverage, shape (n,).

    A circle is its x, y and radius, and how much wider than that it is: a plate is seen from any angle, and the image
    was stretched for some of them only.
    """
    for _ in range(_N_FITS):
        offsets, sign = _radial_edges(edges, circles, _REACH)
        # A small shift (dx, dy), growth dr and stretch de move the edge at each angle by this linear combination.
        weight = (sign != 0).astype(float)
        normal = (weight @ _DESIGN_PRODUCTS).reshape(-1, *stiffness.shape) + stiffness
        right = (weight * offsets) @ _DESIGN
        step = np.linalg.solve(normal, right[..., None])[..., 0]
        circles = circles + step
        most_px = _MOST_STRETCH * circles[:, 2]
        circles[:, 3] = np.minimum(np.maximum(circles[:, 3], -most_px), most_px)
        if np.abs(step).max() < _FITTED_PX:
            break
    _, sign = _radial_edges(edges, circles, _REACH[1:-1])
    height, width = edges.strength.shape
    rim = circles[:, None, :2] + _radii(circles)[..., None] * _DESIGN[:, :2]
    is_inside = ((rim >= 0) & (rim < (width, height))).all(axis=2)
    # Less than half a disc inside the image may be anything.
    n_inside = np.maximum(np.count_nonzero(is_inside, axis=1), _N_ANGLES // 2)
    # A plate is darker than what is behind it, or brighter, but rarely both, and alike all along the rim.
    rim_grey = _at(edges.grey, circles, _INNER_RATIO).astype(float)
    usual = np.median(rim_grey, axis=1, keepdims=True)
    is_alike = np.abs(rim_grey - usual) <= _ALIKE[0] + _ALIKE[1] * usual
    majority = np.maximum(
        np.count_nonzero(is_alike & (sign > 0), axis=1), np.count_nonzero(is_alike & (sign < 0), axis=1)
    )
    return circles, np.minimum(majority / n_inside, 1.0)


def _radial_edges(edges: _Edges, circles: FloatArray, reach: NDArray[np.int_]) -> tuple[FloatArray, FloatArray]:
    """Return where the strongest edge along each radius of n circles lies, and its sign.

    The first array is its distance outside the circle, pixels; the second is 1 where the outside is brighter, -1 where
    it is darker, 0 where there is no edge; both have shape (n, 48).
    """
    height, width = edges.strength.shape
    distance = _radii(circles)[:, None] + reach[:, None]
    x = np.rint(circles[:, 0, None, None] + distance * _DESIGN[:, 0]).astype(np.intp)
    y = np.rint(circles[:, 1, None, None] + distance * _DESIGN[:, 1]).astype(np.intp)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    # Flat indices and plain minima are twice as fast as two indices and `clip`.
    cell = np.minimum(np.maximum(y, 0), height - 1) * width + np.minimum(np.maximum(x, 0), width - 1)
    gradient = edges.gradient.reshape(2, -1)
    along = gradient[0].take(cell) * _DESIGN[:, 0] + gradient[1].take(cell) * _DESIGN[:, 1]
    size = np.abs(along)
    is_edge = inside & (size >= 1.0) & (size >= _RADIAL_SHARE * edges.strength.take(cell))
    best = np.where(is_edge, size, 0.0).argmax(axis=1)
    at = np.arange(len(circles))[:, None], best, np.arange(_N_ANGLES)
    sign = np.sign(along[at]) * is_edge[at]
    return reach[best].astype(float), sign


def _radii(circles: FloatArray) -> FloatArray:
    """Return the distance of the edge from the centre at each angle, shape (n, 48)."""
    return np.asarray(circles[:, 2:] @ _DESIGN[:, 2:].T)


def _at(grey: GreyImage, circles: FloatArray, radius_ratio: float) -> GreyImage:
    """Return the image on a ring inside each of n circles, shape (n, 48)."""
    height, width = grey.shape
    ring = circles[:, None, :2] + radius_ratio * _radii(circles)[..., None] * _DESIGN[:, :2]
    ring = np.rint(ring).astype(np.intp)
    x, y = np.minimum(np.maximum(ring, 0), (width - 1, height - 1)).transpose(2, 0, 1)
    return np.asarray(grey[y, x], np.uint8)


def _disc(edges: _Edges, circle: FloatArray, coverage: float) -> Disc:
    """Return a circle as a disc in the frame; its numbers are exact in float32."""
    # Pixel centres are half a pixel from the corner.
    center = edges.origin_px + (circle[:2] + 0.5) / edges.scale - 0.5
    radius = circle[2] + circle[3] * np.array([1.0, -1.0])
    values = np.array([*center, *(radius / edges.scale), coverage], np.float32).astype(np.float64)
    return Disc(values[:2], values[2:4], float(values[4]))
