"""JUnit says what the exit code says, of every command that writes it: junit_test.py TRISTRATA SOURCE"""
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
failures: list[str] = []


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tristrata, *map(str, words)], capture_output=True, text=True, timeout=120)


def suite_of(code: int, *words: object) -> ElementTree.Element:
    """The one suite of a run, whose counts are those of its cases, and which fails where the run ends with 1."""
    done = run(*words, "--format", "junit")
    title = " ".join(map(str, words[:2]))
    if done.returncode != code:
        failures.append(f"{title}: exit {done.returncode}, expected {code}: {done.stderr}")
    suite = (ElementTree.fromstring(done.stdout) if done.stdout else ElementTree.Element("none")).find("testsuite")
    if suite is None:
        failures.append(f"{title}: no suite in {done.stdout[:200]!r}")
        return ElementTree.Element("testsuite")
    cases = suite.findall("testcase")
    counted = {"tests": len(cases), "failures": len(suite.findall("*/failure")),
               "skipped": len(suite.findall("*/skipped"))}
    said = {name: int(suite.get(name, "-1")) for name in counted}
    if said != counted or suite.get("name") != f"tristrata {title}":
        failures.append(f"{title}: the suite {suite.attrib} holds {counted}")
    if (counted["failures"] > 0) != (code == 1):
        failures.append(f"{title}: exit {code} and {counted['failures']} failures")
    if len({case.get("name") for case in cases}) != len(cases):
        failures.append(f"{title}: two cases have one name")
    looked_at = [part.get("value", "") for part in suite.findall("properties/property")]
    if not looked_at or not all(looked_at):
        failures.append(f"{title}: the suite names {looked_at} as what was looked at")
    if any(not part.get("message") for part in suite.findall("testcase/*")):
        failures.append(f"{title}: a failure or a skipped case does not say why")
    return suite


def named(suite: ElementTree.Element, kind: str) -> set[str]:
    return {case.get("name", "") for case in suite.findall("testcase") if case.find(kind) is not None}


example = source / "examples/fee_change"
candles = example / "BTCUSDT_15m.csv.gz"
windows = ("--time", "open_time", "--reference", "2023-03-08..2023-03-22", "--current", "2023-03-22..2023-04-05",
           "--plan", example / "plan.toml")
suite_of(1, "drift", "check", candles, *windows, "--fail-on", "warn")
suite_of(0, "drift", "check", candles, *windows, "--fail-on", "never")

plan = source / "examples/candle_days/plan.toml"
days = ("drift", "backtest", candles, "--plan", plan, "--chunk", "day", "--window", "49")
with tempfile.TemporaryDirectory() as folder:
    state = ("--state", pathlib.Path(folder, "state.json"))
    first = suite_of(1, *days, "--fail-on", "warn", *state)
    if not {"2023-03-22", "2023-03-24"} <= named(first, "failure"):
        failures.append(f"the fee change and the halt do not fail: {named(first, 'failure')}")
    if suite_of(0, *days, "--fail-on", "never").find("*/failure") is not None:
        failures.append("--fail-on never fails a chunk")
    again = suite_of(0, *days, "--fail-on", "warn", *state)
    if not named(first, "failure") <= named(again, "skipped"):
        failures.append("what an earlier run answered for is not skipped in the next")
    yearly = suite_of(1, *days, "--fail-on", "warn", *state, "--yearly")
    if not any(name.startswith("lasting change 2023-03-2") for name in named(yearly, "failure")):
        failures.append(f"the alarm of lasting change does not fail: {named(yearly, 'failure')}")
    suite_of(0, *days, "--fail-on", "warn", *state, "--yearly")

data = source / "tests/data/ml"
hotel = [data / f"nannyml_{part}_hotel_booking.csv.gz" for part in ("reference", "monitoring")]
scores = ("--y-true", "is_canceled", "--y-proba", "y_pred_proba", "--count", "10", "--remainder", "append")
checked = suite_of(1, "quality", "check", *hotel, *scores, "--fail-on", "warn")
if not any(name.startswith("roc_auc [") for name in named(checked, "failure")):
    failures.append(f"no chunk's roc_auc fails: {named(checked, 'failure')}")
suite_of(0, "quality", "check", *hotel, *scores, "--fail-on", "never")
three = [data / f"simulated_{part}_three_classes.csv.gz" for part in ("reference", "monitoring")]
probabilities = ("--y-proba", "a=y_pred_proba_a,b=y_pred_proba_b,c=y_pred_proba_c", "--features", "x1")
suite_of(0, "quality", "estimate", *three, *probabilities, "--rows", "5000", "--fail-on", "never")

refused = run("drift", "backtest", candles, "--columns", "trades", "--detector", "page_hinkley", "--format", "junit")
if refused.returncode != 2 or "--format junit is for chunks" not in refused.stderr:
    failures.append(f"a detector's JUnit: exit {refused.returncode}, said {refused.stderr}")

print("\n".join(failures) or "every suite says what the exit code says")
sys.exit(bool(failures))
