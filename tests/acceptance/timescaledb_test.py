"""The stores on a real TimescaleDB, as far as one inside PGlite goes: timescaledb_test.py TRISTRATA SERVER

SERVER is the folder that holds server.mjs and what it needs. What is unproven there: COPY, which ends the server, so
that batches of a hundred rows and more are not tried; two connections at once; background jobs; a server whose licence
is set to Apache's."""
import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import typing

tristrata, server = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
failures: list[str] = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def timescaledb(folder: typing.Optional[pathlib.Path] = None) -> typing.Iterator[str]:
    port = free_port()
    words = [shutil.which("node") or "node", str(server / "server.mjs"), str(port), *([str(folder)] if folder else [])]
    with subprocess.Popen(words, cwd=server, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            raise SystemExit("the server did not come up; what it said is above")
        yield f"postgresql://postgres:password@127.0.0.1:{port}/postgres?sslmode=disable"
        process.stdin.close()
        process.wait(timeout=60)


def run(folder: pathlib.Path, url: str, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
    names = ("ADMIN", "KPI", "DRIFT")
    environment = {"PATH": os.environ["PATH"], **{f"TRISTRATA_{name}_URL": url for name in names}}
    done = subprocess.run([tristrata, *arguments], cwd=folder, env=environment, capture_output=True, text=True,
                          timeout=300, check=False)
    expect(done.returncode in codes, f"{arguments}: exit {done.returncode}: {done.stderr}")
    return done.stdout + done.stderr


def walk(folder: pathlib.Path, url: str) -> None:
    expect("--accept plain" in run(folder, url, "store", "init", codes=(2,)), "init does not name --accept plain")
    run(folder, url, "store", "init", "--accept", "plain")
    probe = run(folder, url, "store", "probe")
    expect(" timescaledb 17" in probe, f"store probe does not say timescaledb: {probe}")
    for _ in range(2):
        run(folder, url, "kpi", "emit", "--module", "candles.btc", "--time", "2023-03-22T00:00:00.123456Z",
            "--event-id", "2ed6657d-e927-568b-95e1-2665a8aea6a2", "rows=1344", "score=0.9")
    rows = json.loads(run(folder, url, "kpi", "query", "--module", "candles.btc", "--format", "json"))["rows"]
    expect(len(rows) == 2 and rows[0]["time"] == "2023-03-22T00:00:00.123456Z", f"kpi query gives {rows}")
    run(folder, url, "store", "status")


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        with timescaledb() as url:
            walk(folder, url)
        data = folder / "data"
        with timescaledb(data):
            pass  # Opened before, its licensed functions are refused, as by the Apache edition.
        with timescaledb(data) as url:
            walk(folder, url)
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
