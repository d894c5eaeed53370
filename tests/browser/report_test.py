"""The HTML report as a person meets it, in a browser: report_test.py WRITE_SAMPLE"""
import pathlib
import subprocess
import sys
import tempfile

from page_checks import accessible, expect, failures, is_readable, runs_nothing_but_its_own, small_targets, unnamed
from webdriver import Browser

TAB, ENTER = "\ue004", "\ue007"
COLUMNS, GROUPS = 7, 3

NAMES = "return [...document.querySelectorAll('#found > tbody')].filter(r => !r.hidden).map(r => r.dataset.name)"
KEYS = """return [...document.querySelectorAll('#found > tbody')]
              .map(r => r.rows[0].cells[arguments[0]].dataset.sort).filter(k => k !== '').map(Number)"""
SORTED = "return [...document.querySelectorAll('#found thead th')].map(h => h.getAttribute('aria-sort'))"


def sorts(browser):
    before = browser.run(NAMES)
    expect(len(before) == COLUMNS, f"{len(before)} rows are shown at first, expected {COLUMNS}")
    expect(before[0] == "column_3", f"the worst column is column_3, the first row is {before[0]!r}")
    expect(browser.run(SORTED)[1] == "ascending", "the page arrives sorted by verdict and does not say so")
    for number in (3, 5, 6):
        header = f"#found thead th:nth-child({number}) button"
        for wanted, order in (("ascending", 1), ("descending", -1)):
            browser.click(header)
            keys = browser.run(KEYS, number - 1)
            expect(len(keys) >= 4 and keys == sorted(keys, reverse=order < 0),
                   f"column {number} {wanted}: the keys are {keys}")
            said = browser.run(SORTED)
            expect(said[number - 1] == wanted and sum(s is not None for s in said) == 1,
                   f"column {number} {wanted}: aria-sort is {said}")
    browser.click("#found thead th:nth-child(1) button")
    names = browser.run(NAMES)
    expect(names[1:] == ["close", "column_3", "column_5", "column_6", "exchange", "open_time"],
           f"by name the rows are {names}")


def filters(browser):
    browser.type("#search", "OPEN_t")
    expect(browser.run(NAMES) == ["open_time"], f"a search for OPEN_t shows {browser.run(NAMES)}")
    expect(browser.run("return document.getElementById('count').textContent").startswith(f"1 of {COLUMNS} "),
           "the count of rows is not announced")
    browser.run("const s = document.getElementById('search'); s.value = ''; s.dispatchEvent(new Event('input'))")
    for choice, names in (("crit", ["column_3"]), ("insufficient_data", ["close"]), ("not_tested", ["open_time"]),
                          ("info", ["exchange"])):
        browser.click(f"#verdict option[value={choice}]")
        expect(browser.run(NAMES) == names, f"the filter {choice} shows {browser.run(NAMES)}, expected {names}")
    browser.click("#verdict option[value='']")
    expect(len(browser.run(NAMES)) == COLUMNS, "all columns are not shown again")


def is_reached_by_keyboard(browser):
    browser.run("document.activeElement.blur(); window.getSelection().removeAllRanges()")
    reached, outlined = [], []
    for _ in range(14):
        browser.press(TAB)
        name = browser.run("const e = document.activeElement; return e.id || e.ariaLabel || e.textContent.trim()")
        reached.append(name)
        outlined.append(browser.run("const s = getComputedStyle(document.activeElement);"
                                    "return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2"))
        if reached[-1] == "Adjusted p":
            break
    wanted = ["search", "verdict", "Column", "Verdict", "Reference", "Current", "PSI excess", "Adjusted p"]
    expect([name for name in reached if name in wanted] == wanted, f"the Tab key reaches {reached}")
    expect(all(outlined), f"focus is not seen on {[n for n, seen in zip(reached, outlined) if not seen]}")
    browser.press(ENTER)
    expect(browser.run(SORTED)[5] == "ascending", "Enter on a heading does not sort")


def is_drawn_in_colour(browser):
    """A <use> draws paths outside of their svg: a rule that needs one around them leaves them black."""
    drawn = browser.run("""const paths = [...document.querySelector('#p0').cloneNode(true).querySelectorAll('path')];
        const rules = [...document.styleSheets].flatMap(s => [...s.cssRules]).filter(r => r.style);
        return paths.map(p => rules.some(r => (r.style.fill || r.style.stroke) && p.matches(r.selectorText)))""")
    expect(len(drawn) >= 3 and all(drawn), f"paths of the large picture without a colour: {drawn}")


