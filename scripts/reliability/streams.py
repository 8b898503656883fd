"""Network cameras that misbehave: training ends with one line, and what was filmed is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hipform.errors import InputError
from hipform.types import Image
from scripts.reliability.clips import FPS, sample_images
from scripts.reliability.hostile_camera import hostile_camera
from scripts.reliability.probe import Outcome, broken_promises, run
from scripts.reliability.series import Series, unequal_recording, unexpected_code

LIMIT_S = 120.0
MOST_MB = 1500.0
REFUSED = ("elsewhere", "secure", "file", "rtsp", "loop", "sdp", "playlist")
"""Paths that redirect to another address, or endlessly to the same."""
EMPTY = ("headers", "trickle", "empty", "noise", "flood")
"""Paths that never send an image."""
KEPT = ("good", "moved", "smaller", "then_empty", "then_trickle")
"""Paths that send some images, whatever follows."""
_LIVE = ("live", "--headless", "--sound", "off", "-e", "hip-thrust", "-m", "lite")


def try_streams(paths: Sequence[str] = (*REFUSED, *EMPTY, *KEPT), images: Sequence[Image] = ()) -> list[Series]:
    """Train in front of each of the cameras *paths*, which show *images*, and print a summary of each kind."""
    images = images or sample_images()
    kinds = {
        "camera that redirects elsewhere": (REFUSED, InputError.exit_code),
        "camera without an image": (EMPTY, InputError.exit_code),
        "camera that sends images": (KEPT, 0),
    }
    found: list[Series] = []
    visits: list[str] = []
    with hostile_camera(images, [image[::2, ::2].copy() for image in images], visits, 1 / FPS) as address:
        for name, (known, code) in kinds.items():
            series = Series(name)
            for path in [path for path in known if path in paths]:
                with tempfile.TemporaryDirectory() as scratch:
                    visits.clear()
                    outcome, wrong = _train(f"{address}/{path}", Path(scratch), code)
                    if path in REFUSED and set(visits) != {f"/{path}"}:
                        wrong.append(f"went on to {visits}")
                    series.add(outcome, [f"{path}: {one}" for one in wrong])
            series.print_summary()
            found.append(series)
    return found


def _train(address: str, scratch: Path, code: int) -> tuple[Outcome, list[str]]:
    out = scratch / "out"
    outcome = run((*_LIVE, "--camera", address, "-o", str(out)), limit_s=LIMIT_S, said=scratch / "said")
    wrong = broken_promises(outcome, out)
    wrong += unexpected_code(code, outcome)
    if outcome.code == code == 0:
        wrong += unequal_recording(out)
    if outcome.most_mb > MOST_MB:
        wrong.append(f"took {outcome.most_mb:.0f} MB")
    return outcome, wrong
