"""Nothing leaves this computer, and nothing is written but where it belongs: the whole main job, recorded."""

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from hipform.report.result import FILES
from tests.recorder import HOSTILE, Record, can_trace, record, works
from tests.samples import ROOT

GOLDENS = ROOT / "tests" / "goldens"
UMASK = 0o027
JOB = """
import sys

import hipform.cli
from hipform.cli.root import app


def run(*words):
    sys.argv[1:] = words
    if code := app(list(words), standalone_mode=False):
        sys.exit(f"{words} ends with {code}")


who = ("--athlete", "Ana")
run("--log", "run.log", "analyze", clip, "-m", "lite", *who, "--load", "80kg", "--note", "x", "--out", "set")
run("analyze", bridges, "-e", "glute-bridge", *who, "--out", "older", "--embed")
run("calibrate", bridges, "-e", "glute-bridge", *who, "--out", "me.json")
run("analyze", bridges, "-e", "glute-bridge", *who, "--no-history", "--out", "third")
run("report", "set", "--embed")
run("compare", "third", "--out", "compare.html")
for kind in ("parquet", "trc", "mot"):
    run("export", "set", "--to", kind)
run("progress", "--out", "progress.html")
run("history")
for ending in ("csv", "json", "parquet"):
    run("history", "export", f"history.{ending}")
for words in (["doctor"], ["rules"], ["exercises"], ["exercises", "deadlift"]):
    run(*words)
run("history", "delete", "--athlete", "Bea", "--yes")
"""


@dataclass(frozen=True)
class Job:
    """The recorded main job and the folders it was given."""

    record: Record
    out: Path
    kept: Path
    temporary: Path
    home: Path


@pytest.fixture(scope="module")
def job(thin_clip, tmp_path_factory):
    top = tmp_path_factory.mktemp("job")
    out, kept, temporary, home, notes = (top / name for name in ("out", "kept", "temporary", "home", "notes"))
    for folder in (temporary, home, notes):
        folder.mkdir()
    out.mkdir()
    code = f"clip, bridges = {[str(path) for path in (thin_clip, GOLDENS / 'glute_bridge_studio.npz')]}\n{JOB}"
    own = {
        "HIPFORM_HISTORY": str(kept / "history.sqlite3"),
        "TMPDIR": str(temporary),
        "TEMP": str(temporary),
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CONFIG_HOME": "",
        "XDG_CACHE_HOME": "",
        "XDG_DATA_HOME": "",
        "MPLCONFIGDIR": "",
    }
    found = record(code, notes, cwd=out, umask=UMASK if os.name == "posix" else -1, **HOSTILE, **own)
    assert found.done.returncode == 0, found.done.stdout + found.done.stderr
    return Job(found, out, kept, temporary, home)


def test_nothing_is_sent_and_no_name_is_looked_up(job):
    assert job.record.outside == []


@pytest.mark.skipif(not can_trace(), reason="strace is not here or not allowed: native code cannot be watched")
def test_the_sender_of_metrics_was_there_and_was_turned_away(job):
    # Without this, the test above would prove nothing of native code.
    assert any('inet_addr("127.0.0.1")' in address and "htons(9)" in address for address in job.record.network)


def test_the_job_did_all_its_work(job):
    assert {path.name for path in (job.out / "set").iterdir()} >= {
        *(name for key, name in FILES.items() if key != "recording"),
        "markers.trc",
        "reps.parquet",
    }
    assert {path.name for path in job.out.iterdir()} >= {
        "compare.html",
        "progress.html",
        "history.csv",
        "me.json",
        "run.log",
    }
    assert list((job.kept / "calibrations").iterdir())
    assert str(job.kept) in job.record.done.stdout.replace("\n", "")


def test_writing_happens_in_the_chosen_folders_only(job):
    chosen = (job.out, job.kept, job.temporary)
    elsewhere = {path for path in job.record.written if not any(path.is_relative_to(folder) for folder in chosen)}
    assert elsewhere - {Path(os.devnull)} == set()
    assert job.out / "set" in job.record.written


def test_nothing_is_left_in_the_temporary_folder_nor_at_home(job):
    assert list(job.temporary.iterdir()) == []
    assert list(job.home.iterdir()) == []
    assert [path for path in job.out.rglob("*") if path.name.startswith(".")] == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_results_have_the_permissions_that_the_user_gives_to_new_files(job):
    for path in job.out.rglob("*"):
        wanted = (0o777 if path.is_dir() else 0o666) & ~UMASK
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_nobody_else_can_read_the_history(job):
    assert stat.S_IMODE(job.kept.stat().st_mode) == 0o700
    assert stat.S_IMODE((job.kept / "history.sqlite3").stat().st_mode) == 0o600
    assert stat.S_IMODE((job.kept / "calibrations").stat().st_mode) == 0o700


