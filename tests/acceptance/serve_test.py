"""tristrata serve as a process: figures, health, log, end, and what it refuses: serve_test.py TRISTRATA SOURCE"""
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
import urllib.error
import urllib.request

TRISTRATA, SOURCE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
SECONDS_MAX = 30.0
failures: list[str] = []


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


class Shell:
    """The program in a folder and an environment of its own."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.environment = {**{key: value for key, value in os.environ.items() if not key.startswith("TRISTRATA_")},
                            "TRISTRATA_KPI_URL": f"sqlite:///{folder}/kpi.db",
                            "TRISTRATA_SPOOL": str(folder / "spool")}

    def run(self, *arguments: str, code: int = 0, **changes: typing.Optional[str]) -> str:
        environment = {key: value for key, value in {**self.environment, **changes}.items() if value is not None}
        done = subprocess.run([TRISTRATA, *arguments], env=environment, cwd=self.folder, capture_output=True, text=True,
                              timeout=120, check=False)
        expect(done.returncode == code, f"{' '.join(arguments)}: exit {done.returncode}, not {code}: {done.stderr}")
        return done.stdout + done.stderr


class Serving:
    """The service as a process; its URL is what it prints."""

    def __init__(self, shell: Shell, *arguments: str) -> None:
        self.log = shell.folder / "serve.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([TRISTRATA, "serve", "--listen", "127.0.0.1:0", *arguments], text=True,
                                            env=shell.environment, cwd=shell.folder, stdout=subprocess.PIPE, stderr=log)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def get(self, path: str) -> tuple[int, str, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.status, answer.read().decode(), answer.headers["Content-Type"]
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode(), refused.headers["Content-Type"]

    def figures(self) -> dict[str, float]:
        status, text, kind = self.get("/metrics")
        expect(status == 200 and kind == "text/plain; version=0.0.4; charset=utf-8", f"/metrics: {status} {kind}")
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))}

    def stop(self) -> tuple[int, float]:
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=SECONDS_MAX)
        return code, time.monotonic() - begun


def until(condition: typing.Callable[[], bool]) -> bool:
    end = time.monotonic() + SECONDS_MAX
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def promtool(what: str, *files: str, data: str = "") -> None:
    """Prometheus' own opinion: its linter of metrics, its reader of rules."""
    done = subprocess.run(["promtool", "check", what, *files], input=data, capture_output=True, text=True, check=False)
    expect(done.returncode == 0 and not done.stderr, f"promtool check {what}: {done.stdout}{done.stderr}")


