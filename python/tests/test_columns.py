"""A column is read alike however Python spells it: a list, an array of numpy, masked or of objects, a frame."""

from __future__ import annotations

import array
import collections
import json
import pathlib
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pyarrow.csv
import pytest
from numpy.dtypes import StringDType

from tristrata import Report, check

NAN = float("nan")
DRAW = numpy.random.default_rng(0)
BEFORE, AFTER = DRAW.normal(size=2000), DRAW.normal(1, size=500)


def objects(values: list[Any]) -> Any:
    made = numpy.empty(len(values), dtype=object)
    made[:] = values
    return made


SPELLINGS = [
    pytest.param(lambda values: {"x": values}, id="list"),
    pytest.param(lambda values: {"x": tuple(values)}, id="tuple"),
    pytest.param(lambda values: {"x": collections.deque(values)}, id="deque"),
    pytest.param(lambda values: {"x": objects(values)}, id="array of objects"),
    pytest.param(lambda values: {"x": pandas.Series(values, dtype=object)}, id="series in a dictionary"),
    pytest.param(lambda values: pandas.DataFrame({"x": pandas.Series(values, dtype=object)}), id="frame"),
]


@pytest.mark.parametrize("spelled", SPELLINGS)
@pytest.mark.parametrize("nothing", [None, NAN, pandas.NA, numpy.float64("nan")])
def test_what_is_missing_among_texts_is_missing(spelled: Any, nothing: Any) -> None:
    report = check({"x": ["buy", "sell"] * 1000}, spelled(["buy", "sell"] * 200 + [nothing] * 100))
    column = report.column("x")
    assert report.drifted == [] and column["current"]["missing_share"] == 0.2
    assert [one["kind"] for one in column["signals"] if one["verdict"] == "drift"] == ["missing_share"]


@pytest.mark.parametrize("spelled", [*SPELLINGS, pytest.param(lambda values: {"x": numpy.array(values)}, id="array")])
@pytest.mark.parametrize("whole, first", [(int, 2 ** 60), (numpy.int64, 2 ** 62), (numpy.uint64, 2 ** 63 + 2 ** 40)])
@pytest.mark.parametrize("nothing", [[], [None]])
def test_whole_numbers_are_whole_in_any_spelling(spelled: Any, whole: type, first: int, nothing: list[None]) -> None:
    if nothing and isinstance(table := spelled([1]), dict) and getattr(table["x"], "dtype", object) != object:
        return  # An array of numbers has no None.
    reference = spelled([whole(first + i) for i in range(2000)] + nothing)
    report = check(reference, spelled([whole(first + i) for i in range(500)] + nothing))
    notes = report.to_dict()["notes"]
    assert [note for note in notes if note.startswith('"x" holds whole numbers beyond 2^53')], notes
    fired = [one["kind"] for one in report.column("x")["signals"] if one["verdict"] == "drift"]
    assert fired == [], "doubles do not tell whether it is one value"


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_a_day_is_a_time(spelled: Any) -> None:
    days = spelled([date(2026, 1, 1) + timedelta(i) for i in range(200)])
    assert check(days, days).column("x")["kind"] == "time"


def test_a_text_that_is_none_is_said_with_its_column() -> None:
    with pytest.raises(ValueError, match="the column 's'"):
        check({"s": ["x", "y"] * 100}, {"s": ["x", "\ud800"] * 100})


@pytest.mark.parametrize("spelled", SPELLINGS)
@pytest.mark.parametrize("values, told", [
    ([1.5, "n/a"], "float and str"),
    ([True, 5], "bool and int"),
    ([numpy.float64(1.5), 2, "n/a"], "float64, int and str"),
    ([datetime(2026, 1, 1), "n/a"], "datetime and str"),
    ([1j, 2j], "complex"),
    ([b"a", b"b"], "bytes")])
def test_what_is_of_several_kinds_is_no_column_and_never_texts(spelled: Any, values: list[Any], told: str) -> None:
    table = spelled(values * 50)
    if isinstance(table, dict):
        with pytest.raises(TypeError) as raised:
            check({"x": BEFORE}, table)
        assert str(raised.value) == (f"the column 'x' holds objects ({told}); expected numbers, booleans, times or "
                                     "texts, of one kind, and None")
    elif told not in ("complex", "bytes"):  # Arrow knows bytes, and says why it takes no complex numbers.
        assert f"object ({told})" in check(table, table).column("x")["reason"]


@pytest.mark.parametrize("spelled", SPELLINGS)
@pytest.mark.parametrize("values, kind", [
    ([True, None, False, True], "boolean"),
    ([numpy.True_, None, numpy.False_, numpy.True_], "boolean"),
    ([1, None, 2.5, 3], "numeric"),
    ([Decimal("1.5"), Decimal("nan"), Decimal(2), Decimal(3)], "numeric"),
    ([datetime(2026, 1, 1), None, datetime(2026, 1, 2), datetime(2026, 1, 3)], "time"),
    ([pandas.Timestamp("2026-01-01", tz="UTC"), pandas.NaT] + [pandas.Timestamp("2026-01-02", tz="UTC")] * 2, "time"),
    (list(numpy.array(["2026-01-01", "NaT", "2026-01-02", "2026-01-03"], "datetime64[us]")), "time"),
    (["a", None, "b", "c"], "categorical")])
