"""How long a crit event takes from its row's COMMIT in PostgreSQL to the alert at Alertmanager, through a running
`tristrata serve`:

    response.py TRISTRATA [--events N] [--seconds S] [--seed K] [--small]

N events (200), each of a module of its own, are inserted at random moments of S seconds (120), so that they fall
anywhere between two evaluations. A time runs from before the INSERT is sent to after Alertmanager's API has listed the
alert, which is asked every 20 ms: both only make it longer. The mark is one evaluation interval and a second; exits
with 1 where an alert does not arrive at all or is not the event's, never for a time."""
import argparse
import contextlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/servers"))
from watched import Watched, until  # noqa: E402

EVALUATION_SECONDS, MARK_SECONDS = 2.0, 3.0
ARRIVE_SECONDS_MAX = 60.0
INSERT = ("INSERT INTO drift.events (event_id, module, drift_type, metric, reference_value, current_value, severity, "
          "payload, detected_at) VALUES (gen_random_uuid(), '{module}', 'data_drift', 'psi_age', 0.1, 0.9, 'crit', "
          "'{{}}', clock_timestamp()) RETURNING module;\n")


def quantile(times: list[float], share: float) -> float:
    """The smallest of them that at least this share does not exceed."""
    return sorted(times)[max(0, -int(-share * len(times) // 1) - 1)]


class Arrivals:
    """When Alertmanager listed a module's alert first."""

    def __init__(self, url: str) -> None:
        self.url, self.seen, self.labels = f"{url}/api/v2/alerts", dict[str, float](), dict[str, dict[str, str]]()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def look(self) -> None:
        while not self.stopping.wait(0.02):
            with urllib.request.urlopen(self.url, timeout=30) as answer:
                alerts = json.load(answer)
            now = time.monotonic()
            for alert in alerts:
                module = alert["labels"]["module"]
                if module not in self.seen:
                    self.seen[module], self.labels[module] = now, alert["labels"]

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join()


def measured(tristrata: pathlib.Path, events: int, seconds: float, seed: int) -> list[float]:
    draw = random.Random(seed)
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="response_")))
        watched = Watched(tristrata, folder, stack)
        watched.serve()
        if not until(lambda: watched.figures().get("tristrata_incident_leads") == 1):
            raise SystemExit("tristrata serve does not evaluate: " + (folder / "serve.log").read_text()[-2000:])
        session = subprocess.Popen(watched.psql(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                   env={"PATH": os.environ["PATH"], "PGPASSWORD": watched.postgres.said["password"]})
        stack.callback(session.wait)
        assert session.stdin is not None and session.stdout is not None
        stack.callback(session.stdin.close)
        arrivals = Arrivals(watched.alertmanager.said["url"])
        stack.callback(arrivals.stop)
        begun, sent = time.monotonic(), dict[str, float]()
        for number, moment in enumerate(sorted(draw.uniform(0, seconds) for _ in range(events))):
            time.sleep(max(0.0, begun + moment - time.monotonic()))
            module = f"module_{number}"
            sent[module] = time.monotonic()
            session.stdin.write(INSERT.format(module=module))
            session.stdin.flush()
            if session.stdout.readline().strip() != module:
                raise SystemExit(f"the row of {module} was not taken")
        until(lambda: len(arrivals.seen) >= events, ARRIVE_SECONDS_MAX)
        missing = sorted(set(sent) - set(arrivals.seen))
        if missing or len(arrivals.seen) != events:
            raise SystemExit(f"{len(missing)} of {events} alerts did not arrive: {missing[:5]}")
        for module, labels in arrivals.labels.items():
            if labels["alertname"] != "drift_data_drift" or labels["severity"] != "crit":
                raise SystemExit(f"{module} arrived as {labels}")
        return [arrivals.seen[module] - sent[module] for module in sent]


def main() -> None:
    parser = argparse.ArgumentParser(description="From a row's COMMIT to the alert at Alertmanager")
    parser.add_argument("tristrata", type=pathlib.Path)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--small", action="store_true", help="a few, as a test of what is measured")
    arguments = parser.parse_args()
    events, seconds = (12, 6.0) if arguments.small else (arguments.events, arguments.seconds)
    times = measured(arguments.tristrata.resolve(), events, seconds, arguments.seed)
    p50, p99 = quantile(times, 0.5), quantile(times, 0.99)
    print(f"crit, from before the row's COMMIT to the alert listed by Alertmanager, {events} events in "
          f"{seconds:.0f} s, seed {arguments.seed}\n  p50 {p50:.2f} s, p99 {p99:.2f} s, longest {max(times):.2f} s\n"
          f"  mark: one evaluation interval ({EVALUATION_SECONDS:.0f} s) + 1 s = {MARK_SECONDS:.0f} s: "
          f"{'met' if p99 <= MARK_SECONDS else 'missed'}")


if __name__ == "__main__":
    main()
