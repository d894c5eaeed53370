"""Three years of 15-minute candles and two models on them: what ours, Evidently and NannyML say of each day.

The same days for all three, each held against the 60 days before it (NannyML, which takes seconds to fit, is fitted
anew each Monday on the 60 days before). Ours runs with examples/candle_days/plan.toml, and with the same null, season
and alpha for the models' outputs. Then each week's metrics without labels, by CBPE, against what came true."""
import concurrent.futures
import csv
import datetime
import json
import pathlib
import subprocess

import peers_estimates
import peers_windows
from measured import Measured, ended_well

HERE = pathlib.Path(__file__).resolve().parent
CANDLES = HERE.parent / "tests/data/candles"
PLAN = HERE.parent / "examples/candle_days/plan.toml"
SYMBOLS, WINDOW = ("BTC", "ETH"), 60
# The dated facts of tests/data/README.md.
FEE_CHANGE, HALT = datetime.date(2023, 3, 22), datetime.date(2023, 3, 24)
SHOCKS = [datetime.date.fromisoformat(day) for day in
          ("2023-08-17", "2024-03-05", "2024-08-05", "2025-10-10", "2026-02-05")]
FEATURES = dict.fromkeys(("log_return", "log_range", "log_volume", "log_trades"), "num")
SETS = {  # title -> columns with their kinds
    "four features": FEATURES,
    "outputs of the binary model": {"up_proba": "num", "up_pred": "cat"},
    "outputs of the three-class model": {
        "move_proba_down": "num", "move_proba_flat": "num", "move_proba_up": "num", "move_pred": "cat"},
}
ALL = {name: kind for kinds in SETS.values() for name, kind in kinds.items()}


def days_of(path):
    """Day -> rows [from, to) of the file, in order."""
    days = {}
    with open(path, newline="", encoding="ascii") as file:
        for row, line in enumerate(csv.DictReader(file)):
            day = datetime.datetime.fromtimestamp(int(line["open_time"]) / 1000, datetime.timezone.utc).date()
            days[day] = (days.get(day, (row,))[0], row + 1)
    return days


def on(day, count):
    return day + datetime.timedelta(count)


def ours(tristrata, data, plan):
    """Day -> columns that drifted. A day that is not tested is not in it. And day -> signals."""
    command = [tristrata, "drift", "backtest", data, "--plan", plan, "--chunk", "day", "--window", str(WINDOW),
               "--format", "json", "--fail-on", "never"]
    chunks = json.loads(ended_well(Measured(command), command).out)["chunks"]
    tested = {datetime.date.fromisoformat(chunk["key"]): chunk for chunk in chunks if chunk["use"] == "tested"}
    return ({day: [one["column"] for one in chunk["findings"] if one["signal"] is None]
             for day, chunk in tested.items()},
            {day: {one["signal"] for one in chunk["findings"]} - {None} for day, chunk in tested.items()})


def outputs_plan(folder, kinds):
    """The plan of the features, for columns that need no derivation."""
    path = folder / "outputs.toml"
    path.write_text(f'time = "open_time"\nnull = "chunks"\nseason = "weekend"\nalpha = 0.02\ncolumns = {list(kinds)}\n'
                    + "".join(f'[column.{name}]\nkind = "categorical"\n' for name, kind in kinds.items()
                              if kind == "cat"))
    return path


def evidently(python, folder, data, days, tested, before):
    """Day -> columns that drifted, against the `before` days before it."""
    windows = [[days[on(day, -before)][0], days[on(day, -1)][1], *days[day]] for day in tested]
    found, version = peers_windows.evidently(python, data, ALL, windows, folder)
    return dict(zip(tested, found)), version


def nannyml(python, folder, data, days, mondays):
    """Method set -> day -> columns with an alert."""
    windows = []
    for monday in mondays:
        week = [days[on(monday, number)] for number in range(7) if on(monday, number) in days]
        windows.append([days[on(monday, -WINDOW)][0], days[on(monday, -1)][1], week[0][0], week[-1][1]])
    found, version = peers_windows.nannyml(python, data, ALL, windows, folder, "open_time",
                                           ["jensen_shannon", "kolmogorov_smirnov", "wasserstein"])
    chunks = {datetime.date.fromisoformat(key): alerts for week in found for key, alerts in week}
    return {"default (Jensen-Shannon)": {day: {name for name, methods in alerts.items() if "jensen_shannon" in methods}
                                         for day, alerts in chunks.items()},
            "KS, JS and Wasserstein": {day: {name for name, methods in alerts.items() if methods}
                                       for day, alerts in chunks.items()}}, version


