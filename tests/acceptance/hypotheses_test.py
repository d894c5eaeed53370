"""The four hypotheses from the command line: what Grafana asks is counted as its reader asks it with psql, sampled over
simulated days with a reset between, and by serve: hypotheses_test.py TRISTRATA SOURCE"""
import contextlib
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

TRISTRATA, SOURCE = (pathlib.Path(given).resolve() for given in sys.argv[1:3])
SECONDS_MAX = 60.0
BEGUN = datetime.date(2026, 3, 2)
PERSONAL = "SELECT module, max(duration_ms) FROM kpi.events GROUP BY module"


def opened_query():
    """As the dashboard has it."""
    dashboard = json.loads((SOURCE / "deploy/grafana/dashboards/tristrata-execution.json").read_text())
    return next(str(one["query"]) for one in dashboard["templating"]["list"]
                if "panel=execution/opened " in str(one.get("query")))


class HypothesesTest(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("OTEL_", "TRISTRATA_", "PG"))}

    def postgres(self):
        process = self.stack.enter_context(subprocess.Popen(
            [sys.executable, SOURCE / "tests/servers/postgres.py", "--set",
             "shared_preload_libraries=pg_stat_statements"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        self.stack.callback(process.stdin.close)
        self.server = json.loads(process.stdout.readline())
        self.environment |= {f"TRISTRATA_{name}_URL": self.server["url"]
                             for name in ("KPI", "DRIFT", "RESPONSE", "ADMIN")}
        self.run_program("store", "init", "--accept", "plain")
        self.psql("CREATE EXTENSION pg_stat_statements", "CREATE ROLE grafana LOGIN PASSWORD 'word' IN ROLE "
                  "grafana_reader", "SELECT pg_stat_statements_reset()")

    def psql(self, *statements, user="postgres", times=1):
        words = [word for one in statements * times for word in ("-c", one)]
        password = self.server["password"] if user == "postgres" else "word"
        done = subprocess.run(["psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.server["host"], "-p",
                               str(self.server["port"]), "-U", user, "postgres", *words], text=True, timeout=120,
                              capture_output=True, env={**self.environment, "PGPASSWORD": password})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def run_program(self, *words, code=0):
        done = subprocess.run([TRISTRATA, *words], cwd=self.folder, text=True, capture_output=True,
                              env=self.environment, timeout=120)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout if code == 0 else done.stderr

    def report(self, *words):
        given = json.loads(self.run_program("report", "hypotheses", "--format", "json", *words))
        return {one["name"]: one for one in given["hypotheses"]}

    def test_what_is_asked_is_counted_day_by_day(self):
        self.postgres()
        opened, query, asked = opened_query(), PERSONAL, 0
        for number in range(0, 30):
            day = BEGUN + datetime.timedelta(days=number)
            self.run_program("report", "hypotheses", "--sample", "--at", f"{day}T06:00")
            if number == 10:
                self.psql("SELECT pg_stat_statements_reset()")
            if number % 7 < 5 and number < 29:
                self.psql(opened, user="grafana", times=1 + number % 3)
                asked += 1 + number % 3
            if number == 12:
                self.psql(query, user="grafana")
        begun = ("--adopted", str(BEGUN))
        found = self.report(*begun, "--at", "2026-04-01")
        self.assertEqual((found["H4"]["verdict"], found["H4"]["figures"]["opened"]), ("held", asked), found["H4"])
        self.assertEqual(found["H4"]["figures"]["counts_restarted"], 1)
        self.assertEqual((found["H2"]["verdict"], found["H2"]["figures"]["queries"]), ("not_yet", 1), found["H2"])
        self.assertEqual(found["H2"]["known_at"], "2026-06-02T00:00:00Z")
        self.assertEqual(found["H1"]["verdict"], "not_yet")
        # On its second day the fourth week has not seen five yet.
        self.assertEqual(self.report(*begun, "--at", "2026-03-24")["H4"]["verdict"], "not_yet")

        self.assertIn("--why", self.run_program("report", "hypotheses", "--found", "H2", code=2))
        self.assertIn("H3", self.run_program("report", "hypotheses", "--found", "H3", "--why", "x", code=2))
        self.run_program("report", "hypotheses", "--found", "H2", "--who", "eve", "--why", "folds of ETH", "--at",
                         "2026-03-15")
        said = self.report(*begun, "--at", "2026-04-01")["H2"]
        self.assertEqual((said["verdict"], said["words"][0]["who"]), ("held", "eve"))
        self.assertIn("held", self.run_program("report", "hypotheses", *begun, "--at", "2026-04-01"))
        # Our own queries of the month are nobody's.
        self.assertEqual(self.psql("SELECT count(*) FROM pg_stat_statements WHERE query ~ 'FROM kpi\\.events' AND "
                                   "query NOT LIKE '/* tristrata%' AND query ~* '^select module'"), "1")
        self.environment["TRISTRATA_KPI_URL"] = self.environment["TRISTRATA_ADMIN_URL"] = (
            f"postgresql://grafana:word@{self.server['host']}:{self.server['port']}/postgres")
        self.assertIn("GRANT pg_read_all_stats", self.run_program("report", "hypotheses", "--sample", code=2))

    def test_serve_samples_a_day_once(self):
        self.postgres()
        count = ("SELECT count(*) || ' ' || count(DISTINCT time) FROM kpi.events WHERE module = 'tristrata' AND "
                 "dag_node = 'execution/opened' AND metric_name = 'statement_calls'")
        for name in ("one", "another"):
            environment = {**self.environment, "TRISTRATA_SPOOL": str(self.folder / name)}
            log = self.stack.enter_context((self.folder / f"{name}.log").open("w"))
            process = self.stack.enter_context(subprocess.Popen(
                [TRISTRATA, "serve", "--listen", "127.0.0.1:0"], env=environment, cwd=self.folder, text=True,
                stdout=subprocess.PIPE, stderr=log))
            self.stack.callback(process.kill)
            end = time.monotonic() + SECONDS_MAX
            status = []
            while time.monotonic() < end and not any(status):
                shown = json.loads(subprocess.run([TRISTRATA, "spool", "status", "--format", "json"], text=True,
                                                  env=environment, capture_output=True, check=False).stdout or "{}")
                status = [one.get("stored", 0) + one.get("duplicate", 0) for one in shown.get("slots", [])]
                time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=SECONDS_MAX), 0, (self.folder / f"{name}.log").read_text())
        rows, days = map(int, self.psql(count).split())
        self.assertEqual(rows, days, "two services are one row a day")
        self.assertIn(days, (1, 2), "two where midnight passed")

    def test_on_files_layers_and_reports_are_judged(self):
        self.environment |= {f"TRISTRATA_{name.upper()}_URL": f"sqlite:///{self.folder}/{name}.db"
                             for name in ("kpi", "drift", "response")}
        self.environment["TRISTRATA_SPOOL"] = str(self.folder / "spool")
        self.run_program("store", "init")
        empty = self.report()
        self.assertEqual({name: one["verdict"] for name, one in empty.items()},
                         {"H1": "not_yet", "H2": "unmeasurable", "H3": "not_yet", "H4": "unmeasurable"})
        self.run_program("drift", "check", SOURCE / "examples/fee_change/BTCUSDT_15m.csv.gz", "--time", "open_time",
                         "--reference", "2023-03-08..2023-03-22", "--current", "2023-03-22..2023-04-05", "--push",
                         "--module", "candles.btc", "--fail-on", "never")
        self.run_program("spool", "drain")
        self.run_program("incident", "step")
        found = self.report()
        self.assertEqual({name: one["verdict"] for name, one in found.items()},
                         {"H1": "held", "H2": "unmeasurable", "H3": "held", "H4": "unmeasurable"}, found)
        self.assertEqual({one["module"] for one in found["H1"]["incidents"]}, {"candles.btc"})
        self.assertEqual(found["H3"]["checks"][0]["rows_current"], 1339)
        self.assertIn("SQLite", found["H4"]["reason"])
        self.assertIn("SQLite", self.run_program("report", "hypotheses", "--sample", code=2))
        del self.environment["TRISTRATA_RESPONSE_URL"]
        self.assertIn("TRISTRATA_RESPONSE_URL", self.report()["H1"]["reason"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
