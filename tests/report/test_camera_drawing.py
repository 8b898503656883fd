"""The drawing of where the camera goes: complete, to be read on any terminal, and right."""

from dataclasses import replace

import pytest

from hipform.exercises import EXERCISES, postures
from hipform.exercises.declaration import CameraAdvice, Posture
from hipform.report.camera_drawing import camera_drawing

CAMERA = CameraAdvice(height_m=0.5, distance_m=2.5, advice="")
POSTURES = {exercise.posture.name: exercise.posture for exercise in EXERCISES.values()}
every_posture = pytest.mark.parametrize("posture", POSTURES.values(), ids=POSTURES)


def lens_row(posture, height_m):
    """Return how many lines above the ground the lens is drawn."""
    lines = camera_drawing(posture, replace(CAMERA, height_m=height_m))
    return len(lines) - 2 - next(number for number, line in enumerate(lines) if "lens ◉" in line)


def test_every_shared_posture_is_that_of_an_exercise():
    shared = {posture for posture in vars(postures).values() if isinstance(posture, Posture)}
    assert shared
    assert shared <= set(POSTURES.values())


def test_postures_of_one_name_are_one():
    assert len({exercise.posture for exercise in EXERCISES.values()}) == len(POSTURES)


@every_posture
def test_drawing_has_the_lifter_the_camera_its_distance_and_its_height(posture):
    text = "\n".join(camera_drawing(posture, CAMERA))
    for part in ("from above", "from the side", "camera ◉", "lens ◉", "2.5 m", "0.5 m"):
        assert text.count(part) == 1, part
    assert ("head" in text and "feet" in text) != ("faces this way" in text)


@every_posture
def test_ascii_is_the_same_drawing(posture):
    drawn, plain = camera_drawing(posture, CAMERA), camera_drawing(posture, CAMERA, ascii_only=True)
    assert all(line.isascii() for line in plain)
    assert [len(line) for line in plain] == [len(line) for line in drawn]
    assert all(mark in "\n".join(plain) for mark in ("camera @", "lens @", "2.5 m", "0.5 m", "O", "o"))


@every_posture
@pytest.mark.parametrize("height_m", [0.1, 0.5, 1.0, 2.5])
def test_drawing_fits_an_indented_page_of_80_columns(posture, height_m):
    lines = camera_drawing(posture, replace(CAMERA, height_m=height_m))
    assert max(map(len, lines)) <= 78
    assert all(line == line.rstrip() for line in lines)


@every_posture
def test_the_line_of_sight_is_straight_and_meets_the_camera(posture):
    lines = camera_drawing(posture, CAMERA)
    columns = {line.index("┊") for line in lines if "┊" in line}
    assert columns == {lines[-1].index("◉")}


@pytest.mark.parametrize(
    ("posture", "heights_m"),
    [
        (postures.SUPINE, {0.1: 0, 0.25: 2, 0.3: 2, 0.31: 3, 0.9: 8}),
        (postures.STANDING_LOAD_IN_FRONT, {0.2: 0, 0.9: 4, 1.0: 4, 1.1: 5, 2.0: 9}),
    ],
)
def test_the_lens_is_drawn_at_its_height(posture, heights_m):
    assert {height_m: lens_row(posture, height_m) for height_m in heights_m} == heights_m


def test_a_further_camera_is_drawn_further():
    rows = [
        sum("┊" in line for line in camera_drawing(postures.SUPINE, replace(CAMERA, distance_m=distance_m)))
        for distance_m in (2.0, 3.0)
    ]
    assert rows == [4, 6]


@pytest.mark.parametrize("slug", ["glute-bridge", "hip-thrust", "bird-dog", "deadlift", "reverse-hyperextension"])
def test_the_advice_at_the_height_of_the_hips_or_back_is_what_is_drawn(slug):
    lines = camera_drawing(EXERCISES[slug].posture, EXERCISES[slug].camera)
    (lens,) = (line for line in lines if "lens ◉" in line)
    assert "○" in lens.partition("◉")[2]
