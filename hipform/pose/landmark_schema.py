"""What a source of landmarks offers: a pose model that looks at frames, or the file of another tool.

A source need not know all 33 points of `hipform.pose.poses.Landmark`, nor the third dimension, nor the person's
outline. Its
`LandmarkSchema` says which of them it has; the poses hold NaN for the rest. Nothing that reads poses asks which tool
found them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from hipform.pose.poses import Landmark, Pose
from hipform.video.frames import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkSchema:
    """What the poses of one source can hold.

    Attributes
    ----------
    keypoints
        The points that the source has; `Pose.image_px` is NaN for all others in every frame.
    has_world
        Whether `Pose.world_m` holds points in metres. If not, it is NaN throughout: the view is not known from the
        poses.
    has_visibility
        Whether `Pose.visibility` is evidence. If not, it is 1 for every point that was found and 0 for the others.
    has_contour
        Whether `Pose.contour` may hold the outline of the trunk, which takes a mask of the person.
    """

    keypoints: frozenset[Landmark]
    has_world: bool
    has_visibility: bool
    has_contour: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseModel:
    """How exactly a source finds points.

    Attributes
    ----------
    u95_scale
        Factor on the half-widths of the 95 % intervals in `hipform.kinematics.uncertainty`, which were measured with
        MediaPipe; 1 for a source that is as exact.
    """

    u95_scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkSource:
    """A way by which landmarks come about, under the name that recordings keep.

    Attributes
    ----------
    name
        As `hipform.pose.recording.Recording.model` gives it, such as ``heavy`` or ``coco17``.
    schema
        What its poses can hold.
    noise
        How exact they are.
    """

    name: str
    schema: LandmarkSchema
    noise: NoiseModel = NoiseModel()


class PoseEstimator(Protocol):
    """Finds the landmarks of one person, frame by frame; a context manager, whose end frees the model's memory.

    One estimator serves one clip and one thread at a time.
    """

    def detect(self, frame: Frame) -> Pose:
        """Find the person in *frame*, the next one of the clip.

        Frames may be left out. What was seen in an earlier `Frame.shot` has no influence.

        Parameters
        ----------
        frame
            Frames of one clip in order. Times that stand still or jump back do no harm.

        Returns
        -------
        Pose
            Points in pixels of ``frame.image`` and whatever else the source's `LandmarkSchema` names; all NaN where
            nobody was found. Every number is exact in float32, so that a saved recording is judged as the live clip.

        Raises
        ------
        ModelError
            If the model cannot be loaded.
        """
        ...

    def close(self) -> None:
        """Free the model's memory."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseModel(LandmarkSource):
    """A source that looks at frames.

    Attributes
    ----------
    make
        Returns a new estimator. It may change settings of its whole process (proxies, standard error), so that it is
        called only in a process that runs nothing else.
    """

    make: Callable[[], PoseEstimator]
