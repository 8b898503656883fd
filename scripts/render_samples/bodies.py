"""Rest bodies: the baked MakeHuman meshes with skeleton and skin weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scripts.render_samples.geometry import Array, vec

Indices = NDArray[np.int64]

BODY_FOLDER = Path(__file__).parent / "bodies"
SOLE_M = 0.022
REFERENCE_HEIGHT_M = 1.75

# Hip joint centre as a share of the pelvis depth, measured from the front skin. MakeHuman's lies at about 0.6,
# too far back by regression equations of the Bell type.
HIP_DEPTH_SHARE = 0.40


@dataclass(frozen=True)
class Body:
    """A rest body standing on the floor, arms lowered, facing +X.

    Attributes
    ----------
    name
        File name of the baked body.
    vertices : (n, 3) m
        Rest positions.
    heads : (b, 3) m
        Rest position of each bone's joint.
    bones
        Bone names, parents before children.
    parents : (b,)
        Index of each bone's parent, -1 for the root.
    weights, weight_bones : (n, 8)
        Skin weights and the bones they belong to.
    triangles
        Faces of each mesh group: `body`, `helper-tights` (base of the clothes) and the eyes.
    mouth : (3,) m
        Centre of the mouth, for the face's colours.

    """

    name: str
    vertices: Array
    heads: Array
    bones: tuple[str, ...]
    parents: tuple[int, ...]
    weights: Array
    weight_bones: Indices
    triangles: dict[str, Indices]
    mouth: Array

    def index(self, bone: str) -> int:
        """Return a bone's index."""
        return self.bones.index(bone)

    def head(self, bone: str) -> Array:
        """Return the rest position of a bone's joint, m."""
        return np.asarray(self.heads[self.index(bone)])

    def length(self, bone: str, child: str) -> float:
        """Return the distance between two joints, m."""
        return float(np.linalg.norm(self.head(child) - self.head(bone)))

    @property
    def hip_centre(self) -> Array:
        """Midpoint of the two hip joints, m."""
        return np.asarray((self.head("upperleg01.L") + self.head("upperleg01.R")) / 2.0)

    @property
    def height_m(self) -> float:
        """Height of the skin."""
        return float(self.vertices[self.skin_indices, 2].max())

    @property
    def scale(self) -> float:
        """Height relative to a body of 1.75 m: sizes that were chosen by eye are multiplied with it."""
        return self.height_m / REFERENCE_HEIGHT_M

    @cached_property
    def skin_indices(self) -> Indices:
        """Indices of the skin's vertices."""
        return np.unique(self.triangles["body"])

    def weight_on(self, prefixes: tuple[str, ...]) -> Array:
        """Return each vertex's summed weight on the bones whose name starts with one of the prefixes."""
        chosen = [i for i, name in enumerate(self.bones) if name.startswith(prefixes)]
        return np.asarray((self.weights * np.isin(self.weight_bones, chosen)).sum(axis=1))

    def skin_part(self, prefixes: tuple[str, ...], least_weight: float = 0.5) -> Indices:
        """Return the skin vertices that mostly follow the named bones."""
        weight = self.weight_on(prefixes)[self.skin_indices]
        return self.skin_indices[weight > least_weight]

    def surface_point(self, height_m: float, *, front: bool, lateral_m: float = 0.0) -> Array:
        """Return the compute_front_foot (or rearmost) rest skin point near a height and a lateral position."""
        skin = self.vertices[self.skin_indices]
        near = (abs(skin[:, 2] - height_m) < 0.02) & (abs(skin[:, 1] - lateral_m) < 0.04)
        band = skin[near]
        return np.asarray(band[np.argmax(band[:, 0] * (1.0 if front else -1.0))])


def body_names() -> tuple[str, ...]:
    """Return the names of the baked bodies."""
    return tuple(sorted(path.stem for path in BODY_FOLDER.glob("*male_*.npz")))


def _quads_to_triangles(quads: Indices) -> Indices:
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def _correct_hip_joints(vertices: Array, heads: Array, skin: Indices, bones: tuple[str, ...]) -> Array:
    corrected = heads.copy()
    points = vertices[skin]
    for bone, sign in (("upperleg01.L", 1.0), ("upperleg01.R", -1.0)):
        i = bones.index(bone)
        lateral = points[:, 1] * sign
        ring = points[(abs(points[:, 2] - heads[i, 2]) < 0.02) & (lateral > 0.0) & (lateral < 0.30)]
        back, front = ring[:, 0].min(), ring[:, 0].max()
        corrected[i, 0] = front - HIP_DEPTH_SHARE * (front - back)
    return corrected


@cache
def load_body(name: str) -> Body:
    """Read one baked body and stand it on the floor."""
    topology = np.load(BODY_FOLDER / "topology.npz")
    shape = np.load(BODY_FOLDER / f"{name}.npz")
    bones = tuple(str(bone) for bone in topology["bone_names"])
    groups = [str(group) for group in topology["group_names"]]
    quads = topology["quads"].astype(np.int64)
    triangles = {g: _quads_to_triangles(quads[topology["quad_group"] == i]) for i, g in enumerate(groups)}
    skin = np.unique(triangles["body"])
    vertices = shape["vertices_m"].astype(np.float64)
    floor = vec(0.0, 0.0, vertices[skin, 2].min())
    heads = shape["heads_m"].astype(np.float64)
    weights = topology["weights"].astype(np.float64)
    return Body(
        name=name,
        vertices=vertices - floor,
        heads=_correct_hip_joints(vertices, heads, skin, bones) - floor,
        bones=bones,
        parents=tuple(int(p) for p in topology["bone_parents"]),
        weights=weights / weights.sum(axis=1, keepdims=True),
        weight_bones=topology["weight_bones"].astype(np.int64),
        triangles=triangles,
        mouth=shape["mouth_m"].astype(np.float64) - floor,
    )
