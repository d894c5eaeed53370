"""`doctor` tries each URL by itself, as its role, and leaves nothing behind: doctor_test.py TRISTRATA SOURCE"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import typing

TRISTRATA, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
NOBODY = 65534
failures: list[str] = []


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


def run(folder: pathlib.Path, settings: dict[str, str], *arguments: str, code: int = 0,
        user: typing.Optional[int] = None) -> str:
    environment = {"PATH": os.environ["PATH"], **{f"TRISTRATA_{name}": value for name, value in settings.items()}}
    done = subprocess.run([TRISTRATA, *arguments], cwd=folder, env=environment, capture_output=True, text=True,
                          timeout=120, check=False, user=user)
    expect(done.returncode == code, f"{arguments}: exit {done.returncode}, not {code}: {done.stdout} {done.stderr}")
    return done.stdout + done.stderr


def doctor(folder: pathlib.Path, settings: dict[str, str], *broken: str,
           user: typing.Optional[int] = None) -> dict[str, str]:
    """What it says of each setting; those named do not work, and all others do."""
    said = json.loads(run(folder, settings, "doctor", "--format", "json", code=2 if broken else 0, user=user))
    found = {one["setting"] for one in said["settings"] if not one["works"]}
    expect(found == {f"TRISTRATA_{name}" for name in broken}, f"{broken} do not work, and doctor finds {found}: {said}")
    return {one["setting"].removeprefix("TRISTRATA_"): one["state"] for one in said["settings"]}


def of_a_file(folder: pathlib.Path) -> None:
    """A file that its reader may not write works for nobody who emits."""
    folder.chmod(0o777)
    settings = {"KPI_URL": f"sqlite:///{folder}/kpi.db"}
    run(folder, settings, "store", "init")
    run(folder, settings, "kpi", "emit", "--module", "m", "x=1")
    (folder / "kpi.db").chmod(0o644)
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}
    said = doctor(folder, settings)["KPI_URL"]
    expect("works: sqlite" in said and "1 row" in said, f"a file that works: {said}")
    other = NOBODY if os.getuid() == 0 else None
    if other is None:
        (folder / "kpi.db").chmod(0o444)
    said = doctor(folder, settings, "KPI_URL", user=other)["KPI_URL"]
    expect("cannot be written" in said, f"a file of another user: {said}")
    after = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}
    expect(after == before, f"doctor leaves {sorted(after)} where {sorted(before)} was")


def of_a_spool(folder: pathlib.Path) -> None:
    """One that takes nothing does not work, and one that is not there yet is tried without a trace."""
    folder.chmod(0o755)
    said = doctor(folder, {"SPOOL": str(folder / "a" / "b")})["SPOOL"]
    left = list(folder.iterdir())
    expect("the first emit makes it" in said and not left, f"none yet: {said} {left}")
    said = doctor(folder, {"SPOOL": "/proc/spool"}, "SPOOL")["SPOOL"]
    expect("cannot make /proc/spool: /proc takes no folder" in said, f"where none can be: {said}")
    if os.getuid() != 0:
        return
    said = doctor(folder, {"SPOOL": str(folder / "a")}, "SPOOL", user=NOBODY)["SPOOL"]
    expect(f"cannot make {folder}/a" in said and "Permission denied" in said, f"below another's folder: {said}")
    small = folder / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        return
    try:
        for root in (small, small / "spool"):
            said = doctor(folder, {"SPOOL": str(root)}, "SPOOL")["SPOOL"]
            expect("less than a segment of 4194304: where none stands there, or the last is full" in said,
                   f"a full disk: {said}")
    finally:
        subprocess.run(["umount", small], check=True)


def of_a_misspelt_variable(folder: pathlib.Path) -> None:
    settings = {"KPI_ULR": "sqlite:////S3CRET", "LONG": "1"}
    said = json.loads(run(folder, settings, "doctor", "--format", "json"))
    expect(said["unknown_variables"] == [{"variable": "TRISTRATA_KPI_ULR", "nearest": "TRISTRATA_KPI_URL"},
                                         {"variable": "TRISTRATA_LONG", "nearest": None}], f"unknown: {said}")
    words = run(folder, settings, "doctor")
    expect("note: TRISTRATA_KPI_ULR is set, which is no setting; did you mean TRISTRATA_KPI_URL?\n" in words and
           "S3CRET" not in words, f"a misspelt variable: {words}")
    for command in (("store", "status"), ("store", "init"), ("kpi", "emit", "--module", "m", "x=1")):
        missing = run(folder, settings, *command, code=2)
        expect("TRISTRATA_KPI_ULR is set, which is no setting: is TRISTRATA_KPI_URL meant?" in missing,
               f"{command} without a store: {missing}")


CHECK = '[[check]]\nname = "c"\nmodule = "m"\ncurrent = "c.csv"\nreference = "r.csv"\n'
ANALYZER = """[[analyzer]]
name = "a"
source = "sql"
store = "kpi"
query = "SELECT time, metric_value FROM kpi.events WHERE time >= :from AND time < :to"
window = "1h"
drift_type = "business_kpi_drift"
module = "m"
"""

PROMQL = """[[analyzer]]
name = "p"
source = "promql"
url = "http://127.0.0.1:1"
query = "up"
window = "1h"
drift_type = "latency_drift"
module = "m"
metric = "up"
"""


def of_what_serve_watches(folder: pathlib.Path) -> None:
    """Files are read whole, and what they ask is asked."""
    settings = {f"{name}_URL": f"sqlite:///{folder}/{name.lower()}.db" for name in ("KPI", "DRIFT", "RESPONSE")}
    settings |= {name: str(folder / f"{name.lower()}.toml") for name in ("ANALYZERS", "CHECKS")}
    (folder / "checks.toml").write_text(CHECK)
    (folder / "analyzers.toml").write_text(ANALYZER)
    without = doctor(folder, settings, "KPI_URL", "DRIFT_URL", "RESPONSE_URL", "ANALYZERS")
    expect("store init" in without["RESPONSE_URL"], f"incidents without their tables: {without['RESPONSE_URL']}")
    expect("the store kpi" in without["ANALYZERS"], f"analyzers of a store that is not there: {without['ANALYZERS']}")
    run(folder, settings, "store", "init")
    states = doctor(folder, settings)
    expect(states["ANALYZERS"] == "works: 1 analyzer, each query answered; 1 source",
           f"analyzers: {states['ANALYZERS']}")
    expect(states["CHECKS"] == "works: 1 check", f"checks: {states['CHECKS']}")
    expect(states["RESPONSE_URL"].startswith("works: ") and "0 incidents not closed" in states["RESPONSE_URL"],
           f"incidents: {states['RESPONSE_URL']}")
    switch = settings | {"KILL_SWITCH_URL": f"sqlite:///{folder}/switch.db"}
    run(folder, switch, "kill-switch", "init")
    for delay, late in (("2h", True), ("50m", False)):
        (folder / "tristrata.toml").write_text('[kill_switch.scopes]\nm = "global"\n')
        (folder / "analyzers.toml").write_text(ANALYZER + f'delay = "{delay}"\n')
        said = doctor(folder, switch)["KILL_SWITCH_URL"]
        expect(("(delay 2 h) can engage nothing: [kill_switch] evidence_age is 1 h" in said) is late, said)
    for step, few in ("", True), ('step = "2m"\n', False), ('step = "3m"\n', True):
        (folder / "analyzers.toml").write_text(PROMQL + step)
        said = doctor(folder, switch, "ANALYZERS")["KILL_SWITCH_URL"]
        expect(("can engage nothing: [kill_switch] evidence_rows is 30" in said) is few, f"{step}: {said}")
        expect(step or "(12 points a window of each series, and fewer than 3 series come)" in said, said)
    (folder / "analyzers.toml").write_text(ANALYZER + ANALYZER)
    (folder / "checks.toml").write_text(CHECK.replace("current", "currant"))
    (folder / "tristrata.toml").write_text("[incident]\nclose = 0\n")
    states = doctor(folder, settings, "ANALYZERS", "CHECKS", "RESPONSE_URL")
    expect("checks.toml:4:" in states["CHECKS"] and "current" in states["CHECKS"], f"checks: {states['CHECKS']}")
    expect("tristrata.toml:2:" in states["RESPONSE_URL"], f"a policy: {states['RESPONSE_URL']}")
    (folder / "tristrata.toml").write_text('[incident.digest]\nat = "08:00"\n')
    (folder / "analyzers.toml").write_text(ANALYZER)
    (folder / "checks.toml").write_text(CHECK)
    untold = "note: [incident.digest] is set, and nobody is told: no webhook takes digests; set TRISTRATA_DIGEST_URL"
    expect(untold in doctor(folder, settings)["RESPONSE_URL"], "a digest that no webhook takes")
    hook = {"WEBHOOK_URL": "http://127.0.0.1:1/hook", "WEBHOOK_SECRET": "what signs what is sent there"}
    expect("nobody is told" not in doctor(folder, settings | hook)["RESPONSE_URL"], "a digest that a webhook takes")
    (folder / "tristrata.toml").unlink()
    (folder / "checks.toml").write_text(CHECK)
    (folder / "analyzers.toml").write_text(ANALYZER.replace('source = "sql"', 'source = "promql"').replace(
        'store = "kpi"', 'url = "http://127.0.0.1:1"').replace("SELECT", "up # SELECT"))
    states = doctor(folder, settings, "ANALYZERS")
    expect("1 of 1 analyzer had no answer; a: no answer from http://127.0.0.1:1" in states["ANALYZERS"],
           f"a dead source: {states['ANALYZERS']}")
    misspelt = ANALYZER.replace('"a"', '"misspelt"').replace("metric_value", "metric_valeu")
    slow = ANALYZER.replace('"a"', '"slow"').replace("window", 'timeout = "1s"\nwindow').replace(
        "SELECT time, metric_value FROM kpi.events WHERE", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
        "FROM n), later AS (SELECT i AS time FROM n WHERE i < 0) SELECT time FROM later WHERE")
    (folder / "analyzers.toml").write_text(ANALYZER + misspelt + slow)
    before = (folder / "drift.db").read_bytes()
    states = doctor(folder, settings, "ANALYZERS")
    said = states["ANALYZERS"]
    expect(said.startswith("2 of 3 analyzers had no answer; misspelt: no answer from the store kpi: ") and
           "metric_valeu" in said and "; slow: no answer from the store kpi: the query was cut after 1 s" in said and
           "; a: " not in said, f"two bad queries: {said}")
    expect((folder / "drift.db").read_bytes() == before, "doctor pushes what it finds")
    states = doctor(folder, {"CHECKS": settings["CHECKS"]}, "CHECKS")
    expect("TRISTRATA_DRIFT_URL" in states["CHECKS"], f"checks without a store: {states['CHECKS']}")


def of_a_server(folder: pathlib.Path, said: dict[str, typing.Any]) -> None:
    def ask(sql: str, database: str = "postgres") -> str:
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", said["folder"], "-p",
                               str(said["port"]), "-U", "postgres", "-d", database, "-c", sql], text=True,
                              capture_output=True, check=False,
                              env={"PATH": os.environ["PATH"], "PGPASSWORD": said["password"]})
        expect(done.returncode == 0, f"{sql}: {done.stderr}")
        return done.stdout.strip()

    ask("CREATE DATABASE empty")
    place = f"127.0.0.1:{said['port']}"
    run(folder, {name: said["url"] for name in ("ADMIN_URL", "KPI_URL", "DRIFT_URL")}, "store", "init", "--accept",
        "plain")
    for user, role in (("pipeline", "kpi_writer"), ("checker", "drift_writer"), ("dashboard", "grafana_reader"),
                       ("asker", "sql_analyzer")):
        ask(f"CREATE ROLE {user} LOGIN PASSWORD 'word' IN ROLE {role}")
    right = {setting: f"postgresql://{user}:word@{place}/postgres" for setting, user in
             (("KPI_URL", "pipeline"), ("DRIFT_URL", "checker"), ("READ_URL", "dashboard"))}
    run(folder, right, "kpi", "emit", "--module", "m", "x=1", "y=2")
    tables = ask("SELECT count(*) FROM pg_class")
    states = doctor(folder, right)
    expect("as pipeline; may write" in states["KPI_URL"] and "as checker; may write" in states["DRIFT_URL"],
           f"writers: {states}")
    expect("as dashboard; kpi schema" in states["READ_URL"] and ", 2 rows; drift schema" in states["READ_URL"],
           f"the reader: {states['READ_URL']}")
    expect(ask("SELECT count(*) FROM pg_class") == tables, "doctor makes something")
    reader = {"READ_URL": right["READ_URL"]}
    both = run(folder, reader, "store", "status")
    expect("kpi.events" in both and "drift.events" in both, f"who only reads sees both stores: {both}")
    expect('"y"' in run(folder, reader, "kpi", "query", "--format", "json"), "who only reads finds no KPI")
    for command in (("drift", "list"), ("reference", "list")):
        run(folder, reader, *command)
    denied = run(folder, reader, "drift", "show", "0193a7c2-0000-7000-8000-000000000000", code=3)
    expect("is not set" not in denied, f"who only reads asks for an event: {denied}")
    nothing = run(folder, {"READ_URL": right["READ_URL"].replace("/postgres", "/empty")}, "store", "status", code=2)
    expect("tristrata store init" in nothing, f"a database without tables: {nothing}")
    wrong = doctor(folder, right | {"KPI_URL": f"postgresql://pipeline:another@{place}/postgres"}, "KPI_URL")
    expect("password" in wrong["KPI_URL"] and "another" not in wrong["KPI_URL"], f"a wrong password: {wrong}")
    empty = doctor(folder, right | {"KPI_URL": f"postgresql://pipeline:word@{place}/empty"}, "KPI_URL")
    expect("has no kpi tables" in empty["KPI_URL"], f"a database without tables: {empty['KPI_URL']}")
    note = "TRISTRATA_KPI_URL and TRISTRATA_READ_URL name different databases"
    expect(note in empty["READ_URL"] and note not in states["READ_URL"], f"other databases: {empty['READ_URL']}")
    for spelt, is_noted in (("/%70ostgres", False), ("/?dbname=postgres", False), ("/?dbname=empty", True)):
        read = doctor(folder, {"KPI_URL": right["KPI_URL"].replace("/postgres", spelt), "READ_URL": right["READ_URL"]},
                      *(["KPI_URL"] if is_noted else []))["READ_URL"]
        expect((note in read) == is_noted, f"a database that is spelt {spelt}: {read}")
    elsewhere = run(folder, right | {"KPI_URL": f"postgresql://pipeline:word@{place}/empty"}, "store", "status")
    expect(note in elsewhere and note not in run(folder, right, "store", "status"), f"status: {elsewhere}")
    swapped = doctor(folder, right | {"KPI_URL": right["READ_URL"]}, "KPI_URL")
    expect("INSERT on kpi.events" in swapped["KPI_URL"], f"a reader that is to write: {swapped['KPI_URL']}")
    swapped = doctor(folder, right | {"READ_URL": right["KPI_URL"]}, "READ_URL")
    expect("permission denied" in swapped["READ_URL"], f"a writer that is to read: {swapped['READ_URL']}")
    for command, settings, advice in (
            (("store", "status"), {"KPI_URL": right["KPI_URL"]}, "read as another: TRISTRATA_READ_URL"),
            (("kpi", "emit", "--module", "m", "x=1"), {"KPI_URL": right["READ_URL"]},
             "name another in TRISTRATA_KPI_URL"),
            (("store", "uninstall", "--export", "out"), right | {"ADMIN_URL": right["READ_URL"]},
             "name another in TRISTRATA_ADMIN_URL"),
            (("store", "init", "--accept", "plain"),
             right | {"ADMIN_URL": right["READ_URL"].replace("/postgres", "/empty")},
             "name another in TRISTRATA_ADMIN_URL")):
        denied = run(folder, settings, *command, code=2)
        expect(advice in denied, f"{command}: {denied}")
    asker = {"ANALYZER_URL": f"postgresql://asker:word@{place}/postgres"}
    states = doctor(folder, asker)
    expect("works: postgresql" in states["ANALYZER_URL"] and "as asker" in states["ANALYZER_URL"], f"asker: {states}")
    states = doctor(folder, {"ANALYZER_URL": asker["ANALYZER_URL"].replace("word", "s3cret")}, "ANALYZER_URL")
    expect("s3cret" not in states["ANALYZER_URL"], f"a wrong password: {states}")
    alone = doctor(folder, {"KPI_URL": right["KPI_URL"]})
    expect("TRISTRATA_READ_URL" in alone["KPI_URL"], f"a writer without a reader: {alone['KPI_URL']}")


with tempfile.TemporaryDirectory() as name:
    of_a_misspelt_variable(pathlib.Path(name))
with tempfile.TemporaryDirectory() as name:
    of_a_file(pathlib.Path(name))
with tempfile.TemporaryDirectory() as name:
    of_what_serve_watches(pathlib.Path(name))
with tempfile.TemporaryDirectory() as name:
    server = subprocess.Popen([sys.executable, SOURCE / "tests/servers/postgres.py"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None and server.stdout is not None
    try:
        of_a_server(pathlib.Path(name), json.loads(server.stdout.readline()))
    finally:
        server.stdin.close()
        server.wait()
print("\n".join(failures) or "doctor tries each URL by itself")
sys.exit(1 if failures else 0)
