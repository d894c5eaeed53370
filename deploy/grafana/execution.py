"""The dashboard *Execution*: is this run doing what we asked?"""
from blocks import (GREEN, KPI, LOKI, MODULE_LINKS, RED, ROWS_MAX, RUN_LINKS, TRACE_LINKS, YELLOW, board, colored,
                    line_panel, linked, log_panel, logql, rows, run_variable, series, severe_events, some, sql_variable,
                    stat_panel, table_panel, thresholds, unit)
from grafana_foundation_sdk.builders import dashboard

# A run did what it was asked to where every emit of it that says `success` says true.
RUNS = """
        WITH runs AS (
          SELECT module, run_id, min(time) AS started, bool_and(success) AS succeeded
          FROM kpi.events
          WHERE $__timeFilter(time) AND emit_seq = 0 AND run_id IS NOT NULL AND success IS NOT NULL
            AND module IN (${module:sqlstring})
          GROUP BY module, run_id)"""


def success(result: dashboard.Dashboard) -> None:
    result.with_panel(
        stat_panel("Runs", "Of the runs of this time: the share in which no emit said that it failed, how many "
                   "there were, and how many failed.", KPI, "short", 8)
        .override_by_name("success_rate", unit("percentunit", 1))
        .with_target(rows(KPI, "execution/runs", f"""{RUNS}
        SELECT avg(succeeded::int)::float8 AS success_rate, count(*) AS runs,
               count(*) FILTER (WHERE NOT succeeded) AS failed
        FROM runs
        LIMIT 1""")))
    result.with_panel(
        stat_panel("Emits", "Emits of this time, modules that emitted, and the last emit.", KPI, "short", 8)
        .override_by_name("last", unit("dateTimeFromNow"))
        .with_target(rows(KPI, "execution/emits", """
        SELECT count(*) AS emits, count(DISTINCT module) AS modules, extract(epoch FROM max(time)) * 1000 AS last
        FROM kpi.events
        WHERE $__timeFilter(time) AND emit_seq = 0 AND module IN (${module:sqlstring})
        LIMIT 1""")))
    result.with_panel(
        stat_panel("Runs expected and completed", "Sums of runs_expected and runs_completed over this time. Absence "
                   "counts: what no emit says completed did not.", KPI, "short", 8)
        .override_by_name("completeness", unit("percentunit", 1))
        .with_target(rows(KPI, "execution/runs_completed", """
        SELECT sum(metric_value) FILTER (WHERE metric_name = 'runs_expected') AS expected,
               coalesce(sum(metric_value) FILTER (WHERE metric_name = 'runs_completed'), 0) AS completed,
               coalesce(sum(metric_value) FILTER (WHERE metric_name = 'runs_completed'), 0)
               / nullif(sum(metric_value) FILTER (WHERE metric_name = 'runs_expected'), 0) AS completeness
        FROM kpi.events
        WHERE $__timeFilter(time) AND metric_name IN ('runs_expected', 'runs_completed')
          AND module IN (${module:sqlstring})
        LIMIT 1""")))
    result.with_panel(
        line_panel("Run success rate", "By module and time of the run's first emit: the share of runs in which no "
                   "emit said that it failed.", KPI, "percentunit").min(0).max(1)
        .with_target(series(KPI, "execution/success_rate", f"""{RUNS}
        SELECT $__timeGroupAlias(started, $__interval), module AS metric, avg(succeeded::int)::float8 AS success_rate
        FROM runs
        GROUP BY 1, 2
        ORDER BY 1, 2
        LIMIT {ROWS_MAX}""")))


def duration(result: dashboard.Dashboard) -> None:
    result.with_panel(
        line_panel("Duration by module, p95", "95 % of the module's emits took at most so long.", KPI, "ms").min(0)
        .with_target(series(KPI, "execution/duration", f"""
        SELECT $__timeGroupAlias(time, $__interval), module AS metric,
               percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_ms
        FROM kpi.events
        WHERE $__timeFilter(time) AND emit_seq = 0 AND duration_ms IS NOT NULL AND module IN (${{module:sqlstring}})
        GROUP BY 1, 2
        ORDER BY 1, 2
        LIMIT {ROWS_MAX}""")))


