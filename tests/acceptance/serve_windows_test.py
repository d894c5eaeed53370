"""tristrata serve as who watches: analyzers and scheduled checks, and windows that ended while none ran:
serve_windows_test.py TRISTRATA SOURCE"""
import datetime
import json
import shutil
import signal
import subprocess
import sys
import unittest

from responding import ANALYZER, SECONDS_MAX, SOURCE, Responding, until


class ServeWindowsTest(Responding):
    def test_what_an_analyzer_finds_becomes_an_incident_and_who_dies_is_followed(self):
        (self.folder / "analyzers.toml").write_text(ANALYZER)
        first = self.serve(TRISTRATA_ANALYZERS=str(self.folder / "analyzers.toml"))
        # A second one of another spool looks on, and leads when the first is gone.
        second = self.serve("second", TRISTRATA_SPOOL=str(self.folder / "second"))
        self.assertTrue(until(lambda: first.figures().get("tristrata_incident_leads", 0) +
                              second.figures().get("tristrata_incident_leads", 0) == 1), "one of them leads")

        def finds():
            self.run_program("kpi", "emit", "--module", "scores", "score=0.1")
            return ("scores", "prediction_drift") in self.incidents() or ("scores", "data_quality") in self.incidents()
        # Of twenty windows with rows, of two seconds each.
        self.assertTrue(until(finds, 3 * SECONDS_MAX), first.log.read_text())
        leader, other = (first, second) if first.figures()["tristrata_incident_leads"] else (second, first)
        (waits,) = [one for one in other.events("incidents") if one["message"].startswith("another process evaluates")]
        self.assertIn(f"serve {leader.process.pid} on ", waits["holder"])
        self.assertRegex(waits["until"], r"^20\d\d-.*Z$")
        leader.stop(signal.SIGKILL)
        self.assertTrue(until(lambda: other.figures()["tristrata_incident_leads"] == 1), "the other leads")
        self.assertIn("this process evaluates", [one["message"] for one in other.events("incidents")])
        self.assertEqual(len([one for one in other.events("failed")]), 0, other.log.read_text())

    def test_what_analyzers_could_not_hand_on_is_left_and_said_at_the_end(self):
        small = self.folder / "small"
        small.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small]
        if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
            self.skipTest("a small disk takes root")
        self.stack.callback(subprocess.run, ["umount", "--lazy", small], check=True)
        (self.folder / "analyzers.toml").write_text(ANALYZER)
        serving = self.serve(TRISTRATA_ANALYZERS=str(self.folder / "analyzers.toml"),
                             TRISTRATA_SPOOL=str(small / "spool"))
        # No row at all is a finding, and there is no room for it.
        self.assertTrue(until(lambda: "cannot be handed on" in serving.problems().get("analyzers", "")),
                        serving.log.read_text())
        self.assertEqual(serving.stop(), 3, serving.log.read_text())
        self.assertIn("something is left", serving.events("stopped")[0]["message"])
        self.assertIn("of analyzers could not be kept there: ", serving.log.read_text())

    def found(self, serving):
        return [one["to"] for one in serving.events("analyzer") if one.get("severity") in ("warn", "crit")]

    def stored(self):
        rows = json.loads(self.run_program("drift", "list", "--module", "scores", "--format", "json"))
        return {one["detected_at"] for one in rows["events"]}

    def on_a_small_disk(self):
        """A serve whose spool has no room for what its analyzer finds, and what takes the room."""
        small = self.folder / "small"
        small.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", small]
        if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
            self.skipTest("a small disk takes root")
        self.stack.callback(subprocess.run, ["umount", "--lazy", small], check=True)
        (small / "full").write_bytes(bytes(3 << 20))
        (self.folder / "analyzers.toml").write_text(ANALYZER)
        return small / "full", {"TRISTRATA_ANALYZERS": str(self.folder / "analyzers.toml"),
                                "TRISTRATA_SPOOL": str(small / "spool")}

    def reload_beside_what_waits(self, serving):
        """The windows in which something was found before."""
        self.assertTrue(until(lambda: len(self.found(serving)) >= 3), serving.log.read_text())
        before = self.found(serving)
        serving.process.send_signal(signal.SIGHUP)
        self.assertTrue(until(lambda: serving.figures()["tristrata_reloads_total{outcome=\"taken\"}"] == 1))
        self.assertGreaterEqual(serving.figures()["tristrata_analyzer_events_waiting"], len(before))
        return before

    def test_what_could_not_be_handed_on_outlives_a_reload_and_the_next_serve_judges_the_rest_again(self):
        full, watching = self.on_a_small_disk()
        serving = self.serve(**watching)
        before = self.reload_beside_what_waits(serving)
        # It ends before anything of it could be handed on: the next one has to begin with the first window.
        self.assertEqual(serving.stop(), 3, serving.log.read_text())
        full.unlink()
        second = self.serve("second", **watching)
        self.assertTrue(until(lambda: set(before) <= self.stored()), f"{before}: {second.log.read_text()}")
        self.assertEqual(second.stop(), 0, second.log.read_text())

    def test_up_to_where_windows_were_looked_at_is_kept_once_it_can_be_written_beside_what_waits(self):
        full, watching = self.on_a_small_disk()
        spool = full.parent / "spool"
        spool.mkdir(mode=0o700)
        (spool / "windows").touch()  # Where a folder is to be made.
        serving = self.serve(**watching)
        before = self.reload_beside_what_waits(serving)
        self.assertTrue(serving.events("analyzer_windows"), "it is said")
        (spool / "windows").unlink()
        self.assertTrue(until((spool / "windows/analyzers.json").exists), serving.log.read_text())
        serving.stop(signal.SIGKILL)
        full.unlink()
        second = self.serve("second", **watching)
        self.assertTrue(until(lambda: set(before) <= self.stored()), f"{before}: {second.log.read_text()}")
        self.assertEqual(second.stop(), 0, second.log.read_text())

    def test_an_event_that_no_store_takes_is_set_aside_and_holds_up_no_other(self):
        good = ANALYZER.replace('"scores"', '"sound"')
        columns = ", ".join(f"metric_value AS {letter * 150}" for letter in "ab")
        long = ANALYZER.replace("metric_value AS score", columns).replace('metric = "score"', f'metric = "{"m" * 100}"')
        (self.folder / "analyzers.toml").write_text(long + good)
        self.assertIn("2 analyzers, 0 problems", self.run_program("analyze", "lint", "analyzers.toml"))
        serving = self.serve(TRISTRATA_ANALYZERS=str(self.folder / "analyzers.toml"))

        def refused():
            self.run_program("kpi", "emit", "--module", "scores", "score=0.1")
            return serving.figures().get('tristrata_analyzer_events_total{outcome="refused"}', 0) >= 2
        self.assertTrue(until(refused), serving.log.read_text())
        self.assertTrue(until(lambda: any(module == "sound" for module, _ in self.incidents())), "it is told")
        self.assertTrue(until(lambda: serving.figures()["tristrata_analyzer_events_waiting"] == 0))
        self.assertRegex(serving.problems()["analyzers"],
                         'could not be told: no drift store takes them, the last at .*: module "scores", metric "r')
        (one, *_) = serving.events("analyzer_event")
        self.assertIn("at most 200 are allowed", one["message"])
        self.assertEqual(one["level"], "error")
        self.assertEqual(serving.stop(), 0, "nothing waits")

    def test_a_check_on_a_schedule_pushes_its_report(self):
        for name in ("BTCUSDT_15m.csv.gz",):
            shutil.copy(SOURCE / "examples/fee_change" / name, self.folder / name)
        whole = ("drift", "profile", "BTCUSDT_15m.csv.gz", "--time", "open_time", "--window", "2023-03-08..2023-03-22",
                 "-o", "reference.profile")
        self.run_program(*whole)
        (self.folder / "checks.toml").write_text("""[[check]]
name = "candles"
module = "candles.btc"
current = "BTCUSDT_15m.csv.gz"
time = "open_time"
reference = "reference.profile"

[[check]]
name = "gone"
module = "candles.eth"
current = "no_such_file.csv"
reference = "reference.profile"
""")
        serving = self.serve(TRISTRATA_CHECKS=str(self.folder / "checks.toml"))
        self.assertTrue(until(lambda: serving.figures().get('tristrata_check_runs_total{check="candles"}') == 1),
                        serving.log.read_text())
        self.assertTrue(until(lambda: "checks" in serving.problems()), serving.get("/healthz"))
        self.assertIn("gone: ", serving.problems()["checks"])
        # What has nothing to look at says so itself, and that it looked is told beside a report.
        self.assertTrue(until(lambda: ("candles.eth", "data_quality") in self.incidents()), serving.log.read_text())
        gone = self.incidents()[("candles.eth", "data_quality")]
        self.assertEqual(gone["severity"], "warn")
        self.assertIn("no such file", self.run_program("incident", "show", gone["incident_id"]))
        self.assertTrue(until(lambda: any(module == "candles.btc" for module, _ in self.incidents())))
        rows = self.run_program("drift", "list", "--module", "candles.btc", "--format", "json")
        self.assertIn("share_drifted", rows)
        before = rows.count("event_id")
        serving.stop()
        # The same window again, by another process: the same rows.
        serving = self.serve(TRISTRATA_CHECKS=str(self.folder / "checks.toml"))
        self.assertTrue(until(lambda: serving.figures().get('tristrata_check_runs_total{check="candles"}') == 1))
        serving.stop()
        rows = self.run_program("drift", "list", "--module", "candles.btc", "--format", "json")
        self.assertEqual(rows.count("event_id"), before)
        self.assertEqual(self.run_program("kpi", "query", "--module", "candles.btc", "--metric",
                                          "drift_check_columns", "--format", "json").count("drift_check_columns"), 1)

    def serve_until_kept(self, whose, **settings):
        """A serve that ran and ended; the file in which it left up to where it had looked."""
        serving = self.serve(**settings)
        kept = self.folder / "spool/windows" / f"{whose}.json"
        self.assertTrue(until(kept.exists), serving.log.read_text())
        self.assertEqual(serving.stop(), 0, serving.log.read_text())
        return kept

    def as_if_it_ended(self, kept, minutes):
        """As if that serve had ended so many minutes before; the end of the last window that it looked at."""
        last = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
        last -= datetime.timedelta(minutes=minutes)
        held = json.loads(kept.read_text())
        held["windows"] = {name: f"{last:%Y-%m-%dT%H:%M:%SZ}" for name in held["windows"]}
        kept.write_text(json.dumps(held))
        return last

    def missed(self, last, said):
        """How many windows of a minute ended behind that one before the latest, which is due at any rate, when that was
        said, or a moment before."""
        at = datetime.datetime.fromisoformat(said["time"].replace("Z", "+00:00"))
        return [(at - datetime.timedelta(seconds=before) - last) // datetime.timedelta(minutes=1) - 1
                for before in (0, 2)]

    def test_windows_that_ended_while_no_serve_ran_are_judged_by_the_next_one(self):
        (self.folder / "analyzers.toml").write_text(ANALYZER.replace('"2s"', '"1m"').replace(
            "minimum", "rows_min = 0\nminimum"))
        watching = {"TRISTRATA_ANALYZERS": str(self.folder / "analyzers.toml")}
        kept = self.serve_until_kept("analyzers", **watching)
        last = self.as_if_it_ended(kept, 30)
        bad = last + datetime.timedelta(minutes=7, seconds=20)
        self.run_program("kpi", "emit", "--module", "scores", "--time", f"{bad:%Y-%m-%dT%H:%M:%SZ}", "score=0.1")
        self.run_program("spool", "drain")
        serving = self.serve(**watching)
        self.assertTrue(until(lambda: ("scores", "data_quality") in self.incidents()), serving.log.read_text())
        seen = self.incidents()[("scores", "data_quality")]
        self.assertEqual(seen["first_seen"], f"{last + datetime.timedelta(minutes=8):%Y-%m-%dT%H:%M:%SZ}",
                         "the window's own time, and not now")
        self.assertTrue(until(lambda: serving.figures()["tristrata_analyzer_windows_behind"] == 0))
        said = [one for one in serving.events("analyzer") if "ended while no serve ran are judged" in one["message"]]
        self.assertEqual(len(said), 1, serving.log.read_text())
        self.assertEqual(said[0]["analyzers"], "scores")
        self.assertIn(said[0]["windows"], self.missed(last, said[0]))
        self.assertEqual(serving.figures()['tristrata_analyzer_windows_total{outcome="skipped"}'], 0)
        self.assertEqual(serving.stop(), 0, serving.log.read_text())
        def moved():
            return self.run_program("drift", "list", "--module", "scores", "--severity", "warn", "--format", "json")
        rows = moved()
        # Another one that knows nothing of it: the same windows are the same rows. And more than 200 are too many.
        last = self.as_if_it_ended(kept, 300)
        serving = self.serve(**watching)
        self.assertTrue(until(lambda: serving.figures()["tristrata_analyzer_windows_total{outcome=\"judged\"}"] > 200))
        skipped = serving.figures()['tristrata_analyzer_windows_total{outcome="skipped"}']
        (said,) = [one for one in serving.events("analyzer") if "ended while no serve ran are judged" in one["message"]]
        self.assertEqual(said["windows"], 200)
        self.assertIn(200 + skipped, self.missed(last, said))
        self.assertIn(f"{skipped:.0f} windows of analyzers ended while no serve ran", serving.get("/healthz"))
        self.assertTrue(any("are not judged" in one["message"] for one in serving.events("analyzer")))
        self.assertEqual(serving.stop(), 0, serving.log.read_text())
        self.assertEqual(moved(), rows)
        kept.write_text("no such thing")
        serving = self.serve(**watching)
        self.assertTrue(until(lambda: serving.events("analyzer_windows")), "a file that is damaged is said")
        self.assertTrue(until(lambda: kept.read_text().startswith("{")), "and written anew")

    def test_windows_of_a_check_that_ended_while_no_serve_ran_are_checked_where_their_rows_are_there(self):
        now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
        def table(name, minutes):
            rows = "".join(f"{now - datetime.timedelta(minutes=minute, seconds=second):%Y-%m-%dT%H:%M:%SZ},{second}\n"
                           for minute in minutes for second in range(1, 60))
            (self.folder / name).write_text("time,price\n" + rows)
        table("before.csv", range(200, 210))
        table("now.csv", [minute for minute in range(-20, 20) if minute != 5])
        check = """[[check]]
name = "{name}"
module = "prices"
current = "now.csv"
reference = "before.csv"
every = "1m"
"""
        (self.folder / "checks.toml").write_text(check.format(name="windows") + 'time = "time"\nwindow = "1m"\n' +
                                                 check.format(name="whole"))
        watching = {"TRISTRATA_CHECKS": str(self.folder / "checks.toml")}
        serving = self.serve(**watching)
        kept = self.folder / "spool/windows/checks.json"
        self.assertTrue(until(lambda: kept.exists() and len(json.loads(kept.read_text())["windows"]) == 2),
                        serving.log.read_text())
        self.assertEqual(serving.stop(), 0, serving.log.read_text())
        last = self.as_if_it_ended(kept, 12)
        serving = self.serve(**watching)
        def ended(check):
            return [one["to"] for one in serving.events("check") if one.get("check") == check and "to" in one]
        self.assertTrue(until(lambda: len(ended("windows")) >= 10), serving.log.read_text())
        self.assertTrue(until(lambda: serving.figures()['tristrata_check_windows_skipped_total{check="windows"}'] == 1))
        without = now - datetime.timedelta(minutes=5)
        missed = [f"{last + datetime.timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ}" for minute in range(1, 12)]
        checked = [one for one in missed if one != f"{without:%Y-%m-%dT%H:%M:%SZ}"]
        self.assertTrue(until(lambda: [one for one in ended("windows") if one in missed] == checked), ended("windows"))
        self.assertNotIn(("prices", "volume_drift"), self.incidents(), "what cannot be asked for is no absence")
        self.assertGreaterEqual(serving.figures()['tristrata_check_windows_skipped_total{check="whole"}'], 11)
        said = [one["message"] for one in serving.events("check") if "not checked: " in one["message"]]
        self.assertTrue(any("no window of time" in one for one in said), said)
        self.assertIn("could not be checked", serving.get("/healthz"))
        self.assertEqual(serving.stop(), 0, serving.log.read_text())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
