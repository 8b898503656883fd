"""Meshes that follow the bones of a body, and dressed parts made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from scripts.render_samples.bodies import Body, Indices
from scripts.render_samples.geometry import Array, vec
from scripts.render_samples.mesh import Mesh, Surface, vertex_normals
from scripts.render_samples.skeleton import Posture

# Taubin smoothing: shrink, then grow by slightly more, so that volume is kept.
SMOOTH_SHRINK, SMOOTH_GROW = 0.5, -0.52


@dataclass(frozen=True)
class Shell:
    """A mesh that follows the bones."""

    vertices: Array
    triangles: Indices
    weights: Array
    bones: Indices

    def subset(self, keep: Indices, offset: Array) -> Shell:
        """Return some triangles, with all vertices moved by an offset."""
        used, compact = np.unique(self.triangles[keep], return_inverse=True)
        moved = (self.vertices + offset)[used]
        return Shell(moved, compact.reshape(-1, 3), self.weights[used], self.bones[used])


@dataclass(frozen=True)
class Part:
    """A dressed part: shell, colours, surface, cover (see `mesh.Mesh`) and sag, m, of loose cloth."""

    shell: Shell
    colours: Array
    surface: Surface
    cover: Array
    sag_m: Array

    def mesh(self, posture: Posture, *, casts_shadow: bool) -> Mesh:
        """Return the part in a posture."""
        shell = self.shell
        vertices = posture.skin(shell.vertices, shell.weights, shell.bones)
        normals = vertex_normals(vertices, shell.triangles)
        if self.sag_m.any():
            facing_down = np.clip(-normals[:, 2], 0.0, 1.0)
            vertices = vertices - (self.sag_m * facing_down)[:, None] * vec(0.0, 0.0, 1.0)
            normals = vertex_normals(vertices, shell.triangles)
        return Mesh(
            vertices=vertices,
            triangles=shell.triangles,
            colours=self.colours,
            surface=self.surface,
            normals=normals,
            rest=shell.vertices,
            cover=self.cover,
            casts_shadow=casts_shadow,
            one_sided=True,
        )


def group_shell(body: Body, triangles: Indices) -> Shell:
    """Return the part of a body that consists of some triangles."""
    used, compact = np.unique(triangles, return_inverse=True)
    return Shell(body.vertices[used], compact.reshape(-1, 3), body.weights[used], body.weight_bones[used])


def _smoothed(values: Array, neighbours: sparse.csr_matrix, times: int) -> Array:
    for _ in range(times):
        for amount in (SMOOTH_SHRINK, SMOOTH_GROW):
            values = values + amount * (neighbours @ values - values)
    return values


def subdivided(shell: Shell, bone_count: int, smoothing: int) -> Shell:
    """Split every triangle in four and smooth shape and weights a little."""
    triangles, count = shell.triangles, len(shell.vertices)
    sides = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    edges, inverse = np.unique(sides, axis=0, return_inverse=True)
    a, b, c = inverse.reshape(3, -1) + count
    p, q, r = triangles.T
    split = np.concatenate([np.stack(corner, axis=1) for corner in ((p, a, c), (a, q, b), (c, b, r), (a, b, c))])
    dense = np.zeros((count, bone_count))
    np.add.at(dense, (np.arange(count)[:, None], shell.bones), shell.weights)
    vertices = np.concatenate([shell.vertices, shell.vertices[edges].mean(axis=1)])
    dense = np.concatenate([dense, dense[edges].mean(axis=1)])
    neighbours = _neighbour_mean(split, len(vertices))
    vertices = _smoothed(vertices, neighbours, smoothing)
    for _ in range(3):
        dense = 0.5 * dense + 0.5 * (neighbours @ dense)
    bones = np.argsort(-dense, axis=1)[:, : shell.bones.shape[1]]
    weights = np.take_along_axis(dense, bones, axis=1)
    return Shell(vertices, split, weights / weights.sum(axis=1, keepdims=True), bones)


def _neighbour_mean(triangles: Indices, count: int) -> sparse.csr_matrix:
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    both = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)
    links = sparse.csr_matrix((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(count, count))
    return sparse.diags(1.0 / np.asarray(links.sum(axis=1)).ravel()) @ links
