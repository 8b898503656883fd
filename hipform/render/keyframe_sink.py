"""Write the folder of key frame images; it appears complete or not at all."""

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
from hipform.texts import ENGLISH, Texts
from hipform.types import Image


class KeyframeSink:
    """Context manager that writes one image for each top and bottom position of a clip.

    Parameters
    ----------
    folder
        Folder for the images; it must not exist yet.
    plan
        Images to make, by frame time, from `plan_keyframes`.
    texts
        The texts in the language of the captions.
    """

    def __init__(self, folder: Path, plan: Mapping[float, Sequence[Keyframe]], texts: Texts = ENGLISH) -> None:
        self._texts = texts
        self._folder = folder
        self._plan = plan

    def __enter__(self) -> Self:
        """Create a hidden folder beside the final one.

        Raises
        ------
        OutputError
            If the parent folder is missing or not writable.
        """
        with self._named():
            self._temporary = make_temporary_folder(self._folder.parent)
            self._drawn = self._temporary / "drawn"
            make_folder(self._drawn)
        return self

    def push(self, image: Image, pose: Pose) -> None:
        """Write the images of one frame, if any; call before anything is drawn on the frame.

        Parameters
        ----------
        image
            RGB image, shape (height, width, 3); not changed.
        pose
            Landmarks of this frame.

        Raises
        ------
        OutputError
            If an image cannot be written.
        """
        for keyframe in self._plan.get(pose.t_s, ()):
            with self._named():
                write_keyframe(self._drawn, keyframe, image, pose, self._texts)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Make the error of a failed write name the folder that the user knows, not the hidden one."""
        try:
            yield
        except OutputError as error:
            if isinstance(error.__cause__, OSError):
                raise output_error(self._folder, error.__cause__) from error
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Rename the folder to its final name, or delete it if the block raised.

        Raises
        ------
        OutputError
            If the name is taken, or the disk is disconnected.
        """
        try:
            if kind is None:
                self._drawn.rename(self._folder)
        except OSError as failure:
            raise output_error(self._folder, failure) from failure
        finally:
            remove_temporary_folder(self._temporary)
