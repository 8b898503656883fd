"""The load: which of the discs in a clip is the plate that the lifter moves.

Plates on a rack, clocks, balls and wheels are as round as the plate of the bar. The load is the disc that rises and
sinks together with the hands - or with the hips, if it is clearly a disc - and that is not a knee or the head, which
are round as well. Once a disc has done so, it is the load from its first frame on.

A plate also keeps its size and its place in the hands or on the hips, and its edge is seen nearly all round. Folds of
clothes, shoes and heads are taken for discs of changing size for a while, with half an edge, and drift over the body.
The radius of the load is the same in all frames of a shot: the edge that is followed may change between rim and ring,
which says nothing about the plate.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hipform.kinematics.tracking import mean_of_seen
from hipform.pose.poses import Disc, Landmark, Pose, per_pose
from hipform.types import FloatArray

MOVED_RADII = 0.6
"""A disc that rises or sinks by less than this, in its radii, has not moved: 13 cm for a full-size plate.

Basis: tuned on real clips.
"""
TOGETHER = 0.8
"""Smallest correlation between the heights of the disc and of the hands or hips that move it.

Basis: tuned on real clips.
"""
_STEP_S = 0.1
"""Interval between the heights that are kept of a disc. Basis: definition, ten a second show every lift."""
_LEAST_STEPS = 5
"""Fewest kept heights from which a correlation is computed. Basis: guess."""
_MOST_STEPS = 600
"""Most heights that are kept of a disc. Basis: definition, bounds the memory to a minute."""
_LEAST_SEEN = (10, 0.25)
"""In a clip that is known as a whole, discs that move with the lifter are seen in at least this many steps, or in this
share of the shot.

Basis: tuned on real clips.
"""
_LONGEST_GAP_S = 0.4
"""A disc that is not seen for longer than this is lost. Basis: tuned on real clips."""
_FORGOTTEN_S = 60.0
"""A disc that was lost this long ago and has not moved with the lifter until then is not the load. Basis: guess."""
_REGROWN_RATIO = 1.25
"""A disc whose radius changes by more than this between two frames is another one. Basis: tuned on real clips."""
_REACH_RADII = (0.4, 10.0)
"""A disc moves by no more than this between two frames: radii, and radii for each second between them.

Basis: tuned on real clips.
"""
_SAME_RADIUS = 1.2
"""Discs whose radii differ by more than this factor are different ones. Basis: tuned on real clips."""
_RING_RADIUS = 1.4
"""The same factor for discs that both moved with the lifter: a plate has a rim and a ring inside it.

Basis: tuned on real clips.
"""
_SAME_PLACE_RADII = 0.8
"""A disc this close to where the hands held the load before, in radii, is the load again.

Basis: tuned on real clips.
"""
_LEAST_MEAN_CONFIDENCE = 0.45
"""A disc with a lower mean confidence, 0 to 1, is not the load. Basis: tuned on real clips."""
_MOSTLY_WHOLE = 0.6
"""Mean confidence, 0 to 1, of a disc whose edge is seen for the most part. Basis: tuned on real clips."""
_ALMOST_WHOLE = 0.7
"""Mean confidence, 0 to 1, from which a disc need not move with the hands but may move with the hips.

Basis: tuned on real clips.
"""
_HELD_RATIOS = (0.15, 0.3)
"""What moves the load stays at one place relative to it: its place varies by no more than this share of the way of the
load. The larger share is for a disc whose edge is seen for the most part. Basis: tuned on real clips."""
_HELD_RADII = 0.3
"""Or it varies by no more than this many radii. Basis: tuned on real clips."""
_HIGHEST_RADII, _LOWEST_RADII = 1.5, -2.1
"""A plate is no further above the hands than this, in its radii, and no further below them, wherever the camera stands:
the bar is level. A buttock on the bench is as round, but lower. Basis: tuned on real clips.
"""
_MOST_RADIUS_SPREAD = 1.4
"""Largest factor between the quartiles of the radius of a plate: its ring may be followed for a while.

