"""What Evidently's default rules say of many windows of one table: evidently_windows.py JOB.json. Prints JSON.

The job names a CSV, its columns with their kinds (num or cat), and windows [reference from, to, current from, to] in
rows, half open. Each verdict comes from the tests and defaults that its preset uses, called directly, since a report
renders figures of each column; the first windows are also put through the whole preset: the scores must be the
same."""
import json
import sys

import evidently
import numpy
import pandas
from evidently import DataDefinition, Dataset, Report
from evidently.legacy.calculations.stattests import get_stattest
from evidently.presets import DataDriftPreset

WHOLE = 3


def verdict(reference, current, kind):
    """Score and whether it drifted. Missing and infinite values are dropped on each side, as the preset does."""
    if not len(reference) or not len(current):
        return None  # the preset ends with an error here
    test = get_stattest(reference, current, kind, None)
    found = test(reference, current, kind, None)
    return [float(found.drift_score), bool(found.drifted)]


def of_preset(reference, current, kinds):
    definition = DataDefinition(numerical_columns=[name for name, kind in kinds.items() if kind == "num"],
                                categorical_columns=[name for name, kind in kinds.items() if kind == "cat"])
    snapshot = Report([DataDriftPreset()]).run(current_data=Dataset.from_pandas(current, definition),
                                               reference_data=Dataset.from_pandas(reference, definition))
    return {one["config"]["column"]: float(one["value"]) for one in json.loads(snapshot.json())["metrics"]
            if one["config"]["type"].endswith(":ValueDrift")}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    kinds = job["columns"]
    table = pandas.read_csv(job["file"], usecols=list(kinds)).replace([numpy.inf, -numpy.inf], numpy.nan)
    answers = []
    for number, (a, b, c, d) in enumerate(job["windows"]):
        answers.append({name: verdict(table[name].iloc[a:b].dropna(), table[name].iloc[c:d].dropna(), kind)
                        for name, kind in kinds.items()})
        if number < WHOLE and len(kinds) <= 10 and None not in answers[-1].values():
            whole = of_preset(table.iloc[a:b][list(kinds)], table.iloc[c:d][list(kinds)], kinds)
            for name, score in whole.items():
                if not numpy.isclose(score, answers[-1][name][0], rtol=1e-9, equal_nan=True):
                    sys.exit(f"window {number}, {name}: {answers[-1][name][0]}, and {score} in the whole report")
    print(json.dumps({"version": evidently.__version__, "windows": answers}))


main()
