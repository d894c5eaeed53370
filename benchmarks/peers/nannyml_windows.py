"""What NannyML says of many windows of one table: nannyml_windows.py JOB.json. Prints JSON.

The job is that of evidently_windows.py. Each reference is fitted in chunks of current's length, and current is one
chunk; where the job names a `time` (milliseconds since 1970), both are cut into days. Of each chunk: its key, and
whether each method alerts beyond its default threshold, the mean of the reference's chunks and three deviations above
it."""
import json
import os
import sys

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
import nannyml  # noqa: E402
import pandas  # noqa: E402

METHODS = ["jensen_shannon"]  # the default; a job may name others for numbers


def alerts(reference, current, kinds, time, methods):
    """Of each chunk of current: key, and column -> method -> alert. What has no value in a column has no alert."""
    cut = {"timestamp_column_name": time, "chunk_period": "D"} if time else {"chunk_size": len(current)}
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=list(kinds), continuous_methods=methods, categorical_methods=["jensen_shannon"],
        treat_as_categorical=[name for name, kind in kinds.items() if kind == "cat"], **cut)
    calculator.fit(reference)
    frame = calculator.calculate(current).filter(period="analysis").to_df()
    told = [where for where in frame.columns if where[2] == "alert"]
    chunks = []
    for row in range(len(frame)):
        found = {name: {} for name in kinds}
        for where in told:
            found[where[0]][where[1]] = bool(frame[where].iloc[row])
        chunks.append([str(frame[("chunk", "chunk", "key")].iloc[row]), found])
    return chunks


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    kinds, time = job["columns"], job.get("time")
    table = pandas.read_csv(job["file"], usecols=[*kinds, *([time] if time else [])])
    if time:
        table[time] = pandas.to_datetime(table[time], unit="ms")
    answers = [alerts(table.iloc[a:b].reset_index(drop=True), table.iloc[c:d].reset_index(drop=True), kinds, time,
                      job.get("methods", METHODS)) for a, b, c, d in job["windows"]]
    print(json.dumps({"version": nannyml.__version__, "windows": answers}))


main()
