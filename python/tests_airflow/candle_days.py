"""The shared candles as a pipeline would deliver them: a file a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

SOURCE = Path(__file__).resolve().parents[2]
FIRST, LAST = date(2023, 3, 1), date(2023, 3, 24)  # the fee of BTC came back on 2023-03-22


def write_days(folder: Path, symbol: str = "BTCUSDT", first: date = FIRST, last: date = LAST) -> None:
    """Folder/SYMBOL/DAY.parquet for every day."""
    candles = pyarrow.csv.read_csv(SOURCE / "tests" / "data" / "candles" / f"{symbol}_15m.csv.gz")
    times = candles["open_time"].cast(pyarrow.timestamp("ms", "UTC"))
    candles = candles.set_column(0, "open_time", times)
    (folder / symbol).mkdir(parents=True, exist_ok=True)
    day = first
    while day <= last:
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        begin, end = (pyarrow.scalar(moment, times.type) for moment in (begin, begin + timedelta(days=1)))
        within = pyarrow.compute.and_(pyarrow.compute.greater_equal(times, begin), pyarrow.compute.less(times, end))
        pyarrow.parquet.write_table(candles.filter(within), folder / symbol / f"{day}.parquet")
        day += timedelta(days=1)
