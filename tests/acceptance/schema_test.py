"""The JSON of every example validates against the published schema: schema_test.py TRISTRATA SOURCE"""
import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema

tristrata, source = sys.argv[1], pathlib.Path(sys.argv[2])
schema = json.loads((source / "docs/formats/drift_report.schema.json").read_text())
validator = jsonschema.validators.validator_for(schema)
validator.check_schema(schema)
validator = validator(schema)
failures = []


def report_of(*arguments):
    done = subprocess.run([tristrata, "drift", "check", *map(str, arguments), "--fail-on", "never", "--format", "json"],
                          capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def problems(report):
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(report)]


example = source / "examples/fee_change"
files = [example / f"{symbol}USDT_15m.csv.gz" for symbol in ("BTC", "ETH")]
windows = ("--time", "open_time", "--reference", "2023-03-08..2023-03-22", "--current", "2023-03-22..2023-04-05")
reports = [report_of(file, *windows, "--plan", example / "plan.toml") for file in files]
reports.append(report_of(*files, "--null", "independent"))
reports += [report_of(files[0], *windows, "--method", peer, "--explain-difference")
            for peer in ("evidently", "nannyml")]
for report in reports[-2:]:
    if not all("difference" in column for column in report["columns"]) or "peer" not in report["columns"][1]:
        failures.append(f"{report['plan']['method']} says nothing of a column")
by_day = "\n".join(["day,group,x"] + [f"{i % 7},{'abc'[i % 3]},{i * 37 % 101}" for i in range(400)])
with tempfile.TemporaryDirectory() as folder:
    grouped = pathlib.Path(folder, "grouped.csv")
    grouped.write_text(by_day)
    reports.append(report_of(grouped, grouped, "--by", "group"))
    reports.append(report_of(grouped, grouped, "--by", "day", "--groups-max", 3))
    together = report_of(grouped, grouped, "--multivariate")
if [len(report["groups"]["groups"]) for report in reports[-2:]] != [3, 3]:
    failures.append("groups are missing")
if [test["method"] for test in together["multivariate"]] != ["pca_reconstruction", "domain_classifier", "correlation"]:
    failures.append("joint tests are missing")
reports.append(together)
for report in reports:
    failures += problems(report)

# The guard is guarded: what the schema promises is missed when it is gone, or says something new.
for spoil in (lambda report: report.pop("columns"), lambda report: report.update(schema="tristrata.drift_report/9"),
              lambda report: report["columns"][0].update(verdict="perhaps")):
    spoiled = json.loads(json.dumps(reports[0]))
    spoil(spoiled)
    if not problems(spoiled):
        failures.append("the schema accepts a spoiled report")


def validator_of(name):
    """Of a schema that takes parts from the drift report's."""
    own = json.loads((source / "docs/formats" / name).read_text())
    kind_of = jsonschema.validators.validator_for(own)
    kind_of.check_schema(own)
    return kind_of(own, resolver=jsonschema.RefResolver("", own, store={"drift_report.schema.json": schema}))


# A backtest has a schema of its own; by a peer's rules it holds what that measured.
validator = validator_of("backtest.schema.json")
ours = ("--plan", source / "examples/candle_days/plan.toml", "--window", "49", "--yearly", "--event", "2023-03-22=fee")
theirs = ("--time", "open_time", "--columns", "volume", "--method", "nannyml", "--reference", "2023-02-01..2023-03-22")
for options in (ours, theirs):
    done = subprocess.run([tristrata, "drift", "backtest", files[0], *options, "--chunk", "day", "--fail-on", "never",
                           "--format", "json"], capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"exit {done.returncode}: {done.stderr}")
    backtest = json.loads(done.stdout)
    failures += problems(backtest)
    if ("columns" in backtest) != (options is theirs):
        failures.append("a backtest holds a peer's columns where there is no peer, or lacks them")
    if options is theirs:
        backtest["columns"][0]["peer"][0].pop("alerts")
    else:
        backtest["chunks"][0]["use"] = "perhaps"
    if not problems(backtest):
        failures.append("the schema accepts a spoiled backtest")

# So has a model's quality, which holds columns as a drift report.
validator = validator_of("quality_report.schema.json")
data = source / "tests/data/ml"
hotel, three, cars = ([data / name.format(part) for part in ("reference", "monitoring")]
                      for name in ("nannyml_{}_hotel_booking.csv.gz", "simulated_{}_three_classes.csv.gz",
                                   "nannyml_{}_synthetic_car_price.csv.gz"))
binary = (*hotel, "--y-true", "is_canceled", "--y-proba", "y_pred_proba", "--count", "3")
classes = (*three, "--y-proba", "a=y_pred_proba_a,b=y_pred_proba_b,c=y_pred_proba_c", "--rows", 9000)
qualities = []
for words in (("check", *binary), ("check", *classes), ("check", *cars), ("estimate", *classes, "--features", "x1,x2"),
              ("estimate", *cars, "--rows", 20000, "--features", "car_age,km_driven")):
    done = subprocess.run([tristrata, "quality", *map(str, words), "--fail-on", "never", "--format", "json"],
                          capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"quality {words[0]}: exit {done.returncode}: {done.stderr}")
    qualities.append(json.loads(done.stdout))
    failures += [f"quality {words[0]}: {problem}" for problem in problems(qualities[-1])]
if not any(quality["columns"] for quality in qualities):
    failures.append("no quality report holds columns")
for spoil in (lambda report: report["chunks"][0]["metrics"][0].update(verdict="perhaps"),
              lambda report: report["chunks"][0]["metrics"][0].pop("p_adjusted"),
              lambda report: report["chunks"][0]["metrics"][0].update(estimate={"value": 1}),
              lambda report: report.update(kind="estimate"), lambda report: report.update(classes=[]),
              lambda report: report["columns"].update(summary={})):
    spoiled = json.loads(json.dumps(qualities[0]))
    spoil(spoiled)
    if not problems(spoiled):
        failures.append("the schema accepts a spoiled quality report")
print("\n".join(failures[:40]) or f"{len(reports)} reports, two backtests, {len(qualities)} quality reports validate")
sys.exit(1 if failures else 0)
