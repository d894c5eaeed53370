"""Labels like the user's own patterns stand nowhere in the clear: sensitive_test.py TRISTRATA"""
import pathlib
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="sensitive_"))
failures = []


def run(words, patterns):
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(FOLDER)}
    if patterns:
        environment["TRISTRATA_SENSITIVE"] = patterns
    return subprocess.run([pathlib.Path(sys.argv[1]).resolve(), *words.split()], capture_output=True, cwd=FOLDER,
                          env=environment, timeout=60)


for name, offset in (("a.csv", 0), ("b.csv", 1)):
    rows = "".join(f"TICKET-{7 + (row + offset) % 3},TICKET-{7 + row % 3}\n" for row in range(600))
    (FOLDER / name).write_text("ticket,y_pred\n" + rows)
(FOLDER / "own.toml").write_text('[patterns]\nticket = "TICKET-[0-9]+"\n')
(FOLDER / "bad.toml").write_text('[patterns]\nticket = "("\n')

for words in ("drift check a.csv b.csv --format json", "drift check a.csv b.csv --format html",
              "drift check a.csv b.csv",
              "drift check a.csv b.csv --by ticket --format json", "drift profile a.csv -o a.profile",
              "drift check --profile a.profile b.csv --format json",
              "quality check a.csv b.csv --y-true ticket --format json"):
    shown = {}
    for patterns in ("", "own.toml"):
        done = run(words, patterns)
        if done.returncode not in (0, 1):
            failures.append(f"{words} with '{patterns}': exit {done.returncode}: {done.stderr.decode()}")
        profile = FOLDER / "a.profile"
        shown[patterns] = b"TICKET" in done.stdout + done.stderr + (profile.read_bytes() if "-o" in words else b"")
    if shown["own.toml"]:
        failures.append(f"{words}: a label stands in the clear")
    if not shown[""] and "--profile" not in words:
        failures.append(f"{words}: no label is shown without the pattern, so this test would show nothing")
    refused = run(words, "bad.toml")
    if refused.returncode != 2 or b"bad.toml" not in refused.stderr or b"ticket" not in refused.stderr:
        failures.append(f"{words}: with a pattern that is none: exit {refused.returncode}: {refused.stderr.decode()}")
print("\n".join(failures) or "no label was shown")
sys.exit(bool(failures))
