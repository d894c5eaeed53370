"""docs/adopt.md, as somebody follows it: the overlay of examples/cvntrade in a repository that is laid out as the
design's, its commands run there, what came is imported, applied, linted, rendered, judged and drawn:
adopt_test.py TRISTRATA SOURCE BUILD HELM JARS"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
import typing

import kubernetes_validate
import yaml

TRISTRATA, SOURCE, BUILD, HELM, JARS = (pathlib.Path(word).resolve() for word in sys.argv[1:6])
for beside in ("deploy", "structurizr", "acceptance"):
    sys.path.insert(0, str(SOURCE / "tests" / beside))
from architecture import Workspace, parse  # noqa: E402
from rendered import Helm, one  # noqa: E402
from serving import known_settings, settings_in  # noqa: E402
from trading_repository import FILES, made  # noqa: E402

PAGE = (SOURCE / "docs/adopt.md").read_text(encoding="utf-8")
STORY = "documentation/stories/CVN-N010-EA-S01/mlops_readiness.md"
# Every path that the two documents name which the design comes from.
NAMED = ("src/commun/observability/kpi.py", "src/commun/observability/drift.py", "src/commun/observability/otel.py",
         "src/commun/observability/kpi_tag_whitelist.py", "infra/migrations/0XX_kpi_drift_roles.sql",
         "infra/helm/cvntrade-airflow/values-prod.yaml", "infra/helm/cvntrade-runtime/templates/networkpolicy.yaml",
         "infra/grafana/provisioning/", "infra/grafana/dashboards/", "dag_drift__daily",
         "documentation/templates/TEMPLATE_mlops_readiness.md", "documentation/stories/<cvn_id>/mlops_readiness.md",
         "src/training/", "src/commun/{pipeline,inference,filters,labels}/", "src/backtest/", "src/commun/audit/",
         "documentation/runbooks/drift_*.md", "documentation/architecture/workspace.dsl",
         "documentation/needs/CVN-N010-unified-observability.md", "scripts/openproject_import_gh.py", "CLAUDE.md")
WRITERS = {"cvntrade_pipeline": ("kpi_url", "TRISTRATA_KPI_URL"),
           "cvntrade_checker": ("drift_url", "TRISTRATA_DRIFT_URL"),
           "cvntrade_dashboard": ("read_url", "TRISTRATA_READ_URL"),
           "cvntrade_analyzer": ("analyzer_url", "TRISTRATA_ANALYZER_URL"),
           "cvntrade_response": ("response_url", "TRISTRATA_RESPONSE_URL")}
failures: list[str] = []
Document = dict[str, typing.Any]


def expect(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


class Place:
    """The user's repository beside the clone, with what is on the PATH."""

    def __init__(self, root: pathlib.Path, admin_url: str) -> None:
        self.root, self.folder = root, root / "trading"
        (root / "bin").mkdir()
        python = root / "bin/python3"
        python.write_text(f'#!/bin/sh\nexec "{SOURCE}/build/env-python/bin/python" "$@"\n')
        python.chmod(0o755)
        (root / "tristrata").symlink_to(SOURCE)
        inherited = {key: value for key, value in os.environ.items()
                     if not key.startswith(("TRISTRATA_", "GIT_", "OTEL_"))}
        self.environment = inherited | {
            "PATH": f"{root / 'bin'}:{TRISTRATA.parent}:{HELM.parent}:{inherited['PATH']}", "HOME": str(root),
            "PYTHONPATH": str(BUILD / "python"), "PYTHONDONTWRITEBYTECODE": "1", "ADMIN_URL": admin_url,
            "OTEL_SDK_DISABLED": "true", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_AUTHOR_NAME": "Maria Silva",
            "GIT_AUTHOR_EMAIL": "maria@example.com", "GIT_COMMITTER_NAME": "Maria Silva",
            "GIT_COMMITTER_EMAIL": "maria@example.com", "GIT_CONFIG_GLOBAL": "/dev/null"}
        made(self.folder, self.environment)

    def run(self, *words: typing.Any, code: int = 0, says: str = "", data: str = "", **more: str) -> str:
        done = subprocess.run([str(word) for word in words], cwd=self.folder, env=self.environment | more, input=data,
                              capture_output=True, text=True, timeout=240)
        said = done.stdout + done.stderr
        if done.returncode != code or says not in said:
            failures.append(f"{' '.join(map(str, words))[:160]}: exit {done.returncode}, not {code}, or no {says!r}: "
                            f"{said[-1500:]}")
        return said


