"""Bird dog: on hands and knees, one leg and the opposite arm held out, on alternating sides or one side at a time."""

from dataclasses import replace

from hipform.exercises.common_rules import (
    INCOMPLETE_LOCKOUT,
    MOMENTUM,
    NO_SQUEEZE,
    OVERLOAD,
)
from hipform.exercises.declaration import CameraAdvice, Exercise, WorkingSide
from hipform.exercises.limb_rules import ASYMMETRY, leg_too_high
from hipform.exercises.postures import QUADRUPED
from hipform.exercises.traits import ARM_HELD_OUT, FACE_DOWN, FOOT_TRAVELS, KNEELING, LEG_RISES, OTHER_HIP_BENT

BIRD_DOG = Exercise(
    slug="bird-dog",
    name="Bird dog",
    purpose="Hip extension while the trunk keeps still: control before load, on both sides.",
    working_side=WorkingSide.MOVING,
    smallest_range_deg=30,
    usual_range_deg=75,
    fastest_hip_deg_per_s=500,
    feet_stay=False,
    traits=(
        FACE_DOWN,
        LEG_RISES,
        FOOT_TRAVELS,
        OTHER_HIP_BENT,
        KNEELING,
        ARM_HELD_OUT,
    ),
    rules=(
        leg_too_high("leg-too-high.bird_dog_deg"),
        replace(INCOMPLETE_LOCKOUT, cue="Push the heel back, leg level"),
        replace(NO_SQUEEZE, cue="Hold it out one second"),
        replace(MOMENTUM, cue="Bring the leg back slowly"),
    ),
    set_rules=(OVERLOAD, ASYMMETRY),
    posture=QUADRUPED,
    camera=CameraAdvice(
        height_m=0.5,
        distance_m=3.0,
        advice=(
            "At the height of the back, side-on, three metres away, so that outstretched hand and foot stay in frame."
        ),
    ),
)
