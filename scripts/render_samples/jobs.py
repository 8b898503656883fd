"""Renders many clips, several at a time."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from scripts.render_samples.clip_files import ClipFiles
from scripts.render_samples.clip_sets import ClipJob


def render_job(job: ClipJob) -> str:
    """Render one clip unless it is finished already; return what was done."""
    spec, stem = job
    if all(path.exists() for path in ClipFiles.of(stem).all):
        return f"{stem.name}: already there"
    # The renderer needs OpenGL; --help, the listing of jobs and finished ones must do without.
    from scripts.render_samples.clip import render_clip

    render_clip(spec, stem)
    return f"{stem.name}: rendered"


def run_jobs(jobs: list[ClipJob], workers: int) -> None:
    """Render clips, several at a time; each worker's software renderer keeps to one thread."""
    os.environ.setdefault("LP_NUM_THREADS", "1")
    if workers <= 1:
        for job in jobs:
            print(render_job(job), flush=True)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(render_job, job) for job in jobs]):
            print(done.result(), flush=True)
