"""No crit is lost whoever dies: PostgreSQL, Alertmanager, the webhook's receiver and `tristrata serve` are killed and
started again, each at random moments of its own, while crit events are pushed through the spool and committed late, in
any order, by others: response_deaths_test.py TRISTRATA SOURCE [DEATHS [SEED]]"""
import collections
import contextlib
import datetime
import json
import os
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import typing

TRISTRATA, SOURCE = (pathlib.Path(given).resolve() for given in sys.argv[1:3])
DEATHS = int(sys.argv[3]) if len(sys.argv) > 3 else 12
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else int(time.time())
sys.path.insert(0, str(SOURCE / "tests/servers"))
from watched import SECRET, Server, Watched, until  # noqa: E402

SETTLE_SECONDS_MAX = 300.0
OLD_SECONDS_MAX = 2 * 86400.0
LONG_OUTAGE_SECONDS = 50.0  # Longer than the store has to confirm: then the spool tells.
INSERT = ("BEGIN; INSERT INTO drift.events (event_id, module, drift_type, metric, reference_value, current_value, "
          "severity, payload, detected_at) VALUES ('{event_id}', '{module}', 'data_drift', 'psi_price', 0.1, 0.9, "
          "'crit', '{{}}', '{at}') ON CONFLICT DO NOTHING; SELECT pg_sleep({wait}); COMMIT; SELECT 'done';")


class Deaths:
    def __init__(self, folder: pathlib.Path, stack: contextlib.ExitStack) -> None:
        self.folder, self.stack = folder, stack
        draw = random.Random(3)
        for name, shift in (("before.csv", 0), ("after.csv", 5)):
            (folder / name).write_text("price\n" + "".join(f"{draw.gauss(shift, 1):.5f}\n" for _ in range(200)))
        self.watched = Watched(TRISTRATA, folder, stack)
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.hook_port = one.getsockname()[1]
        self.kept = folder / "came.jsonl"
        self.hook = self.start_hook()
        self.watched.operator |= {"TRISTRATA_WEBHOOK_URL": str(self.hook.said["url"]),
                                  "TRISTRATA_WEBHOOK_SECRET": SECRET}
        self.died: collections.Counter[str] = collections.Counter()
        self.pushed: dict[str, str] = {}  # Module to how.
        self.lock, self.failures = threading.Lock(), list[str]()
        self.enough, self.ended = threading.Event(), threading.Event()  # Of deaths; of all.

    def start_hook(self) -> Server:
        return Server(self.stack, "hook", SECRET, "--port", str(self.hook_port), "--keep", str(self.kept))

    def kill(self, who: str) -> None:
        if who == "serve":
            self.watched.end_serve()
        elif who == "webhook":
            self.hook.process.kill()
            self.hook.stop()
        elif who == "alertmanager":
            self.watched.alertmanager.ask("kill")
        else:
            self.watched.postgres.ask("stop")

    def start(self, who: str) -> None:
        if who == "serve":
            self.watched.serve()
            # Else nobody evaluates until the lease of the dead one has run out: deaths would rarely hit anybody.
            with contextlib.suppress(SystemExit):
                self.watched.sql("UPDATE response.lease SET expires_at = now()")
        elif who == "webhook":
            self.hook = self.start_hook()
        elif who == "alertmanager":
            self.watched.alertmanager.ask("start")
        else:
            self.watched.postgres.ask("start")

    def reap(self, who: str) -> None:
        draw = random.Random(f"{SEED} {who}")
        while not self.enough.wait(draw.choice((0.05, 0.5, 1.5, 4.0)) * draw.random()):
            self.kill(who)
            with self.lock:
                self.died[who] += 1
                if self.died.total() >= DEATHS:
                    self.enough.set()
            is_long = who == "postgres" and (self.died[who] % 60 == 5 or draw.random() < 0.01)
            time.sleep(LONG_OUTAGE_SECONDS if is_long else draw.choice((0.0, 0.3, 1.5)) * draw.random())
            self.start(who)

    def push(self) -> None:
        """Through the spool, which is there whoever is dead."""
        draw, number = random.Random(f"{SEED} push"), 0
        while not self.ended.wait(draw.uniform(0.1, 1.5)):
            module = f"spooled_{number}"
            number += 1
            self.watched.run("drift", "check", "before.csv", "after.csv", "--push", "--module", module, "--fail-on",
                             "never", "--at", moment(draw), environment=self.watched.environment)
            self.pushed[module] = "spool"

    def commit(self, name: str) -> None:
        """By somebody else's transaction, which is open for a while and is tried until its COMMIT was answered."""
        draw, number = random.Random(f"{SEED} {name}"), 0
        environment = {"PATH": os.environ["PATH"], "PGPASSWORD": self.watched.postgres.said["password"]}
        while not self.ended.wait(draw.uniform(0.5, 3.0)):
            module = f"{name}_{number}"
            number += 1
            event_id = "".join(draw.choice("0123456789abcdef") for _ in range(32))
            statement = INSERT.format(event_id=event_id, module=module, at=moment(draw),
                                      wait=round(draw.uniform(0, 3), 2))
            done = ""
            while done != "done":
                done = subprocess.run([*self.watched.psql(), "-c", statement], capture_output=True, text=True,
                                      env=environment, check=False).stdout.strip()
                time.sleep(0.1)
            self.pushed[module] = "commit"

    def guarded(self, work: typing.Callable[..., None], *given: str) -> threading.Thread:
        def run() -> None:
            try:
                work(*given)
            except BaseException as error:  # pylint: disable=broad-except
                self.failures.append(f"{work.__name__} {given}: {error!r}")
                self.enough.set()
        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def play(self) -> None:
        self.watched.serve()
        pushing = [self.guarded(self.push), *(self.guarded(self.commit, f"late_{i}") for i in range(2))]
        for reaper in [self.guarded(self.reap, who) for who in ("serve", "webhook", "alertmanager", "postgres")]:
            reaper.join()
        self.ended.set()
        for pusher in pushing:
            pusher.join()

    def told(self) -> dict[str, set[str]]:
        """Module to the ids of the messages that its receiver took for genuine."""
        found: dict[str, set[str]] = collections.defaultdict(set)
        for line in self.kept.read_text().splitlines() if self.kept.exists() else []:
            one = json.loads(line)
            body = json.loads(one["body"])
            if not one["genuine"]:
                self.failures.append(f"a message that is not genuine: {one}")
            elif body["status"] == "firing":
                found[body["labels"]["module"]].add(one["id"])
        return found

    def missing(self) -> dict[str, set[str]]:
        known = {one["labels"]["module"] for one in self.watched.alerts()}
        # What the spool told in time is confirmed only when the relay has tried the database again.
        kept = set(self.watched.sql("SELECT DISTINCT module FROM response.incidents").split())
        return {"webhook": set(self.pushed) - set(self.told()), "alertmanager": set(self.pushed) - known,
                "incidents": set(self.pushed) - kept}


