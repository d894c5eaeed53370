"""A tristrata serve that watches, for the tests of it; they are called with TRISTRATA SOURCE."""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

TRISTRATA, SOURCE = (pathlib.Path(given).resolve() for given in sys.argv[1:3])
SECONDS_MAX = 60.0
ANALYZER = '''[[analyzer]]
name = "scores"
source = "sql"
query = """
SELECT time, metric_value AS score FROM kpi.events WHERE metric_name = 'score' AND time >= :from AND time < :to
"""
window = "2s"
minimum = 0.5
drift_type = "prediction_drift"
module = "scores"
metric = "score"

[[analyzer.severity]]
subject = "signal:range"
warn = 0.01
crit = 0.1
rationale = "no score below a half is any good"
'''


def until(condition, seconds=SECONDS_MAX):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


class Serving:
    def __init__(self, folder, environment, name):
        self.log = folder / f"{name}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([TRISTRATA, "serve", "--listen", "127.0.0.1:0", "--log-format", "json"],
                                            text=True, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=log)
        self.url = self.process.stdout.readline().strip()

    def events(self, name):
        return [line for line in map(json.loads, self.log.read_text().splitlines()) if line["event"] == name]

    def intake(self):
        until(lambda: any("address" in event for event in self.events("listening")))
        return next(event["address"] for event in self.events("listening") if "address" in event)

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.read().decode()

    def figures(self):
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in self.get("/metrics").splitlines() if not line.startswith("#"))}

    def problems(self):
        return {one["check"]: one["found"] for one in json.loads(self.get("/healthz"))["problems"]}

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=SECONDS_MAX)
        self.process.stdout.close()
        return self.process.returncode


class Responding(unittest.TestCase):
    """Stores of SQLite and a spool in a folder of its own, and what serves them."""

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("OTEL_", "TRISTRATA_"))}
        self.environment |= {f"TRISTRATA_{name.upper()}_URL": f"sqlite:///{self.folder}/{name}.db"
                             for name in ("kpi", "drift", "response")}
        self.environment |= {"TRISTRATA_SPOOL": str(self.folder / "spool"), "NO_PROXY": "127.0.0.1"}
        self.run_program("store", "init")

    def run_program(self, *words, code=0):
        done = subprocess.run([TRISTRATA, *words], cwd=self.folder, text=True, capture_output=True,
                              env=self.environment, timeout=120)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def serve(self, name="serve", **settings):
        serving = Serving(self.folder, {**self.environment, **settings}, name)
        self.stack.callback(serving.stop, signal.SIGKILL)
        self.assertTrue(serving.url, serving.log.read_text())
        return serving

    def incidents(self):
        found = json.loads(self.run_program("incident", "list", "--closed", "--format", "json"))
        return {(one["module"], one["drift_type"]): one for one in found["incidents"]}
