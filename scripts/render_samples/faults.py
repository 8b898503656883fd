"""The faults: how each changes a repetition, in which unit, and which measure of the truth shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from scripts.render_samples.geometry import find_root
from scripts.render_samples.motion.base import Motion
from scripts.render_samples.motion.hinge import HingeMotion
from scripts.render_samples.plan import RepPlan, Targets, blend, eased

# A rise of the trunk line of one degree takes about 1.2 degrees of lumbar extension; searched up to this much.
MOST_LUMBAR_DEG = 60.0
HOLD_BAND_DEG = 5.0
# Where the decay of a set goes: range lost at the hip, arch added in the low back, reps slowing down.
OVERLOAD_LUMBAR_SHARE = 0.5
OVERLOAD_SLOWING_PER_REP = 0.08
# A leg lifted past the trunk line takes the low back along.
ARCH_PER_LEG_DEG = 0.6


class Measure(StrEnum):
    """Quantity of a repetition's truth (`truth.RepMeasures`) in which a fault shows."""

    HIP_TOP = "hip_top_deg"
    HIP_JOINT_TOP = "hip_joint_top_deg"
    HIP_BOTTOM = "hip_bottom_deg"
    LUMBAR_TOP = "lumbar_top_deg"
    LUMBAR_BOTTOM = "lumbar_bottom_deg"
    KNEE_TOP = "knee_top_deg"
    KNEE_BOTTOM = "knee_bottom_deg"
    SHIN_TOP = "shin_lean_top_deg"
    TRUNK_TOP = "trunk_lean_top_deg"
    NECK_TOP = "neck_top_deg"
    PELVIS_DROP_TOP = "pelvis_drop_top_deg"
    ARM_TOP = "arm_top_deg"
    LOAD_AHEAD_BOTTOM = "load_ahead_bottom_m"
    RANGE = "range_deg"
    HOLD = "hold_s"
    LOWERING = "lowering_s"
    TURN_SPEED = "turn_speed_deg_s"
    RISE_RATIO = "hip_shoulder_rise_ratio"


class Reading(StrEnum):
    """How the stated amount is read off the measure."""

    ADDED = "added to the good repetition's value"
    REMOVED = "taken off the good repetition's value"
    ABSOLUTE = "the value itself"
    PERCENT_LOST = "percent of the good repetition's value that is lost"
    PER_REP = "added with every repetition"


@dataclass(frozen=True)
class FaultRequest:
    """A fault wanted in a clip: its id, its amount in the fault's unit, and the reps (1-based; empty: all)."""

    fault: str
    amount: float
    reps: tuple[int, ...] = ()

    def concerns(self, rep: int) -> bool:
        """Tell whether a repetition shall show the fault."""
        return not self.reps or rep in self.reps


@dataclass(frozen=True)
class FaultContext:
    """What a change may need to know: the motion, and how many faulty reps came before."""

    motion: Motion
    faulty_before: int


Change = Callable[[RepPlan, float, FaultContext], RepPlan]


@dataclass(frozen=True)
class Fault:
    """A fault on demand.

    Attributes
    ----------
    id, rule
        Name of the fault, and of the product's rule that shall report it (often the same).
    unit, amounts
        Unit of the amount, with a mild and a strong one.
    measure, reading
        Where the truth shows it.
    change
        What it does to a repetition; None for a fault of the set-up (`shin-angle`), which concerns the whole set
        because planted feet do not move.

    """

    id: str
    rule: str
    unit: str
    amounts: tuple[float, float]
    measure: Measure
    reading: Reading
    change: Change | None


def _adding(end: Literal["top", "bottom"], **per_unit: float) -> Change:
    """Return a change that adds the amount, times a factor, to targets of one end."""

    def change(plan: RepPlan, amount: float, _context: FaultContext) -> RepPlan:
        scaled = {name: factor * amount for name, factor in per_unit.items()}
        return _top(plan, **scaled) if end == "top" else _bottom(plan, **scaled)

    return change


def _top(plan: RepPlan, **changes: float) -> RepPlan:
    """Add to targets of the top."""
    return replace(plan, top=_added(plan.top, changes))


def _bottom(plan: RepPlan, **changes: float) -> RepPlan:
    """Add to targets of the bottom."""
    return replace(plan, bottom=_added(plan.bottom, changes))


def _added(targets: Targets, changes: dict[str, float]) -> Targets:
    return replace(targets, **{name: getattr(targets, name) + value for name, value in changes.items()})


