"""An Airflow of the tests' own, with SQLite behind it; Tristrata is found by the entry points of pyproject.toml."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).resolve().parents[2]
HOME = Path(tempfile.mkdtemp(prefix="tristrata_airflow_"))
SETTINGS = {
    "AIRFLOW_HOME": str(HOME),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    "AIRFLOW__CORE__DAGS_FOLDER": str(HOME / "dags"),
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
}


def _installed(folder: Path) -> None:
    """What an installed wheel tells of itself, beside the package of the build."""
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text())["project"]
    told = folder / "tristrata-0.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: tristrata\nVersion: 0\n")
    groups = [(group, points) for group, points in project["entry-points"].items()]
    (told / "entry_points.txt").write_text("".join(
        f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in points.items()) for group, points in groups))


# Before anything imports Airflow.
_installed(HOME / "site")
sys.path.append(str(HOME / "site"))
for _key in list(os.environ):
    if _key.startswith(("TRISTRATA_", "AIRFLOW", "OTEL_")) and _key != "TRISTRATA_LONG":
        del os.environ[_key]
os.environ.update(SETTINGS)
os.environ["PYTHONPATH"] = f"{os.environ['PYTHONPATH']}:{HOME / 'site'}"


def pytest_sessionfinish() -> None:
    shutil.rmtree(HOME, ignore_errors=True)


def airflow(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line of this environment's Airflow, in a process of its own."""
    return subprocess.run([Path(sys.executable).parent / "airflow", *arguments], cwd=HOME, text=True, timeout=600,
                          capture_output=True, env={**os.environ, **environment})


@pytest.fixture(scope="session")
def metadata() -> None:
    """Airflow's own database."""
    done = airflow("db", "migrate")
    assert done.returncode == 0, done.stdout + done.stderr


class Stores:
    """A KPI and a drift store in SQLite, with a spool in front of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"TRISTRATA_KPI_URL": f"sqlite:///{folder}/kpi.db",
                            "TRISTRATA_DRIFT_URL": f"sqlite:///{folder}/drift.db",
                            "TRISTRATA_SPOOL": str(folder / "spool")}

    def drained(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of both stores, once `spool drain` has carried what there was."""
        import tristrata

        tristrata.close()
        done = subprocess.run([SOURCE / "build/release/bin/tristrata", "spool", "drain"], text=True, timeout=60,
                              capture_output=True, env={**os.environ, **self.environment})
        assert done.returncode == 0, done.stdout + done.stderr
        return {layer: self._rows(layer) for layer in ("kpi", "drift")}

    def _rows(self, layer: str) -> list[dict[str, Any]]:
        with sqlite3.connect(self.folder / f"{layer}.db") as opened:
            opened.row_factory = sqlite3.Row
            rows = [dict(row) for row in opened.execute("SELECT * FROM events ORDER BY event_id")]
        return [{**row, "tags": json.loads(row["tags"])} if layer == "kpi" else row for row in rows]


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    """Made, and what this process is configured for."""
    import tristrata

    tristrata.close()
    made = Stores(tmp_path)
    for key, value in made.environment.items():
        monkeypatch.setenv(key, value)
    monkeypatch.chdir(tmp_path)
    for layer in ("kpi", "drift"):
        tristrata.init_store(layer)
    tristrata.close()
    yield made
    tristrata.close()
