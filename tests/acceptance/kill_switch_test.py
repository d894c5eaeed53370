"""docs/kill_switch.md on a PostgreSQL, and through a spool: kill_switch_test.py TRISTRATA SOURCE"""
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import time
import typing

TRISTRATA, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
failures: list[str] = []


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


class Shell:
    """The program as one user of the database."""

    def __init__(self, said: dict[str, typing.Any], folder: pathlib.Path, user: str) -> None:
        self.folder = folder
        admin = f"postgresql://owner:word@127.0.0.1:{said['port']}/postgres"
        self.environment = {"PATH": os.environ["PATH"], "TRISTRATA_ADMIN_URL": admin,
                            "TRISTRATA_KILL_SWITCH_URL": f"postgresql://{user}:word@127.0.0.1:{said['port']}/postgres"}

    def run(self, *arguments: str, code: int = 0, **more: str) -> str:
        done = subprocess.run([TRISTRATA, *arguments], env={**self.environment, **more}, cwd=self.folder, text=True,
                              capture_output=True, check=False, timeout=120)
        expect(done.returncode == code, f"{arguments}: exit {done.returncode}, not {code}: {done.stderr}{done.stdout}")
        return done.stdout + done.stderr

    def ask(self, *arguments: str, code: int = 0) -> typing.Any:
        said = self.run(*arguments, "--format", "json", code=code)
        return json.loads(said[:said.rindex("]" if said.startswith("[") else "}") + 1])


