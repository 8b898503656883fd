"""Frames of a clip, and the facts about the clip that are known before they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from hipform.training import DateSource
from hipform.types import Image


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
    u95_scale
        Factor on the half-widths of the 95 % intervals, from the source of the landmarks
        (`hipform.pose.landmark_schema.NoiseModel`).
    bias_ratio
        Share of the learned bias of the trunk-thigh angle that these landmarks have, from the same source.
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
    u95_scale: float = 1.0
    bias_ratio: float = 0.0
