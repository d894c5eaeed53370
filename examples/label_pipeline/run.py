"""Labels, features and a model on real candles, every variant x crypto x fold of them watched.

    python run.py [--run-id R] [--at TIME] [--folds N] [--reports FOLDER] [CRYPTO]...

Needs TRISTRATA_KPI_URL, TRISTRATA_DRIFT_URL and, for a spool, TRISTRATA_SPOOL; the stores' tables are made where they
are not.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import features
import fold
import labels
import pandas as pd
from hamilton import driver

import tristrata
from tristrata.hamilton import TristrataAdapter
from tristrata.kpi import emit_kpi

CANDLES = Path(__file__).parent.parent / "fee_change"
VARIANTS = {"narrow": 0.6, "wide": 1.2}  # the barriers, in deviations of the horizon's return
HORIZON = 8  # bars: two hours
MODULE = "label_pipeline"
DELIVERED = "2023-05-01T00:00:00Z"  # the candles end before it


def read_candles(crypto: str) -> pd.DataFrame:
    candles = pd.read_csv(CANDLES / f"{crypto}_15m.csv.gz")
    candles.index = pd.DatetimeIndex(pd.to_datetime(candles.pop("open_time"), unit="ms", utc=True), name="time")
    return candles


def label(run_id: str, variant: str, crypto: str) -> pd.DataFrame:
    """A row per bar: features and label."""
    adapter = TristrataAdapter(run_id=run_id, module=f"{MODULE}.labels", tags={"variant": variant, "crypto": crypto})
    dr = driver.Builder().with_modules(features, labels).with_adapters(adapter).build()
    inputs = {"candles": read_candles(crypto), "barrier": VARIANTS[variant], "horizon": HORIZON}
    found = dr.execute(["labelled"], inputs=inputs)["labelled"]
    assert isinstance(found, pd.DataFrame)
    return found


def walk_forward(run_id: str, variant: str, crypto: str, labelled: pd.DataFrame, folds: int) -> int:
    """A model per fold; what it is worth goes to the KPI store. How many folds told theirs."""
    completed = 0
    for fold_id in range(folds):
        tags = {"variant": variant, "crypto": crypto, "fold_id": str(fold_id)}
        adapter = TristrataAdapter(run_id=run_id, module=f"{MODULE}.fold", tags=tags)
        dr = driver.Builder().with_modules(fold).with_adapters(adapter).build()
        inputs = {"labelled": labelled, "fold_id": fold_id, "folds": folds, "horizon": HORIZON}
        worth = dr.execute(["accuracy", "predictions_captured_rate"], inputs=inputs)
        emit_kpi(module=f"{MODULE}.fold", run_id=run_id, tags=tags, **worth)
        completed += 1
        print(f"{variant:7} {crypto} fold {fold_id}  accuracy {worth['accuracy']:.3f}")
    return completed


def check_features(run_id: str, crypto: str, labelled: pd.DataFrame, at: str = DELIVERED) -> tristrata.Report:
    """The second half, on which models are judged, against the first, which all of them have seen.

    `at` is when the run was to be, not when it is: a retry then makes the same report, and pushes the same rows.
    """
    half = len(labelled) // 2
    timed = labelled.reset_index()
    report = tristrata.check(timed.iloc[:half], timed.iloc[half:], time="time", at=at)
    # A module a crypto: what is good of one would count as the other's recovery.
    report.push(module=f"{MODULE}.features.{crypto}", run_id=run_id)
    print(f"        {crypto} drifted: {', '.join(report.drifted) or 'nothing'}")
    return report


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("crypto", nargs="*", default=["BTCUSDT", "ETHUSDT"])
    arguments.add_argument("--run-id", default="label-pipeline-1")
    arguments.add_argument("--at", default=DELIVERED, help="the run's logical time: ISO 8601, with a zone")
    arguments.add_argument("--folds", type=int, default=4)
    arguments.add_argument("--reports", type=Path, help="a page of what drifted a crypto goes into this folder")
    asked = arguments.parse_args()

    tristrata.init_store("kpi")
    tristrata.init_store("drift")
    expected = len(VARIANTS) * len(asked.crypto) * asked.folds
    emit_kpi(module=MODULE, run_id=asked.run_id, runs_expected=expected)
    completed = 0
    for variant in VARIANTS:
        for crypto in asked.crypto:
            labelled = label(asked.run_id, variant, crypto)
            completed += walk_forward(asked.run_id, variant, crypto, labelled, asked.folds)
    for crypto in asked.crypto:
        report = check_features(asked.run_id, crypto, label(asked.run_id, "narrow", crypto), asked.at)
        if asked.reports:
            asked.reports.mkdir(parents=True, exist_ok=True)
            report.save_html(asked.reports / f"{crypto}.html")
    emit_kpi(module=MODULE, run_id=asked.run_id, runs_completed=completed)


if __name__ == "__main__":
    main()