def _lumbar_overextension(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
    """Arch at the top with the hip joint as in a good rep: the trunk line goes past straight."""
    arched = _top(plan, lumbar_deg=amount)
    tilt_deg = context.motion.trunk_line_deg(arched.top) - context.motion.trunk_line_deg(plan.top)
    return _top(arched, hip_deg=tilt_deg)


def _lumbar_compensation(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
    """Stop short at the hip joint, and arch until shoulder, hip and knee look like a good rep."""
    straight_deg = context.motion.trunk_line_deg(plan.top)

    def hidden_error(lumbar_deg: float) -> float:
        return straight_deg - context.motion.trunk_line_deg(_top(plan, lumbar_deg=lumbar_deg).top) - amount

    return _top(plan, lumbar_deg=find_root(hidden_error, 0.0, MOST_LUMBAR_DEG, steps=2))


def _lumbar_rounding(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
    rounded = _bottom(plan, lumbar_deg=-amount, thoracic_deg=-0.4 * amount)
    return replace(rounded, bottom=context.motion.refit_bottom(rounded.bottom))


def _no_squeeze(plan: RepPlan, amount: float, _context: FaultContext) -> RepPlan:
    """Turn at the top so quickly that only `amount` seconds are spent near it."""

    def near_top_s(speed_deg_s: float) -> float:
        up, down = plan.tempo.concentric_s, plan.tempo.eccentric_s
        return sum(_time_near_end_s(plan.range_deg, duration_s, speed_deg_s) for duration_s in (up, down))

    smooth_s = near_top_s(0.0)
    if amount >= smooth_s:
        return replace(plan, tempo=replace(plan.tempo, top_s=amount - smooth_s))
    fastest_deg_s = 1.8 * plan.range_deg / max(plan.tempo.concentric_s, plan.tempo.eccentric_s)
    speed_deg_s = find_root(lambda speed: near_top_s(speed) - amount, 0.0, fastest_deg_s, steps=2)
    return replace(plan, tempo=replace(plan.tempo, top_s=0.0, top_speed_deg_s=speed_deg_s))


def _time_near_end_s(range_deg: float, duration_s: float, end_speed_deg_s: float) -> float:
    """Return how long a movement stays within the hold band before its end, s."""
    slope = end_speed_deg_s * duration_s / range_deg
    border = 1.0 - HOLD_BAND_DEG / range_deg
    return duration_s * (1.0 - find_root(lambda r: eased(r, 0.0, slope) - border, 0.3, 1.0, steps=4))


def _momentum(plan: RepPlan, amount: float, _context: FaultContext) -> RepPlan:
    return replace(plan, tempo=replace(plan.tempo, eccentric_s=amount))


def _bounce(plan: RepPlan, amount: float, _context: FaultContext) -> RepPlan:
    return replace(plan, tempo=replace(plan.tempo, bottom_s=0.0, bottom_speed_deg_s=amount))


def _shallow_range(plan: RepPlan, amount: float, _context: FaultContext) -> RepPlan:
    return replace(plan, bottom=plan.bottom.toward(plan.top, amount / 100.0))


def _hips_shoot_up(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
    """Let the knees run ahead until hips and shoulders rise in the wanted ratio over the first third of the time."""
    motion = context.motion
    if not isinstance(motion, HingeMotion):
        raise TypeError("hips-shoot-up needs a standing hinge")
    hip_start_m, shoulder_start_m = motion.hip_and_shoulder_m(plan.bottom)

    def ratio_error(lead: float) -> float:
        third = blend(plan.bottom, plan.top, eased(1.0 / 3.0), lead, lead)
        hip_m, shoulder_m = motion.hip_and_shoulder_m(third)
        return (hip_m - hip_start_m) / (shoulder_m - shoulder_start_m) - amount

    lead = find_root(ratio_error, 0.8, 3.0, steps=5)
    return replace(plan, knee_lead=lead, hip_lag=lead)


def _load_drifts(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
    drifted = _bottom(plan, load_drift_m=amount)
    return replace(drifted, bottom=context.motion.refit_bottom(drifted.bottom))


def _lean_back(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
    """Lean behind the good rep's trunk line at the top, half from the hips and half from the low back."""
    motion = context.motion
    if not isinstance(motion, HingeMotion):
        raise TypeError("lean-back needs a standing hinge")
    upright_deg = motion.trunk_lean_deg(plan.top)

    def leaning(past_deg: float) -> RepPlan:
        return _top(plan, hip_deg=-past_deg, lumbar_deg=0.6 * past_deg)

    past_deg = find_root(
        lambda past: upright_deg - motion.trunk_lean_deg(leaning(past).top) - amount, 0.0, 60.0, steps=3
    )
    return leaning(past_deg)


def _asymmetry(plan: RepPlan, amount: float, _context: FaultContext) -> RepPlan:
    return _top(plan, hip_deg=amount) if plan.side == "L" else plan


def _overload(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
    """Lose range, arch more and slow down a little more with every rep."""
    count = context.faulty_before
    tired = _top(plan, hip_deg=amount * count, lumbar_deg=OVERLOAD_LUMBAR_SHARE * amount * count)
    slower_s = plan.tempo.concentric_s * (1.0 + OVERLOAD_SLOWING_PER_REP * count)
    return replace(tired, tempo=replace(tired.tempo, concentric_s=slower_s))


_ADDED, _REMOVED, _ABSOLUTE = Reading.ADDED, Reading.REMOVED, Reading.ABSOLUTE
_M = Measure
FAULTS: dict[str, Fault] = {
    fault.id: fault
    for fault in (
        Fault(
            "incomplete-lockout", "incomplete-lockout", "deg", (15, 25), _M.HIP_TOP, _ADDED, _adding("top", hip_deg=1.0)
        ),
        Fault(
            "lumbar-overextension",
            "lumbar-overextension",
            "deg",
            (15, 25),
            _M.LUMBAR_TOP,
            _ADDED,
            _lumbar_overextension,
        ),
        Fault(
            "lumbar-compensation",
            "lumbar-overextension",
            "deg",
            (10, 15),
            _M.HIP_JOINT_TOP,
            _ADDED,
            _lumbar_compensation,
        ),
        Fault("lumbar-rounding", "lumbar-rounding", "deg", (15, 30), _M.LUMBAR_BOTTOM, _REMOVED, _lumbar_rounding),
        Fault("no-squeeze", "no-squeeze", "s", (0.2, 0.15), _M.HOLD, _ABSOLUTE, _no_squeeze),
        Fault("momentum", "momentum", "s", (0.45, 0.35), _M.LOWERING, _ABSOLUTE, _momentum),
        Fault("bounce", "momentum", "deg/s", (60, 100), _M.TURN_SPEED, _ABSOLUTE, _bounce),
        Fault("shallow-range", "shallow-range", "%", (45, 55), _M.RANGE, Reading.PERCENT_LOST, _shallow_range),
        Fault("shin-angle", "shin-angle", "deg", (-28, 25), _M.SHIN_TOP, _ADDED, None),
        Fault(
            "knee-dominant", "knee-dominant", "deg", (30, 45), _M.KNEE_BOTTOM, _ADDED, _adding("bottom", knee_deg=1.0)
        ),
        Fault(
            "knees-not-locked", "knees-not-locked", "deg", (20, 28), _M.KNEE_TOP, _ADDED, _adding("top", knee_deg=1.0)
        ),
        Fault("hips-shoot-up", "hips-shoot-up", "ratio", (1.7, 2.2), _M.RISE_RATIO, _ABSOLUTE, _hips_shoot_up),
        Fault("load-drifts", "load-drifts", "m", (0.12, 0.2), _M.LOAD_AHEAD_BOTTOM, _ADDED, _load_drifts),
        Fault("lean-back", "lean-back", "deg", (12, 18), _M.TRUNK_TOP, _REMOVED, _lean_back),
        Fault("arm-lift", "arm-lift", "deg", (30, 55), _M.ARM_TOP, _ADDED, _adding("top", arm_deg=1.0)),
        Fault(
            "leg-too-high",
            "leg-too-high",
            "deg",
            (20, 30),
            _M.HIP_TOP,
            _REMOVED,
            _adding("top", hip_deg=-1.0, lumbar_deg=ARCH_PER_LEG_DEG),
        ),
        Fault(
            "limb-not-extended", "limb-not-extended", "deg", (25, 40), _M.KNEE_TOP, _ADDED, _adding("top", knee_deg=1.0)
        ),
        Fault(
            "pelvis-drop",
            "pelvis-drop",
            "deg",
            (8, 14),
            _M.PELVIS_DROP_TOP,
            _ADDED,
            _adding("top", pelvis_drop_deg=1.0),
        ),
        Fault("asymmetry", "asymmetry", "deg", (15, 25), _M.HIP_TOP, _ADDED, _asymmetry),
        Fault("neck-posture", "neck-posture", "deg", (25, 35), _M.NECK_TOP, _ADDED, _adding("top", neck_deg=1.0)),
        Fault("overload", "overload", "deg/rep", (4, 7), _M.HIP_TOP, Reading.PER_REP, _overload),
    )
}


def apply_faults(plans: list[RepPlan], requests: tuple[FaultRequest, ...], motion: Motion) -> list[RepPlan]:
    """Return the plans of a set with the requested faults built in."""
    result = list(plans)
    for request in requests:
        change = FAULTS[request.fault].change
        if change is None:
            continue
        before = 0
        for i, plan in enumerate(result):
            if request.concerns(i + 1):
                result[i] = change(plan, request.amount, FaultContext(motion, before))
                before += 1
    return result