def blocks_of(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def follow(place: Place) -> None:
    done = place.run("bash", "-euo", "pipefail", "-c", "\n".join(blocks_of("sh")))
    for line in "".join(blocks_of("output")).splitlines():
        expect(line in done.splitlines(), f"the page's commands print no {line!r}: {done}")
    changed = dict(reversed(line.split("\t")) for line in
                   place.run("git", "diff", "--no-renames", "--name-status", "main", "HEAD").splitlines())
    expect({path for path, how in changed.items() if how != "A"} == {"src/commun/observability/otel.py"},
           f"what was there is changed: {changed}")
    place.run(SOURCE / "examples/cvntrade/assemble.py", ".", says="0 files written")
    (place.folder / "tristrata.toml").write_text("# ours\n")
    place.run(SOURCE / "examples/cvntrade/assemble.py", ".", code=1, says="nothing was written")
    place.run(SOURCE / "examples/cvntrade/assemble.py", ".", "--replace", "tristrata.toml", says="1 files written")
    place.run("git", "diff", "--exit-code")


def page_and_overlay(place: Place) -> None:
    """What the design names is on the page; what the page and the list name is there, and nothing else came."""
    table = re.search(r"^\| path of the design .*?\n\n", PAGE, re.MULTILINE | re.DOTALL)
    assert table is not None
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table[0].strip().splitlines()[2:]]
    named = {path for row in rows for path in re.findall(r"`([^`]+)`", row[0])}
    expect(set(NAMED) <= named, f"the page does not say where {sorted(set(NAMED) - named)} goes")
    promised = {path for row in rows for cell in (row[1:2] if row[1].startswith("nothing") else row[:2])
                for path in re.findall(r"`((?:src|infra|dags|documentation|\.github)/[^`]+|\w[\w.]*\.toml)`", cell)}
    promised -= {"documentation/stories/<cvn_id>/mlops_readiness.md", "tags.toml"}
    promised = {path.replace("0XX", "042") for path in promised}
    for path in promised:
        expect(any(place.folder.glob(path.rstrip("/"))), f"the page names {path}, and nothing put it there")
    came = set(place.run("git", "diff", "--name-only", "--diff-filter=A", "main", "HEAD").splitlines())
    came -= {"src/commun/observability/otel_before.py", "src/commun/observability/tags.toml"}
    for path in came:
        told = any(path == one.rstrip("/") or path.startswith(one.rstrip("/") + "/") for one in promised)
        adr = re.fullmatch(r"documentation/adr/007[0-5]-[a-z-]+\.md", path)
        expect(bool(told or adr), f"{path} came, and the page does not name it")
    expect(len([path for path in came if path.startswith("documentation/adr/")]) == 6, "not six decisions came")


