"""Files that are there as a whole, or as they were before."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost the import some milliseconds
    import os


def replace_file(path: str | os.PathLike[str], content: bytes) -> None:
    """Writes `content` beside `path` and renames it, so that what stands there is lost to no error, and nobody reads
    half of it. What is no file of its own (a pipe) is written to; a link stays, and the file behind it is replaced."""
    import os

    target = os.path.realpath(os.fspath(path))
    if os.path.exists(target) and not os.path.isfile(target):
        with open(target, "wb") as file:
            file.write(content)
        return
    mode = None
    if os.path.exists(target):
        with open(target, "ab"):  # What may not be written is not replaced either.
            mode = os.stat(target).st_mode & 0o7777
    beside = os.path.join(os.path.dirname(target), f".{os.path.basename(target)[:50]}.{os.urandom(8).hex()}")
    try:
        file = open(beside, "xb")
    except OSError as error:
        error.filename = os.fspath(path)
        raise
    try:
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(beside, mode)
        os.replace(beside, target)
    except BaseException:
        os.unlink(beside)
        raise
