"""How often the count of a set changes when its landmarks are disturbed: docs/robustness.md.

.. code-block:: text

    python -m scripts.evaluate.robustness --clips DIR --cache DIR

The landmarks of clips are changed in ways that should leave the count alone, and the exercise is named. Each clip is
its own truth: a count that differs from that of the undisturbed landmarks is a change, whether the one or the other is
right.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hipform.analysis import Section, Session
from hipform.analysis.judged_reps import SetResult
from hipform.app.judge_recording import poses_with_load
from hipform.exercises import EXERCISES
from hipform.exercises.declaration import Exercise
from hipform.kinematics.load import find_load
from hipform.kinematics.tracking import trunk_length_px
from hipform.pose.poses import Disc, Landmark, Pose
from hipform.pose.recording import Recording
from hipform.types import FloatArray
from hipform.video.frames import ClipInfo
from scripts.evaluate.clips import Entry
from scripts.evaluate.command_line import add_shared_options, chosen_models, command_text, exercise_entries
from scripts.evaluate.markdown import table
from scripts.evaluate.runs import landmarks_of, sha256_of
from scripts.page_sections import put_section
from scripts.paths import ROOT

PAGE = ROOT / "docs" / "robustness.md"
SEED = 22
TRUNK_M = 0.5
"""Length of a trunk, to which disturbances of the 3-D points are scaled."""
MIRRORED = np.arange(len(Landmark))
"""The landmark that takes the place of each one in a mirrored image."""
for _left in (one for one in Landmark if "LEFT" in one.name):
    _right = Landmark[_left.name.replace("LEFT", "RIGHT")]
    MIRRORED[_left], MIRRORED[_right] = _right, _left
HIPS = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
LEGS = [one for one in Landmark if any(part in one.name for part in ("HIP", "KNEE", "ANKLE", "HEEL", "FOOT"))]


@dataclass(frozen=True, slots=True)
class Filmed:
    """The landmarks of a clip, and the sets of its undisturbed landmarks."""

    info: ClipInfo
    poses: Sequence[Pose]
    sets: Sequence[SetResult] = ()

    @property
    def count(self) -> int:
        """Number of counted repetitions."""
        return sum(len(one.reps) for one in self.sets)


Disturb = Callable[[Filmed, np.random.Generator], Iterator[Pose]]


def counted_sets(filmed: Filmed, exercise: Exercise) -> tuple[SetResult, ...]:
    """Return the sets that hipform finds."""
    session = Session([Section(exercise=exercise)], filmed.info)
    for pose in filmed.poses:
        session.push(pose)
    return session.finish()


# -------------------------------------------------------------------------------------------------------- disturbances


def mirrored(filmed: Filmed, _: np.random.Generator) -> Iterator[Pose]:
    """Yield the poses as a mirror shows them."""
    width_px = filmed.info.width_px
    for pose in filmed.poses:
        image_px, world_m = pose.image_px[MIRRORED].copy(), pose.world_m[MIRRORED] * (-1, 1, 1)
        image_px[:, 0] = width_px - image_px[:, 0]
        discs = tuple(_mirrored_disc(disc, width_px) for disc in pose.discs)
        visibility = pose.visibility[MIRRORED]
        yield replace(pose, image_px=image_px, world_m=world_m, visibility=visibility, contour=None, discs=discs)


def _mirrored_disc(disc: Disc, width_px: int) -> Disc:
    return replace(disc, center_px=np.array([width_px - disc.center_px[0], disc.center_px[1]]))


def noisy(trunks: float) -> Disturb:
    """Return a disturbance that moves every point of every frame by normal noise, in trunk lengths."""

    def disturb(filmed: Filmed, chance: np.random.Generator) -> Iterator[Pose]:
        for pose in filmed.poses:
            in_image, in_space = chance.normal(size=(len(Landmark), 2)), chance.normal(size=(len(Landmark), 3))
            yield _moved(pose, trunks * in_image, trunks * in_space)

    return disturb


def leaping_hips(filmed: Filmed, chance: np.random.Generator) -> Iterator[Pose]:
    """Yield the poses with both hips 0.3 trunk lengths away in a tenth of the frames, for one to three frames."""
    for pose, leaps in zip(filmed.poses, _stretches(filmed.poses, chance, 0.1, (0.02, 0.1)), strict=True):
        angle = chance.uniform(0, 2 * np.pi)
        shift = np.zeros((len(Landmark), 3))
        shift[HIPS] = 0.3 * np.array([np.cos(angle), np.sin(angle), 0.0])
        yield _moved(pose, shift[:, :2], shift) if leaps else pose


def drifting_hips(filmed: Filmed, chance: np.random.Generator) -> Iterator[Pose]:
    """Yield the poses with hips that wander slowly by about 0.08 trunk lengths, as behind a plate or clothes."""
    drift = np.zeros(2)
    for pose in filmed.poses:
        drift = 0.95 * drift + 0.025 * chance.normal(size=2)
        shift = np.zeros((len(Landmark), 3))
        shift[HIPS, :2] = drift
        yield _moved(pose, shift[:, :2], shift)


def without_hips(filmed: Filmed, chance: np.random.Generator) -> Iterator[Pose]:
    """Yield the poses without the hips' image points for a sixth of the time, 0.2 to 0.4 s each."""
    for pose, is_lost in zip(filmed.poses, _stretches(filmed.poses, chance, 1 / 6, (0.2, 0.4)), strict=True):
        image_px = pose.image_px.copy()
        image_px[HIPS] = np.nan
        yield replace(pose, image_px=image_px) if is_lost else pose


