"""The plugin by which Airflow finds the listener (entry point airflow.plugins)."""

from __future__ import annotations

from airflow.providers.common.compat.sdk import AirflowPlugin

from .listener import listener

__all__ = ["TristrataPlugin"]


class TristrataPlugin(AirflowPlugin):
    """KPIs of every task attempt and DAG run, without a line in any DAG."""

    name = "tristrata"
    listeners = [listener]
