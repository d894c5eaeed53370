"""What the dashboards are made of: data sources, queries, panels, variables, links. build.py writes them."""
import json
import textwrap
import typing

from grafana_foundation_sdk.builders import barchart, dashboard, logs, loki, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.cog import builder as cog_builder
from grafana_foundation_sdk.cog import variants
from grafana_foundation_sdk.models import common, dashboard as models

# The uids that provisioning/datasources/tristrata.yaml gives.
KPI = common.DataSourceRef("grafana-postgresql-datasource", "tristrata-kpi")
DRIFT = common.DataSourceRef("grafana-postgresql-datasource", "tristrata-drift")
PROMETHEUS = common.DataSourceRef("prometheus", "tristrata-prometheus")
LOKI = common.DataSourceRef("loki", "tristrata-loki")
TEMPO = common.DataSourceRef("tempo", "tristrata-tempo")

# Of `distribution` in the table of severities (docs/severity.md), for PSI above its mean without drift.
PSI_WARN, PSI_CRIT = 0.2, 0.5
ROWS_MAX = 50_000  # of a time series: points times series
GREEN, YELLOW, RED = "green", "yellow", "red"
SEVERITY_COLORS = {"info": "blue", "warn": "orange", "crit": "red"}


class SqlQuery(variants.Dataquery):
    """A query to PostgreSQL as Grafana's data source takes it; the SDK has no model of it."""

    def __init__(self, datasource: common.DataSourceRef, sql: str, shape: str) -> None:
        self.datasource, self.sql, self.shape = datasource, sql, shape

    def to_json(self) -> dict[str, object]:
        return {"refId": "A", "datasource": self.datasource, "editorMode": "code", "format": self.shape,
                "rawQuery": True, "rawSql": self.sql}


class Query(cog_builder.Builder[variants.Dataquery]):
    """A query that is built already."""

    def __init__(self, query: variants.Dataquery) -> None:
        self.query = query

    def build(self) -> variants.Dataquery:
        return self.query


def tagged(name: str, sql: str) -> str:
    """The SQL with the mark by which pg_stat_statements tells what was looked at: DASHBOARD/PANEL."""
    return f"/* tristrata panel={name} */\n{textwrap.dedent(sql).strip()}"


def rows(datasource: common.DataSourceRef, name: str, sql: str) -> Query:
    """A query whose rows are shown as they are."""
    return Query(SqlQuery(datasource, tagged(name, sql), "table"))


def series(datasource: common.DataSourceRef, name: str, sql: str) -> Query:
    """A query with columns time, metric (the series' name) and a number, sorted by time."""
    return Query(SqlQuery(datasource, tagged(name, sql), "time_series"))


def promql(expression: str, legend: str, ref: str = "A") -> prometheus.Dataquery:
    return (prometheus.Dataquery().datasource(PROMETHEUS).expr(" ".join(textwrap.dedent(expression).split()))
            .legend_format(legend).range().ref_id(ref))


def logql(expression: str, legend: str = "") -> loki.Dataquery:
    query = loki.Dataquery().datasource(LOKI).expr(expression).ref_id("A")
    return query.legend_format(legend).query_type("range") if legend else query.query_type("range").max_lines(500)


def thresholds(*steps: tuple[typing.Optional[float], str]) -> dashboard.ThresholdsConfig:
    """Colours from a value on; the first one has None for its value."""
    return (dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE)
            .steps([models.Threshold(value=value, color=color) for value, color in steps]))


def link(title: str, url: str) -> dashboard.DashboardLink:
    """A link of a value or a dashboard to what belongs to it."""
    return dashboard.DashboardLink(title).type(models.DashboardLinkType.LINK).url(url)


