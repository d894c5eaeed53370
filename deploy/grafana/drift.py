"""The dashboard *Drift*: is the system degrading against a reference?"""
from blocks import (DRIFT, GREEN, MODULE_LINKS, PSI_CRIT, PSI_WARN, RED, ROWS_MAX, RUN_LINKS, SEVERITY_COLORS, YELLOW,
                    bars, board, colored, line_panel, link, linked, named_colors, rows, run_variable, series,
                    severe_events, some, sql_variable, stat_panel, table_panel, thresholds, unit)
from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as models


def number(path: str) -> str:
    """A figure of a report; empty where a writer put something else there, which must not take the panel from all."""
    return f"CASE WHEN jsonb_typeof({path}) = 'number' THEN ({path})::text::float8 END"


PSI, P_ADJUSTED = number("column_report->'effect'->'value'"), number("column_report->'test'->'p_adjusted'")

# The columns of a report: the event share_drifted carries it whole. One that is too large for its row carries a pointer
# instead, and then what drifted is still there, an event a column.
COLUMNS = """
          SELECT r.module, r.detected_at, r.run_id, c AS column_report
          FROM reports AS r, jsonb_array_elements(r.payload->'columns') AS c
          WHERE jsonb_typeof(r.payload->'columns') = 'array'
          UNION ALL
          SELECT r.module, r.detected_at, r.run_id, e.payload
          FROM reports AS r JOIN drift.events AS e ON e.report_id = r.report_id AND e.module = r.module
          WHERE $__timeFilter(e.detected_at) AND jsonb_typeof(r.payload->'columns') IS DISTINCT FROM 'array'
            AND e.metric LIKE 'psi\\_%'"""


def severity(result: dashboard.Dashboard) -> None:
    result.with_panel(
        stat_panel("Found", "Events of this time by severity; a report as such is none.", DRIFT, "short", 8)
        .override_by_name("crit", [models.DynamicConfigValue("thresholds", thresholds(
            (None, GREEN), (1, RED)).build().to_json())])
        .override_by_name("warn", [models.DynamicConfigValue("thresholds", thresholds(
            (None, GREEN), (1, YELLOW)).build().to_json())])
        .with_target(rows(DRIFT, "drift/found", """
        SELECT count(*) FILTER (WHERE severity = 'crit') AS crit, count(*) FILTER (WHERE severity = 'warn') AS warn,
               count(*) FILTER (WHERE severity = 'info') AS info
        FROM drift.events
        WHERE $__timeFilter(detected_at) AND metric <> 'share_drifted' AND module IN (${module:sqlstring})
        LIMIT 1""")))
    result.with_panel(
        stat_panel("Checked", "Modules that were checked in this time, whether or not something drifted, and the last "
                   "check. Nothing here is no good news: nobody looked.", DRIFT, "short", 8)
        .override_by_name("last", unit("dateTimeFromNow"))
        .with_target(rows(DRIFT, "drift/checked", """
        SELECT count(DISTINCT module) AS modules, count(*) AS reports,
               extract(epoch FROM max(detected_at)) * 1000 AS last
        FROM drift.events
        WHERE $__timeFilter(detected_at) AND metric = 'share_drifted' AND module IN (${module:sqlstring})
        LIMIT 1""")))
    result.with_panel(
        line_panel("Share of columns that drifted", "By module: drifted columns over tested ones, of each report. A "
                   "report in which nothing could be tested has no point.", DRIFT, "percentunit", 8).min(0).max(1)
        .height(4)
        .with_target(series(DRIFT, "drift/share_drifted", f"""
        SELECT detected_at AS time, module AS metric, current_value AS share_drifted
        FROM drift.events
        WHERE $__timeFilter(detected_at) AND metric = 'share_drifted' AND severity = 'info'
          AND current_value IS NOT NULL AND module IN (${{module:sqlstring}})
        ORDER BY 1, 2
        LIMIT {ROWS_MAX}""")))
    panel = bars(line_panel("Severity over time", "Events by severity; a report as such is none.", DRIFT, "short"))
    for name, color in SEVERITY_COLORS.items():
        panel.override_by_name(name, [models.DynamicConfigValue("color", {"mode": "fixed", "fixedColor": color})])
    result.with_panel(panel.min(0).with_target(series(DRIFT, "drift/severity", f"""
        SELECT $__timeGroupAlias(detected_at, $__interval), severity AS metric, count(*) AS events
        FROM drift.events
        WHERE $__timeFilter(detected_at) AND metric <> 'share_drifted' AND module IN (${{module:sqlstring}})
        GROUP BY 1, 2
        ORDER BY 1, 2
        LIMIT {ROWS_MAX}""")))
    panel = bars(line_panel("Type over time", "Events of warn and crit by drift type: which runbook is asked for.",
                            DRIFT, "short"))
    result.with_panel(panel.min(0).with_target(series(DRIFT, "drift/types", f"""
        SELECT $__timeGroupAlias(detected_at, $__interval), drift_type AS metric, count(*) AS events
        FROM drift.events
        WHERE $__timeFilter(detected_at) AND severity IN ('warn', 'crit') AND module IN (${{module:sqlstring}})
        GROUP BY 1, 2
        ORDER BY 1, 2
        LIMIT {ROWS_MAX}""")))


