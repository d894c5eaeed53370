"""push_drift_report: ours, and Evidently's in every form in which it comes."""

from __future__ import annotations

import functools
import json
import logging
import pathlib
import threading
from typing import Any

import pytest
from conftest import Stores

from tristrata import Report, check
from tristrata.detection import load_profile
from tristrata.drift import push_drift_report

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "evidently_reports"


def golden(name: str) -> str:
    return (GOLDEN / name).read_text()


class Snapshot:
    """What Evidently 0.7 returns from run(), as far as a push looks at it."""

    def json(self) -> str:
        return golden("v07_datadrift_large_with_tests.json")

    def dict(self) -> dict[str, Any]:
        raise AssertionError("json() comes first")


class LegacyReport:
    """A Report of 0.4 to 0.6 in which only as_dict() is left."""

    def as_dict(self) -> dict[str, Any]:
        return dict(json.loads(golden("legacy_datadrift_report.json")))


class NeverRan:
    __module__ = "evidently.core.report"


@pytest.mark.parametrize("report", [
    pytest.param(golden("v07_datadrift_large_with_tests.json"), id="text of 0.7"),
    pytest.param(golden("v0715_datadrift_with_tests.json").encode(), id="bytes of 0.7.15"),
    pytest.param(json.loads(golden("legacy_datadrift_report.json")), id="dictionary of 0.4 to 0.6"),
    pytest.param(GOLDEN / "v07_datadrift_small_pvalues.json", id="a path"),
    pytest.param(str(GOLDEN / "v07_datadrift_small_pvalues.json"), id="a path that is a text"),
    pytest.param(Snapshot(), id="a live object of 0.7"),
    pytest.param(LegacyReport(), id="a live object of 0.4 to 0.6")])
def test_a_report_of_evidently_is_rows(stores: Stores, report: Any) -> None:
    pushed = push_drift_report(report, run_id="r", module="hamilton.feature_engineering", drift_type="feature_drift",
                               time="2026-01-31T08:00:00Z")
    events = stores.drift_events()
    assert pushed.stored == len(events) > 1
    assert {event["module"] for event in events} == {"hamilton.feature_engineering"}
    assert {event["run_id"] for event in events} == {"r"}
    assert sum(event["metric"] == "share_drifted" for event in events) == 1
    assert any(event["drift_type"] == "feature_drift" for event in events)
    again = push_drift_report(report, run_id="r", module="hamilton.feature_engineering", drift_type="feature_drift")
    assert (again.stored, len(stores.drift_events())) == (0, len(events))


@pytest.mark.parametrize("report", [{"some": "tool"}, '[{"some": "tool"}]'])
def test_what_was_read_otherwise_than_it_stands_is_logged(
        stores: Stores, caplog: pytest.LogCaptureFixture, report: Any) -> None:
    with caplog.at_level(logging.WARNING, logger="tristrata"):
        push_drift_report(report, module="m")
    assert any("the pushed report:" in record.message for record in caplog.records)
    assert len(stores.drift_events()) == 1, "whole, and not dropped"


@pytest.mark.parametrize("report, error, said", [
    (None, TypeError, "up to Evidently 0.6 run() returns None"),
    (NeverRan(), TypeError, "run() returns what is to be pushed"),
    (Snapshot, TypeError, "type type"),
    (3, TypeError, "type int"),
    ("report.json", FileNotFoundError, "report.json"),
    ("report.txt", ValueError, "neither JSON nor the path of a file: 'report.txt'"),
    ("", ValueError, "neither JSON nor the path of a file: ''"),
    ("a\0b", ValueError, "neither JSON nor the path of a file"),
    ("{", ValueError, "JSON"),
    (pathlib.Path("nowhere.json"), FileNotFoundError, "nowhere.json"),
    ('{"schema": "tristrata.drift_report/9"}', RuntimeError, "tristrata.drift_report/9"),
    ('{"columns": [], "schema": "tristrata.drift_report/9"}', RuntimeError, "tristrata.drift_report/9"),
    ('[{"schema": "tristrata.drift_report/1"}]', ValueError, "not a drift report: at /: expected an object")])
