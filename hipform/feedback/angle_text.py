"""Angles in words, as people read them."""

from __future__ import annotations

import math

from hipform.types import Estimate


def format_joint_angle(flexion: Estimate) -> str:
    """Return a joint's flexion as people know the angle: "174° ± 5", 180 straight, more past straight.

    The uncertainty is rounded up: it is better to claim less. "not known" for NaN.
    """
    if not (math.isfinite(flexion.value) and math.isfinite(flexion.u95)):
        return "not known"
    return f"{180 - flexion.value:.0f}° ± {math.ceil(flexion.u95)}"


def format_angle(angle: Estimate) -> str:
    """Return an angle and its uncertainty, rounded up, as in "72° ± 10"."""
    return f"{angle.value:.0f}° ± {math.ceil(angle.u95)}"


def format_angle_change(change_deg: float) -> str:
    """Return a change in whole degrees with its sign, as in "+14°"; "0°" has none."""
    degrees = round(change_deg)
    return f"{degrees:+d}°" if degrees else "0°"