def links(place: Place) -> None:
    count = 0
    for file in sorted(place.folder.rglob("*.md")):
        for target in re.findall(r"\]\(([^)\s]+)\)", file.read_text(encoding="utf-8")):
            count += 1
            name, _, heading = target.partition("#")
            meant = (file.parent / name).resolve() if name else file
            there = meant.is_file() and place.folder.resolve() in meant.parents
            if there and heading:
                headings = re.findall(r"^#+ (.*)$", meant.read_text(encoding="utf-8"), re.MULTILINE)
                anchors = {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in headings}
                there = heading in anchors
            expect("://" in target or there, f"{file.relative_to(place.folder)}: the link to {target} leads nowhere")
    expect(count > 30, f"only {count} links were found")
    manual = place.root / "with_manual"
    manual.mkdir()
    place.run(SOURCE / "examples/cvntrade/assemble.py", manual, "--manual", "https://wiki.example.com/manual/")
    text = (manual / "documentation/runbooks/README.md").read_text()
    led = re.findall(r"\(https://wiki\.example\.com/manual/([^)#]+)", text)
    expect(len(led) > 3 and all((SOURCE / path).exists() for path in led), f"links below the manual lead to {led}")


EMISSION = '''
import json, sys
sys.path.insert(0, "src")
from commun.observability.kpi_tag_whitelist import KPI_TAG_WHITELIST
from commun.observability.kpi import emit_kpi
from training.fit import fit
import tristrata
assert KPI_TAG_WHITELIST == {"variant", "crypto", "fold_id"}, KPI_TAG_WHITELIST
fit("r1", json.load(open(sys.argv[1])))
try:
    emit_kpi("m", x=1, tags={"wallet": "a"})
except ValueError as error:
    print("refused:", error)
tristrata.close()
'''
REPORT = SOURCE / "tests/golden/evidently_reports/v07_datadrift_large_with_tests.json"


def files_of(place: Place) -> dict[str, str]:
    return {f"TRISTRATA_{store.upper()}_URL": f"sqlite:///{place.root}/{store}.db" for store in ("kpi", "drift")}


def emitted(place: Place, environment: dict[str, str]) -> None:
    """By the re-exports into a spool, and from there into the stores."""
    more = environment | {"TRISTRATA_SPOOL": str(place.root / "spool")}
    place.run("python3", "-c", EMISSION, REPORT, says="refused: ", **more)
    place.run("tristrata", "spool", "drain", **more)
    asked = place.run("tristrata", "kpi", "query", "--run-id", "r1", "--format", "json", **environment)
    rows = json.loads(asked)["rows"]
    expect({row["metric_name"]: row["metric_value"] for row in rows} ==
           {"success_rate": 0.97, "data_quality_score": 0.94, "n_input": 1000, "n_output": 985} and
           all(row["tags"]["crypto"] == "BTCUSDC" and row["tags"]["caller_module"] == "training.fit" for row in rows),
           f"the KPI store holds {rows}")
    events = json.loads(place.run("tristrata", "drift", "list", "--format", "json", **environment))["events"]
    metrics = {(event["module"], event["metric"]) for event in events}
    expect({("api.predictions", "p99_latency_ms"), ("hamilton.feature_engineering", "share_drifted")} <= metrics,
           f"the drift store holds {sorted(metrics)}")


