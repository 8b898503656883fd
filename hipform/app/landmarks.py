"""The first stage of an analysis: find the landmarks of a clip with several processes."""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hipform.app.followed_person import how_followed, is_better, is_worth_another_try
from hipform.app.task_progress import Progress, no_progress
from hipform.child_process import ChildLost, Raised, Returned, describe_exit
from hipform.errors import HipformError, InputError, WorkerLostError
from hipform.estimation.people import (
    AUTO,
    Area,
    Sightings,
    areas_of,
    check_choice,
    check_seen,
    choose,
    find_people,
    people_in,
)
from hipform.estimation.segment_poses import FoundPoses, SegmentEnd, find_poses
from hipform.pose.poses import Pose
from hipform.pose.recording import RecordingWriter
from hipform.pose.sources import find_pose_model
from hipform.texts import english
from hipform.video.frames import ClipInfo
from hipform.video.segments import Segment, cut_into_segments
from hipform.video.video_file import UntrustedIndexError, VideoFile, changed_file
from hipform.worker_pool import Outcome, SameProcess, WorkerPool, best_worker_count

_log = logging.getLogger(__name__)

WORKER_MB = 500
"""Maximum memory that a landmark process needs."""
_SILENCE_S = 120.0
"""A worker that is silent for this long hangs; even a slow machine processes a frame in a fraction of it."""

_FROM_OUTSIDE = frozenset({"SIGHUP", "SIGKILL", "SIGTERM", "killed"})
"""Signals that end a process from outside."""

_Part = Segment | None
"""The part of the clip that one worker reads: a segment, or ``None`` for the whole clip."""


def record_landmarks(
    path: Path,
    out: Path,
    *,
    model: str,
    fast: bool,
    jobs: int | None,
    progress: Progress,
    person: str = AUTO,
) -> ClipInfo:
    """Write the landmark recording of a clip.

    Parameters
    ----------
    path
        The clip.
    out
        The file to write; it is removed if this fails.
    model
        Pose model.
    fast
        Whether to process only as many frames as needed.
    jobs
        Maximum number of processes; ``None`` for as many as cores and memory allow, 0 for this process itself, whose
        proxy settings and standard error MediaPipe then changes. The recording does not depend on it.
    progress
        Called at intervals.
    person
        Whom to follow, as in `hipform.estimation.people.choose`. ``auto`` follows whom the pose model finds, and looks
        at the people in the clip only if that body jumps or is often lost.

    Returns
    -------
    ClipInfo
        Facts about the clip after it was read to its end.

    Raises
    ------
    HipformError
        If the clip cannot be read, the model cannot be loaded, a process is lost, or the recording cannot be written.
    """
    check_choice(person)
    find_pose_model(model)
    recorder = _Recorder(path, out, model, jobs, progress, fast=fast)
    if person != AUTO:
        sightings = look_for_people(path, jobs)
        check_seen(sightings, person)
        recorder.areas = areas_of(sightings, person)
        return _recorded(recorder, path, (_followed_note(sightings, person),))
    info = _recorded(recorder, path)
    followed = how_followed(out)
    return follow_another(path, out, info, model=model, fast=fast, jobs=jobs) if followed.is_doubtful else info


def follow_another(path: Path, out: Path, info: ClipInfo, *, model: str, fast: bool, jobs: int | None) -> ClipInfo:
    """Look for people in a clip, and record the one whose hip moves most if that explains a doubtful recording.

    Parameters
    ----------
    path, model, fast, jobs
        See `record_landmarks`.
    out
        The doubtful recording; it is replaced by one of another person, or of a part of the frame.
    info
        What `record_landmarks` returned for it.

    Returns
    -------
    ClipInfo
        *info* itself if the recording stays as it is.

    Raises
    ------
    HipformError
        See `record_landmarks`.
    """
    first = how_followed(out)
    sightings = look_for_people(path, jobs)
    if not is_worth_another_try(sightings, first):
        return info
    again = _Recorder(path, out.with_name(f"again_{out.name}"), model, jobs, no_progress, fast=fast)
    again.areas = areas_of(sightings, AUTO)
    other = _recorded(again, path, (_followed_note(sightings, AUTO),))
    if not is_better(how_followed(again.out), first):
        return info
    again.out.replace(out)
    return other