def carries(shell: Shell) -> None:
    """Rows that wait for a store, a store that comes, rows that are carried, an end that is clean."""
    shell.run("kpi", "emit", "--module", "m", "first=1", "second=2")
    serving = Serving(shell, "--log-format", "json")
    try:
        kpi = '{slot="slot_0000",class="kpi"}'
        expect(until(lambda: serving.get("/healthz")[0] == 503), "without its store it is not healthy")
        health = json.loads(serving.get("/healthz")[1])
        expect(health["status"] == "failing" and health["problems"][0]["check"] == "relay" and
               "store init" in health["problems"][0]["found"] and "2 rows wait" in health["problems"][0]["do"],
               f"it says what to do: {health}")
        expect(serving.get("/livez")[0] == 200, "a store that is missing is no reason to restart")
        found = serving.figures()
        expect(found["tristrata_spool_pending_rows" + kpi] == 2 and
               found['tristrata_relay_breaker_open{class="kpi"}'] == 1 and
               found["tristrata_spool_oldest_pending_age_seconds" + kpi] >= 0, f"what waits is seen: {found}")
        expect(found.get('tristrata_relay_last_error_info{class="kpi",kind="not_found",code=""}') == 1,
               f"the last error has its kind: {found}")
        shell.run("store", "init")
        expect(until(lambda: serving.get("/healthz")[0] == 200), "with its store it is healthy")
        expect(until(lambda: serving.figures()["tristrata_spool_stored_rows_total" + kpi] == 2), "the rows are stored")
        shell.run("kpi", "emit", "--module", "m", "third=3")
        expect(until(lambda: serving.figures().get("tristrata_spool_emitted_rows_total" + kpi) == 3 and
                     serving.figures()["tristrata_spool_pending_rows" + kpi] == 0), "what comes is carried too")
        found = serving.figures()
        books = {end: found[f"tristrata_spool_{end}_rows_total{kpi}"]
                 for end in ("emitted", "stored", "duplicate", "dead", "dropped")}
        expect(books == {"emitted": 3, "stored": 3, "duplicate": 0, "dead": 0, "dropped": 0}, f"books: {books}")
        expect(found['tristrata_relay_breaker_open{class="kpi"}'] == 0, "the breaker is closed again")
        text = serving.get("/metrics")[1]
        promtool("metrics", data=text)
        rules = SOURCE / "deploy/prometheus/tristrata.yml"
        promtool("rules", str(rules))
        # What the group behind them names is there where it is asked for (serve_response_test.py).
        of_spool = rules.read_text().split("name: tristrata-response")[0]
        named = set(re.findall(r"\btristrata_[a-z_]+", of_spool)) - set(
            re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)) - {"tristrata_test"}
        # The first has samples on PostgreSQL only, the second with --retain.
        expect(named == {"tristrata_store_partition_horizon_seconds", "tristrata_retention_failing"},
               f"rules name what is not there: {named}")
        status, said, _ = serving.get("/elsewhere")
        expect(status == 404 and "/metrics" in said, "another path says which there are")
        taken = re.sub(".*:", "", serving.url)
        said = shell.run("serve", "--listen", "127.0.0.1:0", code=3)
        expect(f"another tristrata serve, process {serving.process.pid}, looks after the spool" in said,
               f"a second one says who has the spool: {said}")
        said = shell.run("serve", "--listen", f"127.0.0.1:{taken}", code=3,
                         TRISTRATA_SPOOL=str(shell.folder / "other_spool"))
        expect("another process listens there" in said, f"a port in use is said: {said}")
    finally:
        code, seconds = serving.stop()
    expect(code == 0 and seconds < 7, f"it ends with {code} in {seconds:.1f} s")
    events = [json.loads(line) for line in serving.log.read_text().splitlines()]
    expect(any(event["event"] == "listening" and event["url"] == serving.url for event in events),
           f"the log says where it listens: {events}")
    expect(events[-1]["event"] == "stopped" and events[-1]["message"] == "all was carried",
           f"it ends with {events[-1]}")
    expect(any("store init" in event["message"] for event in events), f"the log holds what stood in the way: {events}")
    expect(all(set(event) >= {"time", "level", "event", "message"} for event in events),
           f"a line lacks a field: {events}")


def ends_with_work_left(shell: Shell) -> None:
    """A store that is locked: the end comes within the budget, and the rows stay."""
    os.rename(shell.folder / "kpi.db", shell.folder / "kpi.db.away")
    shell.run("kpi", "emit", "--module", "m", "fourth=4")
    serving = Serving(shell, "--budget", "1s")
    expect(until(lambda: serving.get("/healthz")[0] == 503), "a store that went is a problem")
    code, seconds = serving.stop()
    expect(code == 3 and seconds < 4, f"with work left it ends with {code} in {seconds:.1f} s")
    expect(" event=stopped message=\"something is left, and stays in the spool\"" in serving.log.read_text(),
           f"the log says so: {serving.log.read_text()}")
    os.rename(shell.folder / "kpi.db.away", shell.folder / "kpi.db")
    expect("1 row stored" in shell.run("spool", "drain"), "what was left is carried by the next")


