"""A workspace as Structurizr's own parser reads it."""
import dataclasses
import json
import pathlib
import subprocess
import typing

HERE = pathlib.Path(__file__).resolve().parent


class View(typing.TypedDict):
    elements: set[str]
    relations: set[tuple[str, str]]


@dataclasses.dataclass
class Workspace:
    """Identifiers are in small letters, as the parser keeps them."""
    names: dict[str, str]  # identifier → name
    sources: dict[str, str]  # identifier → its property "source"
    relations: set[tuple[str, str]]  # from identifier to identifier
    views: dict[str, View]  # key → what it shows


def workspace_of(document: dict[str, typing.Any]) -> Workspace:
    model = document["model"]
    elements = model.get("people", []) + model.get("softwareSystems", [])
    elements += [one for system in model["softwareSystems"] for one in system.get("containers", [])]
    identifiers = {one["id"]: one["properties"]["structurizr.dsl.identifier"] for one in elements}
    relations = {one["id"]: (identifiers[one["sourceId"]], identifiers[one["destinationId"]])
                 for element in elements for one in element.get("relationships", [])}
    views = [view for kind in ("containerViews", "systemContextViews") for view in document["views"].get(kind, [])]
    return Workspace(
        names={identifiers[one["id"]]: one["name"] for one in elements},
        sources={identifiers[one["id"]]: one["properties"]["source"] for one in elements
                 if "source" in one["properties"]},
        relations=set(relations.values()),
        views={view["key"]: {"elements": {identifiers[one["id"]] for one in view["elements"]},
                             "relations": {relations[one["id"]] for one in view.get("relationships", [])}}
               for view in views})


def parse(jars: pathlib.Path, *files: pathlib.Path) -> list[Workspace | str]:
    """Each as what it says, or as what the parser says against it."""
    done = subprocess.run(["java", "-cp", f"{jars}/*", HERE / "Parse.java", *files], capture_output=True, text=True,
                          timeout=300)
    lines = [line.partition(" ") for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(lines) != len(files):
        raise SystemExit(f"the parser ended with {done.returncode}: {done.stdout[:500]}{done.stderr}")
    return [workspace_of(json.loads(text)) if what == "read" else text for what, _, text in lines]
