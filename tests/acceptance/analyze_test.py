"""The three incidents, each found by its shipped analyzer on the night it happens, and nothing the night before; the
same run twice is the same rows; mistakes of a file are told at once; what opened an incident also ends it:
analyze_test.py TRISTRATA SOURCE"""
import datetime as dt
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
incidents = source / "examples/analyzers/incidents.toml"
failures: list[str] = []


def run(folder: str, *words: object, expected: int = 0, **settings: str) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TRISTRATA_")}
    done = subprocess.run([tristrata, *map(str, words)], capture_output=True, text=True, cwd=folder, timeout=300,
                          env={**environment, "TRISTRATA_KPI_URL": "sqlite:///kpi.db",
                               "TRISTRATA_DRIFT_URL": "sqlite:///drift.db",
                               **{f"TRISTRATA_{name}": value for name, value in settings.items()}})
    if done.returncode != expected:
        failures.append(f"{words}: exit {done.returncode}, expected {expected}: {done.stdout[-2000:]}{done.stderr}")
    return done.stdout


def check(what: str, holds: bool, found: object) -> None:
    if not holds:
        failures.append(f"{what}: {found}")


def night(folder: str, day: int, dead: bool, dropped: tuple[str, str, int] | None, completed: list[str]) -> None:
    def emit(hour: int, *words: object) -> None:
        run(folder, "kpi", "emit", "--time", f"2026-01-{day:02}T{hour:02}:10:00Z", *words)
    for feature in range(12):
        emit(1, "--module", "feature_selection", "--dag-node", f"f{feature}",
             f"feature_gain={1.000291 if dead else 1 + 0.01 * ((feature * 7 + day) % 12)}")
    for variant in ("baseline", "candidate"):
        for crypto in ("BTCUSDC", "ETHUSDC"):
            for fold in range(4):
                if (variant, crypto, fold) != dropped:
                    emit(2, "--module", "train", "--tag", f"variant={variant}", "--tag", f"crypto={crypto}", "--tag",
                         f"fold_id={fold}", f"predictions_captured_rate={0.97 + 0.002 * fold}")
    for variant in completed:
        emit(3, "--module", "phase2", "--success", "true", "--tag", f"variant={variant}", "phase2_completed=1")


with tempfile.TemporaryDirectory() as folder:
    run(folder, "store", "init")
    night(folder, 5, False, None, ["baseline", "candidate"])
    night(folder, 6, False, None, ["baseline", "candidate"])
    night(folder, 7, True, ("candidate", "ETHUSDC", 2), ["baseline"])
    once = ("analyze", "run", incidents, "--once")
    quiet = json.loads(run(folder, *once, "--at", "2026-01-07T01:00Z", "--format", "json"))
    check("an ordinary night is quiet", [one["events"] for one in quiet] == [[], [], []], quiet)
    found = json.loads(run(folder, *once, "--at", "2026-01-08T01:00Z", "--format", "json", expected=1))
    crits = sorted(event["metric"] for one in found for event in one["events"] if event["severity"] == "crit")
    check("each incident is crit", crits == [
        "absent_phase2_completed[variant=candidate]",
        "absent_predictions_captured_rate[crypto=ETHUSDC,fold_id=2,variant=candidate]",
        "constant_feature_gain", "row_count_phase2_completed"], crits)
    run(folder, *once, "--at", "2026-01-08T01:00Z", expected=1)
    stored = json.loads(run(folder, "drift", "list", "--severity", "crit", "--format", "json"))
    events = stored["events"] if isinstance(stored, dict) else stored
    check("twice the same run is the same rows", len(events) == 4, events)
    nothing = run(folder, *once, "--at", "2026-01-09T01:00Z", "--dry-run", expected=1)
    check("no data at all is told", nothing.count("no data") == 3 and "a dry run" in nothing, nothing)

    pathlib.Path(folder, "bad.toml").write_text(
        '[[analyzer]]\nname = "a"\nsource = "sql"\nquery = "DELETE FROM kpi.events; SELECT now()"\nwindwo = "1d"\n'
        '[[analyzer]]\nname = "a"\nsource = "promql"\n')
    told = run(folder, "analyze", "lint", "bad.toml", expected=2)
    for words in ('bad.toml:4:9: the query begins with delete', "bad.toml:4:9: now reads a clock",
                  'bad.toml:5:10: unknown key "windwo"; did you mean "window"?', 'there is an analyzer "a" already',
                  "no url of a Prometheus"):
        check(f"lint tells {words}", words in told, told)
    run(folder, "analyze", "run", "bad.toml", "--once", expected=2)

    # A source that is down: told, and the others are judged.
    pathlib.Path(folder, "down.toml").write_text(
        '[[analyzer]]\nname = "down"\nsource = "promql"\nurl = "http://127.0.0.1:1"\nquery = "up"\nwindow = "1h"\n'
        'timeout = "2s"\ndrift_type = "latency_drift"\nmodule = "m"\n' + incidents.read_text().split("\n\n")[-1])
    mixed = json.loads(run(folder, "analyze", "run", "down.toml", "--once", "--dry-run", "--at", "2026-01-07T01:00Z",
                           "--format", "json"))
    check("a dead source is told beside the others",
          [(one["analyzer"], one["failure"], one["severity"]) for one in mixed] ==
          [("completed_runs", None, None), ("down", "unavailable", "warn")], mixed)

