"""check() and profile(): every kind of table is the same table, and what is none is named."""

from __future__ import annotations

import pathlib
import pickle
import signal
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import duckdb
import numpy
import pandas
import polars
import pyarrow
import pyarrow.feather
import pyarrow.parquet
import pytest
from sample_tables import AT, CURRENT, REFERENCE, frame, plain

import tristrata
from tristrata import check, profile
from tristrata.detection import load_profile, merge

anything: Any = check


def as_numpy(table: pandas.DataFrame) -> dict[str, Any]:
    columns: dict[str, Any] = {str(name): table[name].to_numpy() for name in table}
    return {**columns, "time": table["time"].dt.tz_localize(None).to_numpy(), "side": list(table["side"])}


def as_duckdb(table: pandas.DataFrame) -> Any:
    return duckdb.connect().from_df(table)


@pytest.mark.parametrize("convert", [
    pytest.param(polars.from_pandas, id="polars"),
    pytest.param(pyarrow.Table.from_pandas, id="pyarrow"),
    pytest.param(lambda table: pyarrow.RecordBatch.from_pandas(table), id="record batch"),
    pytest.param(lambda table: pyarrow.Table.from_pandas(table).slice(0, 600), id="slice"),
    pytest.param(lambda table: pyarrow.Table.from_pandas(table).to_reader(100), id="reader of batches"),
    pytest.param(as_duckdb, id="duckdb"),
    pytest.param(as_numpy, id="numpy")])
def test_every_kind_of_table_is_the_same_table(convert: Any) -> None:
    expected = check(REFERENCE, CURRENT, time="time", null="dependent", at=AT)
    assert expected.drifted == ["spread"]
    found = check(convert(REFERENCE), convert(CURRENT), time="time", null="dependent", at=AT)
    assert plain(found) == plain(expected)


def test_the_same_tables_at_the_same_time_are_the_same_report_to_the_byte() -> None:
    first = check(REFERENCE, CURRENT, at=AT, threads=1)
    assert check(REFERENCE.copy(), CURRENT.copy(), at=datetime(2026, 1, 31, 8, tzinfo=timezone.utc), threads=3) == first
    assert check(REFERENCE, REFERENCE, at=AT) != first


def test_a_slice_is_the_rows_it_has() -> None:
    whole = pyarrow.Table.from_pandas(pandas.concat([CURRENT, REFERENCE]), preserve_index=False)
    cut = check(whole.slice(600), CURRENT, columns=["spread", "side", "open"], at=AT)
    assert plain(cut) == plain(check(REFERENCE, CURRENT, columns=["spread", "side", "open"], at=AT))


def test_files_are_read_as_the_command_line_reads_them(tmp_path: pathlib.Path) -> None:
    parquet, feather, csv = tmp_path / "reference.parquet", str(tmp_path / "current.feather"), tmp_path / "current.csv"
    pyarrow.parquet.write_table(pyarrow.Table.from_pandas(REFERENCE), parquet)
    pyarrow.feather.write_feather(CURRENT, feather)
    CURRENT.to_csv(csv, index=False)
    for current in (feather, csv):
        report = check(parquet, current, columns=["spread"])
        assert report.drifted == ["spread"] and report.to_dict()["current"]["rows"] == len(CURRENT)
    with pytest.raises(FileNotFoundError, match="nothing.csv: no such file or folder"):
        check("nothing.csv", feather)
    with pytest.raises(FileNotFoundError, match="nothing.toml: no such file"):
        check(csv, feather, plan="nothing.toml")
    with pytest.raises(FileNotFoundError, match="nothing.profile"):
        load_profile("nothing.profile")
    csv.write_text("spread\n" + "1.5\n" * 30_000 + "wide\n")
    with pytest.raises(ValueError, match='row 30001 .*column "spread": expected a number'):
        check(csv, feather)


def test_a_csv_keeps_the_types_of_a_reference_that_is_a_file(tmp_path: pathlib.Path) -> None:
    reference, current = tmp_path / "reference.csv", tmp_path / "current.csv"
    pandas.DataFrame({"zone": ["7", "8", "x"] * 100}).to_csv(reference, index=False)
    pandas.DataFrame({"zone": ["7", "8", "8"] * 100}).to_csv(current, index=False)
    (column,) = check(reference, current).columns
    assert column["kind"] == "categorical" and not [one for one in column["signals"] if one["kind"] == "type_changed"]


