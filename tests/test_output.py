"""Standard streams that are closed, full or slow hold no work up and change no exit code."""

import os
import signal
import subprocess
import sys
from itertools import cycle
from pathlib import Path

import pytest

from scripts.app_process import LIMIT_S, wait_until
from scripts.reliability.standard_streams import codes_in
from tests.samples import ROOT

posix = pytest.mark.skipif(sys.platform == "win32", reason="streams are closed by a shell of POSIX")


WRITING = (
    *("analyze", "analyze, a clip", "analyze, no clip", "batch", "live", "report", "export"),
    *("history delete", "doctor", "wrong usage", "help"),
)
SPEAKS_MUCH = """
import sys
from pathlib import Path
from hipform.cli import main, output, root

@root.app.command()
def last(path: str, patience_s: float):
    output._PATIENCE_S = patience_s
    for number in range(4000):
        print(f"{number:>100}")
        if patience_s:
            print(f"{number:>100}", file=sys.stderr)
    Path(path).touch()

main()
"""


def started(*arguments):
    """Start a program that prints much, and messages as well if it has patience with their reader."""
    command = [sys.executable, "-c", SPEAKS_MUCH, "last", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def wait_for(path, process):
    wait_until(lambda: path.exists() or process.poll() is not None)
    assert path.exists()


def test_a_reader_that_does_not_read_holds_no_work_up(tmp_path):
    with started(tmp_path / "done", LIMIT_S) as process:
        wait_for(tmp_path / "done", process)
        assert process.poll() is None
        out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert [int(line) for line in out.splitlines()] == list(range(4000))
    # Messages that nobody reads in time may be lost, results not.
    assert err.startswith(f"{0:>100}")


@posix
def test_an_interruption_does_not_wait_for_a_reader(tmp_path):
    with started(tmp_path / "done", 0) as process:
        wait_for(tmp_path / "done", process)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=LIMIT_S) == 130


@pytest.mark.parametrize("zone", ["XXX-30", "no zone at all", ""])
def test_a_time_zone_that_cannot_be_is_utc(zone):
    environment = {**os.environ, "TZ": zone}
    done = subprocess.run(
        [sys.executable, "-m", "hipform", "progress"], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_commands_work_on_and_tell_the_truth():
    """Each that writes in a way of its own, in one of two states; `scripts.reliability outputs` has all in all."""
    found = list(codes_in(zip(cycle(("all closed", "both full")), WRITING, strict=False)))
    assert len(found) == len(WRITING)
    assert [(name, code) for _, name, code, _ in found] == [(name, wanted) for _, name, _, wanted in found]
