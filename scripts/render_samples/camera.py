"""A pinhole camera whose matrix is written into the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scripts.render_samples.exercises import Framing
from scripts.render_samples.geometry import UP, Array, rotation, unit, vec
from scripts.render_samples.spec import CameraSpec

NEAR_M, FAR_M = 0.2, 40.0
# A hand's wander: frequencies of the sine waves that make it up, and how far the view turns with it.
SWAY_HZ = (0.21, 0.47, 1.1)
SWAY_VIEW_SHARE = 0.6


@dataclass(frozen=True)
class VirtualCamera:
    """A pinhole camera.

    Attributes
    ----------
    intrinsics : (3, 3) px
        Focal lengths and principal point; the origin is the image's upper left corner.
    rotation : (3, 3)
        World to camera (X right, Y down, Z into the image).
    position : (3,) m
        Lens in the world.

    """

    intrinsics: Array
    rotation: Array
    position: Array
    width_px: int
    height_px: int

    @property
    def matrix(self) -> Array:
        """3x4 matrix from homogeneous world points, m, to homogeneous pixels."""
        shift = -self.rotation @ self.position
        return np.asarray(self.intrinsics @ np.column_stack([self.rotation, shift]))

    def clip_matrix(self) -> Array:
        """4x4 matrix from the world to OpenGL clip space."""
        width, height = self.width_px, self.height_px
        fx, fy = self.intrinsics[0, 0], self.intrinsics[1, 1]
        cx, cy = self.intrinsics[0, 2], self.intrinsics[1, 2]
        depth_scale = (FAR_M + NEAR_M) / (FAR_M - NEAR_M)
        depth_shift = -2.0 * FAR_M * NEAR_M / (FAR_M - NEAR_M)
        projection = np.array(
            [
                [2.0 * fx / width, 0.0, 2.0 * cx / width - 1.0, 0.0],
                [0.0, -2.0 * fy / height, 1.0 - 2.0 * cy / height, 0.0],
                [0.0, 0.0, depth_scale, depth_shift],
                [0.0, 0.0, 1.0, 0.0],
            ]
        )
        view = np.eye(4)
        view[:3, :3], view[:3, 3] = self.rotation, -self.rotation @ self.position
        return np.asarray(projection @ view)


def project(matrix: Array, points: Array) -> Array:
    """Return world points (..., 3), m, as pixels (..., 2)."""
    homogeneous = points @ matrix[:, :3].T + matrix[:, 3]
    return np.asarray(homogeneous[..., :2] / homogeneous[..., 2:])


def mirrored_matrix(matrix: Array, width_px: int) -> Array:
    """Return the camera matrix of the flipped image of the world mirrored in Y."""
    flip = np.array([[-1.0, 0.0, float(width_px)], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    return np.asarray(flip @ matrix @ np.diag([1.0, -1.0, 1.0, 1.0]))


class CameraRig:
    """The camera of a clip at any time."""

    def __init__(self, spec: CameraSpec, framing: Framing, body_scale: float, seed: int) -> None:
        self.spec = spec
        self._target = body_scale * vec(framing.centre_x_m, 0.0, framing.centre_height_m)
        short_px = min(spec.width_px, spec.height_px)
        self._focal_px = 0.5 * short_px / np.tan(np.radians(0.5 * spec.field_of_view_deg))
        self._position = self._stand(body_scale * framing.width_m, body_scale * framing.height_m)
        self._phases = np.random.default_rng([seed, 2]).uniform(0.0, 2.0 * np.pi, (3, len(SWAY_HZ)))

    def _stand(self, width_m: float, height_m: float) -> Array:
        """Go back until the lifter fits the frame at the wanted distance factor."""
        spec = self.spec
        fit_m = self._focal_px * max(width_m / spec.width_px, height_m / spec.height_px)
        distance_m = fit_m * spec.distance_factor
        azimuth_rad = np.radians(spec.azimuth_deg)
        level = distance_m * vec(float(np.sin(azimuth_rad)), -float(np.cos(azimuth_rad)), 0.0)
        return np.asarray((self._target + level) * vec(1.0, 1.0, 0.0) + vec(0.0, 0.0, spec.height_m))

    def _sway(self, time_s: float) -> Array:
        waves = np.sin(2.0 * np.pi * np.array(SWAY_HZ) * time_s + self._phases)
        return np.asarray(self.spec.sway_m * (waves / (1.0 + np.arange(len(SWAY_HZ)))).sum(axis=1))

    def at(self, time_s: float) -> VirtualCamera:
        """Return the camera at a time."""
        sway = self._sway(time_s)
        position = self._position + sway
        forward = unit(self._target + SWAY_VIEW_SHARE * sway - position)
        right = unit(np.cross(forward, UP))
        upright = np.stack([right, np.cross(forward, right), forward])
        rolled = rotation((0.0, 0.0, 1.0), -self.spec.roll_deg) @ upright
        width, height = self.spec.width_px, self.spec.height_px
        intrinsics = np.array(
            [[self._focal_px, 0.0, 0.5 * width], [0.0, self._focal_px, 0.5 * height], [0.0, 0.0, 1.0]]
        )
        return VirtualCamera(intrinsics, rolled, position, width, height)
