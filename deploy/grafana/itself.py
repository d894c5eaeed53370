"""The dashboard *Tristrata itself*: does what watches the pipelines work? Figures of `tristrata serve`."""
from blocks import (DRIFT, GREEN, KPI, PROMETHEUS, RED, YELLOW, board, line_panel, prometheus_variable, promql, rows,
                    stat_panel, table_panel, thresholds)
from grafana_foundation_sdk.builders import dashboard

HERE = 'instance=~"$instance"'


def ledger(result: dashboard.Dashboard) -> None:
    result.with_panel(
        stat_panel("Serving", "Processes that are scraped, by version; none is an alert of its own.", PROMETHEUS,
                   "short", 6).no_value("none")
        .with_target(promql(f"count by (version) (tristrata_build_info{{{HERE}}})", "{{version}}")))
    result.with_panel(
        stat_panel("Rows on their way", "Emitted, and no end known.", PROMETHEUS, "short", 6)
        .with_target(promql(f"sum(tristrata_spool_pending_rows{{{HERE}}})", "pending")))
    result.with_panel(
        stat_panel("The ledger's remainder", "Emitted rows less stored, duplicate, dead, dropped and pending ones: 0, "
                   "always. Anything else is a defect: keep the spool's folder and tell us.", PROMETHEUS, "short", 6)
        .thresholds(thresholds((None, RED), (0, GREEN), (1, RED)))
        .with_target(promql(f"sum(tristrata:spool_unaccounted_rows{{{HERE}}})", "rows")))
    result.with_panel(
        stat_panel("Spool, nearest to full", "The fullest slot against the 256 MB at which emits end in an error.",
                   PROMETHEUS, "percentunit", 6)
        .thresholds(thresholds((None, GREEN), (0.5, YELLOW), (0.8, RED)))
        .with_target(promql(f"max(tristrata:spool_fill_ratio{{{HERE}}})", "of 256 MB")))
    panel = line_panel("What became of the rows", "Rows a second: emitted, and how they ended.", PROMETHEUS, "cps")
    for index, end in enumerate(("emitted", "stored", "duplicate", "dead", "dropped")):
        panel.with_target(promql(f"sum by (class) (rate(tristrata_spool_{end}_rows_total{{{HERE}}}[$__rate_interval]))",
                                 f"{end} {{{{class}}}}", "ABCDE"[index]))
    result.with_panel(panel.min(0))
    result.with_panel(
        line_panel("Pending by class", "Pending rows by class; parked ones wait to be asked for.", PROMETHEUS, "short")
        .min(0)
        .with_target(promql(f"sum by (class) (tristrata_spool_pending_rows{{{HERE}}})", "{{class}}", "A"))
        .with_target(promql(f"sum by (class) (tristrata_spool_parked_rows{{{HERE}}}) > 0", "{{class}}, parked", "B")))


def lag(result: dashboard.Dashboard) -> None:
    result.with_panel(
        line_panel("Lag", "How long the oldest row that is not parked has waited since it was emitted.", PROMETHEUS,
                   "s")
        .min(0).thresholds(thresholds((None, GREEN), (900, YELLOW), (3600, RED)))
        .with_target(promql(f"max by (instance, class) (tristrata_spool_oldest_pending_age_seconds{{{HERE}}})",
                            "{{instance}} {{class}}")))
    result.with_panel(
        line_panel("Destinations that do not take rows", "1 while a destination is tried only once a wait; /healthz "
                   "says why.", PROMETHEUS, "bool_on_off").min(0).max(1)
        .with_target(promql(f"max by (instance, class) (tristrata_relay_breaker_open{{{HERE}}})",
                            "{{instance}} {{class}}")))
    result.with_panel(
        line_panel("Tries that failed", "Batches a second that a destination did not take, by class.", PROMETHEUS,
                   "cps")
        .min(0)
        .with_target(promql(f"sum by (class) (rate(tristrata_relay_failures_total{{{HERE}}}[$__rate_interval]))",
                            "{{class}}")))
    result.with_panel(
        line_panel("Space", "Bytes of each slot, and what is left on the spool's disk.", PROMETHEUS, "bytes").min(0)
        .with_target(promql(f"max by (instance, slot) (tristrata_spool_bytes{{{HERE}}})", "{{instance}} {{slot}}", "A"))
        .with_target(promql(f"min by (instance) (tristrata_spool_disk_free_bytes{{{HERE}}})", "{{instance}} free",
                            "B")))
    result.with_panel(
        line_panel("Looked at", "How long ago the spool was looked at; two seconds where its disk answers.", PROMETHEUS,
                   "s").min(0)
        .with_target(promql(f"max by (instance) (tristrata:sample_age_seconds{{{HERE}}})", "{{instance}}")))
    result.with_panel(
        line_panel("Dead letters and damaged files", "Kept for a person to look at.", PROMETHEUS, "short").min(0)
        .with_target(promql(f"sum by (instance) (tristrata_spool_dead_letters{{{HERE}}})", "{{instance}} dead", "A"))
        .with_target(promql(f"sum by (instance) (tristrata_spool_damaged_files{{{HERE}}})", "{{instance}} damaged",
                            "B")))


