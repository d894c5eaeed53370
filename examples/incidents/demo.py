#!/usr/bin/env python3
"""The three failures that nobody saw, played through a running system: pipeline, spool, PostgreSQL, analyzers,
incidents, Alertmanager, beside them a Prometheus that watches the watcher. Run it as ./dev demo incidents.

    demo.py TRISTRATA [--night SECONDS] [--format text|json]

A night of the pipeline lasts ten seconds here; the analyzers are those of examples/analyzers/incidents.toml but for
that. On a machine so busy that the pipeline takes long to report, a night is as much longer as it has to be. Needs
psql, PostgreSQL, Prometheus and Alertmanager of Debian; all of it stands on free ports of the loopback address and is
gone at the end.
"""
import argparse
import contextlib
import dataclasses
import datetime
import json
import math
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import typing
import urllib.parse
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ROLES = {"pipeline": "kpi_writer", "checker": "drift_writer", "analyst": "sql_analyzer", "duty": "responder",
         "dashboard": "grafana_reader", "trader": "engager"}
SETTINGS = {"KPI_URL": "pipeline", "DRIFT_URL": "checker", "ANALYZER_URL": "analyst", "RESPONSE_URL": "duty",
            "READ_URL": "dashboard", "KILL_SWITCH_URL": "trader"}
FOUND_SECONDS_MAX = 60.0
DELAY = 1                # Seconds behind a night's end at which the analyzers look at it.
REPORTS_A_NIGHT = 4      # How often the pipeline could report within a night, by how long it took at first.
PLAYS_MAX = 3
GAIN_OF_ALL = 1.000291


def at(moment: float) -> str:
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime("%H:%M:%S.%f")[:-5]


def moment(text: str) -> float:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class TooShort(Exception):
    """A night was over before the pipeline had reported it: what is missing then is this machine's doing."""


def until(ask: typing.Callable[[], typing.Any], holds: typing.Callable[[typing.Any], bool]) -> typing.Any:
    """What is said once that holds, or in the end."""
    deadline = time.time() + FOUND_SECONDS_MAX
    while not holds(said := ask()) and time.time() < deadline:
        time.sleep(0.1)
    return said


@dataclasses.dataclass
class Incident:
    """One failure, as it was made and as it was found."""
    name: str
    analyzer: str
    module: str
    began: float = 0.0       # The first thing that was wrong, or the end of the night in which something is missing.
    found_at: float = 0.0    # When an analyzer said so.
    opened_at: float = 0.0
    alert_at: float = 0.0    # When Alertmanager had it,
    paged_at: float = 0.0    # and when a person did.
    layer: str = ""
    page: dict[str, typing.Any] = dataclasses.field(default_factory=dict)
    incident_id: str = ""


