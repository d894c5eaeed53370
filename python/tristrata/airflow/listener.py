"""KPIs of every task attempt and every DAG run.

Airflow calls this in the process that ran the task, in the scheduler, and in the API server where somebody sets a
state by hand. Each call is an append to the spool (TRISTRATA_SPOOL): no connection is opened, no store need be named,
and nothing is raised. `tristrata serve` or `tristrata spool drain` carries it on.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from airflow.providers.common.compat.sdk import hookimpl

from .. import _core

__all__ = ["TristrataListener", "attempt_id", "listener", "run_event_id"]

_log = logging.getLogger("tristrata.airflow")

_NAMESPACE = UUID("f37874a9-9377-5e26-8371-917ab351586b")
_NAME_BYTES_MAX = 200  # of a KPI's names; Airflow's ids may have 250 characters
_DURATION_MS_MAX = 2**31 - 1  # of a KPI: 24 days


def attempt_id(dag_id: str, run_id: str, task_id: str, map_index: int, try_number: int, state: str) -> UUID:
    """Names what an attempt emits: Airflow may tell of its end twice."""
    return uuid5(_NAMESPACE, "|".join((dag_id, run_id, task_id, str(map_index), str(try_number), state)))


def run_event_id(dag_id: str, run_id: str, state: str) -> UUID:
    """Names what a DAG run emits; a run that is cleared and runs again has another time."""
    return uuid5(_NAMESPACE, "|".join((dag_id, run_id, state)))


class TristrataListener:
    """Emits the end of a task's attempt (`task_success` or `task_skipped`, `try_number`) and of a DAG run
    (`dag_run_success`).

    module   "airflow." and the DAG's id
    run_id   the DAG run's
    dag_node the task's id; a DAG run's rows have none
    time     when the attempt, or the run, began: with the deterministic id that makes a second telling the same rows
    tags     task_id, "name[3]": which of a mapped task

    An emit that fails is counted in `lost` and logged: the first, the tenth, the hundredth.
    Threads: any number of calls at once.
    """

    def __init__(self) -> None:
        self.lost = 0

    # The arguments are the fewest that both lines pass: 2.11 has a session beside them, 3 has not.

    @hookimpl
    def on_task_instance_success(self, previous_state: Any, task_instance: Any) -> None:
        """An attempt that did what it had to."""
        self._attempt(task_instance, "success", True, {"task_success": 1.0})

    @hookimpl
    def on_task_instance_failed(self, previous_state: Any, task_instance: Any) -> None:
        """An attempt that failed, whether another follows or not."""
        self._attempt(task_instance, "failed", False, {"task_success": 0.0})

    @hookimpl
    def on_task_instance_skipped(self, previous_state: Any, task_instance: Any) -> None:
        """A task that skipped itself (from 3.2 on): neither a success nor a failure."""
        self._attempt(task_instance, "skipped", None, {"task_skipped": 1.0})

    @hookimpl
    def on_dag_run_success(self, dag_run: Any) -> None:
        """A run whose last tasks succeeded."""
        self._run(dag_run, "success", True)

    @hookimpl
    def on_dag_run_failed(self, dag_run: Any) -> None:
        """A run of which a last task failed, or that can go no further."""
        self._run(dag_run, "failed", False)

    def _attempt(self, task: Any, state: str, success: bool | None, metrics: dict[str, float]) -> None:
        try:
            dag_id, run_id, task_id = str(task.dag_id), str(task.run_id), str(task.task_id)
            map_index, try_number = int(task.map_index), int(task.try_number)
            known = {"task_id": f"{task_id}[{map_index}]"} if map_index >= 0 else {}
            _emit(dag_id, run_id, task_id, known, task.start_date, task.end_date, success,
                  attempt_id(dag_id, run_id, task_id, map_index, try_number, state),
                  {**metrics, "try_number": float(try_number)})
        except Exception as error:  # of any kind: it must not reach Airflow
            self._lost(f"the end of {_name_of(task, 'task_id', 'a task')}", error)

    def _run(self, run: Any, state: str, success: bool) -> None:
        try:
            dag_id, run_id = str(run.dag_id), str(run.run_id)
            # `airflow dags test` writes the logical date into both: when the run began, nobody knows then.
            began = run.start_date if run.start_date != run.logical_date else None
            _emit(dag_id, run_id, None, {}, began, run.end_date, success, run_event_id(dag_id, run_id, state),
                  {"dag_run_success": float(success)})
        except Exception as error:  # of any kind: it must not reach Airflow
            self._lost(f"the end of a run of {_name_of(run, 'dag_id', 'a DAG')}", error)

    def _lost(self, what: str, error: Exception) -> None:
        self.lost += 1
        if str(self.lost).strip("0") == "1":
            _log.warning("%s was not emitted (%d so far in this process): %s: %s", what, self.lost,
                         type(error).__name__, error)


def _name_of(told: Any, attribute: str, unnamed: str) -> str:
    """What a log line calls it. An object of Airflow's ORM that left its session raises at every attribute."""
    try:
        return str(getattr(told, attribute, unnamed))
    except Exception:
        return unnamed


def _emit(dag_id: str, run_id: str, task_id: str | None, known: dict[str, str], began: datetime | None,
          ended: datetime | None, success: bool | None, event_id: UUID, metrics: dict[str, float]) -> None:
    duration = max(0, round((ended - began).total_seconds() * 1000)) if began and ended else None
    if duration is not None and duration > _DURATION_MS_MAX:
        duration = None
    # Where nobody knows when it began, Airflow tells of it once: then the time of its end.
    _core.emit_host_kpi("tristrata.airflow", {key: _short(value) for key, value in known.items()},
                        _short(f"airflow.{dag_id}"), _short(run_id), task_id and _short(task_id), duration, success,
                        None, began or ended, event_id, metrics, carried=False)


def _short(name: str) -> str:
    """What a KPI's name has no room for gives way to a hash, so that two names stay two."""
    encoded = name.encode()
    if len(encoded) <= _NAME_BYTES_MAX:
        return name
    digest = hashlib.sha256(encoded).hexdigest()[:12]
    return encoded[: _NAME_BYTES_MAX - 13].decode(errors="ignore") + "~" + digest


listener = TristrataListener()
