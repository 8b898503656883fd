"""The parts of the model build that need no network: packing and metadata, compared with the committed bundles."""

import importlib.util
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def build_models():
    spec = importlib.util.spec_from_file_location("build_models", ROOT / "scripts" / "build_models.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def networks_of(name):
    with zipfile.ZipFile(ROOT / "models" / f"pose_landmarker_{name}.task") as bundle:
        return {member: bundle.read(member) for member in bundle.namelist()}


@pytest.mark.parametrize("name", ["lite", "full", "heavy"])
def test_packing_the_committed_networks_gives_the_committed_bundle(build_models, name):
    bundle = build_models.pack_bundle(networks_of(name), build_models.RECIPES[name].packed_at)
    build_models.compare(name, bundle, ROOT / "models")


def test_altered_bundle_is_reported(build_models):
    bundle = bytearray((ROOT / "models" / "pose_landmarker_lite.task").read_bytes())
    bundle[-1] ^= 1
    with pytest.raises(build_models.BuildError, match="differs"):
        build_models.compare("lite", bytes(bundle), ROOT / "models")


@pytest.mark.parametrize("name", ["lite", "full"])
def test_metadata_is_that_of_the_committed_networks(build_models, name):
    pytest.importorskip("flatbuffers")
    networks = networks_of(name)
    recipe = build_models.RECIPES[name]
    assert build_models.metadata_buffer(recipe.detector) in networks["pose_detector.tflite"]
    assert build_models.metadata_buffer(build_models.LANDMARKS) in networks["pose_landmarks_detector.tflite"]


def test_other_flatbuffers_is_refused_before_anything_is_fetched(build_models, monkeypatch, capsys):
    monkeypatch.setattr(build_models.importlib.metadata, "version", lambda _: "25.12.19")
    assert build_models.main(["--check"]) == 1
    assert "needs flatbuffers 25.9.23, not 25.12.19" in capsys.readouterr().err


def test_difference_ends_with_exit_code_1(build_models, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(build_models, "check_flatbuffers", lambda: None)
    monkeypatch.setattr(build_models, "fetch_package", dict)
    monkeypatch.setattr(build_models, "build_bundle", lambda name, networks: b"other")
    assert build_models.main(["--out", str(tmp_path / "new")]) == 1
    assert "pose_landmarker_lite.task differs" in capsys.readouterr().err
    assert (tmp_path / "new" / "pose_landmarker_lite.task").read_bytes() == b"other"


def test_package_that_cannot_be_fetched(build_models, monkeypatch, capsys):
    monkeypatch.setattr(build_models, "check_flatbuffers", lambda: None)
    monkeypatch.setenv("PATH", "")
    assert build_models.main(["--check"]) == 1
    assert "could not be fetched" in capsys.readouterr().err
