"""HDF5 files, opened with h5py if it is installed, and read a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from hipform.errors import InputError

_CHUNK_ROWS = 256
_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def is_hdf5(path: Path) -> bool:
    """Return whether the file at *path* is HDF5, by its first bytes."""
    with path.open("rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE


def open_hdf5(path: Path) -> AbstractContextManager[Any]:
    """Open the file at *path* for reading.

    Raises
    ------
    InputError
        If h5py is not installed.
    ValueError
        If the file is not HDF5.
    """
    try:
        import h5py  # noqa: PLC0415 - an optional package
    except ImportError as error:
        raise InputError(
            f"{path} is an HDF5 file, and reading it needs the package h5py.", "Install it: pip install hipform[poses]"
        ) from error
    if not is_hdf5(path):
        raise ValueError("it is not an HDF5 file")
    file: AbstractContextManager[Any] = h5py.File(path, "r")
    return file


def rows_of(data: Any) -> Iterator[Any]:
    """Yield the rows of a data set, reading a few at a time."""
    for start in range(0, len(data), _CHUNK_ROWS):
        yield from data[start : start + _CHUNK_ROWS]
