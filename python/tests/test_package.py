"""What the package is: typed, light, and alone."""

from __future__ import annotations

import difflib
import importlib.metadata
import inspect
import json
import pathlib
import pickle
import resource
import subprocess
import sys
import tempfile
from typing import Any

import pytest

import tristrata
from tristrata._reading import ARROW_LINE
from tristrata.drift import push_drift_event
from tristrata.kpi import emit_kpi

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CORE: Any = sys.modules["tristrata._core"]


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def cpu_ms(program: str) -> float:
    """The least CPU time of a few runs: what it costs when nothing else is in the way."""
    spent = []
    for _ in range(7):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run("-c", program)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return 1000 * min(spent)


def test_an_import_costs_next_to_nothing() -> None:
    interpreter = cpu_ms("pass")
    assert cpu_ms("import tristrata.kpi") <= 3 * interpreter
    assert cpu_ms("import tristrata, tristrata.kpi, tristrata.drift") <= 6 * interpreter


def test_an_import_loads_no_heavy_library_and_no_module_that_it_does_not_need() -> None:
    found = run("-c", "import sys; before = set(sys.modules); import tristrata.kpi, tristrata.drift, json;"
                      "print(json.dumps([sorted(set(sys.modules) - before), open('/proc/self/maps').read()]))")
    modules, maps = json.loads(found)
    assert not {"typing", "logging", "datetime", "numpy", "pyarrow", "inspect"} & set(modules)
    for library in ("libarrow", "libxgboost", "libcurl", "libpq", "libssl", "libcpp-httplib", "libprotobuf"):
        assert library not in maps


def test_a_child_of_the_package_is_given_by_name() -> None:
    assert pickle.loads(pickle.dumps(emit_kpi)) is emit_kpi
    assert pickle.loads(pickle.dumps(push_drift_event)) is push_drift_event


def test_signatures_are_those_of_the_design() -> None:
    assert list(inspect.signature(emit_kpi).parameters) == [
        "module", "run_id", "dag_node", "duration_ms", "success", "tags", "time", "event_id", "metrics"]
    positional = inspect.signature(push_drift_event).parameters
    assert [name for name, one in positional.items() if one.kind is one.POSITIONAL_OR_KEYWORD] == [
        "drift_type", "module", "metric", "reference_value", "current_value", "significance"]
    assert [name for name, one in positional.items() if one.kind is one.KEYWORD_ONLY] == [
        "run_id", "severity", "payload", "time", "event_id"]
    for call in (emit_kpi, push_drift_event, tristrata.init_store, tristrata.flush, tristrata.close):
        assert inspect.getdoc(call)


def test_the_line_of_arrow_is_the_one_that_is_built_with() -> None:
    project = (SOURCE / "pyproject.toml").read_text()
    assert project.count("pyarrow==") == project.count(f'"pyarrow=={ARROW_LINE}.*"') == 2
    assert f"\npyarrow=={ARROW_LINE}." in (SOURCE / "requirements.txt").read_text()


def test_the_version_is_the_one_of_the_build() -> None:
    assert f"project(tristrata VERSION {tristrata.__version__} " in (SOURCE / "CMakeLists.txt").read_text()


@pytest.mark.parametrize("extension", ["_core", "_files"])
def test_the_stub_is_what_the_extension_is(extension: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = pathlib.Path(folder, f"{extension}.pyi")
        run("-m", "nanobind.stubgen", "-q", "-m", f"tristrata.{extension}", "-o", str(made))
        kept = SOURCE / "python" / "tristrata" / f"{extension}.pyi"
        difference = list(difflib.unified_diff(kept.read_text().splitlines(), made.read_text().splitlines(),
                                               f"python/tristrata/{extension}.pyi", "the extension", lineterm=""))
    assert not difference, "\n".join(difference)


@pytest.mark.parametrize("what", ["python/tristrata", "python/tests", "examples/observability", "python/tests_airflow",
                                  "deploy/airflow", "examples/cvntrade"])
def test_types_are_strict(what: str) -> None:
    environment = {"MYPYPATH": str(SOURCE / "python"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir",
                           str(SOURCE / "build" / "mypy"), str(SOURCE / what)],
                          cwd=SOURCE, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_needs_nothing() -> None:
    project = (SOURCE / "pyproject.toml").read_text()
    assert "\ndependencies = []\n" in project
    for requirement in importlib.metadata.requires("tristrata") or [] if installed() else []:
        assert "extra ==" in requirement


def installed() -> bool:
    return any(one.metadata["Name"] == "tristrata" for one in importlib.metadata.distributions())