def without_person(filmed: Filmed, chance: np.random.Generator) -> Iterator[Pose]:
    """Yield the poses without anybody for an eighth of the time, 0.1 to 0.3 s each."""
    for pose, is_lost in zip(filmed.poses, _stretches(filmed.poses, chance, 1 / 8, (0.1, 0.3)), strict=True):
        yield Pose.unseen(pose.t_s, pose.shot) if is_lost else pose


def legs_confused(filmed: Filmed, chance: np.random.Generator) -> Iterator[Pose]:
    """Yield the poses with left and right legs exchanged for an eighth of the time, 0.1 to 0.4 s each."""
    swapped = np.arange(len(Landmark))
    swapped[LEGS] = MIRRORED[LEGS]
    for pose, is_swapped in zip(filmed.poses, _stretches(filmed.poses, chance, 1 / 8, (0.1, 0.4)), strict=True):
        exchanged = replace(
            pose, image_px=pose.image_px[swapped], world_m=pose.world_m[swapped], visibility=pose.visibility[swapped]
        )
        yield exchanged if is_swapped else pose


def every_other(filmed: Filmed, _: np.random.Generator) -> Iterator[Pose]:
    """Yield every other pose."""
    yield from filmed.poses[::2]


def from_the_bottom(filmed: Filmed, _: np.random.Generator) -> Iterator[Pose]:
    """Yield the poses from the bottom before the first counted lift on."""
    timing = filmed.sets[0].reps[0].timing
    begin_s = -np.inf if timing.lift_start_s is None else timing.lift_start_s - 0.15
    return (pose for pose in filmed.poses if pose.t_s >= begin_s)


def to_the_top(filmed: Filmed, _: np.random.Generator) -> Iterator[Pose]:
    """Yield the poses until the last counted lift is at its top."""
    return (pose for pose in filmed.poses if pose.t_s <= filmed.sets[-1].reps[-1].timing.top_s + 0.05)


DISTURBANCES: dict[str, Disturb] = {
    "mirrored": mirrored,
    "every point moved by 2 % of the trunk, frame by frame": noisy(0.02),
    "the same, 5 %: a small subject": noisy(0.05),
    "hips elsewhere in a tenth of the frames": leaping_hips,
    "hips that wander by 8 % of the trunk": drifting_hips,
    "hips not seen for a sixth of the time": without_hips,
    "nobody found for an eighth of the time": without_person,
    "legs confused for an eighth of the time": legs_confused,
    "every other frame": every_other,
    "from the bottom of the first lift on": from_the_bottom,
    "until the top of the last lift": to_the_top,
}


