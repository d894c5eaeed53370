"""tristrata serve and SIGHUP: who is told from then on: serve_reload_test.py TRISTRATA SOURCE"""
import contextlib
import http.server
import json
import signal
import sqlite3
import sys
import threading
import unittest

from responding import Responding, until


class Hook:
    """A webhook that takes what comes, or says that it cannot now."""

    def __init__(self, stack):
        self.status, self.came = 200, []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(handler):
                came = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
                if self.status == 200:
                    self.came.append(came["labels"]["module"])
                handler.send_response(self.status)
                handler.send_header("Content-Length", "0")
                handler.end_headers()

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}"


class ServeReloadTest(Responding):
    def setUp(self):
        super().setUp()
        for name, value in (("before.csv", 1), ("after.csv", 9)):
            (self.folder / name).write_text("price\n" + "".join(f"{value + row % 7}\n" for row in range(300)))

    def push(self, module):
        self.run_program("drift", "check", "before.csv", "after.csv", "--push", "--module", module, "--fail-on",
                         "never")

    def name(self, *hooks):
        urls = " ".join(hook.url for hook in hooks)
        (self.folder / "tristrata.toml").write_text(
            f'webhook_url = "{urls}"\nwebhook_secret = "k3y"\n' if hooks else "")

    def read_anew(self, serving, outcome="taken"):
        figure = f'tristrata_reloads_total{{outcome="{outcome}"}}'
        before = serving.figures().get(figure, 0)
        serving.process.send_signal(signal.SIGHUP)
        self.assertTrue(until(lambda: serving.figures().get(figure, 0) > before), serving.log.read_text())

    def owed(self):
        return sorted(self.folder.glob("spool/owed_alerts/*.alert"))

    def test_who_is_named_anew_is_told_from_then_on_and_what_another_is_owed_is_kept(self):
        one, dead, other = Hook(self.stack), Hook(self.stack), Hook(self.stack)
        dead.status = 503
        self.name(one, dead)
        serving = self.serve()
        self.push("features")
        self.assertTrue(until(lambda: one.came == ["features"]), serving.log.read_text())
        self.assertTrue(until(lambda: len(self.owed()) == 1), serving.log.read_text())
        self.assertTrue(until(lambda: "waits for" in serving.get("/healthz")), serving.get("/healthz"))
        self.name(other)
        self.read_anew(serving)
        self.push("train")
        self.assertTrue(until(lambda: other.came == ["train"]), serving.log.read_text())
        self.assertEqual(one.came, ["features"], "it is named no longer")
        self.assertTrue(until(lambda: "waits for" not in serving.get("/healthz")), serving.get("/healthz"))
        self.assertEqual(len(self.owed()), 1, "it stays until the receiver is named again")
        # A mistake: the ones before count on.
        (self.folder / "tristrata.toml").write_text('webhook_url = "ftp://nowhere"\nwebhook_secret = "k3y"\n')
        self.read_anew(serving, "refused")
        self.push("orders")
        self.assertTrue(until(lambda: other.came == ["train", "orders"]), serving.log.read_text())
        dead.status = 200
        self.name(other, dead)
        self.read_anew(serving)
        self.assertTrue(until(lambda: dead.came == ["features"]), "named again, it is sent what it is owed")
        self.assertTrue(until(lambda: not self.owed()), serving.log.read_text())
        self.assertEqual(serving.stop(), 0, serving.log.read_text())

    def test_a_page_that_waits_since_nobody_was_named_goes_to_the_first_who_is(self):
        hook = Hook(self.stack)
        self.name()
        serving = self.serve()
        self.push("features")
        self.assertTrue(until(lambda: "alerts" in serving.problems()), serving.get("/healthz"))
        self.name(hook)
        self.read_anew(serving)
        self.assertTrue(until(lambda: hook.came == ["features"]), serving.log.read_text())
        self.assertTrue(until(lambda: "alerts" not in serving.problems()), serving.get("/healthz"))

        def is_confirmed():
            with contextlib.closing(sqlite3.connect(self.folder / "response.db")) as store:
                return store.execute("SELECT count(*) FROM pages WHERE appended_at IS NULL").fetchone() == (0,)
        self.assertTrue(until(is_confirmed), serving.log.read_text())
        self.assertEqual(serving.stop(), 0, serving.log.read_text())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
