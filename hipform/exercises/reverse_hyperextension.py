"""Reverse hyperextension: prone on a high bench, both legs swing up to the line of the trunk."""

from dataclasses import replace

from hipform.exercises.common_rules import (
    INCOMPLETE_LOCKOUT,
    MOMENTUM,
    NO_SQUEEZE,
    OVERLOAD,
    SHALLOW_RANGE,
)
from hipform.exercises.declaration import CameraAdvice, Exercise, Trait, WorkingSide
from hipform.exercises.limb_rules import leg_too_high
from hipform.exercises.postures import PRONE_ON_BENCH
from hipform.exercises.traits import (
    FACE_DOWN,
    FOOT_TRAVELS,
    HIPS_ON_HIGH_BENCH,
    LEG_RISES,
    NO_PLATE,
    NOT_KNEELING,
    UNHURRIED,
)

TRUNK_RESTS = Trait(
    of=lambda rep: rep.low["trunk_lean_deg"] - rep.top["trunk_lean_deg"],
    low=-12,
    high=12,
    tolerance=6,
    rejection_reason="the trunk moved, as in a hinge: no bench held it",
)

REVERSE_HYPEREXTENSION = Exercise(
    slug="reverse-hyperextension",
    name="Reverse hyperextension",
    purpose="Hip extension with the trunk at rest: glutes and hamstrings without load on the shoulders.",
    working_side=WorkingSide.NEAR,
    smallest_range_deg=25,
    usual_range_deg=75,
    fastest_hip_deg_per_s=500,
    feet_stay=False,
    traits=(FACE_DOWN, LEG_RISES, FOOT_TRAVELS, NOT_KNEELING, HIPS_ON_HIGH_BENCH, NO_PLATE, TRUNK_RESTS, UNHURRIED),
    rules=(
        leg_too_high("leg-too-high.reverse_hyper_deg"),
        replace(INCOMPLETE_LOCKOUT, cue="Legs up to hip height"),
        replace(NO_SQUEEZE, cue="Squeeze glutes, hold one second"),
        replace(MOMENTUM, cue="Let the legs down slowly"),
        replace(SHALLOW_RANGE, cue="Let legs hang all the way"),
    ),
    set_rules=(OVERLOAD,),
    posture=PRONE_ON_BENCH,
    camera=CameraAdvice(
        height_m=0.9,
        distance_m=3.0,
        advice="At the height of the bench, side-on, three metres away, head to feet in frame all the way up.",
    ),
)
