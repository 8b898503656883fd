"""Skin, clothes, shoes and hair of a lifter.

Clothes are shells around MakeHuman's `helper-tights` mesh, cut out by signed distances and moved off the body; loose
cloth also hangs away from it wherever its surface faces the ground.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial import ConvexHull

from scripts.render_samples.bodies import SOLE_M, Body, Indices
from scripts.render_samples.geometry import Array, smooth_step, unit, vec
from scripts.render_samples.mesh import Material, Mesh, Surface, flat_shaded, linear_colour, sphere, vertex_normals
from scripts.render_samples.shells import Part, Shell, group_shell, subdivided
from scripts.render_samples.skeleton import Posture
from scripts.render_samples.spec import LookSpec

ARM_BONES = ("upperarm", "lowerarm", "wrist", "metacarpal", "finger")
LARGEST_SAG_M = 0.03
SLEEVE_M = {"tee": 0.17, "tank": -0.005, "long": 0.46}
HAIR_M = {"short": 0.014, "buzz": 0.005, "bun": 0.012}

Distance = Callable[[Array, Array], Array]


class Tailor:
    """Measures a body and cuts its clothes."""

    def __init__(self, body: Body, look: LookSpec) -> None:
        self.body, self.look, self.scale = body, look, body.scale
        self.hip, self.knee, self.ankle = (body.head(f"{b}.L") for b in ("upperleg01", "lowerleg01", "foot"))
        self.shoulder, self.elbow = body.head("upperarm01.L"), body.head("lowerarm01.L")
        self.neck, self.head = body.head("neck01"), body.head("head")
        eye = np.unique(body.triangles["helper-l-eye"])
        self.eye = body.vertices[eye].mean(axis=0)
        tights = group_shell(body, body.triangles["helper-tights"])
        self.tights = subdivided(tights, len(body.bones), smoothing=2)
        self.tights_normals = vertex_normals(self.tights.vertices, self.tights.triangles)
        arm = [i for i, bone in enumerate(body.bones) if bone.startswith(ARM_BONES)]
        self.tights_arm = (self.tights.weights * np.isin(self.tights.bones, arm)).sum(axis=1)
        self.body_arm = body.weight_on(ARM_BONES)

    # -- where each garment ends (positive inside) -------------------------------------------------------------

    def top_distance(self, points: Array, arm_weight: Array) -> Array:
        """Signed distance inside the shirt's border, m."""
        look, k = self.look, self.scale
        halved = np.abs(points) * vec(0.0, 1.0, 0.0) + points * vec(1.0, 0.0, 1.0)
        along_arm = (halved - self.shoulder) @ unit(self.elbow - self.shoulder)
        sleeve = SLEEVE_M[look.top_kind] * k - along_arm + 1.0 - smooth_step(0.2, 0.5, arm_weight)
        hem = points[:, 2] - (self.hip[2] + 0.015)
        collar_centre = vec(float(self.neck[0]) + 0.02, 0.0, float(self.neck[2]) + 0.03)
        collar_m = (0.105 if look.top_kind == "tank" else 0.088) * k
        collar = np.linalg.norm((halved - collar_centre) * vec(1.0, 1.0, 0.9), axis=1) - collar_m
        neck_line = self.neck[2] + 0.045 * k - points[:, 2]
        inside = np.minimum.reduce([hem, sleeve, collar, neck_line])
        if look.top_kind == "tank":
            arm_hole = self.shoulder + vec(0.0, 0.055 * k, -0.02)
            hole = np.linalg.norm((halved - arm_hole) * vec(0.75, 1.0, 1.0), axis=1) - 0.095 * k
            inside = np.minimum(inside, hole)
        return np.asarray(inside)

    @property
    def leg_hem_m(self) -> float:
        """Height of the lower end of the trousers."""
        above_knee_m = float(self.knee[2]) + 0.11 * self.scale
        return above_knee_m if self.look.bottom_kind == "shorts" else float(self.ankle[2]) + 0.03

    def bottom_distance(self, points: Array, arm_weight: Array) -> Array:
        """Signed distance inside the trousers' border, m."""
        waist = self.hip[2] + 0.135 * self.scale - points[:, 2]
        return np.asarray(np.minimum.reduce([points[:, 2] - self.leg_hem_m, waist, 0.25 - arm_weight]))

    def shoe_distance(self, points: Array, _arm_weight: Array) -> Array:
        """Signed distance inside the shoe's border, m."""
        instep = 0.02 * smooth_step(0.0, -0.06, points[:, 0] - self.ankle[0])
        return np.asarray(self.ankle[2] + 0.012 + instep - points[:, 2])

    # -- parts -------------------------------------------------------------------------------------------------

    def _garment(self, distance: Distance, off_m: Array, colour: str, surface: Surface, sag_m: Array) -> Part:
        tights = self.tights
        inside = distance(tights.vertices, self.tights_arm)
        keep = np.flatnonzero((inside[tights.triangles] > -0.03).all(axis=1))
        used = np.unique(tights.triangles[keep])
        shell = tights.subset(keep, self.tights_normals * off_m[:, None])
        colours = np.tile(linear_colour(colour), (len(used), 1))
        return Part(shell, colours, surface, inside[used], sag_m[used])

    def trousers(self) -> Part:
        """Return shorts, leggings or joggers."""
        look, height = self.look, self.tights.vertices[:, 2]
        tight = look.bottom_kind == "leggings"
        width_m = 0.0 if tight else 0.006 + 0.012 * look.looseness
        flare = smooth_step(self.hip[2] + 0.05, self.knee[2], height)
        sag_m = np.zeros(len(height)) if tight else 0.5 * LARGEST_SAG_M * look.looseness * flare
        surface = Surface(Material.CLOTH, 0.12, 0.75, folds=0.2 if tight else 0.5)
        return self._garment(self.bottom_distance, 0.006 + width_m * flare, look.bottom, surface, sag_m)

    def shirt(self) -> Part:
        """Return a tee, a tank top or a long-sleeved shirt."""
        look, height = self.look, self.tights.vertices[:, 2]
        loose = 0.0 if look.top_kind == "tank" else look.looseness
        belly = smooth_step(self.neck[2] - 0.15, self.hip[2] + 0.1, height)
        hem = smooth_step(0.04, 0.0, self.top_distance(self.tights.vertices, self.tights_arm))
        off_m = 0.009 + 0.012 * loose * belly + 0.006 * loose * hem
        surface = Surface(Material.CLOTH, 0.10, 0.8, folds=0.25 + 0.4 * loose)
        sag_m = LARGEST_SAG_M * loose * belly * (1.0 - smooth_step(0.2, 0.5, self.tights_arm))
        return self._garment(self.top_distance, off_m, look.top, surface, sag_m)

    def shoes(self) -> list[Part]:
        """Return shoe uppers and soles."""
        flat = np.zeros(len(self.tights.vertices))
        surface = Surface(Material.CLOTH, 0.25, 0.6, folds=0.1)
        uppers = self._garment(self.shoe_distance, flat + 0.009, self.look.shoe, surface, flat)
        return [uppers, self._sole("L", 1.0), self._sole("R", -1.0)]

    def _sole(self, side: str, sign: float) -> Part:
        points = self.tights.vertices
        foot = points[(points[:, 2] < self.ankle[2]) & (points[:, 1] * sign > 0.0)][:, :2]
        outline = foot[ConvexHull(foot).vertices]
        centre = outline.mean(axis=0)
        spokes = outline - centre
        outline = centre + spokes * (1.0 + 0.014 / np.linalg.norm(spokes, axis=1, keepdims=True))
        vertices, triangles = _extruded(outline, ((-SOLE_M, 0.97), (-0.25 * SOLE_M, 1.0), (0.006, 0.985)))
        return self._rigid(*flat_shaded(vertices, triangles), f"foot.{side}", "#efefef", Surface(gloss=0.1))

    def _rigid(self, vertices: Array, triangles: Indices, bone: str, colour: str, surface: Surface) -> Part:
        count = len(vertices)
        bones = np.full((count, 1), self.body.index(bone))
        shell = Shell(vertices, triangles, np.ones((count, 1)), bones)
        colours = np.tile(linear_colour(colour), (count, 1))
        return Part(shell, colours, surface, np.ones(count), np.zeros(count))

    def skin(self) -> Part:
        """Return the skin that clothes leave free."""
        body = self.body
        garments = (self.top_distance, self.bottom_distance, self.shoe_distance)
        hidden = np.max([distance(body.vertices, self.body_arm) for distance in garments], axis=0)
        triangles = body.triangles["body"]
        shown = triangles[(hidden[triangles] < 0.03).any(axis=1)]
        used = np.unique(shown)
        surface = Surface(Material.SKIN, gloss=0.5, roughness=0.45)
        return Part(
            group_shell(body, shown), self._skin_colours()[used], surface, (0.022 - hidden)[used], np.zeros(len(used))
        )

    def _skin_colours(self) -> Array:
        """Paint lips, brows and cheeks onto the plain skin."""
        points, mouth, eye = self.body.vertices, self.body.mouth, self.eye
        side = abs(points[:, 1])
        colours = np.tile(linear_colour(self.look.skin), (len(points), 1))
        front = smooth_step(eye[0] - 0.02, eye[0], points[:, 0])
        lips = np.hypot((points[:, 1] - mouth[1]) / 0.026, (points[:, 2] - mouth[2]) / 0.0085)
        colours *= 1.0 - (smooth_step(1.15, 0.8, lips) * front)[:, None] * vec(0.18, 0.42, 0.40)
        beside = side - abs(eye[1])
        brow_height = points[:, 2] - eye[2] - 0.0225 * self.scale + 10.0 * beside**2
        brows = smooth_step(1.25, 0.75, np.hypot((beside - 0.002) / 0.022, brow_height / 0.0042)) * front
        colours = colours * (1.0 - brows[:, None]) + linear_colour(self.look.hair) * brows[:, None]
        cheeks = np.exp(-(((side - 0.035) / 0.02) ** 2 + ((points[:, 2] - mouth[2] - 0.025) / 0.02) ** 2)) * front
        return np.asarray(colours * (1.0 - cheeks[:, None] * vec(0.0, 0.12, 0.10)))

    def eyes(self) -> list[Part]:
        """Return both eyeballs with a dark iris."""
        parts = []
        for group in ("helper-l-eye", "helper-r-eye"):
            shell = group_shell(self.body, self.body.triangles[group])
            centre = shell.vertices.mean(axis=0)
            radius = 0.5 * np.ptp(shell.vertices[:, 2])
            off_axis = np.linalg.norm((shell.vertices - centre)[:, 1:], axis=1) / radius
            iris = (off_axis < 0.45) & (shell.vertices[:, 0] > centre[0])
            colours = np.where(iris[:, None], linear_colour("#3a2a1c"), linear_colour("#e6e2dc"))
            count = len(shell.vertices)
            parts.append(Part(shell, colours, Surface(gloss=1.0, roughness=0.15), np.ones(count), np.zeros(count)))
        return parts

    def _hair_distance(self, points: Array) -> Array:
        """Signed distance inside the hair line, m."""
        eye, k = self.eye, self.scale
        front_m = eye[2] + 0.062 * k
        back = smooth_step(eye[0] + 0.005, eye[0] - 0.115, points[:, 0])
        line = front_m + (eye[2] - 0.02 - front_m) * smooth_step(0.0, 0.55, back)
        line = line - 0.055 * k * smooth_step(0.55, 1.0, back)
        inside = points[:, 2] - line
        ear_centre = vec(float(self.head[0]) + 0.004, 0.0, float(eye[2]) - 0.022)
        ear = np.linalg.norm((points - ear_centre) * vec(1.0, 0.0, 0.8), axis=1) - 0.034
        return np.asarray(np.where(abs(points[:, 1]) > 0.055 * k, np.minimum(inside, ear), inside))

    def hair(self) -> list[Part]:
        """Return a cap of hair, and a bun."""
        look, body = self.look, self.body
        if look.hair_kind == "bald":
            return []
        triangles = body.triangles["body"]
        on_head = body.vertices[:, 2] > self.head[2] - 0.02
        scalp = subdivided(group_shell(body, triangles[on_head[triangles].all(axis=1)]), len(body.bones), smoothing=6)
        inside = self._hair_distance(scalp.vertices)
        thickness_m = HAIR_M[look.hair_kind] * self.scale
        crown = smooth_step(self.eye[2] + 0.07, self.eye[2] + 0.13, scalp.vertices[:, 2])
        off_m = thickness_m * smooth_step(-0.002, 0.025, inside) * (1.0 + 0.35 * crown)
        keep = np.flatnonzero((inside[scalp.triangles] > -0.015).all(axis=1))
        used = np.unique(scalp.triangles[keep])
        normals = vertex_normals(scalp.vertices, scalp.triangles)
        surface = Surface(Material.HAIR, gloss=0.35, roughness=0.5)
        colours = np.tile(linear_colour(look.hair), (len(used), 1))
        cap = Part(scalp.subset(keep, normals * off_m[:, None]), colours, surface, inside[used], np.zeros(len(used)))
        return [cap, self._bun(scalp, surface)] if look.hair_kind == "bun" else [cap]

    def _bun(self, scalp: Shell, surface: Surface) -> Part:
        points = scalp.vertices
        back_top = points[np.argmin(points[:, 0] - 0.55 * points[:, 2])]
        ball = sphere(back_top + vec(-0.012, 0.0, 0.008), 0.042 * self.scale, self.look.hair)
        return self._rigid(ball.vertices, ball.triangles, "head", self.look.hair, surface)


