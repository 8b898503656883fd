"""Calibrations of lifters: small JSON files, validated when read, because people exchange them.

The calibrations of named athletes are in a folder beside the history.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, TypeAdapter

from hipform.analysis.judged_reps import Calibration
from hipform.errors import InputError, OutputError
from hipform.exercises import EXERCISES
from hipform.files import output_error, write_whole
from hipform.kinematics.lumbar_extension import N_DEPTHS
from hipform.store.history import history_path
from hipform.validation import ContentError, Stored, read_bounded, validate_json

_MAX_BYTES = 100_000
_Deg = Annotated[float, Field(ge=-720, le=720)]
_Scatter = Annotated[float, Field(ge=0, le=360)]


def _known_exercise(slug: str) -> str:
    """Return *slug* if there is such an exercise now; some are added while the program runs."""
    if slug not in EXERCISES:
        raise ValueError("no such exercise")
    return slug


class _File(Stored):
    format: Literal["hipform-calibration"] = "hipform-calibration"
    version: Literal[1] = 1
    exercise: Annotated[str, AfterValidator(_known_exercise)]
    model: Annotated[str, Field(max_length=100)]
    reps: Annotated[int, Field(ge=0, le=100_000)]
    view_off_deg: Annotated[float, Field(ge=0, le=90)]
    lockout_trunk_thigh_flexion_deg: _Deg
    low_back_top_deg: _Deg | None
    low_back_top_scatter_deg: _Scatter
    low_back_levels_deg: Annotated[tuple[_Deg | None, ...], Field(min_length=N_DEPTHS, max_length=N_DEPTHS)] | None
    low_back_levels_scatter_deg: _Scatter


_ADAPTER = TypeAdapter(_File)


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Write *calibration* as JSON.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    fields = {name: getattr(calibration, name) for name in _File.model_fields if hasattr(calibration, name)}
    write_whole(path, (_File(**fields).model_dump_json(indent=2) + "\n").encode())


def read_calibration(path: Path) -> Calibration:
    """Read a file written by `write_calibration`.

    Raises
    ------
    InputError
        If the file cannot be read or is not a calibration.
    """
    try:
        found = validate_json(_ADAPTER, read_bounded(path, _MAX_BYTES))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except ContentError as error:
        hint = "Make a new one with `hipform calibrate`."
        raise InputError(f"{path} is not a valid calibration: error at {error}.", hint) from error
    return Calibration(**found.model_dump(exclude={"format", "version"}))


def keep_calibration(athlete: str, calibration: Calibration) -> Path:
    """Store *calibration* for later sets of *athlete*, replacing an earlier one of the exercise; return its file.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    folder = _folder()
    path = folder / f"{_stem(athlete)}-{calibration.exercise}-{calibration.model}.json"
    try:
        # Other users of this computer must not read it.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(path, error) from error
    write_calibration(path, calibration)
    return path


def kept_calibrations(athlete: str) -> tuple[list[Calibration], list[str]]:
    """Return the calibrations of *athlete*, by file name, and a line for each file that cannot be used.

    Links are not followed. A damaged file must not stop the analysis, which does not need it.
    """
    found, problems = [], []
    for path in _files(athlete):
        if path.is_symlink():
            problems.append(f"Calibration not used: {path} is a link.")
            continue
        try:
            found.append(read_calibration(path))
        except InputError as error:
            problems.append(f"Calibration not used: {error}")
    return found, problems


def count_calibrations(athlete: str | None) -> int:
    """Return the number of calibrations of *athlete*, or of all athletes with ``None``."""
    return len(_files(athlete))


def forget_calibrations(athlete: str | None) -> None:
    """Delete the calibrations of *athlete*, or of all athletes with ``None``.

    Raises
    ------
    OutputError
        If a file cannot be deleted.
    """
    for path in _files(athlete):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"{path} cannot be deleted: {error.strerror}.", "Delete it by hand.") from error


def _folder() -> Path:
    return history_path().parent / "calibrations"


def _files(athlete: str | None) -> list[Path]:
    return sorted(_folder().glob("*.json" if athlete is None else f"{_stem(athlete)}-*.json"))


def _stem(athlete: str) -> str:
    """Return a file name for an athlete that does not reveal the name and ignores its case and spacing."""
    return hashlib.sha256(" ".join(athlete.split()).casefold().encode()).hexdigest()[:16]
