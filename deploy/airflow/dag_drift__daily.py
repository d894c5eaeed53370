"""Every day: did what the pipelines read and write drift, and did every run complete?

Copy it into the DAGs' folder, and dag_drift__daily.toml beside it, or name that file in the Airflow Variable
dag_drift__daily. What the file may say, and what each task stores: docs/airflow.md.

A run is about one day: that of its logical date (by the schedule the day that has just ended), or the `day` of its
configuration. Runs for the same day store the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    PokeReturnValue,
    dag,
    get_current_context,
    task,
    task_group,
)
from airflow.timetables.interval import CronDataIntervalTimetable

START = datetime(2020, 1, 1, tzinfo=timezone.utc)  # a backfill begins here at the earliest
SCHEDULE = CronDataIntervalTimetable("0 3 * * *", "UTC")
WAIT_MAX = timedelta(hours=20)
DEADLINE_WAIT_MAX = timedelta(days=3)  # deadline_hours is 48 at most, after the end of the day
CONFIG = str(Path(__file__).with_suffix(".toml"))


Result = TypeVar("Result")


def once(step: Callable[..., Result], *arguments: Any) -> Result:
    """What a retry cannot mend fails at once: a configuration that is wrong, data that are no table."""
    try:
        return step(*arguments)
    except (TypeError, ValueError) as error:
        raise AirflowFailException(str(error)) from error


@dag(
    dag_id="dag_drift__daily",
    schedule=SCHEDULE,
    start_date=START,
    catchup=False,
    max_active_runs=4,  # a backfill's days are independent of each other
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    tags=["drift", "tristrata"],
    doc_md=__doc__,
)
def drift_daily() -> None:
    """plan >> (wait_for_data >> profile >> check >> push, once a check) >> report; beside them completeness."""

    @task
    def plan(config: str, part: str) -> list[dict[str, Any]]:
        """What is to be looked at that day: the file's "checks", or its "completeness"."""
        from tristrata.airflow.drift_daily import day_of
        from tristrata.airflow.drift_daily_config import for_day, read_config

        context = get_current_context()
        day = once(day_of, context.get("logical_date"), (context["dag_run"].conf or {}).get("day"))
        return for_day(once(read_config, config or CONFIG), day)[part]

    @task.sensor(poke_interval=300, timeout=WAIT_MAX.total_seconds(), mode="reschedule")
    def wait_for_data(check: dict[str, Any]) -> PokeReturnValue:
        """The day's file is there, or the first KPIs of the day."""
        from tristrata.airflow import drift_daily as steps

        missing = once(steps.missing_data, check)
        print("waiting for", *missing) if missing else print("everything is there")
        return PokeReturnValue(is_done=not missing)

    @task
    def profile(check: dict[str, Any]) -> str:
        """The reference's profile."""
        from tristrata.airflow import drift_daily as steps

        return once(steps.profile, check)

    @task(task_id="check")
    def compare(check: dict[str, Any], profiled: str) -> str:
        """The report."""
        from tristrata.airflow import drift_daily as steps

        return once(steps.check, check, profiled)

    @task
    def push(check: dict[str, Any], reported: str) -> None:
        """The report's rows, to the drift store."""
        from tristrata.airflow import drift_daily as steps

        once(steps.push, check, reported)

    @task_group
    def checks(check: dict[str, Any]) -> None:
        """One module's features, predictions, targets or KPIs: none waits for another's."""
        profiled = profile(check)
        wait_for_data(check) >> profiled
        push(check, compare(check, profiled))

    @task(trigger_rule="all_done")
    def report(checks: list[dict[str, Any]]) -> dict[str, Any]:
        """The day at a glance; it fails where a check was not made."""
        from tristrata.airflow import drift_daily as steps

        return steps.report(list(checks))

    @task.sensor(poke_interval=300, timeout=DEADLINE_WAIT_MAX.total_seconds(), mode="reschedule")
    def completeness(expected: dict[str, Any]) -> PokeReturnValue:
        """At the deadline: how many runs a module was to have, and how many were complete (runs_expected,
        runs_completed)."""
        from tristrata.airflow import drift_daily as steps

        counts = once(steps.completeness, expected, datetime.now(timezone.utc))
        return PokeReturnValue(is_done=counts is not None, xcom_value=counts)

    config = "{{ var.value.get('dag_drift__daily', '') }}"
    planned = plan(config, "checks")
    checks.expand(check=planned) >> report(planned)
    completeness.expand(expected=plan.override(task_id="plan_completeness")(config, "completeness"))


drift_daily()
