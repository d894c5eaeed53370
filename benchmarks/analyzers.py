"""SQL analyzers over labelled real series, as KPI rows in a store, with the default policy and nothing chosen for a
series; a fixed 3-sigma rule beside them; and what a thousand analyzers cost:

    analyzers.py TRISTRATA [--series FOLDER] [--only NAME,…] [--cost N]

FOLDER holds NAME.csv.gz (timestamp, value) and windows.json (NAME: [[from, to], …]). A window is found where a
judgement of warn or crit is known inside it, at the end of the hour or day judged. An incident is what follows within
a day; it lies outside unless it opened inside a window. Exits with 1 where fewer than four in five windows are found,
or a series has more than two incidents outside."""
import argparse
import csv
import datetime as dt
import gzip
import json
import os
import pathlib
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

QUIET = dt.timedelta(days=1)
ROWS_A_WINDOW = 12


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.replace("Z", "").split(".")[0])


def iso(time_: dt.datetime) -> str:
    return time_.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read(file: pathlib.Path) -> list[tuple[dt.datetime, float]]:
    with gzip.open(file, "rt") as lines:
        return [(moment(row["timestamp"]), float(row["value"])) for row in csv.DictReader(lines)]


def window_of(rows: list[tuple[dt.datetime, float]]) -> str:
    """The shortest of hour, day and week that holds twelve rows."""
    step = statistics.mode((b[0] - a[0]).total_seconds() for a, b in zip(rows, rows[1:]))
    lengths = (("1h", 3600), ("1d", 86400), ("7d", 604800))
    return next(name for name, seconds in lengths if seconds / step >= ROWS_A_WINDOW)


def analyzer(name: str, window: str, every: str = "") -> str:
    return f"""[[analyzer]]
name = "{name}"
source = "sql"
query = "SELECT time, metric_value FROM kpi.events WHERE metric_name = '{name}' AND time >= :from AND time < :to"
window = "{window}"
{every}
drift_type = "business_kpi_drift"
module = "nab"
"""


def fill(folder: pathlib.Path, environment: dict[str, str], tristrata: str,
         series: dict[str, list[tuple[dt.datetime, float]]]) -> None:
    subprocess.run([tristrata, "store", "init"], env=environment, check=True, stdout=subprocess.DEVNULL)
    with sqlite3.connect(folder / "kpi.db") as store:
        for name, rows in series.items():
            ids = [str(uuid.uuid4()) for _ in rows]
            store.executemany(
                "INSERT INTO events (time, module, metric_name, metric_value, event_id, emit_id, emit_seq) "
                "VALUES (?, 'nab', ?, ?, ?, ?, 0)",
                [(iso(at), name, value, one, one) for (at, value), one in zip(rows, ids)])


def incidents(alerts: list[dt.datetime]) -> list[list[dt.datetime]]:
    groups: list[list[dt.datetime]] = []
    for alert in alerts:
        if groups and alert - groups[-1][-1] <= QUIET:
            groups[-1].append(alert)
        else:
            groups.append([alert])
    return groups


def score(alerts: list[dt.datetime], windows: list[tuple[dt.datetime, dt.datetime]]) -> tuple[int, int]:
    found = sum(any(begin <= alert <= end for alert in alerts) for begin, end in windows)
    outside = sum(not any(begin <= group[0] <= end for begin, end in windows) for group in incidents(alerts))
    return found, outside


def three_sigma(rows: list[tuple[dt.datetime, float]]) -> list[dt.datetime]:
    """The mean and deviation of the first tenth, and every value beyond three of them."""
    values = [value for _, value in rows[:len(rows) // 10]]
    mean, sigma = statistics.fmean(values), statistics.pstdev(values)
    return [at for at, value in rows[len(rows) // 10:] if abs(value - mean) > 3 * sigma]


def labelled(tristrata: str, folder: pathlib.Path, only: set[str]) -> bool:
    all_windows = {name: [(moment(a), moment(b)) for a, b in spans]
                   for name, spans in json.loads((folder / "windows.json").read_text()).items()
                   if not only or name in only}
    series = {name: read(folder / f"{name}.csv.gz") for name in all_windows}
    totals, fine = [0, 0, 0], True
    with tempfile.TemporaryDirectory() as work:
        environment = {**os.environ, "TRISTRATA_KPI_URL": f"sqlite:///{work}/kpi.db"}
        fill(pathlib.Path(work), environment, tristrata, series)
        print(f"{'series':40} {'window':>6} {'found':>8} {'outside':>8} {'3 sigma found':>14} {'outside':>8}")
        for name, rows in series.items():
            window = window_of(rows)
            file = pathlib.Path(work, "analyzers.toml")
            file.write_text(analyzer(name, window))
            done = subprocess.run([tristrata, "analyze", "backtest", file, "--from", iso(rows[0][0]), "--to",
                                   iso(rows[-1][0]), "--format", "json"], env=environment, capture_output=True,
                                  text=True, check=True)
            judged = json.loads(done.stdout)["analyzers"][0]["judgements"]
            alerts = [moment(one["to"]) for one in judged if one["severity"] in ("warn", "crit")]
            found, outside = score(alerts, all_windows[name])
            beside = score(three_sigma(rows), all_windows[name])
            fine = fine and outside <= 2
            for i, count in enumerate((found, len(all_windows[name]), beside[0])):
                totals[i] += count
            of = len(all_windows[name])
            print(f"{name:40} {window:>6} {f'{found} of {of}':>8} {outside:>8} {f'{beside[0]} of {of}':>14} "
                  f"{beside[1]:>8}")
    print(f"found {totals[0]} of {totals[1]} labelled windows; a fixed 3-sigma rule {totals[2]}")
    return fine and totals[0] * 5 >= totals[1] * 4


def cost(tristrata: str, count: int) -> bool:
    """Analyzers of five minutes, twelve rows in each, with sixty windows before; each judged once, as every minute."""
    with tempfile.TemporaryDirectory() as work:
        environment = {**os.environ, "TRISTRATA_KPI_URL": f"sqlite:///{work}/kpi.db"}
        end = dt.datetime(2026, 1, 1)
        rows = [(end - dt.timedelta(seconds=25 * i), 100 + (i * 7919) % 101) for i in range(12 * 61, 0, -1)]
        fill(pathlib.Path(work), environment, tristrata, {"m": rows})
        file = pathlib.Path(work, "analyzers.toml")
        file.write_text("".join(
            analyzer("m", "5m", 'every = "1m"\nreference_windows = 60').replace('name = "m"', f'name = "m{i}"')
            for i in range(count)))
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run([tristrata, "analyze", "run", file, "--once", "--dry-run", "--at", iso(end), "--fail-on",
                               "never", "--format", "json"], env=environment, capture_output=True, text=True,
                              check=True)
        after, took = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
        judged = [one for one in json.loads(done.stdout) if one["verdict"] in ("drift", "no_drift")]
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"{count} analyzers: {cpu:.1f} s of processor time with SQLite's in it, {took:.1f} s in all; "
              f"each minute that is {cpu / 0.6:.0f} % of a core (at most 20 %)")
        return len(judged) == count and cpu <= 12 * count / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tristrata")
    parser.add_argument("--series", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent / "tests/data/nab")
    parser.add_argument("--only", default="")
    parser.add_argument("--cost", type=int, default=1000, help="0 leaves it out")
    arguments = parser.parse_args()
    tristrata = str(pathlib.Path(arguments.tristrata).resolve())
    fine = labelled(tristrata, arguments.series, set(filter(None, arguments.only.split(","))))
    if arguments.cost > 0:
        fine = cost(tristrata, arguments.cost) and fine
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
