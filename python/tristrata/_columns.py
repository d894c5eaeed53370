"""Columns that Python holds, in numpy's arrays or in lists, as the core takes them: (name, kind, values)."""

from __future__ import annotations

from . import _core
from ._exports import listed

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost the import some milliseconds
    from collections.abc import Iterable
    from typing import Any

    Column = tuple[str, str, object]

MISSING_BOOLEAN = 2
COARSE_UNITS = ("Y", "M", "W", "D", "h", "m", "s", "ms")
EXPECTED = "expected numbers, booleans, times or texts, of one kind, and None"


def column(name: str, values: Any) -> Column:
    """What a dictionary has under a name. A list is read value by value, as an array of objects is: numpy would make
    one type of whatever it holds."""
    import numpy

    if isinstance(values, numpy.ndarray) or hasattr(values, "__array__") or hasattr(values, "__array_interface__"):
        # Of other arrays (Series, tensors) numpy knows what is in them; a mask is kept.
        return _of_array(name, numpy.asanyarray(values))
    is_sequence = hasattr(values, "__len__") and hasattr(values, "__getitem__")
    if not is_sequence or isinstance(values, (str, bytes, bytearray)) or hasattr(values, "keys"):
        raise _core.type_error(f"the column {name!r} is of type {type(values).__name__}; expected a list, or an array "
                               f"of one dimension")
    return _of_objects(name, list(values))


def array_columns(array: Any) -> list[Column]:
    """The columns of an array of numpy: its fields, or those of two dimensions."""
    import numpy

    plain = array if isinstance(array, numpy.ma.MaskedArray) else numpy.asarray(array)
    if plain.dtype.names:
        return [column(name, plain[name]) for name in plain.dtype.names]
    if plain.ndim == 2:
        return [column(str(index), plain[:, index]) for index in range(plain.shape[1])]
    raise _core.type_error(f"an array of {plain.ndim} dimensions is no table; expected two, or a structured array")


def _of_array(name: str, array: Any) -> Column:
    import numpy

    if array.ndim != 1:
        raise _core.type_error(f"the column {name!r} has {array.ndim} dimensions; expected one")
    kind = array.dtype.kind
    if kind in "UTO":
        return _of_objects(name, array.tolist())  # What is masked is None there.
    if kind == "b":
        return name, "boolean", _filled(array.astype(numpy.uint8), MISSING_BOOLEAN)
    if kind in "iuf":
        return name, "real" if kind == "f" else "integer", _filled(array.astype(numpy.float64, copy=False), numpy.nan)
    if kind == "M":
        return name, "time", _microseconds(name, _filled(array, numpy.datetime64("NaT")))
    raise _core.type_error(f"the column {name!r} is of type {array.dtype}; {EXPECTED}")


def _filled(array: Any, missing: Any) -> Any:
    """The values one after another, with `missing` where a mask hides one."""
    import numpy

    return numpy.ascontiguousarray(array.filled(missing) if isinstance(array, numpy.ma.MaskedArray) else array)


def _microseconds(name: str, times: Any) -> Any:
    """numpy wraps in silence what its coarser units hold and microseconds do not."""
    import numpy

    exact = times.astype("datetime64[us]")
    unit = numpy.datetime_data(times.dtype)[0]
    beyond = (exact.astype(times.dtype) != times) & ~numpy.isnat(times) if unit in COARSE_UNITS else None
    if beyond is not None and beyond.any():
        row = int(beyond.argmax())
        raise _core.value_error(f"row {row + 1}, column {name!r}: expected a time within 292,000 years of 1970, found "
                                f"{times[row]}")
    return exact.view(numpy.int64)


def _of_objects(name: str, values: list[Any]) -> Column:
    """A column of Python's own values: of one kind, and None, NaN, NaT or NA where one is missing."""
    import numpy

    found = set(map(type, values))
    if all(issubclass(kind, (float, int)) and is_number(kind) for kind in found):
        numbers = _doubles(name, values)
        return (name, "null", values) if bool(numpy.isnan(numbers).all()) else (name, _type_of(found), numbers)
    # Only where a type has a value that stands for a missing one is each looked at.
    doubtful = {kind for kind in found if not issubclass(kind, (str, int))}
    if doubtful:
        values = [None if type(value) in doubtful and _is_missing(value) else value for value in values]
    types = dict.fromkeys(map(type, values))
    types.pop(type(None), None)
    if not types:
        return name, "null", values
    kinds = {_kind(kind) for kind in types}
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind == "text":
        return name, "text", values
    if kind == "number":
        return name, _type_of(types), _doubles(name, [numpy.nan if value is None else value for value in values])
    if kind == "boolean":
        return name, "boolean", numpy.array([MISSING_BOOLEAN if value is None else value for value in values],
                                            numpy.uint8)
    if kind == "time":
        times = numpy.array([None if value is None else _in_utc(value) for value in values], "datetime64[us]")
        return name, "time", times.view(numpy.int64)
    told = listed([kind.__name__ for kind in types])
    raise _core.type_error(f"the column {name!r} holds objects ({told}); {EXPECTED}")


def _type_of(types: Iterable[type]) -> str:
    """Of numbers: whole ones alone are integers, as they are in a frame and in a file."""
    import numbers

    return "integer" if all(issubclass(kind, numbers.Integral) for kind in types) else "real"


def _doubles(name: str, values: list[Any]) -> Any:
    import numpy

    try:
        return numpy.array(values, numpy.float64)
    except OverflowError:
        raise _core.value_error(f"the column {name!r} holds a number that is larger than a double holds") from None


def _kind(kind: type) -> str | None:
    import datetime

    import numpy

    if issubclass(kind, str):
        return "text"
    if issubclass(kind, (bool, numpy.bool_)):
        return "boolean"
    if issubclass(kind, (datetime.date, numpy.datetime64)):
        return "time"
    return "number" if is_number(kind) else None


def is_number(kind: type) -> bool:
    """Whether values of a type are numbers on a line: no booleans, complex numbers or lengths of time."""
    import decimal
    import numbers

    import numpy

    return issubclass(kind, (numbers.Real, decimal.Decimal)) and not issubclass(kind, (bool, numpy.timedelta64))


def _is_missing(value: Any) -> bool:
    """None, a NaN of any type, pandas' NA and NaT, numpy's masked."""
    import decimal

    if value is None or type(value).__name__ in ("NAType", "MaskedConstant"):
        return True
    if isinstance(value, decimal.Decimal):
        return value.is_nan()
    unequal = value != value
    return type(unequal).__name__ in ("bool", "bool_") and bool(unequal)


def _in_utc(time: Any) -> Any:
    """A time without a zone is in UTC, as an array's are."""
    import datetime

    if getattr(time, "tzinfo", None) is None:
        return time
    return time.astimezone(datetime.timezone.utc).replace(tzinfo=None)
