"""The examples in Python of the README and of the pages run as they stand, on landmarks in place of the clips."""

import re
import shutil

import pytest

import hipform
from hipform.pose.recording import Recording
from tests.samples import ROOT

RECORDING = ROOT / "tests" / "sample_recordings" / "hip-thrust_good.npz"
CLIP = re.compile(r'"(set|best_set)\.mp4"')


def examples():
    for page in (ROOT / "README.md", ROOT / "docs" / "python.md"):
        blocks = re.findall(r"(?ms)^```python\n(.+?)^```", page.read_text(encoding="utf-8"))
        yield from (pytest.param(block, id=f"{page.name} {number}") for number, block in enumerate(blocks, 1))


@pytest.fixture
def landmarks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("set.npz", "best_set.npz"):
        shutil.copy(RECORDING, name)
    with Recording(RECORDING) as recording:
        return [(pose.t_s, pose.image_px) for pose in recording]


@pytest.mark.parametrize("example", list(examples()))
def test_the_example_runs(example, landmarks, capsys):
    if "set_hipform" in example:
        hipform.analyze("set.npz", exercise="hip-thrust", out="set_hipform")
    names = {"landmarks": landmarks}
    exec(compile(CLIP.sub(r'"\1.npz"', example), "example", "exec"), names)  # noqa: S102 - the project's own pages
    if "print(" in example:
        assert capsys.readouterr().out
