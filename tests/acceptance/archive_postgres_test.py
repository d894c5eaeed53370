"""Retention on PostgreSQL by an owner who is no superuser, as commands: archive_postgres_test.py TRISTRATA SOURCE"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TRISTRATA, SOURCE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
RANGE = ("--from", "2026-01-01", "--to", "2026-02-01")
failures: list[str] = []


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


class Owner:
    """The program as a user who may create roles, and schemas in one database."""

    def __init__(self, said: dict, folder: str) -> None:
        self.said, self.folder = said, folder
        self.ask("CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'word'; GRANT CREATE ON DATABASE postgres TO owner")
        url = f"postgresql://owner:word@127.0.0.1:{said['port']}/postgres"
        self.environment = {"PATH": os.environ["PATH"], "TRISTRATA_ARCHIVE": f"file://{folder}/archive",
                            **{f"TRISTRATA_{name}_URL": url for name in ("ADMIN", "KPI", "DRIFT")}}

    def ask(self, sql: str) -> str:
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.said["folder"], "-p",
                               str(self.said["port"]), "-U", "postgres", "-c", sql], capture_output=True, text=True,
                              env={"PATH": os.environ["PATH"], "PGPASSWORD": self.said["password"]}, check=False)
        expect(done.returncode == 0, f"{sql}: {done.stderr}")
        return done.stdout.strip()

    def run(self, *arguments: str) -> str:
        done = subprocess.run([TRISTRATA, *arguments], env=self.environment, cwd=self.folder, capture_output=True,
                              text=True, timeout=120, check=False)
        expect(done.returncode == 0, f"{arguments}: exit {done.returncode}: {done.stderr}")
        return done.stdout

    def warned(self) -> str:
        """What store status says beside its table, and the table."""
        done = subprocess.run([TRISTRATA, "store", "status"], env=self.environment, cwd=self.folder,
                              capture_output=True, text=True, timeout=120, check=False)
        expect(done.returncode == 0, f"store status: exit {done.returncode}: {done.stderr}")
        return done.stderr + done.stdout

    def result(self, *arguments: str) -> dict:
        out = self.run(*arguments, "--format", "json")
        return json.loads(out) if out else {}

    def emit(self, run_id: str, *metrics: str) -> None:
        self.run("kpi", "emit", "--module", "m", "--run-id", run_id, "--time", "2026-01-05T08:00:00Z", *metrics)


def walk(owner: Owner) -> None:
    owner.run("store", "init", "--accept", "plain")
    owner.emit("one", "x=1", "y=2")
    owner.emit("two", "x=1", "y=2")
    expect(owner.result("store", "retain")["layers"][0]["rows"] == 4, "the day leaves")
    owner.emit("late", "x=1")
    expect(owner.ask("SELECT count(*) FROM kpi.events_parked") == "1", "a row of a day that left is parked")
    late = owner.result("store", "retain")["layers"][0]
    expect((late["late"], late["rows"]) == (1, 1), f"and becomes a further part: {late}")
    expect(owner.result("store", "status")["archived"][0]["rows"] == 5, "status shows what left")
    for fresh in (5, 0):
        restored = owner.result("store", "restore", *RANGE, "--name", "jan")["layers"][0]
        expect(restored["restored"] == fresh, f"restored: {restored}, not {fresh}")
    owner.ask("SET ROLE grafana_reader; SELECT 1 FROM restore_jan.kpi_events")
    erased = owner.result("store", "erase", "--run-id", "one", "--yes")["layers"][0]
    expect((erased["archived_rows"], erased["files_removed"]) == (2, 1), f"erased: {erased}")
    owner.run("store", "restore", *RANGE, "--into", "back", "--layer", "kpi")
    for fresh in (3, 0):
        copied = owner.result("store", "copy", f"sqlite:///{owner.folder}/back/kpi.db")
        expect(copied["rows"] == 3 and copied["copied"] == fresh, f"copied: {copied}, not {fresh}")
    expect(owner.ask("SELECT string_agg(DISTINCT run_id, ',') FROM kpi.events_parked") == "late,two", "late again")


def stays_parked(owner: Owner) -> None:
    """Rows of a wrong clock: status says what becomes of them, retain how many it leaves, and an erase reaches them."""
    owner.run("kpi", "emit", "--module", "clock", "--run-id", "ahead", "--time", "2099-01-01T00:00:00Z", "x=1", "y=2")
    owner.run("kpi", "emit", "--module", "clock", "--run-id", "before", "--time", "1999-01-01T00:00:00Z", "x=1")
    said = owner.run("store", "retain")
    expect("kpi: 2 rows left parked: no partition is made for more than 60 days ahead" in said and
           "kpi: 1 row left parked: no partition is made for a time before 2000" in said, f"retain says {said}")
    counted = owner.result("store", "retain")["layers"][0]
    expect((counted["parked_ahead"], counted["parked_before_2000"]) == (2, 1), f"retain counts {counted}")
    said = owner.warned()
    for words in ("kpi.events_parked holds 3 rows", "1999-01-01T00:00:00Z to 2099-01-01T00:00:00Z",
                  "2 rows more than 60 days ahead", "1 row before 2000: parked for good", "store erase --run-id",
                  "SELECT module, run_id, count(*) FROM kpi.events_parked GROUP BY 1, 2", "partitions end"):
        expect(words in said, f"status does not say {words!r}: {said}")
    expect("store retain takes" not in said, f"status promises of retain what it cannot do: {said}")
    owner.ask("SELECT module, run_id, count(*) FROM kpi.events_parked GROUP BY 1, 2")
    for run_id, rows in (("ahead", 2), ("before", 1)):
        erased = owner.result("store", "erase", "--run-id", run_id, "--yes")["layers"][0]
        expect(erased["parked_rows"] == rows, f"erased of {run_id}: {erased}")
    expect("parked holds" not in owner.warned(), "what was erased is warned of still")


with tempfile.TemporaryDirectory() as name:
    server = subprocess.Popen([sys.executable, SOURCE / "tests/servers/postgres.py"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None and server.stdout is not None
    try:
        owner = Owner(json.loads(server.stdout.readline()), name)
        walk(owner)
        owner.ask("DELETE FROM kpi.events_parked")
        stays_parked(owner)
    finally:
        server.stdin.close()
        server.wait()
print("\n".join(failures) or "days leave PostgreSQL and come back")
sys.exit(1 if failures else 0)
