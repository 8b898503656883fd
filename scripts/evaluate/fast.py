"""Hold the fast mode, and every frame but the first three, against every frame, repetition by repetition.

.. code-block:: text

    python -m scripts.evaluate.fast --clips DIR            the rendered samples and a folder with a manifest.csv
    python -m scripts.evaluate.fast --model heavy --model full

Landmarks are kept in ``--cache`` as in ``python -m scripts.evaluate``. The page goes to docs/fast.md. Clips of the
development part are those that limits may be set by: even seeds of the rendered ones, and real ones whose sha256 ends
in an even digit. The others are held out.
"""

from __future__ import annotations

import argparse
import os
import shlex
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import get_args

import numpy as np

import hipform
from hipform.analysis.judged_reps import Rep
from hipform.app import analyze
from hipform.errors import HipformError, NoExerciseError
from hipform.exercises import AUTO
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.pose.mediapipe_pose import Landmarker
from hipform.pose.model_files import ModelName
from hipform.pose.recording import RecordingWriter
from hipform.report.result import FILES, AnalysisResult
from hipform.video.video_file import VideoFile
from scripts.evaluate.__main__ import ROOT, SAMPLES
from scripts.evaluate.angles import clip_samples
from scripts.evaluate.clips import NOTHING, Entry, read_manifest
from scripts.evaluate.evaluation import clear_samples
from scripts.evaluate.markdown import plain, table
from scripts.evaluate.reps import count_error
from scripts.evaluate.runs import cache_folder, counted_reps, landmarks_of, sha256_of
from scripts.evaluate.truth import read_truth

LEFT_OUT = 3
"""Frames that the control leaves out at the start: as little as changes the model's own course."""
WANTED = 0.98
"""Share of the repetitions that shall come out the same."""
_SAME_TOP_S = 0.3
"""Tops that come this near to each other are of the same repetition."""
_TEMPO = ("lift_s", "hold_s", "lower_s")
_PARTS = ("development", "held out")
_WHICH = ("model", "clips", "way")
_KINDS = ("unsure", "contradicted", "missed", "extra")


Counted = tuple[int, int]
"""So many, of so many."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One clip looked at in another way, held against every frame of it.

    Attributes
    ----------
    clip, model, way, part, source
        What was compared; way is ``fast`` or ``control``, part one of `_PARTS`, source as in `clips.Entry`.
    frames, looked
        Frames of the clip, and those that were looked at.
    same
        Repetitions counted by both with the same lockout verdict.
    unsure
        Counted by both, with a verdict in one and none in the other.
    contradicted
        Counted by both, ``ok`` in one and ``fault`` in the other.
    missed, extra
        Counted by every frame only, and by the other only.
    count_errors
        How far off the count is, by every frame and by the other; ``None`` where any number is right.
    exercises
        Whether both recognise the same exercises.
    changes_deg, changes_s
        Differences of the lockout angle and of lift, hold and lowering times.
    bands
        In how many frames at the top the stated band holds the true hip angle, and of how many, by every frame and by
        the other; ``None`` for clips without truth or a clear view.
    """

    clip: str
    model: str
    way: str
    part: str
    source: str
    frames: int
    looked: int
    same: int
    unsure: int
    contradicted: int
    missed: int
    extra: int
    count_errors: tuple[int, int] | None
    exercises: bool
    changes_deg: tuple[float, ...]
    changes_s: tuple[float, ...]
    bands: tuple[Counted, Counted] | None

    @property
    def reps(self) -> int:
        """Repetitions that either counted."""
        return self.same + self.unsure + self.contradicted + self.missed + self.extra


def part_of(entry: Entry) -> str:
    """Return which part a clip belongs to."""
    number = int(sha256_of(entry.path)[-1], 16) if entry.seed is None else entry.seed
    return _PARTS[number % 2]


