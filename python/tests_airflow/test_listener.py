"""What the listener emits: through Airflow itself, and call by call."""

from __future__ import annotations

import logging
import shutil
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from conftest import HOME, Stores, airflow

import tristrata
from tristrata.airflow.listener import TristrataListener, listener

AIRFLOW_2 = version("apache-airflow").startswith("2.")
BEGAN = datetime(2026, 11, 25, 6, 0, 0, 123456, tzinfo=UTC)


@dataclass
class Attempt:
    """What both lines' task instances have."""

    dag_id: str = "train"
    run_id: str = "scheduled__2026-11-25T00:00:00+00:00"
    task_id: str = "fit"
    map_index: int = -1
    try_number: int = 1
    start_date: datetime | None = BEGAN
    end_date: datetime | None = BEGAN + timedelta(seconds=90)
    logical_date: datetime | None = field(default=datetime(2026, 11, 25, tzinfo=UTC))


def call(hook: str, **arguments: Any) -> None:
    """As Airflow calls: through its listeners, with all that it passes."""
    from airflow.listeners.listener import get_listener_manager

    if AIRFLOW_2 and hook.startswith("on_task"):
        arguments["session"] = None
    getattr(get_listener_manager().hook, hook)(**arguments)


def test_airflow_finds_the_provider_and_the_plugin() -> None:
    from airflow.listeners.listener import get_listener_manager
    from airflow.providers_manager import ProvidersManager

    assert "tristrata" in ProvidersManager().providers
    assert get_listener_manager().pm.is_registered(listener)


def test_every_end_of_a_task_and_of_a_run_is_a_row(metadata: None, stores: Stores) -> None:
    shutil.copytree(Path(__file__).parent / "dags", HOME / "dags", dirs_exist_ok=True)
    done = airflow("dags", "test", "attempts", "2026-11-20")
    assert done.returncode == 1, "a task fails"
    rows = stores.drained()["kpi"]
    ends = sorted((row["dag_node"] or "", row["tags"].get("task_id", ""), row["metric_name"], row["metric_value"])
                  for row in rows if row["metric_name"] != "try_number")
    skipped = [] if AIRFLOW_2 else [("skips", "", "task_skipped", 1.0)]
    assert ends == [("", "", "dag_run_success", 0.0), ("fails", "", "task_success", 0.0),
                    ("mapped", "mapped[0]", "task_success", 1.0), ("mapped", "mapped[1]", "task_success", 1.0),
                    ("plain", "", "task_success", 1.0), *skipped]
    assert {row["module"] for row in rows} == {"airflow.attempts"}
    assert {row["tags"]["caller_module"] for row in rows} == {"tristrata.airflow"}
    assert len({row["run_id"] for row in rows}) == 1
    assert all((row["success"] is None) == (row["metric_name"] == "task_skipped") or row["dag_node"] == "skips"
               for row in rows)


def test_an_end_that_is_told_twice_is_one_row(stores: Stores) -> None:
    for _ in range(2):
        call("on_task_instance_failed", previous_state=None, task_instance=Attempt(), error="told twice")
        call("on_dag_run_failed", dag_run=Attempt(), msg="")
    # The second telling by another process, which looks at its own clock.
    late = Attempt(end_date=BEGAN + timedelta(seconds=95))
    call("on_task_instance_failed", previous_state=None, task_instance=late, error=None)
    rows = {(row["dag_node"], row["metric_name"]): row for row in stores.drained()["kpi"]}
    assert set(rows) == {("fit", "task_success"), ("fit", "try_number"), (None, "dag_run_success")}
    assert len(stores.drained()["kpi"]) == 3
    assert rows["fit", "task_success"]["duration_ms"] == 90_000
    assert rows["fit", "task_success"]["run_id"] == "scheduled__2026-11-25T00:00:00+00:00"


def test_what_is_another_attempt_is_another_row(stores: Stores) -> None:
    others = [Attempt(), Attempt(try_number=2), Attempt(map_index=0), Attempt(run_id="r2"), Attempt(task_id="t2"),
              Attempt(dag_id="d2")]
    for one in others:
        call("on_task_instance_success", previous_state=None, task_instance=one)
    call("on_task_instance_failed", previous_state=None, task_instance=Attempt(), error=None)
    kept = [row for row in stores.drained()["kpi"] if row["metric_name"] == "task_success"]
    assert len(kept) == len(others) + 1


def test_nothing_is_raised_and_the_loss_is_counted_and_said_once(
        stores: Stores, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.delenv("TRISTRATA_SPOOL")
    tristrata.close()
    one = TristrataListener()
    with caplog.at_level(logging.WARNING, "tristrata.airflow"):
        for _ in range(3):
            one.on_task_instance_success(None, Attempt())
        one.on_dag_run_success(object())
    assert one.lost == 4
    (said,) = [record.getMessage() for record in caplog.records if record.name == "tristrata.airflow"]
    assert "the end of fit was not emitted" in said and "TRISTRATA_SPOOL" in said


class Detached:
    """As an object of Airflow's ORM whose session is gone: every attribute raises."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"not bound to a Session; attribute refresh of {name} cannot proceed")


def test_an_object_that_raises_when_it_is_named_raises_nothing(caplog: pytest.LogCaptureFixture) -> None:
    one = TristrataListener()
    with caplog.at_level(logging.WARNING, "tristrata.airflow"):
        one.on_task_instance_success(None, Detached())
        one.on_dag_run_failed(Detached())
    assert one.lost == 2
    assert "the end of a task was not emitted (1 so far in this process): RuntimeError: not bound" in caplog.text


def test_ids_that_a_kpi_has_no_room_for_stay_apart(stores: Stores) -> None:
    for end in "ab":
        call("on_task_instance_success", previous_state=None, task_instance=Attempt(run_id="é" * 120 + end))
    runs = {row["run_id"] for row in stores.drained()["kpi"]}
    assert len(runs) == 2 and all(len(run.encode()) <= 200 and run.startswith("é" * 90) for run in runs)


def test_a_run_without_a_begin_has_no_duration(stores: Stores) -> None:
    tested = Attempt(start_date=datetime(2026, 11, 25, tzinfo=UTC))  # as dags test has it: its logical date
    call("on_dag_run_success", dag_run=tested, msg="")
    call("on_task_instance_success", previous_state=None, task_instance=Attempt(start_date=None))
    for row in stores.drained()["kpi"]:
        assert row["duration_ms"] is None and row["time"].startswith("2026-11-25T06:01:30.123456")


def test_no_connection_is_opened(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        monkeypatch.setenv("TRISTRATA_KPI_URL", f"postgresql://u:p@127.0.0.1:{server.getsockname()[1]}/d")
        tristrata.close()
        call("on_task_instance_success", previous_state=None, task_instance=Attempt())
        tristrata.close()
        with pytest.raises(TimeoutError):
            server.accept()
    assert len(stores.drained()["kpi"]) == 2


def test_the_store_is_somebody_elses_matter(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRISTRATA_KPI_URL")
    tristrata.close()
    call("on_task_instance_success", previous_state=None, task_instance=Attempt())
    assert len(stores.drained()["kpi"]) == 2
