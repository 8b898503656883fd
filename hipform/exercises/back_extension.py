"""Back extension: legs held on an inclined or level bench, the trunk bends over its end and comes up in line."""

from dataclasses import replace

from hipform.config import Basis, Setting, Settings, declare
from hipform.exercises.common_rules import INCOMPLETE_LOCKOUT, MOMENTUM, NO_SQUEEZE, OVERLOAD, SHALLOW_RANGE
from hipform.exercises.declaration import (
    Answer,
    Baseline,
    CameraAdvice,
    Exercise,
    Figure,
    Posture,
    Rule,
    Trait,
    View,
    WorkingSide,
)
from hipform.exercises.fault_places import LOW_BACK_AT_TOP
from hipform.exercises.findings import Severity
from hipform.exercises.traits import UNHURRIED, at_bottom, at_top, feature
from hipform.features.rep_summary import RepSummary
from hipform.texts import english
from hipform.types import Estimate

TRUNK_HEIGHT = declare(
    Setting(
        "trunk-too-high.above_deg", 12, 5, 40, Basis.CONVENTION,
        "hip extension past neutral is 10 to 20 degrees in people, and the pad holds the thighs",
        "Back extension: a trunk higher above the line of the legs than this is lifted by the low back.",
    )
)  # fmt: skip


def _trunk_height(rep: RepSummary, baseline: Baseline, settings: Settings) -> Answer:
    above = baseline.own_straight_deg - rep.lockout.value
    where = english("above") if above > 0 else english("below")
    text = english(
        "trunk {deg:.0f} ± {u95:.0f} degrees {where} the line of the legs",
        deg=abs(above),
        u95=rep.lockout.u95,
        where=where,
    )
    return Answer(text=text, measured=Estimate(above, rep.lockout.u95, "deg"), limit=settings[TRUNK_HEIGHT])


TRUNK_TOO_HIGH = Rule(
    id="trunk-too-high",
    title="Trunk too high",
    short="height",
    reason="Above the line of the legs the hips are done, and the low back arches to lift the chest further.",
    severity=Severity.MAJOR,
    cue="Finish in line, ribs down",
    went_well="your trunk did not rise past the line of the legs",
    sight=View.ANGLES,
    needs=("trunk_thigh_flexion_deg",),
    judge=_trunk_height,
    place=LOW_BACK_AT_TOP,
    limits=(TRUNK_HEIGHT,),
)

ON_ROMAN_CHAIR = Posture(
    name="thighs on an inclined pad, feet held",
    family="prone",
    may_look_standing=True,
    figure=Figure(
        rows=(
            "                ●",
            "              /",
            "            /",
            "          ○",
            "        /━━",
            "      /  ┃",
            "    /    ┃",
            "  /      ┃",
            "━╯━━━━━━━━━━━",
        ),
        row_m=0.15,
        is_level=True,
    ),
)

BACK_EXTENSION = Exercise(
    slug="back-extension",
    name="Back extension",
    purpose="Hip extension against the weight of the trunk: glutes and hamstrings lift, the back keeps its shape.",
    working_side=WorkingSide.NEAR,
    smallest_range_deg=25,
    usual_range_deg=75,
    fastest_hip_deg_per_s=500,
    traits=(
        Trait(
            of=at_top("thigh_incline_deg"),
            low=-52,
            high=15,
            tolerance=9,
            rejection_reason="thighs upright at the top: standing or kneeling, not held on a bench",
        ),
        Trait(
            of=at_top("trunk_lean_deg"),
            low=25,
            high=115,
            tolerance=12,
            rejection_reason="trunk not face down in line with sloping or level legs",
        ),
        Trait(
            of=feature("thigh_share_ratio"),
            low=-0.25,
            high=0.25,
            tolerance=0.25,
            rejection_reason="the thighs moved: nothing held the legs",
        ),
        Trait(
            of=feature("hip_rise_trunks"),
            low=-0.2,
            high=0.2,
            tolerance=0.2,
            rejection_reason="the hips moved up or down: they did not rest on a bench",
        ),
        Trait(
            of=feature("feet_move_trunks"),
            high=0.25,
            tolerance=0.15,
            rejection_reason="the feet moved: nothing held them",
        ),
        Trait(
            of=at_bottom("trunk_thigh_flexion_deg"),
            low=42,
            tolerance=15,
            rejection_reason="the hips hardly bent: the back alone moved, as in a superman",
        ),
        Trait(
            of=at_top("trunk_thigh_flexion_deg"),
            high=35,
            tolerance=15,
            rejection_reason="the hips stayed bent at the top, as in sitting",
        ),
        UNHURRIED,
    ),
    rules=(
        TRUNK_TOO_HIGH,
        replace(INCOMPLETE_LOCKOUT, cue="Rise until body is straight"),
        replace(NO_SQUEEZE, cue="Squeeze glutes, hold one second"),
        replace(MOMENTUM, cue="Lower the chest slowly"),
        replace(SHALLOW_RANGE, cue="Fold deeper over the pad"),
    ),
    set_rules=(OVERLOAD,),
    posture=ON_ROMAN_CHAIR,
    camera=CameraAdvice(
        height_m=0.9,
        distance_m=3.0,
        advice=(
            "At the height of the pad, side-on, three metres away, head to feet in frame at the bottom and at the top, "
            "no upright of the bench in front of the hip."
        ),
    ),
)
