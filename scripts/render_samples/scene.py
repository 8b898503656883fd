"""The room and the equipment, as meshes."""

from __future__ import annotations

import numpy as np

from scripts.render_samples.equipment import (
    BAR_HALF_LENGTH_M,
    BAR_PAD_RADIUS_M,
    BAR_RADIUS_M,
    PLATE_SETS,
    SLEEVE_RADIUS_M,
    SLEEVE_START_M,
    Plate,
)
from scripts.render_samples.exercises import Equipment, Exercise
from scripts.render_samples.geometry import Array, vec
from scripts.render_samples.mesh import (
    Material,
    Mesh,
    Surface,
    box,
    cylinder,
    merged,
    rounded_box,
    solid,
    sphere,
    torus,
)
from scripts.render_samples.motion.base import PAD_THICKNESS_M, Bench, PosedFrame
from scripts.render_samples.motion.hinge import PULLEY
from scripts.render_samples.spec import SceneSpec

BACK_WALL_M = 1.9
ROOM_HALF_WIDTH_M = 8.0
ROOM_HEIGHT_M = 3.8
STEEL = Surface(Material.PLAIN, gloss=1.0, roughness=0.28)
PAINT = Surface(Material.PLAIN, gloss=0.45, roughness=0.45)
LEATHER = Surface(Material.RUBBER, gloss=0.5, roughness=0.4)
IRON = Surface(Material.PLAIN, gloss=0.4, roughness=0.5)
MATT = Surface(Material.RUBBER, gloss=0.1, roughness=0.8)


def room(spec: SceneSpec, seed: int) -> list[Mesh]:
    """Return floor, back wall and a dumbbell rack."""
    half, back = ROOM_HALF_WIDTH_M, BACK_WALL_M
    floor = np.array([[-half, -half, 0.0], [half, -half, 0.0], [half, back, 0.0], [-half, back, 0.0]])
    wall = np.array([[-half, back, 0.0], [half, back, 0.0], [half, back, ROOM_HEIGHT_M], [-half, back, ROOM_HEIGHT_M]])
    quad = np.array([[0, 1, 2], [0, 2, 3]])
    brick = spec.wall_kind == "brick"
    wall_surface = Surface(Material.BRICK if brick else Material.WALL, gloss=0.05, roughness=0.8)
    meshes = [
        solid(floor, quad, spec.floor, Surface(Material.FLOOR, gloss=0.12, roughness=0.6), casts_shadow=False),
        solid(wall, quad, spec.wall, wall_surface, casts_shadow=False),
        box(vec(0.0, back - 0.01, 0.06), vec(2.0 * half, 0.02, 0.12), "#2b2c2e"),
    ]
    if spec.rack:
        meshes.append(_dumbbell_rack(np.random.default_rng([seed, 3])))
    return meshes


def _dumbbell_rack(rng: np.random.Generator) -> Mesh:
    parts = []
    depth_m = BACK_WALL_M - 0.32
    for left_m in (-2.3, 1.15):
        for height_m in (0.38, 0.78):
            parts.append(box(vec(left_m + 0.6, depth_m, height_m), vec(1.5, 0.34, 0.04), "#1c1d1f", PAINT))
            parts += _dumbbells(left_m, depth_m, height_m + 0.02, rng)
        for x_m in (left_m - 0.12, left_m + 1.32):
            parts.append(box(vec(x_m, depth_m, 0.5), vec(0.05, 0.30, 1.0), "#1c1d1f", PAINT))
    return merged(parts)


def _dumbbells(left_m: float, depth_m: float, shelf_m: float, rng: np.random.Generator) -> list[Mesh]:
    parts = []
    for i in range(6):
        radius_m = 0.045 + 0.012 * float(rng.random()) + 0.006 * i
        colour = ("#26272a", "#303236", "#3b1f1f")[int(rng.integers(3))]
        centre = vec(left_m + 0.04 + 0.225 * i, depth_m, shelf_m + radius_m)
        for sign in (-1.0, 1.0):
            inner, outer = centre + vec(0.0, 0.05 * sign, 0.0), centre + vec(0.0, 0.15 * sign, 0.0)
            parts.append(cylinder(inner, outer, radius_m, colour, PAINT, sides=12))
        handle = vec(0.0, 0.05, 0.0)
        parts.append(cylinder(centre - handle, centre + handle, 0.017, "#a8abae", PAINT, sides=8))
    return parts


