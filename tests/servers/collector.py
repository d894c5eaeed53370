"""An OpenTelemetry Collector on a free port of the loopback address, started and stopped by who made it. What it took
is a line of OTLP's JSON a batch, in a file, and once more in another file as it goes to Loki: with the attributes
event, run_id and crypto promoted to the resource (docs/events.md)."""
import json
import pathlib
import socket
import subprocess
import time
import typing

from certificates import Certificates

READY_SECONDS_MAX = 60.0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class LogRecord(typing.NamedTuple):
    resource: dict[str, object]
    attributes: dict[str, object]
    record: dict[str, typing.Any]


def plain(value: dict[str, typing.Any]) -> object:
    """An AnyValue as Python has it; OTLP writes whole numbers as texts."""
    (kind, content), = value.items()
    return int(content) if kind == "intValue" else content


def attributes_of(holder: dict[str, typing.Any]) -> dict[str, object]:
    return {one["key"]: plain(one["value"]) for one in holder.get("attributes", [])}


class Collector:
    """With `certificates` it speaks TLS, and takes events of clients alone that their authority signed."""

    def __init__(self, program: pathlib.Path, folder: pathlib.Path, certificates: Certificates | None = None) -> None:
        self.program, self.folder, self.port = program, folder, free_port()
        self.scheme = "https" if certificates else "http"
        tls = "" if certificates is None else f"""
        tls:
          cert_file: {certificates.server}
          key_file: {certificates.server_key}
          client_ca_file: {certificates.authority}"""
        self.took, self.promoted = folder / "logs.jsonl", folder / "promoted.jsonl"
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "collector.yaml").write_text(f"""
receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:{self.port}{tls}
processors:
  groupbyattrs:
    keys: [event, run_id, crypto]
exporters:
  lines:
    path: {self.took}
  lines/promoted:
    path: {self.promoted}
service:
  telemetry:
    metrics:
      level: none
  pipelines:
    logs:
      receivers: [otlp]
      exporters: [lines]
    logs/promoted:
      receivers: [otlp]
      processors: [groupbyattrs]
      exporters: [lines/promoted]
""")

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def start(self) -> None:
        with (self.folder / "collector.log").open("ab") as log:
            self.process = subprocess.Popen([self.program, "--config", self.folder / "collector.yaml"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + READY_SECONDS_MAX
        while True:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "collector.log").read_text()
                raise SystemExit(f"the collector did not come up: {said[-3000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def records(self, promoted: bool = False) -> list[LogRecord]:
        found: list[LogRecord] = []
        file = self.promoted if promoted else self.took
        for line in file.read_text().splitlines() if file.exists() else []:
            for of_resource in json.loads(line)["resourceLogs"]:
                resource = attributes_of(of_resource["resource"])
                for of_scope in of_resource["scopeLogs"]:
                    found += [LogRecord(resource, attributes_of(record), record) for record in of_scope["logRecords"]]
        return found
