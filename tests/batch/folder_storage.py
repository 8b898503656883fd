"""A storage in a folder, under the kind of URL that people use; the processes of a cluster see the same files."""

import os

import fsspec
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem

FOLDER_VARIABLE = "HIPFORM_TEST_STORAGE"


class FolderStorage(DirFileSystem):
    """Bucket ``s3://NAME`` is the folder NAME in that of the environment variable."""

    protocol = ("s3",)
    cachable = False

    def __init__(self, **_):
        super().__init__(os.environ[FOLDER_VARIABLE], LocalFileSystem(auto_mkdir=True))

    @classmethod
    def _strip_protocol(cls, path):
        return path.removeprefix("s3://").strip("/")

    def unstrip_protocol(self, name):
        return f"s3://{name.lstrip('/')}"


def register():
    fsspec.register_implementation("s3", FolderStorage, clobber=True)


def dask_setup(_worker):
    """Register the storage in a worker; Dask calls this in each one that preloads the module."""
    register()
