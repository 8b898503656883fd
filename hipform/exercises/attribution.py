"""Attribution of a lift to hip or low back: what the outline adds to the trunk-thigh angle, as numbers and text."""

from __future__ import annotations

import math

from hipform.config import Settings
from hipform.exercises.declaration import SURE_RATIO, Answer, Baseline
from hipform.exercises.findings import Finding, Status
from hipform.features.rep_summary import RepSummary
from hipform.kinematics.lumbar_extension import TRUNK_SHARE_RATIO
from hipform.texts import english
from hipform.types import Estimate

ARCH_LIMIT, ROUNDING_LIMIT = "lumbar-overextension.low_back_deg", "lumbar-rounding.change_deg"
"""Settings that the lumbar extension is compared with at the top and deep in the movement."""

LAST_PART_DEG = 30.0
"""The last part of the lift, in which hip and low back are separated. Basis: guess."""

REFERENCE = {False: english("your first repetitions"), True: english("your calibration")}
"""What the low back is compared with, by whether there is a calibration."""


def arch_at_top(rep: RepSummary, baseline: Baseline, settings: Settings) -> Estimate | None:
    """Return the lumbar extension at the top relative to the lifter's neutral, degrees; ``None`` if not known."""
    extension = baseline.low_back_top.extension(rep.low_back_top_deg, rep.low_back_top_u95_deg)
    return _seen(extension, rep, settings)


def arch_when_deep(rep: RepSummary, baseline: Baseline, settings: Settings) -> Estimate | None:
    """Return the lumbar extension deep in the movement relative to the lifter's neutral at equal depth, degrees.

    It is negative when rounded, and ``None`` if not known.
    """
    extension = baseline.low_back_deep.extension(rep.low_back_levels_deg, rep.low_back_levels_u95_deg)
    return _seen(extension, rep, settings)


def _seen(extension: Estimate, rep: RepSummary, settings: Settings) -> Estimate | None:
    in_view = rep.view_off_deg <= settings["view.low_back_deg"]
    return extension if in_view and math.isfinite(extension.value) and math.isfinite(extension.u95) else None


def is_worth_showing(extension: Estimate, limit_deg: float) -> bool:
    """Return whether to show *extension*: its interval is no wider than the limit, or excludes the neutral.

    A wider one may still suffice to judge: it can be clear that a low back is not arched past its limit.
    """
    # Both comparisons are False for NaN.
    return extension.u95 <= limit_deg or abs(extension.value) > extension.u95


def degrees_text(extension: Estimate, limit_deg: float) -> str:
    """Return the size of *extension* as text; only its lower bound if the interval is wider than the limit."""
    size_deg = abs(extension.value)
    if extension.u95 > limit_deg:
        return english("at least {deg} degrees", deg=math.floor(size_deg - SURE_RATIO * extension.u95))
    return english("about {deg:.0f} ± {u95} degrees", deg=size_deg, u95=math.ceil(extension.u95))


def is_arched(extension: Estimate) -> bool:
    """Return whether *extension* exceeds what neutral repetitions of the lifter show by chance."""
    return extension.value > extension.u95


def trunk_thigh_flexion(lockout: Estimate, arch: Estimate) -> Estimate:
    """Return the flexion of the hip itself: the trunk-thigh angle without the contribution of the low back."""
    added_deg = TRUNK_SHARE_RATIO * arch.value
    return Estimate(lockout.value + added_deg, math.hypot(lockout.u95, TRUNK_SHARE_RATIO * arch.u95), "deg")


def low_back_share(arch: Estimate) -> Estimate:
    """Return the share of the last `LAST_PART_DEG` of the lift that came from the low back beyond its neutral."""
    ratio = TRUNK_SHARE_RATIO / LAST_PART_DEG
    return Estimate(max(ratio * arch.value, 0.0), ratio * arch.u95, "ratio")


def arch_answer(arch: Estimate, baseline: Baseline, settings: Settings) -> Answer:
    """Return the lumbar extension at the top with its limit, as an answer of a rule."""
    limit_deg = settings[ARCH_LIMIT]
    sure, reference = degrees_text(arch, limit_deg), REFERENCE[baseline.calibrated]
    if arch.value > 0:
        text = english("low back {sure} more arched at the top than in {reference}", sure=sure, reference=reference)
    else:
        text = english("low back {sure} less arched at the top than in {reference}", sure=sure, reference=reference)
    return Answer(text=text, rough_text=text, measured=arch, limit=limit_deg)


def attribution(
    lockout: Finding, rep: RepSummary, baseline: Baseline, arch: Estimate | None, settings: Settings
) -> str:
    """Describe in one line whether the lift was finished, and with hip or low back.

    Parameters
    ----------
    lockout
        Finding of the lockout rule for the repetition.
    rep, baseline
        The repetition, and what it is compared with.
    arch
        Result of `arch_at_top`.
    settings
        Values in force.
    """
    if lockout.measured is None:
        return english("cannot tell: {why}", why=lockout.text)
    if arch and is_arched(arch):
        line_deg = rep.lockout.value - baseline.own_straight_deg
        looks_short = lockout.limit is not None and line_deg > lockout.limit
        return _arched_words(degrees_text(arch, settings[ARCH_LIMIT]), looks_short=looks_short)
    match lockout.status:
        case Status.OK:
            return english("full; {what}", what=_low_back_words(rep, baseline, arch, settings))
        case Status.FAULT:
            return _short_words(lockout.measured, is_hip=arch is not None)
        case Status.NOT_ASSESSED:
            return english("too close to call")


def _arched_words(sure: str, *, looks_short: bool) -> str:
    if looks_short:
        return english("looks short, and {sure} come from the low back", sure=sure)
    return english("looks full, but {sure} come from the low back", sure=sure)


def _short_words(missing: Estimate, *, is_hip: bool) -> str:
    deg, u95 = missing.value, math.ceil(missing.u95)
    if is_hip:
        return english("short by {deg:.0f} ± {u95} degrees at the hip", deg=deg, u95=u95)
    return english("short by {deg:.0f} ± {u95} degrees, hip and low back together", deg=deg, u95=u95)


def _low_back_words(rep: RepSummary, baseline: Baseline, arch: Estimate | None, settings: Settings) -> str:
    if arch is None or arch_answer(arch, baseline, settings).status is not Status.OK:
        return english("this angle cannot separate hip from low back")
    if rep.timing.top_s <= baseline.low_back_top.taken_until_s:
        return english("one of the reference repetitions for the low back of the others")
    return english("low back no more arched than in {reference}", reference=REFERENCE[baseline.calibrated])
