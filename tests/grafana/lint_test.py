"""What can be known of dashboards, rules and provisioning without a Grafana: lint_test.py SOURCE"""
import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import typing
import urllib.parse

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import units
from macros import Range, WrongQuery, expand
from provisioned import TAG, load, queries
from stores import BEGIN, NOW, TYPES

source = pathlib.Path(sys.argv[1]).resolve()
GRAFANA = source / "deploy/grafana"
RUNBOOKS = "https://runbooks.example.com/tristrata/"
POSTGRES = {"tristrata-kpi": "kpi", "tristrata-drift": "drift"}
# The column by which a table is cut into partitions; of tables that are not, None.
PARTITIONED = {"kpi.events": "time", "drift.events": "detected_at"}
WHOLE = {"kpi.series", "kpi.events_parked", "drift.events_parked", "kpi.archive_leaves", "drift.archive_leaves",
         "response.incidents", "response.pages", "kill_switch.history", "kill_switch.evaluations", 'drift."references"'}
UID = re.compile(r"[A-Za-z0-9_-]{1,40}")
VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)")
BUILT_IN = {"__interval", "__rate_interval", "__from", "__to", "__url_time_range", "__data", "__value", "__trace"}
Document = dict[str, typing.Any]


def units_known() -> set[str]:
    return {value for name, value in vars(units).items() if isinstance(value, str) and not name.startswith("_")}


def check_panel(uid: str, panel: Document, sources: Document, variables: set[str]) -> list[str]:
    where, problems = f"{uid}/{panel.get('title')}", []
    if not panel.get("title") or len(panel.get("description", "")) < 20:
        problems.append(f"{where}: no title, or no description")
    defaults = panel.get("fieldConfig", {}).get("defaults", {})
    overridden = {value for override in panel.get("fieldConfig", {}).get("overrides", [])
                  for value in (entry.get("value") for entry in override["properties"] if entry["id"] == "unit")}
    for unit in {defaults.get("unit")} | overridden:
        if unit not in units_known():
            problems.append(f"{where}: {unit!r} is no unit of Grafana's")
    if not panel.get("targets"):
        problems.append(f"{where}: no query")
    for target in panel.get("targets", []):
        if target["datasource"]["uid"] not in sources or panel["datasource"]["uid"] not in sources:
            problems.append(f"{where}: the data source {target['datasource']} is not provisioned")
        elif target["datasource"]["type"] != sources[target["datasource"]["uid"]]["type"]:
            problems.append(f"{where}: {target['datasource']} is of another type than provisioned")
    refs = [target["refId"] for target in panel.get("targets", [])]
    if len(set(refs)) != len(refs):
        problems.append(f"{where}: two queries are called {refs}")
    texts = [text for target in panel.get("targets", []) for text in (target.get("rawSql"), target.get("expr")) if text]
    for text in texts + [panel.get("title", "")]:
        for match in VARIABLE.finditer(re.sub(r"\$__\w+\(", "(", text)):
            name = match[1] or match[3]
            if name not in variables | BUILT_IN:
                problems.append(f"{where}: there is no variable {name}")
    return problems


