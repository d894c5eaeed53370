"""A real Alertmanager for tests: Debian's, on a free loopback port, with a receiver of its pages beside it.

    alertmanager.py [--group-wait DURATION] [--repeat-interval DURATION]

Prints one line of JSON once it answers: {"url": ...}. Obeys a word a line and answers each with one: `kill` (at once,
as a power cut does, by its process id) and `start` (on the same port and folder) with themselves, `alerts` and
`silences` with what its API lists, `pages` with what it has sent so far, each a JSON array in one line. crit is grouped
without a wait, anything else with --group-wait (1s); what lasts is paged again each --repeat-interval (4h). At the end
of the input it is killed and its folder is removed.
"""
import argparse
import ctypes
import http.server
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import typing
import urllib.request

PROGRAM = "/usr/bin/prometheus-alertmanager"
READY_SECONDS_MAX = 60.0
PARENT_DIED = 1  # PR_SET_PDEATHSIG


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PARENT_DIED, signal.SIGKILL)


class Pages(http.server.BaseHTTPRequestHandler):
    """Takes what Alertmanager sends to people."""
    taken: typing.ClassVar[list[dict[str, typing.Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: standard output is for the words."""


class Alertmanager:
    def __init__(self, folder: pathlib.Path, group_wait: str, repeat_interval: str, pages_port: int) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None
        (folder / "alertmanager.yaml").write_text(f"""
route:
  receiver: people
  group_by: [alertname, module, drift_type, page]
  group_wait: {group_wait}
  group_interval: 1s
  repeat_interval: {repeat_interval}
  routes:
    - matchers: ['severity="crit"']
      group_wait: 0s
receivers:
  - name: people
    webhook_configs:
      - url: http://127.0.0.1:{pages_port}/
        send_resolved: true
""")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with (self.folder / "alertmanager.log").open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, f"--config.file={self.folder / 'alertmanager.yaml'}",
                 f"--storage.path={self.folder / 'data'}", f"--web.listen-address=127.0.0.1:{self.port}",
                 "--cluster.listen-address="],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent)
        deadline = time.monotonic() + READY_SECONDS_MAX
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5):
                    return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    said = (self.folder / "alertmanager.log").read_text()
                    raise SystemExit(f"Alertmanager did not come up: {said[-3000:]}") from None
            time.sleep(0.05)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def listed(self, what: str) -> list[dict[str, typing.Any]]:
        with urllib.request.urlopen(f"{self.url}/api/v2/{what}", timeout=30) as answer:
            found: list[dict[str, typing.Any]] = json.load(answer)
        return found


def serve(folder: pathlib.Path, group_wait: str, repeat_interval: str) -> None:
    pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    alertmanager = Alertmanager(folder, group_wait, repeat_interval, pages.server_address[1])
    try:
        alertmanager.start()
        print(json.dumps({"url": alertmanager.url}), flush=True)
        for line in sys.stdin:
            word = line.strip()
            if word == "kill":
                alertmanager.kill()
            elif word == "start":
                if alertmanager.process is None:
                    alertmanager.start()
            elif word in ("alerts", "silences"):
                word = json.dumps(alertmanager.listed(word))
            elif word == "pages":
                word = json.dumps(Pages.taken)
            else:
                raise SystemExit(f"{word!r} is no word; expected kill, start, alerts, silences or pages")
            print(word, flush=True)
    finally:
        alertmanager.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description="A real Alertmanager for tests")
    parser.add_argument("--group-wait", default="1s")
    parser.add_argument("--repeat-interval", default="4h")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="alertmanager_"))
    try:
        serve(folder, arguments.group_wait, arguments.repeat_interval)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