def stores(place: Place, server: Document) -> None:
    files = files_of(place)
    place.run("tristrata", "store", "init", **files)
    emitted(place, files)
    place.run("tristrata", "tags", "check", "--uses", "src", says="3 keys, 0 findings")
    # The migration ran by the page's own command; here it runs again, and is what `store init` would make.
    admin = place.environment["ADMIN_URL"]
    migration = place.folder / "infra/migrations/042_kpi_drift_roles.sql"
    place.run("psql", admin, "--quiet", "--set", "ON_ERROR_STOP=1", "--file", migration)
    (users,) = [block for block in blocks_of("text") if "CREATE ROLE" in block]
    place.run("psql", admin, "--quiet", "--set", "ON_ERROR_STOP=1", data=users.replace("…", "word"))
    expect(set(re.findall(r"CREATE ROLE (\w+)", users)) == set(WRITERS), f"the page makes {users}")
    urls = {}
    for user, (key, variable) in WRITERS.items():
        (place.root / key).write_text(f"postgresql://{user}:word@{server['host']}:{server['port']}/observability\n")
        (place.root / key).chmod(0o600)
        urls[f"{variable}_FILE"] = str(place.root / key)
    said = place.run("tristrata", "store", "init", TRISTRATA_ADMIN_URL=admin, **urls)
    expect(said.count("up to date") == 3, f"the migration is not what store init makes: {said}")
    probed = place.run("tristrata", "store", "probe", **urls)
    expect("has too much" not in probed and probed.count("plain 15.") == 5, f"probe says {probed}")
    place.run("tristrata", "incident", "list", **urls)
    analyzer = (place.root / "analyzer_url").read_text().strip()
    place.run("psql", analyzer, "--command", "SELECT 1 FROM kpi.events, drift.events")
    (place.root / "spool").rename(place.root / "spool_of_files")
    emitted(place, urls)
    for user, statement in (("cvntrade_pipeline", "SELECT 1 FROM kpi.events"),
                            ("cvntrade_pipeline", "DELETE FROM kpi.events"),
                            ("cvntrade_pipeline", "SELECT 1 FROM drift.events"),
                            ("cvntrade_checker", "SELECT 1 FROM drift.events"),
                            ("cvntrade_checker", "UPDATE drift.events SET severity = 'info'"),
                            ("cvntrade_dashboard", "INSERT INTO kpi.series VALUES ('a', 'b')")):
        url = (place.root / WRITERS[user][0]).read_text().strip()
        place.run("psql", url, "--command", statement, code=1, says="permission denied")


def gate(place: Place) -> None:
    check = ("tristrata", "readiness", "check", "--story", "CVN-N010-EA-S01", "--at", "2026-11-28", "--verify",
             "dags/features.toml")
    place.run(*check, says="ready")
    rules = place.folder / "infra/prometheus/tristrata.yml"
    text = rules.read_text()
    for before, after, rule in (("TristrataBacklogAges", "Renamed", "RDY220"),
                                ("tristrata_spool_oldest_pending_age_seconds", "renamed", "RDY120")):
        rules.write_text(text.replace(before, after))
        place.run(*check, code=1, says=rule)
    rules.write_text(text)
    for path, rule, code in (("documentation/runbooks/tristrata.md", "RDY221", 1),
                             ("infra/prometheus/tristrata_test.yml", "RDY223", 0)):
        (place.folder / path).rename(place.root / "aside")
        place.run(*check, code=code, says=rule)
        (place.root / "aside").rename(place.folder / path)
    # readiness.scope.toml asks of the design's paths what the built-in table does.
    paths = ["src/training/a.py", "src/commun/pipeline/a.py", "src/commun/inference/a.py", "src/commun/filters/a.py",
             "src/commun/labels/a.py", "src/backtest/a.py", "src/commun/audit/a.py", "src/commun/observability/a.py",
             "models/a.pkl", "infra/grafana/a.json", "documentation/a.md", "src/features/a.py", "ftf_factor.py",
             "documentation/a.onnx", "infra/grafana/a.joblib", "dags/a.safetensors", "scripts/a.keras",
             "src/commun/audit/a.pt"]
    for path in paths:
        scope = ("tristrata", "readiness", "scope", "--format", "json", path)
        ours, built_in = (json.loads(place.run(*scope, *more))["sections"] for more in ((), ("--root", place.root)))
        expect(ours == built_in, f"readiness.scope.toml asks {ours} of {path}, ADR-70 {built_in}")
    night = yaml.safe_load((place.folder / ".github/workflows/readiness_nightly.yml").read_text())
    (line,) = re.findall(r"^tristrata readiness check .*", "\n".join(step.get("run", "") for step in
                         night["jobs"]["readiness"]["steps"]), re.MULTILINE)
    place.run("bash", "-c", line, says=STORY, **files_of(place))


