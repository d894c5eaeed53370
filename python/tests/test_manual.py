"""Every Python block of the manual runs, those of one page one after another."""

from __future__ import annotations

import pathlib
import re

import pytest
from conftest import Stores

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted((SOURCE / "docs" / "python").glob("*.md"))


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES])
def test_the_blocks_of_a_page_run(stores: Stores, page: pathlib.Path) -> None:
    (stores.folder / "tests").symlink_to(SOURCE / "tests")
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    assert blocks, "a page of the package shows at least one call"
    stores.run("\n".join(blocks))


def test_the_example_is_what_pipelines_import(stores: Stores) -> None:
    stores.run(f"import sys; sys.path.insert(0, {str(SOURCE / 'examples')!r})\n"
               "from observability.kpi import emit_kpi\n"
               "from observability.drift import push_drift_event, push_drift_report\n"
               "from observability.otel import emit_event\nemit_event('training_complete')\n"
               "emit_kpi('m', x=1)\npush_drift_event('latency_drift', 'm', 'p99', 1, 2, None)")
    assert len(stores.kpis()) == len(stores.drift_events()) == 1
