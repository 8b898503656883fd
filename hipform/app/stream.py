"""A session for a stream of the caller's own frames or landmarks: numpy arrays in, events out."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np

from hipform import analysis
from hipform.analysis import Section
from hipform.analysis.judged_reps import Calibration, Step
from hipform.app.arguments import check_arguments
from hipform.app.judge_recording import Judged
from hipform.app.write_results import make_result
from hipform.config import Settings
from hipform.errors import ConfigError, InputError
from hipform.exercises import find_exercise
from hipform.pose.landmark_schema import PoseEstimator
from hipform.pose.poses import N_LANDMARKS, Pose
from hipform.pose.readers.keypoint_names import COCO17, landmark_of
from hipform.pose.sources import noise_of, open_estimator
from hipform.report.result import AnalysisResult, ClipSummary
from hipform.training import Training
from hipform.types import FloatArray, Image
from hipform.video.frames import ClipInfo, Frame

_LAYOUTS: Mapping[int, tuple[str, tuple[int, ...]]] = {
    N_LANDMARKS: ("mediapipe", tuple(range(N_LANDMARKS))),
    len(COCO17): ("coco17", tuple(landmark for name in COCO17 if (landmark := landmark_of(name)) is not None)),
}
"""Name of the source and landmarks of the points that can be pushed, by their number."""


class Session:
    """Judge one exercise from frames or landmarks as they come.

    Push either frames, in which hipform finds the landmarks, or landmarks, never both. Use as a context manager, or
    call `close` when frames were pushed.

    Parameters
    ----------
    exercise
        Slug of the exercise, such as ``hip-thrust``.
    size_px
        Width and height of the frames, or of the image that the landmarks are in.
    fps
        Nominal frame rate, for display only; the times of the frames count.
    model
        Pose model for frames.
    settings
        Settings to use; the defaults if not given.
    calibrations
        The lifter's calibrations from `hipform.calibrate`.
    training
        Known facts, such as athlete and load.

    Examples
    --------
    >>> import hipform
    >>> session = hipform.Session("hip-thrust", size_px=(1280, 720))
    >>> for t_s, points_px in my_landmarks:  # doctest: +SKIP
    ...     for event in session.push_points(t_s, points_px).events:
    ...         print(event)
    >>> session.finish().summaries[0].headline  # doctest: +SKIP
    '3 reps counted, 3 of 3 locked out.'
    """

    def __init__(
        self,
        exercise: str,
        *,
        size_px: tuple[int, int],
        fps: float = 30.0,
        model: str = "full",
        settings: Settings | None = None,
        calibrations: Sequence[Calibration] = (),
        training: Training | None = None,
    ) -> None:
        if size_px is None:
            raise ConfigError("size_px must be width and height in whole pixels, not None.")
        check_arguments(exercise=exercise, size_px=size_px, fps=fps, model=model, settings=settings)
        check_arguments(calibrations=calibrations, training=training)
        self._exercise = find_exercise(exercise)
        self._size_px, self._fps, self._model = size_px, fps, model
        self._settings, self._training = settings or Settings(), training or Training()
        self._calibrations = tuple(calibrations)
        self._estimator: PoseEstimator | None = None
        self._source = ""
        self._session: analysis.Session | None = None
        self._times_s: list[float] = []
        self._n_found = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Unload the pose model, if frames were pushed."""
        if self._estimator:
            self._estimator.__exit__(None, None, None)
            self._estimator = None

    def push(self, t_s: float, image: Image) -> Step:
        """Find the landmarks in a frame and judge them.

        Parameters
        ----------
        t_s
            Time of the frame, seconds; later than that of the frame before.
        image
            Upright RGB image, uint8, shape (height, width, 3).

        Returns
        -------
        Step
            ``observation``, the state at this frame, and ``events``: each `Rep`, rejected movement and gap that became
            certain with it.

        Raises
        ------
        ConfigError
            If the time is no number.
        InputError
            If the time does not increase, or the image has another shape or type.
        ModelError
            If the pose model cannot be loaded. It is loaded in this process, whose proxy settings and standard error
            MediaPipe then changes.
        """
        self._check_time(t_s)
        if not isinstance(image, np.ndarray):
            raise InputError("the image is no array.", "Push RGB images as arrays of uint8.")
        if image.shape != (self._size_px[1], self._size_px[0], 3) or image.dtype != np.uint8:
            raise InputError(
                f"the image has shape {image.shape} and type {image.dtype}.",
                f"Push RGB images of {self._size_px[0]} by {self._size_px[1]} pixels as uint8.",
            )
        if self._estimator is None:
            self._start(self._model)
            self._estimator = open_estimator(self._model).__enter__()
        return self._judge(self._estimator.detect(Frame(t_s, np.ascontiguousarray(image))))

    def push_points(
        self, t_s: float, points_px: FloatArray, *, scores: FloatArray | None = None, world_m: FloatArray | None = None
    ) -> Step:
        """Judge the landmarks of one frame.

        Parameters
        ----------
        t_s
            Time of the frame, seconds; later than that of the frame before.
        points_px
            Landmarks in pixels, NaN for those not seen: shape (33, 2) in MediaPipe's order, or (17, 2) in COCO's.
        scores
            Confidence of each point, 0..1; 1 for every point that is not NaN if not given.
        world_m
            The same points in metres, shape (n, 3), if they are known; without them, the camera counts as being at the
            lifter's side.

        Returns
        -------
        Step
            As `push`.

        Raises
        ------
        ConfigError
            If the time is no number.
        InputError
            If the time does not increase, or the points, scores or metres are no numbers or have another shape.
        """
        self._check_time(t_s)
        points = _numbers("points", points_px)
        if points.ndim != 2 or points.shape[1] != 2 or len(points) not in _LAYOUTS:
            raise InputError(f"the points have shape {points.shape}.", "Push (33, 2) or (17, 2) pixels.")
        source, places = _LAYOUTS[len(points)]
        if self._session is None:
            self._start(source, has_depth=world_m is not None)
        elif source != self._source:
            raise InputError("the points come from another source than those before.", "Use a session for each.")
        own_scores = None if scores is None else _numbers("scores", scores, (len(points),))
        own_world_m = None if world_m is None else _numbers("points in metres", world_m, (len(points), 3))
        return self._judge(_pose(t_s, places, points, own_scores, own_world_m))

    def finish(self) -> AnalysisResult:
        """End the session and return its result, as `hipform.analyze` does; call once, after the last frame.

        Raises
        ------
        InputError
            If nothing was pushed.
        """
        self.close()
        if self._session is None:
            raise InputError("there is nothing to judge.", "Push frames or points first.")
        clip = ClipSummary(
            name="stream",
            width_px=self._size_px[0],
            height_px=self._size_px[1],
            frames=len(self._times_s),
            frames_with_person=self._n_found,
            start_s=self._times_s[0],
            end_s=self._times_s[-1],
        )
        judged = Judged(self._info, clip, self._source, self._session.finish(), self._session, {})
        return make_result(judged, self._settings, self._training)

    def _check_time(self, t_s: float) -> None:
        check_arguments(t_s=t_s)
        if self._times_s and t_s <= self._times_s[-1]:
            raise InputError(f"the time {t_s} does not increase.", "Push frames in order of time.")

    def _start(self, source: str, *, has_depth: bool = True) -> None:
        self._source = source
        self._info = ClipInfo(
            name="stream",
            width_px=self._size_px[0],
            height_px=self._size_px[1],
            fps=self._fps,
            view_off_deg=None if has_depth else 0.0,
            noise=noise_of(source),
        )
        own = [one for one in self._calibrations if one.model == source]
        self._session = analysis.Session([Section(exercise=self._exercise)], self._info, self._settings, own)

    def _judge(self, pose: Pose) -> Step:
        assert self._session is not None
        self._times_s.append(pose.t_s)
        self._n_found += pose.found
        return self._session.push(pose)


