"""A lifter's calibration as a small JSON file, checked when read: such files go from person to person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hipform.errors import InputError
from hipform.exercises import EXERCISES
from hipform.files import write_whole
from hipform.kinematics.low_back import N_DEPTHS
from hipform.types import Calibration

_MAX_BYTES = 100_000
_Deg = Annotated[float, Field(ge=-720, le=720)]
_Scatter = Annotated[float, Field(ge=0, le=360)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    format: Literal["hipform-calibration"] = "hipform-calibration"
    version: Literal[1] = 1
    exercise: Literal[*EXERCISES]  # type: ignore[valid-type]
    model: Annotated[str, Field(max_length=100)]
    reps: Annotated[int, Field(ge=0, le=100_000)]
    view_off_deg: Annotated[float, Field(ge=0, le=90)]
    lockout_hip_flexion_deg: _Deg
    low_back_top_deg: _Deg | None
    low_back_top_scatter_deg: _Scatter
    low_back_levels_deg: Annotated[tuple[_Deg | None, ...], Field(min_length=N_DEPTHS, max_length=N_DEPTHS)] | None
    low_back_levels_scatter_deg: _Scatter


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
    """Read what `write_calibration` wrote.

    Raises
    ------
    InputError
        If the file cannot be read or is no calibration.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        found = _File.model_validate_json(data)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"]) or "JSON"
        hint = "Make a new one with `hipform calibrate`."
        raise InputError(f"{path} is no calibration: wrong at {field}.", hint) from error
    return Calibration(**found.model_dump(exclude={"format", "version"}))
