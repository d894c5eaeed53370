"""Files and folders: tables as the command line reads them, for which pyarrow is needed (the extra [files])."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    import pathlib

    from ._files import File

ARROW_LINE = "26.0"
PROFILE_BEGINS = b"TRISPROF"


def arrow_folder(who: str) -> pathlib.Path:
    """Where pyarrow's libraries lie. ImportError: it is not installed, or is of another line than was built with."""
    import importlib.metadata
    import importlib.util
    import pathlib

    found = importlib.util.find_spec("pyarrow")
    if found is None or found.origin is None:
        raise ImportError(f"{who} needs pyarrow {ARROW_LINE}: pip install 'tristrata[files]'")
    version = importlib.metadata.version("pyarrow")
    if not version.startswith(f"{ARROW_LINE}."):
        raise ImportError(f"{who} needs pyarrow {ARROW_LINE}, and {version} is installed: pip install "
                          f"'pyarrow=={ARROW_LINE}.*', or give tables of your own instead of a path")
    return pathlib.Path(found.origin).parent


def open_file(path: str, time: str | None, like: object) -> File:
    """A table in a file; `like` is the reference's side, whose types a CSV keeps where it is a file or a profile."""
    from . import _core

    if _is_profile(path):
        raise _core.value_error(f"{path} is a profile, no table; give what tristrata.detection.load_profile() "
                                "makes of it")
    arrow_folder(path)
    # Their libraries are in the process before the extension asks for them by name.
    import pyarrow.parquet  # noqa: F401

    from . import _files

    return _files.open_file(path, time or "", like if isinstance(like, _files.File) else None,
                            like.fields if isinstance(like, _core.Profile) else None)


def content_of(path: str | os.PathLike[str]) -> bytes:
    """All of a file. Python's own error where that cannot be, without the credentials of a URL given for a path."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        from . import _core

        error.filename = str(_core.value_error(str(path)))
        raise


def _is_profile(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(PROFILE_BEGINS)) == PROFILE_BEGINS
    except OSError:  # A folder, or no file; which one, the reading says.
        return False
