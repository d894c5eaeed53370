"""The alert rules: what is critical, and what is not there. Their queries give a table with one number a row, whose
other columns become the labels."""
import textwrap
import typing

import yaml
from blocks import DRIFT, KPI, tagged
from grafana_foundation_sdk.models import common

RUNBOOKS = "https://runbooks.example.com/tristrata"
DAY = 86_400
NUMBER = "{{ printf `%.0f` $values.A.Value }}"
# A row bears the time that it is about: a daily check's is the midnight before the day it looked at, so that it is born
# 27 hours old, or 47 where its data came late.
LATE_MAX = 3 * DAY
# Two full runs of a daily job were missed: of emits, which bear their own time, and of such checks.
KPI_SILENT_HOURS, DRIFT_SILENT_HOURS = 50, 75

HEADER = """\
# Made by deploy/grafana/build.py, which also sets where the runbooks are (--runbooks URL).
"""


def rule(uid: str, title: str, datasource: common.DataSourceRef, span: int, sql: str, *, above: float, summary: str,
         description: str, runbook: str, labels: dict[str, str], no_data: str, wait: str,
         panel: str) -> dict[str, typing.Any]:
    """One rule: its query over the last `span` seconds, and the value above which a row fires."""
    return {
        "uid": uid, "title": title, "condition": "C", "for": wait, "noDataState": no_data, "execErrState": "Error",
        "panel": panel, "labels": labels,
        "annotations": {"summary": summary, "description": description, "runbook_url": runbook},
        "data": [
            {"refId": "A", "relativeTimeRange": {"from": span, "to": 0}, "datasourceUid": datasource.uid,
             "model": {"refId": "A", "datasource": datasource.to_json(), "editorMode": "code", "format": "table",
                       "rawQuery": True, "rawSql": tagged(f"alert/{uid}", sql)}},
            {"refId": "C", "datasourceUid": "__expr__",
             "model": {"refId": "C", "type": "threshold", "expression": "A",
                       "datasource": {"type": "__expr__", "uid": "__expr__"},
                       "conditions": [{"evaluator": {"type": "gt", "params": [above]}}]}}]}


def drift_rules(runbooks: str) -> list[dict[str, typing.Any]]:
    return [
        rule("tristrata-drift-crit", "Critical drift", DRIFT, LATE_MAX, """
            SELECT module, drift_type, count(*) AS events
            FROM drift.events
            WHERE $__timeFilter(detected_at) AND severity = 'crit'
            GROUP BY module, drift_type
            ORDER BY module, drift_type
            LIMIT 500""", above=0, wait="0s", no_data="OK", panel="drift/columns",
             summary="{{ $labels.drift_type }} of {{ $labels.module }} is critical",
             description=NUMBER + " critical events within three days: what moved, by how much and since when "
             "stands on the dashboard, and in `tristrata drift list --module {{ $labels.module }}`.",
             runbook=runbooks + "/drift_{{ $labels.drift_type }}.md#crit",
             labels={"severity": "crit", "priority": "P1", "layer": "drift"}),
        rule("tristrata-drift-silent", "No drift check at all", DRIFT, 14 * DAY, f"""
            SELECT 'drift' AS store,
                   coalesce(extract(epoch FROM $__timeTo()::timestamptz - max(detected_at)) / 3600, 14 * 24) AS hours
            FROM drift.events
            WHERE $__timeFilter(detected_at) AND metric = 'share_drifted'
            LIMIT 1""", above=DRIFT_SILENT_HOURS, wait="0s", no_data="Alerting", panel="drift/checked",
             summary="Nobody looked for drift for two runs of a daily check",
             description=f"The drift store has no report of the last {NUMBER} hours. Without one, no "
             "critical drift is no good news.",
             runbook=runbooks + "/absence.md#no-drift-check",
             labels={"severity": "crit", "priority": "P1", "layer": "drift"}),
        rule("tristrata-drift-module-silent", "A module is no longer checked for drift", DRIFT, 14 * DAY, f"""
            SELECT module, extract(epoch FROM $__timeTo()::timestamptz - max(detected_at)) / 3600 AS hours
            FROM drift.events
            WHERE $__timeFilter(detected_at) AND metric = 'share_drifted'
            GROUP BY module
            ORDER BY module
            LIMIT 500""", above=DRIFT_SILENT_HOURS, wait="0s", no_data="OK", panel="drift/checked",
             summary="{{ $labels.module }} was not checked for drift for two runs of a daily check",
             description=f"Its last report is {NUMBER} hours old, and there was one within two weeks.",
             runbook=runbooks + "/absence.md#no-drift-check",
             labels={"severity": "warn", "priority": "P2", "layer": "drift"}),
    ]