# With the store of incidents an analyzer's good windows are told while one is open, and it recovers.
with tempfile.TemporaryDirectory() as folder:
    response, spool = {"RESPONSE_URL": "sqlite:///response.db"}, {"SPOOL": f"{folder}/spool"}
    run(folder, "store", "init", **response)
    pathlib.Path(folder, "scores.toml").write_text(
        '[[analyzer]]\nname = "score"\nsource = "sql"\nwindow = "1h"\nminimum = 0.5\nmodule = "m"\n'
        'query = "SELECT time, metric_value FROM kpi.events WHERE time >= :from AND time < :to"\n'
        'drift_type = "prediction_drift"\n')
    hour = dt.datetime.now(dt.timezone.utc).replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=6)

    def at(hours: float) -> str:
        return (hour + dt.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def analyzed(hours: int, expected: int = 0, **settings: str) -> str:
        return run(folder, "analyze", "run", "scores.toml", "--once", "--at", at(hours), expected=expected, **settings)

    def phases() -> list[tuple[str, str]]:
        run(folder, "incident", "step", **response, **spool)
        found = json.loads(run(folder, "incident", "list", "--format", "json", **response))
        return [(one["drift_type"], one["phase"]) for one in found["incidents"]]

    for hours, score in ((0.5, 0.9), (1.5, 0.04), (2.5, 0.9), (3.5, 0.9), (4.5, 0.9)):
        run(folder, "kpi", "emit", "--module", "m", "--time", at(hours), f"score={score}")
    told = analyzed(1, **response)
    check("nothing of what is good is told while nothing is open", "0 events pushed\n" in told, told)
    told = analyzed(2, 1, **response)
    check("a value below its bound is told", "1 of 1 value beyond the bounds: 1 below 0.5" in told, told)
    check("it is an incident", phases() == [("data_quality", "open")], phases())
    told = analyzed(3)
    check("without the store of incidents findings alone", "0 events pushed\n" in told, told)
    for hours in (3, 4, 5):
        told = analyzed(hours, **response)
        check("what is good again is told", "of them of what was good" in told, told)
    check("the incident recovers", phases() == [("data_quality", "cooling")], phases())
    missing = analyzed(5, RESPONSE_URL="sqlite:///nowhere/response.db")
    check("incidents that cannot be read hold up no finding", "0 events pushed\n" in missing, missing)

# What comes back is found as what began was: the windows of an incident that is over are no reference.
with tempfile.TemporaryDirectory() as folder:
    response, spool = {"RESPONSE_URL": "sqlite:///response.db"}, {"SPOOL": f"{folder}/spool"}
    run(folder, "store", "init", **response)
    pathlib.Path(folder, "tristrata.toml").write_text('[incident]\ncool_down = "1s"\n')
    pathlib.Path(folder, "scores.toml").write_text(
        '[[analyzer]]\nname = "score"\nsource = "sql"\nwindow = "1h"\nmodule = "train"\n'
        'query = "SELECT time, metric_value AS score FROM kpi.events WHERE time >= :from AND time < :to"\n'
        'drift_type = "prediction_drift"\n')
    now = dt.datetime.now(dt.timezone.utc).replace(minute=0, second=0, microsecond=0)
    draw = random.Random(4)
    with sqlite3.connect(f"{folder}/kpi.db") as kpi:
        for back in range(70, 0, -1):
            for minute in range(0, 60, 5):
                is_bad = back in (9, 8, 7, 2, 1)
                kpi.execute("INSERT INTO events(time, module, metric_name, metric_value, event_id, emit_id, emit_seq) "
                            "VALUES (?, 'train', 'score', ?, ?, ?, 0)",
                            ((now - dt.timedelta(hours=back, minutes=-minute)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                             draw.gauss(0.2 if is_bad else 0.5, 0.05), str(uuid.uuid4()), str(uuid.uuid4())))
    for back in range(8, -1, -1):
        window = ("analyze", "run", "scores.toml", "--once", "--at",
                  (now - dt.timedelta(hours=back, minutes=-1)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        is_bad = back in (8, 7, 6, 1, 0)
        dry = run(folder, *window, "--dry-run", expected=int(is_bad), **response)
        told = run(folder, *window, expected=int(is_bad), **response)
        check(f"the window of {back} hours ago is judged alike by who pushes and who does not",
              dry.splitlines()[0] == told.splitlines()[0], dry + told)
        run(folder, "incident", "step", **response, **spool)
        if back == 3:
            time.sleep(1.1)
            run(folder, "incident", "step", **response, **spool)
            ended = json.loads(run(folder, "incident", "list", "--closed", "--format", "json", **response))
            check("it ended", [one["phase"] for one in ended["incidents"]] == ["closed"], ended)

bench = subprocess.run([sys.executable, source / "benchmarks/analyzers.py", tristrata, "--only",
                        "nyc_taxi,elb_request_count_8c0756", "--cost", "20"], capture_output=True, text=True,
                       timeout=300)
check("labelled series are found", bench.returncode == 0 and "found 6 of 7" in bench.stdout,
      bench.stdout + bench.stderr)

print("\n".join(failures) or "the incidents are found")
sys.exit(bool(failures))
