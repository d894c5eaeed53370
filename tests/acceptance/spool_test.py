"""Emit, spool, store by the commands: without a store, with damage, after the store forgot: spool_test.py TRISTRATA"""
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

TRISTRATA = os.path.abspath(sys.argv[1])
failures: list[str] = []


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    environment = {**{key: value for key, value in os.environ.items() if not key.startswith("TRISTRATA_")},
                   "TRISTRATA_KPI_URL": f"sqlite:///{folder}/kpi.db", "TRISTRATA_SPOOL": str(folder / "spool")}

    def run(*arguments: str, code: int = 0, **changes: str) -> str:
        done = subprocess.run([TRISTRATA, *arguments], env=environment | changes, cwd=folder, capture_output=True,
                              text=True, timeout=120)
        expect(done.returncode == code, f"{' '.join(arguments)}: exit {done.returncode}, not {code}: {done.stderr}")
        return done.stdout + done.stderr

    def emit(run_id: str) -> str:
        return run("kpi", "emit", "--module", "m", "--run-id", run_id, "first=1", "second=2")

    def books() -> dict:
        slots = json.loads(run("spool", "status", "--format", "json"))["slots"]
        return {key: sum(one[key] for slot in slots for one in slot["classes"])
                for key in ("emitted", "stored", "duplicate", "dead", "dropped", "pending")}

    def stored() -> int:
        with sqlite3.connect(folder / "kpi.db") as store:
            return store.execute("SELECT count(*) FROM events").fetchone()[0]

    expect("there is no spool at" in run("spool", "status", code=3), "a spool that is not there is named")
    for command in (("drain",), ("check",), ("status",), ("replay", "--since", "2020-01-01")):
        began = time.monotonic()
        said = run("spool", *command, code=3, TRISTRATA_SPOOL="/etc")
        expect("/etc is no spool: expected folders slot_0000" in said and time.monotonic() - began < 10,
               f"spool {command[0]}: what is no spool is said at once: {said}")
    said = run("kpi", "emit", "--module", "m", "x=1", code=3, TRISTRATA_SPOOL="/etc")
    expect("/etc is no spool: expected folders slot_0000" in said and not pathlib.Path("/etc/slot_0000").exists(),
           f"an emit makes no spool among other things: {said}")
    (folder / "empty").mkdir()
    for command in (("drain",), ("check",), ("status",)):
        expect("empty has no slot: nothing was emitted to it yet" in
               run("spool", *command, TRISTRATA_SPOOL=str(folder / "empty")), f"spool {command[0]}: an empty folder")
    if os.geteuid() == 0:  # Only root can give a folder away, and write where it may not.
        os.chown(folder / "empty", 65534, 65534)
        for command in (("kpi", "emit", "--module", "m", "x=1"), ("spool", "drain")):
            said = run(*command, code=3, TRISTRATA_SPOOL=str(folder / "empty"))
            expect("is user 65534's and this is user 0" in said and "its owner: " in said,
                   f"{command[1]} of root: {said}")
        expect(not any((folder / "empty").iterdir()), "it made nothing there")
        run("spool", "check", TRISTRATA_SPOOL=str(folder / "empty"))
    said = emit("one")
    expect("emitted 2 (spooled: " in said and "store init" in said, f"an emit without its store says why: {said}")
    expect(books() == {"emitted": 2, "stored": 0, "duplicate": 0, "dead": 0, "dropped": 0, "pending": 2},
           f"it is pending: {books()}")
    expect("store init" in run("spool", "drain", "--budget", "1s", code=3), "a drain without a store says what to do")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        said = run("kpi", "emit", "--module", "m", "x=1", TRISTRATA_SPOOL=str(folder / "unanswered"),
                   TRISTRATA_KPI_URL=f"postgresql://u:p@127.0.0.1:{silent.getsockname()[1]}/db")
    expect("kpi records wait: a delivery did not end within the budget" in said,
           f"an emit beside a server that does not answer says that it waits: {said}")
    run("store", "init")
    said = run("doctor")
    expect("GB free, 1 slot, 2 rows pending since 20" in said, f"doctor looks at the spool: {said}")
    expect("2 rows stored" in run("spool", "drain"), "what waited is stored")
    emit("two")
    emit("three")
    expect(stored() == 6 and books()["stored"] == 6 and books()["pending"] == 0, f"an exit drains: {books()}")
    expect("nothing is damaged" in run("spool", "check"), "a sound spool is said to be sound")

    # The store loses what it committed, its memory of the batches too.
    with sqlite3.connect(folder / "kpi.db") as store:
        store.execute("DELETE FROM events WHERE run_id <> 'one'")
        store.execute("DELETE FROM batches")
    again = json.loads(run("spool", "replay", "--since", "2020-01-01", "--format", "json"))["classes"]
    expect(again == [{"class": "kpi", "sent": 6, "stored": 4, "there_already": 2, "dead": 0}], f"replayed: {again}")
    expect(stored() == 6 and books()["stored"] == 6, "everything is back, and the ledger is as it was")

    said = run("spool", "replay", "--since", "2999-01-01", code=2)
    expect("--since: 2999-01-01T00:00:00Z is in the future" in said, f"a time that is to come is said: {said}")
    said = run("spool", "replay", "--since", "yesterday", code=2)
    expect("--since: " in said, f"what is no time is said with its option: {said}")

    # A writer is killed while another one follows.
    follower = subprocess.Popen([TRISTRATA, "spool", "drain", "--follow"], env=environment, cwd=folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for number in range(5):
        victim = subprocess.Popen([TRISTRATA, "kpi", "emit", "--module", "m", "--run-id", f"killed-{number}", "x=1"],
                                  env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        victim.stdout.readline()  # It is acknowledged.
        victim.send_signal(signal.SIGKILL)
        victim.wait(timeout=60)
    waited = time.monotonic()
    while stored() < 11 and time.monotonic() - waited < 60:
        time.sleep(0.05)
    expect(stored() == 11, f"a killed writer's rows are carried by another: {stored()} of 11")
    follower.send_signal(signal.SIGTERM)
    out, err = follower.communicate(timeout=60)
    expect(follower.returncode == 0 and re.match(r"in all: (?!0 )\d+ rows stored", out) is not None,
           f"--follow: {follower.returncode}: {err}")
    expect(books()["pending"] == 0 and books()["stored"] == 11, f"the ledger adds up: {books()}")

    # What no store took for as long as it may wait is parked, counted and said, and sent when it is asked for.
    environment |= {"TRISTRATA_SPOOL": str(folder / "waiting"), "TRISTRATA_SPOOL_MAX_AGE": "1s",
                    "TRISTRATA_KPI_URL": f"sqlite:///{folder}/never.db"}
    emit("waits")
    said = ""
    for _ in range(30):
        said += run("spool", "drain", "--budget", "1s", code=3) if "parked" not in said else ""
    expect("2 rows of class kpi in " in said and "tristrata spool drain --parked" in said, f"parked is said: {said}")
    run("store", "init")
    expect("0 rows stored" in run("spool", "drain"), "what is parked is not sent unasked")
    expect(books() == {"emitted": 2, "stored": 0, "duplicate": 0, "dead": 0, "dropped": 0, "pending": 2} and
           "2 rows are parked" in run("spool", "status"), f"it is pending: {books()}")
    expect("2 rows stored" in run("spool", "drain", "--parked") and books()["pending"] == 0, "asked for, it goes")
    expect("TRISTRATA_SPOOL_MAX_AGE: " in run("spool", "drain", code=2, TRISTRATA_SPOOL_MAX_AGE="soon"),
           "an age that is none is said")
    environment |= {"TRISTRATA_SPOOL": str(folder / "spool"), "TRISTRATA_KPI_URL": f"sqlite:///{folder}/kpi.db"}
    del environment["TRISTRATA_SPOOL_MAX_AGE"]

    # A slot in which a newer version has written.
    newer = folder / "spool" / "slot_0009"
    newer.mkdir()
    (newer / "00000000000000000001.segment").write_bytes(b"TRISSPOL\x02" + bytes(4087))
    began = time.monotonic()
    said = run("spool", "drain", "--budget", "60s", code=3)
    expect("is of a newer version, format 2" in said and "drain it with the tristrata that wrote it" in said and
           time.monotonic() - began < 10, f"a newer slot is said at once: {said}")
    said = run("spool", "check", code=3)
    expect("nothing is damaged\n1 file is of a newer version than this tristrata " in said, f"it is no damage: {said}")
    expect((newer / "00000000000000000001.segment").read_bytes().startswith(b"TRISSPOL\x02"), "it is left untouched")
    shutil.rmtree(newer)

    # The row of an emit is damaged, and the ledger knows of it; then one that only the segment knew.
    for number, (rows, known) in enumerate(((2, True), (0, False))):
        at = {"TRISTRATA_SPOOL": str(folder / f"ends{number}"),
              "TRISTRATA_KPI_URL": f"sqlite:///{folder}/ends{number}.db"}
        run("kpi", "emit", "--module", "m", "first=1", "second=2", **at)
        if not known:
            (folder / f"ends{number}" / "slot_0000" / "ledger").unlink()
        with open(folder / f"ends{number}" / "slot_0000" / "00000000000000000001.segment", "r+b") as segment:
            segment.seek(1100)
            segment.write(b"XXXX")
        said = run("spool", "check", code=1, **at)
        expect(not known or "is damaged at its end" in said, f"a check says what the ledger knows: {said}")
        expect("that are no record: a write that was cut off, or damage" in said, f"nobody knows what it was: {said}")
        run("store", "init", **at)
        said = run("spool", "drain", **at)
        expect(f"{rows} dead" in said and ("a copy is kept, and they count as dead" in said) == known,
               f"a row dies with a reason: {said}")
        expect(not known or "1 damaged file kept" in run("spool", "status", **at), "status shows the copy")

    # Somebody removes a segment that was not drained, beside a folder that is named like one.
    environment["TRISTRATA_SPOOL"] = str(folder / "holed")
    environment["TRISTRATA_KPI_URL"] = f"sqlite:///{folder}/later.db"
    emit("gone")
    (folder / "holed" / "slot_0000" / "00000000000000000007.segment").mkdir()
    said = run("spool", "check", code=1)
    expect("has the name of a spool's file and is none" in said, f"a folder is said: {said}")
    expect("emitted 2 (spooled: " in emit("kept"), "a folder with a segment's name fails no emit")
    (folder / "holed" / "slot_0000" / "00000000000000000007.segment").rmdir()
    (folder / "holed" / "slot_0000" / "00000000000000000001.segment").unlink()
    said = run("spool", "check", code=1)
    expect("slot_0000 misses " in said and "a drain counts them as dead" in said, f"what is missing is found: {said}")
    run("store", "init")
    said = run("spool", "drain")
    expect("missing on the disk)" in said and "they count as dead" in said, f"a drain says what is missing: {said}")
    found = json.loads(run("spool", "status", "--format", "json"))["slots"][0]["classes"][0]
    expect(found["missing"] == found["dead"] > 0 and found["stored"] + found["dead"] == found["emitted"],
           f"it has a counter: {found}")
    expect("since no segment held them" in run("spool", "check"), "and is a note from then on")
    environment["TRISTRATA_SPOOL"] = str(folder / "spool")
    environment["TRISTRATA_KPI_URL"] = f"sqlite:///{folder}/kpi.db"

    segment = sorted((folder / "spool" / "slot_0000").glob("*.segment"))[0]
    bytes_ = bytearray(segment.read_bytes())
    bytes_[1024 + 40] ^= 1
    segment.write_bytes(bytes_)
    expect("no readable frame" in run("spool", "check", code=1), "damage is found")
    expect("emitted 2 (spooled: " in emit("after"), "a damaged spool goes on")

    # ulimit -f: a write that fails with its reason, and no process that is killed.
    limited = subprocess.run(
        [TRISTRATA, "kpi", "emit", "--module", "m", "x=1"], cwd=folder, capture_output=True, text=True, timeout=120,
        env=environment | {"TRISTRATA_SPOOL": str(folder / "limited")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000)))
    expect(limited.returncode >= 0 and "ulimit -f" in limited.stdout + limited.stderr,
           f"a file size limit: exit {limited.returncode}: {limited.stdout}{limited.stderr}")

print("\n".join(failures) or "emitted, spooled, stored, replayed, killed and damaged: nothing lost, nothing silent")
sys.exit(bool(failures))
