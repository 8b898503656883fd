"""Measure the bookkeeping of a batch: what a clip costs beside its analysis, which is replaced by a stored result."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hipform.app.task_progress import Progress
from hipform.batch import Analysis, Batch, BatchPlan, Cluster, Ended, LocalWorkers, run_batch
from hipform.batch.clip_job import Done, Task, delivered
from hipform.batch.workers import Engine
from hipform.report.result import FILES, AnalysisResult
from hipform.temporary_folders import make_temporary_folder
from scripts.in_process_engine import InProcessEngine

_FAKED = "faked.json"


# ---------------------------------------------------------------------------------------------------------- bookkeeping


def faked(task: Task, temporary: Path, progress: Progress) -> Done:
    """Deliver a stored result in place of an analysis."""
    result = _faked(Path(task.clip.source).parent.parent / _FAKED)
    progress(1.0, 1.0)
    folder = make_temporary_folder(temporary) / "result"
    folder.mkdir()
    (folder / FILES["result"]).write_text(result.to_json(), encoding="utf-8")
    return delivered(task, folder, result)


@cache
def _faked(path: Path) -> AnalysisResult:
    return AnalysisResult.from_json(path.read_bytes())


class Nobody:
    """A listener that ignores everything."""

    def on_plan(self, plan: BatchPlan) -> None:
        """Ignore the plan."""

    def on_progress(self, task: Task, share: float | None) -> None:
        """Ignore the progress of a clip."""

    def on_finished(self, task: Task, ended: Ended) -> None:
        """Ignore the outcome of a clip."""

    def on_idle(self) -> None:
        """Ignore that nothing is left."""


def tiny_clips(count: int, folder: Path, result: AnalysisResult) -> Path:
    """Return a folder of so many files that `faked` takes for clips."""
    clips = folder / "clips"
    for at in range(count):
        part = clips / f"client {at // 100:03d}"
        part.mkdir(parents=True, exist_ok=True)
        (part / f"{at:05d}.mp4").write_text(f"clip {at}", encoding="utf-8")
    for part in (folder, clips):
        (part / _FAKED).write_text(result.to_json(), encoding="utf-8")
    return clips


@dataclass(frozen=True)
class Bookkeeping:
    """Milliseconds a clip: of a first run, the faked analysis taken out, and of one with nothing left to do."""

    first_ms: float
    again_ms: float


def bookkeeping(count: int, result: AnalysisResult) -> Bookkeeping:
    """Return what an archive of so many tiny clips costs beside their analysis."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clips, out = tiny_clips(count, folder, result), str(folder / "out")
        engines: list[InProcessEngine] = []

        def engine(work: Path) -> InProcessEngine:
            engines.append(InProcessEngine(work, faked))
            return engines[-1]

        spent_s = []
        for _ in range(2):
            began = time.perf_counter()
            run_batch(Batch(inputs=[str(clips)], out=out, analysis=Analysis(), engine=engine), Nobody())
            spent_s.append(time.perf_counter() - began)
    return Bookkeeping((spent_s[0] - engines[0].spent_s) / count * 1000, spent_s[1] / count * 1000)


def handing_out_ms(count: int, result: AnalysisResult, workers: int, scheduler: str | None) -> float:
    """Return what a clip costs by way of an engine, warm, faked analysis and bookkeeping included."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clips = tiny_clips(count, folder, result)
        times: list[float] = []

        class Clock(Nobody):
            def on_finished(self, task: Task, ended: Ended) -> None:  # noqa: ARG002
                times.append(time.perf_counter())

        def engine(work: Path) -> Engine:
            return Cluster(scheduler, 60.0, faked) if scheduler else LocalWorkers(workers, 60.0, work, faked)

        run_batch(Batch(inputs=[str(clips)], out=str(folder / "out"), analysis=Analysis(), engine=engine), Clock())
    warm = times[len(times) // 2 :]
    return (warm[-1] - warm[0]) / (len(warm) - 1) * 1000


def on_a_cluster_ms(count: int, result: AnalysisResult, workers: int) -> float:
    """Return `handing_out_ms` of a Dask cluster on this machine."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=40) as cluster:
        return handing_out_ms(count, result, workers, str(cluster.scheduler_address))
