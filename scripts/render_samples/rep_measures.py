"""Measures of every repetition, taken on solved postures and the exact timeline."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.render_samples.fault_changes import HOLD_BAND_DEG
from scripts.render_samples.lifting_set import LiftingSet
from scripts.render_samples.skeleton import SIDE_NAME, Side
from scripts.render_samples.timeline import RepTimes
from scripts.render_samples.truth import body_angles

SPEED_STEP_S = 0.004
FINE_STEP_S = 0.002


@dataclass(frozen=True)
class RepMeasures:
    """What a repetition truly was; the working side's angles at the middle of its hold and of its turn.

    `range_deg` is the hip's range; `hold_s` the time within 5 degrees of the top; `turn_speed_deg_s` the hip's speed
    just before the bottom; `hip_shoulder_rise_ratio` how much further the hips rise than the shoulders in the first
    third of the lifting time; `load_ahead_bottom_m` how far the wrists are ahead of the ankles.
    """

    hip_top_deg: float
    hip_joint_top_deg: float
    lumbar_top_deg: float
    knee_top_deg: float
    shin_lean_top_deg: float
    trunk_lean_top_deg: float
    neck_top_deg: float
    pelvis_drop_top_deg: float
    arm_top_deg: float
    hip_bottom_deg: float
    lumbar_bottom_deg: float
    knee_bottom_deg: float
    load_ahead_bottom_m: float
    range_deg: float
    hold_s: float
    lifting_s: float
    lowering_s: float
    turn_speed_deg_s: float
    hip_shoulder_rise_ratio: float


def _hip_deg(lifting_set: LiftingSet, time_s: float) -> float:
    return lifting_set.timeline.at(time_s).targets.hip_deg


def _turn_times_s(lifting_set: LiftingSet, times: RepTimes) -> tuple[float, float]:
    """Return the middles of a rep's hold at the top and of its turn at the bottom."""
    tempo = lifting_set.plans[times.rep - 1].tempo
    top_s = times.top_s + 0.5 * tempo.top_s
    bottom_end_s = times.ascent_s if lifting_set.exercise.starts_at_top else times.end_s + tempo.bottom_s
    bottom_start_s = times.bottom_s if lifting_set.exercise.starts_at_top else times.end_s
    return top_s, 0.5 * (bottom_start_s + bottom_end_s)


def _hold_s(lifting_set: LiftingSet, top_s: float) -> float:
    """Return how long the hip stays near its top, on both sides of `top_s`."""
    top_deg = _hip_deg(lifting_set, top_s)

    def reach(direction: float) -> float:
        span_s = 0.0
        end_s = lifting_set.timeline.duration_s
        while 0.0 <= top_s + direction * span_s <= end_s:
            if abs(_hip_deg(lifting_set, top_s + direction * span_s) - top_deg) > HOLD_BAND_DEG:
                break
            span_s += FINE_STEP_S
        return span_s

    return reach(-1.0) + reach(1.0)


def _rise_ratio(lifting_set: LiftingSet, times: RepTimes) -> float:
    third_s = times.ascent_s + (times.top_s - times.ascent_s) / 3.0
    low, high = (lifting_set.at(t)[1].posture for t in (times.ascent_s, third_s))
    hip_m, shoulder_m = (high.middle(b)[2] - low.middle(b)[2] for b in ("upperleg01", "upperarm01"))
    return float(hip_m / shoulder_m) if abs(shoulder_m) > 0.01 else float("nan")


def measure_rep(lifting_set: LiftingSet, times: RepTimes) -> RepMeasures:
    """Measure one repetition on solved postures and the exact timeline."""
    neutral_deg = lifting_set.motion.neutral_line_deg()
    top_s, bottom_s = _turn_times_s(lifting_set, times)
    side = SIDE_NAME[times.side]
    top_posture, low_posture = (lifting_set.at(t)[1].posture for t in (top_s, bottom_s))
    top, low = body_angles(top_posture, neutral_deg), body_angles(low_posture, neutral_deg)
    # Lying or kneeling, the pelvis drops on the side whose leg does not carry.
    free = _free_side(lifting_set, times.side)
    drop_deg = top["pelvis_left_higher_deg"] * (-1.0 if free == "L" else 1.0)
    wrist_m, ankle_m = low_posture.middle("wrist")[0], low_posture.middle("foot")[0]
    from_top = lifting_set.exercise.starts_at_top
    lowering_s = times.bottom_s - times.start_s if from_top else times.end_s - times.descent_s
    turn_s = times.bottom_s if from_top else times.end_s
    before_deg = _hip_deg(lifting_set, turn_s - SPEED_STEP_S)
    return RepMeasures(
        hip_top_deg=top[f"{side}_trunk_thigh_flexion_deg"],
        hip_joint_top_deg=top[f"{side}_hip_joint_flexion_deg"],
        lumbar_top_deg=top["lumbar_extension_deg"],
        knee_top_deg=top[f"{side}_knee_flexion_deg"],
        shin_lean_top_deg=top[f"{side}_shin_lean_deg"],
        trunk_lean_top_deg=top["trunk_lean_deg"],
        neck_top_deg=top["neck_extension_deg"],
        pelvis_drop_top_deg=drop_deg,
        arm_top_deg=_arm_top_deg(lifting_set, times, top_s, side),
        hip_bottom_deg=low[f"{side}_trunk_thigh_flexion_deg"],
        lumbar_bottom_deg=low["lumbar_extension_deg"],
        knee_bottom_deg=low[f"{side}_knee_flexion_deg"],
        load_ahead_bottom_m=float(wrist_m - ankle_m),
        range_deg=low[f"{side}_trunk_thigh_flexion_deg"] - top[f"{side}_trunk_thigh_flexion_deg"],
        hold_s=_hold_s(lifting_set, top_s),
        lifting_s=times.top_s - times.ascent_s,
        lowering_s=lowering_s,
        turn_speed_deg_s=(_hip_deg(lifting_set, turn_s) - before_deg) / SPEED_STEP_S,
        hip_shoulder_rise_ratio=_rise_ratio(lifting_set, times),
    )


def _free_side(lifting_set: LiftingSet, working: Side) -> Side:
    """Return the side whose hip may drop: the moving one in a bird dog, else the one that does not work."""
    moving_works = lifting_set.exercise.alternates_sides
    return working if moving_works else ("L" if working == "R" else "R")


def _arm_top_deg(lifting_set: LiftingSet, times: RepTimes, top_s: float, side: str) -> float:
    """Return the arms' highest elevation near the top (a swing's arms go on rising after the hips have locked)."""
    hold_s = lifting_set.plans[times.rep - 1].tempo.top_s
    neutral_deg = lifting_set.motion.neutral_line_deg()
    moments_s = (top_s - 0.25 * hold_s, top_s, top_s + 0.25 * hold_s)
    return max(body_angles(lifting_set.at(t)[1].posture, neutral_deg)[f"{side}_arm_elevation_deg"] for t in moments_s)
