"""Hamilton nodes: candles of 15 minutes to features. Each uses the bar it stands at and those before it."""

import numpy as np
import pandas as pd

DAY = 96  # bars


def _log(values: pd.Series) -> pd.Series:
    return pd.Series(np.log(values), index=values.index)


def log_return(candles: pd.DataFrame) -> pd.Series:
    return _log(candles["close"]).diff()


def log_range(candles: pd.DataFrame) -> pd.Series:
    """Of the bar: log(high / low)."""
    return _log(candles["high"] / candles["low"])


def volatility(log_return: pd.Series) -> pd.Series:
    """Standard deviation of a day's returns."""
    return log_return.rolling(DAY).std()


def momentum(log_return: pd.Series, volatility: pd.Series) -> pd.Series:
    """The last hour's return in units of what is usual for one."""
    return log_return.rolling(4).sum() / (2 * volatility)


def log_volume(candles: pd.DataFrame) -> pd.Series:
    return _log(candles["volume"] + 1)


def log_trades(candles: pd.DataFrame) -> pd.Series:
    return _log(candles["trades"] + 1)


def features(
    log_return: pd.Series,
    log_range: pd.Series,
    volatility: pd.Series,
    momentum: pd.Series,
    log_volume: pd.Series,
    log_trades: pd.Series,
) -> pd.DataFrame:
    """A row per bar, indexed by its time; the first day has no volatility."""
    return pd.DataFrame(
        {
            "log_return": log_return,
            "log_range": log_range,
            "volatility": volatility,
            "momentum": momentum,
            "log_volume": log_volume,
            "log_trades": log_trades,
        }
    )
