"""Days leave for a bucket and come back, whoever is killed and whatever fails: archive_s3_test.py TRISTRATA SOURCE"""
import contextlib
import hashlib
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import typing

TRISTRATA, SOURCE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
KILLS = 60 if os.environ.get("TRISTRATA_LONG") else 12
RANGE = ("--from", "2026-01-01", "--to", "2026-02-01")
failures: list[str] = []


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


class Bucket:
    """A real S3 server, and the one in front of it that can be told to fail."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, SOURCE / "tests/servers/s3.py"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.said: dict[str, str] = json.loads(self.line())

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def tell(self, words: str) -> str:
        assert self.process.stdin is not None
        print(words, file=self.process.stdin, flush=True)
        return self.line()

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


class Place:
    """A folder with SQLite stores, a prefix of the bucket, and the program."""

    def __init__(self, folder: pathlib.Path, bucket: Bucket, prefix: str) -> None:
        self.folder = folder
        self.environment = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": bucket.said["access_key"],
                            "AWS_SECRET_ACCESS_KEY": bucket.said["secret_key"],
                            "AWS_ENDPOINT_URL_S3": bucket.said["endpoint"],
                            "TRISTRATA_KPI_URL": f"sqlite:///{folder}/kpi.db",
                            "TRISTRATA_DRIFT_URL": f"sqlite:///{folder}/drift.db",
                            "TRISTRATA_ARCHIVE": f"s3://{bucket.said['bucket']}/{prefix}"}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen([TRISTRATA, *arguments], env=self.environment, cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        expect(process.returncode == code, f"{' '.join(arguments)}: exit {process.returncode}, not {code}: {err}")
        return out, err

    def layers(self, *arguments: str) -> list[dict[str, typing.Any]]:
        out = self.run(*arguments, "--format", "json")[0]
        layers: list[dict[str, typing.Any]] = json.loads(out or '{"layers": []}')["layers"]
        return layers

    def rows(self, name: str) -> list[tuple[object, ...]]:
        with contextlib.closing(sqlite3.connect(self.folder / name)) as store:
            return store.execute("SELECT * FROM events ORDER BY time, event_id").fetchall()

    def fill(self, days: int, rows: int) -> None:
        """Rows as emits leave them, without a process for each."""
        with contextlib.closing(sqlite3.connect(self.folder / "kpi.db")) as store, store:
            for day in range(1, days + 1):
                for row in range(rows):
                    digest = hashlib.sha256(f"{day} {row}".encode()).hexdigest()
                    uuid = f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
                    when = f"2026-01-{day:02}T{row // 3600 % 24:02}:{row // 60 % 60:02}:{row % 60:02}.000000Z"
                    store.execute("INSERT INTO events VALUES (?, ?, 'm', NULL, 'x', ?, '{}', NULL, 1, ?, ?, 0)",
                                  (when, f"run-{row % 5}", row / 7, uuid, uuid))


def walk(bucket: Bucket, folder: pathlib.Path) -> None:
    """emit, retain, restore: every value is back as it was."""
    place = Place(folder, bucket, "wälk +%20&=;'/😀")
    place.run("store", "init")
    place.run("kpi", "emit", "--module", "candles.btc", "--run-id", "run-1", "--time", "2026-01-05T08:00:00Z",
              "rows=1344", "score=0.1", "loss=-1e300")
    place.run("drift", "check", str(SOURCE / "examples/fee_change/BTCUSDT_15m.csv.gz"), "--time", "open_time",
              "--reference", "2023-03-08..2023-03-22", "--current", "2023-03-22..2023-04-05", "--fail-on", "never",
              "--push", "--module", "candles.btc", "--at", "2023-04-05")
    before = place.rows("kpi.db")
    shown = place.run("drift", "list", "--format", "json")[0]
    left = place.layers("store", "retain")
    expect(left[0]["rows"] == 3 and left[1]["rows"] > 0, f"what left: {left}")
    expect(json.loads(place.run("drift", "list", "--format", "json")[0])["events"] == [], "nothing of it is left")
    expect("kpi.events, 2026-01-05..2026-01-06: 1 day in 1 part, 3 rows" in place.run("store", "status")[0], "status")
    place.layers("store", "restore", "--into", "restored")
    expect(sorted(place.rows("restored/kpi.db") + place.rows("kpi.db")) == sorted(before), "KPIs are not as they were")
    place.environment["TRISTRATA_DRIFT_URL"] = f"sqlite:///{place.folder}/restored/drift.db"
    expect(place.run("drift", "list", "--format", "json")[0] == shown, "drift events are not as they were")


def killed(bucket: Bucket, folder: pathlib.Path) -> None:
    """SIGKILL at a moment of its own each time; what comes back is what was there, and no part is there twice."""
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    place = Place(folder, bucket, "killed")
    place.run("store", "init")
    place.fill(days=31, rows=100)
    before = place.rows("kpi.db")
    begun = time.monotonic()
    place.run("store", "archive", "--from", "2026-01-01", "--to", "2026-01-02")
    one_day = time.monotonic() - begun
    kills = 0
    for _ in range(KILLS):
        process = place.start("store", "archive", *RANGE)
        time.sleep(moments.uniform(0.0, one_day))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=120)
        kills += process.returncode == -signal.SIGKILL
    last = place.layers("store", "archive", *RANGE)[0]
    expect(place.rows("kpi.db") == [], f"seed {seed}: rows are left behind")
    restored = place.layers("store", "restore", "--into", "restored")[0]
    expect(restored["rows"] == len(before) and restored["there_already"] == 0, f"seed {seed}: twice: {restored}")
    expect(place.rows("restored/kpi.db") == before, f"seed {seed}: rows are lost or changed")
    print(f"{kills} of {KILLS} runs were killed before their end and left {last['rows']} of {len(before)} rows to the "
          f"last (seed {seed})")


def repeated(bucket: Bucket, folder: pathlib.Path) -> None:
    """What had to be sent again is said, with its number."""
    place = Place(folder, bucket, "repeated")
    place.environment["AWS_ENDPOINT_URL_S3"] = bucket.said["faulty_endpoint"]
    place.run("store", "init")
    place.fill(days=1, rows=10)
    bucket.tell("fail 503 3 .parquet")
    said = place.run("store", "archive", *RANGE)[1]
    place_name = place.environment["TRISTRATA_ARCHIVE"]
    expect(f"3 requests to {place_name} failed and had to be sent again" in said, f"three refusals: {said!r}")
    expect("sent again" not in place.run("store", "restore", "--into", "restored")[1], "none is told as some")
    bucket.tell("fail 503 100000")
    place.fill(days=2, rows=10)
    begun = time.monotonic()
    said = place.run("store", "archive", *RANGE, code=3)[1]
    bucket.tell("pass")
    expect(time.monotonic() - begun < 30, "a server that goes on refusing is waited for too long")
    expect("sent again" in said and "HTTP status 503" in said and "nothing was taken out" in said,
           f"a server that goes on refusing is told as {said!r}")
    expect(bucket.said["secret_key"] not in said, "a secret was printed")


running = Bucket()
try:
    for check in (walk, killed, repeated):
        with tempfile.TemporaryDirectory() as name:
            check(running, pathlib.Path(name))
finally:
    running.stop()
print("\n".join(failures) or "days leave for a bucket and come back")
sys.exit(1 if failures else 0)
