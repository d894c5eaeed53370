"""Hamilton nodes: which of three barriers a position meets first."""

import numpy as np
import pandas as pd


def label(candles: pd.DataFrame, volatility: pd.Series, barrier: float, horizon: int) -> pd.Series:
    """up or down: the first of the next `horizon` bars whose high or low passes `barrier` deviations of the close;
    flat: none does, or one bar passes both. Missing where the horizon reaches past the data or volatility is missing.
    """
    close = candles["close"].to_numpy()
    reach = barrier * volatility.to_numpy() * np.sqrt(horizon)
    above, below = close * np.exp(reach), close * np.exp(-reach)
    first_above = _first_passing(candles["high"].to_numpy(), above, horizon, 1)
    first_below = _first_passing(candles["low"].to_numpy(), below, horizon, -1)
    names = np.select([first_above < first_below, first_below < first_above], ["up", "down"], "flat").astype(object)
    names[np.isnan(reach)] = None
    names[len(names) - horizon :] = None
    return pd.Series(names, index=candles.index, name="label")


def _first_passing(prices: np.ndarray, barriers: np.ndarray, horizon: int, side: int) -> np.ndarray:
    """How many bars ahead the price first passes the barrier; horizon + 1 where it does not."""
    first = np.full(len(prices), horizon + 1)
    for ahead in range(horizon, 0, -1):
        passes = side * (prices[ahead:] - barriers[:-ahead]) >= 0
        first[:-ahead][passes] = ahead
    return first


def labelled(features: pd.DataFrame, label: pd.Series) -> pd.DataFrame:
    """Features and label of every bar that has all of them."""
    return features.assign(label=label).dropna()
