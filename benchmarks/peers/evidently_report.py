"""Evidently's default drift preset on two files: evidently_report.py REFERENCE CURRENT. Prints column -> score."""
import json
import sys

import evidently
import pandas
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

read = pandas.read_parquet if sys.argv[1].endswith(".parquet") else pandas.read_csv
reference, current = (read(path) for path in sys.argv[1:3])
definition = DataDefinition(numerical_columns=list(reference.columns))
snapshot = Report([DataDriftPreset()]).run(current_data=Dataset.from_pandas(current, definition),
                                           reference_data=Dataset.from_pandas(reference, definition))
scores = {one["config"]["column"]: float(one["value"]) for one in json.loads(snapshot.json())["metrics"]
          if one["config"]["type"].endswith(":ValueDrift")}
print(json.dumps({"version": evidently.__version__, "scores": scores}))
