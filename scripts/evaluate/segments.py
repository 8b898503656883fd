"""Compare landmarks found by segments with those of one continuous run, repetition by repetition.

.. code-block:: text

    python -m scripts.evaluate.segments --clips DIR        the rendered samples and a folder with a manifest.csv
    python -m scripts.evaluate.segments --model lite --control 10 --settling 8
                                                           also how soon a fresh pose model agrees with an older one

Clips are taken in order of length, and everything found is kept in ``--cache``, so that a run that was stopped goes on
where it was; remove the folder when the code that finds landmarks changed. Clips that are not split have the same
landmarks either way and are only counted. The page goes to docs/segments.md.
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import hipform
from hipform.analysis.judged_reps import Rep
from hipform.app import analyze
from hipform.errors import HipformError
from hipform.estimation.segment_poses import FoundPoses, find_poses
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.kinematics.measures import SideView, trunk_thigh_flexion_deg
from hipform.pose.mediapipe_pose import Landmarker
from hipform.pose.model_files import ModelName
from hipform.pose.poses import Pose
from hipform.pose.recording import RecordingWriter
from hipform.report.result import FILES
from hipform.types import FloatArray, Side
from hipform.video.segments import CUT_HISTORY_FRAMES, SEGMENT_S, WARM_UP_S, Segment, cut_into_segments
from hipform.video.video_file import UntrustedIndexError, VideoFile
from scripts.evaluate.agreement import LEFT_OUT, compare, matched
from scripts.evaluate.clips import Entry
from scripts.evaluate.command_line import add_shared_options, chosen_models, command_text, exercise_entries
from scripts.evaluate.markdown import table
from scripts.evaluate.runs import cache_folder, counted_reps, landmarks_of, record_in_one_run, sha256_of
from scripts.paths import ROOT

_KINDS = ("same", "unsure", "contradicted", "missed", "extra")
_START_EVERY_S = 1.0
_FOLLOWED_S = 3.0
_PROCESSED_S = 12.0
_AGES_S = (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One clip processed in another way than in one continuous run.

    Attributes
    ----------
    clip, model, way
        What was compared; way is ``segments`` or ``control``.
    counts
        Repetitions by kind, as in `scripts.evaluate.fast.Agreement`.
    flips
        A description of every repetition that differs.
    """

    clip: str
    model: str
    way: str
    counts: dict[str, int]
    flips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SplitClip:
    """A clip that is processed in more than one segment."""

    entry: Entry
    segments: tuple[Segment, ...]
    duration_s: float


def split_clips(entries: Sequence[Entry]) -> list[SplitClip]:
    """Return the clips that are split, the shortest first."""
    found = []
    for entry in entries:
        with VideoFile(entry.path) as video:
            index = video.read_index()
        segments = cut_into_segments(index) if index else ()
        if index and len(segments) > 1:
            duration_s = float((index.ticks[-1] - index.ticks[0]) * index.time_base)
            found.append(SplitClip(entry, segments, duration_s))
    return sorted(found, key=lambda clip: clip.duration_s)


def differences(clip: SplitClip, model: ModelName, cache: Path, *, control: bool) -> Iterator[Difference]:
    """Process a clip by segments, and with *control* without its first frames, and compare with one continuous run."""
    path, exercise = clip.entry.path, clip.entry.exercise
    sha256 = sha256_of(path)
    unbroken = counted_reps(analyze(landmarks_of(path, sha256, model, cache), exercise=exercise))
    folder = cache_folder(sha256, model, cache)
    ways = {"segments": folder / f"segments-{FILES['poses']}"}
    if not ways["segments"].exists():
        _record_segments(clip, model, ways["segments"])
    if control:
        ways["control"] = folder / "control" / FILES["poses"]
        if not ways["control"].exists():
            record_in_one_run(path, model, ways["control"], left_out=LEFT_OUT)
    for way, poses in ways.items():
        other = counted_reps(analyze(poses, exercise=exercise))
        counts = {kind: count for kind, count in compare(unbroken, other).items() if isinstance(count, int)}
        yield Difference(clip=path.name, model=model, way=way, counts=counts, flips=tuple(_flips(unbroken, other)))


def _record_segments(clip: SplitClip, model: ModelName, poses: Path) -> None:
    """Record the landmarks of all segments, of the whole frames, whomever the pose model finds in them."""
    path = clip.entry.path
    n_cuts = 0

    def write(found: FoundPoses) -> None:
        for pose in found.poses:
            writer.write(replace(pose, shot=n_cuts + pose.shot))

    with VideoFile(path) as video:
        info = video.info
    with RecordingWriter(poses, info, model) as writer:
        for segment in clip.segments:
            n_cuts += find_poses(write, path, model, segment, fast=False).n_cuts


