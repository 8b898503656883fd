import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hipform.config
from hipform.config import Basis, Setting, declare
from hipform.errors import ConfigError
from hipform.exercises import Settings

SETTINGS = hipform.config.SETTINGS
SHORT = "incomplete-lockout.short_deg"
UNITS = {"deg", "s", "m", "ratio", "trunks"}
every_setting = pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)


def load(tmp_path, text):
    path = tmp_path / "settings.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Settings.load(path)


# ------------------------------------------------------------------------------------------------------------ the table


@every_setting
def test_setting_is_fully_described(setting):
    assert SETTINGS[setting.key] is setting
    assert re.fullmatch(r"[a-z-]+\.[a-z0-9_]+", setting.key)
    assert setting.meaning.endswith(".")
    assert setting.source.strip() == setting.source != ""
    assert setting.basis in Basis


@every_setting
def test_setting_has_a_known_unit(setting):
    known = {*UNITS, "trunks_per_s"}
    assert any(setting.key.endswith(f"_{unit}") for unit in known)
    assert setting.unit in UNITS
    assert setting.section == setting.key.split(".")[0]


@every_setting
def test_default_is_within_its_bounds(setting):
    assert setting.low <= setting.default <= setting.high
    assert setting.low < setting.high
    assert Settings()[setting.key] == setting.default


def test_keys_are_unique():
    package = Path(__file__).parents[1] / "hipform"
    files = [package / "config.py", *(package / "exercises").glob("*.py")]
    pattern = re.compile(r'Setting\(\s*"([^"]+)"')
    keys = [key for file in files for key in pattern.findall(file.read_text(encoding="utf-8"))]
    assert len(keys) == len(set(keys))
    assert set(keys) == set(SETTINGS)


def test_a_declared_limit_is_known_like_the_others(monkeypatch):
    limit = Setting("frog-pump.width_ratio", 0.5, 0, 2, Basis.CONVENTION, "coaching practice", "Frog pump: a width.")
    monkeypatch.setattr(hipform.config, "_KNOWN", known := dict(hipform.config._KNOWN))
    assert declare(limit) == declare(limit) == limit.key
    assert known[limit.key] is limit
    with pytest.raises(ValueError, match=limit.key):
        declare(replace(limit, default=0.6))