def rules_and_dashboards(place: Place) -> None:
    prometheus = place.folder / "infra/prometheus"
    place.run("promtool", "check", "rules", prometheus / "tristrata.yml", says="SUCCESS")
    place.run("promtool", "test", "rules", prometheus / "tristrata_test.yml", says="SUCCESS")
    # What is linted and queried in deploy/grafana is what came.
    grafana = place.folder / "infra/grafana"
    for kind in ("dashboards", "provisioning"):
        there = sorted((SOURCE / "deploy/grafana" / kind).rglob("*.*"))
        expect(len(there) >= 3, f"deploy/grafana/{kind} has {there}")
        for file in there:
            copy = grafana / file.relative_to(SOURCE / "deploy/grafana")
            same = copy.is_file() and copy.read_bytes() == file.read_bytes()
            expect(same, f"{copy.relative_to(place.folder)} is not deploy/grafana's")
    sources = yaml.safe_load((grafana / "provisioning/datasources/tristrata.yaml").read_text())["datasources"]
    rules = yaml.safe_load((grafana / "provisioning/alerting/tristrata.yaml").read_text())["groups"]
    asked = {part["datasourceUid"] for group in rules for rule in group["rules"] for part in rule["data"]}
    provisioned = {one["uid"] for one in sources}
    expect(len(sources) == 5 and asked - {"__expr__"} <= provisioned, f"rules ask {asked} of {provisioned}")
    for name in ("dags/dag_drift__daily.py", "dags/dag_drift__daily.toml", "dags/features.toml"):
        origin = SOURCE / "deploy/airflow" / name.removeprefix("dags/")
        expect((place.folder / name).read_bytes() == origin.read_bytes(), f"{name} is not {origin}")
    runbooks = {file.name for file in (place.folder / "documentation/runbooks").glob("drift_*.md")}
    migration = (place.folder / "infra/migrations/042_kpi_drift_roles.sql").read_text()
    closed = re.search(r"drift_type IN \(([^)]+)\)", migration)
    types = re.findall(r"'(\w+)'", closed[1]) if closed else []
    expect(len(types) == 10 and runbooks == {f"drift_{kind}.md" for kind in types}, f"{types} have runbooks {runbooks}")


def schema(what: str, document: Document) -> None:
    for version in ("1.29.0", "1.37.0"):
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            failures.append(f"{what} of {version}: {error.message}")


