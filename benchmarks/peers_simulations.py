"""Data whose truth is known because they were drawn: how often each tool flags what did not drift, and finds what
did.

Each case is a number of tables of ten columns, reference and current. Ours checks each table by itself, as it would
be used, correcting over its columns; the peers correct nothing. Ours counts a column as flagged whose distribution
drifted or one of whose signals fired. Evidently and NannyML run with their defaults, NannyML's chunks being of
current's length."""
import json

import numpy
import pandas

import peers_windows
from measured import Measured, ended_well

COLUMNS = 10


def normal(shift=0.0, spread=1.0, wild=0.0):
    """With `wild` the first value of each column is that."""
    def draw(random, rows, column):
        values = random.normal(shift, spread, rows)
        if wild:
            values[0] = wild
        return values
    return draw


def lognormal(random, rows, column):
    return random.lognormal(0.0, 1.0, rows)


def zeros(share):
    return lambda random, rows, column: numpy.where(random.random(rows) < share, 0.0, random.lognormal(0.0, 1.0, rows))


def labels(count, first=None):
    """Labels drawn alike; with `first` that share falls to the first of them."""
    share = numpy.full(count, 1 / count) if first is None else numpy.array([first] + [(1 - first) / (count - 1)] *
                                                                           (count - 1))
    return lambda random, rows, column: numpy.array([f"l{k:03}" for k in random.choice(count, rows, p=share)])


def correlated(phi, shift=0.0):
    """AR(1) with variance one."""
    def draw(random, rows, column):
        noise, values = random.normal(0.0, numpy.sqrt(1 - phi * phi), rows), numpy.empty(rows)
        last = random.normal()
        for row in range(rows):
            values[row] = last = phi * last + noise[row]
        return values + shift
    return draw


def missing(share):
    return lambda random, rows, column: numpy.where(random.random(rows) < share, numpy.nan, random.normal(0, 1, rows))


# Title, kind of the columns, rows of reference and current, how they are drawn, whether they drift, ordered in time.
CASES = [
    ("normal", "num", 300, 30, normal(), normal(), False, False),
    ("normal", "num", 1000, 100, normal(), normal(), False, False),
    ("normal", "num", 5000, 500, normal(), normal(), False, False),
    ("lognormal", "num", 1000, 100, lognormal, lognormal, False, False),
    ("half zeros, half lognormal", "num", 1000, 100, zeros(0.5), zeros(0.5), False, False),
    ("3 categories", "cat", 1000, 100, labels(3), labels(3), False, False),
    ("10 categories", "cat", 300, 30, labels(10), labels(10), False, False),
    ("30 categories", "cat", 1000, 100, labels(30), labels(30), False, False),
    ("10 categories", "cat", 5000, 500, labels(10), labels(10), False, False),
    ("AR(1), φ .9, in order", "num", 5760, 96, correlated(0.9), correlated(0.9), False, True),
    ("normal, shifted by .5 sd", "num", 300, 30, normal(), normal(0.5), True, False),
    ("normal, shifted by .5 sd", "num", 1000, 100, normal(), normal(0.5), True, False),
    ("normal, shifted by .2 sd", "num", 5000, 500, normal(), normal(0.2), True, False),
    ("normal, spread × 1.5", "num", 1000, 100, normal(), normal(0.0, 1.5), True, False),
    ("normal, one value of the reference 1e6, shifted by 1 sd", "num", 5000, 500, normal(wild=1e6), normal(1.0), True,
     False),
    ("zeros .9 to .8", "num", 1000, 100, zeros(0.9), zeros(0.8), True, False),
    ("one of 10 categories .1 to .2", "cat", 1000, 100, labels(10), labels(10, 0.2), True, False),
    ("AR(1), φ .9, in order, shifted by 1 sd", "num", 5760, 96, correlated(0.9), correlated(0.9, 1.0), True, True),
    ("missing values .01 to .2", "num", 1000, 100, missing(0.01), missing(0.2), True, False),
]


def flagged(tristrata, folder, table, n, ordered):
    """Ours: the columns of one table whose distribution drifted or one of whose signals fired."""
    paths = [folder / "reference.csv", folder / "current.csv"]
    for path, part in zip(paths, (table.iloc[:n], table.iloc[n:])):
        part.to_csv(path, index=False)
    command = [tristrata, "drift", "check", *paths, "--format", "json", "--fail-on", "never",
               *(["--time", "time"] if ordered else [])]
    run = ended_well(Measured(command), command)
    return {column["name"] for column in json.loads(run.out)["columns"] if column["name"] != "time" and
            (column["verdict"] == "drift" or any(one["verdict"] == "drift" for one in column["signals"]))}


def case(tristrata, peers, folder, tables, number):
    title, kind, n, m, reference, current, drifts, ordered = CASES[number]
    random = numpy.random.Generator(numpy.random.PCG64([20261126, number]))
    names = [f"t{t}c{c}" for t in range(tables) for c in range(COLUMNS)]
    whole = pandas.DataFrame({name: numpy.concatenate([reference(random, n, name), current(random, m, name)])
                              for name in names})
    told = {"Tristrata": set()}
    for t in range(tables):
        part = whole[names[t * COLUMNS:(t + 1) * COLUMNS]]
        if ordered:
            part = part.assign(time=pandas.date_range("2026-01-01", periods=n + m, freq="15min", tz="UTC"))
        told["Tristrata"] |= flagged(tristrata, folder, part, n, ordered)
    data = folder / "whole.csv"
    whole.to_csv(data, index=False)
    windows, kinds = [[0, n, n, n + m]], dict.fromkeys(names, kind)
    (told["Evidently"],), evidently = peers_windows.evidently(peers["evidently"], data, kinds, windows, folder)
    found, nannyml = peers_windows.nannyml(peers["nannyml"], data, kinds, windows, folder)
    told["NannyML"] = {name for name, methods in found[0][0][1].items() if methods}
    cells = []
    for names_told in told.values():
        table_share = len({name.split("c")[0] for name in names_told}) / tables
        cells.append(f"{100 * len(names_told) / len(names):.1f} % / {100 * table_share:.0f} %")
    print(f"| {title} | {n:,}, {m} | {'drifts' if drifts else 'does not'} | " + " | ".join(cells) + " |", flush=True)
    return evidently, nannyml


def run(tristrata, peers, folder, asked):
    tables = 8 if asked.quick else 20
    print(f"\n{tables} tables of {COLUMNS} columns a row; a cell is the share of columns flagged / the share of tables "
          "in which one was.\n\n| data | n, m | truth | Tristrata | Evidently | NannyML |\n|---|---|---|---|---|---|")
    for number in range(len(CASES)):
        versions = case(tristrata, peers, folder, tables, number)
    print(f"\nEvidently {versions[0]}, NannyML {versions[1]}, NumPy's PCG64 with the seed [20261126, row].")
    return []
