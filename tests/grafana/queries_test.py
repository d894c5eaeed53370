"""Every SQL query of dashboards, variables, annotations and rules, on a real PostgreSQL as the reader: what it gives of
stores that are filled, and of empty ones. queries_test.py TRISTRATA SOURCE"""
import collections
import datetime
import decimal
import json
import pathlib
import re
import sys
import tempfile
import typing

import expected
import psycopg
from macros import Range, expand, self_check
from provisioned import Query, load, queries, tag_of
from psycopg.rows import dict_row
from stores import BEGIN, NOW, PASSWORD, READER, Stores, served

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
failures: list[str] = []
SPAN = Range(BEGIN, NOW, "1h")
Rows = list[dict[str, typing.Any]]


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


def is_number(value: typing.Any) -> bool:
    return isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool)


def ask(reader: psycopg.Connection, query: Query, variables: dict[str, list[str]],
        span: Range) -> tuple[Rows, list[str]]:
    """The rows, and of each column whether PostgreSQL calls it a number, a text or a time."""
    kinds = {20: "number", 21: "number", 23: "number", 700: "number", 701: "number", 1700: "number", 25: "text",
             1043: "text", 1184: "time", 16: "boolean"}
    with reader.cursor(row_factory=dict_row) as cursor:
        cursor.execute(expand(query.text, span, variables).encode())
        rows = cursor.fetchall()
        assert cursor.description is not None
        columns = [(column.name, kinds.get(column.type_code, f"type {column.type_code}"))
                   for column in cursor.description]
    names = [name for name, _ in columns]
    expect(len(set(names)) == len(names), f"{query.name}: two columns of one name: {names}")
    for name, kind in columns:
        expect(not kind.startswith("type"), f"{query.name}: {name} is of a {kind} that Grafana does not show")
    return rows, [kind for _, kind in columns]


def variables_of(reader: psycopg.Connection, dashboard: dict[str, typing.Any], span: Range) -> dict[str, list[str]]:
    """What is chosen where nobody chose: of many all, of one what stands in the dashboard, else the first."""
    values: dict[str, list[str]] = {}
    for variable in dashboard["templating"]["list"]:
        if variable["type"] != "query" or not variable["datasource"]["uid"].startswith(("tristrata-kpi",
                                                                                       "tristrata-drift")):
            values[variable["name"]] = [""]
            continue
        with reader.cursor() as cursor:
            cursor.execute(expand(variable["query"], span, values).encode())
            offered = [row[0] for row in cursor.fetchall()]
        # Of all of nothing Grafana makes IN (), which is no SQL.
        expect(bool(offered) and all(isinstance(value, str) for value in offered),
               f"{dashboard['uid']}: ${variable['name']}: {offered}")
        current = variable.get("current", {}).get("value", "")
        if variable.get("multi"):
            values[variable["name"]] = offered
        else:
            values[variable["name"]] = [current or offered[0]]
    return values


def check_series(query: Query, rows: Rows, kinds: list[str]) -> None:
    """What Grafana asks of a time series in long form."""
    names = list(rows[0]) if rows else []
    if not rows:
        return
    expect(names[:2] == ["time", "metric"] and kinds[0] in ("time", "number") and kinds[1] == "text" and
           kinds[2:] == ["number"],
           f"{query.name}: columns {list(zip(names, kinds))}; a series is time, metric, number")
    times = [row["time"] for row in rows]
    expect(times == sorted(times), f"{query.name}: not sorted by time")
    expect(None not in times and all(isinstance(row["metric"], str) for row in rows),
           f"{query.name}: NULL time or name")
    expect(all(is_number(row[names[2]]) for row in rows), f"{query.name}: a point without a value: {rows}")
    counted = collections.Counter((row["time"], row["metric"]) for row in rows)
    twice = [one for one, count in counted.items() if count > 1]
    expect(not twice, f"{query.name}: two points of one series at one time: {twice[:3]}")


def check_rule(query: Query, rows: Rows, kinds: list[str]) -> None:
    """One numeric column; the others are labels, none NULL, no set of them twice."""
    expect(sorted(set(kinds)) in (["number", "text"], ["number"]) and kinds.count("number") == 1,
           f"{query.name}: columns {kinds}; a rule has one number, and texts as labels")
    number = kinds.index("number")
    sets = []
    for row in rows:
        values = list(row.values())
        expect(is_number(values[number]), f"{query.name}: a row without a value: {row}")
        labels = tuple(value for place, value in enumerate(values) if place != number)
        expect(all(isinstance(label, str) and label for label in labels), f"{query.name}: a label is missing: {row}")
        sets.append(labels)
    expect(len(set(sets)) == len(sets), f"{query.name}: rows with the same labels: {sets}")


def fires(rule: dict[str, typing.Any], rows: Rows) -> set[tuple[str, ...]]:
    """The labels of the rows above the threshold; without a row what noDataState says."""
    if not rows:
        return {("no data",)} if rule["noDataState"] in ("Alerting", "NoData") else set()
    condition = next(part for part in rule["data"] if part["refId"] == rule["condition"])
    evaluator = condition["model"]["conditions"][0]["evaluator"]
    assert evaluator["type"] == "gt"
    return {tuple(value for value in row.values() if isinstance(value, str)) for row in rows
            if any(is_number(value) and value > evaluator["params"][0] for value in row.values())}


def check_annotation(query: Query, rows: Rows) -> None:
    for row in rows:
        expect(set(row) == {"time", "text", "tags"} and isinstance(row["time"], datetime.datetime) and bool(row["text"])
               and len(row["tags"].split(",")) == 3, f"{query.name}: {row}")