def moment(draw: random.Random) -> str:
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(
        seconds=draw.choice((0.0, 60.0, OLD_SECONDS_MAX)) * draw.random())
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


print(f"seed {SEED}: {DEATHS} deaths", flush=True)
with contextlib.ExitStack() as everything:
    where = pathlib.Path(everything.enter_context(tempfile.TemporaryDirectory(prefix="deaths_")))
    deaths = Deaths(where, everything)
    begun = time.monotonic()
    deaths.play()
    print(f"{deaths.died.total()} deaths ({dict(deaths.died)}) in {time.monotonic() - begun:.0f} s, "
          f"{len(deaths.pushed)} crit events ({dict(collections.Counter(deaths.pushed.values()))})", flush=True)
    if not deaths.failures:
        begun = time.monotonic()
        until(lambda: not any(deaths.missing().values()), SETTLE_SECONDS_MAX, 1.0)
        for place, modules in deaths.missing().items():
            if modules:
                deaths.failures.append(f"{len(modules)} not known to the {place}: {sorted(modules)[:10]}")
        rows = deaths.watched.sql("SELECT count(*), count(DISTINCT module) FROM response.incidents")
        if rows != f"{len(deaths.pushed)}|{len(deaths.pushed)}":
            deaths.failures.append(f"{len(deaths.pushed)} modules, and incidents|modules {rows}")
        twice = {module: ids for module, ids in deaths.told().items() if len(ids) != 1}
        if twice:
            deaths.failures.append(f"told under more than one id: {twice}")
        sent = deaths.watched.figures().get('tristrata_unconfirmed_alerts_total{outcome="sent"}', 0)
        print(f"settled in {time.monotonic() - begun:.0f} s: {len(deaths.told())} told to the webhook, "
              f"{len(deaths.watched.alerts())} at Alertmanager; sent from the spool by the last serve: "
              f"{sent:.0f}", flush=True)
    if deaths.failures:
        print((where / "serve.log").read_text()[-4000:], file=sys.stderr)
for failure in deaths.failures:
    print(f"FAILED: {failure}", file=sys.stderr)
sys.exit(1 if deaths.failures else 0)
