"""Layer 3, drift: is the system degrading against a reference?"""

from __future__ import annotations

from . import _core
from ._core import Receipt
from .detection import check
from .report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost the import some milliseconds
    from collections.abc import Iterator, Mapping
    from datetime import date
    from typing import Any, SupportsFloat
    from uuid import UUID

__all__ = ["Receipt", "Report", "check", "push_drift_event", "push_drift_report"]


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
    time: date | str | None = None,
    event_id: UUID | str | None = None,
) -> Receipt:
    """Pushes one drift event, a row of drift.events.

        push_drift_event(drift_type="latency_drift", module="api.predictions", metric="p99_latency_ms",
                         reference_value=120, current_value=540, significance=0.001)

    Without a severity ("info", "warn", "crit") the policy decides by the relative change; a type that it has no row
    for needs one. `payload` is a JSON object, in which numpy's scalars and arrays are numbers and lists; the module
    that calls is added to it as `caller_module`.
    """
    return _core.push_drift_event(drift_type, module, metric, reference_value, current_value, significance, run_id,
                                  severity, _payload_text(payload, _core.call_site()), time, event_id)


def push_drift_report(
    report: object,
    *,
    module: str,
    run_id: str | None = None,
    drift_type: str | None = None,
    time: date | str | None = None,
) -> Receipt:
    """Pushes a report: a row for each drifted column and each fired signal, and one with the whole report.

        push_drift_report(report, run_id=run_id, module="hamilton.feature_engineering", drift_type="data_drift")

    `report` is ours (what check() returned, its JSON or the dictionary of it), or Evidently's: what `Report.run`
    returned (0.7), the `Report` or `TestSuite` that ran (0.4 to 0.6), or the JSON that one of them wrote, as text or as
    a dictionary. A path, of pathlib or as a text, is the file that holds one. `drift_type` replaces the type of the
    columns' rows; `time` stands where the report carries none. The module that calls stands in each row's payload as
    `caller_module`. The same report pushed twice, for one module and run, is one set of rows.
    """
    caller = _core.call_site()
    path = _path_of(report)
    document = _document_of(report) if path is None else _content_of(path)
    return _core.push_drift_report(document, module, run_id, drift_type, time, caller, path or "")


def _path_of(report: object) -> str | None:
    """The file that was named; None where the report itself was given."""
    if isinstance(report, str):
        return None if report.lstrip()[:1] in ("{", "[") else _path_in(report)
    if not hasattr(report, "__fspath__"):
        return None
    import os

    return os.fsdecode(report.__fspath__())


def _document_of(report: object) -> str:
    """The JSON of whatever can be pushed, but for a file."""
    import json

    if isinstance(report, Report):
        return report.to_json()
    if isinstance(report, str):
        return report
    if isinstance(report, bytes):
        return report.decode()
    if isinstance(report, dict):
        return json.dumps(report, default=str)
    for name in ("json", "as_dict", "dict"):
        read = getattr(report, name, None)
        if callable(read) and not isinstance(report, type):
            document = read()
            return document if isinstance(document, str) else json.dumps(document, default=str)
    hint = ""
    if report is None:
        hint = " (up to Evidently 0.6 run() returns None: push the Report that ran)"
    elif type(report).__module__.startswith("evidently"):
        hint = " (from Evidently 0.7 on run() returns what is to be pushed)"
    elif isinstance(report, (_core.Backtest, _core.QualityReport)):
        hint = " (it has a push() of its own)"
    raise _core.type_error(f"the report is of type {type(report).__name__}; expected a report of tristrata or of "
                           f"Evidently, its JSON, or a path{hint}")


def _path_in(text: str) -> str:
    """A text that begins as no JSON does: the path of a file, also of one that is not there if it is named as one."""
    import os

    try:
        is_file = os.path.isfile(text) or (text.endswith(".json") and text.isprintable())
    except ValueError:  # It holds what no path can.
        is_file = False
    if not is_file:
        raise _core.value_error(f"the report is a text that is neither JSON nor the path of a file: {text[:80]!r}")
    return text


def _content_of(path: str) -> str:
    from ._reading import content_of

    try:
        return content_of(path).decode()
    except UnicodeDecodeError as error:
        raise _core.value_error(f"{path}: not a JSON document: it is no UTF-8 ({error.reason} at byte "
                                f"{error.start}); expected a report of drift check or Evidently") from None


def _payload_text(payload: Mapping[str, object] | str | None, caller_module: str) -> str:
    import json

    from collections.abc import Mapping

    if isinstance(payload, str):
        try:
            members = json.loads(payload)
        except ValueError as error:
            raise _core.value_error(f"the payload is no JSON: {error}") from None
        if not isinstance(members, dict):
            raise _core.value_error(f"the payload is {type(members).__name__} in JSON; expected an object")
    elif payload is None or isinstance(payload, Mapping):
        try:
            members = _of_python(dict(payload or {}))
        except RecursionError:
            raise _core.value_error("the payload holds itself, or is nested too deep for JSON") from None
    else:
        raise _core.type_error(f"the payload is of type {type(payload).__name__}; expected a mapping, or JSON of one")
    members.setdefault("caller_module", caller_module)
    try:
        text = json.dumps(members, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        text.encode()
        return text
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        raise _core.value_error(f"the payload's {_holding(half, members)} holds {half!r}, half of a pair, which cannot "
                                "be written as UTF-8; leave it out, or replace it") from None
    except ValueError as error:
        at = _not_finite(members) if "float" in str(error) else None
        if at is None:
            raise
        raise _core.value_error(f"the payload's {at[0]} is {at[1]}; JSON has finite numbers only: leave it out, or "
                                "give None") from None
    except TypeError as error:
        at_value = _without_json(members)
        if at_value is None:
            raise
        raise _core.type_error(f"the payload's {at_value[0]} is of type {at_value[1]}, which JSON has no word for; "
                               "expected a number, a text, a bool, None, or lists and dictionaries of them") from error


def _of_python(value: Any) -> Any:
    """The same with Python's own numbers and lists where numpy's stand, as keys too."""
    if isinstance(value, dict):
        return {key if isinstance(key, tuple) else _of_python(key): _of_python(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_of_python(one) for one in value]
    kind = type(value)
    if kind.__module__.partition(".")[0] == "numpy" and hasattr(value, "tolist"):
        plain = value.tolist()
        return plain if type(plain) is not kind else value
    return value


def _not_finite(value: object) -> tuple[str, float] | None:
    """The first number within that JSON has no word for, and where it stands: ("scores.x[3]", nan)."""
    import math

    return next(((where, one) for where, one in _leaves(value) if isinstance(one, float) and not math.isfinite(one)),
                None)


def _holding(letter: str, value: object) -> str:
    """Where the first text with that letter stands; for the name of one, the name as Python writes it."""
    return next((repr(where) if letter in where else where for where, one in _leaves(value)
                 if letter in where or (isinstance(one, str) and letter in one)), "name of an empty member")


def _without_json(value: object) -> tuple[str, str] | None:
    """The first value within that is nothing of JSON's: where it stands, and of which type it is."""
    return next(((where, type(one).__name__) for where, one in _leaves(value)
                 if one is not None and not isinstance(one, (str, int, float))), None)


def _leaves(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """What stands within dictionaries and lists, and where: ("scores.x[3]", 0.5)."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (list, tuple)):
        for index, one in enumerate(value):
            yield from _leaves(one, f"{name}[{index}]")
    else:
        yield name, value
