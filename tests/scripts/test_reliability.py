"""The corpus of bad video in small, with made-up landmarks; and a short run of the fuzzer, with the real ones."""

import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest

from hipform.app import analyze
from hipform.errors import HipformError
from scripts.reliability.case import NOBODY, OK
from scripts.reliability.corpus import cases
from scripts.reliability.probe import left_broken, left_over
from tests.estimators import use_estimator
from tests.samples import ROOT
from tests.synthetic import SyntheticCamera, bridge, shoot

PICTURES = 18


class Seer:
    """Sees one and the same lifter wherever it looks."""

    def __init__(self):
        self._at_rest = bridge(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def detect(self, frame):
        return replace(
            shoot(self._at_rest, frame.t_s, SyntheticCamera(px_per_m=30, origin_px=(30, 50))), shot=frame.shot
        )


@pytest.fixture(scope="module")
def pictures():
    """Return small pictures that move a little."""
    room = np.random.default_rng(0).integers(0, 255, (64, 128, 3), np.uint8)
    return [np.roll(room, i // 4, axis=1) for i in range(PICTURES)]


@pytest.mark.skipif(sys.platform == "win32", reason="its pipes, links and names are those of POSIX")
@pytest.mark.parametrize("case", [case for case in cases() if not case.is_heavy], ids=lambda case: case.name)
def test_every_odd_clip_ends_as_it_should(case, pictures, tmp_path, monkeypatch):
    use_estimator(monkeypatch, Seer)
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    given = case.make(folder, pictures)
    before = sorted(folder.iterdir())
    try:
        result = analyze(given, exercise="hip-thrust", model="lite", out=out)
        code, said = OK, " ".join(result.clip.notes)
    except HipformError as error:
        code, said = error.exit_code, str(error)
    assert case.says.lower() in said.lower()
    # There is always somebody here: where nobody was to be found, the clip was at least read.
    assert code in {OK if expected == NOBODY else expected for expected in case.codes}
    assert left_broken(out) == left_over(out) == []
    assert sorted(folder.iterdir()) == before


PARTS = {
    ("fuzz", "--files", "1"): 5,
    ("moments", "--every", "300"): 12,
    ("names", "--some", "1"): 8,
    ("streams", "--only", "elsewhere"): 3,
}
"""What is run of each part, and the lines that it prints."""
SEVERAL = """
import json, sys
import tests.unhurried
from scripts.reliability.__main__ import main

for words in json.loads(sys.argv[1]):
    sys.argv[1:] = words
    sys.exit("it found something") if main() else print("end", *words)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the commands are run in forks, which this system lacks")
def test_a_little_of_each_part_finds_nothing():
    """In one process: its imports take longer than some parts."""
    command = [sys.executable, "-c", SEVERAL, json.dumps([*PARTS])]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    printed = done.stdout.splitlines()
    ends = [printed.index(" ".join(("end", *words))) for words in PARTS]
    begins = [-1, *ends]
    assert [end - begin - 1 for begin, end in zip(begins, ends, strict=False)] == [*PARTS.values()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the reliability scripts are made for POSIX")
def test_bits_flipped_in_what_is_read_back_break_no_promise(tmp_path):
    from scripts.reliability.damage import try_damage
    from scripts.reliability.damaged_kinds import kinds

    (tmp_path / "first").mkdir()
    state = tmp_path / "state.json"
    found = try_damage(kinds, tmp_path / "first", every=1500, state=state)
    assert {name: one.wrong for name, one in found.items()} == {name: [] for name in found}
    assert found["history"].codes[9] > 0
    assert found["poses.npz"].codes[4] > 0
    assert min(one.done for one in found.values()) > 0
    again = try_damage(lambda _: {}, tmp_path / "second", state=state)
    assert {name: (one.done, one.codes) for name, one in again.items()} == {
        name: (one.done, one.codes) for name, one in found.items()
    }


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the reliability scripts are made for POSIX")
def test_the_page_and_the_help_list_every_part():
    from scripts.reliability import __main__ as command
    from scripts.reliability.page import PAGE

    for text in (PAGE.read_text("utf-8"), command.__doc__):
        assert {*re.findall(r"^ *python -m scripts\.reliability (\w+)", text, re.MULTILINE)} == {*command._PARTS}


def test_a_whole_run_that_was_stopped_is_resumed(tmp_path):
    from scripts.reliability.series import KeptRuns, Run

    path = tmp_path / "runs.jsonl"
    first = KeptRuns(path)
    first.add("a name", [Run("analyze", 0, []), Run("report", 1, ["wrong"])])
    again = KeptRuns(path)
    assert "a name" in again
    assert "another" not in again
    again.add("another", [Run("analyze", 4, [])])
    assert [(one.name, one.runs, dict(one.codes), one.wrong) for one in KeptRuns(path).series] == [
        ("analyze", 2, {0: 1, 4: 1}, []),
        ("report", 1, {1: 1}, ["run 1: wrong"]),
    ]
    assert KeptRuns(None).series == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the reliability scripts are made for POSIX")
def test_a_damaged_file_leaves_no_thread_behind(tmp_path, monkeypatch):
    from hipform.store.history import PATH_VARIABLE
    from scripts.reliability.damaged_kinds import kinds

    monkeypatch.setenv(PATH_VARIABLE, str(tmp_path / "history.sqlite3"))
    (rules,) = kinds(tmp_path)["settings"].commands
    before = {*threading.enumerate()}
    with pytest.raises(SystemExit):
        rules()
    assert {*threading.enumerate()} <= before


def test_every_bit_at_the_ends_is_flipped_and_random_ones_in_between():
    from scripts.reliability.damage import RANDOM_FLIPS, flips

    assert flips(10, 20, 0) == list(range(80))
    bits = flips(1000, 10, 20)
    assert bits[:80] == list(range(80))
    assert bits[80:240] == list(range(7840, 8000))
    assert len(bits) == 240 + RANDOM_FLIPS
    assert all(80 <= bit < 7840 for bit in bits[240:])
