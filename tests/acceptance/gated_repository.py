"""A repository of one's own with a plan in it, for the tests of what deploy/ offers: its folder, its environment, git
in it, and what failed. Their arguments: TRISTRATA SOURCE"""
import datetime
import os
import pathlib
import subprocess
import sys

tristrata, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()


def of_today(text: str) -> str:
    """The days of a plan, with the shadow over and the full rollout still to come."""
    for day, days in (("2026-05-04", -8), ("2026-05-11", -1), ("2026-05-25", 1), ("2026-08-23", 91)):
        text = text.replace(day, str(datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days)))
    return text


right = of_today((source / "tests/golden/readiness/right.md").read_text(encoding="utf-8"))
wrong = right.replace("- DRI: @maria\n", "")
STORY = "CVN-N001-EF-S07"
PLAN = f"documentation/stories/{STORY}/mlops_readiness.md"
failures: list[str] = []
inherited = {key: value for key, value in os.environ.items() if not key.startswith(("TRISTRATA_", "GIT_"))}


def environment(root: pathlib.Path) -> dict[str, str]:
    return inherited | {"PATH": f"{root / 'bin'}:{tristrata.parent}:{inherited['PATH']}", "HOME": str(root),
                        "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_CONFIG_GLOBAL": str(root / "gitconfig")}


def configured(root: pathlib.Path) -> None:
    """What git takes for the user's own."""
    (root / "gitconfig").write_text("[user]\n name = Maria Silva\n email = maria@example.com\n"
                                    "[init]\n defaultBranch = main\n")


def git(root: pathlib.Path, folder: pathlib.Path, *words: str, code: int = 0) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, env=environment(root),
                          timeout=60)
    if done.returncode != code:
        failures.append(f"git {words}: exit {done.returncode}, not {code}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def write(folder: pathlib.Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def committed(root: pathlib.Path, folder: pathlib.Path, what: str) -> None:
    git(root, folder, "add", "-A")
    git(root, folder, "commit", "-qm", what)