def test_a_csv_keeps_the_types_of_a_reference_that_is_a_profile(tmp_path: pathlib.Path) -> None:
    reference, current = tmp_path / "reference.csv", tmp_path / "current.csv"
    pandas.DataFrame({"zone": ["7", "8", "x"] * 100}).to_csv(reference, index=False)
    pandas.DataFrame({"zone": ["7", "8", "8"] * 100}).to_csv(current, index=False)
    saved = pickle.loads(pickle.dumps(profile(reference)))
    assert saved.fields == [("zone", "text", "string")]
    (column,) = check(saved, current).columns
    assert column["kind"] == "categorical" and not [one for one in column["signals"] if one["kind"] == "type_changed"]


def test_another_line_of_pyarrow_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: "24.0.0")
    with pytest.raises(ImportError, match=r"a\.csv needs pyarrow 26\.0, and 24\.0\.0 is installed: pip install"):
        check("a.csv", "a.csv")


def test_windows_of_one_table() -> None:
    both = pandas.concat([REFERENCE, CURRENT.assign(time=CURRENT["time"] + pandas.Timedelta(days=31))])
    report = check(both, both, time="time", reference_window="2026-01-01..2026-02-01",
                   current_window="2026-02-01..2026-03-01", columns=["spread"], null="dependent")
    assert report.drifted == ["spread"]
    assert report.to_dict()["reference"]["rows"] == report.to_dict()["current"]["rows"] == 600
    assert "current    table, 600 rows" in str(report), "it is one table, and no reference"
    zone = timezone(timedelta(hours=1))
    pairs = {"reference_window": (None, datetime(2026, 2, 1, 1, tzinfo=zone)),
             "current_window": ["2026-02-01", "2026-03-01T00:00:00Z"]}
    again = check(both, both, time="time", columns=["spread"], null="dependent", **pairs)  # type: ignore[arg-type]
    assert plain(again) == plain(report)


def test_types_of_pandas() -> None:
    def typed(shift: float) -> pandas.DataFrame:
        table = frame(shift).drop(columns=["time"])
        return table.assign(nullable=table["trades"].astype("Int64").mask(table.index % 7 == 0),
                            category=table["side"].astype("category"),
                            zoned=frame(0)["time"].dt.tz_convert("Asia/Tokyo"),
                            decimal=table["trades"].map(lambda trades: Decimal(trades) / 4))

    report = check(typed(0.0), typed(1.0))
    assert report.drifted == ["spread"]
    kinds = {column["name"]: column["kind"] for column in report.columns}
    assert kinds == {"spread": "numeric", "trades": "numeric", "side": "categorical", "open": "boolean",
                     "nullable": "numeric", "category": "categorical", "zoned": "time", "decimal": "numeric"}
    assert report.column("nullable")["reference"]["missing_share"] == pytest.approx(86 / 600)


@pytest.mark.parametrize("values, told", [
    ([1, "b"], "object (int and str)"),
    ([1, 2.5, object()], "object (int, float and object)"),
    ([{"a": 1}, 3, "x", (1,)], "object (dict, int and 2 more)"),
    ([True, 2], "object (bool and int)"),
    (pandas.Series([1j, 2j]), "complex128"),
    (pandas.period_range("2026-01", periods=3, freq="M").array, "period[M]"),
    (pandas.arrays.SparseArray([0, 0, 1]), "Sparse[int64, 0]")])
def test_a_column_of_pandas_that_arrow_refuses_is_a_row_and_the_others_are_checked(values: Any, told: str) -> None:
    def spoilt(table: pandas.DataFrame, bad: Any) -> pandas.DataFrame:
        return table.assign(bad=pandas.Series((list(bad) * 600)[:600], dtype=getattr(bad, "dtype", object)))

    report = check(spoilt(REFERENCE, values), spoilt(CURRENT, values), time="time", null="dependent")
    expected = check(REFERENCE, CURRENT, time="time", null="dependent")
    assert report.column("bad")["verdict"] == "not_tested"
    assert report.column("bad")["reason"] == f"Its type {told} is not one of number, text, boolean or time."
    assert report.drifted == expected.drifted == ["spread"]
    assert [one["verdict"] for one in report.columns if one["name"] != "bad"] == \
        [one["verdict"] for one in expected.columns]
    # Where it was a number before, that it no longer is one is the finding.
    changed = check(REFERENCE.assign(bad=1.5), spoilt(CURRENT, values)).column("bad")
    (signal,) = [one for one in changed["signals"] if one["kind"] == "type_changed"]
    assert signal["reason"].endswith(f"it is of type {told}"), signal


