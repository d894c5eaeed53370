"""One table is one table: from a file, through a pipe and out of a query every command says the same.
ways_in_test.py TRISTRATA SOURCE"""
import csv
import gzip
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
failures: list[str] = []
folder = tempfile.TemporaryDirectory()
here = pathlib.Path(folder.name)


def run(*arguments: object, piped: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([tristrata, *map(str, arguments)], input=piped, capture_output=True, cwd=here, timeout=120)


def result(title: str, *arguments: object, piped: bytes = b"") -> dict:
    done = run(*arguments, "--format", "json", "--fail-on", "never", "--at", "2026-01-01", piped=piped)
    if done.returncode != 0:
        failures.append(f"{title}: exit {done.returncode}: {done.stderr.decode()}")
        return {}
    return json.loads(done.stdout)


def refused(says: str, *arguments: object, piped: bytes = b"") -> None:
    done = run(*arguments, piped=piped)
    if done.returncode != 2 or says not in done.stderr.decode() or done.stdout:
        failures.append(f"{arguments}: exit {done.returncode}, said {done.stderr.decode()!r}; expected {says!r}")


def stored(connection: sqlite3.Connection, name: str, table: bytes) -> None:
    """The table of a CSV in the database: numbers as numbers, an empty field as NULL."""
    rows = list(csv.reader(table.decode().splitlines()))
    names = ", ".join(f'"{column}"' for column in rows[0])
    connection.execute(f"CREATE TABLE {name} ({names})")

    def value(text: str) -> float | str | None:
        try:
            return float(text) if text else None
        except ValueError:
            return text

    connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})",
                           ([value(text) for text in row] for row in rows[1:]))


def found(report: dict) -> dict:
    """What was found, without what names the source: its name, its SHA-256, and what is made of them."""
    named = ("source", "reference", "current", "report_id", "notes", "columns")
    return {key: value for key, value in report.items() if key not in named}


candles = gzip.decompress((source / "examples/fee_change/BTCUSDT_15m.csv.gz").read_bytes())
data = source / "tests/data/ml"
reference, monitoring = ((data / f"simulated_{part}_three_classes.csv.gz") for part in ("reference", "monitoring"))
(here / "tristrata.toml").write_text(f'[stores.shop]\nurl = "sqlite:///{here}/shop.db"\n')
with sqlite3.connect(here / "shop.db") as connection:
    stored(connection, "candles", candles)
    stored(connection, "monitoring", gzip.decompress(monitoring.read_bytes()))
connection.close()
(here / "candles.csv").write_bytes(candles)


def query(table: str) -> tuple[str, ...]:
    return "--sql", f"SELECT * FROM shop.{table} ORDER BY rowid", "--store", "shop"


cut = ("--plan", source / "examples/candle_days/plan.toml", "--chunk", "day", "--window", "49")
scores = ("--y-proba", "a=y_pred_proba_a,b=y_pred_proba_b,c=y_pred_proba_c", "--features", "x1,x2,x3", "--rows", "2000")
detector = ("--time", "open_time", "--columns", "trades", "--detector", "page_hinkley", "--set", "threshold=30")
for words, before, piped, table, options in (
        (("drift", "backtest"), (), candles, "candles", cut),
        (("drift", "backtest"), (), candles, "candles", detector),
        (("quality", "check"), (reference,), monitoring.read_bytes(), "monitoring", scores[:2] + scores[4:]),
        (("quality", "estimate"), (reference,), monitoring.read_bytes(), "monitoring", scores)):
    title = " ".join(words)
    file = here / "candles.csv" if table == "candles" else monitoring
    outcomes = [result(f"{title} of a file", *words, *before, file, *options),
                result(f"{title} of a pipe", *words, *before, "-", *options, piped=piped),
                result(f"{title} of a query", *words, *before, *query(table), *options)]
    for outcome, how in zip(outcomes[1:], ("a pipe", "a query")):
        if not outcome or found(outcome) != found(outcomes[0]):
            failures.append(f"{title}: {how} gives another result than the file")
    sides = [outcome["current"] if "current" in outcome else outcome.get("source") for outcome in outcomes[1:]]
    names = [side["source"] if isinstance(side, dict) else side for side in sides]
    if names != ["standard input", "query on shop"]:
        failures.append(f"{title}: the sources are named {names}")

# The state of a backtest goes on from one way in to another: what counts is what the rows say.
result("a backtest with a state", "drift", "backtest", here / "candles.csv", *cut, "--state", "state.json")
again = result("a backtest from its state", "drift", "backtest", *query("candles"), *cut, "--state", "state.json")
if again and again["summary"]["reused"] != again["summary"]["tested"]:
    failures.append(f"a query tests anew what a file has tested: {again['summary']}")

# A profile of a query is a reference as any other.
made = run("drift", "profile", *query("monitoring"), "--columns", "x1,x2", "-o", "shop.profile")
if made.returncode != 0:
    failures.append(f"drift profile of a query: {made.stderr.decode()}")
same = result("a profile against its own rows", "drift", "check", "--profile", "shop.profile", *query("monitoring"),
              "--columns", "x1,x2")
if same and same["summary"]["drifted"] != 0:
    failures.append("rows drift from themselves")

# Labels through a pipe, joined by key.
cars = [data / f"nannyml_{part}_synthetic_car_price.csv.gz" for part in ("reference", "monitoring")]
late = result("labels of a pipe", "quality", "check", *cars, "--labels", "-", "--key", "id", piped=cars[1].read_bytes())
direct = result("labels of a file", "quality", "check", *cars, "--labels", cars[1], "--key", "id")
if late and late["chunks"] != direct["chunks"]:
    failures.append("labels of a pipe give another result than those of the file")

back, check = ("drift", "backtest"), ("quality", "check")
refused("0 tables are named; expected one: DATA, or --sql", *back, "--chunk", "day")
refused("2 tables are named; expected one", *back, "candles.csv", *query("candles"), "--chunk", "day")
refused("--sql needs the store", *back, "--sql", "SELECT 1 AS x", "--chunk", "day")
refused("give the query with --sql", *back, "candles.csv", "--store", "shop", "--chunk", "day")
refused("no store", *back, "--sql", "SELECT 1 AS x", "--store", "shed", "--count", "3")
refused("no such table", *back, "--sql", "SELECT * FROM shop.gone", "--store", "shop", "--count", "3")
refused("0 tables are named", *check)
refused("3 tables are named", *check, reference, monitoring, *query("monitoring"))
refused("both sides", *check, "-", "-")
refused("stands for DATA and for --labels", *check, reference, "-", "--labels", "-", "--key", "id")
refused("one DATA is compared with itself", *check, *query("monitoring"))
refused("give the query with --sql", *check, reference, monitoring, "--store", "shop")
refused("0 tables are named; expected one", "drift", "profile", "-o", "none.profile")
empty = run(*back, "-", "--chunk", "day", "--time", "t")
if empty.returncode != 3 or b"standard input: the file is empty" not in empty.stderr:
    failures.append(f"an empty pipe: exit {empty.returncode}, said {empty.stderr.decode()}")

print("\n".join(failures) or "a file, a pipe and a query are one table")
folder.cleanup()
sys.exit(bool(failures))
