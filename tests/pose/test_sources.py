import sys

import numpy as np
import pytest

import hipform.pose
from hipform.errors import ModelError
from hipform.pose.model_files import MODEL_NAMES
from hipform.pose.poses import Landmark, Pose
from hipform.pose.sources import POSE_MODELS, SOURCES, declared_models, find_source, open_estimator


def test_every_pose_model_is_a_source_that_states_what_it_has():
    assert tuple(POSE_MODELS) == MODEL_NAMES
    assert set(POSE_MODELS) <= set(SOURCES)
    for name, source in SOURCES.items():
        assert source.name == name
        assert source.schema.keypoints <= frozenset(Landmark)
        assert {Landmark.LEFT_HIP, Landmark.RIGHT_HIP} <= source.schema.keypoints
        assert source.noise.u95_scale > 0


def test_a_pose_model_is_one_file_that_is_found_by_itself(tmp_path, monkeypatch):
    (tmp_path / "standing_pose.py").write_text(
        "from hipform.pose.landmark_schema import LandmarkSchema, PoseModel\n"
        "schema = LandmarkSchema(keypoints=frozenset(), has_world=False, has_visibility=False, has_contour=False)\n"
        "POSE_MODELS = (PoseModel(name='standing', schema=schema, make=None),)\n"
    )
    monkeypatch.setattr(hipform.pose, "__path__", [*hipform.pose.__path__, str(tmp_path)])
    found = declared_models(hipform.pose.__path__)
    monkeypatch.delitem(sys.modules, "hipform.pose.standing_pose")
    assert set(found) == {*MODEL_NAMES, "standing"}


def test_an_unknown_model_is_named_with_those_there_are():
    with pytest.raises(ModelError, match=r"no pose model 'huge'.*lite, full, heavy"):
        open_estimator("huge")


def test_an_unknown_source_is_named_with_those_there_are():
    with pytest.raises(ModelError, match=r"no source of landmarks called 'nobody'") as caught:
        find_source("nobody")
    assert "heavy" in str(caught.value)


def test_a_person_is_found_by_a_source_that_has_no_nose():
    pose = Pose.unseen(0.0)
    assert not pose.found
    pose.image_px[Landmark.LEFT_HIP] = 10.0, 20.0
    assert np.isnan(pose.image_px[Landmark.NOSE]).all()
    assert pose.found
