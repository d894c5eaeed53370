"""caller_module is the caller's, however the call came about."""

from __future__ import annotations

import functools
import pathlib
import runpy
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from conftest import Stores

from tristrata.drift import push_drift_event
from tristrata.kpi import emit_kpi


def caller_of(stores: Stores) -> str:
    return str(stores.kpis()[-1]["tags"]["caller_module"])


def timed(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **keywords)

    return wrapper


@timed
def node() -> None:
    emit_kpi("m", x=1)


def test_a_plain_call(stores: Stores) -> None:
    emit_kpi("m", x=1)
    assert caller_of(stores) == __name__


def test_a_decorated_node(stores: Stores) -> None:
    node()
    assert caller_of(stores) == __name__


def test_a_partial_and_a_cache(stores: Stores) -> None:
    functools.partial(emit_kpi, "m")(x=1)
    assert caller_of(stores) == __name__
    functools.lru_cache(lambda: emit_kpi("m", y=1))()
    assert caller_of(stores) == __name__


def test_a_thread_and_a_pool(stores: Stores) -> None:
    thread = threading.Thread(target=node)
    thread.start()
    thread.join()
    assert caller_of(stores) == __name__
    with ThreadPoolExecutor(1) as pool:
        pool.submit(node).result()
    assert caller_of(stores) == __name__


def test_a_thread_that_does_nothing_else_is_named_after_what_runs_it(stores: Stores) -> None:
    thread = threading.Thread(target=emit_kpi, args=("m",), kwargs={"x": 1})
    thread.start()
    thread.join()
    assert caller_of(stores) == "threading"
    with ThreadPoolExecutor(1) as pool:
        pool.submit(emit_kpi, "m", x=1).result()
    assert caller_of(stores) == "concurrent.futures.thread"


def test_a_dag_is_named_by_its_file(stores: Stores) -> None:
    name = f"unusual_prefix_{'0a' * 20}_train"  # as Airflow loads dags/train.py
    exec("emit('m', x=1)", {"emit": emit_kpi, "__name__": name, "__file__": "/dags/train.py"})
    assert caller_of(stores) == "train.py"
    exec("emit('m', x=1)", {"emit": emit_kpi, "__name__": "unusual_prefix_of_mine", "__file__": "/dags/train.py"})
    assert caller_of(stores) == "unusual_prefix_of_mine"


def test_code_with_variables_of_its_own_is_named_by_its_file(stores: Stores) -> None:
    exec(compile("emit('m', x=1)", "/somewhere/cell.py", "exec"), {"emit": emit_kpi, "__builtins__": {}})
    assert caller_of(stores) == "cell.py"


def test_a_cell_of_a_notebook_is_main(stores: Stores) -> None:
    exec(compile("emit('m', x=1)", "<ipython-input-1>", "exec"), {"emit": emit_kpi, "__name__": "__main__"})
    assert caller_of(stores) == "__main__"


def test_a_program_is_its_file_and_a_module_its_name(stores: Stores) -> None:
    program = stores.folder / "train.py"
    program.write_text("from tristrata.kpi import emit_kpi\nemit_kpi('m', x=1)\n")
    for arguments, name in ((["train.py"], "train.py"), (["-m", "train"], "train")):
        subprocess.run([sys.executable, *arguments], cwd=stores.folder, check=True)
        assert caller_of(stores) == name
    runpy.run_path(str(program), run_name="__main__")
    assert caller_of(stores) == "train.py"


def test_a_program_is_its_file_also_when_it_ends(stores: Stores) -> None:
    program = stores.folder / "train.py"
    program.write_text("import atexit\nfrom tristrata.kpi import emit_kpi\n"
                       "atexit.register(lambda: emit_kpi('m', x=1))\n")
    subprocess.run([sys.executable, "train.py"], cwd=stores.folder, check=True)
    assert caller_of(stores) == "train.py"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_program_is_its_file_in_every_child_of_its_own(stores: Stores, method: str) -> None:
    (stores.folder / "train.py").write_text(
        "import multiprocessing\nfrom tristrata.kpi import emit_kpi\n"
        "def child():\n    emit_kpi('m', x=1)\n"
        "if __name__ == '__main__':\n"
        f"    process = multiprocessing.get_context('{method}').Process(target=child)\n"
        "    process.start()\n    process.join()\n    raise SystemExit(process.exitcode)\n")
    for arguments, name in ((["train.py"], "train.py"), (["-m", "train"], "train")):
        subprocess.run([sys.executable, *arguments], cwd=stores.folder, check=True)
        assert caller_of(stores) == name


def test_a_long_name_is_cut(stores: Stores) -> None:
    exec("emit('m', x=1)", {"emit": emit_kpi, "__name__": "ä" * 300})
    assert caller_of(stores) == "ä" * 100


def test_an_event_has_it_in_its_payload(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    push_drift_event("latency_drift", "api", "p99", 1, 2, 0.01)
    assert stores.drift_events()[-1]["payload"] == {"caller_module": __name__}


def test_this_file_is_what_it_says() -> None:
    assert pathlib.Path(__file__).stem == __name__
