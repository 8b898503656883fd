"""Faults that every kind of exercise can show, and faults of bridges. The limits are in `hipform.config`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hipform.config import Settings
from hipform.exercises.attribution import (
    ARCH_LIMIT,
    arch_answer,
    arch_at_top,
    degrees_text,
    is_arched,
    trunk_thigh_flexion,
)
from hipform.exercises.declaration import HIP_HIDDEN, VIEW_NOT_KNOWN, Answer, Baseline, Rule, SetRule, View
from hipform.exercises.fault_places import HIP_AT_BOTTOM, HIP_AT_TOP, LOW_BACK_AT_TOP, SHIN_AT_TOP
from hipform.exercises.findings import LOCKOUT_RULE, Severity, Status
from hipform.features.rep_summary import RepSummary
from hipform.kinematics.uncertainty import Motion
from hipform.texts import english
from hipform.types import Estimate

TIME_U95_S = 0.15
"""Uncertainty of a duration, from rendered sets with known times, with every frame processed. Basis: tuned."""

_SHORTEST_LOWERING_S = 0.15
"""A body falls by a tenth of a metre in this time; hips come down by more.

Basis: definition, free fall: g t^2 / 2 is 0.11 m, and 0.22 m in 0.21 s.
"""

WITHIN_SET_U95_DEG = 5.0
"""Half-width of the interval of a difference within a set. Smaller than for single angles, because person, clothes and
camera are the same.

Basis: tuned on real and rendered clips.
"""

_UPRIGHT_DEG = 30.0
"""A trunk that leans by less than this, degrees, is that of somebody who stands. Basis: definition."""

_LEG_BEHIND_DEG = 10.0
"""A thigh that points back further than this at the top, degrees, belongs to a foot that stands behind the other.

Basis: guess; 24 degrees in a kickstand stance, and feet beside each other differ by less than 10.
"""

NOTHING_TO_COMPARE = english("no other repetition to compare the range with")

_STRAIGHT_KNEE_DEG = 15.0
"""A knee that is bent by less than this, degrees, belongs to a straight leg. Basis: guess."""

_TREND_REPS = 5
"""Fewest repetitions from which a trend over the set can be computed.

