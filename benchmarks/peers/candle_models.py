"""Two models on 15-minute candles, as CSV: candle_models.py CANDLES.csv.gz FOLDER

Logistic regressions that say from one bar what the next one does: `up` or not (binary), and `down`, `flat` or `up`
with a dead zone of 7 basis points (three classes). They walk forward: every 28 days they are fitted anew on at most
180 days before, beginning with 14, so that every prediction is made by a model that has not seen its bar. Writes
outputs.csv (the bars with a prediction) and, of these, reference.csv (the first 26 weeks) and monitoring.csv. A bar
without volume has no logarithm: its cell is empty, since neither peer takes infinities. Needs pandas and
scikit-learn; deterministic."""
import pathlib
import sys

import numpy
import pandas
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

DAY, DEAD_ZONE = 96, 0.0007
FIRST, REFIT, MEMORY = 14 * DAY, 28 * DAY, 180 * DAY
REFERENCE = 26 * 7 * DAY
FEATURES = ["log_return", "log_range", "log_volume", "log_trades"]


def columns(candles):
    """What `examples/candle_days/plan.toml` derives, under the same names, and what the next bar did."""
    table = pandas.DataFrame({"open_time": candles.open_time})
    table["log_return"] = numpy.log(candles.close).diff()
    table["log_range"] = numpy.log(candles.high / candles.low)
    for name in ("volume", "trades"):
        table[f"log_{name}"] = numpy.log(candles[name].where(candles[name] > 0))
    table["next"] = table.log_return.shift(-1)
    return table


def predictors(table):
    """The bar's own features and the three returns before it; a missing one is taken as the last one known."""
    lags = {f"lag_{k}": table.log_return.shift(k) for k in (1, 2, 3)}
    return table[FEATURES].assign(**lags).ffill().fillna(0.0).to_numpy()


def walk_forward(x, label, rows):
    """Out-of-sample probabilities of each class in the order of the labels; rows before the first fit are left out."""
    classes = numpy.unique(label[:rows])
    said = numpy.full((rows, len(classes)), numpy.nan)
    for begin in range(FIRST, rows, REFIT):
        known = slice(max(0, begin - MEMORY), begin - 1)  # the last label is known once its next bar is
        model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=500))
        model.fit(x[known], label[known])
        said[begin:begin + REFIT] = model.predict_proba(x[begin:min(begin + REFIT, rows)])
    return classes, said


def main():
    folder = pathlib.Path(sys.argv[2])
    table = columns(pandas.read_csv(sys.argv[1]))
    rows = len(table) - 1  # the last bar has no next one
    x, after = predictors(table), table["next"].to_numpy()[:rows]
    up = (after > 0).astype(int)
    three = numpy.where(after > DEAD_ZONE, "up", numpy.where(after < -DEAD_ZONE, "down", "flat"))
    _, binary = walk_forward(x, up, rows)
    classes, probability = walk_forward(x, three, rows)
    out = table[["open_time", *FEATURES]].iloc[:rows].copy()
    out["up_proba"], out["up_pred"], out["up_true"] = binary[:, 1], (binary[:, 1] >= 0.5).astype(int), up
    for k, name in enumerate(classes):
        out[f"move_proba_{name}"] = probability[:, k]
    out["move_pred"], out["move_true"] = classes[numpy.nan_to_num(probability).argmax(axis=1)], three
    out = out.iloc[FIRST:]
    out.to_csv(folder / "outputs.csv", index=False)
    out.iloc[:REFERENCE].to_csv(folder / "reference.csv", index=False)
    out.iloc[REFERENCE:].to_csv(folder / "monitoring.csv", index=False)


main()
