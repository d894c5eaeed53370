"""Profiles that are merged, and which two of them are not to be."""

from __future__ import annotations

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost the import some milliseconds
    from ._core import Profile

OPTION = "with --allow-overlap"
EARLIER = " cannot be merged with an earlier one: "


def union(profiles: list[Profile]) -> Profile:
    """The union of their windows. RuntimeError, with the places of two of them: they are made otherwise, or rows would
    count twice."""
    try:
        return _union(profiles)
    except RuntimeError:
        pair = _pair_at_odds(profiles)
        if pair is None:
            raise
        first, second = pair
        try:  # What two of them have to say names no third.
            return _union([profiles[first], profiles[second]])
        except RuntimeError as error:
            said = str(error).replace(OPTION, "by `tristrata drift merge --allow-overlap`")
            if EARLIER in said:  # Tables of Python have one name; their places tell them apart.
                _, _, why = said.partition(EARLIER)
                raise _conflict(f"profiles[{second}] cannot be merged with profiles[{first}]: {why}") from None
            raise _conflict(f"profiles[{first}] and profiles[{second}] cannot be merged: {said}") from None


def _union(profiles: list[Profile]) -> Profile:
    """Tables of Python share a name: of two windows of the same values the core keeps one, as of a window that is there
    twice. Only a time column tells that they are the same rows."""
    merged = _core.merge_profiles(profiles)
    lost = sum(one.rows for one in profiles) - merged.rows
    if lost > 0 and merged.span is None:
        rows = f"{lost:,} row" + ("s" if lost > 1 else "")
        raise _conflict(f"both hold the same {rows}, and without a time column nobody can tell whether they would "
                        "count twice; leave one of them out, or profile a table of both")
    return merged


def _pair_at_odds(profiles: list[Profile]) -> tuple[int, int] | None:
    # Once a merge fails, it fails with one more.
    good, bad = 1, len(profiles)
    while good + 1 < bad:
        middle = (good + bad) // 2
        if _fails(profiles[:middle]):
            bad = middle
        else:
            good = middle
    for place in range(bad - 1):
        if _fails([profiles[place], profiles[bad - 1]]):
            return place, bad - 1
    return None


def _fails(profiles: list[Profile]) -> bool:
    try:
        _union(profiles)
    except RuntimeError:
        return True
    return False


def _conflict(message: str) -> RuntimeError:
    error = RuntimeError(message)
    setattr(error, "kind", "conflict")
    setattr(error, "foreign_code", "")
    return error