def row(tool, symbol, told, days):
    """One line of the table: told is day -> columns, over the same days for every tool."""
    dated = [FEE_CHANGE, HALT, *SHOCKS]
    ordinary = [day for day in days if all(abs((day - one).days) > 21 for one in dated)]
    flagged = sum(bool(told.get(day)) for day in ordinary)
    shocks = [day for day in SHOCKS if day in days]
    found = sum(bool(told.get(day) or told.get(on(day, 1))) for day in shocks)
    week = [on(FEE_CHANGE, number) for number in range(7)]
    first = next((day for day in week if told.get(day)), None)
    fee = f"{sum(bool(told.get(day)) for day in week)} of 7 days" + (f", first {first}" if first else "")
    return (f"| {tool} | {symbol} | {flagged} of {len(ordinary)} ({100 * flagged / len(ordinary):.1f} %) | "
            f"{found} of {len(shocks)} | {fee} |")


class Symbol:
    """What every tool says of every day of one symbol. Tool -> day -> columns, over `tested`."""

    def __init__(self, name, tristrata, peers, folder, every_week):
        self.name, self.versions, folder = name, {}, folder / name
        candles, data = CANDLES / f"{name}USDT_15m.csv.gz", folder / "outputs.csv"
        days = days_of(data)
        mondays = [day for day in days if day.weekday() == 0 and (day - min(days)).days >= WINDOW]
        if not every_week:  # those of the dated facts, and every eighth
            near = [day for day in mondays if any(abs((one - day).days) <= 6 for one in (FEE_CHANGE, *SHOCKS))]
            mondays = sorted({*mondays[::8], *near})
        self.ours, signals = {}, {}
        for title, kinds in SETS.items():
            plan = PLAN if kinds is FEATURES else outputs_plan(folder, kinds)
            self.ours[title], told = ours(tristrata, candles if kinds is FEATURES else data, plan)
            signals[title] = told
        self.signals = signals["four features"].get(HALT, set())
        weeks = {on(monday, number) for monday in mondays for number in range(7)}
        self.tested = sorted(weeks.intersection(*self.ours.values()))
        self.told = {}
        for before in (WINDOW, 1):
            self.told["Evidently", before], self.versions["Evidently"] = evidently(
                peers["evidently"], folder, data, days, self.tested, before)
        told, self.versions["NannyML"] = nannyml(peers["nannyml"], folder, data, days, mondays)
        for methods, found in told.items():
            self.told["NannyML", methods] = found

    def rows(self, title, kinds):
        yield row("Tristrata", self.name, self.ours[title], self.tested)
        for (tool, how), told in self.told.items():
            here = {day: [name for name in names if name in kinds] for day, names in told.items()}
            if tool == "NannyML":
                yield row(f"NannyML, {how}", self.name, here, self.tested)
                continue
            against = f"Evidently, against {how} days" if how > 1 else "Evidently, against the day before"
            yield row(f"{against}: any column", self.name, here, self.tested)
            yield row(f"{against}: dataset drift", self.name,
                      {day: names for day, names in here.items() if 2 * len(names) >= len(kinds)}, self.tested)
        if kinds is FEATURES:
            yield (f"| Tristrata's signals on the day of the halt | {self.name} | | | "
                   f"{', '.join(sorted(self.signals)) or 'none'} |")


def estimates(tristrata, peers, folder, wrong):
    print("\n### each week of the models without labels: CBPE\n\n" + peers_estimates.HEADING, flush=True)
    for symbol in SYMBOLS:
        where = folder / symbol
        command = [peers["nannyml"], "-W", "ignore", HERE / "peers/nannyml_estimates.py", "--candles", where]
        theirs = json.loads(ended_well(Measured(command), command).out)["sets"]
        files = [where / "reference.csv", where / "monitoring.csv"]
        for name, prefix, proba in (("binary", "up", "up_proba"),
                                    ("three_classes", "move", ",".join(f"{label}=move_proba_{label}" for label in
                                                                       ("down", "flat", "up")))):
            report, _ = peers_estimates.ours(tristrata, files, 672, [
                "--y-true", f"{prefix}_true", "--y-pred", f"{prefix}_pred", "--y-proba", proba,
                "--features", ",".join(FEATURES)])
            title = f"{symbol}, {name.replace('_', ' ')}"
            print("\n".join(peers_estimates.beside(title, report, theirs[name]["metrics"], wrong)), flush=True)


def run(tristrata, peers, folder, asked):
    wrong = []
    for symbol in SYMBOLS:
        (folder / symbol).mkdir()
        subprocess.run([peers["nannyml"], HERE / "peers/candle_models.py", CANDLES / f"{symbol}USDT_15m.csv.gz",
                        folder / symbol], check=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:  # each waits for processes of its own
        symbols = list(pool.map(lambda name: Symbol(name, tristrata, peers, folder, asked.every_week), SYMBOLS))
    for title, kinds in SETS.items():
        print(f"\n### {title}\n\n| tool | symbol | ordinary days flagged | shocks found by the end of the next day | "
              "2023-03-22 to 28 (BTC: the fee change) |\n|---|---|---|---|---|")
        for symbol in symbols:
            print("\n".join(symbol.rows(title, kinds)), flush=True)
    estimates(tristrata, peers, folder, wrong)
    print(f"\nEvidently {symbols[0].versions['Evidently']}, NannyML {symbols[0].versions['NannyML']}.")
    return wrong
