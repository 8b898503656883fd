"""Errors of the angles, frame by frame, and how often the truth lies inside the stated interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hipform.types import FloatArray
from scripts.evaluate.clips import Entry
from scripts.evaluate.truth import TOP_BAND_DEG, Truth, numbers, read_rows

MEASURES = ("trunk_thigh_flexion_deg", "knee_flexion_deg", "trunk_incline_deg", "shin_lean_deg")
STATES = ("top", "moving", "rest")
"""What the hip does in a frame: held at the top of a repetition, moving, or still anywhere else."""

HELD_DEG_PER_S = 5.0
MOVING_DEG_PER_S = 15.0
SAME_FRAME_S = 0.005
"""Frames of the truth and of the analysis further apart than this are not the same frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The errors of one measure in one state in one clip.

    Attributes
    ----------
    clip, exercise, model
        Name of the clip, what it shows, and the pose model.
    azimuth, occlusion
        Interval of the camera's angle, and ``plates`` or ``none``.
    measure, state
        One of `MEASURES` and of `STATES`.
    error_deg, u95_deg
        Measured minus true angle and stated half-width, a value a frame; NaN where nothing was measured.
    """

    clip: str
    exercise: str
    model: str
    azimuth: str
    occlusion: str
    measure: str
    state: str
    error_deg: FloatArray
    u95_deg: FloatArray


@dataclass(frozen=True, slots=True)
class ErrorFigures:
    """Errors of a group of samples in degrees; ``None`` where nothing was measured.

    Attributes
    ----------
    clips, frames, unseen
        How many clips and frames there are, and the frames among them in which nothing was measured.
    bias_deg, mean_deg, p95_deg
        Mean signed error, mean absolute error and its 95th percentile.
    within
        Share of the frames with a stated interval in which the truth lies inside it.
    """

    clips: int
    frames: int
    unseen: int
    bias_deg: float | None
    mean_deg: float | None
    p95_deg: float | None
    within: float | None


def state_masks(truth: Truth) -> dict[str, NDArray[np.bool_]]:
    """Return for each state which frames of the truth are in it.

    A frame is at the top when the hip rests within `TOP_BAND_DEG` of the most extended angle of its repetition. Speeds
    between resting and moving belong to no state.
    """
    hip_deg = truth.angles["trunk_thigh_flexion_deg"]
    speed_deg_per_s = np.abs(np.gradient(hip_deg, truth.t_s))
    near_top = np.zeros(len(hip_deg), dtype=bool)
    for rep in truth.reps:
        within = (truth.t_s >= rep.top_start_s) & (truth.t_s <= rep.top_end_s)
        near_top |= within & (np.abs(hip_deg - rep.top_hip_deg) <= TOP_BAND_DEG)
    held = speed_deg_per_s < HELD_DEG_PER_S
    return {"top": held & near_top, "moving": speed_deg_per_s > MOVING_DEG_PER_S, "rest": held & ~near_top}


def same_frames(truth_s: FloatArray, found_s: FloatArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the positions in both arrays of the frames that are the same, by time."""
    right = np.searchsorted(truth_s, found_s).clip(1, len(truth_s) - 1)
    nearest = np.where(found_s - truth_s[right - 1] < truth_s[right] - found_s, right - 1, right)
    same = np.flatnonzero(np.abs(truth_s[nearest] - found_s) <= SAME_FRAME_S)
    return nearest[same], same


def clip_samples(truth: Truth, frames_csv: Path, entry: Entry, model: str) -> Iterator[Sample]:
    """Yield the errors of one analysed clip, by measure and state."""
    rows = read_rows(frames_csv)
    at, seen = same_frames(truth.t_s, numbers(rows, "time_s"))
    masks = {state: mask[at] for state, mask in state_masks(truth).items()}
    for measure in MEASURES:
        found_deg = numbers(rows, measure)[seen]
        # A turn by 360 degrees is no error: the angles of a swing may pass the seam.
        error_deg = (found_deg - truth.angles[measure][at] + 180.0) % 360.0 - 180.0
        u95_deg = numbers(rows, measure.replace("_deg", "_u95_deg"))[seen]
        for state, mask in masks.items():
            yield Sample(
                clip=entry.path.name,
                exercise=entry.exercise,
                model=model,
                azimuth=entry.azimuth,
                occlusion=entry.occlusion,
                measure=measure,
                state=state,
                error_deg=error_deg[mask],
                u95_deg=u95_deg[mask],
            )


def wrong_side_share(truth: Truth, frames_csv: Path) -> float:
    """Return the share of tracked frames of repetitions in which hipform measured another side than the truth's."""
    rows = [row for row in read_rows(frames_csv) if row["tracked"] == "1"]
    at, seen = same_frames(truth.t_s, numbers(rows, "time_s"))
    sides = np.array([row["side"] for row in rows])[seen]
    in_rep = np.any([(truth.t_s[at] >= rep.start_s) & (truth.t_s[at] <= rep.end_s) for rep in truth.reps], axis=0)
    return float((sides != truth.sides[at])[in_rep].mean()) if in_rep.any() else 0.0


def error_figures(samples: Sequence[Sample]) -> ErrorFigures:
    """Pool samples frame by frame and summarise them."""
    samples = [sample for sample in samples if len(sample.error_deg)]
    if not samples:
        return ErrorFigures(0, 0, 0, None, None, None, None)
    error_deg = np.concatenate([sample.error_deg for sample in samples])
    u95_deg = np.concatenate([sample.u95_deg for sample in samples])
    seen = np.isfinite(error_deg)
    banded = seen & np.isfinite(u95_deg)
    size_deg = np.abs(error_deg)
    return ErrorFigures(
        clips=len({sample.clip for sample in samples}),
        frames=len(error_deg),
        unseen=int((~seen).sum()),
        bias_deg=float(error_deg[seen].mean()) if seen.any() else None,
        mean_deg=float(size_deg[seen].mean()) if seen.any() else None,
        p95_deg=float(np.percentile(size_deg[seen], 95)) if seen.any() else None,
        within=float((size_deg <= u95_deg)[banded].mean()) if banded.any() else None,
    )


def grouped(samples: Iterable[Sample], attribute: str) -> dict[str, list[Sample]]:
    """Return the samples by the value of one of their attributes, in order of that value."""
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(str(getattr(sample, attribute)), []).append(sample)
    return dict(sorted(groups.items()))