def explore(datasource: common.DataSourceRef, query: dict[str, object]) -> str:
    """The URL of Explore with a query, over the time that is looked at."""
    pane = json.dumps({"tristrata": {
        "datasource": datasource.uid, "queries": [{"refId": "A", "datasource": datasource.to_json(), **query}],
        "range": {"from": "FROM", "to": "TO"}}}, separators=(",", ":"))
    # Grafana replaces the variables of a link, and encodes nothing else of it.
    for plain, encoded in (("%", "%25"), ("\\", "%5C"), ('"', "%22"), ("{", "%7B"), ("}", "%7D"), ("=", "%3D"),
                           (" ", "%20")):
        pane = pane.replace(plain, encoded)
    pane = pane.replace("FROM", "${__from}").replace("TO", "${__to}")
    return "/explore?schemaVersion=1&orgId=1&panes=" + pane.replace("<", "${__data.fields.").replace(">", "}")


# What stands between < and > is a field of the row.
RUN_LINKS = [
    link("The run's KPIs", "/d/tristrata-execution?${__url_time_range}&var-run=${__data.fields.run_id}"),
    link("The run's drift", "/d/tristrata-drift?${__url_time_range}&var-run=${__data.fields.run_id}"),
    link("The run's log", explore(LOKI, {"expr": '{event=~".+", run_id="<run_id>"}', "queryType": "range"})),
]
TRACE_LINKS = [link("The trace", explore(TEMPO, {"query": "<trace_id>", "queryType": "traceql"}))]
MODULE_LINKS = [
    link("The module's KPIs", "/d/tristrata-execution?${__url_time_range}&var-module=${__data.fields.module}"),
    link("The module's drift", "/d/tristrata-drift?${__url_time_range}&var-module=${__data.fields.module}"),
]


def linked(links: list[dashboard.DashboardLink]) -> list[models.DynamicConfigValue]:
    """Links of a table's column."""
    return [models.DynamicConfigValue("links", [{"title": one.title, "url": one.url} for one in
                                                (each.build() for each in links)])]


def unit(name: str, decimals: typing.Optional[int] = None) -> list[models.DynamicConfigValue]:
    """The unit of one column."""
    values = [models.DynamicConfigValue("unit", name)]
    return values if decimals is None else values + [models.DynamicConfigValue("decimals", decimals)]


def colored(*steps: tuple[typing.Optional[float], str]) -> list[models.DynamicConfigValue]:
    """A column whose cells are coloured from a value on."""
    return [models.DynamicConfigValue("thresholds", thresholds(*steps).build().to_json()),
            models.DynamicConfigValue("custom.cellOptions", {"type": "color-background", "mode": "basic"})]


def named_colors(colors: dict[str, str]) -> list[models.DynamicConfigValue]:
    """A column of words, each with a colour."""
    return [models.DynamicConfigValue("mappings", [{"type": "value", "options": {
        word: {"color": color, "index": index} for index, (word, color) in enumerate(colors.items())}}]),
        models.DynamicConfigValue("custom.cellOptions", {"type": "color-text"})]


def _base(builder: typing.Any, title: str, description: str, datasource: common.DataSourceRef, width: int,
          height: int, unit_name: str) -> typing.Any:
    return (builder.title(title).description(description).datasource(datasource).span(width).height(height)
            .unit(unit_name))


def line_panel(title: str, description: str, datasource: common.DataSourceRef, unit_name: str,
               width: int = 12) -> timeseries.Panel:
    panel = _base(timeseries.Panel(), title, description, datasource, width, 8, unit_name)
    return (panel.show_points(common.VisibilityMode.AUTO).span_nulls(False)
            .legend(common_builders.VizLegendOptions().display_mode(common.LegendDisplayMode.LIST)
                    .placement(common.LegendPlacement.BOTTOM).show_legend(True))
            .tooltip(common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)))


def bars(panel: timeseries.Panel) -> timeseries.Panel:
    """The same, as stacked bars."""
    return (panel.draw_style(common.GraphDrawStyle.BARS).fill_opacity(70).line_width(0)
            .stacking(common_builders.StackingConfig().mode(common.StackingMode.NORMAL)))


def table_panel(title: str, description: str, datasource: common.DataSourceRef, width: int = 24,
                height: int = 9) -> table.Panel:
    return _base(table.Panel(), title, description, datasource, width, height, "short").filterable(True)


