"""Corrections of a clip from its landmarks: a clip on its side is made upright, slow motion gets real times.

Neither needs the frames again: the pose model finds people whichever way up they are, and times are only divided.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log
from pathlib import Path
from statistics import median

import numpy as np

from hipform.analysis import Recogniser, Session
from hipform.analysis.judged_reps import SetResult
from hipform.app.judge_recording import Judged, poses_with_load
from hipform.config import Settings
from hipform.exercises.kettlebell_swing import KETTLEBELL_SWING
from hipform.kinematics.load import find_load
from hipform.kinematics.upright import UprightReader, turn_clockwise
from hipform.pose.poses import Disc, Pose
from hipform.pose.recording import Recording, RecordingWriter
from hipform.texts import english
from hipform.types import FloatArray, Side
from hipform.video.frames import ClipInfo, Correction

_log = logging.getLogger(__name__)

LEAST_SPEED_RATIO = 1.5
"""Rates of filming and playing that differ by less than this factor are the same: cameras vary theirs in the dark."""
_WHOLE_RATIO = 0.05
"""A speed this close to a whole number is that number: the rates that clips state are rounded."""
ASSUMED_SPEEDS = (2.0, 4.0, 8.0)
"""Slow motion that phones and editors make, for clips that do not state theirs."""
_TRIED_SPEEDS = (4.0, 8.0)
"""At one of these, swings look like swings whichever of `ASSUMED_SPEEDS` is right."""
SWING_S = 1.5
"""Usual time from top to top of kettlebell swings: arms and bell are a pendulum, and gravity sets it."""
SLOWEST_DROP_S = 0.9
"""No bell takes as long from top to bottom: in real clips it takes 0.4 to 0.5 s."""
SLOW_REP_S = 3.0
"""Repetitions that go up and down faster than this are not slow motion."""
_ASSUMED = english("an assumption: no bell swings that slowly; state the speed 1 if the times are real")
_LEAST_REPS = 2
_UPSIDE_DOWN = 2
"""Quarter turns of a clip that stands on its head."""
_SURE_CONFIDENCE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the user says about a clip; ``None`` lets hipform find out.

    Attributes
    ----------
    speed
        How many times slower than reality it plays.
    quarter_turns
        Quarter turns clockwise that make it upright.
    side
        Side of the body to measure; ``None`` for the one that the poses show to be near or at work.
    is_assumed
        Whether the speed is an assumption of `assume_speed` instead.
    """

    speed: float | None = None
    quarter_turns: int | None = None
    side: Side | None = None
    is_assumed: bool = False


def correct_recording(poses: Path, out: Path, clip: ClipInfo | None, asked: Asked) -> Path:
    """Write a corrected copy of a landmark recording.

    Parameters
    ----------
    poses
        The recording.
    out
        File for the copy.
    clip
        The clip that it was made from just now, for what its tags and the body say; ``None`` does only what is asked.
    asked
        What the user says.

    Returns
    -------
    Path
        *out*, or *poses* if there is nothing to correct and nothing was written.
    """
    with Recording(poses) as recording:
        info = clip or recording.info
        turn, turn_notes = _find_turn(recording, info, asked, is_new=clip is not None)
        upright = info.corrected(Correction(quarter_turns=turn), turn_notes)
        speed, speed_notes = _find_speed(info, asked)
        correction = Correction(quarter_turns=turn, speed=speed)
        if correction == Correction():
            return poses
        _log.info("corrected: %d quarter turns, %g times slower", turn, speed)
        corrected = upright.corrected(Correction(speed=speed), speed_notes)
        names = {"estimator": recording.estimator, "keypoints": recording.keypoints}
        with RecordingWriter(out, corrected, recording.model, **names) as writer:
            for pose in corrected_poses(recording, info, correction):
                writer.write(pose)
    return out


def corrected_poses(poses: Iterable[Pose], info: ClipInfo, correction: Correction) -> Iterator[Pose]:
    """Yield the *poses* of a clip as its corrected frames show them."""
    for pose in poses:
        image_px, world_m, discs = pose.image_px, pose.world_m, pose.discs
        sides_px = [info.width_px, info.height_px]
        for _ in range(correction.quarter_turns):
            shift_px = np.array([sides_px[1], 0.0])
            image_px = turn_clockwise(image_px) + shift_px
            world_m = _turned_in_space(world_m)
            discs = tuple(_turned_disc(disc, shift_px) for disc in discs)
            sides_px.reverse()
        yield replace(pose, t_s=pose.t_s / correction.speed, image_px=image_px, world_m=world_m, discs=discs)


def assume_speed(poses: Path, judged: Judged | None, settings: Settings, *, is_named: bool) -> float | None:
    """Return the speed of a clip of kettlebell swings that are slower than gravity allows; ``None`` for all others.

    Parameters
    ----------
    poses
        The landmarks, with times as the clip states them.
    judged
        The clip judged with these times; ``None`` if no exercise was recognised.
    settings
        Settings to use.
    is_named
        Whether the user named the exercise.
    """
    if judged and not all(_is_slow(found) for found in judged.sets):
        return None
    if judged and all(_are_swings(found) for found in judged.sets):
        return _nearest_speed(judged.sets)
    if is_named:
        return None
    with Recording(poses) as recording:
        for speed in _TRIED_SPEEDS:
            sets = _sets_at(recording, speed, settings)
            if sets and all(_are_swings(found) for found in sets):
                return _nearest_speed(sets, speed)
    return None


