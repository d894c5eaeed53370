"""`store probe` tries the user of every setting that names PostgreSQL, and says of each other why it does not:
store_probe_test.py TRISTRATA"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

TRISTRATA = pathlib.Path(sys.argv[1]).resolve()
SERVER = pathlib.Path(__file__).resolve().parents[1] / "servers/postgres.py"
PASSWORD = "hush-4711"  # Nowhere else: it is looked for in what is printed.
failures: list[str] = []
with tempfile.TemporaryDirectory() as temporary:
    process = subprocess.Popen([sys.executable, SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    said = json.loads(process.stdout.readline())

    def url(user: str, password: str) -> str:
        secret = ":" + urllib.parse.quote(password, safe="") if password else ""
        return f"postgresql://{user}{secret}@127.0.0.1:{said['port']}/postgres"

    admin = url("postgres", said["password"])
    outside = {key: value for key, value in os.environ.items() if not key.startswith("TRISTRATA_")}

    def probe(**settings: str) -> tuple[int, str, str]:
        done = subprocess.run([TRISTRATA, "store", "probe", "--format", "json"], cwd=temporary, capture_output=True,
                              text=True, timeout=120,
                              env=outside | {f"TRISTRATA_{key}": value for key, value in settings.items()})
        return done.returncode, done.stdout, done.stderr

    try:
        stores = {f"TRISTRATA_{key}_URL": admin for key in ("ADMIN", "KPI", "DRIFT", "RESPONSE")}
        subprocess.run([TRISTRATA, "store", "init", "--accept", "plain"], cwd=temporary, check=True,
                       stdout=subprocess.DEVNULL, env=outside | stores)
        subprocess.run([TRISTRATA, "kill-switch", "init"], cwd=temporary, check=True, stdout=subprocess.DEVNULL,
                       env=outside | {"TRISTRATA_ADMIN_URL": admin, "TRISTRATA_KILL_SWITCH_URL": admin})
        for user, role in (("analyzing", "sql_analyzer"), ("answering", "responder"), ("writing", "kpi_writer"),
                           ("engaging", "engager")):
            subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", url("postgres", ""), "-c",
                            f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}' IN ROLE {role}"], check=True,
                           env=os.environ | {"PGPASSWORD": said["password"]})
        code, out, notes = probe(ANALYZER_URL=url("analyzing", PASSWORD), RESPONSE_URL=url("answering", PASSWORD),
                                 KPI_URL="sqlite:///kpi.db", KILL_SWITCH_URL=url("engaging", PASSWORD))
        found = [(one["setting"], one["user"], one["missing"], one["excess"], one.get("may"))
                 for one in json.loads(out or '{"probes": []}')["probes"]]
        if code or found != [("TRISTRATA_ANALYZER_URL", "analyzing", [], [], None),
                             ("TRISTRATA_RESPONSE_URL", "answering", [], [], None),
                             ("TRISTRATA_KILL_SWITCH_URL", "engaging", [], [], "may read and engage, not disengage")]:
            failures.append(f"exit {code}: {found}: {notes}")
        if "TRISTRATA_KPI_URL is not probed: it names no PostgreSQL" not in notes:
            failures.append(f"KPI: {notes!r}")
        code, out, notes = probe(KILL_SWITCH_URL=url("writing", PASSWORD))
        if code != 1 or "USAGE on schema kill_switch" not in json.loads(out)["probes"][0]["missing"]:
            failures.append(f"a user who may not look at the switch: exit {code}: {out} {notes}")
        _, out, _ = probe(KILL_SWITCH_URL=admin)
        if json.loads(out)["probes"][0]["excess"] != ["superuser", "owner of kill_switch.state"]:
            failures.append(f"who is above the rules: {out}")
        code, out, notes = probe(RESPONSE_URL=url("writing", PASSWORD))
        if code != 1 or "INSERT on response.incidents" not in json.loads(out)["probes"][0]["missing"]:
            failures.append(f"a user who may not keep incidents: exit {code}: {out} {notes}")
        if any(word in notes + out for word in (PASSWORD, said["password"])):
            failures.append("a password is told")
    finally:
        process.stdin.close()
        process.wait(timeout=60)
print("\n".join(failures) or "each setting is probed, or said to be not")
sys.exit(bool(failures))
