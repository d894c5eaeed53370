"""Every shell example of the manual's pages runs and succeeds, and prints what the page shows as its output:
manual_test.py TRISTRATA SOURCE"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

tristrata, source = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
failures, examples = [], 0

for page in sorted((source / "docs").glob("*.md")):
    # What begins with the binary, a variable of its, or a loop that makes input. How to clone and build is proven by
    # this test being run.
    blocks = [block for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
              if block.startswith(("tristrata ", "export TRISTRATA_", "for "))]
    if not blocks:
        continue
    examples += len(blocks)
    shown = "".join(re.findall(r"^```output\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)).splitlines()
    with tempfile.TemporaryDirectory() as folder:
        for needed in ("deploy", "examples", "tests"):
            pathlib.Path(folder, needed).symlink_to(source / needed)
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("TRISTRATA_")}
        done = subprocess.run(["bash", "-exuo", "pipefail", "-c", "\n".join(blocks)], cwd=folder, timeout=300,
                              capture_output=True, text=True,
                              env={**inherited, "PATH": f"{tristrata.parent}:{inherited['PATH']}"})
        if done.returncode != 0:
            failures.append(f"{page.name}: exit {done.returncode}\n{done.stderr}")
        failures.extend(f"{page.name}: no '{line}' in what its commands print" for line in shown
                        if line not in done.stdout.splitlines())
if examples < 5:
    failures.append(f"only {examples} examples were found in the manual")
print("\n".join(failures) or f"{examples} examples of the manual ran")
sys.exit(1 if failures else 0)
