"""Landmarks of a clip in one small file, so that it can be judged again without the video.

A recording is an ordinary ``.npz`` (`numpy.load` opens it) with one row per frame:

================ ========= ============ =======================================================
member           dtype     shape        meaning
================ ========= ============ =======================================================
``t_s``          float64   (n,)         time in the clip, seconds, strictly increasing
``image_px``     float32   (n, 33, 2)   landmarks, pixels; NaN where not found, a whole frame where nobody was
``world_m``      float32   (n, 33, 3)   landmarks, metres; NaN where not known
``visibility``   float32   (n, 33)      0..1
``shot``         int32     (n,)         number of cuts before the frame
``contour``      float32   (n, 2, 23)   outline of the trunk, in trunk lengths: see `hipform.pose.poses.TrunkContour`
``discs``        float32   (n, 3, 5)    discs that may be the load: centre x, y, radius x, y, pixels; confidence 0..1;
                                        NaN for none. Recordings made before hipform looked for the load lack it.
``meta``         uint8     (m,)         UTF-8 JSON: format, version, estimator, model, keypoints, hipform, clip
================ ========= ============ =======================================================

The reader does not trust the file, because recordings are sent from person to person. It never loads a pickle, and its
memory use is constant whatever sizes the file claims: numpy's own reader parses the headers, and rows are read in
chunks. `numpy.load` and `numpy.savez` would hold a whole clip in memory.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from io import BufferedWriter
from math import prod
from pathlib import Path
from tokenize import TokenError
from types import TracebackType
from typing import IO, Annotated, Any, Literal, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter

from hipform import __version__
from hipform.errors import InputError, RecordingError
from hipform.files import NewFile, output_error
from hipform.folder_handle import open_inside, open_named
from hipform.pose.poses import CONTOUR_STATIONS, MAX_DISCS, N_LANDMARKS, Disc, Pose, TrunkContour
from hipform.pose.sources import noise_of
from hipform.training import DateSource
from hipform.types import FloatArray
from hipform.validation import MAX_TIME_S, PlausibleDate, Sha256, Stored, validate_json
from hipform.video.frames import ClipInfo, Correction

MAX_FRAMES = 4_000_000
"""More than four hours at 240 frames per second."""

_MAX_META_BYTES = 1_000_000
_MAX_DIRECTORY_BYTES = 10_000
_MAX_HEADER_BYTES = 256
"""numpy writes 128 bytes, and evaluates a header as a Python literal: a long one could be nested too deeply."""
_MAX_PX = 1e6
_MAX_M = 1e3
_MAX_CONTOUR_RATIO = 10.0
_CHUNK_FRAMES = 512
_NOT_TRUSTED = "Record the clip again with hipform."
_EPOCH = (1980, 1, 1, 0, 0, 0)  # The same poses give the same bytes.


@dataclass(frozen=True, slots=True)
class _Column:
    dtype: np.dtype[Any]
    row: tuple[int, ...]

    @property
    def row_bytes(self) -> int:
        return self.dtype.itemsize * prod(self.row)


_CONTOUR = "contour"
_DISCS = "discs"
_COLUMNS = {
    "t_s": _Column(np.dtype("<f8"), ()),
    "image_px": _Column(np.dtype("<f4"), (N_LANDMARKS, 2)),
    "world_m": _Column(np.dtype("<f4"), (N_LANDMARKS, 3)),
    "visibility": _Column(np.dtype("<f4"), (N_LANDMARKS,)),
    "shot": _Column(np.dtype("<i4"), ()),
    _CONTOUR: _Column(np.dtype("<f4"), (2, len(CONTOUR_STATIONS))),
    _DISCS: _Column(np.dtype("<f4"), (MAX_DISCS, 5)),
}
_OPTIONAL = frozenset({_DISCS})
_META = _Column(np.dtype("u1"), ())
_MEMBERS = frozenset(f"{name}.npy" for name in (*_COLUMNS, "meta"))
_NEEDED_MEMBERS = _MEMBERS - {f"{name}.npy" for name in _OPTIONAL}
_Name = Annotated[str, Field(max_length=100)]


class _Correction(Stored):
    quarter_turns: Annotated[int, Field(ge=0, le=3)]
    speed: Annotated[float, Field(ge=0.001, le=1000)]


class _ClipMeta(Stored):
    name: Annotated[str, Field(min_length=1, max_length=1000)]
    width_px: Annotated[int, Field(ge=1, le=100_000)]
    height_px: Annotated[int, Field(ge=1, le=100_000)]
    fps: Annotated[float, Field(gt=0, le=100_000)]
    duration_s: Annotated[float, Field(ge=0)] | None
    time_base: tuple[Annotated[int, Field(ge=1, le=2**31)], Annotated[int, Field(ge=1, le=2**31)]]
    has_audio: bool
    notes: tuple[Annotated[str, Field(max_length=1000)], ...]
    sha256: Sha256 | None = None
    recorded_at: PlausibleDate | None = None
    recorded_from: DateSource | None = None
    view_off_deg: Annotated[float, Field(ge=0, le=90)] | None = None
    correction: _Correction | None = None


class _Meta(Stored):
    format: Literal["hipform-poses"]
    version: Literal[1]
    estimator: _Name
    model: _Name
    keypoints: _Name
    hipform: _Name
    clip: _ClipMeta


_META_ADAPTER = TypeAdapter(_Meta)


class RecordingWriter:
    """Writes poses one at a time; the file appears under its name when it is complete.

    Use as a context manager. If an exception leaves the block, no file remains. Memory use is constant: the poses are
    buffered in unnamed temporary files beside the target.

    Parameters
    ----------
    path
        Target; an existing file is replaced.
    info
        The clip the poses come from.
    model
        Name of the pose model.
    estimator
        Name of the pose estimator that the model belongs to.
    keypoints
        Name of the set of keypoints that it finds; the file stores all sets in the order of BlazePose.

    Attributes
    ----------
    info
        May be replaced before the block ends, for notes that are only known at the end of a clip.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        info: ClipInfo,
        model: str,
        *,
        estimator: str = "mediapipe",
        keypoints: str = "blazepose33",
    ) -> None:
        self._path = Path(path)
        self.info = info
        self._names = {"model": model, "estimator": estimator, "keypoints": keypoints}
        self._frames = 0
        self._last_s = -np.inf
        self._spools: dict[str, IO[bytes]] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            try:
                for name in _COLUMNS:
                    self._spools[name] = stack.enter_context(tempfile.TemporaryFile(dir=self._path.parent))
            except OSError as error:
                raise output_error(self._path, error) from error
            self._close_spools = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with self._close_spools:
                if kind is None:
                    self._finish()
        except OSError as failure:
            # Closing flushes buffers, which also fails on a full disk and must not hide the first error.
            if kind is None:
                raise output_error(self._path, failure) from failure

    def write(self, pose: Pose) -> None:
        """Add the next pose; numbers are stored in float32, times in float64.

        Raises
        ------
        OutputError
            If the disk is full or missing.
        ValueError
            If its time is not after that of the previous pose, or beyond `hipform.validation.MAX_TIME_S`.
        """
        if not pose.t_s > self._last_s:
            raise ValueError(f"poses must be in order of time: {pose.t_s} s after {self._last_s} s")
        if abs(pose.t_s) > MAX_TIME_S:
            raise ValueError(f"a pose at {pose.t_s} s is more than {MAX_TIME_S:g} s from the start")
        try:
            for name, column in _COLUMNS.items():
                self._spools[name].write(np.asarray(_row(pose, name), column.dtype).tobytes())
        except OSError as error:
            raise output_error(self._path, error) from error
        self._last_s = pose.t_s
        self._frames += 1

    def _finish(self) -> None:
        with NewFile(self._path) as new, BufferedWriter(new.file) as file, zipfile.ZipFile(file, "w") as archive:
            for name, column in _COLUMNS.items():
                spool = self._spools[name]
                spool.seek(0)
                with _new_member(archive, name) as member:
                    _write_header(member, column, self._frames)
                    shutil.copyfileobj(spool, member, 1 << 20)
            text = _meta_of(self.info, self._names).model_dump_json().encode()
            with _new_member(archive, "meta") as member:
                _write_header(member, _META, len(text))
                member.write(text)