def _sets_at(recording: Recording, speed: float, settings: Settings) -> tuple[SetResult, ...]:
    """Return the sets of a clip that plays *speed* times slower than its times say; empty if none is recognised."""
    correction = Correction(speed=speed)
    info = recording.info.corrected(correction, ())
    load = find_load(corrected_poses(recording, recording.info, correction))
    recogniser = Recogniser(info, settings)
    for pose in poses_with_load(corrected_poses(recording, recording.info, correction), load):
        recogniser.push(pose)
    sections = recogniser.finish()
    if not sections or any((section.confidence or 0.0) < _SURE_CONFIDENCE for section in sections):
        return ()
    session = Session(sections, info, settings)
    for pose in poses_with_load(corrected_poses(recording, recording.info, correction), load):
        session.push(pose)
    return session.finish()


def _are_swings(found: SetResult) -> bool:
    return found.exercise == KETTLEBELL_SWING.slug and len(found.reps) >= _LEAST_REPS


def _is_slow(found: SetResult) -> bool:
    timings = [rep.timing for rep in found.reps]
    drops_s = [one.lower_s for one in timings if one.lower_s is not None]
    if found.exercise == KETTLEBELL_SWING.slug:
        return bool(drops_s) and median(drops_s) > SLOWEST_DROP_S
    reps_s = [one.lift_s + one.lower_s for one in timings if one.lift_s is not None and one.lower_s is not None]
    return not reps_s or median(reps_s) > SLOW_REP_S


def _nearest_speed(sets: Sequence[SetResult], speed: float = 1.0) -> float:
    """Return the usual speed at which swings that were judged at *speed* come closest to the usual time of a swing."""
    between_s = [after.timing.top_s - before.timing.top_s for found in sets for before, after in pairwise(found.reps)]
    wanted = speed * median(between_s) / SWING_S
    return min(ASSUMED_SPEEDS, key=lambda one: abs(log(one / wanted)))


def _turned_disc(disc: Disc, shift_px: FloatArray) -> Disc:
    """Return *disc* turned by a quarter clockwise, then moved by *shift_px*, shape (2,), into the turned frame."""
    center_px = turn_clockwise(disc.center_px[None])[0] + shift_px
    return replace(disc, center_px=center_px, radius_px=disc.radius_px[::-1])


def _turned_in_space(world_m: FloatArray) -> FloatArray:
    turned = world_m.copy()
    turned[:, :2] = turn_clockwise(world_m[:, :2])
    return turned


def _find_turn(poses: Iterable[Pose], info: ClipInfo, asked: Asked, *, is_new: bool) -> tuple[int, tuple[str, ...]]:
    """Return the quarter turns that are missing, and notes about them."""
    if asked.quarter_turns is not None:
        turn = (asked.quarter_turns - info.correction.quarter_turns) % 4
        note = english("The frames were turned by {deg} degrees clockwise, as you asked.", deg=90 * turn)
        return turn, (note,) if turn else ()
    reader = UprightReader()
    for pose in poses if is_new else ():
        reader.push(pose)
    turn = reader.finish()
    note = english(
        "The clip is {how}, judging by the body in it, so its frames were turned by {deg} degrees clockwise; "
        "if that is wrong, state the turn 0.",
        how=english("upside down") if turn == _UPSIDE_DOWN else english("on its side"),
        deg=90 * turn,
    )
    return turn, (note,) if turn else ()


def _find_speed(info: ClipInfo, asked: Asked) -> tuple[float, tuple[str, ...]]:
    """Return how many times slower than its times say the clip plays, and notes about that."""
    if asked.speed is not None:
        speed, why = asked.speed / info.correction.speed, _ASSUMED if asked.is_assumed else english("as you said")
    elif info.capture_fps is not None:
        speed = _rounded(info.capture_fps / info.fps)
        speed = speed if max(speed, 1 / speed) >= LEAST_SPEED_RATIO else 1.0
        why = english(
            "it was filmed at {filmed:.0f} frames per second and plays at {fps:.0f}",
            filmed=info.capture_fps,
            fps=info.fps,
        )
    else:
        return 1.0, ()
    return speed, _speed_notes(why, speed) if speed != 1 else ()


def _speed_notes(why: str, speed: float) -> tuple[str, ...]:
    if speed < 1:
        return (
            english(
                "Time lapse: the times of the clip were multiplied by {factor:g} ({why}). All times are real ones, and "
                "the annotated video plays at real speed, without sound.",
                factor=1 / speed,
                why=why,
            ),
        )
    return (
        english(
            "Slow motion: the times of the clip were divided by {factor:g} ({why}). All times are real ones, and the "
            "annotated video plays at real speed, without sound.",
            factor=speed,
            why=why,
        ),
    )


def _rounded(speed: float) -> float:
    whole = max(1, round(max(speed, 1 / speed)))
    exact = float(whole) if speed >= 1 else 1 / whole
    return exact if abs(speed / exact - 1) <= _WHOLE_RATIO else round(speed, 3)
