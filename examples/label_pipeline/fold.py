"""Hamilton nodes: one fold of a walk forward: what is known is trained on, the days after it are predicted."""

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler


def cut(labelled: pd.DataFrame, fold_id: int, folds: int) -> int:
    """Where the fold's test begins: the first half is only ever trained on, the rest is cut into `folds`."""
    half = len(labelled) // 2
    return half + fold_id * (len(labelled) - half) // folds


def train(labelled: pd.DataFrame, cut: int, horizon: int) -> pd.DataFrame:
    """Without the last bars before the cut: their labels look into the test."""
    return labelled.iloc[: cut - horizon]


def test(labelled: pd.DataFrame, cut: int, fold_id: int, folds: int) -> pd.DataFrame:
    half = len(labelled) // 2
    return labelled.iloc[cut : half + (fold_id + 1) * (len(labelled) - half) // folds]


def model(train: pd.DataFrame) -> Pipeline:
    fitted = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
    return fitted.fit(train.drop(columns="label"), train["label"])


def predictions(model: Pipeline, test: pd.DataFrame) -> pd.DataFrame:
    """A row per bar of the test: the label, what was predicted, and a probability a class."""
    inputs = test.drop(columns="label")
    names = [f"p_{name}" for name in model.classes_]
    found = pd.DataFrame(model.predict_proba(inputs), index=test.index, columns=names)
    return found.assign(label=test["label"], predicted=model.predict(inputs))


def accuracy(predictions: pd.DataFrame) -> float:
    return float((predictions["label"] == predictions["predicted"]).mean())


def predictions_captured_rate(predictions: pd.DataFrame, test: pd.DataFrame) -> float:
    """Predictions that arrived, of those that were due: what a hook that drops a fold would show as 0."""
    return len(predictions) / len(test)
