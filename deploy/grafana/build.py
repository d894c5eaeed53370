"""Writes the dashboards and alert rules that Grafana is provisioned with, from the Python beside this file.

    build.py [--out FOLDER] [--runbooks URL] [--check]

FOLDER is where dashboards/ and provisioning/alerting/ go: this one where nothing is said. URL is where you serve
docs/runbooks: what is behind it in each runbook_url are its pages. With --check nothing is written; it ends with 1
where a file differs from what would be.
"""
import argparse
import json
import pathlib
import re
import sys

import drift
import execution
import itself
import rules
from grafana_foundation_sdk.cog.encoder import JSONEncoder

HERE = pathlib.Path(__file__).resolve().parent


def made(runbooks: str) -> dict[str, str]:
    """The files by their names."""
    files, places = {}, {}
    for one in (execution.build().build(), drift.build().build(), itself.build().build()):
        for number, panel in enumerate(one.panels or [], 1):
            panel.id_val = number
            for target in panel.targets or []:
                if name := re.match(r"/\* tristrata panel=(\S+) ", getattr(target, "sql", "")):
                    places[name[1]] = (one.uid, number)
        document = json.loads(json.dumps(one, cls=JSONEncoder))
        # The SDK puts links and annotations into a menu; without the word they stand above the panels.
        for shown in document.get("links", []) + document.get("annotations", {}).get("list", []):
            shown.pop("placement", None)
        files[f"dashboards/{one.uid}.json"] = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    files["provisioning/alerting/tristrata.yaml"] = rules.text(runbooks, places)
    return files


def main() -> int:
    parser = argparse.ArgumentParser(description="Dashboards and alert rules for Grafana")
    parser.add_argument("--out", type=pathlib.Path, default=HERE, metavar="FOLDER")
    parser.add_argument("--runbooks", default=rules.RUNBOOKS, metavar="URL")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    files = made(arguments.runbooks.rstrip("/"))
    differing = []
    for name, text in files.items():
        path = arguments.out / name
        if arguments.check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                differing.append(str(path))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for path in differing:
        print(f"{path} is not what deploy/grafana/build.py makes; run it", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