def names_who_drains(shell: Shell) -> None:
    """A service whose store fails holds the slot: a drain beside it says so, and so does one without a setting."""
    store, away = shell.folder / "kpi.db", shell.folder / "kpi.db.away"
    os.rename(store, away)
    shell.run("kpi", "emit", "--module", "m", "fifth=5")
    serving = Serving(shell, "--budget", "1s")
    try:
        expect(until(lambda: serving.get("/healthz")[0] == 503), "a store that went is a problem")
        said = shell.run("spool", "drain", "--budget", "1s", code=3)
        expect(f"another process ({serving.process.pid}) drains " in said and
               "/slot_0000, where 1 row is pending" in said, f"a drain does not say who has the slot: {said}")
    finally:
        serving.stop()
    os.rename(away, store)
    drift = f"sqlite:///{shell.folder}/drift.db"
    said = shell.run("spool", "drain", code=3, TRISTRATA_KPI_URL=None, TRISTRATA_DRIFT_URL=drift)
    expect("1 row of class kpi waits, and TRISTRATA_KPI_URL is not set" in said, f"a missing setting: {said}")
    said = shell.run("spool", "drain", "--format", "json", code=3, TRISTRATA_KPI_URL=None)
    answer, _ = json.JSONDecoder().raw_decode(said)  # The error comes after it.
    expect(answer["pending"] and len(answer["left"]) == 1, f"and as JSON: {answer}")
    shell.environment |= {"TRISTRATA_DRIFT_URL": shell.environment.pop("TRISTRATA_KPI_URL")}
    serving = Serving(shell, "--budget", "1s")
    code, _ = serving.stop()
    log = serving.log.read_text()
    expect(code == 3 and "1 row of class kpi waits, and TRISTRATA_KPI_URL is not set" in log and
           "all was carried" not in log, f"serve without a setting ends with {code}: {log}")
    shell.environment |= {"TRISTRATA_KPI_URL": shell.environment.pop("TRISTRATA_DRIFT_URL")}
    expect("1 row stored, 0 were there already, 0 dead, in 1 batch\n" in shell.run("spool", "drain"), "it goes at last")
    said = shell.run("spool", "drain", code=3, TRISTRATA_SPOOL=str(shell.folder / "spol"))
    expect("there is no spool at " in said and "spol" in said, f"a folder that is misspelt: {said}")


def keeps_partitions(shell: Shell) -> None:
    """On PostgreSQL: partitions a month ahead, and how far they reach."""
    server = subprocess.Popen([sys.executable, SOURCE / "tests/servers/postgres.py"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None and server.stdout is not None
    try:
        said_by_server = json.loads(server.stdout.readline())
        url = said_by_server["url"]
        shell.environment |= {"TRISTRATA_KPI_URL": url, "TRISTRATA_ADMIN_URL": url,
                              "TRISTRATA_SPOOL": str(shell.folder / "postgres_spool")}
        shell.run("store", "init", "--accept", "plain")
        answer = shell.run("serve", "--retain", "--listen", "127.0.0.1:0", code=2, TRISTRATA_ADMIN_URL=None,
                           TRISTRATA_ARCHIVE=f"file://{shell.folder}/archive")
        expect("TRISTRATA_ADMIN_URL is not set" in answer, f"--retain without an administrator: {answer}")
        shell.run("kpi", "emit", "--module", "m", "first=1", "second=2")
        serving = Serving(shell, "--log-format", "json")
        try:
            horizon = 'tristrata_store_partition_horizon_seconds{store="kpi"}'
            expect(until(lambda: horizon in serving.figures()), "the partitions' end is not known")
            found = serving.figures()
            expect(found.get(horizon, 0) > 30 * 86400, f"partitions reach {found.get(horizon, 0) / 86400} days ahead")
            expect(found['tristrata_store_partitions_kept{store="kpi"}'] == 1, "partitions are not kept")
            promtool("metrics", data=serving.get("/metrics")[1])
            expect(until(lambda: serving.get("/healthz")[0] == 200), f"not healthy: {serving.get('/healthz')[1]}")
        finally:
            code, _ = serving.stop()
        expect(code == 0, f"on PostgreSQL it ends with {code}")
        said = serving.log.read_text()
        expect("p%40ss" not in said and "p@ss" not in said, f"a password is logged: {said}")
        said = shell.run("doctor", TRISTRATA_READ_URL=url)
        expect(re.search(r"TRISTRATA_READ_URL .*works: postgresql 15\S* as \w+; misses USAGE on schema drift", said) and
               re.search(r"TRISTRATA_ADMIN_URL .*works: postgresql 15\S* as \w+; .*may make the tables", said),
               f"doctor does not say what the roles may: {said}")
        shell.run("doctor", code=2, TRISTRATA_READ_URL="postgresql://nobody@127.0.0.1:1/none")
        sees_what_is_mended(shell, said_by_server)
    finally:
        server.stdin.close()
        server.wait()


def sees_what_is_mended(shell: Shell, server: dict[str, typing.Any]) -> None:
    """Partitions that end tomorrow are a problem until they are made, and no longer."""

    def ask(sql: str) -> None:
        done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", server["folder"], "-p",
                               str(server["port"]), "-U", "postgres", "-c", sql], capture_output=True, text=True,
                              env={"PATH": os.environ["PATH"], "PGPASSWORD": server["password"]}, check=False)
        expect(done.returncode == 0, f"{sql}: {done.stderr}")

    ask("DO $$ DECLARE leaf text; BEGIN FOR leaf IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ "
        "'^events_[0-9]{8}$' AND substring(relname FROM 8)::date > current_date + 1 LOOP "
        "EXECUTE 'DROP TABLE kpi.' || leaf; END LOOP; END $$; INSERT INTO kpi.archived_days (day) "
        "SELECT current_date + ahead FROM generate_series(2, 60) AS ahead")
    serving = Serving(shell)
    try:
        expect(until(lambda: serving.get("/healthz")[0] == 503), "partitions that end tomorrow are no problem")
        problems = json.loads(serving.get("/healthz")[1])["problems"]
        expect([problem["check"] for problem in problems] == ["partitions"], f"other problems: {problems}")
        ask("DELETE FROM kpi.archived_days")
        expect(until(lambda: serving.get("/healthz")[0] == 200), "what was mended is told on")
    finally:
        serving.stop()


