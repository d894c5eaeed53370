"""Prometheus' own opinion of its rules and of their tests, and that the tests notice each rule: rules_test.py SOURCE"""
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

source = pathlib.Path(sys.argv[1]).resolve()
FOLDER = source / "deploy/prometheus"
RUNBOOKS = "https://runbooks.example.com/tristrata/"
failures: list[str] = []


def promtool(*words: str, cwd: pathlib.Path = FOLDER) -> tuple[int, str]:
    done = subprocess.run(["promtool", *words], cwd=cwd, capture_output=True, text=True, timeout=600, check=False)
    return done.returncode, done.stdout + done.stderr


def without(text: str, name: str) -> str:
    """The rules with one of them made to give nothing."""
    copied = yaml.safe_load(text)
    for rule in (rule for group in copied["groups"] for rule in group["rules"]):
        if rule.get("alert", rule.get("record")) == name:
            rule["expr"] = "vector(0) == 1"
    return str(yaml.safe_dump(copied))


code, said = promtool("check", "rules", "tristrata.yml")
if code != 0 or "SUCCESS" not in said:
    failures.append(said)
code, said = promtool("test", "rules", "tristrata_test.yml")
if code != 0:
    failures.append(said)
# As docs/operations.md says: the runbooks elsewhere.
page = (source / "docs/operations.md").read_text(encoding="utf-8")
commands = re.findall(r"^(?:sed|promtool) .*tristrata\w*\.yml$", page, re.MULTILINE)
if len(commands) != 3:
    failures.append(f"docs/operations.md has the commands {commands}")
with tempfile.TemporaryDirectory() as name:
    for file in FOLDER.iterdir():
        pathlib.Path(name, file.name).write_bytes(file.read_bytes())
    for command in commands[1:] + commands[:1] + commands[1:2]:  # The tests first, as the page says.
        done = subprocess.run(["bash", "-c", command], cwd=name, capture_output=True, text=True, check=False)
        if done.returncode:
            failures.append(f"{command}: {done.stdout}{done.stderr}")
    if "runbooks.example.com" in re.sub(r"(?m)^#.*$", "", pathlib.Path(name, "tristrata.yml").read_text()):
        failures.append("a runbook stayed where it was")
rules_text = (FOLDER / "tristrata.yml").read_text(encoding="utf-8")
rules = yaml.safe_load(rules_text)
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "tristrata_test.yml").write_text((FOLDER / "tristrata_test.yml").read_text(encoding="utf-8"))
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        title = rule.get("alert", rule.get("record"))
        (folder / "tristrata.yml").write_text(without(rules_text, title))
        if promtool("test", "rules", "tristrata_test.yml", cwd=folder)[0] == 0:
            failures.append(f"no test notices that {title} never fires")
        if "alert" not in rule:
            continue
        if rule["labels"].get("severity") not in ("warn", "crit") or not rule["annotations"].get("summary"):
            failures.append(f"{title}: a severity and a summary")
        url = rule["annotations"].get("runbook_url", "")
        page, _, anchor = url.removeprefix(RUNBOOKS).partition("#")
        path = source / "docs/runbooks" / page
        if not url.startswith(RUNBOOKS) or not path.is_file() or anchor != title.lower() or not re.search(
                rf"^## {title}$", path.read_text(encoding="utf-8"), re.MULTILINE):
            failures.append(f"{title}: its runbook {url} is not in docs/runbooks")
print("\n".join(failures) or f"{sum(len(group['rules']) for group in rules['groups'])} rules")
sys.exit(bool(failures))