def _numbers(name: str, given: object, shape: tuple[int, ...] | None = None) -> FloatArray:
    """Return what a program passed as an array of numbers, NaN where it is masked."""
    found: FloatArray | None = None
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        array: np.ma.MaskedArray[Any, Any] = np.ma.asarray(given)
        # Times, truth values and complex numbers would be converted as well.
        if array.dtype.kind in "iufO":
            found = np.ma.filled(array.astype(np.float64), np.nan)
    if found is None:
        raise InputError(f"the {name} are no array of numbers.", "Push numbers, with NaN for what is missing.")
    if shape is not None and found.shape != shape:
        raise InputError(f"the {name} have shape {found.shape}.", f"Push an array of shape {shape}.")
    return found


def _pose(
    t_s: float,
    places: Sequence[int],
    points_px: FloatArray,
    scores: FloatArray | None,
    world_m: FloatArray | None,
) -> Pose:
    """Return the pose of points at *places*."""
    pose = Pose.unseen(t_s)
    image_px, world, visibility = pose.image_px, pose.world_m, pose.visibility
    seen = np.asarray(np.isfinite(points_px).all(axis=1))
    image_px[list(places)] = np.where(seen[:, None], points_px, np.nan)
    if world_m is not None:
        world[list(places)] = np.where(seen[:, None], world_m, np.nan)
    visibility[list(places)] = np.where(seen, 1.0 if scores is None else np.clip(scores, 0.0, 1.0), 0.0)
    return Pose(t_s, image_px, world, visibility)