def retains(shell: Shell) -> None:
    """What is old leaves for the archive, while what is new stays; a run that fails is said and tried again."""
    archive = shell.folder / "archive"
    shell.environment |= {"TRISTRATA_ARCHIVE": f"file://{archive}", "TRISTRATA_SPOOL": str(shell.folder / "spool"),
                          "TRISTRATA_KPI_URL": f"sqlite:///{shell.folder}/kpi.db"}
    shell.environment.pop("TRISTRATA_ADMIN_URL", None)
    shell.run("kpi", "emit", "--module", "old", "--time", "2023-03-22T00:00:00Z", "first=1", "second=2")
    shell.run("spool", "drain")
    label = '{store="kpi"}'
    archive.write_text("no folder\n")
    serving = Serving(shell, "--retain")
    try:
        expect(until(lambda: serving.figures().get("tristrata_retention_failing" + label) == 1),
               "retention into what is no folder does not fail")
        notes = json.loads(serving.get("/healthz")[1])["notes"]
        expect(any(note["check"] == "retention" and "tristrata store retain" in note["do"] and
                   " ago)" in note["found"] for note in notes), f"health does not say so: {notes}")
        failures_told = serving.log.read_text().count("which is no folder")
        expect(failures_told == 1, f"a failure that stays is told {failures_told} times: {serving.log.read_text()}")
        archive.unlink()
        expect(until(lambda: serving.figures().get("tristrata_retention_failing" + label) == 0),
               f"what was mended is told on: {serving.get('/healthz')[1]}")
        expect("retention" not in serving.get("/healthz")[1], f"health tells it on: {serving.get('/healthz')[1]}")
    finally:
        serving.stop()
    shell.run("kpi", "emit", "--module", "old", "--time", "2023-03-23T00:00:00Z", "first=1", "second=2")
    shell.run("spool", "drain")
    serving = Serving(shell, "--retain", "--log-format", "json")
    try:
        expect(until(lambda: serving.figures().get("tristrata_retention_rows_total" + label) == 2),
               f"two rows do not leave: {serving.get('/metrics')[1]}")
        found = serving.figures()
        expect(found["tristrata_retention_failing" + label] == 0 and
               found["tristrata_retention_done_timestamp_seconds" + label] > 0, f"it is not said to be done: {found}")
        promtool("metrics", data=serving.get("/metrics")[1])
    finally:
        code, _ = serving.stop()
    expect(code == 0, f"after retention it ends with {code}")
    expect(any('"event":"retention"' in line and '"rows":2' in line for line in serving.log.read_text().splitlines()),
           f"the log does not say it: {serving.log.read_text()}")
    expect(list(archive.glob("**/*.parquet")) != [], "nothing is in the archive")
    expect("old" not in shell.run("kpi", "query", "--from", "2023-01-01"), "the old rows are in the store still")


