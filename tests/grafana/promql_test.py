"""Every PromQL query of the dashboards, and the rules, on a real Prometheus that scrapes a real tristrata serve, and on
one that scrapes nothing. promql_test.py TRISTRATA SOURCE"""
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import typing
import urllib.error
import urllib.parse
import urllib.request

from provisioned import Query, queries
from stores import Stores, served

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
SECONDS_MAX = 60.0
failures: list[str] = []
Samples = list[dict[str, typing.Any]]


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: typing.Callable[[], bool]) -> bool:
    end = time.monotonic() + SECONDS_MAX
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


class Prometheus:
    """A server in a folder of its own that scrapes one address, or none."""

    def __init__(self, folder: pathlib.Path, target: typing.Optional[str]) -> None:
        port, configuration = free_port(), folder / f"prometheus_{target is not None}.yml"
        rules = (source / "deploy/prometheus/tristrata.yml").read_text(encoding="utf-8")
        (folder / "rules.yml").write_text(rules.replace("interval: 15s", "interval: 1s"))
        configuration.write_text(json.dumps({  # JSON is YAML.
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(folder / "rules.yml")],
            "scrape_configs": [{"job_name": "tristrata", "static_configs": [{"targets": [target]}]}] if target else []
        }))
        self.url = f"http://127.0.0.1:{port}"
        self.log = (folder / f"prometheus_{target is not None}.log").open("w")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={folder}/tsdb_{target is not None}",
             f"--web.listen-address=127.0.0.1:{port}"], stdout=self.log, stderr=self.log)

    def get(self, path: str, **parameters: str) -> typing.Any:
        with urllib.request.urlopen(f"{self.url}{path}?{urllib.parse.urlencode(parameters)}", timeout=10) as answer:
            return json.load(answer)["data"]

    def ask(self, expression: str) -> Samples:
        return self.get("/api/v1/query", query=expression)["result"]

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=SECONDS_MAX)
        self.log.close()


def written(query: Query) -> str:
    """The expression as Grafana sends it: the time a rate looks back, and all instances."""
    return query.text.replace("$__rate_interval", "10s").replace("$instance", ".+")


ANALYZER = """[[analyzer]]
name = "completed"
source = "sql"
store = "kpi"
query = "SELECT time, metric_value FROM kpi.events WHERE time >= :from AND time < :to"
window = "1d"
drift_type = "volume_drift"
module = "m"
"""


def labels_of(legend: str) -> set[str]:
    return set(re.findall(r"\{\{(\w+)\}\}", legend))


# What a panel's query must give: of each series the value, or a range.
VALUES: dict[str, typing.Callable[[list[float]], bool]] = {
    "Serving": lambda values: values == [1],
    "Rows on their way": lambda values: values == [1],
    "The ledger's remainder": lambda values: values == [0],
    "Spool, nearest to full": lambda values: len(values) == 1 and 0 < values[0] < 0.5,
    "What became of the rows": lambda values: len(values) == 2 and all(value >= 0 for value in values),
    "Pending by class A": lambda values: sorted(values) == [0, 1],
    "Pending by class B": lambda values: not values,
    "Lag": lambda values: len(values) == 2 and all(value >= 0 for value in values),
    "Destinations that do not take rows": lambda values: sorted(values)[-2:] == [0, 1],
    "Tries that failed": lambda values: len(values) >= 2 and all(value >= 0 for value in values),
    "Space A": lambda values: len(values) == 1 and values[0] > 1000,
    "Space B": lambda values: len(values) == 1 and values[0] > 1e6,
    "Looked at": lambda values: len(values) == 1 and 0 <= values[0] < 60,
    "Dead letters and damaged files": lambda values: values == [0],
    "Incidents that nobody was told of": lambda values: values == [0],
    "Windows behind": lambda values: values == [0],
    "Alerts refused": lambda values: values == [0, 0],
    "Partitions ahead": lambda values: len(values) == 1 and values[0] > 25 * 86400,
    "Retention": lambda values: len(values) == 2 and all(0 <= value < 300 for value in values),
}


def check(prometheus: Prometheus, panels: list[Query]) -> None:
    for query in panels:
        title = query.name.split("/", 1)[1]
        result = prometheus.ask(written(query))
        values = [float(sample["value"][1]) for sample in result]
        check_values = VALUES.get(title) or VALUES.get(title[:-2])
        if check_values is None:
            failures.append(f"{query.name}: nobody said what it must give; it gives {values}")
            continue
        expect(check_values(values), f"{query.name}: {query.text} gives {values}")
        for sample in result:
            missing = labels_of(query.legend) - set(sample["metric"])
            expect(not missing, f"{query.name}: its legend names {missing}, and the result has {sample['metric']}")
        names = [re.sub(r"\{\{(\w+)\}\}", lambda found: sample["metric"].get(found[1], ""), query.legend)
                 for sample in result]
        expect(len(set(names)) == len(names), f"{query.name}: two series are called {names}")