class Recording:
    """A landmark recording as a source of poses; each iteration reads it from the start.

    Use as a context manager. Everything except the rows is checked at once; rows are checked as they are read. Memory
    use is constant.

    Parameters
    ----------
    path
        A file written by `RecordingWriter`.
    is_named
        Whether the user named the file itself; a symbolic link is then followed.

    Attributes
    ----------
    info
        The clip the poses come from.
    model, estimator, keypoints
        Those of `RecordingWriter`.
    n_frames
        Number of poses.

    Raises
    ------
    InputError
        If the file is missing or not readable.
    RecordingError
        If it is not a recording, is damaged, or claims more data than a clip can need; also raised while iterating.
    """

    def __init__(self, path: str | os.PathLike[str], *, is_named: bool = True) -> None:
        self._path = Path(path)
        try:
            self._file = open_named(self._path) if is_named else open_inside(self._path)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise InputError(f"{self._path} cannot be read: {reason}.", "Check the path.") from error
        with ExitStack() as stack:
            stack.callback(self._file.close)
            with self._guard():
                self._archive = _open_archive(self._file)
                present = {entry.removesuffix(".npy") for entry in self._archive.namelist()}
                self._columns = {name: column for name, column in _COLUMNS.items() if name in present}
                self.n_frames = self._check_columns()
                meta = self._read_meta()
            stack.pop_all()
        self.info = replace(_info_of(meta.clip), noise=noise_of(meta.model))
        self.model, self.estimator, self.keypoints = meta.model, meta.estimator, meta.keypoints

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()
        self._file.close()

    def __iter__(self) -> Iterator[Pose]:
        """Yield the poses in order of time."""
        last_s = -np.inf
        last_shot = 0
        with ExitStack() as stack:
            with self._guard():
                members = {name: stack.enter_context(self._archive.open(f"{name}.npy")) for name in self._columns}
                for name, member in members.items():
                    _read_header(member, _COLUMNS[name])
            for start in range(0, self.n_frames, _CHUNK_FRAMES):
                count = min(_CHUNK_FRAMES, self.n_frames - start)
                with self._guard():
                    rows = {name: _read_rows(member, _COLUMNS[name], count) for name, member in members.items()}
                    _check_rows(rows, last_s, last_shot)
                last_s, last_shot = rows["t_s"][-1], rows["shot"][-1]
                yield from _poses(rows)
            with self._guard():
                for member in members.values():
                    # zipfile compares the checksum only when reading past the end.
                    if member.read(1):
                        raise ValueError("a member is longer than it states")

    def _guard(self) -> _Guard:
        return _Guard(self._path)

    def _check_columns(self) -> int:
        frames = set()
        for name, column in self._columns.items():
            entry = self._archive.getinfo(f"{name}.npy")
            with self._archive.open(entry) as member:
                count = _read_header(member, column)
                if count > MAX_FRAMES:
                    raise ValueError(f"it claims {count} frames, more than {MAX_FRAMES}")
                if entry.file_size != member.tell() + count * column.row_bytes:
                    raise ValueError(f"the size of {name} differs from what it states")
            frames.add(count)
        if len(frames) != 1:
            raise ValueError("its parts differ in length")
        return frames.pop()

    def _read_meta(self) -> _Meta:
        with self._archive.open("meta.npy") as member:
            count = _read_header(member, _META)
            if count > _MAX_META_BYTES:
                raise ValueError("its description is too long")
            text = _read_rows(member, _META, count).tobytes()
        try:
            return validate_json(_META_ADAPTER, text)
        except ValueError as error:
            raise ValueError(f"its description is wrong at {error}") from error


