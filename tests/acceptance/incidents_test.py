"""The three incidents of examples/incidents, found by the running system while one watches: incidents_test.py TRISTRATA
SOURCE"""
import json
import pathlib
import subprocess
import sys

TRISTRATA, SOURCE = (pathlib.Path(given).resolve() for given in sys.argv[1:3])
NIGHT = 10
failures: list[str] = []


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


done = subprocess.run([sys.executable, SOURCE / "examples/incidents/demo.py", TRISTRATA, "--night", str(NIGHT),
                       "--format", "json"], capture_output=True, text=True, timeout=1400, check=False)
print(done.stderr, file=sys.stderr)
expect(done.returncode == 0, f"the demonstration ended with {done.returncode}")
found = json.loads(done.stdout) if done.returncode == 0 else {"incidents": []}
expect(len(found["incidents"]) == 3, f"three are played: {found}")
for one in found["incidents"]:
    name, page = one["name"], one["page"]
    expect(one["began"] < one["found_at"] < one["opened_at"] <= one["paged_at"],
           f"{name}: it begins, is found, becomes an incident, pages: {one}")
    expect(one["layer"] == "execution", f"{name}: first seen by {one['layer']}")
    labels, notes = page["labels"], page["annotations"]
    expect(labels["severity"] == "crit" and labels["module"] == one["module"] and
           labels["alertname"] == f"drift_{labels['drift_type']}", f"{name}: labels {labels}")
    expect(page["status"] == "firing", f"{name}: {page['status']}")
    runbook, _, section = notes["runbook_url"].partition("#")
    text = (SOURCE / runbook).read_text()
    expect(section == "crit" and "\n### crit\n" in text,
           f"{name}: the page's runbook opens at {notes['runbook_url']}")
    expect("ml-platform" in labels["route"], f"{name}: it goes to its owner: {labels}")
expect([one["module"] in show and "did not report" in show or "1.000" in show or "row" in show
        for one, show in zip(found["incidents"], found.get("show", []))] == [True] * 3,
       f"what is shown says what moved: {found.get('show')}")
if found["incidents"]:
    expect(found["prometheus"]["up"] and not found["prometheus"]["rules_firing"] and
           found["prometheus"]["incidents_opened"] >= 3, f"the watcher is watched, and well: {found['prometheus']}")
    expect(found["health"]["problems"] == [], f"it is healthy: {found['health']}")
    decided = {one["decision"] for one in found["kill_switch"]}
    expect(decided and decided <= {"insufficient_evidence", "would_engage", "nothing_open", "unmapped"},
           f"the kill switch looked, in shadow: {found['kill_switch']}")
for failure in failures:
    print(f"FAILED: {failure}", file=sys.stderr)
sys.exit(1 if failures else 0)
