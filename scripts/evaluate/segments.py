"""Compare landmarks found by segments with those of one continuous run, repetition by repetition.

.. code-block:: text

    python -m scripts.evaluate.segments --clips DIR        the rendered samples and a folder with a manifest.csv
    python -m scripts.evaluate.segments --model lite --settling
                                                           also how soon a fresh pose model agrees with an older one

Landmarks are kept in ``--cache`` as in ``python -m scripts.evaluate``; remove the folder when the code that finds
landmarks changed. Clips that are not split have the same landmarks either way and are only counted. The page goes to
docs/segments.md.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import hipform
from hipform.analysis.judged_reps import Rep
from hipform.app import analyze
from hipform.app.landmarks import record_landmarks
from hipform.app.task_progress import no_progress
from hipform.errors import HipformError
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.kinematics.measures import SideView, trunk_thigh_flexion_deg
from hipform.pose.mediapipe_pose import Landmarker
from hipform.pose.model_files import ModelName
from hipform.pose.poses import Pose
from hipform.report.result import FILES
from hipform.types import FloatArray, Side
from hipform.video.segments import CUT_HISTORY_FRAMES, SEGMENT_S, WARM_UP_S, cut_into_segments
from hipform.video.video_file import VideoFile
from scripts.evaluate.agreement import compare, matched, record_without_start
from scripts.evaluate.clips import Entry
from scripts.evaluate.command_line import add_shared_options, chosen_models, command_text, exercise_entries
from scripts.evaluate.markdown import table
from scripts.evaluate.runs import cache_folder, counted_reps, landmarks_of, sha256_of
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


def differences(entry: Entry, model: ModelName, cache: Path, *, control: bool) -> Iterator[Difference]:
    """Process a clip by segments, and with *control* without its first frames, and compare with one continuous run."""
    with VideoFile(entry.path) as video:
        index = video.read_index()
    if index is None or len(cut_into_segments(index)) == 1:
        return
    sha256 = sha256_of(entry.path)
    unbroken = counted_reps(analyze(landmarks_of(entry.path, sha256, model, cache), exercise=entry.exercise))
    folder = cache_folder(sha256, model, cache)
    ways = {"segments": folder / f"segments-{FILES['poses']}"}
    if not ways["segments"].exists():
        record_landmarks(entry.path, ways["segments"], model=model, fast=False, jobs=1, progress=no_progress)
    if control:
        ways["control"] = folder / "control" / FILES["poses"]
        if not ways["control"].exists():
            record_without_start(entry.path, model, ways["control"])
    for way, poses in ways.items():
        other = counted_reps(analyze(poses, exercise=entry.exercise))
        counts = {kind: count for kind, count in compare(unbroken, other).items() if isinstance(count, int)}
        yield Difference(
            clip=entry.path.name, model=model, way=way, counts=counts, flips=tuple(_flips(unbroken, other))
        )


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


def settling(entries: Sequence[Entry], model: ModelName) -> dict[float, FloatArray]:
    """Return how much a pose model that starts in mid-clip differs from one that has seen the clip from its start.

    Returns
    -------
    dict
        By the age of the younger model in seconds (the lower end of an interval): differences of the trunk-thigh angle
        of the side that differs more, degrees, one a frame.
    """
    differences_deg: dict[float, list[float]] = defaultdict(list)
    for entry in entries:
        for age_s, difference_deg in _settling_of(entry.path, model):
            span = int(np.searchsorted(_AGES_S, age_s, side="right")) - 1
            differences_deg[_AGES_S[span]].append(difference_deg)
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
*Control* is the continuous run without the first three frames of the clip. The pose model searches where it saw the
athlete last and smooths its points over time. Omitting any frame therefore changes everything after it a little, and
a value close to a limit can fall on the other side. No way of splitting a clip can be expected to agree better than
the control does."""
_SETTLING = """\
How much the trunk-thigh angle from a pose model that starts in mid-clip differs from that of a model that has seen the
clip from its start, by the age of the younger model. The difference does not reach zero: two models that started at
different frames stay about that far apart. The warm-up is the age at which that level is reached, with a margin."""
_WHOLE = """\
One process reads a clip from start to end, as one segment, if its file does not state its frame times clearly (none at
all, repeated, out of order, implausible jumps) or if it contains damaged frames. Where a file has few keyframes, a
segment that starts far from one is joined with the segment before, because the frames from the keyframe on would be
decoded for nothing."""