def columns(result: dashboard.Dashboard) -> None:
    edges = ((None, GREEN), (PSI_WARN, YELLOW), (PSI_CRIT, RED))
    result.with_panel(
        table_panel("Columns of the latest report", "Every column that the latest report of each module looked at, by "
                    f"PSI above its mean without drift: warn from {PSI_WARN}, crit from {PSI_CRIT}, where the verdict "
                    "says drift, and empty where it could not be tested; a plan may have thresholds of its own. "
                    "Of a report that is too large for its row, "
                    "only the columns that drifted.", DRIFT, 24, 10)
        .override_by_name("psi", unit("none", 2) + colored(*edges))
        .override_by_name("p", unit("none", 4)).override_by_name("module", linked(MODULE_LINKS))
        .override_by_name("severity", named_colors(SEVERITY_COLORS)).override_by_name("run_id", linked(RUN_LINKS))
        .with_target(rows(DRIFT, "drift/columns", f"""
        WITH reports AS (
          SELECT DISTINCT ON (module) module, detected_at, run_id, report_id, payload
          FROM drift.events
          WHERE $__timeFilter(detected_at) AND metric = 'share_drifted' AND severity = 'info'
            AND module IN (${{module:sqlstring}})
          ORDER BY module, detected_at DESC),
        columns AS ({COLUMNS})
        SELECT module, column_report->>'name' AS "column", column_report->>'verdict' AS verdict,
               column_report->>'severity' AS severity,
               CASE WHEN column_report->>'verdict' IN ('drift', 'no_drift') THEN {PSI} END AS psi,
               {P_ADJUSTED} AS p, column_report->>'reason' AS reason,
               detected_at AS time, run_id
        FROM columns
        WHERE column_report->>'name' IS NOT NULL
        ORDER BY psi DESC NULLS LAST, module, "column"
        LIMIT 1000""")))
    panel = line_panel("PSI of every column", "PSI above its mean without drift of each column that could be tested, "
                       f"in each report: warn from {PSI_WARN}, "
                       f"crit from {PSI_CRIT}.", DRIFT, "none").thresholds(thresholds(*edges)).decimals(2)
    panel.thresholds_style(_threshold_lines())
    result.with_panel(panel.with_target(series(DRIFT, "drift/psi", f"""
        WITH reports AS (
          SELECT module, detected_at, run_id, report_id, payload
          FROM drift.events
          WHERE $__timeFilter(detected_at) AND metric = 'share_drifted' AND severity = 'info'
            AND module IN (${{module:sqlstring}})),
        columns AS ({COLUMNS})
        SELECT detected_at AS time, concat_ws(' ', module, column_report->>'name') AS metric,
               {PSI} AS psi
        FROM columns
        WHERE column_report->>'verdict' IN ('drift', 'no_drift') AND {PSI} IS NOT NULL
        ORDER BY 1, 2
        LIMIT {ROWS_MAX}""")))
    result.with_panel(
        line_panel("Reference against current: $metric", "Both values of the chosen metric, by module, in its own "
                   "unit: medians, shares, or what a pusher gave.", DRIFT, "short")
        .with_target(series(DRIFT, "drift/reference_current", f"""
        SELECT detected_at AS time, concat_ws(' ', module, side) AS metric, value
        FROM drift.events,
             LATERAL (VALUES ('reference', reference_value), ('current', current_value)) AS s (side, value)
        WHERE $__timeFilter(detected_at) AND metric = ${{metric:sqlstring}} AND value IS NOT NULL
          AND module IN (${{module:sqlstring}})
        ORDER BY 1, 2
        LIMIT {ROWS_MAX}""")))


