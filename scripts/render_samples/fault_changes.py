"""What each fault changes in the plan of a repetition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class FaultContext:
    """What a change may need to know: the motion, and how many faulty reps came before."""

    motion: Motion
    faulty_before: int


Change = Callable[[RepPlan, float, FaultContext], RepPlan]


def adding(end: Literal["top", "bottom"], **per_unit: float) -> Change:
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


def overextend_lumbar(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
    """Arch at the top with the hip joint as in a good rep: the trunk line goes past straight."""
    arched = _top(plan, lumbar_deg=amount)
    tilt_deg = context.motion.trunk_line_deg(arched.top) - context.motion.trunk_line_deg(plan.top)
    return _top(arched, hip_deg=tilt_deg)


def compensate_with_lumbar(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
    """Stop short at the hip joint, and arch until shoulder, hip and knee look like a good rep."""
    straight_deg = context.motion.trunk_line_deg(plan.top)

    def hidden_error(lumbar_deg: float) -> float:
        return straight_deg - context.motion.trunk_line_deg(_top(plan, lumbar_deg=lumbar_deg).top) - amount

    return _top(plan, lumbar_deg=find_root(hidden_error, 0.0, MOST_LUMBAR_DEG, steps=2))


def round_lumbar(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
    """Round the low back at the bottom, and the upper back with it."""
    rounded = _bottom(plan, lumbar_deg=-amount, thoracic_deg=-0.4 * amount)
    return replace(rounded, bottom=context.motion.refit_bottom(rounded.bottom))


def skip_squeeze(plan: RepPlan, amount: float, _context: FaultContext) -> RepPlan:
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


def drop_quickly(plan: RepPlan, amount: float, _context: FaultContext) -> RepPlan:
    """Lower the load in *amount* seconds."""
    return replace(plan, tempo=replace(plan.tempo, eccentric_s=amount))


def bounce(plan: RepPlan, amount: float, _context: FaultContext) -> RepPlan:
    """Reach the bottom at *amount* degrees a second, without a rest there."""
    return replace(plan, tempo=replace(plan.tempo, bottom_s=0.0, bottom_speed_deg_s=amount))


def reduce_range(plan: RepPlan, amount: float, _context: FaultContext) -> RepPlan:
    """Stop the descent *amount* percent of the range early."""
    return replace(plan, bottom=plan.bottom.toward(plan.top, amount / 100.0))


def raise_hips_first(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
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


def let_load_drift(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
    """Hold the load *amount* metres further in front at the bottom."""
    drifted = _bottom(plan, load_drift_m=amount)
    return replace(drifted, bottom=context.motion.refit_bottom(drifted.bottom))


def lean_back(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
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


def shorten_left_side(plan: RepPlan, amount: float, _context: FaultContext) -> RepPlan:
    """Stop *amount* degrees short at the top, on the left side only."""
    return _top(plan, hip_deg=amount) if plan.side == "L" else plan


def tire(plan: RepPlan, amount: float, context: FaultContext) -> RepPlan:
    """Lose range, arch more and slow down a little more with every rep."""
    count = context.faulty_before
    tired = _top(plan, hip_deg=amount * count, lumbar_deg=OVERLOAD_LUMBAR_SHARE * amount * count)
    slower_s = plan.tempo.concentric_s * (1.0 + OVERLOAD_SLOWING_PER_REP * count)
    return replace(tired, tempo=replace(tired.tempo, concentric_s=slower_s))
