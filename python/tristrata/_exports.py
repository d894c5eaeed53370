"""What exports itself by Arrow's PyCapsule protocol, where that alone would end in an error or in no rows."""

from __future__ import annotations

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost the import some milliseconds
    from typing import Any

# Streams that were read, while they live: Arrow lets an exhausted one be exported again, as a table without rows.
_read: Any = None

TYPES_MAX = 3


def exported(data: Any) -> Any:
    """`data`, or what exports it with what it lacks."""
    kind = type(data)
    if hasattr(kind, "__next__"):
        return _Stream(data)
    if hasattr(data, "iloc") and hasattr(data, "columns") and any(
            one.__module__.partition(".")[0] == "pandas" for one in kind.__mro__):
        return _Frame(data)
    return data


class _Stream:
    """Batches one after another, which are there once."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        import weakref

        global _read
        if _read is None:
            _read = weakref.WeakSet()
        try:
            again = self._stream in _read
            _read.add(self._stream)
        except TypeError:  # It has no hash, or no weak references: it cannot be known again.
            again = False
        if again:
            raise _core.value_error(f"the {type(self._stream).__name__} has been read before, and a stream is there "
                                    f"once: make a table of it first (read_all()), or a new reader for each call")
        return self._stream.__arrow_c_stream__()


class _Frame:
    """A frame of pandas. What Arrow refuses of it is a column of a type that cannot be checked."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    @property
    def nameless_index(self) -> bool:
        """Whether there is an index, more than a count of the rows, that nobody gave a name: it is left out."""
        index = self._frame.index
        return not _is_left_out(index) and index.nlevels == 1 and index.name is None

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        if any(_is_period(dtype) for dtype in [*self._frame.dtypes, getattr(self._frame.index, "dtype", None)]):
            return _column_by_column(self._frame).__arrow_c_stream__()
        try:
            return (_of_numbers(self._frame) or _with_index(self._frame)).__arrow_c_stream__()
        except ImportError:
            raise
        except Exception:
            return _column_by_column(self._frame).__arrow_c_stream__()


def _of_numbers(frame: Any) -> Any:
    """A frame of numpy's numbers alone as pyarrow makes it, without its slow search for NaN; None for every other."""
    import numpy
    import pyarrow

    if not _is_left_out(frame.index) or not all(isinstance(name, str) for name in frame.columns):
        return None
    arrays = []
    for _, column in frame.items():
        if not isinstance(column.dtype, numpy.dtype) or column.dtype.kind not in "iufb":
            return None
        values = column.to_numpy()
        may_be_missing = column.dtype.kind == "f" and len(values) > 0 and bool(numpy.isnan(values.min()))
        arrays.append(pyarrow.array(values, from_pandas=may_be_missing))
    return pyarrow.Table.from_arrays(arrays, names=list(frame.columns)) if arrays else None


def _is_period(dtype: Any) -> bool:
    """Whether Arrow would take ordinals for the values: a period is a time as little as its number is."""
    return type(dtype).__name__ == "PeriodDtype"


def _is_left_out(index: Any) -> bool:
    """Whether an index is a count of the rows that nobody gave a name."""
    return type(index).__name__ == "RangeIndex" and index.name is None


def _with_index(frame: Any) -> Any:
    """A frame whose index is a column where it has a name: pyarrow leaves counts of the rows out, name or not, and
    what has the name of a column."""
    levels = [frame.index.get_level_values(level) for level in range(frame.index.nlevels)]
    if any(level.name is not None and level.name in frame.columns for level in levels):
        return _column_by_column(frame)
    if not any(type(level).__name__ == "RangeIndex" and level.name is not None for level in levels):
        return frame
    import pyarrow

    nameless = [f"__index_level_{at}__" for at, level in enumerate(levels) if _is_left_out(level)]
    return pyarrow.Table.from_pandas(frame, preserve_index=True).drop_columns(nameless)


def _column_by_column(frame: Any) -> Any:
    """What pyarrow makes of the frame, but for the columns that it refuses."""
    import pyarrow

    names = [_name(name) for name in frame.columns]
    columns = [frame.iloc[:, index] for index in range(frame.shape[1])]
    for level in range(frame.index.nlevels):
        values = frame.index.get_level_values(level)
        if not _is_left_out(values):
            names.append(f"__index_level_{level}__" if values.name is None else _name(values.name))
            columns.append(values.to_series())
    fields, arrays = [], []
    for name, column in zip(names, columns):
        array, refused = _array(column)
        arrays.append(array)
        fields.append(pyarrow.field(name, array.type, metadata={"tristrata:type": refused} if refused else None))
    return pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields))


def _name(name: object) -> str:
    return name if isinstance(name, str) else str(name)


def _array(column: Any) -> tuple[Any, str | None]:
    """The column as Arrow has it; or, where it refuses, one without values and the type that it has in pandas."""
    import pyarrow

    if _is_period(column.dtype):
        return pyarrow.nulls(len(column), pyarrow.struct([])), str(column.dtype)
    try:
        return pyarrow.array(column, from_pandas=True), None
    except Exception:
        kinds = _kinds(column) if column.dtype == object else []
        numbers = _numbers(column) if kinds else None
        if numbers is not None:
            return numbers, None
        told = f"{column.dtype} ({listed(kinds)})" if kinds else str(column.dtype)
        return pyarrow.nulls(len(column), pyarrow.struct([])), told


def _kinds(column: Any) -> list[str]:
    """The names of its values' types, in the order in which they come."""
    return list(dict.fromkeys(type(value).__name__ for value in column[column.notna()]))


def _numbers(column: Any) -> Any:
    """Numbers of several types, or too large for Arrow's integers, as doubles; None where there is anything else."""
    import pyarrow

    from ._columns import is_number

    if not all(map(is_number, set(map(type, column[column.notna()])))):
        return None
    try:
        return pyarrow.array([float(value) if there else None for value, there in zip(column, column.notna())],
                             pyarrow.float64())
    except Exception:
        return None


def listed(kinds: list[str]) -> str:
    shown = kinds if len(kinds) <= TYPES_MAX else [*kinds[:TYPES_MAX - 1], f"{len(kinds) - TYPES_MAX + 1} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
