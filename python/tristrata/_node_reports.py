"""What a check of a node's result begins with and what its report becomes; used by `drift_checked`."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from . import _core, detection

if TYPE_CHECKING:
    from collections.abc import Mapping


class NoVerdictError(ValueError):
    """A check of which no column could be tested."""


def with_tags(text: str | os.PathLike[str], tags: Mapping[str, str | float]) -> str:
    """The text with each `{name}` in it replaced by the tag of that name; ValueError for a name without a tag."""

    def tag(name: re.Match[str]) -> str:
        if name[1] not in tags:
            raise _core.value_error(f"{str(text)!r} asks for the tag {name[1]!r}, which the adapter of this run has "
                                    f"not; it has {', '.join(sorted(tags)) or 'none'}")
        return str(tags[name[1]])

    return re.sub(r"\{(\w+)\}", tag, str(text))


def reference_of(given: object) -> object:
    """The profile where a file of one (.profile) is named, and else what was given."""
    path = str(given) if isinstance(given, (str, os.PathLike)) else ""
    return detection.load_profile(path) if path.endswith(".profile") else given


def document_of(node: str, report: detection.Report) -> str:
    """The document with the node as its current side, and an identity of its own: nodes may return the same table."""
    document = report.to_dict()
    document["report_id"] = str(uuid5(UUID(document["report_id"]), node))
    document["current"]["source"] = node
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def require_a_verdict(report: detection.Report) -> None:
    """NoVerdictError, with a column and its reason, where not one column was tested."""
    if report.summary["tested"]:
        return
    columns = report.columns
    if not columns:
        raise NoVerdictError(
            "the reference and what came back have no column in common; expected one that can be compared")
    why = next((one for one in columns if one["verdict"] == "insufficient_data"), columns[0])
    raise NoVerdictError(f"not one of {len(columns)} columns could be tested; of {why['name']!r}: {why['reason']}")
