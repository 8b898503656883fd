"""Location of the pose models, and the check that they are the ones that hipform was tested with."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter

from hipform.errors import ModelError
from hipform.validation import Sha256, Stored, validate_rows

ModelName = Literal["lite", "full", "heavy"]
MODEL_NAMES: tuple[ModelName, ...] = get_args(ModelName)


class _Entry(Stored):
    file: Annotated[str, Field(pattern=r"^[a-z_]+\.task$")]
    bytes: int
    sha256: Sha256


_ENTRY = TypeAdapter(_Entry)
_MANIFEST = "manifest.json"
_PACKAGE_DIR = Path(__file__).resolve().parent.parent
# A wheel contains the models inside the package, the repository beside it.
_PLACES = (_PACKAGE_DIR / "models", _PACKAGE_DIR.parent / "models")
_REINSTALL = "Install hipform again."


def model_path(name: ModelName) -> Path:
    """Return the file of a pose model after verifying it.

    Parameters
    ----------
    name
        ``lite``, ``full`` or ``heavy``: a larger model is slower and more accurate.

    Returns
    -------
    Path
        A MediaPipe ``.task`` bundle whose size and sha256 match the manifest.

    Raises
    ------
    ModelError
        If the name is unknown, or the model or the manifest is missing, changed or unreadable.
    """
    folder = _models_dir()
    entry = _manifest_entry(folder, name)
    path = folder / entry.file
    try:
        if path.stat().st_size != entry.bytes:
            raise ModelError(f"The pose model {path} is incomplete or was changed: its size is wrong.", _REINSTALL)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"The pose model {path} cannot be read: {error.strerror}.", _REINSTALL) from error
    if digest != entry.sha256:
        raise ModelError(f"The pose model {path} was changed: its sha256 differs from the manifest.", _REINSTALL)
    return path


def _models_dir() -> Path:
    for folder in _PLACES:
        if (folder / _MANIFEST).is_file():
            return folder
    raise ModelError(f"The pose models are missing: there is no {_PLACES[0] / _MANIFEST}.", _REINSTALL)


def _manifest_entry(folder: Path, name: str) -> _Entry:
    try:
        models = json.loads((folder / _MANIFEST).read_text("utf-8"))["models"]
        if name not in models:
            raise ModelError(f"There is no pose model {name!r}.", f"Choose one of {', '.join(models)}.")
        return validate_rows(_ENTRY, {key: models[name][key] for key in ("file", "bytes", "sha256")})
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(
            f"The list of pose models {folder / _MANIFEST} is unreadable or was changed.", _REINSTALL
        ) from error
