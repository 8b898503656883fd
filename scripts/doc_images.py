"""Make the images of README.md and docs/ anew from the sample videos: ``python -m scripts.doc_images``.

The images of the app (docs/images/app*.jpg) are taken by hand: they show a running server.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import av
import cv2
import numpy as np

from hipform.app import analyze
from hipform.config import Settings
from hipform.exercises import find_exercise
from hipform.feedback.camera_check import FrameCheck
from hipform.feedback.trainer import LiveStage, Trainer
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording
from hipform.render import LEGEND, LiveScreen, Situation
from hipform.report.result import FILES
from hipform.types import Image
from scripts.dev import TEST_TOOLS
from scripts.paths import ROOT, SAMPLES

IMAGES = ROOT / "docs" / "images"
DEMO, SHORT = "hip_thrust_demo.mp4", "hip_thrust_short.mp4"
_REPORT_PX = (1180, 760)
_MOVING_WIDTH_PX, _MOVING_STEP, _MOVING_MS = 400, 4, 133
"""Width of the moving image, every how many frames of the clip it has one, and how long it shows it."""


def frame_image(folder: Path, number: int, name: str) -> None:
    """Save one frame of an annotated video."""
    with av.open(str(folder / FILES["video"])) as video:
        frame = next(frame for at, frame in enumerate(video.decode(video=0)) if at == number)
        _save(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8), name)


def _save(image: Image, name: str) -> None:
    pixels = np.ascontiguousarray(image[:, :, ::-1], np.uint8)
    cv2.imwrite(str(IMAGES / name), pixels, [cv2.IMWRITE_JPEG_QUALITY, 88])


def moving_image(folder: Path, name: str) -> None:
    """Save an annotated video as a moving image that any browser plays."""
    from PIL.Image import Resampling, fromarray

    frames = [fromarray(image) for image in _frames(folder / FILES["video"])[::_MOVING_STEP]]
    height = round(frames[0].height * _MOVING_WIDTH_PX / frames[0].width)
    small = [frame.resize((_MOVING_WIDTH_PX, height), Resampling.LANCZOS) for frame in frames]
    small[0].save(IMAGES / name, save_all=True, append_images=small[1:], duration=_MOVING_MS, loop=0, quality=60)


def _frames(path: Path) -> list[Image]:
    with av.open(str(path)) as video:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in video.decode(video=0)]


def live_image(sample: str, exercise: str, name: str) -> None:
    """Save the last screen of a set and of the rest after it, in a live training on a sample."""
    frames = _frames(SAMPLES / f"{sample}.mp4")
    with Recording(ROOT / "tests" / "sample_recordings" / f"{sample}.npz") as recording:
        info, poses = recording.info, list(recording)
    trainer = Trainer(info, find_exercise(exercise), Settings(), n_sets=3, rest_s=60.0)
    screen = LiveScreen(info, Settings(), LEGEND)
    left = [Pose.unseen(poses[-1].t_s + 0.1 * number) for number in range(1, 100)]
    shown: dict[LiveStage, Image] = {}
    for number, pose in enumerate([*poses, *left]):
        check = FrameCheck(pose=pose, people=1, light_ratio=0.4, burnt_ratio=0.0, fps=info.fps)
        state = trainer.push(check)
        is_shown = state.stage is LiveStage.REST or (state.stage is LiveStage.SET and pose.found)
        image = screen.draw(frames[min(number, len(frames) - 1)], pose, state, Situation(recording=True))
        if is_shown:
            shown[state.stage] = image
    _save(np.concatenate([shown[LiveStage.SET], shown[LiveStage.REST]])[::2, ::2], name)


def page_image(folder: Path, name: str) -> None:
    """Save the first screen of a report, as the system's Chromium shows it."""
    import shutil

    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, TEST_TOOLS["chromium"][0])))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        width, height = _REPORT_PX
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
        page.goto((folder / FILES["report"]).resolve().as_uri())
        page.screenshot(path=IMAGES / name, type="jpeg", quality=85)
        browser.close()


def main() -> None:
    """Analyse the two samples and write the images; takes some minutes."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        demo, short = Path(temporary, "demo"), Path(temporary, "short")
        analyze(SAMPLES / DEMO, out=demo)
        analyze(SAMPLES / SHORT, out=short)
        frame_image(demo, 65, "full.jpg")
        frame_image(short, 118, "short.jpg")
        moving_image(short, "result.webp")
        page_image(short, "report.jpg")
        live_image("glute-bridge_incomplete-lockout", "glute-bridge", "live.jpg")


if __name__ == "__main__":
    main()
