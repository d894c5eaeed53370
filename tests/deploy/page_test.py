"""The commands of docs/deploy.md that a machine without systemd, Docker and a cluster can run, and the files and values
that the page names: page_test.py SOURCE BUILD HELM"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml
from rendered import Helm
from serving import failures, report

SOURCE, BUILD, HELM = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
page = (SOURCE / "docs/deploy.md").read_text()
blocks = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
others = re.findall(r"^```(text|yaml)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
installed = ("opt/tristrata/bin/tristrata", "etc/systemd/system/tristrata.service", "etc/sysusers.d/tristrata.conf",
             "etc/tristrata/serve.env", "etc/tristrata/credentials/kpi_url", "etc/tristrata/credentials/drift_url",
             "etc/tristrata/owners.toml", "etc/tristrata/credentials/response_url",
             "etc/tristrata/credentials/alertmanager_url", "etc/systemd/system/tristrata.service.d/alerts.conf")


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


expect(len(blocks) == 4 and len(others) >= 5, f"the page has {len(blocks)} blocks that run, {len(others)} others")
with tempfile.TemporaryDirectory() as temporary:
    clone, root = pathlib.Path(temporary, "clone"), pathlib.Path(temporary, "root")
    clone.mkdir()
    (root / "etc").mkdir(parents=True)
    (clone / "deploy").symlink_to(SOURCE / "deploy")
    (clone / "build").mkdir()
    (clone / "build/release").symlink_to(BUILD)
    helm = Helm(HELM, root, SOURCE / "deploy/helm/tristrata")
    environment = {**helm.environment, "DESTDIR": str(root), "PATH": f"{HELM.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-exuo", "pipefail", "-c", "\n".join(blocks)], cwd=clone, capture_output=True,
                          text=True, env=environment, timeout=300)
    if done.returncode != 0:
        failures.append(f"exit {done.returncode}: {done.stderr}")
        report("")
    expect(re.search(r"^tristrata \d", done.stdout, re.M) is not None, f"the program says no version: {done.stdout}")
    for name in installed:
        expect((root / name).is_file(), f"{name} is not installed")
    for name in ("kpi_url", "drift_url", "response_url", "alertmanager_url"):
        mode = (root / "etc/tristrata/credentials" / name).stat().st_mode & 0o777
        expect(mode == 0o600, f"{name} has mode {mode:o}")
    unit = (SOURCE / "deploy/systemd/tristrata.service").read_text()
    for named in re.findall(r"=\w+:(/etc\S+)|EnvironmentFile=-(\S+)|ExecStart=(\S+)", unit):
        expect((root / "".join(named)[1:]).exists(), f"the unit names {named}, which the page does not install")
    drop_in = (root / "etc/systemd/system/tristrata.service.d/alerts.conf").read_text()
    for setting, path in re.findall(r"^LoadCredential=(\w+):/(\S+)", drop_in, re.M):
        expect((root / path).is_file(), f"the drop-in names {path}, without which the unit does not start")
        expect(f"=%d/{setting}\n" in drop_in, f"the drop-in gives the program no {setting}")
    # What the page says to run before the first start makes the stores of the credentials.
    made = re.search(r"env (TRISTRATA_KPI_URL=\S+ TRISTRATA_DRIFT_URL=\S+) /opt/\S+ (store init)$", page, re.M)
    expect(made is not None, "the page makes no tables before the unit starts")
    stores = dict(one.split("=", 1) for one in made[1].split()) if made else {}
    for name, url in stores.items():
        told = (root / "etc/tristrata/credentials" / name.removeprefix("TRISTRATA_").lower()).read_text().strip()
        expect(url == told, f"the page makes the tables of {url}, and the unit asks {told}")
    (root / "var/lib/tristrata").mkdir(parents=True, exist_ok=True)
    init = subprocess.run([root / "opt/tristrata/bin/tristrata", "store", "init"], text=True, capture_output=True,
                          env={**environment, **{name: url.replace("////var", f"///{root}/var")
                                                 for name, url in stores.items()}})
    expect(init.returncode == 0 and (root / "var/lib/tristrata/drift.db").is_file(), f"store init: {init.stderr}")
    expect((clone / "rendered.yaml").stat().st_size > 1000, "nothing is rendered")
    # The values that the page shows, and those that it lists.
    values = pathlib.Path(temporary, "values.yaml")
    values.write_text("\n".join(text for kind, text in others if kind == "yaml"))
    shown = helm.template("1.37.0", "--values", str(values))
    expect(shown.returncode == 0, f"the values of the page: {shown.stderr}")

for path in re.findall(r"\bdeploy/[\w/.-]+\w", page):
    expect((SOURCE / path).exists(), f"the page names {path}")
schema = json.loads((SOURCE / "deploy/helm/tristrata/values.schema.json").read_text())["properties"]
table = page[page.index("| value | what it does |"):].split("\n\n")[0]
for named in re.findall(r"`((?:\.?\w+)+)`", "\n".join(line.split("|")[1] for line in table.splitlines()[2:])):
    part = {"properties": schema}
    words = named.strip(".").split(".")
    if named.startswith("."):  # .egress behind networkPolicy.ingressNamespaces
        expect(any(words[0] in entry.get("properties", {}) for entry in schema.values()), f"there is no value {named}")
        continue
    for word in words:
        part = part.get("properties", {}).get(word, {})
    expect(bool(part), f"the page lists {named}, which is no value")
for which in ("settings", "files"):
    line = next(line for line in table.splitlines() if line.startswith(f"| `{which}` |"))
    told = set(re.findall(r"`([\w.]+)`", line.split("|")[2]))
    names = schema[which]["propertyNames"]
    names = names["anyOf"][0] if "anyOf" in names else names
    expect(told == set(names["enum"]), f"the page says of {which}: {sorted(told)}")
exposure = re.search(r"says ([\d.]+) of 10", page)
said = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager",
                       SOURCE / "deploy/systemd/tristrata.service"], capture_output=True, text=True).stdout
expect(exposure is not None and f": {exposure[1]} OK" in said, f"the exposure is not {exposure}: {said[-120:]}")
report(f"{len(blocks)} blocks of the page ran, and what it names is there")
