"""Frames of a clip, and the facts about the clip that are known before they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

import numpy as np

from hipform.training import DateSource
from hipform.types import Image, NoiseModel, Side


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded frame.

    Attributes
    ----------
    t_s
        Presentation time in the clip, seconds; strictly increasing.
    image
        Upright RGB image, C-contiguous, shape (height, width, 3).
    shot
        Number of cuts before this frame; frames of different shots never belong to the same repetition.
    """

    t_s: float
    image: Image
    shot: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What has to be done to the frames of a clip to show what happened.

    Attributes
    ----------
    quarter_turns
        Quarter turns clockwise that make the frames upright, beyond those of the clip's own tag, 0 to 3.
    speed
        How many times slower than reality the clip plays; its times are divided by this.
    """

    quarter_turns: int = 0
    speed: float = 1.0

    def frames(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Yield the *frames* of the clip upright and at real times."""
        for frame in frames:
            image = np.ascontiguousarray(np.rot90(frame.image, -self.quarter_turns))
            yield replace(frame, t_s=frame.t_s / self.speed, image=image)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipInfo:
    """Facts about a clip that are known before its frames are read.

    Attributes
    ----------
    name
        File name without its folder.
    width_px, height_px
        Size of the upright image.
    fps
        Nominal frame rate; for progress and display only, never for time.
    duration_s
        Length, if the container states it.
    time_base
        Unit of the frame times, seconds; sinks that keep the times of the source use it.
    has_audio
        Whether the clip has a sound track.
    notes
        Sentences about problems and conversions, such as HDR tone mapping or unreadable frames, for people.
    sha256
        Digest of the file, which identifies the clip.
    recorded_at, recorded_from
        Date and time of the recording with its offset to UTC, and the source of that date.
    view_off_deg
        Angle of the camera off the side view if the user gave it, 0 to 90; ``None`` if the poses determine it.
    side
        Side of the body to measure if the user named it; ``None`` if the poses determine it.
    correction
        What was done to the clip; size, rate, length and time base are those after it.
    capture_fps
        Frames per second at which the clip was filmed, if its tags state it.
    noise
        Accuracy of the landmarks that were found in the clip, from their source.
    """

    name: str
    width_px: int
    height_px: int
    fps: float
    duration_s: float | None = None
    time_base: Fraction = Fraction(1, 90_000)
    has_audio: bool = False
    notes: tuple[str, ...] = ()
    sha256: str | None = None
    recorded_at: datetime | None = None
    recorded_from: DateSource | None = None
    view_off_deg: float | None = None
    side: Side | None = None
    correction: Correction = Correction()
    capture_fps: float | None = None
    noise: NoiseModel = field(default_factory=NoiseModel)

    def corrected(self, correction: Correction, notes: tuple[str, ...]) -> ClipInfo:
        """Return the facts about the clip after a further *correction*, with *notes* about it."""
        is_sideways = correction.quarter_turns % 2 == 1
        return replace(
            self,
            width_px=self.height_px if is_sideways else self.width_px,
            height_px=self.width_px if is_sideways else self.height_px,
            fps=self.fps * correction.speed,
            duration_s=None if self.duration_s is None else self.duration_s / correction.speed,
            time_base=self.time_base / Fraction(correction.speed).limit_denominator(1000),
            notes=(*self.notes, *notes),
            correction=Correction(
                quarter_turns=(self.correction.quarter_turns + correction.quarter_turns) % 4,
                speed=self.correction.speed * correction.speed,
            ),
        )
