"""What deploy/grafana holds, as tests look at it: every query with where it stands."""
import dataclasses
import json
import pathlib
import re
import typing

import yaml

TAG = re.compile(r"^/\* tristrata panel=([a-z_]+/[a-z_-]+) \*/\n")


@dataclasses.dataclass(frozen=True)
class Query:
    """One target of a panel, a rule, an annotation or a variable."""
    name: str  # DASHBOARD/PANEL, from its tag; a variable's is DASHBOARD/$NAME
    kind: str  # panel, rule, annotation, variable
    uid: str  # of the data source
    text: str
    shape: str  # time_series or table; of Loki and Prometheus empty
    legend: str = ""
    seconds: int = 0  # of a rule: how far back it looks


def load(source: pathlib.Path) -> tuple[dict[str, typing.Any], list[dict[str, typing.Any]], dict[str, typing.Any]]:
    """The dashboards by uid, the rules, and the data sources by uid."""
    folder = source / "deploy/grafana"
    dashboards = {}
    for path in sorted((folder / "dashboards").glob("*.json")):
        one = json.loads(path.read_text(encoding="utf-8"))
        dashboards[one["uid"]] = one
    rules = [rule for path in sorted((folder / "provisioning/alerting").glob("*.yaml"))
             for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]
    sources = {one["uid"]: one for path in sorted((folder / "provisioning/datasources").glob("*.yaml"))
               for one in yaml.safe_load(path.read_text(encoding="utf-8"))["datasources"]}
    return dashboards, rules, sources


def tag_of(text: str, otherwise: str) -> str:
    found = TAG.match(text)
    return found[1] if found else otherwise


def _target(target: dict[str, typing.Any], kind: str, otherwise: str) -> Query:
    text = target.get("rawSql", target.get("expr", ""))
    return Query(tag_of(text, otherwise), kind, target["datasource"]["uid"], text, target.get("format", ""),
                 target.get("legendFormat", ""))


def queries(source: pathlib.Path) -> list[Query]:
    dashboards, rules, _ = load(source)
    found = []
    for uid, one in dashboards.items():
        for panel in one["panels"]:
            for target in panel.get("targets", []):
                found.append(_target(target, "panel", f"{uid}/{panel['title']} {target['refId']}"))
        for annotation in one.get("annotations", {}).get("list", []):
            if "target" in annotation:
                found.append(_target(annotation["target"], "annotation", f"{uid}/annotation {annotation['name']}"))
        for variable in one["templating"]["list"]:
            if variable["type"] == "query":
                text = variable["query"] if isinstance(variable["query"], str) else variable["query"]["query"]
                found.append(Query(f"{uid}/${variable['name']}", "variable", variable["datasource"]["uid"], text, ""))
    for rule in rules:
        for part in rule["data"]:
            if part["datasourceUid"] != "__expr__":
                found.append(Query(tag_of(part["model"]["rawSql"], rule["uid"]), "rule", part["datasourceUid"],
                                   part["model"]["rawSql"], part["model"]["format"],
                                   seconds=part["relativeTimeRange"]["from"]))
    return found