def test_each_kind_may_have_values_that_are_missing(spelled: Any, values: list[Any], kind: str) -> None:
    column = check(spelled(values * 50), {"x": values * 50}).column("x")
    assert column["kind"] == kind
    assert column["reference"] == column["current"] and column["current"]["missing_share"] == 0.25


@pytest.mark.parametrize("spelled", SPELLINGS)
@pytest.mark.parametrize("nothing", [None, NAN, pandas.NA])
def test_a_column_without_a_value_is_of_no_type(spelled: Any, nothing: Any) -> None:
    for reference in (BEFORE, ["buy", "sell"] * 1000):
        column = check({"x": reference}, spelled([nothing] * 500)).column("x")
        assert column["current"]["missing_share"] == 1
        assert "type_changed" not in [one["kind"] for one in column["signals"]]


def test_a_time_with_a_zone_is_the_moment_that_it_is() -> None:
    east = timezone(timedelta(hours=9))
    times = [datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(hours=hour) for hour in range(200)]
    numbers = list(range(200))
    window = "2026-01-02..2026-01-03"
    rows = {check({"t": [one.astimezone(zone) for one in times], "x": numbers}, {"t": times, "x": numbers}, time="t",
                  reference_window=window).to_dict()["reference"]["rows"] for zone in (east, timezone.utc)}
    assert rows == {24}


@pytest.mark.parametrize("hidden, values", [
    (-9999.0, BEFORE[:1000]),
    (7, numpy.arange(1000)),
    (True, numpy.arange(1000) % 2 == 0),
    ("?", numpy.array(["buy", "sell"] * 500)),
    ("?", objects(["buy", "sell"] * 500)),
    (numpy.datetime64("1970-01-01"), numpy.datetime64("2026-01-01") + numpy.arange(1000))])
def test_what_a_mask_hides_is_missing(hidden: Any, values: Any) -> None:
    masked = numpy.ma.masked_array(numpy.append(values, numpy.full(1000, hidden, values.dtype)),
                                   mask=numpy.arange(2000) >= 1000)
    report = check({"x": values}, {"x": masked})
    assert report.drifted == [] and report.column("x")["current"]["missing_share"] == 0.5
    whole = check({"0": values}, numpy.ma.masked_array(masked.reshape(-1, 1)))
    assert whole.drifted == [] and whole.column("0")["current"]["missing_share"] == 0.5
    fields = numpy.ma.masked_array(numpy.zeros(4, [("x", values.dtype)]), mask=[True, False, False, False])
    assert check(fields, fields).column("x")["current"]["missing_share"] == 0.25


def test_every_array_of_numpy_is_one(tmp_path: pathlib.Path) -> None:
    numpy.save(tmp_path / "x.npy", BEFORE.reshape(-1, 1))
    mapped = numpy.load(tmp_path / "x.npy", mmap_mode="r")
    for reference in (mapped, numpy.asmatrix(BEFORE.reshape(-1, 1))):
        assert check(reference, AFTER.reshape(-1, 1)).drifted == ["0"]
    assert check({"x": array.array("d", BEFORE)}, {"x": memoryview(array.array("d", AFTER))}).drifted == ["x"]


def test_texts_of_numpy_are_texts() -> None:
    for of in (StringDType(), StringDType(na_object=None), StringDType(na_object=NAN)):
        table = {"x": numpy.array(["buy", "sell"] * 100, dtype=of)}
        assert check(table, {"x": ["buy", "sell"] * 100}).column("x")["verdict"] == "no_drift"
    missing = numpy.array(["buy", None] * 100, dtype=StringDType(na_object=None))
    assert check({"x": missing}, {"x": missing}).column("x")["current"]["missing_share"] == 0.5


@pytest.mark.parametrize("values, error, said", [
    ((one for one in [1.0]), TypeError, "the column 'x' is of type generator; expected a list, or an array of one"),
    ("abc", TypeError, "the column 'x' is of type str; expected a list"),
    (3.0, TypeError, "the column 'x' is of type float; expected a list"),
    ({"a": 1}, TypeError, "the column 'x' is of type dict; expected a list"),
    ({1, 2}, TypeError, "the column 'x' is of type set; expected a list"),
    ([10**400, 1], ValueError, "the column 'x' holds a number that is larger than a double holds"),
    ([[1], [2]], TypeError, "the column 'x' holds objects (list)")])
