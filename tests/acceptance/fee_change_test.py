"""The promise of examples/fee_change/README.md, kept by the binary itself: fee_change_test.py TRISTRATA SOURCE"""
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

TRISTRATA, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
EXAMPLE = SOURCE / "examples/fee_change"
PRICES = ("open", "high", "low", "close")
failures = []


def expect(holds, message):
    if not holds:
        failures.append(message)


def run(folder, *arguments):
    stores = {f"TRISTRATA_{name}_URL": f"sqlite:///{folder}/{name.lower()}.db" for name in ("KPI", "DRIFT")}
    return subprocess.run([TRISTRATA, *map(str, arguments)], capture_output=True, text=True, cwd=folder,
                          env={**os.environ, **stores}, timeout=300)


def check(folder, symbol, *arguments):
    return run(folder, "drift", "check", EXAMPLE / f"{symbol}USDT_15m.csv.gz", "--time", "open_time",
               "--reference", "2023-03-08..2023-03-22", "--current", "2023-03-22..2023-04-05",
               "--plan", EXAMPLE / "plan.toml", "--at", "2023-04-05T00:00:00Z", *arguments)


def columns_of(done):
    return {column["name"]: column for column in json.loads(done.stdout)["columns"]}


def rows_of(path, query):
    with sqlite3.connect(path) as store:
        return store.execute(query).fetchall()


with tempfile.TemporaryDirectory() as folder:
    made = run(folder, "store", "init")
    expect(made.returncode == 0, f"store init: {made.stderr}")

    btc = check(folder, "BTC", "--format", "json", "--push", "--module", "example.fee_change.btc")
    expect(btc.returncode == 1, f"BTC is crit, and --fail-on is crit: exit {btc.returncode}, expected 1: {btc.stderr}")
    columns = columns_of(btc)
    for name, reference, current in (("trades", "105,?382", "12,?178"), ("volume", "4,?07[23]", "583")):
        column = columns[name]
        expect(column["verdict"] == "drift" and column["severity"] == "crit",
               f"BTC {name}: {column['verdict']} {column['severity']}, expected drift, crit")
        for median in (reference, current):
            expect(re.search(median, column["reason"]), f"BTC {name}: no median {median} in '{column['reason']}'")
    for name in PRICES:
        verdict = columns[name]["verdict"]
        expect(verdict == "insufficient_data", f"BTC {name}: {verdict}, expected insufficient_data")
    expect("close_time" not in columns or columns["close_time"]["verdict"] == "not_tested",
           "close_time is ignored by the plan and was tested")

    eth = check(folder, "ETH", "--format", "json", "--push", "--module", "example.fee_change.eth")
    expect(eth.returncode == 0, f"ETH is at most warn: exit {eth.returncode}, expected 0: {eth.stderr}")
    for name, column in columns_of(eth).items():
        expect(column["severity"] != "crit", f"ETH {name}: crit, expected at most warn")

    events = "SELECT count(*) FROM events"
    before = rows_of(f"{folder}/drift.db", events)
    expect(before[0][0] > 2, f"the two pushes left {before[0][0]} drift events")
    again = check(folder, "BTC", "--format", "json", "--push", "--module", "example.fee_change.btc")
    expect(again.stdout == btc.stdout, "the same check at the same --at gives another report")
    expect(rows_of(f"{folder}/drift.db", events) == before, "a report pushed twice is more than one set of rows")
    for module in ("example.fee_change.btc", "example.fee_change.eth"):
        kpis = run(folder, "kpi", "query", "--module", module, "--format", "json")
        expect(kpis.returncode == 0 and module in kpis.stdout, f"the check of {module} left no KPIs: {kpis.stderr}")

    page = pathlib.Path(folder, "btc.html")
    table = check(folder, "BTC", "--fail-on", "never", "--format", "table", "--html", page)
    expect(table.returncode == 0, f"--fail-on never: exit {table.returncode}, expected 0: {table.stderr}")
    expect(all(word in table.stdout for word in ("trades", "crit")), f"the table lacks a word: {table.stdout}")
    promised = re.search(r"^```text\n(.*?)^```", (SOURCE / "README.md").read_text(), re.MULTILINE | re.DOTALL)[1]
    said = set(table.stdout.split())
    stale = [word for word in promised.split() if word not in said]
    expect(len(promised.split()) > 60 and not stale, f"the README shows what the table does not say: {stale}")
    expect(page.exists() and "trades" in page.read_text(encoding="utf-8"), "--html wrote no page about trades")

print("\n".join(failures) or "the example keeps its promise")
sys.exit(1 if failures else 0)
