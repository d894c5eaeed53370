"""KPIs of every node of a Hamilton driver: one adapter.

    from tristrata.hamilton import TristrataAdapter

    dr = driver.Builder().with_modules(features).with_adapters(
        TristrataAdapter(run_id="run-17", module="hamilton.feature_engineering")).build()

Works with the sync driver, the async one, and tasks in threads and processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import logging
import os
import sys
from contextvars import ContextVar, Token
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeAlias, TypeVar

from hamilton.lifecycle import base

from . import _core, _node_reports, _tables, detection

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from hamilton.graph import FunctionGraph
    from hamilton.node import Node

__all__ = ["TelemetryLossError", "TristrataAdapter", "drift_checked"]

_log = logging.getLogger("tristrata.hamilton")
_P = ParamSpec("_P")
_R = TypeVar("_R")


class TelemetryLossError(RuntimeError):
    """The graph ran, and not all of its KPIs were taken in; raised by an adapter that is strict."""


class _Done:
    """What an async driver may await and a sync one may leave: Hamilton has one name for both kinds of hook."""

    def __await__(self) -> Generator[None, None, None]:
        yield from ()


_DONE = _Done()

# The adapter of the node that runs here, Hamilton's name of the run, and that of the node.
_Running: TypeAlias = "tuple[TristrataAdapter, str, str] | None"
_running: ContextVar[_Running] = ContextVar("tristrata_hamilton", default=None)

# Of a run, by task where there is one: the nodes that ran in this process, and those of them that failed.
_Counts: TypeAlias = "dict[str | None, list[int]]"

# What the error of a task in another process says of its nodes: nothing else comes back from there.
_COUNTED = "_tristrata_nodes"

# Somebody wants this process to end: that is the user's, wherever it is met.
_ENDS = (KeyboardInterrupt, SystemExit)


class _Begun(NamedTuple):
    """What is remembered of a node, or of a graph, that runs."""

    at: int
    handled: int  # the id of the error in whose handler it began: that one does not end it
    token: Token[_Running] | None = None


def _leave(token: Token[_Running] | None) -> bool:
    """To the node around this one, where a node runs a driver of its own; False where it began in another context."""
    try:
        if token is not None:
            _running.reset(token)
    except ValueError:
        return False
    return True


class _Losses:
    """Emits of one run that failed: how many, and why the first did."""

    __slots__ = ("count", "first")

    def __init__(self) -> None:
        self.count = 0
        self.first = ""


class TristrataAdapter(
    base.BasePreGraphExecute,
    base.BasePostGraphExecute,
    base.BasePreNodeExecute,
    base.BasePostNodeExecute,
    base.BasePreNodeExecuteAsync,
    base.BasePostNodeExecuteAsync,
    base.BasePostTaskExecute,
    base.BasePostTaskReturn,
):
    """Emits, per node, `duration_ms` and `success`, and as metrics `n_input`, `n_output` and `null_share`.

    Each node is one emit with dag_node = the node's name; the whole graph is one more without a dag_node, with the
    metrics `nodes` and `nodes_failed`.

    n_input     Rows of the longest table, array or list among the node's arguments.
    n_output    Rows of its result. Generators, lazy frames and the like have none, and are never touched.
    null_share  Nulls among the values of a result that is a frame, a column or an array.

    `module` and `tags` stand on every row as they do in emit_kpi; `caller_module` is the module that defines the node.
    Tags of the adapter's own: `hamilton_run_id`; `task_id` inside Parallelizable; `cache_hit` where the result came
    from Hamilton's cache (its duration is the retrieval's); `override` for a node whose value was given, which did not
    run.

    An emit that fails never breaks the run or hides its error: it is counted and logged. With `strict=True` the end of
    a graph that succeeded raises TelemetryLossError if an emit failed (in a process pool: the end of the task).

    What it is given is looked at here: TypeError or ValueError for a module or run_id that is no text, a name or tag
    that emit_kpi would refuse, a strict that is no bool.

    Threads: any number of graphs and nodes at once. Pickles: a child process emits into a spool slot of its own.
    """

    def __init__(
        self, *, run_id: str, module: str, tags: Mapping[str, str | float] | None = None, strict: bool = False
    ) -> None:
        _core.require_host(module, run_id, tags)
        if not isinstance(strict, bool):
            raise _core.type_error(f"strict is of type {type(strict).__name__}: {strict!r}; expected a bool")
        self._run_id = run_id
        self._module = module
        self._tags = dict(tags or {})
        self._strict = strict
        self._began: dict[tuple[str, str | None, str], _Begun] = {}
        self._nodes: dict[str, _Counts] = {}
        self._counted: dict[str, Exception | None] = {}  # the error of a task of another process whose nodes count
        self._overridden: dict[str, frozenset[str]] = {}
        self._losses: dict[str, _Losses] = {}
        self._caches: dict[str, Any] = {}
        self._pid = os.getpid()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_began": {}, "_nodes": {}, "_counted": {}, "_overridden": {}, "_losses": {}}

    # The graph.

    def pre_graph_execute(
        self,
        *,
        run_id: str,
        graph: FunctionGraph,
        final_vars: list[str],
        inputs: dict[str, Any],
        overrides: dict[str, Any],
    ) -> None:
        """Remembers when the graph began and emits what is overridden."""
        self._nodes[run_id] = {}
        self._overridden[run_id] = frozenset(overrides or ())
        self._caches[run_id] = _cache_of(graph)
        for name, value in (overrides or {}).items():
            node = graph.nodes.get(name)
            self._emit(run_id, None, name, _module_of(node), None, True, {"override": "true"}, (), value)
        self._began[run_id, None, ""] = _Begun(perf_counter_ns(), id(sys.exception()))

    def post_graph_execute(
        self,
        *,
        run_id: str,
        graph: FunctionGraph,
        success: bool,
        error: Exception | None,
        results: dict[str, Any] | None,
    ) -> None:
        """Emits the graph's own row; raises what strict asks for."""
        duration, success = self._ended((run_id, None, ""), success)
        counts = list(self._nodes.pop(run_id, {}).values())
        # Hamilton returns no task that failed between its look at the state and that at the result.
        if self._counted.pop(run_id, None) is not error:
            counts.append(getattr(error, _COUNTED, [0, 0]))
        nodes, failed = (sum(one[which] for one in counts) for which in (0, 1))
        self._overridden.pop(run_id, None)
        self._caches.pop(run_id, None)
        self._emit(run_id, None, None, "", duration, success, {}, (), None, {"nodes": nodes, "nodes_failed": failed})
        self._settle(run_id, success)

    # A task of Parallelizable, in whatever process it ran.

    def post_task_execute(
        self,
        *,
        run_id: str,
        task_id: str,
        nodes: list[Node],
        results: dict[str, Any] | None,
        success: bool,
        error: Exception | None,
        spawning_task_id: str | None = None,
        purpose: Any = None,
    ) -> None:
        """In a child process nothing goes back to the adapter of the parent: what was lost is settled here."""
        if os.getpid() == self._pid:
            return
        counted = self._nodes.pop(run_id, {}).get(task_id, [0, 0])
        if error is not None:
            with contextlib.suppress(Exception):  # an error of the user's may take no attribute
                setattr(error, _COUNTED, counted)
        self._settle(run_id, success)

    def post_task_return(
        self,
        *,
        run_id: str,
        task_id: str,
        nodes: list[Node],
        result: Any,
        success: bool,
        error: Exception | None,
        spawning_task_id: str | None = None,
        purpose: Any = None,
    ) -> None:
        """Counts the nodes of a task that ran in another process: all of one that succeeded."""
        counts = self._nodes.get(run_id)
        if counts is None or task_id in counts:
            return
        given = self._overridden.get(run_id, frozenset())
        if success:
            counts[task_id] = [sum(not one.user_defined and one.name not in given for one in nodes), 0]
        else:  # without a word of its process, which may have died: the one that it died of
            counts[task_id] = getattr(error, _COUNTED, [1, 1])
            self._counted[run_id] = error

    # A node. Hamilton calls these once for a sync driver; for an async one as a sync hook with the task that will run
    # it, and then, awaited, with its values.

    def pre_node_execute(
        self, *, run_id: str, node_: Node, kwargs: dict[str, Any], task_id: str | None = None
    ) -> _Done:
        """Remembers when the node began."""
        handled, token = id(sys.exception()), _running.set((self, run_id, node_.name))
        self._began[run_id, task_id, node_.name] = _Begun(perf_counter_ns(), handled, token)
        return _DONE

    def post_node_execute(
        self,
        *,
        run_id: str,
        node_: Node,
        kwargs: dict[str, Any],
        success: bool,
        error: Exception | None,
        result: Any,
        task_id: str | None = None,
    ) -> _Done:
        """Emits the node's rows."""
        name = node_.name
        key = (run_id, task_id, name)
        if issubclass(type(result), asyncio.Task):  # whatever a result says of its own __class__
            began = self._began.get(key)
            if began is not None and _leave(began.token):
                del self._began[key]
            return _DONE  # an async driver's: it has only been created, and tells of itself
        duration, success = self._ended(key, success)
        counts = self._nodes.setdefault(run_id, {}).setdefault(task_id, [0, 0])
        counts[0] += 1
        counts[1] += not success
        known = {"cache_hit": "true"} if self._is_cache_hit(run_id, name, task_id) else {}
        self._emit(run_id, task_id, name, _module_of(node_), duration, success, known, kwargs.values(), result)
        return _DONE

    # What they share.

    def _ended(self, key: tuple[str, str | None, str], success: bool) -> tuple[int | None, bool]:
        """How long it ran in ms, and whether it came to its end.

        Hamilton looks for an Exception alone: what sys.exit(), Ctrl-C or a cancellation ends is a success to it.
        """
        now, ends = perf_counter_ns(), sys.exception()
        began = self._began.pop(key, None)
        if ends is not None and not isinstance(ends, Exception) and (began is None or began.handled != id(ends)):
            success = False
        if began is None:
            return None, success
        if not _leave(began.token):
            _running.set(None)
        return (now - began.at) // 1_000_000, success

    def _emit(
        self,
        hamilton_run_id: str,
        task_id: str | None,
        node: str | None,
        node_module: str,
        duration_ms: int | None,
        success: bool,
        known: dict[str, str],
        inputs: Any,
        result: Any,
        metrics: dict[str, float] | None = None,
    ) -> None:
        """Never raises: the run is the user's."""
        try:
            known["hamilton_run_id"] = hamilton_run_id
            if task_id is not None:
                known["task_id"] = task_id
            measured = dict(metrics or {})
            try:
                _measure(inputs, result, measured)
            except _ENDS:
                raise
            except BaseException as error:  # the user's values may raise anything: a panic of Rust is no Exception
                self._lost(hamilton_run_id, node, error)
            _core.emit_host_kpi(node_module or self._module, known, self._module, self._run_id, node, duration_ms,
                                success, self._tags, None, None, measured)
        except Exception as error:  # of any kind: it must not reach the user's run
            self._lost(hamilton_run_id, node, error)

    def _lost(self, run_id: str, node: str | None, error: BaseException) -> None:
        if self._count_loss(run_id, error) == 1:
            _log.warning("what node %s of run %s has to tell was not emitted: %s", node, self._run_id, _said_by(error))

    def _count_loss(self, run_id: str, error: BaseException) -> int:
        losses = self._losses.setdefault(run_id, _Losses())
        losses.count += 1
        losses.first = losses.first or _said_by(error)
        return losses.count

    def _settle(self, run_id: str, success: bool) -> None:
        """Says how many emits of the run failed; raises it where strict, unless that hid the run's own error."""
        if self._strict:
            try:
                _core.flush()
            except Exception as error:  # what the disk did not take is lost as well
                self._lost(run_id, None, error)
        losses = self._losses.pop(run_id, None)
        if losses is None:
            return
        said = f"{losses.count} emits of run {self._run_id} failed; the first: {losses.first}"
        _log.error("%s", said)
        if self._strict and success:
            raise TelemetryLossError(said)

    def _is_cache_hit(self, run_id: str, node: str, task_id: str | None) -> bool:
        cache = self._caches.get(run_id)
        if cache is None:
            return False
        for event in reversed(cache._logs[run_id]):  # its public logs() would read the whole run for every node
            if event.node_name == node and event.task_id == task_id:
                if event.event_type.value == "get_result":
                    return True
                if event.event_type.value == "execute_node":
                    return False
        return False


