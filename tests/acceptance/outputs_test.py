"""A result is written where nothing is lost, or the command ends before it reads: outputs_test.py TRISTRATA"""
import os
import pathlib
import random
import subprocess
import sys
import tempfile

TRISTRATA = pathlib.Path(sys.argv[1]).resolve()
failures: list[str] = []
cases = 0
draw = random.Random(7)
# Root may write anywhere; without these two rights a folder's mode holds for it as for everybody.
bound = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()


def run(*words: object, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*bound, TRISTRATA, *map(str, words)], capture_output=True, text=True, cwd=folder,
                          timeout=120, env={"PATH": "/usr/bin:/bin", **(environment or {})})


def file(name: str, content: str) -> pathlib.Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    return path


def numbers(rows: int) -> str:
    return "x,y\n" + "".join(f"{row},{draw.random():.6f}\n" for row in range(rows))


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


def refused(words: tuple[object, ...], says: str, environment: dict[str, str] | None = None) -> None:
    """Refused as a slip in the command line, at once and with nothing changed."""
    global cases
    cases += 1
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = run(*words, environment=environment)
    title = " ".join(map(str, words))
    expect(done.returncode == 2 and not done.stdout, f"{title}: exit {done.returncode}: {done.stdout}{done.stderr}")
    expect(says in done.stderr, f"{title}: no '{says}' in: {done.stderr}")
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    changed = [str(path) for path in {*before, *after} if before.get(path) != after.get(path)]
    expect(not changed, f"{title}: refused, yet these changed: {changed}")