def _threshold_lines() -> object:
    from grafana_foundation_sdk.builders import common as builders
    from grafana_foundation_sdk.models import common
    return builders.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.DASHED)


def events(result: dashboard.Dashboard) -> None:
    result.with_panel(
        table_panel("Events, newest first", "What was found, with the sentence that says why; the first characters of "
                    "event_id are what `tristrata drift show` takes. With a run_id above, of that run only.", DRIFT,
                    24, 10)
        .override_by_name("severity", named_colors(SEVERITY_COLORS)).override_by_name("run_id", linked(RUN_LINKS))
        .override_by_name("module", linked(MODULE_LINKS)).override_by_name("change", unit("percentunit", 1))
        .with_target(rows(DRIFT, "drift/newest_events", """
        SELECT detected_at AS time, severity, drift_type, module, metric, reference_value AS reference,
               current_value AS current, (current_value - reference_value) / nullif(abs(reference_value), 0) AS change,
               significance, payload->>'reason' AS reason, run_id, event_id::text AS event_id
        FROM drift.events
        WHERE $__timeFilter(detected_at) AND metric <> 'share_drifted' AND module IN (${module:sqlstring})
          AND (${run:sqlstring} = '' OR run_id = ${run:sqlstring})
        ORDER BY detected_at DESC, id DESC
        LIMIT 500""")))
    result.with_panel(
        table_panel("What each module is compared with", "The version of the reference in force, who promoted it and "
                    "why. A lasting change wants a new one, or it alarms for ever.", DRIFT)
        .override_by_name("module", linked(MODULE_LINKS))
        .override_by_name("expired", named_colors({"no": GREEN, "yes": RED}))
        .with_target(rows(DRIFT, "drift/references", """
        SELECT DISTINCT ON (module) module, version, who, why, promoted_at, expires_at,
               CASE WHEN expires_at <= $__timeTo() THEN 'yes' ELSE 'no' END AS expired,
               left(profile_sha256, 12) AS profile
        FROM drift."references"
        WHERE promoted_at <= $__timeTo()
        ORDER BY module, version DESC
        LIMIT 1000""")))


PHASES = {"open": RED, "cooling": YELLOW, "closed": GREEN}