def _flips(unbroken: Sequence[Rep], other: Sequence[Rep]) -> Iterator[str]:
    found = [match for _, match in matched(unbroken, other)]
    for rep, match in zip(unbroken, found, strict=True):
        if match is None:
            yield f"rep at {rep.timing.top_s:.1f} s missed"
        elif _status(rep) is not _status(match):
            yield f"rep at {rep.timing.top_s:.1f} s: {_verdict(rep)} -> {_verdict(match)}"
    yield from (f"rep at {rep.timing.top_s:.1f} s extra" for rep in other if rep not in found)


def _status(rep: Rep) -> Status:
    return rep.finding(LOCKOUT_RULE).status


def _verdict(rep: Rep) -> str:
    angle = rep.lockout_trunk_thigh_flexion_deg
    return f"{_status(rep).value} ({angle.value:.0f}° ± {angle.u95:.0f})"


# ------------------------------------------------------------------------------------------------------- settling


def settling(clips: Sequence[Path], model: ModelName, cache: Path) -> dict[float, FloatArray]:
    """Return how much a pose model that starts in mid-clip differs from one that has seen the clip from its start.

    Returns
    -------
    dict
        By the age of the younger model in seconds (the lower end of an interval): differences of the trunk-thigh angle
        of the side that differs more, degrees, one a frame.
    """
    differences_deg: dict[float, list[float]] = defaultdict(list)
    for clip in clips:
        kept = cache_folder(sha256_of(clip), model, cache) / "settling.npy"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, np.array(list(_settling_of(clip, model))).reshape(-1, 2))
        for age_s, difference_deg in np.load(kept):
            span = int(np.searchsorted(_AGES_S, age_s, side="right")) - 1
            differences_deg[_AGES_S[span]].append(float(difference_deg))
    return {age_s: np.array(found) for age_s, found in sorted(differences_deg.items())}


def _settling_of(clip: Path, model: ModelName) -> Iterator[tuple[float, float]]:
    young: dict[float, Landmarker] = {}
    with VideoFile(clip) as video, Landmarker(model) as old:
        next_s = _START_EVERY_S
        for frame in video:
            if frame.t_s > _PROCESSED_S:
                break
            seen = old.detect(frame)
            if frame.t_s >= next_s:
                young[frame.t_s] = Landmarker(model)
                next_s += _START_EVERY_S
            for started_s in [one for one in young if frame.t_s - one > _FOLLOWED_S]:
                young.pop(started_s).close()
            for started_s, landmarker in young.items():
                also_seen = landmarker.detect(frame)
                if seen.found and also_seen.found:
                    yield frame.t_s - started_s, _apart_deg(seen, also_seen)
    for landmarker in young.values():
        landmarker.close()


def _apart_deg(one: Pose, other: Pose) -> float:
    return max(
        abs(trunk_thigh_flexion_deg(SideView.of(one, side, 1)) - trunk_thigh_flexion_deg(SideView.of(other, side, 1)))
        for side in Side
    )


# ------------------------------------------------------------------------------------------------------------ the page

_INTRODUCTION = f"""\
`hipform analyze` cuts a clip of more than {SEGMENT_S:.0f} s into segments of {SEGMENT_S / 2:.0f} to {SEGMENT_S:.0f}
s, by the frame times in its file alone, and finds the landmarks of each with a pose model of its own, on as many
processes as there are cores. Each model starts {WARM_UP_S:g} s before its segment; what it finds there is
discarded. The search for cuts starts at least {CUT_HISTORY_FRAMES} frames before the segment. Therefore the recording
is the same, byte for byte, on every machine with the same processor instructions, whatever `--jobs` says."""
_COMPARED = """\
This section compares it with one pose model that processes every frame of the clip from the first to the last,
repetition by repetition, the exercise named. *Same*: both count it and give it the same lockout verdict. *Unsure*:
one gives a verdict and the other none; *contradicted*: one says ok, the other fault."""
_CONTROL = """\
*Control* is the continuous run of the shortest clips without their first three frames. The pose model searches where
it saw the athlete last and smooths its points over time. Omitting any frame therefore changes everything after it a
little, and a value close to a limit can fall on the other side. No way of splitting a clip can be expected to agree
better than the control does."""
_SETTLING = """\
How much the trunk-thigh angle from a pose model that starts in mid-clip differs from that of a model that has seen the
clip from its start, by the age of the younger model. The difference does not reach zero: two models that started at
different frames stay about that far apart. The warm-up is the age at which that level is reached, with a margin.
It was chosen on eight clips (the demo and seven real ones, lite): the median fell from 3.1 degrees in the first tenth
of a second to 0.8 from half a second on, and stayed there."""
_WHOLE = """\
One process reads a clip from start to end, as one segment, if its file does not state its frame times clearly (none at
all, repeated, out of order, implausible jumps) or if it contains damaged frames. Where a file has few keyframes, a
segment that starts far from one is joined with the segment before, because the frames from the keyframe on would be
decoded for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that the page states.

    Attributes
    ----------
    found
        Every comparison.
    settled
        As `settling` returns it; empty where that was not asked for.
    n_settled
        Clips that it is from.
    n_whole, n_split
        Clips that are not split, and those that are.
    """

    found: Sequence[Difference]
    settled: dict[float, FloatArray]
    n_settled: int
    n_whole: int
    n_split: int


