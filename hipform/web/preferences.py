"""What the user has set for the app: pose model, language and limits, in one file of the library's folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from hipform.config import SETTINGS, Settings
from hipform.errors import ConfigError
from hipform.files import write_whole
from hipform.pose.model_files import ModelName
from hipform.texts import LanguageCode
from hipform.validation import ContentError, Stored, read_bounded, validate_json

LIVE_MODEL: ModelName = "full"
"""Pose model of live trainings, which `heavy` is too slow for on most computers."""
MODELS: tuple[ModelName, ...] = ("lite", "full", "heavy")
_MAX_BYTES = 100_000


class Preferences(Stored):
    """What the user has set.

    Attributes
    ----------
    model
        Pose model for new clips.
    language
        Language of the pages; ``None`` for that of the browser.
    limits
        Settings that differ from their defaults, by key.
    keeps_clips
        Whether clips are kept after they are analysed, for drawing them again after a correction.
    """

    format: Literal[1] = 1
    model: ModelName = "heavy"
    language: LanguageCode | None = None
    limits: Mapping[str, float] = {}
    keeps_clips: bool = True

    @property
    def settings(self) -> Settings:
        """The settings of the analysis; a limit that this version does not know is the default."""
        try:
            return Settings({key: value for key, value in self.limits.items() if key in SETTINGS})
        except ConfigError:
            return Settings()


_ADAPTER = TypeAdapter(Preferences)


class PreferencesFile:
    """The file with the preferences.

    Parameters
    ----------
    path
        The file. If it is missing or damaged, the defaults apply.

    Attributes
    ----------
    now
        The present preferences.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.now = Preferences()
        try:
            self.now = validate_json(_ADAPTER, read_bounded(path, _MAX_BYTES))
        except (OSError, ContentError):
            self.now = Preferences()

    def change(self, **fields: object) -> None:
        """Set and write preferences.

        Raises
        ------
        ConfigError
            If a value is not allowed.
        OutputError
            If the file cannot be written.
        """
        try:
            now = Preferences.model_validate({**self.now.model_dump(), **fields})
        except ValueError as error:
            raise ConfigError("A setting has a value that is not allowed.", "Choose one of the list.") from error
        Settings(dict(now.limits))
        write_whole(self._path, now.model_dump_json(indent=1).encode())
        self.now = now


def limits_of(form: Mapping[str, str]) -> dict[str, float]:
    """Return the settings in *form* that differ from their defaults.

    Raises
    ------
    ConfigError
        If a value is not a number within its bounds.
    """
    limits: dict[str, float] = {}
    for key, setting in SETTINGS.items():
        text = form.get(key, "").strip().replace(",", ".")
        if not text:
            continue
        try:
            value = float(text)
        except ValueError as error:
            raise ConfigError("{option} must be a number, not {given!r}.", option=key, given=text[:40]) from error
        if value != setting.default:
            limits[key] = value
    Settings(limits)
    return limits
