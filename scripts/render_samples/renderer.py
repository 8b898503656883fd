"""Draws meshes with OpenGL (EGL, no display needed): soft key shadow, soft sky shadows, supersampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from scripts.render_samples import shaders, textures
from scripts.render_samples.camera import VirtualCamera
from scripts.render_samples.geometry import UP, Array, unit, vec
from scripts.render_samples.mesh import Material, Mesh

# On a software renderer, supersampling by this much costs half of what four-fold multisampling does.
SUPERSAMPLING = 1.5
# Off-screen, without a display; moderngl types its back end's settings as one loose dictionary.
EGL: dict[str, Any] = {"backend": "egl"}
KEY_MAP_PX, SOFT_TILE_PX, SOFT_COLUMNS = 1536, 384, 3
SHADOW_REACH_M, SHADOW_DEPTH_M = 2.0, 12.0
TEXTURE_SEED = 7


@dataclass(frozen=True)
class Light:
    """Light of a room.

    Attributes
    ----------
    direction : (3,)
        Toward the key light.
    key, sky, fill : (3,)
        Linear colours of the key light, of the dome, and of what comes from everywhere.
    exposure
        Factor before the film curve.
    centre : (3,) m
        What the shadow maps are centred on.
    softness
        Blur of the key shadow's edge, as a share of the shadow map.

    """

    direction: Array
    exposure: float
    centre: Array
    key: tuple[float, float, float] = (1.25, 1.20, 1.12)
    sky: tuple[float, float, float] = (0.95, 0.98, 1.0)
    fill: tuple[float, float, float] = (0.12, 0.12, 0.125)
    softness: float = 0.006


def _looking_at(eye: Array, target: Array) -> Array:
    forward = unit(target - eye)
    right = unit(np.cross(forward, vec(0.0, 1.0, 0.01) if abs(forward[2]) > 0.95 else UP))
    view = np.eye(4)
    view[:3, :3] = np.stack([right, np.cross(right, forward), -forward])
    view[:3, 3] = -view[:3, :3] @ eye
    return view


def _shadow_matrix(direction: Array, centre: Array) -> Array:
    """Return the matrix of parallel light onto a square around a centre."""
    projection = np.diag([1.0 / SHADOW_REACH_M, 1.0 / SHADOW_REACH_M, -2.0 / SHADOW_DEPTH_M, 1.0])
    projection[2, 3] = -1.0
    return np.asarray(projection @ _looking_at(centre + 0.5 * SHADOW_DEPTH_M * direction, centre))


def _sky_directions(count: int) -> Array:
    """Return evenly spread directions over the upper half, (n, 3)."""
    i = np.arange(count) + 0.5
    z = 1.0 - 0.92 * i / count
    turn, radius = i * 2.399963, np.sqrt(1.0 - z * z)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), z], axis=1)


def _write(program: moderngl.Program, name: str, values: Array) -> None:
    """Set a uniform variable (matrices column by column)."""
    uniform = program[name]
    if isinstance(uniform, moderngl.Uniform):
        uniform.write(np.ascontiguousarray(values, dtype=np.float32).tobytes())


@dataclass(frozen=True)
class _Uploaded:
    """A mesh's buffers on the graphics side."""

    mesh: Mesh
    surface: moderngl.VertexArray
    shadow: moderngl.VertexArray
    buffers: tuple[moderngl.Buffer, moderngl.Buffer]

    def release(self) -> None:
        for item in (self.surface, self.shadow, *self.buffers):
            item.release()


