"""The exercises that hipform judges. A file here that declares an `Exercise` adds one; no other file needs a change."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from hipform.errors import ConfigError
from hipform.exercises.declaration import VARIANT_MARK, Exercise

__all__ = ["AUTO", "EXERCISES", "VARIANT_MARK", "find_exercise"]


def _declared() -> Mapping[str, Exercise]:
    """Return the exercises that the files of this package declare, by slug, sorted by slug.

    Raises
    ------
    ValueError
        If two of them have the same slug.
    """
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    # A set, because an exercise that one file imports from another appears in both.
    exercises = {value for module in modules for value in vars(module).values() if isinstance(value, Exercise)}
    by_slug = {exercise.slug: exercise for exercise in sorted(exercises, key=lambda exercise: exercise.slug)}
    if len(by_slug) < len(exercises):
        raise ValueError(f"two exercises have the same slug: {', '.join(sorted(one.slug for one in exercises))}")
    return MappingProxyType(by_slug)


EXERCISES: Mapping[str, Exercise] = _declared()
AUTO = "auto"
"""Requests automatic recognition of the exercise."""


def find_exercise(name: str) -> Exercise:
    """Return the exercise called *name*: a slug, or a slug and a variant as in ``romanian-deadlift:single-leg``.

    Raises
    ------
    ConfigError
        If there is no such exercise or variant; the message names the closest one and lists all.
    """
    slug, _, variant = name.partition(VARIANT_MARK)
    if slug not in EXERCISES:
        raise ConfigError(f"unknown exercise {slug!r}.", f"{_meant(slug, EXERCISES)}Known: {', '.join(EXERCISES)}.")
    exercise = EXERCISES[slug]
    variants = [known.name for known in exercise.variants]
    if variant and variant not in variants:
        known = f"Known: {', '.join(variants)}." if variants else f"{exercise.name} has no variants."
        raise ConfigError(f"unknown variant {variant!r} of {slug}.", f"{_meant(variant, variants)}{known}")
    return exercise.variant(variant) if variant else exercise


def _meant(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.4)
    return f"Did you mean {near[0]!r}? " if near else ""
