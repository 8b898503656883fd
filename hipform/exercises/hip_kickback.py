"""Hip kickback: on hands and knees, one leg drives up and back (donkey kick), on alternating sides or one at a time.

The standing cable kickback is another exercise: it starts near a straight hip and ends past it, so that neither the
lockout nor the height of the leg could be judged alike.
"""

from dataclasses import replace

from hipform.config import Basis, Setting, declare
from hipform.exercises.common_rules import INCOMPLETE_LOCKOUT, MOMENTUM, NO_SQUEEZE, OVERLOAD
from hipform.exercises.declaration import CameraAdvice, Exercise, Figure, Posture, Trait, WorkingSide
from hipform.exercises.limb_rules import ASYMMETRY, leg_too_high
from hipform.exercises.traits import (
    FACE_DOWN,
    FOOT_TRAVELS,
    HANDS_ON_FLOOR,
    KNEELING,
    LEG_RISES,
    OTHER_HIP_BENT,
    UNHURRIED,
    at_top,
)

LEG_HEIGHT = declare(
    Setting(
        "leg-too-high.kickback_deg", 12, 5, 40, Basis.CONVENTION,
        "hip extension past neutral is 10 to 20 degrees in people, and less with a bent knee",
        "Hip kickback: a thigh higher above the trunk line than this is lifted by the low back.",
    )
)  # fmt: skip

ON_HANDS_AND_KNEES = Posture(
    name="hands and knees, one heel up",
    family="on all fours",
    may_look_standing=False,
    figure=Figure(
        rows=(
            "                    ╭─",
            "                    │",
            "                    │",
            "●                   │",
            " ╲┬─────────○───────╯",
            "  │         │",
            "  │         │",
            "  │         │",
            "  │         ╰────────",
        ),
        row_m=0.1,
        is_level=True,
    ),
)

HIP_KICKBACK = Exercise(
    slug="hip-kickback",
    name="Hip kickback (donkey kick)",
    purpose="One glute at a time through its last degrees of hip extension, while the low back keeps still.",
    working_side=WorkingSide.MOVING,
    smallest_range_deg=25,
    usual_range_deg=75,
    fastest_hip_deg_per_s=500,
    feet_stay=False,
    traits=(
        FACE_DOWN,
        LEG_RISES,
        FOOT_TRAVELS,
        OTHER_HIP_BENT,
        KNEELING,
        HANDS_ON_FLOOR,
        Trait(
            of=at_top("trunk_thigh_flexion_deg"),
            high=38,
            tolerance=15,
            rejection_reason="the thigh stayed far below the line of the trunk",
        ),
        UNHURRIED,
    ),
    rules=(
        replace(leg_too_high(LEG_HEIGHT), cue="Ribs down, thigh level with back"),
        replace(INCOMPLETE_LOCKOUT, cue="Drive the heel up higher"),
        replace(NO_SQUEEZE, cue="Squeeze the glute, hold"),
        replace(MOMENTUM, cue="Bring the knee down slowly"),
    ),
    set_rules=(OVERLOAD, ASYMMETRY),
    posture=ON_HANDS_AND_KNEES,
    camera=CameraAdvice(
        height_m=0.5,
        distance_m=3.0,
        advice=(
            "At the height of the back, side-on with the working leg nearer, three metres away, so that head and "
            "raised foot stay in frame."
        ),
    ),
)
