"""deploy/structurizr is read by Structurizr's own parser: what the design's §4.5 asks for is there, each container is a
part of the product or stands for what was there before, and what is wrong is refused: workspace_test.py SOURCE JARS"""
import pathlib
import shutil
import sys
import tempfile

from architecture import Workspace, parse

source, jars = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
FOLDER = source / "deploy/structurizr"
failures: list[str] = []


def asked_for(workspace: Workspace) -> list[str]:
    """What of §4.5 is missing."""
    missing = []
    for name, kind in (("kpistore", "KPI Store"), ("driftstore", "Drift Store"), ("evidently", "Evidently")):
        if workspace.names.get(name) != kind:
            missing.append(f"no container {name}, called {kind!r}")
    for pair in (("api", "kpistore"), ("runtime", "kpistore"), ("airflow", "kpistore"), ("configapi", "kpistore"),
                 ("postgres", "evidently"), ("evidently", "driftstore"), ("kpistore", "driftstore"),
                 ("grafana", "kpistore"), ("grafana", "driftstore")):
        if pair not in workspace.relations:
            missing.append(f"nothing leads from {pair[0]} to {pair[1]}")
    shown = workspace.views.get("ObservabilityLayers", {"elements": set(), "relations": set()})
    for name in ("kpistore", "driftstore", "evidently", "grafana", "api", "runtime", "airflow", "configapi"):
        if name not in shown["elements"]:
            missing.append(f"the view ObservabilityLayers does not show {name}")
    return missing


(workspace,) = parse(jars, FOLDER / "workspace.dsl")
if isinstance(workspace, str):
    raise SystemExit(workspace)
failures += asked_for(workspace)
# What is ours says where it is made; what is not stands in workspace.dsl alone.
ours = {"kpistore", "driftstore", "driftengine", "evidently", "spool", "serve", "response", "coldstorage", "gate"}
for name, folder in workspace.sources.items():
    if not (source / folder / "CMakeLists.txt").is_file():
        failures.append(f"{name} is made in {folder}, which is no room")
if set(workspace.sources) != ours:
    failures.append(f"where they are made is said of {sorted(workspace.sources)}")
seen = set().union(*(view["elements"] for view in workspace.views.values()))
if set(workspace.names) - seen:
    failures.append(f"no view shows {sorted(set(workspace.names) - seen)}")
# Each view shows relations, and those that lead through the spool are not shown beside it.
failures += [f"the view {key} has no relation" for key, view in workspace.views.items() if not view["relations"]]
if any(pair[1] == "kpistore" and pair[0] != "serve" for pair in workspace.views["WhatCarriesIt"]["relations"]):
    failures.append(f"WhatCarriesIt shows {workspace.views['WhatCarriesIt']['relations']}")

# The parser and this test notice what is wrong.
WRONG = (("containers.dsl", "serve -> spool", "serve -> spoool", "containers.dsl"),
         ("views.dsl", "include evidently", "include evidently2", "evidently2"),
         ("workspace.dsl", "!include views.dsl", "!include gone.dsl", "gone.dsl"),
         ("containers.dsl", "evidently -> driftStore", "evidently -> kpiStore", ""),
         ("views.dsl", "    include kpiStore\n    include driftStore\n    include driftEngine\n", "", ""),
         ("containers.dsl", '"KPI Store"', '"KPIs"', ""))
with tempfile.TemporaryDirectory() as temporary:
    copies = [pathlib.Path(temporary, str(number)) for number in range(len(WRONG))]
    for copy, (name, before, after, _) in zip(copies, WRONG, strict=True):
        shutil.copytree(FOLDER, copy)
        text = (copy / name).read_text(encoding="utf-8")
        if before not in text:
            failures.append(f"{name} has no {before!r}")
        (copy / name).write_text(text.replace(before, after, 1), encoding="utf-8")
    for (name, _, after, says), answer in zip(WRONG, parse(jars, *(copy / "workspace.dsl" for copy in copies)),
                                              strict=True):
        if says and (not isinstance(answer, str) or says not in answer):
            failures.append(f"{name} with {after!r} is not refused by {says!r}: {answer}")
        if not says and (isinstance(answer, str) or not asked_for(answer)):
            failures.append(f"{name} with {after!r} is taken for what was asked for: {answer}")

print("\n".join(failures) or f"{len(workspace.names)} elements, {len(workspace.relations)} relations, "
      f"{len(workspace.views)} views")
sys.exit(bool(failures))