Basis: convention, statistics: fewer points show no trend.
"""


def time_u95_s(rep: RepSummary) -> float:
    """Return the 95 % half-width of a duration, widened by the gap between processed frames if frames were skipped.

    Half the gap would cover the unknown position of the turning point, but the pose model lags as well. On rendered and
    real clips with gaps of up to 0.2 s, 95 of 100 times change by less than 0.3 s and 90 by less than 0.16 s.
    """
    return math.hypot(TIME_U95_S * rep.noise.u95_scale, rep.frame_gap_s)


def _incomplete_lockout(rep: RepSummary, baseline: Baseline, settings: Settings) -> Answer | str:
    answer = _lockout_answer(rep, baseline, settings)
    if answer.status is Status.OK or not _is_staggered(rep):
        return answer
    arch = arch_at_top(rep, baseline, settings)
    between = _between_both_legs(rep, settings) if _stands_on_both(rep) and not (arch and is_arched(arch)) else None
    if between and between.status is Status.OK:
        return between
    return english("one foot stands in front: its thigh points forward even with the hips extended")


def _between_both_legs(rep: RepSummary, settings: Settings) -> Answer:
    """Return the lockout against the middle between both thighs, in line with the trunk of whoever stands tall."""
    other = "other_trunk_thigh_flexion_deg"
    middle_deg = (rep.lockout.value + rep.top[other]) / 2
    u95 = (rep.lockout.u95 + rep.u95(other, Motion.HELD)) / 2
    deg = abs(middle_deg)
    if middle_deg > 0:
        text = english(
            "{deg:.0f} ± {u95:.0f} degrees short of the middle between the front and the rear leg", deg=deg, u95=u95
        )
    else:
        text = english(
            "{deg:.0f} ± {u95:.0f} degrees past the middle between the front and the rear leg", deg=deg, u95=u95
        )
    return Answer(
        text=text,
        measured=Estimate(middle_deg, u95, "deg"),
        limit=settings["incomplete-lockout.short_deg"],
    )


def _stands_on_both(rep: RepSummary) -> bool:
    """Return whether the measured leg stands so far in front of the hip that the other foot must carry from behind."""
    is_forward = rep.top["thigh_incline_deg"] > _LEG_BEHIND_DEG - 90.0
    return is_forward and rep.top["knee_flexion_deg"] < _STRAIGHT_KNEE_DEG


def _lockout_answer(rep: RepSummary, baseline: Baseline, settings: Settings) -> Answer:
    limit = settings["incomplete-lockout.short_deg"]
    lockout = Estimate(rep.lockout.value - baseline.own_straight_deg, rep.lockout.u95, "deg")
    arch = arch_at_top(rep, baseline, settings)
    if arch and is_arched(arch):
        hip = trunk_thigh_flexion(lockout, arch)
        from_back = english("{sure} come from the low back", sure=degrees_text(arch, settings[ARCH_LIMIT]))
        text = english(
            "{from_back}; the hip itself is {deg:.0f} ± {u95:.0f} degrees short of straight",
            from_back=from_back,
            deg=hip.value,
            u95=hip.u95,
        )
        return Answer(text=text, rough_text=from_back, measured=hip, limit=limit)
    short = lockout.value
    deg, u95 = abs(short), lockout.u95
    if short > limit:
        if short > settings["incomplete-lockout.far_short_deg"]:
            text = english("far short of full extension by {deg:.0f} ± {u95:.0f} degrees", deg=deg, u95=u95)
        else:
            text = english("short of full extension by {deg:.0f} ± {u95:.0f} degrees", deg=deg, u95=u95)
    elif deg <= u95:
        text = english("straight, within ± {u95:.0f} degrees", u95=u95)
    elif short > 0:
        text = english("within {deg:.0f} ± {u95:.0f} degrees of a straight line", deg=deg, u95=u95)
    else:
        text = english("past a straight line by {deg:.0f} ± {u95:.0f} degrees", deg=deg, u95=u95)
    return Answer(text=text, measured=lockout, limit=limit)


def _is_staggered(rep: RepSummary) -> bool:
    """Return whether a standing lifter has one foot in front of the other, as in a kickstand stance."""
    is_upright = abs(rep.top["trunk_lean_deg"]) < _UPRIGHT_DEG
    return is_upright and rep.top["other_trunk_thigh_flexion_deg"] < -_LEG_BEHIND_DEG


INCOMPLETE_LOCKOUT = Rule(
    id=LOCKOUT_RULE,
    title="Incomplete lockout",
    short="lockout",
    reason="The glutes work hardest in the last degrees of hip extension; a set that stops short leaves them out.",
    severity=Severity.MAJOR,
    cue="Squeeze and drive hips up",
    went_well="you finished with the hips extended",
    sight=View.ANGLES,
    needs=("trunk_thigh_flexion_deg",),
    judge=_incomplete_lockout,
    place=HIP_AT_TOP,
    limits=("incomplete-lockout.short_deg", "incomplete-lockout.far_short_deg"),
)


def _lumbar_overextension(rep: RepSummary, baseline: Baseline, settings: Settings) -> Answer | str:
    by_angle = _past_straight(rep, baseline, settings)
    # Far past straight needs no further evidence. A straight line says nothing of the low back, because an arch makes
    # up for a hip that stops short.
    if isinstance(by_angle, Answer) and by_angle.status is Status.FAULT:
        return by_angle
    arch = arch_at_top(rep, baseline, settings)
    low_back = arch_answer(arch, baseline, settings) if arch else None
    if low_back and low_back.status is Status.FAULT:
        return low_back
    if isinstance(by_angle, str) or by_angle.status is Status.NOT_ASSESSED:
        return by_angle
    if low_back is None:
        return _why_back_unknown(rep, settings)
    if low_back.status is Status.OK and rep.timing.top_s <= baseline.low_back_top.taken_until_s:
        return english(
            "one of the reference repetitions for the low back of the others: an arch in all of them is not found"
        )
    return low_back


def _past_straight(rep: RepSummary, baseline: Baseline, settings: Settings) -> Answer | str:
    """Return how far past straight the top was held, or why that leaves open whether the low back arched."""
    past = baseline.own_straight_deg - rep.features["held_deg"]
    u95 = rep.lockout.u95
    limit = settings["lumbar-overextension.past_straight_deg"]
    # A usual top that is short is no neutral: improving on it must not be attributed to the low back.
    own = min(baseline.lockout_deg, 0.0) - rep.features["held_deg"]
    own_limit = settings["lumbar-overextension.beyond_own_deg"]
    if not np.isfinite(past):
        return english("the top was too brief to distinguish an arch from a tracking wobble")
    if past > 0 and own > own_limit:
        text = english("held {deg:.0f} ± {u95:.0f} degrees past your usual top", deg=own, u95=u95)
        return Answer(text=text, measured=Estimate(own, u95, "deg"), limit=own_limit)
    if settings["lumbar-overextension.suspect_deg"] < past <= limit:
        return english(
            "reads {deg:.0f} ± {u95:.0f} degrees past straight; "
            "this may be your build, clothes, the camera or the low back",
            deg=past,
            u95=u95,
        )
    text = english("held {deg:.0f} ± {u95:.0f} degrees past straight, further than hips extend", deg=past, u95=u95)
    return Answer(text=text, measured=Estimate(past, u95, "deg"), limit=limit)


def _why_back_unknown(rep: RepSummary, settings: Settings) -> str:
    limit_deg = settings["view.low_back_deg"]
    if not rep.view_off_deg <= limit_deg:
        return english(
            "the camera is about {deg:.0f} degrees off the side view; "
            "the outline of the back shows an arch up to {limit:.0f}",
            deg=rep.view_off_deg,
            limit=limit_deg,
        )
    if not math.isfinite(rep.low_back_top_deg):
        return english(
            "the outline of the back was not seen at the top, and the angle at the hip does not show an arch"
        )
    return english("no other repetition to compare the low back with, and the angle at the hip does not show an arch")


LUMBAR_OVEREXTENSION = Rule(
    id="lumbar-overextension",
    title="Arching past straight",
    short="arch",
    reason="Past straight the hip has little left to give; what moves then is mostly the low back, under load.",
    severity=Severity.MAJOR,
    cue="Ribs down, finish with glutes",
    went_well="your low back stayed as in your first reps at the top",
    sight=View.ANGLES,
    needs=("trunk_thigh_flexion_deg",),
    judge=_lumbar_overextension,
    place=LOW_BACK_AT_TOP,
    limits=(
        ARCH_LIMIT,
        "lumbar-overextension.past_straight_deg",
        "lumbar-overextension.beyond_own_deg",
        "lumbar-overextension.suspect_deg",
        "lumbar-overextension.hold_s",
    ),
)


def _no_squeeze(rep: RepSummary, _: Baseline, settings: Settings) -> Answer | str:
    return held_answer(rep, english("held the top for {s:.1f} s"), settings["no-squeeze.hold_s"])


def held_answer(rep: RepSummary, text: str, limit: float) -> Answer | str:
    """Return the time at the top as an answer; *text* has a place for it. A hold that the clip cuts is no fault."""
    answer = Answer(
        text=text.format(s=rep.timing.hold_s),
        measured=Estimate(rep.timing.hold_s, time_u95_s(rep), "s"),
        limit=limit,
        fault_above=False,
    )
    return (
        answer
        if rep.hold_is_whole or answer.status is Status.OK
        else english("the clip or the tracking ends in the hold")
    )


NO_SQUEEZE = Rule(
    id="no-squeeze",
    title="No squeeze at the top",
    short="squeeze",
    reason="A held top is where the glutes are shortest and where control over the load shows.",
    severity=Severity.MINOR,
    cue="Hold the top one second",
    went_well="you held the top",
    sight=View.TEMPO,
    judge=_no_squeeze,
    place=HIP_AT_TOP,
    limits=("no-squeeze.hold_s",),
)


def _momentum(rep: RepSummary, _: Baseline, settings: Settings) -> Answer | str:
    lower_s, limit = rep.timing.lower_s, settings["momentum.lower_s"]
    if lower_s is None:
        return english("the lowering is not in the clip")
    if lower_s < _SHORTEST_LOWERING_S:
        return english("the way down was quicker than a fall: a jump of the tracking")
    text = english("lowered in {s:.1f} s", s=lower_s)
    return Answer(text=text, measured=Estimate(lower_s, time_u95_s(rep), "s"), limit=limit, fault_above=False)


MOMENTUM = Rule(
    id="momentum",
    title="Dropped instead of lowered",
    short="control",
    reason="A dropped bottom bounces the next lift and takes the work out of the muscle.",
    severity=Severity.MINOR,
    cue="Lower slowly, count to two",
    went_well="you lowered under control",
    sight=View.TEMPO,
    judge=_momentum,
    limits=("momentum.lower_s",),
)


_RISE_U95_RATIO = 0.15
"""Half-width of the interval of the ratio of two rises of the bar: a lift with verve carries it past the top.

