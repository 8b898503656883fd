"""A sample clip as the camera of Chromium."""

import cv2

from hipform.render import encode_jpeg
from hipform.video.video_file import VideoFile

SIZE_PX = 640, 360


def make_mjpeg(clip, path, size_px=SIZE_PX):
    """Write the frames of *clip* as Chromium plays them in place of a camera, again and again."""
    with VideoFile(clip) as video, path.open("wb") as file:
        for frame in video:
            file.write(encode_jpeg(cv2.resize(frame.image, size_px, interpolation=cv2.INTER_AREA)))
    return path


def camera_arguments(path):
    """Return the options of a Chromium whose camera plays *path* and which asks nobody about it."""
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]