class Server:
    """A program of tests/servers: a line of JSON when it is ready, then a word a line."""

    def __init__(self, stack: contextlib.ExitStack, name: str, *arguments: str) -> None:
        self.process = subprocess.Popen([sys.executable, SOURCE / f"tests/servers/{name}.py", *arguments], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        stack.callback(self.stop)
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        if not said:
            raise SystemExit(f"{name} did not start; what it said stands above")
        self.said: dict[str, typing.Any] = json.loads(said)

    def ask(self, word: str) -> typing.Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Play:
    def __init__(self, tristrata: pathlib.Path, night: int, folder: pathlib.Path, stack: contextlib.ExitStack,
                 say: typing.Callable[[str], None]) -> None:
        self.tristrata, self.night, self.folder, self.say = tristrata, night, folder, say
        self.postgres = Server(stack, "postgres")
        self.alertmanager = Server(stack, "alertmanager")
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.startswith(("TRISTRATA_", "OTEL_"))}
        self.environment |= {"TRISTRATA_ENVIRONMENT": "demo", "NO_PROXY": "127.0.0.1"}
        self.pipeline = {**self.environment, "TRISTRATA_SPOOL": str(folder / "spool")}
        self.operator = self.make_stores()
        self.serve = ""

    def rehearse(self) -> None:
        """How long the pipeline takes to report, before anybody watches: then it is known what a night has to last."""
        begun = time.time()
        self.a_night(0)
        self.night = max(self.night, math.ceil(REPORTS_A_NIGHT * (time.time() - begun)))
        text = (SOURCE / "examples/analyzers/incidents.toml").read_text()
        text = re.sub(r'^window = "1d"', f'window = "{self.night}s"', text, flags=re.MULTILINE)
        text = re.sub(r'^delay = "30m"', f'delay = "{DELAY}s"', text, flags=re.MULTILINE)
        (self.folder / "analyzers.toml").write_text(text)

    def begin_to_watch(self, stack: contextlib.ExitStack) -> None:
        """After the first night: of one that never was, the analyzers would say at once that it is missing."""
        self.run("spool", "drain", environment=self.operator)
        self.serve = self.start_serve(stack)
        address = urllib.parse.urlparse(self.alertmanager.said["url"]).netloc
        self.prometheus = Server(stack, "prometheus", "--scrape", urllib.parse.urlparse(self.serve).netloc, "--rules",
                                 str(SOURCE / "deploy/prometheus/tristrata.yml"), "--alertmanager", address)

    def run(self, *arguments: str, environment: dict[str, str], codes: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run([self.tristrata, *arguments], env=environment, cwd=self.folder, text=True,
                              capture_output=True, timeout=300, check=False)
        if done.returncode not in codes:
            raise SystemExit(f"tristrata {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def sql(self, statement: str) -> str:
        said = self.postgres.said
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", said["folder"], "-p",
                               str(said["port"]), "-U", "postgres", "-c", statement], capture_output=True, text=True,
                              env={"PATH": os.environ["PATH"], "PGPASSWORD": said["password"]}, check=False)
        if done.returncode != 0:
            raise SystemExit(f"psql: {done.stderr}")
        return done.stdout.strip()

    def make_stores(self) -> dict[str, str]:
        """The four schemas by their owner, then a user for each task, as a DBA does."""
        place = f"127.0.0.1:{self.postgres.said['port']}/postgres"
        urls = {f"TRISTRATA_{setting}": f"postgresql://{user}:word@{place}" for setting, user in SETTINGS.items()}
        admin = {**self.environment, **urls, "TRISTRATA_ADMIN_URL": self.postgres.said["url"]}
        self.run("store", "init", "--accept", "plain", environment=admin)
        self.run("kill-switch", "init", environment=admin)
        self.sql(" ".join(f"CREATE ROLE {user} LOGIN PASSWORD 'word' IN ROLE {role};"
                          for user, role in ROLES.items()))
        (self.folder / "tristrata.toml").write_text('[kill_switch.scopes]\n"train" = "strategy:lstm"\n')
        return {**self.environment, **urls, "TRISTRATA_SPOOL": str(self.folder / "spool"),
                "TRISTRATA_ANALYZERS": str(self.folder / "analyzers.toml"),
                "TRISTRATA_OWNERS": str(SOURCE / "deploy/owners.toml"),
                "TRISTRATA_ALERTMANAGER_URL": self.alertmanager.said["url"]}

    def start_serve(self, stack: contextlib.ExitStack) -> str:
        log = stack.enter_context((self.folder / "serve.log").open("w"))
        process = subprocess.Popen([self.tristrata, "serve", "--listen", "127.0.0.1:0", "--log-format", "json"],
                                   env=self.operator, cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=log)

        def stop() -> None:
            process.send_signal(signal.SIGTERM)
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
        stack.callback(stop)
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise SystemExit((self.folder / "serve.log").read_text())
        return url

    def emit(self, *words: str) -> None:
        self.run("kpi", "emit", *words, environment=self.pipeline)

    def a_night(self, number: int, dead: bool = False, dropped: tuple[str, str, int] | None = None,
                completed: tuple[str, ...] = ("baseline", "candidate")) -> float:
        """What the pipeline reports; returns when it reported first."""
        begun = time.time()
        for feature in range(12):
            gain = GAIN_OF_ALL if dead else 1 + 0.01 * ((feature * 7 + number) % 12)
            self.emit("--module", "feature_selection", "--dag-node", f"f{feature}", f"feature_gain={gain}")
        for variant in ("baseline", "candidate"):
            for crypto in ("BTCUSDC", "ETHUSDC"):
                for fold in range(4):
                    if (variant, crypto, fold) != dropped:
                        self.emit("--module", "train", "--tag", f"variant={variant}", "--tag", f"crypto={crypto}",
                                  "--tag", f"fold_id={fold}", f"predictions_captured_rate={0.97 + 0.002 * fold}")
        for variant in completed:
            self.emit("--module", "phase2", "--success", "true", "--tag", f"variant={variant}", "phase2_completed=1")
        return begun

    def in_the_store(self, begin: float) -> None:
        """Returns once everything of the night that began then is where the analyzers look, before they do."""
        def pending() -> int:
            slots = json.loads(self.run("spool", "status", "--format", "json", environment=self.pipeline))["slots"]
            return sum(one["pending"] for slot in slots for one in slot["classes"] if one["class"] == "kpi")
        self.still(begin)
        while pending():
            self.still(begin)
            time.sleep(0.1)
        self.still(begin)

    def still(self, begin: float) -> None:
        """It is the night that began then."""
        if time.time() >= begin + self.night:
            raise TooShort

    def looked_at(self) -> None:
        """Every night that is over was, by the analyzers: they pass one over where they are late by another."""
        with urllib.request.urlopen(self.serve + "/metrics", timeout=30) as answer:
            said = answer.read().decode()
        if not re.search(r'^tristrata_analyzer_windows_total\{outcome="passed_over"\} 0$', said, re.MULTILINE):
            raise TooShort

    def to_the_next_night(self) -> float:
        """A night begins with its window; returns when."""
        begin = (time.time() // self.night + 1) * self.night
        time.sleep(max(0.0, begin - time.time()))
        return begin

    def look(self, incidents: list[Incident]) -> None:
        """Fills in what is to be seen by now."""
        alerts = self.alertmanager.ask("alerts")
        pages = self.alertmanager.ask("pages")
        now = time.time()
        for one in incidents:
            for alert in alerts:
                if alert["labels"].get("module") == one.module and not one.alert_at:
                    one.alert_at = now
            for page in pages:
                for alert in page["alerts"]:
                    if alert["labels"].get("module") == one.module and not one.paged_at:
                        one.paged_at, one.page = now, alert

    def ask_the_stores(self, incidents: list[Incident]) -> None:
        found = json.loads(self.run("incident", "list", "--closed", "--format", "json", environment=self.operator))
        for one in incidents:
            for row in found["incidents"]:
                if (row["module"], row["drift_type"]) != (one.module, one.page.get("labels", {}).get("drift_type")):
                    continue
                one.layer, one.incident_id = row["first_layer"], row["incident_id"]
                one.opened_at = moment(row["opened_at"])
        lines = [json.loads(line) for line in (self.folder / "serve.log").read_text().splitlines()]
        for one in incidents:
            one.found_at = min((moment(line["time"]) for line in lines if line["event"] == "analyzer" and
                                line["analyzer"] == one.analyzer and line["severity"] == "crit"), default=0.0)

    def watched(self) -> dict[str, typing.Any]:
        """What Prometheus says of the watcher itself."""
        def query(text: str) -> typing.Any:
            url = f"{self.prometheus.said['url']}/api/v1/query?{urllib.parse.urlencode({'query': text})}"
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.load(answer)["data"]["result"]
        up, firing = query('up{job="tristrata"}'), query('ALERTS{alertstate="firing"}')
        opened = query('tristrata_incidents_total{outcome="opened"}')
        return {"up": bool(up and up[0]["value"][1] == "1"),
                "rules_firing": [one["metric"]["alertname"] for one in firing],
                "incidents_opened": float(opened[0]["value"][1]) if opened else 0.0}


def played(play: Play, stack: contextlib.ExitStack) -> list[Incident]:
    """Two ordinary nights, one for each failure, and an ordinary one."""
    dead = Incident("every feature gets the score 1.000291 (#706)", "feature_selection", "feature_selection")
    fold = Incident("the predictions of one fold are dropped (#700)", "predictions_captured", "train")
    rerun = Incident("the rerun ends without a variant", "completed_runs", "phase2")
    incidents = [dead, fold, rerun]
    stop = threading.Event()
    failed: list[BaseException] = []

    def watch() -> None:
        try:
            while not stop.wait(0.1):
                play.look(incidents)
        except BaseException as error:  # pylint: disable=broad-except
            failed.append(error)

    watcher = threading.Thread(target=watch)
    play.rehearse()
    begin = play.to_the_next_night()
    play.say(f"{at(begin)}  night 1: the pipeline reports, and all is well")
    play.a_night(1)
    play.still(begin)
    begin = play.to_the_next_night()
    time.sleep(DELAY + 0.2)  # Until then the latest window is the one before.
    play.begin_to_watch(stack)
    play.say(f"{at(begin)}  night 2: tristrata serve watches from here on")
    watcher.start()
    try:
        play.a_night(2)
        play.in_the_store(begin)
        begin = play.to_the_next_night()
        play.looked_at()
        if any(one.alert_at for one in incidents):
            raise SystemExit("somebody was told of a night on which all was well")
        play.say(f"{at(begin)}  night 3: {dead.name}")
        dead.began = play.a_night(3, dead=True)
        play.in_the_store(begin)
        begin = play.to_the_next_night()
        play.say(f"{at(begin)}  night 4: {fold.name}")
        play.a_night(4, dropped=("candidate", "ETHUSDC", 2))
        fold.began = begin + play.night
        play.in_the_store(begin)
        begin = play.to_the_next_night()
        play.say(f"{at(begin)}  night 5: {rerun.name}")
        play.a_night(5, completed=("baseline",))
        rerun.began = begin + play.night
        play.in_the_store(begin)
        begin = play.to_the_next_night()
        play.say(f"{at(begin)}  night 6: all is well")
        play.a_night(6)
        play.in_the_store(begin)
        deadline = time.time() + FOUND_SECONDS_MAX
        while not all(one.paged_at for one in incidents) and time.time() < deadline and not failed:
            play.looked_at()
            time.sleep(0.1)
    finally:
        stop.set()
        watcher.join()
    if failed:
        raise SystemExit(f"the watch ended: {failed[0]}")
    play.ask_the_stores(incidents)
    return incidents


def has_seen_all(watched: dict[str, typing.Any]) -> bool:
    """Prometheus asks every so often."""
    return bool(watched["up"] and watched["incidents_opened"] >= 3 and not watched["rules_firing"])


def told(play: Play, incidents: list[Incident]) -> None:
    play.say("")
    for one in incidents:
        notes = one.page.get("annotations", {})
        play.say(f"{one.name}\n"
                 f"  began                  {at(one.began)}\n"
                 f"  found                  {at(one.found_at)} by {one.analyzer}, in the {one.layer} layer\n"
                 f"  incident               {at(one.opened_at)}\n"
                 f"  at Alertmanager        {at(one.alert_at)}\n"
                 f"  paged                  {at(one.paged_at)}, {one.paged_at - one.began:.1f} s after it began\n"
                 f"  the page said          {notes.get('title', '')}\n"
                 f"                         {notes.get('runbook_url', '')}")
    watched = until(play.watched, has_seen_all)
    play.say(f"\nPrometheus, which watches the watcher: up {watched['up']}, "
             f"{watched['incidents_opened']:.0f} incidents, rules firing: "
             f"{', '.join(watched['rules_firing']) or 'none'}")
    play.say("\nWhat who is paged types first:\n")
    play.say(play.run("incident", "show", incidents[1].incident_id, environment=play.operator))


def told_in_json(play: Play, incidents: list[Incident]) -> None:
    def switch() -> typing.Any:
        return json.loads(play.run("kill-switch", "history", "--evaluations", "--format", "json",
                                   environment=play.operator))

    def health() -> typing.Any:
        with urllib.request.urlopen(play.serve + "/healthz", timeout=30) as answer:
            return json.load(answer)
    print(json.dumps({"incidents": [dataclasses.asdict(one) for one in incidents],
                      "prometheus": until(play.watched, has_seen_all), "kill_switch": until(switch, bool),
                      "health": until(health, lambda said: not said["problems"]),
                      "show": [play.run("incident", "show", one.incident_id, environment=play.operator)
                               for one in incidents if one.incident_id]}))


def main() -> int:
    parser = argparse.ArgumentParser(description="The three incidents, played")
    parser.add_argument("tristrata", type=pathlib.Path)
    parser.add_argument("--night", type=int, default=10, metavar="SECONDS")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    arguments = parser.parse_args()

    def say(sentence: str) -> None:
        print(sentence, flush=True, file=sys.stdout if arguments.format == "text" else sys.stderr)
    night = arguments.night
    incidents: list[Incident] = []
    for plays in range(1, PLAYS_MAX + 1):
        with contextlib.ExitStack() as stack:
            folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="incidents_")))
            say("starting PostgreSQL, Alertmanager, Prometheus and tristrata serve …")
            play = Play(arguments.tristrata.resolve(), night, folder, stack, say)
            try:
                incidents = played(play, stack)
            except TooShort as short:
                if plays == PLAYS_MAX:
                    raise SystemExit(f"a night of {play.night} s is too short for this machine now") from short
                night = 2 * play.night
                say(f"this machine is busy: not all of a night came within {play.night} s; once more, with {night} s")
                continue
            (told if arguments.format == "text" else told_in_json)(play, incidents)
            break
    missed = [one.name for one in incidents if not one.paged_at]
    for name in missed:
        print(f"nobody was told that {name}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
