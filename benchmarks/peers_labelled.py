"""Labelled sets whose drift is dated: what each tool flags before it and finds after it.

Reference is the reference file; the monitoring file is cut into ten chunks, drifted from the sixth on. In the
simulated sets it is known of each column whether it moves; in the car prices that the table does; the hotel's
accuracy is lowest in its third chunk, and nothing is known of its columns. Ours is `drift check` of each chunk; the
peers run with defaults."""
import json
import pathlib

import pandas

import peers_windows
from measured import Measured, ended_well

DATA = pathlib.Path(__file__).resolve().parent.parent / "tests/data/ml"
CARS = {**dict.fromkeys(("car_age", "km_driven", "price_new", "accident_count", "door_count"), "num"),
        **dict.fromkeys(("fuel", "transmission"), "cat")}
HOTEL = {**dict.fromkeys(("lead_time", "adr", "stays_in_week_nights", "days_in_waiting_list"), "num"),
         **dict.fromkeys(("hotel", "meal", "market_segment", "distribution_channel", "deposit_type", "customer_type"),
                         "cat")}
X = dict.fromkeys(("x1", "x2", "x3"), "num")
# Title, files, columns, and those that move from the sixth chunk on (None: nothing is known of single columns).
SETS = [("two classes, simulated", "simulated_{}_binary", X, {"x1", "x3"}),
        ("three classes, simulated", "simulated_{}_three_classes", X, {"x1", "x3"}),
        ("car prices", "nannyml_{}_synthetic_car_price", CARS, None),
        ("hotel bookings", "nannyml_{}_hotel_booking", HOTEL, None)]
CHUNKS, FIRST_DRIFTED = 10, 5


def ours(tristrata, folder, whole, kinds, windows):
    """Of each window the columns whose distribution drifted or one of whose signals fired."""
    plan = folder / "plan.toml"
    plan.write_text("".join(f'[column.{name}]\nkind = "{"numeric" if kind == "num" else "categorical"}"\n'
                            for name, kind in kinds.items()))
    found = []
    for a, b, c, d in windows:
        paths = [folder / "reference.csv", folder / "current.csv"]
        for path, (begin, end) in zip(paths, ((a, b), (c, d))):
            whole.iloc[begin:end].to_csv(path, index=False)
        command = [tristrata, "drift", "check", *paths, "--plan", plan, "--format", "json", "--fail-on", "never"]
        columns = json.loads(ended_well(Measured(command), command).out)["columns"]
        found.append({column["name"] for column in columns if column["verdict"] == "drift" or
                      any(one["verdict"] == "drift" for one in column["signals"])})
    return found


def cells(told, kinds, moves):
    """Three shares: what did not move and is flagged, what moved and is found, and the chunks with any flag."""
    quiet = loud = quiet_all = loud_all = 0
    for number, names in enumerate(told):
        if moves is None:
            drifts = [(number >= FIRST_DRIFTED, bool(names))]
        else:
            drifts = [(number >= FIRST_DRIFTED and name in moves, name in names) for name in kinds]
        for drifted, flagged in drifts:
            loud_all, loud = loud_all + drifted, loud + (drifted and flagged)
            quiet_all, quiet = quiet_all + (not drifted), quiet + (not drifted and flagged)
    return f"{quiet} of {quiet_all} | {loud} of {loud_all}"


def run(tristrata, peers, folder, asked):
    print("\n| set | tool | flagged where nothing moved | found where it did |\n|---|---|---|---|", flush=True)
    for title, pattern, kinds, moves in SETS:
        parts = [pandas.read_csv(DATA / f"{pattern.format(part)}.csv.gz", usecols=list(kinds))
                 for part in ("reference", "monitoring")]
        whole, n = pandas.concat(parts)[list(kinds)], len(parts[0])
        rows = len(parts[1]) // CHUNKS
        windows = [[0, n, n + number * rows, n + (number + 1) * rows] for number in range(CHUNKS)]
        data = folder / "whole.csv"
        whole.to_csv(data, index=False)
        told = {"Tristrata": ours(tristrata, folder, whole, kinds, windows)}
        told["Evidently, any column"], evidently = peers_windows.evidently(peers["evidently"], data, kinds, windows,
                                                                           folder)
        told["Evidently, dataset drift"] = [names if 2 * len(names) >= len(kinds) else set()
                                            for names in told["Evidently, any column"]]
        found, nannyml = peers_windows.nannyml(peers["nannyml"], data, kinds, windows, folder)
        told["NannyML"] = [{name for name, methods in chunks[0][1].items() if methods} for chunks in found]
        for tool, names in told.items():
            if "hotel" in title:
                third = ", ".join(sorted(names[2])) or "none"
                print(f"| {title} | {tool} | {sum(map(bool, names))} of {CHUNKS} chunks have a flag | "
                      f"in the third: {third} |")
            else:
                print(f"| {title} | {tool} | {cells(names, kinds, moves)} |", flush=True)
    print(f"\nEvidently {evidently}, NannyML {nannyml}.")
    return []