def test_an_index_that_arrow_refuses_is_in_the_way_of_nothing() -> None:
    odd: Any = ["a", 1] * 300
    for index, added in ((pandas.Index(odd), []), (pandas.Index(odd, name="id"), ["id"])):
        report = check(REFERENCE.set_axis(index), CURRENT, columns=[*REFERENCE.columns, *added])
        assert report.drifted == check(REFERENCE, CURRENT).drifted
        assert [one["name"] for one in report.columns] == [*REFERENCE.columns, *added]


def test_numbers_of_several_types_and_of_any_size_are_numbers() -> None:
    table = pandas.DataFrame({"huge": [2**70, 1, None] * 200, "mixed": [1, Decimal("2.5"), numpy.float32(3)] * 200},
                             dtype=object)
    report = check(table, table)
    assert [column["kind"] for column in report.columns] == ["numeric", "numeric"]
    assert report.column("huge")["reference"]["missing_share"] == pytest.approx(1 / 3)


def test_a_type_has_one_name_wherever_the_table_comes_from(tmp_path: pathlib.Path) -> None:
    odd = pyarrow.table({"lists": [[1]] * 3, "numbers": pyarrow.array([1, 2, 3], "uint8"),
                         "times": pyarrow.array([1, 2, 3], pyarrow.duration("s"))})
    pyarrow.parquet.write_table(odd.drop(["lists"]), tmp_path / "odd.parquet")
    report = check(odd, odd)
    assert "Its type list is not one of number" in report.column("lists")["reason"]
    assert "Its type duration[s] is not one of number" in report.column("times")["reason"]
    # Evidently leaves unsigned numbers out, whether they lie in memory or in a file.
    in_memory = check(odd, odd, method="evidently", columns=["numbers"])
    in_a_file = check(tmp_path / "odd.parquet", tmp_path / "odd.parquet", method="evidently", columns=["numbers"])
    assert plain(in_memory) == plain(in_a_file)
    assert "Unsigned numbers are of no kind that Evidently 0.7 knows" in in_memory.columns[0]["reason"]
    tenths = duckdb.connect().sql("SELECT range / 10.0::DECIMAL(20, 1) AS d, 1.0 * range AS x FROM range(600)")
    assert [column["kind"] for column in check(tenths, tenths).columns] == ["numeric", "numeric"]


def test_a_stream_is_there_once() -> None:
    whole = pyarrow.Table.from_pandas(REFERENCE)
    reader = whole.to_reader(100)
    report = check(reader, reader, columns=["spread"]).to_dict()
    assert report["reference"]["rows"] == report["current"]["rows"] == 600, "one table on both sides, read once"
    said = r"the RecordBatchReader has been read before, and a stream is there once: make a table of it first"
    for again in (lambda: check(reader, CURRENT), lambda: check(REFERENCE, reader), lambda: profile(reader)):
        with pytest.raises(ValueError, match=said) as raised:
            again()
        assert raised.value.kind == "invalid_input"  # type: ignore[attr-defined]
    scores = pyarrow.table({"y_true": [0, 1] * 50, "p": [0.2, 0.8] * 50}).to_reader()
    with pytest.raises(ValueError, match=said):
        tristrata.check_performance(scores, scores, y_proba="p")
    other = whole.to_reader(100)
    with pytest.raises(ValueError, match="alpha"):
        check(other, CURRENT, alpha=2.0)
    assert check(other, CURRENT, columns=["spread"]).drifted == ["spread"], "a call that was refused read nothing"

    class Handed:
        capsule = whole.__arrow_c_stream__()

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return self.capsule

    assert check(Handed(), CURRENT, columns=["spread"]).drifted == ["spread"]
    with pytest.raises(ValueError, match="the table's stream has been read before"):
        check(Handed(), CURRENT)


