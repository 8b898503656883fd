"""Uploads: clips that arrive in pieces, kept apart until they are complete.

Nothing here looks into a clip: only a decoder in a worker process opens it, later.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from anyio import to_thread
from pydantic import Field, TypeAdapter

from hipform.batch.library import Library, LibrarySet, Order
from hipform.errors import InputError, OutputError, one_line
from hipform.files import make_folder, output_error, write_whole
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder
from hipform.validation import ContentError, Stored, read_bounded, validate_json
from hipform.web.limits import FREE_DISK_BYTES, MAX_UPLOAD_BYTES, MAX_UPLOADS

_LONGEST_LABEL = 150
_PIECE_BYTES = 1 << 20
_CLIP, _NOTE = "clip", "upload.json"
_MAX_NOTE_BYTES = 100_000
_LEFT_OVER_S = 24 * 3600.0
# Windows has no O_NOFOLLOW, other systems no O_BINARY.
_WRITE = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class _Note(Stored):
    """What is kept of an upload beside its bytes, so that it goes on after a restart."""

    format: Literal[1] = 1
    mark: Annotated[str, Field(max_length=1000)]
    size: int
    order: Order


_ADAPTER = TypeAdapter(_Note)


@dataclass(slots=True, eq=False)
class Upload:
    """A clip that is arriving.

    Attributes
    ----------
    id
        Its name, chosen by hipform.
    mark
        What the sender calls it, by which it is found again after a break.
    owner
        Who sends it: a paired phone, or "" for this computer.
    order
        What is asked about it.
    size, n_bytes
        Its size, and how much has arrived.
    path
        The file, in a folder of its own.
    is_busy
        Whether a request is writing to it.
    seen_s
        When something of it last arrived, seconds of `time.monotonic`: the clock of the computer may be set meanwhile.
    """

    id: str
    mark: str
    owner: str
    order: Order
    size: int
    path: Path
    n_bytes: int = 0
    is_busy: bool = False
    seen_s: float = field(default_factory=time.monotonic)


class Uploads:
    """The clips that are arriving.

    Parameters
    ----------
    library
        Where complete clips go.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._folder = library.root / "uploads"
        self._uploads: dict[str, Upload] = {}
        make_folder(self._folder)
        for upload in self._broken_off():
            self._uploads[upload.id] = upload

    def _broken_off(self) -> Iterator[Upload]:
        """Yield the uploads of this computer that a restart interrupted; remove the others, and those of yesterday."""
        for folder in sorted(self._folder.iterdir()):
            path = folder / _CLIP
            try:
                note = validate_json(_ADAPTER, read_bounded(folder / _NOTE, _MAX_NOTE_BYTES))
                n_bytes, is_old = path.lstat().st_size, _is_old(path)
            except (OSError, ContentError):
                remove_temporary_folder(folder)
                continue
            if is_old:
                remove_temporary_folder(folder)
                continue
            yield Upload(
                id=folder.name,
                mark=note.mark,
                owner="",
                order=note.order,
                size=note.size,
                path=path,
                n_bytes=min(n_bytes, note.size),
            )

    def begin(self, order: Order, size: int, mark: str, owner: str = "") -> Upload:
        """Return a new upload, or the one with the same *mark* that broke off, for which *order* is asked now.

        Raises
        ------
        InputError
            If the clip is empty or too large, or too many clips are arriving.
        OutputError
            If the disk has too little space for it.
        """
        for upload in self._uploads.values():
            if (upload.mark, upload.size, upload.owner) == (mark, size, owner) and not upload.is_busy:
                upload.order = order
                self._note(upload)
                return upload
        if size <= 0:
            raise InputError("{file} is empty.", "Choose another clip.", file=order.label)
        if size > MAX_UPLOAD_BYTES:
            raise InputError(
                "{clip} is larger than {gb:.0f} GB.", "Cut it.", clip=order.label, gb=MAX_UPLOAD_BYTES / 1e9
            )
        self._remove_old()
        if len(self._uploads) >= MAX_UPLOADS:
            raise InputError("Too many clips are arriving at once.", "Wait until some are done.")
        promised = sum(upload.size - upload.n_bytes for upload in self._uploads.values())
        if self._free_bytes() < size + promised + FREE_DISK_BYTES:
            raise OutputError("There is too little free disk space for {clip}.", "Free some space.", clip=order.label)
        folder = make_temporary_folder(self._folder)
        upload = Upload(id=folder.name, mark=mark, owner=owner, order=order, size=size, path=folder / _CLIP)
        upload.path.touch(mode=0o600)
        self._note(upload)
        self._uploads[upload.id] = upload
        return upload

    @staticmethod
    def _note(upload: Upload) -> None:
        # A phone is forgotten when the app ends, and so is what it was sending.
        if not upload.owner:
            note = _Note(mark=upload.mark, size=upload.size, order=upload.order)
            write_whole(upload.path.with_name(_NOTE), note.model_dump_json().encode())

    def _free_bytes(self) -> int:
        try:
            return shutil.disk_usage(self._folder).free
        except OSError as error:
            raise output_error(self._folder, error) from error

    def drop_all_but(self, owners: Collection[str]) -> None:
        """Remove what others than *owners* were sending; a request that still sends it is refused."""
        for upload in list(self._uploads.values()):
            if upload.owner not in owners:
                self._uploads.pop(upload.id, None)
                remove_temporary_folder(upload.path.parent)

    def _remove_old(self) -> None:
        for upload in list(self._uploads.values()):
            if not upload.is_busy and time.monotonic() - upload.seen_s > _LEFT_OVER_S:
                self._uploads.pop(upload.id)
                remove_temporary_folder(upload.path.parent)

    def find(self, name: str, owner: str = "") -> Upload:
        """Return the upload *name*.

        Raises
        ------
        InputError
            If there is none of that owner.
        """
        upload = self._uploads.get(name)
        if upload is None or upload.owner != owner:
            raise InputError("There is no such upload.", "Send the clip again.")
        return upload

    async def append(self, upload: Upload, first_byte: int, pieces: AsyncIterator[bytes]) -> None:
        """Add what arrives; what has arrived when the connection breaks is kept.

        Raises
        ------
        InputError
            If it does not continue where the last piece ended, is more than was announced, or another request is
            sending the same clip.
        OutputError
            If the disk is full.
        """
        if upload.is_busy or first_byte != upload.n_bytes:
            raise InputError("The piece does not follow the last one.", "Ask how much has arrived, and continue there.")
        upload.is_busy = True
        waiting = bytearray()
        try:
            async for piece in pieces:
                waiting += piece
                if upload.id not in self._uploads:
                    raise InputError(
                        "This clip is no longer taken.", "Its phone was disconnected, or everything was deleted."
                    )
                if upload.n_bytes + len(waiting) > upload.size:
                    raise InputError("{clip} is longer than was announced.", "Send it again.", clip=upload.order.label)
                if len(waiting) >= _PIECE_BYTES:
                    waiting = await self._write(upload, waiting)
        finally:
            if upload.n_bytes + len(waiting) <= upload.size and upload.id in self._uploads:
                await self._write(upload, waiting)
            upload.is_busy = False

    async def _write(self, upload: Upload, data: bytearray) -> bytearray:
        try:
            await to_thread.run_sync(_append, upload.path, upload.n_bytes, data)
        except OSError as error:
            raise output_error(upload.path, error) from error
        upload.n_bytes += len(data)
        upload.seen_s = time.monotonic()
        return bytearray()

    def finish(self, upload: Upload) -> LibrarySet:
        """Move a complete clip into the library."""
        entry = self._library.add(upload.order, upload.path)
        self._uploads.pop(upload.id, None)
        remove_temporary_folder(upload.path.parent)
        return entry


def _is_old(path: Path) -> bool:
    """Return whether nothing has arrived for a day."""
    try:
        return time.time() - path.lstat().st_mtime > _LEFT_OVER_S
    except OSError:  # it is moved into the library just now
        return False


def _append(path: Path, first_byte: int, data: bytearray) -> None:
    # Not `Path.open`: somebody who may write in the app's folder could have put a link there.
    with os.fdopen(os.open(path, _WRITE), "r+b") as file:
        file.seek(first_byte)
        file.write(data)


def label_of(name: str) -> str:
    """Return the name for people of a clip that its sender calls *name*: its last part, on one line."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return one_line(last.strip())[:_LONGEST_LABEL] or "clip"
