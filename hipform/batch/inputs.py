"""The clips of a batch, from files, folders, patterns, manifests and URLs; each clip once, in a fixed order."""

from __future__ import annotations

import glob
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath

from hipform.analysis.judged_reps import Calibration
from hipform.batch.clip_kinds import ClipKind, clip_kind, folder_stamp
from hipform.batch.clip_options import Analysis, digest_of
from hipform.batch.manifest import Entry, read_manifest, wrong_in
from hipform.batch.remote_files import is_address, remote_files, storage_of
from hipform.errors import InputError, one_line
from hipform.report.result import INDEX_FILES, RESULT_FILES
from hipform.store import kept_calibrations

_MANIFEST = ".csv"
_LONGEST_HEADER = 10_000
_MOST_TOLD = 5
"""Maximum number of unreadable inputs to list; of others, such as many links to a missing disk, the count is enough."""
_MOST_NAMED = 20
"""Maximum number of files to name that are not clips by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipInput:
    """One clip of a batch.

    Attributes
    ----------
    source
        Absolute path or URL.
    label
        Name for people: its path below the given folder.
    size
        Bytes.
    stamp
        Cheap value that changes when the file does: for a local file its size and time, for a folder those of
        its files.
    analysis
        Options for its analysis.
    """

    source: str
    label: str
    size: int
    stamp: str
    analysis: Analysis

    @property
    def source_digest(self) -> str:
        """Digest that replaces `source` in results, which may be shared: a path may reveal private names."""
        return digest_of(self.source)[:16]


@dataclass(frozen=True, slots=True)
class Found:
    """The clips found by a search.

    Attributes
    ----------
    clips
        The clips, each source once.
    notes
        Messages that name what was ignored and why: files that are no videos, and those that cannot be read.
    """

    clips: tuple[ClipInput, ...]
    notes: tuple[str, ...] = ()


def find_clips(inputs: Sequence[str], analysis: Analysis, out: str) -> Found:
    """Find the clips that *inputs* name.

    Parameters
    ----------
    inputs
        Paths of clips, folders or manifests (``.csv``), patterns such as ``clips/*.mov``, or URLs of storages. With
        `Analysis.pose_format` the clips are landmark files of that format.
    analysis
        Options for each clip, unless a manifest overrides them.
    out
        Destination of the results; no file in it counts as a clip. Other results folders are ignored too.

    Raises
    ------
    ConfigError, ModelError
        See `Analysis.check`.
    InputError
        If a named input does not exist or cannot be read, or a clip is named twice with different facts. A file that
        was found by searching and cannot be read is ignored instead.
    """
    analysis.check()
    storages = frozenset(storage_of(text) for text in (*inputs, out) if is_address(text))
    search = _Search(analysis, out, storages)
    for text in inputs:
        try:
            search.take(text)
        except OSError as error:
            raise _unreadable(text, error) from error
    clips = tuple(sorted(search.clips.values(), key=lambda clip: clip.source))
    return Found(clips, (*_left_out(tuple(dict.fromkeys(search.unreadable))), *_named(search.others, search.kind)))


def _left_out(unreadable: Sequence[str]) -> tuple[str, ...]:
    """Return one line for each ignored input, up to a maximum, and one line that counts the rest."""
    reported = [f"Ignored: {reason}" for reason in unreadable[:_MOST_TOLD]]
    more = len(unreadable) - len(reported)
    return (*reported, f"Ignored: {more} more that cannot be read.") if more else tuple(reported)


def _named(others: Sequence[str], kind: ClipKind) -> Iterator[str]:
    """Yield one line that names the files whose names are not those of clips, if there are any."""
    names = sorted(set(others))
    if names:
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        hint = "" if kind.is_folder else " To analyse such a file, name it."
        yield one_line(f"Ignored: {', '.join(names[:_MOST_NAMED])}{more}; {kind.no_match(len(names))}.{hint}")


class _Search:
    """Processes inputs one by one and collects clips by source."""

    def __init__(self, analysis: Analysis, out: str, storages: Set[tuple[str, str]]) -> None:
        self._analysis = analysis
        self.kind = clip_kind(analysis)
        self._storages = storages
        self._out = out if is_address(out) else os.path.realpath(out)
        self._calibrations: dict[str, tuple[Calibration, ...]] = {}
        self.clips: dict[str, ClipInput] = {}
        self.others: list[str] = []
        self.unreadable: list[str] = []

    def take(self, text: str) -> None:
        path = Path(text)
        if is_address(text):
            self._require_files(text)
            for address, label, size, stamp in remote_files(text, self._is_clip_below):
                self._add(address, label, size, stamp, self._analysis)
        elif path.is_dir():
            # An unreadable subfolder is ignored, but this folder was named.
            os.scandir(path).close()
            self._take_folder(path)
        elif self._is_manifest(path):
            for entry in read_manifest(path):
                self._take_entry(path, entry)
        elif path.exists() or not glob.has_magic(text):
            self._add_named(path, path.name, self._analysis)
        else:
            self._take_pattern(text)

    def _is_manifest(self, path: Path) -> bool:
        """Return whether a file is a manifest; where clips may be .csv files too, it has a column called ``path``."""
        if path.suffix.lower() != _MANIFEST or not path.is_file():
            return False
        if _MANIFEST not in self.kind.endings:
            return True
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return "path" in re.split(r"[,;\t\s]", file.readline(_LONGEST_HEADER).lower())

    def _take_pattern(self, text: str) -> None:
        # Path.glob does not accept absolute patterns.
        matches = sorted(glob.glob(text, recursive=True))  # noqa: PTH207
        if not matches:
            raise InputError(f"{text} matches nothing.", "Check the pattern.")
        for match in map(Path, matches):
            # A match of a pattern was found, not named, so it counts only if it is a video or a folder of videos.
            if os.path.isdir(match):  # noqa: PTH112 - Path.is_dir raises where it may not look
                self._take_folder(match)
            elif not self.kind.is_folder and self._is_clip_below(match.name):
                self._add_found(match, match.name)

    def _take_folder(self, folder: Path) -> None:
        for found in self._clips_in(folder):
            self._add_found(found, folder.name if found == folder else found.relative_to(folder).as_posix())

    def _take_entry(self, manifest: Path, entry: Entry) -> None:
        try:
            exercise, training = entry.exercise or self._analysis.exercise, entry.training
            athlete = training.athlete or self._analysis.training.athlete
            analysis = replace(
                self._analysis, exercise=exercise, training=replace(training, athlete=athlete), calibrations=()
            )
            if is_address(entry.path):
                self._require_named(entry.path)
                self._require_files(entry.path)
                for address, label, size, stamp in remote_files(entry.path, self._is_clip_below):
                    self._add(address, label, size, stamp, analysis)
                return
            _require_here(entry.path)
            path = manifest.parent / entry.path
            label = path.name if Path(entry.path).is_absolute() else Path(entry.path).as_posix()
            self._add_named(path, label, analysis)
        except InputError as error:
            raise wrong_in(f"{entry.location}, column path", error) from error

    def _require_named(self, address: str) -> None:
        """Refuse a storage that only a manifest names, because somebody else may have written the manifest."""
        if storage_of(address) not in self._storages:
            hint = "Also name that storage on the command line, as an input or with --out."
            raise InputError(f"{address} is in a storage that the command line does not name.", hint)

    def _require_files(self, address: str) -> None:
        """Refuse a storage if clips are folders: only single files are downloaded."""
        if self.kind.is_folder:
            raise InputError(
                f"{address} is in a storage, but {self.kind.with_article} must be on this computer.",
                "Download it first.",
            )

    def _clips_in(self, folder: Path) -> Iterator[Path]:
        """Yield the clips in and below *folder*, skipping hidden files and results folders."""
        for directory, subfolders, names in os.walk(folder, onerror=self._leave_out):
            # Results may be next to the clips; then only the results folder of each clip is skipped.
            is_out = os.path.realpath(directory) == self._out
            if (is_out and Path(directory) != folder) or RESULT_FILES.intersection(names):
                subfolders.clear()
                continue
            subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
            own = set(INDEX_FILES) if is_out else set()
            found = [Path(directory, name) for name in sorted(set(names) - own) if self._is_clip_below(name)]
            yield from [Path(directory)] if self.kind.is_folder and found else found

    def _is_clip_below(self, name: str) -> bool:
        """Return whether a file that was found, not named, is a clip by its extension."""
        if name.startswith("."):
            return False
        is_clip = self.kind.matches(name)
        self.others += [] if is_clip else [name]
        return is_clip

    def _add_named(self, path: Path, label: str, analysis: Analysis) -> None:
        """Add a file that the user named; a problem with it stops the batch or fails the clip."""
        try:
            status = path.stat()
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from error
        if stat.S_ISDIR(status.st_mode) and not self.kind.is_folder:
            raise InputError(f"{path} is a folder.", "Name one clip per line.")
        self._add_file(path, label, status, analysis)

    def _add_found(self, path: Path, label: str) -> None:
        """Add a file that was found; nobody may know of it, so a problem with it must not stop the others."""
        try:
            status = path.stat()
        except OSError as error:
            self._leave_out(error)
            return
        if stat.S_ISREG(status.st_mode) or self.kind.is_folder:
            self._add_file(path, label, status, self._analysis)
        else:
            self.unreadable.append(f"{path} is not a regular file.")

    def _leave_out(self, error: OSError) -> None:
        self.unreadable.append(_unreadable(error.filename, error).what)

    def _add_file(self, path: Path, label: str, status: os.stat_result, analysis: Analysis) -> None:
        # The real path would identify a file under any name, but costs more than the rest of the search.
        source = os.path.abspath(path)  # noqa: PTH100 - Path.absolute leaves ".." in
        size, stamp = _size_and_stamp(path, status)
        self._add(source, label, size, stamp, analysis)

    def _add(self, source: str, label: str, size: int, stamp: str, analysis: Analysis) -> None:
        analysis = replace(analysis, calibrations=self._calibrations_of(analysis.training.athlete))
        # POSIX allows names that are not text; such a name could not be written to any result.
        clip = ClipInput(source=source, label=one_line(label), size=size, stamp=stamp, analysis=analysis)
        before = self.clips.setdefault(source, clip)
        if before.analysis != clip.analysis:
            raise InputError(f"{label} is named twice with different facts.", "Name it once.")

    def _calibrations_of(self, athlete: str | None) -> tuple[Calibration, ...]:
        if athlete is None:
            return ()
        if athlete not in self._calibrations:
            found, problems = kept_calibrations(athlete)
            self._calibrations[athlete] = tuple(found)
            self.unreadable += problems
        return self._calibrations[athlete]


def _size_and_stamp(path: Path, status: os.stat_result) -> tuple[int, str]:
    if stat.S_ISDIR(status.st_mode):
        return folder_stamp(path)
    return status.st_size, f"{status.st_size}-{status.st_mtime_ns}"


def local_stamp(path: Path) -> str | None:
    """Return the present `ClipInput.stamp` of a clip on this computer; ``None`` if it cannot be read."""
    try:
        return _size_and_stamp(path, path.stat())[1]
    except OSError:
        return None


def _require_here(path: str) -> None:
    r"""Refuse a path with which a manifest makes Windows connect to another computer: ``\\host\share\a.mp4``."""
    if sys.platform == "win32" and PureWindowsPath(path).drive.startswith("\\\\"):
        raise InputError(f"{path} is on another computer.", "Name it on the command line, or copy it to this computer.")


def _unreadable(path: Path | str, error: OSError | ValueError) -> InputError:
    reason = error.strerror if isinstance(error, OSError) else error
    return InputError(f"{path} cannot be read: {reason}.", "Check the path and its permissions.")
