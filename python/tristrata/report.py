"""A drift report in Python's hands: what the engine found, as data, text and a page."""

from __future__ import annotations

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself would cost the import some milliseconds
    import os
    from typing import Any

    from ._core import Receipt

__all__ = ["Report"]


class Report:
    """A drift report. It is its JSON document (docs/formats/drift_report.md); everything else is read off that."""

    __slots__ = ("_document", "_json")

    def __init__(self, json: str) -> None:
        self._json = json
        self._document: dict[str, Any] | None = None

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Report:
        """The report of a JSON file; ValueError where it holds none."""
        from ._reading import content_of

        return cls(_core.read_report(content_of(path), str(path)))

    def to_json(self) -> str:
        """The document, byte by byte as the engine wrote it."""
        return self._json

    def to_dict(self) -> dict[str, Any]:
        """The document as a dictionary."""
        import copy

        return copy.deepcopy(self._read())

    @property
    def summary(self) -> dict[str, Any]:
        """How many columns there are, were tested, drifted, have too little data; the share; the worst severity."""
        return dict(self._read()["summary"])

    @property
    def columns(self) -> list[dict[str, Any]]:
        """What was found of each column, in the order of the reference's."""
        import copy

        return copy.deepcopy(list(self._read()["columns"]))

    @property
    def drifted(self) -> list[str]:
        """The names of the columns that drifted."""
        return [column["name"] for column in self._read()["columns"] if column["verdict"] == "drift"]

    @property
    def severity(self) -> str | None:
        """The worst of all columns and signals: "info", "warn" or "crit"; None where nothing drifted."""
        severity = self._read()["summary"]["severity"]
        return None if severity is None else str(severity)

    def column(self, name: str) -> dict[str, Any]:
        """What was found of one column; KeyError where there is none of that name."""
        for column in self._read()["columns"]:
            if column["name"] == name:
                import copy

                return copy.deepcopy(dict(column))
        raise KeyError(name)

    def to_pandas(self) -> Any:
        """A frame of pandas, a row for each column: what a notebook filters and sorts. ImportError without pandas."""
        try:
            import pandas
        except ImportError as error:
            raise ImportError("to_pandas() needs pandas: pip install pandas; columns and to_dict() need "
                              "nothing") from error
        rows = []
        for column in self._read()["columns"]:
            test, effect, measures = (column.get(name) or {} for name in ("test", "effect", "measures"))
            row = {name: column.get(name) for name in ("name", "kind", "role", "drift_type", "verdict", "severity",
                                                       "reason")}
            for side in ("reference", "current"):
                row[f"{side}_rows"] = column[side]["n"]
                row[f"{side}_missing_share"] = column[side]["missing_share"]
            row.update(test=test.get("method"), statistic=test.get("statistic"), p=test.get("p"),
                       p_adjusted=test.get("p_adjusted"), effect=effect.get("value"),
                       effect_measure=effect.get("measure"))
            row.update(measures)
            row["signals"] = [signal["kind"] for signal in column["signals"] if signal["verdict"] == "drift"]
            rows.append(row)
        return pandas.DataFrame(rows)

    def to_html(self) -> str:
        """One page that needs nothing else: verdicts in words, both distributions, the reasons."""
        return _core.report_html(self._json)

    def save_html(self, path: str | os.PathLike[str]) -> None:
        """Writes that page."""
        from ._writing import replace_file

        replace_file(path, self.to_html().encode())

    def save_json(self, path: str | os.PathLike[str]) -> None:
        """Writes the document: what load() and `tristrata drift push` read."""
        from ._writing import replace_file

        replace_file(path, self._json.encode())

    def push(self, *, module: str, run_id: str | None = None, drift_type: str | None = None) -> Receipt:
        """Pushes it to the drift store: a row for each drifted column and fired signal, and one of the whole."""
        from .drift import push_drift_report

        return push_drift_report(self, module=module, run_id=run_id, drift_type=drift_type)

    def _read(self) -> dict[str, Any]:
        if self._document is None:
            import json

            self._document = dict(json.loads(self._json))
        return self._document

    def _repr_html_(self) -> str:
        """What a notebook shows: the page, in a frame of its own, so that its style stays there."""
        import html

        return (f'<iframe srcdoc="{html.escape(self.to_html(), quote=True)}" '
                'style="width: 100%; height: 640px; border: 0" title="drift report"></iframe>')

    def __str__(self) -> str:
        return _core.report_table(self._json)

    def __repr__(self) -> str:
        summary = self._read()["summary"]
        return (f"Report(columns={summary['columns']}, tested={summary['tested']}, drifted={summary['drifted']}, "
                f"severity={summary['severity']!r})")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Report) and self._json == other._json

    def __hash__(self) -> int:
        return hash(self._json)

    def __reduce__(self) -> tuple[type[Report], tuple[str]]:
        return type(self), (self._json,)
