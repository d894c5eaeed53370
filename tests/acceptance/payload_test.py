"""A report of more than 100 KB from the check to PostgreSQL, its payload an object: payload_test.py TRISTRATA SOURCE"""
import contextlib
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import typing

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
COLUMNS, ROWS = 120, 400
LIMIT = 102_400
failures: list[str] = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


class Shell:
    """The program in a folder of its own."""

    def __init__(self, folder: pathlib.Path, **settings: str) -> None:
        self.folder, self.settings = folder, settings
        self.aws: dict[str, str] = {}

    def beside(self, **settings: str) -> "Shell":
        other = Shell(self.folder, **(self.settings | settings))
        other.aws = self.aws
        return other

    def run(self, *arguments: typing.Any, code: int = 0) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"} | self.aws
        environment |= {f"TRISTRATA_{name}": value for name, value in self.settings.items()}
        done = subprocess.run([tristrata, *map(str, arguments)], cwd=self.folder, env=environment, capture_output=True,
                              text=True, timeout=300, check=False)
        expect(done.returncode == code, f"{arguments}: exit {done.returncode}, not {code}: {done.stderr}")
        return done

    def events(self) -> list[dict[str, typing.Any]]:
        listed: list[dict[str, typing.Any]] = json.loads(self.run("drift", "list", "--limit", 1000, "--format",
                                                                  "json").stdout)["events"]
        return listed

    def whole_report(self, module: str) -> dict[str, typing.Any]:
        """The row of a report as a whole."""
        found = [event for event in self.events() if event["metric"] in {"share_drifted", "unknown_report"}
                 and event["module"] == module]
        expect(len(found) == 1, f"{len(found)} rows of a whole report of {module}, not one")
        return found[0]


def write_table(path: pathlib.Path, shift: float, seed: int) -> None:
    drawn = random.Random(seed)
    lines = [",".join(f"feature_{column}" for column in range(COLUMNS))]
    lines += [",".join(f"{drawn.gauss(shift if column % 2 else 0.0, 1.0):.4f}" for column in range(COLUMNS))
              for _ in range(ROWS)]
    path.write_text("\n".join(lines) + "\n")


def check(shell: Shell, module: str, code: int = 0, at: str = "2026-11-01") -> subprocess.CompletedProcess[str]:
    return shell.run("drift", "check", "reference.csv", "current.csv", "--fail-on", "never", "--push", "--module",
                     module, "--at", at, "--format", "json", "--out", "report.json", code=code)


def refused(shell: Shell) -> None:
    """Without a place for objects PostgreSQL takes no such payload, and says which setting is missing."""
    said = check(shell, "none", code=2).stderr
    expect("TRISTRATA_ARCHIVE" in said and str(LIMIT) in said, f"a large payload is refused with {said!r}")
    expect(not shell.events(), "a part of the refused report was stored")


