"""What CBPE and DLE foretell without labels beside NannyML, on the same chunks, held against what came true.

Of each metric: the mean absolute error of both, the floor (the error of an estimator that knows every probability),
how many chunks came true inside the band (ours 95 %, NannyML's three sampling errors a side), and the bands' mean
widths."""
import json
import math
import pathlib

from measured import Measured, ended_well

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "tests/data/ml"
THREE = "a=y_pred_proba_a,b=y_pred_proba_b,c=y_pred_proba_c"
# Set of NannyML's document -> title, files, rows a chunk, and our arguments.
SETS = {
    "simulated_binary": ("two classes", "simulated_{}_binary", 2000,
                         ["--y-proba", "y_pred_proba", "--features", "x1,x2,x3"]),
    "simulated_three_classes": ("three classes", "simulated_{}_three_classes", 2000,
                                ["--y-proba", THREE, "--features", "x1,x2,x3"]),
    "hotel_booking": ("hotel", "nannyml_{}_hotel_booking", 3493,
                      ["--y-true", "is_canceled", "--y-proba", "y_pred_proba"]),
    "car_price": ("cars", "nannyml_{}_synthetic_car_price", 6000,
                  ["--features", "car_age,km_driven,price_new,accident_count,door_count,fuel,transmission"]),
}
HEADING = ("| set, metric | ours | NannyML | ours / NannyML (mark 1.1) | floor | in our band (mark 90 %) | in theirs | "
           "our width | theirs |\n" + "|---" * 9 + "|")


def ours(tristrata, files, rows, arguments):
    """Our report, and the command that made it."""
    command = [tristrata, "quality", "estimate", *files, "--rows", rows, "--threads", "2", "--format", "json",
               "--fail-on", "never", *arguments]
    return json.loads(ended_well(Measured(command), command).out), command


def beside(title, report, theirs, wrong):
    """Rows of the table, one a metric; what both say came true must be the same."""
    rows = []
    for metric, answer in theirs.items():
        sums = dict.fromkeys(("ours", "theirs", "floor", "inside", "their_inside", "width", "their_width"), 0.0)
        chunks = 0
        for chunk, told in enumerate(report["chunks"]):
            mine = next((one for one in told["metrics"] if one["metric"] == metric), None)
            truth, estimate = (None, None) if mine is None else (mine["realised"], mine["estimate"])
            if truth is None or not estimate or estimate["value"] is None or answer["realised"][chunk] is None:
                continue
            if not math.isclose(truth, answer["realised"][chunk], rel_tol=1e-9, abs_tol=1e-9):
                wrong.append(f"{title}: {metric} of chunk {chunk} came true as {truth}, "
                             f"there as {answer['realised'][chunk]}")
            low, high = answer["low"][chunk], answer["high"][chunk]
            chunks += 1
            sums["ours"] += abs(estimate["value"] - truth)
            sums["theirs"] += abs(answer["estimated"][chunk] - truth)
            sums["floor"] += estimate["floor"]
            sums["inside"] += estimate["low"] <= truth <= estimate["high"]
            sums["their_inside"] += low <= truth <= high
            sums["width"] += estimate["high"] - estimate["low"]
            sums["their_width"] += high - low
        if not chunks:
            wrong.append(f"{title}: no chunk of {metric} could be compared")
            continue
        ratio, share = sums["ours"] / sums["theirs"], sums["inside"] / chunks
        mean = {name: value / chunks for name, value in sums.items()}
        rows.append(f"| {title}, {metric} | {mean['ours']:.4g} | {mean['theirs']:.4g} | {ratio:.2f}"
                    f"{'' if ratio <= 1.1 else ' missed'} | {mean['floor']:.4g} | {sums['inside']:.0f} of {chunks}"
                    f"{'' if share >= 0.9 else ' missed'} | {sums['their_inside']:.0f} | {mean['width']:.3g} | "
                    f"{mean['their_width']:.3g} |")
    return rows


TURNS = 3


def fit_beside(command, document, ours_command):
    """DLE's fit as whole processes, in turn; and NannyML's fit alone beside all that ours does."""
    only_fit = [*command[:-1], "--fit", DATA]
    # Threads that turn while they wait count as processor time, much of it on a busy machine; those that sleep do not.
    runs = {"ours": [], "theirs": [], "asleep": []}
    for _ in range(TURNS):
        for name, words, environment in [("ours", ours_command, None), ("theirs", only_fit, None),
                                         ("asleep", only_fit, {"OMP_WAIT_POLICY": "passive"})]:
            runs[name].append(ended_well(Measured(words, environment), words))
    mine, theirs, asleep = (min(one, key=lambda run: run.wall) for one in runs.values())
    fit, wall = document["sets"]["car_price"]["fit_s"], document["sets"]["car_price"]["fit_wall_s"]
    ratio = theirs.wall / mine.wall
    return (f"DLE on the cars, six metrics, 60,000 rows, whole processes, the best of {TURNS} in turn: NannyML reads "
            f"the reference and fits in {theirs.wall:.2f} s ({theirs.cpu:.1f} s of processor time), with threads that "
            f"sleep while they wait (`OMP_WAIT_POLICY=passive`) in {asleep.wall:.2f} s ({asleep.cpu:.1f} s); "
            f"ours reads both "
            f"files, fits, estimates and draws bands in {mine.wall:.2f} s ({mine.cpu:.2f} s): {ratio:.1f} ×, mark 5 ×: "
            f"{'met' if ratio >= 5 else 'missed'}. NannyML's fit alone, its libraries and the table in memory, "
            f"takes {wall:.1f} s ({fit:.1f} s): {wall / mine.wall:.1f} × our whole process. NannyML "
            f"{document['nannyml']}.")


def run(tristrata, peers, folder, asked):
    wrong = []
    command = [peers["nannyml"], "-W", "ignore", HERE / "peers/nannyml_estimates.py", DATA]
    document = json.loads(ended_well(Measured(command), command).out)
    print("\n" + HEADING, flush=True)
    for name, (title, pattern, rows, arguments) in SETS.items():
        files = [DATA / f"{pattern.format(part)}.csv.gz" for part in ("reference", "monitoring")]
        report, our_command = ours(tristrata, files, rows, arguments)
        print("\n".join(beside(title, report, document["sets"][name]["metrics"], wrong)), flush=True)
    print("\n" + fit_beside(command, document, our_command), flush=True)
    return wrong