def _extruded(outline: Array, levels: tuple[tuple[float, float], ...]) -> tuple[Array, Indices]:
    """Return a solid through scaled copies of a 2D outline at given heights, m."""
    n, centre = len(outline), outline.mean(axis=0)
    rings = [np.column_stack([centre + (outline - centre) * scale, np.full(n, z)]) for z, scale in levels]
    hubs = [np.array([[*centre, levels[0][0]]]), np.array([[*centre, levels[-1][0]]])]
    i = np.arange(n)
    j, last = (i + 1) % n, (len(levels) - 1) * n
    triangles = [np.stack([np.full(n, len(levels) * n), j, i], axis=1)]
    triangles.append(np.stack([np.full(n, len(levels) * n + 1), last + i, last + j], axis=1))
    for ring in range(len(levels) - 1):
        low, high = ring * n, (ring + 1) * n
        triangles.append(np.stack([low + i, low + j, high + j], axis=1))
        triangles.append(np.stack([low + i, high + j, high + i], axis=1))
    return np.concatenate([*rings, *hubs]), np.concatenate(triangles)


class DressedBody:
    """A body with everything it wears."""

    def __init__(self, body: Body, look: LookSpec) -> None:
        tailor = Tailor(body, look)
        self._parts = [tailor.skin(), tailor.trousers(), tailor.shirt(), *tailor.shoes(), *tailor.hair()]
        self._parts += tailor.eyes()
        # The plain body throws the shadow: one coarse closed mesh instead of many fine open ones.
        shell = group_shell(body, body.triangles["body"])
        count = len(shell.vertices)
        self._shadow = Part(shell, np.ones((count, 3)), Surface(), np.full(count, -1.0), np.zeros(count))

    def meshes(self, posture: Posture) -> list[Mesh]:
        """Return all parts in a posture."""
        return [part.mesh(posture, casts_shadow=False) for part in self._parts]

    def shadow(self, posture: Posture) -> Mesh:
        """Return the mesh that throws the shadow and is not seen itself."""
        return self._shadow.mesh(posture, casts_shadow=True)
