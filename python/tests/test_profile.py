"""merge(): which profiles are one reference."""

from __future__ import annotations

import numpy
import pandas
import pytest

from tristrata import profile
from tristrata.detection import merge


def frame(shift: float, seed: int) -> pandas.DataFrame:
    draw = numpy.random.default_rng(seed)
    return pandas.DataFrame({"spread": draw.normal(shift, size=600), "side": draw.choice(["buy", "sell"], 600),
                             "time": pandas.date_range("2026-01-01", periods=600, freq="15min", tz="UTC")})


REFERENCE = frame(0.0, 1)


def test_partitions_of_the_same_values_are_not_counted_as_one() -> None:
    same = [profile({"side": ["a", "b"] * 500}) for _ in range(2)]
    other = profile({"side": ["a"] * 10})
    with pytest.raises(RuntimeError, match=r"profiles\[0\] and profiles\[2\] cannot be merged: both hold the same"):
        merge([same[0], other, same[1]])
    assert merge([same[0], other]).rows == 1010
    day = profile(REFERENCE, time="time")
    assert merge([day, day]).rows == 600  # The same window of time counts once.


def test_a_merge_that_fails_names_two_of_its_profiles() -> None:
    days = [profile(day, time="time") for _, day in REFERENCE.groupby(REFERENCE["time"].dt.date)]
    again = REFERENCE[REFERENCE["time"].dt.date == REFERENCE["time"].dt.date.unique()[1]].assign(spread=1.0)
    with pytest.raises(RuntimeError, match=rf"profiles\[1\] and profiles\[{len(days)}\] cannot be merged: .* overlap: "
                                           ".*take both by `tristrata drift merge --allow-overlap`"):
        merge([*days, profile(again, time="time")])
    with pytest.raises(RuntimeError, match=r"profiles\[0\] and profiles\[3\] cannot be merged: .* lacks the column"):
        merge([*days[:3], profile(REFERENCE.drop(columns="side"), time="time"), days[3]])
