"""A posed skeleton: forward kinematics, skinning, and two-bone limbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from scripts.render_samples.bodies import Body, Indices
from scripts.render_samples.geometry import LEFT, Array, align, pitch, rotation, unit, vec, yaw

Side = Literal["L", "R"]
SIDES: tuple[Side, Side] = ("L", "R")
SIDE_NAME: dict[Side, str] = {"L": "left", "R": "right"}

# Share of a region's rotation taken by each of its bones.
LUMBAR = (("spine05", 0.38), ("spine04", 0.34), ("spine03", 0.28))
THORACIC = (("spine02", 0.5), ("spine01", 0.5))
NECK = (("neck01", 0.3), ("neck02", 0.2), ("neck03", 0.2), ("head", 0.3))

# Nearly, not fully, straight: a limb locked at its full length flips its middle joint about.
LONGEST_REACH_SHARE = 0.9995
FOREARM_TWIST_SHARE = 0.7


def lateral_sign(side: Side) -> float:
    """Return +1 on the left, -1 on the right (the sign of the Y axis)."""
    return 1.0 if side == "L" else -1.0


def other_side(side: Side) -> Side:
    """Return the opposite side."""
    return "R" if side == "L" else "L"


def mirrored(vector: Array, side: Side) -> Array:
    """Turn a vector given for the left side into the one of the wanted side."""
    return np.asarray(vector * vec(1.0, lateral_sign(side), 1.0))


@dataclass(frozen=True)
class LimbSolution:
    """Where a two-bone limb's joints come to lie, m, and by how much the target is out of reach, m."""

    middle: Array
    end: Array
    miss_m: float


def solve_two_bones(start: Array, target: Array, upper_m: float, lower_m: float, pole: Array) -> LimbSolution:
    """ResultStore the middle joint of a two-bone limb on the side its pole vector points to."""
    reach_m = float(np.linalg.norm(target - start))
    longest_m = (upper_m + lower_m) * LONGEST_REACH_SHARE
    used_m = min(reach_m, longest_m)
    along = (target - start) / reach_m
    cosine = (upper_m**2 + used_m**2 - lower_m**2) / (2.0 * upper_m * used_m)
    cosine = min(max(cosine, -1.0), 1.0)
    outward = unit(pole - along * (pole @ along))
    middle = start + upper_m * (cosine * along + np.sqrt(1.0 - cosine**2) * outward)
    return LimbSolution(middle, start + along * used_m, max(0.0, reach_m - longest_m))


@dataclass(frozen=True)
class HandPose:
    """Direction from wrist to knuckles, direction from little finger to index finger, finger curl."""

    along: Array
    index_side: Array
    curl_deg: float = 0.0


