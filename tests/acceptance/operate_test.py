"""The commands of docs/operate.md, from nothing to an alert, before a real Alertmanager: operate_test.py TRISTRATA
SOURCE"""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TRISTRATA, SOURCE = (pathlib.Path(given).resolve() for given in sys.argv[1:3])

with contextlib.ExitStack() as stack:
    folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
    alertmanager = subprocess.Popen([sys.executable, SOURCE / "tests/servers/alertmanager.py"], text=True,
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert alertmanager.stdin is not None and alertmanager.stdout is not None
    stack.callback(alertmanager.wait)
    stack.callback(alertmanager.stdin.close)
    url = json.loads(alertmanager.stdout.readline())["url"]
    blocks = re.findall(r"^```sh\n(.*?)^```", (SOURCE / "docs/operate.md").read_text(), re.MULTILINE | re.DOTALL)
    commands = "\n".join(blocks).replace("http://127.0.0.1:9093", url)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "TRISTRATA_"))}
    environment |= {"PATH": f"{TRISTRATA.parent}:{os.environ['PATH']}", "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=folder, text=True, capture_output=True,
                          env=environment, timeout=300, check=False)
    said = done.stdout + done.stderr
    log = (folder / "serve.log").read_text() if (folder / "serve.log").exists() else ""
    expected = ["1 Alertmanager takes alerts", 'module="scores"', "drift_data_quality", "route models", "I am looking",
                "is acked by eve"]
    missing = [words for words in expected if words not in said]
    if "volume_drift" in said:
        missing.append("a story without a window in which nothing reported")
    if done.returncode != 0 or missing or "settings were read anew" not in log or len(blocks) != 8:
        sys.exit(f"exit {done.returncode}, missing {missing} in:\n{said}\n{log}")
print("from nothing to an alert, and answered")
