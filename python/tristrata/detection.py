"""Drift of tables that Python holds: anything with the Arrow PyCapsule protocol, numpy, a file."""

from __future__ import annotations

from . import _core
from ._core import Backtest, Profile, QualityReport
from .report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost the import some milliseconds
    import os
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from typing import Any

    Moment = date | str | None
    Window = str | tuple[Moment, Moment] | list[Moment]

__all__ = ["Backtest", "Profile", "QualityReport", "Report", "backtest", "check", "check_performance",
           "estimate_performance", "load_profile", "merge", "profile", "save_profile"]


def check(
    reference: object,
    current: object,
    *,
    plan: str | os.PathLike[str] | None = None,
    time: str | None = None,
    columns: Sequence[str] = (),
    by: str | None = None,
    method: str | None = None,
    null: str | None = None,
    season: str | None = None,
    alpha: float | None = None,
    seed: int | None = None,
    multivariate: bool = False,
    reference_window: Window | None = None,
    current_window: Window | None = None,
    at: date | str | None = None,
    threads: int | None = None,
) -> Report:
    """Compares current with reference, column by column: what moved, by how much, whether chance explains it.

        report = check(last_month, yesterday, time="open_time")
        report.drifted, report.summary, report

    A side is a data frame or table of pandas, polars, pyarrow or DuckDB (whatever exports itself by Arrow's PyCapsule
    protocol; nothing of it is copied), a numpy array or a dictionary of them, or a path: of CSV (also .gz), Parquet,
    Arrow, or a folder of one of them, read as the command line reads it, which needs the extra [files]. Either may be a
    Profile; current needs one that keeps every value. The same table may stand on both sides, with a window of `time`
    each ("2026-01-01..2026-02-01", or a pair of datetimes or texts).

    `plan` is a plan's file, or its text; what else is given stands above it. `time` names the column that orders the
    rows, by which neighbours that are alike count for less. `at` is the report's time, now where it is not given: the
    same tables at the same time are the same report, to the byte. Ctrl-C stops a check.
    """
    arguments = _arguments(plan, time, columns, by, method, null, season, alpha, seed, multivariate)
    first = reference if isinstance(reference, Profile) else _table(reference, time)
    if current is reference:
        second = first
    else:
        second = current if isinstance(current, Profile) else _table(current, time, first)
    return Report(_core.check(first, second, arguments, at, reference_window, current_window, threads))


def profile(
    data: object,
    *,
    plan: str | os.PathLike[str] | None = None,
    time: str | None = None,
    columns: Sequence[str] = (),
    window: Window | None = None,
    exact_mb: float = 64,
    like: Profile | None = None,
    threads: int | None = None,
) -> Profile:
    """What a check needs of a reference, to be kept in its place: saved, merged, pickled, held against any current.

    A column that takes more than `exact_mb` is kept as counts, which answer less (docs/profiles.md); `like` another
    profile, on the same edges and by the same plan, so that both can be merged.
    """
    arguments = _arguments(plan, time, columns, None, None, None, None, None, None, False)
    if like is not None and not isinstance(like, Profile):
        raise _core.type_error(f"like is of type {type(like).__name__}; expected a Profile")
    return _core.profile(_table(data, time, like), arguments, window, exact_mb, threads, like)


def merge(profiles: Iterable[Profile]) -> Profile:
    """The union of their windows: the same bytes in whatever order they come.

    RuntimeError, with the places of two of them in `profiles`: another schema, plan or edges; and rows that would count
    twice. Windows of the same values are refused where no time tells that they are the same rows.
    """
    from ._merging import union

    given = list(profiles)
    for one in given:
        if not isinstance(one, Profile):
            raise _core.type_error(f"a {type(one).__name__} is no Profile; expected what profile() or load_profile() "
                                   "made")
    return union(given)


def save_profile(profile: Profile, path: str | os.PathLike[str]) -> None:
    """Writes what load_profile() and `tristrata drift check --profile` read, in the place of what stands there."""
    from ._writing import replace_file

    if not isinstance(profile, Profile):
        raise _core.type_error(f"a {type(profile).__name__} is no Profile; expected what profile() or load_profile() "
                               "made")
    replace_file(path, profile.to_bytes())