def watch(stores: Stores) -> None:
    """One store takes rows, the other is a server that is not there: so that both kinds of figures are seen."""
    panels = [query for query in queries(source) if query.uid == "tristrata-prometheus" and query.kind == "panel"]
    environment = {**stores.environment, "TRISTRATA_SPOOL": str(stores.folder / "spool")}
    stores.environment = environment
    stores.run("kpi", "emit", "--module", "m", "x=1", "y=2")
    environment["TRISTRATA_DRIFT_URL"] = f"postgresql://postgres:x@127.0.0.1:{free_port()}/postgres"
    # Two that are sent nothing here: each has its series from the beginning.
    environment["TRISTRATA_WEBHOOK_URL"] = f"http://127.0.0.1:{free_port()}/one http://127.0.0.1:{free_port()}/two"
    environment["TRISTRATA_WEBHOOK_SECRET"] = "what signs what is sent there, in full"
    with stores.owner() as owner:
        owner.execute("CREATE ROLE asker LOGIN PASSWORD 'word' IN ROLE sql_analyzer")
    environment["TRISTRATA_ANALYZER_URL"] = (f"postgresql://asker:word@{stores.said['host']}:{stores.said['port']}"
                                             "/postgres")
    (stores.folder / "analyzers.toml").write_text(ANALYZER)
    environment["TRISTRATA_ANALYZERS"] = str(stores.folder / "analyzers.toml")
    stores.run("drift", "push", source / "tests/golden/evidently_reports/v07_datadrift_small_pvalues.json", "--module",
               "m", "--at", "2026-11-24")
    serving = subprocess.Popen([tristrata, "serve", "--retain", "--listen", "127.0.0.1:0"], env=environment, text=True,
                               cwd=stores.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert serving.stdout is not None
    target = serving.stdout.readline().strip().removeprefix("http://")
    prometheus = Prometheus(stores.folder, target)
    try:
        expect(until(prometheus.ready), "Prometheus is not ready")
        seen = until(lambda: all(prometheus.ask(one) for one in (
            'tristrata_relay_breaker_open{class="drift"} == 1', 'tristrata_spool_stored_rows_total{class="kpi"} == 2',
            'tristrata_retention_done_timestamp_seconds', "tristrata_store_partition_horizon_seconds",
            "count_over_time(tristrata_relay_failures_total[10s]) > 3", "tristrata:spool_unaccounted_rows",
            "tristrata:sample_age_seconds", "tristrata:spool_fill_ratio", "tristrata_alerts_refused_total",
            "tristrata_incidents_untold", "tristrata_analyzer_windows_behind")))
        expect(seen, "what serve tells did not come")
        pending = prometheus.ask('sum(tristrata_spool_pending_rows{class="drift"})')
        rows = int(float(pending[0]["value"][1])) if pending else 0
        expect(rows > 0, "no drift row waits")
        VALUES["Rows on their way"] = lambda values: values == [rows]
        VALUES["Pending by class A"] = lambda values: sorted(values) == [0, rows]
        check(prometheus, panels)
        variables = prometheus.get("/api/v1/label/instance/values", **{"match[]": "tristrata_build_info"})
        expect(variables == [target], f"$instance offers {variables}")
        rules = [rule for group in prometheus.get("/api/v1/rules")["groups"] for rule in group["rules"]]
        expect(len(rules) == 27 and all(rule["health"] == "ok" for rule in rules), f"rules: {rules}")
        states = {rule["name"]: rule["state"] for rule in rules if rule["type"] == "alerting"}
        waiting = {name for name, state in states.items() if state != "inactive"}
        expect(waiting == {"TristrataStoreDoesNotTakeRows"}, f"alerts with a store that is down: {states}")
    finally:
        prometheus.stop()
        serving.send_signal(signal.SIGTERM)
        serving.wait(timeout=SECONDS_MAX)
    empty = Prometheus(stores.folder, None)
    try:
        expect(until(empty.ready), "the second Prometheus is not ready")
        for query in panels:
            expect(empty.ask(written(query)) == [], f"{query.name}: gives something where nothing is scraped")
        expect(until(lambda: any(rule.get("state") == "pending" for group in empty.get("/api/v1/rules")["groups"]
                                 for rule in group["rules"] if rule["name"] == "TristrataAbsent")),
               "nothing is scraped, and no alert of it waits")
    finally:
        empty.stop()


with tempfile.TemporaryDirectory() as name:
    with served(tristrata, source, pathlib.Path(name)) as made:
        watch(made)
print("\n".join(failures) or f"{len(VALUES)} figures and the rules gave what they must")
sys.exit(bool(failures))
