"""Child processes: isolated, bounded, dead with their parent, and never waited for."""

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from hipform import child_process
from hipform.child_process import (
    ChildLost,
    ChildLostError,
    ChildProcess,
    PythonChild,
    Raised,
    Reported,
    Returned,
    python_command,
)
from hipform.errors import InputError
from hipform.worker_pool import TimedOut, WorkerPool
from scripts.app_process import LIMIT_S, wait_until
from tests import workers
from tests.samples import ROOT

posix = pytest.mark.skipif(os.name != "posix", reason="process groups and signals of POSIX")


def twice(report, number):
    report(f"doubling {number}")
    return 2 * number


def facts(report):
    return os.getpid(), os.getpgrp(), sys.path


def speak(report):
    log = logging.getLogger("hipform.video.camera")
    log.debug("quiet %s", "fact")
    try:
        int("/home/ana")
    except ValueError:
        log.exception("loud %d", 1)
    logging.getLogger("another").error("of another library")


def misbehave(report, how):
    if how == "crash":
        os.abort()
    if how == "hang":
        time.sleep(600)
    if how == "complain":
        os.write(2, b"x" * (1 << 20) + b"\nout of luck\n")
        os._exit(3)
    if how == "print":
        sys.stdout.write("to the messages' own pipe")
        sys.stdout.flush()
        os.write(1, b"natively too")
    if how == "flood":
        for number in range(10_000):
            report("x" * 1000 + str(number))
    if how == "unsendable":
        return lambda: None
    if how == "hungry":
        return len(bytearray(9 << 30))
    if how == "usage":
        raise InputError("No clip.", "Give one.")
    return how


def program(code):
    return [sys.executable, "-I", "-S", "-c", code]


@pytest.fixture
def child():
    with PythonChild() as one:
        yield one


def test_a_child_does_one_thing_after_the_other(child):
    reported = []
    assert [child.run(twice, number, limit_s=LIMIT_S, on_report=reported.append) for number in (1, 2)] == [2, 4]
    assert reported == ["doubling 1", "doubling 2"]
    assert child.run(facts, limit_s=LIMIT_S)[0] == child.process.pid


def test_nothing_is_imported_from_the_working_folder(tmp_path, monkeypatch):
    for name in ("pickle", "signal", "threading", "sitecustomize", "usercustomize", "hipform", "psutil", "tests"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write(__name__)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{os.pathsep}{tmp_path}")
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path])
    with PythonChild() as child:
        path = child.run(facts, limit_s=LIMIT_S)[2]
    assert not (tmp_path / "ran").exists()
    assert str(tmp_path) not in path
    assert "" not in path


