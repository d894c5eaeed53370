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
    """Null values (NaN among numbers, masked ones) of all values of a frame, column or array; None for all else and
    for none."""
    if isinstance(value, (list, tuple)):
        return None
    if hasattr(value, "num_columns") and hasattr(value, "column"):  # a table or batch of pyarrow
        return _share(sum(map(_nulls_of_arrow, value.columns)), value.num_rows * value.num_columns)
    if hasattr(value, "null_count"):
        if not callable(value.null_count):  # an array of pyarrow
            return _share(_nulls_of_arrow(value), len(value))
        if hasattr(value, "get_columns"):  # a frame of polars
            return _share(sum(map(_nulls_of_polars, value.get_columns())), value.height * value.width)
        return _share(_nulls_of_polars(value), len(value))
    if hasattr(value, "isna") and getattr(value, "nlevels", 1) == 1:  # a MultiIndex has no null of its own
        if value.ndim == 1:  # a series, index, extension array or categorical of pandas
            return _share(int(value.isna().sum()), len(value))
        return _share(sum(int(value.iloc[:, i].isna().sum()) for i in range(value.shape[1])), value.size)
    if hasattr(value, "size") and hasattr(value, "flat"):
        nulls = _nulls_of_numpy(value)
        return None if nulls is None else _share(nulls, int(value.size))
    return None


def _nulls_of_arrow(column: Any) -> int:
    if str(column.type) not in ("halffloat", "float", "double"):
        return int(column.null_count)
    missing = column.is_null(nan_is_null=True)
    return sum(len(chunk) - int(chunk.false_count) for chunk in getattr(missing, "chunks", (missing,)))


def _nulls_of_polars(column: Any) -> int:
    nulls = int(column.null_count())
    return nulls + int(column.is_nan().sum()) if str(column.dtype) in ("Float16", "Float32", "Float64") else nulls


def _nulls_of_numpy(array: Any) -> int | None:
    """None where no value can be null: among whole numbers, booleans and texts."""
    kind = getattr(getattr(array, "dtype", None), "kind", "")
    masked = hasattr(array, "mask") and hasattr(array, "compressed")
    if not kind or (kind not in "fcMmO" and not masked):
        return None
    values = array.compressed() if masked else array
    nulls = int(array.size) - int(values.size)
    if kind == "O":
        return nulls + sum(map(_is_null, values.flat))
    return nulls + (int((values != values).sum()) if kind in "fcMm" else 0)


def _is_null(one: Any) -> bool:
    return one is None or type(one).__name__ in ("NAType", "NaTType") or (isinstance(one, float) and one != one)


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
