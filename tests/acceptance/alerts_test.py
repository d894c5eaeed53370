"""The commands of docs/alerts.md before a real Alertmanager, and what `doctor` says of who takes alerts:
alerts_test.py TRISTRATA SOURCE"""
import contextlib
import http.server
import json
import os
import pathlib
import pwd
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

TRISTRATA, SOURCE = (pathlib.Path(given).resolve() for given in sys.argv[1:3])


class Alertmanager:
    """alertmanager.py, which is told what to do a word a line."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, SOURCE / "tests/servers/alertmanager.py"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.url = json.loads(self.process.stdout.readline())["url"]

    def order(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class AlertsTest(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.alertmanager = Alertmanager()
        stack.callback(self.alertmanager.stop)
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("OTEL_", "TRISTRATA_"))}
        self.environment |= {"PATH": f"{TRISTRATA.parent}:{os.environ['PATH']}", "NO_PROXY": "127.0.0.1"}

    def doctor(self, code=0, **settings):
        done = subprocess.run([TRISTRATA, "doctor", "--format", "json"], cwd=self.folder, text=True,
                              capture_output=True, env={**self.environment, **settings})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return {one["setting"]: one for one in json.loads(done.stdout)["settings"]}

    def test_a_page_that_nobody_took_is_not_told(self):
        stores = {f"TRISTRATA_{name}_URL": f"sqlite:///{self.folder}/{name.lower()}.db"
                  for name in ("KPI", "DRIFT", "RESPONSE")}
        stores["TRISTRATA_SPOOL"] = str(self.folder / "spool")

        def run(*words, **settings):
            done = subprocess.run([TRISTRATA, *words], cwd=SOURCE, text=True, capture_output=True,
                                  env={**self.environment, **stores, **settings})
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return done.stdout, done.stderr
        run("store", "init")
        for name in ("reference", "current"):
            (self.folder / f"{name}.csv").write_text("x\n" + "".join(
                f"{(100 if name == 'current' else 0) + i % 97 / 10}\n" for i in range(3_000)))
        run("drift", "check", self.folder / "reference.csv", self.folder / "current.csv", "--push", "--module", "m",
            "--fail-on", "never")
        run("spool", "drain")
        run("incident", "step")
        drained, _ = run("spool", "drain")
        self.assertIn("stays in the spool, and nobody is told: neither TRISTRATA_ALERTMANAGER_URL nor", drained)
        listed, noted = run("incident", "list")
        self.assertIn("not told: in the spool", listed)
        self.assertIn("note: 1 page waits in the spool, and here neither TRISTRATA_ALERTMANAGER_URL", noted)
        incident = json.loads(run("incident", "list", "--format", "json")[0])["incidents"][0]
        self.assertEqual(incident["page"], "not told: in the spool")
        self.assertIn("open, not told: in the spool", run("incident", "show", incident["incident_id"])[0])
        # The kill switch asks for the incident that engaged it; nobody has to name it.
        switch = {"TRISTRATA_KILL_SWITCH_URL": f"sqlite:///{self.folder}/switch.db",
                  "TRISTRATA_SPOOL": str(self.folder / "spool_of_the_switch")}
        (self.folder / "dwell.toml").write_text('[kill_switch]\nminimum_dwell = "1s"\n')
        scope = ("--scope", "crypto:BTC", "--why", "w", "--config", str(self.folder / "dwell.toml"))
        run("kill-switch", "init", **switch)
        run("kill-switch", "engage", *scope, "--incident", incident["incident_id"], **switch)
        spelled = ("--scope", "crypto:ETH", *scope[2:])
        run("kill-switch", "engage", *spelled, "--incident", incident["incident_id"].replace("-", "").upper(), **switch)
        shortened = ("--scope", "crypto:ADA", *scope[2:])
        _, noted = run("kill-switch", "engage", *shortened, "--incident", incident["incident_id"][:4], **switch)
        self.assertNotIn("note: no incident", noted)
        unknown = ("--scope", "crypto:XRP", *scope[2:])
        for given in ("fff", "0000"):
            _, noted = run("kill-switch", "engage", *unknown, "--incident", given, **switch)
            self.assertIn("note: no incident holds the scope by the beginning of an id", noted)
        by_hand = ("--scope", "crypto:SOL", *scope[2:])
        run("kill-switch", "engage", *by_hand, **switch)
        time.sleep(1.1)  # The dwell, so that the incident alone holds it.
        nowhere = {"TRISTRATA_RESPONSE_URL": ""}
        for what, more, said in ((scope, {}, "crit incidents are open"), (spelled, {}, "crit incidents are open"),
                                 (shortened, {}, "crit incidents are open"),
                                 (scope, nowhere, "is open is not known: TRISTRATA_RESPONSE_URL is not set; set it")):
            held = subprocess.run([TRISTRATA, "kill-switch", "disengage", *what, "--ticket", "T-1"], text=True,
                                  cwd=SOURCE, capture_output=True,
                                  env={**self.environment, **stores, **switch, **more})
            self.assertEqual(held.returncode, 2, held.stdout + held.stderr)
            self.assertIn(said, held.stderr)
            self.assertIn(incident["incident_id"].replace("-", ""), held.stderr.replace("-", "").lower())
        refusals, _ = run("kill-switch", "history", "--evaluations", "--format", "json", **switch)
        self.assertEqual(refusals.count('"disengage_refused"'), 4, refusals)
        run("kill-switch", "disengage", *by_hand, "--ticket", "T-1", **switch, **nowhere)
        run("kill-switch", "disengage", *scope, "--ticket", "T-1", "--override", "the data is right", **switch,
            **nowhere)
        # What --limit does not show is looked at all the same, and said to be there.
        done = subprocess.run([TRISTRATA, "incident", "list", "--limit", "0", "--fail-on", "crit"], text=True,
                              cwd=SOURCE, capture_output=True, env={**self.environment, **stores})
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertTrue(done.stdout.endswith("only the newest 0 are shown; --limit shows more\n"), done.stdout)
        self.assertTrue(json.loads(run("incident", "list", "--limit", "0", "--format", "json")[0])["truncated"])
        # A name that is written wrongly is no good news.
        self.assertIn(incident["incident_id"][:8], run("incident", "list", "--module", "m*")[0])
        for module in ("n", "n.*"):
            self.assertEqual(run("incident", "list", "--module", module, "--fail-on", "crit")[0],
                             f'no open incidents of "{module}": none of such a module was ever opened; look whether '
                             "its name is right\n")
        run("spool", "drain", TRISTRATA_ALERTMANAGER_URL=self.alertmanager.url)
        listed, noted = run("incident", "list")
        self.assertNotIn("not told", listed)
        self.assertIn("paged", listed)
        self.assertEqual(noted, "")
        # Where nobody says who it is, the user of the process did it.
        nameless = {"USER": "", "PATH": os.environ["PATH"]}
        done = subprocess.run([TRISTRATA, "incident", "ack", incident["incident_id"], "--why", "w"], text=True,
                              capture_output=True, env={**self.environment, **stores, **nameless})
        self.assertIn(f"acked by {pwd.getpwuid(os.geteuid()).pw_name}", done.stdout, done.stderr)

    def test_a_page_that_is_refused_for_good_is_said_by_who_drains_and_by_its_incident(self):
        stores = {f"TRISTRATA_{name}_URL": f"sqlite:///{self.folder}/{name.lower()}.db"
                  for name in ("KPI", "DRIFT", "RESPONSE")}

        class Refusing(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(400)
                self.end_headers()

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        hook = f"http://127.0.0.1:{server.server_port}"
        self.environment |= {**stores, "TRISTRATA_SPOOL": str(self.folder / "spool"),
                             "TRISTRATA_WEBHOOK_URL": hook, "TRISTRATA_WEBHOOK_SECRET": "k3y"}

        def run(*words):
            done = subprocess.run([TRISTRATA, *words], cwd=self.folder, text=True, capture_output=True,
                                  env=self.environment)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return done.stdout, done.stderr
        run("store", "init")
        for name in ("reference", "current"):
            (self.folder / f"{name}.csv").write_text("x\n" + "".join(
                f"{(100 if name == 'current' else 0) + i % 97 / 10}\n" for i in range(3_000)))
        run("drift", "check", "reference.csv", "current.csv", "--push", "--module", "m", "--fail-on", "never")
        run("spool", "drain")
        run("incident", "step")
        _, noted = run("spool", "drain")
        self.assertIn(f"note: the alert drift_data_drift of m: {hook} answers 400; nobody was told", noted)
        self.assertIn("not told: refused", run("incident", "list")[0])
        self.assertEqual(list((self.folder / "spool/receptions").iterdir()), [], "it is in the history now")

    def test_a_name_of_which_nobody_heard_and_a_length_that_is_none_are_said(self):
        stores = {f"TRISTRATA_{name.upper()}_URL": f"sqlite:///{self.folder}/{name}.db"
                  for name in ("kpi", "drift", "response")}

        def run(*words):
            done = subprocess.run([TRISTRATA, *words], cwd=self.folder, text=True, capture_output=True,
                                  env={**self.environment, **stores, "TRISTRATA_SPOOL": str(self.folder / "spool")})
            return done.returncode, done.stdout + done.stderr
        run("store", "init")
        for name in ("reference", "current"):
            (self.folder / f"{name}.csv").write_text("x\n" + "".join(
                f"{(100 if name == 'current' else 0) + i % 97 / 10}\n" for i in range(3_000)))
        run("drift", "check", "reference.csv", "current.csv", "--push", "--module", "shop", "--fail-on", "never")
        run("spool", "drain")
        run("incident", "step")
        window = ("--window", "2026-12-01T06:00..2026-12-01T08:00", "--why", "a new disk", "--who", "eve")
        note = "no incident of such a module was ever opened"
        self.assertIn(note, run("incident", "silence", "--module", "shopp", *window)[1])
        for module in ("shop", "sh*"):
            code, said = run("incident", "silence", "--module", module, *window)
            self.assertEqual((code, note in said), (0, False), said)
        for length in ("4", "4hours", "1.5h", "0h"):
            code, said = run("incident", "snooze", "1234abcd", "--for", length, "--why", "x")
            self.assertEqual(code, 2, said)
            self.assertIn(f'--for: "{length}" is neither how long (30m, 4h, 2d) nor until when', said)

    def test_runbooks_that_no_page_can_open_are_said(self):
        (self.folder / "owners.toml").write_text('[default]\nowner = "ops"\nrunbooks = "docs/runbooks"\n')
        said = self.doctor(TRISTRATA_OWNERS=str(self.folder / "owners.toml"))["TRISTRATA_OWNERS"]["state"]
        self.assertIn('a page names runbooks in "docs/runbooks", which nobody can open from there', said)
        self.assertIn("in [default]", said)
        (self.folder / "owners.toml").write_text('[default]\nowner = "ops"\nrunbooks = "https://r.example.com"\n')
        said = self.doctor(TRISTRATA_OWNERS=str(self.folder / "owners.toml"))["TRISTRATA_OWNERS"]["state"]
        self.assertNotIn("runbooks", said)

    def test_the_pages_commands_run(self):
        page = (SOURCE / "docs/alerts.md").read_text()
        blocks = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        self.assertEqual(len(blocks), 4)
        commands = "\n".join(blocks).replace("http://127.0.0.1:9093", self.alertmanager.url)
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=self.folder, text=True,
                              capture_output=True, env=self.environment)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("works: 1 Alertmanager takes alerts", done.stdout)
        self.assertIn("set: 1 webhook, not tried", done.stdout)
        self.assertNotIn("a long random text", done.stdout)
        self.assertEqual(json.loads(self.alertmanager.order("alerts")), [], "doctor pages nobody")

    def test_the_placeholders_of_the_page_are_those_that_there_are(self):
        page = (SOURCE / "docs/alerts.md").read_text()
        (listed,) = re.findall(r"The placeholders are (.*?);", page, re.DOTALL)
        wording = "".join(re.findall(r"\{\w+\}", listed))
        (self.folder / "tristrata.toml").write_text(f'[notification]\ntitle = "{wording}"\n')
        self.doctor(TRISTRATA_ALERTMANAGER_URL=self.alertmanager.url)
        (self.folder / "tristrata.toml").write_text('[notification]\ntitle = "{modul}"\n')
        found = self.doctor(code=2, TRISTRATA_ALERTMANAGER_URL=self.alertmanager.url)
        self.assertIn("did you mean {module}?", found["TRISTRATA_ALERTMANAGER_URL"]["state"])

    def test_who_does_not_take_alerts_is_named_and_no_secret_is(self):
        good = self.alertmanager.url
        found = self.doctor(code=2, TRISTRATA_ALERTMANAGER_URL=f"{good} http://u:hunter2@127.0.0.1:1")
        state = found["TRISTRATA_ALERTMANAGER_URL"]["state"]
        self.assertIn("http://127.0.0.1:1/api/v2/alerts does not answer", state)
        self.assertNotIn("hunter2", json.dumps(found))
        found = self.doctor(code=2, TRISTRATA_WEBHOOK_URL="https://chat.internal/hunter2")
        self.assertIn("TRISTRATA_WEBHOOK_SECRET is not set", found["TRISTRATA_WEBHOOK_URL"]["state"])
        self.assertNotIn("hunter2", json.dumps(found))
        self.alertmanager.order("kill")
        self.doctor(code=2, TRISTRATA_ALERTMANAGER_URL=good)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
