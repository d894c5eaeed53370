"""The readiness gate from its command line, in repositories of git: every way in which it can end, every form of its
answer, the pages of its rules, what it emits and pushes: readiness_test.py TRISTRATA SOURCE"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import jsonschema

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
golden = source / "tests/golden/readiness"
right = (golden / "right.md").read_text(encoding="utf-8")
STORY = "CVN-N001-EF-S07"
PLAN = f"documentation/stories/{STORY}/mlops_readiness.md"
DAY = ("--at", "2026-05-10")
environment = {key: value for key, value in os.environ.items() if not key.startswith(("TRISTRATA_", "GIT_"))}
environment |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
failures: list[str] = []


def run(folder: pathlib.Path, *words: object, code: int = 0, says: str = "", **more: str) -> str:
    done = subprocess.run([tristrata, "readiness", *map(str, words)], capture_output=True, cwd=folder, timeout=120,
                          env=environment | more)
    out, said = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    if done.returncode != code or says not in out + said:
        failures.append(f"readiness {' '.join(map(str, words))[:200]}: exit {done.returncode}, not {code}, or no "
                        f"{says!r} in {out[-600:]!r} {said[-600:]!r}")
    return out


def git(folder: pathlib.Path, *words: str) -> None:
    subprocess.run(["git", "-c", "user.name=Maria Silva", "-c", "user.email=maria@example.com", *words], cwd=folder,
                   check=True, capture_output=True, env=environment, timeout=60)


def write(folder: pathlib.Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def started(folder: pathlib.Path) -> pathlib.Path:
    """A repository whose branch changes the training."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "Maria Silva")
    write(folder, "src/training/fit.py", "first\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    git(folder, "checkout", "-qb", "work")
    write(folder, "src/training/fit.py", "second\n")
    git(folder, "commit", "-qam", "second")
    return folder


with tempfile.TemporaryDirectory() as temporary:
    root = pathlib.Path(temporary)

    # How it ends.
    work = started(root / "work")
    run(work, "check", "--base", "main", code=1, says="RDY001")
    run(work, "check", "--base", "main", "--advisory", says="would be blocked (--advisory)")
    run(work, "scope", "--base", "main", says="src/training/fit.py")
    run(work, "init", STORY, "--base", "main", says="replace each")
    drafted = (work / PLAN).read_text(encoding="utf-8")
    for part in ("Owner: Maria Silva", "src/training/fit.py", "Story: " + STORY):
        if part not in drafted:
            failures.append(f"init wrote no {part!r}: {drafted[:600]}")
    run(work, "init", STORY, code=3, says="is there already; nothing was written")
    # Before the first commit: what it is a plan for is said.
    git(work, "switch", "-q", "-c", "early", "main")
    write(work, "src/backtest/early.py", "x\n")
    early = "nothing that is committed differs from main: the plan is one for all six"
    run(work, "init", "S-1", "--base", "main", "--out", "-", says=early)
    run(work, "init", "S-1", "--base", "main", "--out", "-", says="src/backtest/early.py; commit first")
    (work / "src/backtest/early.py").unlink()
    git(work, "switch", "-q", "work")
    for name, owner in (("Jana Müller", "Owner: Jana Müller"), ("\u0141ukasz, \u0160", "Owner: <")):
        git(work, "config", "user.name", name)
        if owner not in (out := run(work, "init", "S-1", "--out", "-", says="- DRI: " + owner[7:])):
            failures.append(f"init wrote no {owner!r}: {out[:600]}")
    git(work, "config", "user.name", "Maria Silva")
    run(work, "init", "S-1", "--owner", "Jana Müller", "--out", "-", says="- DRI: Jana Müller")
    for name in ("maria, jonas", "ml-team", "@Jana Müller"):
        run(work, "init", "S-1", "--owner", name, "--out", "-", code=2, says=f"--owner: \"{name}\" is no one person; ")
    run(work, "check", "--story", STORY, code=1, says="RDY199")
    write(work, PLAN, right)
    git(work, "add", "-A")
    git(work, "commit", "-qm", "the plan")
    run(work, "check", "--base", "main", *DAY, says="ready (sections asked for: §1, §2, §3, §4, §5, §6)")
    run(work, "check", PLAN, *DAY, says="ready")
    run(work / "src", "check", "--story", STORY, *DAY, says="ready")
    run(work, "check", code=2, says="expected a plan, --story, --base")
    run(work, "check", PLAN, "--format", "yaml", code=2, says="expected text, json")
    run(work, "check", PLAN, "--sections", "7", code=2, says='no section "7"')
    run(work, "check", PLAN, "--scope", "gone.toml", code=2, says="gone.toml")
    run(work, "check", "--base", "origin/main", code=3, says="fetch-depth: 0")
    run(work, "check", "--base", "origin/main", "--advisory", code=3, says="fetch-depth: 0")
    run(work, "check", "--base", "main", code=3, says="git cannot be run", PATH=str(root))
    git(root, "clone", "-q", "--depth", "1", "--branch", "work", f"file://{work}", "shallow")
    run(root / "shallow", "check", "--base", "origin/main", code=3, says="fetch")
    bare = root / "bare"
    bare.mkdir()
    run(bare, "check", "--base", "main", code=3, says="not a git repository")
    run(bare, "check", "--base", "main", code=3, says="run it in one; --story and --all need no git")
    for command in (("check", "--all"), ("due",), ("scope", "x"), ("init", "CVN-1")):
        run(work, *command, "--root", root / "gone", code=2, says="is no folder; expected that of a repository")
    run(work, "check", "--all", "--story", STORY, code=2, says="expected one of both")

    # Texts that are given.
    write(work, "pull.md", "Nothing\n")
    run(work, "check", PLAN, *DAY, "--pr-body", "pull.md", code=1, says="RDY811")
    write(work, "pull.md", f"{PLAN} was reviewed in 3e0a3008\n")
    run(work, "check", PLAN, *DAY, "--pr-body", "pull.md", says="ready")
    run(work, "check", "--issue-body", golden / "plans/issue_right.markdown", *DAY, says="ready")
    run(work, "check", "--issue-body", golden / "plans/issue_without_a_plan.markdown", *DAY, code=1, says="RDY001")
    for option in ("--issue-body", "--pr-body"):
        run(work, "check", *([PLAN] if option == "--pr-body" else []), *DAY, option, root, code=3,
            says="is no file that can be read")
    write(work, "pull.md", "https://github.com/example/x/issues/7, session 3e0a3008\n")
    run(work, "check", "--issue-body", golden / "plans/issue_right.markdown", "--issue",
        "https://github.com/example/x/issues/7", "--pr-body", "pull.md", *DAY, says="ready")
    issue = ("--issue-body", golden / "plans/issue_right.markdown", "--pr-body", "pull.md", *DAY)
    run(work, "check", *issue, code=1, says="give the address by --issue")
    run(work, "check", *issue, "--issue", "https://github.com/example/x/issues/8", code=1,
        says="https://github.com/example/x/issues/8")

    # Bad input.
    bad = root / "bad"
    bad.mkdir()
    deep = ["".join("  " * depth + "- a\n" for depth in range(levels)).encode() for levels in (100, 400)]
    for name, text, code, says in (
            ("large.md", b"# MLOps readiness\n" * 600_000, 3, "more than 256 KiB"),
            ("nested.md", b">" * 10_000 + b" x\n", 3, "64 lists or quotes"),
            ("deep.md", deep[0], 1, "RDY010"),
            ("deeper.md", deep[1], 3, "32 KiB"),
            ("utf16.md", right.encode("utf-16"), 3, "is UTF-16"),
            ("crlf.md", right.replace("\n", "\r\n").encode(), 0, "ready"),
            ("bom.md", b"\xef\xbb\xbf" + right.encode(), 0, "ready"),
            ("comment.md", f"<!--\n{right}\n-->\n".encode(), 1, "RDY100"),
            ("empty.md", b"", 1, "RDY010"),
            ("a plan\nof two lines.md", right.encode(), 0, "ready"),
            ("rtl.md", right.replace("deepest", "deepest \u202e\u05d0\u05d1").encode(), 0, "ready")):
        (bad / name).write_bytes(text)
        run(bad, "check", name, *DAY, code=code, says=says)
    (bad / "link.md").symlink_to(work / PLAN)
    run(bad, "check", "link.md", *DAY, code=3, says="leads out of")
    (bad / "folder").symlink_to((work / PLAN).parent)
    run(bad, "check", "folder/mlops_readiness.md", *DAY, code=3, says="leads out of")
    for name in ("link.md", "folder/mlops_readiness.md", "large.md"):
        if str(bad) in (said := run(bad, "check", name, *DAY, code=3)):
            failures.append(f"{name}: a folder of the machine is named: {said}")
    run(bad, "check", "gone.md", *DAY, code=1, says="RDY001")
    run(bad, "check", "--story", "../../work", *DAY, code=1)
    shown = run(work, "scope", "a/../b", "with\na line", "with space", says="unknown")
    if "with\na line" in shown:
        failures.append(f"a name of two lines breaks the table: {shown}")

    # A plan elsewhere is judged by its own repository's policy, or by ADR-0070's; which of both is said.
    shop = started(root / "shop")
    write(shop, "readiness.scope.toml", '[minima]\ncryptos = ["AT", "DE"]\n')
    write(shop, PLAN, right.replace("Canary: BTCUSDC", "Canary: AT"))
    run(shop, "check", PLAN, *DAY, says="ready")
    run(bad, "check", shop / PLAN, *DAY, says="ready")
    run(bad, "check", shop / PLAN, *DAY, says="outside the repository of the working folder: it is judged by "
                                               f"readiness.scope.toml of {shop}")
    write(root, "lone/p.md", right.replace("Canary: BTCUSDC", "Canary: AT"))
    run(shop, "check", root / "lone/p.md", *DAY, code=1, says="it is judged by ADR-0070's own policy; --scope")
    run(shop, "check", root / "lone/p.md", *DAY, "--scope", "readiness.scope.toml", says="ready")
    # Also from a folder that is in none, several in one call, and by the root that is named.
    second = PLAN.replace("S07", "S08")
    write(shop, second, right.replace("Canary: BTCUSDC", "Canary: AT").replace("S07", "S08"))
    run(root, "check", f"shop/{PLAN}", *DAY, says=f"it is judged by readiness.scope.toml of {shop}")
    run(bad, "check", f"../shop/{PLAN}", f"../shop/{second}", *DAY, says="S08/mlops_readiness.md: ready")
    run(bad, "check", f"../shop/{PLAN}", "../lone/p.md", *DAY, code=2, says="expected the plans of one in a call")
    run(shop, "check", f"../shop/{PLAN}", work / PLAN, *DAY, code=2, says="lie in two repositories")
    run(shop, "check", root / "lone/p.md", *DAY, "--root", ".", says="ready")
    run(bad, "check", root / "lone/p.md", *DAY, "--root", ".", code=1, says="RDY402")
    within = started(shop / "vendored")
    write(within, PLAN, right)
    run(shop, "check", f"vendored/{PLAN}", *DAY, says="it is judged by ADR-0070's own policy; --scope")
    # A folder on the way that is a link: the plan is read by no command.
    (shop / "documentation/stories/CVN-N001-EF-S09").symlink_to("CVN-N001-EF-S07")
    run(shop, "check", PLAN.replace("S07", "S09"), *DAY, code=3, says="below a folder that is a link")
    run(shop, "check", "--story", "CVN-N001-EF-S09", *DAY, code=3)

    # What changed: a rename out of the training, and a deletion of it, still ask.
    moved = started(root / "moved")
    git(moved, "mv", "src/training/fit.py", "docs.md")
    git(moved, "commit", "-qm", "moved")
    said = run(moved, "scope", "--base", "main", "--format", "json")
    if json.loads(said)["sections"] != [1, 2, 3, 4, 5, 6]:
        failures.append(f"a rename out of the training asks for {said}")

    # No change set opens the gate for itself.
    bold = started(root / "bold")
    write(bold, "readiness.scope.toml", '[[scope]]\npaths = ["**"]\nsections = []\nreason = "x"\n')
    git(bold, "add", "-A")
    git(bold, "commit", "-qm", "nothing is asked for")
    for words in ((), ("--scope", "readiness.scope.toml")):
        said = run(bold, "check", "--base", "main", *words, code=1, says="RDY001")
        if "RDY022" not in said or "policy: ADR-0070's own, and readiness.scope.toml beside it" not in said:
            failures.append(f"a change of the policy says {said}")
    run(bold, "scope", "--base", "main", says="asked for: §1, §2, §3, §4, §5, §6")

    # Nor is it broken; where it is, a change set that mends it alone passes.
    broken = started(root / "broken")
    write(broken, "readiness.scope.toml", "[minima]\nshadow_days = 7\n")
    git(broken, "add", "-A")
    git(broken, "commit", "-qm", "a policy")
    git(broken, "checkout", "-qb", "torn")
    write(broken, "readiness.scope.toml", "[[scope]]\npaths = [\n")
    git(broken, "commit", "-qam", "torn")
    run(broken, "check", "--base", "work", code=2, says="the change set makes it so")
    git(broken, "checkout", "-qb", "mend")
    write(broken, "src/training/fit.py", "third\n")
    git(broken, "commit", "-qam", "something else")
    run(broken, "check", "--base", "torn", code=2, says="expected a change set of readiness.scope.toml alone")
    git(broken, "reset", "-q", "--hard", "torn")
    write(broken, "readiness.scope.toml", "[minima]\nshadow_days = 7\n")
    git(broken, "commit", "-qam", "the mend")
    run(broken, "check", "--base", "torn", says="cannot be read, and this change set mends it")

    # A new plan that nothing asks for is not judged, which is said; it may go while it is a draft.
    idle = started(root / "idle")
    git(idle, "checkout", "-qb", "draft")
    run(idle, "init", STORY, "--owner", "maria", says="replace each")
    git(idle, "add", "-A")
    git(idle, "commit", "-qm", "a draft")
    run(idle, "check", "--base", "work",
        says=f"note: 1 plan is new and not judged, as nothing that changed asks for it: {PLAN}")
    git(idle, "checkout", "-qb", "none")
    git(idle, "rm", "-q", PLAN)
    git(idle, "commit", "-qm", "no draft")
    run(idle, "check", "--base", "draft", says="no plan is asked for")

    # A commit is judged as it is, whatever lies in the working tree; what lies there is said.
    there = started(root / "there")
    write(there, PLAN, right.replace("- DRI: @maria\n", ""))
    run(there, "check", "--base", "main", code=1, says="(not committed): commit it")
    git(there, "add", "-A")
    git(there, "commit", "-qm", "a plan")
    write(there, PLAN, right)
    run(there, "check", "--base", "main", *DAY, says=f"{PLAN} (differs from HEAD): ready")
    run(there, "check", "--base", "main", *DAY, "--head", "HEAD", code=1, says="RDY601")
    run(there, "check", "--story", STORY, *DAY, "--head", "HEAD", code=1, says="RDY601")
    run(there, "check", "--story", STORY, "--head", "gone", code=3, says="git knows no head")

    # A plan that was merged before counts where the pull request links it, and is not deleted before its time.
    git(there, "commit", "-qam", "mended")
    git(there, "branch", "-qf", "main")
    write(there, "src/training/fit.py", "third\n")
    git(there, "commit", "-qam", "a later change")
    write(there, "pull.md", f"As {PLAN} has it, session 3e0a3008\n")
    run(there, "check", "--base", "main", *DAY, "--pr-body", "pull.md", says="ready")
    write(there, "pull.md", "Nothing\n")
    if "RDY81" in run(there, "check", "--base", "main", *DAY, "--pr-body", "pull.md", code=1, says="RDY001"):
        failures.append("a pull request without a plan is asked to link it")
    git(there, "rm", "-q", PLAN)
    git(there, "commit", "-qm", "gone")
    gone = run(there, "check", "--base", "main", *DAY, code=1, says="RDY006 error: the change set deletes the plan")
    if f'write "Formerly: {STORY}" into its plan' not in gone:
        failures.append(f"what to write of a story with another id: {gone}")

    # What is edited and not committed does not count, and that is said.
    edited = started(root / "edited")
    git(edited, "checkout", "-q", "main")
    write(edited, "src/training/fit.py", "not committed\n")
    run(edited, "check", "--base", "main",
        says="1 changed file is not committed and does not count among what changed: src/training/fit.py; commit first")

    # A plan that is altered is judged, whatever else is; what becomes due of none is said.
    git(edited, "checkout", "-q", ".")
    write(edited, PLAN, right)
    git(edited, "add", "-A")
    git(edited, "commit", "-qm", "a plan")
    git(edited, "checkout", "-qB", "work")
    write(edited, PLAN, "")
    git(edited, "commit", "-qam", "emptied")
    run(edited, "check", "--base", "main", *DAY, code=1, says="no section of the plan is left")
    run(edited, "due", *DAY, says=f"{PLAN} is left out: it names no sunset")

    # A pattern that can match nothing is refused; a folder is all that lies below it.
    write(edited, "s.toml", '[[scope]]\npaths = ["/src/**"]\nsections = ["all"]\nreason = "x"\n')
    run(edited, "scope", "--scope", "s.toml", "src/training/fit.py", code=2, says='write "src/**"')
    write(edited, "s.toml", '[[scope]]\npaths = ["src/training/"]\nsections = ["all"]\nreason = "x"\n')
    run(edited, "scope", "--scope", "s.toml", "src/training/fit.py", says="asked for: §1, §2, §3, §4, §5, §6")

    # Plans are not written through a link out of the repository.
    linked = started(root / "linked")
    (linked / "documentation").mkdir()
    (linked / "documentation/stories").symlink_to(bare)
    run(linked, "init", "CVN-1", code=2, says="leads out of the repository; nothing was written")

    run(work, "check", "--all", "--root", bare, says="no plans below documentation/stories")

    # Every form of the answer, twice the same.
    wrong = right.replace("- Canary: BTCUSDC, because its order book is the deepest", "- Canary: <one crypto>")
    wrong = wrong.replace("- DRI: @maria\n", "- DRI: @a & @b \"<1\u202e>\n")
    write(work, "wrong.md", wrong)
    forms = {form: run(work, "check", "wrong.md", PLAN, *DAY, "--format", form, code=1)
             for form in ("text", "json", "junit", "sarif", "github", "comment")}
    for form, first in forms.items():
        if run(work, "check", "wrong.md", PLAN, *DAY, "--format", form, code=1) != first:
            failures.append(f"{form} is not the same twice")
    answer = json.loads(forms["json"])
    if [plan["blocked"] for plan in answer["plans"]] != [True, False] or answer["schema"] != "tristrata.readiness/1":
        failures.append(f"json says {answer}")
    schema = json.loads((source / "tests/data/sarif/sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    sarif = json.loads(forms["sarif"])
    problems = list(jsonschema.Draft4Validator(schema).iter_errors(sarif))
    failures.extend(f"SARIF: {problem.message[:300]} at {list(problem.path)}" for problem in problems)
    if not sarif["runs"][0]["results"]:
        failures.append("SARIF has no results")
    sarif["runs"][0]["results"][0]["level"] = "fatal"
    if not list(jsonschema.Draft4Validator(schema).iter_errors(sarif)):
        failures.append("the schema of SARIF finds nothing in a document that is wrong")
    cases = xml.etree.ElementTree.fromstring(forms["junit"]).findall(".//testcase")
    failed = {case.get("name").split(" ")[1][:6] for case in cases if case.find("failure") is not None}
    if failed != {"RDY015", "RDY499", "RDY601"} or len(cases) < 100:
        failures.append(f"JUnit fails {failed} of {len(cases)} cases")
    if not re.fullmatch(r"(::error file=wrong\.md,line=\d+,title=RDY\d{3}::.*\n){3}", forms["github"]):
        failures.append(f"annotations: {forms['github']!r}")
    if not forms["comment"].startswith("<!-- tristrata-readiness -->\n"):
        failures.append(f"the comment begins {forms['comment'][:80]!r}")
    run(work, "check", "wrong.md", *DAY, "--format", "sarif", "--out", "out.sarif", code=1)
    json.loads((work / "out.sarif").read_text(encoding="utf-8"))

    # What there is.
    there = golden / "repository"
    house = root / "house"
    subprocess.run(["cp", "-r", there, house], check=True)
    write(house, PLAN, right)
    run(house, "check", "--story", STORY, *DAY, "--verify", "drift.toml", "--root", ".", says="ready")
    rules = (house / "deploy/prometheus/variance.yml").read_text(encoding="utf-8")
    write(house, "deploy/prometheus/variance.yml", rules.replace("VarianceDispersionDead", "Renamed"))
    run(house, "check", "--story", STORY, *DAY, "--verify", "drift.toml", "--root", ".", code=1, says="RDY220")

    run(house, "scope", "docs/../src/commun/labels/x.py", says="src/commun/labels/x.py  §1, §2, §3, §4, §5, §6")
    for artefact in ("docs/m.ONNX", "docs/x.h5", "infra/grafana/m.TFLite"):
        run(house, "scope", artefact, says="asked for: §1, §2, §3, §4, §5, §6")
    run(house, "scope", "docs/../../x.py", code=2, says="no path of the repository")
    scoped = (house / "readiness.scope.toml").read_text(encoding="utf-8")
    write(house, "readiness.scope.toml", scoped.replace('"owners.toml"', '"gone.toml"'))
    run(house, "check", "--story", STORY, *DAY, "--verify", "drift.toml", "--root", ".", code=3, says="[places] owners")
    write(house, "readiness.scope.toml", re.sub(r"(?m)^owners = .*\n", "", scoped))
    said = run(house, "check", "--story", STORY, *DAY, "--verify", "drift.toml", "--root", ".", "--format", "json",
               code=1, says="note: deploy/owners.toml is not there; whether the DRI owns what the plan watches")
    if '"not_judged": 1' not in said:
        failures.append(f"RDY620 is passed without owners: {said}")
    write(house, "readiness.scope.toml", scoped)
    # Owners that are there at the base and gone close the gate.
    gone = started(root / "gone_owners")
    git(gone, "checkout", "-q", "main")
    write(gone, "deploy/owners.toml", (there / "owners.toml").read_text(encoding="utf-8"))
    write(gone, "drift.toml", (there / "drift.toml").read_text(encoding="utf-8"))
    git(gone, "add", "-A")
    git(gone, "commit", "-qm", "owners")
    git(gone, "checkout", "-qb", "without")
    git(gone, "rm", "-q", "deploy/owners.toml")
    git(gone, "commit", "-qm", "gone")
    run(gone, "check", "--base", "main", *DAY, "--verify", "drift.toml", code=3,
        says='"deploy/owners.toml" is there at the base and gone')

    # The night after: an event, once a day; KPIs; what is due; the falsifier.
    stores = {"TRISTRATA_KPI_URL": "sqlite:///kpi.db", "TRISTRATA_DRIFT_URL": "sqlite:///drift.db"}
    subprocess.run([tristrata, "store", "init"], cwd=house, check=True, capture_output=True, env=environment | stores)
    for _ in range(2):
        run(house, "check", "--all", "--root", ".", *DAY, "--verify", "drift.toml", "--advisory", "--push", "--emit",
            says="RDY220", **stores)
    events = json.loads(subprocess.run([tristrata, "drift", "list", "--format", "json"], cwd=house, check=True,
                                       capture_output=True, env=environment | stores).stdout)["events"]
    if [(event["module"], event["metric"], event["severity"]) for event in events] != [
            ("readiness", "names_what_is_gone", "warn")]:
        failures.append(f"the night pushed {events}")
    run(house, "check", "--all", "--root", ".", *DAY, "--push", says="note: --push without --verify: whether metrics",
        **stores)
    # The night holds nobody up: only checks of a merge count.
    run(house, "report", says="1 check of no merge left out", **stores)
    write(house, "pr.md", f"documentation/stories/{STORY}/mlops_readiness.md, reviewed in 3e0a3008\n")
    merge = ("check", "--story", STORY, "--pr-body", "pr.md", "--root", ".", "--verify", "drift.toml", "--emit")
    run(house, *merge, "--at", "2026-05-10T12:00", code=1, says="RDY220", **stores)
    run(house, "report", says="1 check of 1 story", **stores)
    write(house, "deploy/prometheus/variance.yml", rules)
    run(house, *merge, "--at", "2026-05-11", **stores)
    told = json.loads(run(house, "report", "--format", "json", **stores))
    if (told["checks"], told["stories"], told["prevented"], told["answer"]) != (2, 1, 1, "too_few"):
        failures.append(f"the falsifier says {told}")
    run(house, "check", "--story", STORY, "--root", ".", *DAY, "--against-store", code=2, says="TRISTRATA_KPI_URL")
    scope = (house / "readiness.scope.toml").read_text(encoding="utf-8")
    write(house, "readiness.scope.toml", scope.replace('metrics = ["win_rate"]', ""))
    run(house, "check", "--story", STORY, "--root", ".", *DAY, "--against-store", code=1, says="RDY120", **stores)
    subprocess.run([tristrata, "kpi", "emit", "--module", "backtest.trades", "win_rate=0.53"], cwd=house, check=True,
                   capture_output=True, env=environment | stores)
    run(house, "check", "--story", STORY, "--root", ".", *DAY, "--against-store", says="ready", **stores)
    (house / "kpi.db").write_bytes(b"no store")
    run(house, "check", "--story", STORY, "--root", ".", *DAY, "--against-store", code=3, **stores)
    run(house, "due", "--root", ".", "--at", "2026-08-20", says="in 3 days")
    run(house, "due", "--root", ".", "--at", "2026-06-20", says="nothing is due")
    run(house, "due", "--root", ".", "--at", "2026-08-24", "--fail-overdue", code=1, says="1 day overdue")
    calendar = run(house, "due", "--root", ".", "--at", "2026-08-20", "--format", "ics")
    if "DTSTART;VALUE=DATE:20260823\r\n" not in calendar.replace("\r\r\n", "\r\n"):
        failures.append(f"the calendar is {calendar!r}")

    # Pages.
    listed = json.loads(run(root, "explain", "--format", "json"))
    pages = {page.name: page.read_text(encoding="utf-8") for page in (source / "docs/readiness").glob("RDY*.md")}
    if pages != {f"{one['rule']}.md": one["page"] for one in listed}:
        failures.append("docs/readiness is not what explain says: tests/golden/readiness/pages.py TRISTRATA")
    index = (source / "docs/readiness/README.md").read_text(encoding="utf-8")
    failures.extend(f"docs/readiness/README.md does not name {one['rule']}" for one in listed
                    if f"| [{one['rule']}]({one['rule']}.md) | {one['title']} |" not in index)
    if run(root, "explain", "402") != pages["RDY402.md"]:
        failures.append("explain 402 is not its page")
    run(root, "explain", "RDY403x", code=2, says="did you mean RDY403?")

print("\n".join(failures) or "the gate opens and closes as it should")
sys.exit(bool(failures))
