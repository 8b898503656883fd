"""Files and folders with names that a library could take for something else: paths stay paths."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hipform.report.result import FILES
from scripts.reliability.clips import FPS, Form, sample_images, write
from scripts.reliability.probe import broken_promises, run
from scripts.reliability.series import KeptRuns, Run, Series, keep_history_at

LIMIT_S = 120.0
_EVERY = 3
"""Of the sample's frames every so many go into the clips: what is tried is their names."""
PORT = "PORT"
"""Placeholder for a port of this computer that nothing may connect to."""
_REFUSES_ONE_REPETITION = ("calibrate", "compare")
"""Commands that need more repetitions than the sample has; they read their paths all the same."""
NAMES = (
    *(f"http:127.0.0.1:{PORT}", f"tcp:127.0.0.1:{PORT}", f"rtsp:127.0.0.1:{PORT}", "file:a", "fd:", "pipe:1"),
    *("concat:a|b", "subfile,,start,0,end,9,,:a", "memory:", "s3:", "Set1: hip thrust", "50%d 100%s %20", "-x", "--"),
    *("\\\\host\\share\\a", "C:\\a", "a?b#c&d", "*[a]", "~", "$HOME", "%TEMP%", os.fsdecode(b"no\xffUnicode")),
)


def try_names(names: Sequence[str] = NAMES, kept: Path | None = None) -> list[Series]:
    """Give each of *names* to the clip, the folder and the files of every command, and print a summary of each.

    *kept* holds the names that were tried before, which are not tried again.
    """
    done = KeptRuns(kept)
    with socket.create_server(("127.0.0.1", 0)) as listener, tempfile.TemporaryDirectory() as folder:
        sample = write(Path(folder) / "sample.mp4", sample_images()[::_EVERY], Form(fps=FPS // _EVERY))
        for name in names:
            if ascii(name) in done:
                continue
            with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
                runs = _try_name(name.replace(PORT, str(listener.getsockname()[1])), sample)
            if select.select([listener], [], [], 0)[0]:
                runs[0].wrong.append(f"{name!a}: something connected")
                listener.accept()[0].close()
            done.add(ascii(name), runs)
    for series in done.series:
        series.print_summary()
    return done.series


def _try_name(name: str, sample: Path) -> list[Run]:
    """Run the commands in the present folder on a copy of *sample*, each on what the one before has left."""
    clip, out = f"{name}.mp4", f"{name}_hipform"
    shutil.copy(sample, f"./{clip}")
    commands = (
        ("analyze", "-e", "hip-thrust", "-m", "lite", "--athlete", "Ana", "--", clip),
        ("calibrate", "-e", "hip-thrust", "--out", f"{name}.json", "--", f"{out}/poses.npz"),
        ("report", "--", out),
        ("compare", "--out", f"{name}.html", "--", out),
        ("export", "--to", "trc", "--out", f"{name}.trc", "--", out),
        ("batch", "-e", "hip-thrust", "-m", "lite", "--no-history", "--out", f"{name}.batch", "--", clip),
        ("history", "export", "--", f"{name}.csv"),
        ("progress", "--out", f"{name} progress.html"),
    )
    runs = []
    with keep_history_at(Path(f"{name}.sqlite3")):
        for command in commands:
            outcome = run(command, limit_s=LIMIT_S, said=Path("said"))
            wrong = broken_promises(outcome, Path(out))
            if outcome.code and command[0] not in _REFUSES_ONE_REPETITION:
                wrong.append(f"exit code {outcome.code}: {outcome.said}")
            runs.append(Run(command[0], outcome.code, [f"{name!a}: {one}" for one in wrong]))
    Path("said").unlink()
    made = {path.name for path in Path().iterdir()}
    expected = {clip, out, *(f"{name}.{kind}" for kind in ("html", "trc", "batch", "csv", "sqlite3", "json"))}
    strange = made - expected - {f"{name} progress.html"}
    if strange or not Path(out, FILES["video"]).stat().st_size:
        runs[0].wrong.append(f"{name!a}: left {sorted(strange)!a}, or an empty video")
    return runs
