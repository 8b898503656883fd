"""Faults of exercises in which one leg works alone or is held out. The limits are in `hipform.config`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hipform.config import Settings
from hipform.exercises.declaration import VIEW_NOT_KNOWN, Answer, Baseline, Judgement, Rule, SetRule, View
from hipform.exercises.fault_places import KNEE_AT_TOP
from hipform.exercises.findings import Severity
from hipform.features.rep_summary import RepSummary
from hipform.texts import english
from hipform.types import Estimate, Side

SIDES_U95_DEG = 8.0
"""Half-width of the interval of a difference between sides. Larger than for one side, because the far leg is measured
less accurately than the near one.

Basis: tuned on rendered lifters with known joints.
"""

LEG_TOO_HIGH = "leg-too-high"


def _leg_height(setting: str) -> Judgement:
    """Return the core of `leg-too-high`, which compares the thigh above the trunk line with *setting*."""

    def judge(rep: RepSummary, _: Baseline, settings: Settings) -> Answer | str:
        above = -rep.lockout.value
        where = (
            english("far above")
            if above > settings["leg-too-high.far_deg"]
            else english("above")
            if above > 0
            else english("below")
        )
        text = english(
            "thigh {deg:.0f} ± {u95:.0f} degrees {where} the line of the trunk",
            deg=abs(above),
            u95=rep.lockout.u95,
            where=where,
        )
        return Answer(text=text, measured=Estimate(above, rep.lockout.u95, "deg"), limit=settings[setting])

    return judge


def leg_too_high(setting: str) -> Rule:
    """Return `leg-too-high` with the limit *setting*."""
    return Rule(
        id=LEG_TOO_HIGH,
        title="Leg too high",
        short="height",
        reason="Above the line of the trunk the hip is done, and the low back arches to lift the leg further.",
        severity=Severity.MAJOR,
        cue="Leg level with your back",
        went_well="your leg did not rise past the line of the trunk",
        sight=View.ANGLES,
        needs=("trunk_thigh_flexion_deg",),
        judge=_leg_height(setting),
        place=KNEE_AT_TOP,
        limits=(setting, "leg-too-high.far_deg"),
    )


def _asymmetry(reps: Sequence[RepSummary], settings: Settings) -> Answer | str:
    sides = {side: [rep for rep in reps if rep.side is side] for side in Side}
    if not all(sides.values()):
        return english("only one side was done")
    if any(math.isnan(rep.view_off_deg) for rep in reps):
        return VIEW_NOT_KNOWN
    if max(rep.view_off_deg for rep in reps) > settings["view.angles_deg"]:
        return english("camera too far off the side view to compare sides")
    left, right = sides[Side.LEFT], sides[Side.RIGHT]
    differences = {
        "tops": abs(_mean([rep.lockout for rep in left]) - _mean([rep.lockout for rep in right])),
        "ranges": abs(_mean([rep.range for rep in left]) - _mean([rep.range for rep in right])),
    }
    what, difference = max(differences.items(), key=lambda item: item[1])
    u95 = max(rep.noise.u95_scale * rep.growth for rep in reps) * SIDES_U95_DEG
    text = _DIFFERENCES[what].format(deg=difference, u95=u95)
    limit = settings["asymmetry.difference_deg"]
    return Answer(text=text, measured=Estimate(difference, u95, "deg"), limit=limit)


_DIFFERENCES = {
    "tops": english("left and right tops differ by {deg:.0f} ± {u95:.0f} degrees"),
    "ranges": english("left and right ranges differ by {deg:.0f} ± {u95:.0f} degrees"),
}


def _mean(estimates: Sequence[Estimate]) -> float:
    return float(np.mean([estimate.value for estimate in estimates]))


ASYMMETRY = SetRule(
    id="asymmetry",
    title="Sides differ",
    short="sides",
    reason="A side that comes up less is worth watching; it is a difference, not a diagnosis.",
    severity=Severity.NOTE,
    cue="Match your better side",
    went_well="left and right came up equally",
    judge=_asymmetry,
    limits=("asymmetry.difference_deg",),
)
