"""What NannyML estimates without labels, and what came true, as one JSON document:
nannyml_estimates.py DATA > OUT, or nannyml_estimates.py --candles FOLDER > OUT, or nannyml_estimates.py --fit DATA

DATA is tests/data/ml; FOLDER holds what candle_models.py wrote, whose weeks are estimated. In an environment of its own
(Python 3.11): pip install nannyml==0.13.1 statsmodels 'pandas<3'. CBPE on the hotel bookings and on both simulated
sets, DLE on the car prices, ten chunks each, no tuning. Rows stand in the order of the files, which is that of time:
given a time column NannyML would sort by it, and not stably. fit_s and estimate_s are CPU seconds of this process and
what it started. With --fit the cars' reference is read and fitted, and nothing else is done."""
import json
import os
import pathlib
import platform
import resource
import sys
import time

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
import nannyml  # noqa: E402
import pandas  # noqa: E402

CLASSIFICATION = ["accuracy", "precision", "recall", "specificity", "f1", "roc_auc", "average_precision"]
REGRESSION = ["mae", "mape", "mse", "rmse", "msle", "rmsle"]


def seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def answers(result, metrics):
    table = result.filter(period="analysis").to_df()
    out = {}
    for metric in metrics:
        part = table[metric]
        out[metric] = {name: [None if pandas.isna(v) else float(v) for v in part[column]]
                       for name, column in [("estimated", "value"), ("realised", "realized"),
                                            ("low", "lower_confidence_boundary"),
                                            ("high", "upper_confidence_boundary"),
                                            ("sampling_error", "sampling_error")] if column in part}
    return out


def table(data, name):
    return pandas.read_csv(next(data.glob(f"{name}.csv*")))


def run(make, data, names, metrics):
    reference, monitoring = (table(data, name) for name in names)
    begun, clock = seconds(), time.perf_counter()
    estimator = make(metrics)
    estimator.fit(reference)
    fitted, fit_wall = seconds(), time.perf_counter() - clock
    result = estimator.estimate(monitoring)
    done = seconds()
    return {"rows": [len(reference), len(monitoring)], "fit_s": round(fitted - begun, 2),
            "fit_wall_s": round(fit_wall, 2), "estimate_s": round(done - fitted, 2),
            "metrics": answers(result, metrics)}


CAR_PRICE = ("nannyml_reference_synthetic_car_price", "nannyml_monitoring_synthetic_car_price")


def car_estimator(metrics):
    cars = ["car_age", "km_driven", "price_new", "accident_count", "door_count", "fuel", "transmission"]
    return nannyml.DLE(feature_column_names=cars, y_pred="y_pred", y_true="y_true", metrics=metrics, chunk_size=6000,
                       tune_hyperparameters=False)


def labelled_sets(data):
    # Bands are estimate +- 3 sampling errors; that of average_precision is drawn without a seed and never repeats.
    return {
        "hotel_booking": run(lambda metrics: nannyml.CBPE(
            problem_type="classification_binary", y_true="is_canceled", y_pred="y_pred",
            y_pred_proba="y_pred_proba", chunk_number=10, metrics=metrics),
            data, ("nannyml_reference_hotel_booking", "nannyml_monitoring_hotel_booking"), CLASSIFICATION),
        "simulated_binary": run(lambda metrics: nannyml.CBPE(
            problem_type="classification_binary", y_true="y_true", y_pred="y_pred", y_pred_proba="y_pred_proba",
            chunk_size=2000, metrics=metrics),
            data, ("simulated_reference_binary", "simulated_monitoring_binary"), CLASSIFICATION),
        "simulated_three_classes": run(lambda metrics: nannyml.CBPE(
            problem_type="classification_multiclass", y_true="y_true", y_pred="y_pred",
            y_pred_proba={c: f"y_pred_proba_{c}" for c in "abc"}, chunk_size=2000, metrics=metrics),
            data, ("simulated_reference_three_classes", "simulated_monitoring_three_classes"), CLASSIFICATION),
        "car_price": run(car_estimator, data, CAR_PRICE, REGRESSION),
    }


def candle_sets(folder):
    return {
        "binary": run(lambda metrics: nannyml.CBPE(
            problem_type="classification_binary", y_true="up_true", y_pred="up_pred", y_pred_proba="up_proba",
            chunk_size=672, metrics=metrics), folder, ("reference", "monitoring"), CLASSIFICATION[:-1]),
        "three_classes": run(lambda metrics: nannyml.CBPE(
            problem_type="classification_multiclass", y_true="move_true", y_pred="move_pred",
            y_pred_proba={c: f"move_proba_{c}" for c in ("down", "flat", "up")}, chunk_size=672, metrics=metrics),
            folder, ("reference", "monitoring"), CLASSIFICATION[:-1]),
    }


def main():
    if sys.argv[1] == "--fit":
        car_estimator(REGRESSION).fit(table(pathlib.Path(sys.argv[2]), CAR_PRICE[0]))
        return
    keep = os.dup(1)  # LightGBM writes its training log on standard output.
    os.dup2(2, 1)
    if sys.argv[1] == "--candles":
        sets = candle_sets(pathlib.Path(sys.argv[2]))
    else:
        sets = labelled_sets(pathlib.Path(sys.argv[1]))
    sys.stdout.flush()
    os.dup2(keep, 1)
    document = {"nannyml": nannyml.__version__, "python": platform.python_version(), "sets": sets}
    json.dump(document, sys.stdout, indent=1)
    print()


main()
