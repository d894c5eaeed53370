"""drift backtest on the command line: how rows are cut, what is refused, exit codes, state, detectors:
backtest_test.py TRISTRATA"""
import datetime
import json
import pathlib
import random
import subprocess
import sys
import tempfile

tristrata, failures = sys.argv[1], []
utc = datetime.timezone.utc


def run(*arguments):
    return subprocess.run([tristrata, "drift", "backtest", *map(str, arguments)], capture_output=True, text=True,
                          timeout=120)


def expect(done, code, said=""):
    if done.returncode != code or said not in done.stdout + done.stderr:
        failures.append(f"{done.args[3:]}: exit {done.returncode}, said {done.stdout[-600:]!r} {done.stderr!r}; "
                        f"expected exit {code} and {said!r}")
    return done


def result(*arguments):
    done = expect(run(*arguments, "--format", "json", "--fail-on", "never"), 0)
    return json.loads(done.stdout) if done.returncode == 0 else {"summary": {}, "chunks": []}


def same(found, wanted, what):
    if found != wanted:
        failures.append(f"{what}: {found}, expected {wanted}")


with tempfile.TemporaryDirectory() as folder:
    draws = random.Random(7)
    table, state = pathlib.Path(folder, "hours.csv"), pathlib.Path(folder, "state.json")
    begin = datetime.datetime(2023, 2, 28, 23, tzinfo=utc)  # Midnight in Berlin.
    rows = [((begin + datetime.timedelta(hours=hour)).isoformat(), draws.gauss(9 * (hour >= 40 * 24 + 5), 1),
             int(draws.random() < (0.1 if hour < 900 else 0.7))) for hour in range(45 * 24)]

    def write(count):
        table.write_text("t,x,wrong\n" + "\n".join(",".join(map(str, row)) for row in rows[:count]) + "\n")

    write(len(rows))
    window = ("--time", "t", "--columns", "x", "--window", "19")

    # How rows are cut.
    berlin = result(table, *window, "--chunk", "day", "--zone", "Europe/Berlin")
    by_key = {chunk["key"]: chunk for chunk in berlin["chunks"]}
    same(by_key["2023-03-26"]["rows"], 23, "rows of the day on which clocks went forward")
    same((by_key["2023-03-26"]["use"], by_key["2023-03-26"]["from"], by_key["2023-03-26"]["to"]),
         ("tested", "2023-03-25T23:00:00Z", "2023-03-26T22:00:00Z"), "that day")
    local = pathlib.Path(folder, "local.csv")
    local.write_text(table.read_text().replace("+00:00", ""))
    for path, zone, said in ((table, "Europe/Berlin", False), (local, "Europe/Berlin", True), (local, "UTC", False)):
        notes = result(path, *window, "--chunk", "day", "--zone", zone)["notes"]
        same(any("carry no zone and were read as UTC" in note for note in notes), said,
             f"a note on {path.name} in {zone}")
    same(result(table, *window, "--rows", "24")["summary"]["tested"], 26, "chunks of 24 rows tested")
    same(result(table, *window, "--count", "40")["summary"]["tested"], 21, "of 40 chunks tested")
    same(result(table, *window[:4], "--rows", "100", "--window", "5", "--null", "independent")["chunks"][-1]["use"],
         "unused", "the remainder of 100 rows a chunk")
    same(result(table, "--columns", "x", "--window", "19", "--rows", "24")["summary"]["tested"], 26, "without times")

    # What is refused.
    expect(run(table, *window), 2, "--chunk day")
    expect(run(table, *window, "--chunk", "day", "--rows", "24"), 2, "in one way")
    expect(run(table, *window, "--chunk", "fortnight"), 2, "15min, hour, day")
    expect(run(table, *window, "--chunk", "day", "--zone", "Europe/Berlim"), 2, "did you mean Europe/Berlin?")
    expect(run(table, "--columns", "x", "--chunk", "day"), 2, "--time")
    expect(run(table, *window, "--chunk", "day", "--null", "chunks", "--alpha", "0.01"), 2, "99 windows are needed")
    expect(run(table, *window, "--chunk", "week"), 2, "20 are needed")
    expect(run(table, *window, "--chunk", "day", "--reference", "2023-03-01..2023-03-20"), 2, "give one")
    expect(run(table, "--time", "t", "--chunk", "day", "--reference", "2023-03-01..2023-04-01", "--yearly"), 2, "grows")
    expect(run(table, *window, "--chunk", "day", "--event", "yesterday"), 2, "TIME=NAME")
    expect(run(table, *window, "--chunk", "day", "--set", "delta=1"), 2, "--detector")

    # Exit codes and the state: only what is tested now counts.
    change = ("--chunk", "day", "--zone", "Europe/Berlin", "--event", "2023-04-10T04:00Z=change")
    shown = expect(run(table, *window, *change), 1, "2023-04-10")
    if "18 h later (end of 2023-04-10)" not in shown.stdout:
        failures.append(f"the change is not seen on its day: {shown.stdout}")
    write(35 * 24 - 1)
    expect(run(table, *window, *change, "--state", state), 0)
    write(len(rows))
    expect(run(table, *window, *change, "--state", state), 1, "10 chunks were tested now")
    expect(run(table, *window, *change, "--state", state), 0, "0 chunks were tested now")
    state.write_text(state.read_text()[:5000])
    expect(run(table, *window, *change, "--state", state), 3, "remove it to test every chunk anew")
    state.write_text('{"schema": "tristrata.backtest/2"}')
    done = run(table, *window, *change, "--state", state)
    expect(done, done.returncode or 9, "tristrata.backtest/1")
    expect(run(table, *window, "--rows", "1"), 3, "no chunk could be tested")

    # NannyML's rules: the values, bounds and alerts of a check of the same chunks, over time.
    plan = pathlib.Path(folder, "nannyml.toml")
    plan.write_text('method = "nannyml"\n[nannyml]\nchunk_period = "day"\n'
                    'continuous_methods = ["jensen_shannon", "kolmogorov_smirnov", "wasserstein", "hellinger"]\n')
    peer = ("--time", "t", "--columns", "x,wrong", "--plan", plan)
    before, after = "2023-03-01..2023-03-21", "2023-03-21..2023-04-14"
    over_time = result(table, *peer, "--chunk", "day", "--reference", before)
    done = subprocess.run([tristrata, "drift", "check", table, *peer, "--reference", before, "--current", after,
                           "--fail-on", "never", "--format", "json"], capture_output=True, text=True, timeout=120)
    checked = json.loads(done.stdout)["columns"] if done.returncode == 0 else []
    same([(column["column"], column["peer"]) for column in over_time.get("columns", [])],
         [(column["name"], column["peer"]) for column in checked], "what NannyML's methods measure")
    same(len(checked[1]["peer"] if len(checked) > 1 else []), 4, "methods of NannyML that were compared")
    alerts = {chunk["key"] for column in checked for test in column["peer"]
              for chunk in test["chunks"] if chunk["alert"]}
    same({chunk["key"] for chunk in over_time["chunks"] if chunk["findings"]}, alerts, "days that alert")
    same("2023-04-11" in alerts, True, f"an alert after the change, among {sorted(alerts)}")
    same(over_time["chunks"][-1]["use"], "unused", "the day that the data end in")
    watched = (table, *peer, "--chunk", "day", "--reference", before, "--fail-on", "warn", "--state",
               pathlib.Path(folder, "peer.json"))
    expect(run(*watched), 1, "jensen_shannon")
    expect(run(*watched), 0, "0 chunks were tested now")
    expect(run(table, *peer, "--chunk", "day"), 2, "name it with --reference")
    expect(run(table, *window, "--chunk", "day", "--method", "evidently"), 2, "knows no chunks over time")
    plan.write_text('method = "nannyml"\nexplain_difference = true\n')
    expect(run(table, *peer, "--chunk", "day", "--reference", before), 2, "does not explain differences")

    # Detectors.
    found = result(table, "--time", "t", "--columns", "x", "--detector", "page_hinkley", "--set", "threshold=30")
    drifts = [drift["index"] for drift in found["columns"][0]["drifts"]]
    if not drifts or not 965 <= drifts[-1] <= 980:
        failures.append(f"page_hinkley on the change at 965: {drifts}")
    errors = ("--time", "t", "--columns", "wrong", "--detector", "ddm")
    expect(run(table, *errors, "--fail-on", "warn"), 1, "ddm fired 1 time")
    expect(run(table, *errors), 0, "ddm fired 1 time")
    expect(run(table, "--time", "t", "--columns", "x", "--detector", "ddm"), 3, "ddm reads errors")
    expect(run(table, "--time", "t", "--detector", "admin"), 2, "did you mean adwin?")
    expect(run(table, "--detector", "adwin", "--chunk", "day"), 2, "--chunk belongs to chunks")
    expect(run(table, "--detector", "adwin", "--set", "delta=much"), 2, "PARAMETER=NUMBER")
    kept = result(table, "--time", "t", "--columns", "x", "--detector", "incremental_ks", "--reference",
                  "2023-03-01..2023-04-01")
    same(kept["columns"][0]["values"], 45 * 24 - 31 * 24 - 1, "values after the reference")

print("\n".join(failures) or "the backtest's command line behaves")
sys.exit(1 if failures else 0)
