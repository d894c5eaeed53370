"""What the tasks of dag_drift__daily do, for one day: nothing here knows Airflow, or what time it is.

Every result follows from the configuration, the day and the data of the days it names, so that a repeated run stores
the same rows, and a backfill what the day itself would have stored.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from .. import _core, detection
from ..drift import push_drift_report
from ..kpi import emit_kpi, query_kpi
from ..report import Report

__all__ = ["RUN", "check", "completeness", "day_of", "missing_data", "profile", "push", "report"]

_log = logging.getLogger("tristrata.airflow")
_NAMESPACE = UUID("f37874a9-9377-5e26-8371-917ab351586b")

RUN = "dag_drift__daily"

_ROWS_OF_A_DAY_MAX = 10_000_000  # of one module: a KPI every 9 ms

Check = dict[str, Any]
"""One [[checks]] for one day: read_config's entry, with "day" and with paths in the place of patterns."""

_Kpi = tuple[datetime, str, float | None]


def day_of(logical_date: datetime | None, given: object = None) -> date:
    """The day that a run is about: `given` by whoever triggered it, else that of the logical date."""
    if given:
        try:
            return date.fromisoformat(str(given))
        except ValueError:
            raise ValueError(f'the run\'s configuration has day = {given!r}; expected a date such as "2026-11-25"') \
                from None
    if logical_date is None:
        raise ValueError('the run has no logical date, so no day to look at; trigger it with {"day": "2026-11-25"}')
    return logical_date.date()


def run_id_of(day: str) -> str:
    """The same however the run came about: Airflow's own differ between schedule, backfill and hand."""
    return f"{RUN}__{day}"


# Waiting and profiling.


def missing_data(check: Check) -> list[str]:
    """What the day's check waits for: its file; or that the day is over, and has KPIs in the store."""
    if check["kind"] == "kpis":
        day = date.fromisoformat(check["day"])
        if datetime.now(UTC).date() <= day:  # Half a day's would be other rows than the whole day's.
            return [f"the end of {day}"]
        return [] if _kpis_of(check, day, day) else [f"{check['module']}'s KPIs{_of_metrics(check)} of {day}"]
    current: str = check["current"]
    return [current] if not os.path.exists(current) else []


def profile(check: Check) -> str:
    """The file of the reference's profile; empty where the reference are KPIs, which are read as they are.

    What an earlier run of the day left is taken away: it must not pass for what this one does.
    """
    _take_away_report(check)
    if check["kind"] == "kpis":
        return ""
    given = check["reference"]
    if len(given) == 1 and given[0].endswith(".profile"):
        return str(given[0])
    there = [path for path in given if os.path.exists(path)]
    absent = [path for path in given if path not in there]
    if len(absent) > check["missing_days_max"] or not there:
        raise FileNotFoundError(f"{len(absent)} of the reference's {len(given)} files are not there, and "
                                f"missing_days_max is {check['missing_days_max']}; the first: {absent[0]}")
    for path in absent:
        _log.warning("the reference of %s is without %s, which is not there", check["module"], path)
    options = _options(check, "plan", "time", "columns")
    made = detection.merge(detection.profile(_read(path), **options) for path in there)
    path = _file(check, ".profile")
    _write(path, made.to_bytes())
    return str(path)


# Checking and pushing.


def _take_away_report(check: Check) -> None:
    for ending in (".pushed", ".json", ".html"):
        _file(check, ending).unlink(missing_ok=True)


def check(check: Check, profiled: str) -> str:
    """Checks the day against its reference; the file of the report. Beside it lies the page for people."""
    _take_away_report(check)  # Somebody may have cleared this task and not the one before it.
    at = f"{check['day']}T00:00:00Z"
    if check["kind"] == "kpis":
        reference, current = _kpis(check)
        found = detection.check(reference, current, at=at, time="time", by="metric_name", columns=["metric_value"],
                                **_options(check, "plan", "null", "alpha"))
    else:
        options = _options(check, "plan", "time", "columns", "null", "season", "alpha")
        found = detection.check(detection.load_profile(profiled), _read(check["current"]), at=at, **options)
    _write(_file(check, ".html"), found.to_html().encode())
    path = _file(check, ".json")
    _write(path, found.to_json().encode())
    _log.info("%s: %s", _name(check), found)
    return str(path)


def push(check: Check, reported: str) -> None:
    """The report to the drift store: for the same report the same rows."""
    push_drift_report(Path(reported), module=check["module"], run_id=run_id_of(check["day"]),
                      drift_type=_DRIFT_TYPES[check["kind"]])
    _core.flush()
    _write(_file(check, ".pushed"), b"")


def report(checks: list[Check]) -> dict[str, Any]:
    """What the day's checks found, in one file; an error that names those that were not made, or not pushed."""
    lines: dict[str, Any] = {}
    for one in checks:
        path = _file(one, ".json")
        if path.exists() and _file(one, ".pushed").exists():
            found = Report.load(path)
            lines[_name(one)] = {"severity": found.severity, "drifted": found.drifted, "report": str(path)}
    if checks:
        _write(Path(checks[0]["state"]) / checks[0]["day"] / "summary.json", json.dumps(lines, indent=2).encode())
    for name, line in lines.items():
        _log.info("%s: %s %s", name, line["severity"] or "nothing", ", ".join(line["drifted"]))
    unmade = [_name(one) for one in checks if _name(one) not in lines]
    if unmade:
        raise RuntimeError(f"{len(unmade)} of {len(checks)} checks have no report that was pushed: "
                           f"{', '.join(unmade)}; the logs of their own tasks say why")
    return lines


