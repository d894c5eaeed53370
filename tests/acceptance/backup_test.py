"""The commands of docs/backup.md for PostgreSQL, from one server to another: backup_test.py TRISTRATA SOURCE"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import typing

TRISTRATA, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
CANDLES = str(SOURCE / "examples/fee_change/BTCUSDT_15m.csv.gz")
# Every row of every table, and every right.
ROWS = """SELECT table_schema || '.' || table_name,
query_to_xml(format('SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM %I.%I AS t',
                    table_schema, table_name), true, true, '')
FROM information_schema.tables WHERE table_schema IN ('kpi', 'drift') ORDER BY 1"""
RIGHTS = """SELECT table_schema, table_name, grantee, privilege_type FROM information_schema.table_privileges
WHERE table_schema IN ('kpi', 'drift') ORDER BY 1, 2, 3, 4"""
PASSWORD = "hush-4711"  # Nowhere else: it is looked for on command lines.
failures: list[str] = []


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


class Server:
    """A PostgreSQL on which a DBA has made a database and its administrator."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, SOURCE / "tests/servers/postgres.py"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.said: dict[str, typing.Any] = json.loads(self.process.stdout.readline())
        self.ask("CREATE ROLE owner LOGIN CREATEROLE PASSWORD '" + PASSWORD + "'", "postgres")
        self.ask("CREATE DATABASE observability", "postgres")
        self.ask("GRANT CREATE ON DATABASE observability TO owner")
        self.url = f"postgresql://owner:{PASSWORD}@127.0.0.1:{self.said['port']}/observability"

    def ask(self, sql: str, database: str = "observability") -> str:
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.said["folder"], "-p",
                               str(self.said["port"]), "-U", "postgres", "-d", database, "-c", sql], text=True,
                              capture_output=True, check=False,
                              env={"PATH": os.environ["PATH"], "PGPASSWORD": self.said["password"]})
        expect(done.returncode == 0, f"{sql}: {done.stderr}")
        return done.stdout

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)


def blocks_of_page() -> list[str]:
    return re.findall(r"^```text\n(.*?)^```", (SOURCE / "docs/backup.md").read_text(), re.MULTILINE | re.DOTALL)


def write_services(folder: pathlib.Path, **servers: Server) -> None:
    """The page's pg_service.conf, with these servers in it."""
    text = next((block for block in blocks_of_page() if block.startswith("[old]")), "")
    for name, server in servers.items():
        section = re.search(rf"^\[{name}\]\n(?:.+\n)+", text, re.MULTILINE)
        expect(section is not None, f"the page has no [{name}]: {text}")
        told = section.group() if section else ""
        for key, value in (("host", "127.0.0.1"), ("port", str(server.said["port"])), ("password", PASSWORD)):
            told = re.sub(rf"^{key}=.*$", f"{key}={value}", told, flags=re.MULTILINE)
        text = text.replace(section.group() if section else "", told)
    (folder / "pg_service.conf").write_text(text)
    (folder / "pg_service.conf").chmod(0o600)


def write_listeners(folder: pathlib.Path) -> None:
    """PostgreSQL's programs, each behind one of its name that notes what the process list would show."""
    folder.mkdir()
    for name in ("psql", "pg_dump", "pg_restore"):
        (folder / name).write_text(f'#!/bin/sh\nprintf "%s\\n" "{name} $*" >> {folder}/process-list\n'
                                   f'exec {shutil.which(name)} "$@"\n')
        (folder / name).chmod(0o755)


def commands() -> list[str]:
    """The blocks of the page that speak of a dump."""
    blocks = blocks_of_page()
    found = [block for block in blocks if "observability.dump" in block]
    expect(len(found) == 2 and "pg_dump" in found[0] and "pg_restore" in found[1], f"the page has {found}")
    return found


def walk(old: Server, new: Server, folder: pathlib.Path) -> None:
    write_services(folder, old=old, new=new)
    write_listeners(folder / "listeners")
    environment = {"PATH": f"{folder}/listeners:{TRISTRATA.parent}:{os.environ['PATH']}",
                   "TRISTRATA_SPOOL": str(folder / "spool"),
                   **{f"NEW_{name}_URL": new.url for name in ("ADMIN", "KPI", "DRIFT")},
                   **{f"TRISTRATA_{name}_URL": old.url for name in ("ADMIN", "KPI", "DRIFT")}}

    def run(script: str, **changes: str) -> str:
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=environment | changes, cwd=folder,
                              capture_output=True, text=True, timeout=120, check=False)
        expect(done.returncode == 0, f"{script}: {done.stderr}")
        return done.stdout

    run(f"""tristrata store init --accept plain
            tristrata kpi emit --module m --run-id before --success true --tag model=ridge rows=1344 score=0.1
            tristrata kpi emit --module m --time 1999-01-01 parked=1
            tristrata drift check {CANDLES} --time open_time --reference 2023-03-08..2023-03-22 \
                --current 2023-03-22..2023-04-05 --fail-on never --push --module m
            tristrata drift profile {CANDLES} -o btc.profile
            tristrata reference promote btc.profile --module m --who us --why first
            tristrata spool drain""")
    dump, restore = commands()
    run(dump)
    before, rights = old.ask(ROWS), old.ask(RIGHTS)
    counted = [int(count) for count in re.findall(r"<count>(\d+)</count>", before)]
    expect(sum(1 for count in counted if count) >= 7, f"hardly a table has rows: {counted}")
    # What came after the dump stands in the spool still.
    run("tristrata kpi emit --module m --run-id after rows=1350 && tristrata spool drain")
    dumped, replay = restore.split("tristrata spool replay")
    run(dumped)
    expect(new.ask(ROWS) == before, f"the rows are not those of before:\n{before}\n{new.ask(ROWS)}")
    expect(new.ask(RIGHTS) == rights and len(rights) > 1000, "the rights are not those of before")
    later = {f"TRISTRATA_{name}_URL": new.url for name in ("ADMIN", "KPI", "DRIFT")}
    run("tristrata spool replay" + replay, **later)
    rows = json.loads(run("tristrata kpi query --module m --format json", **later))["rows"]
    runs = sorted((row["run_id"], row["metric_name"]) for row in rows if row["run_id"])
    expect(runs == [("after", "rows"), ("before", "rows"), ("before", "score")], f"after the replay: {runs}")
    listed = (folder / "listeners/process-list").read_text()
    expect(len(listed.splitlines()) == 3 and PASSWORD not in listed, f"the process list shows: {listed}")
    expect(new.ask("SELECT count(*) FROM kpi.events_parked").strip() == "1", "a parked row is there twice")


with tempfile.TemporaryDirectory() as name:
    servers: list[Server] = []
    try:
        servers += [Server(), Server()]
        walk(servers[0], servers[1], pathlib.Path(name))
    finally:
        for server in servers:
            server.stop()
        print("\n".join(failures) or "what was dumped is there again")
sys.exit(1 if failures else 0)
