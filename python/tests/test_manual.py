"""Every Python block of the manual runs, those of one page one after another."""

from __future__ import annotations

import ast
import pathlib
import re
import sys

import pytest
from conftest import Stores

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PAGES = [SOURCE / "README.md", *sorted((SOURCE / "docs" / "python").glob("*.md"))]


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(SOURCE))) for page in PAGES])
def test_the_blocks_of_a_page_run(stores: Stores, page: pathlib.Path) -> None:
    for folder in ("tests", "examples"):
        (stores.folder / folder).symlink_to(SOURCE / folder)
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    assert blocks, "a page of the package shows at least one call"
    stores.run("\n".join(blocks))
    if page.name == "drift.md" or page.parent == SOURCE:
        pushed = stores.drift_events()
        stores.run("\n".join(blocks))
        assert stores.drift_events() == pushed, "a retry pushes the same rows"
    if page.name == "README.md" and page.parent == SOURCE:
        metrics = {event["metric"] for event in stores.drift_events()}
        assert {"psi_trades", "psi_volume", "share_drifted"} <= metrics, "what the comment says has drifted"
        assert [row["metric_name"] for row in stores.kpis()] == ["rows", "rows"], "a KPI has no event_id here"


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(SOURCE))) for page in PAGES])
def test_what_the_blocks_of_a_page_import_is_told_before_them(page: pathlib.Path) -> None:
    text = page.read_text()
    first = re.search(r"^```python\n", text, re.MULTILINE)
    assert first
    told = set(re.findall(r"pip install ([^`\n]*)", text[:first.start()]))
    there = {*sys.stdlib_module_names, "tristrata", *(word for one in told for word in one.split())}
    if "pandas" in there:
        there.add("numpy")  # It comes with it.
    blocks = "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    imported = {name.split(".")[0] for node in ast.walk(ast.parse(blocks))
                for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else
                             [node.module or ""] if isinstance(node, ast.ImportFrom) else [])}
    assert imported <= there, "a newcomer's environment has not more than the page tells it to install"
    assert "pandas" not in imported or "pyarrow" in there, "pandas exports its frames by pyarrow"


def test_the_example_is_what_pipelines_import(stores: Stores) -> None:
    stores.run(f"import sys; sys.path.insert(0, {str(SOURCE / 'examples')!r})\n"
               "from observability.kpi import emit_kpi\n"
               "from observability.drift import push_drift_event, push_drift_report\n"
               "from observability.otel import emit_event\nemit_event('training_complete')\n"
               "emit_kpi('m', x=1)\npush_drift_event('latency_drift', 'm', 'p99', 1, 2, None)")
    assert len(stores.kpis()) == len(stores.drift_events()) == 1
