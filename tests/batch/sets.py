"""A library of the app with clips that are texts, and an engine without processes that can be held and stopped."""

import threading
from contextlib import contextmanager
from dataclasses import replace

from hipform.batch import clip_queue
from hipform.batch.clip_job import delivered, guarded
from hipform.batch.clip_queue import ClipQueue, State
from hipform.batch.library import Library, new_order
from hipform.batch.result_store import locked_store
from hipform.batch.run_records import WorkerLost
from hipform.config import Settings
from hipform.report.result import FILES
from hipform.temporary_folders import make_temporary_folder
from scripts.app_process import LIMIT_S
from tests.batch.fakes import scripted
from tests.report.made import rep, result


def scripted_set(task, temporary, progress):
    """Do what the clip's first word says; landmarks appear beside the clip, a video unless only verdicts are asked."""
    if task.earlier is None:
        done = scripted(task, temporary, progress)
        task.poses.write_text("landmarks")
    else:
        folder = make_temporary_folder(temporary) / "result"
        folder.mkdir()
        found = result([rep(1)], name=task.correction.name, training=task.correction.training)
        (folder / FILES["result"]).write_text(found.to_json())
        return delivered(task, folder, found)
    return replace(done, result=replace(done.result, files={"video": FILES["video"]}))


class Held:
    """An engine that runs in the queue's own thread; it waits before each clip while `gate` is closed."""

    gate = threading.Event()
    losses = 0

    def __init__(self, work):
        self.work, self.names, self.stopped = work, [], set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def stop(self, name):
        self.stopped.add(name)

    def run(self, tasks, on_progress):
        for task in tasks:
            on_progress(task, 0.1)
            while not self.gate.wait(0.01) and task.name not in self.stopped:
                on_progress(task, 0.5)
            self.names.append(task.name)
            if task.name in self.stopped:
                self.stopped.discard(task.name)
                yield task, WorkerLost(reason="It was stopped.", exit_code=130)
            elif Held.losses:
                Held.losses -= 1
                yield task, WorkerLost(reason="Its worker was ended from outside (SIGKILL).", exit_code=1)
            else:
                yield (
                    task,
                    guarded(
                        scripted_set, task, self.work, lambda t_s, all_s, task=task: on_progress(task, t_s / all_s)
                    ),
                )


class LateStart(Held):
    """An engine that takes a task before it can hear that it is to be stopped, as a pool of processes does."""

    can_start = threading.Event()

    def __init__(self, work):
        super().__init__(work)
        self.hears = False

    def stop(self, name):
        if self.hears:
            super().stop(name)

    def run(self, tasks, on_progress):
        self.can_start.wait(LIMIT_S)
        self.hears = True
        yield from super().run(tasks, on_progress)


@contextmanager
def opened(shelf, folder, monkeypatch):
    """Open *shelf* with its history in *folder*; its clips are done at once until `Held.gate` is closed."""
    monkeypatch.setenv("HIPFORM_HISTORY", str(folder / "kept" / "history.sqlite3"))
    monkeypatch.setattr(clip_queue, "has_landmarks", lambda poses, _model: poses.is_file())
    Held.gate.set()
    Held.losses = 0
    shelf.open()
    yield shelf
    Held.gate.set()
    shelf.close()


class Shelf:
    """A library in a folder, with a queue that can be opened again and again."""

    def __init__(self, folder):
        self.folder = folder

    def open_library(self):
        self.library = Library(self.folder / "app")
        self.lock = locked_store(self.library.store)
        self.lock.__enter__()
        self.library.open()

    def open(self, engine=Held):
        self.open_library()
        self.queue = ClipQueue(self.library, engine, Settings)
        self.queue.__enter__()
        return self

    def close(self):
        self.queue.__exit__(None, None, None)
        self.lock.__exit__(None, None, None)

    def add(self, text="ok", label="a.mp4", **facts):
        clip = self.folder / "arriving"
        clip.write_text(text)
        entry = self.library.add(new_order(label, **facts), clip)
        self.queue.notice()
        return entry.id

    def state(self, name):
        return self.queue.states()[name]

    def wait(self, name, *states):
        """Wait until the set has one of *states*; return it."""
        states = states or (State.DONE, State.FAILED, State.CANCELLED)
        with self.queue._news:
            assert self.queue._news.wait_for(lambda: self.state(name).state in states, LIMIT_S), self.state(name)
        return self.state(name)