def look_for_people(path: Path, jobs: int | None) -> Sightings:
    """Return who is in a clip.

    Raises
    ------
    HipformError
        If the clip cannot be read or the model cannot be loaded.
    """
    with _pool(0 if jobs == 0 else 1) as pool:
        ((_, outcome),) = pool.run([0], find_people, lambda _: (path,), lambda _job, _message: None)
    match outcome:
        case Returned(value) if isinstance(value, Sightings):
            return value
        case _:
            raise _error_of(outcome)


def _followed_note(sightings: Sightings, choice: str) -> str:
    people = people_in(sightings)
    most = max(map(len, people), default=0)
    if most < 2:
        return english("The lifter was looked for only in the part of the frame where a person was seen.")
    chosen = [choose(one, choice) for one in people if len(one) == most]
    numbers = sorted({str(one.number) for one in chosen if one})
    which = numbers[0] if numbers else ""
    for other in numbers[1:]:
        which = english("{first} or {second}", first=which, second=other)
    if choice == AUTO:
        return english(
            "Up to {n} people are in the frame. Followed was number {which} from the left, whose hip moves most; "
            "you may choose another.",
            n=most,
            which=which,
        )
    return english(
        "Up to {n} people are in the frame. Followed was number {which} from the left, as you chose ({file}).",
        n=most,
        which=which,
        file=choice,
    )


def _recorded(recorder: _Recorder, path: Path, notes: tuple[str, ...] = ()) -> ClipInfo:
    """Write the recording of *recorder*, with *notes* about how it was made."""
    with VideoFile(path) as video:
        info, index = video.info, video.read_index()
    recorder.notes = notes
    stamp = _stamp(path)
    segments = cut_into_segments(index) if index else None
    try:
        if index and segments:
            info = recorder.record(replace(info, notes=(*info.notes, *index.notes)), segments)
    except UntrustedIndexError:
        segments = None
    if segments is None:
        _log.info("one process reads the clip from start to end")
        info = recorder.record(info, [None])
    if _stamp(path) != stamp:
        raise changed_file(path)
    return info


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(
            "{file} cannot be read: {cause}.", "Copy the clip again.", file=path, cause=error.strerror
        ) from error
    return status.st_size, status.st_mtime_ns


class _Recorder:
    """Runs the workers on the parts of a clip, and writes their poses in order."""

    def __init__(self, path: Path, out: Path, model: str, jobs: int | None, progress: Progress, *, fast: bool) -> None:
        self._path = path
        self.out = out
        self.areas: tuple[Area, ...] = ()
        self.notes: tuple[str, ...] = ()
        self._model = model
        self._jobs = best_worker_count(WORKER_MB) if jobs is None else jobs
        self._progress = progress
        self._fast = fast

    def record(self, info: ClipInfo, parts: Sequence[_Part]) -> ClipInfo:
        """Write the recording of a clip that is processed in *parts*, and return the facts about the clip.

        Raises
        ------
        UntrustedIndexError
            If the clip must be read as a whole instead.
        """
        count = min(self._jobs, len(parts))
        _log.info("landmarks: %d parts, %d processes at a time", len(parts), max(1, count))
        with (
            RecordingWriter(self.out, info, self._model) as writer,
            _pool(count) as pool,
        ):
            joined = _JoinedPoses(writer)
            so_far = _ProgressOfAll(info, parts, self._progress)

            def on_report(number: int, message: object) -> None:
                assert isinstance(message, FoundPoses)
                joined.add(number, message.poses)
                so_far.add(message.n_frames)

            outcomes = pool.run(range(len(parts)), find_poses, lambda number: self._arguments(parts[number]), on_report)
            for number, outcome in outcomes:
                end = _end_of(outcome)
                joined.end(number, end.n_cuts)
                writer.info = end.info or writer.info
            fast_notes = (joined.fast_note,) if self._fast else ()
            writer.info = replace(writer.info, notes=(*writer.info.notes, *fast_notes, *self.notes))
            return writer.info

    def _arguments(self, part: _Part) -> tuple[object, ...]:
        return self._path, self._model, part, self._fast, self.areas


