"""The committed sample videos, and small videos made on the spot."""

from pathlib import Path

import av

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "sample_videos"


def write_thin_clip(path):
    """Write the short sample, one hip thrust that ends short, at a third of its frame rate; return *path*.

    The pose model has a third of the work; for tests that need a repetition and not its exact measures.
    """
    with av.open(str(SAMPLES / "hip_thrust_short.mp4")) as container:
        images = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return write_video(path, images[::3], fps=10)


def write_video(path, images, fps=30):
    """Write RGB pictures, each (height, width, 3) with even sides, as H.264; return *path*."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    return path
