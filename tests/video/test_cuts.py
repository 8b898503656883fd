import numpy as np
import pytest
from scipy import ndimage

from hipform.video.cuts import CutDetector


def scene(seed, height=180, width=400):
    """A blurred random world in colour, wide enough to pan over."""
    noise = np.random.default_rng(seed).normal(size=(height, width, 3))
    smooth = ndimage.gaussian_filter(noise, (12, 12, 0), mode="wrap")
    tint = np.random.default_rng(seed + 100).uniform(60, 190, 3)
    return np.clip(tint + smooth / smooth.std() * 35, 0, 255).astype(np.uint8)


def still(seed, count):
    return [scene(seed)[:, :320]] * count


def cuts(images):
    detector = CutDetector()
    return [i for i, image in enumerate(images) if detector.push(image)]


def test_hard_cut_is_reported_at_the_first_picture_of_the_new_shot():
    assert cuts(still(1, 20) + still(2, 20) + still(3, 3)) == [20, 40]


def test_title_card_is_a_shot_of_its_own():
    card = np.full((180, 320, 3), 250, np.uint8)
    card[60:90, 60:260] = (20, 40, 120)
    assert cuts([card] * 30 + still(1, 30)) == [30]


def test_cut_from_and_to_black():
    black = [np.zeros((180, 320, 3), np.uint8)] * 10
    assert cuts(still(1, 10) + black + still(2, 10)) == [10, 20]


def test_first_picture_is_no_cut():
    assert cuts(still(1, 1)) == []


@pytest.mark.parametrize("speed_px", [1, 3, 6])
def test_pan_is_no_cut(speed_px):
    world = np.tile(scene(4), (1, 3, 1))
    assert cuts([world[:, i * speed_px : i * speed_px + 320] for i in range(60)]) == []


def test_person_standing_up_is_no_cut():
    images = []
    for i in range(60):
        image = scene(5)[:, :320].copy()
        top = 150 - 2 * i
        image[max(20, top) :, 100:200] = (40, 30, 60)
        images.append(image)
    assert cuts(images) == []


@pytest.mark.parametrize("change", ["flash", "darker", "brighter", "flicker", "noise"])
def test_light_is_no_cut(change):
    rng = np.random.default_rng(0)
    gain = {
        "flash": [2.0 if i == 30 else 1.0 for i in range(60)],
        "darker": [1.0 if i < 30 else 0.4 for i in range(60)],
        "brighter": [1.0 if i < 30 else 1.3 for i in range(60)],
        "flicker": [1.0 + 0.15 * (-1) ** i for i in range(60)],
        "noise": [1.0] * 60,
    }[change]
    sigma = 15 if change == "noise" else 0
    base = scene(6)[:, :320].astype(float) * 0.8
    assert cuts([np.clip(base * g + rng.normal(0, sigma, base.shape), 0, 255).astype(np.uint8) for g in gain]) == []


def test_noise_in_the_dark_is_no_cut():
    rng = np.random.default_rng(1)
    assert cuts([np.clip(rng.normal(6, 6, (180, 320, 3)), 0, 255).astype(np.uint8) for _ in range(40)]) == []


@pytest.mark.parametrize("frames", [8, 15, 25])
def test_dissolve_is_one_cut(frames):
    first, second = scene(7)[:, :320].astype(float), scene(8)[:, :320].astype(float)
    weights = np.clip((np.arange(70) - 30) / frames, 0, 1)
    found = cuts([(first * (1 - w) + second * w).astype(np.uint8) for w in weights])
    assert len(found) == 1
    assert 30 < found[0] <= 30 + frames + 2


def test_size_of_the_picture_may_change():
    assert cuts([scene(9)[:, :320], scene(9)[::2, :320:2]]) == []
