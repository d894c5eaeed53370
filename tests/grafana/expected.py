"""What each query must give: of empty stores, and of filled ones. A function says True, or what is wrong."""
import typing

from stores import BEGIN, HOSTILE, TYPES, at

Rows = list[dict[str, typing.Any]]
Check = typing.Callable[[Rows], typing.Any]


def none(rows: Rows) -> typing.Any:
    return not rows or "expected no row"


def same(*expected: dict[str, typing.Any]) -> Check:
    """These rows, in this order, in the columns that are named."""
    def check(rows: Rows) -> typing.Any:
        found = [{name: row[name] for name in wanted} for row, wanted in zip(rows, expected)]
        return len(rows) == len(expected) and found == list(expected) or f"expected {list(expected)}, found"
    return check


def points(*expected: tuple[typing.Any, str, float]) -> Check:
    """A series' points: when (a time, or the hour's beginning), whose, how much."""
    def check(rows: Rows) -> typing.Any:
        found = [tuple(row.values()) for row in rows]
        times = [(float(time) if not hasattr(time, "timestamp") else time.timestamp(), name, round(float(value), 6))
                 for time, name, value in found]
        wanted = [(when.timestamp(), name, round(value, 6)) for when, name, value in expected]
        return times == wanted or f"expected {wanted}, found {times};"
    return check


def where(name: str, value: typing.Any, check: Check) -> Check:
    return lambda rows: check([row for row in rows if row[name] == value])


def each(*checks: Check) -> Check:
    def check(rows: Rows) -> typing.Any:
        for one in checks:
            if (found := one(rows)) is not True:
                return found
        return True
    return check


def columns(rows: Rows) -> typing.Any:
    """The real report's ten columns, the large report's one, the null report's one; the worst first, untested last."""
    real = [row for row in rows if row["module"] == "candles.btc"]
    tested = [row for row in real if row["psi"] is not None]
    return (len(rows) == 13 and len(real) == 10 and len(tested) == 5 and rows[0] == real[0]
            and real[0]["column"] == "trades" and real[0]["severity"] == "crit" and round(real[0]["psi"], 2) == 5.42
            and all(row["verdict"] == "drift" for row in tested)
            and [row["verdict"] for row in real if row["psi"] is None] == ["insufficient_data"] * 4 + ["not_tested"]
            and [(row["column"], row["psi"], row["p"]) for row in rows if row["module"] == "large"]
            == [("x", 0.75, 1e-9)]
            and [(row["column"], row["verdict"], row["psi"]) for row in rows if row["module"] == "nulls"]
            == [("a", "not_tested", None), ("b", "drift", None)]) or "columns"


def newest(rows: Rows) -> typing.Any:
    null = [row for row in rows if row["module"] == "nulls"]
    hostile = [row for row in rows if row["module"] == HOSTILE]
    zero = [row for row in rows if row["metric"] == "m_other"]
    half = [row for row in rows if row["metric"] == "m_latency_drift"]
    return (len(rows) == 34 and rows[0]["module"] == "candles.btc" and rows[0]["time"] == at(24, 9)
            and [(row["reference"], row["current"], row["change"], row["reason"]) for row in null] == [(None,) * 4]
            and len(hostile) == 1 and zero[0]["change"] is None and [row["change"] for row in half] == [3.5, 0.25]
            and half[0]["reason"] == "It moved: latency_drift" and len(rows[0]["event_id"]) == 36) or "newest"


def severities(rows: Rows) -> typing.Any:
    sums = {name: sum(row["events"] for row in rows if row["metric"] == name) for name in ("info", "warn", "crit")}
    return sums == {"crit": 18, "warn": 11, "info": 5} or f"sums {sums}"


def kinds(rows: Rows) -> typing.Any:
    sums = {name: sum(row["events"] for row in rows if row["metric"] == name) for name in TYPES}
    return sums["data_drift"] == 9 and sums["volume_drift"] == 4 and all(
        sums[name] == 2 for name in TYPES if name not in ("data_drift", "volume_drift")) or f"sums {sums}"


def critical(rows: Rows) -> typing.Any:
    """By module and type; what is older than three days has left."""
    found = {(row["module"], row["drift_type"]): row["events"] for row in rows}
    wanted = {(f"typed.{name}", name): 1 for name in TYPES} | {
        ("typed.data_drift", "data_drift"): 2, ("candles.btc", "data_drift"): 5, ("large", "data_drift"): 1}
    return found == wanted or f"expected {wanted}, found"


