"""The table of all settings that steer hipform: default, bounds, unit, basis and source.

The analysis reads it, ``--config FILE.toml`` overrides it and ``hipform rules`` prints it. The file of an exercise may
add limits of its own with `declare`. Keys have the form ``section.name_unit``; in TOML the section is a table::

    [incomplete-lockout]
    short_deg = 8
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from hipform.errors import ConfigError

_MAX_BYTES = 1_000_000
_MAX_SHOWN_CHARS = 100
_KEY_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![\w-]){_KEY_PART}(?:[ \t]*+\.[ \t]*+{_KEY_PART}){{20}}")
"""A key of more than 20 parts; those of the settings have two. `tomllib` needs memory in the square of the parts."""


class Basis(StrEnum):
    """Where a number comes from."""

    LITERATURE = "literature"
    CONVENTION = "convention"
    TUNED = "tuned"


@dataclass(frozen=True, slots=True)
class Setting:
    """One adjustable number.

    Attributes
    ----------
    key
        ``section.name_unit``; the section of a rule's setting is the rule's id.
    default, low, high
        Default and the closed interval of values accepted.
    basis, source
        Kind of evidence for the default, and its source.
    meaning
        One plain sentence that explains the value.
    """

    key: str
    default: float
    low: float
    high: float
    basis: Basis
    source: str
    meaning: str

    @property
    def unit(self) -> str:
        """Unit suffix of the key."""
        return self.key.rsplit("_", 1)[1]

    @property
    def section(self) -> str:
        """Part of the key before the dot."""
        return self.key.split(".", 1)[0]


_COACHING = "coaching practice"
_CLIPS = "real and rendered clips, docs/accuracy.md"

_TABLE = (
    # --- rules -------------------------------------------------------------------------------------------------
    Setting("incomplete-lockout.short_deg", 10, 3, 40, Basis.CONVENTION,
            "coaching practice; on rendered clips, 95 % of readings at the top are within 9 degrees, docs/accuracy.md",
            "A top that is short of a straight shoulder-hip-knee line by more than this is an incomplete lockout."),
    Setting("incomplete-lockout.far_short_deg", 20, 5, 60, Basis.CONVENTION, _COACHING,
            "A top that is short by more than this is called far short."),
    Setting("lumbar-overextension.past_straight_deg", 20, 8, 45, Basis.LITERATURE,
            "hip extension past neutral is 10 to 20 degrees in people; anything beyond must come from elsewhere",
            "A position held further past straight than this is a fault for any lifter."),
    Setting("lumbar-overextension.suspect_deg", 12, 5, 45, Basis.TUNED, _CLIPS,
            "Between this and the limit, the reading may come from build, clothes or camera, so it is not judged."),
    Setting("lumbar-overextension.beyond_own_deg", 10, 5, 30, Basis.CONVENTION,
            "repeatability of camera angles within one set is 4 to 8 degrees",
            "A top further past straight than the set's typical top by more than this is a fault."),
    Setting("lumbar-overextension.low_back_deg", 10, 4, 30, Basis.LITERATURE,
            "lumbar extension is 20 to 35 degrees in people; repeatability of such measures is 4 to 8",
            "A low back more arched at the top than in the first repetitions of the set by more than this is a fault."),
    Setting("lumbar-overextension.hold_s", 0.25, 0, 2, Basis.CONVENTION, _COACHING,
            "How long an arch must be held to count; a shorter one may be a tracking wobble."),
    Setting("no-squeeze.hold_s", 0.35, 0.1, 3, Basis.CONVENTION,
            "coaches cue a hold of 0.5 to 1 s in bridge and thrust; ACE recommends 2 to 3 s",
            "A top held within 5 degrees of its best for less than this has no squeeze."),
    Setting("momentum.lower_s", 0.5, 0.2, 2, Basis.CONVENTION, _COACHING,
            "A lowering faster than this is a drop, not controlled."),
    Setting("shallow-range.share_ratio", 0.6, 0.2, 0.95, Basis.CONVENTION, _COACHING,
            "A range below this share of the set's best repetition is shallow."),
    Setting("shin-angle.lean_deg", 22, 10, 45, Basis.CONVENTION,
            "coaching practice: shins vertical, knees near 90, at the top",
            "A shank further from vertical than this at the top means that the feet are too far out or too close."),
    Setting("no-squeeze.float_s", 0.2, 0.05, 1, Basis.CONVENTION, _COACHING,
            "Kettlebell swing: hips extended for less than this allow no float at the top."),
    Setting("momentum.hands_lead_ratio", 0.75, 0.3, 1, Basis.CONVENTION,
            "in a swing the arms only follow; rendered and real swings read 0.4 to 0.6",
            "Kettlebell swing: hands that rise by more than this share before the hips are up lead the movement."),
    Setting("lumbar-rounding.change_deg", 10, 5, 30, Basis.LITERATURE,
            "good technique still uses about 26 degrees of the low back; repeatability of such measures is 4 to 8",
            "A low back rounder at the bottom than in the first repetitions of the set by more than this is a fault."),
    Setting("squatted-deadlift.knee_deg", 105, 80, 140, Basis.TUNED,
            "58 real deadlifts start with knees bent by up to 98 degrees, a squatted one with 118 to 129",
            "Deadlift: knees bent by more than this when the lift begins turn it into a squat."),
    Setting("lumbar-rounding.deadlift_bulge_ratio", 0.046, 0.02, 0.12, Basis.TUNED,
            "real deadlifts of nine people, three of them with a round back, docs/accuracy.md",
            "Deadlift: a back whose outline bulges by more than this at the bottom, in trunk lengths, is round."),
    Setting("knee-dominant.bend_deg", 30, 8, 60, Basis.CONVENTION, _COACHING,
            "Romanian deadlift: knees that bend by more than this from standing turn the hinge into a squat."),
    Setting("knee-dominant.good_morning_deg", 30, 8, 60, Basis.CONVENTION,
            "good morning knee 5 +- 7 degrees (Schellenberg 2013); coaching practice allows more",
            "Good morning: knees that bend by more than this turn the hinge into a squat."),
    Setting("knee-dominant.pull_through_deg", 35, 8, 60, Basis.CONVENTION, _COACHING,
            "Pull-through: knees that bend by more than this squat the hinge; the pull from behind allows more bend."),
    Setting("knee-dominant.hinge_score_ratio", 0.2, -0.5, 0.8, Basis.CONVENTION,
            "(hip / (hip + knee) - 0.5) * 2, as swing coaches score hinge versus squat",
            "Kettlebell swing: a score below this is a squat."),
    Setting("knees-not-locked.flexion_deg", 15, 5, 40, Basis.CONVENTION,
            "IPF rules require straight knees; a camera can distinguish 15 to 20 degrees from straight",
            "Knees bent by more than this at the top are not locked."),
    Setting("hips-shoot-up.rise_ratio", 1.4, 1.1, 4, Basis.CONVENTION, _COACHING,
            "Hips that rise more than this many times as far as the shoulders in the first third are a fault."),
    Setting("lean-back.lean_deg", 10, 4, 30, Basis.CONVENTION, _COACHING,
            "A trunk further behind vertical than this at the top is a fault."),
    Setting("arm-lift.above_ratio", 0.15, 0, 1, Basis.CONVENTION,
            "the swing goes to chest or shoulder height; in trunk lengths",
            "Hands higher above the shoulders than this were lifted by the arms."),
    Setting("leg-too-high.bird_dog_deg", 18, 5, 40, Basis.CONVENTION, _COACHING,
            "Bird dog: a thigh higher above the trunk line than this involves the low back."),
    Setting("leg-too-high.far_deg", 25, 8, 60, Basis.CONVENTION, _COACHING,
            "More than this above the trunk line is called far too high."),
    Setting("leg-too-high.reverse_hyper_deg", 12, 5, 40, Basis.CONVENTION,
            "hip extension past neutral is 10 to 20 degrees in people",
            "Reverse hyperextension: legs higher above the trunk line than this are a fault."),
    Setting("asymmetry.difference_deg", 10, 4, 40, Basis.CONVENTION,
            "repeatability of camera angles within one set is 4 to 8 degrees",
            "Left and right tops, or ranges, that differ by more than this on average are a fault."),
    Setting("overload.fade_ratio", 0.15, 0.05, 0.5, Basis.CONVENTION,
            "no universal limit exists; reported with its confidence",
            "A range that shrinks, or a lift that slows, by more than this share over the set is a fault."),
    # --- what may be judged ------------------------------------------------------------------------------------
    Setting("view.angles_deg", 55, 10, 60, Basis.TUNED, _CLIPS,
            "Further than this from the side view, no angle is judged; up to it, the intervals grow with the angle."),
    Setting("view.low_back_deg", 20, 5, 45, Basis.TUNED, _CLIPS,
            "Further than this from the side view, the outline shows the flank, so the low back is not measured."),
    Setting("view.tempo_deg", 60, 20, 80, Basis.TUNED, _CLIPS,
            "Further than this from the side view, not even tempo is judged."),
    # --- bar ---------------------------------------------------------------------------------------------------
    Setting("bar.plate_diameter_m", 0, 0, 0.6, Basis.CONVENTION, "competition plates of 10 kg and more measure 0.45 m",
            "Diameter of the plates on the bar, for its speed; 0 takes them for full-size if the body's size agrees."),
    # --- tracking ----------------------------------------------------------------------------------------------
    Setting("tracking.bridge_s", 0.5, 0, 3, Basis.TUNED, _CLIPS,
            "If the body is lost for less than this, the gap is bridged; a longer loss ends the repetition."),
    Setting("tracking.jump_trunks", 0.45, 0.1, 3, Basis.TUNED, _CLIPS,
            "A body that jumps by more trunk lengths than this between frames, above its speed limit, is another."),
    Setting("tracking.jump_trunks_per_s", 6, 1, 30, Basis.LITERATURE,
            "hip speed in a kettlebell swing stays under 3 m/s, about six trunk lengths",
            "Highest speed of the middle of a body, in trunk lengths per second."),
    Setting("tracking.resize_ratio", 1.6, 1.1, 5, Basis.TUNED, _CLIPS,
            "A body that grows or shrinks by more than this factor between frames is another body."),
    # --- repetitions -------------------------------------------------------------------------------------------
    Setting("reps.turn_ratio", 0.35, 0.1, 0.8, Basis.TUNED, _CLIPS,
            "Share of the set's range that the hip must travel back before a turning point counts."),
    Setting("reps.partial_ratio", 0.6, 0.2, 0.9, Basis.CONVENTION, _COACHING,
            "A lift that reaches less than this share of the set's range is a partial repetition."),
    Setting("reps.lift_min_s", 0.2, 0, 2, Basis.LITERATURE,
            "bridge lifting phase 0.58 +- 0.07 s, thrust 0.80 +- 0.14 s (Zabaleta-Korta 2024)",
            "An upward movement faster than this is a tracking jump, not a lift."),
    Setting("reps.top_band_deg", 5, 1, 15, Basis.CONVENTION, _COACHING,
            "The top of a repetition is the time spent within this angle of its most extended position."),
    Setting("reps.feet_move_trunks", 0.4, 0.1, 2, Basis.TUNED, _CLIPS,
            "Feet that travel further than this, in trunk lengths, indicate walking or setting up."),
    # --- sets --------------------------------------------------------------------------------------------------
    Setting("sets.rest_s", 20, 5, 600, Basis.CONVENTION,
            "coaching practice: rest between sets is usually a minute or more, cluster pauses stay under 20 s",
            "A rest of this length after a counted repetition ends the set; the next repetition starts another."),
)  # fmt: skip

_KNOWN = {setting.key: setting for setting in _TABLE}
SETTINGS: Mapping[str, Setting] = MappingProxyType(_KNOWN)
"""Every setting by its key."""


def declare(setting: Setting) -> str:
    """Add a setting to `SETTINGS` and return its key, for the `limits` of a rule.

    Raises
    ------
    ValueError
        If there is another setting of this key.
    """
    if _KNOWN.setdefault(setting.key, setting) != setting:
        raise ValueError(f"there already is a setting {setting.key!r}")
    return setting.key


class Settings(Mapping[str, float]):
    """The settings in use: defaults with validated overrides.

    Parameters
    ----------
    overrides
        Value by key.

    Raises
    ------
    ConfigError
        If a key is unknown or a value is not a number within its bounds; the message names it.
    """

    def __init__(self, overrides: Mapping[str, object] | None = None) -> None:
        if not isinstance(overrides, Mapping | None):
            raise ConfigError(f"settings must be names with numbers, not {_shortened(overrides)}.")
        self.overrides = {key: _checked(key, value) for key, value in (overrides or {}).items()}

    def __getitem__(self, key: str) -> float:
        return self.overrides.get(key, SETTINGS[key].default)

    def __iter__(self) -> Iterator[str]:
        return iter(SETTINGS)

    def __len__(self) -> int:
        return len(SETTINGS)

    @staticmethod
    def load(path: Path) -> Settings:
        """Read overrides from a TOML file.

        Raises
        ------
        ConfigError
            If the file cannot be read, is not TOML, or has an unknown key or a value out of bounds.
        """
        from hipform.validation import read_bounded  # noqa: PLC0415 - pydantic is slow to load, `--help` needs none

        try:
            data = read_bounded(path, _MAX_BYTES)
        except OSError as error:
            raise ConfigError(f"{path}: cannot read the settings file ({error.strerror}).") from error
        try:
            tables = _parsed(data.decode())
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{path}: not a TOML file ({str(error)[:_MAX_SHOWN_CHARS]}).") from error
        try:
            return Settings(_flatten(tables))
        except ConfigError as error:
            raise ConfigError(f"{path}: {error.what}", error.hint) from error


def _parsed(text: str) -> dict[str, object]:
    if _LONG_KEY.search(text):
        raise ValueError("a key of more than 20 parts")
    return tomllib.loads(text)


def _flatten(tables: Mapping[str, object]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for section, content in tables.items():
        if isinstance(content, dict):
            flat.update({f"{section}.{name}": value for name, value in content.items()})
        else:
            flat[section] = content
    return flat


def _checked(key: object, value: object) -> float:
    if not isinstance(key, str):
        raise ConfigError(f"the name of a setting must be text, not {_shortened(key)}.")
    if key not in SETTINGS:
        near = difflib.get_close_matches(key, SETTINGS, n=1, cutoff=0.5)
        raise ConfigError(
            f"unknown setting {key[:_MAX_SHOWN_CHARS]!r}.",
            f"Did you mean {near[0]!r}?" if near else "`hipform rules` lists them.",
        )
    setting = SETTINGS[key]
    is_nan = isinstance(value, float) and math.isnan(value)
    if isinstance(value, bool) or is_nan or not isinstance(value, int | float):
        raise ConfigError("{option} must be a number, not {given}.", option=key, given=_shortened(value))
    if not setting.low <= value <= setting.high:
        raise ConfigError(
            "{option} = {given} is out of bounds: {low:g} to {high:g} {unit}.",
            option=key,
            given=_shortened(value),
            low=setting.low,
            high=setting.high,
            unit=setting.unit,
        )
    return float(value)


def _shortened(value: object) -> str:
    try:
        return repr(value)[:_MAX_SHOWN_CHARS]
    except (ValueError, RecursionError):
        # Python refuses to format integers of thousands of digits.
        return "a number too long to print"
