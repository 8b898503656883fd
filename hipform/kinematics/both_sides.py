"""What the far side of the body adds to the trunk-thigh angle of the measured one.

The pose model places the near hip too far forward or back where an arm, a load or clothes hide it, and in an oblique
view the near shoulder, hip and knee are not in one plane. The far side errs in other ways, so that joints between both
sides are more accurate. Tops of people whose joints two raters placed by eye, each person predicted from the others:
mean error 4.2 degrees from the near side alone and 3.3 with the far side in side views, 5.2 and 4.1 in other views;
shares from 0.2 to 0.4 do equally well.
"""

from __future__ import annotations

import math
from dataclasses import replace

from hipform.kinematics.angles import Vector
from hipform.kinematics.measures import SIDE_POINTS, SideView, trunk_thigh_flexion_deg
from hipform.pose.poses import Pose
from hipform.types import Side

FAR_SHARE = 0.3
"""How far the joints are moved towards those of the other side; 0.5 would be the middle of the body.

Basis: tuned on labelled tops, each person left out in turn."""
MOST_DEG = 7.0
"""A far side that would change the angle by more than this is not seen well, and changes it by this.

Basis: tuned on labelled tops, each person left out in turn."""
ONE_LEG_SHARE, ONE_LEG_MOST_DEG = 0.5, 15.0
"""The same where one leg works alone: the middle of both shoulders and of both hips.

Seen from the side, both hips lie on one spot, but the model pulls each of them towards its own thigh.

Basis: definition for the share, tuned for the angle, on labelled tops of six people.
"""
STRAIGHT_DEG, FLEXED_DEG = 25.0, 60.0
"""The far side counts fully up to the first flexion, and not at all from the second, where it was no help.

Basis: guess, checked on labelled tops and bottoms."""


def straightness(flexion_deg: float) -> float:
    """Return 1 up to `STRAIGHT_DEG`, 0 from `FLEXED_DEG`, and a linear transition between them; NaN in, NaN out."""
    flexed = (flexion_deg - STRAIGHT_DEG) / (FLEXED_DEG - STRAIGHT_DEG)
    return 1.0 - min(max(flexed, 0.0), 1.0) if math.isfinite(flexed) else math.nan


def far_side_change_deg(view: SideView, pose: Pose, side: Side, *, both_legs_work: bool) -> float:
    """Return what the far side changes about the trunk-thigh angle of *side*, degrees; 0 where it is unseen.

    Parameters
    ----------
    view
        The measured side of *pose*.
    pose
        The athlete.
    side
        The measured side.
    both_legs_work
        Whether both legs do the same work. Otherwise only shoulder and hip are moved, and the thigh remains that of
        the measured leg.
    """
    own_deg = trunk_thigh_flexion_deg(view)
    if not own_deg < FLEXED_DEG:
        return 0.0
    share, most_deg = (FAR_SHARE, MOST_DEG) if both_legs_work else (ONE_LEG_SHARE, ONE_LEG_MOST_DEG)
    shoulder, hip, knee = (_between(pose, side, joint, share) for joint in ("shoulder", "hip", "knee"))
    moved = replace(view, shoulder=shoulder, hip=hip, knee=knee if both_legs_work else view.knee)
    change_deg = straightness(own_deg) * (trunk_thigh_flexion_deg(moved) - own_deg)
    return min(max(change_deg, -most_deg), most_deg) if math.isfinite(change_deg) else 0.0


def _between(pose: Pose, side: Side, joint: str, share: float) -> Vector:
    (near_x, near_y), (far_x, far_y) = pose.image_px[[SIDE_POINTS[one][joint] for one in (side, side.other)]].tolist()
    return near_x + share * (far_x - near_x), near_y + share * (far_y - near_y)
