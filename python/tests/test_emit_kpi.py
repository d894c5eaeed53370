"""emit_kpi: what it takes, what it refuses, and what then stands in the store."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import uuid
from collections import UserDict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pandas
import pytest
from conftest import Stores

import tristrata
from tristrata.kpi import emit_kpi, query_kpi

anything: Any = emit_kpi  # what the type checker would refuse, and a caller without one may do


def test_the_call_of_the_design_is_a_row_a_metric(stores: Stores) -> None:
    run_id = "run-7"
    receipt = emit_kpi(
        module="hamilton.feature_engineering",
        run_id=run_id,
        dag_node="compute_features",
        success_rate=0.97,
        data_quality_score=0.94,
        n_input=1000,
        n_output=985,
        duration_ms=2_340,
    )
    rows = stores.kpis()
    assert [(row["metric_name"], row["metric_value"]) for row in rows] == [
        ("success_rate", 0.97), ("data_quality_score", 0.94), ("n_input", 1000.0), ("n_output", 985.0)]
    for row in rows:
        assert (row["module"], row["run_id"], row["dag_node"]) == (
            "hamilton.feature_engineering", run_id, "compute_features")
        assert row["duration_ms"] == 2_340 and row["emit_id"] == receipt.event_id
    assert (receipt.stored, receipt.duplicate, receipt.durability) == (4, 0, "committed")


def test_positions_are_those_of_the_signature(stores: Stores) -> None:
    emit_kpi("m", "r", "n", 12, True, {"crypto": "BTCUSDC"}, "2026-01-31T08:00:00Z",
             "01890000-0000-7000-8000-000000000001")
    (row,) = stores.kpis()
    assert (row["metric_name"], row["metric_value"], row["success"]) == ("duration_ms", 12.0, 1)
    assert row["tags"]["crypto"] == "BTCUSDC" and row["time"] == "2026-01-31T08:00:00.000000Z"


@pytest.mark.parametrize("time", [datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))),
                                  datetime.min.replace(tzinfo=timezone(timedelta(hours=5))),
                                  "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"], ids=str)
def test_a_time_that_no_store_gives_back_is_refused(stores: Stores, time: Any) -> None:
    with pytest.raises(ValueError, match="lies outside the years 1 to 9999 in UTC"):
        emit_kpi("far", x=1, time=time)
    for edge in (datetime.min, datetime.max):
        emit_kpi("edge", x=1, time=edge.replace(tzinfo=timezone.utc))
    assert [row["time"].replace(tzinfo=None) for row in query_kpi()] == [datetime.max, datetime.min]


def test_the_same_event_id_and_time_are_the_same_rows(stores: Stores) -> None:
    given: dict[str, Any] = {"event_id": uuid.uuid4(), "time": datetime.now(timezone.utc)}
    assert emit_kpi("m", a=1, b=2, **given).duplicate == 0
    assert emit_kpi("m", a=1, b=2, **given).duplicate == 2
    assert len(stores.kpis()) == 2


@pytest.mark.parametrize("value, stored", [
    (1, 1.0), (True, 1.0), (False, 0.0), (0.25, 0.25), (Decimal("0.5"), 0.5), (Fraction(1, 4), 0.25),
    (numpy.float32(0.5), 0.5), (numpy.float64(0.1), 0.1), (numpy.int64(-3), -3.0), (numpy.uint8(200), 200.0),
    (numpy.bool_(True), 1.0), (numpy.array(2.5), 2.5)])
def test_a_number_is_a_metric(stores: Stores, value: Any, stored: float) -> None:
    emit_kpi("m", x=value)
    assert [row["metric_value"] for row in stores.kpis()] == [stored]


@pytest.mark.parametrize("value, error, said", [
    ("0.9", TypeError, "the metric 'x' is of type str: '0.9'; expected a number"),
    (b"1", TypeError, "expected a number"),
    (None, TypeError, "leave out what has no value"),
    ([1.0], TypeError, "type list"),
    (numpy.array([1.0]), TypeError, "type numpy.ndarray"),
    (pandas.Series([1.0]), TypeError, "type Series"),
    (pandas.NA, TypeError, "type NAType"),
    (1 + 2j, TypeError, "type complex"),
    (numpy.complex128(1 + 2j), TypeError, "type numpy.complex128"),
    (numpy.complex64(1), TypeError, "type numpy.complex64"),
    (timedelta(seconds=1), TypeError, "type datetime.timedelta"),
    (numpy.datetime64("2026-07-01", "ns"), TypeError, "the metric 'x' is of type numpy.datetime64"),
    (numpy.datetime64("2026-01-01"), TypeError, "the metric 'x' is of type numpy.datetime64"),
    (numpy.timedelta64(1, "ns"), TypeError, "type numpy.timedelta64"),
    (numpy.array("0.9"), TypeError, "type numpy.ndarray"),
    (Decimal("sNaN"), ValueError, "the metric 'x' is of type decimal.Decimal: Decimal('sNaN'); expected a finite"),
    (float("nan"), ValueError, "finite"),
    (float("-inf"), ValueError, "finite"),
    (numpy.float32("nan"), ValueError, "finite"),
    (Decimal("NaN"), ValueError, "finite"),
    (10**400, ValueError, "larger than a double")])
def test_what_is_no_number_is_refused_by_name(stores: Stores, value: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match="x") as raised:
        anything("m", fine=1, x=value)
    assert said in str(raised.value)
    assert raised.value.kind in ("usage", "refused")  # type: ignore[attr-defined]
    assert stores.kpis() == []


def test_scalars_of_numpy_are_tags_as_they_are_metrics(stores: Stores) -> None:
    anything("m", x=1, tags={"variant": numpy.bool_(True), "model": numpy.float32(0.1), "fold_id": numpy.int64(3)})
    tags = stores.kpis()[0]["tags"]
    assert (tags["variant"], tags["model"], tags["fold_id"]) == ("true", "0.1", "3")
    with pytest.raises(TypeError, match="finite float"):
        anything("m", x=1, tags={"model": numpy.float32("nan")})


def test_what_float_raises_is_no_metric_and_ctrl_c_goes_on(stores: Stores) -> None:
    class Broken:
        def __init__(self, error: BaseException) -> None:
            self.error = error

        def __float__(self) -> float:
            raise self.error

    with pytest.raises(TypeError, match="the metric 'x' is of type Broken"):
        emit_kpi("m", x=Broken(RuntimeError("no")))
    with pytest.raises(KeyboardInterrupt):
        emit_kpi("m", x=Broken(KeyboardInterrupt()))
    assert stores.kpis() == []


def test_tags_are_texts_and_plain_values_become_theirs(stores: Stores) -> None:
    anything("m", x=1, tags=UserDict({"fold_id": 3, "variant": True, "model": 0.5, "crypto": "BTCUSDC",
                                      "host": numpy.int64(7)}))
    tags = stores.kpis()[0]["tags"]
    del tags["caller_module"]
    assert tags == {"fold_id": "3", "variant": "true", "model": "0.5", "crypto": "BTCUSDC", "host": "7"}


@pytest.mark.parametrize("tags, error, said", [
    ({"fold_id": None}, TypeError, 'the value of the tag "fold_id" is None'),
    ({"fold_id": ["a"]}, TypeError, "of type list"),
    ({"fold_id": numpy.array([1])}, TypeError, "of type numpy.ndarray"),
    ({3: "a"}, TypeError, "a tag's key"),
    (["crypto"], TypeError, "a mapping"),
    ({"crypt": "a"}, ValueError, "crypto"),
    ({"caller_module": "a"}, ValueError, "caller_module"),
    ({"api_key": "a"}, ValueError, "api_key"),
    ({"crypto": "a" * 501}, ValueError, "501 bytes"),
    ({"crypto": "\ud800"}, ValueError, "UTF-8")])
def test_a_tag_that_is_none_is_refused_by_name(stores: Stores, tags: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as raised:
        anything("m", x=1, tags=tags)
    assert said in str(raised.value)
    assert stores.kpis() == []


@pytest.mark.parametrize("given, error, said", [
    ({"module": ""}, ValueError, "module is empty"),
    ({"module": None}, TypeError, "module is None; expected a str"),
    ({"module": 3}, TypeError, "module is of type int"),
    ({"module": "m", "run_id": 3}, TypeError, "run_id"),
    ({"module": "m" * 201}, ValueError, "201 bytes"),
    ({"module": "m", "success": "yes"}, TypeError, "True or False"),
    ({"module": "m", "duration_ms": "12"}, TypeError, "duration_ms"),
    ({"module": "m", "duration_ms": -1}, ValueError, "duration_ms is -1"),
    ({"module": "m", "duration_ms": float("nan")}, ValueError, "duration_ms is nan"),
    ({"module": "m", "time": datetime(2026, 1, 1)}, ValueError, "time zone"),
    ({"module": "m", "time": "2026-07-01T12:00:00"}, ValueError,
     'time is "2026-07-01T12:00:00", which has no time zone; give it one: "2026-07-01T12:00:00Z" is UTC'),
    ({"module": "m", "time": numpy.datetime64("2026-07-01")}, TypeError, "time is of type numpy.datetime64"),
    ({"module": "m", "time": 1_700_000_000}, TypeError, "time is of type int"),
    ({"module": "m", "time": pandas.NaT}, TypeError, "time is of type NaTType: NaT; expected a datetime with a time"),
    ({"module": "m", "time": "yesterday"}, ValueError, "yesterday"),
    ({"module": "m", "event_id": "7"}, ValueError, "7"),
    ({"module": "m", "event_id": 7}, TypeError, "uuid.UUID")])
def test_what_is_wrong_is_named(stores: Stores, given: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error) as raised:
        anything(**{"x": 1, **given})
    assert said in str(raised.value)
    assert stores.kpis() == []


def test_nothing_to_emit_is_an_error(stores: Stores) -> None:
    with pytest.raises(ValueError, match="nothing to emit") as raised:
        emit_kpi("m")
    assert raised.value.kind == "refused"  # type: ignore[attr-defined]


def test_a_thousand_metrics_go_and_one_more_does_not(stores: Stores) -> None:
    anything("m", **{f"metric_{i}": i for i in range(1000)})
    assert len(stores.kpis()) == 1000
    with pytest.raises(ValueError, match="at most 1000"):
        anything("m", **{f"metric_{i}": i for i in range(1001)})


@pytest.mark.parametrize("given", [{"x": "postgresql://u:hunter2@h/db"}, {"password": "hunter2"},
                                   {"x": 1, "tags": "postgresql://u:hunter2@h/db"}])
def test_a_mistaken_call_repeats_no_secret(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError) as raised:
        emit_kpi("m", **given)
    assert "hunter2" not in str(raised.value)


def test_milliseconds_are_rounded_and_times_have_a_zone(stores: Stores) -> None:
    zone = timezone(timedelta(hours=2))
    anything("m", duration_ms=2.6, success=numpy.bool_(True), time=datetime(2026, 1, 31, 10, 0, 0, 25, tzinfo=zone))
    receipt = emit_kpi("m", x=1, time=pandas.Timestamp("2026-01-31T10:00:00.000026+02:00"))
    first, second = stores.kpis()
    assert (first["duration_ms"], first["success"]) == (3, 1)
    assert first["time"] == "2026-01-31T08:00:00.000025Z"
    assert second["time"] == "2026-01-31T08:00:00.000026Z"
    assert receipt.time == datetime(2026, 1, 31, 8, 0, 0, 26, tzinfo=timezone.utc)
    assert emit_kpi("m", x=1, time=date(2026, 1, 31)).time == datetime(2026, 1, 31, tzinfo=timezone.utc)


def test_without_configuration_the_variable_is_named() -> None:
    with pytest.raises(RuntimeError, match="TRISTRATA_KPI_URL is not set") as raised:
        emit_kpi("m", x=1)
    assert raised.value.kind == "configuration"  # type: ignore[attr-defined]


def test_with_a_spool_alone_every_emit_waits_there_and_that_is_said_once(stores: Stores) -> None:
    program = ("import logging; logging.basicConfig(format='%(name)s: %(message)s')\n"
               "from tristrata.kpi import emit_kpi; from tristrata.drift import check, push_drift_event\n"
               "print([emit_kpi('m', a=1).durability for _ in range(2)])\n"
               "push_drift_event('latency_drift', 'm', 'p99', 1, 2, 0.01)\n"
               "check({'x': range(99)}, {'x': range(900, 999)}).push(module='m', run_id='r')")
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("TRISTRATA_")}
    done = subprocess.run([sys.executable, "-c", program], cwd=stores.folder, text=True, capture_output=True,
                          timeout=120, env={**inherited, "TRISTRATA_SPOOL": str(stores.spool)})
    assert done.returncode == 0, done.stderr
    assert done.stdout == "['disk', 'disk']\n" or "process" in done.stdout  # on tmpfs
    for name in ("TRISTRATA_KPI_URL", "TRISTRATA_DRIFT_URL"):
        assert done.stderr.count(f"{name} is not set") == 1, done.stderr
    assert stores.kpis() == [] == stores.drift_events()
    stores.run("import tristrata; from tristrata.kpi import emit_kpi; emit_kpi('m', b=1)")
    assert [row["metric_name"] for row in stores.kpis()].count("a") == 2, "whoever has the URLs carries all that waits"
    assert {event["metric"] for event in stores.drift_events()} >= {"p99", "psi_x"}


def test_a_setting_that_comes_later_counts(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRISTRATA_KPI_URL")
    tristrata.close()
    with pytest.raises(RuntimeError):
        emit_kpi("m", x=1)
    monkeypatch.setenv("TRISTRATA_KPI_URL", f"sqlite:///{stores.kpi}")
    tristrata.close()
    assert emit_kpi("m", x=1).stored == 1


def test_a_store_without_tables_says_how_to_make_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("the 'first' one.db", "kpi.db"):
        tristrata.close()
        monkeypatch.setenv("TRISTRATA_KPI_URL", f"sqlite:///{name}")
        with pytest.raises(LookupError, match="there is no store at ") as raised:
            emit_kpi("m", x=1)
        assert str(raised.value).endswith(f'{name}; make one with: tristrata.init_store("kpi")')
    tristrata.init_store("kpi")
    assert emit_kpi("m", x=1).stored == 1
    with pytest.raises(ValueError, match="kpi or drift"):
        tristrata.init_store("events")


def test_records_that_wait_for_a_store_name_the_call_that_makes_it(
        stores: Stores, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    tristrata.close()
    monkeypatch.setenv("TRISTRATA_KPI_URL", "sqlite:///none.db")
    monkeypatch.setenv("TRISTRATA_SPOOL", "spool")
    with caplog.at_level(logging.WARNING, logger="tristrata"):
        assert emit_kpi("m", x=1).durability == "disk"
        tristrata.flush()
        tristrata.close()
    told = [record.getMessage() for record in caplog.records if "records wait" in record.getMessage()]
    assert told and all('make one with: tristrata.init_store("kpi")' in one and "store init" not in one for one in told)


def test_a_value_that_looks_like_a_secret_is_hidden_and_counted(
        stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="tristrata"):
        receipts = [emit_kpi("m", x=1, tags={"model": "jane@example.com"}) for _ in range(2)]
    assert [receipt.redacted for receipt in receipts] == [1, 1]
    assert stores.kpis()[0]["tags"]["model"] == "[redacted]"
    assert sum("[redacted]" in record.message for record in caplog.records) == 1


def test_the_environment_stands_on_every_row(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRISTRATA_ENVIRONMENT", "staging")
    tristrata.close()
    emit_kpi("m", x=1)
    assert stores.kpis()[0]["tags"]["environment"] == "staging"


def test_the_settings_file_of_the_working_directory_counts(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRISTRATA_KPI_URL")
    (stores.folder / "tristrata.toml").write_text(f'kpi_url = "sqlite:///{stores.kpi}"\nspool_level = "fast"\n')
    tristrata.close()
    assert emit_kpi("m", x=1).durability == "committed"  # without a spool its level says nothing
    monkeypatch.setenv("TRISTRATA_SPOOL", str(stores.spool))
    tristrata.close()
    with pytest.raises(RuntimeError, match=r'tristrata.toml:2:\d+: "fast" is no level'):
        emit_kpi("m", x=1)


def test_kpis_are_read_back_newest_first(stores: Stores) -> None:
    for day in (1, 2, 3):
        emit_kpi("m", run_id=f"r{day}", time=f"2026-11-0{day}T06:00:00Z", success=day > 1, tags={"crypto": "BTC"},
                 x=day)
    emit_kpi("other", time="2026-11-02", duration_ms=5)
    rows = query_kpi("m", "x", since="2026-11-01", until="2026-11-03T06:00:00Z")
    assert [(row["run_id"], row["metric_value"], row["success"]) for row in rows] == [("r2", 2.0, True),
                                                                                      ("r1", 1.0, False)]
    assert rows[0]["time"] == datetime(2026, 11, 2, 6, tzinfo=timezone.utc) and rows[0]["tags"]["crypto"] == "BTC"
    (row,) = query_kpi("other")
    assert (row["metric_name"], row["duration_ms"], row["run_id"], row["dag_node"]) == ("duration_ms", 5, None, None)
    assert query_kpi(run_id="nobody") == []
    with pytest.raises(ValueError, match="more than 2 rows match"):
        query_kpi(limit=2)
    with pytest.raises(ValueError, match="limit is -1; expected a whole number, 1 or more"):
        query_kpi(limit=-1)
    with pytest.raises(ValueError, match="no time zone"):
        query_kpi(since="2026-11-01T00:00")
