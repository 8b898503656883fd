"""A batch engine that runs the clips in this process, for measurements and for tests that count its steps."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from hipform.batch.clip_job import ClipFunction, Outcome, Task, guarded
from hipform.batch.workers import OnProgress


class InProcessEngine:
    """Runs clips in this process, one after the other, and adds up how long that takes.

    Attributes
    ----------
    spent_s
        Time spent in the function that analyses a clip, all clips together.
    """

    def __init__(self, work: Path, function: ClipFunction) -> None:
        self._work = work
        self._function = function
        self.spent_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def run(self, tasks: Sequence[Task], on_progress: OnProgress) -> Iterator[tuple[Task, Outcome]]:
        """Run *tasks* and yield the outcome of each."""
        for task in tasks:
            started = time.perf_counter()
            outcome = guarded(self._function, task, self._work, lambda _t_s, _all_s: None)
            self.spent_s += time.perf_counter() - started
            on_progress(task, 1.0)
            yield task, outcome