def _moved(pose: Pose, image_trunks: FloatArray, space_trunks: FloatArray) -> Pose:
    if not pose.found:
        return pose
    return replace(
        pose,
        image_px=pose.image_px + image_trunks * trunk_length_px(pose),
        world_m=pose.world_m + space_trunks * TRUNK_M,
    )


def _stretches(
    poses: Sequence[Pose], chance: np.random.Generator, ratio: float, lengths_s: tuple[float, float]
) -> list[bool]:
    """Return which poses lie in random stretches that take *ratio* of the time."""
    found: list[bool] = []
    is_in, until_s = False, poses[0].t_s
    mean_s = sum(lengths_s) / 2
    for pose in poses:
        if pose.t_s >= until_s:
            is_in = not is_in and bool(found)
            until_s = pose.t_s + (
                chance.uniform(*lengths_s) if is_in else chance.exponential(mean_s * (1 - ratio) / ratio)
            )
        found.append(is_in)
    return found


# ------------------------------------------------------------------------------------------------------------- figures


@dataclass(frozen=True, slots=True)
class Change:
    """The counts of one clip under one disturbance."""

    clip: str
    disturbance: str
    before: int
    after: int


def changes_of(number: int, entry: Entry, filmed: Filmed, names: Sequence[str]) -> Iterator[Change]:
    """Yield the counts of a clip that counts anything, undisturbed and under each disturbance."""
    exercise = EXERCISES[entry.exercise]
    filmed = replace(filmed, sets=[one for one in counted_sets(filmed, exercise) if one.reps])
    if not filmed.count:
        return
    for name in names:
        chance = np.random.default_rng([SEED, number])
        disturbed = replace(filmed, poses=list(DISTURBANCES[name](filmed, chance)))
        if name == "mirrored" and filmed.info.side:
            disturbed = replace(disturbed, info=replace(filmed.info, side=filmed.info.side.other))
        after = sum(len(one.reps) for one in counted_sets(disturbed, exercise))
        yield Change(entry.path.name, name, filmed.count, after)


def figures(changes: Sequence[Change]) -> Iterator[str]:
    """Yield the lines of the table."""
    rows = []
    for name in (*DISTURBANCES, "all"):
        own = [one for one in changes if name in (one.disturbance, "all")]
        if own:
            rows.append((name, str(len(own)), *_counts(own)))
    yield from table(("landmarks", "clips", "count changed", "less", "more"), rows)


def _counts(changes: Sequence[Change]) -> tuple[str, str, str]:
    less, more = (sum(sign * one.after > sign * one.before for one in changes) for sign in (-1, 1))
    return f"{less + more} ({(less + more) / max(len(changes), 1):.0%})", str(less), str(more)


def main() -> None:
    """Count every clip under every disturbance, and write the page."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate.robustness",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_shared_options(parser)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth clip; the page says so")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first clip, from 0")
    parser.add_argument("--only", choices=tuple(DISTURBANCES), action="append", help="only these, without the page")
    options = parser.parse_args()
    model = chosen_models(options)[0]
    changes: list[Change] = []
    for number, entry in list(enumerate(exercise_entries(options)))[options.first :: options.every]:
        with Recording(landmarks_of(entry.path, sha256_of(entry.path), model, options.cache)) as recording:
            filmed = Filmed(recording.info, list(poses_with_load(recording, find_load(recording))))
        changes += changes_of(number, entry, filmed, options.only or tuple(DISTURBANCES))
    for one in changes:
        if one.after != one.before:
            print(f"{one.clip}: {one.before} -> {one.after}, {one.disturbance}")
    lines = list(figures(changes))
    print("\n".join(lines))
    if not options.only:
        others = ["--every", str(options.every), "--first", str(options.first)] if options.every > 1 else []
        command = command_text("scripts.evaluate.robustness", options, [model], others)
        put_section("\n".join(["## Counts under disturbances", "", f"By `{command}`.", "", *lines]), PAGE)


if __name__ == "__main__":
    main()
