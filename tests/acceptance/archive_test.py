"""Days leave for the archive and come back, whoever is killed meanwhile: archive_test.py TRISTRATA SOURCE [KILLS]"""
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import pyarrow.dataset
import pyarrow.parquet

TRISTRATA, SOURCE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 20
RANGE = ("--from", "2026-01-01", "--to", "2026-02-01")
failures: list[str] = []


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


class Place:
    """A folder with stores, an archive, and the program."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.environment = {**{key: value for key, value in os.environ.items() if not key.startswith("TRISTRATA_")},
                            "TRISTRATA_KPI_URL": f"sqlite:///{folder}/kpi.db",
                            "TRISTRATA_DRIFT_URL": f"sqlite:///{folder}/drift.db",
                            "TRISTRATA_ARCHIVE": f"file://{folder}/archive"}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen([TRISTRATA, *arguments], env=self.environment, cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments: str, code: int = 0) -> str:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        expect(process.returncode == code, f"{' '.join(arguments)}: exit {process.returncode}, not {code}: {err}")
        return out + err

    def result(self, *arguments: str) -> dict:
        process = self.start(*arguments, "--format", "json")
        out, err = process.communicate(timeout=120)
        expect(process.returncode == 0, f"{' '.join(arguments)}: exit {process.returncode}: {err}")
        return json.loads(out) if process.returncode == 0 else {}

    def rows(self, name: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.folder / name) as store:
            return store.execute("SELECT * FROM events ORDER BY time, event_id").fetchall()

    def fill(self, days: int, rows: int) -> None:
        """Rows as emits leave them, without a process for each."""
        with sqlite3.connect(self.folder / "kpi.db") as store:
            for day in range(1, days + 1):
                for row in range(rows):
                    digest = hashlib.sha256(f"{day} {row}".encode()).hexdigest()
                    uuid = f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
                    clock = f"{row // 3600 % 24:02}:{row // 60 % 60:02}:{row % 60:02}.000{row % 1000:03}"
                    when = f"2026-01-{day:02}T{clock}Z"
                    store.execute("INSERT INTO events VALUES (?, ?, 'm', NULL, 'x', ?, '{}', NULL, 1, ?, ?, 0)",
                                  (when, f"run-{row % 5}", row / 7, uuid, uuid))


def walk(place: Place) -> None:
    """What the commands say, and what other engines see."""
    place.run("store", "init")
    expect("TRISTRATA_ARCHIVE" in Place.run(without_archive(place), "store", "retain", code=2), "no archive: named")
    place.fill(days=3, rows=500)
    place.run("drift", "check", str(SOURCE / "examples/fee_change/BTCUSDT_15m.csv.gz"), "--time", "open_time",
              "--reference", "2023-03-08..2023-03-22", "--current", "2023-03-22..2023-04-05", "--fail-on", "never",
              "--push", "--module", "candles.btc", "--at", "2023-04-05")
    before = place.rows("kpi.db")
    shown = place.result("drift", "list")
    said_of_a_part = place.run("store", "archive", "--from", "2026-01-01T01:00", "--to", "2026-01-01T23:00")
    expect("only whole, ended days" in said_of_a_part, f"a part of a day does not leave: {said_of_a_part}")
    to_come = place.run("store", "archive", "--from", "2026-01-01", "--to", "2999-01-01", "--dry-run")
    today = time.strftime("%Y-%m-%d", time.gmtime())
    expect(f"kpi: what is of {today} or later stays, since that day is not over" in to_come
           and f"drift: what is of {today[:8]}01 or later stays, since that month is not over" in to_come,
           f"what is not over: {to_come}")
    expect("stays" not in place.run("store", "archive", *RANGE, "--dry-run"), "a range that is over")
    said = place.result("store", "archive", *RANGE)
    kpi = said["layers"][0]
    expect(kpi["rows"] == 1500 and len(kpi["leaves"]) == 3, f"archived: {kpi}")
    retained = place.result("store", "retain")["layers"][1]
    expect({leaf["half"] for leaf in retained["leaves"]} == {"info", "alert"}, f"drift left by halves: {retained}")
    expect(place.result("drift", "list").get("events") == [], "nothing of it is left")

    status = place.result("store", "status")
    expect([(one["table"], one["half"], one["rows"]) for one in status["archived"]][0] == ("kpi.events", None, 1500),
           f"what was archived is shown: {status}")
    expect("archived: kpi.events, 2026-01-01..2026-01-04: 3 days in 3 parts, 1,500 rows"
           in place.run("store", "status"), "and in words")

    table = pyarrow.dataset.dataset(place.folder / "archive/kpi", partitioning="hive").to_table()
    expect(table.num_rows == 1500, f"pyarrow reads {table.num_rows} rows")
    expect(str(table.schema.field("time").type) == "timestamp[us, tz=UTC]", f"times: {table.schema}")
    for manifest_file in (place.folder / "archive").glob("**/_part-*.json"):
        manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
        file = place.folder / "archive" / manifest["file"]
        expect(hashlib.sha256(file.read_bytes()).hexdigest() == manifest["sha256"], f"{file}: SHA-256")
        expect(file.stat().st_size == manifest["bytes"], f"{file}: length")
        part = pyarrow.parquet.read_table(file, partitioning=None)
        expect(part.num_rows == manifest["rows"], f"{file}: rows")
        expect([column["name"] for column in manifest["columns"]] == part.column_names, f"{file}: columns")

    place.run("store", "restore", "--into", "restored")
    left = place.rows("kpi.db")  # What the check itself emitted, just now.
    expect(sorted(place.rows("restored/kpi.db") + left) == sorted(before), "KPIs come back as they were")
    place.environment["TRISTRATA_DRIFT_URL"] = f"sqlite:///{place.folder}/restored/drift.db"
    again = place.result("drift", "list")
    expect(again == shown and len(shown.get("events", [])) > 0, "drift events come back as they were")
    place.environment["TRISTRATA_DRIFT_URL"] = f"sqlite:///{place.folder}/drift.db"
    twice = place.result("store", "restore", "--into", "restored")["layers"]
    expect(all(layer["restored"] == 0 for layer in twice), f"a second restore changes nothing: {twice}")
    expect("status" in place.run("store", "restore", "--from", "1999-01-01", "--to", "1999-02-01", "--into", "none",
                                 code=3), "an empty range says where to look")
    expect(not (place.folder / "none").exists(), "what found nothing makes no folder")


def erased(place: Place) -> None:
    """A run goes from store and archive; what cannot be reached is said, and nothing goes without --yes."""
    place.run("store", "init")
    place.fill(days=2, rows=50)
    before = sorted(place.folder.rglob("*"))
    for command in (("erase", "--run-id", "run-3"), ("sweep", "--dry-run"), ("retain", "--dry-run")):
        place.run("store", *command)
    expect(sorted(place.folder.rglob("*")) == before, f"what counts makes {set(place.folder.rglob('*')) - set(before)}")
    place.run("store", "archive", "--from", "2026-01-01", "--to", "2026-01-02")
    expect("--run-id" in place.run("store", "erase", code=2), "what to erase is asked for")
    counted = place.run("store", "erase", "--run-id", "run-3")
    expect("counted only" in counted and "not reached: backups" in counted, f"counted: {counted}")
    done = place.result("store", "erase", "--run-id", "run-3", "--yes")["layers"][0]
    expect((done["stored_rows"], done["archived_rows"], done["files_removed"]) == (10, 10, 1), f"erased: {done}")
    table = pyarrow.dataset.dataset(place.folder / "archive/kpi", partitioning="hive").to_table()
    expect(table.num_rows == 40 and "run-3" not in table["run_id"].to_pylist(), "the archive has none of them")
    place.run("store", "restore", "--into", "restored")
    runs = {row[1] for name in ("restored/kpi.db", "kpi.db") for row in place.rows(name)}
    expect(runs == {"run-0", "run-1", "run-2", "run-4"}, f"the others are there: {runs}")
    expect(place.result("store", "sweep")["objects"] == 0, "there are no payloads")
    place.run("store", "sweep", "--days", "29", code=2)


def lost(place: Place) -> None:
    """A part that the store recorded and the archive lost: what is there comes back, and nobody takes it for all."""
    place.run("store", "init")
    place.fill(days=3, rows=50)
    place.run("store", "archive", *RANGE)
    shutil.rmtree(place.folder / "archive/kpi/day=2026-01-02")
    said = place.run("store", "restore", *RANGE, "--into", "back", code=3)
    expect("missing: kpi, 2026-01-02, part 1: 50 rows (kpi/day=2026-01-02/_part-00001.json)" in said
           and "1 part of this range with 50 rows, which the store recorded, is not in file://" in said
           and "What is there was restored" in said, f"a lost part: {said}")
    expect(len(place.rows("back/kpi.db")) == 100, "what is there was not restored")
    process = place.start("store", "restore", *RANGE, "--into", "back", "--format", "json")
    out, _ = process.communicate(timeout=120)
    expect(process.returncode == 3 and json.loads(out)["missing"] == [
        {"layer": "kpi", "half": None, "day": "2026-01-02", "part": 1, "rows": 50,
         "manifest": "kpi/day=2026-01-02/_part-00001.json"}], f"a lost part, in JSON: {out}")
    place.run("store", "restore", "--from", "2026-01-01", "--to", "2026-01-02", "--into", "first")
    elsewhere = Place(place.folder)
    elsewhere.environment["TRISTRATA_ARCHIVE"] = f"file://{place.folder}/wrong"
    said = elsewhere.run("store", "restore", *RANGE, "--into", "none", code=3)
    expect("3 parts of this range with 150 rows, which the store recorded, are not in" in said
           and "TRISTRATA_ARCHIVE names another archive" in said and "Nothing was restored" in said, f"empty: {said}")
    expect(not (place.folder / "none").exists(), "what found nothing makes no folder")
    refused = place.run("store", "erase", "--run-id", "run-1", "--yes", code=3)
    expect("add --without-lost-parts" in refused, f"an erase with a lost part says no way on: {refused}")
    counted = place.run("store", "erase", "--run-id", "run-1", "--without-lost-parts")
    expect("not reached: kpi/day=2026-01-02/_part-00001.json with 50 rows" in counted, f"counted: {counted}")
    kpi = place.result("store", "erase", "--run-id", "run-1", "--without-lost-parts", "--yes")["layers"][0]
    expect(kpi["archived_rows"] == 20 and [part["rows"] for part in kpi["lost_parts"]] == [50], f"erased: {kpi}")
    # On a machine without the store nobody can tell, which is said.
    for url in (None, f"sqlite:///{place.folder}/gone.db"):
        elsewhere = Place(place.folder)
        elsewhere.environment.pop("TRISTRATA_DRIFT_URL")
        elsewhere.environment.pop("TRISTRATA_KPI_URL")
        elsewhere.environment |= {"TRISTRATA_KPI_URL": url} if url else {}
        said = elsewhere.run("store", "restore", *RANGE, "--into", f"far-{url is None}")
        expect("kpi: nothing could be held against the store's record" in said
               and ("gone.db" if url else "TRISTRATA_KPI_URL is not set") in said, f"another machine: {said}")
    # A store that is there and cannot be read may know of more.
    (place.folder / "kpi.db").write_bytes(b"no store" * 100)
    said = place.run("store", "restore", *RANGE, "--into", "unread", code=1)
    expect("kpi: nothing could be held against the store's record" in said, f"a damaged store: {said}")
    expect(len(place.rows("unread/kpi.db")) == 80, "a damaged store holds the restore up")


def masked(place: Place) -> None:
    """What is lost stays known where late rows of the day leave."""
    place.run("store", "init")
    place.fill(days=2, rows=50)
    place.run("store", "archive", *RANGE)
    shutil.rmtree(place.folder / "archive/kpi/day=2026-01-02")
    place.fill(days=2, rows=51)
    place.run("store", "archive", *RANGE)
    expect((place.folder / "archive/kpi/day=2026-01-02/_part-00002.json").exists(), "a lost part's number came again")
    said = place.run("store", "restore", *RANGE, "--into", "back", code=3)
    expect("missing: kpi, 2026-01-02, part 1: 50 rows" in said, f"late rows hide a lost part: {said}")
    said = place.run("store", "erase", "--run-id", "run-1", "--yes", code=3)
    expect("1 of the 4 parts" in said, f"late rows hide a lost part from an erase: {said}")
    shutil.rmtree(place.folder / "archive/kpi")
    said = place.run("store", "restore", *RANGE, "--into", "none", code=3)
    expect(said.count("missing: kpi, 2026-01-01") == 2 and said.count("missing:") == 4, f"all is lost: {said}")


def damaged(place: Place) -> None:
    """A file that is damaged is named and gone round, by a restore and by an erase that is told to."""
    place.run("store", "init")
    place.fill(days=3, rows=50)
    place.run("store", "archive", *RANGE)
    file, = (place.folder / "archive/kpi/day=2026-01-02").glob("*.parquet")
    name = str(file.relative_to(place.folder / "archive"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)
    said = place.run("store", "restore", *RANGE, "--into", "back", code=3)
    expect(f"damaged: kpi, 2026-01-02, part 1: 50 rows ({name}): its SHA-256 differs" in said
           and "What is there was restored" in said, f"a damaged part: {said}")
    expect(len(place.rows("back/kpi.db")) == 100, "days behind a damaged part were not restored")
    refused = place.run("store", "erase", "--run-id", "run-1", "--yes", code=3)
    expect(name in refused and "Before that, 1 part of the archive" in refused
           and "add --without-lost-parts" in refused, f"an erase at a damaged part: {refused}")
    done = place.run("store", "erase", "--run-id", "run-1", "--yes", "--without-lost-parts")
    expect(f"not reached: {name} with 50 rows of any run, which is damaged" in done, f"gone round: {done}")
    file.unlink()
    refused = place.run("store", "erase", "--run-id", "run-2", "--yes", code=3)
    expect("it is missing" in refused and "Nothing was changed" in refused, f"a file that is gone: {refused}")
    kpi = place.result("store", "erase", "--run-id", "run-2", "--yes", "--without-lost-parts")["layers"][0]
    expect(kpi["archived_rows"] == 20 and [part["damage"] for part in kpi["damaged_parts"]] == ["it is missing"],
           f"erased: {kpi}")


def foreign(place: Place) -> None:
    """Another store's archive of the same days is neither restored nor erased in, until somebody says so."""
    place.run("store", "init")
    place.fill(days=2, rows=50)
    place.run("store", "archive", *RANGE)
    other = Place(place.folder)
    other.environment |= {f"TRISTRATA_{layer}_URL": f"sqlite:///{place.folder}/other_{layer}.db"
                          for layer in ("KPI", "DRIFT")}
    other.run("store", "init")
    said = other.run("store", "restore", *RANGE, "--into", "none", code=3)
    expect("foreign: kpi, 2026-01-01, part 1: 50 rows (kpi/day=2026-01-01/_part-00001.json)" in said
           and "Nothing was restored" in said, f"another's: {said}")
    said = other.run("store", "erase", "--run-id", "run-1", "--yes", code=3)
    expect("2 parts in" in said and "were not recorded by" in said and "Nothing was changed" in said, f"erased: {said}")
    other.run("store", "restore", *RANGE, "--into", "theirs", "--with-foreign-parts")
    expect(len(place.rows("theirs/kpi.db")) == 100, "who says so gets them")
    round_them = other.result("store", "erase", "--run-id", "run-1", "--yes", "--without-lost-parts")["layers"][0]
    expect(round_them["archived_rows"] == 0 and len(round_them["foreign_parts"]) == 2, f"gone round: {round_them}")
    place.run("store", "restore", *RANGE, "--into", "whole")
    expect(len(place.rows("whole/kpi.db")) == 100, "rows of another store were erased")


