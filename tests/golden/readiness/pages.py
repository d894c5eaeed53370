"""Writes docs/readiness, a page a rule and the list of them, as the program explains them: pages.py TRISTRATA"""
import json
import pathlib
import subprocess
import sys

folder = pathlib.Path(__file__).resolve().parents[3] / "docs/readiness"
rules = json.loads(subprocess.run([sys.argv[1], "readiness", "explain", "--format", "json"], check=True,
                                  capture_output=True, text=True).stdout)
folder.mkdir(exist_ok=True)
for page in folder.glob("*.md"):
    page.unlink()
text = """# Rules of the readiness gate

What [the gate](../readiness.md) asks for, by section: RDY0 the header, RDY1 to RDY6 the sections, RDY7 the sunset,
RDY8 the sign-off. Of a section's rules those that end in 20 to 23 hold against what there is (`--verify`,
`--against-store`). Each page has the reason, what to write, a right and a wrong example; `tristrata readiness explain
RDY402` prints it.

| rule | what is asked | level |
|---|---|---|
"""
for rule in rules:
    (folder / f"{rule['rule']}.md").write_text(rule["page"], encoding="utf-8")
    text += f"| [{rule['rule']}]({rule['rule']}.md) | {rule['title']} | {rule['level']} |\n"
(folder / "README.md").write_text(text, encoding="utf-8")
print(f"{len(rules)} rules")