def load_profile(path: str | os.PathLike[str]) -> Profile:
    """Reads a profile; ValueError where it is damaged or none."""
    from ._reading import content_of

    return _core.read_profile(content_of(path), str(path))


def backtest(
    data: object,
    *,
    chunk: str | None = None,
    rows: int | None = None,
    count: int | None = None,
    zone: str = "UTC",
    window: int | None = None,
    reference: Window | None = None,
    yearly: bool = False,
    plan: str | os.PathLike[str] | None = None,
    time: str | None = None,
    columns: Sequence[str] = (),
    method: str | None = None,
    null: str | None = None,
    season: str | None = None,
    alpha: float | None = None,
    at: date | str | None = None,
    threads: int | None = None,
) -> Backtest:
    """What a check of every chunk would have found over the past: when it would have fired, and how often.

        backtest(candles, chunk="day", time="open_time", window=30)

    Rows are cut by the calendar (`chunk`: 15min, hour, day, week, month, quarter, year; in `zone`), into chunks of
    `rows`, or into `count` of them. Each is held against the `window` chunks before it, or against the one `reference`
    ("2026-01-01..2026-02-01").
    """
    arguments = _arguments(plan, time, columns, None, method, null, season, alpha, None, False)
    return _core.backtest(_table(data, time), arguments, _chunks(chunk, rows, count, zone), window, reference, yearly,
                          at, threads)


def estimate_performance(
    reference: object,
    current: object,
    *,
    y_true: str = "y_true",
    y_pred: str = "y_pred",
    y_proba: str | Sequence[str] | Mapping[Any, str] = (),
    features: Sequence[str] = (),
    problem: str | None = None,
    positive: str | None = None,
    time: str | None = None,
    chunk: str | None = None,
    rows: int | None = None,
    count: int | None = None,
    zone: str = "UTC",
    labels: object = None,
    key: str | None = None,
    alpha: float = 0.05,
    at: date | str | None = None,
    threads: int | None = None,
) -> QualityReport:
    """How good the model is where nobody knows the truth yet: CBPE for a classifier, DLE for a regression.

        estimate_performance(validation, last_night, y_proba="p_up", chunk="day", time="open_time")

    The reference has the truth in `y_true`. `y_proba` is the column of the positive class's probability, or one
    "CLASS=COLUMN" a class, or the dictionary {class: column}. Where current or `labels` (joined by `key`) know the
    truth of some rows, what came true stands beside the estimate.
    """
    columns = _quality(y_true, y_pred, y_proba, features, problem, positive, time, key, alpha)
    return _core.performance(*_quality_tables(reference, current, labels, time), columns,
                             _chunks(chunk, rows, count, zone), True, at, threads)


def check_performance(
    reference: object,
    current: object,
    *,
    y_true: str = "y_true",
    y_pred: str = "y_pred",
    y_proba: str | Sequence[str] | Mapping[Any, str] = (),
    problem: str | None = None,
    positive: str | None = None,
    time: str | None = None,
    chunk: str | None = None,
    rows: int | None = None,
    count: int | None = None,
    zone: str = "UTC",
    labels: object = None,
    key: str | None = None,
    alpha: float = 0.05,
    at: date | str | None = None,
    threads: int | None = None,
) -> QualityReport:
    """How good the model is by what came true, beside the reference: metrics with bands of chance, and calibration.

        check_performance(validation, last_week, y_proba="p_up", chunk="day", time="open_time")

    The truth stands in `y_true` of current, or of `labels`, joined by `key`.
    """
    columns = _quality(y_true, y_pred, y_proba, (), problem, positive, time, key, alpha)
    return _core.performance(*_quality_tables(reference, current, labels, time), columns,
                             _chunks(chunk, rows, count, zone), False, at, threads)


def _chunks(period: str | None, rows: int | None, count: int | None, zone: str) -> _core.ChunkArguments:
    chunks = _core.ChunkArguments()
    chunks.chunk, chunks.rows, chunks.count, chunks.zone = period, rows, count, zone
    return chunks