def fits_and_prints(browser):
    for width in (390, 800, 1000, 1100):
        browser.tool("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        wide, room = browser.run("const e = document.documentElement; return [e.scrollWidth, e.clientWidth]")
        expect(wide <= room, f"on a narrow screen of {room} pixels the page is {wide} wide")
        wide, room = browser.run("""const r = document.querySelector('#found td.why').getBoundingClientRect();
            return [r.right, document.documentElement.clientWidth]""")
        expect(wide <= room, f"on a narrow screen of {room} pixels the reason reaches to {wide}")
    browser.tool("Emulation.clearDeviceMetricsOverride")
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = false; })")
    browser.tool("Emulation.setEmulatedMedia", media="print")
    seen = browser.run("return [...document.querySelectorAll('details dl')].map(d => d.checkVisibility())")
    expect(len(seen) == COLUMNS and all(seen), f"print: details are closed: {seen}")
    expect(not browser.run("return document.querySelector('.tools').checkVisibility()"),
           "print: the tools are printed")
    heads = browser.run("return [...document.querySelectorAll('#found .printed')].map(s => s.checkVisibility())")
    expect(len(heads) == 6 and all(heads), f"print: headings are buttons, which no browser repeats: {heads}")
    browser.tool("Emulation.setDeviceMetricsOverride", width=1000, height=700, deviceScaleFactor=1, mobile=False)
    wide, room = browser.run("const e = document.documentElement; return [e.scrollWidth, e.clientWidth]")
    expect(wide <= room, f"print: the page is {wide} wide where a landscape sheet has {room}")
    browser.tool("Emulation.clearDeviceMetricsOverride")
    browser.tool("Emulation.setEmulatedMedia", media="")


def is_told_to_a_screen_reader(browser):
    """What the browser hands to assistive technology, which is all that a screen reader has of a page."""
    told = accessible(browser)
    for landmark in ("banner", "main", "contentinfo", "search"):
        expect(len(told.get(landmark, [])) == 1, f"landmark {landmark}: {told.get(landmark)}")
    expect([properties.get("level") for _, properties in told.get("heading", [])][:1] == [1],
           f"the page begins with {told.get('heading', [])[:1]}, not with a first heading")
    expect(len(told.get("columnheader", [])) == 8 + 5, f"column headings: {told.get('columnheader')}")
    names = sorted(name.replace("\u200b", "") for name, _ in told.get("rowheader", []))
    expect("column_3" in names and len(names) == COLUMNS + GROUPS, f"row headings: {names}")
    tables = [name for name, _ in told.get("table", [])]
    expect(len(tables) == 2 and all("worst first" in name for name in tables), f"tables: {tables}")
    pictures = [name for role in ("image", "img") for name, _ in told.get(role, [])]
    expect(pictures and all("Reference, filled: " in name and "Current, a line: " in name for name in pictures),
           f"pictures are told as {pictures}")
    expect([name for name, _ in told.get("searchbox", [])] == ["Search columns"], f"search: {told.get('searchbox')}")
    expect([name for name, _ in told.get("combobox", [])] == ["Show"], f"filter: {told.get('combobox')}")
    status = [properties.get("live") for _, properties in told.get("status", [])]
    expect(status == ["polite"], f"the count of rows is announced as {status}")
    expect(not unnamed(told), f"without a name: {unnamed(told)}")
    small = small_targets(browser)
    expect(not small, f"targets smaller than 24 pixels: {small}")


def works_without_script(browser, page):
    browser.tool("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page)
    browser.tool("Emulation.setScriptExecutionDisabled", value=False)
    expect(len(browser.run(NAMES)) == COLUMNS, "without scripts rows are missing")
    expect(not browser.run("return document.querySelector('.tools').checkVisibility()"),
           "without scripts dead controls are shown")
    browser.click("#found details summary")
    expect(browser.run("return document.querySelector('#found details').open"), "without scripts details stay closed")


with tempfile.TemporaryDirectory() as folder:
    sample = pathlib.Path(folder) / "report.html"
    subprocess.run([sys.argv[1], "report", sample], check=True, timeout=30)
    with Browser() as window:
        window.open(sample.as_uri())
        expect(window.run("return document.title").startswith("Drift report: "), "a name from outside ran as a script")
        expect(window.run("return performance.getEntriesByType('resource').length") == 0, "the page fetches something")
        sorts(window)
        filters(window)
        window.open(sample.as_uri())
        is_told_to_a_screen_reader(window)
        is_reached_by_keyboard(window)
        for colours in ("light", "dark"):
            is_readable(window, colours, ("reference", "current"), badges=5)
        is_drawn_in_colour(window)
        fits_and_prints(window)
        works_without_script(window, sample.as_uri())
        said = window.console()
        expect(not said, f"the console says {said}")
        window.open(sample.as_uri())
        runs_nothing_but_its_own(window)

for failure in failures:
    print(failure)
print(f"{len(failures)} failures" if failures else "the report works in a browser")
sys.exit(bool(failures))
