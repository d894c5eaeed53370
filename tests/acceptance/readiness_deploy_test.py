"""What deploy/ offers for the readiness gate runs as it stands there: the steps of both workflows, with a gh that
remembers; and the story of examples/readiness: readiness_deploy_test.py TRISTRATA SOURCE"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from gated_repository import (PLAN, committed, environment, failures, git, of_today,  # noqa: E402
                              right, source, tristrata, write, wrong)
from played_workflow import WHEEL, begun, offered, prepared, steps  # noqa: E402


def machine_of(root: pathlib.Path, ended: tuple[int, str]) -> None:
    """The job's container gets what the image of `serve` has, of which the wheel links the same, and pip a place."""
    image = (source / "deploy/container/Dockerfile").read_text(encoding="utf-8").rsplit("FROM ", 1)[1]
    linked = set(re.findall(r"^ +((?:lib|tz|zlib)[a-z0-9.+-]+) ", image, re.M)) - {"libgcc-s1", "libstdc++6"}
    (installed,) = {line for line in (root / "comments/calls").read_text().splitlines() if "apt-get install" in line}
    if ended[0] or len(linked) < 10 or linked - set(installed.split()):
        failures.append(f"Machine lacks {linked - set(installed.split())}: {ended}")
    if (root / "runner/path").read_text().splitlines()[0] != str(root / "runner/python/bin"):
        failures.append("pip's environment is not on the path of the next steps")