def test_values_of_python_that_are_numbers() -> None:
    table = REFERENCE.drop(columns=["time", "open"])
    decimals = {"x": [Decimal(trades) / 4 for trades in table["trades"]], "n": [None, 1, 2.5, float("nan")] * 150}
    report = check(decimals, decimals)
    assert [(column["name"], column["kind"]) for column in report.columns] == [("x", "numeric"), ("n", "numeric")]
    assert report.column("n")["reference"]["missing_share"] == 0.5
    records = check(table.to_records(), table.to_records(index=False))
    assert records.column("side")["kind"] == "categorical" and records.column("spread")["verdict"] == "no_drift"


def test_arrays_of_numpy() -> None:
    draw = numpy.random.default_rng(1)
    report = check(draw.normal(size=(500, 3)), draw.normal([0, 0, 1], size=(500, 3)))
    assert report.drifted == ["2"]
    structured = numpy.zeros(500, dtype=[("x", "f4"), ("n", "i8")])
    assert [column["name"] for column in check(structured, structured).columns] == ["x", "n"]


@pytest.mark.parametrize("table, error, said", [
    (None, TypeError, "type NoneType, no table"),
    (3, TypeError, "type int, no table"),
    ([1.0, 2.0], TypeError, "a list is no table; expected a data frame"),
    ((1, 2), TypeError, "a tuple is no table"),
    (pandas.Series([1.0, 2.0]), ValueError, "is a column, no table"),
    (pandas.DataFrame([[1, 2]], columns=["a", "a"]), ValueError, 'the column "a" stands twice'),
    (pyarrow.Table.from_arrays([[1], [2]], names=["a", "a"]), ValueError, 'the column "a" stands twice'),
    (pandas.DataFrame({"a": [1.0]}, index=pandas.Index([2.0], name="a")), ValueError, 'the column "a" stands twice'),
    (numpy.zeros(3), TypeError, "1 dimensions"),
    ({"a": [1, 2], "b": [1]}, ValueError, "the column 'b' has 1 rows, 'a' has 2"),
    ({"a": [1, object()]}, TypeError, "the column 'a' holds objects"),
    ({"a": numpy.zeros((2, 2))}, TypeError, "the column 'a' has 2 dimensions"),
    ({"a": numpy.array([1j])}, TypeError, "complex128")])
def test_what_is_no_table_is_named(table: Any, error: Any, said: str) -> None:
    with pytest.raises(error) as raised:
        check(table, table)
    assert said in str(raised.value)
    assert raised.value.kind in ("usage", "refused", "invalid_input")


@pytest.mark.parametrize("given, error, said", [
    ({"alpha": 2.0}, ValueError, "alpha"),
    ({"alpha": "0.05"}, TypeError, "alpha is of type str: '0.05'; expected a number"),
    ({"seed": -1}, ValueError, "seed is -1; expected a whole number, 0 or more"),
    ({"seed": 1.5}, TypeError, "seed is of type float: 1.5; expected a whole number, 0 or more"),
    ({"threads": 0}, ValueError, "threads is 0; expected a whole number, 1 or more"),
    ({"time": 3}, TypeError, "time is of type int: 3; expected a str"),
    ({"columns": [3]}, TypeError, "a name in columns is of type int: 3; expected a str"),
    ({"columns": 3}, TypeError, "columns is of type int: 3; expected a list of names"),
    ({"plan": {"alpha": 0.01}}, TypeError, "plan is of type dict; expected the path of a plan's file, or its text"),
    ({"multivariate": "yes"}, TypeError, "multivariate is of type str: 'yes'; expected True or False"),
    ({"null": "chunks"}, ValueError, "name the time column with time="),
    ({"reference_window": 3}, TypeError, "reference_window is of type int; expected a window: a text such as"),
    ({"reference_window": ("2026-01-02", "2026-01-01")}, ValueError, "reference_window holds no time"),
    ({"current_window": (datetime(2026, 1, 1), None)}, ValueError, "the beginning of current_window is"),
    ({"time": "tim"}, ValueError, "tim"),
    ({"method": "evidentl"}, ValueError, "evidently"),
    ({"null": "n"}, ValueError, "n"),
    ({"columns": "spread"}, TypeError, "a list of names"),
    ({"plan": "nowhere.toml"}, Exception, "nowhere.toml"),
    ({"plan": ""}, ValueError, "plan is empty; expected the path of a plan's file, or its text"),
    ({"plan": "alph = 1"}, Exception, "alpha"),
    ({"reference_window": "yesterday"}, ValueError, "yesterday"),
    ({"at": datetime(2026, 1, 1)}, ValueError, "time zone")])