def _pool(count: int) -> WorkerPool[int] | SameProcess[int]:
    return WorkerPool(count, math.inf, WORKER_MB, _SILENCE_S) if count else SameProcess()


def _end_of(outcome: Outcome) -> SegmentEnd:
    """Return the result of a worker, or raise its error."""
    match outcome:
        case Returned(value) if isinstance(value, SegmentEnd):
            return value
        case _:
            raise _error_of(outcome)


def _error_of(outcome: Outcome) -> BaseException:
    match outcome:
        case Raised(error):
            return error
        case ChildLost(error):
            return _lost(describe_exit(error.exit_code))
        case _:
            return HipformError(
                "A landmark process did not respond for {s:.0f} s and was ended.",
                "Analyse the clip again; if it happens again, please report it.",
                s=_SILENCE_S,
            )


def _lost(how: str) -> HipformError:
    if how in _FROM_OUTSIDE:
        return WorkerLostError(
            "A landmark process was ended from outside ({cause}), as happens when memory runs out.",
            "Close other programs, or use fewer processes with --jobs.",
            cause=how,
        )
    return HipformError(
        "A landmark process crashed ({cause}).", "If it happens again with this clip, please report it.", cause=how
    )


class _JoinedPoses:
    """Writes the poses of all segments in time order; segments that arrive early wait."""

    def __init__(self, writer: RecordingWriter) -> None:
        self._writer = writer
        self._waiting: dict[int, list[Pose]] = defaultdict(list)
        self._n_cuts: dict[int, int] = {}
        self._turn = 0
        self._shot = 0
        self._n_poses = 0
        self._first_s = self._last_s = math.nan

    @property
    def fast_note(self) -> str:
        """Sentence that says that not every frame was processed."""
        length_s = self._last_s - self._first_s
        per_s = self._n_poses / length_s if length_s > 0 else self._n_poses
        return english(
            "Fast mode: {n} frames were processed, {per_s:.0f} per second; the others were filled in.",
            n=self._n_poses,
            per_s=per_s,
        )

    def add(self, number: int, poses: Sequence[Pose]) -> None:
        """Add the next poses of segment *number*."""
        self._waiting[number] += poses
        self._write()

    def end(self, number: int, n_cuts: int) -> None:
        """Mark segment *number* as complete, with *n_cuts* cuts in it."""
        self._n_cuts[number] = n_cuts
        self._write()

    def _write(self) -> None:
        while True:
            for pose in self._waiting.pop(self._turn, ()):
                self._writer.write(replace(pose, shot=self._shot + pose.shot))
                self._n_poses += 1
                self._first_s = pose.t_s if self._n_poses == 1 else self._first_s
                self._last_s = pose.t_s
            if self._turn not in self._n_cuts:
                return
            self._shot += self._n_cuts.pop(self._turn)
            self._turn += 1


class _ProgressOfAll:
    """Reports the combined progress of all segments as if they were processed one after another."""

    def __init__(self, info: ClipInfo, parts: Sequence[_Part], progress: Progress) -> None:
        self._duration_s = info.duration_s
        self._n_frames = sum(part.n_frames for part in parts if part)
        self._fps = info.fps
        self._seen = 0
        self._progress = progress

    def add(self, n_frames: int) -> None:
        """Add *n_frames* frames to the count."""
        self._seen += n_frames
        if self._n_frames and self._duration_s:
            self._progress(self._duration_s * self._seen / self._n_frames, self._duration_s)
        else:
            self._progress(self._seen / self._fps, self._duration_s)
