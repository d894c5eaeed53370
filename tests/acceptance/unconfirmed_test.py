"""Crit that the drift store does not confirm goes out from the spool, as the same alert that its incident becomes:
unconfirmed_test.py TRISTRATA SOURCE"""
import contextlib
import datetime
import json
import pathlib
import random
import sys
import tempfile
import time
import unittest

TRISTRATA, SOURCE = (pathlib.Path(given).resolve() for given in sys.argv[1:3])
sys.path.insert(0, str(SOURCE / "tests/servers"))
from watched import Watched, until  # noqa: E402

OWNERS = '''[default]
owner = "everybody"
route = "default"

[modules."prices.*"]
owner = "Prices"
route = "prices"
'''


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class UnconfirmedTest(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="unconfirmed_")))
        draw = random.Random(3)
        for name, shift in (("before.csv", 0), ("after.csv", 5)):
            (self.folder / name).write_text("price\n" + "".join(f"{draw.gauss(shift, 1):.5f}\n" for _ in range(300)))
        self.watched = Watched(TRISTRATA, self.folder, self.stack, webhook=True)
        (self.folder / "owners.toml").write_text(OWNERS)
        self.watched.operator["TRISTRATA_OWNERS"] = str(self.folder / "owners.toml")

    def push(self, module, at):
        """A crit event, as its pipeline pushes it: with the spool alone."""
        self.watched.run("drift", "check", "before.csv", "after.csv", "--push", "--module", module, "--fail-on",
                         "never", "--at", at.isoformat(), environment=self.watched.environment)

    def figure(self, name):
        return self.watched.figures().get(name, 0)

    def see_an_evaluation_end(self):
        before = time.time()
        self.assertTrue(until(lambda: self.figure("tristrata_incident_evaluated_timestamp_seconds") > before),
                        self.log())

    def alert(self, module):
        return next((one for one in self.watched.alerts() if one["labels"]["module"] == module), None)

    def log(self):
        return (self.folder / "serve.log").read_text()

    def test_a_dead_database_delays_no_page_and_both_are_one_alert(self):
        tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
        (self.folder / "tristrata.toml").write_text(
            '[[incident.maintenance]]\nmodule = "quiet"\nfrom = "2026-01-01T00:00Z"\n'
            f'to = "{tomorrow:%Y-%m-%dT%H:%MZ}"\n')
        self.watched.serve()
        self.assertTrue(until(lambda: self.figure("tristrata_incident_leads") == 1), self.log())
        self.watched.run("incident", "silence", "--module", "hushed", "--window",
                         f"{tomorrow - datetime.timedelta(days=9):%Y-%m-%d}..{tomorrow:%Y-%m-%d}", "--why", "known")
        # What the store says is what serve last saw of it: by the second evaluation that ends from here on.
        self.see_an_evaluation_end()
        self.see_an_evaluation_end()
        self.watched.postgres.ask("stop")
        begun, pushed = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0), time.monotonic()
        for module in ("prices.btc", "quiet", "hushed"):
            self.push(module, begun)
        self.assertTrue(until(lambda: self.alert("prices.btc")), self.log())
        self.assertGreater(time.monotonic() - pushed, 30, "the store has its time")
        found = self.alert("prices.btc")
        self.assertEqual(found["labels"], {"alertname": "drift_data_drift", "module": "prices.btc", "route": "prices",
                                           "drift_type": "data_drift", "severity": "crit"})
        self.assertEqual(moment(found["startsAt"]), begun)
        self.assertIn("drift_data_drift.md#crit", found["annotations"]["runbook_url"])
        self.assertTrue(until(lambda: self.figure('tristrata_unconfirmed_alerts_total{outcome="withheld"}') == 2),
                        "maintenance of the file, and a silence of which the store has told")
        self.assertEqual(len(self.watched.alerts()), 1)
        (note,) = [one for one in json.loads(self.watched.get("/healthz"))["notes"] if one["check"] == "unconfirmed"]
        self.assertIn("1 alert of crit went out from the spool", note["found"])

        # Who dies and comes again meanwhile tells it again: one alert, and one message by its id.
        self.watched.end_serve()
        self.watched.serve()
        self.assertTrue(until(lambda: self.figure('tristrata_unconfirmed_alerts_total{outcome="sent"}') >= 1),
                        self.log())
        self.watched.postgres.ask("start")
        self.assertTrue(until(lambda: self.figure('tristrata_incidents_total{outcome="opened"}') == 3), self.log())
        (again,) = [one for one in self.watched.alerts() if one["labels"]["module"] == "prices.btc"]
        self.assertEqual((again["fingerprint"], again["startsAt"]), (found["fingerprint"], found["startsAt"]))
        # The second serve knew nothing of the silence: its alert for that module is ended once the store says so.
        self.assertTrue(until(lambda: not self.alert("hushed")), self.watched.alerts())

        # Its end is the incident's.
        (incident,) = [one for one in json.loads(self.watched.run("incident", "list", "--format", "json"))["incidents"]
                       if one["module"] == "prices.btc"]
        self.watched.run("incident", "snooze", incident["incident_id"], "--for", "1h", "--why", "enough")
        self.assertTrue(until(lambda: not self.alert("prices.btc")), self.watched.alerts())
        told = [one for one in self.watched.told() if one["body"]["labels"]["module"] == "prices.btc"]
        self.assertTrue(all(one["genuine"] for one in told))
        firing = {one["id"] for one in told if one["body"]["status"] == "firing"}
        self.assertEqual(len(firing), 1, "the same message, however often it came")
        pages = [alert for page in json.loads(self.watched.alertmanager.ask("pages")) for alert in page["alerts"]
                 if alert["labels"]["module"] == "prices.btc"]
        self.assertEqual({one["fingerprint"] for one in pages}, {found["fingerprint"]})
        self.assertEqual([one["status"] for one in pages if one["status"] == "firing"], ["firing"],
                         "who is paged is paged once")

    def test_incidents_that_cannot_be_read_delay_no_page_and_both_are_one_alert(self):
        self.watched.serve()
        self.assertTrue(until(lambda: self.figure("tristrata_incident_leads") == 1), self.log())
        begun = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        self.push("volumes.eth", begun)
        self.assertTrue(until(lambda: self.alert("volumes.eth")), self.log())
        self.watched.sql("ALTER ROLE duty NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                         "WHERE usename = 'duty'")
        pushed = time.monotonic()
        self.push("prices.btc", begun)
        self.assertTrue(until(lambda: self.alert("prices.btc")), self.log())
        self.assertGreater(time.monotonic() - pushed, 20, "the incidents have their time")
        found = self.alert("prices.btc")
        self.assertEqual(found["labels"]["route"], "prices")
        self.assertEqual(moment(found["startsAt"]), begun)
        self.assertEqual(self.watched.sql("SELECT count(*) FROM drift.events WHERE module = 'prices.btc' "
                                          "AND severity = 'crit'"), "1", "the drift store has it")
        self.assertIn("incidents cannot be read: it goes out from the spool", self.log())
        (note,) = [one for one in json.loads(self.watched.get("/healthz"))["notes"] if one["check"] == "unconfirmed"]
        self.assertIn("1 alert of crit went out from the spool", note["found"])
        self.watched.sql("ALTER ROLE duty LOGIN")
        self.assertTrue(until(lambda: self.figure('tristrata_incidents_total{outcome="opened"}') == 2), self.log())
        self.assertTrue(until(lambda: self.figure("tristrata_unconfirmed_alerts") == 0), "who evaluates tells it")
        (again,) = [one for one in self.watched.alerts() if one["labels"]["module"] == "prices.btc"]
        self.assertEqual((again["fingerprint"], again["startsAt"]), (found["fingerprint"], found["startsAt"]))
        firing = [(one["body"]["labels"]["module"], one["id"]) for one in self.watched.told()
                  if one["body"]["status"] == "firing"]
        self.assertEqual({module for module, _ in firing}, {"volumes.eth", "prices.btc"})
        self.assertEqual(len(set(firing)), 2, "the same message of each, however often it came")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