def stat_panel(title: str, description: str, datasource: common.DataSourceRef, unit_name: str,
               width: int = 6) -> stat.Panel:
    panel = _base(stat.Panel(), title, description, datasource, width, 4, unit_name)
    return (panel.no_value("no data").color_mode(common.BigValueColorMode.VALUE)
            .graph_mode(common.BigValueGraphMode.NONE)
            .reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]).fields("/.*/")))


def bar_panel(title: str, description: str, datasource: common.DataSourceRef, unit_name: str,
              width: int = 12) -> barchart.Panel:
    return _base(barchart.Panel(), title, description, datasource, width, 8, unit_name)


def log_panel(title: str, description: str) -> logs.Panel:
    return (_base(logs.Panel(), title, description, LOKI, 24, 9, "short").show_time(True).wrap_log_message(True)
            .sort_order(common.LogsSortOrder.DESCENDING))


def some(sql: str) -> str:
    """What a variable offers, and (none) where that is nothing: without a value `IN ()` would be no SQL."""
    return (f"WITH found (value) AS ({sql}) SELECT value FROM found UNION ALL SELECT '(none)' WHERE NOT EXISTS "
            "(SELECT FROM found) ORDER BY 1 LIMIT 1000")


def sql_variable(name: str, label: str, description: str, datasource: common.DataSourceRef, sql: str, *,
                 many: bool, chosen: str = "", opened: str = "") -> dashboard.QueryVariable:
    """What a person may choose, by a query: one, or many (all, where nothing is said). With `opened`, a dashboard's
    name, the query is asked once each time that dashboard is opened, and says so; else whenever the time changes."""
    when = models.VariableRefresh.ON_DASHBOARD_LOAD if opened else models.VariableRefresh.ON_TIME_RANGE_CHANGED
    variable = (dashboard.QueryVariable(name).label(label).description(description).datasource(datasource)
                .query(tagged(f"{opened}/opened", sql) if opened else sql).refresh(when)
                .sort(models.VariableSort.ALPHABETICAL_ASC))
    if many:
        return variable.multi(True).include_all(True).current(models.VariableOption(text="All", value="$__all"))
    return variable.current(models.VariableOption(text=chosen, value=chosen)) if chosen else variable


def prometheus_variable(name: str, label: str, description: str, query: str) -> dashboard.QueryVariable:
    return (dashboard.QueryVariable(name).label(label).description(description).datasource(PROMETHEUS)
            .query({"qryType": 1, "query": query, "refId": name})
            .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED).multi(True).include_all(True).all_value(".+")
            .current(models.VariableOption(text="All", value="$__all")))


def run_variable() -> dashboard.TextBoxVariable:
    return dashboard.TextBoxVariable("run").label("run_id").description("One run; empty for all").default_value("")


def severe_events(enabled: bool) -> dashboard.AnnotationQuery:
    """What drifted, as marks on every panel."""
    sql = """
        SELECT detected_at AS time, severity || ' ' || drift_type || ': ' || module || ' ' || metric AS text,
               concat_ws(',', severity, drift_type, replace(module, ',', ' ')) AS tags
        FROM drift.events
        WHERE $__timeFilter(detected_at) AND severity IN ('warn', 'crit')
        ORDER BY detected_at DESC
        LIMIT 500"""
    return (dashboard.AnnotationQuery().name("Drift, warn and crit").datasource(DRIFT).enable(enabled)
            .icon_color("red").target(rows(DRIFT, "annotation/severe_events", sql)))


def board(uid: str, title: str, description: str, span: str) -> dashboard.Dashboard:
    result = (dashboard.Dashboard(title).uid(uid).description(description).tags(["tristrata"]).readonly()
              .timezone("utc").time(f"now-{span}", "now").refresh("5m")
              .tooltip(models.DashboardCursorSync.CROSSHAIR))
    return result.link(dashboard.DashboardLink("The other layers").type(models.DashboardLinkType.DASHBOARDS)
                       .tags(["tristrata"]).include_vars(True).keep_time(True))
