"""Tables on S3 give the report that the same files give on the disk: s3_source_test.py TRISTRATA SOURCE"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import typing

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
failures: list[str] = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


def check(folder: pathlib.Path, environment: dict[str, str], reference: str, current: str,
          code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([tristrata, "drift", "check", reference, current, "--fail-on", "never", "--format", "json",
                           "--at", "2026-11-01"], cwd=folder, env=environment, capture_output=True, text=True,
                          timeout=120, check=False)
    expect(done.returncode == code, f"{reference} against {current}: exit {done.returncode}, not {code}: {done.stderr}")
    return done


def columns_of(done: subprocess.CompletedProcess[str]) -> typing.Any:
    return json.loads(done.stdout or "{}").get("columns")


def main() -> None:
    from pyarrow import csv, fs, parquet
    server = subprocess.Popen([sys.executable, source / "tests/servers/s3.py"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None and server.stdout is not None
    try:
        said = json.loads(server.stdout.readline())
        bucket = said["bucket"]
        with tempfile.TemporaryDirectory() as name:
            home = pathlib.Path(name)
            temporary = home / "temporary"
            temporary.mkdir()
            environment = {"PATH": os.environ["PATH"], "TMPDIR": str(temporary),
                           "AWS_ACCESS_KEY_ID": said["reader_access_key"],
                           "AWS_SECRET_ACCESS_KEY": said["reader_secret_key"], "AWS_ENDPOINT_URL_S3": said["endpoint"]}
            (home / "days").mkdir()
            for day in range(3):
                rows = "\n".join(f"{i * (day + 1) % 97},{'abc'[i % 3]}" for i in range(300))
                (home / "days" / f"day {day}.csv").write_text(f"x,letter\n{rows}\n")
            parquet.write_table(csv.read_csv(home / "days/day 0.csv"), home / "reference.parquet")
            files = fs.S3FileSystem(access_key=said["access_key"], secret_key=said["secret_key"], scheme="http",
                                    endpoint_override=said["endpoint"].removeprefix("http://"), region="us-east-1")
            for path in [*(home / "days").iterdir(), home / "reference.parquet"]:
                with files.open_output_stream(f"{bucket}/tables/{path.relative_to(home)}") as stream:
                    stream.write(path.read_bytes())
            for path, text in (("days/notes.txt", b"no table"), ("days/older/day 9.csv", b"x\n1\n"),
                               ("broken.csv", b"x,letter\n" + b"1,a\n" * 20000 + b"what,b\n")):
                with files.open_output_stream(f"{bucket}/tables/{path}") as stream:
                    stream.write(text)
            place = f"s3://{bucket}/tables"
            here = check(home, environment, "reference.parquet", "days")
            there = check(home, environment, f"{place}/reference.parquet", f"{place}/days")
            expect(columns_of(here) is not None and columns_of(there) == columns_of(here), "S3 gives another report")
            report = json.loads(there.stdout)
            expect(report["reference"]["source"] == f"{place}/reference.parquet", f"source {report['reference']}")
            expect(report["current"]["source"] == f"{place}/days (3 files; 2 of no such format left out)",
                   f"source {report['current']['source']}")
            expect(json.loads(here.stdout)["current"]["version"] == report["current"]["version"], "another version")
            expect(columns_of(check(home, environment, f"{place}/reference.parquet", f"{place}/days/")) ==
                   columns_of(here), "a folder with / at its end is another")
            word = check(home, environment, f"{place}/days/day 0.csv", f"{place}/broken.csv", code=3).stderr
            expect(f"{place}/broken.csv" in word and str(home) not in word, f"a word among numbers is told as {word}")
            none = check(home, environment, f"{place}/reference.parquet", f"{place}/none.csv", code=3).stderr
            expect(f"{place}/none.csv" in none, f"a missing table is told as {none}")
            gone = check(home, environment, "s3://no-such-bucket/a.csv", f"{place}/days", code=2).stderr
            expect("there is no bucket no-such-bucket" in gone, f"a missing bucket is told as {gone}")
            wrong = check(home, environment | {"AWS_SECRET_ACCESS_KEY": "hunter2"}, f"{place}/days", "days", code=2)
            expect("AWS_SECRET_ACCESS_KEY" in wrong.stderr and "hunter2" not in wrong.stderr, wrong.stderr)
            expect(not list(temporary.iterdir()), f"left behind: {list(temporary.iterdir())}")
    finally:
        server.stdin.close()
        server.wait()


main()
print("\n".join(failures) or "tables on S3 are read as those on the disk")
sys.exit(1 if failures else 0)
