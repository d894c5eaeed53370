"""The listener in the processes that Airflow itself starts: scheduler, API server, a process for each task."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from conftest import HOME, Stores, airflow

AIRFLOW_2 = version("apache-airflow").startswith("2.")
END_SECONDS_MAX = 240.0


@contextmanager
def started(*arguments: str, environment: dict[str, str]) -> Iterator[None]:
    """One of Airflow's services, for as long as it is needed."""
    with (HOME / f"{arguments[0]}.log").open("wb") as log:
        service = subprocess.Popen([Path(sys.executable).parent / "airflow", *arguments], cwd=HOME, stdout=log,
                                   stderr=log, env={**os.environ, **environment})
        try:
            yield
        finally:
            service.terminate()
            try:
                service.wait(timeout=30)
            except subprocess.TimeoutExpired:
                service.kill()
                service.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + END_SECONDS_MAX
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < deadline, (HOME / "api-server.log").read_text()[-4000:]
            time.sleep(0.5)


def test_what_processes_of_airflow_tell(metadata: None, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(Path(__file__).parent / "dags", HOME / "dags", dirs_exist_ok=True)
    port = free_port()
    expected: set[tuple[str | None, str]] = {
        (None, ""), ("plain", ""), ("fails", ""), ("mapped", "mapped[0]"), ("mapped", "mapped[1]")}
    if not AIRFLOW_2:
        expected.add(("skips", ""))
    # No process of Airflow knows a store.
    monkeypatch.delenv("TRISTRATA_KPI_URL")
    monkeypatch.delenv("TRISTRATA_DRIFT_URL")
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                   "AIRFLOW__API_AUTH__JWT_SECRET": "of this test alone: " + "x" * 64,
                   "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/"}
    for command in (("dags", "reserialize"), ("dags", "unpause", "attempts"), ("dags", "trigger", "attempts")):
        done = airflow(*command, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
    with ExitStack() as services:
        if not AIRFLOW_2:
            services.enter_context(started("api-server", "--host", "127.0.0.1", "--port", str(port),
                                           environment=environment))
            wait_until_it_answers(f"http://127.0.0.1:{port}/api/v2/version")
            services.enter_context(started("dag-processor", environment=environment))
        services.enter_context(started("scheduler", environment=environment))
        ends = wait_for(expected, stores)
    for (node, _), row in ends.items():
        # Airflow 3 has no end of a task that skips itself.
        assert row["duration_ms"] is not None or node == "skips", row
        assert (row["duration_ms"] or 0) < END_SECONDS_MAX * 1000, row
    assert [ends[one]["metric_value"] for one in ((None, ""), ("plain", ""), ("fails", ""))] == [0, 1, 0]


def wait_for(expected: set[tuple[str | None, str]], stores: Stores) -> dict[tuple[str | None, str], dict[str, Any]]:
    """The last row of each end. A task of Airflow 3 tells its end after the run's may be known."""
    deadline = time.monotonic() + END_SECONDS_MAX
    while True:
        rows = stores.drained()["kpi"] if (stores.folder / "spool").exists() else []
        ends = {(row["dag_node"], row["tags"].get("task_id", "")): row for row in rows
                if row["metric_name"] in ("task_success", "task_skipped", "dag_run_success")}
        if set(ends) == expected:
            return ends
        assert time.monotonic() < deadline, f"{rows}\n{(HOME / 'scheduler.log').read_text()[-4000:]}"
        time.sleep(1)
