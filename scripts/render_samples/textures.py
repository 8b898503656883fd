"""Procedural textures of floor and walls: multipliers of the surface's colour, two metres wide."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scripts.render_samples.geometry import Array

FLOOR_PX, WALL_PX, BRICK_PX = 1024, 512, 1024


def value_noise(size_px: int, cells: int, rng: np.random.Generator) -> Array:
    """Return periodic smooth noise in 0..1, (size, size)."""
    grid = rng.random((cells, cells))
    x = np.arange(size_px) / size_px * cells
    low = x.astype(int)
    share = x - low
    share = share * share * (3.0 - 2.0 * share)
    high = (low + 1) % cells
    top = grid[low][:, low] * (1.0 - share) + grid[low][:, high] * share
    bottom = grid[high][:, low] * (1.0 - share) + grid[high][:, high] * share
    return np.asarray(top * (1.0 - share)[:, None] + bottom * share[:, None])


def floor_texture(rng: np.random.Generator) -> NDArray[np.float16]:
    """Speckled rubber tiles."""
    n = FLOOR_PX
    shade = 0.92 + 0.25 * (value_noise(n, 180, rng) - 0.5) + 0.18 * (value_noise(n, 5, rng) - 0.5)
    speckle = np.zeros((n, n))
    for x, y, width, height in zip(*rng.integers(0, n, (2, 1500)), *rng.integers(1, 3, (2, 1500)), strict=True):
        speckle[y : y + height, x : x + width] = 0.2 + 0.8 * rng.random()
    shade = shade * (1.0 - speckle) + 4.0 * speckle
    across = np.arange(n) % (n // 2)
    seam = (across < 2) | (across > n // 2 - 2)
    shade[seam] *= 0.55
    shade[:, seam] *= 0.55
    return np.repeat(shade[:, :, None], 3, axis=2).astype(np.float16)


def wall_texture(rng: np.random.Generator) -> NDArray[np.float16]:
    """Painted plaster."""
    n = WALL_PX
    grain = 0.5 * value_noise(n, 4, rng) + 0.3 * value_noise(n, 13, rng) + 0.2 * value_noise(n, 100, rng)
    return np.repeat((0.9 + 0.2 * grain)[:, :, None], 3, axis=2).astype(np.float16)


def brick_texture(rng: np.random.Generator) -> NDArray[np.float16]:
    """Bricks and mortar."""
    n, columns, rows = BRICK_PX, 9, 26
    y, x = np.mgrid[:n, :n] / n
    row = np.floor(y * rows).astype(int) % rows
    along = x * columns + 0.5 * (row % 2)
    column = np.floor(along).astype(int) % columns
    fx, fy = along % 1.0, (y * rows) % 1.0
    is_brick = (fx > 0.035) & (fx < 0.985) & (fy > 0.09) & (fy < 0.96)
    tone, hue = (rng.random((rows, columns))[row, column] for _ in range(2))
    brick = np.stack([0.26 + 0.10 * tone, 0.095 + 0.045 * tone + 0.01 * hue, 0.06 + 0.03 * tone], axis=-1)
    shade = np.where(is_brick[..., None], brick, 0.30)
    return (shade * (0.8 + 0.4 * value_noise(n, 180, rng))[..., None]).astype(np.float16)
