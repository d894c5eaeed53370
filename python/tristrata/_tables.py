"""How many rows a value has and how many of its values are null, told by its shape: no library is imported for it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

# Their length runs a query, or does not exist before one.
_LAZY = ("dask", "duckdb", "ibis", "pyspark", "sqlframe", "vaex")

_rows_of: dict[type, Callable[[Any], int | None]] = {}


def rows(value: Any) -> int | None:
    """Rows of a table, column, array, list or tuple; None for everything else, which is not touched."""
    kind = type(value)
    known = _rows_of.get(kind)
    if known is None:
        known = _rows_of[kind] = _counter(kind)
    return known(value)


def longest(values: Iterable[Any]) -> int | None:
    """Rows of the longest of them; None if none has any."""
    most: int | None = None
    for value in values:
        count = rows(value)
        if count is not None and (most is None or count > most):
            most = count
    return most


def null_share(value: Any) -> float | None:
    """Null values (NaN among numbers) of all values of a frame, column or array; None for all else and for none."""
    if isinstance(value, (list, tuple)):
        return None
    if hasattr(value, "num_columns") and hasattr(value, "column"):  # a table or batch of pyarrow
        return _share(sum(column.null_count for column in value.columns), value.num_rows * value.num_columns)
    if hasattr(value, "null_count"):
        nulls = value.null_count
        if not callable(nulls):  # an array of pyarrow
            return _share(nulls, len(value))
        counted = nulls()
        if hasattr(counted, "row"):  # a frame of polars
            return _share(sum(counted.row(0)) if counted.width else 0, value.height * value.width)
        return _share(counted, len(value))
    if hasattr(value, "isna") and hasattr(value, "iloc"):
        if value.ndim == 1:
            return _share(int(value.isna().sum()), len(value))
        return _share(sum(int(value.iloc[:, i].isna().sum()) for i in range(value.shape[1])), value.size)
    if getattr(getattr(value, "dtype", None), "kind", "") == "f" and hasattr(value, "size"):
        return _share(int((value != value).sum()), int(value.size))
    return None


def _counter(kind: type) -> Callable[[Any], int | None]:
    if issubclass(kind, (list, tuple)):
        return len
    if not hasattr(kind, "__len__") or any(one.__module__.partition(".")[0] in _LAZY for one in kind.__mro__):
        return _none
    if hasattr(kind, "num_rows"):
        return _num_rows
    if hasattr(kind, "shape"):
        return _first_of_shape
    return len if hasattr(kind, "null_count") else _none  # an array of pyarrow has no shape


def _none(_: Any) -> int | None:
    return None


def _num_rows(value: Any) -> int | None:
    return _whole(value.num_rows)


def _first_of_shape(value: Any) -> int | None:
    shape = value.shape
    return _whole(shape[0]) if isinstance(shape, tuple) and shape else None


def _whole(count: Any) -> int | None:
    return count if isinstance(count, int) and count >= 0 else None


def _share(nulls: int, values: int) -> float | None:
    return nulls / values if values else None