def pull_request(root: pathlib.Path) -> None:
    folder = begun(root, "work")
    git(root, folder, "checkout", "-qb", "work")
    write(folder, "src/training/fit.py", "second\n")
    write(folder, PLAN, wrong)
    committed(root, folder, "second")
    body = f'{PLAN} was reviewed in 3e0a3008\n$(touch "$RUNNER_TEMP/evil") `id`'
    context = offered(root, folder, "work", body)
    ended = steps(root, "readiness.yml", folder, context, {})
    if ended["Install"][0] or f"python3 -I -m pip install {WHEEL}\n" not in (root / "comments/calls").read_text():
        failures.append(f"Install: {ended['Install']}")
    # Nothing is installed by a name that anybody may take.
    machine_of(root, ended["Machine"])
    calls = (root / "comments/calls").read_text().count("pip install")
    for wheel in ("", "tristrata", "http://wheels.example.com/tristrata.whl", "--index-url=x.whl",
                  "http://wheels.example.com/x.whl#https://a.whl"):
        unnamed = steps(root, "readiness.yml", folder, context | {"vars.TRISTRATA_WHEEL": wheel}, {})["Judge"]
        if unnamed[0] != 3 or f"the variable TRISTRATA_WHEEL is '{wheel}'" not in unnamed[1]:
            failures.append(f"Judge without a wheel, {wheel!r}: {unnamed}")
    for wheel, named in (("dist/t.whl", "./dist/t.whl"), ("./t.whl", "./t.whl"), ("/srv/t.whl", "/srv/t.whl"),
                         (f"{WHEEL}#sha256=0a", f"{WHEEL}#sha256=0a"), (f"{WHEEL}?token=x", f"{WHEEL}?token=x")):
        taken = steps(root, "readiness.yml", folder, context | {"vars.TRISTRATA_WHEEL": wheel}, {})["Install"]
        called = [line for line in (root / "comments/calls").read_text().splitlines() if "pip install" in line]
        if taken[0] or called[-1] != f"python3 -I -m pip install {named}":
            failures.append(f"Install of {wheel!r}: {taken} {called}")
        calls += 1
    if (root / "comments/calls").read_text().count("pip install") != calls:
        failures.append("something was installed that no variable names")
    advised = steps(root, "readiness.yml", folder, context, {}, ADVISORY="--advisory")
    if advised["Judge"][0] or "::warning file=" not in advised["Judge"][1]:
        failures.append(f"Judge with --advisory: {advised['Judge']}")
    if "would be blocked" not in (root / "comments/1").read_text():
        failures.append("the comment does not say that it is advice")
    code, said = ended["Judge"]
    if code != 1 or f"::error file={PLAN},line=43,title=RDY601::" not in said:
        failures.append(f"Judge of a wrong plan: exit {code}: {said}")
    if ended["Comment"][0] or "blocked" not in (root / "comments/1").read_text():
        failures.append(f"Comment: {ended['Comment']}")
    if not (folder / "tristrata-readiness.sarif").exists() or (root / "runner/evil").exists():
        failures.append("no SARIF, or the pull request's text was run")
    # Of the comments the gate's own is edited, and no other that quotes its mark.
    quoted = "> <!-- tristrata-readiness -->\nWhat is this?\n"
    (root / "comments/2").write_text(quoted)
    forged = "<!-- tristrata-readiness -->\n### MLOps readiness: ready\n"
    (root / "comments/0").write_text(forged)
    (folder / "tristrata-readiness.sarif").unlink()
    write(folder, "tristrata-readiness.sarif/x", "in the way\n")
    git(root, folder, "checkout", "-q", "work")
    write(folder, PLAN, right)
    committed(root, folder, "third")
    context = offered(root, folder, "work", body)
    ended = steps(root, "readiness.yml", folder, context, {})
    if any(code for code, _ in ended.values()) or "TRISTRATA_DRIFT_PLAN is not set" not in ended["Judge"][1]:
        failures.append(f"a right plan: {ended}")
    comments = sorted(path.name for path in (root / "comments").glob("[0-9]*"))
    if comments != ["0", "1", "2"] or "MLOps readiness: ready" not in (root / "comments/1").read_text():
        failures.append(f"the comment was not edited in place: {comments}")
    if (root / "comments/2").read_text() != quoted or (root / "comments/0").read_text() != forged:
        failures.append("somebody else's comment was edited")
    (root / "comments/0").unlink()

    # A comment that cannot be made fails nothing, and is not made twice; nor does an upload.
    for fails, says in (("--paginate", "looked for"), ("PATCH", "brought up to date"), ("POST", "made")):
        if fails == "POST":
            (root / "comments/1").unlink()
        ended = steps(root, "readiness.yml", folder, context, {}, GH_FAILS=fails)
        if any(code for code, _ in ended.values()) or f"could not be {says}" not in ended["Comment"][1]:
            failures.append(f"{fails} fails: {ended['Comment']}")
        if "::warning title=" not in ended["Comment"][1] or "502" not in ended["Comment"][1]:
            failures.append(f"{fails} fails: {ended['Comment']}")
        if len(list((root / "comments").glob("[0-9]*"))) != 2 - (fails == "POST"):
            failures.append(f"{fails} fails: a comment more")
    (root / "comments/1").write_text("<!-- tristrata-readiness -->\n")
    shipped = yaml.safe_load((source / "deploy/github/workflows/readiness.yml").read_text(encoding="utf-8"))
    scanning = next(step for step in shipped["jobs"]["readiness"]["steps"] if "sarif" in step.get("uses", ""))
    night = yaml.safe_load((source / "deploy/github/workflows/readiness_nightly.yml").read_text(encoding="utf-8"))
    for step in shipped["jobs"]["readiness"]["steps"] + night["jobs"]["readiness"]["steps"]:
        if not re.fullmatch("[a-z/-]+@[0-9a-f]{40}", step.get("uses", f"none@{'0' * 40}")):
            failures.append(f"an action that may change under its name: {step}")
        if "checkout" in step.get("uses", "") and step["with"]["persist-credentials"] is not False:
            failures.append("the token lies in the checkout")
    if not shipped["concurrency"]["cancel-in-progress"] or "always()" in str(shipped):
        failures.append("a run that is overtaken goes on")
    if scanning.get("continue-on-error") is not True or "vars.TRISTRATA_CODE_SCANNING == 'true'" not in scanning["if"]:
        failures.append(f"where code scanning is off, its upload fails the job: {scanning}")

    # What the plan names is looked up where the drift plan is named; one that is not there keeps the gate closed.
    write(folder, "drift.toml", (source / "tests/golden/readiness/repository/drift.toml").read_text(encoding="utf-8"))
    looked = steps(root, "readiness.yml", folder, context | {"vars.TRISTRATA_DRIFT_PLAN": "drift.toml"}, {})["Judge"]
    if looked[0] != 1 or "title=RDY220::" not in looked[1] or "is not set" in looked[1]:
        failures.append(f"Judge with a drift plan: {looked}")
    looked = steps(root, "readiness.yml", folder, context | {"vars.TRISTRATA_DRIFT_PLAN": "gone.toml"}, {})["Judge"]
    if looked[0] not in (2, 3) or "gone.toml" not in looked[1]:
        failures.append(f"Judge with a drift plan that is gone: {looked}")
    # No verdict: the comment of the run before does not stay, and nothing is uploaded. As advice no step fails.
    utf_16 = {"github.event.pull_request.number": "7"}
    for word, code, changed in (("gone.toml", 2, {"vars.TRISTRATA_DRIFT_PLAN": "gone.toml"}),
                                ("no merge of 1", 3, {"github.event.pull_request.head.sha": "1"}),
                                ("TRISTRATA_WHEEL is", 3, {"vars.TRISTRATA_WHEEL": ""}),
                                ("pip could not install", 3, {"vars.TRISTRATA_WHEEL": "dist/gone.whl"}),
                                ("UTF-16", 3, utf_16)):
        if changed is utf_16:
            (folder / PLAN).write_bytes(right.encode("utf-16"))
        for advisory, expected in (("", code), ("--advisory", 0)):
            (root / "runner/output").unlink(missing_ok=True)
            (root / "comments/1").write_text("<!-- tristrata-readiness -->\nMLOps readiness: ready\n")
            ended = steps(root, "readiness.yml", folder, context | changed, {}, ADVISORY=advisory)
            comment, (judged, said) = (root / "comments/1").read_text(), ended["Judge"]
            if "could not be evaluated" not in comment or word not in comment:
                failures.append(f"no comment says what could not be evaluated: {comment} {ended}")
            if [ended[name][0] for name in ("Install", "Issue", "Comment")] != [0, 0, 0] or judged != expected:
                failures.append(f"without a verdict, ADVISORY {advisory!r}, {word}: {ended}")
            if ("variable TRISTRATA_DRIFT_PLAN is 'gone.toml'" in comment and
                    "TRISTRATA_DRIFT_PLAN" in said) != (word == "gone.toml"):
                failures.append(f"the variable is not named where its file is gone: {comment} {ended}")
            if changed is utf_16:
                if "::error file=" not in said:
                    failures.append(f"a plan that cannot be read is no error: {said}")
                continue
            if "::error title=MLOps readiness::could not be evaluated: " not in said:
                failures.append(f"Judge without a verdict: {ended['Judge']}")
            if (root / "runner/output").exists() or (folder / "tristrata-readiness.sarif").exists():
                failures.append("a SARIF without a verdict")
    write(folder, PLAN, right)
    steps(root, "readiness.yml", folder, context, {})
    if "sarif=true" not in (root / "runner/output").read_text() or "ready" not in (root / "comments/1").read_text():
        failures.append("a verdict has no SARIF to upload, or no comment")
    # A plan in an issue: its address and anchor in the pull request's text bring its body.
    git(root, folder, "checkout", "-qf", "work")
    git(root, folder, "rm", "-q", PLAN)
    committed(root, folder, "the plan is in the issue")
    context = offered(root, folder, "work", body)
    address = "https://github.com/example/trading/issues/709"
    issue = (source / "tests/golden/readiness/plans/issue_right.markdown").read_text(encoding="utf-8")
    (root / "comments/issue_709.md").write_text(of_today(issue), encoding="utf-8")
    linked = context | {"github.event.pull_request.body": f"The plan: {address}#mlops-readiness, reviewed in 3e0a3008"}
    ended = steps(root, "readiness.yml", folder, linked, {})
    if ended["Issue"][0] or ended["Judge"][0]:
        failures.append(f"a plan in an issue: {ended}")
    (root / "comments/issue_709.md").write_text(of_today(issue).replace("- DRI: @maria\n", ""), encoding="utf-8")
    ended = steps(root, "readiness.yml", folder, linked, {})
    if ended["Judge"][0] != 1 or "title=RDY601::" not in ended["Judge"][1]:
        failures.append(f"a wrong plan in an issue: {ended}")
    ended = steps(root, "readiness.yml", folder, context | {"github.event.pull_request.body": address}, {})
    if ended["Judge"][0] != 1 or "title=RDY001::" not in ended["Judge"][1]:
        failures.append(f"an issue that is linked without the anchor: {ended}")
    # An issue that cannot be read: the comment of the run before does not stay; while it is advisory nothing fails.
    mistyped = context | {"github.event.pull_request.body": f"The plan: {address[:-3]}790#mlops-readiness, 3e0a3008"}
    for advisory, code in (("--advisory", 0), ("", 3)):
        (root / "comments/1").write_text("<!-- tristrata-readiness -->\nMLOps readiness: ready\n")
        ended = steps(root, "readiness.yml", folder, mistyped, {}, ADVISORY=advisory)
        comment = (root / "comments/1").read_text()
        if [ended[name][0] for name in ("Issue", "Judge", "Comment")] != [0, code, 0]:
            failures.append(f"an issue that cannot be read, {advisory!r}: {ended}")
        if "could not be evaluated" not in comment or "issues/790" not in comment or "404" not in comment:
            failures.append(f"no comment says which issue cannot be read: {comment}")
        if "::error title=MLOps readiness::could not be evaluated: the issue https" not in ended["Judge"][1]:
            failures.append(f"no annotation says which issue cannot be read: {ended['Judge']}")


