"""Files behind an address (``s3://bucket/clips``), by way of fsspec: listed, fetched, written."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from hipform.errors import HipformError, InputError, OutputError

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PATTERN = "*?["
SCHEMES = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"})
"""Storages that keep what is written, lead nowhere else and are reached by the name that stands in the address."""


def is_address(text: str) -> bool:
    """Tell whether *text* is an address rather than a path of this machine."""
    return _ADDRESS.match(text) is not None


def storage_of(address: str) -> tuple[str, str]:
    """Return scheme and host, or bucket, of *address*.

    Raises
    ------
    InputError
        If the address is not valid, or that of no storage that hipform knows.
    """
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise InputError(f"{address} is not a valid address.", "Check the address.") from error
    # Two colons chain file systems of fsspec: what lies behind the second one would be opened too.
    if parts.scheme not in SCHEMES or not parts.netloc or "::" in address:
        hint = (
            "Storages have an address such as s3://bucket/clips, gs://... or abfs://...; of files here, give the path."
        )
        raise InputError(f"{address} is not the address of a storage that hipform knows.", hint)
    return parts.scheme, parts.netloc


def file_system(address: str) -> tuple[Any, str]:
    """Return fsspec's file system for *address*, and the path there.

    Raises
    ------
    InputError
        If fsspec, or what it needs for this kind of address, is not installed, or `storage_of` refuses the address.
    """
    storage_of(address)
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415, TID251 - an optional extra, imported here alone

        system, path = url_to_fs(address)
    except ImportError as error:
        hint = "Install them with: pip install 'hipform[cluster]', and for S3, s3fs; for Google Cloud, gcsfs."
        raise InputError(f"{address} needs packages that are not installed ({error}).", hint) from error
    except Exception as error:
        raise unreachable(address, error, InputError) from error
    return system, str(path)


def remote_files(address: str, is_clip: Callable[[str], bool]) -> Iterator[tuple[str, str, int, str]]:
    """Yield address, label, size and stamp of the file, or of the clips in the folder or of the pattern.

    Raises
    ------
    InputError
        If nothing is there, or it cannot be listed.
    """
    system, path = file_system(address)
    try:
        if any(mark in path for mark in _PATTERN):
            matches = (str(name) for name in system.glob(path) if not system.isdir(name))
            found = {name: PurePosixPath(name).name for name in matches if is_clip(PurePosixPath(name).name)}
        elif system.isdir(path):
            below = ((name, name.removeprefix(path).lstrip("/")) for name in system.find(path))
            found = {name: label for name, label in below if is_clip(PurePosixPath(name).name)}
        else:
            found = {path: PurePosixPath(path).name}
        for name, label in sorted(found.items()):
            yield str(system.unstrip_protocol(name)), label, int(system.size(name) or 0), str(system.ukey(name))
    except FileNotFoundError as error:
        raise InputError(f"{address} does not exist.", "Check the address.") from error
    except Exception as error:
        raise unreachable(address, error, InputError) from error


def fetch(address: str, folder: Path) -> Path:
    """Return a local copy of the file at *address*, with its name and, where that is known, its time.

    Raises
    ------
    InputError
        If it cannot be read to its end.
    """
    system, path = file_system(address)
    local = folder / PurePosixPath(path).name
    try:
        system.get_file(path, str(local))
        modified_s = system.modified(path).timestamp()
        os.utime(local, (modified_s, modified_s))
    except (NotImplementedError, AttributeError):
        return local
    except Exception as error:
        raise unreachable(address, error, InputError) from error
    return local


def unreachable(address: str, error: Exception, kind: type[HipformError]) -> HipformError:
    """Return the one line for whatever a storage's own library raises, as an error of *kind*."""
    hint = "Check the address, the network and your rights there."
    done = "written" if kind is OutputError else "read"
    return kind(f"{address} cannot be {done}: {str(error) or type(error).__name__}.", hint)
