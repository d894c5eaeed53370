from __future__ import annotations

import asyncio
import json
import logging
import pickle
import re
import subprocess
import sys
from concurrent.futures import wait
from pathlib import Path
from typing import Any

import async_graph
import graph
import pyarrow
import pytest
from conftest import Rows, rows_of
from hamilton import async_driver, driver
from hamilton.execution.executors import (
    MultiProcessingExecutor,
    MultiThreadingExecutor,
    TaskFutureWrappingPythonFuture,
)
from hamilton.function_modifiers.base import InvalidDecoratorException
from hamilton.io.materialization import to
from hamilton.lifecycle import GracefulErrorAdapter

import tristrata
from tristrata.detection import save_profile
from tristrata.hamilton import TelemetryLossError, TristrataAdapter, _Begun, _running, drift_checked


def adapter(**more: Any) -> TristrataAdapter:
    return TristrataAdapter(run_id="r1", module="tests.graph", tags={"crypto": "BTCUSDT"}, **more)


def run(*names: str, builder: driver.Builder | None = None, with_adapter: Any = None, **inputs: Any) -> dict[str, Any]:
    dr = (builder or driver.Builder()).with_modules(graph).with_adapters(with_adapter or adapter()).build()
    return dict(dr.execute(list(names), **inputs))


def of_node(rows: list[dict[str, Any]], node: str | None) -> dict[str, float]:
    return {row["metric_name"]: row["metric_value"] for row in rows if row["dag_node"] == node}


def test_each_node_is_an_emit_with_its_rows_and_nulls(rows: Rows) -> None:
    run("kept")
    stored = rows()
    assert of_node(stored, "table") == {"n_output": 4, "null_share": 0.25}
    assert of_node(stored, "kept") == {"n_input": 4, "n_output": 2, "null_share": 0}
    assert of_node(stored, None) == {"nodes": 2, "nodes_failed": 0}
    for row in stored:
        assert (row["run_id"], row["module"], row["success"]) == ("r1", "tests.graph", 1)
        assert row["duration_ms"] >= 0 and row["tags"]["crypto"] == "BTCUSDT" and row["tags"]["hamilton_run_id"]
    assert {row["tags"]["caller_module"] for row in stored if row["dag_node"]} == {"graph"}


def test_a_failing_node_is_said_and_its_error_is_the_users_own(rows: Rows) -> None:
    with pytest.raises(ValueError, match="no such luck"):
        run("after_failing")
    stored = rows()
    assert [row["success"] for row in stored if row["dag_node"] == "failing"] == [0]
    assert not any(row["dag_node"] == "after_failing" for row in stored), "it never ran"
    assert of_node(stored, None) == {"nodes": 3, "nodes_failed": 1}
    assert [row["success"] for row in stored if row["dag_node"] is None] == [0, 0]


def test_a_generator_is_never_consumed(rows: Rows) -> None:
    assert run("total") == {"total": 6}
    assert set(of_node(rows(), "stream")) == {"duration_ms"}


def test_a_node_whose_value_is_given_is_tagged(rows: Rows) -> None:
    run("kept", overrides={"table": graph.table()})
    stored = rows()
    given = [row for row in stored if row["dag_node"] == "table"]
    assert {row["tags"].get("override") for row in given} == {"true"} and given[0]["duration_ms"] is None
    assert all("override" not in row["tags"] for row in stored if row["dag_node"] == "kept")


def test_a_result_from_the_cache_is_tagged(rows: Rows, tmp_path: Path) -> None:
    for _ in range(2):
        run("kept", builder=driver.Builder().with_cache(path=str(tmp_path / "cache")))
    hits = [row["tags"].get("cache_hit") for row in rows() if row["dag_node"] == "kept" and row["emit_seq"] == 0]
    assert hits == [None, "true"]