def matched(reps: Sequence[Rep], others: Sequence[Rep]) -> Iterator[tuple[Rep, Rep | None]]:
    """Yield each repetition with the one of *others* whose top is the same, each used once."""
    free = list(others)
    for rep in reps:
        near = [other for other in free if _apart_s(rep, other) <= _SAME_TOP_S]
        found = min(near, key=lambda other: abs(other.timing.top_s - rep.timing.top_s), default=None)
        if found:
            free.remove(found)
        yield rep, found


def _apart_s(one: Rep, other: Rep) -> float:
    return max(one.timing.top_start_s, other.timing.top_start_s) - min(one.timing.top_end_s, other.timing.top_end_s)


def compare(every: Sequence[Rep], other: Sequence[Rep]) -> dict[str, int | tuple[float, ...]]:
    """Return the fields of `Agreement` that two lists of repetitions give."""
    pairs = list(matched(every, other))
    both = [(rep, found) for rep, found in pairs if found]
    verdicts = [(rep.finding(LOCKOUT_RULE).status, found.finding(LOCKOUT_RULE).status) for rep, found in both]
    differ = [pair for pair in verdicts if pair[0] is not pair[1]]
    times = ((getattr(rep.timing, name), getattr(found.timing, name)) for rep, found in both for name in _TEMPO)
    return {
        "same": len(both) - len(differ),
        "unsure": sum(Status.NOT_ASSESSED in pair for pair in differ),
        "contradicted": sum(Status.NOT_ASSESSED not in pair for pair in differ),
        "missed": len(every) - len(both),
        "extra": len(other) - len(both),
        "changes_deg": tuple(
            found.lockout_trunk_thigh_flexion_deg.value - rep.lockout_trunk_thigh_flexion_deg.value
            for rep, found in both
        ),
        "changes_s": tuple(after - before for before, after in times if before is not None and after is not None),
    }


def run_clip(entry: Entry, model: ModelName, cache_root: Path, *, control: bool) -> list[Agreement]:
    """Look at a clip fast, and if asked for with its first frames left out, and compare."""
    sha256 = sha256_of(entry.path)
    every = landmarks_of(entry.path, sha256, model, cache_root)
    folder = cache_folder(sha256, model, cache_root)
    ways = {"fast": folder / "fast" / FILES["poses"]}
    if not ways["fast"].exists():
        analyze(entry.path, exercise=entry.exercise, model=model, out=folder / "fast", fast=True)
    if control:
        ways["control"] = folder / "control" / FILES["poses"]
        if not ways["control"].exists():
            look_late(entry.path, model, ways["control"])
    full = _Judged.of(every, entry, model)
    return [_agreement(entry, model, way, full, _Judged.of(poses, entry, model)) for way, poses in ways.items()]


def look_late(clip: Path, model: ModelName, poses: Path) -> None:
    """Record the landmarks of all frames but the first `LEFT_OUT`."""
    poses.parent.mkdir(parents=True, exist_ok=True)
    with (
        VideoFile(clip) as video,
        Landmarker(model) as landmarker,
        RecordingWriter(poses, video.info, model) as writer,
    ):
        for frame in islice(video, LEFT_OUT, None):
            writer.write(landmarker.detect(frame))


@dataclass(frozen=True, slots=True)
class _Judged:
    """What comes of a recording: its result, the exercises recognised in it, and in how many frames the band holds."""

    result: AnalysisResult
    recognised: tuple[str, ...]
    band: Counted | None

    @staticmethod
    def of(poses: Path, entry: Entry, model: str) -> _Judged:
        """Judge a recording as what its clip shows."""
        folder = poses.parent / "judged"
        result = analyze(poses, exercise=entry.exercise, out=folder)
        try:
            recognised = tuple(dict.fromkeys(found.exercise for found in analyze(poses, exercise=AUTO).sets))
        except NoExerciseError:
            recognised = ()
        return _Judged(result, recognised, _band(folder / FILES["frames"], entry, model))


