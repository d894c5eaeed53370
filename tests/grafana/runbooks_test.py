"""Every runbook has its sections, every alert its runbook, and every command and query in them runs, on stores that
hold such an event: runbooks_test.py TRISTRATA SOURCE"""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import stores as filled
from stores import READER, TYPES, Stores, served

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
FOLDER = source / "docs/runbooks"
SECTIONS = ["Meaning", "Impact", "Diagnosis", "Mitigation", "Escalation"]
SINCE = "2026-11-10"
failures: list[str] = []


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def anchor_of(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-")


def check_sections(page: pathlib.Path, text: str) -> None:
    """Meaning, Impact, Diagnosis, Mitigation with what to do at warn and at crit, Escalation."""
    found = re.findall(r"^## (.*)$", text, re.MULTILINE)
    expect(found == SECTIONS, f"{page.name}: sections {found}, not {SECTIONS}")
    for name, body in zip(found, re.split(r"^## .*$", text, flags=re.MULTILINE)[1:]):
        expect(len(body.split()) >= 12, f"{page.name}: {name} says hardly anything")
        if name == "Mitigation":
            degrees = re.findall(r"^### (.*)$", body, re.MULTILINE)
            expect(degrees == ["warn", "crit"], f"{page.name}: Mitigation of {degrees}")
            expect("README.md#stop-what-acts-on-it" in body.split("### crit")[-1],
                   f"{page.name}: crit does not say to stop what acts on it")
        if name == "Diagnosis":
            expect(bool(blocks(body, "sh")) and bool(blocks(body, "sql")), f"{page.name}: no command, or no query")
    expect("drift show \"$EVENT\"" in text or "drift list" in text, f"{page.name}: asks the drift store nothing")


def check_pages() -> dict[str, str]:
    pages = {page.name: page.read_text(encoding="utf-8") for page in sorted(FOLDER.glob("*.md"))}
    wanted = {f"drift_{one}.md" for one in TYPES} | {"README.md", "absence.md", "tristrata.md"}
    expect(set(pages) == wanted, f"pages {sorted(set(pages) ^ wanted)} are missing or too many")
    said: dict[str, list[str]] = collections.defaultdict(list)
    for name, text in pages.items():
        if name.startswith("drift_"):
            check_sections(FOLDER / name, text)
        for paragraph in re.split(r"\n\s*\n", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
            if len(paragraph) > 120:
                said[" ".join(paragraph.split())].append(name)
        for target in re.findall(r"\]\(([^)]+)\)", text):
            path, _, anchor = target.partition("#")
            aimed = (FOLDER / path).resolve() if path else FOLDER / name
            if anchor and aimed.suffix == ".md" and aimed.exists():
                titles = re.findall(r"^#+ (.*)$", aimed.read_text(encoding="utf-8"), re.MULTILINE)
                expect(anchor in map(anchor_of, titles), f"{name}: {target}: no such heading")
        if name != "README.md":
            expect(f"]({name})" in pages["README.md"], f"README.md does not lead to {name}")
    for paragraph, names in said.items():
        expect(len(names) == 1, f"{names} say the same: {paragraph[:60]}")
    return pages


def check_types(stores: Stores) -> None:
    """The ten types are those that the drift store takes: an eleventh without a runbook fails here."""
    with stores.owner() as owner:
        rows = owner.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = "
                             "'drift.events'::regclass AND contype = 'c'").fetchall()
    types = next(set(re.findall(r"'(\w+)'::text", row[0])) for row in rows if "drift_type" in row[0])
    expect(types == set(TYPES), f"drift types without a runbook, or runbooks without a type: {types ^ set(TYPES)}")


def run_page(stores: Stores, name: str, text: str) -> int:
    drift_type = re.sub(r"^drift_|\.md$", "", name) if name.startswith("drift_") else "data_drift"
    module = f"typed.{drift_type}"
    with stores.owner() as owner:
        row = owner.execute("SELECT left(event_id::text, 18) FROM drift.events WHERE module = %s AND severity = 'crit' "
                            "ORDER BY detected_at DESC LIMIT 1", (module,)).fetchone()
    assert row is not None
    environment = {**stores.environment, "MODULE": module, "EVENT": row[0], "RUN": "d1", "SINCE": SINCE,
                   "SCOPE": "crypto:BTCUSDT", "PGPASSWORD": filled.PASSWORD, "NO_COLOR": "1"}
    ran = 0
    for block in blocks(text, "sh"):
        for command in block.strip().splitlines():
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=stores.folder, env=environment,
                                  capture_output=True, text=True, timeout=120, check=False)
            expect(done.returncode == 0 and bool(done.stdout.strip()),
                   f"{name}: {command}: exit {done.returncode}: {done.stderr}{done.stdout}")
            ran += 1
    for block in blocks(text, "sql"):
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(stores.said["host"]),
                               "-p", str(stores.said["port"]), "-U", READER, "-d", "postgres", "-v", f"module={module}",
                               "-v", f"event={row[0]}", "-v", "run=d1", "-v", f"since={SINCE}"], input=block, text=True,
                              capture_output=True, env=environment, timeout=120, check=False)
        expect(done.returncode == 0 and bool(done.stdout.strip()), f"{name}: {block}: {done.stderr or 'no row'}")
        expect(block.rstrip().endswith(";") and "LIMIT" in block, f"{name}: a query without an end or a LIMIT: {block}")
        ran += 1
    return ran