def incident_rules(runbooks: str) -> list[dict[str, typing.Any]]:
    return [
        rule("tristrata-incident-unacknowledged", "A critical incident that nobody took", DRIFT, DAY, """
            SELECT module, drift_type, extract(epoch FROM $__timeTo()::timestamptz - paged_at) / 60 AS minutes
            FROM response.incidents
            WHERE phase = 'open' AND severity = 'crit' AND hold = 'none' AND acked_at IS NULL
              AND paged_at <= $__timeTo()
            ORDER BY module, drift_type
            LIMIT 500""", above=30, wait="0s", no_data="OK", panel="drift/incidents",
             summary=f"Nobody took {{{{ $labels.drift_type }}}} of {{{{ $labels.module }}}} for {NUMBER} minutes",
             description="The page of a critical incident was not acknowledged within 30 minutes: it did not arrive, "
             "or nobody is there. `tristrata incident list` has it.",
             runbook=runbooks + "/drift_{{ $labels.drift_type }}.md#escalation",
             labels={"severity": "crit", "priority": "P1", "layer": "drift"}),
    ]


def execution_rules(runbooks: str) -> list[dict[str, typing.Any]]:
    return [
        rule("tristrata-kpi-silent", "No KPI at all", KPI, 7 * DAY, """
            SELECT 'kpi' AS store,
                   coalesce(extract(epoch FROM $__timeTo()::timestamptz - max(time)) / 3600, 7 * 24) AS hours
            FROM kpi.events
            WHERE $__timeFilter(time) AND module <> 'tristrata'
            LIMIT 1""", above=KPI_SILENT_HOURS, wait="0s", no_data="Alerting", panel="execution/emits",
             summary="No run said anything for two days",
             description=f"The KPI store has no row of the last {NUMBER} hours: no pipeline ran, or what "
             "they emitted does not arrive.",
             runbook=runbooks + "/absence.md#no-kpi",
             labels={"severity": "crit", "priority": "P1", "layer": "execution"}),
        rule("tristrata-kpi-module-silent", "A module emits no longer", KPI, 7 * DAY, """
            SELECT module, extract(epoch FROM $__timeTo()::timestamptz - max(time)) / 3600 AS hours
            FROM kpi.events
            WHERE $__timeFilter(time) AND emit_seq = 0
            GROUP BY module
            ORDER BY module
            LIMIT 500""", above=KPI_SILENT_HOURS, wait="0s", no_data="OK", panel="execution/emits",
             summary="{{ $labels.module }} emitted nothing for two days",
             description=f"Its last emit is {NUMBER} hours old, and it emitted within a week.",
             runbook=runbooks + "/absence.md#no-kpi",
             labels={"severity": "warn", "priority": "P2", "layer": "execution"}),
        rule("tristrata-runs-missing", "Runs did not complete", KPI, LATE_MAX, """
            SELECT module, to_char(time, 'YYYY-MM-DD') AS day,
                   sum(metric_value) FILTER (WHERE metric_name = 'runs_expected')
                   - coalesce(sum(metric_value) FILTER (WHERE metric_name = 'runs_completed'), 0) AS missing
            FROM kpi.events
            WHERE $__timeFilter(time) AND metric_name IN ('runs_expected', 'runs_completed')
            GROUP BY module, day
            HAVING sum(metric_value) FILTER (WHERE metric_name = 'runs_expected') IS NOT NULL
            ORDER BY module, day
            LIMIT 500""", above=0, wait="0s", no_data="OK", panel="execution/completeness",
             summary=NUMBER + " runs of {{ $labels.module }} did not complete on {{ $labels.day }}",
             description="Fewer runs said that they completed than were expected; what no emit says completed did not.",
             runbook=runbooks + "/absence.md#runs-that-did-not-complete",
             labels={"severity": "crit", "priority": "P1", "layer": "execution"}),
    ]


def text(runbooks: str, places: dict[str, tuple[str, int]]) -> str:
    """The file, as Grafana reads it. `places` has the dashboard and number of each panel by its query's name."""
    groups = [("Tristrata: drift", drift_rules(runbooks)), ("Tristrata: incidents", incident_rules(runbooks)),
              ("Tristrata: execution", execution_rules(runbooks))]
    for one in (each for _, group in groups for each in group):
        one["dashboardUid"], one["panelId"] = places[one.pop("panel")]
    document = {"apiVersion": 1, "groups": [
        {"orgId": 1, "name": name, "folder": "Tristrata", "interval": "1m", "rules": rules} for name, rules in groups]}
    return HEADER + yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)


class _Dumper(yaml.SafeDumper):
    """SQL is written as it is read, line by line."""


def _string(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", textwrap.dedent(value),
                                   style="|" if "\n" in value else None)


_Dumper.add_representer(str, _string)
