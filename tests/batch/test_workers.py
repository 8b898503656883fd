"""Clips in processes of their own: nothing that one of them does can take the others with it."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from hipform import worker_pool
from hipform.batch import Analysis, Batch, LocalWorkers, run_batch
from hipform.batch import workers as module
from hipform.report.result import RUN_RECORD
from scripts.app_process import LIMIT_S, wait_until
from tests.batch.fakes import LeapingClock, Silent, names_in, noting_jobs, scripted
from tests.batch.test_executor import Setting
from tests.samples import ROOT


@pytest.fixture
def setting(tmp_path):
    return Setting(tmp_path)


def run(setting, count=2, limit_s=LIMIT_S, function=scripted, listener=None, **changes):
    listener = listener or Silent()
    batch = Batch(
        inputs=[str(setting.clips)],
        out=str(setting.out),
        analysis=Analysis(),
        engine=lambda work: LocalWorkers(count, limit_s, work, function),
        **changes,
    )
    return run_batch(batch, listener), listener


def test_a_crash_and_a_hang_are_reported_and_the_others_go_on(setting, monkeypatch):
    setting.clip("crash.mp4", "crash " * 9)
    setting.clip("hang.mp4", "hang " * 9)
    setting.clip("good.mp4")
    setting.clip("better.mp4")
    listener = LeapingClock(3, LIMIT_S)
    monkeypatch.setattr(worker_pool, "time", listener)
    outcomes, _ = run(setting, listener=listener)
    failed = {one.name: one.failure for one in outcomes.ended if one.failure}
    assert set(failed) == {"crash", "hang"}
    assert "worker ended during the clip (SIGABRT)" in failed["crash"].reason
    assert failed["crash"].exit_code == 1
    assert failed["hang"].reason == "It did not finish within 4 minutes. Raise the limit with --time-limit."
    assert failed["hang"].exit_code == 10
    assert ("good", 0.25) in listener.shares
    assert names_in(setting.out / ".hipform-batch") == {"lock"}
    assert run(setting)[0].failed_before == 2


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX systems")
def test_a_worker_that_was_killed_is_not_held_against_its_clip(setting):
    setting.clip("a.mp4", "killed")
    (ended,) = run(setting)[0].ended
    assert "Its worker was ended from outside (SIGKILL)" in ended.row.failure
    assert [one.failure for one in run(setting)[0].ended] == [None]


def test_a_worker_stays_for_many_clips_unless_it_holds_too_much(setting, monkeypatch):
    for at in range(3):
        setting.clip(f"{at}.mp4", "ok")
    started = []

    class Counted(worker_pool.PythonChild):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            started.append(self.process.pid)

    monkeypatch.setattr(worker_pool, "PythonChild", Counted)
    run(setting, count=1)
    assert len(started) == 1
    setting.clip("leak.mp4", "leak " * 9)
    setting.clip("later.mp4", "ok")
    started.clear()
    outcomes, _ = run(setting, count=1)
    assert outcomes.failed == 0
    assert len(started) == 2


def test_no_more_workers_than_memory_allows(setting, monkeypatch):
    for at in range(4):
        setting.clip(f"{at}.mp4", "slow")
    most = 0

    class Counted(worker_pool.WorkerPool):
        def _has_free_child(self):
            nonlocal most
            most = max(most, len(self._busy))
            return super()._has_free_child()

    monkeypatch.setattr(module, "WorkerPool", Counted)
    monkeypatch.setattr(worker_pool, "free_memory_mb", lambda: 100)
    assert module.best_count() == 1
    outcomes, _ = run(setting, count=4)
    assert (len(outcomes.ended), outcomes.failed, most) == (4, 0, 1)
    monkeypatch.setattr(worker_pool, "free_memory_mb", lambda: 10**6)
    assert module.best_count() >= 1


def test_few_clips_share_all_cores_and_many_find_their_landmarks_alone(setting, monkeypatch):
    monkeypatch.setattr(module, "usable_cores", lambda: 5)
    clips = [setting.clip(f"{name}.mp4") for name in "ab"]
    run(setting, count=5, function=noting_jobs)
    assert sorted(clip.with_suffix(".jobs").read_text() for clip in clips) == ["2", "3"]
    clips = [setting.clip(f"{name}.mp4") for name in "cdefgh"]
    run(setting, count=5, function=noting_jobs)
    # In the worker itself.
    assert {clip.with_suffix(".jobs").read_text() for clip in clips} == {"0"}


def test_files_beside_the_clips_are_not_imported(setting, tmp_path):
    """What a folder of clips holds may come from anybody."""
    ran = tmp_path / "ran"
    for name in ("pickle", "signal", "random", "sitecustomize"):
        (setting.clips / f"{name}.py").write_text(f"open({str(ran)!r}, 'w')")
    setting.clip("a.mp4", "ok")
    command = [sys.executable, "-m", "tests.batch.fakes", ".", str(setting.out), "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    subprocess.run(command, cwd=setting.clips, env=environment, check=True)
    assert (setting.out / "a" / RUN_RECORD).exists()
    assert not ran.exists()


def test_the_share_of_a_clip_is_known_where_its_length_is():
    assert module.share_of(1.0, 4.0) == 0.25
    assert module.share_of(5.0, 4.0) == 1.0
    assert module.share_of(-1.0, 4.0) == 0.0
    assert module.share_of(1.0, None) is None


# --------------------------------------------------------------------------------------------------------------- killed


def started(setting, count=1):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.batch.fakes", str(setting.clips), str(setting.out), str(count)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX systems")
def test_a_killed_batch_ends_with_the_same_files_as_an_undisturbed_one(tmp_path):
    (tmp_path / "whole").mkdir()
    (tmp_path / "killed").mkdir()
    whole, killed = Setting(tmp_path / "whole"), Setting(tmp_path / "killed")
    for setting in (whole, killed):
        for at in range(3):
            path = setting.clip(f"{at}.mp4", "slow " * (10 + at))
            os.utime(path, (1e9, 1e9))
        setting.clip("z.mp4", "nobody " * 9)
        os.utime(setting.clips / "z.mp4", (1e9, 1e9))
    assert started(whole).wait() == 0
    for wanted in (0, 1):
        process = started(killed)
        wait_until(
            lambda wanted=wanted: killed.out.exists() and len(list(killed.out.glob(f"*/{RUN_RECORD}"))) >= wanted
        )
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
        # Workers end with the batch, and take the lock on nothing with them.
        assert psutil.wait_procs(children, timeout=LIMIT_S)[1] == []
    before = {path.parent.name for path in killed.out.glob(f"*/{RUN_RECORD}")}
    made = {name: (killed.out / name / RUN_RECORD).stat().st_mtime_ns for name in before}
    assert started(killed).wait() == 0
    assert made == {name: (killed.out / name / RUN_RECORD).stat().st_mtime_ns for name in before}
    # The cards name their clips by where they lie, which differs here and only here.
    assert {name: plain(text) for name, text in killed.files().items()} == {
        name: plain(text) for name, text in whole.files().items()
    }
    assert names_in(killed.out / ".hipform-batch") == {"lock"}


def plain(text):
    return [line for line in text.splitlines() if b'"source"' not in line]
