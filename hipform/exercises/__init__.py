"""The exercises that hipform judges.

A file here that declares an `Exercise` adds one; no other file needs a change. Another package adds one by an entry
point of the group `ENTRY_POINTS`, a user by `add_exercises`.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import pkgutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from types import MappingProxyType, ModuleType

from hipform.config import Settings
from hipform.errors import ConfigError
from hipform.exercises.declaration import VARIANT_MARK, Exercise
from hipform.interruption import Interrupted

# Settings are taken from here where a user names their keys: files of this package declare limits of their own.
__all__ = ["AUTO", "EXERCISES", "VARIANT_MARK", "Settings", "add_exercises", "find_exercise"]


ENTRY_POINTS = "hipform.exercises"
"""Group of the entry points by which another package offers an exercise."""


def _declared() -> dict[str, Exercise]:
    """Return the exercises that the files of this package and other packages declare, by slug, sorted by slug.

    Raises
    ------
    ConfigError
        If another package offers something that is not an exercise, or one whose slug is taken.
    """
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    # A set, because an exercise that one file imports from another appears in both.
    exercises = {exercise for module in modules for exercise in _exercises_in(module)}
    exercises |= {_offered(point) for point in metadata.entry_points(group=ENTRY_POINTS)}
    by_slug = {exercise.slug: exercise for exercise in sorted(exercises, key=lambda exercise: exercise.slug)}
    if len(by_slug) < len(exercises):
        slugs = Counter(one.slug for one in exercises)
        twice = ", ".join(slug for slug, count in slugs.items() if count > 1)
        raise ConfigError(f"two exercises have the same slug: {twice}.", "Update or remove the package of one.")
    return by_slug


def _exercises_in(module: ModuleType) -> list[Exercise]:
    return [value for value in vars(module).values() if isinstance(value, Exercise)]


def _offered(point: metadata.EntryPoint) -> Exercise:
    """Return the exercise that another package offers."""
    package = point.dist.name if point.dist else point.value
    with _loading(f"the exercise {point.name} of the package {package}"):
        exercise = point.load()
    if not isinstance(exercise, Exercise):
        raise ConfigError(
            f"{point.value} of the package {package} is not an Exercise.", "Update or remove the package."
        )
    _require_slug_of_its_own(exercise, f"the package {package}")
    return exercise


@contextlib.contextmanager
def _loading(what: str) -> Iterator[None]:
    """Turn whatever somebody else's code raises into a `ConfigError`; a request to end stays one."""
    try:
        yield
    except (Interrupted, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise ConfigError(f"{what} cannot be loaded: {type(error).__name__}: {error}.", "Correct its code.") from error


def _require_slug_of_its_own(exercise: Exercise, source: str) -> None:
    """Raise an error for the slug of a variant, or of no exercise."""
    if VARIANT_MARK in exercise.slug or exercise.slug == AUTO:
        raise ConfigError(f"{source}: {exercise.slug!r} cannot be the slug of an exercise.", "Give it another slug.")


AUTO = "auto"
"""Requests automatic recognition of the exercise."""

_REGISTRY = _declared()
EXERCISES: Mapping[str, Exercise] = MappingProxyType(_REGISTRY)


def add_exercises(path: Path) -> tuple[Exercise, ...]:
    """Run a Python file and add the exercises that it declares, for this process.

    Raises
    ------
    ConfigError
        If the file cannot be read or run, declares no exercise, or one whose slug is taken.
    """
    if path.suffix != ".py" or not path.is_file():
        raise ConfigError(f"{path} is not a Python file.", "Give a file that ends in .py with --exercise-file.")
    spec = importlib.util.spec_from_file_location(f"hipform_exercise_file_{len(_REGISTRY)}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with _loading(str(path)):
        spec.loader.exec_module(module)
    # What the file imports from hipform in order to copy it is there too.
    added = tuple(one for one in _exercises_in(module) if one not in _REGISTRY.values())
    if not added:
        raise ConfigError(f"{path} declares no exercise.", "Declare a constant that is an `Exercise`.")
    known = set(_REGISTRY)
    for one in added:
        _require_slug_of_its_own(one, str(path))
        if one.slug in known:
            raise ConfigError(f"{path}: there already is an exercise {one.slug!r}.", "Give it another slug.")
        known.add(one.slug)
    _REGISTRY.update({one.slug: one for one in added})
    return added


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
