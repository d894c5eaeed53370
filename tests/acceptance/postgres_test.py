"""The path on a real PostgreSQL, by roles of its own, and no secret anywhere: postgres_test.py TRISTRATA SOURCE"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import typing

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
# What breaks parsers of connection strings, percent-encoded as a URL asks; and a piece that would give each away.
PASSWORD, ENCODED = "S3@cr:e/t%?#'\"\\w", "S3%40cr%3Ae%2Ft%25%3F%23%27%22%5Cw"
BREAKING = ["S3cret@w0rd", "S3cret/w0rd", "S3cret?w0rd", "S3cret%w0rd", "S3cret:@w0rd", "S3cret#@w0rd", "S3cret'w0rd@",
            "S3cret\"/w0rd", "S3cret\\@w0rd", "1?S3cret=w0rd"]
# Nothing behind the password: its @HOST was forgotten.
HOSTLESS = ["postgresql://app_kpi:S3cret:51501/lk", "postgresql://app_kpi:S3cret/lk", "postgresql://app_kpi:51739/lk",
            "postgresql://S3cret:app_kpi:1/lk", "postgresql://[S3cret]:5432/lk", "postgresql://a:1,b:S3cret:2/lk"]
SECRETS = [PASSWORD, ENCODED, "S3@cr", "S3%40cr", "S3cret", "w0rd", "51739"]
ROLES = {"app_kpi": "kpi_writer", "app_drift": "drift_writer", "app_read": "grafana_reader"}
# A process has one of a role at a time, and the server ends a session some moments after its client.
CONNECTIONS = 2
CANDLES = source / "examples/fee_change/BTCUSDT_15m.csv.gz"
failures: list[str] = []
heard: list[str] = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


class Shell:
    """The program in a folder of its own, with the stores' URLs in files or in the environment."""

    def __init__(self, folder: pathlib.Path, urls: dict[str, str], in_files: bool) -> None:
        self.folder = folder
        self.before: typing.Callable[[], None] = lambda: None
        self.environment = {"PATH": os.environ["PATH"]}
        for name, url in urls.items():
            if in_files:
                file = folder / name
                file.write_text(url + "\n")
                self.environment[f"TRISTRATA_{name}_FILE"] = str(file)
            else:
                self.environment[f"TRISTRATA_{name}"] = url

    def run(self, *arguments: typing.Any, code: int = 0, data: str = "") -> subprocess.CompletedProcess[str]:
        self.before()
        done = subprocess.run([tristrata, *map(str, arguments)], cwd=self.folder, env=self.environment, input=data,
                              capture_output=True, text=True, timeout=120, check=False)
        heard.extend((done.stdout, done.stderr))
        expect(done.returncode == code, f"{arguments}: exit {done.returncode}, not {code}: {done.stderr}")
        return done


def walk(shell: Shell) -> None:
    expect("--accept plain" in shell.run("store", "init", code=2).stderr, "init does not name --accept plain")
    shell.run("store", "init", "--accept", "plain")
    expect("is up to date" in shell.run("store", "init").stdout, "init is not safe to run twice")
    for _ in range(2):
        shell.run("kpi", "emit", "--module", "candles.btc", "--run-id", "r", "--success", "true", "--time",
                  "2023-03-22T00:00:00.123456Z", "--event-id", "2ed6657d-e927-568b-95e1-2665a8aea6a2", "rows=1344",
                  "score=0.9")
    rows = json.loads(shell.run("kpi", "query", "--module", "candles.btc", "--format", "json").stdout)["rows"]
    expect(len(rows) == 2 and {row["metric_name"] for row in rows} == {"rows", "score"}, f"kpi query gives {rows}")
    expect(all(row["time"] == "2023-03-22T00:00:00.123456Z" for row in rows), "a time lost its microseconds")
    for day, verb in (("2099-01-01", "parked 1"), ("1999-01-01", "parked 1"), ("2023-03-23", "stored 1")):
        said = shell.run("kpi", "emit", "--module", "parked", "--time", day, "x=1").stdout
        expect(verb in said and ("store status" in said) == (verb == "parked 1"), f"an emit of {day} says {said}")
    check = ["drift", "check", CANDLES, "--time", "open_time", "--reference",
             "2023-03-08..2023-03-22", "--current", "2023-03-22..2023-04-05", "--fail-on", "never", "--push",
             "--module", "candles.btc", "--run-id", "r", "--at", "2023-04-05"]
    shell.run(*check)
    events = json.loads(shell.run("drift", "list", "--module", "candles.btc", "--format", "json").stdout)["events"]
    shell.run(*check)
    again = json.loads(shell.run("drift", "list", "--module", "candles.btc", "--format", "json").stdout)["events"]
    expect(len(events) > 3 and again == events, f"{len(events)} events, {len(again)} after the same push")
    shown = shell.run("drift", "show", events[0]["event_id"][:13], "--format", "json").stdout
    expect(events[0]["event_id"] in shown, "drift show does not find an event by its beginning")
    shell.run("drift", "profile", CANDLES, "-o", "btc.profile")
    shell.run("reference", "promote", "btc.profile", "--module", "candles.btc", "--who", "us", "--why", "to be")
    shell.run("drift", "check", "--reference-of", "candles.btc", CANDLES,
              "--fail-on", "never")
    expect("candles.btc" in shell.run("reference", "list").stdout, "the reference is not listed")
    profile = shell.run("drift", "profile", "--sql", "SELECT time, metric_value FROM kpi.events", "--store", "read",
                        "-o", "kpi.profile").stdout
    expect("rows of query on read, 2 columns" in profile, f"a query on PostgreSQL is read as {profile!r}")
    expect("writes" in shell.run("drift", "profile", "--sql", "DELETE FROM kpi.events RETURNING 1", "--store", "read",
                                 "-o", "kpi.profile", code=2).stderr, "a query that writes is not said to write")
    shell.run("reference", "promote", "kpi.profile", "--module", "kpis", "--who", "us", "--why", "to be")
    shell.run("drift", "check", "--reference-of", "kpis", "--sql", "SELECT time, metric_value FROM kpi.events",
              "--store", "read", "--fail-on", "never", "--threads", "8", "--push", "--module", "kpis")
    events = json.loads(shell.run("drift", "list", "--format", "json").stdout)["events"]
    status = json.loads(shell.run("store", "status", "--format", "json").stdout)["stores"]
    counted = {store["table"]: store["rows"] for store in status}
    expect(counted["drift.events"] == len(events) and counted["drift.events_parked"] == 0, f"status counts {counted}")
    probe = shell.run("store", "probe").stdout
    expect("plain 15." in probe and "has too much" not in probe.replace("TRISTRATA_ADMIN", ""), f"probe says {probe}")
    doctor = shell.run("doctor")
    expect("works: postgresql 15" in doctor.stdout, f"doctor says {doctor.stdout}")


