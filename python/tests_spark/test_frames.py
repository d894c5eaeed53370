"""Frames of Spark against the same rows in one process."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pyarrow
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

import tristrata
from tristrata.detection import load_profile
from tristrata.spark import check, profile

SOURCE = Path(__file__).resolve().parents[2]
AT = "2026-06-01T00:00:00Z"


def candles(shift: float, rows: int = 2400, seed: int = 1) -> pyarrow.Table:
    draw = numpy.random.default_rng(seed)
    times = numpy.datetime64("2026-01-01", "us") + numpy.arange(rows) * numpy.timedelta64(1, "h")
    spread = draw.normal(shift, size=rows)
    return pyarrow.table({
        "time": pyarrow.array(times, pyarrow.timestamp("us", "UTC")),
        "spread": pyarrow.array(spread, mask=draw.random(rows) < 0.1),
        "trades": draw.integers(0, 50, rows),
        "side": draw.choice(["buy", "sell"], rows),
        "open": draw.random(rows) < 0.5,
    })


def in_parts(spark: SparkSession, parts: list[pyarrow.Table]) -> DataFrame:
    """One partition each, in this order."""
    frame: DataFrame | None = None
    for part in parts:
        one = spark.createDataFrame(part).coalesce(1)
        frame = one if frame is None else frame.union(one)
    assert frame is not None
    return frame


def test_partitions_in_any_order_are_the_profile_of_the_frame(spark: SparkSession) -> None:
    whole = candles(0.0)
    parts = [whole.slice(0, 700), whole.slice(700, 1500), whole.slice(2200)]
    expected = tristrata.profile(whole, time="time").to_bytes()
    for order in list(itertools.permutations(parts))[::2]:
        assert profile(in_parts(spark, list(order)), time="time").to_bytes() == expected
    mixed = in_parts(spark, parts).repartition(3, "trades")
    assert mixed.rdd.getNumPartitions() == 3
    assert profile(mixed, time="time").to_bytes() == expected


def test_a_check_finds_what_it_finds_in_one_process(spark: SparkSession) -> None:
    before, after = candles(0.0), candles(1.0, 400, 2)
    frames = [spark.createDataFrame(table).repartition(4) for table in (before, after)]
    options: dict[str, Any] = {"time": "time", "null": "dependent", "at": AT}
    expected = tristrata.check(before, after, **options)
    assert expected.drifted == ["spread"]
    for reference, current in ((frames[0], frames[1]), (before, frames[1]), (frames[0], after)):
        assert check(reference, current, **options).columns == expected.columns
    assert check(profile(frames[0], time="time"), frames[1], **options).columns == expected.columns
    by_side = check(frames[0], frames[1], by="side", **options)
    assert by_side.to_dict()["groups"] == tristrata.check(before, after, by="side", **options).to_dict()["groups"]


def test_names_that_spark_reads_otherwise(spark: SparkSession) -> None:
    whole = candles(0.0).rename_columns(["time", "a.b", "x", "X", "`q"])
    frame = spark.createDataFrame(whole).repartition(3)
    assert profile(frame, time="time").to_bytes() == tristrata.profile(whole, time="time").to_bytes()
    assert [one["name"] for one in check(whole, frame, columns=["a.b", "x"], null="independent", at=AT).columns] == \
        ["a.b", "x"]
    assert profile(frame.where("false"), columns=["a.b"]).rows == 0


@pytest.mark.parametrize("exact_mb", [-1, float("nan")])
def test_a_budget_is_not_negative(spark: SparkSession, exact_mb: float) -> None:
    with pytest.raises(ValueError, match="exact_mb is .*; expected 0 .* or more"):
        profile(spark.range(3), exact_mb=exact_mb)


def test_a_plan_is_read_on_the_driver(spark: SparkSession, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('time = "time"\n[column.trades]\nkind = "categorical"\n[column.side]\nsensitive = true\n')
    whole = candles(0.0)
    made = profile(spark.createDataFrame(whole).repartition(2), plan=plan)
    assert made == tristrata.profile(whole, plan=plan)
    assert b"buy" not in made.to_bytes()
    plan.write_text("colour = 3\n")
    with pytest.raises(RuntimeError, match="plan.toml"):
        profile(spark.createDataFrame(whole), plan=plan)


def test_types_of_spark(spark: SparkSession) -> None:
    frame = spark.range(300).selectExpr(
        "id", "cast(id as decimal(20, 3)) price", "cast(id % 2 as boolean) up", "array(id) listed",
        "map('a', id) mapped", "struct(id) nested", "cast('ab' as binary) bytes",
        "date_add(DATE'2026-01-01', cast(id as int)) day", "timestamp_seconds(id) at",
        "cast(timestamp_seconds(id) as timestamp_ntz) local", "null nothing",
        "if(id % 3 = 0, null, id) holed", "interval '1' day lasted").repartition(3)
    report = check(frame, frame, null="independent")
    assert report.drifted == []
    said = {column["name"]: (column["kind"], column["verdict"]) for column in report.columns}
    assert {name for name, (kind, _) in said.items() if kind == "unsupported"} == {
        "listed", "mapped", "nested", "bytes", "lasted", "nothing"}
    assert all("reason" in column and column["reason"] for column in report.columns)
    assert said["price"] == ("numeric", "no_drift") and said["up"][0] == "boolean"
    assert said["day"][0] == said["at"][0] == said["local"][0] == "time"
    assert report.column("holed")["reference"]["missing_share"] == pytest.approx(1 / 3)
    with pytest.raises(TypeError, match="'months'.*interval month"):
        profile(spark.range(3).selectExpr("interval '1' month months"))


def test_the_zone_of_the_session_changes_nothing(spark: SparkSession) -> None:
    frame = spark.range(50).selectExpr("timestamp_seconds(id * 3600) t", "id")
    made = []
    for zone in ("UTC", "America/New_York"):
        spark.conf.set("spark.sql.session.timeZone", zone)
        made.append(profile(frame, time="t").to_bytes())
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    assert made[0] == made[1]


def test_partitions_without_rows_and_frames_without_rows(spark: SparkSession) -> None:
    few = spark.range(3).repartition(6)
    assert profile(few).rows == 3
    assert profile(spark.range(3).where("id < 0")).rows == 0
    nothing = spark.createDataFrame([], "t timestamp, x double")
    with pytest.raises(ValueError) as ours:
        profile(nothing, time="t")
    empty = pyarrow.table({"t": pyarrow.array([], pyarrow.timestamp("us", "UTC")), "x": pyarrow.array([], "f8")})
    with pytest.raises(ValueError) as theirs:
        tristrata.profile(empty, time="t")
    assert str(ours.value) == str(theirs.value)


def test_equal_partitions_both_count_and_rows_without_a_time_are_said(spark: SparkSession) -> None:
    assert profile(spark.range(0, 1000, 1, 4).select(F.lit(1.0).alias("x"))).rows == 1000
    frame = spark.range(0, 100, 1, 4).selectExpr("if(id < 50, null, timestamp_seconds(id)) t", "id")
    made = profile(frame, time="t")
    assert (made.rows, made.left_out) == (50, 50)
    for reference, named in ((made, "data"), (frame, "reference")):
        notes = check(reference, frame, time="t").to_dict()["notes"]
        assert [note[:note.index(" have")] for note in notes if "have no" in note] == [
            f"50 rows of {side}" for side in sorted(["current", named])]


def test_columns_beyond_the_budget_are_counts_and_the_verdict_stays(spark: SparkSession) -> None:
    before, after = candles(0.0, 20_000), candles(0.3, 2000, 3)
    parts = [before.slice(0, 7000), before.slice(7000, 4000), before.slice(11_000)]
    frame = in_parts(spark, parts)
    made = profile(frame, time="time", exact_mb=0.05)
    assert made.counted == ["spread"] and made.rows == 20_000
    assert profile(in_parts(spark, parts[::-1]), time="time", exact_mb=0.05).to_bytes() == made.to_bytes()
    options: dict[str, Any] = {"time": "time", "null": "dependent", "at": AT}
    found, expected = check(made, after, **options), tristrata.check(before, after, **options)
    assert found.drifted == expected.drifted == ["spread"]
    ours, theirs = found.column("spread"), expected.column("spread")
    assert ours["test"]["statistic"] == pytest.approx(theirs["test"]["statistic"], abs=0.003)
    with pytest.raises(ValueError, match="a check needs the rows of current, and its profile of current keeps"):
        check(made, frame, exact_mb=0.05)
    lost = "the columns spread are kept as counts"
    with pytest.warns(RuntimeWarning, match=f"^data: {lost} .*repartitionByRange") as told:
        mixed = profile(frame.repartition(4), time="time", exact_mb=0.05)
    with pytest.warns(RuntimeWarning, match=f"^reference: {lost}") as told_of_side:
        check(frame.repartition(4), after, exact_mb=0.05, **options)
    lines = {one.filename for one in [*told, *told_of_side] if lost in str(one.message)}
    assert lines == {__file__}, "the caller's line is named"
    assert check(mixed, after, **options).column("spread")["verdict"] == "not_tested"


def test_errors_of_executors_are_ours(spark: SparkSession) -> None:
    with pytest.raises(ValueError, match='no time column "when"') as raised:
        profile(spark.range(10), time="when")
    assert "in partition 0 of data" in raised.value.__notes__[0]
    good = spark.range(10).selectExpr("timestamp_seconds(id) as when")
    for reference, current, side in ((good, spark.range(10), "current"), (spark.range(10), good, "reference")):
        with pytest.raises(ValueError, match=f'^{side} has no time column "when"') as raised:
            check(reference, current, time="when")
        assert f"in partition 0 of {side}, " in raised.value.__notes__[0]
    twice = spark.range(10).selectExpr("id a", "id + 1 a")
    with pytest.raises(ValueError, match="^data: the column 'a' stands twice"):
        profile(twice)
    with pytest.raises(ValueError, match="^current: the column 'a' stands twice"):
        check(spark.range(10).selectExpr("id a"), twice)
    with pytest.raises(TypeError, match="tristrata.profile"):
        profile(candles(0.0))


def test_executors_without_the_package_are_named(tmp_path: Path) -> None:
    package = next(one for one in sys.path if (Path(one) / "tristrata" / "spark.py").exists())
    program = (f"import sys, pathlib; sys.path.insert(0, {package!r})\n"  # The driver alone has it.
               "from conftest import session\nimport tristrata.spark\n"
               f"made = session('local[1]', pathlib.Path({str(tmp_path)!r}))\n"
               "tristrata.spark.profile(made.range(3))\n")
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parent, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": ""})
    assert done.returncode == 1
    assert "ImportError: the Python of Spark's executors has no tristrata; install it there" in done.stderr


def test_the_blocks_of_the_page_run(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(SOURCE / "examples")
    page = (SOURCE / "docs" / "spark.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 3
    names: dict[str, Any] = {}
    exec("\n".join(blocks), names)
    assert set(names["report"].drifted) == {"trades", "volume"}, "the day the fee came back"
    assert names["reference"] == load_profile("before.profile")


def test_types_are_strict() -> None:
    # What these import of the package is typed in an environment that has the types of pandas (test_package.py).
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--follow-imports", "silent",
                           "--cache-dir", SOURCE / "build" / "mypy-spark",
                           SOURCE / "python/tristrata/spark.py", SOURCE / "python/tests_spark"],
                          cwd=SOURCE, text=True, capture_output=True,
                          env={"MYPYPATH": str(SOURCE / "python"), "PATH": "/usr/bin:/bin"})
    assert done.returncode == 0, done.stdout + done.stderr
