"""docs/fast.md: how well fast mode agrees with an analysis of every frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

import hipform
from scripts.evaluate.agreement import LEFT_OUT
from scripts.evaluate.markdown import plain, table

WANTED = 0.98
"""Share of the repetitions that shall come out the same."""
PARTS = ("development", "held out")
_WHICH = ("model", "clips", "way")
_KINDS = ("unsure", "contradicted", "missed", "extra")


Counted = tuple[int, int]
"""So many, of so many."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One clip processed in another way, compared with an analysis of every frame.

    Attributes
    ----------
    clip, model, way, part, source
        What was compared; way is ``fast`` or ``control``, part one of `PARTS`, source as in `clips.Entry`.
    frames, processed
        Frames of the clip, and those that were processed.
    same
        Repetitions counted by both with the same lockout verdict.
    unsure
        Counted by both, with a verdict in one and none in the other.
    contradicted
        Counted by both, ``ok`` in one and ``fault`` in the other.
    missed, extra
        Counted by every frame only, and by the other only.
    count_errors
        How far off the count is, by every frame and by the other; ``None`` where any number is right.
    exercises
        Whether both recognise the same exercises.
    changes_deg, changes_s
        Differences of the lockout angle and of lift, hold and lowering times.
    coverage
        In how many frames at the top the stated interval contains the true hip angle, and of how many, by every frame
        and by the other; ``None`` for clips without truth or a clear view.
    """

    clip: str
    model: str
    way: str
    part: str
    source: str
    frames: int
    processed: int
    same: int
    unsure: int
    contradicted: int
    missed: int
    extra: int
    count_errors: tuple[int, int] | None
    exercises: bool
    changes_deg: tuple[float, ...]
    changes_s: tuple[float, ...]
    coverage: tuple[Counted, Counted] | None

    @property
    def reps(self) -> int:
        """Repetitions that either counted."""
        return self.same + self.unsure + self.contradicted + self.missed + self.extra


# ------------------------------------------------------------------------------------------------------------ the page

_INTRODUCTION = """\
`hipform analyze --fast` compared with every frame of the same clip with the same model, repetition by repetition, the
exercise named. *Same*: both count it and give it the same lockout verdict. *Unsure*: one gives a verdict and the other
none; *contradicted*: one says ok, the other fault. The limits of fast mode were set on the development part only."""
_CONTROL = f"""\
*Control*: every frame but the first {LEFT_OUT}. The pose model searches where it saw the athlete last and smooths its
points over time. Omitting any frame therefore changes everything after it a little, and a value close to a limit can
fall on the other side. No way of omitting frames can be expected to agree better than the control does."""


def page(found: Sequence[Agreement], command: str) -> str:
    """Return the page as Markdown."""
    lines = ["# Fast mode", "", f"    {command}", ""]
    lines += [f"hipform {hipform.__version__}.", "", _INTRODUCTION, ""]
    if any(agreement.way == "control" for agreement in found):
        lines += [_CONTROL, ""]
    groups = _groups(found)
    lines += table(
        (*_WHICH, "n clips", "frames processed", "reps", "same", *_KINDS),
        [(*name, *_agreement_cells(group)) for name, group in groups],
    )
    lines += [
        "",
        f"Wanted: at least {WANTED:.0%} the same.",
        "",
        "## Compared with what is known of the clips",
        "",
        _KNOWN,
        "",
    ]
    lines += table(
        (
            *_WHICH,
            "counts right, every frame",
            "counts right, this way",
            "interval contains the truth, every frame",
            "interval contains the truth, this way",
            "same exercise recognised",
            "lockout differs, median",
            "95 of 100 under",
            "times differ, 95 of 100 under",
        ),
        [(*name, *_known_cells(group)) for name, group in groups],
    )
    lines += ["", "## Where they differ", ""]
    lines += table(
        ("clip", *_WHICH, "same", *_KINDS),
        [
            (a.clip, a.model, a.part, a.way, a.same, *(getattr(a, kind) for kind in _KINDS))
            for a in found
            if a.same != a.reps
        ],
    )
    return "\n".join([*lines, *_NO_VIDEO]).rstrip() + "\n"


_NO_VIDEO = (
    "",
    "## Why there is no annotated video",
    "",
    "Drawing and encoding it took 13 ms of processor time a frame of the demo clip (960x540, busy machine, two",
    "rounds), finding the landmarks of every frame 80 to 91 ms (heavy), 30 (full) and 23 to 25 (lite). Fast mode",
    "finds them in about a quarter of the frames; with a video it would take about 0.4 of the processor time of a",
    "whole analysis with heavy and 0.55 with full, instead of 0.28 and 0.32, and the aim is 0.35. In three of four",
    "frames the skeleton would be interpolated, not seen. The pictures of tops and bottoms are of frames that were",
    "processed.",
)
_KNOWN = """\
Another question is whether fast mode is as accurate as every frame: clips counted exactly; in how many frames at the
top the stated interval of the hip contains the truth (rendered clips, camera up to 30 degrees off the side view, no
plates); and how much the lockout angle (degrees) and the times of lift, hold and lowering (seconds) change."""


def _groups(found: Sequence[Agreement]) -> list[tuple[tuple[str, str, str], list[Agreement]]]:
    """Return model, clips and way with what belongs there: both parts, and of the held out ones each source."""
    groups = []
    for model, way in dict.fromkeys((a.model, a.way) for a in found):
        looked = [a for a in found if (a.model, a.way) == (model, way)]
        parts = {part: [a for a in looked if a.part == part] for part in PARTS}
        held_out = parts[PARTS[1]]
        parts |= {f"{PARTS[1]}, {kind}": [a for a in held_out if a.source == kind] for kind in ("rendered", "real")}
        groups += [((model, name, way), group) for name, group in parts.items() if group]
    return groups


def _agreement_cells(group: Sequence[Agreement]) -> tuple[object, ...]:
    reps = sum(a.reps for a in group)
    same = sum(a.same for a in group)
    return (
        len(group),
        f"{sum(a.processed for a in group) / sum(a.frames for a in group):.1%}",
        reps,
        # Not rounded to whole per cent: 97.6 is not 98.
        f"{same} ({same / reps:.1%})" if reps else "-",
        *(sum(getattr(a, kind) for a in group) for kind in _KINDS),
    )


def _known_cells(group: Sequence[Agreement]) -> tuple[object, ...]:
    errors = [a.count_errors for a in group if a.count_errors]
    return (
        *(f"{sum(pair[at] == 0 for pair in errors)} of {len(errors)}" for at in (0, 1)),
        *(_share([a.coverage[at] for a in group if a.coverage]) for at in (0, 1)),
        f"{sum(a.exercises for a in group)} of {len(group)}",
        *(plain(_percentile((c for a in group for c in a.changes_deg), share), 1) for share in (50, 95)),
        plain(_percentile((c for a in group for c in a.changes_s), 95), 2),
    )


def _share(counted: Sequence[Counted]) -> str:
    total = sum(of for _, of in counted)
    return f"{sum(held for held, _ in counted) / total:.1%}" if total else "-"


def _percentile(changes: Iterable[float], share: float) -> float | None:
    sizes = [abs(change) for change in changes]
    return float(np.percentile(sizes, share)) if sizes else None
