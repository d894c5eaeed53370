"""Events through a real collector and promtail into a real Loki, all configured as docs/events.md shows for a Loki
before 3, and back by LogQL: by what the page labels, and by all that deploy/grafana asks Loki:
loki_test.py TRISTRATA SOURCE COLLECTOR LOKI PROMTAIL."""
import contextlib
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

TRISTRATA, SOURCE, COLLECTOR, LOKI, PROMTAIL = (pathlib.Path(given).resolve() for given in sys.argv[1:6])
sys.path[:0] = [str(SOURCE / "tests/servers"), str(SOURCE / "tests/grafana")]
from collector import Collector  # noqa: E402  (it stands beside the other servers)
from loki import Loki, Promtail  # noqa: E402
from provisioned import load, queries  # noqa: E402

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
ARRIVE_SECONDS_MAX = 60.0
HOUR_NS = 3600 * 1_000_000_000
EMITTED = (("run_started", "run_id=r1"),
           ("training_fold_complete", "run_id=r1", "crypto=BTCUSDC", "fold_id=0", "duration_ms=12345",
            "api_token=abc", "--trace-id", TRACE, "--span-id", SPAN),
           ("training_fold_complete", "run_id=r1", "crypto=ETHUSDC", "fold_id=1", "duration_ms=12"),
           ("training_fold_complete", "run_id=r2", "crypto=BTCUSDC", "fold_id=0", "duration_ms=13"),
           ("data_missing", "run_id=20261127", "crypto=BTCUSDC"),
           ("training_fold_complete", "run_id=r1", "crypto=BTCUSDC", "fold_id=2", "duration_ms=99"),
           ("model_promoted", "crypto=SOLUSDC"))
# Each event's own line, as the log has it.
STARTED, BTC_0, ETH_1, OTHER_RUN, MISSING, BTC_2, PROMOTED = LINES = (
    "event=run_started run_id=r1",
    "event=training_fold_complete run_id=r1 crypto=BTCUSDC fold_id=0 duration_ms=12345 api_token=[redacted]",
    "event=training_fold_complete run_id=r1 crypto=ETHUSDC fold_id=1 duration_ms=12",
    "event=training_fold_complete run_id=r2 crypto=BTCUSDC fold_id=0 duration_ms=13",
    "event=data_missing run_id=20261127 crypto=BTCUSDC",
    "event=training_fold_complete run_id=r1 crypto=BTCUSDC fold_id=2 duration_ms=99",
    "event=model_promoted crypto=SOLUSDC")


def here(block, *replaced):
    for shown, instead in replaced:
        assert block.count(shown) == 1, f"{shown} stands {block.count(shown)} times in docs/events.md"
        block = block.replace(shown, instead)
    return block


def without_stage(name):
    """Of promtail's block: its stages are told apart by their indentation."""
    def change(scrape):
        changed, count = re.subn(rf"^      - {name}:\n(?:        .*\n)+", "", scrape, flags=re.MULTILINE)
        assert count == 1, f"no stage {name} in docs/events.md"
        return changed
    return change


class LokiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = pathlib.Path(cls.stack.enter_context(tempfile.TemporaryDirectory()))
        section = (SOURCE / "docs/events.md").read_text().split("### A Loki before 3", 1)[1]
        cls.for_collector, cls.for_promtail = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)[:2]
        cls.begun_ns = time.time_ns()
        cls.loki, _, environment = cls.way_to_loki("training")
        cls.emit(environment, *EMITTED)
        cls.wait_for(lambda: len(cls.lines('{service_name="training"}')) >= len(EMITTED))

    @classmethod
    def way_to_loki(cls, service, change=lambda scrape: scrape):
        """A Loki, the promtail before it, and the environment of who emits to the collector before both."""
        folder = cls.folder / service
        loki = Loki(LOKI, folder / "loki")
        collector = Collector(COLLECTOR, folder)
        (folder / "collector.yaml").write_text(here(
            cls.for_collector, ("0.0.0.0:4318", f"127.0.0.1:{collector.port}"),
            ("/var/log/tristrata/events.jsonl", str(folder / "events.jsonl")),
            ("service:\n", "service:\n  telemetry:\n    metrics:\n      level: none\n")))
        promtail = Promtail(PROMTAIL, folder, change(here(
            cls.for_promtail, ("http://loki:3100", loki.url),
            ("/var/log/tristrata/events.jsonl", str(folder / "events.jsonl")),
            ("/var/lib/promtail/positions.yaml", str(folder / "positions.yaml")))))
        for one in (loki, collector, promtail):
            cls.stack.callback(one.stop)
            one.start()
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("OTEL_", "TRISTRATA_"))}
        return loki, promtail, environment | {
            "TRISTRATA_SPOOL": str(folder / "spool"), "OTEL_SERVICE_NAME": service,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "NO_PROXY": "127.0.0.1"}

    @classmethod
    def emit(cls, environment, *events):
        for event in events:
            subprocess.run([TRISTRATA, "event", "emit", *event], cwd=cls.folder, env=environment, check=True,
                           stdout=subprocess.DEVNULL)
        subprocess.run([TRISTRATA, "spool", "drain"], cwd=cls.folder, env=environment, check=True,
                       stdout=subprocess.DEVNULL)

    @staticmethod
    def wait_for(happened):
        deadline = time.monotonic() + ARRIVE_SECONDS_MAX
        while not happened() and time.monotonic() < deadline:
            time.sleep(0.2)

    @classmethod
    def result(cls, query, around_ns=None, loki=None):
        around_ns = around_ns or cls.begun_ns
        return (loki or cls.loki).ask("/loki/api/v1/query_range", query=query, start=around_ns - HOUR_NS,
                            end=around_ns + HOUR_NS, limit=500, step="60s")

    @classmethod
    def lines(cls, query, around_ns=None, loki=None):
        """In order of time."""
        found = [(int(nanoseconds), line) for stream in cls.result(query, around_ns, loki)["result"]
                 for nanoseconds, line in stream["values"]]
        return [line for _, line in sorted(found)]

    def at(self, hours):
        then = datetime.datetime.fromtimestamp((self.begun_ns + hours * HOUR_NS) / 1e9, datetime.timezone.utc)
        return then.isoformat(timespec="seconds")

    def labelled(self, name):
        return self.loki.ask(f"/loki/api/v1/label/{name}/values", start=self.begun_ns - HOUR_NS)

    def test_an_event_is_found_by_its_name_by_its_run_and_by_its_crypto_and_no_other_is(self):
        for selector, expected in (
                ('event="training_fold_complete"', [BTC_0, ETH_1, OTHER_RUN, BTC_2]),
                ('event="run_started"', [STARTED]), ('event="data_missing"', [MISSING]), ('event="nothing"', []),
                ('event=~".+"', list(LINES)),
                ('run_id="r1"', [STARTED, BTC_0, ETH_1, BTC_2]), ('run_id="r2"', [OTHER_RUN]),
                ('run_id="20261127"', [MISSING]), ('run_id="r"', []),
                ('crypto="BTCUSDC"', [BTC_0, OTHER_RUN, MISSING, BTC_2]), ('crypto="ETHUSDC"', [ETH_1]),
                ('crypto="SOLUSDC"', [PROMOTED]), ('crypto="BTC"', []), ('run_id=""', [PROMOTED]),
                ('event="training_fold_complete", run_id="r1", crypto="BTCUSDC"', [BTC_0, BTC_2])):
            with self.subTest(selector):
                self.assertEqual(self.lines(f'{{service_name="training", {selector}}}'), expected)
        self.assertEqual(self.labelled("run_id"), ["20261127", "r1", "r2"])
        self.assertEqual(self.labelled("crypto"), ["BTCUSDC", "ETHUSDC", "SOLUSDC"])

    def test_a_line_has_the_time_of_its_event(self):
        (stream,) = self.result('{event="run_started"}')["result"]
        ((nanoseconds, _),) = stream["values"]
        written = [json.loads(line) for line in (self.folder / "training/events.jsonl").read_text().splitlines()]
        records = [record for one in written for of_resource in one["resourceLogs"]
                   for of_scope in of_resource["scopeLogs"] for record in of_scope["logRecords"]]
        self.assertEqual(len(written), len(records), "one event a line")
        self.assertEqual([one["timeUnixNano"] for one in records if one["body"]["stringValue"] == STARTED],
                         [nanoseconds])

    def test_other_fields_need_no_label(self):
        self.assertEqual(self.lines('{event="training_fold_complete"} | logfmt | duration_ms < 100 | fold_id="1"'),
                         [ETH_1])
        self.assertEqual(self.lines('{event=~".+"} |= "abc"'), [], "a secret arrives nowhere")

    def test_every_query_of_the_dashboards_and_rules_is_answered(self):
        asked = [query.text for query in queries(SOURCE) if query.uid == "tristrata-loki"]
        self.assertEqual(len(asked), 2, "what is new here wants an answer below")
        for query in asked:
            self.assertLessEqual(set(re.findall(r"\$\{[^}]*\}", query)), {"${run:regex}"})
            if query.startswith("{"):
                for run, expected in (("r1", [STARTED, BTC_0, ETH_1, BTC_2]), ("r2", [OTHER_RUN]), ("r9", []),
                                      ("(r1|r2)", [STARTED, BTC_0, ETH_1, OTHER_RUN, BTC_2])):
                    with self.subTest(query, run=run):
                        self.assertEqual(self.lines(query.replace("${run:regex}", run)), expected)
            else:
                with self.subTest(query):
                    self.events_a_minute(query)

    def events_a_minute(self, query):
        """Each point counts its event's lines of the minute before it: together all of them."""
        result = self.result(query)
        self.assertEqual(result["resultType"], "matrix")
        counted = {series["metric"]["event"]: sum(float(value) for _, value in series["values"])
                   for series in result["result"]}
        self.assertEqual(counted, {"run_started": 1, "training_fold_complete": 4, "data_missing": 1,
                                   "model_promoted": 1})
        self.assertEqual(self.result(query.replace('event=~".+"', 'event="nothing"'))["result"], [])

    def test_from_a_run_to_its_log_as_the_links_of_the_dashboards_ask(self):
        links = set()
        for board in load(SOURCE)[0].values():
            for found in re.findall(r'/explore\?[^"]*tristrata-loki[^"]*', json.dumps(board, ensure_ascii=False)):
                links.add(urllib.parse.unquote(found.split("panes=", 1)[1]))
        asked = {json.loads('"' + text + '"') for link in links
                 for text in re.findall(r'"expr":"((?:[^"\\]|\\.)*)"', link)}
        self.assertTrue(asked)
        for query in asked:
            filled = re.sub(r"\$\{__data\.fields\.run_id[^}]*\}", "r2", query)
            with self.subTest(filled):
                self.assertNotIn("$", filled)
                self.assertEqual(self.lines(filled), [OTHER_RUN])

    def test_from_a_trace_to_its_events_as_the_data_source_asks(self):
        """A Loki from 3 on shows the metadata of a line to the pipeline as it shows labels: here it is one."""
        query = load(SOURCE)[2]["tristrata-tempo"]["jsonData"]["tracesToLogsV2"]["query"].replace("$${", "${")
        then_ns = self.begun_ns - 4 * HOUR_NS  # Where no other test looks.
        streams = [{"stream": {"event": "run_started", "trace_id": trace}, "values": [[str(then_ns), line]]}
                   for trace, line in ((TRACE, "of this trace"), (TRACE[::-1], "of another"))]
        request = urllib.request.Request(self.loki.url + "/loki/api/v1/push", headers={
            "Content-Type": "application/json"}, data=json.dumps({"streams": streams}).encode())
        urllib.request.urlopen(request, timeout=10).close()
        for trace, expected in ((TRACE, ["of this trace"]), ("0" * 32, [])):
            self.assertEqual(self.lines(query.replace("${__trace.traceId}", trace), then_ns), expected)

    def test_a_late_event_is_refused_and_counted_or_taken_with_the_time_of_reading(self):
        """By a Loki before 2.4; the page says how to have either."""
        first, late = (("data_loaded", f"part={part}", "--time", self.at(hours))
                       for part, hours in (("new", -2), ("old", -3)))
        for service, change, when, expected in (("timed", lambda scrape: scrape, -2, ["new"]),
                                                ("read", without_stage("timestamp"), 0, ["new", "old"])):
            with self.subTest(service):
                loki, promtail, environment = self.way_to_loki(service, change)
                for count, event in enumerate((first, late), 1):
                    self.emit(environment, event)
                    self.wait_for(lambda: promtail.counted("promtail_sent_entries_total") +
                                  promtail.counted("promtail_dropped_entries_total") == count)
                self.assertEqual(promtail.counted("promtail_dropped_entries_total"), 2 - len(expected))
                self.assertEqual(self.lines('{event="data_loaded"}', self.begun_ns + when * HOUR_NS, loki),
                                 [f"event=data_loaded part={part}" for part in expected])

    def test_what_is_no_logql_is_refused(self):
        with self.assertRaisesRegex(ValueError, "parse error"):
            self.lines('{event="training_fold_complete"')


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
