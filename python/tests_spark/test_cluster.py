"""Real executor processes: two workers on this machine, each with a Python of its own beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy
import pyarrow
import pyspark
import pytest
from conftest import session
from pyspark.sql import SparkSession

import tristrata
from tristrata.spark import check, profile

SOURCE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)  # Where workers find what they start.
    made = session("local-cluster[2,1,1024]", tmp_path_factory.mktemp("cluster"))
    yield made
    made.stop()


def test_two_executors_make_the_profile_of_the_whole_table(cluster: SparkSession) -> None:
    draw = numpy.random.default_rng(1)
    rows = 100_000
    times = numpy.datetime64("2026-01-01", "us") + numpy.arange(rows) * numpy.timedelta64(1, "m")
    table = pyarrow.table({"time": pyarrow.array(times, pyarrow.timestamp("us", "UTC")),
                           **{f"x{i}": draw.normal(size=rows) for i in range(5)},
                           "side": draw.choice(["buy", "sell"], rows)})
    frame = cluster.createDataFrame(table).repartition(7)
    processes = frame.rdd.mapPartitions(lambda _: iter([os.getppid()])).distinct().collect()
    assert len(processes) == 2 and os.getpid() not in processes
    made = profile(frame, time="time")
    assert made.to_bytes() == tristrata.profile(table, time="time").to_bytes()
    shifted = table.set_column(1, "x0", pyarrow.array(table["x0"].to_numpy() + 1.0))
    assert check(made, cluster.createDataFrame(shifted).repartition(3), time="time", null="dependent").drifted == ["x0"]
    counted = profile(frame.repartitionByRange(4, "time"), time="time", exact_mb=0.1)
    assert counted.counted == [f"x{i}" for i in range(5)] and counted.rows == rows


def test_an_error_of_an_executor_comes_back_as_it_is(cluster: SparkSession) -> None:
    with pytest.raises(ValueError, match='no time column "when"') as raised:
        profile(cluster.range(10).repartition(2), time="when")
    assert re.search(r"in partition \d of data, on \S+; \d of its partitions failed", raised.value.__notes__[0])
