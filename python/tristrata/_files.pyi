"""
Files and folders of CSV, Parquet and Arrow as the command line reads them; it links pyarrow's Arrow.
"""

from collections.abc import Sequence


class File:
    """A table in a file, a folder of files, or under a key of S3."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """All of its columns, read as the stream is."""

    @property
    def name(self) -> str: ...

def open_file(path: str, time: str = '', like: File | None = None, fields: Sequence[tuple[str, str, str]] | None = None) -> File:
    """
    Opens a table; `like` is the reference's, whose types the columns of a CSV keep; `fields` are those of a reference that is a profile.
    """
