"""The workflows of deploy/ played: the scripts of their steps run as they stand there, with a gh that remembers and a
python3 and an apt-get that install nothing. Its arguments are those of gated_repository."""
import json
import pathlib
import re
import subprocess
import sys

import yaml

from gated_repository import committed, configured, environment, failures, git, source, write

WHEEL = "https://wheels.example.com/tristrata-1.0.0-cp312-cp312-linux_x86_64.whl"
# The comments of a pull request, a file each, its number its name (0 is a stranger's), found by the filter given to gh.
GH = f"""#!{sys.executable}
import os, pathlib, re, sys
words, folder = sys.argv[1:], pathlib.Path(os.environ["COMMENTS"])
with (folder / "calls").open("a") as calls:
    print(*words, file=calls)
comments = sorted(folder.glob("[0-9]*"), key=lambda path: int(path.name))
given = [word.removeprefix("body=@") for word in words if word.startswith("body=@")]
fails = os.environ.get("GH_FAILS", "none")
if fails in words and any("/comments" in word for word in words):
    print('{{"message": "Server Error", "status": "502"}}')
    sys.exit("gh: Server Error (HTTP 502)")
if "PATCH" in words:
    number = next(word for word in words if "/comments/" in word).rsplit("/", 1)[1]
    (folder / number).write_text(pathlib.Path(given[0]).read_text())
elif "POST" in words:
    (folder / str(len(comments) + 1)).write_text(pathlib.Path(given[0]).read_text())
elif issue := re.fullmatch("repos/example/trading/issues/([0-9]+)", words[1]):
    if (failing := folder / f"failing_{{issue.group(1)}}").exists():
        failing.unlink()
        sys.exit("gh: Bad Gateway (HTTP 502)")
    try:
        print((folder / f"issue_{{issue.group(1)}}.md").read_text())
    except FileNotFoundError:
        print('{{"message": "Not Found", "status": "404"}}')
        sys.exit("gh: Not Found (HTTP 404)")
else:
    filter = r'\\.\\[\\] \\| select\\(\\.user\\.type == "Bot" and \\(\\.body \\| startswith\\("(.+)"\\)\\)\\) \\| \\.id'
    asked = re.fullmatch(filter, words[words.index("--jq") + 1]).group(1)
    print("\\n".join(path.name for path in comments if path.name != "0" and path.read_text().startswith(asked)))
"""
APT = '#!/bin/sh\necho "apt-get $*" >>"$COMMENTS/calls"\n'
PYTHON = f"""#!/bin/sh
case "$*" in *"-m "*) ;; *) exec {sys.executable} "$@" ;; esac
echo "python3 $*" >>"$COMMENTS/calls"
case "$*" in *gone.whl) exit 1 ;; esac
case "$*" in */wheel/*) cat "${{5}}" ;; esac
"""


def prepared(temporary: str) -> pathlib.Path:
    root = pathlib.Path(temporary)
    for folder in ("bin", "comments", "runner"):
        (root / folder).mkdir()
    for name, text in (("gh", GH), ("python3", PYTHON), ("apt-get", APT)):
        (root / "bin" / name).write_text(text)
        (root / "bin" / name).chmod(0o755)
    configured(root)
    return root


def runner(root: pathlib.Path) -> dict[str, str]:
    """What GitHub's machine has beside it."""
    return environment(root) | {"COMMENTS": str(root / "comments"), "RUNNER_TEMP": str(root / "runner"),
                                "GITHUB_OUTPUT": str(root / "runner/output"),
                                "GITHUB_PATH": str(root / "runner/path"),
                                "GITHUB_EVENT_PATH": str(root / "runner/event.json"),
                                "GITHUB_WORKSPACE": "/__w/trading/trading"}


def steps(root: pathlib.Path, name: str, folder: pathlib.Path, context: dict[str, str | None],
          secrets: dict[str, str], only: str = "", **variables: str) -> dict[str, tuple[int, str]]:
    """Each step that has a `run`, one after the other as if each were `if: always()`: its exit and what it said."""
    job = yaml.safe_load((source / "deploy/github/workflows" / name).read_text(encoding="utf-8"))["jobs"]["readiness"]
    ended = {}
    event = {"pull_request": {"body": context.get("github.event.pull_request.body")}}
    (root / "runner/event.json").write_text(json.dumps(event), encoding="utf-8")
    variables = {key: str(value) for key, value in job.get("env", {}).items()} | variables
    for step in job["steps"]:
        if "run" not in step or only not in ("", step["name"]):
            continue
        more = {}
        for key, value in step.get("env", {}).items():
            expression = re.fullmatch(r"\$\{\{ (.*) \}\}", value).group(1)
            more[key] = context[expression] if expression in context else secrets.get(expression[8:], "")
        if "${{" in step["run"]:
            failures.append(f"{name}, {step['name']}: an expression inside the script: what it holds would be run")
        done = subprocess.run(["bash", "-ec", step["run"]], cwd=folder,
                              capture_output=True, text=True, env=runner(root) | variables | more, timeout=120)
        ended[step["name"]] = (done.returncode, done.stdout + done.stderr)
    return ended


def offered(root: pathlib.Path, folder: pathlib.Path, branch: str, body: str) -> dict[str, str]:
    """What GitHub says of the pull request of a branch. Its merge into main is checked out, as refs/pull/N/merge is;
    the base of the payload is where the branch began, whatever main has got since."""
    git(root, folder, "checkout", "-q", "--detach", "main")
    git(root, folder, "merge", "-q", "--no-ff", "-m", "merged", branch)
    return {"github.event.pull_request.base.sha": git(root, folder, "merge-base", "main", branch).strip(),
            "github.event.pull_request.head.sha": git(root, folder, "rev-parse", branch).strip(),
            "github.event.pull_request.body": body, "vars.TRISTRATA_WHEEL": WHEEL, "vars.TRISTRATA_DRIFT_PLAN": "",
            "github.token": "none", "github.server_url": "https://github.com", "github.repository": "example/trading",
            "github.event.pull_request.number": "7"}


def begun(root: pathlib.Path, name: str) -> pathlib.Path:
    folder = root / name
    folder.mkdir()
    git(root, folder, "init", "-q")
    write(folder, "src/training/fit.py", "first\n")
    committed(root, folder, "first")
    return folder