def bench_meshes(bench: Bench) -> list[Mesh]:
    """Return a padded bench on a steel frame."""
    centre_x = 0.5 * (bench.low_x_m + bench.high_x_m)
    depth_m, length_m, top_m = bench.high_x_m - bench.low_x_m, bench.length_m, bench.top_m
    frame_m = top_m - PAD_THICKNESS_M
    pad = rounded_box(
        vec(centre_x, 0.0, top_m - 0.5 * PAD_THICKNESS_M),
        vec(depth_m, length_m, PAD_THICKNESS_M),
        bench.edge_radius_m,
        "#18191b",
        LEATHER,
    )
    # The frame runs along the longer side of the pad, with a leg near each end.
    along = vec(0.0, length_m, 0.0) if length_m > depth_m else vec(depth_m, 0.0, 0.0)
    parts = [box(vec(centre_x, 0.0, frame_m - 0.03), 0.85 * along + vec(0.06, 0.06, 0.06), "#50555a", PAINT)]
    for sign in (-1.0, 1.0):
        foot = vec(centre_x, 0.0, 0.0) + 0.38 * sign * along
        parts.append(box(foot + vec(0.0, 0.0, 0.5 * frame_m), vec(0.06, 0.06, frame_m), "#50555a", PAINT))
        across = vec(1.1 * depth_m, 0.07, 0.05) if length_m > depth_m else vec(0.07, 1.6 * length_m, 0.05)
        parts.append(box(foot + vec(0.0, 0.0, 0.025), across, "#50555a", PAINT))
    return [pad, merged(parts)]


def cable_stack() -> Mesh:
    """Return the weight tower behind a pull-through."""
    x_m = float(PULLEY[0]) - 0.12
    parts = [box(vec(x_m - 0.06, side, 1.05), vec(0.07, 0.07, 2.1), "#2a2c30", PAINT) for side in (-0.26, 0.26)]
    parts.append(box(vec(x_m - 0.06, 0.0, 2.1), vec(0.10, 0.62, 0.10), "#2a2c30", PAINT))
    parts.append(box(vec(x_m - 0.02, 0.0, 0.04), vec(0.45, 0.62, 0.08), "#2a2c30", PAINT))
    for i in range(12):
        plate = vec(x_m - 0.06, 0.0, 0.14 + 0.052 * i)
        parts.append(box(plate, vec(0.12, 0.40, 0.045), "#6a6d72", PAINT))
    parts.append(cylinder(PULLEY + vec(-0.07, -0.02, 0.0), PULLEY + vec(-0.07, 0.02, 0.0), 0.06, "#88898c", PAINT))
    return merged(parts)


def _plates(centre: Array, sign: float, plates: tuple[Plate, ...]) -> list[Mesh]:
    parts = []
    along = vec(0.0, sign, 0.0)
    y_m = SLEEVE_START_M + 0.004
    for plate in plates:
        inner, outer = centre + y_m * along, centre + (y_m + plate.thickness_m) * along
        parts.append(cylinder(inner, outer, plate.radius_m, plate.colour, IRON, sides=48))
        hub = 0.003 * along
        parts.append(cylinder(inner - hub, outer + hub, 0.3 * plate.radius_m, "#bfc2c4", IRON, sides=32))
        y_m += plate.thickness_m + 0.003
    return parts


def barbell(centre: Array, plate_set: str, *, padded: bool) -> list[Mesh]:
    """Return a bar along Y with its plates, and a foam pad around its middle."""
    inner, end = vec(0.0, BAR_HALF_LENGTH_M - 0.42, 0.0), vec(0.0, BAR_HALF_LENGTH_M, 0.0)
    sleeve, collar = vec(0.0, SLEEVE_START_M, 0.0), vec(0.0, SLEEVE_START_M - 0.02, 0.0)
    steel = [cylinder(centre - inner, centre + inner, BAR_RADIUS_M, "#8c8f93", STEEL, sides=16)]
    iron: list[Mesh] = []
    for sign in (-1.0, 1.0):
        steel.append(cylinder(centre + sign * sleeve, centre + sign * end, SLEEVE_RADIUS_M, "#94979b", STEEL))
        steel.append(cylinder(centre + sign * collar, centre + sign * sleeve, 0.037, "#9fa2a5", STEEL))
        iron += _plates(centre, sign, PLATE_SETS[plate_set])
    meshes = [merged(steel)]
    if iron:
        meshes.append(merged(iron))
    if padded:
        half = vec(0.0, 0.20, 0.0)
        meshes.append(cylinder(centre - half, centre + half, BAR_PAD_RADIUS_M, "#26272a", MATT, sides=28))
    return meshes


