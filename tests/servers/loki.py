"""A Loki, and a promtail that reads a file into it, on free ports of the loopback address and each in a folder, started
and stopped by who made it. The newest Loki under the Apache licence is 2.2, which has no door for OTLP: events come to
it by what docs/events.md says of a Loki before 3."""
import json
import os
import pathlib
import subprocess
import time
import typing
import urllib.error
import urllib.parse
import urllib.request

from collector import free_port

READY_SECONDS_MAX = 120.0


class Program:
    """One that has come up when a page of it answers 200."""
    ready = "/ready"

    def __init__(self, program: pathlib.Path, folder: pathlib.Path, configuration: str, port: int) -> None:
        self.program, self.folder, self.port = program, folder, port
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.configuration = folder / f"{program.name}.yaml"
        self.configuration.write_text(configuration)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        said = self.folder / f"{self.program.name}.log"
        with said.open("ab") as log:
            # What traces Loki itself speaks to a Jaeger of its environment: there is none.
            self.process = subprocess.Popen([self.program, f"-config.file={self.configuration}"], cwd=self.folder,
                                            env=os.environ | {"JAEGER_DISABLED": "true"}, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        deadline = time.monotonic() + READY_SECONDS_MAX
        while True:
            try:
                with urllib.request.urlopen(self.url + self.ready, timeout=10):
                    return
            except OSError:  # It answers 503 until it is.
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{self.program.name} did not come up: {said.read_text()[-3000:]}") from None
            time.sleep(0.2)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def counted(self, metric: str) -> float:
        """What stands in /metrics under a name, over all its labels."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((metric + "{", metric + " ")))


class Loki(Program):
    def __init__(self, program: pathlib.Path, folder: pathlib.Path) -> None:
        port = free_port()
        super().__init__(program, folder, f"""
auth_enabled: false
server:
  http_listen_address: 127.0.0.1
  http_listen_port: {port}
  grpc_listen_address: 127.0.0.1
  grpc_listen_port: {free_port()}
  log_level: warn
ingester:
  wal:
    enabled: true
    dir: {folder / "wal"}
  lifecycler:
    address: 127.0.0.1
    ring:
      kvstore:
        store: inmemory
      replication_factor: 1
    min_ready_duration: 0s
    final_sleep: 0s
  max_transfer_retries: 0
schema_config:
  configs:
    - from: 2024-01-01
      store: boltdb
      object_store: filesystem
      schema: v11
      index:
        prefix: index_
        period: 24h
storage_config:
  boltdb:
    directory: {folder / "index"}
  filesystem:
    directory: {folder / "chunks"}
""", port)

    def ask(self, path: str, **parameters: str | int) -> typing.Any:
        """What stands in `data` of its answer; ValueError with its own words where it refuses."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}?{urllib.parse.urlencode(parameters)}", timeout=60) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(f"{error.code}: {error.read().decode()}") from None


class Promtail(Program):
    """`scrape` is a page's block of YAML, with the file's and Loki's addresses as they are here."""
    ready = "/metrics"  # Where the file is not yet there, it calls itself not ready.

    def __init__(self, program: pathlib.Path, folder: pathlib.Path, scrape: str) -> None:
        port = free_port()
        super().__init__(program, folder, f"""
server:
  http_listen_address: 127.0.0.1
  http_listen_port: {port}
  grpc_listen_address: 127.0.0.1
  grpc_listen_port: {free_port()}
  log_level: warn
{scrape}""", port)