def stores(result: dashboard.Dashboard) -> None:
    result.with_panel(
        line_panel("Partitions ahead", "How far ahead each store's partitions reach; later rows are parked.",
                   PROMETHEUS, "s").min(0).thresholds(thresholds((None, RED), (7 * 86400, GREEN)))
        .with_target(promql(f"min by (store) (tristrata_store_partition_horizon_seconds{{{HERE}}})", "{{store}}")))
    result.with_panel(
        line_panel("Retention", "How long ago retention came to its end, by store; it runs once a day with --retain.",
                   PROMETHEUS, "s").min(0)
        .with_target(promql(f"time() - max by (store) (tristrata_retention_done_timestamp_seconds{{{HERE}}})",
                            "{{store}}")))
    for datasource, store, time in ((KPI, "kpi", "time"), (DRIFT, "drift", "detected_at")):
        result.with_panel(
            stat_panel(f"Parked in {store}", "Rows whose time has no partition: a clock that goes wrong, or rows later "
                       "than the archive.", datasource, "short", 12)
            .thresholds(thresholds((None, GREEN), (1, YELLOW)))
            .with_target(rows(datasource, f"itself/parked_{store}", f"""
        SELECT count(*) AS parked, extract(epoch FROM max(parked_at)) * 1000 AS last_parked
        FROM {store}.events_parked
        WHERE {time} IS NOT NULL
        LIMIT 1""")).override_by_name("last_parked", _from_now()))
        result.with_panel(
            table_panel(f"What left {store} for the archive", "Days or months, newest first; one without dropped_at is "
                        "under way.", datasource, 12, 8)
            .with_target(rows(datasource, f"itself/archived_{store}", f"""
        SELECT leaf, first_day::text AS first_day, detached_at, dropped_at, rows
        FROM {store}.archive_leaves
        ORDER BY first_day DESC, leaf
        LIMIT 100""")))


def response(result: dashboard.Dashboard) -> None:
    result.with_panel(
        stat_panel("Incidents that nobody was told of", "Open ones whose page every receiver refused, until somebody "
                   "acknowledges; tristrata incident list names them.", PROMETHEUS, "short", 6)
        .thresholds(thresholds((None, GREEN), (1, RED))).no_value("no incidents are kept")
        .with_target(promql(f"sum(tristrata_incidents_untold{{{HERE}}})", "not told")))
    result.with_panel(
        stat_panel("Windows behind", "Windows of analyzers that ended while nothing ran, and are still to be judged.",
                   PROMETHEUS, "short", 6)
        .thresholds(thresholds((None, GREEN), (1, YELLOW))).no_value("no analyzers")
        .with_target(promql(f"sum(tristrata_analyzer_windows_behind{{{HERE}}})", "behind")))
    result.with_panel(
        line_panel("Alerts refused", "Alerts that a receiver refused for good, since its process began; the log and "
                   "tristrata incident show say with what words.", PROMETHEUS, "short")
        .min(0)
        .with_target(promql(f"sum by (instance, receiver) (tristrata_alerts_refused_total{{{HERE}}})",
                            "{{instance}} {{receiver}}")))


def _from_now() -> list:
    from blocks import unit
    return unit("dateTimeFromNow")


def build() -> dashboard.Dashboard:
    result = board("tristrata-itself", "Tristrata itself",
                   "Does what watches the pipelines work? Figures of tristrata serve, and of both stores.", "6h")
    result.with_variable(prometheus_variable("instance", "instance", "Processes of tristrata serve",
                                             "label_values(tristrata_build_info, instance)"))
    for part in (ledger, lag, response, stores):
        part(result)
    return result
