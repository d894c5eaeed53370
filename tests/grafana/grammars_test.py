"""Every LogQL and TraceQL query of deploy/grafana parses by the grammars with which Grafana itself reads them: those of
panels, of links to Explore, and of the data sources: grammars_test.py SOURCE GRAMMARS (./dev test --long installs
them, by npm)."""
import dataclasses
import json
import pathlib
import re
import subprocess
import sys
import typing
import urllib.parse

from provisioned import load

source, grammars = (pathlib.Path(given).resolve() for given in sys.argv[1:3])
LANGUAGES = {"tristrata-loki": "logql", "tristrata-tempo": "traceql"}
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
# What Grafana puts in place of variables; :regex puts one backslash before what a pattern reads as its own.
VALUES = {"${run:regex}": r"scheduled__2026-11-27T00:00:00\+00:00", "${__data.fields.run_id}": "r.1",
          "${__data.fields.trace_id}": TRACE_ID,
          "${__trace.traceId}": TRACE_ID}


@dataclasses.dataclass(frozen=True)
class Found:
    where: str
    language: str
    text: str


def objects(value: object) -> typing.Iterator[dict[str, typing.Any]]:
    """Every object within a document."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from objects(one)


def asked(where: str, query: dict[str, typing.Any]) -> typing.Iterator[Found]:
    datasource = query.get("datasource")
    uid = datasource.get("uid") if isinstance(datasource, dict) else None
    if uid in LANGUAGES and ("expr" in query or "query" in query):
        yield Found(where, LANGUAGES[uid], query.get("expr", query.get("query", "")))


def panes_of(url: str) -> dict[str, typing.Any]:
    panes: dict[str, typing.Any] = json.loads(urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["panes"][0])
    return panes


def found_in(dashboards: dict[str, typing.Any], sources: dict[str, typing.Any]) -> list[Found]:
    found = []
    for uid, board in dashboards.items():
        for one in objects(board):
            found += asked(f"{uid}, a panel", one)
            if str(one.get("url", "")).startswith("/explore?"):
                for pane in panes_of(one["url"]).values():
                    for query in pane["queries"]:
                        found += asked(f"{uid}, the link {one.get('title')!r}", query)
    for uid, one in sources.items():
        # Provisioning doubles the dollars that Grafana shall see.
        for part in objects(one.get("jsonData", {})):
            target = part.get("datasourceUid")
            if target in LANGUAGES and "query" in part:
                found.append(Found(f"the data source {uid}", LANGUAGES[target], part["query"].replace("$$", "$")))
    return found


def wrong_escapes(text: str) -> list[str]:
    """Of the strings in double quotes, which Loki reads as Go does and the grammar does not look into."""
    strings = re.findall(r'"((?:[^"\\]|\\.)*)"', re.sub(r"`[^`]*`", "", text))
    return [one for one in strings if re.search(r"\\[^abfnrtv\\\"xuU0-7]", one.replace("\\\\", ""))]


def judged(found: list[Found]) -> list[str]:
    problems, asked_for = [], []
    for one in found:
        text = one.text
        for name, value in VALUES.items():
            text = text.replace(name, value)
        if "$" in text:
            problems.append(f"{one.where}: nobody said what stands for a variable of {one.text}")
        # Tempo's editor takes a query of hexadecimal digits alone for the id of a trace, and asks for that.
        elif one.language != "traceql" or not re.fullmatch(r"[0-9a-fA-F]{16,32}", text):
            asked_for.append((one, text))
            problems += [f"{one.where}: {string} holds a backslash that Loki refuses; between backquotes it does not"
                         for string in wrong_escapes(text) if one.language == "logql"]
    done = subprocess.run(["node", grammars / "parse.mjs"], capture_output=True, text=True, check=True, timeout=120,
                          input=json.dumps([{"language": one.language, "text": text} for one, text in asked_for]))
    for (one, text), wrong in zip(asked_for, json.loads(done.stdout), strict=True):
        problems += [f"{one.where}: {text} is no {one.language}, from {begin} to {end}" for begin, end in wrong[:1]]
    return problems


def spoilt() -> list[str]:
    """What this test has to notice: each was seen to fail."""
    wrong = [("logql", '{event=~".+"'), ("logql", 'sum by (event) (count_over_time({event=~".+"}[1m])'),
             ("logql", '{event=~".+"} | trace_id "x"'), ("logql", 'count_over_time({event="x"}[1 minute])'),
             ("logql", '{event=~".+"} |= "a" |'), ("logql", ""), ("logql", '{event="$nobody"}'),
             ("logql", '{run_id=~"${run:regex}"}'),
             ("traceql", '{ span.run_id = }'), ("traceql", '{ span.run_id = "r1" '), ("traceql", "trace_id"),
             ("traceql", TRACE_ID + "g"), ("traceql", "")]
    good = [("logql", '{event=~".+", run_id=~`${run:regex}`} | trace_id="x" |~ "a\\\\.b\\n"'),
            ("traceql", '{ span.run_id = "${__data.fields.run_id}" } | count() > 1'), ("traceql", TRACE_ID)]
    problems = [f"not noticed: {language}: {text}" for language, text in wrong
                if len(judged([Found("x", language, text)])) != 1]
    return problems + judged([Found("what is right", language, text) for language, text in good])


everything, _, provisioned = load(source)
queries = found_in(everything, provisioned)
failures = judged(queries) + spoilt()
for kind, least in (("a panel", 2), ("the link", 3), ("the data source", 1)):
    if sum(kind in one.where for one in queries) < least:
        failures.append(f"of {kind} there are fewer than {least} queries: this test does not find them")
if {one.language for one in queries} != set(LANGUAGES.values()):
    failures.append("not of both languages")
print("\n".join(failures) or f"{len(queries)} queries of LogQL and TraceQL parse")
sys.exit(bool(failures))