def kettlebell(centre: Array, rotation: Array) -> Mesh:
    """Return a bell whose handle lies above its centre before it is rotated."""
    up, side = rotation @ vec(0.0, 0.0, 1.0), vec(0.0, 1.0, 0.0)
    handle = torus(centre + 0.135 * up, np.cross(up, side), 0.062, 0.015, "#303236", IRON)
    return merged([sphere(centre, 0.10, "#303236", IRON), handle])


def rope(handle: Array) -> Mesh:
    """Return the cable from the pulley to a handle, and the rope's ends in the hands."""
    parts = [cylinder(PULLEY, handle, 0.005, "#3a3c40", PAINT, sides=8)]
    for sign in (-1.0, 1.0):
        end = handle + vec(0.0, 0.045 * sign, 0.0)
        parts.append(cylinder(handle, end, 0.014, "#7a6a50", PAINT, sides=10))
    return merged(parts)


def static_equipment(exercise: Exercise, benches: tuple[Bench, ...], posed: PosedFrame) -> list[Mesh]:
    """Return what stands still during the set."""
    meshes = [mesh for bench in benches for mesh in bench_meshes(bench)]
    if exercise.equipment is Equipment.CABLE:
        meshes.append(cable_stack())
    if exercise.equipment is Equipment.HANDLES and posed.load is not None:
        meshes.append(_handles(posed.load))
    if exercise.equipment is Equipment.ROMAN_CHAIR:
        meshes += _roman_chair(posed)
    return meshes


def _roman_chair(posed: PosedFrame) -> list[Mesh]:
    """Return a round pad under the thighs, a roller behind the ankles, and the beam that carries both."""
    hip, ankle = posed.posture.middle("upperleg01"), posed.posture.middle("foot")
    along = (ankle - hip) / np.linalg.norm(ankle - hip)
    ahead = vec(-float(along[2]), 0.0, float(along[0]))
    pad, roller = hip + 0.17 * along + 0.17 * ahead, ankle - 0.06 * along - 0.11 * ahead
    foot = ankle + 0.10 * along + 0.20 * ahead
    wide, narrow = vec(0.0, 0.24, 0.0), vec(0.0, 0.16, 0.0)
    beam = pad + 0.06 * ahead
    ground = vec(float(beam[0]), 0.0, 0.0)
    frame = [
        cylinder(beam, foot, 0.03, "#50555a", PAINT),
        cylinder(beam, ground, 0.03, "#50555a", PAINT),
        cylinder(roller, roller + 0.25 * ahead, 0.02, "#50555a", PAINT),
        box(vec(0.5 * float(ground[0] + foot[0]), 0.0, 0.03), vec(1.1, 0.07, 0.06), "#50555a", PAINT),
        box(ground + vec(0.0, 0.0, 0.025), vec(0.08, 0.6, 0.05), "#50555a", PAINT),
    ]
    pads = [
        cylinder(pad - wide, pad + wide, 0.075, "#18191b", LEATHER, sides=28),
        cylinder(roller - narrow, roller + narrow, 0.045, "#18191b", LEATHER, sides=28),
    ]
    return [merged(pads), merged(frame)]


def _handles(left_grip: Array) -> Mesh:
    parts = []
    for sign in (-1.0, 1.0):
        grip = left_grip * vec(1.0, sign, 1.0)
        half = vec(0.07, 0.0, 0.0)
        parts.append(cylinder(grip - half, grip + half, 0.016, "#202124", PAINT))
        inner = vec(float(grip[0]) - 0.06, 0.0, float(grip[2]))
        parts.append(cylinder(inner, grip - 0.85 * half, 0.013, "#50555a", PAINT, sides=10))
    return merged(parts)


def moving_equipment(exercise: Exercise, plates: str, posed: PosedFrame) -> list[Mesh]:
    """Return what moves with the lifter."""
    if posed.load is None or exercise.equipment in (Equipment.NONE, Equipment.HANDLES, Equipment.ROMAN_CHAIR):
        return []
    if exercise.equipment is Equipment.BARBELL:
        return barbell(posed.load, plates, padded=exercise.slug == "barbell-hip-thrust")
    if exercise.equipment is Equipment.KETTLEBELL:
        return [kettlebell(posed.load, posed.load_rotation)]
    return [rope(posed.load)]
