"""A storage in memory, under the kind of address that people use."""

import pytest


@pytest.fixture
def storage():
    """Return an empty storage behind ``s3://``; its paths begin with a slash and the bucket."""
    pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'hipform[cluster]'")
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    class Buckets(MemoryFileSystem):
        protocol = ("s3",)
        store = {}  # noqa: RUF012 - it is that of the class, as its parent's
        pseudo_dirs = [""]  # noqa: RUF012
        cachable = False

        @classmethod
        def _strip_protocol(cls, path):
            return super()._strip_protocol(path.removeprefix("s3://"))

        def unstrip_protocol(self, name):
            return f"s3://{name.lstrip('/')}"

    fsspec.register_implementation("s3", Buckets, clobber=True)
    return Buckets()
