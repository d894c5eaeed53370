"""A real Prometheus for tests, on a free port of the loopback address, with an OpenMetrics file as its history; with
--web-config it asks who one is, or speaks TLS; with --scrape it asks HOST:PORT every second, evaluates --rules and
tells --alertmanager. Says one line of JSON when it is ready; obeys `stop`, which pauses it so that it takes connections
and answers nothing, and `start`."""
import argparse
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

READY_SECONDS_MAX = 60.0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def configuration(scrape: str, rules: str, alertmanager: str) -> dict[str, object]:
    """Prometheus reads YAML, of which JSON is a part."""
    every = "1s" if scrape else "1h"
    jobs = [{"job_name": "tristrata", "static_configs": [{"targets": [scrape]}]}] if scrape else []
    peers = [{"static_configs": [{"targets": [alertmanager]}]}] if alertmanager else []
    return {"global": {"scrape_interval": every, "evaluation_interval": every}, "scrape_configs": jobs,
            "rule_files": [rules] if rules else [], "alerting": {"alertmanagers": peers}}


def started(folder: pathlib.Path, port: int, web_config: str) -> subprocess.Popen[bytes]:
    said = folder / "prometheus.log"
    with said.open("ab") as log:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
             "--storage.tsdb.retention.time=100y", f"--web.listen-address=127.0.0.1:{port}",
             f"--web.config.file={web_config}", "--query.max-samples=5000000"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    deadline = time.monotonic() + READY_SECONDS_MAX
    # One that asks who one is does not say it to anybody.
    while not ("Server is ready to receive web requests" in said.read_text() if web_config else is_ready(port)):
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("Prometheus did not come up: " + (folder / "prometheus.log").read_text()[-3000:])
        time.sleep(0.1)
    return process


def hold(process: subprocess.Popen[bytes]) -> None:
    """Returns when every thread stands still: one that runs goes on for a moment."""
    process.send_signal(signal.SIGSTOP)
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline:
        threads = pathlib.Path(f"/proc/{process.pid}/task").glob("*/stat")
        if all(thread.read_text().rpartition(")")[2].split()[0] == "T" for thread in threads):
            return
        time.sleep(0.01)


def serve(folder: pathlib.Path, openmetrics: str, settings: dict[str, object], web_config: str) -> None:
    (folder / "prometheus.yml").write_text(json.dumps(settings))
    if openmetrics:
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", openmetrics, f"{folder}/data"],
                       check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    process = started(folder, port, web_config)
    scheme = "https" if web_config and "tls_server_config" in pathlib.Path(web_config).read_text() else "http"
    try:
        print(json.dumps({"url": f"{scheme}://127.0.0.1:{port}"}), flush=True)
        for line in sys.stdin:
            word = line.strip()
            if word == "stop":
                hold(process)
            else:
                process.send_signal(signal.SIGCONT)
            print(word, flush=True)
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="A real Prometheus for tests")
    parser.add_argument("--openmetrics", default="")
    parser.add_argument("--scrape", default="", metavar="HOST:PORT")
    parser.add_argument("--rules", default="", metavar="FILE")
    parser.add_argument("--alertmanager", default="", metavar="HOST:PORT")
    parser.add_argument("--web-config", default="", metavar="FILE")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="prometheus_"))
    try:
        serve(folder, arguments.openmetrics,
              configuration(arguments.scrape, arguments.rules, arguments.alertmanager), arguments.web_config)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
