"""The pipeline in a notebook: a cell that ends with its report shows the page, in a browser."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from conftest import Rows

SOURCE = Path(__file__).resolve().parents[2]
CELLS = ("import run", "labelled = run.label('notebook', 'narrow', 'BTCUSDT')",
         "run.check_features('notebook', 'BTCUSDT', labelled)")
PAGE = "document.querySelector('.output iframe').contentDocument"


def shown(cells: tuple[str, ...]) -> str:
    """What a notebook puts under the last of the cells."""
    shell: Any = importlib.import_module("IPython.core.interactiveshell").InteractiveShell.instance()
    shell.history_manager.enabled = False
    for cell in cells:
        done = shell.run_cell(cell, store_history=False)
        done.raise_error()
    bundle, _ = shell.display_formatter.format(done.result)
    return str(bundle["text/html"])


def test_a_cell_that_ends_with_the_report_shows_its_page(rows: Rows, tmp_path: Path,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.syspath_prepend(str(SOURCE / "examples" / "label_pipeline"))
    monkeypatch.syspath_prepend(str(SOURCE / "tests" / "browser"))
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<!doctype html><style>h1 {{ color: red }}</style><div class='output'>{shown(CELLS)}</div>")
    with importlib.import_module("webdriver").Browser() as browser:
        browser.open(notebook.as_uri())
        title = browser.run(f"return {PAGE}.querySelector('h1').textContent")
        assert "drift" in title.lower()
        assert "log_trades" in browser.run(f"return {PAGE}.body.innerText")
        width, height = browser.run("const frame = document.querySelector('iframe');"
                                    "return [frame.clientWidth, frame.clientHeight]")
        assert width > 600 and height == 640
        pictures = browser.run(f"return [...{PAGE}.querySelectorAll('svg')]"
                               ".filter(svg => svg.getBoundingClientRect().width > 0).length")
        assert pictures > 0
        colour = browser.run(f"return {PAGE}.defaultView.getComputedStyle({PAGE}.querySelector('h1')).color")
        assert colour != "rgb(255, 0, 0)", "the notebook's style stays outside, and the page's inside"
    assert {row["run_id"] for row in rows()} == {"notebook"}
