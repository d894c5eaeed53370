"""Every command that has a report has it as a page, the same by either way: pages_test.py TRISTRATA SOURCE"""
import pathlib
import subprocess
import sys
import tempfile

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
failures: list[str] = []


def run(folder: str, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tristrata, *map(str, words)], capture_output=True, text=True, cwd=folder, timeout=120)


def refused(folder: str, says: str, *words: object) -> None:
    done = run(folder, *words)
    if done.returncode != 2 or says not in done.stderr or done.stdout:
        failures.append(f"{words}: exit {done.returncode}, said {done.stderr!r}; expected {says!r}")


candles, data = source / "examples/fee_change/BTCUSDT_15m.csv.gz", source / "tests/data/ml"
cars = [data / f"nannyml_{part}_synthetic_car_price.csv.gz" for part in ("reference", "monitoring")]
once = ("--fail-on", "never", "--at", "2026-01-01")
with tempfile.TemporaryDirectory() as folder:
    for title, headline, words in (
            ("Drift report", "tested columns drifted", ("drift", "check", candles, candles, "--null", "independent")),
            ("Backtest", "of 40 tested chunks drifted",
             ("drift", "backtest", candles, "--plan", source / "examples/candle_days/plan.toml", "--chunk", "day",
              "--window", 49)),
            ("Quality check", "tested figures became worse", ("quality", "check", *cars, "--rows", 6000)),
            ("Quality estimate", "tested figures became worse",
             ("quality", "estimate", *cars, "--rows", 20000, "--features", "car_age,km_driven"))):
        beside = run(folder, *words, *once, "--html", "beside.html")
        alone = run(folder, *words, *once, "--format", "html", "--out", "alone.html")
        piped = run(folder, *words, *once, "--html", "-", "--out", "table.txt")
        if [beside.returncode, alone.returncode, piped.returncode] != [0, 0, 0]:
            failures.append(f"{title}: {beside.stderr}{alone.stderr}{piped.stderr}")
            continue
        page = pathlib.Path(folder, "beside.html").read_text(encoding="utf-8")
        if not page.startswith("<!DOCTYPE html>") or f"<title>{title}: " not in page or headline not in page:
            failures.append(f"{title}: the page begins {page[:400]!r}")
        if pathlib.Path(folder, "alone.html").read_text(encoding="utf-8") != page or piped.stdout != page:
            failures.append(f"{title}: --html and --format html differ")
        if headline not in beside.stdout or pathlib.Path(folder, "table.txt").read_text() != beside.stdout:
            failures.append(f"{title}: the table is not written beside the page")
        refused(folder, "--html - and the result would both go", *words, "--html", "-")
    refused(folder, "--html is for chunks", "drift", "backtest", candles, "--columns", "trades", "--detector", "adwin",
            "--html", "page.html")

print("\n".join(failures) or "every report is a page")
sys.exit(bool(failures))
