"""dag_drift__daily as Airflow runs it: real candles, PostgreSQL behind the stores."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from candle_days import write_days
from conftest import HOME, SOURCE, airflow

TRISTRATA = SOURCE / "build/release/bin/tristrata"
CONFIG = """
state = "{folder}/state"

[[checks]]
module = "candles.btc"
kind = "features"
current = "{folder}/data/BTCUSDT/{{day}}.parquet"
reference_days = 14
time = "open_time"
columns = ["volume", "trades"]

[[checks]]
module = "candles.eth"
kind = "predictions"
current = "{folder}/data/ETHUSDT/{{day}}.parquet"
reference = "{folder}/data/ETHUSDT/2023-03-07.parquet"
time = "open_time"
columns = ["volume"]

[[checks]]
module = "serving"
kind = "kpis"
reference_days = 7

[[completeness]]
module = "airflow.attempts"
runs = 1
"""


class Database:
    """A PostgreSQL server with both stores, and a spool in front of them."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.environment = {"TRISTRATA_KPI_URL": url, "TRISTRATA_DRIFT_URL": url, "TRISTRATA_ADMIN_URL": url,
                            "TRISTRATA_ARCHIVE": f"file://{folder}/archive", "TRISTRATA_SPOOL": str(folder / "spool"),
                            "AIRFLOW_VAR_DAG_DRIFT__DAILY": str(folder / "dag_drift__daily.toml")}

    def tristrata(self, *arguments: str) -> str:
        done = subprocess.run([TRISTRATA, *arguments], text=True, capture_output=True, timeout=120,
                              env={**os.environ, **self.environment})
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def rows(self, *command: str) -> list[dict[str, Any]]:
        found = json.loads(self.tristrata(*command, "--format", "json", "--limit", "10000"))
        rows: list[dict[str, Any]] = found["events" if "events" in found else "rows"]
        return sorted(rows, key=lambda row: (row["event_id"], str(row)))

    def run_day(self, day: str) -> None:
        done = airflow("dags", "test", "dag_drift__daily", day, **self.environment)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        self.tristrata("spool", "drain")

    def drift(self, day: str) -> list[dict[str, Any]]:
        return [row for row in self.rows("drift", "list") if row["run_id"] == f"dag_drift__daily__{day}"]


@pytest.fixture
def database(tmp_path: Path, metadata: None) -> Iterator[Database]:
    program = [sys.executable, str(SOURCE / "tests/servers/postgres.py")]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        made = Database(tmp_path, json.loads(server.stdout.readline())["url"])
        made.tristrata("store", "init", "--accept", "plain")
        yield made


def emit_hourly_kpis(database: Database) -> None:
    """Ten days of a service's KPIs; on the last its rate falls."""
    program = """
import sys
from datetime import datetime, timedelta, timezone
import tristrata
from tristrata.kpi import emit_kpi
begin = datetime(2023, 3, 14, tzinfo=timezone.utc)
for hour in range(24 * 9):
    emit_kpi("serving", time=begin + timedelta(hours=hour), n_output=1000 + hour * 7 % 13,
             success_rate=0.97 + 0.01 * (hour * 7 % 11) / 11 - (0.4 if hour >= 24 * 8 else 0))
emit_kpi("airflow.attempts", run_id="r", time="2023-03-22T06:00:00Z", success=True, dag_run_success=1)
"""
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, **database.environment})
    database.tristrata("spool", "drain")


def test_a_day_twice_and_an_earlier_one_later(database: Database) -> None:
    (HOME / "dags").mkdir(exist_ok=True)
    (HOME / "dags" / "dag_drift__daily.py").write_text((SOURCE / "deploy/airflow/dag_drift__daily.py").read_text())
    Path(database.environment["AIRFLOW_VAR_DAG_DRIFT__DAILY"]).write_text(CONFIG.format(folder=database.folder))
    for symbol in ("BTCUSDT", "ETHUSDT"):
        write_days(database.folder / "data", symbol)
    emit_hourly_kpis(database)
    before = datetime.now(UTC)

    database.run_day("2023-03-21")
    calm = database.drift("2023-03-21")
    database.run_day("2023-03-22")
    found = database.drift("2023-03-22")
    by_metric = {(row["module"], row["metric"]): row for row in found}
    assert by_metric["candles.btc", "psi_trades"]["drift_type"] == "feature_drift"
    assert by_metric["serving", "psi_metric_value[metric_name=success_rate]"]["drift_type"] == "business_kpi_drift"
    assert {module for module, metric in by_metric if metric == "share_drifted"} == {"candles.btc", "candles.eth",
                                                                                     "serving"}
    assert {row["detected_at"][:10] for row in found} == {"2023-03-22"}

    database.run_day("2023-03-22")
    assert database.drift("2023-03-22") == found, "the same day again stores nothing"
    database.run_day("2023-03-21")
    assert database.drift("2023-03-21") == calm, "and an earlier one what it would have stored"

    counts = [row for row in database.rows("kpi", "query", "--module", "airflow.attempts")
              if row["dag_node"] == "completeness"]
    assert sorted((row["time"][:10], row["metric_name"], row["metric_value"]) for row in counts) == [
        ("2023-03-22", "runs_completed", 0), ("2023-03-22", "runs_expected", 1),
        ("2023-03-23", "runs_completed", 1), ("2023-03-23", "runs_expected", 1)]

    kpis = database.rows("kpi", "query", "--module", "airflow.dag_drift__daily")
    assert all(row["success"] for row in kpis)
    ended = [row for row in kpis if row["metric_name"] == "task_success"]
    assert {row["dag_node"] for row in ended} == {
        "plan", "plan_completeness", "checks.wait_for_data", "checks.profile", "checks.check", "checks.push", "report",
        "completeness"}
    assert len({row["tags"]["task_id"] for row in ended if row["dag_node"] == "checks.check"}) == 3
    assert sum(row["metric_name"] == "dag_run_success" for row in kpis) == 4
    assert all(before - timedelta(minutes=1) < datetime.fromisoformat(row["time"]) for row in kpis)
