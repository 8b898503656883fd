"""Segments: stretches of a clip whose landmarks are found independently of each other, on any number of processes.

The segment borders depend only on the times in the file, so that the landmarks do not depend on the machine. Each
segment is preceded by lead-in frames that are processed and discarded: the pose model needs a while until it tracks the
athlete as if it had seen the clip from the start, and a cut between shots is recognised by the frames before it.
docs/segments.md has the measurements behind the lengths.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray

from hipform.video.cuts import DISSOLVE_SPANS

SEGMENT_S = 8.0
"""Longest segment. Shorter clips are not cut; others are cut into an even number of segments of 4 to 8 seconds."""
WARM_UP_S = 0.75
"""Pose estimation starts this long before the start of a segment."""
CUT_HISTORY_FRAMES = 2 * max(DISSOLVE_SPANS)
"""Cut detection starts this many frames before the start of a segment; earlier frames have no influence on it."""
MOST_DECODED_TWICE = 3
"""Limit on the frames decoded from the last keyframe up to a segment, relative to the frames of the segment."""

# A longer pause between two frames does not increase the processing time of a clip.
_LONGEST_STEP_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class FrameIndex:
    """The times of all frames of a clip, as its file states them.

    Attributes
    ----------
    ticks
        Times of the frames in order, in units of the time base, shape (n,).
    keyframe_ticks
        Times of the frames at which decoding can start, in order.
    time_base
        Length of a tick, seconds.
    notes
        Sentences about missing stretches of the clip, for people.
    """

    ticks: NDArray[np.int64]
    keyframe_ticks: NDArray[np.int64]
    time_base: Fraction
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of a clip, with the lead-in frames before it that are processed and discarded.

    Attributes
    ----------
    ticks
        Times of all frames that are read, in order, in units of the time base.
    warm_up
        Position in `ticks` of the first frame with pose estimation.
    begin
        Position in `ticks` of the first frame of the segment itself, which extends to the last one.
    keyframe_tick
        Time of the frame at which decoding starts; ``None`` for the start of the file.
    """

    ticks: tuple[int, ...]
    warm_up: int
    begin: int
    keyframe_tick: int | None

    @property
    def n_frames(self) -> int:
        """Number of frames of the segment itself."""
        return len(self.ticks) - self.begin


def cut_into_segments(index: FrameIndex) -> tuple[Segment, ...]:
    """Return the segments of a clip, in order; each frame belongs to exactly one."""
    times_s = np.asarray(index.ticks * float(index.time_base), np.float64)
    begins = _begins(index, times_s)
    return tuple(_segment(index, times_s, begin, end) for begin, end in pairwise([*begins, len(times_s)]))


def _begins(index: FrameIndex, times_s: NDArray[np.float64]) -> Sequence[int]:
    """Return the position of the first frame of each segment."""
    begins = [0]
    for begin in _wanted_begins(times_s):
        decoded_before = _lead_begin(times_s, begin) - _keyframe_before(index, _lead_begin(times_s, begin))
        if decoded_before <= MOST_DECODED_TWICE * (begin - begins[-1]):
            begins.append(begin)
    return begins


def _wanted_begins(times_s: NDArray[np.float64]) -> Iterator[int]:
    """Yield the segment borders of a clip that can be decoded from any frame: segments with equally many frames."""
    shown_s = float(np.minimum(np.diff(times_s), _LONGEST_STEP_S).sum())
    count = 2 * ceil(shown_s / (2 * SEGMENT_S)) if shown_s > SEGMENT_S else 1
    for number in range(1, count):
        yield number * len(times_s) // count


def _segment(index: FrameIndex, times_s: NDArray[np.float64], begin: int, end: int) -> Segment:
    lead = _lead_begin(times_s, begin)
    keyframe = _keyframe_before(index, lead)
    return Segment(
        ticks=tuple(index.ticks[lead:end].tolist()),
        warm_up=_warm_up_begin(times_s, begin) - lead,
        begin=begin - lead,
        keyframe_tick=int(index.ticks[keyframe]) if keyframe else None,
    )


def _warm_up_begin(times_s: NDArray[np.float64], begin: int) -> int:
    return min(begin, int(np.searchsorted(times_s, times_s[begin] - WARM_UP_S)))


def _lead_begin(times_s: NDArray[np.float64], begin: int) -> int:
    return max(0, min(begin - CUT_HISTORY_FRAMES, _warm_up_begin(times_s, begin)))


def _keyframe_before(index: FrameIndex, position: int) -> int:
    """Return the position of the last keyframe at or before a frame; 0 for the start of the file."""
    found = int(np.searchsorted(index.keyframe_ticks, index.ticks[position], side="right")) - 1
    return int(np.searchsorted(index.ticks, index.keyframe_ticks[found])) if found >= 0 else 0
