"""
The C++ core of tristrata; the package's own modules are what is to be imported.
"""

from collections.abc import Sequence
import datetime
import os
from typing import Any


version: str = '0.1.0'

def type_error(message: str) -> TypeError:
    """
    What is to be raised where a value is of a type that is not taken: with its kind.
    """

def value_error(message: str) -> ValueError:
    """What is to be raised where a value cannot be used: with its kind."""

class Receipt:
    """What became of an emit."""

    @property
    def event_id(self) -> str | None:
        """Names the emit: given again with the same time it is the same rows."""

    @property
    def time(self) -> datetime.datetime: ...

    @property
    def durability(self) -> str:
        """
        What it survives: "process", "disk" (the power, too), or "committed" (it is in the store).
        """

    @property
    def stored(self) -> int:
        """Rows taken in."""

    @property
    def duplicate(self) -> int:
        """Rows that were there already."""

    @property
    def parked(self) -> int:
        """
        Of those taken in: beside the table, which has no place for their time.
        """

    @property
    def redacted(self) -> int:
        """Values of tags that looked like secrets and are stored as [redacted]."""

    def __repr__(self) -> str: ...

    def __getstate__(self) -> tuple[str, int, int, int, int, int, int]: ...

    def __setstate__(self, arg: tuple[str, int, int, int, int, int, int], /) -> None: ...

def emit_kpi(module: object | None, run_id: object | None, dag_node: object | None, duration_ms: object | None, success: object | None, tags: object | None, time: object | None, event_id: object | None, metrics: dict[str, Any]) -> Receipt: ...

def emit_host_kpi(caller: object, library_tags: object, module: object | None, run_id: object | None, dag_node: object | None, duration_ms: object | None, success: object | None, tags: object | None, time: object | None, event_id: object | None, metrics: dict[str, Any], carried: bool = True) -> Receipt:
    """
    What an adapter emits of its host: with the library's own tags, and who called. Not carried: into the spool, which another process drains; no store needs to be named.
    """

def require_host(module: object | None, run_id: object | None, tags: object | None) -> None:
    """Raises what emit_host_kpi would of these, before the host runs."""

def push_drift_event(drift_type: object | None, module: object | None, metric: object | None, reference_value: object | None, current_value: object | None, significance: object | None, run_id: object | None, severity: object | None, payload: object | None, time: object | None, event_id: object | None) -> Receipt: ...

def call_site() -> str:
    """The module that calls, as it stands on a KPI (the tag caller_module)."""

def init_store(layer: str) -> int: ...

def flush() -> None: ...

def close() -> None: ...

def close_at_exit() -> None: ...

def query_kpi(module: object | None, metric: object | None, run_id: object | None, since: object | None, until: object | None, limit: object | None) -> list[dict[str, Any]]: ...

def push_drift_report(document: object | None, module: object | None, run_id: object | None, drift_type: object | None, time: object | None, caller: str, path: str = '') -> Receipt: ...

class EventReceipt:
    """What became of an event."""

    @property
    def event_id(self) -> str: ...

    @property
    def time(self) -> datetime.datetime: ...

    @property
    def line(self) -> str:
        """The line of the log."""

    @property
    def level(self) -> int:
        """Its severity, as logging counts."""

    @property
    def durability(self) -> str | None:
        """What its record survives; None where there is none."""

    @property
    def failure(self) -> str | None:
        """Why its record was not acknowledged; None where nothing failed."""

    @property
    def redacted(self) -> int:
        """Values that are secret, or look so, and were replaced."""

    @property
    def shortened(self) -> int:
        """Values that were cut."""

    @property
    def mended(self) -> int:
        """Values that were no UTF-8: U+FFFD stands for what was not."""

    def __repr__(self) -> str: ...

def emit_event(name: object | None, fields: dict[str, Any]) -> EventReceipt: ...

