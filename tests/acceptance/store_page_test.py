"""docs/formats/store.md is what `store init` makes, and its queries run: store_page_test.py TRISTRATA SOURCE"""
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
page = (source / "docs/formats/store.md").read_text(encoding="utf-8")
failures = []

with tempfile.TemporaryDirectory() as folder:
    environment = {"PATH": os.environ["PATH"], "TRISTRATA_KPI_URL": f"sqlite:///{folder}/kpi.db",
                   "TRISTRATA_DRIFT_URL": f"sqlite:///{folder}/drift.db"}

    def run(*arguments):
        subprocess.run([tristrata, *arguments], cwd=folder, env=environment, check=True, capture_output=True)

    run("store", "init")
    run("kpi", "emit", "--module", "candles.btc", "--run-id", "r", "--success", "true", "rows=1344", "score=0.9")
    run("drift", "check", source / "examples/fee_change/BTCUSDT_15m.csv.gz", "--time", "open_time", "--reference",
        "2023-03-08..2023-03-22", "--current", "2023-03-22..2023-04-05", "--fail-on", "never", "--push", "--module",
        "candles.btc", "--run-id", "r")
    run("drift", "profile", source / "examples/fee_change/BTCUSDT_15m.csv.gz", "-o", "btc.profile")
    run("reference", "promote", "btc.profile", "--module", "candles.btc", "--who", "the test", "--why", "to be listed")
    store = sqlite3.connect(":memory:")
    store.execute("ATTACH ? AS kpi", (f"{folder}/kpi.db",))
    store.execute("ATTACH ? AS drift", (f"{folder}/drift.db",))

    # Each table of columns belongs to the tables that were named in backticks or in the heading before it.
    documented = {}
    head = r"\n\| column \| type \| null \| holds \|\n\|[-|]+\n"
    for before, rows in re.findall(r"((?:(?!\n\|)[\s\S])*?)" + head + r"((?:\|.*\n)+)", page):
        names = re.findall(r"(?:^## |`)((?:kpi|drift)\.\w+)", before.split("Primary key:")[-1], re.MULTILINE)
        columns = [(cells[1].strip(" `"), cells[2].strip(), cells[3].strip())
                   for cells in (row.split("|") for row in rows.splitlines())]
        for name in names:
            documented[name] = columns
    made = {}
    for schema in ("kpi", "drift"):
        for (table,) in store.execute(
                f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
            # A primary key of integers cannot be null, whatever the column says.
            made[f"{schema}.{table}"] = [
                (name, kind, "no" if required or key else "yes")
                for _, name, kind, required, _, key in store.execute(f'PRAGMA {schema}.table_info("{table}")')]
    for name in sorted(documented.keys() | made.keys()):
        if documented.get(name) != made.get(name):
            failures.append(f"{name}: the page says {documented.get(name)}, store init makes {made.get(name)}")
    types = set(re.findall(r"`(\w+)`", re.search(r"\| `drift_type` \| TEXT \| no \| (.*) \|", page)[1]))
    check = store.execute("SELECT sql FROM drift.sqlite_master WHERE name = 'events'").fetchone()[0]
    allowed = set(re.findall(r"'(\w+)'", check[check.index("drift_type"):check.index("metric ")]))
    if types != allowed:
        failures.append(f"drift_type: the page says {sorted(types)}, the table allows {sorted(allowed)}")

    # A warning that came after what is crit.
    cursor = store.execute("SELECT * FROM drift.events WHERE severity = 'crit' LIMIT 1")
    late = dict(zip((column[0] for column in cursor.description), cursor.fetchone()))
    late.update(event_id="00000000-0000-0000-0000-000000000001", severity="warn",
                detected_at="2999-01-01T00:00:00.000000Z")
    late.pop("id", None)
    store.execute(f"INSERT INTO drift.events ({', '.join(late)}) VALUES ({', '.join('?' * len(late))})",
                  tuple(late.values()))
    queries = re.findall(r"^```sql\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    worst_first = re.search(r"worst first.*?^```sql\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[1]
    severities = [row[1] for row in store.execute(worst_first)]
    if severities != sorted(severities) or set(severities) != {"crit", "warn"}:
        failures.append(f"what drifted, worst first: the page's query orders {severities}")
    for query in queries:
        if not store.execute(query).fetchall():
            failures.append(f"this query of the page finds nothing: {query}")
if len(documented) != 14 or len(queries) < 3:
    failures.append(f"{len(documented)} tables and {len(queries)} queries were read off the page")
print("\n".join(failures) or f"{len(documented)} tables and {len(queries)} queries of the page hold")
sys.exit(1 if failures else 0)
