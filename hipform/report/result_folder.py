"""Reading of results folders. Their files may come from anybody, so everything is validated."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from hipform.analysis.judged_reps import Rep, SetResult, image_name
from hipform.config import Settings
from hipform.errors import ConfigError, InputError, OutputError
from hipform.exercises import find_exercise
from hipform.exercises.findings import LOCKOUT_RULE
from hipform.folder_handle import FolderHandle
from hipform.report.replacing import complete_replacement
from hipform.report.result import FILES, SCHEMA_VERSION, AnalysisResult
from hipform.validation import ContentError, read_bounded, read_whole

_MOST_RESULT_BYTES = 50_000_000
_MOST_PICTURE_BYTES = 5_000_000
_AGAIN = "Analyse the clip again."


@dataclass(frozen=True, slots=True)
class ResultFolder:
    """One analysis and its files.

    Attributes
    ----------
    path
        The folder.
    result
        The result. Of its `files` only the keys are used, never the names, which are fixed by hipform.
    """

    path: Path
    result: AnalysisResult

    @staticmethod
    def open(path: Path) -> ResultFolder:
        """Open a results folder, given as the folder or its result.json.

        Raises
        ------
        InputError
            If there is no result, it cannot be read, or this version does not support it.
        """
        try:
            folder = path if path.is_dir() else None
        except OSError as error:
            raise _unreadable(path, error) from error
        _require_settled(folder or path.parent)
        content = _content(path) if folder is None else _content_of(folder)
        file = path if folder is None else folder / FILES["result"]
        try:
            return ResultFolder(file.parent, checked_result(content))
        except ContentError as error:
            _require_version(file, _stated_version(content))
            raise InputError(f"{file} is not a hipform result ({error}).", _AGAIN) from error

    def part(self, name: str) -> Path | None:
        """Return the path of the output *name* (see `FILES`); ``None`` if it was not written or no longer exists.

        A link counts as missing, because in a folder from somebody else it may lead anywhere. So does a pipe, because
        reading it could block for ever.
        """
        if name not in self.result.files:
            return None
        try:
            with FolderHandle(self.path) as folder:
                is_there = folder.is_folder if name == "keyframes" else folder.is_file
                return self.path / FILES[name] if is_there(FILES[name]) else None
        except OSError:
            return None

    def picture(self, found: SetResult, rep: Rep, moment: str) -> bytes | None:
        """Return the unchanged JPEG of *rep*'s *moment* (top, bottom); ``None`` if there is none."""
        number = found.number if len(self.result.sets) > 1 else None
        if self.part("keyframes") is None:
            return None
        try:
            with ExitStack() as stack:
                folder = stack.enter_context(FolderHandle(self.path))
                pictures = stack.enter_context(folder.folder(FILES["keyframes"]))
                file = stack.enter_context(pictures.open_file(image_name(rep, moment, number)))
                return read_whole(file, _MOST_PICTURE_BYTES)
        except OSError:
            return None

    @property
    def settings(self) -> Settings:
        """Settings of the analysis."""
        return Settings(self.result.settings)


def _require_settled(folder: Path) -> None:
    """Complete an unfinished replacement by a stopped run; raise if that is impossible."""
    try:
        complete_replacement(folder)
    except OutputError as error:
        raise InputError(f"The results in {folder} are only partly replaced. {error.what}", error.hint) from error


def _content_of(folder: Path) -> bytes:
    """Return the text of the result in *folder*; a link is not followed."""
    path = folder / FILES["result"]
    try:
        with FolderHandle(folder) as opened, opened.open_file(path.name) as file:
            return read_whole(file, _MOST_RESULT_BYTES)
    except FileNotFoundError as error:
        raise _missing(path) from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _content(path: Path) -> bytes:
    """Return the text of a result file that the user has named."""
    try:
        return read_bounded(path, _MOST_RESULT_BYTES)
    except FileNotFoundError as error:
        raise _missing(path) from error
    except OSError as error:
        raise _unreadable(path, error) from error


def clip_of(folder: Path) -> str | None:
    """Return the name of the clip whose results are in *folder*; ``None`` if there are no readable results."""
    try:
        return json.loads(_content_of(folder))["clip"]["name"]  # type: ignore[no-any-return]
    except (InputError, ValueError, TypeError, LookupError, RecursionError):
        return None


def _missing(path: Path) -> InputError:
    return InputError(
        f"There is no result at {path}.", "Give a results folder of `hipform analyze`, or the result.json in it."
    )


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path} cannot be read ({error.strerror or error}).")


def checked_result(content: bytes) -> AnalysisResult:
    """Return the result in *content*, the text of a result.json, if this version knows every part of it.

    Raises
    ------
    ContentError
        If it does not; the message says where.
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
    """Return the schema version that an invalid result states, if it states one."""
    try:
        version = json.loads(content)["schema_version"]
    except (ValueError, TypeError, LookupError, RecursionError):
        return SCHEMA_VERSION
    return version if type(version) is int else SCHEMA_VERSION


def _require_version(path: Path, version: int) -> None:
    if version != SCHEMA_VERSION:
        problem = f"has schema version {version}; this hipform reads version {SCHEMA_VERSION}"
        raise InputError(f"{path}: {problem}.", _AGAIN)


def _check_rules(found: SetResult) -> None:
    exercise = find_exercise(found.exercise)
    known = {rule.id for rule in exercise.all_rules}
    per_rep = [{finding.rule for finding in rep.findings} for rep in (*found.reps, *found.partial_reps)]
    if not all(LOCKOUT_RULE in rules for rules in per_rep):
        raise ConfigError(f"a repetition of set {found.number} has no finding for its lockout.")
    unknown = sorted(set().union(*per_rep, (finding.rule for finding in found.findings)) - known)
    if unknown:
        raise ConfigError(f"{exercise.name} has no rule {unknown[0]!r} in this version of hipform.")
