"""docs/NOTICE.md and docs/sbom.cdx.json are those of the locked packages."""

import json
import re

import pytest

from scripts import licences
from scripts.licences import NOTICE, SBOM, licence_of, locked, needed, notice_text, sbom_text

AGAIN = "run: python -m scripts.licences"


@pytest.fixture(scope="module")
def sbom():
    return json.loads(SBOM.read_text(encoding="utf-8"))


def test_the_notice_is_the_one_of_the_lock():
    assert NOTICE.read_text(encoding="utf-8") == notice_text(), AGAIN


def test_the_bill_of_materials_is_the_one_of_the_lock():
    # It was made at another time, so this also shows that it comes out the same every time.
    assert SBOM.read_text(encoding="utf-8") == sbom_text(), AGAIN


def test_the_bill_of_materials_is_valid(sbom):
    # Here, not above: it builds forty grammars, which every process of the suite would wait for.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(SBOM.read_text(encoding="utf-8")) is None
    nameless = {**sbom, "components": [{"type": "library"}]}
    assert validator.validate_str(json.dumps(nameless)) is not None


def test_it_holds_every_needed_package_once_and_every_shipped_part(sbom):
    listed = [one["purl"] for one in sbom["components"] if one.get("purl", "").startswith("pkg:pypi/")]
    assert sorted(listed) == sorted(f"pkg:pypi/{name}@{locked()[name][0]}" for name in needed())
    assert {one["name"] for one in sbom["components"]} >= {"uPlot", "pose_landmarker_heavy.task"}


def test_it_says_who_needs_what(sbom):
    scopes = {one["name"]: one.get("scope") for one in sbom["components"]}
    assert scopes["mediapipe"] == scopes["colorama"] == scopes["sounddevice"] == "required"
    assert scopes["pyarrow"] == "optional"
    assert not scopes.keys() & {"pytest", "ruff", "pip-licenses"}
    graph = {one["ref"]: one["dependsOn"] for one in sbom["dependencies"]}
    assert {"mediapipe", "uPlot", "pose_landmarker_heavy.task"} <= set(graph["hipform"])
    assert "matplotlib" not in graph["hipform"]
    assert {"opencv-contrib-python", "matplotlib"} <= set(graph["mediapipe"])


def test_the_lock_is_read_whole():
    lines = re.findall(r"(?m)^[\w.-]+(?===)", licences._LOCK.read_text(encoding="utf-8"))
    assert list(locked()) == lines


def test_no_place_to_download_from_and_no_moment_is_in_it(sbom):
    text = SBOM.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^/\"]+", text)) <= {"http://cyclonedx.org"}
    assert "serialNumber" not in sbom
    assert "timestamp" not in sbom["metadata"]


def test_every_needed_package_has_a_licence_and_the_copyright_line_it_asks_for():
    rows = re.findall(r"(?m)^\| `([\w-]+)` \| \S+ \| (.+?) \| (.*?) ?\|$", NOTICE.read_text(encoding="utf-8"))
    assert {name for name, _, _ in rows} == set(needed())
    for name, licence, line in rows:
        assert licence in licences._WITHOUT_LINE or "opyright" in line, name


@pytest.mark.parametrize(
    "stated",
    [
        {},
        {"License-Metadata": "Ours"},
        {"License-Metadata": "MIT"},
        {"License-Classifier": "BSD License", "LicenseText": "Copyright (c) 2020 X"},
    ],
)
def test_a_package_without_a_clear_licence_must_be_read_by_hand(monkeypatch, stated):
    unknown = dict.fromkeys(("License-Metadata", "License-Classifier", "License-Expression", "LicenseText"), "UNKNOWN")
    monkeypatch.setattr(licences, "_stated", lambda: {"new": {**unknown, **stated}})
    with pytest.raises(ValueError, match=r"new .*read its licence and add it"):
        licence_of("new")
