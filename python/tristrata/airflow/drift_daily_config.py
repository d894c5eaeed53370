"""The file that says what dag_drift__daily looks at: read, checked, and resolved for a day."""

from __future__ import annotations

import difflib
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

__all__ = ["for_day", "read_config"]

_KINDS = ("data", "features", "predictions", "targets", "kpis")
_Kind = tuple[type, ...]
_TEXT: _Kind = (str,)
_NUMBER: _Kind = (int, float)
_COUNT: _Kind = (int,)
_NAMES: _Kind = (list,)
_KEYS: dict[str, dict[str, _Kind]] = {
    "": {"state": _TEXT, "checks": _NAMES, "completeness": _NAMES},
    "checks": {"module": _TEXT, "kind": _TEXT, "current": _TEXT, "reference": _TEXT, "reference_days": _COUNT,
               "missing_days_max": _COUNT, "plan": _TEXT, "time": _TEXT, "columns": _NAMES, "null": _TEXT,
               "season": _TEXT, "alpha": _NUMBER, "metrics": _NAMES},
    "completeness": {"module": _TEXT, "runs": _COUNT, "metric": _TEXT, "deadline_hours": _NUMBER},
}
_NULLS = ("auto", "independent", "dependent", "chunks")
_SEASONS = ("none", "weekend", "weekday", "hour")
_DEADLINE_HOURS_MAX = 48  # a run waits for it, and the DAG has four runs at a time
_REFERENCE_DAYS_MAX = 3660
_NAME_BYTES_MAX = 200  # as emit_kpi and push_drift_report have it
_NAMES_OF: dict[_Kind, str] = {_TEXT: "a text", _NUMBER: "a number", _COUNT: "a whole number", _NAMES: "a list"}


def read_config(path: str) -> dict[str, Any]:
    """The file's content with every default in its place; ValueError names what is wrong, and where."""
    file = Path(path)
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except IsADirectoryError:
        raise ValueError(f"{file} is a folder; expected the file of dag_drift__daily (docs/airflow.md)") from None
    except FileNotFoundError:
        raise ValueError(f"{file} is not there; expected the configuration of dag_drift__daily (docs/airflow.md)") \
            from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{file} is no TOML: {error}") from None
    _keys(content, "", str(file))
    _required(content, str(file), "state")
    _path(content, str(file), "state")
    content["state"] = str(file.parent / content["state"])
    names = set()
    for index, entry in enumerate(content.setdefault("checks", [])):
        where = f"{file}: checks[{index}]"
        _keys(entry, "checks", where)
        _check(entry, where)
        for key in ("current", "reference", "plan"):
            if key in entry:
                entry[key] = str(file.parent / entry[key])
        if (name := (entry["module"], entry["kind"])) in names:
            raise ValueError(f"{where}: {name[0]} has {name[1]} twice; a module has one check of a kind")
        names.add(name)
    counted = set()
    for index, entry in enumerate(content.setdefault("completeness", [])):
        where = f"{file}: completeness[{index}]"
        _keys(entry, "completeness", where)
        _required(entry, where, "module", "runs")
        _name(entry, where, "module", "metric")
        entry.setdefault("metric", "dag_run_success")
        hours = entry.setdefault("deadline_hours", 3)
        where = f"{where} ({entry['module']})"
        if entry["runs"] < 1:
            raise ValueError(f"{where}: runs is {entry['runs']}; expected 1 or more, as many as a day is to have")
        if not 0 <= hours <= _DEADLINE_HOURS_MAX:
            raise ValueError(f"{where}: deadline_hours is {hours}; expected 0 to {_DEADLINE_HOURS_MAX}, from the end "
                             f"of the day on: the task waits for it, and while it waits a run stays open")
        if (asked := (entry["module"], entry["metric"], hours)) in counted:
            raise ValueError(f"{where}: {asked[1]} is counted twice for the same deadline; one entry is enough")
        counted.add(asked)
    return content


def for_day(config: dict[str, Any], day: date) -> dict[str, list[dict[str, Any]]]:
    """The day's "checks" and "completeness", with its paths; what XCom can hold."""
    checks = [{**entry, "day": day.isoformat(), "state": config["state"]} for entry in config["checks"]]
    for check in checks:
        if check["kind"] == "kpis":
            continue
        if "reference" in check:
            check["reference"] = [check["reference"]]
        else:
            days = [day - timedelta(days=back) for back in range(check["reference_days"], 0, -1)]
            check["reference"] = [_of(check["current"], one) for one in days]
        check["current"] = _of(check["current"], day)
    return {"checks": checks,
            "completeness": [{**entry, "day": day.isoformat()} for entry in config["completeness"]]}


