"""The exercises hipform judges. A new one is one file here and one line in the tuple below."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from hipform.errors import ConfigError
from hipform.exercises.barbell_hip_thrust import BARBELL_HIP_THRUST
from hipform.exercises.bird_dog import BIRD_DOG
from hipform.exercises.deadlift import DEADLIFT
from hipform.exercises.declaration import VARIANT_MARK, Exercise
from hipform.exercises.glute_bridge import GLUTE_BRIDGE
from hipform.exercises.good_morning import GOOD_MORNING
from hipform.exercises.hip_thrust import HIP_THRUST
from hipform.exercises.kettlebell_swing import KETTLEBELL_SWING
from hipform.exercises.pull_through import PULL_THROUGH
from hipform.exercises.reverse_hyperextension import REVERSE_HYPEREXTENSION
from hipform.exercises.romanian_deadlift import ROMANIAN_DEADLIFT
from hipform.exercises.single_leg_glute_bridge import SINGLE_LEG_GLUTE_BRIDGE

__all__ = ["AUTO", "EXERCISES", "VARIANT_MARK", "find_exercise"]

EXERCISES: Mapping[str, Exercise] = MappingProxyType(
    {
        exercise.slug: exercise
        for exercise in (
            GLUTE_BRIDGE,
            SINGLE_LEG_GLUTE_BRIDGE,
            HIP_THRUST,
            BARBELL_HIP_THRUST,
            BIRD_DOG,
            PULL_THROUGH,
            ROMANIAN_DEADLIFT,
            DEADLIFT,
            KETTLEBELL_SWING,
            GOOD_MORNING,
            REVERSE_HYPEREXTENSION,
        )
    }
)
AUTO = "auto"
"""Asks for the exercise to be recognised."""


def find_exercise(name: str) -> Exercise:
    """Return the exercise called *name*: a slug, or a slug and a variant as in ``romanian-deadlift:single-leg``.

    Raises
    ------
    ConfigError
        If there is none; the message names the nearest and lists all.
    """
    slug, _, variant = name.partition(VARIANT_MARK)
    if slug not in EXERCISES:
        raise ConfigError(f"unknown exercise {slug!r}.", f"{_meant(slug, EXERCISES)}Known: {', '.join(EXERCISES)}.")
    exercise = EXERCISES[slug]
    variants = [known.name for known in exercise.variants]
    if variant and variant not in variants:
        known = f"Known: {', '.join(variants)}." if variants else f"{exercise.name} has none."
        raise ConfigError(f"unknown variant {variant!r} of {slug}.", f"{_meant(variant, variants)}{known}")
    return exercise.variant(variant) if variant else exercise


def _meant(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.4)
    return f"Did you mean {near[0]!r}? " if near else ""
