"""The exercises that hipform judges.

A file here that declares an `Exercise` adds one; no other file needs a change. Another package adds one by an entry
point of the group `ENTRY_POINTS`, a user by `add_exercises`.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from types import MappingProxyType, ModuleType

from hipform.config import Settings
from hipform.errors import ConfigError
from hipform.exercises.declaration import VARIANT_MARK, Exercise

# Settings are taken from here where a user names their keys: files of this package declare limits of their own.
__all__ = ["AUTO", "EXERCISES", "VARIANT_MARK", "Settings", "add_exercises", "find_exercise"]


ENTRY_POINTS = "hipform.exercises"
"""Group of the entry points by which another package offers an exercise."""


def _declared() -> dict[str, Exercise]:
    """Return the exercises that the files of this package and other packages declare, by slug, sorted by slug.

    Raises
    ------
    ValueError
        If two of them have the same slug.
    ConfigError
        If another package offers something that is not an exercise.
    """
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    # A set, because an exercise that one file imports from another appears in both.
    exercises = {exercise for module in modules for exercise in _exercises_in(module)}
    exercises |= {_offered(point) for point in metadata.entry_points(group=ENTRY_POINTS)}
    by_slug = {exercise.slug: exercise for exercise in sorted(exercises, key=lambda exercise: exercise.slug)}
    if len(by_slug) < len(exercises):
        raise ValueError(f"two exercises have the same slug: {', '.join(sorted(one.slug for one in exercises))}")
    return by_slug


def _exercises_in(module: ModuleType) -> list[Exercise]:
    return [value for value in vars(module).values() if isinstance(value, Exercise)]


def _offered(point: metadata.EntryPoint) -> Exercise:
    """Return the exercise that another package offers."""
    package = point.dist.name if point.dist else point.value
    try:
        exercise = point.load()
    except (Exception, SystemExit) as error:
        raise _not_loaded(f"the exercise {point.name} of the package {package}", error) from error
    if not isinstance(exercise, Exercise):
        raise ConfigError(
            f"{point.value} of the package {package} is not an Exercise.", "Update or remove the package."
        )
    return exercise


def _not_loaded(what: str, error: BaseException) -> ConfigError:
    return ConfigError(f"{what} cannot be loaded: {type(error).__name__}: {error}.", "Correct its code.")


_REGISTRY = _declared()
EXERCISES: Mapping[str, Exercise] = MappingProxyType(_REGISTRY)


def add_exercises(path: Path) -> tuple[Exercise, ...]:
    """Run a Python file and add the exercises that it declares, for this process.

    Raises
    ------
    ConfigError
        If the file cannot be read or run, declares no exercise, or one whose slug is taken.
    """
    spec = importlib.util.spec_from_file_location(f"hipform_exercise_file_{len(_REGISTRY)}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ConfigError(f"{path} is not a Python file.", "Give a file that ends in .py with --exercise-file.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise _not_loaded(str(path), error) from error
    # What the file imports from hipform in order to copy it is there too.
    added = tuple(one for one in _exercises_in(module) if one not in _REGISTRY.values())
    if not added:
        raise ConfigError(f"{path} declares no exercise.", "Declare a constant that is an `Exercise`.")
    for one in added:
        if one.slug in _REGISTRY:
            raise ConfigError(f"{path}: there already is an exercise {one.slug!r}.", "Give it another slug.")
        _REGISTRY[one.slug] = one
    return added


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
