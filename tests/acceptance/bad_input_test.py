"""Bad input ends in one clear sentence and leaves nothing behind: bad_input_test.py TRISTRATA

Every case runs the binary. A refusal exits 2 or 3, says what the case lists, prints nothing on standard output and
writes no --out file. What can be judged all the same exits 0 or 1 and gives a report."""
import gzip
import json
import os
import pathlib
import random
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile

import pyarrow
import pyarrow.parquet

TRISTRATA = pathlib.Path(sys.argv[1]).resolve()
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="bad_input_"))
failures, cases = [], 0
draw = random.Random(7)


def run(*arguments, environment=None, prepare=None, bound=False):
    """With `bound` root too is held to what a file's mode says."""
    inherited = {"PATH": "/usr/bin:/bin", "HOME": str(FOLDER)}
    rights = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if bound and os.geteuid() == 0 else ()
    return subprocess.run([*rights, TRISTRATA, *map(str, arguments)], capture_output=True, cwd=FOLDER, timeout=300,
                          input=b"", env={**inherited, **(environment or {})}, preexec_fn=prepare)


def file(name, content):
    path = FOLDER / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def numbers(rows, header="x,y", start=0):
    return header + "\n" + "".join(f"{start + row},{draw.random():.6f}\n" for row in range(rows))


def refused(title, says, *arguments, environment=None, prepare=None, bound=False):
    """The run must be refused, with every regular expression of `says` in the message."""
    global cases
    cases += 1
    out = FOLDER / "out.json"
    extra = ["--format", "json", "--out", out] if arguments[:2] == ("drift", "check") else []
    done = run(*arguments, *extra, environment=environment, prepare=prepare, bound=bound)
    message = done.stderr.decode(errors="replace")
    if done.returncode not in (2, 3):
        failures.append(f"{title}: exit {done.returncode}, expected 2 or 3: {message}")
    failures.extend(f"{title}: no '{word}' in: {message}" for word in says if not re.search(word, message))
    if done.stdout:
        failures.append(f"{title}: refused, yet it printed {done.stdout[:200]}")
    if left := [path.name for path in FOLDER.glob("out.json*")]:
        failures.append(f"{title}: refused, yet it left {left}")
        for name in left:
            (FOLDER / name).unlink()


def judged(title, *arguments):
    """The run must end in a report; returns it. Where no column could be tested, a gate must not say 0."""
    global cases
    cases += 1
    done = run("drift", "check", *arguments, "--format", "json", "--at", "2026-01-01T00:00:00Z")
    if not done.stdout:
        failures.append(f"{title}: exit {done.returncode}, expected a report: {done.stderr.decode(errors='replace')}")
        return None
    report = json.loads(done.stdout)
    blind = report["summary"]["tested"] == 0 and done.returncode != 1
    if done.returncode not in ((3,) if blind else (0, 1)):
        failures.append(f"{title}: exit {done.returncode} with {report['summary']}")
    if blind and b"no column could be tested" not in done.stderr:
        failures.append(f"{title}: exit 3 without a word: {done.stderr.decode(errors='replace')}")
    return report


def expect(holds, message):
    if not holds:
        failures.append(message)


def column_of(report, name):
    return next((column for column in report["columns"] if column["name"] == name), None) if report else None


good = file("good.csv", numbers(300))
check = ("drift", "check")

# Tables that are no files.
store = FOLDER / "asked.db"
run("store", "init", "--kpi-url", f"sqlite:///{store}")
asked = ("--kpi-url", f"sqlite:///{store}", "--store", "kpi")
for address in ("s3://AK:SEKRET@cold-store/a.csv", "postgresql://u:SEKRET@h/db"):
    refused(f"{address} as a source", [r"://\[hidden\]@", r"(?s)\A(?!.*SEKRET)"],
            "drift", "check", address, file("one.csv", numbers(300)))
refused("a database's address as a spool", [r"://\[hidden\]@", r"(?s)\A(?!.*SEKRET)"], "spool", "status",
        environment={"TRISTRATA_SPOOL": "postgresql://u:SEKRET@h/db"})

refused("two pipes", ["both sides"], *check, "-", "-")
refused("an empty pipe", ["standard input", "empty"], *check, good, "-")
refused("three tables", ["3 tables"], *check, good, good, "--sql", "SELECT 1", *asked)
refused("no table", ["0 tables"], *check)
refused("a query without a store", ["--store"], *check, good, "--sql", "SELECT 1 AS x")
refused("a store without a query", ["--sql"], *check, good, good, "--store", "kpi")
refused("an unknown store", ["no store", "kpi, drift, read"], *check, good, "--sql", "SELECT 1", "--store", "shop")
refused("a query that writes", ["expected a single SELECT"], *check, good, "--sql", "DELETE FROM kpi.events", *asked)
refused("a query of no table", ["no such table"], *check, good, "--sql", "SELECT * FROM kpi.absent", *asked)

