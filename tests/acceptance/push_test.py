"""What a failed push left behind is said, and what was pushed can be read: push_test.py TRISTRATA"""
import json
import os
import pathlib
import random
import re
import shlex
import sqlite3
import subprocess
import sys
import tempfile

TRISTRATA = pathlib.Path(sys.argv[1]).resolve()
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="push_"))
failures = []
draw = random.Random(3)
for name, shift in (("before.csv", 0), ("after.csv", 2)):
    rows = "".join(f"{draw.gauss(shift, 1):.5f},{draw.gauss(0, 1):.5f}\n" for _ in range(300))
    (FOLDER / name).write_text("volume,calm\n" + rows)
STORES = {"TRISTRATA_KPI_URL": "sqlite:///kpi.db", "TRISTRATA_DRIFT_URL": "sqlite:///drift.db"}
CHECK = ("drift", "check", "before.csv", "after.csv", "--fail-on", "never")
PUSH = (*CHECK, "--push", "--module", "m", "--format", "json", "--out", "o.json")


def run(*arguments, environment=STORES):
    return subprocess.run([TRISTRATA, *arguments], capture_output=True, text=True, cwd=FOLDER, timeout=120,
                          env={"PATH": "/usr/bin:/bin", "HOME": str(FOLDER), **environment})


def expect(title, done, code, *says):
    text = done.stdout + done.stderr
    if done.returncode != code:
        failures.append(f"{title}: exit {done.returncode}, not {code}: {text[:600]}")
    failures.extend(f"{title}: no '{word}' in: {text[:600]}" for word in says if word not in text)


def count(store):
    with sqlite3.connect(FOLDER / store) as database:
        return database.execute("SELECT count(*) FROM events").fetchone()[0]


# One file is not made two stores; the command that a missing one asks for can be pasted.
both = {"TRISTRATA_KPI_URL": "sqlite:///one.db", "TRISTRATA_DRIFT_URL": f"sqlite:///{FOLDER}/one.db"}
expect("one file for both", run("store", "init", environment=both), 2, "each needs a file of its own")
if (FOLDER / "one.db").exists():
    failures.append("one file for both: a refused init made a file")
for word in ("kpi query", "drift list"):
    missing = run(*word.split())
    expect(f"{word} without a store", missing, 3, "make one with: tristrata store init --")
    pasted = run(*shlex.split(missing.stderr.split("make one with: tristrata ")[1]), environment={})
    expect("the pasted command", pasted, 0, "applied")

# With a spool a store that does not answer holds no check up: its verdict, its report and its events are there.
away = {"TRISTRATA_KPI_URL": "sqlite:///away/kpi.db", "TRISTRATA_DRIFT_URL": "sqlite:///away/drift.db"}
expect("no store, no spool", run(*PUSH, environment=away), 2, "is not there; make it first")
spooled = run(*PUSH, environment=away | {"TRISTRATA_SPOOL": "spool"})
expect("no store, a spool", spooled, 0, "pushed", "spooled", "for module m")
if not json.loads((FOLDER / "o.json").read_text())["columns"]:
    failures.append("no store, a spool: there is no report")
(FOLDER / "labels.csv").write_text("y_true,y_pred\n" + "1,1\n0,0\n1,0\n0,1\n" * 50)
quality = ("quality", "check", "labels.csv", "labels.csv", "--push", "--module", "q")
expect("quality, no store, a spool", run(*quality, environment=away | {"TRISTRATA_SPOOL": "spool"}), 0, "spooled")
storeless = run(*PUSH, environment={"TRISTRATA_SPOOL": "spool"})
expect("a spool, no URL", storeless, 0, "spooled", "KPIs go to the spool alone", "TRISTRATA_KPI_URL is not set",
       "TRISTRATA_DRIFT_URL is not set")
expect("no spool, no URL", run(*PUSH, environment={}), 2, "TRISTRATA_KPI_URL is not set")
(FOLDER / "away").mkdir()
run("store", "init", environment=away)
expect("the store is there again", run("spool", "drain", environment=away | {"TRISTRATA_SPOOL": "spool"}), 0)
if count("away/drift.db") == 0 or count("away/kpi.db") == 0:
    failures.append("the store is there again: what was spooled did not come")

# A locked KPI store: nothing is pushed. One that fails later: what is stored is said, and the retry is harmless.
holder = sqlite3.connect(FOLDER / "kpi.db", isolation_level=None)
holder.execute("BEGIN IMMEDIATE")
expect("a locked KPI store", run(*PUSH), 3, "kpi.db is locked", "nothing was pushed",
       "the report is whole in o.json: push it later with tristrata drift push o.json --module m")
holder.execute("ROLLBACK")
if count("drift.db"):
    failures.append("a locked KPI store: drift events were stored all the same")
