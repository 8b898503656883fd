"""What the check of a wheel finds."""

import zipfile

from hipform.pose.model_files import MODEL_NAMES
from scripts.check_wheel import problems_of
from tests.samples import ROOT


def wheel(path, *extra, without=()):
    """Write a wheel with the right contents, and *extra* files."""
    names = [one.relative_to(ROOT).as_posix() for one in (ROOT / "hipform").rglob("*") if one.is_file()]
    names = [name for name in names if "__pycache__" not in name]
    names += [f"hipform/models/pose_landmarker_{model}.task" for model in MODEL_NAMES]
    with zipfile.ZipFile(path, "w") as archive:
        for name in {*names, *extra, "hipform-0.1.0.dist-info/METADATA"} - set(without):
            archive.writestr(name, "")
    return path


def test_a_whole_wheel_has_no_problem(tmp_path):
    assert problems_of(wheel(tmp_path / "whole.whl")) == []


def test_missing_and_strange_files_are_named(tmp_path):
    path = wheel(
        tmp_path / "odd.whl", "tests/test_x.py", "hipform/clip.mp4", without=["hipform/report/templates/base.html.j2"]
    )
    assert problems_of(path) == [
        "missing: hipform/report/templates/base.html.j2",
        "not expected: hipform/clip.mp4",
        "not expected: tests/test_x.py",
    ]