# Files that cannot be read.
refused("no such file", ["gone.csv"], *check, good, "gone.csv")
file("locked.csv", numbers(300)).chmod(0)
refused("no right to read", ["locked.csv may not be read: Permission denied"], *check, good, "locked.csv", bound=True)
(FOLDER / "folder").mkdir(mode=0o555)
refused("a folder for a profile", ["folder is a folder; expected a saved profile"], *check, "--profile", "folder", good)
refused("a folder for a report", ["folder is a folder; expected a report"], "drift", "push", "folder", "--module", "m")
refused("a store in a locked folder", ["folder of the store folder/k.db may not be written to: Permission denied"],
        "store", "init", "--kpi-url", "sqlite:///folder/k.db", bound=True)
refused("not CSV at all", ["noise.csv"], *check, good, file("noise.csv", bytes(draw.randbytes(4000))))
refused("ragged rows", ["ragged.csv", "row 3"], *check, good, file("ragged.csv", "x,y\n1,2\n3,4\n5\n7,8\n"))
refused("wrong encoding", ["latin.csv"], *check, good, file("latin.csv", "x,y\n1,2\n".encode() + b"caf\xe9,3\n"))
refused("a header repeated", ["repeated.csv", "'?x'?"], *check, good, file("repeated.csv", "x,x\n1,2\n3,4\n"))
refused("text in a number column", ["text.csv", "70,?001", "y"], *check, good,
        file("text.csv", "x,y\n" + "1,2.5\n" * 70_000 + "1,oops\n" + "1,2.5\n" * 10))
refused("text in the first rows of a number column", [r"head\.csv, row 11 \(line 12\)", '"y"', "categorical"], *check,
        file("head.csv", "x,y\n" + "1,2.5\n" * 10 + "1,n/d\n" + "1,2.5\n" * 989), good)
refused("the same in current", [r"head\.csv, row 11 \(line 12\)", '"y"', "categorical"], *check, good, "head.csv")
for ways, says in (("check", "takes no plan$"), ("estimate", "--features A,B reads no feature but those it names$")):
    refused(f"the same in quality {ways}", [r"head\.csv, row 11 \(line 12\)", '"y"', "as Parquet", says],
            "quality", ways, "head.csv", good, "--y-true", "y", "--y-pred", "x")
refused("a quote that is never closed", [r"quote\.csv, row 101 \(line 102\): a quote", "not closed"], *check, good,
        file("quote.csv", "x,y\n" + "1,2.5\n" * 100 + '1,"2.5\n' + "1,2.5\n" * 99))