def test_what_is_no_report_is_refused(stores: Stores, report: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as raised:
        push_drift_report(report, module="m")
    assert said in str(raised.value)
    assert stores.drift_events() == []


def test_the_order_of_its_members_means_nothing(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    numbers = [float(value) for value in range(500)]
    report = check({"x": numbers}, {"x": [value + 1000.0 for value in numbers]}, at="2026-11-27")
    backwards = json.dumps(report.to_dict(), sort_keys=True)
    assert backwards.index('"schema"') > 2000
    pathlib.Path("sorted.json").write_text(backwards)
    given: list[Any] = [report, backwards, backwards.encode(), pathlib.Path("sorted.json"), "sorted.json",
                        Report.load("sorted.json"), report.to_dict(), json.loads(backwards)]
    with caplog.at_level(logging.WARNING, logger="tristrata"):
        pushed = [push_drift_report(one, module="m") for one in given]
    assert [record.message for record in caplog.records if "report" in record.message] == []
    assert pushed[0].stored > 1 and [one.stored for one in pushed[1:]] == [0] * 7
    assert {one.time for one in pushed} == {pushed[0].time} and pushed[0].time.isoformat()[:10] == "2026-11-27"


@pytest.mark.parametrize("content, error, said", [
    (b"hello", ValueError, "bad.json: not a whole JSON document"),
    (b"", ValueError, "bad.json: not a whole JSON document"),
    (b"{}", ValueError, 'bad.json: not a drift report: at /: the member "schema" is missing'),
    (b'{"schema": "tristrata.backtest/1"}', ValueError,
     'bad.json: not a drift report: at /schema: expected "tristrata.drift_report/1", found "tristrata.backtest/1"'),
    (b'{"schema": "tristrata.drift_report/1"}', ValueError,
     'bad.json: not a drift report: at /: the member "report_id"'),
    (b'{"schema": "tristrata.drift_report/9"}', RuntimeError, "bad.json: the report's schema is"),
    (b'{"schema": "\xff"}', ValueError, "bad.json: not a whole JSON document")])
def test_a_file_that_holds_no_report_is_named_where_it_is_loaded(content: bytes, error: type[Exception],
                                                                 said: str) -> None:
    pathlib.Path("bad.json").write_bytes(content)
    with pytest.raises(error) as raised:
        Report.load("bad.json")
    assert said in str(raised.value)
    with pytest.raises(FileNotFoundError, match="none.json"):
        Report.load("none.json")


@pytest.mark.parametrize("content, error, said", [
    (b"<!doctype html>", ValueError, "page.html: not a JSON document: "),
    (b"\xff", ValueError, "page.html: not a JSON document: it is no UTF-8 (invalid start byte at byte 0)"),
    (b'{"schema": "tristrata.drift_report/1"}', ValueError, "page.html: not a drift report: at /"),
    (b'{"schema": "tristrata.drift_report/9"}', RuntimeError, "page.html: ")])
def test_a_file_that_holds_no_report_is_named_where_it_is_pushed(stores: Stores, content: bytes,
                                                                 error: type[Exception], said: str) -> None:
    pathlib.Path("page.html").write_bytes(content)
    for path in ("page.html", pathlib.Path("page.html")):
        with pytest.raises(error) as raised:
            push_drift_report(path, module="m")
        assert str(raised.value).startswith(said)
    assert stores.drift_events() == []


def test_an_unknown_type_is_refused(stores: Stores) -> None:
    with pytest.raises(ValueError, match="data_drift"):
        push_drift_report(Snapshot(), module="m", drift_type="drift")


def timed(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **keywords)

    return wrapper


@timed
def pushes(report: Any) -> None:
    push_drift_report(report, module="m")


@pytest.mark.parametrize("ours", [True, False])
def test_each_row_names_its_caller_however_the_call_came_about(stores: Stores, ours: bool) -> None:
    def report_of(rows: int) -> Any:
        table = {"x": [float(value) for value in range(rows)]}
        return check(table, {"x": [value + 1000.0 for value in table["x"]]}) if ours else \
            {**json.loads(golden("v07_datadrift_large_with_tests.json")), "of": rows}

    thread = threading.Thread(target=pushes, args=(report_of(500),))
    thread.start()
    thread.join()
    pushes(report_of(501))
    functools.partial(push_drift_report, module="m")(report_of(502))
    if ours:
        report_of(503).push(module="m")
    exec("push(report, module='m')", {"push": push_drift_report, "report": report_of(504), "__name__": "elsewhere"})
    callers = [event["payload"]["caller_module"] for event in stores.drift_events()]
    assert len(callers) > 5 and set(callers) == {__name__, "elsewhere"}
    assert callers[-1] == "elsewhere" and callers[0] == __name__
    if ours:  # A whole report is still one.
        pushed = push_drift_report(report_of(505), module="m")
        stored = [event["payload"] for event in stores.drift_events() if event["metric"] == "share_drifted"]
        assert push_drift_report(stored[-1], module="again").stored == pushed.stored > 1


@pytest.mark.parametrize("load", [load_profile, Report.load])
def test_a_url_given_for_a_file_is_not_repeated_with_its_password(load: Any) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        load("postgresql://u:hunter2@h/db")
    assert "hunter2" not in str(raised.value) and "postgresql://[hidden]@h/db" in str(raised.value)
