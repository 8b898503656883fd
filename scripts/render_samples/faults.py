"""The faults: how each changes a repetition, in which unit, and which measure of the truth shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scripts.render_samples.fault_changes import (
    ARCH_PER_LEG_DEG,
    Change,
    FaultContext,
    adding,
    bounce,
    compensate_with_lumbar,
    drop_quickly,
    lean_back,
    let_load_drift,
    overextend_lumbar,
    raise_hips_first,
    reduce_range,
    round_lumbar,
    shorten_left_side,
    skip_squeeze,
    tire,
)
from scripts.render_samples.motion.base import Motion
from scripts.render_samples.plan import RepPlan


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
        """Return whether a repetition is to show the fault."""
        return not self.reps or rep in self.reps


@dataclass(frozen=True)
class Fault:
    """A fault on demand.

    Attributes
    ----------
    id, rule
        Name of the fault, and of hipform's rule that must report it (often the same).
    unit, amounts
        Unit of the amount, with a mild and a strong one.
    measure, reading
        Where the truth shows it.
    change
        The change of a repetition; None for a fault of the set-up (`shin-angle`), which concerns the whole set
        because planted feet do not move.

    """

    id: str
    rule: str
    unit: str
    amounts: tuple[float, float]
    measure: Measure
    reading: Reading
    change: Change | None


_ADDED, _REMOVED, _ABSOLUTE = Reading.ADDED, Reading.REMOVED, Reading.ABSOLUTE
_M = Measure
FAULTS: dict[str, Fault] = {
    fault.id: fault
    for fault in (
        Fault(
            "incomplete-lockout", "incomplete-lockout", "deg", (15, 25), _M.HIP_TOP, _ADDED, adding("top", hip_deg=1.0)
        ),
        Fault(
            "lumbar-overextension",
            "lumbar-overextension",
            "deg",
            (15, 25),
            _M.LUMBAR_TOP,
            _ADDED,
            overextend_lumbar,
        ),
        Fault(
            "lumbar-compensation",
            "lumbar-overextension",
            "deg",
            (10, 15),
            _M.HIP_JOINT_TOP,
            _ADDED,
            compensate_with_lumbar,
        ),
        Fault("lumbar-rounding", "lumbar-rounding", "deg", (15, 30), _M.LUMBAR_BOTTOM, _REMOVED, round_lumbar),
        Fault("no-squeeze", "no-squeeze", "s", (0.2, 0.15), _M.HOLD, _ABSOLUTE, skip_squeeze),
        Fault("momentum", "momentum", "s", (0.45, 0.35), _M.LOWERING, _ABSOLUTE, drop_quickly),
        # No rule looks for it: real sets that their makers call correct turn at the bottom within 0.15 s as well.
        Fault("bounce", "bounce", "deg/s", (60, 100), _M.TURN_SPEED, _ABSOLUTE, bounce),
        Fault("shallow-range", "shallow-range", "%", (45, 55), _M.RANGE, Reading.PERCENT_LOST, reduce_range),
        Fault("shin-angle", "shin-angle", "deg", (-28, 25), _M.SHIN_TOP, _ADDED, None),
        Fault(
            "knee-dominant", "knee-dominant", "deg", (30, 45), _M.KNEE_BOTTOM, _ADDED, adding("bottom", knee_deg=1.0)
        ),
        Fault(
            "knees-not-locked", "knees-not-locked", "deg", (20, 28), _M.KNEE_TOP, _ADDED, adding("top", knee_deg=1.0)
        ),
        Fault("hips-shoot-up", "hips-shoot-up", "ratio", (1.7, 2.2), _M.RISE_RATIO, _ABSOLUTE, raise_hips_first),
        Fault("load-drifts", "load-drifts", "m", (0.12, 0.2), _M.LOAD_AHEAD_BOTTOM, _ADDED, let_load_drift),
        Fault("lean-back", "lean-back", "deg", (12, 18), _M.TRUNK_TOP, _REMOVED, lean_back),
        Fault("arm-lift", "arm-lift", "deg", (30, 55), _M.ARM_TOP, _ADDED, adding("top", arm_deg=1.0)),
        Fault(
            "leg-too-high",
            "leg-too-high",
            "deg",
            (20, 30),
            _M.HIP_TOP,
            _REMOVED,
            adding("top", hip_deg=-1.0, lumbar_deg=ARCH_PER_LEG_DEG),
        ),
        Fault(
            "limb-not-extended", "limb-not-extended", "deg", (25, 40), _M.KNEE_TOP, _ADDED, adding("top", knee_deg=1.0)
        ),
        Fault(
            "pelvis-drop",
            "pelvis-drop",
            "deg",
            (8, 14),
            _M.PELVIS_DROP_TOP,
            _ADDED,
            adding("top", pelvis_drop_deg=1.0),
        ),
        Fault("asymmetry", "asymmetry", "deg", (15, 25), _M.HIP_TOP, _ADDED, shorten_left_side),
        Fault("neck-posture", "neck-posture", "deg", (25, 35), _M.NECK_TOP, _ADDED, adding("top", neck_deg=1.0)),
        Fault("overload", "overload", "deg/rep", (4, 7), _M.HIP_TOP, Reading.PER_REP, tire),
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