@pytest.mark.parametrize(
    "settings", ["hipform.Settings(limits)", "__import__('hipform.cli.root').cli.root.settings_of(path)"]
)
def test_limits_that_exercises_declare_are_known_wherever_a_user_names_them(tmp_path, settings):
    """In a process of its own, because the tests import the exercises."""
    path = tmp_path / "limits.toml"
    path.write_text("[leg-too-high]\nkickback_deg = 15\n", encoding="utf-8")
    program = f"""
import hipform, pathlib
path, limits = pathlib.Path({str(path)!r}), {{"leg-too-high.kickback_deg": 15}}
assert {settings}["leg-too-high.kickback_deg"] == 15
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_defaults_agree_with_one_another():
    values = Settings()
    assert values[SHORT] < values["incomplete-lockout.far_short_deg"]
    assert values["lumbar-overextension.suspect_deg"] < values["lumbar-overextension.past_straight_deg"]
    assert values["view.angles_deg"] < values["view.tempo_deg"]


# ------------------------------------------------------------------------------------------------------------ overrides


def test_an_override_changes_one_value():
    values = Settings({SHORT: 8})
    assert values[SHORT] == 8.0
    assert values.overrides == {SHORT: 8.0}
    assert {key for key in SETTINGS if values[key] != SETTINGS[key].default} == {SHORT}


@pytest.mark.parametrize("overrides", [5, "x", [SHORT], {5: 5}, {None: 1.0}])
def test_what_is_no_mapping_of_names_to_numbers_is_refused_in_one_line(overrides):
    with pytest.raises(ConfigError, match=r"settings must be names|name of a setting") as refused:
        Settings(overrides)
    assert "\n" not in str(refused.value)


def test_settings_are_a_mapping_of_all_keys():
    assert dict(Settings()) == {key: setting.default for key, setting in SETTINGS.items()}
    assert len(Settings({SHORT: 8})) == len(SETTINGS)
    with pytest.raises(KeyError):
        Settings()["no-such.key_deg"]


@every_setting
def test_bounds_are_accepted_and_what_lies_beyond_is_not(setting):
    for value in (setting.low, setting.high):
        assert Settings({setting.key: value})[setting.key] == value
    for value in (setting.low - 0.001, setting.high + 0.001):
        with pytest.raises(ConfigError, match="out of bounds") as caught:
            Settings({setting.key: value})
        assert setting.key in str(caught.value)
        assert f"{setting.low:g} to {setting.high:g} {setting.unit}" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("incomplete-lockout.short", SHORT),
        ("incomplete-lockout.short_degrees", SHORT),
        ("incomplete_lockout.short_deg", SHORT),
        ("momentum.lower", "momentum.lower_s"),
        ("no-squeeze.hold", "no-squeeze.hold_s"),
    ],
)
def test_an_unknown_key_is_named_and_the_nearest_suggested(key, nearest):
    with pytest.raises(ConfigError) as caught:
        Settings({key: 5})
    assert repr(key) in caught.value.what
    assert caught.value.hint == f"Did you mean {nearest!r}?"


def test_a_key_like_no_other_is_named_and_the_list_pointed_to():
    with pytest.raises(ConfigError) as caught:
        Settings({"zzz": 5})
    assert "'zzz'" in caught.value.what
    assert "hipform rules" in caught.value.hint


@pytest.mark.parametrize(
    "value",
    ["10", True, None, [10], {"deg": 10}, float("nan"), float("inf"), -float("inf"), 10**400],
    ids=lambda value: str(value)[:8],
)
def test_only_finite_numbers_are_values(value):
    with pytest.raises(ConfigError, match=re.escape(SHORT)):
        Settings({SHORT: value})


@given(st.dictionaries(st.sampled_from(sorted(SETTINGS)), st.one_of(st.floats(), st.integers(-1000, 1000), st.text())))
def test_settings_are_within_bounds_or_refused(overrides):
    def is_good(key, value):
        return isinstance(value, int | float) and SETTINGS[key].low <= value <= SETTINGS[key].high

    if all(is_good(key, value) for key, value in overrides.items()):
        assert Settings(overrides).overrides == overrides
    else:
        with pytest.raises(ConfigError):
            Settings(overrides)


# ---------------------------------------------------------------------------------------------------------------- files


def test_a_file_of_tables(tmp_path):
    values = load(tmp_path, "[incomplete-lockout]\nshort_deg = 8\n\n[view]\nangles_deg = 25.5\n")
    assert values.overrides == {SHORT: 8.0, "view.angles_deg": 25.5}


def test_an_empty_file_changes_nothing(tmp_path):
    assert load(tmp_path, "# nothing\n").overrides == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[incomplete-lockout\nshort_deg = 8", "not a TOML file"),
        ("short_deg = ", "not a TOML file"),
        (b"\xff\xfe[view]", "not a TOML file"),
        ("[view]\nangles_deg = 25\nangles_deg = 26", "not a TOML file"),
        ("[incomplete-lockout]\nshort = 8", "Did you mean 'incomplete-lockout.short_deg'?"),
        ("[incomplete-lockout]\nshort_deg = 99", "out of bounds"),
        ("[incomplete-lockout]\nshort_deg = '8'", "must be a number"),
        ("[incomplete-lockout]\nshort_deg = nan", "must be a number"),
        ("[incomplete-lockout]\nshort_deg = true", "must be a number"),
        ("[incomplete-lockout.short_deg]\nvalue = 8", "must be a number"),
        ("[incomplete-lockout.deeper]\nshort_deg = 8", "unknown setting 'incomplete-lockout.deeper'"),
        ("short_deg = 8", "unknown setting 'short_deg'"),
        ("[[view]]\nangles_deg = 25", "unknown setting 'view'"),
        ("[view]\nangles_deg = " + "9" * 5000, ""),
        ("[view]\nangles_deg = 0x" + "9" * 5000, "a number too long to print"),
        ("[view]\nangles_deg = [0x" + "9" * 5000 + "]", "a number too long to print"),
        ("[view]\nangles_deg = " + "[" * 5000, "not a TOML file"),
        (".".join("a" * 5000), "not a TOML file"),
        ("[" + ".".join("a" * 5000) + "]\nb = 1", "a key of more than 20 parts"),
        (" . ".join(["'a'", '"#"', "b"] * 50_000) + " = 1", "a key of more than 20 parts"),
        ("a = {" + ".".join("a" * 400_000) + " = 1}", "a key of more than 20 parts"),
        ("a" * 999_000, "not a TOML file"),
        ("a " * 499_000, "not a TOML file"),
        ("#" * 1_000_001, "larger than 1,000,000 bytes"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_wrong_file_is_refused_by_its_name(tmp_path, text, says):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert str(tmp_path / "settings.toml") in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_file_that_cannot_be_read_is_refused_by_its_name(tmp_path, kind):
    path = tmp_path if kind == "folder" else tmp_path / "missing.toml"
    with pytest.raises(ConfigError, match="cannot read the settings file") as caught:
        Settings.load(path)
    assert str(path) in str(caught.value)
