"""Nodes that the tests run."""

import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
from hamilton.function_modifiers import parameterize, value
from hamilton.htypes import Collect, Parallelizable

from tristrata.hamilton import drift_checked

MONTH = pd.DataFrame({"x": [float(i % 100) for i in range(1000)]})


def table() -> pd.DataFrame:
    return pd.DataFrame({"a": [1.0, 2.0, None, 4.0], "b": [None, "x", "y", "z"]})


def kept(table: pd.DataFrame) -> pd.DataFrame:
    return table.dropna()


def failing(kept: pd.DataFrame) -> int:
    raise ValueError("no such luck")


def after_failing(failing: int) -> int:
    return failing


def beside_failing() -> int:
    return 1


def of_both(failing: int, beside_failing: int) -> int:
    return failing + beside_failing


def stream() -> Iterator[int]:
    return iter([1, 2, 3])


def total(stream: Iterator[int]) -> int:
    return sum(stream)


def part() -> Parallelizable[int]:
    yield from range(3)


def doubled(part: int) -> list[int]:
    return [part] * 2


def gathered(doubled: Collect[list[int]]) -> int:
    return sum(len(one) for one in doubled)


def refused(doubled: list[int], worst: int) -> list[int]:
    if doubled[0] == worst:
        raise ValueError("no such part")
    return doubled


def accepted(refused: Collect[list[int]]) -> int:
    return sum(len(one) for one in refused)


@drift_checked(reference=MONTH, null="independent")
def moved(shift: float) -> pd.DataFrame:
    return MONTH + shift


@drift_checked(reference=MONTH, null="independent", at="2026-11-27")
def as_it_came() -> pd.DataFrame:
    return MONTH + 50.0


@parameterize(early={"shift": value(50.0)}, late={"shift": value(50.0)})  # type: ignore[untyped-decorator]
@drift_checked(reference=MONTH, null="independent", at="2026-11-27")
def parted(shift: float) -> pd.DataFrame:
    return MONTH + shift


@drift_checked(reference=MONTH, plan="none.toml")
def of_no_plan() -> pd.DataFrame:
    return MONTH


@drift_checked(reference=MONTH)
def unchecked() -> int:
    return 7


@drift_checked(reference=MONTH.head(9), null="independent")
def held_against_little() -> pd.DataFrame:
    return MONTH


def leaves() -> int:
    sys.exit(3)


def stopped() -> int:
    raise KeyboardInterrupt


def quiet() -> int:
    return 1


class Panic(BaseException):
    """As a panic of Rust reaches Python: no Exception."""


class Panics:
    def __len__(self) -> int:
        return 3

    @property
    def shape(self) -> tuple[int]:
        raise Panic("panicked")


class Nameless:
    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise RuntimeError("no class")


def panics() -> object:
    return Panics()


def nameless() -> object:
    return Nameless()


def leaves_when_looked_at() -> object:
    class Leaves(Panics):
        @property
        def shape(self) -> tuple[int]:
            raise SystemExit(4)

    return Leaves()


@drift_checked(reference=MONTH, null="independent")
def panics_checked() -> object:
    class Table:
        def __arrow_c_stream__(self, requested: object = None) -> object:
            raise Panic("panicked")

    return Table()


@drift_checked(reference=MONTH, null="independent")
def around_another(inner_run: Any) -> pd.DataFrame:
    inner_run()
    return MONTH
