"""A profile in the place of its reference, and merge(): which profiles are one."""

from __future__ import annotations

import pathlib
import pickle

import numpy
import pytest
from sample_tables import CURRENT, REFERENCE, plain

from tristrata import check, profile
from tristrata.detection import load_profile, merge, save_profile


def test_a_profile_stands_for_its_reference(tmp_path: pathlib.Path) -> None:
    made = profile(REFERENCE)
    assert plain(check(made, CURRENT)) == plain(check(REFERENCE, CURRENT))
    assert (made.rows, made.columns) == (600, list(REFERENCE.columns))
    save_profile(made, tmp_path / "reference.profile")
    for other in (load_profile(tmp_path / "reference.profile"), pickle.loads(pickle.dumps(made))):
        assert other == made and hash(other) == hash(made) and other.to_bytes() == made.to_bytes()
    assert made != profile(CURRENT)
    (tmp_path / "torn").write_bytes(made.to_bytes()[:-9])
    with pytest.raises(ValueError, match="torn"):
        load_profile(tmp_path / "torn")


def test_profiles_are_merged_in_any_order() -> None:
    days = [profile(day, time="time") for _, day in REFERENCE.groupby(REFERENCE["time"].dt.date)]
    assert merge(days).to_bytes() == merge(reversed(days)).to_bytes()
    assert merge(days).rows == 600
    with pytest.raises(RuntimeError):
        merge([days[0], profile(REFERENCE[["spread"]])])


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
    with pytest.raises(RuntimeError, match=r"^profiles\[3\] cannot be merged with profiles\[0\]: it lacks the column "
                                           '"side" of the earlier$'):
        merge([*days[:3], profile(REFERENCE.drop(columns="side"), time="time"), days[3]])


def test_counted_profiles_are_merged_where_one_is_made_like_the_other() -> None:
    draw = numpy.random.default_rng(1)
    first, other = (profile({"x": draw.normal(size=5000)}, exact_mb=0) for _ in range(2))
    with pytest.raises(RuntimeError, match=r'^profiles\[1\] cannot be merged with profiles\[0\]: column "x" is '
                                           "counted on other edges; profile the one again with like= and the other$"):
        merge([first, other])
    like = profile({"x": draw.normal(size=5000)}, exact_mb=0, like=first)
    assert merge([first, like]).rows == 10_000
    with pytest.raises(TypeError, match="like is of type str; expected a Profile"):
        profile({"x": [1.0]}, like="p.profile")  # type: ignore[arg-type]


def test_of_two_profiles_of_one_name_it_is_said_which_is_meant() -> None:
    timed, plain_one = profile(REFERENCE, time="time"), profile(CURRENT)
    of_side, of_spread = profile(CURRENT, columns=["side"]), profile(REFERENCE, columns=["spread"])
    for reference, current, columns, said in (
            (plain_one, timed, (), "reference: the profile of data was made without a time column"),
            (of_spread, of_side, (), 'reference: the profile of data was made without column "side"'),
            (plain_one, of_side, ("spread",), 'current: the profile of data was made without column "spread"')):
        with pytest.raises(RuntimeError, match=f"^{said}"):
            check(reference, current, columns=columns)
    with pytest.raises(ValueError, match='no column in common: reference has "spread", current has "side"'):
        check(profile(REFERENCE[["spread"]]), profile(CURRENT[["side"]]))
    with pytest.raises(ValueError, match="by= needs rows, and the reference's profile of data keeps column"):
        check(profile(REFERENCE, exact_mb=0), plain_one, by="side")
    holed = [profile(one.assign(time=one["time"].mask(one.index < 50)), time="time") for one in (REFERENCE, CURRENT)]
    assert [note for note in check(*holed).to_dict()["notes"] if note.startswith("50 rows")] == [
        f'50 rows of data ({side}) have no "time" and were left out' for side in ("current", "reference")]
