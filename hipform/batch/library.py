"""The library of the app: the clips that were given to it, what was asked about each, and the results.

.. code-block:: text

    <folder>/
        clips/<id>/order.json     what was asked: name, exercise, times, athlete, load, note, date, pose model
        clips/<id>/clip           the clip as it was given, under a name of hipform's own
        clips/<id>/poses.npz      its landmarks, found once
        results/<id>/             a results folder with its run record, as `hipform batch` writes them

An order has a revision, a new one whenever something else is asked. A set is done when its run record has the revision
of its order as its stamp. There is no other record of what is done, so a run that was killed goes on where it was.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from hipform.app.judge_again import Correction
from hipform.batch.local_store import LocalStore
from hipform.batch.run_records import RunRecord
from hipform.errors import ConfigError, InputError
from hipform.exercises import AUTO, find_exercise
from hipform.files import make_folder, output_error, write_whole
from hipform.folder_handle import FolderHandle
from hipform.pose.model_files import ModelName
from hipform.report.result import FILES
from hipform.report.result_folder import ResultFolder
from hipform.store import History, history_path
from hipform.texts import LanguageCode
from hipform.training import training_facts
from hipform.types import Side
from hipform.validation import ContentError, PlausibleDate, Stored, is_plausible_date, read_bounded, validate_json

UNDRAWN = " undrawn"
"""After the revision in the stamp of a run record: the verdicts are new, and the video still has to be drawn."""
_ORDER, _CLIP = "order.json", "clip"
_MAX_ORDER_BYTES = 100_000
_ID_BYTES = 8
_Text = Annotated[str, Field(max_length=2000)]
_Seconds = Annotated[float, Field(ge=0, le=1e6)]


class Order(Stored):
    """What is asked about a clip; the facts are texts, in the form in which the command line takes them.

    Attributes
    ----------
    label
        Name of the clip for people.
    revision
        Changes whenever something else is asked.
    asked_at
        When the clip was given.
    exercise, model, person, athlete, load, note, date
        As the options of `hipform analyze`.
    language
        Language of the report, the captions and the annotated video.
    start_s, end_s, speed, turn_deg, side
        See `hipform.app.judge_again.Correction`.
    is_cancelled
        Whether the user has cancelled it.
    is_deleted
        Whether the user has deleted it; what is left of it goes when the library is opened.
    """

    format: Literal[1] = 1
    label: _Text
    revision: _Text
    asked_at: PlausibleDate
    exercise: _Text = AUTO
    model: ModelName = "heavy"
    start_s: _Seconds | None = None
    end_s: _Seconds | None = None
    person: Annotated[str, Field(pattern=r"^(auto|left|right|nearest|[1-9])$")] = AUTO
    speed: Annotated[float, Field(ge=0.01, le=100)] | None = None
    turn_deg: Literal[0, 90, 180, 270] | None = None
    side: Literal["left", "right"] | None = None
    athlete: _Text | None = None
    load: _Text | None = None
    note: _Text | None = None
    date: _Text | None = None
    language: LanguageCode = "en"
    is_cancelled: bool = False
    is_deleted: bool = False

    @property
    def correction(self) -> Correction:
        """What is asked, as the analysis takes it.

        Raises
        ------
        ConfigError
            If a fact is invalid.
        """
        if self.exercise != AUTO:
            find_exercise(self.exercise)
        return Correction(
            name=self.label,
            exercise=self.exercise,
            start_s=self.start_s,
            end_s=self.end_s,
            speed=self.speed,
            turn_deg=self.turn_deg,
            side=Side(self.side) if self.side else None,
            training=training_facts(self.athlete, self.load, self.note, self.date),
        )


_ADAPTER = TypeAdapter(Order)


def new_order(label: str, **facts: str | float | None) -> Order:
    """Return the order for a new clip.

    Raises
    ------
    ConfigError
        If a fact is invalid.
    """
    now = datetime.now().astimezone()
    if not is_plausible_date(now):
        raise ConfigError("The clock of this computer says that it is the year {year}.", "Set it.", year=now.year)
    return _valid({"label": label, "revision": _new_id(), "asked_at": now, **facts})


def _valid(fields: Mapping[str, object]) -> Order:
    """Return the order with *fields* if the analysis can take it."""
    try:
        order = Order.model_validate(fields)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise ConfigError("The value of {given} is not valid.", "Make it shorter, or omit it.", given=where) from error
    _ = order.correction
    return order


@dataclass(frozen=True, slots=True, kw_only=True)
class LibrarySet:
    """One clip of the library.

    Attributes
    ----------
    id
        Its name in the library, chosen by hipform.
    folder
        The folder of the clip.
    order
        What is asked.
    record
        The run record of its results, without the repetitions; ``None`` if there is none.
    has_result
        Whether there are results, perhaps of an earlier revision.
    """

    id: str
    folder: Path
    order: Order
    record: RunRecord | None = None
    has_result: bool = False

    @property
    def clip(self) -> Path:
        """The clip."""
        return self.folder / _CLIP

    @property
    def poses(self) -> Path:
        """The landmarks of whom the order names, in a file for each choice, so that a choice can be taken back."""
        person = self.order.person
        return self.folder / (FILES["poses"] if person == AUTO else f"poses-{person}.npz")

    @property
    def has_clip(self) -> bool:
        """Whether the clip is still there, for drawing."""
        return self.clip.is_file()

    @property
    def is_settled(self) -> bool:
        """Whether the results, or the failure, are those of the present order."""
        return self.record is not None and self.record.stamp == self.order.revision

    @property
    def is_undrawn(self) -> bool:
        """Whether the verdicts are those of the present order, but the video is not."""
        return self.record is not None and self.record.stamp == self.order.revision + UNDRAWN


class Library:
    """The sets of the app; several threads may use it.

    Parameters
    ----------
    root
        The folder; it is made if it does not exist, for this user only.

    Raises
    ------
    OutputError
        If the folder cannot be made or read.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = LocalStore(root / "results")
        self.lock = threading.RLock()
        self._clips = root / "clips"
        self._sets: dict[str, LibrarySet] = {}
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(root, error) from error
        make_folder(self._clips)

    def open(self) -> None:
        """Read the library; call once, while its store is locked.

        Raises
        ------
        OutputError
            If it cannot be read.
        """
        records = {name: RunRecord.from_json(text) for name, text in self.store.records()}
        for name, order in self._orders():
            record = records.get(name)
            entry = LibrarySet(
                id=name,
                folder=self._clips / name,
                order=order,
                record=replace(record, reps=()) if record else None,
                has_result=self.store.has_result(name),
            )
            if order.is_deleted:
                self._remove(entry)
            else:
                self._sets[name] = entry

    def _orders(self) -> Iterator[tuple[str, Order]]:
        try:
            with FolderHandle(self._clips) as clips:
                names = [name for name in clips.names() if clips.is_folder(name)]
        except OSError as error:
            raise output_error(self._clips, error) from error
        for name in names:
            # A clip whose order is missing or damaged was never accepted, or is not from hipform.
            with contextlib.suppress(OSError, ContentError):
                yield name, validate_json(_ADAPTER, read_bounded(self._clips / name / _ORDER, _MAX_ORDER_BYTES))

    def sets(self) -> list[LibrarySet]:
        """Return all sets, the latest first."""
        with self.lock:
            return sorted(self._sets.values(), key=lambda one: (one.order.asked_at, one.id), reverse=True)

    def find(self, name: str) -> LibrarySet:
        """Return the set *name*.

        Raises
        ------
        InputError
            If there is none. No path is made from the name unless there is one.
        """
        with self.lock:
            if name not in self._sets:
                raise InputError("There is no such set.", "It may have been deleted.")
            return self._sets[name]

    def results(self, name: str) -> ResultFolder:
        """Return the results of the set *name*.

        Raises
        ------
        InputError
            If there are none.
        """
        return ResultFolder.open(self.store.root / self.find(name).id)

    def add(self, order: Order, clip: Path, poses: Path | None = None) -> LibrarySet:
        """Move the complete file *clip* into the library, and its landmarks if they are known.

        Raises
        ------
        OutputError
            If that is not possible.
        """
        name = _new_id()
        entry = LibrarySet(id=name, folder=self._clips / name, order=order)
        make_folder(entry.folder)
        try:
            clip.rename(entry.clip)
            if poses:
                poses.rename(entry.poses)
        except OSError as error:
            raise output_error(entry.clip, error) from error
        # The order comes last: a clip without one does not count.
        return self._write(entry)

    def ask(self, name: str, **facts: object) -> LibrarySet:
        """Ask something else about the set *name*, or the same once more.

        Raises
        ------
        ConfigError
            If a fact is invalid.
        InputError, OutputError
            If there is no such set, or it cannot be written.
        """
        with self.lock:
            entry = self.find(name)
            changed = {"is_cancelled": False, **facts, "revision": _new_id()}
            return self._write(replace(entry, order=_valid({**entry.order.model_dump(), **changed})))

    def cancel(self, name: str) -> None:
        """Note that the set *name* is not to be analysed."""
        with self.lock:
            entry = self.find(name)
            self._write(replace(entry, order=entry.order.model_copy(update={"is_cancelled": True})))

    def note(self, name: str, record: RunRecord) -> None:
        """Note the new run record of the set *name*."""
        with self.lock:
            entry = self._sets[name]
            self._sets[name] = replace(entry, record=replace(record, reps=()), has_result=self.store.has_result(name))

    def drop_clip(self, name: str) -> None:
        """Delete the clip of the set *name*, but not its landmarks and results."""
        with self.lock:
            self.find(name).clip.unlink(missing_ok=True)

    def delete(self, name: str) -> None:
        """Delete the set *name*, and what the history has of it.

        Raises
        ------
        HistoryError, InputError, OutputError
            If there is no such set, or it cannot be deleted.
        """
        with self.lock:
            entry = self.find(name)
            # From here on it counts as deleted, whatever happens.
            self._write(replace(entry, order=entry.order.model_copy(update={"is_deleted": True})))
            del self._sets[name]
            self._remove(entry)

    def _remove(self, entry: LibrarySet) -> None:
        if entry.record and entry.record.sha256 and not self._is_elsewhere(entry):
            with History(history_path()) as history:
                history.delete_clip(entry.record.sha256)
        for parent in (self.store.root, self._clips):
            try:
                with FolderHandle(parent) as folder:
                    folder.remove_tree(entry.id)
            except OSError as error:
                raise output_error(parent / entry.id, error) from error

    def _is_elsewhere(self, entry: LibrarySet) -> bool:
        """Return whether the library has the same clip a second time."""
        digest = entry.record.sha256 if entry.record else None
        return any(one.record and one.record.sha256 == digest for one in self._sets.values())

    def _write(self, entry: LibrarySet) -> LibrarySet:
        with self.lock:
            write_whole(entry.folder / _ORDER, entry.order.model_dump_json(indent=1).encode())
            self._sets[entry.id] = entry
            return entry


def _new_id() -> str:
    return secrets.token_hex(_ID_BYTES)
