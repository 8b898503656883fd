"""Measure on rendered clips how much each candidate step would steady the hip angle."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from scipy import signal

from hipform.kinematics.measures import SIDE_POINTS
from hipform.kinematics.orientation import across_m, compute_facing, view_angles
from hipform.pose.model_files import ModelName
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording
from hipform.types import FloatArray, Side
from scripts.evaluate.angles import same_frames, state_masks
from scripts.evaluate.clips import Entry
from scripts.evaluate.markdown import clip_number, plain, signed, table
from scripts.evaluate.runs import cache_folder, sha256_of
from scripts.evaluate.truth import Truth, read_truth

_HIP = "trunk_thigh_flexion_deg"
_MOST_STRETCH_DEG = 70.0


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One side's shoulder, hip and knee over a clip.

    Attributes
    ----------
    t_s
        Times of the frames, shape (n,).
    points_px, points_m
        The three points in the image, shape (n, 3, 2), and in the model's space, shape (n, 3, 3).
    facing
        As in `hipform.kinematics.measures.SideView`.
    view_off_deg, azimuth_deg
        Camera's angle off the side view: as hipform estimates it, and the true one.
    """

    t_s: FloatArray
    points_px: FloatArray
    points_m: FloatArray
    facing: int
    view_off_deg: float
    azimuth_deg: float

    def flexion_deg(self, points_px: FloatArray | None = None) -> FloatArray:
        """Return the signed trunk-thigh angle of the points, or of others in their place."""
        shoulder, hip, knee = np.moveaxis(self.points_px if points_px is None else points_px, 1, 0)
        trunk, thigh = hip - shoulder, knee - hip
        cross = trunk[:, 0] * thigh[:, 1] - trunk[:, 1] * thigh[:, 0]
        angle_deg: FloatArray = self.facing * np.degrees(np.arctan2(cross, (trunk * thigh).sum(axis=1)))
        return angle_deg


def _smoothed(cutoff_hz: float) -> Callable[[Track], FloatArray]:
    def step(track: Track) -> FloatArray:
        flexion_deg = track.flexion_deg()
        seen = np.isfinite(flexion_deg)
        rate_hz = 1 / float(np.median(np.diff(track.t_s)))
        filled = np.interp(track.t_s, track.t_s[seen], flexion_deg[seen])
        smooth: FloatArray = signal.filtfilt(*signal.butter(2, min(2 * cutoff_hz / rate_hz, 0.95)), filled)
        return np.where(seen, smooth, np.nan)

    return step


def _earlier(by_s: float) -> Callable[[Track], FloatArray]:
    return lambda track: np.interp(track.t_s + by_s, track.t_s, track.flexion_deg())


def _fixed_segments(track: Track) -> FloatArray:
    """Move the hip to where trunk and thigh have their median length of the clip, on its own side of the line."""
    shoulder, hip, knee = np.moveaxis(track.points_px, 1, 0)
    trunk_px, thigh_px = (float(np.nanmedian(np.linalg.norm(end - hip, axis=1))) for end in (shoulder, knee))
    line = knee - shoulder
    reach_px = np.linalg.norm(line, axis=1)
    held_px = np.minimum(reach_px, trunk_px + thigh_px)
    along_px = (trunk_px**2 - thigh_px**2 + held_px**2) / (2 * held_px)
    aside_px = np.sqrt(np.maximum(trunk_px**2 - along_px**2, 0.0))
    unit = line / reach_px[:, None]
    across = np.column_stack([-unit[:, 1], unit[:, 0]])
    side = np.sign(((hip - shoulder) * across).sum(axis=1))
    moved = shoulder + unit * along_px[:, None] + across * (side * aside_px)[:, None]
    return track.flexion_deg(np.stack([shoulder, moved, knee], axis=1))


def _stretched(track: Track, off_deg: float) -> FloatArray:
    """Undo what a camera off the side view takes from horizontal lengths."""
    widen = 1 / math.cos(math.radians(min(off_deg, _MOST_STRETCH_DEG)))
    return track.flexion_deg(track.points_px * (widen, 1.0))


def _three_d(track: Track) -> FloatArray:
    shoulder, hip, knee = np.moveaxis(track.points_m, 1, 0)
    trunk, thigh = hip - shoulder, knee - hip
    cosine = (trunk * thigh).sum(axis=1) / np.linalg.norm(trunk, axis=1) / np.linalg.norm(thigh, axis=1)
    angle_deg: FloatArray = np.sign(track.flexion_deg()) * np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return angle_deg


STEPS: Mapping[str, Callable[[Track], FloatArray]] = MappingProxyType(
    {
        "as measured": lambda track: track.flexion_deg(),
        "smoothed without lag, 6 Hz": _smoothed(6.0),
        "smoothed without lag, 3 Hz": _smoothed(3.0),
        "read 17 ms earlier": _earlier(0.017),
        "segment lengths held constant": _fixed_segments,
        "stretched by the estimated view": lambda track: _stretched(track, track.view_off_deg),
        "stretched by the true view": lambda track: _stretched(track, track.azimuth_deg),
        "the model's 3-D points": _three_d,
    }
)
TWO_MODELS = "mean of two models"
CALIBRATED = "own lockout known"