def _band(frames_csv: Path, entry: Entry, model: str) -> Counted | None:
    if entry.truth_json is None:
        return None
    samples = clear_samples(clip_samples(read_truth(entry.truth_json), frames_csv, entry, model))
    top = [sample for sample in samples if (sample.measure, sample.state) == ("trunk_thigh_flexion_deg", "top")]
    # Where nothing was measured no band is stated either.
    stated = [np.isfinite(sample.error_deg) & np.isfinite(sample.u95_deg) for sample in top]
    held = [np.abs(sample.error_deg) <= sample.u95_deg for sample in top]
    of = sum(int(frames.sum()) for frames in stated)
    return (sum(int((one & other).sum()) for one, other in zip(held, stated, strict=True)), of) if of else None


def _agreement(entry: Entry, model: str, way: str, full: _Judged, other: _Judged) -> Agreement:
    reps = [counted_reps(judged.result) for judged in (full, other)]
    return Agreement(
        clip=entry.path.name,
        model=model,
        way=way,
        part=part_of(entry),
        source=entry.source,
        frames=full.result.clip.frames,
        looked=other.result.clip.frames,
        count_errors=None
        if entry.any_number
        else (count_error(len(reps[0]), entry.reps), count_error(len(reps[1]), entry.reps)),
        exercises=full.recognised == other.recognised,
        bands=(full.band, other.band) if full.band and other.band else None,
        **compare(*reps),  # type: ignore[arg-type]
    )


# ------------------------------------------------------------------------------------------------------------ the page

_INTRODUCTION = """\
`hipform analyze --fast` held against every frame of the same clip with the same model, repetition by repetition, the
exercise named. *Same*: both count it and give it the same lockout verdict. *Unsure*: one gives a verdict and the other
none; *contradicted*: one says ok, the other fault. Limits of the fast mode were set by the development part only."""
_CONTROL = f"""\
*Control*: every frame but the first {LEFT_OUT}. The pose model looks where it saw the athlete last and steadies its
points over time, so that leaving out anything changes all that follows a little; what lies close to a limit then falls
on the other side. More agreement than the control has is not to be expected of any way to leave out frames."""


def page(found: Sequence[Agreement], command: str) -> str:
    """Return the page as Markdown."""
    lines = ["# The fast mode", "", f"    {command}", ""]
    lines += [f"hipform {hipform.__version__}.", "", _INTRODUCTION, ""]
    if any(agreement.way == "control" for agreement in found):
        lines += [_CONTROL, ""]
    groups = _groups(found)
    lines += table(
        (*_WHICH, "n clips", "frames looked at", "reps", "same", *_KINDS),
        [(*name, *_agreement_cells(group)) for name, group in groups],
    )
    lines += [
        "",
        f"Wanted: at least {WANTED:.0%} the same.",
        "",
        "## Against what is known of the clips",
        "",
        _KNOWN,
        "",
    ]
    lines += table(
        (
            *_WHICH,
            "counts right, every frame",
            "counts right, this way",
            "band holds, every frame",
            "band holds, this way",
            "same exercise recognised",
            "lockout differs, median",
            "95 of 100 under",
            "times differ, 95 of 100 under",
        ),
        [(*name, *_known_cells(group)) for name, group in groups],
    )
    lines += ["", "## Where they differ", ""]
    lines += table(
        ("clip", *_WHICH, "same", *_KINDS),
        [
            (a.clip, a.model, a.part, a.way, a.same, *(getattr(a, kind) for kind in _KINDS))
            for a in found
            if a.same != a.reps
        ],
    )
    return "\n".join(lines).rstrip() + "\n"


_KNOWN = """\
Whether the fast mode is as right as every frame, which is another question: clips counted exactly; in how many frames
at the top the stated band of the hip holds the truth (rendered clips, camera up to 30 degrees off the side view, no
plates); and how far the lockout angle (degrees) and the durations of lift, hold and lowering (seconds) move."""


