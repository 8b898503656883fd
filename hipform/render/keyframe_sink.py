"""The folder with a picture of every top and bottom, whole or not there."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from hipform.errors import OutputError
from hipform.files import make_folder, output_error, write_whole
from hipform.render.keyframes import KeyframeKeeper, Moment, RepPictures, write_keyframes
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder
from hipform.types import Image, Pose, Rep, Step

# A second look at the whole set may move a top by a few frames, never to the next repetition.
_SAME_TOP_S = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Spooled:
    """A `Moment` whose picture waits on disk."""

    pose: Pose
    path: Path

    def moment(self) -> Moment:
        return Moment(self.pose, self.path.read_bytes())


class KeyframeSink:
    """Context manager that writes one picture for each top and bottom of a clip.

    The pictures are chosen when a repetition becomes certain and drawn when the clip is over, for only then its number
    and verdict are final. Until then they wait on disk, so that memory does not grow with the clip.

    Parameters
    ----------
    folder
        Where the pictures go; nothing may be there yet.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keeper = KeyframeKeeper()
        self._taken: list[tuple[float, _Spooled | None, _Spooled | None]] = []

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

    def push(self, image: Image, pose: Pose, step: Step) -> None:
        """Look at one frame, in time order, before anything is drawn on it.

        Parameters
        ----------
        image
            RGB picture, shape (height, width, 3); never kept itself.
        pose
            The landmarks of this frame.
        step
            What the analyzer said of it: its ``hip_flexion_deg`` (NaN is passed over) and the repetitions that became
            certain with it.
        """
        self._keeper.push(image, pose, step.observation)
        for event in step.events:
            if isinstance(event, Rep):
                pictures = self._keeper.take(event)
                self._taken.append((event.top_s, self._spool(pictures.top), self._spool(pictures.bottom)))

    def _spool(self, moment: Moment | None) -> _Spooled | None:
        if moment is None:
            return None
        path = self._temporary / f"{secrets.token_hex(6)}.jpg"
        with self._named():
            write_whole(path, moment.jpeg)
        return _Spooled(moment.pose, path)

    def finish(self, reps: Iterable[Rep], set_number: int | None = None) -> None:
        """Draw and write the pictures of the final repetitions of a set, counted and partial.

        Parameters
        ----------
        reps
            The repetitions.
        set_number
            Number of their set when the clip has several.

        Raises
        ------
        OutputError
            A picture cannot be written.
        """
        for rep in reps:
            with self._named():
                write_keyframes(self._drawn, rep, self._pictures(rep), set_number)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Let a failed write name the folder that the user knows, not the hidden one."""
        try:
            yield
        except OutputError as error:
            if isinstance(error.__cause__, OSError):
                raise output_error(self._folder, error.__cause__) from error
            raise

    def _pictures(self, rep: Rep) -> RepPictures:
        """Return what was taken for *rep*, else what is still kept: the last one is often certain only at the end."""
        taken = min(self._taken, key=lambda pictures: abs(pictures[0] - rep.top_s), default=None)
        if taken is None or abs(taken[0] - rep.top_s) >= _SAME_TOP_S:
            return self._keeper.take(rep)
        _, top, bottom = taken
        return RepPictures(top.moment() if top else None, bottom.moment() if bottom else None)

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