def straight(shell: Shell, archive: pathlib.Path) -> None:
    """Without a spool: the object, then the rows."""
    check(shell, "straight")
    report = (shell.folder / "report.json").read_text()
    row = shell.whole_report("straight")
    pointer = row["payload"]
    expect(pointer["payload_bytes"] >= LIMIT, f"the report's payload has only {pointer['payload_bytes']} bytes")
    expect(len(json.dumps(pointer)) < 6000, f"the row keeps {len(json.dumps(pointer))} bytes")
    expect(pointer["summary"]["columns"] == COLUMNS, "the row's payload lost its short members")
    sha256 = pointer["payload_sha256"]
    file = archive / "payload/sha256" / sha256[:2] / sha256
    expect(pointer["payload_url"] == file.as_uri(), f"payload_url is {pointer['payload_url']}, the file {file}")
    bytes_there = file.read_bytes()
    expect(hashlib.sha256(bytes_there).hexdigest() == sha256, "the object's name is not its hash")
    expect(len(bytes_there) == pointer["payload_bytes"], "payload_bytes is not the object's size")
    shown = json.loads(shell.run("drift", "show", row["event_id"], "--format", "json").stdout)
    expect(shown["payload"] == json.loads(report), "drift show does not give the report that was pushed")
    expect("bytes of JSON" in shell.run("drift", "show", row["event_id"]).stdout, "drift show gives no size")
    stored = len(shell.events())
    check(shell, "straight")
    expect(len(shell.events()) == stored, "the same push twice is not one set of rows")

    file.write_bytes(bytes_there[:-1] + b"]")
    said = shell.run("drift", "show", row["event_id"], code=3)
    expect("damaged or exchanged" in said.stderr and sha256 in said.stderr, f"other bytes are told as {said.stderr!r}")
    expect("share_drifted" in said.stdout, "what is known of the event is not shown")
    file.write_bytes(bytes_there[:-1])
    expect("bytes and its row says" in shell.run("drift", "show", row["event_id"], code=3).stderr, "a short object")
    file.unlink()
    said = shell.run("drift", "show", row["event_id"], code=3)
    expect("spool status" in said.stderr and file.as_uri() in said.stderr, f"a missing object is told as {said.stderr}")
    unset = {name: value for name, value in shell.settings.items() if name != "ARCHIVE"}
    said = Shell(shell.folder, **unset).run("drift", "show", row["event_id"], code=2)
    expect("TRISTRATA_ARCHIVE is not set" in said.stderr, f"without the setting: {said.stderr}")


def spooled(shell: Shell, home: pathlib.Path) -> None:
    """With a spool and a place that cannot be reached: the rows do not wait for it, and nothing is lost."""
    (home / "blocked").write_text("a file, and no folder")
    blocked = shell.beside(ARCHIVE=f"file://{home}/blocked", SPOOL=str(home / "spool"))
    check(blocked, "spooled")
    blocked.run("spool", "drain", "--budget", "4s", code=2)
    row = shell.whole_report("spooled")
    drained = blocked.run("spool", "drain", "--budget", "1s", code=2)
    expect("is no folder" in drained.stdout + drained.stderr, f"why objects wait: {drained.stdout} {drained.stderr}")
    slots = json.loads(blocked.run("spool", "status", "--format", "json").stdout)["slots"]
    waiting = {one["class"]: one["pending"] for slot in slots for one in slot["classes"]}
    expect(waiting == {"kpi": 0, "drift": 0, "object": 1}, f"pending: {waiting}")
    said = shell.run("drift", "show", row["event_id"], code=3).stderr
    expect("spool" in said, f"a payload that is in the spool still is told as {said!r}")
    (home / "blocked").unlink()
    blocked.run("spool", "drain", "--budget", "20s")
    shown = json.loads(blocked.run("drift", "show", row["event_id"], "--format", "json").stdout)
    expect(shown["payload"] == json.loads((home / "report.json").read_text()), "the spool changed the payload")
    blocked.run("spool", "replay", "--since", "2020-01-01")
    blocked.run("spool", "drain", "--budget", "20s")
    slots = json.loads(blocked.run("spool", "status", "--format", "json").stdout)["slots"]
    expect(all(one["pending"] == 0 and one["dead"] == 0 for slot in slots for one in slot["classes"]),
           f"a replay is not harmless: {slots}")


def large(shell: Shell, home: pathlib.Path, module: str) -> None:
    """50 MB of JSON that nobody knows."""
    document = {"anything": ["x" * 1000] * 50_000}
    (home / "large.json").write_text(json.dumps(document))
    shell.run("drift", "push", "large.json", "--module", module)
    row = shell.whole_report(module)
    expect(row["payload"]["payload_bytes"] > 50_000_000, f"its size is {row['payload']}")
    shown = json.loads(shell.run("drift", "show", row["event_id"], "--format", "json").stdout)
    expect(shown["payload"]["report"] == document, "50 MB did not come back")


