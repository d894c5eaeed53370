"""NannyML's univariate drift, ten chunks: nannyml_chunks.py REFERENCE CURRENT. Prints method -> column -> value and
alert of each chunk."""
import json
import os
import sys

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
import nannyml
import pandas

METHODS = ["jensen_shannon", "wasserstein", "kolmogorov_smirnov"]
read = pandas.read_parquet if sys.argv[1].endswith(".parquet") else pandas.read_csv
reference, current = (read(path) for path in sys.argv[1:3])
calculator = nannyml.UnivariateDriftCalculator(column_names=list(reference.columns), continuous_methods=METHODS,
                                               chunk_number=10)
calculator.fit(reference)
frame = calculator.calculate(current).filter(period="analysis").to_df()
chunks = {method: {column: [[float(value), bool(alert)] for value, alert in
                            zip(frame[(column, method, "value")], frame[(column, method, "alert")])]
                   for column in reference.columns} for method in METHODS}
print(json.dumps({"version": nannyml.__version__, "chunks": chunks}))