Basis: guess; 0.83 for two lifts of 1 and 0.94 by eye.
"""


def _shallow_rise(rep: RepSummary, baseline: Baseline, settings: Settings) -> Answer | str:
    rise_radii = rep.features["load_rise_radii"]
    if rep.timing.start_s is None or not np.isfinite(rise_radii):
        return HIP_HIDDEN
    if not np.isfinite(baseline.best_rise_radii):
        return NOTHING_TO_COMPARE
    share = rise_radii / baseline.best_rise_radii
    return Answer(
        text=english("the bar rose by {share:.0%} of its largest rise in this set", share=share),
        measured=Estimate(share, _RISE_U95_RATIO * share, "ratio"),
        limit=settings["shallow-range.share_ratio"],
        fault_above=False,
    )


def _shallow_range(rep: RepSummary, baseline: Baseline, settings: Settings) -> Answer | str:
    if rep.timing.lift_s is None:
        return english("the clip starts mid-lift")
    if not np.isfinite(baseline.best_range_deg):
        return NOTHING_TO_COMPARE
    limit = settings["shallow-range.share_ratio"]
    share = rep.range.value / baseline.best_range_deg
    return Answer(
        text=english("{share:.0%} of your fullest range in this set", share=share),
        measured=Estimate(
            share, rep.noise.u95_scale * rep.growth * WITHIN_SET_U95_DEG / baseline.best_range_deg, "ratio"
        ),
        limit=limit,
        fault_above=False,
    )


SHALLOW_RANGE = Rule(
    id="shallow-range",
    title="Shallow range",
    short="range",
    reason="The hips must come down to have something to lift.",
    severity=Severity.MINOR,
    cue="Lower the hips further down",
    went_well="you used your full range",
    sight=View.ANGLES,
    needs=("trunk_thigh_flexion_deg",),
    judge=_shallow_range,
    place=HIP_AT_BOTTOM,
    judge_by_load=_shallow_rise,
    limits=("shallow-range.share_ratio",),
)


def _shin_angle(rep: RepSummary, _: Baseline, settings: Settings) -> Answer | str:
    lean, limit = rep.top["shin_lean_deg"], settings["shin-angle.lean_deg"]
    u95 = rep.u95("shin_lean_deg", Motion.HELD)
    text = english("shin {deg:.0f} ± {u95:.0f} degrees off vertical at the top", deg=abs(lean), u95=u95)
    if lean > limit:
        text = english("{shin}: feet too close", shin=text)
    elif lean < -limit:
        text = english("{shin}: feet too far out", shin=text)
    return Answer(text=text, measured=Estimate(abs(lean), u95, "deg"), limit=limit)


SHIN_ANGLE = Rule(
    id="shin-angle",
    title="Feet too far out or too close",
    short="shins",
    reason="A vertical shin at the top lets the glutes work instead of hamstrings or thighs.",
    severity=Severity.MINOR,
    cue="Set shins vertical at top",
    went_well="your shins were upright at the top",
    sight=View.ANGLES,
    needs=("shin_lean_deg",),
    judge=_shin_angle,
    place=SHIN_AT_TOP,
    limits=("shin-angle.lean_deg",),
)


def _overload(reps: Sequence[RepSummary], settings: Settings) -> Answer | str:
    limit = settings["overload.fade_ratio"]
    whole = [rep for rep in reps if rep.timing.start_s is not None]
    if len(whole) < _TREND_REPS:
        return english("a trend needs {least} full repetitions; this set has {n}", least=_TREND_REPS, n=len(whole))
    seen = [rep for rep in whole if rep.view_off_deg <= settings["view.angles_deg"]]
    if len(seen) < _TREND_REPS:
        unknown = any(math.isnan(rep.view_off_deg) for rep in whole)
        return VIEW_NOT_KNOWN if unknown else english("camera too far off the side view for a trend")
    ranges = _fade([rep.range.value for rep in seen])
    speeds = [rep.features["bar_mean_m_per_s"] for rep in seen]
    if np.isfinite(speeds).all():
        slowed = _fade(speeds), english("the bar slowed")
    else:
        slowed = _fade([-rep.timing.lift_s for rep in seen if rep.timing.lift_s is not None]), english("lifts slowed")
    (fade, u95), what = max((ranges, english("range shrank")), slowed, key=lambda pair: pair[0][0])
    held = english("range and speed held over the set")
    text = rough_text = held
    if fade > 0:
        text = english("{what} by {share:.0%} ± {u95:.0%} over the set", what=what, share=fade, u95=u95)
    if fade > limit:
        rough_text = english("{what} clearly over the set", what=what)
    return Answer(text=text, rough_text=rough_text, measured=Estimate(fade, u95, "ratio"), limit=limit)


def _fade(values: Sequence[float]) -> tuple[float, float]:
    """Return how much *values* fall from first to last, relative to their mean, with its 95 % half-width."""
    from scipy.special import stdtrit  # noqa: PLC0415 - takes as long to import as numpy; most commands judge no set

    # Not `scipy.stats.linregress`: it gives no error for values that are all equal, and is slow to import.
    at = np.arange(len(values)) - (len(values) - 1) / 2
    slope = float(at @ values) / float(at @ at)
    residuals = np.asarray(values) - np.mean(values) - slope * at
    freedom = len(values) - 2
    standard_error = float(np.sqrt(residuals @ residuals / freedom / (at @ at)))
    span = (len(values) - 1) / abs(float(np.mean(values)))
    return -slope * span, float(stdtrit(freedom, 0.975)) * standard_error * span


OVERLOAD = SetRule(
    id="overload",
    title="Form fades over the set",
    short="fade",
    reason="Range that shrinks or lifts that slow point to more load or repetitions than you control today.",
    severity=Severity.MINOR,
    cue="Less load, same full range",
    went_well="range and speed held to the end",
    judge=_overload,
    limits=("overload.fade_ratio",),
)

BRIDGE_RULES = (
    INCOMPLETE_LOCKOUT,
    LUMBAR_OVEREXTENSION,
    NO_SQUEEZE,
    MOMENTUM,
    SHALLOW_RANGE,
    SHIN_ANGLE,
)
"""Rules of every bridge and thrust, the most severe first."""
