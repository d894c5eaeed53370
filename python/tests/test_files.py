"""Files that are written and read: what stands there is lost to no mistake."""

from __future__ import annotations

import os
import pathlib

import numpy
import pandas
import pytest

from tristrata import Report, backtest, check, profile
from tristrata.detection import load_profile, save_profile


def frame(shift: float, seed: int) -> pandas.DataFrame:
    draw = numpy.random.default_rng(seed)
    return pandas.DataFrame({"spread": draw.normal(shift, size=600), "side": draw.choice(["buy", "sell"], 600),
                             "time": pandas.date_range("2026-01-01", periods=600, freq="15min", tz="UTC")})


REFERENCE, CURRENT = frame(0.0, 1), frame(1.0, 2)


def test_what_stands_in_a_file_outlives_a_mistake(tmp_path: pathlib.Path) -> None:
    kept = tmp_path / "kept.profile"
    save_profile(profile(REFERENCE), kept)
    kept.chmod(0o640)
    before = kept.read_bytes()
    with pytest.raises(TypeError, match="a DataFrame is no Profile; expected what profile"):
        save_profile(REFERENCE, kept)  # type: ignore[arg-type]
    assert kept.read_bytes() == before
    page = tmp_path / "page.html"
    page.write_text("a page")
    with pytest.raises(ValueError):
        Report("{}").save_html(page)
    assert page.read_text() == "a page"
    save_profile(profile(CURRENT), kept)
    assert load_profile(kept) == profile(CURRENT) and kept.stat().st_mode & 0o777 == 0o640
    link = tmp_path / "link.profile"
    link.symlink_to(kept)
    save_profile(profile(REFERENCE), link)
    assert link.is_symlink() and kept.read_bytes() == before
    with pytest.raises(FileNotFoundError, match="none/x.profile"):
        save_profile(profile(REFERENCE), tmp_path / "none" / "x.profile")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["kept.profile", "link.profile", "page.html"]


def test_a_path_of_a_profile_is_told_how_it_is_read(tmp_path: pathlib.Path) -> None:
    save_profile(profile(REFERENCE), tmp_path / "x.profile")
    with pytest.raises(ValueError, match="x.profile is a profile, no table; give what .*load_profile"):
        check(tmp_path / "x.profile", CURRENT)


def test_a_disk_that_fails_leaves_the_file_that_was_there(tmp_path: pathlib.Path,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.json"
    page.write_text("a page")

    def full(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        check(REFERENCE, CURRENT).save_json(page)
    with pytest.raises(OSError, match="no space left"):
        backtest(REFERENCE, count=4, window=1, time="time").save_json(page)
    assert page.read_text() == "a page" and len(list(tmp_path.iterdir())) == 1
