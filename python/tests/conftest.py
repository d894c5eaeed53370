"""Stores and spools of a test's own, and what they hold."""

from __future__ import annotations

import json
import os
import pathlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import tristrata

Row = dict[str, Any]


def rows_of(path: pathlib.Path) -> list[Row]:
    """The rows of a store's table events, in the order in which they were written."""
    with sqlite3.connect(path) as store:
        store.row_factory = sqlite3.Row
        found = [dict(row) for row in store.execute("SELECT * FROM events ORDER BY rowid")]
    for row in found:
        for name in ("tags", "payload"):
            if row.get(name) is not None:
                row[name] = json.loads(row[name])
    return found


class Stores:
    """The KPI and the drift store of a test, in SQLite."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.kpi, self.drift, self.spool = folder / "kpi.db", folder / "drift.db", folder / "spool"

    def environment(self, spool: bool = False, level: str = "group") -> dict[str, str]:
        named = {"TRISTRATA_KPI_URL": f"sqlite:///{self.kpi}", "TRISTRATA_DRIFT_URL": f"sqlite:///{self.drift}"}
        return {**named, "TRISTRATA_SPOOL": str(self.spool), "TRISTRATA_SPOOL_LEVEL": level} if spool else named

    def kpis(self) -> list[Row]:
        return rows_of(self.kpi)

    def drift_events(self) -> list[Row]:
        return rows_of(self.drift)

    def run(self, program: str, *arguments: str, spool: bool = True, level: str = "group",
            code: int = 0) -> subprocess.CompletedProcess[str]:
        """Runs a program of Python in a process of its own, with these stores."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("TRISTRATA_")}
        done = subprocess.run([sys.executable, "-c", program, *arguments], cwd=self.folder, text=True, timeout=120,
                              capture_output=True, env={**inherited, **self.environment(spool, level)})
        assert done.returncode == code, f"exit {done.returncode}: {done.stderr}"
        return done


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> Iterator[None]:
    for key in list(os.environ):
        if key.startswith(("TRISTRATA_", "OTEL_")) and key != "TRISTRATA_LONG":
            monkeypatch.delenv(key)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")  # Where nobody listens.
    monkeypatch.chdir(tmp_path)
    tristrata.close()
    yield
    tristrata.close()


@pytest.fixture
def stores(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Stores:
    """Without a spool: a call returns once its rows are in the store."""
    made = Stores(tmp_path)
    for key, value in made.environment().items():
        monkeypatch.setenv(key, value)
    assert tristrata.init_store("kpi") > 0
    assert tristrata.init_store("drift") > 0
    return made


@pytest.fixture
def spooled(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Stores]:
    """With a spool of the level that is asked for; close() brings what is spooled to the stores."""

    def configured(level: str) -> Stores:
        for key, value in stores.environment(spool=True, level=level).items():
            monkeypatch.setenv(key, value)
        tristrata.close()
        return stores

    return configured