def worth(result: dashboard.Dashboard) -> None:
    result.with_panel(
        line_panel("$metric by crypto", "The mean of the chosen metric by the tag crypto; (none) where an emit has "
                   "no such tag.", KPI, "short")
        .with_target(series(KPI, "execution/score_by_crypto", f"""
        SELECT $__timeGroupAlias(time, $__interval), coalesce(tags->>'crypto', '(none)') AS metric,
               avg(metric_value) AS score
        FROM kpi.events
        WHERE $__timeFilter(time) AND metric_name = ${{metric:sqlstring}} AND metric_value IS NOT NULL
          AND module IN (${{module:sqlstring}})
        GROUP BY 1, 2
        ORDER BY 1, 2
        LIMIT {ROWS_MAX}""")))
    result.with_panel(
        line_panel("Completeness", "Runs completed over runs expected, by module and day. A day on which nobody said "
                   "that a run completed is 0, not a gap.", KPI, "percentunit").min(0).max(1)
        .thresholds(thresholds((None, RED), (1, GREEN)))
        .with_target(series(KPI, "execution/completeness", f"""
        SELECT date_trunc('day', time) AS time, module AS metric,
               coalesce(sum(metric_value) FILTER (WHERE metric_name = 'runs_completed'), 0)
               / sum(metric_value) FILTER (WHERE metric_name = 'runs_expected') AS completeness
        FROM kpi.events
        WHERE $__timeFilter(time) AND metric_name IN ('runs_expected', 'runs_completed')
          AND module IN (${{module:sqlstring}})
        GROUP BY 1, 2
        HAVING sum(metric_value) FILTER (WHERE metric_name = 'runs_expected') > 0
        ORDER BY 1, 2
        LIMIT {ROWS_MAX}""")))
    result.with_panel(
        table_panel("Predictions captured", "The latest predictions_captured_rate of each variant, crypto and fold, "
                    "the lowest first, and when it was emitted.", KPI, 24, 8)
        .override_by_name("captured", unit("percentunit", 1) + colored((None, RED), (0.95, YELLOW), (1, GREEN)))
        .override_by_name("run_id", linked(RUN_LINKS))
        .with_target(rows(KPI, "execution/predictions_captured", """
        SELECT *
        FROM (SELECT DISTINCT ON (module, tags->>'variant', tags->>'crypto', tags->>'fold_id')
                     module, tags->>'variant' AS variant, tags->>'crypto' AS crypto, tags->>'fold_id' AS fold_id,
                     metric_value AS captured, time, run_id
              FROM kpi.events
              WHERE $__timeFilter(time) AND metric_name = 'predictions_captured_rate'
                AND module IN (${module:sqlstring})
              ORDER BY module, tags->>'variant', tags->>'crypto', tags->>'fold_id', time DESC) AS latest
        ORDER BY captured NULLS FIRST, module, variant, crypto, fold_id
        LIMIT 1000""")))


def nodes(result: dashboard.Dashboard) -> None:
    table = table_panel("Modules and their nodes", "What each node of each module did over this time: emits, the "
                        "share that said success, and how long they took.", KPI)
    for column in ("median_ms", "p95_ms", "longest_ms"):
        table.override_by_name(column, unit("ms"))
    result.with_panel(
        table.override_by_name("module", linked(MODULE_LINKS))
        .override_by_name("success_rate", unit("percentunit", 1) + colored((None, RED), (0.9, YELLOW), (1, GREEN)))
        .with_target(rows(KPI, "execution/nodes", """
        SELECT module, coalesce(dag_node, '') AS dag_node, count(*) AS emits,
               avg(success::int)::float8 AS success_rate,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) AS median_ms,
               percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_ms, max(duration_ms) AS longest_ms
        FROM kpi.events
        WHERE $__timeFilter(time) AND emit_seq = 0 AND module IN (${module:sqlstring})
        GROUP BY 1, 2
        ORDER BY 4 NULLS LAST, 1, 2
        LIMIT 1000""")))


def runs(result: dashboard.Dashboard) -> None:
    result.with_panel(
        table_panel("Runs, newest first", "Each run with its modules' success; run_id and trace_id lead to its KPIs, "
                    "drift, log and trace.", KPI)
        .override_by_name("run_id", linked(RUN_LINKS)).override_by_name("trace_id", linked(TRACE_LINKS))
        .override_by_name("module", linked(MODULE_LINKS)).override_by_name("longest_ms", unit("ms"))
        .with_target(rows(KPI, "execution/newest_runs", """
        SELECT max(time) AS time, run_id, module, bool_and(success) AS succeeded, count(*) AS emits,
               max(duration_ms) AS longest_ms, max(tags->>'trace_id') AS trace_id
        FROM kpi.events
        WHERE $__timeFilter(time) AND emit_seq = 0 AND run_id IS NOT NULL AND module IN (${module:sqlstring})
        GROUP BY run_id, module
        ORDER BY 1 DESC, 2, 3
        LIMIT 200""")))
    result.with_panel(
        table_panel("One run", "Every KPI of the run that is named above.", KPI)
        .override_by_name("duration_ms", unit("ms"))
        .with_target(rows(KPI, "execution/one_run", """
        SELECT time, module, dag_node, metric_name, metric_value, duration_ms, success, tags::text AS tags
        FROM kpi.events
        WHERE $__timeFilter(time) AND run_id = ${run:sqlstring}
        ORDER BY time, module, emit_seq
        LIMIT 1000""")))
    result.with_panel(
        log_panel("The run's events", "What the run that is named above said to the collector, newest first.")
        .with_target(logql('{event=~".+", run_id=~`${run:regex}`}')))
    result.with_panel(
        line_panel("Events", "Events a minute by name, as the collector labels them.", LOKI, "cpm", 24)
        .with_target(logql('sum by (event) (count_over_time({event=~".+"}[1m]))', "{{event}}")))


def build() -> dashboard.Dashboard:
    result = board("tristrata-execution", "Tristrata: Execution",
                   "Is this run doing what we asked? KPIs of runs, from kpi.events.", "24h")
    result.with_variable(sql_variable(
        "module", "module", "Modules that emitted at least once", KPI,
        some("SELECT DISTINCT module FROM kpi.series"), many=True, opened="execution"))
    result.with_variable(sql_variable(
        "metric", "metric", "What is shown by crypto", KPI,
        some("SELECT DISTINCT metric_name FROM kpi.series WHERE module IN (${module:sqlstring})"),
        many=False, chosen="business_score"))
    result.with_variable(run_variable()).annotation(severe_events(True))
    for part in (success, duration, worth, nodes, runs):
        part(result)
    return result
