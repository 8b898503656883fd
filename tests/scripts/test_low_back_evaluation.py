"""Figures on how well the outline tells the low back, from stills made up for the purpose."""

import math

import numpy as np
import pytest

from scripts.evaluate.low_back import Still, changes
from scripts.evaluate.low_back_tables import area, low_back_section, low_back_verdict_section
from scripts.render_samples.stills import HINGES, STILLS_OF, stills_spec

FAULTS = (
    ("", 0.0),
    ("", 0.0),
    ("", 0.0),
    ("", 0.0),
    ("lumbar-compensation", 10.0),
    ("lumbar-compensation", 15.0),
    ("lumbar-overextension", 15.0),
)


def stills(exercise="glute-bridge", offset_deg=0.0, gain=1.0, noise_deg=1.0, lifters=8):
    rng = np.random.default_rng(0)
    for seed in range(lifters):
        zero = 20.0 * seed
        for rep, (fault, lumbar_deg) in enumerate(FAULTS, 1):
            reading = zero + gain * lumbar_deg + rng.normal(0, noise_deg)
            measures = {
                "belly_bulge_ratio": reading / 640,
                "trunk_thigh_flexion_deg": 0.0,
                "back_hollow_ratio": float("nan"),
            }
            measures |= {"neck_extension_deg": rng.normal(), "trunk_over_thigh_ratio": 1 + 0.01 * rng.normal()}
            hip_deg = 15.0 if fault == "lumbar-compensation" else 0.0
            true_deg, outline = offset_deg + lumbar_deg, np.full((2, 23), np.nan)
            yield Still(exercise, seed, rep, "top", fault, true_deg, hip_deg, 0.0, reading, measures, outline)


def test_every_lifter_is_held_against_their_own_first_two():
    found = changes(stills(noise_deg=0.0, offset_deg=7.0), "top")
    assert len(found) == 8 * 5
    assert all(change.found.value == pytest.approx(change.true_deg) for change in found)
    assert changes(stills(), "bottom") == []


def test_the_area_is_the_share_of_pairs_in_the_right_order():
    assert area(np.array([2.0, 3]), np.array([0.0, 1])) == 1
    assert area(np.array([1.0]), np.array([0.0, 1, 2])) == 0.5
    assert np.isnan(area(np.array([]), np.array([1.0])))


def test_the_page_tells_a_good_estimate_from_a_blind_one():
    good, blind = ("\n".join(low_back_section(list(stills(gain=gain)), "heavy")) for gain in (1.0, 0.0))
    assert "| glute-bridge | top | odd | 4 (few) | 100% |" in good
    assert good.count("| 1.00 | 1.00 |") == 4
    assert "| 1.00 | 1.00 |" not in blind
    assert "belly_bulge_ratio" in good
    assert "| glute-bridge | rise of the belly | " in good
    assert "| glute-bridge | hollow of the back | - | - | - |" in good


def test_an_arch_is_a_fault_where_the_outline_shows_it_and_never_ok_where_it_does_not():
    seen, blind = (
        "\n".join(low_back_verdict_section([*stills(gain=gain, noise_deg=noise_deg)], "heavy"))
        for gain, noise_deg in ((1.6, 0.5), (1.0, math.nan))
    )
    # Each of eight lifters shows two arches of more than 10 degrees, and two good repetitions after the neutral ones.
    assert "| all | 16 / 0 / 0 | 0 / 16 / 0 | 100% | 100% |" in seen
    assert "| all | 0 / 0 / 16 | 0 / 0 / 16 | 100% | 100% |" in blind
    row = next(line for line in seen.splitlines() if line.startswith("| glute-bridge | odd | 4 (few) |"))
    assert row.split(" | ")[3] == "100%"


@pytest.mark.parametrize("exercise", STILLS_OF)
def test_a_set_of_stills_shows_every_kind_of_low_back(exercise):
    spec = stills_spec(exercise, 3)
    assert spec == stills_spec(exercise, 3)
    assert spec.reps == (13 if exercise in HINGES else 10)
    assert all(number > 2 for fault in spec.faults for number in fault.reps)
    assert abs(spec.camera.azimuth_deg) <= 8
    assert spec.scene.plates == "none"
