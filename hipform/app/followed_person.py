"""Doubt about whom the pose model followed: it may have lost the lifter, or jumped to somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hipform.config import Settings
from hipform.estimation.people import Sightings, people_in
from hipform.kinematics.tracking import Continuity, Tracker
from hipform.pose.recording import Recording

SURE_RATIO = 0.9
"""A body that is found in fewer of the frames may be too small, or not the only one."""
_LEAST_RATIO = 0.8
"""Another try counts if it finds a body in at least this share of the frames in which the first one did."""


@dataclass(frozen=True, slots=True)
class Followed:
    """How well a body was followed: frames, frames in which it was found, and jumps to another place."""

    frames: int
    found: int
    jumps: int

    @property
    def is_often_lost(self) -> bool:
        """Whether the body is missing in many frames."""
        return self.found < SURE_RATIO * self.frames

    @property
    def is_doubtful(self) -> bool:
        """Whether it may not be the lifter who was followed."""
        return self.jumps > 0 or self.is_often_lost


def how_followed(poses: Path) -> Followed:
    """Return how well a body was followed in a landmark recording."""
    tracker = Tracker(Settings())
    frames = found = jumps = 0
    with Recording(poses) as recording:
        for pose in recording:
            frames += 1
            found += pose.found
            jumps += tracker.push(pose).continuity is Continuity.JUMPED
    return Followed(frames, found, jumps)


def is_worth_another_try(sightings: Sightings, first: Followed) -> bool:
    """Return whether the people who were seen explain a doubt: several of them, or one who was often lost."""
    people = people_in(sightings)
    return any(len(one) > 1 for one in people) or (any(people) and first.is_often_lost)


def is_better(again: Followed, first: Followed) -> bool:
    """Return whether another try may replace the first one."""
    return again.found >= _LEAST_RATIO * first.found and (again.jumps <= first.jumps or again.found > first.found)
