"""The steps of dag_drift__daily, and that Airflow can import it."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from candle_days import write_days
from conftest import SOURCE, Stores

from tristrata.airflow import drift_daily as steps
from tristrata.airflow.drift_daily_config import for_day, read_config
from tristrata.kpi import emit_kpi

CONFIG = """
state = "state"

[[checks]]
module = "candles.btc"
kind = "features"
current = "data/BTCUSDT/{day}.parquet"
reference_days = 14
time = "open_time"
columns = ["volume", "trades"]
"""


def configured(folder: Path, text: str = CONFIG) -> dict[str, Any]:
    (folder / "dag_drift__daily.toml").write_text(text)
    return read_config(str(folder / "dag_drift__daily.toml"))


def run_day(config: dict[str, Any], day: date) -> dict[str, Any]:
    """What a run of the DAG does, step by step."""
    planned = for_day(config, day)
    for one in planned["checks"]:
        assert steps.missing_data(one) == []
        steps.push(one, steps.check(one, steps.profile(one)))
    for expected in planned["completeness"]:
        assert steps.completeness(expected, datetime.now(UTC)) is not None
    return steps.report(planned["checks"])


def test_airflow_imports_the_dag() -> None:
    if version("apache-airflow").startswith("2."):
        from airflow.models.dagbag import DagBag
    else:
        from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(SOURCE / "deploy" / "airflow"))
    assert bag.import_errors == {}
    dag = bag.dags["dag_drift__daily"]
    assert set(dag.task_ids) == {"plan", "plan_completeness", "checks.wait_for_data", "checks.profile", "checks.check",
                                 "checks.push", "report", "completeness"}
    assert dag.timetable.summary == "0 3 * * *"


def test_a_day_twice_is_one_set_of_rows_and_finds_what_happened(stores: Stores) -> None:
    write_days(stores.folder / "data")
    config = configured(stores.folder)
    found = run_day(config, date(2023, 3, 22))
    assert found["candles.btc (features)"]["drifted"] == ["volume", "trades"]
    first = stores.drained()["drift"]
    assert {row["run_id"] for row in first} == {"dag_drift__daily__2023-03-22"}
    assert {row["drift_type"] for row in first if row["metric"] == "psi_trades"} == {"feature_drift"}
    assert all(row["detected_at"].startswith("2023-03-22T00:00:00") for row in first)
    run_day(config, date(2023, 3, 22))
    assert stores.drained()["drift"] == first
    page = stores.folder / "state/2023-03-22/candles.btc.features.html"
    assert "trades" in page.read_text()


def test_the_file_as_delivered_finds_what_a_month_of_levels_leaves_to_chance(stores: Stores) -> None:
    write_days(stores.folder / "data", first=date(2023, 1, 21), last=date(2023, 3, 22))
    shutil.copy(SOURCE / "deploy/airflow/features.toml", stores.folder)
    delivered = (SOURCE / "deploy/airflow/dag_drift__daily.toml").read_text()
    first = delivered[:delivered.index("[[checks]]", delivered.index("[[checks]]") + 1)]
    first = first.replace("/var/lib/tristrata/drift_daily", "state").replace("/data/features/", "data/BTCUSDT/")
    levels = CONFIG.replace("reference_days = 14", "reference_days = 28")
    found = run_day(configured(stores.folder, levels), date(2023, 3, 22))
    assert found["candles.btc (features)"]["drifted"] == []
    found = run_day(configured(stores.folder, first), date(2023, 3, 22))
    assert found["hamilton.feature_engineering (features)"]["drifted"] == ["log_trades"]
    assert found["hamilton.feature_engineering (features)"]["severity"] == "crit"


def test_a_module_of_many_letters_beyond_ascii_has_files(stores: Stores) -> None:
    write_days(stores.folder / "data")
    modules = ["é" * 99 + last for last in "èé"]
    text = "".join(CONFIG[CONFIG.index("[["):].replace("candles.btc", module) for module in modules)
    found = run_day(configured(stores.folder, 'state = "state"\n' + text), date(2023, 3, 22))
    assert len(found) == 2
    pages = sorted((stores.folder / "state/2023-03-22").glob("*.features.html"))
    assert len(pages) == 2, "a name each"


def test_a_backfill_gives_what_the_day_would_have_given(stores: Stores) -> None:
    data, earlier = stores.folder / "data", date(2023, 3, 21)
    write_days(data, last=earlier)
    config = configured(stores.folder)
    run_day(config, earlier)
    in_time = stores.drained()["drift"]
    report = stores.folder / "state/2023-03-21/candles.btc.features.json"
    kept = report.read_bytes()
    write_days(data)
    run_day(config, date(2023, 3, 23))
    run_day(config, earlier)
    assert report.read_bytes() == kept
    later = [row for row in stores.drained()["drift"] if row["run_id"] == "dag_drift__daily__2023-03-21"]
    assert later == in_time and in_time


def test_the_day_is_that_of_the_logical_date_or_is_given() -> None:
    assert steps.day_of(datetime(2023, 3, 22, 3, tzinfo=UTC)) == date(2023, 3, 22)
    assert steps.day_of(None, "2023-03-21") == date(2023, 3, 21)
    with pytest.raises(ValueError, match="no logical date"):
        steps.day_of(None)
    with pytest.raises(ValueError, match="'yesterday'; expected a date"):
        steps.day_of(None, "yesterday")


def test_kpis_of_a_module_are_checked_metric_by_metric(stores: Stores) -> None:
    begin = datetime(2023, 3, 1, tzinfo=UTC)
    for hour in range(24 * 9):
        rate = 0.97 + 0.01 * (hour * 7 % 11) / 11
        emit_kpi(module="serving", time=begin + timedelta(hours=hour), n_output=1000 + hour * 7 % 13,
                 success_rate=rate - (0.4 if hour >= 24 * 8 else 0))
    stores.drained()
    config = configured(stores.folder, 'state = "state"\n[[checks]]\nmodule = "serving"\nkind = "kpis"\n'
                                       'reference_days = 8\n')
    run_day(config, date(2023, 3, 9))
    events = {row["metric"]: row for row in stores.drained()["drift"]}
    assert "psi_metric_value[metric_name=success_rate]" in events, events.keys()
    assert "psi_metric_value[metric_name=n_output]" not in events
    assert events["psi_metric_value[metric_name=success_rate]"]["drift_type"] == "business_kpi_drift"


def test_kpis_that_are_not_there_yet_are_waited_for_and_tried_again(stores: Stores) -> None:
    config = configured(stores.folder, 'state = "state"\n[[checks]]\nmodule = "serving"\nkind = "kpis"\n'
                                       'reference_days = 8\nmetrics = ["n_output"]\n')
    (one,) = for_day(config, date(2023, 3, 9))["checks"]
    assert steps.missing_data(one) == ["serving's KPIs named n_output of 2023-03-09"]
    emit_kpi(module="serving", time="2023-03-09T05:00:00Z", n_input=3)
    emit_kpi(module="serving", time="2023-03-09T05:00:00Z", dag_node="completeness", n_output=3)
    stores.drained()
    assert steps.missing_data(one)
    emit_kpi(module="serving", time="2023-03-09T23:59:00Z", n_output=3)
    stores.drained()
    assert steps.missing_data(one) == []
    # Of what a DAG's task raises, ValueError and TypeError are tried once.
    with pytest.raises(LookupError, match="serving has no KPI named n_output from 2023-03-01 to 2023-03-09 in the KPI"):
        steps.check(one, steps.profile(one))


def test_the_kpis_of_a_day_are_checked_when_it_is_over(stores: Stores) -> None:
    config = configured(stores.folder, '''state = "state"
[[checks]]
module = "serving"
kind = "kpis"
reference_days = 2
''')
    today = datetime.now(UTC).date()
    (one,) = for_day(config, today)["checks"]
    assert steps.missing_data(one) == [f"the end of {today}"]


def test_kpis_of_a_busy_module_are_all_compared(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRISTRATA_SPOOL")
    begin = datetime(2023, 3, 7, tzinfo=UTC)
    for call in range(102):
        metrics: dict[str, Any] = {f"m{one}": float(call * one % 17) for one in range(1000)}
        emit_kpi("busy", time=begin + timedelta(minutes=28 * call), **metrics)
    emit_kpi("busy", time="2023-03-09T01:00:00Z", m1=1.0)
    config = configured(stores.folder, 'state = "state"\n[[checks]]\nmodule = "busy"\nkind = "kpis"\n'
                                       'reference_days = 2\n')
    (one,) = for_day(config, date(2023, 3, 9))["checks"]
    made = json.loads(Path(steps.check(one, steps.profile(one))).read_text())
    assert made["reference"]["rows"] == 102_000


def test_completeness_counts_what_was_complete_by_its_deadline(stores: Stores) -> None:
    day = datetime(2026, 11, 24, tzinfo=UTC)

    def run(run_id: str, hour: float, success: bool, duration_ms: int = 1000) -> None:
        emit_kpi(module="airflow.train", run_id=run_id, time=day + timedelta(hours=hour), success=success,
                 duration_ms=duration_ms, dag_run_success=float(success))

    run("in time", 6, True)
    run("failed", 7, False)
    run("again", 8, False)
    run("again", 9, True)
    run("over the day's end", 23.9, True, duration_ms=3_600_000)
    run("too late", 23.9, True, duration_ms=4 * 3_600_000)
    run("another day's", 24.1, True)
    stores.drained()
    config = configured(stores.folder, 'state = "state"\n[[completeness]]\nmodule = "airflow.train"\nruns = 5\n'
                                       '[[completeness]]\nmodule = "airflow.never_ran"\nruns = 1\n')
    for _ in range(2):
        run_day(config, date(2026, 11, 24))
    rows = [row for row in stores.drained()["kpi"] if row["dag_node"] == "completeness"]
    counts = {(row["module"], row["metric_name"]): row["metric_value"] for row in rows}
    assert counts == {("airflow.train", "runs_expected"): 5, ("airflow.train", "runs_completed"): 3,
                      ("airflow.never_ran", "runs_expected"): 1, ("airflow.never_ran", "runs_completed"): 0}
    assert len(rows) == len(counts), "twice is once"
    assert {row["time"][:19] for row in rows} == {"2026-11-25T03:00:00"}


COUNTED = 'state = "state"\n[[completeness]]\nmodule = "airflow.train"\nruns = 1\ndeadline_hours = 6\n'


def test_completeness_is_counted_at_its_deadline_and_once(stores: Stores) -> None:
    (expected,) = for_day(configured(stores.folder, COUNTED), date(2026, 11, 24))["completeness"]
    deadline = datetime(2026, 11, 25, 6, tzinfo=UTC)
    assert steps.completeness(expected, deadline - timedelta(seconds=1)) is None
    assert not (stores.folder / "spool").exists() or stores.drained()["kpi"] == [], "nothing before its time"
    assert steps.completeness(expected, deadline) == {"runs_expected": 1, "runs_completed": 0}
    counted = stores.drained()["kpi"]
    emit_kpi(module="airflow.train", run_id="told late", time="2026-11-24T22:00:00Z", duration_ms=1000, success=True,
             dag_run_success=1)
    stores.drained()
    steps.completeness(expected, deadline + timedelta(hours=1))
    again = [row for row in stores.drained()["kpi"] if row["dag_node"] == "completeness"]
    assert again == counted and len(counted) == 2


def test_what_is_missing_is_waited_for_or_named(stores: Stores) -> None:
    config = configured(stores.folder)
    (one,) = for_day(config, date(2023, 3, 22))["checks"]
    assert steps.missing_data(one) == [str(stores.folder / "data/BTCUSDT/2023-03-22.parquet")]
    with pytest.raises(FileNotFoundError, match=r"14 of the reference's 14 files .*2023-03-08.parquet"):
        steps.profile(one)
    write_days(stores.folder / "data")
    (stores.folder / "data/BTCUSDT/2023-03-10.parquet").unlink()
    with pytest.raises(FileNotFoundError, match=r"1 of the reference's 14 .* missing_days_max is 0; .*2023-03-10"):
        steps.profile(one)
    assert steps.profile({**one, "missing_days_max": 1}).endswith("candles.btc.features.profile")
    with pytest.raises(RuntimeError, match=r"1 of 1 checks have no report that was pushed: candles.btc \(features\)"):
        steps.report([one])


def test_what_an_earlier_run_left_does_not_pass_for_this_one(stores: Stores) -> None:
    write_days(stores.folder / "data")
    config = configured(stores.folder)
    run_day(config, date(2023, 3, 22))
    (one,) = for_day(config, date(2023, 3, 22))["checks"]
    made = steps.profile(one)
    for step in (lambda: steps.check(one, made), lambda: steps.push(one, str(Path(made).with_suffix(".json")))):
        with pytest.raises(RuntimeError, match="no report that was pushed"):
            steps.report([one])
        step()
    assert steps.report([one])


def test_a_check_that_is_cleared_alone_is_pushed_anew_or_said(stores: Stores) -> None:
    write_days(stores.folder / "data")
    config = configured(stores.folder)
    run_day(config, date(2023, 3, 22))
    (one,) = for_day(config, date(2023, 3, 22))["checks"]
    again = steps.check(one, str(steps._file(one, ".profile")))
    with pytest.raises(RuntimeError, match="no report that was pushed"):
        steps.report([one])
    steps.push(one, again)
    assert steps.report([one])


def test_a_reference_may_be_a_table_or_a_profile(stores: Stores) -> None:
    write_days(stores.folder / "data")
    text = CONFIG.replace("reference_days = 14", 'reference = "data/BTCUSDT/2023-03-07.parquet"')
    (one,) = for_day(configured(stores.folder, text), date(2023, 3, 22))["checks"]
    made = steps.profile(one)
    reported = json.loads(Path(steps.check(one, made)).read_text())
    kept = stores.folder / "kept.profile"
    kept.write_bytes(Path(made).read_bytes())
    (again,) = for_day(configured(stores.folder, text.replace("data/BTCUSDT/2023-03-07.parquet", "kept.profile")),
                       date(2023, 3, 22))["checks"]
    assert steps.profile(again) == str(kept)
    assert json.loads(Path(steps.check(again, str(kept))).read_text())["report_id"] == reported["report_id"]


@pytest.mark.parametrize(("changed", "said"), [
    (("state =", "stats ="), r"dag_drift__daily.toml: nobody knows 'stats'; did you mean 'state'\?"),
    (('state = "state"', ""), "state is missing"),
    (('kind = "features"', 'kind = "feature"'), r"checks\[0\]: kind is 'feature'; expected one of data, features"),
    (("{day}", "today"), r"checks\[0\] \(candles.btc\): current is .*; expected \{day\} in it"),
    (("reference_days = 14", ""), "expected either reference .* or reference_days"),
    (("reference_days = 14", "reference_days = 0"), "reference_days is 0; expected 1 to 3660"),
    (("reference_days = 14", "reference_days = 1000000"), "reference_days is 1000000; expected 1 to 3660"),
    (('"candles.btc"', '""'), "module is ''; expected a name of at most 200 bytes"),
    (('"candles.btc"', '"a\\nb"'), "without control characters"),
    (("reference_days = 14", "reference_days = '14'"), "reference_days is '14'; expected a whole number"),
    (('"features"', '"kpis"'), "current has no meaning for kpis"),
    (("[[checks]]", "[[checks"), "is no TOML"),
    (('time = "open_time"', 'null = "dependant"'), "null is 'dependant'; expected one of auto, independent, dependent"),
    (('time = "open_time"', 'season = "weekends"'), "season is 'weekends'; expected one of none, weekend"),
    (('time = "open_time"', "alpha = 7"), "alpha is 7; expected a share of false alarms above 0 and at most 0.5"),
    (('time = "open_time"', "alpha = nan"), "alpha is nan; expected"),
    (('time = "open_time"', "missing_days_max = -1"), "missing_days_max is -1; expected 0 or more"),
    (('"volume", "trades"', "3"), r"columns\[0\] is 3; expected a name"),
    (('"trades"', '"volume"'), "columns has 'volume' twice"),
    (("reference_days = 14", 'reference = "r/{day}.profile"'), r"reference is .*, and \{day\} has no meaning in it"),
    (('"data/', '"s3://user:word@b/'), r"current is an address, s3://…; expected a path of this machine: mount"),
])
def test_a_mistake_in_the_file_is_named(stores: Stores, changed: tuple[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        configured(stores.folder, CONFIG.replace(*changed))


@pytest.mark.parametrize(("changed", "said"), [
    (("runs = 1", "runs = -3"), r"completeness\[0\] \(airflow.train\): runs is -3; expected 1 or more"),
    (("= 6", "= 400"), "deadline_hours is 400; expected 0 to 48, from the end of the day on"),
    (("= 6", "= -1"), "deadline_hours is -1; expected 0 to 48"),
    (("= 6", "= nan"), "deadline_hours is nan; expected 0 to 48"),
    (("deadline_hours = 6\n", "deadline_hours = 6\n" + COUNTED[COUNTED.index("[["):]),
     "dag_run_success is counted twice for the same deadline"),
])
def test_a_mistake_in_what_is_counted_is_named(stores: Stores, changed: tuple[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        configured(stores.folder, COUNTED.replace(*changed))


def test_a_metric_is_named_once(stores: Stores) -> None:
    kpis = 'state = "state"\n[[checks]]\nmodule = "m"\nkind = "kpis"\nreference_days = 8\nmetrics = ["m1", "m1"]\n'
    with pytest.raises(ValueError, match="metrics has 'm1' twice"):
        configured(stores.folder, kpis)


def test_a_module_has_one_check_of_a_kind(stores: Stores) -> None:
    part = CONFIG[CONFIG.index("[[checks]]"):]
    with pytest.raises(ValueError, match=r"checks\[1\]: candles.btc has features twice"):
        configured(stores.folder, CONFIG + part)
    with pytest.raises(ValueError, match="is a folder; expected the file"):
        read_config(str(stores.folder))
    with pytest.raises(ValueError, match="elsewhere.toml is not there"):
        read_config("elsewhere.toml")


def test_the_file_of_the_repository_and_of_the_page_are_right(tmp_path: Path) -> None:
    delivered = read_config(str(SOURCE / "deploy/airflow/dag_drift__daily.toml"))
    assert {one["kind"] for one in delivered["checks"]} == {"features", "predictions", "targets", "kpis"}
    assert delivered["completeness"]
    page = (SOURCE / "docs" / "airflow.md").read_text()
    blocks = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        configured(tmp_path, block)
