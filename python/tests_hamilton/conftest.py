from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tristrata

Rows = Callable[[], list[dict[str, Any]]]


def rows_of(store: Path) -> list[dict[str, Any]]:
    tristrata.close()
    with sqlite3.connect(store) as opened:
        opened.row_factory = sqlite3.Row
        return [dict(row) for row in opened.execute("SELECT * FROM events ORDER BY rowid")]


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rows]:
    """What the KPI store holds, once all that was emitted has gone out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRISTRATA_KPI_URL", f"sqlite:///{tmp_path}/kpi.db")
    monkeypatch.setenv("TRISTRATA_DRIFT_URL", f"sqlite:///{tmp_path}/drift.db")
    monkeypatch.setenv("TRISTRATA_SPOOL", str(tmp_path / "spool"))
    tristrata.close()
    tristrata.init_store("kpi")
    tristrata.init_store("drift")

    def stored() -> list[dict[str, Any]]:
        return [{**row, "tags": json.loads(row["tags"])} for row in rows_of(tmp_path / "kpi.db")]

    yield stored
    tristrata.close()
