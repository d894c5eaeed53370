"""What the adapters tell of a value by its shape."""

from __future__ import annotations

import numpy
import pandas as pd
import polars
import pyarrow
import pytest

from tristrata import _tables


class Lazy:
    """Its length is a query."""

    shape = property(lambda _: pytest.fail("asked for its shape"))

    def __len__(self) -> int:
        pytest.fail("asked for its length")


Lazy.__module__ = "duckdb"


def test_rows_and_nulls_are_told_by_shape() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, None, 4.0], "b": [None, "x", "y", "z"]})
    with_nan = [1.0, float("nan"), None, 1.0]
    arrow = pyarrow.table({"a": [1, None], "b": [None, None]})
    for value, count, share in [
        (frame, 4, 0.25),
        (frame["a"], 4, 0.25),
        (frame["a"].to_numpy(), 4, 0.25),
        (polars.DataFrame({"a": [1, None], "b": [None, "x"]}), 2, 0.5),
        (polars.Series([1, None]), 2, 0.5),
        (arrow, 2, 0.75),
        (arrow["a"], 2, 0.5),
        (arrow["a"].chunk(0), 2, 0.5),
        (polars.DataFrame({"a": with_nan, "b": with_nan}), 4, 0.5),
        (polars.Series(with_nan), 4, 0.5),
        (pyarrow.table({"a": with_nan}), 4, 0.5),
        (pyarrow.array(with_nan, pyarrow.float32()), 4, 0.5),
        (pyarrow.chunked_array([with_nan, with_nan]), 8, 0.5),
        (pyarrow.chunked_array([], pyarrow.float64()), 0, None),
        (numpy.ma.masked_array([1.0, numpy.nan, 3.0, 4.0], mask=[False, False, True, False]), 4, 0.5),
        (numpy.ma.masked_array([1, 2], mask=[False, True]), 2, 0.5),
        (numpy.array([1.0, None, pd.NA, "x"], dtype=object), 4, 0.5),
        (numpy.array(["2026-11-27", "NaT"], dtype="datetime64[s]"), 2, 0.5),
        (numpy.array([1, 2]), 2, None),
        (pd.array([1, None], dtype="Int64"), 2, 0.5),
        (pd.Categorical(["a", None]), 2, 0.5),
        (pd.MultiIndex.from_tuples([(1, 2)]), 1, None),
        (frame.iloc[:0], 0, None),
        ([1, 2, 3], 3, None),
        (("a",), 1, None),
    ]:
        assert _tables.rows(value) == count, type(value)
        assert _tables.null_share(value) == share, type(value)
    for value in ("text", b"bytes", {"a": 1}, 7, None, (x for x in [1]), polars.LazyFrame({"a": [1]}), Lazy()):
        assert _tables.rows(value) is None, type(value)
