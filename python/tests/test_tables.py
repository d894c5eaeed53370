"""What the adapters tell of a value by its shape."""

from __future__ import annotations

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
        (frame.iloc[:0], 0, None),
        ([1, 2, 3], 3, None),
        (("a",), 1, None),
    ]:
        assert _tables.rows(value) == count, type(value)
        assert _tables.null_share(value) == share, type(value)
    for value in ("text", b"bytes", {"a": 1}, 7, None, (x for x in [1]), polars.LazyFrame({"a": [1]}), Lazy()):
        assert _tables.rows(value) is None, type(value)
