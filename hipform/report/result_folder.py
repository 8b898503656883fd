"""A folder of results read back. What lies in it may come from anybody: nothing in it is believed unchecked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from hipform.config import Settings
from hipform.errors import ConfigError, InputError
from hipform.exercises import find_exercise
from hipform.report.result import FILES, SCHEMA_VERSION, AnalysisResult
from hipform.types import LOCKOUT_RULE, Rep, SetResult, picture_name
from hipform.validation import ContentError, read_bounded

_MOST_RESULT_BYTES = 50_000_000
_MOST_PICTURE_BYTES = 5_000_000
_AGAIN = "Analyse the clip again."


@dataclass(frozen=True, slots=True)
class ResultFolder:
    """One analysis and what was written of it.

    Attributes
    ----------
    path
        The folder.
    result
        What was found. Only the keys of its `files` are used, never the names: those are hipform's own.
    """

    path: Path
    result: AnalysisResult

    @staticmethod
    def open(path: Path) -> ResultFolder:
        """Read a folder of results, named itself or by its result.json.

        Raises
        ------
        InputError
            If there is no result, it cannot be read, or it is not one that this version understands.
        """
        try:
            file = path / FILES["result"] if path.is_dir() else path
        except OSError as error:
            raise _unreadable(path, error) from error
        content = _content(file)
        try:
            return ResultFolder(file.parent, checked_result(content))
        except ContentError as error:
            _require_version(file, _stated_version(content))
            raise InputError(f"{file}: not a result of hipform ({error}).", _AGAIN) from error

    def part(self, name: str) -> Path | None:
        """Return the path of the output called *name* in `FILES`; ``None`` if it was not written or is gone."""
        path = self.path / FILES[name]
        # A link in somebody's folder may lead anywhere, and a pipe would make the reader wait for ever.
        there = not path.is_symlink() and (path.is_dir() if name == "keyframes" else path.is_file())
        return path if there and name in self.result.files else None

    def picture(self, found: SetResult, rep: Rep, moment: str) -> bytes | None:
        """Return the JPEG of *rep*'s *moment* (top, bottom) as it lies there; ``None`` if there is none."""
        folder = self.part("keyframes")
        number = found.number if len(self.result.sets) > 1 else None
        if folder is None:
            return None
        try:
            return read_bounded(folder / picture_name(rep, moment, number), _MOST_PICTURE_BYTES)
        except OSError:
            return None

    @property
    def settings(self) -> Settings:
        """Settings that were in force."""
        return Settings(self.result.settings)


def _content(path: Path) -> bytes:
    try:
        return read_bounded(path, _MOST_RESULT_BYTES)
    except FileNotFoundError as error:
        hint = "Name the folder that `hipform analyze` wrote, or the result.json in it."
        raise InputError(f"{path}: there is no such result.", hint) from error
    except OSError as error:
        raise _unreadable(path, error) from error


def clip_of(folder: Path) -> str | None:
    """Return the name of the clip whose results *folder* holds; ``None`` where there are none that can be read."""
    try:
        return json.loads(_content(folder / FILES["result"]))["clip"]["name"]  # type: ignore[no-any-return]
    except (InputError, ValueError, TypeError, LookupError, RecursionError):
        return None


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path}: cannot be read ({error.strerror or error}).")


def checked_result(content: bytes) -> AnalysisResult:
    """Return the result in *content*, the text of a result.json, if every part of it is one that this version knows.

    Raises
    ------
    ContentError
        If it is not; the message says where.
    """
    result = AnalysisResult.from_json(content)
    if result.schema_version != SCHEMA_VERSION:
        raise ContentError(f"schema_version: {result.schema_version} instead of {SCHEMA_VERSION}")
    if not result.sets or len(result.sets) != len(result.summaries):
        raise ContentError("sets and summaries do not match")
    try:
        Settings(result.settings)
        for found in result.sets:
            _check_rules(found)
    except ConfigError as error:
        raise ContentError(error.what) from error
    return result


def _stated_version(content: bytes) -> int:
    """Return the version that a result which is not understood states, if it does."""
    try:
        version = json.loads(content)["schema_version"]
    except (ValueError, TypeError, LookupError, RecursionError):
        return SCHEMA_VERSION
    return version if type(version) is int else SCHEMA_VERSION


def _require_version(path: Path, version: int) -> None:
    if version != SCHEMA_VERSION:
        told = f"has schema version {version}; this hipform reads version {SCHEMA_VERSION}"
        raise InputError(f"{path}: {told}.", _AGAIN)


def _check_rules(found: SetResult) -> None:
    exercise = find_exercise(found.exercise)
    known = {rule.id for rule in exercise.all_rules}
    per_rep = [{finding.rule for finding in rep.findings} for rep in (*found.reps, *found.partial_reps)]
    if not all(LOCKOUT_RULE in rules for rules in per_rep):
        raise ConfigError(f"a repetition of set {found.number} has no verdict on its lockout.")
    unknown = sorted(set().union(*per_rep, (finding.rule for finding in found.findings)) - known)
    if unknown:
        raise ConfigError(f"{exercise.name} has no rule {unknown[0]!r} in this version of hipform.")
