"""What runs where the rows lie: a part of a table becomes a profile, in rows that a cluster carries to the driver."""

from __future__ import annotations

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost the import some milliseconds
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

# A profile's bytes lie in pieces, in rows of their own: neither Arrow nor a JVM holds a value of any size.
PIECE_BYTES = 8 << 20

# As Spark declares them. A part's first row says all; those of its other pieces hold bytes alone.
COLUMNS = ("part int, piece int, rows long, left_out long, column_bytes string, failure string, kind string, "
           "host string, core string, bytes binary")


class Request:
    """What is to be made of each part, of a table that goes by `name`. It pickles, unlike the core's own arguments.

    `names` are the columns' own, in order, where they come under others; empty where they come as they are called.
    """

    def __init__(self, plan: str | None, time: str | None, columns: Sequence[str], by: str | None,
                 names: Sequence[str] = (), name: str = "data") -> None:
        self.plan, self.time, self.columns, self.by, self.names = plan, time, list(columns), by, list(names)
        self.name = name

    def arguments(self) -> _core.PlanArguments:
        """As the core takes them."""
        arguments = _core.PlanArguments()
        arguments.text, arguments.time, arguments.columns, arguments.by = self.plan, self.time, self.columns, self.by
        return arguments


def profile_part(request: Request, batches: Iterable[Any], part: int, threads: int) -> Iterator[Any]:
    """The profile of all batches, value by value. What goes wrong is a row, too: it is for the driver to raise."""
    try:
        rows, left_out, made = _profile(request, list(batches), threads)
    except Exception as error:  # A task that raises is tried again, and its message is buried in others.
        yield _row(part, failure=str(error), kind=type(error).__name__)
        return
    yield from _rows(part, made, rows=rows, left_out=left_out)


def count_part(columns: Sequence[str], like: bytes | None, batches: Iterable[Any]) -> Iterator[Any]:
    """The same rows again, with these columns of each profile as counts: on the edges of `like`, or on their own."""
    edges = None if like is None else _core.read_profile(like, "the common edges")
    told: dict[int, Any] = {}
    pieces: dict[int, list[bytes]] = {}
    for batch in batches:
        for row in batch.to_pylist():
            if row["bytes"] is not None:
                told.setdefault(row["part"], row)
                pieces.setdefault(row["part"], []).append(row["bytes"])
    for part, row in told.items():
        try:
            whole = _core.read_profile(b"".join(pieces.pop(part)), f"part {part}")
            made = _core.count_columns(whole, list(columns), edges)
        except Exception as error:
            yield _row(part, failure=str(error), kind=type(error).__name__)
            continue
        yield from _rows(part, made, rows=row["rows"], left_out=row["left_out"])


def joined_pieces(rows: Iterable[Any]) -> list[_core.Profile]:
    """The profiles whose pieces lie in these rows, which come in any order."""
    pieces: dict[int, dict[int, bytes]] = {}
    for row in rows:
        if row["bytes"] is not None:
            pieces.setdefault(row["part"], {})[row["piece"]] = bytes(row["bytes"])
    return [_core.read_profile(b"".join(bytes_ for _, bytes_ in sorted(found.items())), f"part {part}")
            for part, found in sorted(pieces.items())]


def in_utc(table: Any) -> Any:
    """The zone is only how moments are shown: that of a session would make another type of the same column."""
    import pyarrow

    zoned = [pyarrow.types.is_timestamp(field.type) and field.type.tz is not None for field in table.schema]
    if not any(zoned):
        return table
    fields = [field.with_type(pyarrow.timestamp(field.type.unit, "UTC")) if moves else field
              for field, moves in zip(table.schema, zoned)]
    return table.cast(pyarrow.schema(fields))


def _profile(request: Request, batches: list[Any], threads: int) -> tuple[int, int, _core.Profile | None]:
    """How many rows there are and how many lie in no profile, and the profile; none without a row to put there."""
    import pyarrow

    rows = sum(batch.num_rows for batch in batches)
    if rows == 0:
        return 0, 0, None
    table = in_utc(pyarrow.Table.from_batches(batches))
    if request.names:
        table = table.rename_columns(request.names)
    if request.time is not None and request.time in table.column_names:
        if table.column_names.count(request.time) == 1 and table.column(request.time).null_count == rows:
            return rows, rows, None
    return rows, 0, _core.profile(table, request.arguments(), None, None, threads, name=request.name)


def _rows(part: int, made: _core.Profile | None, *, rows: int, left_out: int) -> Iterator[Any]:
    if made is None:
        yield _row(part, rows=rows, left_out=left_out)
        return
    import json

    whole = made.to_bytes()
    sizes = json.dumps(made.column_bytes)
    for piece, start in enumerate(range(0, len(whole), PIECE_BYTES)):
        some = whole[start:start + PIECE_BYTES]
        if piece == 0:
            yield _row(part, rows=rows, left_out=left_out, column_bytes=sizes, bytes_=some)
        else:
            yield _row(part, piece=piece, bytes_=some)


def _row(part: int, *, piece: int = 0, rows: int = 0, left_out: int = 0, column_bytes: str | None = None,
         failure: str | None = None, kind: str | None = None, bytes_: bytes | None = None) -> Any:
    import platform

    import pyarrow

    values = [part, piece, rows, left_out, column_bytes, failure, kind, platform.node(), _core.version, bytes_]
    types = [pyarrow.int32(), pyarrow.int32(), pyarrow.int64(), pyarrow.int64(), *[pyarrow.string()] * 5,
             pyarrow.binary()]
    names = [column.split()[0] for column in COLUMNS.split(", ")]
    return pyarrow.RecordBatch.from_arrays([pyarrow.array([value], kind) for value, kind in zip(values, types)],
                                           names=names)
