"""The window: keys in, pictures out, and its close button; on a virtual screen where there is one."""

import os
import subprocess
import sys

import cv2
import pytest

from hipform.errors import OutputError
from hipform.render import LEGEND, Command, Window, require_display
from hipform.render.window import _KEYS
from scripts.app_process import LIMIT_S
from tests.samples import ROOT
from tests.xserver import needs_screen, virtual_screen


def run(code, environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**environment, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=LIMIT_S,
    )


def test_every_key_of_the_legend_does_what_it_says():
    for key, meaning in LEGEND:
        assert _KEYS[ord(" " if key == "space" else key)].value == meaning
    assert {Command(meaning) for _, meaning in LEGEND} == set(Command)


@pytest.mark.parametrize(
    ("key", "command"),
    [
        (-1, None),
        (27, Command.QUIT),
        (0xFF1B, Command.QUIT),
        (ord("Q"), Command.QUIT),
        (ord("m") | 0x100000, Command.MUTE),
        (ord("z"), None),
        # The left arrow of X and of Windows: cut down to a letter, the first would be a Q.
        (0xFF51, None),
        (0x250000, None),
    ],
)
def test_keys_are_commands_whatever_their_case_and_flags(monkeypatch, key, command):
    monkeypatch.setattr(cv2, "waitKeyEx", lambda _ms: key)
    monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: 1.0)
    assert Window().poll() is command


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
@pytest.mark.parametrize("display", [None, "", ":917", "nonsense"])
def test_a_missing_screen_gives_a_clear_error_that_names_headless(monkeypatch, display):
    monkeypatch.delenv("DISPLAY", raising=False)
    if display is not None:
        monkeypatch.setenv("DISPLAY", display)
    with pytest.raises(OutputError, match=r"no screen.*--headless"):
        require_display()


SHOWS = """
import sys, threading
import hipform.video  # brings PyAV, whose libraries must not get into the window's way
import numpy as np
from hipform.render import Command, Window
from tests.xserver import close_window
import os
image = np.full((48, 64, 3), (200, 30, 30), np.uint8)
with Window(fullscreen=sys.argv[1:] == ["full"]) as window:
    assert window.show(image) is None
    assert window.poll() is None
    while not close_window("hipform", os.environ["DISPLAY"]):
        window.poll()
    while True:
        if window.show(image) is Command.QUIT:
            print("closed")
            break
"""


@needs_screen
def test_a_closed_window_means_quit():
    with virtual_screen() as environment:
        done = run(SHOWS, environment)
    assert (done.returncode, done.stdout) == (0, "closed\n"), done.stderr
    assert done.stderr == ""


FILMS = """
import os, sys
from pathlib import Path
import pytest
from hipform.app.live_training import analyze_filmed
from hipform.errors import CameraError
from hipform.render import Window
from tests.filmed import INFO, FakeCamera, bridges, filmed, patch, plan_for
from tests.xserver import close_window

poses, plan = bridges(3), plan_for(Path(sys.argv[1]))
closed = []

def watch(state):
    if state.rep_count >= 1 and not closed:
        closed.append(close_window("hipform", os.environ["DISPLAY"]))

with pytest.MonkeyPatch.context() as monkeypatch, Window() as window:
    patch(monkeypatch, poses)
    camera = FakeCamera(poses, hangs=True, fails=CameraError("nobody closed it"))
    found = filmed(camera, plan, display=window, watch=watch)
result = analyze_filmed(found, plan)
print(closed, result.clip.notes[1:-1], [len(one.reps) >= 1 for one in result.sets])
"""


@needs_screen
def test_a_window_closed_in_mid_set_saves_what_was_filmed(tmp_path):
    with virtual_screen() as environment:
        done = subprocess.run(
            [sys.executable, "-c", FILMS, str(tmp_path / "out")],
            capture_output=True,
            text=True,
            env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
            check=False,
            timeout=LIMIT_S,
        )
    assert done.stdout == "[True] () [True]\n", done.stderr
    assert (tmp_path / "out" / "result.json").is_file()
