"""Interfaces of landmark sources: pose models that process frames, and files of other tools.

A source need not have all 33 points of `hipform.pose.poses.Landmark`, the third dimension or the person's outline. Its
`LandmarkSchema` says which of them it has; the poses contain NaN for the rest. Code that reads poses does not depend on
the tool that found them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from hipform.pose.poses import Landmark, Pose
from hipform.types import NoiseModel
from hipform.video.frames import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkSchema:
    """What the poses of one source can contain.

    Attributes
    ----------
    keypoints
        The landmarks that the source has; `Pose.image_px` is NaN for all others in every frame.
    has_world
        Whether `Pose.world_m` contains points in metres. If not, it is NaN throughout, and the poses do not determine
        the view.
    has_visibility
        Whether `Pose.visibility` is an estimate. If not, it is 1 for every point that was found and 0 for the others.
    has_contour
        Whether `Pose.contour` may contain the outline of the trunk, which requires a segmentation mask.
    """

    keypoints: frozenset[Landmark]
    has_world: bool
    has_visibility: bool
    has_contour: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkSource:
    """A source of landmarks, identified by the name that recordings store.

    Attributes
    ----------
    name
        Value of `hipform.pose.recording.Recording.model`, such as ``heavy`` or ``coco17``.
    schema
        What its poses can contain.
    noise
        How accurate its landmarks are.
    """

    name: str
    schema: LandmarkSchema
    noise: NoiseModel = field(default_factory=NoiseModel)


class PoseEstimator(Protocol):
    """Finds the landmarks of one person, frame by frame; a context manager that frees the model's memory at its end.

    One estimator serves one clip and one thread at a time.
    """

    def detect(self, frame: Frame) -> Pose:
        """Find the person in *frame*, the next one of the clip.

        Frames may be skipped. Frames of an earlier `Frame.shot` have no influence.

        Parameters
        ----------
        frame
            Frames of one clip in order. Times that repeat or jump back are allowed.

        Returns
        -------
        Pose
            Points in pixels of ``frame.image`` and everything else that the `LandmarkSchema` of the source names; all
            NaN if nobody was found. Every number is exact in float32, so that a recording is judged like the live clip.

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
    """A source that processes frames.

    Attributes
    ----------
    make
        Returns a new estimator. It may change settings of the whole process (proxies, standard error), so call it only
        in a process that runs nothing else.
    """

    make: Callable[[], PoseEstimator]
