"""A landmark file of another tool as a source of poses: one person, with hipform's landmarks, times and pixels."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np

from hipform.errors import InputError, RecordingError
from hipform.pose.poses import N_LANDMARKS, Pose
from hipform.pose.readers.keypoint_file import KeypointFrame, Person, PoseFormat, Space
from hipform.pose.readers.person_choice import PersonLinker
from hipform.pose.readers.placement import Placement, find_placement
from hipform.pose.readers.scan import Scan
from hipform.pose.recording import MAX_FRAMES
from hipform.texts import english
from hipform.training import DateSource
from hipform.validation import MAX_TIME_S
from hipform.video.frames import ClipInfo
from hipform.video.origin import digest

FPS_BOUNDS = (5.0, 1000.0)
"""Fewer frames a second cannot show a lift, and more are a mistake."""
_SAME_FPS_RATIO = 0.01
_TIME_BASE = Fraction(1, 90_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseFileFacts:
    """Facts about a file that the user states because the file may not contain them.

    Attributes
    ----------
    fps
        Frames a second; needed if the file has no times.
    size_px
        Width and height of the video; needed if the coordinates are relative to it.
    view_off_deg
        Angle of the camera off the side view, 0 to 90, for landmarks in two dimensions.
    """

    fps: float | None = None
    size_px: tuple[int, int] | None = None
    view_off_deg: float | None = None

    def check(self) -> None:
        """Check the values.

        Raises
        ------
        InputError
            If one of them is out of bounds; the message names the option of the command line.
        """
        low, high = FPS_BOUNDS
        if self.fps is not None and not low <= self.fps <= high:
            raise InputError(
                f"--fps {self.fps:g} is not between {low:g} and {high:g}.", "Give the frame rate of the video."
            )
        if self.view_off_deg is not None and not 0 <= self.view_off_deg <= 90:
            raise InputError(
                f"--view-deg {self.view_off_deg:g} is not between 0 and 90.", "0 is a side view, 90 a front view."
            )
        if self.size_px is not None and not all(1 <= side <= 100_000 for side in self.size_px):
            raise InputError("--size is not a valid image size.", "Give width and height, as 1280x720.")


class PoseFile:
    """A landmark file of another tool as a source of poses; each iteration reads it from the start.

    The file is read once when it is opened, to check it, to find the lifter, and to determine the image size. Folders
    and tables are read in parts; the size of JSON files is limited.

    Parameters
    ----------
    path
        The file; a folder for OpenPose.
    pose_format
        Format of the file.
    facts
        Facts that the user states.

    Attributes
    ----------
    info
        The clip, as far as the file describes it.
    model
        Name of the format, for recordings.

    Raises
    ------
    InputError
        If the file is missing or not readable, or if a needed frame rate, size or view is missing or wrong.
    RecordingError
        If it does not have that format, contains no person, or claims more data than a clip can need.
    """

    def __init__(self, path: Path, pose_format: PoseFormat, facts: PoseFileFacts) -> None:
        self._path, self._format = path, pose_format
        self.model = pose_format.name
        facts.check()
        if not path.exists():
            raise InputError(f"{path} cannot be read: there is no such file.", "Check the path.")
        with self._guard():
            # Opening a pipe would block forever.
            if not (path.is_dir() if pose_format.is_folder else path.is_file()):
                raise ValueError(f"it is not a {'folder' if pose_format.is_folder else 'file'}")
            self._file = pose_format.open(path)
            self._landmarks = self._file.landmarks()
            self._fps = self._frame_rate(facts)
            self._lifter: int | None = None
            scan = self._scan()
            self._placement = self._place(scan, facts)
            self.info = self._describe(scan, facts)

    def __iter__(self) -> Iterator[Pose]:
        """Yield the poses in order of time; frames missing in the file become poses without a person."""
        with self._guard():
            for t_s, person in self._lifter_only():
                yield Pose.unseen(t_s) if person is None else self._pose(t_s, person)

    # -------------------------------------------------------------------------------------------------------- reading

    def _timed(self) -> Iterator[tuple[float, Sequence[Person]]]:
        """Yield the time and the people of every frame, without points of too low confidence."""
        last_s, last_index = -math.inf, None
        for frame in self._file.frames():
            for index in range(frame.index if last_index is None else last_index + 1, frame.index):
                if self._fps is not None and frame.t_s is None:
                    yield index / self._fps, ()
            t_s = self._time_s(frame)
            if not t_s > last_s:
                raise ValueError("the times or numbers of its frames do not increase")
            if abs(t_s) > MAX_TIME_S:
                raise ValueError(f"its times are more than {MAX_TIME_S:g} s from its start")
            last_s, last_index = t_s, frame.index
            yield t_s, [self._seen(person) for person in frame.people]

    def _time_s(self, frame: KeypointFrame) -> float:
        if not 0 <= frame.index <= MAX_FRAMES:
            raise ValueError(f"it has a frame with the number {frame.index}, more than {MAX_FRAMES}")
        if frame.t_s is not None:
            return frame.t_s
        if self._fps is None:
            raise _no_frame_rate(self._path)
        return frame.index / self._fps

    def _seen(self, person: Person) -> Person:
        unsure = (person.scores < self._format.min_score) | ~np.isfinite(person.points[:, :2]).all(axis=1)
        return Person(np.where(np.expand_dims(unsure, 1), np.nan, person.points), person.scores, person.world_m)

    def _lifter_only(self) -> Iterator[tuple[float, Person | None]]:
        """Yield the time and the lifter of every frame; ``None`` if the lifter was not found."""
        linker = PersonLinker()
        for t_s, people in self._timed():
            if self._lifter is None:
                found = people[0] if people else None
            else:
                tracks = linker.push(t_s, [person.points[:, :2] for person in people])
                found = people[tracks.index(self._lifter)] if self._lifter in tracks else None
            yield t_s, found if found is not None and self._is_anybody(found) else None

    def _is_anybody(self, person: Person) -> bool:
        return bool(np.isfinite(person.points[list(self._landmarks), 0]).any())

    # ------------------------------------------------------------------------------------------------------- scanning

    def _scan(self) -> Scan:
        """Read the file once to find the lifter, and once more for the extent of the lifter's movement."""
        linker, most_people = PersonLinker(), 0
        for t_s, people in self._timed():
            linker.push(t_s, [person.points[:, :2] for person in people])
            most_people = max(most_people, len(people))
        # A single person remains the same one after every jump and cut.
        self._lifter = linker.lifter() if most_people > 1 else None
        scan = Scan(most_people=most_people)
        for t_s, person in self._lifter_only():
            scan.frames += 1
            scan.first_s = t_s if scan.frames == 1 else scan.first_s
            scan.last_s = t_s
            if person is not None:
                self._note(scan, person)
        if not scan.frames:
            raise ValueError("it holds no frames")
        if not scan.found:
            raise ValueError("none of its frames has a point with enough confidence")
        return scan

    def _note(self, scan: Scan, person: Person) -> None:
        world_m = person.world_m
        scan.has_world = scan.has_world or (world_m is not None and bool(np.isfinite(world_m).any()))
        scan.note({landmark: person.points[place] for place, landmark in self._landmarks.items()})

    # ----------------------------------------------------------------------------------------------------- describing

    def _frame_rate(self, facts: PoseFileFacts) -> float | None:
        stated = self._file.fps
        if stated is not None and not FPS_BOUNDS[0] <= stated <= FPS_BOUNDS[1]:
            raise ValueError(f"it states {stated:g} frames per second")
        if stated is not None and facts.fps is not None and abs(facts.fps / stated - 1) > _SAME_FPS_RATIO:
            raise InputError(
                f"{self._path} states {stated:g} frames per second, not {facts.fps:g}.", "Leave out --fps."
            )
        return facts.fps if stated is None else stated

    def _place(self, scan: Scan, facts: PoseFileFacts) -> Placement:
        size_px = facts.size_px or self._file.size_px
        if self._file.space is Space.SHARES and size_px is None:
            raise InputError(
                f"{self._path} holds relative coordinates but no image size.", "Give the size with --size, as 1280x720."
            )
        return find_placement(self._file.space, scan, size_px)

    def _describe(self, scan: Scan, facts: PoseFileFacts) -> ClipInfo:
        is_3d = self._placement.is_3d or scan.has_world
        if is_3d and facts.view_off_deg is not None:
            raise InputError(f"{self._path} holds 3-D landmarks, which determine the view.", "Leave out --view-deg.")
        elapsed_s = scan.last_s - scan.first_s
        measured = (scan.frames - 1) / elapsed_s if elapsed_s > 0 else None
        fps = self._fps or measured
        if fps is None or (self._fps is None and not FPS_BOUNDS[0] <= fps <= FPS_BOUNDS[1]):
            raise ValueError(f"its times correspond to {fps or 0:g} frames per second")
        width_px, height_px = self._placement.size_px
        modified = datetime.fromtimestamp(self._path.stat().st_mtime, UTC).astimezone()
        return ClipInfo(
            name=self._path.name or str(self._path),
            width_px=width_px,
            height_px=height_px,
            fps=fps,
            duration_s=scan.last_s,
            time_base=_TIME_BASE,
            notes=tuple(self._notes(scan, is_3d=is_3d)),
            sha256=digest(self._path),
            recorded_at=modified,
            recorded_from=DateSource.FILE,
            view_off_deg=facts.view_off_deg,
        )

    def _notes(self, scan: Scan, *, is_3d: bool) -> Iterator[str]:
        yield english("The landmarks are from another tool ({file}).", file=self.model)
        if self._format.noise.u95_scale > 1:
            yield english(
                "Their intervals are at least {factor:g} times as wide as those of hipform's own landmarks, from "
                "published errors of such tools against motion capture.",
                factor=self._format.noise.u95_scale,
            )
        if not is_3d:
            yield english("They are two-dimensional and have no outline of the body, so the low back is not assessed.")
        if scan.most_people > 1:
            yield english(
                "Up to {most} people are in one frame; the one seen longest and largest was tracked, in {n} of {of} "
                "frames.",
                most=scan.most_people,
                n=scan.found,
                of=scan.frames,
            )

    def _pose(self, t_s: float, person: Person) -> Pose:
        places, landmarks = list(self._landmarks), list(self._landmarks.values())
        points, world = self._placement.place(person)
        image_px, world_m, visibility = (
            np.full((N_LANDMARKS, 2), np.nan),
            np.full((N_LANDMARKS, 3), np.nan),
            np.zeros(N_LANDMARKS),
        )
        image_px[landmarks] = points[places]
        if world is not None:
            world_m[landmarks] = np.where(np.isfinite(points[places, :1]), world[places], np.nan)
        seen = np.isfinite(points[places, 0])
        scores = np.where(np.isnan(person.scores), 1.0, np.clip(person.scores, 0.0, 1.0))
        visibility[landmarks] = np.where(seen, scores[places], 0.0)
        return Pose(t_s, image_px, world_m, visibility)

    # --------------------------------------------------------------------------------------------------------- errors

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Convert all errors that a wrong file causes in the readers to one clear message."""
        try:
            yield
        except OSError as error:
            raise InputError(
                f"{self._path} cannot be read: {error.strerror or 'it is damaged'}.", "Check it."
            ) from error
        except UnicodeError as error:
            raise self._refuse("it is not text") from error
        except (ValueError, KeyError, TypeError, IndexError, OverflowError, RuntimeError, csv.Error) as error:
            raise self._refuse(str(error)) from error

    def _refuse(self, reason: str) -> RecordingError:
        title = self._format.title
        return RecordingError(f"{self._path} cannot be read as {title}: {reason}.", "Check --pose-format and the file.")


def _no_frame_rate(path: Path) -> InputError:
    return InputError(f"{path} does not state its frame rate.", "Give that of the video with --fps.")
