"""Drift of data frames of Spark: each partition is profiled where it lies, and the driver checks (docs/spark.md)."""

from __future__ import annotations

import builtins
import functools
import json
import logging
import os
import pathlib
import warnings
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from . import _core, detection
from ._core import Profile
from ._partition import COLUMNS, Request, count_part, in_utc, joined_pieces, profile_part
from .report import Report

try:
    from pyspark import StorageLevel, TaskContext
    from pyspark.sql import DataFrame
except ImportError as error:
    raise ImportError("tristrata.spark needs pyspark, which is the cluster's: pip install pyspark") from error

__all__ = ["Profile", "Report", "check", "profile"]

_logger = logging.getLogger("tristrata.spark")


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
    exact_mb: float = 64,
    at: date | str | None = None,
    threads: int | None = None,
) -> Report:
    """tristrata.check() of sides that are frames of Spark, or anything else that it takes.

        check(spark.table("last_month"), spark.table("yesterday"), time="open_time")

    A frame is profiled by profile(); the rest is as there. Windows are cut by Spark: frame.where(...).
    """
    if _is_frame(reference):
        reference = _profile(reference, "reference", plan, time, columns, by, exact_mb)
    if _is_frame(current):
        current = _profile(current, "current", plan, time, columns, by, exact_mb)
    return detection.check(reference, current, plan=plan, time=time, columns=columns, by=by, method=method, null=null,
                           season=season, alpha=alpha, seed=seed, multivariate=multivariate, at=at, threads=threads)


def profile(
    frame: DataFrame,
    *,
    plan: str | os.PathLike[str] | None = None,
    time: str | None = None,
    columns: Sequence[str] = (),
    exact_mb: float = 64,
) -> Profile:
    """What a check needs of a frame, which is passed over once, in its partitions: tristrata.profile() of all its rows.

    A column that takes more than `exact_mb` over all partitions is kept as counts. The same partitions in any order are
    the same bytes.
    """
    if not _is_frame(frame):
        raise TypeError(f"the frame is of type {type(frame).__name__}; expected a DataFrame of Spark, and "
                        f"tristrata.profile() is for tables of one machine")
    return _profile(frame, "data", plan, time, columns, None, exact_mb)


def _profile(frame: Any, name: str, plan: str | os.PathLike[str] | None, time: str | None, columns: Sequence[str],
             by: str | None, exact_mb: float) -> Profile:
    """`name` is what errors, notes and the report call the frame: of a check its side."""
    if not exact_mb >= 0:
        raise ValueError(f"exact_mb is {exact_mb}; expected 0 (every column as counts) or more, such as 64")
    _refuse_what_does_not_come_through(frame, name)
    names = frame.columns
    # Spark takes a dot in a name for a field of a struct, and does not tell x and X apart: they come under others.
    frame = frame.toDF(*(f"c{index}" for index in range(len(names))))
    request = _request(plan, time, columns, by, names, name)
    # What was made of the rows is kept while it is asked for twice; the rows are passed over once.
    parts = frame.mapInArrow(functools.partial(_profile_partition, request), COLUMNS).persist(StorageLevel.DISK_ONLY)
    try:
        told = _collected(parts.where("piece = 0").drop("bytes"), name)
        profiles = joined_pieces(_collected(_within_budget(parts, told, exact_mb, name), name))
    finally:
        parts.unpersist()
    rows, left_out = sum(one["rows"] for one in told), sum(one["left_out"] for one in told)
    if not profiles:
        # Nothing to put into a profile: what a table without rows is, or says.
        nothing = in_utc(frame.limit(0).toArrow()).rename_columns(names)
        return _core.profile(nothing, request.arguments(), None, None, None, name=name)
    whole = _core.join_profiles(profiles, name, left_out)
    if whole.rows + whole.left_out != rows:
        raise RuntimeError(f"Spark gave {rows} rows of {name} and the profile holds {whole.rows}, {whole.left_out} "
                           f"left out; the frame was not the same all the time")
    _warn_of_lost_order(profiles, whole, name)
    _logger.info("%s: profiled %d rows in %d partitions, %d of them without a row to keep; %d rows have no time",
                 name, rows, len(told), len(told) - len(profiles), whole.left_out)
    return whole


