"""The exercises hipform judges. A new one is one file here and one line in the tuple below."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from hipform.errors import ConfigError
from hipform.exercises.barbell_hip_thrust import BARBELL_HIP_THRUST
from hipform.exercises.base import Exercise
from hipform.exercises.glute_bridge import GLUTE_BRIDGE
from hipform.exercises.hip_thrust import HIP_THRUST
from hipform.exercises.single_leg_glute_bridge import SINGLE_LEG_GLUTE_BRIDGE

EXERCISES: Mapping[str, Exercise] = MappingProxyType(
    {exercise.slug: exercise for exercise in (GLUTE_BRIDGE, SINGLE_LEG_GLUTE_BRIDGE, HIP_THRUST, BARBELL_HIP_THRUST)}
)


def find_exercise(slug: str) -> Exercise:
    """Return the exercise called *slug*.

    Raises
    ------
    ConfigError
        If there is none; the message names the nearest and lists all.
    """
    if slug in EXERCISES:
        return EXERCISES[slug]
    near = difflib.get_close_matches(slug, EXERCISES, n=1, cutoff=0.4)
    meant = f"Did you mean {near[0]!r}? " if near else ""
    raise ConfigError(f"unknown exercise {slug!r}.", f"{meant}Known: {', '.join(EXERCISES)}.")
