"""What runs where the rows lie, on batches of Arrow: Spark hands over the same ones (tests_spark)."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Iterator
from typing import Any

import numpy
import pyarrow
import pytest

import tristrata
from tristrata import _core
from tristrata._partition import COLUMNS, PIECE_BYTES, Request, count_part, joined_pieces, profile_part

BY_TIME = Request(None, "time", [], None)


def table(rows: int = 3000) -> pyarrow.Table:
    draw = numpy.random.default_rng(1)
    times = numpy.datetime64("2026-01-01", "us") + numpy.arange(rows) * numpy.timedelta64(1, "h")
    return pyarrow.table({
        "time": pyarrow.array(times, pyarrow.timestamp("us", "UTC")),
        "spread": draw.normal(size=rows) + numpy.arange(rows) // 1000 * 50,
        "side": draw.choice(["buy", "sell"], rows),
        "open": draw.random(rows) < 0.5,
        "tags": pyarrow.array([["a"]] * rows),
    })


def rows_of(request: Request, parts: list[pyarrow.Table]) -> Iterator[dict[str, Any]]:
    for part, some in enumerate(parts):
        for row in profile_part(request, some.to_batches(), part, 1):
            yield from row.to_pylist()


def batches_of(rows: list[dict[str, Any]]) -> Iterator[pyarrow.RecordBatch]:
    schema = pyarrow.schema([(name, {"int": pyarrow.int32(), "long": pyarrow.int64(), "string": pyarrow.string(),
                                     "binary": pyarrow.binary()}[kind])
                             for name, kind in (column.split() for column in COLUMNS.split(", "))])
    for row in rows:
        yield pyarrow.RecordBatch.from_pylist([row], schema=schema)


@pytest.mark.parametrize("cut", ["one after another", "every third row"])
def test_parts_in_any_order_are_the_profile_of_the_whole(cut: str) -> None:
    whole = table()
    parts = [whole.slice(first, 1000) if cut == "one after another" else whole.take(list(range(first // 1000, 3000, 3)))
             for first in (0, 1000, 2000)]
    expected = _core.profile(whole, BY_TIME.arguments(), None, None, 1).to_bytes()
    for order in itertools.permutations(parts):
        made = joined_pieces(rows_of(BY_TIME, list(order)))
        assert _core.join_profiles(made, "data", 0).to_bytes() == expected


def test_a_part_says_its_rows_and_a_part_without_rows_says_nothing() -> None:
    whole = table(10)
    told = list(rows_of(BY_TIME, [whole, whole.slice(0, 0)]))
    assert [(row["part"], row["rows"], row["left_out"], row["failure"]) for row in told] == [(0, 10, 0, None),
                                                                                             (1, 0, 0, None)]
    assert told[1]["bytes"] is None and len(joined_pieces(told)) == 1
    assert list(rows_of(BY_TIME, [])) == [] and list(profile_part(BY_TIME, [], 0, 1))[0].num_rows == 1


def test_rows_without_a_time_are_counted() -> None:
    whole = table(10)
    nulls = whole.set_column(0, "time", pyarrow.nulls(10, pyarrow.timestamp("us", "UTC")))
    told = list(rows_of(BY_TIME, [whole, nulls]))
    assert [row["left_out"] for row in told] == [0, 10]
    half = pyarrow.concat_tables([whole, nulls])
    assert joined_pieces(rows_of(BY_TIME, [half]))[0].left_out == 10


def test_a_session_in_another_zone_makes_the_same_profile() -> None:
    whole = table(50)
    tokyo = whole.set_column(0, "time", whole["time"].cast(pyarrow.timestamp("us", "Asia/Tokyo")))
    versions = [joined_pieces(rows_of(BY_TIME, [one]))[0].version for one in (whole, tokyo)]
    assert versions[0] == versions[1]


def test_what_goes_wrong_is_a_row() -> None:
    twice = pyarrow.Table.from_arrays([[1.0], [2.0]], names=["a", "a"])
    row, = rows_of(Request(None, None, [], None), [twice])
    assert row["kind"] == "ValueError" and 'the column "a" stands twice' in row["failure"]
    row, = rows_of(Request(None, "when", [], None), [table(3)])
    assert row["kind"] == "ValueError" and "when" in row["failure"] and row["host"] and row["core"] == _core.version
    broken = {**next(rows_of(BY_TIME, [table(3)])), "bytes": b"no profile"}
    row, = (one for batch in count_part(["spread"], None, batches_of([broken])) for one in batch.to_pylist())
    assert row["kind"] == "ValueError" and "part 0" in row["failure"]


def test_a_large_profile_comes_in_pieces_in_any_order() -> None:
    draw = numpy.random.default_rng(2)
    request = Request(None, None, [], None)
    told = list(rows_of(request, [pyarrow.table({"x": draw.normal(size=1_200_000)})]))
    assert len(told) == 2 and all(len(row["bytes"]) <= PIECE_BYTES for row in told)
    assert joined_pieces(reversed(told)) == joined_pieces(told)
    assert joined_pieces(told)[0].rows == 1_200_000


def test_columns_become_counts_on_common_edges() -> None:
    whole = table()
    told = list(rows_of(BY_TIME, [whole.slice(first, 1000) for first in (0, 1000, 2000)]))

    def counted(like: bytes | None) -> list[tristrata.Profile]:
        batches = list(count_part(["spread", "side", "tags"], like, batches_of(told)))
        return joined_pieces(row for batch in batches for row in batch.to_pylist())

    edges = _core.common_edges(counted(None))
    parts = counted(edges.to_bytes())
    joined = {_core.join_profiles(list(order), "data", 0).to_bytes() for order in itertools.permutations(parts)}
    assert len(joined) == 1
    profile = _core.read_profile(joined.pop(), "joined")
    assert profile.counted == ["spread", "side"] and profile.rows == 3000
    shifted = whole.set_column(1, "spread", pyarrow.array(whole["spread"].to_numpy() + 40))
    reports = [tristrata.check(reference, shifted, time="time", null="independent") for reference in (profile, whole)]
    verdicts = [[column["verdict"] for column in report.columns] for report in reports]
    assert verdicts[0] == verdicts[1] and verdicts[0].count("drift") == 1


def test_a_check_of_two_profiles_is_the_check_of_the_tables() -> None:
    whole = table()
    before, after = whole.slice(0, 2000), whole.slice(2000)
    options: dict[str, Any] = {"time": "time", "null": "independent", "at": "2026-06-01T00:00:00Z"}
    expected = tristrata.check(before, after, **options)
    made = [tristrata.profile(one, time="time") for one in (before, after)]
    for reference in (before, made[0]):
        found = tristrata.check(reference, made[1], **options)
        assert found.columns == expected.columns and found.drifted == expected.drifted == ["spread"]
    with pytest.raises(ValueError, match="a check needs the rows of current"):
        tristrata.check(before, tristrata.profile(after, time="time", exact_mb=0), time="time")
    with pytest.raises(ValueError, match="current_window is for a table"):
        tristrata.check(before, made[1], time="time", current_window="2026-01-01..")


def test_columns_that_came_under_other_names_have_their_own() -> None:
    whole = table(300)
    carried = whole.rename_columns([f"c{index}" for index in range(whole.num_columns)])
    request = Request(None, "time", ["spread"], None, whole.column_names)
    assert list(rows_of(request, [carried])) == list(rows_of(Request(None, "time", ["spread"], None), [whole]))


def test_a_request_pickles() -> None:
    request = pickle.loads(pickle.dumps(Request("alpha = 0.01\n", "t", ("a",), "b", ("t", "a"))))
    assert (request.plan, request.time, request.columns, request.by) == ("alpha = 0.01\n", "t", ["a"], "b")
    assert request.names == ["t", "a"]
    assert _core.time_column(request.arguments()) == "t"
