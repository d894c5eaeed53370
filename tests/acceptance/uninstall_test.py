"""The stores leave a PostgreSQL with all that was in them: uninstall_test.py TRISTRATA SOURCE"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import typing

TRISTRATA, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
CANDLES = str(SOURCE / "examples/fee_change/BTCUSDT_15m.csv.gz")
CHECK = ("drift", "check", CANDLES, "--time", "open_time", "--reference", "2023-03-08..2023-03-22", "--current",
         "2023-03-22..2023-04-05", "--fail-on", "never", "--push", "--module", "candles.btc")
QUERIES = (("kpi", "query", "--limit", "50000"), ("drift", "list"), ("reference", "list"))
# So many that a process can be stopped while it copies.
COPIED = 20_000
failures: list[str] = []


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


class Owner:
    """The program as a user who may create roles, and schemas in one database."""

    def __init__(self, said: dict[str, typing.Any], folder: pathlib.Path) -> None:
        self.said, self.folder = said, folder
        self.ask("CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'word'; GRANT CREATE ON DATABASE postgres TO owner")
        url = f"postgresql://owner:word@127.0.0.1:{said['port']}/postgres"
        self.environment = {"PATH": f"{TRISTRATA.parent}:{os.environ['PATH']}",
                            "TRISTRATA_ARCHIVE": f"file://{folder}/archive",
                            **{f"TRISTRATA_{name}_URL": url for name in ("ADMIN", "KPI", "DRIFT")}}

    def psql(self) -> list[str]:
        return ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.said["folder"], "-p",
                str(self.said["port"]), "-U", "postgres"]

    def ask(self, sql: str) -> str:
        done = subprocess.run([*self.psql(), "-c", sql], capture_output=True, text=True, check=False,
                              env={"PATH": os.environ["PATH"], "PGPASSWORD": self.said["password"]})
        expect(done.returncode == 0, f"{sql}: {done.stderr}")
        return done.stdout.strip()

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen([TRISTRATA, *arguments], env=self.environment, cwd=self.folder, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *arguments: str, code: int = 0) -> str:
        process = self.start(*arguments)
        out, error = process.communicate(timeout=120)
        expect(process.returncode == code, f"{arguments}: exit {process.returncode}, not {code}: {error}")
        return error if code else out

    def answers(self, *stores: str) -> list[typing.Any]:
        return [json.loads(self.run(*query, *stores, "--format", "json")) for query in QUERIES]

    def holds_stores(self) -> bool:
        return self.ask("SELECT count(*) FROM pg_namespace WHERE nspname IN ('kpi', 'drift')") == "2"


class Reader:
    """A transaction that has read, and is not over: a DROP waits for it."""

    def __init__(self, owner: Owner) -> None:
        self.process = subprocess.Popen(owner.psql(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={"PATH": os.environ["PATH"], "PGPASSWORD": owner.said["password"]})
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write("BEGIN;\nSELECT count(*) FROM drift.probes;\n")
        self.process.stdin.flush()
        self.process.stdout.readline()

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)


def waits_for(condition: typing.Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            failures.append(f"waited in vain for {what}")
            return
        time.sleep(0.02)


def fill(owner: Owner) -> None:
    """Among the events, parked, archived, and with references."""
    owner.run("store", "init", "--accept", "plain")
    owner.run("kpi", "emit", "--module", "old", "--time", "2024-02-03T00:00:00.000001Z", "x=0.1")
    owner.run("store", "archive", "--from", "2024-02-03", "--to", "2024-02-04")
    for number in range(3):
        owner.run("kpi", "emit", "--module", "m", "--run-id", f"run-{number}", "--dag-node", "node", "--duration-ms",
                  "7", "--success", "true", "--tag", "model=ridge", "--time", f"2026-01-0{number + 1}T08:00:00.123456Z",
                  "a=0.1", "b=1e-300", "c=-3")
    owner.run("kpi", "emit", "--module", "parked", "--time", "1999-05-05T00:00:00Z", "x=1")
    owner.run("kpi", "emit", "--module", "parked", "--time", "2024-02-03T00:00:00Z", "late=1")
    owner.ask("SELECT kpi.ensure_day('2025-06-01'); INSERT INTO kpi.events (time, module, metric_name, metric_value, "
              "event_id, emit_id, emit_seq) SELECT '2025-06-01Z'::timestamptz + number * interval '1 second', 'many', "
              f"'x', number / 7.0, gen_random_uuid(), gen_random_uuid(), 0 FROM generate_series(1, {COPIED}) AS number")
    # Parked, and among the events too: one row in the file.
    owner.ask("INSERT INTO kpi.events_parked SELECT * FROM kpi.events WHERE run_id = 'run-0' AND metric_name = 'a'")
    owner.run(*CHECK, "--at", "2023-04-05")
    owner.run(*CHECK, "--at", "2099-04-05")
    owner.run("drift", "profile", CANDLES, "-o", "btc.profile")
    for why in ("first", "second"):
        owner.run("reference", "promote", "btc.profile", "--module", "candles.btc", "--who", "us", "--why", why)


def refusals(owner: Owner) -> None:
    """Each leaves everything as it is."""
    expect("--export" in owner.run("store", "uninstall", code=2), "without --export it says what is missing")
    file = owner.run("store", "uninstall", "--export", "x", "--kpi-url", "sqlite:///x.db", code=2)
    expect("it is a file" in file and owner.holds_stores(), f"a store of SQLite: {file}")
    owner.ask("UPDATE kpi.events SET metric_value = 'NaN' WHERE run_id = 'run-1' AND metric_name = 'a'")
    held = owner.run("store", "uninstall", "--export", "x", code=3)
    expect(re.search(r"metric_value is NaN in a row of kpi.events \(event_id [0-9a-f-]{36}, time 2026-01-02T08:00:00"
                     r".123456Z\), which SQLite does not hold", held) is not None and owner.holds_stores()
           and not (owner.folder / "x.unfinished").exists(), f"a NaN: {held}")
    mend = re.search("run again: (UPDATE [^;]*);", held)
    owner.ask(mend[1] if mend else "")
    expect(owner.ask("SELECT count(*) FROM kpi.events WHERE metric_value IS NULL") == "1", "the SQL that it names")
    owner.ask("UPDATE kpi.events SET metric_value = 0.1 WHERE metric_value IS NULL")
    owner.ask("CREATE VIEW public.mine AS SELECT * FROM kpi.events")
    hangs = owner.run("store", "uninstall", "--export", "out", code=3)
    expect("hangs on the store" in hangs and "as it was" in hangs, hangs)
    expect("view mine depends on table kpi.events" in hangs, f"what hangs on the store is not named: {hangs}")
    owner.ask("DROP VIEW public.mine; CREATE TABLE drift.mine (x int)")
    strange = owner.run("store", "uninstall", "--export", "out", code=3)
    expect('"mine"' in strange and "as it was" in strange, strange)
    owner.ask("DROP TABLE drift.mine")
    (owner.folder / "full").mkdir()
    (owner.folder / "full/mine").write_text("x")
    expect("there already" in owner.run("store", "uninstall", "--export", "full", code=2), "a full folder is taken")
    owner.ask("INSERT INTO kpi.archive_leaves (leaf, half, first_day, end_day) "
              "VALUES ('events_20200101', '', '2020-01-01', '2020-01-02')")
    expect("store retain" in owner.run("store", "uninstall", "--export", "out", code=3), "leaves under way go unseen")
    owner.ask("DELETE FROM kpi.archive_leaves WHERE leaf = 'events_20200101'")
    expect(not list(owner.folder.glob("out*")), f"a refused run leaves {list(owner.folder.glob('out*'))}")


def stopped_while_copying(owner: Owner, folder: str) -> subprocess.Popen[str]:
    """It is past its rehearsal, and stands still. A / behind the folder is no part of its name."""
    process = owner.start("store", "uninstall", "--export", f"{folder}/", "--format", "json")
    waits_for((owner.folder / f"{folder}.unfinished").exists, "the copy")
    process.send_signal(signal.SIGSTOP)
    expect(not (owner.folder / folder).exists(), "the copy was over too early")
    return process


def dies(owner: Owner, before: list[typing.Any]) -> None:
    """Killed while it copies, and between copy and drop: the database is as it was, and the next run is told."""
    process = stopped_while_copying(owner, "half")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    half = owner.run("store", "uninstall", "--export", "half", code=2)
    expect("half.unfinished" in half and "still has all" in half, f"a half folder is not told: {half}")
    process = stopped_while_copying(owner, "whole")
    reader = Reader(owner)
    process.send_signal(signal.SIGCONT)
    waits_for((owner.folder / "whole").exists, "the copy's end")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    reader.end()
    expect(owner.answers() == before, "a run that was killed before the drop changed something")
    expect("there already" in owner.run("store", "uninstall", "--export", "whole", code=2), "its folder is taken")


def walk(owner: Owner) -> None:
    fill(owner)
    urls, before = dict(owner.environment), owner.answers()
    parked = json.loads(owner.ask("SELECT json_agg(metric_name ORDER BY time) FROM kpi.events_parked"))
    expect(parked == ["x", "late", "a"], f"parked are {parked}")
    kpis = int(owner.ask("SELECT count(*) FROM kpi.events"))
    events = int(owner.ask("SELECT (SELECT count(*) FROM drift.events) + (SELECT count(*) FROM drift.events_parked)"))
    refusals(owner)
    dies(owner, before)
    expect(owner.holds_stores(), "the stores are gone too early")
    process = stopped_while_copying(owner, "out")
    emit = owner.start("kpi", "emit", "--module", "meanwhile", "x=1")
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    waits_for(lambda: owner.ask(waits) != "0", "the emit's lock")
    process.send_signal(signal.SIGCONT)
    out, error = process.communicate(timeout=120)
    expect(process.returncode == 0, f"uninstall: exit {process.returncode}: {error}")
    said = json.loads(out)
    emitted = emit.communicate(timeout=120)
    expect(emit.returncode != 0 and "kpi" in emitted[1], f"an emit meanwhile: {emit.returncode}, {emitted}")
    expect(not owner.holds_stores(), "the schemas are still there")
    rows = {table["table"]: table["rows"] for table in said["tables"]}
    expect((rows["kpi.events"], rows["kpi.events_parked"], said["twice"]) == (kpis, 3, 1), f"counted: {rows}, {said}")
    expect(rows["drift.events"] + rows["drift.events_parked"] == events, f"counted: {rows}, not {events}")
    expect(kpis >= COPIED + 9 and events == 22, f"there were {kpis} and {events}")
    expect(rows["drift.references"] == 2 and rows["kpi.archive_parts"] == 1, f"counted: {rows}")
    out_folder = f"sqlite:///{owner.folder}/out"
    stores = ("--kpi-url", f"{out_folder}/kpi.db", "--drift-url", f"{out_folder}/drift.db")
    compare(owner, before, stores, events)
    expect(sorted(os.listdir(owner.folder / "out")) == ["drift.db", "kpi.db"], os.listdir(owner.folder / "out"))
    owner.environment = urls
    nothing = owner.run("store", "uninstall", "--export", "again", code=3)
    expect("no store" in nothing, f"a second run says {nothing}")
    roles = "SELECT count(*) FROM pg_roles WHERE rolname ~ 'writer$|reader$|analyzer$|^responder$|^maintenance$'"
    expect(owner.ask(roles) == "6" and len(said["roles"]) == 6, f"roles: {said['roles']}")
    owner.ask(said["sql"])
    expect(owner.ask(roles) == "0", "the SQL for roles leaves some")


def compare(owner: Owner, before: list[typing.Any], stores: tuple[str, ...], events: int) -> None:
    """What the queries gave, and the parked rows, which they did not give."""
    for setting in ("ADMIN", "KPI", "DRIFT"):
        owner.environment.pop(f"TRISTRATA_{setting}_URL")
    kpis, found, references = owner.answers(*stores)
    expect(references == before[2], f"references: {references}, not {before[2]}")
    expect([row for row in kpis["rows"] if row["module"] != "parked"] == before[0]["rows"], "the KPIs differ")
    expect({row["metric_name"] for row in kpis["rows"] if row["module"] == "parked"} == {"x", "late"}, "parked rows")
    until_2099 = [event for event in found["events"] if event["detected_at"] < "2099"]
    expect(until_2099 == before[1]["events"], "the drift events differ")
    expect(len(found["events"]) == events, f"{len(found['events'])} events, not {events}")
    shown = owner.run("drift", "show", found["events"][0]["event_id"], *stores)
    expect(found["events"][0]["event_id"] in shown, "drift show does not find an event")
    status = owner.run("store", "status", *stores)
    expect("archived: kpi.events, 2024-02-03..2024-02-04: 1 day in 1 part, 1 row" in status, f"status: {status}")
    file = owner.run("store", "uninstall", "--export", "x", *stores, code=2)
    expect("it is a file" in file, f"SQLite: {file}")


def page(owner: Owner) -> None:
    """The commands of docs/uninstall.md."""
    block = re.findall(r"^```text\n(.*?)^```", (SOURCE / "docs/uninstall.md").read_text(), re.MULTILINE | re.DOTALL)[0]
    expect("store uninstall" in block and "kpi query" in block, "the page has other commands")
    done = subprocess.run(["bash", "-exuo", "pipefail", "-c", block], cwd=owner.folder, env=owner.environment,
                          capture_output=True, text=True, timeout=120, check=False)
    expect(done.returncode == 0, f"docs/uninstall.md: {done.stderr}")


with tempfile.TemporaryDirectory() as name:
    server = subprocess.Popen([sys.executable, SOURCE / "tests/servers/postgres.py"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None and server.stdout is not None
    try:
        one = Owner(json.loads(server.stdout.readline()), pathlib.Path(name))
        walk(one)
        one.run("store", "init", "--accept", "plain")
        page(one)
    finally:
        print("\n".join(failures) or "the stores left whole")
        server.stdin.close()
        server.wait(timeout=60)
sys.exit(1 if failures else 0)