def _groups(found: Sequence[Agreement]) -> list[tuple[tuple[str, str, str], list[Agreement]]]:
    """Return model, clips and way with what belongs there: both parts, and of the held out ones each source."""
    groups = []
    for model, way in dict.fromkeys((a.model, a.way) for a in found):
        looked = [a for a in found if (a.model, a.way) == (model, way)]
        parts = {part: [a for a in looked if a.part == part] for part in _PARTS}
        held_out = parts[_PARTS[1]]
        parts |= {f"{_PARTS[1]}, {kind}": [a for a in held_out if a.source == kind] for kind in ("rendered", "real")}
        groups += [((model, name, way), group) for name, group in parts.items() if group]
    return groups


def _agreement_cells(group: Sequence[Agreement]) -> tuple[object, ...]:
    reps = sum(a.reps for a in group)
    same = sum(a.same for a in group)
    return (
        len(group),
        f"{sum(a.looked for a in group) / sum(a.frames for a in group):.1%}",
        reps,
        # Not rounded to whole per cent: 97.6 is not 98.
        f"{same} ({same / reps:.1%})" if reps else "-",
        *(sum(getattr(a, kind) for a in group) for kind in _KINDS),
    )


def _known_cells(group: Sequence[Agreement]) -> tuple[object, ...]:
    errors = [a.count_errors for a in group if a.count_errors]
    return (
        *(f"{sum(pair[at] == 0 for pair in errors)} of {len(errors)}" for at in (0, 1)),
        *(_share([a.bands[at] for a in group if a.bands]) for at in (0, 1)),
        f"{sum(a.exercises for a in group)} of {len(group)}",
        *(plain(_percentile((c for a in group for c in a.changes_deg), share), 1) for share in (50, 95)),
        plain(_percentile((c for a in group for c in a.changes_s), 95), 2),
    )


def _share(counted: Sequence[Counted]) -> str:
    total = sum(of for _, of in counted)
    return f"{sum(held for held, _ in counted) / total:.1%}" if total else "-"


def _percentile(changes: Iterable[float], share: float) -> float | None:
    sizes = [abs(change) for change in changes]
    return float(np.percentile(sizes, share)) if sizes else None


def main() -> None:
    """Parse the command line, run, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, action="append", default=[], help="one more folder; may be repeated")
    parser.add_argument("--model", choices=get_args(ModelName), action="append", help="may be repeated; heavy if none")
    parser.add_argument("--part", choices=_PARTS, action="append", help="may be repeated; both if none")
    parser.add_argument("--control", action="store_true", help="also every frame but the first few: takes long")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="clips at once (default: processors)")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "hipform-evaluation")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "fast.md")
    options = parser.parse_args()
    models = list(dict.fromkeys(options.model or ["heavy"]))
    entries = [e for folder in (SAMPLES, *options.clips) for e in read_manifest(folder) if e.exercise != NOTHING]
    entries = [e for e in entries if part_of(e) in (options.part or _PARTS)]
    found: list[Agreement] = []
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        running = [
            (entry, pool.submit(run_clip, entry, model, options.cache, control=options.control))
            for model in models
            for entry in entries
        ]
        for number, (entry, future) in enumerate(running, 1):
            try:
                found += future.result()
            except HipformError as error:
                print(f"{entry.path.name} is left out: {error}")
            print(f"[{number}/{len(running)}] {entry.path.name}", flush=True)
    words = ["python", "-m", "scripts.evaluate.fast"]
    words += [word for folder in options.clips for word in ("--clips", folder.name.upper())]
    words += [word for model in models for word in ("--model", model)]
    words += [word for part in options.part or () for word in ("--part", part)]
    words += ["--control"] if options.control else []
    options.out.write_text(page(found, shlex.join(words)), encoding="utf-8")
    print(f"{options.out} written")


if __name__ == "__main__":
    main()