Basis: tuned on real clips.
"""
_RADIUS_BIN = 0.04
"""Width of the bins in which radii are counted, natural logarithm. Basis: guess."""
_RIM_RATIO = 0.4
"""The rim of a plate is its largest edge that was seen at least this often, relative to the one seen most often.

Basis: tuned on real clips.
"""
_RESIZED_RATIO = 1.4
"""A radius further from that of the rim is another edge no longer: the camera has come closer or gone away.

Basis: guess.
"""
_NEAR_RADII = 0.5
"""Hips this far outside the plate may be behind it; further away, the camera sees the plate beside the lifter.

Basis: tuned on real clips.
"""
HIP_BELOW_RADII = 0.35
"""Distance of the hip joint below the centre of a full-size plate, at right angles to the trunk, in its radii.

Basis: tuned on real and rendered clips.
"""
_SHOULDERS = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]
_HIPS = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
_LEGS = [Landmark[f"{side}_{name}"] for side in ("LEFT", "RIGHT") for name in ("KNEE", "ANKLE", "HEEL", "FOOT_INDEX")]
_CARRIERS = ((Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST), (Landmark.LEFT_HIP, Landmark.RIGHT_HIP))
_ROUND_PARTS = ((Landmark.LEFT_KNEE,), (Landmark.RIGHT_KNEE,), (Landmark.LEFT_EAR, Landmark.RIGHT_EAR))


@dataclass(slots=True, eq=False)
class _Track:
    """One disc from frame to frame.

    Attributes
    ----------
    number
        Its position among all discs of the clip.
    last, last_s
        The disc in the last frame that shows it, and the time of that frame.
    n_rows, rows
        Their number so far, and the last ones: x and y of the disc, of `_CARRIERS` and of `_ROUND_PARTS`, the distance
        of its centre from the line shoulders-hips in its radii, its vertical radius and its confidence, at intervals of
        `_STEP_S`.
    is_load
        Whether it has moved with the lifter.
    smallest_px, largest_px
        The range of its vertical radius: the edge that is followed may change between rim and ring.
    """

    number: int
    last: Disc
    last_s: float
    n_rows: int = 0
    rows: deque[FloatArray] = field(default_factory=lambda: deque(maxlen=_MOST_STEPS))
    row_s: float = -np.inf
    is_load: bool = False
    smallest_px: float = np.inf
    largest_px: float = 0.0

    def distance_radii(self, disc: Disc, t_s: float) -> float:
        """Return how far *disc* is from the last one; infinite if it cannot be the same."""
        moved = _moved_radii(disc, self.last, self.last_s, t_s)
        return moved if _ratio(disc, self.last) <= _REGROWN_RATIO else np.inf

    def add(self, disc: Disc, pose: Pose) -> None:
        """Add the disc in the next frame that shows it."""
        self.last, self.last_s = disc, pose.t_s
        radius_px = float(disc.radius_px[1])
        self.smallest_px, self.largest_px = min(self.smallest_px, radius_px), max(self.largest_px, radius_px)
        if pose.t_s - self.row_s < _STEP_S:
            return
        self.row_s = pose.t_s
        parts = [mean_of_seen(pose.image_px[list(part)]) for part in (*_CARRIERS, *_ROUND_PARTS)]
        self.n_rows += 1
        from_trunk_radii = _from_trunk_radii(disc, pose)
        self.rows.append(np.concatenate([disc.center_px, *parts, [from_trunk_radii, radius_px, disc.confidence]]))
        self.is_load = self.is_load or self._moves_with_lifter()

    @property
    def moved_px(self) -> float:
        """Vertical extent of its path."""
        return float(np.ptp([row[1] for row in self.rows])) if self.rows else 0.0

    @property
    def confidence(self) -> float:
        """Mean share of its edge that was seen."""
        return float(np.mean([row[-1] for row in self.rows]))

    @property
    def evidence(self) -> float:
        """How much this looks like the near plate of the bar: seen long, all round, and large."""
        return self.n_rows * self.confidence**3 * float(self.last.radius_px[1])

    def _moves_with_lifter(self) -> bool:
        least_px = MOVED_RADII * float(self.last.radius_px[1])
        if len(self.rows) < _LEAST_STEPS or self.moved_px < least_px:
            return False
        rows = np.array(self.rows)
        confidence = float(rows[:, -1].mean())
        small_px, large_px = np.percentile(rows[:, -2], [25, 75])
        if large_px > _MOST_RADIUS_SPREAD * small_px or confidence < _LEAST_MEAN_CONFIDENCE:
            return False
        if confidence < _MOSTLY_WHOLE and np.nanmedian(rows[:, -3]) < 1.0:
            # Chest and buttock of somebody who bends are as round as half a plate, and go up and down with the hands.
            return False
        is_clear = confidence >= _ALMOST_WHOLE
        above_radii = _above_px(rows) / float(self.last.radius_px[1])
        by_hands = self._is_held(rows, 2, confidence) and _LOWEST_RADII <= above_radii <= _HIGHEST_RADII
        # The hips themselves look round at times, but never quite as round as a plate.
        if not (by_hands or (is_clear and self._is_held(rows, 4, confidence))):
            return False
        own, *parts = (rows[:, :2] - rows[:, i : i + 2] for i in ((2, 6, 8, 10) if is_clear else (2, 4, 6, 8, 10)))
        if not by_hands:
            own = rows[:, :2] - rows[:, 4:6]
        return not any(_spread(part) < _spread(own) and self._is_at(np.nanmedian(part, axis=0)) for part in parts)

    def _is_held(self, rows: FloatArray, carrier: int, confidence: float) -> bool:
        """Return whether the disc goes up and down with a carrier, and keeps its place relative to it."""
        least_px = MOVED_RADII * float(self.last.radius_px[1])
        if not _move_together(rows[:, 1], rows[:, carrier + 1], least_px):
            return False
        ratio = _HELD_RATIOS[confidence >= _MOSTLY_WHOLE]
        most_px = max(ratio * self.moved_px, _HELD_RADII * float(self.last.radius_px[1]))
        return _spread(rows[:, :2] - rows[:, carrier : carrier + 2]) <= most_px

    def _is_at(self, offset_px: FloatArray) -> bool:
        """Return whether a point at *offset_px* from the centre is inside the disc."""
        return bool(np.hypot(*(offset_px / self.last.radius_px)) < 1.0)

    def is_like(self, other: _Track) -> bool:
        """Return whether this is the same plate as *other*: of its size, and held in the same place."""
        if self.is_load:
            # It moved with the lifter as well, so any of its edges may agree.
            apart_ratio = max(self.smallest_px / other.largest_px, other.smallest_px / self.largest_px)
        else:
            apart_ratio = _ratio(self.last, other.last)
        if apart_ratio > (_RING_RADIUS if self.is_load else _SAME_RADIUS):
            return False
        apart = (self._from_hands_px() - other._from_hands_px()) / other.last.radius_px
        return bool(np.hypot(*apart) <= _SAME_PLACE_RADII)

    def _from_hands_px(self) -> FloatArray:
        """Return its usual place relative to the hands, shape (2,); NaN if they were never seen with it."""
        offsets = np.array([row[:2] - row[2:4] for row in self.rows])
        seen = offsets[np.isfinite(offsets[:, 0])]
        return np.median(seen, axis=0) if len(seen) else np.full(2, np.nan)


class LoadFinder:
    """Decide which disc is the load, pose by pose.

    Parameters
    ----------
    known
        What `finish` returned for the same poses, so that the load is known from the first frame on; ``None`` while the
        clip is not known as a whole.
    """

    def __init__(self, known: Mapping[int, float] | None = None) -> None:
        self._known = known
        self._shot: int | None = None
        self._open: list[_Track] = []
        self._tracks: list[_Track] = []
        self._found: dict[int, float] = {}
        self._n_tracks = 0
        self._before: tuple[Disc, float] | None = None
        self._n_steps, self._step_s = 0, -np.inf

    def push(self, pose: Pose) -> Pose:
        """Process the next pose, in time order; return it with the load as its only disc, or without a disc."""
        if not pose.discs:
            return pose
        tracks = self.add(pose)
        if self._known is None:
            best = self._best_of_shot()
            loads = [track for track in tracks if best and (track is best or track.is_like(best))]
        else:
            loads = [track for track in tracks if track.number in self._known]
        load = self._continued(loads, pose.t_s)
        if load is None:
            return replace(pose, discs=())
        rim_px = _rim_px([load]) if self._known is None else self._known[load.number]
        return replace(pose, discs=(_with_rim(load.last, rim_px),))

    def _continued(self, loads: Sequence[_Track], t_s: float) -> _Track | None:
        """Return the disc nearest to the load in the frame before: the bar has two plates, and each has rings."""
        before = self._before
        if before and 0 < t_s - before[1] <= _LONGEST_GAP_S:
            moved = {track.number: _moved_radii(track.last, *before, t_s) for track in loads}
            near = [track for track in loads if np.isfinite(moved[track.number])]
            load = min(near, key=lambda track: moved[track.number], default=None)
        else:
            load = max(loads, key=lambda track: track.last.confidence, default=None)
        self._before = (load.last, t_s) if load else before
        return load

    def add(self, pose: Pose) -> list[_Track]:
        """Process the next pose without a decision; return what its discs belong to."""
        if pose.shot != self._shot:
            self._end_shot()
            self._shot = pose.shot
        if pose.t_s - self._step_s >= _STEP_S:
            self._n_steps, self._step_s = self._n_steps + 1, pose.t_s
        self._open = [track for track in self._open if pose.t_s - track.last_s <= _LONGEST_GAP_S]
        tracks = []
        for disc in pose.discs:
            track = self._track_of(disc, pose.t_s)
            track.add(disc, pose)
            tracks.append(track)
        return tracks

    def finish(self) -> Mapping[int, float]:
        """Return which discs were the load, given the whole clip, and the vertical radius of its rim, for `known`."""
        self._end_shot()
        return self._found

    def _track_of(self, disc: Disc, t_s: float) -> _Track:
        """Return the nearest track that *disc* continues, or a new one."""
        free = [track for track in self._open if track.last_s < t_s]
        nearest = min(free, key=lambda track: track.distance_radii(disc, t_s), default=None)
        if nearest is None or not np.isfinite(nearest.distance_radii(disc, t_s)):
            nearest = _Track(self._n_tracks, disc, -np.inf)
            self._n_tracks += 1
            # In a long training the wall and the floor give thousands of discs.
            self._tracks = [one for one in self._tracks if one.is_load or t_s - one.last_s < _FORGOTTEN_S]
            self._tracks.append(nearest)
            self._open.append(nearest)
        return nearest

    def _best_of_shot(self) -> _Track | None:
        """Return the disc that moves with the lifter for the longest time, and is still seen well on the whole."""
        proven = [track for track in self._tracks if track.is_load and track.confidence >= _LEAST_MEAN_CONFIDENCE]
        return max(proven, key=lambda track: track.evidence, default=None)

    def _end_shot(self) -> None:
        best = self._best_of_shot()
        if best:
            same = [track for track in self._tracks if track is best or track.is_like(best)]
            n_steps, share = _LEAST_SEEN
            if sum(track.n_rows for track in same if track.is_load) >= min(n_steps, share * self._n_steps):
                self._found |= dict.fromkeys([track.number for track in same], _rim_px(same))
        self._n_steps, self._step_s = 0, -np.inf
        self._tracks, self._open = [], []


def find_load(poses: Iterable[Pose]) -> Mapping[int, float]:
    """Return which discs of a whole clip are the load, and the radius of its rim, for `LoadFinder`."""
    finder = LoadFinder()
    for pose in poses:
        finder.add(pose)
    return finder.finish()


def covers_hips(pose: Pose, load: Disc) -> bool:
    """Return whether *load* lies on the hips of a lifter who lies.

    It is at the hips, and further beside the shoulders than above or below them.
    """
    hips_px = mean_of_seen(pose.image_px[_HIPS])
    beside_px, below_px = np.abs(load.center_px - mean_of_seen(pose.image_px[_SHOULDERS]))
    return bool(load.holds(hips_px[None], _NEAR_RADII)[0] and beside_px > below_px)


@per_pose
def behind_load(pose: Pose, load: Disc) -> Pose:
    """Return the pose of a lifter who lies under a bar, with what its plate hides.

    The bar lies in the crease of the hips, so the hips are below its centre, whatever the model makes of them. Legs
    that fold behind the plate become unseen. A lifter who stands is returned unchanged.
    """
    if not covers_hips(pose, load):
        return pose
    image_px = pose.image_px.copy()
    legs = np.array(_LEGS)
    image_px[legs[load.holds(image_px[legs])]] = np.nan
    trunk_px = load.center_px - mean_of_seen(pose.image_px[_SHOULDERS])
    below = np.array([-trunk_px[1], trunk_px[0]]) * np.sign(trunk_px[0]) / np.hypot(*trunk_px)
    image_px[_HIPS] = load.center_px + HIP_BELOW_RADII * load.radius_px[1] * below
    return replace(pose, image_px=image_px)


def _from_trunk_radii(disc: Disc, pose: Pose) -> float:
    """Return the distance of the centre of *disc* from the line from the shoulders to the hips, in its radii."""
    hips, shoulders = (
        (mean_of_seen(pose.image_px[part]) - disc.center_px) / disc.radius_px for part in (_HIPS, _SHOULDERS)
    )
    trunk = shoulders - hips
    along = np.clip(-(hips @ trunk) / max(float(trunk @ trunk), 1e-9), 0.0, 1.0)
    return float(np.hypot(*(hips + along * trunk)))


def _moved_radii(disc: Disc, last: Disc, last_s: float, t_s: float) -> float:
    """Return how far *disc* is from the *last* one, in its radii; infinite if it cannot have come that far."""
    moved = float(np.hypot(*((disc.center_px - last.center_px) / last.radius_px)))
    return moved if moved <= _REACH_RADII[0] + _REACH_RADII[1] * (t_s - last_s) else np.inf


def _rim_px(tracks: Sequence[_Track]) -> float:
    """Return the vertical radius of the rim of a plate, given the edges of it that were followed."""
    rows = np.array([row[-2:] for track in tracks for row in track.rows])
    bins = np.rint(np.log(rows[:, 0]) / _RADIUS_BIN).astype(int)
    bins -= bins.min() - 1
    counts = np.convolve(np.bincount(bins, rows[:, 1], bins.max() + 2), np.ones(3), "same")
    rim = int(np.flatnonzero(counts >= _RIM_RATIO * counts.max())[-1])
    while counts[rim - 1] > counts[rim]:
        rim -= 1
    return float(np.median(rows[np.abs(bins - rim) <= 1, 0]))


def _with_rim(disc: Disc, radius_px: float) -> Disc:
    """Return a disc whose vertical radius is *radius_px*, unless it is a plate that came closer or went away."""
    scale = radius_px / float(disc.radius_px[1])
    is_ring = max(scale, 1 / scale) <= _RESIZED_RATIO
    return replace(disc, radius_px=disc.radius_px * scale) if is_ring else disc


def _move_together(disc_px: FloatArray, carrier_px: FloatArray, least_px: float) -> bool:
    """Return whether the heights of a disc and of hands or hips change together, and by at least *least_px*."""
    known = np.isfinite(carrier_px)
    if np.count_nonzero(known) < _LEAST_STEPS:
        return False
    disc, carrier = disc_px[known], carrier_px[known]
    if min(np.ptp(disc), np.ptp(carrier)) < least_px:
        return False
    return float(np.corrcoef(disc, carrier)[0, 1]) >= TOGETHER


def _above_px(rows: FloatArray) -> float:
    """Return how far the disc is usually above the hands."""
    return float(np.nanmedian(rows[:, 3] - rows[:, 1]))


def _spread(offset_px: FloatArray) -> float:
    """Return how much a distance varies, shape (n, 2), pixels; infinite if it is not known."""
    known = offset_px[np.isfinite(offset_px[:, 0])]
    return float(np.hypot(*known.std(axis=0))) if len(known) >= _LEAST_STEPS else np.inf


def _ratio(one: Disc, other: Disc) -> float:
    ratio = float(one.radius_px[1] / other.radius_px[1])
    return max(ratio, 1 / ratio)