class PlanArguments:
    """A plan, and what stands above it."""

    def __init__(self) -> None: ...

    @property
    def file(self) -> str | None: ...

    @file.setter
    def file(self, value: object | None) -> None: ...

    @property
    def text(self) -> str | None: ...

    @text.setter
    def text(self, value: object | None) -> None: ...

    @property
    def time(self) -> str | None: ...

    @time.setter
    def time(self, value: object | None) -> None: ...

    @property
    def method(self) -> str | None: ...

    @method.setter
    def method(self, value: object | None) -> None: ...

    @property
    def null(self) -> str | None: ...

    @null.setter
    def null(self, value: object | None) -> None: ...

    @property
    def season(self) -> str | None: ...

    @season.setter
    def season(self, value: object | None) -> None: ...

    @property
    def by(self) -> str | None: ...

    @by.setter
    def by(self, value: object | None) -> None: ...

    @property
    def columns(self) -> list[str]: ...

    @columns.setter
    def columns(self, value: object | None) -> None: ...

    @property
    def alpha(self) -> float | None: ...

    @alpha.setter
    def alpha(self, value: object | None) -> None: ...

    @property
    def seed(self) -> int | None: ...

    @seed.setter
    def seed(self, value: object | None) -> None: ...

    @property
    def multivariate(self) -> bool: ...

    @multivariate.setter
    def multivariate(self, value: object | None) -> None: ...

class Profile:
    """
    A reference, saved: what a check needs of it, and no more than a budget.
    """

    @property
    def version(self) -> str:
        """SHA-256 of what a check can read of it."""

    @property
    def rows(self) -> int: ...

    @property
    def columns(self) -> list[str]: ...

    @property
    def left_out(self) -> int:
        """Rows that have no time, and are in none of its windows."""

    @property
    def span(self) -> tuple[int, int] | None:
        """
        Its earliest and latest time, in microseconds since 1970; None without a time column.
        """

    @property
    def counted(self) -> list[str]:
        """The columns that are kept as counts, not value by value."""

    @property
    def fields(self) -> list[tuple[str, str, str]]:
        """Name, type, and the source's word for it, of each column."""

    @property
    def column_bytes(self) -> dict[str, int]:
        """Bytes that each column takes."""

    def to_bytes(self) -> bytes: ...

    def __getstate__(self) -> bytes: ...

    def __setstate__(self, arg: bytes, /) -> None: ...

    def __eq__(self, other: object, /) -> bool: ...

    def __hash__(self) -> int: ...

    def __repr__(self) -> str: ...

def check(reference: object | None, current: object | None, plan: PlanArguments, at: object | None, reference_window: object | None, current_window: object | None, threads: object | None) -> str: ...

def profile(data: object | None, plan: PlanArguments, window: object | None, exact_mb: object | None, threads: object | None, like: Profile | None = None, name: str = 'data') -> Profile: ...

def read_profile(bytes: bytes, name: str) -> Profile: ...

def merge_profiles(profiles: Sequence[Profile]) -> Profile: ...

def time_column(plan: PlanArguments) -> str:
    """
    The column that orders the rows, by a plan that is valid; empty where none does.
    """

def count_columns(profile: Profile, columns: Sequence[str], like: Profile | None) -> Profile: ...

def common_edges(parts: Sequence[Profile]) -> Profile: ...

def join_profiles(parts: Sequence[Profile], name: str, left_out: int) -> Profile: ...

def read_report(bytes: bytes, name: str) -> str: ...

def report_html(json: str) -> str: ...

def report_table(json: str) -> str: ...

class ChunkArguments:
    """How rows are cut into chunks."""

    def __init__(self) -> None: ...

    @property
    def chunk(self) -> str | None: ...

    @chunk.setter
    def chunk(self, value: object | None) -> None: ...

    @property
    def zone(self) -> str: ...

    @zone.setter
    def zone(self, value: object | None) -> None: ...

    @property
    def rows(self) -> int | None: ...

    @rows.setter
    def rows(self, value: object | None) -> None: ...

    @property
    def count(self) -> int | None: ...

    @count.setter
    def count(self, value: object | None) -> None: ...

class QualityArguments:
    """What the columns of a model's table are."""

    def __init__(self) -> None: ...

    @property
    def y_true(self) -> str: ...

    @y_true.setter
    def y_true(self, value: object | None) -> None: ...

    @property
    def y_pred(self) -> str: ...

    @y_pred.setter
    def y_pred(self, value: object | None) -> None: ...

    @property
    def y_proba(self) -> list[str]: ...

    @y_proba.setter
    def y_proba(self, value: object | None) -> None: ...

    @property
    def features(self) -> list[str]: ...

    @features.setter
    def features(self, value: object | None) -> None: ...

    @property
    def problem(self) -> str | None: ...

    @problem.setter
    def problem(self, value: object | None) -> None: ...

    @property
    def time(self) -> str | None: ...

    @time.setter
    def time(self, value: object | None) -> None: ...

    @property
    def key(self) -> str | None: ...

    @key.setter
    def key(self, value: object | None) -> None: ...

    @property
    def positive(self) -> str | None: ...

    @positive.setter
    def positive(self, value: object | None) -> None: ...

    @property
    def alpha(self) -> float: ...

    @alpha.setter
    def alpha(self, value: object | None) -> None: ...