def _quality_tables(reference: object, current: object, labels: object, time: str | None) -> tuple[Any, Any, Any]:
    first = _table(reference, time)
    return first, _table(current, time, first), None if labels is None else _table(labels, None, first)


def _quality(y_true: str, y_pred: str, y_proba: str | Sequence[str] | Mapping[Any, str],
             features: Sequence[str], problem: str | None,
             positive: str | None, time: str | None, key: str | None, alpha: float) -> _core.QualityArguments:
    columns = _core.QualityArguments()
    columns.y_true, columns.y_pred = y_true, y_pred
    columns.y_proba = _probabilities(y_proba)
    columns.features = features
    columns.problem, columns.positive, columns.time, columns.key = problem, positive, time, key
    columns.alpha = alpha
    return columns


def _probabilities(given: Any) -> Sequence[str]:
    """The columns of probabilities as the core takes them; of a dictionary "CLASS=COLUMN" each."""
    if isinstance(given, str):
        return [given]
    if not hasattr(given, "keys"):
        return given  # type: ignore[no-any-return]
    out = []
    for name, column in given.items():
        label = _label(name)
        if not isinstance(column, str):
            raise _core.type_error(f"y_proba of the class {label!r} is of type {type(column).__name__}; expected the "
                                   "name of a column")
        if "=" in label:
            raise _core.value_error(f"y_proba: the class {label!r} holds \"=\", which stands between a class and its "
                                    "column; give the class another name in the table")
        out.append(f"{label}={column}")
    if not out:
        raise _core.value_error("y_proba is an empty dictionary; expected {class: column} of every class, or leave it "
                                "out")
    return out


def _label(name: Any) -> str:
    """A class as the core names the values of a column: true, 1, up."""
    plain = name.item() if type(name).__module__ == "numpy" and hasattr(name, "item") else name
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return str(int(plain)) if isinstance(plain, float) and plain.is_integer() else str(plain)


def _arguments(plan: str | os.PathLike[str] | None, time: str | None, columns: Sequence[str], by: str | None,
               method: str | None, null: str | None, season: str | None, alpha: float | None, seed: int | None,
               multivariate: bool) -> _core.PlanArguments:
    arguments = _core.PlanArguments()
    if plan == "":
        raise _core.value_error("plan is empty; expected the path of a plan's file, or its text in TOML")
    if isinstance(plan, str) and ("\n" in plan or "=" in plan):
        arguments.text = plan
    elif isinstance(plan, str) or hasattr(plan, "__fspath__"):
        arguments.file = str(plan)
    elif plan is not None:
        raise _core.type_error(f"plan is of type {type(plan).__name__}; expected the path of a plan's file, or its "
                               f"text in TOML")
    if isinstance(columns, list) and not columns:
        raise _core.value_error("columns is an empty list; name one column at least, or leave it out for all of them")
    arguments.columns = columns
    arguments.time, arguments.by, arguments.method, arguments.null = time, by, method, null
    arguments.season, arguments.alpha, arguments.seed = season, alpha, seed
    arguments.multivariate = multivariate
    return arguments


def _table(data: object, time: str | None = None, like: object = None) -> object:
    """What the core takes: an exporter of Arrow, or a list of (name, kind, values)."""
    if isinstance(data, str) or hasattr(data, "__fspath__"):
        from ._reading import open_file

        return open_file(str(data), time, like)
    if hasattr(data, "__arrow_c_stream__"):
        from ._exports import exported

        return exported(data)
    if isinstance(data, dict):
        from ._columns import column

        return [column(str(name), values) for name, values in data.items()]
    kind = type(data)
    if any(one.__module__ == "numpy" and one.__name__ == "ndarray" for one in kind.__mro__):
        from ._columns import array_columns

        return array_columns(data)
    if isinstance(data, (list, tuple)):
        raise _core.type_error(f"a {kind.__name__} is no table; expected a data frame or table (pandas, polars, "
                               f"pyarrow, DuckDB), a numpy array of two dimensions, or a dictionary of columns")
    return data
