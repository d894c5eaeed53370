"""What every page must be in a browser: legible, named, as wide as the screen, and nothing but its own."""
from typing import Any

from webdriver import Browser

failures: list[str] = []

# Contrast as WCAG 2.2 defines it, of every element with text of its own against the nearest opaque background.
CONTRAST = """
function light(c) { return [0.2126, 0.7152, 0.0722].reduce((sum, w, i) => {
    const v = c[i] / 255; return sum + w * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); }, 0); }
function parts(text) { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; }
function behind(e) { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor);
    if (c[3] === 1) return c; if (c[3] !== 0) throw new Error('half-transparent ' + e.outerHTML.slice(0, 80)); }
    throw new Error('nothing is painted behind'); }
const seen = {};
for (const e of document.querySelectorAll('body *')) {
    if (!e.checkVisibility() || e.closest('svg, option, script')) continue;
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const a = light(parts(getComputedStyle(e).color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const what = e.tagName.toLowerCase() + (e.className ? '.' + e.className.replace(/ /g, '.') : '');
    seen[what] = Math.min(seen[what] ?? 99, ratio);
}
return seen;"""
# Parts of pictures must reach 3 against the page, whose colour shows through what is translucent.
MARKS = """
function light(c) { return [0.2126, 0.7152, 0.0722].reduce((sum, w, i) => {
    const v = c[i] / 255; return sum + w * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); }, 0); }
const numbers = text => text.match(/[\\d.]+/g).map(Number);
const paper = numbers(getComputedStyle(document.body).backgroundColor);
return arguments[0].map(part => {
    const style = getComputedStyle(document.querySelector('svg .' + part));
    const ink = numbers(style.fill === 'none' ? style.stroke : style.fill), alpha = Number(style.opacity);
    const a = light(ink.slice(0, 3).map((v, i) => alpha * v + (1 - alpha) * paper[i])), b = light(paper);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); });"""


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


def is_readable(browser: Browser, scheme: str, parts: tuple[str, ...], badges: int) -> None:
    browser.tool("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    ratios = browser.run(CONTRAST)
    measured = {name for name in ratios if ".badge" in name}
    expect(len(measured) >= badges, f"{scheme}: only the badges {measured} were measured")
    for name, ratio in ratios.items():
        expect(ratio >= 4.5, f"{scheme}: {name} has contrast {ratio:.2f}, 4.5 is needed")
    for part, ratio in zip(parts, browser.run(MARKS, list(parts))):
        expect(ratio >= 3.0, f"{scheme}: the picture's {part} has contrast {ratio:.2f}, 3 is needed")
    paper = browser.run("return getComputedStyle(document.body).backgroundColor")
    expect(("255" in paper) == (scheme == "light"), f"{scheme}: the page is {paper}")


def accessible(browser: Browser) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """What the browser hands to assistive technology, which is all that a screen reader has of a page: by role, names
    and properties."""
    browser.tool("Accessibility.enable")
    told: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for node in browser.tool("Accessibility.getFullAXTree")["nodes"]:
        if not node.get("ignored"):
            properties = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
            told.setdefault(node["role"]["value"], []).append((node.get("name", {}).get("value", ""), properties))
    return told


def unnamed(told: dict[str, list[tuple[str, dict[str, Any]]]]) -> list[str]:
    return [role for role in ("button", "link", "image", "searchbox", "combobox", "region")
            for name, _ in told.get(role, []) if not name]


def small_targets(browser: Browser) -> list[str]:
    return browser.run("""return [...document.querySelectorAll('button, input, select, summary')]
        .filter(e => e.checkVisibility()).map(e => [e.tagName, e.getBoundingClientRect()])
        .filter(([, r]) => r.width < 24 || r.height < 24).map(([tag, r]) => `${tag} ${r.width} x ${r.height}`)""")


def runs_nothing_but_its_own(browser: Browser) -> None:
    browser.run("""document.body.insertAdjacentHTML('beforeend',
        '<img src="data:," onerror="window.intruder = 1"><div id="dressed" style="color: rgb(1, 2, 3)">x</div>');
        const s = document.createElement('script'); s.textContent = 'window.intruder = 2'; document.body.append(s);""")
    expect(browser.run("return window.intruder ?? null") is None, "a script from outside ran")
    expect(browser.run("return getComputedStyle(document.getElementById('dressed')).color") != "rgb(1, 2, 3)",
           "a style from outside was applied")
    expect(any("Content Security Policy" in line for line in browser.console()), "the browser did not refuse it")
