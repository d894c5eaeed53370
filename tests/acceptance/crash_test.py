"""Writers killed at random moments lose nothing acknowledged and leave nothing half: crash_test.py TRISTRATA ROUNDS"""
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid

TRISTRATA, ROUNDS, SEED = os.path.abspath(sys.argv[1]), int(sys.argv[2]), 20240607
failures = []
draw = random.Random(SEED)


def expect(holds, message):
    if not holds:
        failures.append(message)


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    environment = {**os.environ, **{f"TRISTRATA_{layer}_URL": f"sqlite:///{folder}/{layer.lower()}.db"
                                    for layer in ("KPI", "DRIFT")}}

    def start(*arguments):
        return subprocess.Popen([TRISTRATA, *map(str, arguments)], env=environment, cwd=folder,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def finish(process):
        _, said = process.communicate(timeout=60)
        return process.returncode, said.decode()

    for side, shift in (("a", 0.0), ("b", 1.0)):
        rows = [f"{draw.gauss(shift, 1)},{draw.gauss(shift, 1)}" for _ in range(500)]
        (folder / f"{side}.csv").write_text("x,y\n" + "\n".join(rows) + "\n")
    expect(finish(start("store", "init"))[0] == 0, "store init")
    made = finish(start("drift", "check", "a.csv", "b.csv", "--format", "json", "--out", "report.json",
                        "--fail-on", "never"))
    expect(made[0] == 0, f"drift check: {made[1]}")

    push = ("drift", "push", "report.json", "--module", "m")
    emits, acknowledged, killed = [], [], 0
    for _ in range(ROUNDS):
        event = str(uuid.UUID(int=draw.getrandbits(128), version=4))
        emit = ("kpi", "emit", "--module", "m", "--run-id", event, "--event-id", event,
                "--time", "2026-01-01T00:00:00Z", "first=1", "second=2", "third=3")
        emits.append((event, emit))
        writers = [(event, start(*emit)), (None, start(*push)), (event, start(*emit))]
        time.sleep(draw.uniform(0.0, 0.03))
        for of, process in writers:
            if draw.random() < 0.7 and process.poll() is None:
                process.send_signal(signal.SIGKILL)
            code, said = finish(process)
            killed += code == -signal.SIGKILL
            expect(code in (0, -signal.SIGKILL), f"a writer beside a killed one ended with {code}: {said}")
            if code == 0 and of:
                acknowledged.append(of)

    def rows(layer, query):
        with sqlite3.connect(folder / f"{layer}.db") as store:
            return store.execute(query).fetchall()

    counts = dict(rows("kpi", "SELECT run_id, count(*) FROM events GROUP BY run_id"))
    expect(set(counts.values()) <= {3}, f"an emit of three metrics is there in part: {sorted(counts.values())[:3]}")
    lost = [event for event in acknowledged if counts.get(event) != 3]
    expect(not lost, f"{len(lost)} acknowledged emits are not in the store")
    for command in [push] + [emit for _, emit in emits]:
        code, said = finish(start(*command))
        expect(code == 0, f"sent again: exit {code}: {said}")
    counts = dict(rows("kpi", "SELECT run_id, count(*) FROM events GROUP BY run_id"))
    expect(len(counts) == ROUNDS and set(counts.values()) == {3}, f"sent again: {len(counts)} emits of {ROUNDS}")
    events = rows("drift", "SELECT count(*), count(DISTINCT event_id) FROM events")[0]
    reports = rows("drift", "SELECT count(*) FROM reports")[0][0]
    expect(events[0] == events[1] > 0 and reports == 1,
           f"one report pushed often is {events} events of {reports} reports")
    for layer in ("kpi", "drift"):
        expect(rows(layer, "PRAGMA integrity_check") == [("ok",)], f"{layer}.db is not whole")
    expect(killed >= ROUNDS // 4, f"only {killed} writers were killed in {ROUNDS} rounds: nothing was tried")

print("\n".join(failures) or f"{killed} writers killed in {ROUNDS} rounds (seed {SEED}): nothing lost, nothing half")
sys.exit(bool(failures))
