"""A batch on a real cluster of several processes, one of which is killed in mid-clip."""

import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import SimpleNamespace

import pytest

import hipform
from hipform.batch import Analysis, Batch, Cluster, run_batch
from hipform.batch import cluster as cluster_module
from hipform.batch.cluster import _outcome_of
from hipform.batch.run_records import WorkerLost
from hipform.errors import ConfigError, InputError
from hipform.report.result import FILES
from scripts.app_process import LIMIT_S, wait_until
from tests.batch.fakes import LeapingClock, Silent, names_in, scripted
from tests.batch.test_executor import Setting
from tests.samples import ROOT

STORAGE_VARIABLE = "HIPFORM_TEST_STORAGE"
GOLDEN = ROOT / "tests" / "goldens" / "glute_bridge_studio.npz"


def _status(dask_worker):
    return dask_worker.status.name


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Return the address of a scheduler with two workers, each with a nanny, and the folder of their storage."""
    pytest.importorskip("distributed", reason="Dask is not installed: pip install 'hipform[cluster]'")
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"
    common = ["--scheduler-file", str(file), "--no-dashboard", "--host", "127.0.0.1"]
    workers = ["--nworkers", "2", "--nthreads", "1", "--local-directory", str(folder)]
    workers += ["--preload", "tests.batch.folder_storage"]
    variables = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3", STORAGE_VARIABLE: str(folder / "storage")}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    processes = []
    for command in (["scheduler", *common, "--port", "0"], ["worker", *common, *workers]):
        code = "import sys; from dask.__main__ import main; sys.argv[0] = 'dask'; main()"
        processes.append(
            subprocess.Popen(
                [sys.executable, "-c", code, *command],
                cwd=folder,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        wait_until(lambda: file.exists() and file.stat().st_size)
    yield json.loads(file.read_text())["address"], folder / "storage"
    for process in reversed(processes):
        process.terminate()
        process.wait(LIMIT_S)


@pytest.fixture
def scheduler(cluster):
    """Return the address of the scheduler once both workers are there."""
    from distributed import Client

    # A worker that is killed while its nanny still starts takes the whole `dask worker` with it, and nothing goes on.
    with Client(cluster[0]) as client:
        wait_until(lambda: list(client.run(_status, nanny=True).values()) == ["running"] * 2)
    return cluster[0]


@pytest.fixture
def setting(tmp_path):
    return Setting(tmp_path)


def run(setting, scheduler, out=None, listener=None, **changes):
    batch = Batch(
        inputs=[str(setting.clips)],
        out=out or str(setting.out),
        analysis=Analysis(),
        engine=lambda _work: Cluster(scheduler, LIMIT_S, scripted),
        **changes,
    )
    listener = listener or Silent()
    return run_batch(batch, listener), listener


def test_a_worker_that_is_killed_in_mid_clip_loses_nothing(setting, scheduler):
    for at in range(5):
        setting.clip(f"{at}.mp4", "slow")
    setting.clip("once.mp4", "once " * 9)
    setting.clip("bad.mp4", "nobody")
    pid = setting.clips / "once.pid"

    def kill():
        wait_until(pid.exists)
        os.kill(int(pid.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    outcomes, listener = run(setting, scheduler)
    killer.join()
    assert {one.name for one in outcomes.ended} == {"0", "1", "2", "3", "4", "once", "bad"}
    assert {one.name: one.failure.exit_code for one in outcomes.ended if one.failure} == {"bad": 5}
    assert ("once", 0.25) in listener.shares
    assert (setting.out / "once" / FILES["cues"]).read_text().startswith("once")
    assert names_in(setting.out / ".hipform-batch") == {"lock"}
    again, _ = run(setting, scheduler)
    assert (again.done_before, again.failed_before, again.ended) == (6, 1, [])


def test_a_clip_that_takes_too_long_is_given_up_and_its_worker_goes_on(setting, scheduler, monkeypatch):
    setting.clip("hang.mp4", "hang " * 9)
    setting.clip("good.mp4")
    listener = LeapingClock(1, LIMIT_S)
    monkeypatch.setattr(cluster_module, "time", listener)
    outcomes, _ = run(setting, scheduler, listener=listener)
    assert {one.name: one.failure and one.failure.exit_code for one in outcomes.ended} == {"hang": 10, "good": None}


def test_what_the_cluster_lost_is_not_held_against_the_clip():
    distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install 'hipform[cluster]'")

    def outcome(status, error=None):
        return _outcome_of(SimpleNamespace(status=status, exception=lambda: error))

    for lost in (outcome("cancelled"), outcome("lost"), outcome("error", ModuleNotFoundError("no hipform"))):
        assert isinstance(lost, WorkerLost)
    # One worker after the other died at it.
    killed = outcome("error", distributed.KilledWorker("task", SimpleNamespace(address="tcp://x:1"), 3))
    assert not isinstance(killed, WorkerLost)
    assert "KilledWorker" in killed.reason


def test_a_cluster_delivers_results_to_a_storage_and_finds_them_there_again(setting, cluster, scheduler, monkeypatch):
    from tests.batch.folder_storage import register

    storage = cluster[1]
    monkeypatch.setenv(STORAGE_VARIABLE, str(storage))
    register()
    setting.clip("a.mp4")
    setting.clip("once.mp4", "once " * 9)
    setting.clip("bad.mp4", "nobody")
    pid = setting.clips / "once.pid"
    killer = threading.Thread(target=lambda: (wait_until(pid.exists), os.kill(int(pid.read_text()), signal.SIGKILL)))
    killer.start()
    outcomes, _ = run(setting, scheduler, out="s3://results/june")
    killer.join()
    assert {one.name: bool(one.failure) for one in outcomes.ended} == {"a": False, "once": False, "bad": True}
    results = storage / "results" / "june"
    assert {"a", "bad", "once", "index.html", "summary.csv"} <= names_in(results)
    assert (results / "once" / FILES["cues"]).read_text().startswith("once")
    assert not (results / "bad" / FILES["result"]).exists()
    again, _ = run(setting, scheduler, out="s3://results/june")
    assert (again.done_before, again.failed_before, again.ended) == (2, 1, [])


def test_results_of_a_cluster_go_to_no_storage_that_hipform_does_not_support(setting, scheduler, tmp_path):
    setting.clip("a.mp4")
    with pytest.raises(InputError, match="is not the URL of a storage that hipform supports"):
        run(setting, scheduler, out=f"file://{tmp_path}/storage")
    assert not (tmp_path / "storage").exists()


def test_a_scheduler_that_does_not_answer_is_reported(monkeypatch):
    dask = pytest.importorskip("dask", reason="Dask is not installed: pip install 'hipform[cluster]'")
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "300ms"}),
        pytest.raises(ConfigError, match=r"No scheduler answers at tcp://127\.0\.0\.1:9"),
    ):
        Cluster("tcp://127.0.0.1:9", 60)
    # Its client, which has a level of its own, would print a traceback of a scheduler that goes away later.
    assert not logging.getLogger("distributed.client").isEnabledFor(logging.ERROR)


def test_a_missing_engine_is_reported(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"needs the package distributed.*hipform\[cluster\]"):
        Cluster("tcp://127.0.0.1:8786", 60)


# ------------------------------------------------------------------------------------------------------------ pipelines


def test_an_analysis_can_be_done_by_any_pool_of_processes_and_is_the_same_each_time():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(hipform.analyze, GOLDEN, exercise="glute-bridge").result()
    here = hipform.analyze(GOLDEN, exercise="glute-bridge")
    assert pickle.loads(pickle.dumps(here)) == here  # noqa: S301 - our own
    assert there.sets == here.sets
    assert there.summaries == here.summaries


def test_an_encrypted_address_without_certificates_is_reported():
    with pytest.raises(ConfigError, match="No scheduler answers at tls://"):
        Cluster("tls://127.0.0.1:1", 60)
