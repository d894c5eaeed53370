"""Whole processes beside Evidently and NannyML, each in an environment of its own: peers.py [--quick]

Both sides read the same files, in turn on the same machine. Evidently renders its figures within its run. Each score of
the peer is compared with ours in the peer's own method, so that a ratio never rests on a wrong answer. A figure never
fails the run; a wrong answer does."""
import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile

from measured import best

HERE = pathlib.Path(__file__).resolve().parent
wrong = []


def write(folder, rows, columns, ending):
    """Normal columns, every tenth of current shifted by 0.2 sd. In a process of its own: memory is measured here."""
    code = f"""
import numpy, pyarrow, pyarrow.csv, pyarrow.parquet
for seed, name in ((7, "reference"), (8, "current")):
    draw = numpy.random.default_rng(seed)
    table = pyarrow.table({{f"c{{i}}": draw.normal(.2 if seed == 8 and i % 10 == 0 else 0., 1., {rows})
                           for i in range({columns})}})
    path = r"{folder}/" + name + ".{ending}"
    if "{ending}" == "csv": pyarrow.csv.write_csv(table, path)
    else: pyarrow.parquet.write_table(table, path, row_group_size=131072)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    return [folder / f"reference.{ending}", folder / f"current.{ending}"]


def close(title, name, ours, theirs):
    if ours is None or not math.isclose(ours, theirs, rel_tol=1e-8, abs_tol=1e-12):
        wrong.append(f"{title}: {name} is {ours} here and {theirs} there")


def our_scores(tristrata, paths):
    run = best(1, [tristrata, "drift", "check", *paths, "--method", "evidently", "--fail-on", "never",
                   "--format", "json"])
    return {column["name"]: column["test"]["p"] if column["test"]["p"] is not None else column["test"]["statistic"]
            for column in json.loads(run.out)["columns"] if column["test"]}


def beside(title, tristrata, paths, peer, script, marks, times):
    theirs = best(1, [peer, HERE / "peers" / script, *paths])
    check = [tristrata, "drift", "check", *paths, "--fail-on", "never", "--format", "json"]
    ours = best(times, check)
    memory = f" (mark 1/{marks[1]})" if marks[1] else ""
    print(f"{title:42} {ours.wall * 1e3:9.1f} ms {ours.peak_mb:6.0f} MB   {theirs.wall:7.2f} s "
          f"{theirs.peak_mb:6.0f} MB   {theirs.wall / ours.wall:6.1f} x faster (mark {marks[0]})   "
          f"1/{theirs.peak_mb / ours.peak_mb:.1f} of the memory{memory}", flush=True)
    return json.loads(theirs.out)


def evidently(tristrata, peer, folder, rows, columns, ending, marks):
    title = f"Evidently, {ending}, {rows:,} x {columns}"
    paths = write(folder, rows, columns, ending)
    scores = beside(title, tristrata, paths, peer, "evidently_report.py", marks, 3)
    ours = our_scores(tristrata, paths)
    for name, score in scores.items():
        close(title, name, ours.get(name), score)


def nannyml(tristrata, peer, folder, rows, columns, marks):
    title = f"NannyML, csv, {rows:,} x {columns}, ten chunks"
    paths = write(folder, rows, columns, "csv")
    beside(title, tristrata, paths, peer, "nannyml_chunks.py", marks, 3)


def linear(tristrata, folder, rows, columns, what):
    """Ten times as much takes about ten times as long."""
    a = best(2, [tristrata, "drift", "check", *write(folder, rows if what == "columns" else rows // 10,
                                                     columns // 10 if what == "columns" else columns, "parquet"),
                 "--fail-on", "never", "--format", "json"])
    paths = write(folder, rows, columns, "parquet")
    b = best(1, [tristrata, "drift", "check", *paths, "--fail-on", "never", "--format", "json", "--html",
                 folder / "report.html"])
    size = (folder / "report.html").stat().st_size / 1e6
    print(f"{rows:,} x {columns}, Parquet: {b.wall:.2f} s, {b.peak_mb:.0f} MB (mark 1000); a tenth of the {what} "
          f"{a.wall:.2f} s: {b.wall / a.wall:.1f} x for ten times as many; HTML {size:.2f} MB", flush=True)


def main():
    parser = argparse.ArgumentParser()
    build = HERE.parent / "build"
    parser.add_argument("--tristrata", type=pathlib.Path, default=build / "release/bin/tristrata")
    parser.add_argument("--evidently", type=pathlib.Path, default=build / "env-evidently/bin/python")
    parser.add_argument("--nannyml", type=pathlib.Path, default=build / "env-nannyml/bin/python")
    parser.add_argument("--quick", action="store_true", help="without the tables of a million rows and more")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        evidently(arguments.tristrata, arguments.evidently, folder, 10_000, 50, "csv", (100, 5))
        evidently(arguments.tristrata, arguments.evidently, folder, 10_000, 100, "csv", (100, 5))
        evidently(arguments.tristrata, arguments.evidently, folder, 100_000, 20, "csv", (40, None))
        nannyml(arguments.tristrata, arguments.nannyml, folder, 100_000, 20, (25, None))
        if not arguments.quick:
            evidently(arguments.tristrata, arguments.evidently, folder, 1_000_000, 20, "parquet", (100, 6))
            linear(arguments.tristrata, folder, 10_000_000, 20, "rows")
            linear(arguments.tristrata, folder, 100_000, 1_000, "columns")
    print("\n".join(wrong) or "every score of Evidently was the same here")
    return 1 if wrong else 0


sys.exit(main())