APP = """
import contextlib, fcntl, json, socket, struct, threading, time, urllib.request
from pathlib import Path

from hipform.interruption import Interrupted, ask_to_end
from hipform.web.server import run_app
from tests.batch.sets import scripted_set

# In a network that leads nowhere, not even this computer answers itself until it is set up to.
with contextlib.suppress(OSError):
    card = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fcntl.ioctl(card, 0x8914, struct.pack("16sh22x", b"lo", 0x41))


def use(address, code):
    try:
        answer = ask(address + "session", json.dumps({"key": code}).encode(), "POST")
        cookie = answer.headers["set-cookie"].partition(";")[0]
        facts = {"name": "a.mp4", "size": 2, "mark": "m", "athlete": "Ana"}
        begun = json.loads(ask(address + "uploads", json.dumps(facts).encode(), "POST", cookie).read())
        name = json.loads(ask(address + f"uploads/{begun['id']}/0", b"ok", "PUT", cookie).read())["set"]
        while b"/cancel" in ask(address + "library", None, "GET", cookie).read():
            time.sleep(0.1)
        for path in ("", f"sets/{name}", "athletes", "phone", "settings", f"results/{name}/folder.zip"):
            print(path, ask(address + path, None, "GET", cookie).status)
    finally:
        ask_to_end()


def ask(address, data, method, cookie=""):
    head = {"origin": address[: address.index("/", 8)], "cookie": cookie}
    opened = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opened.open(urllib.request.Request(address, data, head, method=method))


def show(address, code, *, is_new):
    threading.Thread(target=use, args=(address, code)).start()


with contextlib.suppress(Interrupted):
    run_app(Path("app"), 0, show, function=scripted_set)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the job brings up a network card as Linux and macOS name it")
def test_the_app_contacts_nothing_and_writes_where_it_says(tmp_path):
    out, kept, temporary, home, notes = (tmp_path / name for name in ("out", "kept", "temporary", "home", "notes"))
    for folder in (out, temporary, home, notes):
        folder.mkdir()
    own = {"HIPFORM_HISTORY": str(kept / "history.sqlite3"), "TMPDIR": str(temporary), "HOME": str(home)}
    found = record(APP, notes, cwd=out, **HOSTILE, **own)
    assert found.done.returncode == 0, found.done.stdout + found.done.stderr
    assert found.done.stdout.count(" 200") == 6, found.done.stdout + found.done.stderr
    # The browser of this test asks for the number itself, which needs no look-up.
    assert set(found.outside) - {repr("127.0.0.1")} == set()
    elsewhere = {path for path in found.written if not any(path.is_relative_to(one) for one in (out, kept, temporary))}
    assert elsewhere - {Path(os.devnull)} == set()
    assert list(temporary.iterdir()) == []
    assert list(home.iterdir()) == []
    assert stat.S_IMODE((out / "app").stat().st_mode) == 0o700
    assert stat.S_IMODE((out / "app" / "key").stat().st_mode) == 0o600


# ------------------------------------------------------------------------------------------- what the recorder can see


def test_the_recorder_sees_what_python_does(tmp_path):
    """No packet is sent: connecting a datagram socket only names the other end, and localhost is in a file."""
    found = record(
        "import contextlib, socket\n"
        "for address in ('192.0.2.1', '127.0.0.1'):\n"
        "    with contextlib.suppress(OSError):\n"
        "        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect((address, 9))\n"
        "socket.getaddrinfo('localhost', 80)\n"
        f"open({str(tmp_path / 'made')!r}, 'w').close()\n",
        tmp_path,
    )
    outside = " ".join(found.outside)
    assert "192.0.2.1" in outside
    assert "localhost" in outside
    assert "127.0.0.1" not in outside
    assert tmp_path / "made" in found.written


NATIVE = """
import ctypes, struct
system = ctypes.CDLL(None)
there = struct.pack("=H", 2) + struct.pack("!H4B8x", 9, 192, 0, 2, 1)
system.connect(system.socket(2, 2, 0), there, len(there))
answer = ctypes.c_void_p()
system.getaddrinfo(b"localhost", None, None, ctypes.byref(answer))
system.creat({made!r}, 0o600)
system.mkdir({folder!r}, 0o700)
"""


@pytest.mark.skipif(not can_trace(), reason="strace is not here or not allowed")
def test_the_recorder_sees_what_native_code_does(tmp_path):
    made, folder = tmp_path / "made", tmp_path / "folder"
    found = record(NATIVE.format(made=str(made).encode(), folder=str(folder).encode()), tmp_path)
    assert found.done.returncode == 0, found.done.stderr
    assert any('inet_addr("192.0.2.1")' in address for address in found.outside)
    assert {"/etc/resolv.conf", "/etc/hosts"} & set(found.look_ups)
    assert {made, folder} <= found.written


UNBLOCKED = """
import numpy as np
from hipform.pose import mediapipe_pose
from hipform.pose.mediapipe_pose import Landmarker
from hipform.video.frames import Frame

mediapipe_pose._NO_TELEMETRY.clear()
with Landmarker("lite") as landmarker:
    landmarker.detect(Frame(0.0, np.full((64, 64, 3), 127, np.uint8)))
"""


@pytest.mark.skipif(
    not (can_trace() and works("unshare", "-rn")), reason="only in a network that leads nowhere may MediaPipe try"
)
def test_the_recorder_sees_the_metrics_that_mediapipe_would_send(tmp_path):
    found = record(UNBLOCKED, tmp_path, https_proxy="", HTTPS_PROXY="", all_proxy="", ALL_PROXY="")
    assert found.denied
    assert found.done.returncode == 0, found.done.stderr
    assert {"/etc/resolv.conf", "/etc/hosts"} & set(found.look_ups)


@pytest.mark.parametrize(
    ("address", "is_local"),
    [
        ('sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")}, 16) = -1', True),
        ('sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0', False),
        ('sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("10.0.0.1")}, 16) = 0', False),
        ('sa_family=AF_INET6, sin6_port=htons(443), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr)}', False),
        ('sa_family=AF_INET6, sin6_port=htons(443), inet_pton(AF_INET6, "::1", &sin6_addr)}', True),
        ('sa_family=AF_UNIX, sun_path="/dev/shm/jack_default_0_0"}, 110) = -1 ENOENT', True),
        ("('192.0.2.1', 9)", False),
        ("('127.0.0.1', 9)", True),
    ],
)
def test_what_is_local(address, is_local):
    done = None
    assert (Record(done, [address], [], set(), traced=True, denied=True).outside == []) is is_local