def test_a_child_does_not_run_the_script_of_its_user(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from hipform.child_process import PythonChild\n"
        "print('ran')\n"
        "with PythonChild() as child:\n"
        "    print(child.run(print, limit_s=240))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.split() == ["ran", "None"]


@pytest.mark.parametrize(
    ("how", "words"), [("crash", "SIGABRT"), ("complain", "exit code 3: out of luck"), ("flood", None), ("print", None)]
)
def test_what_a_child_does_to_itself_stays_there(child, how, words):
    if words is None:
        assert child.run(misbehave, how, limit_s=LIMIT_S) in (None, how)
        return
    with pytest.raises(ChildLostError, match=words):
        child.run(misbehave, how, limit_s=LIMIT_S)
    assert len(child.last_words) <= 4096


def test_an_error_comes_back_as_it_was_and_one_that_cannot_as_its_words(child):
    with pytest.raises(InputError) as caught:
        child.run(misbehave, "usage", limit_s=LIMIT_S)
    assert (caught.value.what, caught.value.hint) == ("No clip.", "Give one.")
    with pytest.raises(Exception, match="lambda"):
        child.run(misbehave, "unsendable", limit_s=LIMIT_S)
    assert child.run(twice, 4, limit_s=LIMIT_S) == 8


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of another process")
def test_a_child_cannot_take_all_memory(child):
    with pytest.raises(MemoryError):
        child.run(misbehave, "hungry", limit_s=LIMIT_S)


def test_a_child_that_hangs_is_ended(child):
    with pytest.raises(TimeoutError):
        child.run(misbehave, "hang", limit_s=0.2)
    wait_until(lambda: child.process.returncode is not None)


@posix
def test_a_child_has_a_group_of_its_own_and_leaves_nothing_running(tmp_path):
    path = tmp_path / "grandchild"
    code = f"import subprocess, sys; p = subprocess.Popen(['sleep', '600']); open({str(path)!r}, 'w').write(str(p.pid))"
    with ChildProcess(program(code)) as child:
        # The program itself has ended; what it started holds its standard error open.
        assert child.wait(LIMIT_S) == 0
        grandchild = psutil.Process(int(path.read_text()))
        assert os.getpgid(grandchild.pid) == child.process.pid != os.getpgrp()
    wait_until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


@posix
def test_a_program_that_neither_reads_nor_ends_holds_nobody_up():
    with ChildProcess(program("import time; time.sleep(600)")) as child:
        child.write(b"x" * (1 << 22))
        child.close_input()
        assert child.wait(0.1) is None
    wait_until(lambda: child.process.returncode == -signal.SIGKILL)


@posix
def test_a_child_that_dies_slowly_is_reaped_all_the_same_and_its_pipes_closed(child, monkeypatch):
    """As under load: `end` does not wait for it, and nothing may warn of what was left open."""
    monkeypatch.setattr(child_process, "_PATIENCE_S", 0.0)
    monkeypatch.setattr(child_process, "kill_group", lambda _process: None)
    child.begin(misbehave, "hang")
    # Stopped, it cannot notice by itself that its parent has let go of it; the signal alone may reach it too late.
    os.kill(child.process.pid, signal.SIGSTOP)
    assert os.WIFSTOPPED(os.waitpid(child.process.pid, os.WUNTRACED)[1])
    child.end()
    assert child.process.returncode is None
    child.process.kill()
    wait_until(lambda: child.process.returncode is not None)
    wait_until(lambda: all(pipe.closed for pipe in (child.process.stdin, child.process.stdout, child.process.stderr)))


PARENT = """
import sys, time
from hipform.child_process import PythonChild
from tests.test_child_process import misbehave
with PythonChild() as child:
    child.begin(misbehave, "hang")
    print(child.process.pid, flush=True)
    time.sleep(600)
"""


@posix
def test_a_child_ends_with_its_parent_however_that_ends():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_flags_of_this_python_hold_for_its_children(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert "-B" in python_command("serve")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert "-B" not in python_command("serve")


# ---------------------------------------------------------------------------------------------------------------- pool


def in_pool(pool, jobs, function=misbehave):
    reported = []
    return list(pool.run(jobs, function, lambda job: (job,), lambda *one: reported.append(one))), reported


def test_a_pool_keeps_going_whatever_becomes_of_a_job():
    with WorkerPool(2, LIMIT_S, 600) as pool:
        outcomes, _ = in_pool(pool, ["good", "crash", "usage", "better", "complain", "best"])
        ((job, outcome),), reported = in_pool(pool, [1], twice)
    assert {job: type(outcome) for job, outcome in outcomes} == {
        "good": Returned, "crash": ChildLost, "usage": Raised, "better": Returned, "complain": ChildLost,
        "best": Returned,
    }  # fmt: skip
    assert (job, outcome.value, reported) == (1, 2, [(1, "doubling 1")])


def test_a_job_over_its_limit_is_given_up_and_the_next_one_done():
    with WorkerPool(1, 0.2, 600) as pool:
        outcomes = []
        for job, outcome in pool.run(["hang", "good"], misbehave, lambda job: (job,), lambda *_: None):
            outcomes.append((job, type(outcome)))
            # The next one, which begins now, may take as long as this machine needs.
            pool._limit_s = LIMIT_S
    assert outcomes == [("hang", TimedOut), ("good", Returned)]


def test_a_worker_that_ends_while_idle_is_replaced():
    with WorkerPool(1, LIMIT_S, 600) as pool:
        in_pool(pool, ["good"])
        pool._idle[0].process.kill()
        pool._idle[0].process.wait()
        wait_until(lambda: not pool._idle[0]._threads[-1].is_alive())
        outcomes, _ = in_pool(pool, ["better"])
    assert [type(outcome) for _, outcome in outcomes] == [Returned]


def test_leaving_a_pool_ends_its_workers():
    with WorkerPool(2, LIMIT_S, 600) as pool:
        next(pool.run(["good", "hang", "hang"], misbehave, lambda job: (job,), lambda *_: None))
        processes = [child.process for child in (*pool._idle, *pool._busy)]
    wait_until(lambda: all(process.returncode is not None for process in processes))
    assert len(processes) == 2


def test_no_worker_is_started_for_nothing():
    with WorkerPool(3, LIMIT_S, 600) as pool:
        in_pool(pool, [])
        assert pool._idle == []
        in_pool(pool, ["good"])
        assert len(pool._idle) == 1


def test_the_same_path_as_here_for_what_is_installed(child):
    assert str(Path(psutil.__file__).parents[1]) in child.run(facts, limit_s=LIMIT_S)[2]


@pytest.mark.parametrize(("level", "heard"), [("DEBUG", ["quiet fact", "loud 1"]), ("WARNING", ["loud 1"])])
def test_what_a_child_logs_is_logged_by_its_parent_without_tracebacks(child, caplog, level, heard):
    with caplog.at_level(level, "hipform"):
        child.run(speak, limit_s=LIMIT_S)
    assert [(record.name, record.getMessage(), record.exc_info) for record in caplog.records] == [
        ("hipform.video.camera", message, None) for message in heard
    ]
    assert [record.levelname for record in caplog.records][-1] == "ERROR"


def test_messages_reach_the_function_that_runs_in_order_even_if_sent_before_it_begins():
    with PythonChild() as child:
        child.send("early")
        child.begin(workers.echo_until_end)
        for message in ("one", {"two": 2}, "end"):
            child.send(message)
        reported = []
        while not isinstance(answer := child.answers.get(LIMIT_S)[1], Returned):
            reported += [answer.message] if isinstance(answer, Reported) else []
    assert reported == ["early", "one", {"two": 2}]