def test_what_is_wrong_is_named(given: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error) as raised:
        anything(REFERENCE, CURRENT, **given)
    assert said in str(raised.value)


def test_options_of_the_command_line_are_arguments_here() -> None:
    scored = pandas.DataFrame({"truth": [0, 1] * 50, "score": [0.2, 0.8] * 50})
    with pytest.raises(ValueError, match="y_true= names the column of what came true") as raised:
        tristrata.check_performance(scored, scored, y_proba="score")
    assert "--" not in str(raised.value)
    with pytest.raises(ValueError, match="name its column with time=$|name its column with time=;") as raised:
        tristrata.backtest(scored, chunk="day")
    assert "--" not in str(raised.value)
    with pytest.raises(ValueError, match="exact_mb is -1; expected megabytes"):
        profile(scored, exact_mb=-1)
    with pytest.raises(TypeError, match="window is of type str: 'x'; expected a whole number"):
        tristrata.backtest(scored, rows=10, window="x")  # type: ignore[arg-type]


def test_an_address_s_secret_is_not_repeated() -> None:
    with pytest.raises(RuntimeError, match="belong into AWS_ACCESS_KEY_ID") as refused:
        tristrata.check("s3://AK:SEKRET@cold-store/a.csv", {"x": [1.0]})
    assert "SEKRET" not in str(refused.value)


def test_a_plan_is_a_file_or_its_text(tmp_path: pathlib.Path) -> None:
    text = '[column.spread]\nrole = "prediction"\n'
    (tmp_path / "plan.toml").write_text(text)
    for plan in (text, tmp_path / "plan.toml", str(tmp_path / "plan.toml")):
        assert check(REFERENCE, CURRENT, plan=plan).column("spread")["drift_type"] == "prediction_drift"


def test_the_rules_of_a_peer() -> None:
    report = check(REFERENCE, CURRENT, columns=["spread", "trades"], method="evidently")
    assert report.to_dict()["plan"]["method"] == "evidently" and "spread" in report.drifted
    assert not report.to_dict()["notes"]


def test_what_is_asked_of_our_rules_and_has_no_part_in_a_peers_verdict_is_said() -> None:
    asked: dict[str, Any] = {"columns": ["spread"], "method": "evidently", "alpha": 0.001, "null": "independent"}
    said = [note for note in check(REFERENCE, CURRENT, **asked).to_dict()["notes"] if "alpha" in note]
    assert said == ["alpha = 0.001, null = independent had no part in it: the verdicts are evidently's, whose "
                    "thresholds are of its own; explain_difference = true shows ours beside them"]
    assert not check(REFERENCE, CURRENT, multivariate=True, **asked).to_dict()["notes"]


def test_a_side_without_a_time_is_named_as_such() -> None:
    nowhen = pandas.Series([pandas.NaT] * 600, dtype=REFERENCE["time"].dtype)
    for empty in (REFERENCE.iloc[:0], REFERENCE.assign(time=nowhen)):
        with pytest.raises(ValueError, match='^data holds no row that has a time in "time"; expected one at least$'):
            profile(empty, time="time")
        with pytest.raises(ValueError, match='^current holds no row that has a time in "time"'):
            check(REFERENCE, empty, time="time")
    with pytest.raises(ValueError, match=r"no row of data falls into the profiled window 2030-01-01T00:00:00Z\.\.;"):
        profile(REFERENCE, time="time", window=("2030-01-01", None))


@pytest.mark.parametrize("call", [
    pytest.param(lambda made, kept, parts: made.to_bytes(), id="to_bytes"),
    pytest.param(lambda made, kept, parts: pickle.dumps(made), id="pickle"),
    pytest.param(lambda made, kept, parts: merge(parts), id="merge"),
    pytest.param(lambda made, kept, parts: tristrata._core.read_profile(kept, "bytes"), id="read_profile")])