def page(found: Sequence[Difference], settled: dict[float, FloatArray], n_whole: int, command: str) -> str:
    """Return the page as Markdown."""
    lines = ["# Segments", "", f"    {command}", "", f"hipform {hipform.__version__}.", "", _INTRODUCTION, ""]
    lines += [_WHOLE, "", "## Agreement with one continuous run", "", _COMPARED, ""]
    if any(difference.way == "control" for difference in found):
        lines += [_CONTROL, ""]
    groups: dict[tuple[str, str], list[Difference]] = defaultdict(list)
    for difference in found:
        groups[difference.model, difference.way].append(difference)
    lines += table(
        ("model", "way", "n clips", "reps", *_KINDS),
        [(*name, len(group), _reps(group), *(_sum(group, kind) for kind in _KINDS)) for name, group in groups.items()],
    )
    lines += ["", f"{n_whole} more clips are too short to be split and have the same landmarks either way."]
    lines += ["", "### Every repetition that differs", ""]
    lines += table(
        ("clip", "model", "way", "continuous -> this way"),
        [(d.clip, d.model, d.way, "; ".join(d.flips)) for d in found if d.flips],
    )
    if settled:
        lines += ["", "## How long a pose model takes to settle", "", _SETTLING, ""]
        spans = {age: f"{age:g} to {after:g}" for age, after in zip(_AGES_S, (*_AGES_S[1:], _FOLLOWED_S), strict=True)}
        lines += table(
            ("age, s", "median, degrees", "95 of 100 under"),
            [
                (spans[age], f"{np.median(apart):.1f}", f"{np.percentile(apart, 95):.1f}")
                for age, apart in settled.items()
            ],
        )
    return "\n".join(lines).rstrip() + "\n"


def _sum(group: Sequence[Difference], kind: str) -> int:
    return sum(difference.counts[kind] for difference in group)


def _reps(group: Sequence[Difference]) -> int:
    return sum(_sum(group, kind) for kind in _KINDS)


def _command(options: argparse.Namespace, models: Sequence[ModelName]) -> str:
    words = [word for name in options.only or () for word in ("--only", name)]
    words += [f"--{name}" for name in ("control", "settling") if getattr(options, name)]
    return command_text("scripts.evaluate.segments", options, models, words)


def main() -> None:
    """Parse the command line, run, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_shared_options(parser)
    parser.add_argument("--only", action="append", help="names of clips, without their ending; may be repeated")
    parser.add_argument("--control", action="store_true", help="also every frame but the first three; takes long")
    parser.add_argument("--settling", action="store_true", help="also how long a pose model takes to settle")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "segments.md")
    options = parser.parse_args()
    models = chosen_models(options)
    entries = [e for e in exercise_entries(options) if not options.only or e.path.stem in options.only]
    found: list[Difference] = []
    n_whole = 0
    for number, entry in enumerate(entries, 1):
        for model in models:
            try:
                compared = list(differences(entry, model, options.cache, control=options.control))
            except HipformError as error:
                print(f"{entry.path.name} is skipped: {error}")
                continue
            found += compared
            n_whole += not compared and model == models[0]
        print(f"[{number}/{len(entries)}] {entry.path.name}", flush=True)
    settled = settling(entries, models[0]) if options.settling else {}
    options.out.write_text(page(found, settled, n_whole, _command(options, models)), encoding="utf-8")
    print(f"{options.out} written")


if __name__ == "__main__":
    main()