def _request(plan: str | os.PathLike[str] | None, time: str | None, columns: Sequence[str], by: str | None,
             names: Sequence[str], name: str) -> Request:
    arguments = detection._arguments(plan, time, columns, by, None, None, None, None, None, False)
    ordered_by = _core.time_column(arguments) or None  # What is wrong with the plan is said here, with its file's name.
    text = arguments.text
    if arguments.file is not None:
        text = pathlib.Path(arguments.file).read_text(encoding="utf-8")
    return Request(text, ordered_by, columns, by, names, name)


def _within_budget(parts: DataFrame, told: list[Any], exact_mb: float, name: str) -> DataFrame:
    """The parts, or the same with columns that take too much as counts, on edges that all parts have in common."""
    taken: dict[str, int] = {}
    for one in told:
        for column, size in json.loads(one["column_bytes"] or "{}").items():
            taken[column] = taken.get(column, 0) + size
    too_large = [column for column, size in taken.items() if size > exact_mb * 2**20]
    if not too_large:
        return parts

    def counted(like: bytes | None) -> DataFrame:
        return parts.mapInArrow(functools.partial(_count_partition, too_large, like), COLUMNS)

    return counted(_core.common_edges(joined_pieces(_collected(counted(None), name))).to_bytes())


def _profile_partition(request: Request, batches: Iterator[Any]) -> Iterator[Any]:
    context = TaskContext.get()
    assert context is not None  # Spark runs this, in a task.
    return profile_part(request, batches, context.partitionId(), max(1, context.cpus()))


def _count_partition(columns: Sequence[str], like: bytes | None, batches: Iterator[Any]) -> Iterator[Any]:
    return count_part(columns, like, batches)


def _collected(parts: DataFrame, name: str) -> list[Any]:
    """The rows, where none of them is a failure."""
    try:
        rows: list[Any] = parts.collect()
    except Exception as error:
        _raise_in_our_words(str(error), error, name)
        raise
    failed = sorted((one["part"], one) for one in rows if one["failure"] is not None)
    if failed:
        part, one = failed[0]
        known = getattr(builtins, one["kind"], None)
        ours = known if isinstance(known, type) and issubclass(known, Exception) else RuntimeError
        raised = ours(one["failure"])
        raised.add_note(f"in partition {part} of {name}, on {one['host']}; {len(failed)} of its partitions failed")
        raise raised
    other = {one["core"] for one in rows if one["core"] is not None} - {_core.version}
    if other:
        raise RuntimeError(f"executors have tristrata {', '.join(sorted(other))} and the driver {_core.version}; "
                           f"install one version on all of them")
    return rows


def _raise_in_our_words(said: str, error: Exception, name: str) -> None:
    for module in ("tristrata", "pyarrow"):
        if f"No module named '{module}'" in said:
            raise ImportError(f"the Python of Spark's executors has no {module}; install it there, too, or name "
                              f"another Python by PYSPARK_PYTHON") from error
    if "spark.driver.maxResultSize" in said:
        raise MemoryError(f"the profile of {name} is larger than spark.driver.maxResultSize; give fewer columns or a "
                          "smaller exact_mb, so that more columns are kept as counts, or raise that limit") from error


def _is_frame(data: object) -> bool:
    return hasattr(data, "mapInArrow")


def _refuse_what_does_not_come_through(frame: DataFrame, of: str) -> None:
    fields = frame.schema.fields
    for name in (field.name for field in fields):
        if sum(field.name == name for field in fields) > 1:
            raise ValueError(f"{of}: the column {name!r} stands twice; every column needs a name of its own")
    for field in fields:
        if type(field.dataType).__name__ == "YearMonthIntervalType":
            raise TypeError(f"{of}: the column {field.name!r} is of Spark's type {field.dataType.simpleString()}, "
                            f"which Arrow cannot carry to Python; drop it, or cast it to a number")


def _warn_of_lost_order(parts: list[Profile], whole: Profile, name: str) -> None:
    """Counts keep no rows: what a row is worth beside its neighbours is known only if a partition held both."""
    if not whole.counted:
        return
    latest = None
    for span in sorted(part.span for part in parts if part.span is not None):
        if latest is None or span[0] >= latest:
            latest = span[1] if latest is None else max(latest, span[1])
            continue
        warnings.warn(f"{name}: the columns {', '.join(whole.counted)} are kept as counts and partitions cover the "
                      f"same time, so that the null \"dependent\" has no answer for them; repartition the frame by its "
                      f"time column (repartitionByRange), or give a larger exact_mb", RuntimeWarning, stacklevel=4)
        return