def _cache_of(graph: FunctionGraph) -> Any:
    caching = sys.modules.get("hamilton.caching.adapter")
    if caching is None:
        return None
    return next((one for one in graph.adapter.adapters if isinstance(one, caching.HamiltonCacheAdapter)), None)


def _measure(inputs: Any, result: Any, measured: dict[str, float]) -> None:
    """Puts in what is known of the user's values, up to the one that raises."""
    rows_in = _tables.longest(inputs)
    if rows_in is not None:
        measured["n_input"] = rows_in
    rows_out = _tables.rows(result)
    if rows_out is not None:
        measured["n_output"] = rows_out
        share = _tables.null_share(result)
        if share is not None:
            measured["null_share"] = share


def _said_by(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # an error of the user's may have no text that can be had
        return type(error).__name__


def _module_of(node: Node | None) -> str:
    return "" if node is None else str(node.tags.get("module", ""))


def drift_checked(
    *, reference: object, plan: str | os.PathLike[str] | None = None, module: str | None = None, **options: Any
) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Checks what a node returns against a reference, and pushes the report to the drift store.

        @drift_checked(reference="features.profile", plan="plan.toml")
        def features(...) -> pd.DataFrame:

    `reference` is what tristrata.check takes first, or the file of a profile (.profile); a file is read at the first
    call. `options` are check's own; one that it has not is a TypeError here. The report is pushed with the adapter's
    module and run_id, its current side named as the node; without an adapter with `module`, or the Python module of the
    node. `module` and the name of a file may hold tags of the adapter: "features.{crypto}" is a module a crypto, which
    tables that drift each for itself need.

    The node's result is passed on as it is: a check that finds drift is a warning in the log and rows in the store; a
    check that fails, or that can test no column, is an error in the log and counts as an emit that failed. A stream
    that is read once is such a failure, and is left to whom it is for.
    """
    if reference is None:
        raise _core.type_error("reference is None; expected a table, a profile, or the path of one")
    unknown = options.keys() - inspect.signature(detection.check).parameters.keys()
    if unknown or "current" in options:
        raise TypeError(f"drift_checked() takes no {', '.join(sorted(unknown or {'current'}))}; "
                        "its options are those of tristrata.check()")

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        kept: dict[str, object] = {}

        def look(running: _Running, result: object) -> None:
            adapter, run, node = running or (None, "", function.__name__)
            failed = f"{node} was not checked"
            try:
                if hasattr(type(result), "__next__"):
                    raise _core.type_error(f"a {type(result).__name__} is read once, and the next node reads it; "
                                           "return a table from a node that is checked")
                tags = adapter._tags if adapter else {}
                given = ""
                if isinstance(reference, (str, os.PathLike)):
                    given = _node_reports.with_tags(reference, tags)
                if given not in kept:
                    kept[given] = _node_reports.reference_of(given or reference)
                report = detection.check(kept[given], result, plan=plan, **options)
                where = adapter._module if adapter else function.__module__
                if module:
                    where = _node_reports.with_tags(module, tags)
                failed = f"the report of {node} was not pushed"
                _core.push_drift_report(_node_reports.document_of(node, report), where,
                                        adapter._run_id if adapter else None, None, None, function.__module__)
                failed = f"{node} was not checked"
                _node_reports.require_a_verdict(report)
                if report.severity in ("warn", "crit"):
                    _log.warning("%s drifted (%s): %s", node, report.severity, ", ".join(report.drifted))
            except _ENDS:
                raise
            except BaseException as error:  # of any kind: it must not reach the user's run
                _log.error("%s: %s", failed, _said_by(error))
                if adapter:
                    adapter._count_loss(run, error)

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def checked_later(*args: _P.args, **kwargs: _P.kwargs) -> Any:
                running = _running.get()  # before the node may run a driver of its own
                result = await function(*args, **kwargs)
                look(running, result)
                return result

            return checked_later  # type: ignore[return-value]  # the same kind of function that it wraps

        @functools.wraps(function)
        def checked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            running = _running.get()
            result = function(*args, **kwargs)
            look(running, result)
            return result

        return checked

    return decorate