def test_what_is_no_column_is_named(values: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as raised:
        check({"x": values}, {"x": BEFORE})
    assert said in str(raised.value)


@pytest.mark.parametrize("convert", [
    pytest.param(lambda path: polars.read_csv(path), id="polars"),
    pytest.param(lambda path: pyarrow.csv.read_csv(path), id="pyarrow"),
    pytest.param(lambda path: {"": ["x", "y"] * 50, "a": list(range(100))}, id="dictionary"),
    pytest.param(lambda path: path, id="csv"),
    pytest.param(lambda path: polars.read_csv(path).write_parquet(path.with_suffix(".parquet"))
                 or path.with_suffix(".parquet"), id="parquet")])
def test_a_column_without_a_name_is_refused_and_no_time(tmp_path: pathlib.Path, convert: Any) -> None:
    pandas.DataFrame({"a": BEFORE}).to_csv(tmp_path / "a.csv")
    with pytest.raises(ValueError, match="column 1 .*has no name; expected a name for every column"):
        check(convert(tmp_path / "a.csv"), {"a": AFTER})


def test_an_index_is_a_column_where_it_has_a_name() -> None:
    named, rows = pandas.DataFrame({"a": BEFORE}), pandas.RangeIndex(2000, name="bar")
    counted = named.set_axis(rows)
    some = counted.sample(frac=0.9, random_state=1).sort_index()
    mixed = named.assign(odd=objects([1, "x"] * 1000)).set_axis(rows)
    for one, other in ((counted, some), (some, counted), (counted, counted), (mixed, mixed)):
        report = check(one, other, columns=["a", "bar"])
        assert [column["name"] for column in report.columns] == ["a", "bar"]
        assert [one["kind"] for one in report.to_dict()["signals"]] == []
    ordered = named.set_axis(pandas.RangeIndex(0, 2000 * 10**6, 10**6, name="bar"))
    assert check(ordered, ordered, time="bar").column("bar")["role"] == "time"
    for some in (named[named["a"] > 0], named.iloc[::2]):
        assert [column["name"] for column in check(some, named).columns] == ["a"], "one without a name is none"


def test_a_frame_and_the_lists_it_is_made_of_are_one_table() -> None:
    frame = pandas.DataFrame({"text": ["a", "b", None, NAN] * 100, "number": [1, None, 2.5, 4] * 100,
                              "yes": [True, False, True, None] * 100,
                              "time": pandas.date_range("2026-01-01", periods=400, freq="h", tz="UTC")})

    def told(table: Any) -> str:
        columns = check(table, table, time="time", null="dependent").columns
        return json.dumps([[column["name"], column["kind"], column["current"]] for column in columns])

    assert told(frame) == told(frame.to_dict("list")) == told({str(name): frame[name] for name in frame})


def test_nobody_knows_what_is_missing_in_a_column_that_cannot_be_read() -> None:
    drawn = numpy.random.default_rng(1).normal(size=600)
    numbers, mixed = pandas.DataFrame({"a": drawn}), pandas.DataFrame({"a": [*drawn[:499], "x"]})
    for first, second in ((numbers, mixed), (mixed, numbers), (mixed, mixed)):
        fired = [one["kind"] for one in check(first, second).column("a")["signals"] if one["verdict"] == "drift"]
        assert fired == ([] if first is second else ["type_changed"])
    lists = pyarrow.table({"a": [[1.0]] * 500})
    of_lists = check(lists, lists)
    assert not of_lists.column("a")["signals"]
    assert of_lists.column("a")["current"]["missing_share"] is None and "% missing" not in of_lists.to_html()
    assert Report(of_lists.to_json()).column("a")["reference"]["missing_share"] is None


@pytest.mark.parametrize("table", [
    lambda values: {"x": values},
    lambda values: {"x": [int(value) for value in values]},
    lambda values: {"x": pandas.Series(values)},
    lambda values: values.view([("x", "u8")]),
    lambda values: pandas.DataFrame({"x": values}),
    lambda values: polars.DataFrame({"x": values}),
], ids=["numpy", "list", "series", "records", "frame", "polars"])
def test_whole_numbers_from_2_to_the_63_keep_their_sign(table: Any) -> None:
    values = numpy.array([2**63] * 500 + [1, 2, 3] * 200, "u8")
    described = check(table(values), table(values)).columns[0]["reference"]
    assert described["minimum"] == 1 and described["maximum"] == 2.0**63


@pytest.mark.parametrize("unit", ["Y", "D", "s", "ms", "25s"])
def test_a_time_beyond_what_microseconds_hold_is_refused(unit: str) -> None:
    far = numpy.array([0, numpy.iinfo("i8").min, 2**59], "i8").view(f"M8[{unit}]")
    with pytest.raises(ValueError, match="row 3, column 't': expected a time within 292,000 years of 1970"):
        check({"t": far}, {"t": far})
    near = numpy.array([0, numpy.iinfo("i8").min, 40] * 20, "i8").view(f"M8[{unit}]")
    assert check({"t": near}, {"t": near}).to_dict()["summary"]["columns"] == 1