zipped = gzip.compress(good.read_bytes())
refused("a .csv.gz cut short", [r"cut\.csv\.gz: not a whole gzip file"], *check, good,
        file("cut.csv.gz", zipped[:len(zipped) // 2]))
for ending in ("parquet", "csv.gz", "arrow"):
    refused(f"CSV text named .{ending}", [rf"text\.{ending}: not ", "looks like CSV text", r"name it \.csv"], *check,
            good, file(f"text.{ending}", good.read_text()))
soon = [f"2026-01-01T{row // 60 % 24:02d}:{row % 60:02d}:00Z,{row}" for row in range(3000)]
soon[2500] = "soon,2500"
for title, rows, row in (("a word among times", soon, 2501), ("names in place of times", ["word,1"] * 300, 1)):
    for window in ((*check, "when.csv", "when.csv"), ("drift", "backtest", "when.csv", "--rows", "50"),
                   ("quality", "check", "when.csv", "when.csv", "--y-true", "y", "--y-pred", "y")):
        file("when.csv", "time,y\n" + "\n".join(rows) + "\n")
        refused(title, [rf"row {row} \(line {row + 1}\)", "expected a time", "write times as ISO 8601", "--time$"],
                *window, "--time", "time")
refused("an empty file", ["empty.csv"], *check, good, file("empty.csv", ""))
refused("a header only", ["header.csv"], *check, good, file("header.csv", "x,y\n"))
refused("no column in common", ["good.csv|x", "other.csv|a"], *check, good, file("other.csv", numbers(300, "a,b")))
whole = FOLDER / "whole.parquet"
pyarrow.parquet.write_table(pyarrow.table({"x": list(range(5000)), "y": [draw.random() for _ in range(5000)]}), whole)
refused("a Parquet file cut short", ["cut.parquet"], *check, whole,
        file("cut.parquet", whole.read_bytes()[:whole.stat().st_size // 2]))


def damaged(name, column):
    """A copy of whole.parquet in which nobody can tell where the first page of a column ends."""
    chunk = pyarrow.parquet.ParquetFile(whole).metadata.row_group(0).column(column)
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    content = bytearray(whole.read_bytes())
    content[start:start + 40] = b"\xff" * 40
    return file(name, bytes(content))


# A column that cannot be decoded costs no other, whatever stands on the other side.
for sides in ((whole, damaged("page.parquet", 1)), (damaged("page.parquet", 1), whole), ("page.parquet", good),
              (good, "page.parquet")):
    title = f"a damaged page: {pathlib.Path(sides[0]).name} against {pathlib.Path(sides[1]).name}"
    report = judged(title, *sides)
    x, y = column_of(report, "x"), column_of(report, "y")
    if x and y:
        expect(x["verdict"] in ("drift", "no_drift"), f"{title}: x is {x['verdict']}")
        expect(y["verdict"] == "not_tested" and "page.parquet" in y["reason"], f"{title}: y is {y}")
        expect([(s["kind"], s["severity"]) for s in y["signals"]] == [("unreadable", "crit")], f"{title}: {y}")
        expect(y["reason"].isprintable(), f"{title}: {y['reason']!r}")
refused("a damaged page of the only column that is asked for", [r"page\.parquet: damaged"], *check, whole,
        "page.parquet", "--columns", "y")

summed = FOLDER / "summed.parquet"
pyarrow.parquet.write_table(pyarrow.parquet.read_table(whole), summed, use_dictionary=False, compression="none",
                            write_page_checksum=True)
content = bytearray(summed.read_bytes())
start = pyarrow.parquet.ParquetFile(summed).metadata.row_group(0).column(1).data_page_offset
content[start + 1000:start + 1008] = bytes(8)
report = judged("a page whose bytes are not those of its checksum", whole, file("flipped.parquet", bytes(content)))
y = column_of(report, "y")
expect(y and y["verdict"] == "not_tested" and [s["kind"] for s in y["signals"]] == ["unreadable"], f"checksum: {y}")

# Windows that make no sense.
hours = file("hours.csv", "t,y\n" + "".join(
    f"2026-01-{1 + hour // 24:02d}T{hour % 24:02d}:00:00Z,{draw.random():.6f}\n" for hour in range(20 * 24)))
refused("a time column that is no time", ["y"], *check, hours, "--time", "y", "--reference", "2026-01-01..2026-01-10",
        "--current", "2026-01-10..2026-01-20")
refused("a time column that is not there", ["when"], *check, hours, "--time", "when", "--reference",
        "2026-01-01..2026-01-10", "--current", "2026-01-10..2026-01-20")
refused("a window without rows", ["2027"], *check, hours, "--time", "t", "--reference", "2026-01-01..2026-01-10",
        "--current", "2027-01-10..2027-01-20")
refused("windows that overlap", ["overlap"], *check, hours, "--time", "t", "--reference", "2026-01-01..2026-01-12",
        "--current", "2026-01-10..2026-01-20")

cases += 1
twice = run(*check, good, good)
if twice.returncode != 0 or b"are the same to the byte" not in twice.stderr:
    failures.append(f"one file in both places: exit {twice.returncode}, {twice.stderr[:200]}")

# Plans and options.
refused("an unknown key in the plan", ["alhpa", "alpha"], *check, good, good, "--plan",
        file("plan.toml", "alhpa = 0.05\n"))
refused("an alpha of 2", ["alpha", "2"], *check, good, good, "--alpha", "2")

# Stores.
(FOLDER / "a_folder").mkdir()
refused("a store path that is a folder", ["a_folder"], "store", "init", "--kpi-url", f"sqlite:///{FOLDER}/a_folder",
        "--drift-url", f"sqlite:///{FOLDER}/a_folder")
refused("no store configured", ["TRISTRATA_KPI_URL"], "kpi", "emit", "--module", "m", "x=1")
stores = {"TRISTRATA_KPI_URL": f"sqlite:///{FOLDER}/kpi.db", "TRISTRATA_DRIFT_URL": f"sqlite:///{FOLDER}/drift.db"}
made = run("store", "init", environment=stores)
expect(made.returncode == 0, f"store init: {made.stderr.decode()}")
emit = ("kpi", "emit", "--module", "m", "--run-id", "r", "x=1")


def rows_kept():
    with sqlite3.connect(FOLDER / "kpi.db") as store:
        return store.execute("SELECT count(*) FROM events").fetchone()[0]


holder = sqlite3.connect(FOLDER / "kpi.db", isolation_level=None)
holder.execute("BEGIN IMMEDIATE")
refused("a database locked by another process", ["kpi.db", "lock"], *emit, environment=stores)
holder.execute("ROLLBACK")
holder.close()
expect(rows_kept() == 0, "a locked database holds a row of the refused emit")


def no_room_left():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


refused("a full disk", ["kpi.db"], *emit, environment=stores, prepare=no_room_left)
expect(rows_kept() == 0, "a full disk holds a row of the refused emit")
kept = run(*emit, environment=stores)
expect(kept.returncode == 0 and rows_kept() == 1, f"the same emit afterwards: {kept.stderr.decode()}")
refused("a report of another schema", ["drift_report/1", "drift_report/9"], "drift", "push",
        file("future.json", '{"schema": "tristrata.drift_report/9"}'), "--module", "m", environment=stores)

# What can be judged all the same.
report = judged("one row", good, file("one.csv", "x,y\n1,2.5\n"))
if column := column_of(report, "y"):
    expect(column["verdict"] == "insufficient_data", f"one row: y is {column['verdict']}")
report = judged("all rows null", good, file("null.csv", "x,y\n" + "1,\n" * 300))
if column := column_of(report, "y"):
    expect(column["verdict"] in ("insufficient_data", "not_tested"), f"all null: y is {column['verdict']}")
    expect(any(signal_["verdict"] == "drift" for signal_ in column["signals"]), "all null: no signal fired")
report = judged("decimal commas", good, file("commas.csv", "x,y\n" + '1,"2,5"\n' * 300))
if column := column_of(report, "y"):
    changed = [signal_["reason"] for signal_ in column["signals"] if signal_["kind"] == "type_changed"]
    expect(changed and '"2,5" in row 1 (line 2)' in changed[0], f"decimal commas: {changed}")
judged("NaN and infinities", good, file("inf.csv", "x,y\n" + "1,nan\n2,inf\n3,-inf\n4,0.5\n" * 100))
lines = hours.read_text().splitlines()
header, body = lines[0], lines[1:]
draw.shuffle(body)
windows = ("--time", "t", "--reference", "2026-01-01..2026-01-11", "--current", "2026-01-11..2026-01-21",
           "--fail-on", "never")
report = judged("a time column that is not sorted", file("shuffled.csv", "\n".join([header, *body]) + "\n"), *windows)
sorted_report = judged("the same, sorted", hours, *windows)
if report and sorted_report:
    expect("sort" in json.dumps(report), "an unsorted time column is not mentioned in the report")
    expect(column_of(report, "y")["test"] == column_of(sorted_report, "y")["test"], "sorted rows give another test")
wide = ",".join(f"c{index}" for index in range(10_000))
wide_rows = "\n".join(",".join(f"{draw.random():.3f}" for _ in range(10_000)) for _ in range(30))
report = judged("10,000 columns", file("wide.csv", f"{wide}\n{wide_rows}\n"), FOLDER / "wide.csv")
expect(report is None or len(report["columns"]) == 10_000, "10,000 columns: some are missing")
names = file("many.csv", "c\n" + "".join(f"name{index}\n" for index in range(1_000_000)))
others = file("others.csv", "c\n" + "".join(f"name{index}\n" for index in range(900_000, 1_900_000)))
report = judged("1,000,000 categories", names, others)
if report:
    column = column_of(report, "c")
    expect(column["verdict"] == "not_tested", f"1,000,000 categories: {column['verdict']}")
    for word in ("1,900,000 distinct values", 'role = "key"', "ignore = true", "hash"):
        expect(word in column["reason"], f"1,000,000 categories: no '{word}' in: {column['reason']}")
    expect(len(column["distribution"]["labels"]) < 100, "1,000,000 categories are all in the report")
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
expect(peak < 1000, f"no run so far should need 1,000 MB; one needed {peak}")
odd = ['say "hi"', "two\nlines", "<script>alert(1)</script>", "naïve 🦉"]
quoted = ",".join('"' + name.replace('"', '""') + '"' for name in odd)
names = file("names.csv", quoted + "\n" + "".join(",".join(f"{draw.random():.5f}" for _ in odd) + "\n"
                                                  for _ in range(300)))
report = judged("odd names", names, names, "--html", FOLDER / "odd.html")
expect(report is None or [column["name"] for column in report["columns"]] == odd, "odd names came out otherwise")
page = (FOLDER / "odd.html").read_text(encoding="utf-8") if (FOLDER / "odd.html").exists() else ""
expect(page and "<script>alert" not in page, "the page is missing or runs a column's name")

print("\n".join(failures) or f"{cases} kinds of bad input")
subprocess.run(["rm", "-rf", FOLDER], check=True)
sys.exit(1 if failures else 0)