def seen_from_outside(shell: Shell) -> None:
    """A connected process has its secrets neither on its command line nor in its environment."""
    query = ["drift", "profile", "--sql", "SELECT 1 AS x, pg_sleep(60)::text AS y", "--store", "read", "-o", "x"]
    process = subprocess.Popen([tristrata, *query], cwd=shell.folder, env=shell.environment, stderr=subprocess.DEVNULL)
    sockets: list[str] = []
    while process.poll() is None and not sockets:
        time.sleep(0.05)
        for link in pathlib.Path(f"/proc/{process.pid}/fd").iterdir():
            if link.exists() or link.is_symlink():
                sockets += [target for target in [os.readlink(link)] if target.startswith("socket:")]
    expect(bool(sockets), "the query did not reach the server")
    for name in ("cmdline", "environ"):
        text = pathlib.Path(f"/proc/{process.pid}/{name}").read_text(errors="replace")
        expect(bool(text) and not any(secret in text for secret in SECRETS), f"a secret stands in /proc/PID/{name}")
    process.kill()
    process.wait()


def slips(folder: pathlib.Path, port: int) -> None:
    """Wrong URLs, every command: a setting is named, and nothing of a password."""
    for url in [f"postgresql://app_kpi:{password}@127.0.0.1:{port}/postgres" for password in BREAKING] + HOSTLESS:
        shell = Shell(folder, {"KPI_URL": url, "DRIFT_URL": url, "READ_URL": url, "ADMIN_URL": url,
                               "ARCHIVE": "s3://bucket/x?secret=S3cret"}, in_files=False)
        # What can be read as a host and a port may be one that is down.
        code = 3 if "51739" in url else 2
        for arguments in (["store", "init", "--accept", "plain"], ["store", "status"], ["kpi", "query"],
                          ["kpi", "emit", "--module", "m", "x=1"], ["drift", "list"]):
            done = shell.run(*arguments, code=code)
            expect("TRISTRATA_" in done.stderr, f"{arguments} with {url!r} names no setting: {done.stderr}")
        shell.run("doctor", code=2)


with tempfile.TemporaryDirectory() as name:
    home = pathlib.Path(name)
    server = subprocess.Popen([sys.executable, source / "tests/servers/postgres.py", "--set", "log_statement=all"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None and server.stdout is not None
    try:
        said = json.loads(server.stdout.readline())
        # What a DBA does: a user of their own for each task. The roles exist before init then, which is harmless.
        quoted = PASSWORD.replace("'", "''")
        users = " ".join(f"CREATE ROLE {role} NOLOGIN; CREATE ROLE {user} LOGIN CONNECTION LIMIT {CONNECTIONS} "
                         f"PASSWORD '{quoted}' IN ROLE {role};" for user, role in ROLES.items())

        def ask(sql: str) -> str:
            done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", said["folder"], "-p",
                                   str(said["port"]), "-U", "postgres", "-c", sql], capture_output=True, text=True,
                                  env={"PATH": os.environ["PATH"], "PGPASSWORD": said["password"]}, check=False)
            expect(done.returncode == 0, done.stderr)
            return done.stdout.strip()

        def all_gone() -> None:
            """The server ends a session some moments after its client did."""
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline and ask("SELECT 1 FROM pg_stat_activity WHERE usename ~ '^app_' LIMIT 1"):
                time.sleep(0.01)

        ask(users)
        place = f"127.0.0.1:{said['port']}/postgres"
        urls = {setting: f"postgresql://{user}:{ENCODED}@{place}" for setting, user in
                (("KPI_URL", "app_kpi"), ("DRIFT_URL", "app_drift"), ("READ_URL", "app_read"))}
        shell = Shell(home, urls | {"ADMIN_URL": said["url"]}, in_files=True)
        # The server refuses a process that opens more connections than its user may have.
        shell.before = all_gone
        walk(shell)
        shell.before = lambda: None
        seen_from_outside(shell)
        slips(home, said["port"])
        for secret in SECRETS:
            for text in heard:
                expect(secret not in text, f"a secret was printed: {text}")
        server_log = (pathlib.Path(said["folder"]) / "postgres.log").read_text(errors="replace")
        expect("ensure_day" in server_log, "the server's log holds no statement")
        ours = "\n".join(line for line in server_log.splitlines() if "CREATE ROLE" not in line)
        expect(not any(secret in ours for secret in SECRETS), "a secret stands in the server's log")
    finally:
        server.stdin.close()
        server.wait()
print("\n".join(failures) or "the path holds on PostgreSQL, and no secret was seen")
sys.exit(1 if failures else 0)