def main_moved_on(root: pathlib.Path) -> None:
    """A pull request is judged by what it changes itself, and by nothing that others merged since it began; nor by a
    wheel of its own where the base has one."""
    folder = begun(root, "moved")
    write(folder, "dist/t.whl", "the base's\n")
    committed(root, folder, "wheel")
    for branch, path in (("words", "docs/a.md"), ("bare", "src/training/bare.py")):
        git(root, folder, "checkout", "-qb", branch, "main")
        write(folder, path, "x\n")
        write(folder, "dist/t.whl", "its own\n")
        write(folder, "dist/new.whl", "its own\n")
        committed(root, folder, branch)
    git(root, folder, "checkout", "-q", "main")
    write(folder, "src/training/other.py", "x\n")
    write(folder, PLAN, right)
    committed(root, folder, "another story")
    for branch, code in (("words", 0), ("bare", 1)):
        context = offered(root, folder, branch, "Reviewed in 3e0a3008")
        for wheel, said in (("dist/t.whl", "the base's\n"), ("./dist/t.whl", "the base's\n"), ("dist/new.whl", "")):
            installed = steps(root, "readiness.yml", folder, context | {"vars.TRISTRATA_WHEEL": wheel}, {}, "Install")
            if installed["Install"] != (0, said):
                failures.append(f"{wheel} is that of the pull request: {installed}")
        for depth in ("1", "2"):
            git(root, root, "clone", "-q", "--depth", depth, folder.as_uri(), f"{branch}{depth}")
        for place in (folder, root / f"{branch}2"):
            judged, said = steps(root, "readiness.yml", place, context, {})["Judge"]
            if judged != code or "other.py" in said or ("title=RDY001::" in said) != (code == 1):
                failures.append(f"{branch}, with a main that moved on: exit {judged}: {said}")
        # No merge, and one whose parents are not there: nothing is guessed.
        git(root, folder, "checkout", "-q", branch)
        for place in (folder, root / f"{branch}1"):
            judged, said = steps(root, "readiness.yml", place, context, {})["Judge"]
            if judged != 3 or "no merge of" not in said or "fetch-depth: 2" not in said:
                failures.append(f"{branch}, without its merge: exit {judged}: {said}")


