"""The committed sample videos, and small videos made on the spot."""

from itertools import islice
from pathlib import Path

import av

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "sample_videos"


def write_thin_clip(path, sample="hip_thrust_short.mp4", every=3):
    """Write one of *every* frames of a sample at 30 frames a second; return *path*.

    The pose model has less to do; for tests that need repetitions and not their exact measures.
    """
    with av.open(str(SAMPLES / sample)) as container:
        images = (frame.to_ndarray(format="rgb24") for frame in container.decode(video=0))
        return write_video(path, list(islice(images, None, None, every)), fps=30 // every)


def write_video(path, images, fps=30):
    """Write RGB pictures, each (height, width, 3) with even sides, as H.264; return *path*."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    return path