class Posture:
    """A body in a pose.

    Every bone carries a rotation relative to its parent, in the axes of the rest body, about its own joint.
    World transforms are computed when asked for and kept until something changes.
    """

    def __init__(self, body: Body) -> None:
        self.body = body
        self._index = {bone: i for i, bone in enumerate(body.bones)}
        self._local = np.tile(np.eye(3), (len(body.bones), 1, 1))
        self._root_rotation = np.eye(3)
        self._root_position = body.head("root").copy()
        self._world: dict[int, tuple[Array, Array]] = {}
        self._stacked: Array | None = None

    # -- setting -----------------------------------------------------------------------------------------------

    def set_local(self, bone: str, matrix: Array) -> None:
        """Set a bone's rotation relative to its parent."""
        self._local[self._index[bone]] = matrix
        self._changed()

    def _changed(self) -> None:
        """Forget what was computed from the former pose."""
        self._world.clear()
        self._stacked = None

    def set_world(self, bone: str, matrix: Array) -> None:
        """Set a bone's rotation relative to the world."""
        parent = self.body.parents[self._index[bone]]
        self.set_local(bone, self._transform(parent)[0].T @ matrix)

    def set_spine(
        self,
        pelvis_pitch_deg: float,
        *,
        lumbar_deg: float = 0.0,
        thoracic_deg: float = 0.0,
        neck_deg: float = 0.0,
        pelvis_turn_deg: float = 0.0,
    ) -> None:
        """Pose pelvis and spine.

        Parameters
        ----------
        pelvis_pitch_deg
            Forward tip of the pelvis from upright: 90 is prone, -90 supine.
        lumbar_deg, thoracic_deg, neck_deg
            Extension of each region: positive arches, negative rounds.
        pelvis_turn_deg
            Turn of the pelvis about the spine, left hip to the rear; the low back turns back by as much, so the
            shoulders stay level.

        """
        self._root_rotation = pitch(pelvis_pitch_deg) @ yaw(pelvis_turn_deg)
        for bone, share in LUMBAR:
            self.set_local(bone, pitch(-lumbar_deg * share) @ yaw(-pelvis_turn_deg * share))
        for region, angle_deg in ((THORACIC, thoracic_deg), (NECK, neck_deg)):
            for bone, share in region:
                self.set_local(bone, pitch(-angle_deg * share))

    def move(self, offset: Array) -> None:
        """Shift the whole body, m."""
        self._root_position = self._root_position + offset
        self._changed()

    def place(self, bone: str, rest_point: Array, world_point: Array) -> None:
        """Shift the body within its sagittal plane until a point fixed to a bone lies at a world point."""
        offset = world_point - self.point(bone, rest_point)
        self.move(offset * vec(1.0, 0.0, 1.0))

    # -- reading -----------------------------------------------------------------------------------------------

    def _transform(self, i: int) -> tuple[Array, Array]:
        found = self._world.get(i)
        if found is not None:
            return found
        head, parent = self.body.heads[i], self.body.parents[i]
        if parent < 0:
            rotation_world = self._root_rotation @ self._local[i]
            result = (rotation_world, self._root_position - rotation_world @ head)
        else:
            parent_rotation, parent_shift = self._transform(parent)
            rotation_world = parent_rotation @ self._local[i]
            result = (rotation_world, parent_rotation @ head + parent_shift - rotation_world @ head)
        self._world[i] = result
        return result

    def world_rotation(self, bone: str) -> Array:
        """Return a bone's 3x3 rotation from rest to world."""
        return self._transform(self._index[bone])[0]

    def point(self, bone: str, rest_point: Array) -> Array:
        """Return where a rest point that is fixed to a bone lies in the world, m."""
        matrix, shift = self._transform(self._index[bone])
        return np.asarray(matrix @ rest_point + shift)

    def joint(self, bone: str) -> Array:
        """Return a bone's joint in the world, m."""
        return self.point(bone, self.body.heads[self._index[bone]])

    def middle(self, bone: str) -> Array:
        """Return the midpoint between the left and right joint of a paired bone, m."""
        return np.asarray((self.joint(f"{bone}.L") + self.joint(f"{bone}.R")) / 2.0)

    def skin(self, vertices: Array, weights: Array, bones: Indices) -> Array:
        """Return rest vertices moved with the bones (linear blend skinning), m."""
        blended = np.einsum("nk,nkij->nij", weights, self._matrices()[bones], optimize=True)
        return np.asarray(np.einsum("nij,nj->ni", blended[:, :, :3], vertices) + blended[:, :, 3])

    def _matrices(self) -> Array:
        """Return all bones' 3x4 matrices from rest to world, (b, 3, 4)."""
        if self._stacked is None:
            transforms = [self._transform(i) for i in range(len(self.body.bones))]
            rotations, shifts = (np.array(values) for values in zip(*transforms, strict=True))
            self._stacked = np.concatenate([rotations, shifts[:, :, None]], axis=2)
        return self._stacked

    def skin_vertices(self, indices: Indices) -> Array:
        """Return some of the body's own vertices in the world, m."""
        body = self.body
        return self.skin(body.vertices[indices], body.weights[indices], body.weight_bones[indices])

    # -- limbs -------------------------------------------------------------------------------------------------

    def set_leg(self, side: Side, ankle: Array, pole: Array, toe_out_deg: float) -> float:
        """Reach an ankle position with the foot flat; return by how much it is out of reach, m."""
        body = self.body
        upper, lower, foot = f"upperleg01.{side}", f"lowerleg01.{side}", f"foot.{side}"
        solution = solve_two_bones(
            self.joint(upper), ankle, body.length(upper, lower), body.length(lower, foot), mirrored(pole, side)
        )
        sign = lateral_sign(side)
        hinge_axis = yaw(sign * toe_out_deg) @ LEFT
        self._point_leg(side, solution.middle, solution.end, hinge_axis)
        self.set_world(foot, yaw(sign * toe_out_deg - rest_toe_out_deg(body, side)))
        return solution.miss_m

    def aim_leg(self, side: Side, thigh: Array, shank: Array, foot_pitch_deg: float) -> None:
        """Point thigh and shank along world directions; the foot's pitch is from flat, positive toes down."""
        body = self.body
        upper, lower, foot = f"upperleg01.{side}", f"lowerleg01.{side}", f"foot.{side}"
        knee = self.joint(upper) + body.length(upper, lower) * unit(thigh)
        self._point_leg(side, knee, knee + body.length(lower, foot) * unit(shank), LEFT)
        self.set_world(foot, pitch(foot_pitch_deg) @ yaw(-rest_toe_out_deg(body, side)))

    def _point_leg(self, side: Side, knee: Array, ankle: Array, hinge_axis: Array) -> None:
        body = self.body
        upper, lower, foot = f"upperleg01.{side}", f"lowerleg01.{side}", f"foot.{side}"
        thigh, shank = body.head(lower) - body.head(upper), body.head(foot) - body.head(lower)
        self.set_world(upper, align(thigh, LEFT, knee - self.joint(upper), hinge_axis))
        self.set_world(lower, align(shank, LEFT, ankle - knee, hinge_axis))

    def set_arm(self, side: Side, wrist: Array, pole: Array, hand: HandPose) -> float:
        """Reach a wrist position; return by how much it is out of reach, m.

        `pole` (the way the elbow points) and `hand` are given as for the left side and are mirrored.
        """
        body = self.body
        upper, lower, end = f"upperarm01.{side}", f"lowerarm01.{side}", f"wrist.{side}"
        start = self.joint(upper)
        solution = solve_two_bones(
            start, wrist, body.length(upper, lower), body.length(lower, end), mirrored(pole, side)
        )
        upper_rest, lower_rest = body.head(lower) - body.head(upper), body.head(end) - body.head(lower)
        hinge_rest = np.cross(upper_rest, lower_rest)
        hinge = np.cross(solution.middle - start, solution.end - solution.middle)
        self.set_world(upper, align(upper_rest, hinge_rest, solution.middle - start, hinge))
        self.set_world(lower, align(lower_rest, hinge_rest, solution.end - solution.middle, hinge))
        self._set_hand(side, hand, unit(solution.end - solution.middle))
        return solution.miss_m

    def _set_hand(self, side: Side, hand: HandPose, forearm: Array) -> None:
        body = self.body
        wrist = f"wrist.{side}"
        along_rest = body.head(f"finger3-1.{side}") - body.head(wrist)
        index_rest = body.head(f"finger2-1.{side}") - body.head(f"finger5-1.{side}")
        wanted = align(along_rest, index_rest, mirrored(hand.along, side), mirrored(hand.index_side, side))
        # Turning the palm happens in the forearm: let its lower half take most of the twist about its own axis.
        lower = self.world_rotation(f"lowerarm01.{side}")
        twist_deg = FOREARM_TWIST_SHARE * _twist_deg(wanted @ lower.T, forearm)
        self.set_local(f"lowerarm02.{side}", lower.T @ rotation(forearm, twist_deg) @ lower)
        self.set_world(wrist, wanted)
        for finger in (2, 3, 4, 5):
            for knuckle, share in ((1, 1.0), (2, 1.0), (3, 0.7)):
                curl = rotation(index_rest, -lateral_sign(side) * hand.curl_deg * share)
                self.set_local(f"finger{finger}-{knuckle}.{side}", curl)


def _twist_deg(matrix: Array, axis: Array) -> float:
    """Return the part of a rotation that turns about an axis."""
    skew = vec(matrix[2, 1] - matrix[1, 2], matrix[0, 2] - matrix[2, 0], matrix[1, 0] - matrix[0, 1])
    return float(2.0 * np.degrees(np.arctan2(skew @ axis, 1.0 + np.trace(matrix))))


def rest_toe_out_deg(body: Body, side: Side) -> float:
    """Return the yaw of the resting foot, positive to the left."""
    toe = body.head(f"toe2-1.{side}") - body.head(f"foot.{side}")
    return float(np.degrees(np.arctan2(toe[1], toe[0])))