def emitted(root: pathlib.Path) -> None:
    """Each check of a pull request is emitted, and `report` reads it; a store that is dead blocks nobody."""
    folder = begun(root, "emitted")
    git(root, folder, "checkout", "-qb", "work")
    write(folder, "src/training/fit.py", "second\n")
    write(folder, PLAN, right)
    committed(root, folder, "second")
    context = offered(root, folder, "work", f"{PLAN} was reviewed in 3e0a3008")
    secrets = {"TRISTRATA_KPI_URL": f"sqlite:///{root}/kpi.db"}
    subprocess.run([tristrata, "store", "init"], check=True, capture_output=True, env=environment(root) | secrets)
    for given, checks, says in (({}, 0, ""), (secrets, 1, ""), ({"TRISTRATA_KPI_URL": "sqlite:////gone/kpi.db"}, 1,
                                "::warning title=MLOps readiness::the check is in no KPI store: tristrata: ")):
        code, said = steps(root, "readiness.yml", folder, context, given)["Judge"]
        report = subprocess.run([tristrata, "readiness", "report", "--format", "json"], capture_output=True, text=True,
                                cwd=root, env=environment(root) | secrets).stdout
        if code or f'"checks": {checks},' not in report or says not in said or ("KPI store" in said) != bool(says):
            failures.append(f"a check is emitted to {given}: exit {code}: {said}{report}")
    # A push that brings no plan yet is of the same pull request, and so of the story whose plan came next.
    git(root, folder, "checkout", "-q", "work")
    git(root, folder, "rm", "-q", PLAN)
    committed(root, folder, "without")
    steps(root, "readiness.yml", folder, offered(root, folder, "work", "No plan yet"), secrets)
    git(root, folder, "checkout", "-q", "work")
    write(folder, PLAN, right)
    committed(root, folder, "again")
    steps(root, "readiness.yml", folder, offered(root, folder, "work", f"{PLAN} was reviewed in 3e0a3008"), secrets)
    report = subprocess.run([tristrata, "readiness", "report", "--format", "json"], capture_output=True, text=True,
                            cwd=root, env=environment(root) | secrets).stdout
    if (told := json.loads(report)) and (told["checks"], told["stories"], told["blocked"]) != (3, 1, 1):
        failures.append(f"of three checks of one pull request the report says {report}")


