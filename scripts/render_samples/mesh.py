"""Triangle meshes and simple solids."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import product

import numpy as np
from scipy.spatial import ConvexHull

from scripts.render_samples.bodies import Indices
from scripts.render_samples.geometry import UP, Array, unit, vec


class Material(IntEnum):
    """Surface kinds of the fragment shader."""

    PLAIN = 0
    SKIN = 1
    CLOTH = 2
    FLOOR = 3
    WALL = 4
    HAIR = 5
    RUBBER = 6
    BRICK = 7


@dataclass(frozen=True)
class Surface:
    """How a mesh reacts to light: material, strength and spread of its gloss, depth of its folds."""

    material: Material = Material.PLAIN
    gloss: float = 0.3
    roughness: float = 0.55
    folds: float = 0.0


PLAIN = Surface()
COARSE = Surface(Material.RUBBER)


@dataclass(frozen=True)
class Mesh:
    """A mesh ready to be drawn.

    Attributes
    ----------
    vertices, normals : (n, 3) m
        World positions and unit normals.
    triangles : (m, 3)
        Vertex indices.
    colours : (n, 3)
        Linear colours.
    surface
        Reaction to light.
    rest : (n, 3) m
        Positions that patterns stick to (the rest pose of a body).
    cover : (n,)
        Signed distance inside the part's border; fragments below zero are cut away.
    casts_shadow
        Whether the mesh is drawn into the shadow maps.
    one_sided
        Whether triangles seen from behind may be omitted.

    """

    vertices: Array
    triangles: Indices
    colours: Array
    surface: Surface
    normals: Array
    rest: Array
    cover: Array
    casts_shadow: bool = True
    one_sided: bool = False


def linear_colour(hex_colour: str) -> Array:
    """Return a #rrggbb colour in linear light."""
    srgb = np.array([int(hex_colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def vertex_normals(vertices: Array, triangles: Indices) -> Array:
    """Return area-weighted unit normals, (n, 3)."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for corner, axis in product(range(3), range(3)):
        normals[:, axis] += np.bincount(triangles[:, corner], faces[:, axis], len(vertices))
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12))


def solid(
    vertices: Array,
    triangles: Indices,
    colour: str,
    surface: Surface = PLAIN,
    *,
    normals: Array | None = None,
    casts_shadow: bool = True,
) -> Mesh:
    """Return a mesh of one colour."""
    return Mesh(
        vertices=vertices,
        triangles=triangles,
        colours=np.tile(linear_colour(colour), (len(vertices), 1)),
        surface=surface,
        normals=vertex_normals(vertices, triangles) if normals is None else normals,
        rest=vertices,
        cover=np.ones(len(vertices)),
        casts_shadow=casts_shadow,
    )


def flat_shaded(vertices: Array, triangles: Indices) -> tuple[Array, Indices]:
    """Give every triangle its own vertices, so that its edges stay hard."""
    return vertices[triangles].reshape(-1, 3), np.arange(3 * len(triangles)).reshape(-1, 3)


def box(centre: Array, size: Array, colour: str, surface: Surface = COARSE) -> Mesh:
    """Return a box with hard edges."""
    corners = np.array(list(product((-0.5, 0.5), repeat=3))) * size + centre
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))])
    vertices, triangles = flat_shaded(corners, triangles)
    return solid(vertices, triangles, colour, surface)


def sphere(centre: Array, radius_m: float, colour: str, surface: Surface = PLAIN) -> Mesh:
    """Return a sphere of latitude rings."""
    rings, around = 14, 24
    polar = np.linspace(0.0, np.pi, rings)[:, None]
    turn = np.arange(around) * 2.0 * np.pi / around
    normals = np.stack(
        [np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar) + 0.0 * turn], axis=-1
    ).reshape(-1, 3)
    triangles = _grid_triangles(rings, around)
    return solid(centre + radius_m * normals, triangles, colour, surface, normals=normals)


def _grid_triangles(rings: int, around: int) -> Indices:
    """Return the triangles between neighbouring closed rings of vertices."""
    ring, i = (g.ravel() for g in np.meshgrid(np.arange(rings - 1), np.arange(around), indexing="ij"))
    j = (i + 1) % around
    a, b, c, d = ring * around + i, ring * around + j, (ring + 1) * around + i, (ring + 1) * around + j
    return np.concatenate([np.stack([a, c, b], axis=1), np.stack([b, c, d], axis=1)])


def rounded_box(centre: Array, size: Array, radius_m: float, colour: str, surface: Surface) -> Mesh:
    """Return a box with rounded edges: the hull of spheres at its corners."""
    ball = sphere(vec(0.0, 0.0, 0.0), radius_m, colour).vertices
    inner = 0.5 * size - radius_m
    points = np.concatenate([ball + inner * np.array(s) for s in product((-1.0, 1.0), repeat=3)])
    hull = ConvexHull(points)
    # The hull's faces come unoriented: turn each one outward.
    triangles = hull.simplices.astype(np.int64)
    a, b, c = (points[triangles[:, k]] for k in range(3))
    inward = (np.cross(b - a, c - a) * a).sum(axis=1) < 0.0
    triangles[inward] = triangles[inward][:, ::-1]
    used, compact = np.unique(triangles, return_inverse=True)
    return solid(points[used] + centre, compact.reshape(triangles.shape), colour, surface)


def cylinder(
    start: Array,
    end: Array,
    radius_m: float,
    colour: str,
    surface: Surface = PLAIN,
    sides: int = 24,
) -> Mesh:
    """Return a closed cylinder between two points."""
    along = unit(end - start)
    across = unit(np.cross(along, UP if abs(along[2]) < 0.9 else vec(1.0, 0.0, 0.0)))
    third = np.cross(along, across)
    turn = np.arange(sides)[:, None] * 2.0 * np.pi / sides
    ring = np.cos(turn) * across + np.sin(turn) * third
    low, high = start + radius_m * ring, end + radius_m * ring
    vertices = np.concatenate([low, high, low, high, [start], [end]])
    caps = np.tile(along, (sides, 1))
    normals = np.concatenate([ring, ring, -caps, caps, [-along], [along]])
    i = np.arange(sides)
    j, n = (i + 1) % sides, sides
    low_hub, high_hub = np.full(n, 4 * n), np.full(n, 4 * n + 1)
    triangles = np.concatenate(
        [
            np.stack([i, j, n + j], axis=1),
            np.stack([i, n + j, n + i], axis=1),
            np.stack([2 * n + i, low_hub, 2 * n + j], axis=1),
            np.stack([3 * n + i, 3 * n + j, high_hub], axis=1),
        ]
    )
    return solid(vertices, triangles, colour, surface, normals=normals)


def torus(centre: Array, axis: Array, radius_m: float, tube_m: float, colour: str, surface: Surface) -> Mesh:
    """Return a ring."""
    along = unit(axis)
    across = unit(np.cross(along, UP if abs(along[2]) < 0.9 else vec(1.0, 0.0, 0.0)))
    third = np.cross(along, across)
    rings, around = 25, 12
    turn = np.linspace(0.0, 2.0 * np.pi, rings)[:, None, None]
    tube = (np.arange(around) * 2.0 * np.pi / around)[None, :, None]
    outward = np.cos(turn) * across + np.sin(turn) * third
    normals = np.cos(tube) * outward + np.sin(tube) * along
    vertices = (centre + radius_m * outward + tube_m * normals).reshape(-1, 3)
    return solid(vertices, _grid_triangles(rings, around), colour, surface, normals=normals.reshape(-1, 3))


def merged(meshes: list[Mesh]) -> Mesh:
    """Join meshes that share a surface into one."""
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    return Mesh(
        vertices=np.concatenate([m.vertices for m in meshes]),
        triangles=np.concatenate([m.triangles + o for m, o in zip(meshes, offsets, strict=True)]),
        colours=np.concatenate([m.colours for m in meshes]),
        surface=meshes[0].surface,
        normals=np.concatenate([m.normals for m in meshes]),
        rest=np.concatenate([m.rest for m in meshes]),
        cover=np.concatenate([m.cover for m in meshes]),
        casts_shadow=meshes[0].casts_shadow,
    )
