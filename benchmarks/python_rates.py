"""What the Python package costs:

    python_rates.py [--small] --memory-check PROGRAM [--evidently PYTHON] [--opentelemetry PYTHON]

Runs in build/env-python with the package on PYTHONPATH. Each line is a figure and what it is to be; a wrong answer
fails the run, a figure does not."""
import argparse
import contextlib
import os
import pathlib
import resource
import sqlite3
import statistics
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


def emit_us(calls):
    """Wall and the thread's own CPU time of a call."""
    wall, cpu = time.perf_counter(), time.thread_time()
    for _ in range(calls):
        emit_kpi("hamilton.features", "run-1", "node", a=1.0, b=2.0, c=3.0)
    return 1e6 * (time.perf_counter() - wall) / calls, 1e6 * (time.thread_time() - cpu) / calls


def emit_of_threads_us(calls, threads):
    """Wall of a call of all threads together, and the least CPU time that a tenth of a thread's took."""
    cpus = []
    running = [threading.Thread(target=lambda: cpus.extend(emit_us(calls // 10)[1] for _ in range(10)))
               for _ in range(threads)]
    begun = time.perf_counter()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return 1e6 * (time.perf_counter() - begun) / calls / threads, min(cpus)


@contextlib.contextmanager
def opentelemetry_us(python, calls):
    """What measures the SDK's record, at each call; where there is no Python for it, what says nothing."""
    if not python:
        yield lambda: None
        return
    script = pathlib.Path(__file__).parent / "peers/opentelemetry_records.py"
    with subprocess.Popen([python, script, str(calls)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as peer:
        def measure():
            peer.stdin.write("go\n")
            peer.stdin.flush()
            return float(peer.stdout.readline())
        yield measure
        peer.stdin.close()
        assert peer.wait() == 0


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
    parser.add_argument("--opentelemetry")
    given = parser.parse_args()
    repeats, calls, turns, rows = (2, 100, 3, 5_000) if given.small else (9, 1_000, 50, 100_000)

    print(f"import tristrata.kpi             {import_ms('import tristrata.kpi', repeats):6.1f} ms CPU (30 at most)")
    everything = "import tristrata, tristrata.kpi, tristrata.drift, tristrata.otel"
    print(f"import of the whole package      {import_ms(everything, repeats):6.1f} ms CPU (80 at most)")

    with tempfile.TemporaryDirectory() as folder:
        store = pathlib.Path(folder, "kpi.db")
        os.environ.update(TRISTRATA_KPI_URL=f"sqlite:///{store}", TRISTRATA_SPOOL=f"{folder}/spool",
                          TRISTRATA_SPOOL_LEVEL="async")
        tristrata.init_store("kpi")
        # Here too in turn with the other side: a neighbour on the machine takes a third of its pace for some seconds.
        ours, theirs = [], []
        with opentelemetry_us(given.opentelemetry, calls) as measure:
            for _ in range(turns):
                ours.append(emit_us(calls))
                theirs.append(measure())
        wall, own = (min(turn[which] for turn in ours) for which in (0, 1))
        usual = statistics.median(turn[0] for turn in ours)
        print(f"emit_kpi of three metrics, async, 1 thread  {wall:6.2f} us a call (6 at most), {own:.2f} us CPU of its "
              f"own; the median {usual:.2f} us")
        if given.opentelemetry:
            print(f"OpenTelemetry's log record into memory      {min(theirs):6.2f} us: ours takes "
                  f"{wall / min(theirs):.2f} of it (0.5 at most); of the medians "
                  f"{usual / statistics.median(theirs):.2f}")
        several = calls * turns // 8 // 10 * 10
        wall, cpu = emit_of_threads_us(several, 8)
        print(f"emit_kpi of three metrics, async, 8 threads {wall:6.2f} us a call, {wall / usual:.2f} of one thread's "
              f"median (no convoy), {cpu:.2f} us CPU of its own")
        carried, wanted = 0, 3 * (calls * turns + 8 * several)
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
    measured = [{way: measure() for way, measure in ways.items()} for _ in range(1 if given.small else 5)]
    best = {way: min(turn[way] for turn in measured) for way in ways}
    print(f"check of {rows:,} x 20: pandas {best['pandas']:.0f} ms, pyarrow {best['pyarrow']:.0f} ms, C++ from memory "
          f"{best['memory']:.0f} ms: pandas takes {best['pandas'] / best['memory']:.2f} x (1.2 at most)")
    if given.evidently:
        print(f"Evidently's default on such a frame {best['evidently']:.0f} ms: "
              f"{best['evidently'] / best['pandas']:.0f} x of ours (100 at least)")


if __name__ == "__main__":
    main()