class _Guard:
    """Converts all errors that a damaged or crafted file causes in the readers to one clear message."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, ValueError):
            raise self._refuse(str(error)) from error
        if isinstance(error, (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, NotImplementedError)):
            raise self._refuse("it is damaged") from error
        if isinstance(error, RuntimeError):
            raise self._refuse("it is encrypted") from error

    def _refuse(self, reason: str) -> RecordingError:
        return RecordingError(f"{self._path} is not a landmark recording that can be trusted: {reason}.", _NOT_TRUSTED)


def is_recording(path: str | os.PathLike[str]) -> bool:
    """Return whether *path* is a landmark recording, by its content: a zip with the right members.

    `Recording` checks whether it can be trusted. Return False if it cannot be read.
    """
    try:
        with open_named(Path(path)) as file, _open_archive(file):
            return True
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return False


def _open_archive(file: IO[bytes]) -> zipfile.ZipFile:
    """Open a zip with exactly the members of a recording, or raise ValueError."""
    if file.read(4) != b"PK\x03\x04":
        raise ValueError("it is not a zip file")
    # zipfile builds an object for every entry that a file claims; a few bytes at the end state their number.
    file.seek(-22, os.SEEK_END)
    end = file.read(22)
    entries, directory_bytes = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
    if not end.startswith(b"PK\x05\x06") or entries > len(_MEMBERS) or directory_bytes > _MAX_DIRECTORY_BYTES:
        raise ValueError("its members are not those of a recording")
    archive = zipfile.ZipFile(file)
    names = archive.namelist()
    if len(set(names)) != len(names) or not _NEEDED_MEMBERS <= set(names) <= _MEMBERS:
        raise ValueError("its members are not those of a recording")
    return archive


def _new_member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    entry = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return archive.open(entry, "w", force_zip64=True)


def _write_header(member: IO[bytes], column: _Column, rows: int) -> None:
    npy.write_array_header_1_0(
        member, {"descr": npy.dtype_to_descr(column.dtype), "fortran_order": False, "shape": (rows, *column.row)}
    )


def _read_header(member: IO[bytes], column: _Column) -> int:
    """Return the number of rows; ValueError unless the array is of the column's kind."""
    try:
        with warnings.catch_warnings():
            # numpy warns about headers from Python 2, Python about odd literals in them: neither is expected.
            warnings.simplefilter("error")
            version = npy.read_magic(member)
            shape, is_fortran, dtype = npy.read_array_header_1_0(member, max_header_size=_MAX_HEADER_BYTES)
    except (ValueError, TypeError, KeyError, SyntaxError, TokenError, Warning) as error:
        raise ValueError("it holds an array of an unknown kind") from error
    if version != (1, 0) or is_fortran or dtype != column.dtype or not shape or shape[1:] != column.row or shape[0] < 0:
        raise ValueError("it holds an array of the wrong type or shape")
    return int(shape[0])


