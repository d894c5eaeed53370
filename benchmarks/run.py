"""Whole processes, measured beside the peers and checked: run.py [--small] [--tristrata PATH]

Each line is a figure, what it is compared with, and whether the answer was right. A figure never fails the run; a wrong
answer does. --small takes seconds, needs no peer, and runs as the CTest test "bench_small"."""
import argparse
import json
import pathlib
import random
import resource
import subprocess
import sys
import tempfile

from measured import Measured, best

HERE = pathlib.Path(__file__).resolve().parent
wrong = []


def ks_by_definition(reference, current):
    """The largest difference of the two empirical distribution functions, over every value that occurs."""
    reference, current, i, j, largest = sorted(reference), sorted(current), 0, 0, 0.0
    while i < len(reference) and j < len(current):
        value = min(reference[i], current[j])
        while i < len(reference) and reference[i] == value:
            i += 1
        while j < len(current) and current[j] == value:
            j += 1
        largest = max(largest, abs(i / len(reference) - j / len(current)))
    return largest


def check_ks(title, report, expected):
    found = {column["name"]: column["measures"]["ks"] for column in json.loads(report)["columns"]}
    for name, distance in expected.items():
        if abs(found.get(name, -1.0) - distance) > 1e-9:
            wrong.append(f"{title}: KS of {name} is {found.get(name)}, by definition {distance}")


def write_csv(path, columns):
    with open(path, "w", encoding="ascii") as file:
        file.write(",".join(columns) + "\n")
        file.writelines(",".join(map(repr, row)) + "\n" for row in zip(*columns.values()))


def table_of(seed, rows, columns, shift):
    """Column 0 of the current side is shifted, the others are drawn alike."""
    draw = random.Random(seed)
    return {f"c{index}": [draw.gauss(shift if index == 0 else 0.0, 1.0) for _ in range(rows)]
            for index in range(columns)}


def make_csv(folder, rows, columns):
    sides = [table_of(1, rows, columns, 0.0), table_of(2, rows, columns, 0.5)]
    for name, side in zip(("reference.csv", "current.csv"), sides):
        write_csv(folder / name, side)
    return {name: ks_by_definition(sides[0][name], sides[1][name]) for name in sides[0]}


def make_parquet(folder, rows, columns):
    import pyarrow
    import pyarrow.parquet
    first = []
    for seed, name in enumerate(("reference.parquet", "current.parquet"), 1):
        if rows <= 100_000:
            table = pyarrow.table(table_of(seed, rows, columns, 0.5 * (seed - 1)))
        else:
            import numpy
            draw = numpy.random.default_rng(seed)
            table = pyarrow.table({f"c{index}": draw.normal(0.5 * (seed - 1) if index == 0 else 0.0, 1.0, rows)
                                   for index in range(columns)})
        pyarrow.parquet.write_table(table, folder / name, row_group_size=128 * 1024)
        first.append(table.column(0).to_pylist())
    return {"c0": ks_by_definition(*first)}


def made(kind, folder, rows, columns):
    """The right answers. In a process of its own: what is measured must not inherit this one's peak memory."""
    command = [sys.executable, __file__, "--make", kind, folder, rows, columns]
    return json.loads(subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE).stdout)


def csv_rows(tristrata, folder, rows, columns, times, peer):
    paths = [folder / "reference.csv", folder / "current.csv"]
    expected = made("csv", folder, rows, columns)
    check = [tristrata, "drift", "check", *paths, "--fail-on", "never", "--format", "json"]
    ours = best(times, check)
    line = ""
    if peer:
        # In turn, so that a busy moment of the machine is shared.
        theirs = None
        for _ in range(times):
            their_run = best(1, [sys.executable, HERE / "peer_ks.py", *paths])
            theirs = min(filter(None, (theirs, their_run)), key=lambda run: run.wall)
            ours = min(ours, best(3, check), key=lambda run: run.wall)
        for name, distance in json.loads(theirs.out).items():
            if abs(distance - expected[name]) > 1e-9:
                wrong.append(f"csv: the peer's KS of {name} is {distance}, by definition {expected[name]}")
        line = f"   pandas and scipy {theirs.wall * 1e3:8.1f} ms: {theirs.wall / ours.wall:.1f} x (mark: 15 x)"
    check_ks("csv", ours.out, expected)
    print(f"two CSVs {rows:,} x {columns} to JSON     {ours.wall * 1e3:8.1f} ms {ours.peak_mb:6.0f} MB{line}",
          flush=True)
    return expected


