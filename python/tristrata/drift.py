"""Layer 3, drift: is the system degrading against a reference?"""

from __future__ import annotations

from . import _core
from ._core import Receipt

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost the import some milliseconds
    from collections.abc import Mapping
    from datetime import datetime
    from typing import SupportsFloat
    from uuid import UUID

__all__ = ["Receipt", "push_drift_event"]


def push_drift_event(
    drift_type: str,
    module: str,
    metric: str,
    reference_value: SupportsFloat | None,
    current_value: SupportsFloat | None,
    significance: SupportsFloat | None,
    *,
    run_id: str | None = None,
    severity: str | None = None,
    payload: Mapping[str, object] | str | None = None,
    time: datetime | str | None = None,
    event_id: UUID | str | None = None,
) -> Receipt:
    """Pushes one drift event, a row of drift.events.

        push_drift_event(drift_type="latency_drift", module="api.predictions", metric="p99_latency_ms",
                         reference_value=120, current_value=540, significance=0.001)

    Without a severity ("info", "warn", "crit") the policy decides by the relative change; a type that it has no row
    for needs one. `payload` is a JSON object; the module that calls is added to it as `caller_module`.
    """
    return _core.push_drift_event(drift_type, module, metric, reference_value, current_value, significance, run_id,
                                  severity, _payload_text(payload, _core.call_site()), time, event_id)


def _payload_text(payload: Mapping[str, object] | str | None, caller_module: str) -> str:
    import json

    members = json.loads(payload) if isinstance(payload, str) else dict(payload or {})
    if not isinstance(members, dict):
        raise ValueError(f"the payload is {type(members).__name__} in JSON; expected an object")
    members.setdefault("caller_module", caller_module)
    return json.dumps(members, allow_nan=False, separators=(",", ":"))