def apart(place: Place) -> None:
    """What comes back never goes among the events, by whatever name their folder is called."""
    place.run("store", "init")
    place.fill(days=1, rows=50)
    place.run("store", "archive", *RANGE)
    (place.folder / "link").symlink_to(place.folder)
    (place.folder / "beside").mkdir()
    os.link(place.folder / "kpi.db", place.folder / "beside/kpi.db")
    for into in (".", str(place.folder), "link", "beside"):
        said = place.run("store", "restore", *RANGE, "--into", into, code=2)
        expect("is the store itself" in said and "a folder of its own" in said, f"--into {into}: {said}")
    expect(place.rows("kpi.db") == [], "rows are back among the events")
    for file in place.folder.glob("*.db*"):
        file.unlink()
    place.run("store", "restore", *RANGE, "--into", ".", code=2)  # A store that was lost is not made of it.


def warned(place: Place) -> None:
    """More than 100,000 rows a day over a week is said, with what to do; a row less a day is not."""
    place.run("store", "init")
    today = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 3600))
    with sqlite3.connect(place.folder / "kpi.db") as store:
        store.execute("""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700006)
                      INSERT INTO events SELECT ?1 || printf('.%06dZ', i), NULL, 'm', NULL, 'x', i, NULL, NULL, NULL,
                      printf('00000000-0000-0000-0000-%012d', i), printf('00000000-0000-0000-0000-%012d', i), 0
                      FROM n""", (today,))
    expect("a day over the last week" not in place.run("store", "status"), "100,000 a day are fine")
    with sqlite3.connect(place.folder / "kpi.db") as store:
        store.execute("""INSERT INTO events SELECT ?1 || '.999999Z', run_id, module, dag_node, metric_name, 0, tags,
                      duration_ms, success, event_id, emit_id, 0 FROM events LIMIT 1""", (today,))
    said = place.run("store", "status")
    expect("100,001 rows a day over the last week" in said and "postgresql.md" in said, f"100,001 a day: {said}")


