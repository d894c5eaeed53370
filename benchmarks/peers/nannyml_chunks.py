"""NannyML's univariate drift, ten chunks: nannyml_chunks.py REFERENCE CURRENT. Prints method -> column -> values."""
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
print(json.dumps({method: {column: list(frame[(column, method, "value")]) for column in reference.columns}
                  for method in METHODS}))