def nightly(root: pathlib.Path) -> None:
    folder = root / "night"
    subprocess.run(["cp", "-r", source / "examples/readiness/repository", folder], check=True)
    git(root, folder, "init", "-q")
    write(folder, PLAN, right.replace("docs/runbooks/predictions.md", "docs/runbooks/gone.md"))
    secrets = {"TRISTRATA_KPI_URL": "sqlite:///kpi.db", "TRISTRATA_DRIFT_URL": "sqlite:///drift.db",
               "TRISTRATA_READ_URL": "sqlite:///kpi.db"}
    subprocess.run([tristrata, "store", "init"], cwd=folder, check=True, capture_output=True,
                   env=environment(root) | secrets)
    context = {"vars.TRISTRATA_WHEEL": WHEEL, "vars.TRISTRATA_DRIFT_PLAN": "plans/gone.toml"}
    gone = steps(root, "readiness_nightly.yml", folder, context, secrets)["Hold every plan against what there is"]
    if gone[0] != 2 or "plans/gone.toml" not in gone[1] or "variable TRISTRATA_DRIFT_PLAN" not in gone[1]:
        failures.append(f"the night does not use TRISTRATA_DRIFT_PLAN: {gone}")
    ended = steps(root, "readiness_nightly.yml", folder, context | {"vars.TRISTRATA_DRIFT_PLAN": ""}, secrets)
    if any(code for code, _ in ended.values()) or "RDY221" not in ended["Hold every plan against what there is"][1]:
        failures.append(f"the night: {ended}")
    listed = subprocess.run([tristrata, "drift", "list"], cwd=folder, capture_output=True, text=True,
                            env=environment(root) | secrets).stdout
    if "names_what_is_gone" not in listed or not (folder / "readiness.ics").exists():
        failures.append(f"the night pushed no event or wrote no calendar: {listed}")
    write(folder, PLAN, re.sub("Sunset: [0-9-]+", "Sunset: 2025-08-23", right))
    (folder / "documentation/stories/U-16").mkdir()
    (folder / "documentation/stories/U-16/mlops_readiness.md").write_bytes(right.encode("utf-16"))
    ended = steps(root, "readiness_nightly.yml", folder, context | {"vars.TRISTRATA_DRIFT_PLAN": ""}, secrets)
    if ended["What is due"][0] != 3 or "overdue" not in ended["What is due"][1]:
        failures.append(f"a plan that cannot be read hides what is overdue: {ended['What is due']}")


def story(root: pathlib.Path) -> None:
    page = (source / "examples/readiness/README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    shown = "".join(re.findall(r"^```output\n(.*?)^```", page, re.MULTILINE | re.DOTALL)).splitlines()
    folder = root / "story"
    folder.mkdir()
    (folder / "examples").symlink_to(source / "examples")
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(blocks)], cwd=folder, capture_output=True,
                          text=True, env=environment(root), timeout=120)
    if done.returncode or len(blocks) < 5 or len(shown) < 8:
        failures.append(f"examples/readiness: exit {done.returncode}, {len(blocks)} blocks: {done.stdout}{done.stderr}")
    printed = done.stdout.splitlines()
    failures.extend(f"examples/readiness: no {line!r} in what its commands print:\n{done.stdout}" for line in shown
                    if line not in printed)
    failures.extend(f"examples/readiness: {line!r} is printed and not shown" for line in printed
                    if re.search(r" RDY\d+ (error|warning)", line) and line not in shown)


for part in (pull_request, main_moved_on, emitted, nightly, story):
    with tempfile.TemporaryDirectory() as temporary_folder:
        part(prepared(temporary_folder))
print("\n".join(failures) or "workflows and story run")
sys.exit(bool(failures))