@dataclass(frozen=True, slots=True, eq=False)
class StepError:
    """Errors of the hip angle after one step in one clip; fields as in `scripts.evaluate.angles.Sample`."""

    clip: str
    azimuth: str
    step: str
    state: str
    error_deg: FloatArray


def step_errors(entries: Iterable[Entry], models: Sequence[ModelName], cache_root: Path) -> Iterator[StepError]:
    """Yield what every step makes of every rendered clip without plates, from cached landmarks."""
    for entry in entries:
        if entry.truth_json is None or entry.occlusion != "none":
            continue
        digest, truth = sha256_of(entry.path), read_truth(entry.truth_json)
        paths = [cache_folder(digest, model, cache_root) / "poses.npz" for model in models]
        tracks = [_track(path, truth, entry) for path in paths if path.exists()]
        if tracks:
            yield from _clip_errors(entry, truth, tracks)


def _clip_errors(entry: Entry, truth: Truth, tracks: Sequence[Track]) -> Iterator[StepError]:
    first = tracks[0]
    angles = {name: step(first) for name, step in STEPS.items()}
    if len(tracks) > 1 and len(tracks[1].t_s) == len(first.t_s):
        angles[TWO_MODELS] = (first.flexion_deg() + tracks[1].flexion_deg()) / 2
    at, seen = same_frames(truth.t_s, first.t_s)
    masks = {state: mask[at] for state, mask in state_masks(truth).items()}
    errors = {name: _turned(angle[seen] - truth.angles[_HIP][at]) for name, angle in angles.items()}
    measured = errors["as measured"]
    if np.isfinite(measured[masks["top"]]).any():
        errors[CALIBRATED] = measured - np.nanmedian(measured[masks["top"]])
    for name, error_deg in errors.items():
        for state in ("top", "moving"):
            yield StepError(entry.path.name, entry.azimuth, name, state, error_deg[masks[state]])


def _turned(angle_deg: FloatArray) -> FloatArray:
    """Return angles between -180 and 180, because a rotation by 360 degrees is no error."""
    return (angle_deg + 180.0) % 360.0 - 180.0


def _track(path: Path, truth: Truth, entry: Entry) -> Track:
    with Recording(path) as recording:
        poses = list(recording)
    t_s = np.array([pose.t_s for pose in poses])
    sides = truth.sides[np.searchsorted(truth.t_s, t_s).clip(0, len(truth.sides) - 1)]
    chosen = [[SIDE_POINTS[Side(side)][name] for name in ("shoulder", "hip", "knee")] for side in sides]
    facing = 1 if np.nansum([compute_facing(pose) for pose in poses]) > 0 else -1
    return Track(
        t_s,
        np.array([pose.image_px[points] for pose, points in zip(poses, chosen, strict=True)]),
        np.array([pose.world_m[points] for pose, points in zip(poses, chosen, strict=True)]),
        -facing,
        _median_view_deg(poses),
        entry.azimuth_deg,
    )


def _median_view_deg(poses: Sequence[Pose]) -> float:
    return float(np.nanmedian([view_angles(across_m(pose)).off_deg for pose in poses]))


_INTRODUCTION = """\
Error of the near side's trunk-thigh angle after each step alone, model {model}, rendered clips without plates, degrees:
*mean absolute error / 95th percentile*; for the top also how far the clips lie apart (standard deviation of the clips'
own medians) and how far the frames of one clip do. *{calibrated}* removes the clip's own bias at the top: this is
the most that a calibration by the same lifter, in the same clothes and with the same camera, can achieve."""


def ablation_section(errors: Sequence[StepError], model: str) -> Iterator[str]:
    """Give the errors after each step, by how far the camera is off."""
    yield from ("## What would steady the hip angle", "")
    yield _INTRODUCTION.format(model=model, calibrated=CALIBRATED.capitalize())
    head = ("step", "n clips", "top", "bias", "clips apart", "within a clip", "moving")
    for azimuth in sorted({error.azimuth for error in errors}):
        group = [error for error in errors if error.azimuth == azimuth]
        rows = [
            _row(name, [error for error in group if error.step == name])
            for name in dict.fromkeys(e.step for e in group)
        ]
        yield from ("", f"### Camera {azimuth} degrees off", "", *table(head, rows))


def _row(name: str, errors: Sequence[StepError]) -> tuple[object, ...]:
    top, moving = ([e.error_deg[np.isfinite(e.error_deg)] for e in errors if e.state == s] for s in ("top", "moving"))
    clips = [values for values in top if len(values)]
    if not clips:
        return (name, clip_number(0), *["-"] * 5)
    medians = [float(np.median(values)) for values in clips]
    within = np.concatenate([values - np.median(values) for values in clips])
    return (
        name,
        clip_number(len(clips)),
        _size(top),
        signed(float(np.concatenate(clips).mean()), 1),
        plain(float(np.std(medians)), 1),
        plain(float(np.sqrt(np.mean(within**2))), 1),
        _size(moving),
    )


def _size(errors_deg: Sequence[FloatArray]) -> str:
    size_deg = np.abs(np.concatenate(list(errors_deg)))
    return (
        f"{plain(float(size_deg.mean()), 1)} / {plain(float(np.percentile(size_deg, 95)), 1)}" if len(size_deg) else "-"
    )
