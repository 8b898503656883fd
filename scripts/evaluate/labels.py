"""Joints that people placed by eye on real lifters, beside what hipform reads at the same moments.

A folder of labels holds ``joints.csv`` with one row per moment: clip, time, moment (``top`` or ``bottom``), exercise,
side of the body, and shoulder, hip, knee and ankle in pixels by two raters who did not know of each other.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hipform.analysis.analyzer import Analyzer
from hipform.analysis.judged_reps import Rep
from hipform.app.judge_recording import poses_with_load
from hipform.exercises import EXERCISES
from hipform.exercises.declaration import Exercise
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.features.rep_summary import RepSummary
from hipform.kinematics.angles import Vector, between, turn_deg
from hipform.kinematics.load import find_load
from hipform.kinematics.orientation import Vote, compute_facing
from hipform.kinematics.reading_errors import exercise_reading
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording
from hipform.types import Estimate, Side
from hipform.video.frames import ClipInfo

MATCH_S = 0.15
"""A labelled top belongs to a repetition if it is at most this far from its top, a bottom at most four times as far."""
_JOINTS = ("shoulder", "hip", "knee", "ankle")
_RATERS = ("1", "2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One moment that both raters labelled.

    Attributes
    ----------
    clip, time_s, moment, exercise, side
        Which moment it is: file name without ending, frame time, ``top`` or ``bottom``, slug, labelled side.
    person, view
        Source of the clip, which is one person or studio, and the view by eye, from the manifest.
    joints_px
        Joints by name, one mapping per rater; joints out of the frame are missing.
    is_hip_visible
        Whether both raters saw the hip itself.
    full
        Whether a strict coach would call the top locked out, if both raters agree; ``None`` otherwise.
    """

    clip: str
    time_s: float
    moment: str
    exercise: str
    side: Side
    person: str
    view: str
    joints_px: tuple[Mapping[str, Vector], Mapping[str, Vector]]
    is_hip_visible: bool
    full: bool | None

    def flexions_deg(self, facing: int) -> tuple[float, float]:
        """Return the trunk-thigh flexion in the image of both raters; NaN if a joint is out of the frame."""
        first, second = (_flexion_deg(joints, facing) for joints in self.joints_px)
        return first, second


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What hipform reads at a labelled moment.

    Attributes
    ----------
    label, model
        The moment, and the pose model.
    rated_deg
        Flexions of the two raters.
    bias_deg
        What hipform subtracts from raw readings of this exercise.
    reading
        Reading of hipform with its interval, degrees; ``None`` if no repetition was counted there.
    conditions
        Conditions of the repetition that widen the interval.
    status, reason
        Answer of the lockout rule at a top, and its text; ``None`` elsewhere.
    """

    label: Label
    model: str
    rated_deg: tuple[float, float]
    bias_deg: float
    reading: Estimate | None = None
    conditions: Mapping[str, float] = field(default_factory=dict)
    status: Status | None = None
    reason: str = ""

    @property
    def truth_deg(self) -> float:
        """Mean of both raters."""
        return sum(self.rated_deg) / 2

    @property
    def error_deg(self) -> float:
        """Reading minus truth; NaN without a reading."""
        return self.reading.value - self.truth_deg if self.reading else math.nan


def read_labels(folder: Path, clips: Path) -> dict[Path, list[Label]]:
    """Return the moments in ``folder/joints.csv`` that show an exercise, by the path of the clip in *clips*."""
    with (clips / "manifest.csv").open(encoding="utf-8", newline="") as file:
        manifest = {Path(row["file"]).stem: row for row in csv.DictReader(file)}
    found: dict[Path, list[Label]] = {}
    with (folder / "joints.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["exercise"] in EXERCISES:
                clip = manifest[row["clip"]]
                found.setdefault(clips / clip["file"], []).append(_label(row, clip))
    return found


def measure_labels(recording_path: Path, labels: Sequence[Label]) -> Iterator[Measured]:
    """Yield what hipform reads at the moments of one clip, judged as the exercise that the labels name.

    Parameters
    ----------
    recording_path
        Landmarks of the clip.
    labels
        Moments of this clip, all of one exercise of hipform.
    """
    exercise = EXERCISES[labels[0].exercise]
    with Recording(recording_path) as recording:
        poses, model = list(poses_with_load(recording, find_load(recording))), recording.model
        reps = judged_reps(exercise, recording.info, poses)
    bias_deg = exercise_reading(exercise.base_slug).bias_deg
    for label in labels:
        found = next(((rep, summary) for rep, summary in reps if _belongs(label, rep)), None)
        rated_deg = label.flexions_deg(_facing_at(poses, label.time_s))
        yield _measured(label, model, rated_deg, found, bias_deg)


def judged_reps(exercise: Exercise, info: ClipInfo, poses: Iterable[Pose]) -> list[tuple[Rep, RepSummary]]:
    """Return the counted repetitions of a clip, each with the summary that it was judged by."""
    analyzer = Analyzer(exercise, info)
    for pose in poses:
        analyzer.push(pose)
    return list(zip(analyzer.finish().reps, analyzer.full_reps, strict=True))


def _measured(
    label: Label,
    model: str,
    rated_deg: tuple[float, float],
    found: tuple[Rep, RepSummary] | None,
    bias_deg: float,
) -> Measured:
    if found is None:
        return Measured(label=label, model=model, rated_deg=rated_deg, bias_deg=bias_deg)
    rep, summary = found
    if label.moment != "top":
        bottom = rep.bottom_trunk_thigh_flexion_deg
        conditions = summary.all_conditions
        return Measured(
            label=label, model=model, rated_deg=rated_deg, bias_deg=bias_deg, reading=bottom, conditions=conditions
        )
    finding = rep.finding(LOCKOUT_RULE)
    return Measured(
        label=label,
        model=model,
        rated_deg=rated_deg,
        bias_deg=bias_deg,
        reading=rep.lockout_trunk_thigh_flexion_deg,
        conditions=summary.all_conditions,
        status=finding.status,
        reason=finding.text,
    )


def _facing_at(poses: Sequence[Pose], time_s: float) -> int:
    """Return which way the lifter faces at a time, from the poses until then."""
    vote = Vote()
    for pose in poses:
        if pose.t_s <= time_s or not vote.sign:
            vote.push(pose.t_s, compute_facing(pose))
    return vote.sign or 1


def _belongs(label: Label, rep: Rep) -> bool:
    timing = rep.timing
    if label.moment == "top":
        return timing.top_start_s - MATCH_S <= label.time_s <= (timing.top_end_s or timing.top_s) + MATCH_S
    return timing.lift_start_s is not None and abs(timing.lift_start_s - label.time_s) <= 4 * MATCH_S


def _label(row: Mapping[str, str], clip: Mapping[str, str]) -> Label:
    first, second = ({name: at for name in _JOINTS if (at := _point(row, name, rater))} for rater in _RATERS)
    rated = {row[f"full_{rater}"] for rater in _RATERS}
    return Label(
        clip=row["clip"],
        time_s=float(row["time_s"]),
        moment=row["moment"],
        exercise=row["exercise"],
        side=Side(row["side"]),
        person=clip["source"],
        view=clip["view"],
        joints_px=(first, second),
        is_hip_visible=all(row[f"hip_visible_{rater}"] == "1" for rater in _RATERS),
        full=rated == {"1"} if rated in ({"1"}, {"0"}) else None,
    )


def _point(row: Mapping[str, str], joint: str, rater: str) -> Vector | None:
    x_px, y_px = (row[f"{joint}_{axis}_px_{rater}"] for axis in "xy")
    return (float(x_px), float(y_px)) if x_px and y_px else None


def _flexion_deg(joints_px: Mapping[str, Vector], facing: int) -> float:
    if not {"shoulder", "hip", "knee"} <= joints_px.keys():
        return math.nan
    shoulder, hip, knee = (joints_px[name] for name in ("shoulder", "hip", "knee"))
    return -facing * turn_deg(between(shoulder, hip), between(hip, knee))