with tempfile.TemporaryDirectory() as made_for_this:
    folder = pathlib.Path(made_for_this)
    check = ("drift", "check")
    good, mine = file("good.csv", numbers(300)), file("mine.csv", numbers(300))
    file("mine.toml", "alpha = 0.05\n")
    file("days/1.csv", numbers(300))
    (folder / "alias.csv").symlink_to(mine)
    (folder / "twin.csv").hardlink_to(mine)
    made = run("drift", "profile", good, "-o", "mine.profile")
    expect(made.returncode == 0, f"drift profile: {made.stderr}")
    quality = ("quality", "check", "good.csv", "mine.csv", "--y-true", "x", "--y-pred", "y")
    backtest = ("drift", "backtest", "mine.csv", "--rows", 50)

    # Over what is read, whatever the name it goes by.
    refused((*check, "good.csv", "mine.csv", "--out", "mine.csv"), "--out mine.csv is also what is read; give the res")
    refused((*check, "mine.csv", "good.csv", "--html", "mine.csv"), "--html mine.csv is also what is read; give")
    refused((*check, "good.csv", "mine.csv", "--out", "./days/../mine.csv"), "is also what is read, as mine.csv; give")
    refused((*check, "good.csv", "alias.csv", "--out", "mine.csv"), "--out mine.csv is also what is read, as alias")
    refused((*check, "good.csv", "mine.csv", "--out", "alias.csv"), "--out alias.csv is also what is read, as mine")
    refused((*check, "good.csv", "mine.csv", "--out", "twin.csv"), "--out twin.csv is also what is read, as mine.csv")
    refused((*check, "good.csv", "mine.csv", "--plan", "mine.toml", "--out", "mine.toml"), "--out mine.toml is also")
    refused((*check, "good.csv", "days", "--out", "days/1.csv"), "--out days/1.csv is also what is read; give")
    refused((*check, "mine.csv", "--profile", "mine.profile", "--html", "mine.profile"), "--html mine.profile is also")
    refused((*backtest, "--out", "mine.csv"), "--out mine.csv is also")
    refused((*backtest, "--state", "mine.csv"), "--state mine.csv is also")
    refused(("drift", "profile", "mine.csv", "-o", "mine.csv"), "-o mine.csv is also")
    refused(("drift", "profile", "mine.csv", "-o", "new.profile", "--out", "mine.csv"), "--out mine.csv is also")
    refused(("drift", "merge", "mine.profile", "-o", "mine.profile"), "-o mine.profile is also")
    refused((*quality, "--out", "mine.csv"), "--out mine.csv is also")
    refused((*quality, "--labels", "days/1.csv", "--key", "x", "--out", "days/1.csv"), "--out days/1.csv is also")

    # Over a store, asked by this command or not, or over what SQLite keeps beside it.
    stores = {"TRISTRATA_KPI_URL": "sqlite:///kpi.db", "TRISTRATA_DRIFT_URL": "sqlite:///drift.db"}
    for words in (("store", "init"), ("kpi", "emit", "--module", "m", "x=1"), ("store", "status")):
        done = run(*words, environment=stores)
        expect(done.returncode == 0, f"{words}: {done.stderr}")
    (folder / "alias.db").symlink_to(folder / "kpi.db")
    file("shop/tristrata.toml", '[stores.shop]\nurl = "sqlite:///kpi.db"\n')
    asked = ("--sql", "SELECT metric_value FROM kpi.events", "--store", "kpi")
    names_it = "is the store that TRISTRATA_KPI_URL names; give the result another name"
    refused((*check, "good.csv", *asked, "--out", "kpi.db"), f"drift check: --out kpi.db {names_it}", stores)
    refused((*check, "good.csv", *asked, "--html", "./kpi.db"), f"--html ./kpi.db {names_it}", stores)
    refused((*check, "good.csv", *asked, "--out", "alias.db"), f"--out alias.db {names_it}", stores)
    refused((*check, "good.csv", *asked, "--out", "kpi.db-wal"), "--out kpi.db-wal is a part of the store", stores)
    refused((*check, "good.csv", *asked, "--out", "alias.db", "--kpi-url", "sqlite:///alias.db"),
            "is the store that --kpi-url names")
    refused((*check, "good.csv", *asked, "--out", "kpi.db-shm", "--kpi-url", "sqlite:///alias.db"),
            "is a part of the store that --kpi-url names")
    refused((*check, "good.csv", *asked[:3], "shop", "--config", "shop/tristrata.toml", "--out", "kpi.db"),
            "is the store that shop/tristrata.toml:2")
    refused(("quality", "check", "good.csv", *asked, "--html", "kpi.db"), f"quality check: --html kpi.db {names_it}",
            stores)
    refused(("quality", "estimate", "good.csv", *asked, "--out", "kpi.db"), names_it, stores)
    refused(("drift", "backtest", *asked, "--rows", 50, "--out", "kpi.db"), names_it, stores)
    refused(("drift", "backtest", *asked, "--rows", 50, "--state", "kpi.db"), f"--state kpi.db {names_it}", stores)
    refused(("drift", "profile", *asked, "-o", "kpi.db"), f"-o kpi.db {names_it}", stores)
    refused((*check, "good.csv", "mine.csv", "--push", "--module", "m", "--out", "drift.db"),
            "--out drift.db is the store that TRISTRATA_DRIFT_URL names", stores)
    refused(("kpi", "query", "--out", "kpi.db"), names_it, stores)
    refused(("store", "status", "--out", "drift.db"), "is the store that TRISTRATA_DRIFT_URL names", stores)
    done = run("drift", "profile", *asked, "-o", "kpi.db.profile", environment=stores)
    expect(done.returncode == 0, f"a name like the store's: {done.stderr}")

    # Over another result.
    (folder / "loop").symlink_to(folder)
    old = file("old.txt", "old")
    (folder / "old.html").symlink_to(old)
    two = (*check, "good.csv", "mine.csv")
    refused((*two, "--out", "new.txt", "--html", "new.txt"), "--html new.txt and --out")
    refused((*two, "--html", "days/../new.txt", "--out", "new.txt"), "one file")
    refused((*two, "--html", "loop/new.txt", "--out", "new.txt"), "give one of them")
    refused((*two, "--out", "old.txt", "--html", "old.html"), "--html old.html and --out")
    refused(("drift", "profile", "mine.csv", "-o", "new.txt", "--out", "new.txt"), "are one file")
    refused((*backtest, "--state", "new.txt", "--out", "new.txt"), "are one file")

    # Where it cannot be written.
    refused((*two, "--html", "pages/today.html"), "--html pages/today.html: there is no folder pages; make it, or name")
    refused((*two, "--out", "pages/today.json"), "drift check: --out pages/today.json: there is no folder pages")
    refused((*two, "--format", "junit", "--out", "pages/today.xml"), "there is no folder pages")
    refused((*two, "--out", "days"), "--out days is a folder; name a file in it")
    refused((*two, "--out", "good.csv/new.txt"), "good.csv is no folder")
    refused((*backtest, "--state", "pages/state"), "--state pages/state: there is no folder pages")
    refused((*backtest, "--html", "pages/today.html"), "drift backtest: --html pages/today.html: there is no folder")
    refused((*quality, "--html", "pages/today.html"), "quality check: --html pages/today.html: there is no folder")
    refused(("drift", "profile", "mine.csv", "-o", "pages/p"), "-o pages/p: there is no folder pages")
    refused(("kpi", "query", "--out", "pages/rows"), "--out pages/rows: there is no folder pages", stores)
    (folder / "locked").mkdir(mode=0o555)
    refused((*two, "--out", "locked/new.txt"), "--out locked/new.txt: locked may not be written to (Permission denied)")

    # What may be written to is.
    done = run(*two, "--out", "/dev/null", "--html", "/dev/null", "--fail-on", "never")
    expect(done.returncode == 0, f"a device takes two results: {done.stderr}")
    for words in ((*two, "--out", "result.txt"), (*two, "--html", "-", "--out", "result.txt")):
        for _ in range(2):
            done = run(*words, "--fail-on", "never")
            expect(done.returncode == 0, f"{words}, again: {done.stderr}")

print("\n".join(failures) or f"{cases} results were refused their place, and nothing was lost")
sys.exit(bool(failures))
