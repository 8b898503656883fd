"""Clips that are texts, analysed in no time: the first word says what becomes of one. Workers import this by name."""

import os
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hipform.batch import Analysis, Batch, LocalWorkers, run_batch
from hipform.batch.clip_job import delivered, guarded
from hipform.errors import NoPersonError, OutputError
from hipform.report.result import FILES
from hipform.temporary_folders import make_temporary_folder
from hipform.training import DateSource
from hipform.video.origin import digest
from tests.report.made import rep, result

HANG_S = 600


def scripted(task, temporary, progress):
    """Do with a clip what the first word in it says; ``ok N`` has N repetitions."""
    path = Path(task.clip.source)
    word, *rest = path.read_text().split()
    progress(1.0, 4.0)
    misbehave(word, path)
    if word == "slow":
        time.sleep(0.15)
    training = replace(task.clip.analysis.training)
    if training.recorded_at is None:
        training = replace(training, recorded_at=_DAY, recorded_from=DateSource.GIVEN)
    found = result([rep(at, faults=_faults(rest)) for at in range(1, 3)], name=path.name, training=training)
    found = replace(found, clip=replace(found.clip, sha256=digest(path)))
    folder = make_temporary_folder(temporary) / "result"
    folder.mkdir()
    (folder / FILES["result"]).write_text(found.to_json())
    (folder / FILES["cues"]).write_text(path.read_text())
    return delivered(task, folder, found)


def misbehave(word, path):
    if word == "crash":
        os.abort()
    if word == "killed" and not path.with_suffix(".again").exists():
        path.with_suffix(".again").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "hang":
        time.sleep(HANG_S)
    if word == "once" and not path.with_suffix(".pid").exists():
        path.with_suffix(".part").write_text(str(os.getpid()))
        path.with_suffix(".part").rename(path.with_suffix(".pid"))
        time.sleep(HANG_S)
    if word == "leak":
        sys.modules["leak"] = bytearray(700 << 20)
        sys.modules["leak"][::4096] = b"x" * (700 << 8)
    if word == "nobody":
        raise NoPersonError(f"No person was found in {path}.", "Film the whole body.")
    if word == "full":
        raise OutputError("Cannot write: the disk is full.")
    if word == "memory":
        raise RuntimeError("can't start new thread")
    if word == "defect":
        raise ZeroDivisionError("by\nzero")


def _faults(words):
    return ["lumbar-overextension"] if "arched" in words else []


_DAY = datetime(2026, 3, 21, 18, 30, tzinfo=UTC)


def names_in(folder):
    return {path.name for path in folder.iterdir()}


class Here:
    """An engine without processes; notes what it did, and can be asked to stop after so many clips."""

    def __init__(self, work, function=scripted):
        self.work, self.function, self.names = work, function, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def run(self, tasks, reported):
        for task in tasks:
            self.names.append(task.name)
            yield (
                task,
                guarded(self.function, task, self.work, lambda t_s, all_s, task=task: reported(task, t_s / all_s)),
            )


class Failing(Here):
    """An engine on which everything ends with the same failure."""

    def __init__(self, work, failure):
        super().__init__(work)
        self.failure = failure

    def run(self, tasks, reported):
        for task in tasks:
            self.names.append(task.name)
            yield task, self.failure


class Silent:
    """An listener that remembers."""

    def __init__(self):
        self.plans, self.shares, self.results, self.waits = [], [], [], 0

    def on_plan(self, plan):
        self.plans.append(plan)

    def on_progress(self, task, share):
        self.shares.append((task.name, share))

    def on_finished(self, task, ended):
        self.results.append(ended)

    def on_idle(self):
        self.waits += 1


class LeapingClock(Silent):
    """A listener that is the clock as well: it leaps over a clip's limit again and again once *n_clips* have ended.

    So that the clip that hangs is over its limit, and no other one however slow the machine is.
    """

    def __init__(self, n_clips, limit_s):
        super().__init__()
        self._n_clips, self._limit_s, self._leapt_s = n_clips, limit_s, 0.0

    def monotonic(self):
        if len(self.results) >= self._n_clips:
            self._leapt_s += self._limit_s + 1
        return time.monotonic() + self._leapt_s


def main(clips, out, count):
    """Run a batch in a process of its own, to be killed."""
    # Workers know nothing of what this process calls `__main__`.
    from tests.batch.fakes import scripted as importable

    batch = Batch(
        inputs=[clips],
        out=out,
        analysis=Analysis(),
        engine=lambda work: LocalWorkers(int(count), 240, work, importable),
    )
    run_batch(batch, Silent())


if __name__ == "__main__":
    main(*sys.argv[1:])


def noting_jobs(task, room, progress):
    """Write beside the clip how many processes may find its landmarks, and do as `scripted` does."""
    Path(task.clip.source).with_suffix(".jobs").write_text(str(task.jobs))
    return scripted(task, room, progress)
