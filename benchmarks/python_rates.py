"""What the Python package costs: python_rates.py [--small] --memory-check PROGRAM [--evidently PYTHON]

Runs in build/env-python with the package on PYTHONPATH. Each line is a figure and what it is to be; a wrong answer
fails the run, a figure does not."""
import argparse
import os
import pathlib
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

import numpy
import pandas
import pyarrow

import tristrata
from tristrata.kpi import emit_kpi

EVIDENTLY = """
import sys, time, numpy, pandas
from evidently import Report
from evidently.presets import DataDriftPreset
draw = numpy.random.default_rng(1)
rows = int(sys.argv[1])
reference = pandas.DataFrame({f"x{i}": draw.normal(size=rows) for i in range(20)})
current = pandas.DataFrame({f"x{i}": draw.normal(0.5 if i == 0 else 0, size=rows) for i in range(20)})
begun = time.perf_counter()
Report([DataDriftPreset()]).run(current, reference).dict()
print(1000 * (time.perf_counter() - begun))
"""


def import_ms(program, repeats):
    """CPU time over the interpreter's own."""
    def least(text):
        spent = []
        for _ in range(repeats):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", text], check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return 1000 * min(spent)
    return least(program) - least("pass")


def emit_us(calls, threads):
    """Wall and the calling thread's own CPU time of a call, of the best tenth of a run; all threads together."""
    walls, cpus = [], []

    def emit():
        for _ in range(10):
            wall, cpu = time.perf_counter(), time.thread_time()
            for _ in range(calls // 10):
                emit_kpi("hamilton.features", "run-1", "node", a=1.0, b=2.0, c=3.0)
            walls.append(time.perf_counter() - wall)
            cpus.append(time.thread_time() - cpu)

    begun = time.perf_counter()
    running = [threading.Thread(target=emit) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    whole = 1e6 * (time.perf_counter() - begun) / calls / threads
    return (whole if threads > 1 else 1e6 * min(walls) / (calls // 10)), 1e6 * min(cpus) / (calls // 10)


def check_ms(reference, current):
    begun = time.perf_counter()
    report = tristrata.check(reference, current)
    spent = 1000 * (time.perf_counter() - begun)
    assert "x0" in report.drifted, report.drifted
    return spent


def memory_ms(program, rows):
    said = subprocess.run([program, str(rows), "20", "10"], check=True, capture_output=True, text=True).stdout.split()
    assert int(said[1]) >= 1, said
    return float(said[0])


def evidently_ms(python, rows):
    done = subprocess.run([python, "-c", EVIDENTLY, str(rows)], check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def frame(seed, rows, shift):
    draw = numpy.random.default_rng(seed)
    return pandas.DataFrame({f"x{i}": draw.normal(shift if i == 0 else 0.0, size=rows) for i in range(20)})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--memory-check", required=True)
    parser.add_argument("--evidently")
    given = parser.parse_args()
    repeats, calls, rows = (2, 500, 5_000) if given.small else (9, 20_000, 100_000)

    print(f"import tristrata.kpi             {import_ms('import tristrata.kpi', repeats):6.1f} ms CPU (30 at most)")
    everything = "import tristrata, tristrata.kpi, tristrata.drift, tristrata.otel"
    print(f"import of the whole package      {import_ms(everything, repeats):6.1f} ms CPU (80 at most)")

    with tempfile.TemporaryDirectory() as folder:
        store = pathlib.Path(folder, "kpi.db")
        os.environ.update(TRISTRATA_KPI_URL=f"sqlite:///{store}", TRISTRATA_SPOOL=f"{folder}/spool",
                          TRISTRATA_SPOOL_LEVEL="async")
        tristrata.init_store("kpi")
        for threads in (1, 8):
            wall, cpu = emit_us(calls // 80 * 80 // threads, threads)
            print(f"emit_kpi of three metrics, async, {threads} thread{'s' if threads > 1 else ' '} "
                  f"{wall:6.2f} us a call (6 at most), {cpu:.2f} us CPU of its own")
        carried, wanted = 0, 2 * 3 * (calls // 80 * 80)
        for _ in range(60):  # Each close carries for two seconds.
            assert emit_kpi("carrier", success=True).stored == 1
            tristrata.close()
            with sqlite3.connect(store) as kept:
                counted = "SELECT count(DISTINCT event_id) FROM events WHERE module <> 'carrier'"
                carried = kept.execute(counted).fetchone()[0]
            if carried == wanted:
                break
        assert carried == wanted, f"{carried} of {wanted} rows are in the store"

    reference, current = frame(1, rows, 0.0), frame(2, rows, 0.5)
    tables = [pyarrow.Table.from_pandas(one) for one in (reference, current)]
    ways = {"memory": lambda: memory_ms(given.memory_check, rows),
            "pandas": lambda: min(check_ms(reference, current) for _ in range(10)),
            "pyarrow": lambda: min(check_ms(*tables) for _ in range(10))}
    if given.evidently:
        ways["evidently"] = lambda: evidently_ms(given.evidently, rows)
    # In turn, so that a busy moment of the machine meets each of them; the best of each. What takes a tenth of a
    # second on every processor finds a quiet one less easily than what takes ten on one of them.
    turns = [{way: measure() for way, measure in ways.items()} for _ in range(1 if given.small else 5)]
    best = {way: min(turn[way] for turn in turns) for way in ways}
    print(f"check of {rows:,} x 20: pandas {best['pandas']:.0f} ms, pyarrow {best['pyarrow']:.0f} ms, C++ from memory "
          f"{best['memory']:.0f} ms: pandas takes {best['pandas'] / best['memory']:.2f} x (1.2 at most)")
    if given.evidently:
        print(f"Evidently's default on such a frame {best['evidently']:.0f} ms: "
              f"{best['evidently'] / best['pandas']:.0f} x of ours (100 at least)")


if __name__ == "__main__":
    main()
