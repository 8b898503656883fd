"""markers.c3d: the landmarks in the format of motion capture."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from hipform import __version__
from hipform.errors import missing_package
from hipform.files import scratch_folder, write_whole
from hipform.pose.poses import Landmark, Pose


def write_c3d(path: Path, poses: Iterable[Pose], *, fps: float) -> None:
    """Write the landmarks of *poses* as points in millimetres, in the axes of `hipform.report.opensim`.

    The format has a constant rate: point *i* is at ``i / fps``. A point that was not seen has the residual -1, the
    format's mark of an invalid point.

    Raises
    ------
    OutputError
        If the file cannot be written, or ezc3d is not installed.
    """
    try:
        import ezc3d  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise missing_package(path, "C3D", "ezc3d", "c3d") from error
    world_m = np.array([pose.world_m for pose in poses])
    file = ezc3d.c3d()
    points = file["parameters"]["POINT"]
    points["RATE"]["value"] = [fps]
    points["UNITS"]["value"] = ["mm"]
    points["LABELS"]["value"] = [landmark.name.lower() for landmark in Landmark]
    file.add_parameter("MANUFACTURER", "COMPANY", ["hipform"])
    file.add_parameter("MANUFACTURER", "VERSION_LABEL", [__version__])
    # The landmarks' axes are x right, y down, z away: a rotation of 180 degrees about x makes y point up.
    axes = np.moveaxis(1000.0 * world_m * (1.0, -1.0, -1.0), 0, -1).swapaxes(0, 1)
    file["data"]["points"] = np.concatenate([axes, np.ones((1, *axes.shape[1:]))])
    file["data"]["meta_points"]["residuals"] = np.where(np.isfinite(axes).all(axis=0), 0.0, -1.0)[np.newaxis]
    with scratch_folder() as folder:
        file.write(str(folder / path.name))
        write_whole(path, (folder / path.name).read_bytes())