def page_runs(operator: Shell) -> None:
    page = (SOURCE / "docs/kill_switch.md").read_text(encoding="utf-8")
    block = re.search(r"^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    lines = block[1].splitlines() if block else []
    expect(len(lines) == 6, f"the page's commands: {lines}")
    for line in lines:
        words = shlex.split(line)
        expect(words[0] == "tristrata", line)
        said = operator.run(*words[1:])
        if words[2] == "drill":
            expect(re.search(r"a reader refused after \d+ ms", said) is not None, f"the drill: {said}")


def doctor_looks(engager: Shell, operator: Shell, reader: Shell) -> None:
    for shell, user, may in ((engager, "e", "may read and engage, not disengage"),
                             (operator, "o", "may read, engage and disengage"),
                             (reader, "r",
                              "may read, neither engage nor disengage: misses INSERT on kill_switch.state")):
        said = shell.run("doctor")
        works = rf"works: postgresql [\d.]+ as {user}, shadow mode, \d+ scopes? engaged; {may}"
        expect(re.search("TRISTRATA_KILL_SWITCH_URL .*" + works, said) is not None, said)
        expect(f"TRISTRATA_KILL_SWITCH_URL {may}" in shell.run("store", "probe", TRISTRATA_ADMIN_URL=""), may)


def settings_of_the_page_are_read(operator: Shell) -> None:
    page = (SOURCE / "docs/kill_switch.md").read_text(encoding="utf-8")
    settings = re.search(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    file = operator.folder / "page.toml"
    file.write_text(settings[1] if settings else "")
    operator.run("kill-switch", "status", "--config", str(file))
    file.write_text('[kill_switch]\nmood = "shadow"\n')
    expect("mode" in operator.run("kill-switch", "status", "--config", str(file), code=2), "a misspelt key names mode")
    file.write_text('[kill_switch]\nmode = "on"\n')
    said = operator.run("kill-switch", "status", "--config", str(file), code=2)
    expect("page.toml:2" in said and "shadow or enforcing" in said, said)


def roles_hold(engager: Shell, operator: Shell, reader: Shell) -> None:
    engage = ("kill-switch", "engage", "--scope", "crypto:BTCUSDT", "--why", "w", "--incident", "i1")
    off = ("kill-switch", "disengage", "--scope", "crypto:BTCUSDT", "--why", "w", "--ticket", "T")
    first = engager.ask(*engage)
    expect((first["decision"], first["version"]) == ("engaged", 1), f"{first}")
    expect(engager.ask(*engage)["decision"] == "repeated", "the same incident again")
    expect("--episode is 0; expected 1 to" in engager.run(*engage, "--episode", "0", code=2), "an episode that is none")
    expect("--episode" in engager.run(*engage, "--episode", "99999999999999999999", code=2), "one beyond all numbers")
    expect("stays engaged" in operator.run(*off, code=2), "before the dwell is over")
    denied = engager.run(*off, "--override", "o", code=2)
    expect("operator" in denied, f"who engages disengaged: {denied}")
    quick = operator.folder / "quick.toml"
    quick.write_text('[kill_switch]\nminimum_dwell = "1s"\n')
    time.sleep(1.1)
    held = operator.run(*off, "--open-incident", "i1", "--config", str(quick), code=2)
    expect("crit incidents are open" in held and "i1" in held, f"an incident is open: {held}")
    expect("version 1, not 9" in operator.run(*off, "--override", "o", "--expect-version", "9", code=3), "a version")
    status = reader.ask("kill-switch", "status", code=1)
    expect(status["engaged"] and status["mode"] == "shadow", f"{status}")
    operator.run(*off, "--override", "o", "--expect-version", "1")
    expect(not reader.ask("kill-switch", "status")["engaged"], "it is disengaged")
    expect(engager.ask(*engage, code=1)["decision"] == "repeated", "the episode that a person looked at")
    again = engager.ask(*engage, "--episode", "2")
    expect(again["decision"] == "engaged", f"the next episode: {again}")
    bare = engager.ask("kill-switch", "engage", "--scope", "global", "--why", "w", "--source", "airflow", code=1)
    expect(bare["decision"] == "insufficient_evidence", f"Airflow without evidence: {bare}")
    reader.run("kill-switch", "engage", "--scope", "global", "--why", "w", code=2)
    operator.run(*off, "--override", "o")
    expect("no scope" in operator.run("kill-switch", "engage", "--scope", "planet", "--why", "w", code=2), "a scope")
    for scope in ("crypto:BTCUSDT", "crypto:btcusdt"):
        expect(len(operator.ask("kill-switch", "history", "--scope", scope)) == 4, f"the transitions of {scope}")
        of_it = operator.ask("kill-switch", "history", "--evaluations", "--scope", scope)
        expect({one["scope"] for one in of_it} == {"crypto:BTCUSDT"} and len(of_it) > 4, f"evaluations: {of_it}")
        newest = operator.ask("kill-switch", "history", "--evaluations", "--scope", scope, "--limit", "2")
        expect(newest == of_it[:2], f"the newest two: {newest}")
    decisions = {one["decision"] for one in operator.ask("kill-switch", "history", "--evaluations")}
    expect({"engaged", "disengaged", "disengage_refused", "insufficient_evidence"} <= decisions, f"{decisions}")


def writers_at_once(engager: Shell) -> None:
    said: list[str] = []

    def engage(number: int) -> None:
        said.append(engager.ask("kill-switch", "engage", "--scope", "strategy:both", "--why", "w", "--incident",
                                f"at-once-{number}")["decision"])

    threads = [threading.Thread(target=engage, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(sorted(said) == ["engaged", "joined", "joined", "joined"], f"four at once: {said}")


def spool_carries(engager: Shell, said: dict[str, typing.Any]) -> None:
    """A database that does not answer delays a request, and loses nothing."""
    spool = {"TRISTRATA_SPOOL": str(engager.folder / "spool"),
             "TRISTRATA_DRIFT_URL": f"sqlite:///{engager.folder}/drift.db"}
    engager.run("store", "init", **spool)
    away = {**spool, "TRISTRATA_KILL_SWITCH_URL": "postgresql://e:word@127.0.0.1:1/postgres"}
    words = ("kill-switch", "engage", "--scope", "strategy:late", "--why", "w", "--incident", "late")
    expect("waits in the spool" in engager.run(*words, code=3, **away), "the request is spooled")
    missing = {"TRISTRATA_SPOOL": str(engager.folder / "spool_of_a_file"),
               "TRISTRATA_KILL_SWITCH_URL": f"sqlite:///{engager.folder}/not_mounted/switch.db"}
    expect("waits in the spool" in engager.run(*words, code=3, **missing), "a file that is not there yet")
    nobody = engager.run("spool", "drain", "--budget", "2s", code=3, **{**spool, "TRISTRATA_KILL_SWITCH_URL": ""})
    expect("TRISTRATA_KILL_SWITCH_URL is not set" in nobody, f"a drain that may not: {nobody}")
    engager.run("spool", "drain", **spool)
    states = engager.ask("kill-switch", "status", code=1)["scopes"]
    late = [one for one in states if one["scope"] == "strategy:late"]
    expect(len(late) == 1 and late[0]["engaged"] and late[0]["incident"] == "late", f"after the drain: {states}")
    expect("repeated" in engager.run(*words, **spool), "the same again")
    engager.run("spool", "drain", **spool)
    events = json.loads(engager.run("drift", "list", "--module", "kill_switch", "--format", "json", **spool))
    expect(json.dumps(events).count('"engaged:strategy:late"') == 1, f"one drift event: {events}")


YOURS = """
CREATE SCHEMA trading AUTHORIZATION owner;
SET ROLE owner;
CREATE TABLE trading.kill_switch_state (
  id INT PRIMARY KEY DEFAULT 1 CHECK (id = 1), engaged BOOLEAN NOT NULL, version BIGINT NOT NULL, changed_by TEXT,
  reason TEXT, changed_at TIMESTAMPTZ NOT NULL);
CREATE TABLE trading.kill_switch_history (
  version BIGINT PRIMARY KEY, engaged BOOLEAN NOT NULL, changed_by TEXT, reason TEXT, changed_at TIMESTAMPTZ NOT NULL);
CREATE FUNCTION trading.keep() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO trading.kill_switch_history VALUES (NEW.version, NEW.engaged, NEW.changed_by, NEW.reason, NEW.changed_at);
  RETURN NULL;
END $$;
CREATE TRIGGER kept AFTER UPDATE ON trading.kill_switch_state FOR EACH ROW EXECUTE FUNCTION trading.keep();
INSERT INTO trading.kill_switch_state VALUES (1, false, 0, NULL, NULL, now());
"""


def own_tables(engager: Shell, operator: Shell, sql: typing.Callable[[str], str]) -> None:
    """The scope global is a row of somebody else's; the others stay ours."""
    page = (SOURCE / "docs/kill_switch.md").read_text(encoding="utf-8")
    block = re.search(r"^```text\n(psql .*?)^```", page, re.MULTILINE | re.DOTALL)
    lines = [shlex.split(line) for line in block[1].splitlines()] if block else []
    expect([line[0] for line in lines] == ["psql", "tristrata"], f"the page's commands: {lines}")
    if not lines:
        return
    operator.run("kill-switch", "check")
    sql(YOURS)
    sql("SET ROLE owner; " + (SOURCE / lines[0][2]).read_text(encoding="utf-8"))
    said = operator.run(*lines[1][1:])
    expect(said.count("holds") == 19 and "broken" not in said, f"the page's check: {said}")
    operator.run("kill-switch", "check")
    expect(sql("SELECT version, engaged FROM trading.kill_switch_state") == "0|f", "a check leaves nothing")

    words = ("kill-switch", "engage", "--scope", "global", "--why", "all of it", "--incident")
    first = engager.ask(*words, "g1")
    expect((first["decision"], first["version"]) == ("engaged", 1), f"{first}")
    yours = "SELECT engaged, version, reason FROM trading.kill_switch_state"
    expect(sql(yours) == "t|1|all of it", sql(yours))
    expect(engager.ask(*words, "g2")["decision"] == "joined", "another incident")
    # Their console disengages; ours sees it, and goes on from there.
    sql("UPDATE trading.kill_switch_state SET engaged = false, version = 2, changed_by = 'anna', reason = 'seen', "
        "changed_at = now()")
    states = {one["scope"]: one for one in operator.ask("kill-switch", "status", code=1)["scopes"]}
    expect(not states["global"]["engaged"] and states["global"]["who"] == "anna", f"{states['global']}")
    again = engager.ask(*words, "g3")
    expect((again["decision"], again["version"]) == ("engaged", 3), f"{again}")
    off = ("kill-switch", "disengage", "--scope", "global", "--why", "mended", "--ticket", "T9", "--override", "o")
    expect("operator" in engager.run(*off, code=2), "who engages disengaged")
    operator.run(*off)
    expect(sql(yours) == "f|4|mended", sql(yours))
    history = operator.ask("kill-switch", "history", "--scope", "global")
    expect([(one["version"], one["source"], one["ticket"]) for one in history] ==
           [(4, "cli", "T9"), (3, "cli", None), (2, "console", None), (1, "cli", None)], f"{history}")
    operator.run("kill-switch", "drill")
    engager.run("kill-switch", "engage", "--scope", "crypto:ETHUSDT", "--why", "w")
    sql("GRANT EXECUTE ON FUNCTION kill_switch.disengage_global TO engager")
    hole = operator.ask("kill-switch", "check", "--scope", "global", code=1)
    broken = [one["rule"] for one in hole["rules"] if not one["holds"]]
    expect(broken == ["who engages cannot disengage"], f"{hole}")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(
            [sys.executable, SOURCE / "tests/servers/postgres.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        said = json.loads(server.stdout.readline())
        psql = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", said["folder"], "-p", str(said["port"]), "-U",
                "postgres"]

        def sql(text: str) -> str:
            done = subprocess.run([*psql, "-At", "-c", text], capture_output=True, text=True, check=False,
                                  env={"PATH": os.environ["PATH"], "PGPASSWORD": said["password"]})
            expect(done.returncode == 0, f"{text}: {done.stderr}")
            return done.stdout.strip()

        sql("CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'word'; GRANT CREATE ON DATABASE postgres TO owner")
        place = pathlib.Path(folder)
        engager, operator, reader = (Shell(said, place, user) for user in ("e", "o", "r"))
        operator.run("kill-switch", "init")
        sql("CREATE ROLE e LOGIN PASSWORD 'word' IN ROLE engager; "
            "CREATE ROLE o LOGIN PASSWORD 'word' IN ROLE operator; "
            "CREATE ROLE r LOGIN PASSWORD 'word' IN ROLE grafana_reader")
        expect("up to date" in operator.run("kill-switch", "init"), "init twice")
        page_runs(operator)
        doctor_looks(engager, operator, reader)
        settings_of_the_page_are_read(operator)
        roles_hold(engager, operator, reader)
        writers_at_once(engager)
        spool_carries(engager, said)
        own_tables(engager, operator, sql)
        doctor_looks(engager, operator, reader)
        server.stdin.close()
        server.wait(timeout=60)
    print("\n".join(failures) or "the kill switch does what its page says")
    return 1 if failures else 0


sys.exit(main())