holder.execute("CREATE TRIGGER refusal BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no'); END")
half = run(*PUSH)
expect("a KPI store that refuses", half, 3, "drift events are stored, the check's own KPIs are not")
stored = count("drift.db")
holder.execute("DROP TRIGGER refusal")
holder.close()
at = re.search(r"with --at (\S+) stores", half.stderr)
expect("the retry", run(*PUSH, *(("--at", at[1]) if at else ())), 0, "pushed 0 drift events")
if count("drift.db") != stored or not count("kpi.db"):
    failures.append(f"the retry: {stored} events became {count('drift.db')}, {count('kpi.db')} KPIs")

# What was pushed can be read.
listed = run("drift", "list")
expect("drift list", listed, 0, "psi_volume", "median", "<0.0001", " p ")
widest = max(map(len, listed.stdout.splitlines()))
if widest > 140:
    failures.append(f"drift list: {widest} characters wide")
times = [line.split("  ")[0] for line in listed.stdout.splitlines()[1:]]
if not times or any(not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times):
    failures.append(f"drift list: times that are no whole seconds: {times}")
again = run("store", "init")
expect("store init again", again, 0, "KPI store kpi.db is up to date\n", "drift store drift.db is up to date\n")
events = json.loads(run("drift", "list", "--format", "json").stdout)["events"]
moved = [event for event in events if event["metric"].startswith("psi_")]
for event in events:
    beginning = os.path.commonprefix([event["event_id"], *(e["event_id"] for e in events if e is not event)])
    shown = run("drift", "show", event["event_id"][:max(8, len(beginning) + 1)])
    says = {"share": (f"{len(moved)} of 2 tested columns drifted", "--format json shows them"), "psi": ("The median ",),
            "range": ("outside the range",)}[event["metric"].split("_")[0]]
    expect(f"drift show of {event['metric']}", shown, 0, event["event_id"], *says)
    if max(map(len, shown.stdout.splitlines())) > 450:
        failures.append(f"drift show of {event['metric']}: a line of {max(map(len, shown.stdout.splitlines()))}")
# An id that was given again with another time is another event.
twice = events[0]["event_id"]
with sqlite3.connect(FOLDER / "drift.db") as store:
    columns = [row[1] for row in store.execute("PRAGMA table_info(events)") if row[1] not in ("id", "detected_at")]
    store.execute(f"INSERT INTO events ({', '.join(columns)}, detected_at) SELECT {', '.join(columns)}, "
                  "'2026-01-01T00:00:00.000000Z' FROM events WHERE event_id = ?", (twice,))
store.close()
shown = run("drift", "show", twice, "--format", "json")
expect("drift show of an id of two", shown, 0, f"note: 2 events have the id {twice}, each with a time or a severity")
if [one["event_id"] for one in json.loads(shown.stdout)] != [twice, twice]:
    failures.append("drift show of an id of two: " + shown.stdout)
with sqlite3.connect(FOLDER / "drift.db") as store:
    store.execute("DELETE FROM events WHERE detected_at = '2026-01-01T00:00:00.000000Z'")
store.close()
expect("an empty beginning", run("drift", "show", ""), 2, "several events")
expect("no such beginning", run("drift", "show", "zzz"), 3, "no event whose id begins with")

# A report that is cut short or damaged is said to be, with the place.
whole = (FOLDER / "o.json").read_text()
half = len(whole) // 2
for title, text, says in (("cut short", whole[:half], f"it ends at line 1, column {half + 1};"),
                          ("cut in a later line", whole.replace(",", ",\n", 3)[:half], "it ends at line 4, column "),
                          ("damaged", whole.replace("{", "{\n}}", 1), "it is broken at line 2, column 2;")):
    (FOLDER / "half.json").write_text(text)
    half = run("drift", "push", "half.json", "--module", "m")
    expect(f"a report {title}", half, 3, f"half.json: not a whole JSON document: {says}", "write or copy it again")
    if "json.exception" in half.stderr:
        failures.append(f"a report {title}: the library speaks: {half.stderr}")

# Where a result goes, and where it is when another one fails.
expect("--html - with the table", run(*CHECK, "--html", "-"), 2, "both go to standard output")
page = run(*CHECK, "--out", "table.txt", "--html=-")
expect("--html -", page, 0, "<!DOCTYPE html>")
expect("--html to a full disk", run(*CHECK, "--format", "json", "--out", "o.json", "--html", "/dev/full"), 3,
       "cannot write /dev/full", "the report is whole in o.json: push it later")
wide = [",".join(f"c{column}" for column in range(5000))]
wide += [",".join(f"{draw.random():.3f}" for _ in range(5000)) for _ in range(20)]
(FOLDER / "wide.csv").write_text("\n".join(wide))
large = run("drift", "check", "wide.csv", "wide.csv", "--fail-on", "never", "--out", "wide.txt", "--html", "wide.html")
expect("a large page", large, 0, "note: the HTML page of 5000 columns is", " MB, which browsers open slowly")
if (FOLDER / "-").exists():
    failures.append("--html=- wrote a file of that name")
print("\n".join(failures) or "every push said what it did")
subprocess.run(["rm", "-rf", FOLDER], check=True)
sys.exit(bool(failures))