def cluster(place: Place) -> None:
    infra = place.folder / "infra/helm"
    helm = Helm(HELM, place.root, infra / "tristrata")
    values = str(infra / "tristrata-values.yaml")
    rendered = helm.objects("1.37.0", "--values", values)
    for document in rendered:
        schema(f"tristrata-values.yaml: {document['kind']}", document)
    pod = one(rendered, "StatefulSet")["spec"]["template"]["spec"]
    (secret,) = [volume["secret"] for volume in pod["volumes"] if "secret" in volume]
    keys = {key for key, _ in WRITERS.values()}
    expect(secret["secretName"] == "cvntrade-pg-credentials" and {item["key"] for item in secret["items"]} == keys,
           f"serve is given {secret}")
    policy = yaml.safe_load((infra / "cvntrade-runtime/templates/networkpolicy-observability.yaml").read_text())
    schema("networkpolicy-observability.yaml", policy)
    block = yaml.safe_load(pathlib.Path(values).read_text())["networkPolicy"]["egress"][0]
    expect(policy["spec"]["egress"][0]["to"][0]["ipBlock"]["cidr"] == block["cidr"] and
           policy["metadata"]["namespace"] == "cvntrade-runtime", f"two policies lead to {policy} and {block}")
    # A task's pod, as Airflow's chart puts it together.
    text = (infra / "cvntrade-airflow/values-tristrata.yaml").read_text()
    airflow = yaml.safe_load(text)
    workers = airflow["workers"]
    schema("values-tristrata.yaml", {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "task"}, "spec": {
        "initContainers": workers["extraInitContainers"], "volumes": workers["extraVolumes"],
        "terminationGracePeriodSeconds": workers["terminationGracePeriodSeconds"],
        "containers": [{"name": "base", "image": "airflow", "env": airflow["env"],
                        "volumeMounts": workers["extraVolumeMounts"]}]}})
    sidecar = workers["extraInitContainers"][0]
    given = {entry["name"]: entry["value"] for entry in sidecar["env"]}
    emits = {entry["name"]: entry["value"] for entry in airflow["env"]}
    expect(settings_in(text) <= known_settings(TRISTRATA), f"unknown settings among {settings_in(text)}")
    expect(given["TRISTRATA_SPOOL"] == emits["TRISTRATA_SPOOL"] and not any("URL" in name for name in emits),
           f"a task is given {emits}, its sidecar {given}")
    mounts = {mount["name"]: mount["mountPath"] for mount in sidecar["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in workers["extraVolumes"]}
    held = {f"{mounts['tristrata']}/{item['path']}" for item in volumes["tristrata"]["secret"]["items"]}
    expect({value for name, value in given.items() if name.endswith("_FILE")} == held, f"{given} of {held}")
    budget = int(sidecar["args"][sidecar["args"].index("--budget") + 1].removesuffix("s"))
    expect(workers["terminationGracePeriodSeconds"] >= budget + 10, f"{budget} s of budget are cut off")


def architecture(place: Place) -> None:
    includes = [line for block in blocks_of("text") for line in block.splitlines() if line.startswith("!include ")]
    expect(len(includes) == 2, f"the page includes {includes}")
    text = FILES["documentation/architecture/workspace.dsl"]
    for mark, line in zip(("// end of cvntrade", "// end of views"), includes, strict=True):
        text = text.replace(mark, line)
    (place.folder / "documentation/architecture/workspace.dsl").write_text(text)
    broken = place.folder / "documentation/architecture/broken.dsl"
    broken.write_text(text.replace("            configApi = container \"Configuration API\"\n", ""))
    read, refused = parse(JARS, place.folder / "documentation/architecture/workspace.dsl", broken)
    expect(isinstance(refused, str) and "configApi" in refused, f"a missing container is not missed: {refused}")
    if not isinstance(read, Workspace):
        failures.append(f"the user's workspace with two lines more: {read}")
        return
    expect({"kpistore", "driftstore", "evidently"} <= set(read.names) and
           {"kpistore", "driftstore", "api"} <= read.views["ObservabilityLayers"]["elements"], f"it says {read.names}")


def main() -> None:
    server = subprocess.Popen([sys.executable, SOURCE / "tests/servers/postgres.py"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None and server.stdout is not None
    try:
        said = json.loads(server.stdout.readline())
        for statement in ("CREATE DATABASE observability ENCODING 'UTF8' TEMPLATE template0",
                          "CREATE ROLE observability_admin LOGIN CREATEROLE PASSWORD 'word'",
                          "GRANT CREATE ON DATABASE observability TO observability_admin"):
            subprocess.run(["psql", said["url"], "--quiet", "--command", statement], check=True, timeout=60)
        with tempfile.TemporaryDirectory() as temporary:
            admin = f"postgresql://observability_admin:word@{said['host']}:{said['port']}/observability"
            place = Place(pathlib.Path(temporary), admin)
            for part in (follow, page_and_overlay, links, lambda there: stores(there, said), gate, rules_and_dashboards,
                         cluster, architecture):
                try:
                    part(place)
                except (OSError, ValueError, LookupError, AssertionError, subprocess.SubprocessError) as error:
                    failures.append(f"{getattr(part, '__name__', part)} ended: {error!r}"[:2000])
    finally:
        server.stdin.close()
        server.wait(timeout=60)
    whole = len(tomllib.loads((SOURCE / "examples/cvntrade/overlay.toml").read_text())["put"])
    print("\n".join(failures) or f"{whole} rows of the overlay are adopted")
    sys.exit(bool(failures))


main()
