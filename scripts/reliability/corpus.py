"""Every odd input: one case for each way a clip can be unusual, damaged or no clip at all, made from a sample."""

from __future__ import annotations

from scripts.reliability.case import Case
from scripts.reliability.corpus_files import broken_files, no_videos, odd_names, odd_places
from scripts.reliability.corpus_formats import odd_codecs, odd_sizes, odd_streams
from scripts.reliability.corpus_scenes import odd_scenes, odd_times


def cases() -> list[Case]:
    """Return every case; no two have the same name."""
    found = [
        *broken_files(),
        *no_videos(),
        *odd_codecs(),
        *odd_sizes(),
        *odd_times(),
        *odd_scenes(),
        *odd_streams(),
        *odd_names(),
        *odd_places(),
    ]
    assert len({case.name for case in found}) == len(found)
    return found
