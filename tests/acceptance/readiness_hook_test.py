"""The hook of deploy/git, as git runs it: readiness_hook_test.py TRISTRATA SOURCE"""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from gated_repository import (PLAN, STORY, committed, configured, environment, failures, git, inherited,  # noqa: E402
                              right, source, write, wrong)


def hooked(root: pathlib.Path, name: str) -> pathlib.Path:
    folder = root / name
    folder.mkdir()
    git(root, folder, "init", "-q")
    target = folder / ".git/hooks/pre-commit"
    target.write_bytes((source / "deploy/git/pre-commit").read_bytes())
    target.chmod(0o755)
    return folder


def hook(root: pathlib.Path) -> None:
    folder = hooked(root, "hooked")
    write(folder, "README.md", "# x\n")
    git(root, folder, "add", "-A")
    if "readiness" in git(root, folder, "commit", "-qm", "no plan"):
        failures.append("the hook speaks of a commit without a plan")
    write(folder, PLAN, wrong)
    git(root, folder, "add", "-A")
    write(folder, PLAN, right)  # What is staged counts, not what lies there.
    if "RDY601" not in git(root, folder, "commit", "-qm", "a plan"):
        failures.append("the hook does not say what the staged plan lacks")
    git(root, folder, "config", "readiness.enforce", "true")
    write(folder, PLAN, wrong + "\n")
    git(root, folder, "add", "-A")
    if "RDY601" not in git(root, folder, "commit", "-qm", "again", code=1):
        failures.append("the hook does not refuse where it should")
    write(folder, PLAN, right.replace("Filled on: 2026-05-02", "Filled on: 2026-05-03"))
    git(root, folder, "add", "-A")
    if "ready" not in git(root, folder, "commit", "-qm", "right"):
        failures.append("the hook refuses a right plan")

    # Of a light plan the sections that it records are asked for.
    light = right.replace("Owner: @maria", "Owner: @maria\nSections asked for: §1, §2, §5, §6")
    light = light[:light.index("## 3. ")] + light[light.index("## 5. "):]
    write(folder, PLAN, light)
    git(root, folder, "add", "-A")
    said = git(root, folder, "commit", "-qm", "light")
    if "asked for by line 5 of the plan" not in said or "RDY300" in said or "RDY400" in said:
        failures.append(f"the hook asks a light plan for what it need not have: {said}")

    # It goes where the staged policy says, and is in nobody's way with what cannot be read, unless it is to refuse.
    write(folder, "readiness.scope.toml", '# x\nstories = "plans"\n[minima]\nshadow_days = 7\n')
    write(folder, f"plans/{STORY}/mlops_readiness.md", wrong)
    git(root, folder, "add", "-A")
    if "RDY601" not in git(root, folder, "commit", "-qm", "plans elsewhere", code=1):
        failures.append("the hook does not follow stories = of readiness.scope.toml")
    (folder / f"plans/{STORY}/mlops_readiness.md").write_bytes(right.encode("utf-16"))
    git(root, folder, "add", "-A")
    git(root, folder, "commit", "-qm", "no UTF-8", code=1)
    git(root, folder, "config", "readiness.enforce", "false")
    if "UTF-16" not in git(root, folder, "commit", "-qm", "no UTF-8"):
        failures.append("the hook does not say what it cannot read")


def hook_in_doubt(root: pathlib.Path) -> None:
    """What the hook is to judge it judges however it is written, and refuses where it cannot tell."""
    folder = hooked(root, "doubtful")
    git(root, folder, "config", "readiness.enforce", "true")
    write(folder, PLAN, right)
    committed(root, folder, "right")
    (folder / PLAN).unlink()
    (folder / PLAN).symlink_to("/etc/passwd")
    git(root, folder, "add", "-A")
    if "is no regular file" not in git(root, folder, "commit", "-qm", "a link", code=1):
        failures.append("the hook lets a plan become a link")
    git(root, folder, "reset", "-q", "--hard")
    for written, place in (('"stories" = "my plans"', "my plans"), ("stories = '''my plans'''", "my plans"),
                           ('stories = "my\\u0020plans"', "my plans"), ('stories = "pl[a]ns"', "pl[a]ns"),
                           ('stories = ":x"', ":x"), ('stories = ":(top)x"', ":(top)x"), ('stories = "p*?"', "p*?")):
        write(folder, "readiness.scope.toml", written + "\n")
        write(folder, f"{place}/{STORY}/mlops_readiness.md", wrong)
        git(root, folder, "add", "-A")
        if f"{place}/{STORY}/mlops_readiness.md" not in git(root, folder, "commit", "-qm", "elsewhere", code=1):
            failures.append(f"the hook does not follow {written}")
    if "RDY601" not in git(root, folder, "--literal-pathspecs", "commit", "-qm", "elsewhere", code=1):
        failures.append("the hook sees no plan where git takes paths literally")
    write(folder, "readiness.scope.toml", "stories = 7\n")
    git(root, folder, "add", "-A")
    if "could not be told" not in git(root, folder, "commit", "-qm", "where?", code=1):
        failures.append("the hook passes what it cannot find")
    git(root, folder, "config", "readiness.enforce", "perhaps")
    if "neither true nor false" not in git(root, folder, "commit", "-qm", "perhaps", code=1):
        failures.append("the hook passes where readiness.enforce says nothing")


def hook_without_the_program(root: pathlib.Path) -> None:
    """Says so, and is in nobody's way unless it is to refuse."""
    folder = hooked(root, "alone")
    write(folder, PLAN, wrong)
    git(root, folder, "add", "-A")
    more = environment(root) | {"PATH": os.pathsep.join(
        path for path in inherited["PATH"].split(os.pathsep) if not (pathlib.Path(path) / "tristrata").exists())}
    for enforce, code in (("true", 1), ("false", 0)):
        git(root, folder, "config", "readiness.enforce", enforce)
        done = subprocess.run(["git", "commit", "-qm", "a plan"], cwd=folder, capture_output=True, text=True, env=more,
                              timeout=60)
        if done.returncode != code or "no tristrata on the PATH" not in done.stderr:
            failures.append(f"the hook without the program: exit {done.returncode}, not {code}: {done.stderr}")


for part in (hook, hook_in_doubt, hook_without_the_program):
    with tempfile.TemporaryDirectory() as temporary:
        configured(pathlib.Path(temporary))
        part(pathlib.Path(temporary))
print("\n".join(failures) or "the hook judges what is staged")
sys.exit(bool(failures))
