"""push_drift_event: the design's call, and what is refused."""

from __future__ import annotations

import uuid
from typing import Any

import numpy
import pytest
from conftest import Stores

from tristrata.drift import push_drift_event

anything: Any = push_drift_event


def test_the_call_of_the_design_is_an_event(stores: Stores) -> None:
    receipt = push_drift_event(
        drift_type="latency_drift",
        module="api.predictions",
        metric="p99_latency_ms",
        reference_value=120,
        current_value=540,
        significance=0.001,
    )
    (event,) = stores.drift_events()
    assert event["event_id"] == receipt.event_id
    assert (event["drift_type"], event["module"], event["metric"]) == (
        "latency_drift", "api.predictions", "p99_latency_ms")
    assert (event["reference_value"], event["current_value"], event["significance"]) == (120.0, 540.0, 0.001)
    assert event["severity"] == "crit"  # 350 % more, by the policy


def test_what_is_given_stands_in_the_event(stores: Stores) -> None:
    named = uuid.uuid4()
    given: dict[str, Any] = {"severity": "warn", "run_id": "r", "payload": {"by": ["fold", 3]},
                             "time": "2026-01-31T08:00:00Z", "event_id": named}
    for duplicate in (0, 1):
        receipt = push_drift_event("business_kpi_drift", "m", "pnl", None, numpy.float32(0.5), None, **given)
        assert (receipt.duplicate, receipt.event_id) == (duplicate, str(named))
    (event,) = stores.drift_events()
    assert (event["severity"], event["run_id"], event["detected_at"]) == ("warn", "r", "2026-01-31T08:00:00.000000Z")
    assert event["payload"] == {"by": ["fold", 3], "caller_module": __name__}
    assert (event["reference_value"], event["current_value"]) == (None, 0.5)


def test_a_payload_may_come_as_json_and_name_its_caller(stores: Stores) -> None:
    push_drift_event("latency_drift", "m", "p99", 1, 2, None, payload='{"caller_module": "cron"}')
    assert stores.drift_events()[0]["payload"] == {"caller_module": "cron"}


def test_a_payload_may_hold_what_numpy_holds(stores: Stores) -> None:
    payload = {"share": numpy.float32(0.5), "rows": numpy.int64(7), "ok": numpy.bool_(True), "name": numpy.str_("x"),
               "edges": numpy.array([[1.5, 2.0], [3.0, 4.0]]), "by": [numpy.int8(1), {"deep": (numpy.float64(2.5),)}],
               numpy.int64(3): None, "day": numpy.array("2026-01-01")}
    push_drift_event("latency_drift", "m", "p99", 1, 2, None, payload=payload)  # type: ignore[arg-type]
    stored = stores.drift_events()[0]["payload"]
    assert stored == {"share": 0.5, "rows": 7, "ok": True, "name": "x", "edges": [[1.5, 2.0], [3.0, 4.0]],
                      "by": [1, {"deep": [2.5]}], "3": None, "day": "2026-01-01", "caller_module": __name__}
    assert payload["rows"] == 7 and "caller_module" not in payload, "the caller's own dictionary stays as it is"


ENDLESS: dict[str, Any] = {}
ENDLESS["again"] = ENDLESS


@pytest.mark.parametrize("given, error, said", [
    ({"drift_type": "latency"}, ValueError, "latency_drift"),
    ({"severity": "bad"}, ValueError, "info, warn"),
    ({"module": ""}, ValueError, "module"),
    ({"current_value": float("nan")}, ValueError, "current_value"),
    ({"significance": -1}, ValueError, "significance is -1; expected a p-value, from 0 to 1, or none at all"),
    ({"significance": 2}, ValueError, "significance is 2"),
    ({"current_value": "540"}, TypeError, "current_value is of type str: '540'; expected a number"),
    ({"payload": "[]"}, ValueError, "expected an object"),
    ({"payload": "{"}, ValueError, "Expecting"),
    ({"payload": {"x": {"y": [1, float("nan")]}}}, ValueError,
     "the payload's x.y[1] is nan; JSON has finite numbers only: leave it out, or give None"),
    ({"payload": '{"x": Infinity}'}, ValueError, "the payload's x is inf"),
    ({"payload": {"x": object()}}, TypeError, "the payload's x is of type object, which JSON has no word for"),
    ({"payload": {"x": {"at": [{1}]}}}, TypeError, "the payload's x.at[0] is of type set"),
    ({"payload": {(1, 2): 3}}, TypeError, "keys must be str"),
    ({"payload": ENDLESS}, ValueError, "the payload holds itself"),
    ({"payload": [1]}, TypeError, "the payload is of type list; expected a mapping"),
    ({"payload": {"x": {"y": numpy.array([1.0, numpy.inf])}}}, ValueError, "the payload's x.y[1] is inf; JSON has"),
    ({"payload": {"x": numpy.array([1j])}}, TypeError, "JSON"),
    ({"payload": {"x": {"y": ["a", "b\ud800"]}}}, ValueError,
     "the payload's x.y[1] holds '\\ud800', half of a pair, which cannot be written as UTF-8; leave it out"),
    ({"payload": {"x": {"\udfff": 1}}}, ValueError, "the payload's 'x.\\udfff' holds '\\udfff'"),
    ({"payload": {"\udfff": {}}}, ValueError, "the payload's name of an empty member holds '\\udfff'"),
    ({"payload": '{"x": "\\ud800"}'}, ValueError, "the payload's x holds '\\ud800'"),
    ({"reference_value": None}, ValueError, "severity")])
def test_what_is_wrong_is_named(stores: Stores, given: dict[str, Any], error: type[Exception], said: str) -> None:
    call: dict[str, Any] = {"drift_type": "latency_drift", "module": "m", "metric": "p99", "reference_value": 1,
                            "current_value": 2, "significance": None}
    with pytest.raises(error) as raised:
        anything(**{**call, **given})
    assert said in str(raised.value)
    assert stores.drift_events() == []


def test_a_secret_in_a_payload_is_redacted(stores: Stores) -> None:
    push_drift_event("latency_drift", "m", "p99", 1, 2, None, payload={"api_key": "x", "who": "jane@example.com"})
    payload = stores.drift_events()[0]["payload"]
    assert (payload["api_key"], payload["who"]) == ("[redacted]", "[redacted]")


def test_without_configuration_the_variable_is_named() -> None:
    with pytest.raises(RuntimeError, match="TRISTRATA_DRIFT_URL is not set"):
        push_drift_event("latency_drift", "m", "p99", 1, 2, None)
