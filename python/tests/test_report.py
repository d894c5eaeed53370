"""A report: what it says, as data, text, a frame and a page, and how it is kept and pushed."""

from __future__ import annotations

import json
import pathlib
import pickle
import sys
from typing import Any

import pytest
from conftest import Stores
from sample_tables import AT, CURRENT, REFERENCE

import tristrata.drift
from tristrata import Report, check


def test_a_report_is_data_text_and_a_page(tmp_path: pathlib.Path) -> None:
    report = check(REFERENCE, CURRENT, at=AT)
    assert report.summary["drifted"] == len(report.drifted) > 0 and report.severity == report.summary["severity"]
    assert json.loads(report.to_json()) == report.to_dict()
    assert report.column("spread")["verdict"] == "drift"
    with pytest.raises(KeyError):
        report.column("nothing")
    page = report.to_html()
    assert page.startswith("<!DOCTYPE html>") and "spread" in page
    shown = report._repr_html_()
    assert shown.startswith("<iframe srcdoc=") and shown.count('"') % 2 == 0 and "<script" not in shown
    assert "of 5 tested columns drifted" in str(report) and "columns=5" in repr(report)
    assert pickle.loads(pickle.dumps(report)) == report
    report.save_json(tmp_path / "report.json")
    report.save_html(tmp_path / "report.html")
    assert Report.load(tmp_path / "report.json") == report and (tmp_path / "report.html").read_text() == page


def test_a_report_is_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    current = CURRENT.assign(side=CURRENT["side"].where(CURRENT.index % 2 == 0, "hold"))
    lists: Any = [[1]] * 600
    report = check(REFERENCE.assign(lists=lists), current.assign(lists=lists), at=AT)
    found = report.to_pandas()
    assert list(found["name"]) == [column["name"] for column in report.columns]
    spread = found.set_index("name").loc["spread"]
    column = report.column("spread")
    assert (spread["verdict"], spread["p_adjusted"], spread["psi"]) == (
        "drift", column["test"]["p_adjusted"], column["measures"]["psi"])
    assert found.set_index("name").loc["side", "signals"] == ["new_category"]
    assert found.set_index("name").loc["lists", "verdict"] == "not_tested"
    assert (found["reference_rows"] == 600).all() and found["test"].notna().sum() == report.summary["tested"]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="to_pandas\\(\\) needs pandas: pip install pandas"):
        report.to_pandas()


def test_what_a_report_hands_out_is_the_callers() -> None:
    report = check(REFERENCE, CURRENT)
    drifted = report.drifted
    report.columns[0]["verdict"] = report.columns[0]["reference"]["n"] = "changed"
    report.column(report.columns[0]["name"])["reference"]["n"] = "changed"
    assert report.drifted == drifted and "changed" not in str(report.to_dict())


def test_a_report_is_pushed(stores: Stores) -> None:
    report = check(REFERENCE, CURRENT, at=AT)
    assert report.push(module="m", run_id="r").stored == len(stores.drift_events()) > 1
    assert tristrata.drift.push_drift_report(report.to_dict(), module="m", run_id="r").stored == 0
    assert {event["metric"] for event in stores.drift_events()} >= {"psi_spread", "share_drifted"}
    with pytest.raises(ValueError, match="says when it was made"):
        tristrata.drift.push_drift_report(report, module="m", time="2026-01-01T00:00:00Z")