class Renderer:
    """An off-screen renderer of one frame size."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self.width_px, self.height_px = width_px, height_px
        self._context = context = moderngl.create_context(standalone=True, require=330, **EGL)
        self._surface = context.program(shaders.SURFACE_VERTEX, shaders.SURFACE_FRAGMENT)
        self._shadow = context.program(shaders.SHADOW_VERTEX, shaders.SHADOW_FRAGMENT)
        self._tone = context.program(shaders.TONE_VERTEX, shaders.TONE_FRAGMENT)
        size = (round(width_px * SUPERSAMPLING), round(height_px * SUPERSAMPLING))
        self._scene_image = context.texture(size, 4, dtype="f2")
        self._scene_image.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._scene = context.framebuffer([self._scene_image], context.depth_renderbuffer(size))
        self._picture = context.framebuffer([context.texture((width_px, height_px), 4)])
        rows = -(-shaders.SOFT_DIRECTIONS // SOFT_COLUMNS)
        self._key_map, self._key_target = self._depth_map(KEY_MAP_PX, KEY_MAP_PX)
        self._soft_map, self._soft_target = self._depth_map(SOFT_TILE_PX * SOFT_COLUMNS, SOFT_TILE_PX * rows)
        corners = np.array([-1, -1, 3, -1, -1, 3], dtype=np.float32)
        self._screen = context.vertex_array(self._tone, [(context.buffer(corners.tobytes()), "2f", "corner")])
        self._textures = self._load_textures()
        self._kept: dict[int, _Uploaded] = {}

    def _depth_map(self, width_px: int, height_px: int) -> tuple[moderngl.Texture, moderngl.Framebuffer]:
        texture = self._context.depth_texture((width_px, height_px))
        texture.compare_func = "<="
        texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
        texture.repeat_x = texture.repeat_y = False
        return texture, self._context.framebuffer(depth_attachment=texture)

    def _load_textures(self) -> dict[Material, moderngl.Texture]:
        rng = np.random.default_rng(TEXTURE_SEED)
        painters = {
            Material.FLOOR: textures.floor_texture,
            Material.WALL: textures.wall_texture,
            Material.BRICK: textures.brick_texture,
        }
        loaded = {}
        for material, paint in painters.items():
            pixels = paint(rng)
            texture = self._context.texture(pixels.shape[1::-1], 3, pixels.tobytes(), dtype="f2")
            texture.build_mipmaps()
            texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
            loaded[material] = texture
        return loaded

    def _upload(self, mesh: Mesh) -> _Uploaded:
        columns = (mesh.vertices, mesh.normals, mesh.rest, mesh.colours, mesh.cover[:, None])
        vertices = self._context.buffer(np.hstack(columns).astype(np.float32).tobytes())
        indices = self._context.buffer(mesh.triangles.astype(np.int32).tobytes())
        names = ("position", "normal", "rest", "colour", "cover")
        surface = self._context.vertex_array(self._surface, [(vertices, "3f 3f 3f 3f 1f", *names)], indices)
        shadow = self._context.vertex_array(self._shadow, [(vertices, "3f 40x", "position")], indices)
        return _Uploaded(mesh, surface, shadow, (vertices, indices))

    def _keep(self, mesh: Mesh) -> _Uploaded:
        kept = self._kept.get(id(mesh))
        if kept is None:
            kept = self._kept[id(mesh)] = self._upload(mesh)
        return kept

    def render(
        self, still: list[Mesh], moving: list[Mesh], shadow_only: list[Mesh], camera: VirtualCamera, light: Light
    ) -> NDArray[np.uint8]:
        """Draw one frame; return it as (height, width, 3).

        The meshes in `still` stay on the graphics side for the next frame. Those in `shadow_only` are not seen.
        """
        with self._context:
            kept = [self._keep(mesh) for mesh in still]
            passing = [self._upload(mesh) for mesh in moving]
            unseen = [self._upload(mesh) for mesh in shadow_only]
            self._context.enable(moderngl.DEPTH_TEST)
            self._draw_shadows([item for item in (*kept, *passing, *unseen) if item.mesh.casts_shadow], light)
            # The lifter first: what they hide of the room is then not shaded.
            self._draw_surfaces([*passing, *reversed(kept)], camera)
            image = self._develop(light.exposure)
            for item in (*passing, *unseen):
                item.release()
        return image

    def forget(self) -> None:
        """Release the still meshes of a clip that is over."""
        with self._context:
            for item in self._kept.values():
                item.release()
        self._kept.clear()

    def _draw_shadows(self, casters: list[_Uploaded], light: Light) -> None:
        key = unit(light.direction)
        key_matrix = _shadow_matrix(key, light.centre)
        self._key_target.use()
        self._key_target.clear(depth=1.0)
        self._cast(casters, key_matrix)
        directions = _sky_directions(shaders.SOFT_DIRECTIONS)
        soft_matrices = [_shadow_matrix(direction, light.centre) for direction in directions]
        rows = -(-len(directions) // SOFT_COLUMNS)
        self._soft_target.use()
        self._soft_target.clear(depth=1.0)
        tiles = []
        for i, matrix in enumerate(soft_matrices):
            column, row = i % SOFT_COLUMNS, i // SOFT_COLUMNS
            corner = (column * SOFT_TILE_PX, row * SOFT_TILE_PX)
            self._soft_target.viewport = (*corner, SOFT_TILE_PX, SOFT_TILE_PX)
            tiles.append([column / SOFT_COLUMNS, row / rows, 1.0 / SOFT_COLUMNS, 1.0 / rows])
            self._cast(casters, matrix)
        # Brighter from above, scaled so that the dome's total does not depend on the number of directions.
        sky = np.outer(0.55 + 0.45 * directions[:, 2], light.sky) * (2.2 / len(directions))
        self._set("key_direction", key)
        self._set("key_colour", np.array(light.key))
        self._set("key_from_world", key_matrix.T)
        self._set("soft_from_world", np.array([matrix.T for matrix in soft_matrices]))
        self._set("soft_direction", directions)
        self._set("soft_colour", sky)
        self._set("soft_tile", np.array(tiles))
        self._set("fill", np.array(light.fill))
        self._surface["softness"] = light.softness

    def _cast(self, casters: list[_Uploaded], matrix: Array) -> None:
        _write(self._shadow, "clip_from_world", matrix.T)
        for item in casters:
            item.shadow.render()

    def _set(self, name: str, values: Array) -> None:
        _write(self._surface, name, values)

    def _draw_surfaces(self, items: list[_Uploaded], camera: VirtualCamera) -> None:
        self._set("clip_from_world", camera.clip_matrix().T)
        self._set("eye", camera.position)
        self._key_map.use(0)
        self._soft_map.use(1)
        for name, unit_index in (("key_map", 0), ("soft_map", 1), ("albedo", 2)):
            self._surface[name] = unit_index
        self._scene.use()
        self._scene.clear(0.5, 0.5, 0.5)
        for item in items:
            surface = item.mesh.surface
            if item.mesh.one_sided:
                self._context.enable(moderngl.CULL_FACE)
            else:
                self._context.disable(moderngl.CULL_FACE)
            self._surface["material"] = int(surface.material)
            self._surface["gloss"] = surface.gloss
            self._surface["roughness"] = surface.roughness
            self._surface["folds"] = surface.folds
            if surface.material in self._textures:
                self._textures[surface.material].use(2)
            item.surface.render()

    def _develop(self, exposure: float) -> NDArray[np.uint8]:
        """Apply the film curve, scale down and read the image back."""
        self._picture.use()
        self._context.disable(moderngl.DEPTH_TEST)
        self._scene_image.use(0)
        self._tone["image"] = 0
        self._tone["exposure"] = exposure
        self._tone["texel"] = (1.0 / self._scene_image.width, 1.0 / self._scene_image.height)
        self._screen.render()
        pixels = np.frombuffer(self._picture.read(components=3), dtype=np.uint8)
        return pixels.reshape(self.height_px, self.width_px, 3)[::-1].copy()
