"""Three years of candles, one plan for all symbols, each day against the 60 before it: what the plan must find, and how
seldom it may err: candle_days_test.py TRISTRATA SOURCE"""
import csv
import datetime
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

tristrata, source = sys.argv[1], pathlib.Path(sys.argv[2])
plan = source / "examples/candle_days/plan.toml"
failures = []

# The dated facts of tests/data/README.md.
FEE_CHANGE, HALT = "2023-03-22", "2023-03-24"
SHOCKS = ["2023-08-17", "2024-03-05", "2024-08-05", "2025-10-10", "2026-02-05"]
SYMBOLS = ["BTC", "ETH"]


def day(text):
    return datetime.date.fromisoformat(text)


def expect(holds, said):
    if not holds:
        failures.append(said)


def backtest(data, *arguments):
    done = subprocess.run([tristrata, "drift", "backtest", str(data), "--plan", str(plan), "--chunk", "day", "--format",
                           "json", "--fail-on", "never", "--at", "2026-05-01", *map(str, arguments)],
                          capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def drifted(chunk):
    return [finding["column"] for finding in chunk["findings"] if finding["signal"] is None]


def signals(chunk):
    return {finding["signal"] for finding in chunk["findings"] if finding["signal"] is not None}


pairs, results = 0, {}
for symbol in SYMBOLS:
    result = results[symbol] = backtest(source / f"tests/data/candles/{symbol}USDT_15m.csv.gz",
                                        "--event", f"{FEE_CHANGE}=fee_change", "--event", f"{HALT}T11:27Z=halt")
    chunks = {chunk["key"]: chunk for chunk in result["chunks"]}
    tested = [chunk for chunk in result["chunks"] if chunk["use"] == "tested"]
    expect(result["chunks"].index(tested[0]) == 60, f"{symbol}: the first tested day is not day 61")
    expect(len(tested) > 1100, f"{symbol}: only {len(tested)} days tested")
    expect({"gap", "infinite_share"} <= signals(chunks[HALT]), f"{symbol}: the halt shows {signals(chunks[HALT])}")
    for shock in SHOCKS:
        until = [str(day(shock) + datetime.timedelta(days)) for days in (0, 1)]
        pairs += any(drifted(chunks[key]) for key in until)
    dated = [day(text) for text in [FEE_CHANGE, HALT, *SHOCKS]]
    ordinary = [chunk for chunk in tested if all(abs((day(chunk["key"]) - date).days) > 21 for date in dated)]
    flagged = sum(bool(drifted(chunk)) for chunk in ordinary)
    print(f"{symbol}: {flagged} of {len(ordinary)} ordinary days flagged, {100 * flagged / len(ordinary):.2f} %")
    expect(flagged <= 0.03 * len(ordinary), f"{symbol}: {flagged} of {len(ordinary)} ordinary days flagged")
    if symbol == "BTC":
        expect(drifted(chunks[FEE_CHANGE]), "BTC: the fee change is not seen on its first day")
        event = result["events"][0]
        expect(event["first_drift"] == FEE_CHANGE and event["time_to_drift_s"] == 86400, f"BTC: {event}")
    else:
        week = [str(day(FEE_CHANGE) + datetime.timedelta(days)) for days in range(7)]
        expect(not any(drifted(chunks[key]) for key in week), "ETH: a verdict in the week of BTC's fee change")
print(f"{pairs} of {len(SHOCKS) * len(SYMBOLS)} shocks seen by the end of the next day")
expect(pairs >= 9, f"only {pairs} of the shocks are seen by the end of the next day")

# What a backtest says of a day is what a check of that day says.
chunks = {chunk["key"]: chunk for chunk in results["BTC"]["chunks"]}
for text in [FEE_CHANGE, HALT, "2023-06-01", "2024-03-05"]:
    window = [str(day(text) + datetime.timedelta(days)) for days in (-60, 0, 1)]
    data = source / "tests/data/candles/BTCUSDT_15m.csv.gz"
    done = subprocess.run([tristrata, "drift", "check", data, "--plan", plan,
                           "--reference", f"{window[0]}..{window[1]}", "--current", f"{window[1]}..{window[2]}",
                           "--format", "json", "--fail-on", "never"], capture_output=True, text=True, timeout=300)
    report = json.loads(done.stdout)
    expect([column["name"] for column in report["columns"] if column["verdict"] == "drift"] == drifted(chunks[text]),
           f"BTC {text}: a check says otherwise")

# A day more is a day more: the state of the first half year, then one further day.
with tempfile.TemporaryDirectory() as folder:
    data, state = pathlib.Path(folder, "candles.csv"), pathlib.Path(folder, "state.json")
    with gzip.open(source / "tests/data/candles/BTCUSDT_15m.csv.gz", "rt", newline="") as file:
        rows = list(csv.reader(file))
    midnight = {int(datetime.datetime(2023, 7, date, tzinfo=datetime.timezone.utc).timestamp() * 1000): date
                for date in (1, 2)}
    ends = {midnight[int(row[0])]: number for number, row in enumerate(rows[1:], 1) if int(row[0]) in midnight}
    reused = []
    for date in (1, 2, 2):
        with open(data, "w", newline="") as file:
            csv.writer(file).writerows(rows[:ends[date]])
        summary = backtest(data, "--state", state, "--yearly")["summary"]
        reused.append((summary["tested"], summary["reused"]))
    expect(reused == [(120, 0), (121, 120), (121, 121)], f"tested and taken over: {reused}")

print("\n".join(failures) or "the candles are seen as they should be")
sys.exit(1 if failures else 0)
