import json
import shutil

import pytest

from hipform.errors import ModelError
from hipform.pose import model_files as models
from hipform.pose.model_files import MODEL_NAMES, model_path


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A folder of models to spoil, as an installed wheel would have it."""
    source = model_path("lite").parent
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("manifest.json", "pose_landmarker_lite.task"):
        shutil.copy(source / name, folder)
    monkeypatch.setattr(models, "_PLACES", (folder, tmp_path / "nowhere"))
    return folder


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_every_model_is_there_and_unaltered(name):
    assert model_path(name).name == f"pose_landmarker_{name}.task"


def test_wheel_layout_comes_first(copied):
    assert model_path("lite") == copied / "pose_landmarker_lite.task"


def test_flipped_bit_is_noticed(copied):
    path = copied / "pose_landmarker_lite.task"
    data = bytearray(path.read_bytes())
    data[1_000_000] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="sha256"):
        model_path("lite")


def test_incomplete_model_is_noticed(copied):
    path = copied / "pose_landmarker_lite.task"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelError, match="size is wrong"):
        model_path("lite")


def test_missing_model(copied):
    (copied / "pose_landmarker_lite.task").unlink()
    with pytest.raises(ModelError, match="cannot be read: No such file"):
        model_path("lite")


def test_missing_manifest(copied):
    (copied / "manifest.json").unlink()
    with pytest.raises(ModelError, match="models are missing"):
        model_path("lite")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"models": {"lite": {}}}',
        '{"models": {"lite": 3}}',
        '{"models": {"lite": {"file": "a\\u0000.task", "bytes": 1, "sha256": "0"}}}',
        '{"models": {"lite": {"file": "../a.task", "bytes": 1, "sha256": "' + "0" * 64 + '"}}}',
    ],
)
def test_spoilt_manifest(copied, text):
    (copied / "manifest.json").write_text(text)
    with pytest.raises(ModelError, match="unreadable or was changed"):
        model_path("lite")


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ModelError, match="lite, full, heavy"):
        model_path("huge")


def test_manifest_says_where_the_models_come_from():
    manifest = json.loads((model_path("lite").parent / "manifest.json").read_text())
    assert manifest["licence"] == "Apache-2.0"
    assert "@mediapipe/pose" in manifest["origin"]
    assert (model_path("lite").parent / "LICENSE").is_file()
