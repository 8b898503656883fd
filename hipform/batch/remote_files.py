"""Remote files with a URL such as ``s3://bucket/clips``, listed, fetched and written with fsspec."""

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
"""Schemes of storages that keep written files, do not redirect and are reached by the host name in the URL."""


def is_address(text: str) -> bool:
    """Return whether *text* is a URL rather than a path on this machine."""
    return _ADDRESS.match(text) is not None


def storage_of(address: str) -> tuple[str, str]:
    """Return the scheme and the host or bucket of *address*.

    Raises
    ------
    InputError
        If the URL is not valid, or hipform does not support its scheme.
    """
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise InputError(f"{address} is not a valid URL.", "Check the URL.") from error
    # A double colon chains file systems in fsspec, which would also open the second one.
    if parts.scheme not in SCHEMES or not parts.netloc or "::" in address:
        hint = "Use a URL such as s3://bucket/clips, gs://... or abfs://..., or a path for files on this machine."
        raise InputError(f"{address} is not the URL of a storage that hipform supports.", hint)
    return parts.scheme, parts.netloc


def file_system(address: str) -> tuple[Any, str]:
    """Return fsspec's file system for *address*, and the path in it.

    Raises
    ------
    InputError
        If fsspec, or its package for this scheme, is not installed, or `storage_of` refuses the URL.
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
    """Yield URL, label, size and stamp of the file, or of each clip in the folder or matching the pattern.

    Raises
    ------
    InputError
        If nothing exists at *address*, or it cannot be listed.
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
        raise InputError(f"{address} does not exist.", "Check the URL.") from error
    except Exception as error:
        raise unreachable(address, error, InputError) from error


def fetch(address: str, folder: Path) -> Path:
    """Download the file at *address* to *folder*, with its name and, if known, its time; return the path.

    Raises
    ------
    InputError
        If it cannot be read completely.
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
    """Return a one-line error of type *kind* for any exception that a storage's library raises."""
    hint = "Check the URL, the network and your permissions."
    done = "written" if kind is OutputError else "read"
    return kind(f"{address} cannot be {done}: {str(error) or type(error).__name__}.", hint)
