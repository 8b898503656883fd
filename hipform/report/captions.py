"""Cues as WebVTT captions, which browsers and players show."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hipform.errors import one_line
from hipform.feedback.cues import ShownCue
from hipform.files import write_whole
from hipform.texts import ENGLISH, Texts

_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def write_captions(path: Path, cues: Iterable[ShownCue], late_s: float = 0.0, texts: Texts = ENGLISH) -> None:
    """Write *cues* as a WebVTT file for a video whose times are later than the clip's by *late_s*.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    write_whole(path, captions(cues, late_s, texts).encode())


def captions(cues: Iterable[ShownCue], late_s: float = 0.0, texts: Texts = ENGLISH) -> str:
    """Return *cues* as the text of a WebVTT file, which is valid without cues too."""
    blocks = [
        f"{_clock(cue.start_s + late_s)} --> {_clock(cue.end_s + late_s)}\n"
        f"{one_line(texts(cue.text)).translate(_ESCAPED)}\n"
        for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _clock(t_s: float) -> str:
    """Return a time as WebVTT writes it: 3725.5 s is 01:02:05.500."""
    ms = round(max(t_s, 0.0) * 1000)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"
