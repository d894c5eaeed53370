"""Airflow 2.11 and 3: KPIs of every task and DAG run, and what the DAG dag_drift__daily runs.

Installed beside Airflow it is found by its entry points; nothing is to be imported. Where Airflow is not, nothing of
this is loaded.
"""

from __future__ import annotations

from typing import Any

__all__ = ["get_provider_info"]


def get_provider_info() -> dict[str, Any]:
    """What Airflow asks of a provider (entry point apache_airflow_provider)."""
    return {
        "package-name": "tristrata",
        "name": "Tristrata",
        "description": "KPIs of every task and DAG run, through a spool; drift of what pipelines read and write.",
    }
