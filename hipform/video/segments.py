"""Segments: stretches of a clip whose landmarks are found independently of each other, on any number of processes.

Where a clip is cut depends on the times in its file alone, so that its landmarks do not depend on the machine. Each
segment is preceded by frames that are looked at and thrown away: the pose model needs a while until it follows the
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
"""Poses are found from so long before the begin of a segment on."""
CUT_HISTORY_FRAMES = 2 * max(DISSOLVE_SPANS)
"""Cuts between shots are looked for from so many frames before the begin on: what was seen before has no influence."""
MOST_DECODED_TWICE = 3
"""Frames from the last keyframe up to a segment are decoded for nothing; at most so many times its own number."""

# A longer pause between two frames does not make a clip longer to look at.
_LONGEST_STEP_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class FrameIndex:
    """The times of all frames of a clip, as its file states them.

    Attributes
    ----------
    ticks
        Times of the frames in order, in units of the time base, shape (n,).
    keyframe_ticks
        Times of those frames that decoding can begin with, in order.
    time_base
        Length of a tick, seconds.
    notes
        Plain sentences about stretches of the clip that are missing.
    """

    ticks: NDArray[np.int64]
    keyframe_ticks: NDArray[np.int64]
    time_base: Fraction
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of a clip, with the frames before it that are looked at and thrown away.

    Attributes
    ----------
    ticks
        Times of all frames that are read, in order, in units of the time base.
    warm_up
        Position in `ticks` of the first frame in which a pose is looked for.
    begin
        Position in `ticks` of the first frame of the segment itself; the last one belongs to it.
    keyframe_tick
        Time of the frame that decoding begins with; ``None`` for the beginning of the file.
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
    """Yield where a clip that can be decoded from every frame on would be cut: segments of equally many frames."""
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
    """Return the position of the last keyframe up to a frame; 0 for the beginning of the file."""
    found = int(np.searchsorted(index.keyframe_ticks, index.ticks[position], side="right")) - 1
    return int(np.searchsorted(index.ticks, index.keyframe_ticks[found])) if found >= 0 else 0