def _read_rows(member: IO[bytes], column: _Column, count: int) -> NDArray[Any]:
    data = member.read(count * column.row_bytes)
    if len(data) != count * column.row_bytes:
        raise ValueError("it ends too early")
    return np.frombuffer(data, column.dtype).reshape(count, *column.row)


def _check_rows(rows: dict[str, NDArray[Any]], last_s: float, last_shot: int) -> None:
    _check_times(rows["t_s"], last_s)
    shot = rows["shot"]
    if shot[0] < last_shot or (np.diff(shot) < 0).any():
        raise ValueError("its shots are not in order")
    for name, limit in (("image_px", _MAX_PX), ("world_m", _MAX_M)):
        points = rows[name]
        unseen = np.isnan(points)
        if (unseen.any(axis=2) != unseen.all(axis=2)).any():
            raise ValueError(f"{name} holds an incomplete point")
        if (np.abs(points[~unseen]) > limit).any():
            raise ValueError(f"{name} holds points beyond any image")
    if (~np.isnan(rows["world_m"][..., 0]) & np.isnan(rows["image_px"][..., 0])).any():
        raise ValueError("world_m holds points that image_px does not")
    if not ((rows["visibility"] >= 0) & (rows["visibility"] <= 1)).all():
        raise ValueError("visibility is not between 0 and 1")
    outline = rows[_CONTOUR]
    if not (np.isnan(outline) | (np.abs(outline) <= _MAX_CONTOUR_RATIO)).all():
        raise ValueError("its outline is further away than any body")
    if _DISCS in rows:
        _check_discs(rows[_DISCS].reshape(-1, 5))


