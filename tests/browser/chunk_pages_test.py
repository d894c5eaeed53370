"""The pages of chunks, a backtest's and a quality report's, as a person meets them, in a browser:
chunk_pages_test.py WRITE_SAMPLE"""
import pathlib
import subprocess
import sys
import tempfile

from page_checks import accessible, expect, failures, is_readable, runs_nothing_but_its_own, small_targets, unnamed
from webdriver import Browser

SHOWN = "return [...document.querySelectorAll('#found > tbody')].filter(r => !r.hidden).length"
KEYS = """return [...document.querySelectorAll('#found > tbody')]
              .map(r => r.rows[0].cells[arguments[0]].dataset.sort).filter(k => k !== '').map(Number)"""
LANES = "return [...document.querySelectorAll('svg.lane')].map(s => s.getBoundingClientRect().width)"


def sorts_and_filters(browser: Browser, kind: str, sorting: tuple[int, ...], word: str, found: int) -> None:
    rows = browser.run(SHOWN)
    expect(rows >= 5, f"{kind}: {rows} rows are shown")
    for column in sorting:
        header = f"#found thead th:nth-child({column}) button"
        browser.click(header)
        keys = browser.run(KEYS, column - 1)
        said = browser.run("return document.querySelector(arguments[0]).getAttribute('aria-sort')",
                           f"#found thead th:nth-child({column})")
        descending = said == "descending"
        expect(len(keys) >= 4 and keys == sorted(keys, reverse=descending), f"{kind}, column {column}: {keys}")
    browser.type("#search", word)
    expect(browser.run(SHOWN) == found, f"{kind}: a search for {word} shows {browser.run(SHOWN)}, expected {found}")
    said = browser.run("return document.getElementById('count').textContent")
    noun = browser.run("return document.getElementById('found').dataset.noun")
    expect(said == f"{found} of {rows} {noun} shown", f"{kind}: the count says {said!r}")
    browser.run("const s = document.getElementById('search'); s.value = ''; s.dispatchEvent(new Event('input'))")
    browser.click("#verdict option[value=crit]")
    expect(0 < browser.run(SHOWN) < rows, f"{kind}: the filter crit shows {browser.run(SHOWN)} of {rows}")
    browser.click("#verdict option[value='']")


def is_told(browser: Browser, kind: str, pictures: tuple[str, ...]) -> None:
    told = accessible(browser)
    for landmark in ("banner", "main", "contentinfo", "search"):
        expect(len(told.get(landmark, [])) == 1, f"{kind}: landmark {landmark}: {told.get(landmark)}")
    levels = [properties.get("level") for _, properties in told.get("heading", [])]
    expect(levels[:1] == [1] and set(levels[1:]) == {2}, f"{kind}: headings of the levels {levels}")
    names = [name for role in ("image", "img") for name, _ in told.get(role, [])]
    for picture in pictures:
        expect(any(name.startswith(picture) for name in names), f"{kind}: no picture tells {picture!r}: {names}")
    expect(not unnamed(told), f"{kind}: without a name: {unnamed(told)}")
    expect(not small_targets(browser), f"{kind}: targets smaller than 24 pixels: {small_targets(browser)}")


def fits(browser: Browser, kind: str) -> None:
    expect(all(width > 300 for width in browser.run(LANES)), f"{kind}: pictures are {browser.run(LANES)} wide")
    for width, media in ((390, ""), (1000, "print")):
        browser.tool("Emulation.setEmulatedMedia", media=media)
        browser.tool("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        wide, room = browser.run("const e = document.documentElement; return [e.scrollWidth, e.clientWidth]")
        expect(wide <= room, f"{kind}: the page is {wide} wide where there is room for {room} {media}")
        browser.tool("Emulation.clearDeviceMetricsOverride")
    browser.tool("Emulation.setEmulatedMedia", media="")


def is_a_page(browser: Browser, kind: str, page: str, title: str, parts: tuple[str, ...], pictures: tuple[str, ...],
              sorting: tuple[int, ...], word: str, found: int) -> None:
    browser.open(page)
    expect(browser.run("return document.title").startswith(title), f"{kind}: a name from outside ran as a script")
    expect(browser.run("return performance.getEntriesByType('resource').length") == 0, f"{kind}: it fetches something")
    sorts_and_filters(browser, kind, sorting, word, found)
    browser.open(page)
    is_told(browser, kind, pictures)
    for colours in ("light", "dark"):
        is_readable(browser, colours, parts, badges=3)
    fits(browser, kind)
    expect(not browser.console(), f"{kind}: the console says {browser.console()}")
    browser.open(page)
    runs_nothing_but_its_own(browser)
    browser.console()


with tempfile.TemporaryDirectory() as folder, Browser() as window:
    for sample, begins, shapes, pictured, columns, searched, rows_found in (
            ("backtest", "Backtest: ", ("reference", "current", "bar.info", "bar.warn", "bar.crit", "when", "limit"),
             ("column_0: fired in", "Signals: fired in 1 chunk", "Evidence of lasting change", "30 stand in the"),
             (1, 2, 4), "1970-02-28", 1),
            ("quality", "Quality estimate: ", ("reference", "current", "realised", "limit", "bar.warn"),
             ("roc_auc: ", "log_loss: "), (1, 2, 3), "ROC_auc [0:999]", 1)):
        file = pathlib.Path(folder) / f"{sample}.html"
        subprocess.run([sys.argv[1], sample, file], check=True, timeout=30)
        is_a_page(window, sample, file.as_uri(), begins, shapes, pictured, columns, searched, rows_found)

for failure in failures:
    print(failure)
print(f"{len(failures)} failures" if failures else "the pages of chunks work in a browser")
sys.exit(bool(failures))