def profile_rows(tristrata, arrow_read, folder, rows, columns, times, expected):
    """After csv_rows, whose files are taken: current against the saved reference, and Arrow reading current. Whole
    processes in turn, two threads each; and the parser's own time, best of several reads in a warm process."""
    saved, current = folder / "reference.profile", folder / "current.csv"
    made_as = best(1, [tristrata, "drift", "profile", folder / "reference.csv", "-o", saved])
    check = [tristrata, "drift", "check", "--profile", saved, current, "--fail-on", "never", "--format", "json",
             "--threads", "2"]
    warm = ("import pyarrow, pyarrow.csv, time\npyarrow.set_cpu_count(2)\nbest = 9.0\nfor _ in range(5):\n"
            f"  b = time.perf_counter(); pyarrow.csv.read_csv({str(current)!r})\n"
            "  best = min(best, time.perf_counter() - b)\nprint(best)")
    ours, arrow, parser = best(times, check), best(times, [arrow_read, current]), float("inf")
    if int(arrow.out) != rows:
        wrong.append(f"profile: Arrow read {arrow.out.strip()} of {rows} rows")
    for _ in range(times):
        parser = min(parser, float(Measured([sys.executable, "-c", warm]).out))
        arrow = min(arrow, best(3, [arrow_read, current]), key=lambda run: run.wall)
        ours = min(ours, best(3, check), key=lambda run: run.wall)
    check_ks("profile", ours.out, expected)
    whole = json.loads(best(1, [tristrata, "drift", "check", folder / "reference.csv", current, "--fail-on", "never",
                                "--format", "json"]).out)
    if json.loads(ours.out)["columns"] != whole["columns"]:
        wrong.append("profile: the columns of the report differ from those of the two files")
    print(f"CSV {rows:,} x {columns} against a profile   {ours.wall * 1e3:8.1f} ms {ours.peak_mb:6.0f} MB   "
          f"Arrow alone reads it in {arrow.wall * 1e3:.1f} ms: {ours.wall / arrow.wall:.2f} x (mark: 2 x; its parser "
          f"once warm {parser * 1e3:.1f} ms); making it took {made_as.wall * 1e3:.0f} ms", flush=True)


def parquet_rows(tristrata, folder, rows, columns, times):
    paths = [folder / "reference.parquet", folder / "current.parquet"]
    expected = made("parquet", folder, rows, columns)
    decode = (f"import pyarrow.parquet as p, time; b = time.perf_counter()\nfor path in {list(map(str, paths))}:\n"
              "  f = p.ParquetFile(path)\n  for i in range(f.num_row_groups): f.read_row_group(i, use_threads=True)\n"
              "print(time.perf_counter() - b)")
    arrow = min(float(Measured([sys.executable, "-c", decode]).out) for _ in range(times))
    ours = best(times, [tristrata, "drift", "check", *paths, "--fail-on", "never", "--format", "json"])
    check_ks("parquet", ours.out, expected)
    a_value = (ours.wall - arrow) / (2 * rows * columns) * 1e9
    print(f"two Parquet {rows:,} x {columns} to JSON  {ours.wall * 1e3:8.1f} ms {ours.peak_mb:6.0f} MB (mark: 250)"
          f"   Arrow decodes in {arrow * 1e3:.1f} ms: {a_value:.1f} ns a value over it (mark: 25)", flush=True)


def start_row(tristrata, times):
    runs = [Measured([tristrata, "--version"]) for _ in range(times)]
    if runs[0].code != 0 or "tristrata" not in runs[0].out:
        wrong.append(f"--version said '{runs[0].out}' and ended with {runs[0].code}")
    cpu = sorted(run.cpu for run in runs)[len(runs) // 2]
    print(f"start of the process              {cpu * 1e3:8.1f} ms CPU (mark: 20)", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--tristrata", type=pathlib.Path, default=HERE.parent / "build/release/bin/tristrata")
    parser.add_argument("--arrow-read", type=pathlib.Path,
                        default=HERE.parent / "build/release/bin/tristrata_arrow_read")
    parser.add_argument("--make", nargs=4, metavar=("KIND", "FOLDER", "ROWS", "COLUMNS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.make:
        kind, folder, rows, columns = arguments.make
        make = {"csv": make_csv, "parquet": make_parquet}[kind]
        print(json.dumps(make(pathlib.Path(folder), int(rows), int(columns))))
        return 0
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        start_row(arguments.tristrata, 3 if arguments.small else 21)
        if arguments.small:
            expected = csv_rows(arguments.tristrata, folder, 500, 5, 1, peer=False)
            profile_rows(arguments.tristrata, arguments.arrow_read, folder, 500, 5, 1, expected)
            parquet_rows(arguments.tristrata, folder, 5_000, 4, 1)
        else:
            expected = csv_rows(arguments.tristrata, folder, 10_000, 50, 5, peer=True)
            profile_rows(arguments.tristrata, arguments.arrow_read, folder, 10_000, 50, 5, expected)
            parquet_rows(arguments.tristrata, folder, 1_000_000, 20, 3)
    print("\n".join(wrong) or "every answer was checked and right")
    return 1 if wrong else 0


sys.exit(main())