def page(findings: Findings, command: str) -> str:
    """Return the page as Markdown."""
    lines = ["# Segments", "", f"    {command}", "", f"hipform {hipform.__version__}.", "", _INTRODUCTION, ""]
    lines += [_WHOLE, "", "## Agreement with one continuous run", "", _COMPARED, ""]
    found = findings.found
    if any(difference.way == "control" for difference in found):
        lines += [_CONTROL, ""]
    groups: dict[tuple[str, str], list[Difference]] = defaultdict(list)
    for difference in found:
        groups[difference.model, difference.way].append(difference)
    lines += table(
        ("model", "way", "n clips", "reps", *_KINDS),
        [(*name, len(group), _reps(group), *(_sum(group, kind) for kind in _KINDS)) for name, group in groups.items()],
    )
    n_compared = len({difference.clip for difference in found})
    n_all, n_whole = findings.n_whole + findings.n_split, findings.n_whole
    lines += ["", f"Of the {n_all} rendered samples and real clips that show an exercise, {n_whole} are not split, and"]
    lines += [f"have the same landmarks either way. Of the other {findings.n_split}, {n_compared} were compared."]
    lines += ["", "### Every repetition that differs", ""]
    lines += table(
        ("clip", "model", "way", "continuous -> this way"),
        [(d.clip, d.model, d.way, "; ".join(d.flips)) for d in found if d.flips],
    )
    return "\n".join([*lines, *_settling_lines(findings)]).rstrip() + "\n"


def _settling_lines(findings: Findings) -> list[str]:
    if not findings.settled:
        return []
    spans = {age: f"{age:g} to {after:g}" for age, after in zip(_AGES_S, (*_AGES_S[1:], _FOLLOWED_S), strict=True)}
    rows = [
        (spans[age_s], len(apart_deg), f"{np.median(apart_deg):.1f}", f"{np.percentile(apart_deg, 95):.1f}")
        for age_s, apart_deg in findings.settled.items()
    ]
    which = (
        f"The {findings.n_settled} shortest of these clips, a model started every second of their first "
        f"{_PROCESSED_S:g} s:"
    )
    head = ["", "## How long a pose model takes to settle", "", _SETTLING, "", which, ""]
    return [*head, *table(("age, s", "frames", "median, degrees", "95 of 100 under"), rows)]


def _sum(group: Sequence[Difference], kind: str) -> int:
    return sum(difference.counts[kind] for difference in group)


def _reps(group: Sequence[Difference]) -> int:
    return sum(_sum(group, kind) for kind in _KINDS)


def _command(options: argparse.Namespace, models: Sequence[ModelName]) -> str:
    words = [word for name in options.only or () for word in ("--only", name)]
    words += ["--control", str(options.control)] if options.control else []
    words += ["--longest", f"{options.longest:g}"] if options.longest < math.inf else []
    words += ["--settling", str(options.settling)] if options.settling else []
    return command_text("scripts.evaluate.segments", options, models, words)


def _compare_all(
    clips: Sequence[SplitClip], models: Sequence[ModelName], options: argparse.Namespace
) -> list[Difference]:
    found: list[Difference] = []
    for number, clip in enumerate(clips, 1):
        name = clip.entry.path.name
        for model in models:
            try:
                found += differences(clip, model, options.cache, control=number <= options.control)
            except (HipformError, UntrustedIndexError) as error:
                print(f"{name} is skipped: {error}")
        print(f"[{number}/{len(clips)}] {name}", flush=True)
    return found


def main() -> None:
    """Parse the command line, run, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_shared_options(parser)
    parser.add_argument("--only", action="append", help="names of clips, without their ending; may be repeated")
    parser.add_argument("--control", type=int, default=0, help="shortest clips to process without three frames, too")
    parser.add_argument("--longest", type=float, default=math.inf, help="seconds; longer clips are not compared")
    parser.add_argument("--settling", type=int, default=0, help="clips for how long a pose model takes to settle")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "segments.md")
    options = parser.parse_args()
    models = chosen_models(options)
    entries = exercise_entries(options)
    split = split_clips(entries)
    wanted = [clip for clip in split if not options.only or clip.entry.path.stem in options.only]
    settled_on = [clip.entry.path for clip in wanted[: options.settling]]
    findings = Findings(
        found=_compare_all([clip for clip in wanted if clip.duration_s <= options.longest], models, options),
        settled=settling(settled_on, models[0], options.cache),
        n_settled=len(settled_on),
        n_whole=len(entries) - len(split),
        n_split=len(split),
    )
    options.out.write_text(page(findings, _command(options, models)), encoding="utf-8")
    print(f"{options.out} written")


if __name__ == "__main__":
    main()
