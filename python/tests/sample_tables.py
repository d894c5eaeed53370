"""Two tables of which one column drifted, and what a report says of them."""

from __future__ import annotations

from typing import Any

import numpy
import pandas

from tristrata import Report

AT = "2026-01-31T08:00:00Z"


def frame(shift: float, rows: int = 600, seed: int = 1) -> pandas.DataFrame:
    draw = numpy.random.default_rng(seed)
    return pandas.DataFrame({
        "spread": draw.normal(shift, size=rows),
        "trades": draw.integers(0, 1000, rows),
        "side": draw.choice(["buy", "sell"], rows),
        "open": draw.random(rows) < 0.5,
        "time": pandas.date_range("2026-01-01", periods=rows, freq="15min", tz="UTC"),
    })


def plain(report: Report) -> list[dict[str, Any]]:
    """What was found, without what names the source or its types."""
    return [{key: column[key] for key in ("name", "verdict", "severity", "test", "effect", "reason")}
            for column in report.columns]


REFERENCE, CURRENT = frame(0.0), frame(1.0, seed=2)
