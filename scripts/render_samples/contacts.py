"""Check the contacts of a set: sliding feet, sinking skin, hands that miss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scripts.render_samples.geometry import Array
from scripts.render_samples.lifting_set import LiftingSet


@dataclass(frozen=True)
class ContactReport:
    """Worst errors over a set, m.

    Attributes
    ----------
    planted_drift_m
        How far a planted foot, knee or hand moves within the set (within a rep, where sides alternate).
    floor_penetration_m
        How deep skin lies under the floor.
    bench_penetration_m
        How deep skin lies inside a bench.
    reach_miss_m
        By how much a hand misses what it holds, or a foot its place.

    """

    planted_drift_m: float
    floor_penetration_m: float
    bench_penetration_m: float
    reach_miss_m: float


def check_contacts(lifting_set: LiftingSet, samples_per_s: float = 4.0) -> ContactReport:
    """Measure the contacts of a set at some moments."""
    body = lifting_set.body
    first_seen: dict[str, Array] = {}
    drift, floor, bench, miss = [0.0], [0.0], [0.0], [0.0]
    for time_s in lifting_set.frame_times_s(samples_per_s):
        moment, posed = lifting_set.at(time_s)
        skin = posed.posture.skin_vertices(body.skin_indices)
        floor.append(-float(skin[:, 2].min()))
        bench.extend(b.penetration_m(skin) for b in lifting_set.motion.benches)
        miss.append(posed.reach_miss_m)
        for bone in posed.planted:
            place = posed.posture.joint(bone)
            key = f"{bone} {moment.rep if lifting_set.exercise.alternates_sides else 0}"
            drift.append(float(np.linalg.norm(place - first_seen.setdefault(key, place))))
    return ContactReport(max(drift), max(floor), max(bench), max(miss))