def fill_runs(stores: Stores) -> None:
    """A run of each type's module, and something in a spool."""
    for drift_type in TYPES:
        stores.run("kpi", "emit", "--module", f"typed.{drift_type}", "--run-id", "d1", "--dag-node", "compute",
                   "--time", "2026-11-24T03:00:00Z", "--duration-ms", "70", "--success", "false",
                   "n_input=1000", "n_output=985")
    stores.environment["TRISTRATA_SPOOL"] = str(stores.folder / "spool")
    stores.run("kpi", "emit", "--module", "waits", "x=1")
    stores.run("spool", "drain")


def open_incident(stores: Stores) -> None:
    """A real one: a check that finds something now, and one evaluation."""
    candles = source / "examples/fee_change/BTCUSDT_15m.csv.gz"
    stores.environment["TRISTRATA_OWNERS"] = str(source / "deploy/owners.toml")
    stores.run("drift", "check", candles, "--time", "open_time", "--reference", "2023-03-08..2023-03-22", "--current",
               "2023-03-22..2023-04-05", "--plan", source / "examples/fee_change/plan.toml", "--fail-on", "never",
               "--push", "--module", "candles.btc")
    stores.run("spool", "drain")
    stores.run("incident", "step")
    found = json.loads(stores.run("incident", "list", "--module", "candles.btc", "--format", "json"))
    stores.environment["INCIDENT"] = found["incidents"][0]["incident_id"]
    shown = stores.run("incident", "show", stores.environment["INCIDENT"], "--format", "json")
    pages = set(re.findall(r"(drift_\w+\.md)#(\w+)", shown))
    expect(pages == {("drift_data_drift.md", "crit")} and (FOLDER / "drift_data_drift.md").is_file(),
           f"the incident's runbook is {pages}")


commands = 0
texts = check_pages()
with tempfile.TemporaryDirectory() as folder:
    with served(tristrata, source, pathlib.Path(folder)) as made:
        made.fill(incidents=False)
        fill_runs(made)
        open_incident(made)
        check_types(made)
        for page_name, page_text in texts.items():
            commands += run_page(made, page_name, page_text)
expect(commands >= 45, f"only {commands} commands and queries were found")
print("\n".join(failures) or f"{len(texts)} pages, {commands} commands and queries ran")
sys.exit(bool(failures))
