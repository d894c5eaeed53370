"""One task of each end: a plain one, a mapped one, one that skips itself, one that fails."""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException, dag, task


@dag(dag_id="attempts", schedule=None, start_date=datetime(2023, 1, 1, tzinfo=timezone.utc), catchup=False)
def attempts() -> None:
    """Its run fails."""

    @task
    def plain() -> list[int]:
        return [1, 2]

    @task
    def mapped(number: int) -> int:
        return number

    @task
    def skips() -> None:
        raise AirflowSkipException

    @task
    def fails() -> None:
        raise AirflowFailException("as it should")

    mapped.expand(number=plain())
    skips()
    fails()


attempts()