FEATURES = [{"run_id": f"f{number}", "module": "features", "succeeded": good, "emits": 2, "longest_ms": 100 * number,
             "trace_id": f"{number:032x}"} for number, good in ((4, None), (3, False), (2, True), (1, True))]
FILLED: dict[str, Check] = {
    "execution/runs": same({"success_rate": 6 / 7, "runs": 7, "failed": 1}),
    "execution/emits": same({"emits": 26, "modules": 7, "last": at(24, 23).timestamp() * 1000}),
    "execution/runs_completed": same({"expected": 9, "completed": 6, "completeness": 6 / 9}),
    "execution/success_rate": points(
        (BEGIN.replace(hour=13), "silent", 1), (at(20, 6), "features", 1), (at(21, 6), "features", 1),
        (at(22, 6), "features", 0), (at(24), "train", 1), (at(24, 5), HOSTILE, 1), (at(24, 8), "cli", 1)),
    "execution/duration": each(
        where("metric", "features", points(*((at(day, 6), "features", value) for day, value in
                                             ((20, 100), (21, 200), (22, 300), (23, 400))))),
        where("metric", "train", points((at(24), "train", 2000), (at(24, 1), "train", 2000), (at(24, 2), "train", 10),
                                         (at(24, 3), "train", 10))),
        where("metric", "nulls", none)),
    "execution/nodes": each(
        where("module", "features", same(
            {"dag_node": "select", "emits": 4, "success_rate": 2 / 3, "median_ms": None, "longest_ms": None},
            {"dag_node": "compute", "emits": 4, "success_rate": 1, "median_ms": 250, "longest_ms": 400})),
        where("module", "nulls", same({"dag_node": "", "emits": 1, "success_rate": None, "p95_ms": None}))),
    "execution/score_by_crypto": points((at(24, 2), "(none)", 0.1), (at(24, 2), "BTC", 0.8), (at(24, 2), "ETH", 0.4),
                                        (at(24, 8), "SOL", 0.9)),
    "execution/completeness": points((at(22), "train", 1), (at(23), "train", 0), (at(24), "train", 2 / 3)),
    "execution/predictions_captured": same(*({"fold_id": fold, "captured": rate, "variant": "a", "crypto": "BTC"}
                                             for fold, rate in (("3", None), ("1", 0), ("0", 0.98), ("2", 1)))),
    "execution/newest_runs": each(where("module", "features", same(*FEATURES)),
                                  lambda rows: len(rows) == 8 and rows[0]["run_id"] == "c1" or "the newest first"),
    "execution/one_run": lambda rows: len(rows) == 4 and {row["metric_name"] for row in rows} == {"n_output", "score"}
    and [row["success"] for row in rows if row["dag_node"] == "select"] == [False, False] or "the run f3",
    "drift/found": same({"crit": 18, "warn": 11, "info": 5}),
    "drift/checked": same({"modules": 4, "reports": 4, "last": at(24, 9).timestamp() * 1000}),
    "drift/share_drifted": points((BEGIN.replace(hour=13), "silent", 0), (at(24, 7), "large", 0.5),
                                  (at(24, 9), "candles.btc", 1)),
    "drift/severity": severities,
    "drift/types": kinds,
    "drift/columns": columns,
    "drift/psi": lambda rows: [row["metric"] for row in rows][:1] == ["large x"] and len(rows) == 6 and all(
        row["psi"] >= 0.5 for row in rows) or "six points",
    "drift/reference_current": points(*((at(day, 5), f"typed.latency_drift {side}", value) for day, side, value in (
        (23, "current", 150), (23, "reference", 120), (24, "current", 540), (24, "reference", 120)))),
    "drift/newest_events": newest,
    "drift/references": same({"module": "old", "version": 1, "who": "bob", "expired": "yes"}),
    "drift/open_incidents": same({"open": 4, "crit": 3, "unacknowledged": 1}),
    "drift/pages": same({"sent": 2, "due": 1}),
    "drift/incidents": same(*({"module": module, "severity": severity, "phase": phase, "hold": hold,
                               "runbook": f"https://wiki.example.org/x/drift_{name}.md#{severity}"} for
                              module, name, severity, phase, hold in (
        ("typed.data_drift", "data_drift", "crit", "open", "none"),
        ("typed.latency_drift", "latency_drift", "crit", "open", "none"),
        ("typed.volume_drift", "volume_drift", "crit", "open", "maintenance"),
        (HOSTILE, "volume_drift", "warn", "open", "none"), ("large", "data_drift", "crit", "closed", "none")))),
    "alert/tristrata-incident-unacknowledged": same({"module": "typed.data_drift", "drift_type": "data_drift",
                                                     "minutes": 105}),
    "drift/kill_switch": same({"time": at(24, 12), "state": "disengaged", "ticket": "OPS-1"},
                              {"time": at(24, 10), "state": "engaged", "scope": "crypto:BTC", "ticket": None}),
    "drift/kill_switch_decisions": same({"time": at(24, 9), "mode": "shadow", "decision": "would_engage"}),
    "annotation/severe_events": lambda rows: len(rows) == 29 and rows[0]["time"] == at(24, 9) and any(
        row["tags"] == "crit,volume_drift," + HOSTILE.replace(",", " ") for row in rows) or "29 marks",
    "itself/parked_kpi": lambda rows: rows[0]["parked"] == 1 and rows[0]["last_parked"] > 0,
    "itself/parked_drift": lambda rows: rows[0]["parked"] == 1 and rows[0]["last_parked"] > 0,
    "itself/archived_kpi": same({"leaf": "events_20260102", "first_day": "2026-01-02", "dropped_at": None,
                                 "rows": None},
                                {"leaf": "events_20260101", "first_day": "2026-01-01", "rows": 7}),
    "itself/archived_drift": none,
    "alert/tristrata-drift-crit": critical,
    "alert/tristrata-drift-silent": same({"store": "drift", "hours": 27}),
    "alert/tristrata-drift-module-silent": same(*({"module": module, "hours": hours} for module, hours in (
        ("candles.btc", 27), ("large", 29), ("nulls", 30), ("silent", 167)))),
    "alert/tristrata-kpi-silent": same({"store": "kpi", "hours": 13}),
    "alert/tristrata-kpi-module-silent": each(
        where("module", "silent", same({"hours": 167})), where("module", "train", same({"hours": 13})),
        lambda rows: [row["module"] for row in rows] == sorted(row["module"] for row in rows) and len(rows) == 7),
    "alert/tristrata-runs-missing": same(*({"module": "train", "day": f"2026-11-{day}", "missing": missing}
                                           for day, missing in ((22, 0), (23, 3), (24, 1)))),
}
# Which rules fire, with their labels: where the number is above the threshold, and where no row is an alert.
FIRES: dict[str, dict[str, set[tuple[str, ...]]]] = {
    "filled": {
        "tristrata-drift-crit": {(f"typed.{name}", name) for name in TYPES} | {("candles.btc", "data_drift"),
                                                                              ("large", "data_drift")},
        "tristrata-drift-silent": set(),
        "tristrata-drift-module-silent": {("silent",)},
        "tristrata-incident-unacknowledged": {("typed.data_drift", "data_drift")},
        "tristrata-kpi-silent": set(),
        "tristrata-kpi-module-silent": {("silent",), ("features",)},
        "tristrata-runs-missing": {("train", "2026-11-23"), ("train", "2026-11-24")},
    },
    "empty": {
        "tristrata-drift-crit": set(),
        "tristrata-drift-silent": {("drift",)},
        "tristrata-drift-module-silent": set(),
        "tristrata-incident-unacknowledged": set(),
        "tristrata-kpi-silent": {("kpi",)},
        "tristrata-kpi-module-silent": set(),
        "tristrata-runs-missing": set(),
    },
}
EMPTY: dict[str, Check] = {name: none for name in FILLED} | {
    "execution/runs": same({"success_rate": None, "runs": 0, "failed": 0}),
    "execution/emits": same({"emits": 0, "modules": 0, "last": None}),
    "execution/runs_completed": same({"expected": None, "completed": 0, "completeness": None}),
    "drift/found": same({"crit": 0, "warn": 0, "info": 0}),
    "drift/open_incidents": same({"open": 0, "crit": 0, "unacknowledged": 0}),
    "drift/pages": same({"sent": 0, "due": 0}),
    "drift/checked": same({"modules": 0, "reports": 0, "last": None}),
    "itself/parked_kpi": same({"parked": 0, "last_parked": None}),
    "itself/parked_drift": same({"parked": 0, "last_parked": None}),
    # Absence is a result: above each rule's threshold.
    "alert/tristrata-drift-silent": same({"store": "drift", "hours": 14 * 24}),
    "alert/tristrata-kpi-silent": same({"store": "kpi", "hours": 7 * 24}),
}