def run_all(stores: Stores, state: str, answers: dict[str, typing.Any]) -> None:
    dashboards, rules, _ = load(source)
    with stores.reader() as reader:
        chosen = {uid: variables_of(reader, one, SPAN) for uid, one in dashboards.items()}
        for uid, variables in chosen.items():
            if "metric" in variables and state == "filled" and uid == "tristrata-drift":
                variables["metric"] = ["m_latency_drift"]
            if state == "filled" and "run" in variables and uid == "tristrata-execution":
                variables["run"] = ["f3"]
        for query in queries(source):
            if query.uid not in ("tristrata-kpi", "tristrata-drift") or query.kind == "variable":
                continue
            uid = "tristrata-" + query.name.split("/")[0]
            span = Range(NOW - datetime.timedelta(seconds=query.seconds), NOW) if query.seconds else SPAN
            try:
                rows, kinds = ask(reader, query, chosen.get(uid, {}), span)
            except (psycopg.Error, ValueError) as error:
                failures.append(f"{query.name}, {state}: {error}")
                continue
            if query.kind == "rule":
                check_rule(query, rows, kinds)
                uid = query.name.removeprefix("alert/")
                found = fires(next(rule for rule in rules if rule["uid"] == uid), rows)
                expect(found == expected.FIRES[state][uid], f"{uid}, {state}: fires for {found}")
            elif query.kind == "annotation":
                check_annotation(query, rows)
            elif query.shape == "time_series":
                check_series(query, rows, kinds)
            if query.name not in answers:
                failures.append(f"{query.name}, {state}: nobody said what it must give; it gives {rows[:5]}")
            else:
                try:
                    found = answers[query.name](rows)
                except (KeyError, IndexError, TypeError) as error:
                    found = f"{type(error).__name__} {error}"
                expect(found is True, f"{query.name}, {state}: {found if found is not False else ''} {rows[:12]}")


def is_reached(stores: Stores) -> None:
    """Each PostgreSQL source, as it is provisioned and with its variables set, connects and reads its store."""
    said = {"HOST": f"{stores.said['host']}:{stores.said['port']}", "DATABASE": "postgres", "USER": READER,
            "PASSWORD": PASSWORD, "SSLMODE": "disable", "SSLROOTCERT": ""}
    _, _, sources = load(source)
    for uid, table in (("tristrata-kpi", "kpi.events"), ("tristrata-drift", "drift.events")):
        text = json.dumps(sources[uid])
        for name in set(re.findall(r"\$__env\{(\w+)\}", text)):
            text = text.replace(f"$__env{{{name}}}", json.dumps(said[name.rsplit("_", 1)[1]])[1:-1])
        one = json.loads(text)
        host, _, port = one["url"].partition(":")
        with psycopg.connect(host=host, port=port, user=one["user"], dbname=one["jsonData"]["database"],
                             sslmode=one["jsonData"]["sslmode"], password=one["secureJsonData"]["password"]) as reader:
            row = reader.execute(f"SELECT current_user, count(*) FROM {table}").fetchone()
            expect(row is not None and row[0] == READER and row[1] > 0, f"{uid} reads {row}")


def is_opened_once() -> None:
    """How often the KPI dashboard is opened can be counted: one query is asked at its loading, and at nothing else."""
    dashboards, _, _ = load(source)
    asked = [variable for one in dashboards.values() for variable in one["templating"]["list"]
             if "panel=execution/opened " in str(variable.get("query"))]
    expect(len(asked) == 1 and asked[0]["refresh"] == 1 and "$" not in asked[0]["query"],
           f"asked when the KPI dashboard is opened: {asked}")


def is_seen(stores: Stores) -> None:
    """What was looked at can be told from pg_stat_statements, by the tags: an entry for each panel."""
    with stores.owner() as owner:
        owner.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        texts = [row[0] for row in owner.execute("SELECT query FROM pg_stat_statements WHERE query LIKE "
                                                 "'/* tristrata panel=%'").fetchall()]
    wanted = {tag_of(query.text, "") for query in queries(source) if query.text.startswith("/* tristrata panel=")}
    told = {text[len("/* tristrata panel="):].split(" ")[0] for text in texts}
    expect(wanted == told, f"panels that pg_stat_statements does not tell apart: {sorted(wanted - told)}")


def is_the_readers(stores: Stores) -> None:
    """The role that Grafana has: it may read, and nothing else."""
    with stores.reader() as reader:
        for sql in ("DELETE FROM kpi.events", "INSERT INTO drift.batches VALUES (gen_random_uuid(), 1, 1)",
                    "CREATE TABLE drift.x (a int)", "UPDATE drift.events SET severity = 'info'"):
            try:
                reader.execute(sql)
                failures.append(f"the reader may: {sql}")
            except psycopg.errors.InsufficientPrivilege:
                pass


failures += self_check()
is_opened_once()
gone = set(expected.FILLED) - {query.name for query in queries(source)}
expect(not gone, f"expected of queries that there are none: {gone}")
with tempfile.TemporaryDirectory() as name:
    with served(tristrata, source, pathlib.Path(name), "shared_preload_libraries=pg_stat_statements") as made:
        run_all(made, "empty", expected.EMPTY)
        made.fill()
        run_all(made, "filled", expected.FILLED)
        is_seen(made)
        is_reached(made)
        is_the_readers(made)
print("\n".join(failures) or f"{len(expected.FILLED)} queries gave what they must")
sys.exit(bool(failures))
