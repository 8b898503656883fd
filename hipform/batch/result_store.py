"""Result stores: a local or shared folder, or a remote storage.

A clip's results are made in their own temporary folder, delivered next to the store's results, and published as a
whole. Only the process that runs the batch publishes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from hipform.batch.local_store import LocalStore
from hipform.batch.remote_files import is_address
from hipform.batch.remote_store import RemoteStore
from hipform.errors import OutputError
from hipform.files import locked

_LOCK = "lock"


class ResultStore(Protocol):
    """The interface of a result store; instances are sent to the workers."""

    @property
    def work(self) -> Path:
        """Folder for unfinished results; leftovers in it are removed when a batch starts and when it ends."""
        ...

    def make_work(self) -> None:
        """Make `work` if it does not exist; raise `OutputError` if it cannot be made or is not safe to use."""
        ...

    def remove_leftovers(self) -> None:
        """Remove what killed batches have left, and nothing else."""
        ...

    def records(self) -> Iterator[tuple[str, bytes]]:
        """Yield each folder that has a run record, with the record."""
        ...

    def record(self, name: str) -> bytes:
        """Return the run record of the folder *name*."""
        ...

    def is_occupied(self, name: str) -> bool:
        """Return whether *name* already exists."""
        ...

    def deliver(self, folder: Path, name: str) -> str:
        """Move a finished folder to the store without showing it yet; return what `publish` needs to find it."""
        ...

    def publish(self, name: str, delivered: str, record: bytes) -> None:
        """Publish delivered results as the folder *name*, replacing an earlier one."""
        ...

    def publish_record(self, name: str, record: bytes) -> None:
        """Write the run record of the folder *name*; a finished result in it stays, an incomplete one is removed."""
        ...

    def has_result(self, name: str) -> bool:
        """Return whether the folder *name* has a finished result, whatever its run record says."""
        ...

    def result(self, name: str) -> bytes:
        """Return the result.json in the folder *name*."""
        ...

    def mark(self, name: str, record: bytes) -> None:
        """Replace the run record of the folder *name*."""
        ...

    def put(self, name: str, file: Path) -> None:
        """Move a finished file to the store, replacing an earlier one."""
        ...


def open_store(out: str) -> ResultStore:
    """Return the store that *out*, a path or a URL, names."""
    return RemoteStore(out.rstrip("/")) if is_address(out) else LocalStore(Path(out).absolute())


@contextmanager
def locked_store(store: ResultStore) -> Iterator[None]:
    """Lock *store* for this process, and remove leftovers in its work folder before and after.

    Raises
    ------
    OutputError
        If another batch is using the store, or the store is not writable.
    """
    store.make_work()
    in_use = OutputError(
        f"Another batch is writing to {store}.", "Wait until it has finished, or choose another folder with --out."
    )
    with locked(store.work / _LOCK, in_use):
        store.remove_leftovers()
        try:
            yield
        finally:
            store.remove_leftovers()
