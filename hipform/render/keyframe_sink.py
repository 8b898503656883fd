"""The folder with a picture of every top and bottom, whole or not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from hipform.errors import OutputError
from hipform.files import make_folder, output_error
from hipform.pose.poses import Pose
from hipform.render.keyframes import Keyframe, write_keyframe
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder
from hipform.types import Image


class KeyframeSink:
    """Context manager that writes one picture for each top and bottom of a clip.

    Parameters
    ----------
    folder
        Where the pictures go; nothing may be there yet.
    plan
        Which pictures to make of which frame, from `plan_keyframes`.
    """

    def __init__(self, folder: Path, plan: Mapping[float, Sequence[Keyframe]]) -> None:
        self._folder = folder
        self._plan = plan

    def __enter__(self) -> Self:
        """Make a hidden folder beside the final one.

        Raises
        ------
        OutputError
            The folder around it is missing or closed to writing.
        """
        with self._named():
            self._temporary = make_temporary_folder(self._folder.parent)
            self._drawn = self._temporary / "drawn"
            make_folder(self._drawn)
        return self

    def push(self, image: Image, pose: Pose) -> None:
        """Make the pictures of one frame, if any, before anything is drawn on it.

        Parameters
        ----------
        image
            RGB picture, shape (height, width, 3); left as it is.
        pose
            The landmarks of this frame.

        Raises
        ------
        OutputError
            A picture cannot be written.
        """
        for keyframe in self._plan.get(pose.t_s, ()):
            with self._named():
                write_keyframe(self._drawn, keyframe, image, pose)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Let a failed write name the folder that the user knows, not the hidden one."""
        try:
            yield
        except OutputError as error:
            if isinstance(error.__cause__, OSError):
                raise output_error(self._folder, error.__cause__) from error
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the folder with the pictures its name, or drop it when the block raised.

        Raises
        ------
        OutputError
            Something has that name, or the disk is gone.
        """
        try:
            if kind is None:
                self._drawn.rename(self._folder)
        except OSError as failure:
            raise output_error(self._folder, failure) from failure
        finally:
            remove_temporary_folder(self._temporary)
