"""A wheel is built from the source, goes into empty environments, and emits and reads files there."""

from __future__ import annotations

import os
import pathlib
import sqlite3
import subprocess
import sys
import venv
import zipfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
GIVEN = os.environ.get("TRISTRATA_WHEEL")

FIRST = """
import tristrata
from tristrata.kpi import emit_kpi
tristrata.init_store("kpi")
print(emit_kpi(module="first", answer=42).durability)
"""


def run(*arguments: str | pathlib.Path, cwd: pathlib.Path, **environment: str) -> str:
    inherited = {key: value for key, value in os.environ.items()
                 if not key.startswith(("TRISTRATA_", "PYTHON")) and key != "VIRTUAL_ENV"}
    done = subprocess.run([str(one) for one in arguments], cwd=cwd, capture_output=True, text=True, timeout=1500,
                          env={**inherited, **environment})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wheel_in(folder: pathlib.Path) -> pathlib.Path:
    """The one that is to be tried (./dev wheel), or a new one."""
    if GIVEN:
        return pathlib.Path(GIVEN)
    # What builds is pinned and installed already, so that this needs no network; with the compiler's own name, under
    # which its cache knows what build/release compiled.
    tools = pathlib.Path(sys.executable).parent
    run(sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "--no-index",
        "--disable-pip-version-check", "--wheel-dir", folder,
        "--config-settings", f"cmake.define.TRISTRATA_PYTHON={SOURCE}/build/env/bin/python", SOURCE, cwd=folder,
        PATH=f"{tools}:{os.environ['PATH']}", CC="cc", CXX="c++")
    (wheel,) = folder.glob("tristrata-*.whl")
    return wheel


def test_a_wheel_emits_in_an_empty_environment(tmp_path: pathlib.Path) -> None:
    wheel = wheel_in(tmp_path)
    names = zipfile.ZipFile(wheel).namelist()
    package = SOURCE / "python" / "tristrata"
    kept = {str(path.relative_to(package)) for path in package.rglob("*.py*") if path.suffix in (".py", ".pyi")}
    assert {f"tristrata/{name}" for name in {*kept, "py.typed"}} <= set(names)
    (points,) = [name for name in names if name.endswith(".dist-info/entry_points.txt")]
    told = zipfile.ZipFile(wheel).read(points).decode()
    assert "tristrata.airflow:get_provider_info" in told and "tristrata.airflow.plugin:TristrataPlugin" in told
    assert sum(name.startswith("tristrata/_core.") and name.endswith(".so") for name in names) == 1
    assert sum(name.startswith("tristrata/_files.") and name.endswith(".so") for name in names) == 1
    assert {f"tristrata/tristrata_{part}.so" for part in ("http_client", "http_listener", "otlp", "s3")} <= set(names)
    assert all(name.startswith(("tristrata/", "tristrata-")) for name in names)

    python = tmp_path / "empty" / "bin" / "python"
    venv.create(tmp_path / "empty", with_pip=True)
    run(python, "-m", "pip", "install", "--no-index", "--disable-pip-version-check", wheel, cwd=tmp_path)
    assert "tristrata" in run(python, "-m", "pip", "list", "--disable-pip-version-check", cwd=tmp_path)
    store = tmp_path / "kpi.db"
    settings = {"TRISTRATA_KPI_URL": f"sqlite:///{store}", "TRISTRATA_SPOOL": str(tmp_path / "spool")}
    assert run(python, "-c", FIRST, cwd=tmp_path, **settings) == "disk\n"
    # Without pyarrow the base package says what files need.
    told_of = subprocess.run([python.with_name("tristrata"), "--version"], capture_output=True, text=True)
    assert told_of.returncode == 2
    assert told_of.stderr == "tristrata: the command line needs pyarrow 26.0: pip install 'tristrata[files]'\n"

    # With it (this test's own, so that no network is needed) both read them.
    (site,) = (tmp_path / "empty" / "lib").glob("python*/site-packages")
    import pyarrow

    for name in pathlib.Path(pyarrow.__file__).parents[1].glob("pyarrow*"):
        (site / name.name).symlink_to(name)
    (tmp_path / "a.csv").write_text("x\n" + "1\n2\n" * 100)
    command: list[str | pathlib.Path] = [python.with_name("tristrata"), "drift", "check", "a.csv", "a.csv"]
    assert run(*command, cwd=tmp_path).startswith("The one tested column did not drift.")
    checked = "import tristrata; print(tristrata.check('a.csv', 'a.csv').drifted)"
    assert run(python, "-c", checked, cwd=tmp_path) == "[]\n"
    with sqlite3.connect(store) as rows:
        assert rows.execute("SELECT metric_name, metric_value FROM events").fetchall() == [("answer", 42.0)]
