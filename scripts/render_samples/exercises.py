"""The exercises that can be rendered, one declaration each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from scripts.render_samples.bodies import Body
from scripts.render_samples.motion.base import Motion
from scripts.render_samples.motion.hinge import HingeMotion, HingeSetup, Load
from scripts.render_samples.motion.prone import ProneMotion
from scripts.render_samples.motion.quadruped import QuadrupedMotion
from scripts.render_samples.motion.roman_chair import RomanChairMotion
from scripts.render_samples.motion.supine import Arms, SupineMotion, SupineSetup
from scripts.render_samples.plan import Targets, Tempo


class Equipment(StrEnum):
    """What stands or hangs around the lifter, besides benches."""

    NONE = "none"
    BARBELL = "barbell"
    CABLE = "cable"
    KETTLEBELL = "kettlebell"
    HANDLES = "handles"
    ROMAN_CHAIR = "roman-chair"


@dataclass(frozen=True)
class Framing:
    """The box a camera must see: centre (X and height) and size, m, for a lifter of 1.75 m."""

    centre_x_m: float
    centre_height_m: float
    width_m: float
    height_m: float


@dataclass(frozen=True)
class MotionSettings:
    """Clip-wide choices that a motion needs before the set starts.

    Attributes
    ----------
    shin_lean_deg
        Lean of the shins at the top of a bridge or thrust, positive knee ahead of the ankle.
    bar_height_m
        Height of the bar's centre when the plates lie on the floor.

    """

    shin_lean_deg: float = 0.0
    bar_height_m: float = 0.225


@dataclass(frozen=True)
class Exercise:
    """An exercise: how it is posed, timed and filmed, and which faults it can show."""

    slug: str
    make_motion: Callable[[Body, MotionSettings], Motion]
    bottom: Targets
    top: Targets
    tempo: Tempo
    starts_at_top: bool
    framing: Framing
    faults: tuple[str, ...]
    equipment: Equipment = Equipment.NONE
    plates: tuple[str, ...] = ("none",)
    alternates_sides: bool = False
    knee_lead: float = 1.0
    swings_arms: bool = False


COMMON_FAULTS = ("incomplete-lockout", "lumbar-overextension", "lumbar-compensation", "momentum", "overload")
BRIDGE_FAULTS = (*COMMON_FAULTS, "no-squeeze", "bounce", "shallow-range", "shin-angle")
HINGE_FAULTS = (*COMMON_FAULTS, "lumbar-rounding", "bounce", "shallow-range", "lean-back", "neck-posture")
FLOOR_FRAMING = Framing(0.30, 0.36, 2.1, 1.0)
STANDING_FRAMING = Framing(0.05, 0.89, 1.5, 2.1)
# Feet a little out, and the upper back rounding onto the floor, keep heels and chin where people have them.
BRIDGE_SHIN_DEG = -9.0
BRIDGE_TOP = Targets(thoracic_deg=-12.0)
BRIDGE_TEMPO = Tempo(concentric_s=0.7, top_s=0.7, eccentric_s=0.9, bottom_s=0.35)
HINGE_TEMPO = Tempo(concentric_s=1.0, top_s=0.4, eccentric_s=1.3, bottom_s=0.15)


GLUTE_BRIDGE = Exercise(
    slug="glute-bridge",
    make_motion=lambda body, s: SupineMotion(
        body, SupineSetup(False, Arms.FLOOR, shin_lean_top_deg=BRIDGE_SHIN_DEG + s.shin_lean_deg)
    ),
    bottom=Targets(),
    top=BRIDGE_TOP,
    tempo=BRIDGE_TEMPO,
    starts_at_top=False,
    framing=FLOOR_FRAMING,
    faults=BRIDGE_FAULTS,
)

SINGLE_LEG_GLUTE_BRIDGE = Exercise(
    slug="single-leg-glute-bridge",
    make_motion=lambda body, s: SupineMotion(
        body, SupineSetup(False, Arms.FLOOR, single_leg=True, shin_lean_top_deg=BRIDGE_SHIN_DEG + s.shin_lean_deg)
    ),
    bottom=Targets(),
    top=BRIDGE_TOP,
    tempo=BRIDGE_TEMPO,
    starts_at_top=False,
    framing=Framing(0.40, 0.50, 2.3, 1.3),
    faults=(*BRIDGE_FAULTS, "pelvis-drop"),
)

HIP_THRUST = Exercise(
    slug="hip-thrust",
    make_motion=lambda body, s: SupineMotion(body, SupineSetup(True, Arms.HIPS, shin_lean_top_deg=s.shin_lean_deg)),
    bottom=Targets(neck_deg=-20.0),
    top=Targets(neck_deg=-38.0),
    tempo=Tempo(concentric_s=0.8, top_s=0.7, eccentric_s=1.1, bottom_s=0.3),
    starts_at_top=False,
    framing=Framing(0.32, 0.48, 2.1, 1.2),
    faults=BRIDGE_FAULTS,
)

BARBELL_HIP_THRUST = Exercise(
    slug="barbell-hip-thrust",
    make_motion=lambda body, s: SupineMotion(body, SupineSetup(True, Arms.BAR, shin_lean_top_deg=s.shin_lean_deg)),
    bottom=Targets(neck_deg=-20.0),
    top=Targets(neck_deg=-38.0),
    tempo=Tempo(concentric_s=0.85, top_s=0.7, eccentric_s=1.2, bottom_s=0.3),
    starts_at_top=False,
    framing=Framing(0.32, 0.48, 2.1, 1.2),
    faults=BRIDGE_FAULTS,
    equipment=Equipment.BARBELL,
    plates=("none", "small", "medium", "big", "big-red"),
)

BIRD_DOG = Exercise(
    slug="bird-dog",
    make_motion=lambda body, _: QuadrupedMotion(body),
    bottom=Targets(neck_deg=14.0),
    top=Targets(knee_deg=4.0, neck_deg=14.0, arm_deg=96.0),
    tempo=Tempo(concentric_s=1.0, top_s=1.0, eccentric_s=1.0, bottom_s=0.3),
    starts_at_top=False,
    framing=Framing(0.05, 0.45, 2.6, 1.2),
    faults=(
        *COMMON_FAULTS,
        "no-squeeze",
        "leg-too-high",
        "limb-not-extended",
        "pelvis-drop",
        "asymmetry",
        "neck-posture",
    ),
    alternates_sides=True,
    # The knee straightens a little late, so that the pointed foot does not scrape the floor.
    knee_lead=0.75,
)

HIP_KICKBACK = Exercise(
    slug="hip-kickback",
    make_motion=lambda body, _: QuadrupedMotion(body),
    bottom=Targets(neck_deg=14.0),
    top=Targets(knee_deg=86.0, neck_deg=14.0),
    tempo=Tempo(concentric_s=0.8, top_s=0.8, eccentric_s=0.9, bottom_s=0.3),
    starts_at_top=False,
    framing=Framing(0.15, 0.55, 2.1, 1.4),
    faults=(*COMMON_FAULTS, "no-squeeze", "leg-too-high", "pelvis-drop", "asymmetry", "neck-posture"),
    alternates_sides=True,
)

BACK_EXTENSION = Exercise(
    slug="back-extension",
    make_motion=lambda body, _: RomanChairMotion(body),
    bottom=Targets(hip_deg=84.0, neck_deg=8.0),
    top=Targets(neck_deg=8.0),
    tempo=Tempo(concentric_s=1.0, top_s=0.7, eccentric_s=1.2, bottom_s=0.3),
    starts_at_top=False,
    framing=Framing(0.0, 0.85, 2.1, 1.9),
    faults=(*COMMON_FAULTS, "no-squeeze", "bounce", "shallow-range", "neck-posture"),
    equipment=Equipment.ROMAN_CHAIR,
)

PULL_THROUGH = Exercise(
    slug="pull-through",
    make_motion=lambda body, _: HingeMotion(body, HingeSetup(Load.HANDLE, stance_m=0.22, load_share=0.0)),
    bottom=Targets(hip_deg=82.0, knee_deg=28.0, neck_deg=14.0),
    top=Targets(knee_deg=5.0),
    tempo=HINGE_TEMPO,
    starts_at_top=True,
    framing=Framing(-0.35, 0.90, 2.5, 2.15),
    faults=(*HINGE_FAULTS, "knee-dominant"),
    equipment=Equipment.CABLE,
)

ROMANIAN_DEADLIFT = Exercise(
    slug="romanian-deadlift",
    make_motion=lambda body, _: HingeMotion(body, HingeSetup(Load.HANGING_BAR, stance_m=0.13)),
    bottom=Targets(hip_deg=88.0, knee_deg=24.0, neck_deg=12.0),
    top=Targets(knee_deg=8.0),
    tempo=HINGE_TEMPO,
    starts_at_top=True,
    framing=STANDING_FRAMING,
    faults=(*HINGE_FAULTS, "knee-dominant", "load-drifts"),
    equipment=Equipment.BARBELL,
    plates=("none", "small", "medium", "big", "big-red"),
)

DEADLIFT = Exercise(
    slug="deadlift",
    make_motion=lambda body, s: HingeMotion(
        body, HingeSetup(Load.HANGING_BAR, stance_m=0.14, bar_on_floor_m=s.bar_height_m)
    ),
    bottom=Targets(knee_deg=80.0, neck_deg=16.0, lumbar_deg=-6.0, thoracic_deg=-14.0),
    top=Targets(knee_deg=3.0),
    tempo=Tempo(concentric_s=1.2, top_s=0.5, eccentric_s=1.2, bottom_s=0.4),
    starts_at_top=False,
    framing=STANDING_FRAMING,
    faults=(
        *COMMON_FAULTS,
        "lumbar-rounding",
        "bounce",
        "hips-shoot-up",
        "knees-not-locked",
        "load-drifts",
        "lean-back",
        "neck-posture",
    ),
    equipment=Equipment.BARBELL,
    plates=("big", "big-red"),
)

KETTLEBELL_SWING = Exercise(
    slug="kettlebell-swing",
    make_motion=lambda body, _: HingeMotion(body, HingeSetup(Load.KETTLEBELL, stance_m=0.22, load_share=0.05)),
    bottom=Targets(hip_deg=82.0, knee_deg=36.0, neck_deg=14.0, arm_deg=-36.0),
    top=Targets(knee_deg=3.0, arm_deg=84.0),
    tempo=Tempo(concentric_s=0.42, top_s=0.5, eccentric_s=0.48, bottom_s=0.06),
    starts_at_top=True,
    framing=Framing(0.15, 0.90, 2.1, 2.15),
    faults=(
        "incomplete-lockout",
        "lumbar-overextension",
        "lumbar-compensation",
        "overload",
        "lumbar-rounding",
        "shallow-range",
        "lean-back",
        "knee-dominant",
        "arm-lift",
        "neck-posture",
    ),
    equipment=Equipment.KETTLEBELL,
    swings_arms=True,
)

GOOD_MORNING = Exercise(
    slug="good-morning",
    make_motion=lambda body, _: HingeMotion(body, HingeSetup(Load.BACK_BAR, stance_m=0.16, load_share=0.35)),
    bottom=Targets(hip_deg=78.0, knee_deg=24.0, neck_deg=14.0),
    top=Targets(knee_deg=9.0),
    tempo=HINGE_TEMPO,
    starts_at_top=True,
    framing=STANDING_FRAMING,
    faults=(*HINGE_FAULTS, "knee-dominant"),
    equipment=Equipment.BARBELL,
    plates=("none", "small", "medium"),
)

REVERSE_HYPEREXTENSION = Exercise(
    slug="reverse-hyperextension",
    make_motion=lambda body, _: ProneMotion(body),
    bottom=Targets(hip_deg=76.0, knee_deg=6.0, neck_deg=10.0),
    top=Targets(knee_deg=4.0, neck_deg=10.0),
    tempo=Tempo(concentric_s=0.9, top_s=0.7, eccentric_s=1.2, bottom_s=0.3),
    starts_at_top=False,
    framing=Framing(-0.05, 0.82, 2.4, 1.9),
    faults=(*COMMON_FAULTS, "no-squeeze", "bounce", "shallow-range", "leg-too-high"),
    equipment=Equipment.HANDLES,
)

EXERCISES: dict[str, Exercise] = {
    exercise.slug: exercise
    for exercise in (
        GLUTE_BRIDGE,
        SINGLE_LEG_GLUTE_BRIDGE,
        HIP_THRUST,
        BARBELL_HIP_THRUST,
        BIRD_DOG,
        HIP_KICKBACK,
        BACK_EXTENSION,
        PULL_THROUGH,
        ROMANIAN_DEADLIFT,
        DEADLIFT,
        KETTLEBELL_SWING,
        GOOD_MORNING,
        REVERSE_HYPEREXTENSION,
    )
}