def _check_times(t_s: NDArray[Any], last_s: float) -> None:
    if not np.isfinite(t_s).all() or not t_s[0] > last_s or not (np.diff(t_s) > 0).all():
        raise ValueError("its times do not increase")
    if abs(t_s[[0, -1]]).max() > MAX_TIME_S:
        raise ValueError(f"its times are more than {MAX_TIME_S:g} s from its start")


def _check_discs(discs: NDArray[Any]) -> None:
    known = discs[~np.isnan(discs).all(axis=1)]
    if not (np.abs(known) <= _MAX_PX).all() or not (known[:, 2:4] > 0).all():
        raise ValueError("it holds an impossible disc")
    if not ((known[:, 4] >= 0) & (known[:, 4] <= 1)).all():
        raise ValueError("the confidence of a disc is not between 0 and 1")


def _poses(rows: dict[str, NDArray[Any]]) -> Iterator[Pose]:
    image_px, world_m, visibility = (rows[name].astype(np.float64) for name in ("image_px", "world_m", "visibility"))
    outline = rows[_CONTOUR].astype(np.float64)
    discs = [_discs(row) for row in rows[_DISCS].astype(np.float64)] if _DISCS in rows else [()] * len(outline)
    for i, (t_s, shot) in enumerate(zip(rows["t_s"].tolist(), rows["shot"].tolist(), strict=True)):
        yield Pose(t_s, image_px[i], world_m[i], visibility[i], shot, TrunkContour(*outline[i]), discs[i])


def _discs(rows: FloatArray) -> tuple[Disc, ...]:
    return tuple(Disc(row[:2], row[2:4], float(row[4])) for row in rows if np.isfinite(row[0]))


def _row(pose: Pose, name: str) -> object:
    """Return the values of a pose for a column."""
    if name == _DISCS:
        rows = np.full((MAX_DISCS, 5), np.nan)
        for row, disc in zip(rows, pose.discs, strict=False):
            row[:] = (*disc.center_px, *disc.radius_px, disc.confidence)
        return rows
    if name != _CONTOUR:
        return getattr(pose, name)
    contour = pose.contour or TrunkContour.unseen()
    return contour.counter_clockwise_ratio, contour.clockwise_ratio


def _meta_of(info: ClipInfo, names: Mapping[str, str]) -> _Meta:
    # The accuracy of the landmarks follows from their source, the rate of filming is in the correction, and the side to
    # measure is not the clip's.
    derived = {"noise", "capture_fps", "side"}
    stated = {name: value for name, value in asdict(info).items() if name not in derived}
    if info.correction == Correction():
        del stated["correction"]
    clip = _ClipMeta(**{**stated, "time_base": info.time_base.as_integer_ratio()})
    return _Meta(format="hipform-poses", version=1, hipform=__version__, clip=clip, **names)


def _info_of(clip: _ClipMeta) -> ClipInfo:
    correction = Correction(**clip.correction.model_dump()) if clip.correction else Correction()
    return ClipInfo(**{**clip.model_dump(), "time_base": Fraction(*clip.time_base), "correction": correction})