def _of(pattern: str, day: date) -> str:
    return pattern.replace("{day}", day.isoformat())


def _check(entry: dict[str, Any], where: str) -> None:
    _required(entry, where, "module")
    _name(entry, where, "module")
    kind = entry.setdefault("kind", "data")
    if kind not in _KINDS:
        raise ValueError(f"{where}: kind is {kind!r}; expected one of {', '.join(_KINDS)}")
    where = f"{where} ({entry['module']})"
    if kind == "kpis":
        for key in ("current", "reference", "missing_days_max", "columns", "time", "season"):
            if key in entry:
                raise ValueError(f"{where}: {key} has no meaning for kpis, which are read from the KPI store")
    else:
        _required(entry, where, "current")
        if "{day}" not in entry["current"]:
            raise ValueError(f"{where}: current is {entry['current']!r}; expected {{day}} in it, or every day would be "
                             f"the same")
        if "metrics" in entry:
            raise ValueError(f"{where}: metrics has no meaning for {kind}; name columns")
        entry.setdefault("missing_days_max", 0)
    if ("reference" in entry) == ("reference_days" in entry):
        raise ValueError(f"{where}: expected either reference (a profile or a table) or reference_days (how many days "
                         f"before)" if kind != "kpis" else f"{where}: reference_days is missing")
    if not 1 <= entry.get("reference_days", 1) <= _REFERENCE_DAYS_MAX:
        raise ValueError(f"{where}: reference_days is {entry['reference_days']}; expected 1 to {_REFERENCE_DAYS_MAX}")
    if entry.get("missing_days_max", 0) < 0:
        raise ValueError(f"{where}: missing_days_max is {entry['missing_days_max']}; expected 0 or more")
    if "{day}" in entry.get("reference", ""):
        raise ValueError(f"{where}: reference is {entry['reference']!r}, and {{day}} has no meaning in it: it is one "
                         f"table, or profile, for every day; reference_days takes the days before")
    _path(entry, where, "current", "reference", "plan")
    for key, known in (("null", _NULLS), ("season", _SEASONS)):
        if entry.get(key, known[0]) not in known:
            raise ValueError(f"{where}: {key} is {entry[key]!r}; expected one of {', '.join(known)}")
    if not 0 < entry.get("alpha", 0.05) <= 0.5:
        raise ValueError(f"{where}: alpha is {entry['alpha']}; expected a share of false alarms above 0 and at most "
                         f"0.5, such as 0.05")
    for key in ("columns", "metrics"):
        _texts(entry, where, key)


def _name(entry: dict[str, Any], where: str, *keys: str) -> None:
    for key in keys:
        text = entry.get(key, "x")
        if not text or len(text.encode()) > _NAME_BYTES_MAX or any(ord(one) < 0x20 or ord(one) == 0x7f for one in text):
            raise ValueError(f"{where}: {key} is {text[:40]!r}; expected a name of at most {_NAME_BYTES_MAX} bytes, "
                             "without control characters")


def _path(entry: dict[str, Any], where: str, *keys: str) -> None:
    for key in keys:
        scheme, mark, _ = entry.get(key, "").partition("://")
        if mark:
            raise ValueError(f"{where}: {key} is an address, {scheme}://…; expected a path of this machine: mount the "
                             f"bucket, or let a task before this DAG bring the file")


def _texts(entry: dict[str, Any], where: str, key: str) -> None:
    for index, one in enumerate(entry.get(key, [])):
        if not isinstance(one, str) or not one:
            raise ValueError(f"{where}: {key}[{index}] is {one!r}; expected a name")
        if one in entry[key][:index]:
            raise ValueError(f"{where}: {key} has {one!r} twice")


def _required(entry: dict[str, Any], where: str, *keys: str) -> None:
    for key in keys:
        if key not in entry:
            raise ValueError(f"{where}: {key} is missing")


def _keys(entry: Any, table: str, where: str) -> None:
    if not isinstance(entry, dict):
        raise ValueError(f"{where} is {entry!r}; expected a table, [[{table}]]")
    known = _KEYS[table]
    for key, value in entry.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            raise ValueError(f"{where}: nobody knows {key!r}; " +
                             (f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"))
        if not isinstance(value, known[key]) or isinstance(value, bool):
            raise ValueError(f"{where}: {key} is {value!r}; expected {_NAMES_OF[known[key]]}")
