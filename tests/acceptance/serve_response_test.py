"""tristrata serve and who is told: receivers, pages, digests, silences, webhooks taken in, settings read anew:
serve_response_test.py TRISTRATA SOURCE"""
import contextlib
import datetime
import http.server
import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request

from responding import ANALYZER, SECONDS_MAX, SOURCE, TRISTRATA, Responding, until

sys.path.insert(0, str(SOURCE / "tests/servers"))
from watched import Server  # noqa: E402


class Taking(http.server.BaseHTTPRequestHandler):
    """An Alertmanager that says yes."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Answering:
    """A webhook that answers as it is told, and keeps what came."""

    def __init__(self, stack, status, words=""):
        self.status, self.words, self.came = status, words, []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(handler):
                self.came.append(json.loads(handler.rfile.read(int(handler.headers["Content-Length"]))))
                handler.send_response(self.status)
                handler.send_header("Content-Length", str(len(self.words.encode())))
                handler.end_headers()
                handler.wfile.write(self.words.encode())

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}"


def settled(figure, seconds=4):
    """What it is once it stays so for that long."""
    end, last, since = time.monotonic() + SECONDS_MAX, figure(), time.monotonic()
    while time.monotonic() < min(end, since + seconds):
        time.sleep(0.2)
        if (now := figure()) != last:
            last, since = now, time.monotonic()
    return last


class ServeResponseTest(Responding):
    def test_settings_are_read_anew_and_wrong_ones_are_refused_as_a_whole(self):
        analyzers = self.folder / "analyzers.toml"
        analyzers.write_text(ANALYZER)
        serving = self.serve(TRISTRATA_ANALYZERS=str(analyzers))
        self.assertTrue(until(lambda: serving.figures().get("tristrata_analyzers") == 1))
        analyzers.write_text(ANALYZER.replace("windo", "wnido"))
        serving.process.send_signal(signal.SIGHUP)
        self.assertTrue(until(lambda: "settings" in serving.problems()), serving.get("/healthz"))
        self.assertIn("analyzers.toml", serving.problems()["settings"])
        figures = serving.figures()
        self.assertEqual(figures["tristrata_analyzers"], 1, "the old ones count")
        self.assertEqual(figures['tristrata_reloads_total{outcome="refused"}'], 1)
        analyzers.write_text(ANALYZER + ANALYZER.replace('"scores"', '"more"'))
        serving.process.send_signal(signal.SIGHUP)
        self.assertTrue(until(lambda: serving.figures()["tristrata_analyzers"] == 2))
        self.assertNotIn("settings", serving.problems())
        self.assertEqual(serving.stop(), 0, serving.log.read_text())

    def serve_with_intake(self, **settings):
        (self.folder / "token").write_text("s3cret-token\n")
        (self.folder / "token").chmod(0o600)
        return self.serve(TRISTRATA_INTAKE_LISTEN="127.0.0.1:0",
                          TRISTRATA_INTAKE_TOKEN_FILE=str(self.folder / "token"), **settings)

    def alert_of_grafana(self):
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        return {"status": "firing", "fingerprint": "0123456789abcdef", "startsAt": now,
                "endsAt": "0001-01-01T00:00:00Z", "annotations": {"summary": "fills are late"},
                "generatorURL": "https://grafana.example.com/alerting/7",
                "labels": {"alertname": "fills_late", "module": "trader", "drift_type": "latency_drift",
                           "severity": "critical"}}

    def send_in(self, serving, alerts, token="s3cret-token", version="4"):
        body = {"version": version, "status": "firing", "receiver": "tristrata", "groupKey": "x", "truncatedAlerts": 0,
                "externalURL": "http://alertmanager", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
                "alerts": alerts}
        request = urllib.request.Request(f"http://{serving.intake()}/", json.dumps(body).encode(),
                                         {"Content-Type": "application/json", "Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code

    def test_what_another_tool_says_is_over_holds_nothing_back(self):
        serving = self.serve_with_intake()
        rows = self.alert_of_grafana()
        rows["labels"] = {**rows["labels"], "alertname": "no_rows", "drift_type": "volume_drift"}
        self.assertEqual(self.send_in(serving, [rows]), 200)
        volume = ("trader", "volume_drift")
        self.assertTrue(until(lambda: self.incidents().get(volume, {}).get("paged_at")), serving.log.read_text())
        over = {**rows, "status": "resolved", "endsAt": datetime.datetime.now(datetime.timezone.utc).isoformat()}
        self.assertEqual(self.send_in(serving, [over]), 200)
        self.assertTrue(until(lambda: self.incidents()[volume]["phase"] == "cooling"), serving.log.read_text())
        late = {**self.alert_of_grafana(), "fingerprint": "fedcba9876543210"}
        self.assertEqual(self.send_in(serving, [late]), 200)
        self.assertTrue(until(lambda: self.incidents().get(("trader", "latency_drift"), {}).get("paged_at")),
                        "nothing is missing any more, and it follows from nothing")
        again = self.send_in(serving, [{**rows, "endsAt": "0001-01-01T00:00:00Z"}])
        self.assertEqual(again, 200)
        self.assertTrue(until(lambda: self.incidents()[volume]["phase"] == "open"), "it fires with the same start")
        self.assertEqual(serving.stop(), 0, serving.log.read_text())

    def test_webhooks_of_other_tools_become_drift_events_and_incidents(self):
        serving = self.serve_with_intake()
        alert = self.alert_of_grafana()
        self.assertEqual(self.send_in(serving, [alert], token="wrong"), 401)
        self.assertEqual(self.send_in(serving, [alert]), 200)
        self.assertEqual(self.send_in(serving, [alert]), 200, "sent twice")
        self.assertEqual(self.send_in(serving, [alert], version="9"), 409)
        zero = {**alert, "fingerprint": "b", "labels": {**alert["labels"], "alertname": "late\0"}}
        self.assertEqual(self.send_in(serving, [zero]), 422, "before it is spooled")
        # Fires for a month, and the intake was switched on today.
        month = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=31)
        old = {**alert, "fingerprint": "c", "startsAt": month.isoformat(),
               "labels": {**alert["labels"], "module": "old_trader"}}
        never_set = {**old, "fingerprint": "d", "startsAt": "9999-12-31T00:00:00Z"}
        self.assertEqual(self.send_in(serving, [zero, never_set, old]), 200, "with what is in order")
        self.assertTrue(until(lambda: ("old_trader", "latency_drift") in self.incidents()), serving.log.read_text())
        shown = self.run_program("incident", "show", self.incidents()[("old_trader", "latency_drift")]["incident_id"])
        self.assertIn(f"it fires since {month:%Y-%m-%dT}", shown)
        self.assertTrue(until(lambda: self.incidents()[("old_trader", "latency_drift")]["paged_at"]))
        self.assertTrue(until(lambda: ("trader", "latency_drift") in self.incidents()), serving.log.read_text())
        self.assertEqual(self.incidents()[("trader", "latency_drift")]["severity"], "crit")
        shown = self.run_program("incident", "show", self.incidents()[("trader", "latency_drift")]["incident_id"])
        self.assertIn("fills_late: fills are late", shown)
        self.assertRegex(shown, r"source +https://grafana.example.com/alerting/7")
        figures = serving.figures()
        self.assertEqual(figures['tristrata_intake_alerts_total{outcome="taken"}'], 2)
        self.assertEqual(figures['tristrata_intake_alerts_total{outcome="refused"}'], 3)
        self.assertEqual(figures['tristrata_intake_refused_total{reason="unauthorized"}'], 1)
        self.assertEqual(figures['tristrata_intake_refused_total{reason="version"}'], 1)
        said = [(one["message"], one.get("reason")) for one in serving.events("intake")]
        self.assertIn(("a request was refused before it was read", "unauthorized"), said)
        self.assertEqual(len([one for one, _ in said if "U+0000" in one]), 2, said)
        self.assertEqual(figures['tristrata_intake_alerts_total{outcome="repeated"}'], 1)
        self.assertEqual(figures["tristrata_intake_unreadable_total"], 1)
        self.assertNotIn("s3cret-token", serving.log.read_text())
        self.assertEqual(serving.stop(), 0, serving.log.read_text())
        self.environment["TRISTRATA_INTAKE_LISTEN"] = "0.0.0.0:0"
        said = self.run_program("serve", "--listen", "127.0.0.1:0", code=2)
        self.assertIn("anybody could send", said)

    def test_half_sent_requests_hold_up_no_alert_and_are_counted(self):
        serving = self.serve_with_intake()
        host, port = serving.intake().rsplit(":", 1)
        for _ in range(40):
            half = self.stack.enter_context(socket.create_connection((host, int(port)), timeout=SECONDS_MAX))
            half.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n")
        self.assertEqual(self.send_in(serving, [self.alert_of_grafana()]), 200)
        self.assertTrue(until(lambda: serving.figures()['tristrata_intake_refused_total{reason="too_slow"}'] == 40))
        self.assertEqual(self.send_in(serving, [self.alert_of_grafana()]), 200)
        self.assertEqual(serving.stop(), 0, serving.log.read_text())

    def test_a_name_with_ends_of_lines_and_marks_of_direction_stays_in_its_line_wherever_it_is_told(self):
        hook = Answering(self.stack, 400, "no\x1b[2J\u202eteam")
        serving = self.serve_with_intake(TRISTRATA_WEBHOOK_URL=hook.url, TRISTRATA_WEBHOOK_SECRET="k3y")
        alert = self.alert_of_grafana()
        alert["labels"] |= {"alertname": "late\nall well\x1b[2J\u202e", "module": "tra\nder\u202e"}
        alert["annotations"] = {"summary": "fills\nare\u2028late\u2066\x85"}
        self.assertEqual(self.send_in(serving, [alert]), 200)
        self.assertTrue(until(lambda: self.incidents() and list(self.incidents().values())[0]["refused"]),
                        serving.log.read_text())
        (incident,) = self.incidents().values()
        self.assertEqual(incident["module"], "tra\nder\u202e", "what it is called stays what it is called")
        digest = self.run_program("incident", "digest")
        acked = self.run_program("incident", "ack", incident["incident_id"], "--who", "e\nve\u202e", "--why", "I\nlook")
        shown = self.run_program("incident", "show", incident["incident_id"])
        told = {"digest": digest, "digest of what is acked": self.run_program("incident", "digest"), "ack": acked,
                "show": shown, "list": self.run_program("incident", "list"),
                "list in JSON": self.run_program("incident", "list", "--format", "json"),
                "drift list": self.run_program("drift", "list"),
                "log": serving.log.read_text(), "health": serving.get("/healthz"),
                "title": hook.came[0]["title"], "text": hook.came[0]["text"]}
        for where, text in told.items():
            raw = {character for line in text.split("\n") for character in line if not character.isprintable()}
            self.assertEqual(raw, set(), f"{where}: {text}")
        self.assertNotIn("\n", told["title"])
        for where in ("digest", "show", "title"):
            self.assertIn("tra\u2424der\ufffd", told[where], where)
        self.assertIn("late\u2424all well\ufffd[2J\ufffd", digest)
        self.assertIn("acked by e\u2424ve\ufffd", acked)
        self.assertIn("fills\u2424are\ufffdlate\ufffd\ufffd", told["text"])

    def push_what_moved(self):
        """Into the spool: a crit of the module features."""
        for name, value in (("before.csv", 1), ("after.csv", 9)):
            (self.folder / name).write_text("price\n" + "".join(f"{value + row % 7}\n" for row in range(300)))
        self.run_program("drift", "check", "before.csv", "after.csv", "--push", "--module", "features", "--run-id",
                         "r1", "--fail-on", "never")

    def hook(self, port=0):
        """A receiver of webhooks that verifies their signature and keeps what it took."""
        server = Server(self.stack, "hook", "k3y", "--port", str(port), "--keep", str(self.folder / "came.jsonl"))
        return server.said["url"], server

    def digests(self):
        """What is genuine, each once: its receiver tells by the id what came twice."""
        kept = self.folder / "came.jsonl"
        came = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
        self.assertTrue(all(one["genuine"] for one in came))
        bodies = [json.loads(one["body"]) for one in came]
        return [one for one in bodies if one["labels"]["alertname"] == "drift_digest"]

    def due_soon(self, seconds):
        """A digest that is due so many seconds from now on; its time."""
        at = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=seconds)
        (self.folder / "tristrata.toml").write_text(f'[incident.digest]\nat = "{at:%H:%M:%S}"\n'
                                                    '[incident.links]\nboard = "https://g.example.com/d/{module}"\n')
        return f"{at:%Y-%m-%dT%H:%M:%SZ}"

    def test_a_digest_is_sent_once_by_two_that_serve_across_a_death_and_late_where_nobody_took_it(self):
        url, hook = self.hook()
        settings = {"TRISTRATA_WEBHOOK_URL": url, "TRISTRATA_WEBHOOK_SECRET": "k3y"}
        self.push_what_moved()
        self.due_soon(-3600)
        second = {**settings, "TRISTRATA_SPOOL": str(self.folder / "second")}
        serves = [self.serve(**settings), self.serve("second", **second)]
        self.assertTrue(until(lambda: self.incidents()), serves[0].log.read_text())
        self.assertEqual(self.digests(), [], "nothing was to be told of the day before: it is quiet")
        due = self.due_soon(3)
        for serving in serves:
            serving.process.send_signal(signal.SIGHUP)
        self.assertTrue(until(lambda: self.digests()), serves[0].log.read_text() + serves[1].log.read_text())
        (told,) = self.digests()
        self.assertEqual((told["starts_at"], told["status"], told["labels"]["severity"]), (due, "firing", "info"))
        self.assertIn("1 new, 0 still open, 0 closed", told["title"])
        self.assertIn("\nfeatures, owner", told["text"])
        self.assertIn("board: https://g.example.com/d/features", told["text"])
        # Who leads dies, the other follows, and a third one begins anew.
        leader = max(serves, key=lambda one: one.figures()["tristrata_incident_leads"])
        other = serves[1 - serves.index(leader)]
        leader.stop(signal.SIGKILL)
        self.assertTrue(until(lambda: other.figures()["tristrata_incident_leads"] == 1))
        other.stop()
        last = self.serve("third", **settings)
        self.assertTrue(until(lambda: last.figures().get("tristrata_incident_leads") == 1))
        evaluated = "tristrata_incident_evaluated_timestamp_seconds"
        self.assertTrue(until(lambda: last.figures()[evaluated] > time.time() - 2))
        self.assertEqual(len({one["id"] for one in self.digests()}), 1)
        self.assertEqual(len(self.digests()), 1)
        # Its receiver is away when the next one is due: it comes late, by who serves then.
        hook.stop()
        due = self.due_soon(3)
        last.process.send_signal(signal.SIGHUP)
        self.assertTrue(until(lambda: last.figures().get('tristrata_digests_total{outcome="made"}') == 1),
                        last.log.read_text())
        last.stop(signal.SIGKILL)
        self.hook(int(url.split(":")[2].split("/")[0]))
        self.serve("fourth", **settings)
        self.assertTrue(until(lambda: len(self.digests()) == 2), "it is not lost")
        self.assertEqual(self.digests()[1]["starts_at"], due)
        self.assertIn("0 new, 1 still open, 0 closed", self.digests()[1]["title"])

    def test_of_a_page_that_its_receiver_refuses_for_good_an_operator_learns_and_can_have_it_sent_anew(self):
        hook = Answering(self.stack, 400, "no such team")
        serving = self.serve(TRISTRATA_WEBHOOK_URL=hook.url + "/hooks/s3cret", TRISTRATA_WEBHOOK_SECRET="k3y")
        refused = f'tristrata_alerts_refused_total{{receiver="{hook.url}"}}'
        self.assertEqual(serving.figures()[refused], 0, "it begins at 0")
        self.push_what_moved()
        self.assertTrue(until(lambda: serving.figures().get("tristrata_incidents_untold") == 1),
                        serving.log.read_text())
        self.assertEqual(serving.figures()[refused], 1)
        (incident,) = self.incidents().values()
        self.assertEqual(incident["page"], "not told: refused")
        words = f'not told: {hook.url} answers 400: "no such team"; nobody was told'
        self.assertIn(words, incident["refused"])
        self.assertIn("not told: refused", self.run_program("incident", "list"))
        shown = self.run_program("incident", "show", incident["incident_id"])
        self.assertIn(words, shown)
        self.assertRegex(shown, r"untold +- +" + re.escape(hook.url))
        self.assertIn("tell who has to know, and mend that receiver", shown)
        self.assertIn(f"; {words}", self.run_program("incident", "digest"))
        found = json.loads(serving.get("/healthz"))
        self.assertEqual(found["status"], "failing")
        said = [one["found"] for one in found["problems"] if one["check"] == "alerts"]
        self.assertTrue(any(one.startswith("nobody was told of 1 crit incident: ") for one in said), said)
        self.assertTrue(any("the alert drift_data_drift of features" in one["message"]
                            for one in serving.events("alerts")), serving.log.read_text())
        self.assertNotIn("s3cret", shown + serving.get("/healthz") + serving.log.read_text())
        # Another process says the same, from the store.
        serving.stop()
        serving = self.serve("again", TRISTRATA_WEBHOOK_URL=hook.url + "/hooks/s3cret", TRISTRATA_WEBHOOK_SECRET="k3y")
        self.assertTrue(until(lambda: "alerts" in serving.problems()), serving.get("/healthz"))
        hook.status = 204
        self.run_program("incident", "snooze", incident["incident_id"], "--for", "2s", "--why", "mended")
        self.assertTrue(until(lambda: any(one["status"] == "firing" for one in hook.came[1:])), serving.log.read_text())
        self.assertTrue(until(lambda: "alerts" not in serving.problems()), serving.get("/healthz"))
        (incident,) = self.incidents().values()
        self.assertEqual((incident["page"], incident["refused"]), ("paged", None))
        self.assertEqual(serving.figures()["tristrata_incidents_untold"], 0)

    def test_a_page_that_one_receiver_refuses_and_another_takes_says_both(self):
        hook, taking = Answering(self.stack, 422), Answering(self.stack, 200)
        serving = self.serve(TRISTRATA_WEBHOOK_URL=f"{hook.url} {taking.url}", TRISTRATA_WEBHOOK_SECRET="k3y")
        self.push_what_moved()
        self.assertTrue(until(lambda: self.incidents() and list(self.incidents().values())[0]["refused"]))
        (incident,) = self.incidents().values()
        self.assertEqual(incident["page"], "paged")
        self.assertIn(f"paged: {hook.url} answers 422; told: {taking.url}", incident["refused"])
        figures = serving.figures()
        self.assertEqual(figures[f'tristrata_alerts_refused_total{{receiver="{hook.url}"}}'], 1)
        self.assertEqual(figures[f'tristrata_alerts_refused_total{{receiver="{taking.url}"}}'], 0)
        self.assertEqual(figures["tristrata_incidents_untold"], 0)
        self.assertNotIn("alerts", serving.problems())
        self.assertIn("; others were told", serving.get("/healthz"))

    def test_a_digest_that_is_due_where_no_webhook_is_named_is_said_to_tell_nobody(self):
        taking = Answering(self.stack, 200)
        due = self.due_soon(4)
        serving = self.serve(TRISTRATA_ALERTMANAGER_URL=taking.url)
        self.assertTrue(until(lambda: any(one.get("due") == due for one in serving.events("digest"))),
                        serving.log.read_text())
        said = [one["message"] for one in serving.events("digest")]
        self.assertTrue(all(one.startswith("a digest is due, and nobody is told: ") for one in said), said)
        self.assertEqual(serving.figures()['tristrata_digests_total{outcome="made"}'], 0)
        self.assertIn(f"a digest was due at {due}, and nobody is told", serving.get("/healthz"))
        self.assertIn("and nobody is told: neither TRISTRATA_DIGEST_URL nor TRISTRATA_WEBHOOK_URL is set",
                      self.stepped_by_hand(serving))

    def stepped_by_hand(self, serving):
        serving.stop()
        return self.run_program("incident", "step")

    def test_what_is_acknowledged_alertmanager_pages_no_more_also_when_it_forgot_and_may_again_when_it_is_over(self):
        # It pages again every second.
        alertmanager = Server(self.stack, "alertmanager", "--repeat-interval", "1s")
        serving = self.serve(TRISTRATA_ALERTMANAGER_URL=alertmanager.said["url"])
        self.push_what_moved()

        def pages():
            return sum(page["status"] == "firing" for page in json.loads(alertmanager.ask("pages")))

        def silences():
            return [one for one in json.loads(alertmanager.ask("silences")) if one["status"]["state"] == "active"]
        self.assertTrue(until(lambda: pages() >= 2), serving.log.read_text())
        self.assertEqual(silences(), [])
        (incident,) = self.incidents().values()
        self.run_program("incident", "ack", incident["incident_id"], "--who", "eve", "--why", "I am looking")
        self.assertTrue(until(silences), serving.log.read_text())
        self.assertIn(incident["incident_id"], silences()[0]["comment"])
        self.assertIn("eve: I am looking", silences()[0]["comment"])
        before = settled(pages)  # What was under way comes yet.
        time.sleep(4)
        self.assertEqual(pages(), before)
        # Killed, it has forgotten both: it is silent before it is told again.
        alertmanager.ask("kill")
        self.assertTrue(until(lambda: "silences" in serving.problems()), serving.get("/healthz"))
        alertmanager.ask("start")
        self.assertTrue(until(lambda: json.loads(alertmanager.ask("alerts"))), "it is told again")
        self.assertEqual(len(silences()), 1)
        time.sleep(4)
        self.assertEqual(pages(), before)
        self.assertTrue(until(lambda: "silences" not in serving.problems()), serving.get("/healthz"))
        # Over: nothing is left there that would silence what comes next of the same labels.
        self.run_program("incident", "dismiss", incident["incident_id"], "--who", "eve", "--why", "announced")
        self.assertTrue(until(lambda: not silences()), serving.log.read_text())
        figures = serving.figures()
        self.assertEqual(figures['tristrata_silences_total{outcome="begun"}'], 2)
        self.assertGreaterEqual(figures['tristrata_silences_total{outcome="ended"}'], 1)
        self.assertEqual(pages(), before)

    def test_what_is_new_behind_an_acknowledgement_is_paged_by_alertmanager_and_by_a_webhook(self):
        alertmanager, hook = Server(self.stack, "alertmanager"), Answering(self.stack, 200)
        serving = self.serve(TRISTRATA_ALERTMANAGER_URL=alertmanager.said["url"],
                             TRISTRATA_WEBHOOK_URL=hook.url, TRISTRATA_WEBHOOK_SECRET="k3y")
        self.push_what_moved()

        def firing():
            return sum(page["status"] == "firing" for page in json.loads(alertmanager.ask("pages")))

        def silences():
            return [one for one in json.loads(alertmanager.ask("silences")) if one["status"]["state"] == "active"]
        self.assertTrue(until(lambda: firing() == 1), serving.log.read_text())
        (incident,) = self.incidents().values()
        acked = self.run_program("incident", "ack", incident["incident_id"], "--who", "eve", "--why", "I am looking")
        self.assertIn("another metric that is crit pages", acked)
        self.assertTrue(until(silences), serving.log.read_text())
        for name, value in (("fee_before.csv", 1), ("fee_after.csv", 9)):
            (self.folder / name).write_text("fee\n" + "".join(f"{value + row % 7}\n" for row in range(300)))
        self.run_program("drift", "check", "fee_before.csv", "fee_after.csv", "--push", "--module",
                         incident["module"], "--fail-on", "never")
        self.assertTrue(until(lambda: firing() == 2), serving.log.read_text())
        self.assertTrue(until(lambda: not silences()), "what was acknowledged is another alert, and ended")
        (again,) = self.incidents().values()
        self.assertEqual(again["page"], "paged", "the acknowledgement did not speak of the fee")
        told = [one for one in hook.came if "labels" in one]
        self.assertIn("New since the last page: psi_fee", told[-1]["annotations"]["summary"])
        self.assertEqual([one["labels"].get("page") for one in told], [None, "2"])

    def test_what_stands_in_the_spool_of_a_leader_that_never_comes_back_is_told_by_the_next(self):
        hook = Answering(self.stack, 200)
        receivers = {"TRISTRATA_WEBHOOK_URL": hook.url, "TRISTRATA_WEBHOOK_SECRET": "k3y"}
        leader = self.serve("leader", **receivers)
        self.assertTrue(until(lambda: leader.figures().get("tristrata_incident_leads") == 1))
        follower = self.serve("follower", TRISTRATA_SPOOL=str(self.folder / "another"), **receivers)

        def confirmed():
            with contextlib.closing(sqlite3.connect(self.folder / "response.db")) as store:
                return {row[0] for row in store.execute(
                    "SELECT module FROM pages WHERE appended_at IS NOT NULL AND alert NOT LIKE '%handed_to%'")}
        self.push_what_moved()
        self.assertTrue(until(lambda: len(hook.came) == 1), leader.log.read_text())
        self.assertTrue(until(lambda: confirmed() == {"features"}), leader.log.read_text())
        hook.status = 503
        self.run_program("drift", "check", "before.csv", "after.csv", "--push", "--module", "train", "--fail-on",
                         "never")
        self.assertTrue(until(lambda: len(hook.came) > 1), leader.log.read_text())
        tried = hook.came[1]["id"]
        self.assertEqual(leader.stop(signal.SIGKILL), -signal.SIGKILL)
        hook.status, before = 200, len(hook.came)
        self.assertTrue(until(lambda: len(hook.came) > before, 3 * SECONDS_MAX), follower.log.read_text())
        self.assertTrue(until(lambda: confirmed() == {"features", "train"}), follower.log.read_text())
        self.assertEqual([one["id"] for one in hook.came[before:]], [tried],
                         "under the same id, and what was confirmed not again")
        self.assertTrue(any("told again from here" in one["message"] for one in follower.events("incidents")))

    def test_a_page_that_nobody_will_carry_is_a_problem_that_names_the_settings(self):
        serving = self.serve()
        self.assertNotIn("alerts", serving.problems())
        self.push_what_moved()
        self.assertTrue(until(lambda: "alerts" in serving.problems()), serving.get("/healthz"))
        self.assertIn("TRISTRATA_ALERTMANAGER_URL", serving.problems()["alerts"])
        (incident,) = self.incidents().values()
        self.run_program("incident", "ack", incident["incident_id"], "--who", "eve", "--why", "I know")
        self.assertTrue(until(lambda: "alerts" not in serving.problems()), serving.get("/healthz"))

    def test_every_figure_that_a_rule_names_is_there_where_it_is_asked_for(self):
        (self.folder / "analyzers.toml").write_text(ANALYZER)
        (self.folder / "checks.toml").write_text('[[check]]\nname = "gone"\nmodule = "m"\ncurrent = "none.csv"\n'
                                                 'reference = "none.csv"\n')
        # One Alertmanager takes what is sent, the other is not there: what an analyzer misses is crit.
        taking = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        threading.Thread(target=taking.serve_forever, daemon=True).start()
        self.stack.callback(taking.server_close)
        self.stack.callback(taking.shutdown)
        serving = self.serve(TRISTRATA_ANALYZERS=str(self.folder / "analyzers.toml"),
                             TRISTRATA_CHECKS=str(self.folder / "checks.toml"), TRISTRATA_INTAKE_LISTEN="127.0.0.1:0",
                             TRISTRATA_ALERTMANAGER_URL=f"http://127.0.0.1:{taking.server_port} http://127.0.0.1:1")
        away = 'receiver="http://127.0.0.1:1/api/v2/alerts"'
        for name in (f"tristrata_alerts_owed{{{away}}}",
                     f'tristrata_alerts_tell_failures_total{{alerts="incidents",{away}}}'):
            self.assertTrue(until(lambda: serving.figures().get(name)), serving.get("/metrics"))
        rules = (SOURCE / "deploy/prometheus/tristrata.yml").read_text().split("name: tristrata-response")[1]
        named = set(re.findall(r"\btristrata_[a-z_]+", rules))
        self.assertGreater(len(named), 10)
        told = set(re.findall(r"^# TYPE (\S+)", serving.get("/metrics"), re.MULTILINE))
        self.assertEqual(named - told, set(), "rules name what is not there")
        samples = serving.get("/metrics")
        for rule, labels in re.findall(r"\b(tristrata_[a-z_]+)\{outcome=~?\"([a-z_|]+)\"", rules):
            for label in labels.split("|"):
                self.assertIn(f'{rule}{{outcome="{label}"}}', samples)

    def test_what_cannot_be_used_is_said_before_anything_begins(self):
        for settings, said in (({"TRISTRATA_ANALYZERS": "no.toml"}, "no.toml"),
                               ({"TRISTRATA_CHECKS": "no.toml"}, "no.toml"),
                               ({"TRISTRATA_OWNERS": "no.toml"}, "no.toml"),
                               ({"TRISTRATA_ALERTMANAGER_URL": "ftp://x"}, "TRISTRATA_ALERTMANAGER_URL")):
            done = subprocess.run([TRISTRATA, "serve", "--listen", "127.0.0.1:0"], cwd=self.folder, text=True,
                                  capture_output=True, env={**self.environment, **settings}, timeout=60)
            self.assertEqual(done.returncode, 2, f"{settings}: {done.stderr}")
            self.assertIn(said, done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