def exposed_file(shell: Shell) -> None:
    """A URL in a file that everybody may read, and in one that only its owner may."""
    secret = shell.folder / "kpi_url"
    secret.write_text(shell.environment.pop("TRISTRATA_KPI_URL") + "\n")
    shell.environment["TRISTRATA_KPI_URL_FILE"] = str(secret)
    for mode, warned in ((0o644, True), (0o600, False)):
        secret.chmod(mode)
        sentence = f"TRISTRATA_KPI_URL_FILE names {secret}, which every user of this machine may read (mode 0644)"
        expect((sentence in shell.run("doctor", TRISTRATA_READ_URL=f"sqlite:///{shell.folder}/kpi.db")) == warned,
               f"doctor on mode {mode:o}")
        serving = Serving(shell)
        serving.stop()
        expect(serving.log.read_text().count(sentence) == int(warned), f"the log on mode {mode:o}")
    expect(" tables to read" in shell.run("doctor", TRISTRATA_READ_URL=f"sqlite:///{shell.folder}/kpi.db"),
           "doctor does not try the reader's URL")
    shell.environment["TRISTRATA_KPI_URL"] = secret.read_text().strip()
    del shell.environment["TRISTRATA_KPI_URL_FILE"]


def misspelt_setting(shell: Shell) -> None:
    """A variable that no setting reads: said at the start, once, and without its value."""
    shell.environment["TRISTRATA_ANALYZER"] = "S3CRET.toml"
    serving = Serving(shell)
    serving.stop()
    del shell.environment["TRISTRATA_ANALYZER"]
    said = serving.log.read_text()
    sentence = "TRISTRATA_ANALYZER is set, which is no setting; did you mean TRISTRATA_ANALYZERS?"
    expect(said.count(sentence) == 1 and "event=unknown_setting" in said, f"a misspelt variable: {said}")
    expect("S3CRET" not in said, f"its value is shown: {said}")


def refusals(shell: Shell) -> None:
    answer = shell.run("serve", "--retain", "--listen", "127.0.0.1:0", code=2, TRISTRATA_ARCHIVE=None)
    expect("TRISTRATA_ARCHIVE is not set" in answer, f"--retain without an archive: {answer}")
    for given, listen, code, said in (
            ({"TRISTRATA_SPOOL": None}, "127.0.0.1:0", 2, "TRISTRATA_SPOOL is not set"),
            ({"TRISTRATA_KPI_URL": None}, "127.0.0.1:0", 2, "TRISTRATA_KPI_URL is not set"),
            ({}, "9871", 2, "--listen: \"9871\" is no address"),
            ({}, "203.0.113.1:9871", 3, "no address of this machine"),
            ({"TRISTRATA_SPOOL": str(shell.folder / "kpi.db")}, "127.0.0.1:0", 2, "kpi.db is no folder")):
        answer = shell.run("serve", "--listen", listen, code=code, **given)
        expect(said in answer, f"{given} {listen}: {answer}")
    answer = shell.run("serve", "--log-format", "json", "--listen", "x", code=2)
    expect(json.loads(answer)["event"] == "failed", f"with JSON the error is an event too: {answer}")


with tempfile.TemporaryDirectory() as name:
    here = Shell(pathlib.Path(name))
    carries(here)
    ends_with_work_left(here)
    names_who_drains(here)
    refusals(here)
    exposed_file(here)
    misspelt_setting(here)
    keeps_partitions(here)
    retains(here)
print("\n".join(failures) or "served, carried, told, refused and ended as it should")
sys.exit(bool(failures))