def without_archive(place: Place) -> Place:
    other = Place(place.folder)
    del other.environment["TRISTRATA_ARCHIVE"]
    return other


def killed(place: Place) -> None:
    """SIGKILL at a moment of its own each time, until the range has left: every row is in the archive once."""
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    place.run("store", "init")
    place.fill(days=8, rows=2000)
    before = place.rows("kpi.db")
    begun = time.monotonic()
    place.start("store", "archive", *RANGE, "--dry-run").communicate(timeout=120)
    shortest = time.monotonic() - begun
    kills = 0
    for _ in range(KILLS):
        process = place.start("store", "archive", *RANGE)
        time.sleep(moments.uniform(0.0, shortest * 2))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=120)
        kills += process.returncode == -signal.SIGKILL
    place.run("store", "archive", *RANGE)
    expect(place.rows("kpi.db") == [], f"seed {seed}: rows are left behind")
    manifests = [json.loads(file.read_text(encoding="utf-8"))
                 for file in (place.folder / "archive").glob("**/_part-*.json")]
    expect(sum(manifest["rows"] for manifest in manifests) == len(before), f"seed {seed}: a part is there twice")
    place.run("store", "restore", "--into", "restored")
    expect(place.rows("restored/kpi.db") == before, f"seed {seed}: rows are lost or changed")
    print(f"{kills} of {KILLS} runs were killed before their end (seed {seed})")


def idle(place: Place) -> None:
    """A file that nobody wrote for a year may mean that the clock is wrong: somebody says that it is not."""
    place.run("store", "init")
    place.fill(days=1, rows=10)
    year_ago = time.time() - 366 * 86_400
    for file in place.folder.glob("kpi.db*"):
        os.utime(file, (year_ago, year_ago))
    asked = place.run("store", "archive", *RANGE, code=2)
    expect("366 d ago" in asked and "--clock-is-right" in asked, f"an idle store: {asked}")
    expect(len(place.rows("kpi.db")) == 10, "what was refused took rows out")
    place.run("store", "archive", *RANGE, "--clock-is-right")
    expect(place.rows("kpi.db") == [], "who says that the clock is right is not believed")


for check in (walk, erased, lost, masked, damaged, foreign, apart, idle, warned, killed):
    with tempfile.TemporaryDirectory() as name:
        check(Place(pathlib.Path(name)))
print("\n".join(failures) or "days leave for the archive and come back")
sys.exit(1 if failures else 0)
