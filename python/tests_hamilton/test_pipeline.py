"""The example and the page run as their reader would run them."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Rows, rows_of

from tristrata.kpi import emit_kpi

SOURCE = Path(__file__).resolve().parents[2]
EXAMPLE = SOURCE / "examples" / "label_pipeline"
DRAINED_SECONDS_MAX = 120.0


def rows_of_an_ended_run(rows: Rows) -> list[dict[str, Any]]:
    """All of its rows: what two seconds at its end were too few for goes out with whoever opens the spool next."""
    deadline = time.monotonic() + DRAINED_SECONDS_MAX
    while time.monotonic() < deadline:
        emit_kpi(module="after", run_id="after", asked=1)
        stored = rows()
        if any(row["module"] == "after" for row in stored):
            return [row for row in stored if row["module"] != "after"]
    raise AssertionError("what the run left in the spool did not go out")


def test_the_label_pipeline_shows_every_variant_crypto_and_fold(rows: Rows, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, EXAMPLE / "run.py", "--run-id", "r7", "--folds", "2",
                           "--reports", "reports"], env=os.environ, text=True, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    stored = rows_of_an_ended_run(rows)
    assert {row["run_id"] for row in stored} == {"r7"}
    captured = {
        (row["tags"]["variant"], row["tags"]["crypto"], row["tags"]["fold_id"]): row["metric_value"]
        for row in stored
        if row["metric_name"] == "predictions_captured_rate"
    }
    assert captured == {one: 1.0 for one in itertools.product(("narrow", "wide"), ("BTCUSDT", "ETHUSDT"), "01")}
    counted = {row["metric_name"]: row["metric_value"] for row in stored if row["module"] == "label_pipeline"}
    assert counted == {"runs_expected": 8, "runs_completed": 8}
    nodes = {row["dag_node"] for row in stored if row["module"] == "label_pipeline.labels"}
    assert {"features", "label", "labelled", None} < nodes
    moved = {(event["module"], event["metric"]) for event in rows_of(tmp_path / "drift.db")}
    assert ("label_pipeline.features.BTCUSDT", "psi_log_trades") in moved, "the day the fee came back"
    for crypto in ("BTCUSDT", "ETHUSDT"):
        assert "log_trades" in (tmp_path / "reports" / f"{crypto}.html").read_text()


def test_a_retry_of_the_example_pushes_the_same_rows(
        rows: Rows, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    import run

    labelled = run.label("r1", "narrow", "BTCUSDT")
    for _ in range(2):
        run.check_features("r1", "BTCUSDT", labelled)
    events = rows_of(tmp_path / "drift.db")
    assert len({event["report_id"] for event in events}) == 1
    assert len({event["metric"] for event in events}) == len(events) > 1


def test_the_blocks_of_the_page_run(
        rows: Rows, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    import run

    page = (SOURCE / "docs" / "hamilton.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 3
    exec("\n".join(blocks), {"__name__": "page", "candles": run.read_candles("BTCUSDT")})
    assert {row["dag_node"] for row in rows()} >= {"log_return", "features", None}
    said = [record.getMessage() for record in caplog.records if record.name == "tristrata.hamilton"]
    assert said == [re.sub(".*# a warning: ", "", line) for line in page.splitlines() if "# a warning: " in line]
    assert {event["metric"] for event in rows_of(tmp_path / "drift.db")} >= {"psi_trades", "psi_volume"}


def test_types_are_strict() -> None:
    kept = [SOURCE / "python/tristrata/hamilton.py", SOURCE / "python/tests_hamilton", EXAMPLE]
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", SOURCE / "build" / "mypy-hamilton",
                           *kept], cwd=SOURCE, text=True, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_asks_for_what_is_tested() -> None:
    tested = (SOURCE / "python/tests_hamilton/requirements.txt").read_text()
    asked = [line for line in (EXAMPLE / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert asked and all(f"{line} \\" in tested for line in asked)