def test_an_async_driver_is_told_by_what_really_ran(rows: Rows) -> None:
    async def go(*names: str) -> Any:
        dr = await async_driver.Builder().with_modules(async_graph).with_adapters(adapter()).build()
        return await dr.execute(list(names))

    asyncio.run(go("quick"))
    with pytest.raises(ValueError, match="not today"):
        asyncio.run(go("broken"))
    stored = rows()
    slow = [row for row in stored if row["dag_node"] == "slow"]
    assert len(slow) == 2 and all(row["metric_name"] == "n_output" and row["metric_value"] == 3 for row in slow)
    assert all(50 <= row["duration_ms"] for row in slow), "the sleep, not the making of the task"
    assert [row["success"] for row in stored if row["dag_node"] == "broken"] == [0]
    assert [row["success"] for row in stored if row["dag_node"] == "quick"] == [1]


@pytest.mark.parametrize(("node", "ends"), [("leaves", SystemExit), ("stopped", KeyboardInterrupt)])
def test_a_run_that_is_ended_is_no_success(rows: Rows, node: str, ends: type[BaseException]) -> None:
    with pytest.raises(ends):
        run(node)
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:  # what runs while somebody handles an end was not ended by it
        run("quiet")
    stored = rows()
    assert [(row["dag_node"], row["success"]) for row in stored if row["dag_node"]] == [(node, 0), ("quiet", 1)]
    assert [row["success"] for row in stored if row["dag_node"] is None] == [0, 0, 1, 1]
    assert of_node(stored[:3], None) == {"nodes": 1, "nodes_failed": 1}


def test_a_cancelled_node_is_no_success_and_leaves_nothing(rows: Rows) -> None:
    one = adapter()

    async def go() -> None:
        dr = await async_driver.Builder().with_modules(async_graph).with_adapters(one).build()
        running = asyncio.create_task(dr.execute(["endless"]))
        while ("endless" not in {name for _, _, name in one._began} or
               "slow" in {name for _, _, name in one._began}):
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(go())
    stored = rows()
    assert [row["success"] for row in stored if row["dag_node"] == "endless"] == [0]
    assert [row["success"] for row in stored if row["dag_node"] is None] == [0, 0]
    assert one._began == {}


@pytest.mark.parametrize("node", ["panics", "nameless", "panics_checked"])
def test_no_value_of_the_users_breaks_the_run(rows: Rows, caplog: pytest.LogCaptureFixture, node: str) -> None:
    assert list(run(node)) == [node]
    assert [row["success"] for row in rows() if row["dag_node"] == node] == [1]
    assert ("Panic: panicked" in caplog.text) == (node != "nameless")


def test_what_ends_the_process_is_the_users(rows: Rows) -> None:
    with pytest.raises(SystemExit, match="4"):
        run("leaves_when_looked_at")


def test_a_checked_node_that_runs_another_driver_keeps_its_adapter(rows: Rows, tmp_path: Path) -> None:
    def inner_run() -> None:
        run("quiet", with_adapter=TristrataAdapter(run_id="inner", module="tests.inner"))

    run("around_another", inputs={"inner_run": inner_run})
    events = rows_of(tmp_path / "drift.db")
    assert {(event["run_id"], event["module"]) for event in events} == {("r1", "tests.graph")}
    assert _running.get() is None
    assert {row["run_id"] for row in rows() if row["dag_node"] == "quiet"} == {"inner"}


@pytest.mark.parametrize("executor", [MultiThreadingExecutor, MultiProcessingExecutor])
def test_parallel_tasks_are_told_apart(rows: Rows, executor: Any) -> None:
    builder = driver.Builder().enable_dynamic_execution(allow_experimental_mode=True)
    assert run("gathered", builder=builder.with_remote_executor(executor(max_tasks=2))) == {"gathered": 6}
    tasks = [row["tags"]["task_id"] for row in rows() if row["dag_node"] == "doubled"]
    assert len(tasks) == len(set(tasks)) == 3


@pytest.mark.parametrize("executor", [MultiThreadingExecutor, MultiProcessingExecutor])
def test_the_graph_counts_its_nodes_wherever_they_ran(rows: Rows, executor: Any) -> None:
    def builder() -> driver.Builder:
        dynamic = driver.Builder().enable_dynamic_execution(allow_experimental_mode=True)
        return dynamic.with_remote_executor(executor(max_tasks=2))

    run("accepted", builder=builder(), inputs={"worst": 9})
    with pytest.raises(ValueError, match="no such part"):
        run("accepted", builder=builder(), inputs={"worst": 0})
    told = {(row["metric_name"], row["success"]): row["metric_value"] for row in rows() if row["dag_node"] is None}
    assert (told["nodes", 1], told["nodes_failed", 1]) == (8, 0)
    assert told["nodes", 0] >= 3 and told["nodes_failed", 0] == 1, "the part, the doubled and the refused"


