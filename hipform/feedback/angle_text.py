"""Angles as text for people."""

from __future__ import annotations

import math

from hipform.texts import english
from hipform.types import Estimate


def format_joint_angle(flexion: Estimate) -> str:
    """Return a joint angle as text, as in "174° ± 5": 180 is straight, more is past straight.

    The uncertainty is rounded up, so that the text never claims too much. NaN gives "not known".
    """
    if not (math.isfinite(flexion.value) and math.isfinite(flexion.u95)):
        return english("not known")
    return f"{180 - flexion.value:.0f}° ± {math.ceil(flexion.u95)}"


def format_angle(angle: Estimate) -> str:
    """Return an angle and its uncertainty as text, as in "72° ± 10"; the uncertainty is rounded up."""
    return f"{angle.value:.0f}° ± {math.ceil(angle.u95)}"


def format_angle_change(change_deg: float) -> str:
    """Return a change in whole degrees with its sign, as in "+14°"; zero is "0°"."""
    degrees = round(change_deg)
    return f"{degrees:+d}°" if degrees else "0°"