class Backtest:
    """What would have fired, chunk by chunk."""

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Backtest:
        """What a JSON file holds; ValueError where that is something else."""

    def to_json(self) -> str:
        """The document, byte by byte as the command line writes it."""

    def to_dict(self) -> dict[str, Any]:
        """The document as a dictionary."""

    @property
    def summary(self) -> dict[str, Any]:
        """How many were tested, drifted; the worst severity."""

    @property
    def chunks(self) -> list[dict[str, Any]]:
        """What was found of each chunk, in order."""

    @property
    def columns(self) -> list[dict[str, Any]]:
        """
        What was found of columns over all chunks; empty where nothing is said of them.
        """

    @property
    def drifted(self) -> list[str]:
        """The keys of the chunks that drifted."""

    def to_html(self) -> str:
        """One page that needs nothing else."""

    @property
    def severity(self) -> str | None:
        """
        The worst of what fired: "info", "warn" or "crit"; None where nothing did.
        """

    def save_html(self, path: str | os.PathLike[str]) -> None:
        """Writes that page."""

    def save_json(self, path: str | os.PathLike[str]) -> None:
        """Writes the document: what load() reads."""

    def __repr__(self) -> str: ...

    def __getstate__(self) -> str: ...

    def __setstate__(self, arg: str, /) -> None: ...

    def __eq__(self, other: object, /) -> bool: ...

    def __hash__(self) -> int: ...

    def __str__(self) -> str: ...

    def push(self, *, module: str, run_id: str | None = None) -> Receipt:
        """
        Pushes what fired, chunk by chunk, as history: rows of severity info, with the chunk's time.
        """

class QualityReport:
    """How good a model is, chunk by chunk."""

    @staticmethod
    def load(path: str | os.PathLike[str]) -> QualityReport:
        """What a JSON file holds; ValueError where that is something else."""

    def to_json(self) -> str:
        """The document, byte by byte as the command line writes it."""

    def to_dict(self) -> dict[str, Any]:
        """The document as a dictionary."""

    @property
    def summary(self) -> dict[str, Any]:
        """How many were tested, drifted; the worst severity."""

    @property
    def chunks(self) -> list[dict[str, Any]]:
        """What was found of each chunk, in order."""

    @property
    def columns(self) -> list[dict[str, Any]]:
        """
        What was found of columns over all chunks; empty where nothing is said of them.
        """

    @property
    def drifted(self) -> list[str]:
        """The keys of the chunks that drifted."""

    def to_html(self) -> str:
        """One page that needs nothing else."""

    @property
    def severity(self) -> str | None:
        """
        The worst of what fired: "info", "warn" or "crit"; None where nothing did.
        """

    def save_html(self, path: str | os.PathLike[str]) -> None:
        """Writes that page."""

    def save_json(self, path: str | os.PathLike[str]) -> None:
        """Writes the document: what load() reads."""

    def __repr__(self) -> str: ...

    def __getstate__(self) -> str: ...

    def __setstate__(self, arg: str, /) -> None: ...

    def __eq__(self, other: object, /) -> bool: ...

    def __hash__(self) -> int: ...

    def __str__(self) -> str: ...

    def push(self, *, module: str, run_id: str | None = None) -> Receipt:
        """Pushes it to the drift store: a row for each figure that became worse."""

def backtest(data: object | None, plan: PlanArguments, chunks: ChunkArguments, window: object | None, reference: object | None, yearly: object | None, at: object | None, threads: object | None) -> Backtest: ...

def performance(reference: object | None, current: object | None, labels: object | None, columns: QualityArguments, chunks: ChunkArguments, estimated: bool, at: object | None, threads: object | None) -> QualityReport: ...

class KillSwitchReader:
    def __init__(self, scopes: Sequence[str]) -> None: ...

    def engaged(self) -> bool:
        """
        Whether an order that adds risk must not go: from memory, in less than a microsecond of its own.
        """

    def reading(self) -> str:
        """
        Why: clear, engaged, unread, stale, unreachable or environment; all but clear are engaged.
        """

    def close(self) -> None:
        """Ends its thread; half a second later it reads as engaged."""

kill_switch_engaged_means: str = ...