def test_a_task_that_fails_between_two_looks_of_hamilton_counts_too(
        rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = TaskFutureWrappingPythonFuture.get_state

    def late(future: Any) -> Any:
        state = looked(future)
        wait([future.future])
        return state

    monkeypatch.setattr(TaskFutureWrappingPythonFuture, "get_state", late)
    dynamic = driver.Builder().enable_dynamic_execution(allow_experimental_mode=True)
    with pytest.raises(ValueError, match="no such part"):
        run("accepted", builder=dynamic.with_remote_executor(MultiProcessingExecutor(max_tasks=2)), inputs={"worst": 0})
    told = of_node(rows(), None)
    assert told["nodes"] >= 3 and told["nodes_failed"] == 1, "the part, the doubled and the refused"


@pytest.mark.parametrize("first", [True, False])
def test_what_another_adapter_catches_is_a_success(rows: Rows, first: bool) -> None:
    graceful = GracefulErrorAdapter(error_to_catch=ValueError)
    both = (adapter(), graceful) if first else (graceful, adapter())
    driver.Builder().with_modules(graph).with_adapters(*both).build().execute(["of_both"])
    assert of_node(rows(), None)["nodes_failed"] == 0, "as Hamilton tells it: docs/hamilton.md says so"


def test_an_error_before_the_graph_begins_is_the_context_of_hamiltons_own(rows: Rows) -> None:
    dr = driver.Builder().with_modules(graph).with_adapters(adapter()).build()
    with pytest.raises(UnboundLocalError) as raised:  # Hamilton's, for every adapter that is told of a graph's end
        dr.materialize(to.json(path="x.json", dependencies=["quiet"], id="saved"))
    assert isinstance(raised.value.__context__, InvalidDecoratorException)
    assert "No saver class found" in str(raised.value.__context__)


def test_lost_telemetry_breaks_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    unconfigured(tmp_path, monkeypatch)
    with caplog.at_level(logging.WARNING, "tristrata.hamilton"):
        assert len(run("kept")["kept"]) == 2
    assert "TRISTRATA_KPI_URL" in caplog.text
    assert "3 emits of run r1 failed" in caplog.text


def test_a_strict_adapter_raises_it_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unconfigured(tmp_path, monkeypatch)
    with pytest.raises(TelemetryLossError, match="3 emits of run r1 failed; the first: RuntimeError"):
        run("kept", with_adapter=adapter(strict=True))
    with pytest.raises(ValueError, match="no such luck"):  # which the loss does not hide
        run("failing", with_adapter=adapter(strict=True))


ON_A_FULL_DISK = """
import logging, resource, sys
import graph
from hamilton import driver
from tristrata.hamilton import TelemetryLossError, TristrataAdapter
logging.basicConfig(stream=sys.stdout, format="%(name)s %(levelname)s: %(message)s")
adapter = TristrataAdapter(run_id="r1", module="m", strict=sys.argv[1] == "strict")
dr = driver.Builder().with_modules(graph).with_adapters(adapter).build()
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))  # No segment of the spool is as small.
try:
    print(len(dr.execute(["kept"])["kept"]))
except TelemetryLossError as error:
    print(f"raised: {error}")
"""


@pytest.mark.parametrize("strict", [False, True])
def test_a_disk_that_takes_nothing_more_breaks_no_run_and_the_loss_is_said_once(
    strict: bool, rows: Rows, tmp_path: Path
) -> None:
    done = subprocess.run([sys.executable, "-c", ON_A_FULL_DISK, "strict" if strict else ""], text=True, timeout=120,
                          capture_output=True, cwd=Path(__file__).parent, check=True)
    why = f"OSError: cannot make room for {tmp_path}/spool/slot_0000/00000000000000000001.spare: File too large"
    first, counted, ended = (line for line in done.stdout.splitlines() if not line.startswith("tristrata WARNING: "))
    assert first.startswith(
        f"tristrata.hamilton WARNING: what node table of run r1 has to tell was not emitted: {why}")
    assert counted.startswith(f"tristrata.hamilton ERROR: 3 emits of run r1 failed; the first: {why}")
    assert ended == (f"raised: {counted.partition('ERROR: ')[2]}" if strict else "2")
    assert rows() == []


def unconfigured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("TRISTRATA_KPI_URL", raising=False)
    monkeypatch.delenv("TRISTRATA_SPOOL", raising=False)
    tristrata.close()


def test_it_pickles_without_what_is_under_way() -> None:
    one = adapter(strict=True)
    one._began["h", None, "n"] = _Begun(1, 0)
    copy = pickle.loads(pickle.dumps(one))
    assert copy._run_id == "r1" and copy._strict and copy._began == {}


def test_a_checked_node_passes_its_result_on_and_pushes_what_moved(
    rows: Rows, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert run("moved", inputs={"shift": 0.0})["moved"].equals(graph.MONTH)
    assert run("moved", inputs={"shift": 50.0})["moved"].equals(graph.MONTH + 50.0)
    events = rows_of(tmp_path / "drift.db")
    assert {(event["run_id"], event["module"]) for event in events} == {("r1", "tests.graph")}
    shares = [event["current_value"] for event in events if event["metric"] == "share_drifted"]
    assert shares == [0, 1]
    assert [event["severity"] for event in events if event["metric"] == "psi_x"] == ["crit"]
    callers = {json.loads(event["payload"])["caller_module"] for event in events}
    assert callers == {graph.__name__}, "the module that defines the node"
    assert "moved drifted (crit): x" in caplog.text
    assert of_node(rows(), "moved")["n_output"] == 1000


def test_the_rows_of_each_checked_node_say_which_it_was(rows: Rows, tmp_path: Path) -> None:
    for _ in range(2):  # a retry pushes the same rows
        run("as_it_came", "early", "late")
    events = rows_of(tmp_path / "drift.db")
    nodes = {event["report_id"]: json.loads(event["payload"])["current"]["source"]
             for event in events if event["metric"] == "share_drifted"}
    assert sorted(nodes.values()) == ["as_it_came", "early", "late"]
    psi = [nodes[event["report_id"]] for event in events if event["metric"] == "psi_x"]
    assert sorted(psi) == ["as_it_came", "early", "late"]


def test_an_async_node_is_checked_once_it_has_run(rows: Rows, tmp_path: Path) -> None:
    async def go() -> Any:
        dr = await async_driver.Builder().with_modules(async_graph).with_adapters(adapter()).build()
        return await dr.execute(["moved_later"])

    asyncio.run(go())
    assert [event["run_id"] for event in rows_of(tmp_path / "drift.db") if event["metric"] == "psi_x"] == ["r1"]


def test_a_check_that_fails_is_a_loss_and_not_the_users(rows: Rows, caplog: pytest.LogCaptureFixture) -> None:
    assert run("unchecked") == {"unchecked": 7}
    assert "unchecked was not checked: TypeError" in caplog.text
    assert "was not emitted" not in caplog.text
    caplog.clear()
    run("of_no_plan")
    said = [record.levelname for record in caplog.records if "of_no_plan was not checked: File" in record.getMessage()]
    assert said == ["ERROR"]
    with pytest.raises(TelemetryLossError, match="1 emits of run r1 failed"):
        run("unchecked", with_adapter=adapter(strict=True))


def test_a_stream_is_left_to_the_next_node(rows: Rows, caplog: pytest.LogCaptureFixture) -> None:
    table = pyarrow.table({"x": [1.0, 2.0, 3.0]})
    node = drift_checked(reference=table)(
        lambda: pyarrow.RecordBatchReader.from_batches(table.schema, table.to_batches()))
    assert node().read_all().num_rows == 3
    assert "a RecordBatchReader is read once" in caplog.text


@pytest.mark.parametrize(("given", "error", "said"), [
    ({"module": None}, TypeError, "module is None; expected a str"),
    ({"run_id": 5}, TypeError, "run_id is of type int"),
    ({"module": ""}, ValueError, "module is empty"),
    ({"run_id": "r" * 300}, ValueError, 'rrr..." has 300 bytes; at most 200 are allowed'),
    ({"run_id": "é" * 101}, ValueError, '..." has 202 bytes; at most 200 are allowed'),
    ({"module": "a\nb"}, ValueError, "holds a control character"),
    ({"tags": {"crypto": "B" * 501}}, ValueError, 'the value of the tag "crypto" has 501 bytes; at most 500'),
    ({"tags": {"crypto": "B\0"}}, ValueError, 'the value of the tag "crypto" holds U+0000'),
    ({"tags": {"crytpo": "BTC"}}, ValueError, "did you mean \"crypto\""),
    ({"tags": {"crypto": ["BTC"]}}, TypeError, "crypto"),
    ({"strict": "yes"}, TypeError, "strict is of type str")])
def test_what_is_wrong_is_said_before_a_node_runs(
        rows: Rows, given: dict[str, Any], error: type[Exception], said: str) -> None:
    right: dict[str, Any] = {"module": "m", "run_id": "r1"}
    with pytest.raises(error, match=re.escape(said)):
        TristrataAdapter(**{**right, **given})


def test_the_longest_names_that_an_emit_takes_are_taken(rows: Rows) -> None:
    run("quiet", with_adapter=TristrataAdapter(run_id="r" * 200, module="m" * 200, tags={"crypto": "B\n" * 250}))
    assert len([row for row in rows() if row["run_id"] == "r" * 200]) == 3


def test_what_a_check_does_not_take_is_said_where_the_node_is_decorated() -> None:
    for wrong in ({"reference": None}, {"reference": "m.profile", "colums": ["x"]},
                  {"reference": "m.profile", "current": 1}):
        with pytest.raises(TypeError):
            drift_checked(**wrong)


def test_a_checked_node_is_also_a_function(rows: Rows, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    graph.moved(50.0)
    assert {event["module"] for event in rows_of(tmp_path / "drift.db")} == {"graph"}
    graph.unchecked()
    assert "unchecked was not checked: TypeError" in caplog.text


def test_a_check_that_reaches_no_verdict_is_a_loss(rows: Rows, caplog: pytest.LogCaptureFixture) -> None:
    said = "NoVerdictError: not one of 1 columns could be tested; of 'x':"
    with pytest.raises(TelemetryLossError, match=said):
        run("held_against_little", with_adapter=adapter(strict=True))
    caplog.clear()
    graph.held_against_little()
    assert [record.levelname for record in caplog.records if said in record.getMessage()] == ["ERROR"]


def test_module_and_reference_may_hold_tags_of_the_adapter(
        rows: Rows, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for crypto, shift in (("BTC", 0.0), ("ETH", 50.0)):
        save_profile(tristrata.profile(graph.MONTH + shift), tmp_path / f"{crypto}.profile")
    node = drift_checked(reference=tmp_path / "{crypto}.profile", null="independent", module="features.{crypto}")(
        lambda: graph.MONTH + 50.0)
    for tags in ({"crypto": "BTC"}, {"crypto": "ETH"}, {}):
        running = TristrataAdapter(run_id="r", module="m", tags=tags)
        token = _running.set((running, "run", "node"))
        node()
        _running.reset(token)
    told = {(event["module"], event["metric"]) for event in rows_of(tmp_path / "drift.db")}
    assert {module for module, _ in told} == {"features.BTC", "features.ETH"}
    assert {metric for module, metric in told if module == "features.ETH"} == {"share_drifted"}, "nothing drifted"
    assert ("features.BTC", "psi_x") in told
    assert "asks for the tag 'crypto', which the adapter of this run has not; it has none" in caplog.text


def test_a_reference_may_be_a_saved_profile(rows: Rows, tmp_path: Path) -> None:
    saved = tmp_path / "month.profile"
    node = drift_checked(reference=saved, null="independent", module="m")(lambda shift: graph.MONTH + shift)
    save_profile(tristrata.profile(graph.MONTH), saved)
    node(50.0)
    assert [event["module"] for event in rows_of(tmp_path / "drift.db") if event["metric"] == "psi_x"] == ["m"]
