"""Events from the command line to a real OpenTelemetry Collector and back out of its file; with the collector down, and
before one that is slow, answers 429, 413, 503, or takes a part: event_test.py TRISTRATA SOURCE COLLECTOR."""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

TRISTRATA, SOURCE, PROGRAM = (pathlib.Path(given).resolve() for given in sys.argv[1:4])
sys.path.insert(0, str(SOURCE / "tests/servers"))
from certificates import certificates_in  # noqa: E402  (it stands beside the other servers)
from collector import Collector  # noqa: E402

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
ARRIVE_SECONDS_MAX = 60.0


class Faults:
    """otlp.py: a place that answers as it is told."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, SOURCE / "tests/servers/otlp.py"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{json.loads(self.process.stdout.readline())['port']}"

    def order(self, words):
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def came(self):
        return json.loads(self.order("tell"))

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class EventTest(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.stack = stack
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("OTEL_", "TRISTRATA_"))}
        self.environment |= {"TRISTRATA_SPOOL": str(self.folder / "spool"), "OTEL_SERVICE_NAME": "training",
                             "NO_PROXY": "127.0.0.1"}

    def send_to(self, url):
        self.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = url

    def collector(self, certificates=None):
        collector = Collector(PROGRAM, self.folder / "collector", certificates)
        self.stack.callback(collector.stop)
        self.send_to(collector.url)
        return collector

    def faults(self):
        faults = Faults()
        self.stack.callback(faults.stop)
        self.send_to(faults.url)
        return faults

    def run_it(self, *arguments, expected=0, **environment):
        done = subprocess.run([TRISTRATA, *arguments], cwd=self.folder, env=self.environment | environment,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, expected, done.stdout + done.stderr)
        return done

    def emit_many(self, count):
        """At once, from as many processes; what they send at their end is switched off."""
        running = [subprocess.Popen([TRISTRATA, "event", "emit", "run_started", f"run_id=r{i}"], cwd=self.folder,
                                    env=self.environment | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for i in range(count)]
        # All of them have ended before anything is asserted: none is left running where one failed.
        said = [process.communicate()[1] for process in running]
        self.assertEqual([(process.returncode, words) for process, words in zip(running, said)
                          if process.returncode != 0 or b"emitted (spooled: " not in words], [])

    def books(self):
        """Of class event, over all slots; they add up."""
        total = dict.fromkeys(["emitted", "stored", "duplicate", "dead", "dropped", "pending"], 0)
        for slot in json.loads(self.run_it("spool", "status", "--format", "json").stdout)["slots"]:
            for one in slot["classes"]:
                if one["class"] == "event":
                    for key in total:
                        total[key] += one[key]
        self.assertEqual(total["emitted"], sum(total.values()) - total["emitted"])
        return total

    def test_an_event_comes_out_of_a_real_collector_as_it_was_emitted(self):
        collector = self.collector()
        collector.start()
        self.environment |= {"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "TRISTRATA_ENVIRONMENT": "staging",
                             "OTEL_RESOURCE_ATTRIBUTES": "service.namespace=cvntrade"}
        done = self.run_it("event", "emit", "training_fold_complete", "crypto=BTCUSDC", "fold_id=0",
                           "duration_ms=12345", "run_id=r1", "share=0.5", "last=false", "api_token=abc",
                           "owner=jane@example.com", "--trace-id", TRACE, "--span-id", SPAN, "--time",
                           "2026-01-02T03:04:05Z")
        line = ("event=training_fold_complete crypto=BTCUSDC fold_id=0 duration_ms=12345 run_id=r1 share=0.5 "
                "last=false api_token=[redacted] owner=[redacted]")
        self.assertEqual(done.stdout, line + "\n")
        self.assertIn("2 values are secret", done.stderr)
        self.run_it("spool", "drain")
        (record,) = collector.records()
        self.assertEqual(record.resource["service.name"], "training")
        self.assertEqual(record.resource["service.namespace"], "cvntrade")
        self.assertEqual(record.resource["deployment.environment.name"], "staging")
        self.assertRegex(record.resource["service.instance.id"], "^[0-9a-f-]{36}$")
        self.assertEqual(record.attributes | {"event.id": ""},
                         {"event": "training_fold_complete", "event.id": "", "crypto": "BTCUSDC", "fold_id": 0,
                          "duration_ms": 12345, "run_id": "r1", "share": 0.5, "last": False,
                          "api_token": "[redacted]", "owner": "[redacted]"})
        self.assertEqual(record.record["body"], {"stringValue": line})
        self.assertEqual(record.record["eventName"], "training_fold_complete")
        self.assertEqual((record.record["severityNumber"], record.record["severityText"]), (9, "INFO"))
        self.assertEqual(record.record["timeUnixNano"], "1767323045000000000")
        self.assertEqual((record.record["traceId"], record.record["spanId"]), (TRACE, SPAN))
        self.assertEqual(self.books()["stored"], 1)
        (promoted,) = collector.records(promoted=True)
        labels = {key: promoted.resource[key] for key in ("event", "run_id", "crypto")}
        self.assertEqual(labels, {"event": "training_fold_complete", "run_id": "r1", "crypto": "BTCUSDC"})
        self.assertEqual(promoted.attributes["fold_id"], 0)

    def test_the_collector_of_the_page_sends_on_what_loki_is_told_to_make_labels_of(self):
        section = (SOURCE / "docs/events.md").read_text().split("## Labels in Loki", 1)[1]
        configured, limits = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)[:2]
        behind = Collector(PROGRAM, self.folder / "behind")  # Where Loki would be: it takes OTLP too.
        self.stack.callback(behind.stop)
        behind.start()
        collector = self.collector()
        for shown, here in (("0.0.0.0:4318", f"127.0.0.1:{collector.port}"), ("http://loki:3100/otlp", behind.url),
                            ("service:\n", "service:\n  telemetry:\n    metrics:\n      level: none\n")):
            self.assertEqual(configured.count(shown), 1, shown)
            configured = configured.replace(shown, here)
        (collector.folder / "collector.yaml").write_text(configured)
        collector.start()
        for crypto in ("BTCUSDC", "ETHUSDC"):
            self.run_it("event", "emit", "training_fold_complete", f"crypto={crypto}", "fold_id=0", "run_id=r1")
        self.run_it("spool", "drain")
        deadline = time.monotonic() + ARRIVE_SECONDS_MAX
        while len(arrived := behind.records()) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        labels = re.search(r"attributes: \[(.*)\]", limits).group(1).split(", ")
        self.assertEqual(sorted(tuple(one.resource[label] for label in labels) for one in arrived),
                         [("training_fold_complete", "r1", crypto, "training") for crypto in ("BTCUSDC", "ETHUSDC")])
        self.assertEqual([one.attributes["fold_id"] for one in arrived], [0, 0])

    def test_while_the_collector_is_down_events_wait_and_then_each_arrives_once(self):
        collector = self.collector()
        self.emit_many(12)
        self.assertEqual(self.books()["pending"], 12)
        refused = self.run_it("spool", "drain", "--budget", "3s", expected=3)
        self.assertIn("/v1/logs does not answer", refused.stderr)
        collector.start()
        self.run_it("spool", "drain")
        records = collector.records()
        self.assertEqual(sorted(one.attributes["run_id"] for one in records), sorted(f"r{i}" for i in range(12)))
        self.assertEqual(len({one.attributes["event.id"] for one in records}), 12)
        self.assertEqual(len({one.resource["service.instance.id"] for one in records}), 12, "each process its own")
        self.assertEqual(self.books()["stored"], 12)

    def test_serve_without_a_store_carries_events_counts_them_and_doctor_asks_the_collector(self):
        collector = self.collector()
        broken = json.loads(self.run_it("doctor", "--format", "json", expected=2).stdout)["settings"][-1]
        self.assertEqual((broken["setting"], broken["works"]), ("OTEL_EXPORTER_OTLP_ENDPOINT", False))
        self.emit_many(4)
        collector.start()
        works = json.loads(self.run_it("doctor", "--format", "json").stdout)["settings"][-1]
        self.assertEqual((works["value"], works["state"]),
                         (collector.url + "/v1/logs", "works: the collector takes events"))
        serving = subprocess.Popen([TRISTRATA, "serve", "--listen", "127.0.0.1:0"], cwd=self.folder,
                                   env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        url = serving.stdout.readline().strip()
        deadline = time.monotonic() + 60
        while len(collector.records()) < 4 and time.monotonic() < deadline:
            time.sleep(0.1)
        with urllib.request.urlopen(url + "/metrics", timeout=10) as answer:
            self.assertIn('class="event"', answer.read().decode())
        serving.terminate()
        _, said = serving.communicate(timeout=60)
        self.assertEqual(serving.returncode, 0, said)
        self.assertEqual(len(collector.records()), 4)
        self.assertEqual(self.books()["stored"], 4)

    def test_what_answers_429_and_503_and_hangs_gets_everything_in_the_end_and_not_before_it_asked_for(self):
        faults = self.faults()
        self.emit_many(3)
        faults.order("answer 429 1 Retry-After=2")
        faults.order("answer 503 1")
        faults.order("reset 1")
        faults.order("hang 1")
        begun = time.monotonic()
        done = self.run_it("spool", "drain", "--budget", "60s", OTEL_EXPORTER_OTLP_TIMEOUT="1000")
        self.assertGreater(time.monotonic() - begun, 2.0, "Retry-After")
        self.assertIn("answers 429, and asks to be left alone for 2 s", done.stderr)
        self.assertIn("event records are delivered again", done.stderr)
        # Emitters that did not overlap shared a slot, and what a slot holds goes out together.
        slots = len(list(pathlib.Path(self.environment["TRISTRATA_SPOOL"]).glob("slot_*")))
        self.assertGreaterEqual(len(faults.came()), 4 + slots)
        self.assertEqual(self.books() | {"emitted": 3, "stored": 3, "pending": 0}, self.books())

    def test_what_is_too_much_is_halved_and_a_single_one_that_is_too_much_is_dead(self):
        faults = self.faults()
        elsewhere = self.environment | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
        for i in range(3):  # One after another: one slot, in which the first was tried already.
            subprocess.run([TRISTRATA, "event", "emit", "run_started", f"run_id=r{i}"], env=elsewhere,
                           cwd=self.folder, check=True, capture_output=True)
        faults.order("answer 200 1")
        faults.order("answer 413 2")
        done = self.run_it("spool", "drain")
        self.assertIn("kept as a dead letter", done.stderr)
        self.assertEqual((self.books()["stored"], self.books()["dead"]), (2, 1))
        self.assertEqual(len(faults.came()), 4, "the first, the two others, each of these alone")

    def test_what_must_not_be_sent_again_is_dead_and_so_is_what_a_partial_success_rejects(self):
        faults = self.faults()
        # One after another: what two emit at once may stand in one slot, and go out together.
        self.emit_many(1)
        faults.order("answer 401 1")
        done = self.run_it("spool", "drain")
        self.assertIn("answers 401", done.stderr)
        self.emit_many(1)
        faults.order("partial 1 1")
        done = self.run_it("spool", "drain")
        self.assertIn("rejected 1 of the 1 event that were sent together", done.stderr)
        self.assertEqual(self.books()["dead"], 2)
        self.assertEqual(len(faults.came()), 2)

    def test_without_a_spool_it_is_sent_at_once_and_a_collector_that_is_down_ends_no_script(self):
        del self.environment["TRISTRATA_SPOOL"]
        collector = self.collector()
        lost = self.run_it("event", "emit", "run_started", "run_id=r1")
        self.assertEqual(lost.stdout, "event=run_started run_id=r1\n")
        self.assertIn("events are not taken, and count as lost", lost.stderr)
        self.assertIn("not taken", lost.stderr)
        collector.start()
        sent = self.run_it("event", "emit", "run_started", "run_id=r2")
        self.assertTrue(sent.stderr.endswith(" sent\n"), sent.stderr)
        self.assertEqual([one.attributes["run_id"] for one in collector.records()], ["r2"])

    def test_a_collector_that_asks_who_comes_takes_events_of_those_it_knows_and_the_others_wait(self):
        known, stranger = (certificates_in(self.folder / name) for name in ("known", "stranger"))
        collector = self.collector(known)
        collector.start()
        self.environment["OTEL_EXPORTER_OTLP_CERTIFICATE"] = str(known.authority)
        self.emit_many(3)
        for named, code, said in ((None, 3, "does not answer"), ((stranger.client, stranger.client_key), 3, "does not"),
                                  ((known.client, stranger.client_key), 2, "client.key"),
                                  ((self.folder / "nowhere.pem", known.client_key), 2, "nowhere.pem")):
            shown = {} if named is None else {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": str(named[0]),
                                              "OTEL_EXPORTER_OTLP_CLIENT_KEY": str(named[1])}
            refused = self.run_it("spool", "drain", "--budget", "3s", expected=code, **shown)
            self.assertIn(said, refused.stderr, named)
            self.assertEqual((self.books()["pending"], self.books()["dead"]), (3, 0), named)
        self.assertEqual(collector.records(), [])
        self.environment |= {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": str(known.client),
                             "OTEL_EXPORTER_OTLP_CLIENT_KEY": str(known.client_key)}
        self.run_it("spool", "drain")
        self.assertEqual(sorted(one.attributes["run_id"] for one in collector.records()), ["r0", "r1", "r2"])
        works = json.loads(self.run_it("doctor", "--format", "json").stdout)["settings"][-1]
        self.assertEqual((works["value"], works["state"]),
                         (collector.url + "/v1/logs", "works: the collector takes events"))

    def test_switched_off_an_event_is_its_line_and_mistakes_are_refused(self):
        self.send_to("http://127.0.0.1:1")
        off = self.run_it("event", "emit", "run_started", OTEL_SDK_DISABLED="true")
        self.assertIn("not exported", off.stderr)
        self.assertFalse((self.folder / "spool").exists())
        wrong = self.run_it("event", "emit", "run_startd", expected=2)
        self.assertIn('did you mean "run_started"?', wrong.stderr)
        self.assertEqual(wrong.stdout, "")
        (self.folder / "events.toml").write_text('[events.order_sent]\nmeaning = "an order went out"\n')
        own = self.run_it("event", "emit", "order_sent", "--events", "events.toml", OTEL_SDK_DISABLED="true")
        self.assertEqual(own.stdout, "event=order_sent\n")
        self.run_it("event", "emit", "run_started", "--events", "events.toml", expected=2)
        self.run_it("event", "emit", "run_started", "no pair", expected=2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