def check_links(dashboards: Document, sources: Document) -> list[str]:
    """Each link leads to a dashboard that there is, by variables that it has, or to Explore with a query."""
    problems, found = [], 0

    def urls(value: typing.Any) -> typing.Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key == "url" and isinstance(inner, str) and inner.startswith("/"):
                    yield inner
                yield from urls(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from urls(inner)

    for url in set(urls(dashboards)) | set(urls(sources)):
        found += 1
        path, _, query = url.partition("?")
        if path == "/explore":
            panes = json.loads(urllib.parse.parse_qs(query.replace("${", "{").replace("+", "%2B"))["panes"][0])
            pane = panes["tristrata"]
            if pane["datasource"] not in sources or not (pane["queries"][0].get("expr") or pane["queries"][0]["query"]):
                problems.append(f"{url}: Explore with {pane}")
        elif path.removeprefix("/d/") not in dashboards:
            problems.append(f"{url}: there is no such dashboard")
        else:
            target = {one["name"] for one in dashboards[path.removeprefix("/d/")]["templating"]["list"]}
            for name in re.findall(r"var-(\w+)=", url):
                if name not in target:
                    problems.append(f"{url}: that dashboard has no variable {name}")
    for kind in ("run_id", "trace_id", "module"):
        if not any("{__data.fields." + kind + "}" in url for url in urls(dashboards)):
            problems.append(f"no link by {kind}")
    return problems + ([f"only {found} links"] if found < 6 else [])


def check_sql(name: str, kind: str, uid: str, text: str) -> list[str]:
    problems = []
    if kind != "variable" and not TAG.match(text):
        problems.append(f"{name}: no tag")
    tables = set(re.findall(r'\b((?:kpi|drift|response|kill_switch)\.(?:\w+|"\w+"))', re.sub(r"'[^']*'", "''", text)))
    tables = {table for table in tables if re.search(rf'(?:FROM|JOIN)\s+{re.escape(table)}', text)}
    if not tables:
        problems.append(f"{name}: no table")
    for table in tables:
        if table in PARTITIONED:
            uses = len(re.findall(rf"(?:FROM|JOIN)\s+{re.escape(table)}\b(?!_)", text))
            filters = len(re.findall(rf"\$__timeFilter\((?:\w+\.)?{PARTITIONED[table]}\)", text))
            if filters < uses:
                problems.append(f"{name}: {table} is read without $__timeFilter({PARTITIONED[table]})")
        elif table not in WHOLE:
            problems.append(f"{name}: nobody said that {table} may be read")
        # Incidents and the kill switch stand beside the drift store, in the same database.
        beside = table.startswith(("response.", "kill_switch.")) and uid == "tristrata-drift"
        if not table.startswith(POSTGRES[uid]) and not beside:
            problems.append(f"{name}: {table} is not of the store that {uid} reads")
    if not re.search(r"\bLIMIT \d+\s*$", text):
        problems.append(f"{name}: does not end with a LIMIT")
    if "LIMIT 1\n" not in text + "\n" and "ORDER BY" not in text:
        problems.append(f"{name}: a LIMIT without an ORDER BY drops any rows")
    if re.search(r"WHERE[^()]*tags\s*->>\s*'\w+'\s*=", text):
        problems.append(f"{name}: filters by a tag, which has no index")
    outside = re.sub(r"'[^']*'", "", text)
    if re.search(r"(?i)\bnow\(\)|\b(insert|update|delete|truncate|drop|grant|alter)\b", outside):
        problems.append(f"{name}: writes, or asks another clock than the dashboard's")
    if re.search(r"\$\{\w+\}|\$(?!\{|__)\w+|\$\{\w+:(?!sqlstring)\w+\}", text):
        problems.append(f"{name}: a variable that is not written as ${{name:sqlstring}} can break the SQL")
    try:
        expand(text, Range(BEGIN, NOW), {"module": ["m"], "metric": ["x"], "run": ["r"]})
    except WrongQuery as error:
        problems.append(f"{name}: {error}")
    return problems


def check_dashboard(uid: str, one: Document, sources: Document) -> list[str]:
    problems = []
    if not UID.fullmatch(uid) or "id" in one or one["schemaVersion"] != 42 or one["editable"]:
        problems.append(f"{uid}: a stable uid, no id, schema 42, not editable")
    ids = [panel["id"] for panel in one["panels"]]
    titles = [panel["title"] for panel in one["panels"]]
    if len(set(ids)) != len(ids) or len(set(titles)) != len(titles):
        problems.append(f"{uid}: two panels of one id or title: {ids} {titles}")
    variables = {variable["name"] for variable in one["templating"]["list"]}
    for variable in one["templating"]["list"]:
        if not variable.get("description"):
            problems.append(f"{uid}: ${variable['name']} has no description")
    for panel in one["panels"]:
        problems += check_panel(uid, panel, sources, variables)
    boxes = [panel["gridPos"] for panel in one["panels"]]
    for place, box in enumerate(boxes):
        if box["x"] + box["w"] > 24:
            problems.append(f"{uid}: {titles[place]} is wider than the page")
        for other in boxes[place + 1:]:
            if (box["x"] < other["x"] + other["w"] and other["x"] < box["x"] + box["w"]
                    and box["y"] < other["y"] + other["h"] and other["y"] < box["y"] + box["h"]):
                problems.append(f"{uid}: {titles[place]} overlaps another panel")
    # What the SDK's own model of a dashboard reads, and writes again, is what stands there: all of it is known.
    again = json.loads(json.dumps(models.Dashboard.from_json(copy.deepcopy(one)), cls=JSONEncoder))
    plain = copy.deepcopy(one)
    for document in (again, plain):
        for panel in document["panels"]:
            panel.pop("targets", None)  # of PostgreSQL's queries it has no model
        for annotation in document.get("annotations", {}).get("list", []):
            annotation.pop("target", None)
        for shown in document.get("links", []) + document.get("annotations", {}).get("list", []):
            shown.pop("placement", None)  # it knows one place only
    if again != plain:
        problems.append(f"{uid}: the SDK's model reads something else than what stands there")
    return problems


def heading_exists(page: pathlib.Path, anchor: str) -> bool:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return anchor in {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def check_runbook(name: str, url: str) -> list[str]:
    """The page and the heading that a runbook_url names are in docs/runbooks, for each drift type."""
    if not url.startswith(RUNBOOKS):
        return [f"{name}: the runbook is {url!r}"]
    problems = []
    for drift_type in TYPES:
        page, _, anchor = re.sub(r"\{\{ \$labels\.drift_type \}\}", drift_type, url[len(RUNBOOKS):]).partition("#")
        path = source / "docs/runbooks" / page
        if not path.exists():
            problems.append(f"{name}: docs/runbooks/{page} is missing")
        elif anchor and not heading_exists(path, anchor):
            problems.append(f"{name}: docs/runbooks/{page} has no heading {anchor}")
    return sorted(set(problems))


def check_rule(rule: Document, dashboards: Document, sources: Document) -> list[str]:
    name, problems = rule["uid"], []
    if not UID.fullmatch(name) or set(rule) - {
            "uid", "title", "condition", "for", "noDataState", "execErrState", "dashboardUid", "panelId", "labels",
            "annotations", "data", "keepFiringFor", "isPaused", "missing_series_evals_to_resolve"}:
        problems.append(f"{name}: a uid of at most 40 characters, and members that Grafana's files have")
    if rule["noDataState"] not in ("OK", "NoData", "Alerting", "KeepLast") or rule["execErrState"] != "Error":
        problems.append(f"{name}: noDataState {rule['noDataState']}, execErrState {rule['execErrState']}")
    panels = {panel["id"]: panel for panel in dashboards.get(rule["dashboardUid"], {"panels": []})["panels"]}
    if rule["panelId"] not in panels:
        problems.append(f"{name}: its panel is not there")
    for text in [rule["title"], *rule["labels"].values()]:
        if re.search(r"(?<!\$)\$(?!\$)", text):
            problems.append(f"{name}: {text!r}: one dollar in a label or title is taken for Grafana's environment")
    if rule["labels"].get("severity") not in ("warn", "crit") or (
            rule["labels"]["severity"] == "crit") != (rule["labels"].get("priority") == "P1"):
        problems.append(f"{name}: labels {rule['labels']}")
    for member in ("summary", "description", "runbook_url"):
        if not rule["annotations"].get(member):
            problems.append(f"{name}: no {member}")
    problems += check_runbook(name, rule["annotations"].get("runbook_url", ""))
    parts = {part["refId"]: part for part in rule["data"]}
    condition = parts.get(rule["condition"])
    if condition is None or condition["model"]["expression"] not in parts:
        problems.append(f"{name}: its condition is not among its parts {list(parts)}")
    for part in parts.values():
        if part["datasourceUid"] not in {*sources, "__expr__"}:
            problems.append(f"{name}: {part['datasourceUid']} is not provisioned")
        if "$__timeFilter" in part["model"].get("rawSql", "") and part["relativeTimeRange"]["from"] < 3600:
            problems.append(f"{name}: looks back less than an hour, and rows come late")
    # No row is no answer: either it is one (the rule of absence makes it one, or fires), or another rule watches.
    silent = {"tristrata-drift-silent", "tristrata-kpi-silent"}
    if (name in silent) != (rule["noDataState"] == "Alerting"):
        problems.append(f"{name}: noDataState {rule['noDataState']}; only a rule of absence alerts without data")
    return problems


def check_sources(sources: Document) -> list[str]:
    problems = []
    if {one["type"] for one in sources.values()} != {"tempo", "prometheus", "loki", "grafana-postgresql-datasource"}:
        problems.append(f"the five data sources: {list(sources)}")
    text = (GRAFANA / "provisioning/datasources/tristrata.yaml").read_text(encoding="utf-8")
    for one in sources.values():
        if one.get("editable") is not False or not UID.fullmatch(one["uid"]):
            problems.append(f"{one['name']}: a fixed uid, not editable")
        if one["type"] == "grafana-postgresql-datasource":
            settings = one["jsonData"]
            if not 5 <= settings["maxOpenConns"] <= 10 or settings["maxIdleConns"] > settings["maxOpenConns"]:
                problems.append(f"{one['name']}: at most {settings['maxOpenConns']} connections")
            if not re.fullmatch(r"\$__env\{\w+_PASSWORD\}", one["secureJsonData"]["password"]):
                problems.append(f"{one['name']}: a password that does not come from the environment")
        for name in re.findall(r"(?:datasourceUid|datasource_uid): (\S+)", yaml.dump(one)):
            if name not in sources:
                problems.append(f"{one['name']}: leads to {name}, which is not provisioned")
    for dollar in re.findall(r"(?<!\$)\$(?!\$)(\S*)", re.sub(r"(?m)^\s*#.*$", "", text).replace("$$", "")):
        if not re.match(r"__(env|file)\{\w+\}", dollar):
            problems.append(f"data sources: ${dollar} would be taken for the environment's")
    return problems


def check_example() -> list[str]:
    """The notification example says what it does to the whole tree, and is not where Grafana reads it."""
    text = (GRAFANA / "examples/notification.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    receivers = {point["name"] for point in document["contactPoints"]}
    used = {route["receiver"] for tree in document["policies"] for route in [tree, *tree["routes"]]}
    return ([] if "replaces the WHOLE tree" in text else ["the example does not say what it replaces"]) + \
        ([] if used == receivers else [f"the example routes to {used}, and has {receivers}"]) + \
        [f"{path}: contact points or policies are provisioned" for path in (GRAFANA / "provisioning").rglob("*.yaml")
         if {"contactPoints", "policies"} & set(yaml.safe_load(path.read_text(encoding="utf-8")))]


def check_severity() -> list[str]:
    """The thresholds of the panels are those of the table of severities."""
    sys.path.insert(0, str(GRAFANA))
    import blocks
    row = re.search(r"^\| `distribution` \|.*\| ([\d.]+) \| ([\d.]+) \|$",
                    (source / "docs/severity.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert row is not None
    return [] if (float(row[1]), float(row[2])) == (blocks.PSI_WARN, blocks.PSI_CRIT) else ["PSI's thresholds differ"]


def all_problems(dashboards: Document, rules: list[Document], sources: Document) -> list[str]:
    problems = check_sources(sources) + check_links(dashboards, sources)
    for uid, one in dashboards.items():
        problems += check_dashboard(uid, one, sources)
    for rule in rules:
        problems += check_rule(rule, dashboards, sources)
    uids = [rule["uid"] for rule in rules] + list(dashboards)
    return problems + ([] if len(set(uids)) == len(uids) else [f"two of one uid: {uids}"])


def spoilt(dashboards: Document, rules: list[Document], sources: Document) -> list[str]:
    """Each guard, seen to fail once: a change that must be noticed, and what is said of it."""
    def in_panel(change: typing.Callable[[Document], None]) -> tuple[Document, list[Document], Document]:
        copied = copy.deepcopy(dashboards)
        change(copied["tristrata-execution"]["panels"][3])
        return copied, rules, sources

    def in_rule(change: typing.Callable[[Document], None]) -> tuple[Document, list[Document], Document]:
        copied = copy.deepcopy(rules)
        change(copied[0])
        return dashboards, copied, sources

    cases: list[tuple[tuple[Document, list[Document], Document], str]] = [
        (in_panel(lambda panel: panel.pop("description")), "no description"),
        (in_panel(lambda panel: panel["fieldConfig"]["defaults"].update(unit="percents")), "is no unit"),
        (in_panel(lambda panel: panel["targets"][0]["datasource"].update(uid="other")), "is not provisioned"),
        (in_panel(lambda panel: panel.update(title="Emits")), "two panels of one id or title"),
        (in_panel(lambda panel: panel["targets"][0].update(rawSql="SELECT $nobody")), "no variable nobody"),
        (in_panel(lambda panel: panel["gridPos"].update(y=0)), "overlaps"),
        (in_panel(lambda panel: panel.update(invented=1)), "SDK's model"),
        (in_rule(lambda rule: rule["labels"].update(who="{{ $labels.module }}")), "one dollar"),
        (in_rule(lambda rule: rule["annotations"].update(runbook_url=RUNBOOKS + "gone.md")), "gone.md is missing"),
        (in_rule(lambda rule: rule.update(noDataState="Alerting")), "only a rule of absence"),
        (in_rule(lambda rule: rule.update(panelId=99)), "its panel is not there"),
    ]
    problems = [f"not noticed: {said}" for spoiled, said in cases
                if not any(said in problem for problem in all_problems(*spoiled))]
    if not check_logql("x", '{run_id=~"${run:regex}"} |= "("') or not check_logql("x", '{run_id=~".*"}'):
        problems.append("not noticed: LogQL that Loki refuses")
    for sql, said in (("SELECT 1 FROM kpi.events LIMIT 1", "no tag"),
                      ("/* tristrata panel=a/b */\nSELECT 1 FROM kpi.events LIMIT 1", "without $__timeFilter"),
                      ("/* tristrata panel=a/b */\nSELECT 1 FROM kpi.batches LIMIT 1", "nobody said"),
                      ("/* tristrata panel=a/b */\nSELECT 1 FROM kpi.series ORDER BY 1", "LIMIT"),
                      ("/* tristrata panel=a/b */\nSELECT 1 FROM kpi.series LIMIT 9", "ORDER BY"),
                      ("/* tristrata panel=a/b */\nSELECT 1 FROM drift.events WHERE $__timeFilter(detected_at) LIMIT 1",
                       "not of the store"),
                      ("/* tristrata panel=a/b */\nSELECT now() FROM kpi.series LIMIT 1", "another clock"),
                      ("/* tristrata panel=a/b */\nSELECT '$module' FROM kpi.series LIMIT 1", "sqlstring")):
        if not any(said in problem for problem in check_sql("x", "panel", "tristrata-kpi", sql)):
            problems.append(f"not noticed in SQL: {said}")
    return problems


def check_logql(name: str, text: str) -> list[str]:
    """Loki refuses a selector each of whose matchers an empty label fits, and what is not closed."""
    selectors = re.findall(r"\{([^{}]*)\}", re.sub(r"\$\{\w+:regex\}", "r", text))
    problems = [] if selectors and text.count("(") == text.count(")") else [f"{name}: {text} is no LogQL"]
    for selector in selectors:
        matchers = re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"', selector)
        if not any(operator in ("=", "=~") and not re.fullmatch(value if operator == "=~" else re.escape(value), "")
                   for _, operator, value in matchers):
            problems.append(f"{name}: {{{selector}}} fits what has no label at all")
    return problems


def check_elsewhere() -> list[str]:
    """The files made anew, with the runbooks elsewhere: as docs/grafana.md says."""
    page = (source / "docs/grafana.md").read_text(encoding="utf-8")
    commands = re.findall(r"^build/env-grafana/bin/python (.*)$", page, re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder:
        for command in commands:
            words = command.replace("/etc/grafana/tristrata_files", folder).split()
            if "--out" in words:
                done = subprocess.run([sys.executable, *words], cwd=source, capture_output=True, text=True, check=False)
                rules = pathlib.Path(folder, "provisioning/alerting/tristrata.yaml")
                if done.returncode or "https://wiki.example.org/runbooks/absence.md#no-kpi" not in rules.read_text():
                    return [f"{command}: {done.stderr}"]
                return [] if len(list(pathlib.Path(folder, "dashboards").iterdir())) == 3 else ["three dashboards"]
    return ["docs/grafana.md does not say how to name the runbooks"]


made = subprocess.run([sys.executable, GRAFANA / "build.py", "--check"], capture_output=True, text=True, check=False)
failures = [made.stderr] if made.returncode else []
everything = load(source)
failures += all_problems(*everything) + check_example() + check_severity() + check_elsewhere()
for query in queries(source):
    if query.uid in POSTGRES:
        failures += check_sql(query.name, query.kind, query.uid, query.text)
    if query.uid == "tristrata-loki":
        failures += check_logql(query.name, query.text)
failures += spoilt(*everything)
print("\n".join(failures) or f"{len(queries(source))} queries, {len(everything[1])} rules: nothing to complain about")
sys.exit(bool(failures))