def on_s3(shell: Shell, server: dict[str, typing.Any], home: pathlib.Path) -> None:
    """The same into a bucket; an S3 that refuses or is gone holds nothing else up, and no secret is shown."""
    heard: list[str] = []

    def account(key: str, secret: str, endpoint: str) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": server[key], "AWS_SECRET_ACCESS_KEY": secret,
                "AWS_ENDPOINT_URL_S3": server[endpoint]}

    bucket = shell.beside(ARCHIVE=f"s3://{server['bucket']}/prod")
    bucket.aws = account("access_key", server["secret_key"], "endpoint")
    expect("works: an object was put" in bucket.run("doctor").stdout, "doctor does not reach the bucket")
    check(bucket, "bucket")
    row = bucket.whole_report("bucket")
    expect(row["payload"]["payload_url"].startswith(f"s3://{server['bucket']}/prod/payload/sha256/"),
           f"payload_url is {row['payload']['payload_url']}")
    shown = json.loads(bucket.run("drift", "show", row["event_id"], "--format", "json").stdout)
    expect(shown["payload"] == json.loads((home / "report.json").read_text()), "S3 gave another payload back")
    large(bucket, home, "large_on_s3")

    spooled_there = bucket.beside(SPOOL=str(home / "spool_s3"))
    spooled_there.aws = account("access_key", "hunter2/+=", "endpoint")
    check(spooled_there, "waiting", at="2026-11-02")  # Another payload: the same would be there already.
    held = spooled_there.run("spool", "drain", "--budget", "3s", code=2)
    heard += [held.stdout, held.stderr, spooled_there.run("doctor", code=2).stdout]
    expect("AWS_SECRET_ACCESS_KEY" in held.stderr, f"a wrong secret is told as {held.stderr}")
    row = bucket.whole_report("waiting")
    said = bucket.run("drift", "show", row["event_id"], code=3)
    expect("spool" in said.stderr, f"what is in the spool still is told as {said.stderr}")
    spooled_there.aws = account("access_key", server["secret_key"], "endpoint")
    spooled_there.run("spool", "drain", "--budget", "20s")
    shown = json.loads(bucket.run("drift", "show", row["event_id"], "--format", "json").stdout)
    expect(shown["payload"] == json.loads((home / "report.json").read_text()), "spool and S3 changed the payload")
    for text in heard:
        expect("hunter2" not in text and server["secret_key"] not in text, f"a secret was printed: {text}")


@contextlib.contextmanager
def running(program: str) -> typing.Iterator[dict[str, typing.Any]]:
    server = subprocess.Popen([sys.executable, source / "tests/servers" / program], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None and server.stdout is not None
    try:
        yield json.loads(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait()


with tempfile.TemporaryDirectory() as name, running("postgres.py") as postgres:
    folder = pathlib.Path(name).resolve()
    write_table(folder / "reference.csv", 0.0, 1)
    write_table(folder / "current.csv", 2.0, 2)
    bare = Shell(folder, DRIFT_URL=postgres["url"], KPI_URL=postgres["url"], ADMIN_URL=postgres["url"])
    bare.run("store", "init", "--accept", "plain")
    refused(bare)
    place = folder / "archive"
    archived = bare.beside(ARCHIVE=place.as_uri())
    straight(archived, place)
    spooled(archived, folder)
    large(archived, folder, "large")
    with running("s3.py") as server:
        on_s3(bare, server, folder)
    sqlite = Shell(folder, DRIFT_URL="sqlite:///drift.db", KPI_URL="sqlite:///kpi.db")
    sqlite.run("store", "init")
    check(sqlite, "inline")
    payload = sqlite.whole_report("inline")["payload"]
    expect(payload == json.loads((folder / "report.json").read_text()), "SQLite does not keep a payload in its row")
print("\n".join(failures) or "large payloads are objects, and come back as they were pushed")
sys.exit(1 if failures else 0)