def test_other_threads_run_while_a_profile_is_written_read_and_merged(call: Any) -> None:
    draw = numpy.random.default_rng(1)
    made = profile({f"x{i}": draw.normal(size=100_000) for i in range(20)})
    kept = made.to_bytes()
    # Of many windows: a merge of two takes a few microseconds, in which no other thread need come to run.
    parts = [profile({f"x{i}": draw.normal(size=1) for i in range(20)}) for _ in range(500)]
    beats = 0
    stop = threading.Event()

    def beat() -> None:
        nonlocal beats
        while not stop.is_set():
            beats += 1
            time.sleep(0.0002)

    before = sys.getswitchinterval()
    heart = threading.Thread(target=beat)
    heart.start()
    sys.setswitchinterval(1000.0)  # No thread is interrupted: another runs only where the call lets it.
    try:
        for _ in range(100):  # A machine that is busy may let neither run.
            begun = beats
            call(made, kept, parts)
            ended = beats
            if ended > begun:
                break
    finally:
        sys.setswitchinterval(before)
        stop.set()
        heart.join()
    assert ended > begun


def test_other_threads_run_meanwhile_and_a_signal_stops_a_check() -> None:
    draw = numpy.random.default_rng(1)
    large = {f"x{i}": draw.normal(size=200_000) for i in range(20)}
    beats = 0
    stop = threading.Event()

    def beat() -> None:
        nonlocal beats
        while not stop.wait(0.001):
            beats += 1

    heart = threading.Thread(target=beat)
    heart.start()
    check(large, large, threads=1)
    stop.set()
    heart.join()
    assert beats > 5

    class Enough(Exception):
        pass

    def enough(*_: object) -> None:
        raise Enough

    previous = signal.signal(signal.SIGALRM, enough)
    try:
        with pytest.raises(Enough):
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            while True:  # whichever of them it meets
                check(large, large, threads=1)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def test_whole_numbers_that_doubles_do_not_hold_are_said() -> None:
    def table(first: int) -> pyarrow.Table:
        return pyarrow.table({"id": pyarrow.array([2**62 + first + i for i in range(500)])})

    (note,) = [note for note in check(table(0), table(500)).to_dict()["notes"] if "2^53" in note]
    assert note.startswith('"id" holds whole numbers beyond 2^53') and "less than 1024" in note
    assert not [note for note in check(REFERENCE, CURRENT).to_dict()["notes"] if "2^53" in note]


def test_a_level_of_an_index_that_counts_the_rows_is_a_column_where_it_has_a_name() -> None:
    values = numpy.random.default_rng(0).normal(size=500)
    by_name = pandas.MultiIndex.from_product([["BTC"], range(500)], names=["symbol", "open_time"])
    counts = pandas.MultiIndex.from_arrays([range(500), range(500)], names=["i", None])
    for index, expected in ((by_name, {"x", "symbol", "open_time"}), (counts, {"x", "i"})):
        frame = pandas.DataFrame({"x": values}, index=index)
        assert {column["name"] for column in check(frame, frame.copy()).columns} == expected


def test_times_that_stand_in_an_index_without_a_name_are_told_what_to_do() -> None:
    first, second = (table.set_index("time").rename_axis(None) for table in (REFERENCE, CURRENT))
    with pytest.raises(ValueError) as raised:
        check(first, second, time="index")
    assert str(raised.value) == ('reference has no time column "index"; the frame\'s index has no name, and is left '
                                 'out: if the times stand in it, give frame.rename_axis("index")')
    assert check(first.rename_axis("index"), second.rename_axis("index"), time="index").drifted == ["spread"]
    with pytest.raises(ValueError) as raised:
        check(REFERENCE, CURRENT, time="when")
    assert "rename_axis" not in str(raised.value)


def test_what_is_missing_is_told_without_a_plan_or_a_file() -> None:
    with pytest.raises(ValueError, match='^reference has no column to group by "zz"; it has "spread"'):
        check(REFERENCE, CURRENT, by="zz")
    with pytest.raises(ValueError, match=r"expected the same names in both \(of a CSV, in its first row\)$"):
        check({"a": [1.0, 2.0]}, {"b": [1.0, 2.0]})