def incidents(result: dashboard.Dashboard) -> None:
    result.with_panel(
        stat_panel("Open incidents", "Incidents of all modules that are open now, those of crit, and those of crit "
                   "that nobody acknowledged and nothing holds back.", DRIFT, "short", 12)
        .override_by_name("unacknowledged", [models.DynamicConfigValue("thresholds", thresholds(
            (None, GREEN), (1, RED)).build().to_json())])
        .with_target(rows(DRIFT, "drift/open_incidents", """
        SELECT count(*) AS open, count(*) FILTER (WHERE severity = 'crit') AS crit,
               count(*) FILTER (WHERE severity = 'crit' AND hold = 'none' AND acked_at IS NULL) AS unacknowledged
        FROM response.incidents
        WHERE phase = 'open'
        LIMIT 1""")))
    result.with_panel(
        stat_panel("Pages", "Pages that went out in this time, and those that are still to be handed over.", DRIFT,
                   "short", 12)
        .with_target(rows(DRIFT, "drift/pages", """
        SELECT count(*) FILTER (WHERE appended_at IS NOT NULL) AS sent,
               count(*) FILTER (WHERE appended_at IS NULL) AS due
        FROM response.pages
        WHERE $__timeFilter(due_at) AND kind = 'firing'
        LIMIT 1""")))
    result.with_panel(
        table_panel("Incidents", "What is open, and what began in this time, of all modules: one a module and drift "
                    "type, however many columns moved. The beginning of incident_id is what "
                    "`tristrata incident show` takes.", DRIFT)
        .override_by_name("severity", named_colors(SEVERITY_COLORS)).override_by_name("phase", named_colors(PHASES))
        .override_by_name("module", linked(MODULE_LINKS))
        .override_by_name("runbook", linked([link("The runbook", "${__value.raw}")]))
        .with_target(rows(DRIFT, "drift/incidents", """
        SELECT opened_at AS time, severity, phase, module, drift_type, first_seen, last_seen, occurrences, reopened,
               hold, owner, acked_by, ending, closed_at,
               concat(runbook, '/drift_', drift_type, '.md#', severity) AS runbook, incident_id::text AS incident_id
        FROM response.incidents
        WHERE $__timeFilter(opened_at) OR phase <> 'closed'
        ORDER BY phase = 'closed', severity, opened_at DESC
        LIMIT 200""")))


def stops(result: dashboard.Dashboard) -> None:
    result.with_panel(
        table_panel("Kill switch", "Transitions of this time, newest first: what was engaged or disengaged, by whom "
                    "and why.", DRIFT, 12)
        .override_by_name("state", named_colors({"engaged": RED, "disengaged": GREEN}))
        .with_target(rows(DRIFT, "drift/kill_switch", """
        SELECT changed_at AS time, scope, CASE WHEN engaged THEN 'engaged' ELSE 'disengaged' END AS state, source, who,
               why, ticket, incident, version
        FROM kill_switch.history
        WHERE $__timeFilter(changed_at)
        ORDER BY changed_at DESC, scope, version DESC
        LIMIT 200""")))
    result.with_panel(
        table_panel("What the kill switch decided", "Every attempt of this time, newest first: in shadow mode "
                    "would_engage is what it would have done; insufficient_evidence and "
                    "asked_human say why it did not.", DRIFT, 12)
        .with_target(rows(DRIFT, "drift/kill_switch_decisions", """
        SELECT recorded_at AS time, mode, decision, scope, reason, source, incident, episode
        FROM kill_switch.evaluations
        WHERE $__timeFilter(recorded_at)
        ORDER BY recorded_at DESC, scope
        LIMIT 200""")))


def build() -> dashboard.Dashboard:
    result = board("tristrata-drift", "Tristrata: Drift",
                   "Is the system degrading against a reference? Findings, from drift.events.", "7d")
    result.with_variable(sql_variable(
        "module", "module", "Modules with an event in this time", DRIFT,
        some("SELECT DISTINCT module FROM drift.events WHERE $__timeFilter(detected_at)"), many=True))
    result.with_variable(sql_variable(
        "metric", "metric", "What is shown as reference against current", DRIFT, some(
            "SELECT DISTINCT metric FROM drift.events WHERE $__timeFilter(detected_at) AND metric <> 'share_drifted' "
            "AND module IN (${module:sqlstring})"), many=False))
    result.with_variable(run_variable()).annotation(severe_events(False))
    for part in (severity, incidents, columns, events, stops):
        part(result)
    return result
