"""What all motions share: the posed frame they return, supports, and contact solving."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.interpolate import CubicSpline

from scripts.render_samples.bodies import Body, Indices
from scripts.render_samples.geometry import Array, bend_deg, find_root, segment_pitch_deg, vec
from scripts.render_samples.plan import Targets
from scripts.render_samples.skeleton import HandPose, Posture, Side

TORSO_BONES = ("spine", "clavicle", "shoulder")
# Pressed skin gives way: contacts are solved so that it overlaps its support by this much.
SKIN_GIVE_M = 0.004
PAD_THICKNESS_M = 0.09


@dataclass(frozen=True)
class Bench:
    """A padded bench across the lifter: it fills `front_m` minus `depth_m` to `front_m` along X.

    Attributes
    ----------
    front_m, depth_m
        X of the edge nearest the hips, and the extent from there toward the head (negative: toward +X).
    top_m
        Height of the pad's surface.
    length_m
        Extent along Y.
    edge_radius_m
        Rounding of the pad's edges.

    """

    front_m: float
    depth_m: float
    top_m: float
    length_m: float
    edge_radius_m: float = 0.022

    @property
    def low_x_m(self) -> float:
        """Smallest X of the pad."""
        return min(self.front_m, self.front_m - self.depth_m)

    @property
    def high_x_m(self) -> float:
        """Largest X of the pad."""
        return max(self.front_m, self.front_m - self.depth_m)

    def surface_m(self, x_m: Array) -> Array:
        """Return the height of the pad at each X; minus infinity beside it."""
        radius = self.edge_radius_m
        inside = np.minimum(x_m - self.low_x_m, self.high_x_m - x_m)
        shortfall = np.clip(radius - inside, 0.0, radius)
        height = self.top_m - radius + np.sqrt(radius**2 - shortfall**2)
        return np.where(inside >= 0.0, height, -np.inf)

    def penetration_m(self, points: Array) -> float:
        """Return how deep the deepest of some points (n, 3) lies inside the pad."""
        below = self.surface_m(points[:, 0]) - points[:, 2]
        to_front = abs(self.front_m - points[:, 0])
        to_side = 0.5 * self.length_m - abs(points[:, 1])
        depth = np.minimum(np.minimum(below, to_front), to_side)
        inside = points[:, 2] > self.top_m - PAD_THICKNESS_M
        return float(np.where(inside, depth, 0.0).max())


@dataclass(frozen=True)
class PosedFrame:
    """A solved posture with the things the lifter holds.

    Attributes
    ----------
    posture
        The body.
    reach_miss_m
        Largest distance by which a hand or foot misses its target.
    load
        Centre of the bar or bell, or the position of the handle, m.
    load_rotation
        Rotation of the load (kettlebell).
    planted
        Bones that must not move while this side works.

    """

    posture: Posture
    reach_miss_m: float
    load: Array | None = None
    load_rotation: Array = field(default_factory=lambda: np.eye(3))
    planted: tuple[str, ...] = ()


class Motion(ABC):
    """Turns posture targets into a posed body whose contacts hold."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.benches: tuple[Bench, ...] = ()
        self._trunk_lines_deg: dict[tuple[float, float], float] = {}

    @abstractmethod
    def pose(self, targets: Targets, side: Side) -> PosedFrame:
        """Solve one posture."""

    def complete_bottom(self, bottom: Targets) -> Targets:
        """Fill in what the surroundings decide about the bottom (the floor, the bar's height)."""
        return bottom

    def refit_bottom(self, bottom: Targets) -> Targets:
        """Fit a changed bottom to the surroundings again, where those decide about its hip angle."""
        return bottom

    def new_posture(self) -> Posture:
        """Return a posture with whatever this motion holds fixed."""
        return Posture(self.body)

    def trunk_line_deg(self, targets: Targets) -> float:
        """Return the pitch of the hip-shoulder line when the pelvis is upright: what the spine alone adds."""
        spine = (targets.lumbar_deg, targets.thoracic_deg)
        if spine not in self._trunk_lines_deg:
            posture = self.new_posture()
            posture.set_spine(0.0, lumbar_deg=targets.lumbar_deg, thoracic_deg=targets.thoracic_deg)
            line_deg = segment_pitch_deg(posture.middle("upperleg01"), posture.middle("upperarm01"))
            self._trunk_lines_deg[spine] = line_deg
        return self._trunk_lines_deg[spine]

    def neutral_line_deg(self) -> float:
        """Return `trunk_line_deg` of the neutral spine."""
        return self.trunk_line_deg(Targets())


def trunk_thigh_flexion_deg(posture: Posture, side: Side) -> float:
    """Return the signed sagittal trunk-thigh flexion of one side."""
    return bend_deg(
        posture.joint(f"upperarm01.{side}"),
        posture.joint(f"upperleg01.{side}"),
        posture.joint(f"lowerleg01.{side}"),
    )


def lowest_m(posture: Posture, vertices: Indices) -> float:
    """Return the height of the lowest of some skin vertices."""
    return float(posture.skin_vertices(vertices)[:, 2].min())


def turn_for_drop_deg(drop_deg: float, pelvis_pitch_deg: float) -> float:
    """Return the pelvis's turn about the spine that slopes the hip line by `drop_deg` when the trunk is pitched."""
    levelness = abs(np.sin(np.radians(pelvis_pitch_deg)))
    return float(np.degrees(np.arcsin(min(np.sin(np.radians(drop_deg)) / max(levelness, 0.2), 1.0))))


def hand_depth_m(body: Body, hand: HandPose) -> float:
    """Return how high the wrist must be for a hand in a fixed attitude to rest on the floor, m."""
    posture = Posture(body)
    posture.set_arm("L", posture.joint("wrist.L"), vec(-1.0, 1.0, 0.0), hand)
    lowest = lowest_m(posture, body.skin_part(("wrist.L", *_fingers("L"))))
    return float(posture.joint("wrist.L")[2]) - lowest - SKIN_GIVE_M


def _fingers(side: Side) -> tuple[str, ...]:
    palm = tuple(f"metacarpal{i}.{side}" for i in range(1, 5))
    return palm + tuple(f"finger{i}-{k}.{side}" for i in range(1, 6) for k in (1, 2, 3))


def thinned(vertices: Indices, most: int = 400) -> Indices:
    """Return an even subset of vertex indices."""
    step = max(1, len(vertices) // most)
    return vertices[::step]


def tabulated(function: Callable[[float], float], low: float, high: float, points: int) -> CubicSpline:
    """Return a smooth interpolation of a costly function."""
    grid = np.linspace(low, high, points)
    return CubicSpline(grid, [function(float(x)) for x in grid])


class WarmRoot:
    """Root finding that starts from the last root: a set's frames lie close together."""

    def __init__(self, low: float, high: float, steps: int, near: float = 6.0) -> None:
        self._low, self._high, self._steps, self._near = low, high, steps, near
        self._last: dict[Side, float] = {}

    def solve(self, function: Callable[[float], float], side: Side) -> float:
        """Return a root of a function of one angle."""
        last = self._last.get(side)
        if last is not None:
            low, high = last - self._near, last + self._near
            if function(low) * function(high) < 0.0:
                self._last[side] = find_root(function, low, high, steps=1)
                return self._last[side]
        self._last[side] = find_root(function, self._low, self._high, steps=self._steps)
        return self._last[side]
