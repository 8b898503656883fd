"""The folder with a picture of every top and bottom, whole or not there."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from hipform.errors import OutputError
from hipform.files import output_error
from hipform.render.keyframes import Keyframe, write_keyframe
from hipform.types import Image, Pose

_OWN_NAME = re.compile(r"(set_\d+_)?(rep|partial)_\d+_(top|bottom)\.jpg")


class KeyframeSink:
    """Context manager that writes one picture for each top and bottom of a clip.

    Parameters
    ----------
    folder
        Where the pictures go; made when missing. Pictures that an earlier run left there under the same kind of name
        are replaced, all other files stay.
    plan
        Which pictures to make of which frame, from `plan_keyframes`.
    """

    def __init__(self, folder: Path, plan: Mapping[float, Sequence[Keyframe]]) -> None:
        self._folder = folder
        self._plan = plan
        self._temporary = folder.with_name(f".hipform-{secrets.token_hex(6)}")

    def __enter__(self) -> Self:
        """Make a hidden folder beside the final one.

        Raises
        ------
        OutputError
            The folder around it is missing or closed to writing.
        """
        try:
            self._temporary.mkdir()
        except OSError as error:
            raise output_error(self._folder, error) from error
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
                write_keyframe(self._temporary, keyframe, image, pose)

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
        """Move the pictures into their folder, or drop them when the block raised.

        Raises
        ------
        OutputError
            They cannot be moved.
        """
        try:
            if kind is None:
                self._publish()
        except OSError as failure:
            raise output_error(self._folder, failure) from failure
        finally:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _publish(self) -> None:
        self._folder.mkdir(exist_ok=True)
        for old in self._folder.iterdir():
            if _OWN_NAME.fullmatch(old.name):
                old.unlink()
        for new in sorted(self._temporary.iterdir()):
            new.replace(self._folder / new.name)
