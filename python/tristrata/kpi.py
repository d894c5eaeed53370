"""Layer 2, execution: is this run doing what we asked?"""

from __future__ import annotations

from ._core import Receipt
from ._core import emit_kpi as _emit_kpi
from ._core import query_kpi as _query_kpi

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost the import some milliseconds
    from collections.abc import Mapping
    from datetime import date
    from typing import Any, Protocol, SupportsFloat, SupportsIndex
    from uuid import UUID

    class BooleanScalar(Protocol):
        """A boolean of numpy."""

        def item(self) -> bool: ...

__all__ = ["Receipt", "emit_kpi", "query_kpi"]


def emit_kpi(
    module: str,
    run_id: str | None = None,
    dag_node: str | None = None,
    duration_ms: SupportsFloat | None = None,
    success: bool | BooleanScalar | None = None,
    tags: Mapping[str, str | float] | None = None,
    time: date | str | None = None,
    event_id: UUID | str | None = None,
    **metrics: SupportsFloat | SupportsIndex,
) -> Receipt:
    """Emits KPIs of a run: one row a metric in kpi.events, all of them or none.

        emit_kpi(module="hamilton.feature_engineering", run_id=run_id, dag_node="compute_features",
                 success_rate=0.97, n_input=1000, n_output=985, duration_ms=2_340)

    duration_ms and success stand on every row; without a metric the row is named after them. `tags` may have the keys
    of the whitelist (variant, crypto, fold_id, model, environment, host, where tags.toml has none of its own).
    `event_id` and `time` make a repeated call the same rows.

    Raises ValueError for what the contract refuses (an unknown tag, NaN, a name that is too long), TypeError for what
    is no number or no text, RuntimeError where neither store nor spool is configured, OSError and TimeoutError where
    neither took it. A store that does not answer, or that nobody named here, raises nothing where there is a spool.
    """
    return _emit_kpi(module, run_id, dag_node, duration_ms, success, tags, time, event_id, metrics)


def query_kpi(
    module: str | None = None,
    metric: str | None = None,
    run_id: str | None = None,
    *,
    since: date | str | None = None,
    until: date | str | None = None,
    limit: int = 100_000,
) -> list[dict[str, Any]]:
    """Rows of kpi.events, newest first: time, module, run_id, dag_node, metric_name, metric_value, duration_ms,
    success and tags.

        query_kpi(module="hamilton.feature_engineering", metric="success_rate", since="2026-11-01")

    `since` is in, `until` is out. On PostgreSQL it comes as TRISTRATA_READ_URL where that is set. What was emitted just
    now may be on its way still. Raises ValueError where more than `limit` rows match, RuntimeError where no store is
    configured, ConnectionError where it does not answer.
    """
    return _query_kpi(module, metric, run_id, since, until, limit)