# Completeness.


def completeness(expected: dict[str, Any], now: datetime) -> dict[str, int] | None:
    """Emits how many runs of a module the day was to have, and how many were complete by its deadline; None, and
    nothing is emitted, before that deadline.

    A run is complete where the KPI store has its row `metric` with success, that began on the day and had ended by the
    deadline: what came later counts neither now nor in a backfill. What was counted first stays: the rows of a second
    count have the same name, and the store keeps those that it has.
    """
    day, run_id = date.fromisoformat(expected["day"]), run_id_of(expected["day"])
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    deadline = begin + timedelta(days=1, hours=expected["deadline_hours"])
    if now < deadline:
        _log.info("the runs of %s are counted at %s, the day's deadline", expected["module"], deadline.isoformat())
        return None
    rows = query_kpi(module=expected["module"], metric=expected["metric"], since=begin, until=begin + timedelta(days=1))
    completed = {row["run_id"] for row in rows if row["success"] and _ended(row) <= deadline}
    counts = {"runs_expected": int(expected["runs"]), "runs_completed": len(completed)}
    named = uuid5(_NAMESPACE, json.dumps([run_id, expected["module"], expected["metric"], deadline.isoformat()]))
    emit_kpi(module=expected["module"], run_id=run_id, dag_node="completeness", time=deadline, event_id=named,
             runs_expected=counts["runs_expected"], runs_completed=counts["runs_completed"])
    _core.flush()
    if len(completed) < expected["runs"]:
        _log.warning("%s: %d of %d runs of %s were complete", expected["module"], len(completed), expected["runs"], day)
    return counts


def _ended(row: dict[str, Any]) -> datetime:
    ended: datetime = row["time"] + timedelta(milliseconds=row["duration_ms"] or 0)
    return ended


# What they share.

_NAME_MAX = 200

_DRIFT_TYPES = {"data": None, "features": "feature_drift", "predictions": "prediction_drift",
                "targets": "target_drift", "kpis": "business_kpi_drift"}


def _name(check: Check) -> str:
    return f"{check['module']} ({check['kind']})"


def _options(check: Check, *names: str) -> dict[str, Any]:
    return {name: check[name] for name in names if name in check}


def _file(check: Check, ending: str) -> Path:
    name = quote(check["module"], safe="")
    if len(name) > _NAME_MAX:  # 200 bytes of a module may be 600 here, and a file's name has 255
        name = f"{name[:_NAME_MAX - 17]}~{sha256(check['module'].encode()).hexdigest()[:16]}"
    return Path(check["state"], check["day"], f"{name}.{check['kind']}{ending}")


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing: a task may be killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _read(path: str) -> object:
    if path.endswith((".csv", ".csv.gz")):
        import pyarrow.csv

        table: object = pyarrow.csv.read_csv(path)
        return table
    return path


def _kpis(check: Check) -> tuple[object, object]:
    """The module's KPIs before the day and on it: tables of time, metric_name and metric_value."""
    end = date.fromisoformat(check["day"])
    begin = end - timedelta(days=check["reference_days"])
    reference, current = _kpis_of(check, begin, end - timedelta(days=1)), _kpis_of(check, end, end)
    for side, when in ((reference, f"from {begin} to {end}"), (current, f"on {end}")):
        if not side:  # no ValueError: a drain, and with it a retry, may mend it
            raise LookupError(f"{check['module']} has no KPI{_of_metrics(check)} {when} in the KPI store; expected "
                              f"some to compare: is the module spelled so, and the spool drained?")
    return _columns(reference), _columns(current)


def _kpis_of(check: Check, first: date, last: date) -> list[_Kpi]:
    """The module's KPIs of these days, without the completeness that this DAG itself emits. A day at a time: a whole
    reference of a busy module would not be held as the store's rows are."""
    found: list[_Kpi] = []
    for metric in check.get("metrics") or [None]:
        for back in range((last - first).days, -1, -1):
            day = last - timedelta(days=back)
            rows = query_kpi(check["module"], metric, since=day.isoformat(), until=(day + timedelta(1)).isoformat(),
                             limit=_ROWS_OF_A_DAY_MAX)
            found += [(row["time"], row["metric_name"], row["metric_value"]) for row in rows
                      if row["dag_node"] != "completeness"]
    return found


def _of_metrics(check: Check) -> str:
    return f" named {', '.join(check['metrics'])}" if check.get("metrics") else ""


def _columns(rows: list[_Kpi]) -> Any:
    import pyarrow

    columns = zip(*sorted(rows, key=lambda row: row[:2]), strict=True)
    types = (pyarrow.timestamp("us", "UTC"), pyarrow.string(), pyarrow.float64())
    return pyarrow.table([pyarrow.array(column, kind) for column, kind in zip(columns, types, strict=True)],
                         ["time", "metric_name", "metric_value"])
