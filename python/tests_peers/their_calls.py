"""The calls that stand on the left of docs/python/coming_from.md run as they stand: their_calls.py evidently|nannyml

Runs in the environment of the one that is named (build/env-evidently, build/env-nannyml).
"""
import os
import pathlib
import re
import sys
import tempfile

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "python" / "coming_from.md"

text = PAGE.read_text()
tables = re.search(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
calls = re.findall(rf"^```py {sys.argv[1]}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
assert tables and calls, f"no call of {sys.argv[1]} was found in {PAGE}"
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    variables = {}
    for block in [tables.group(1), *calls]:
        exec(compile(block, PAGE.name, "exec"), variables)
print(f"{len(calls)} calls of {sys.argv[1]} ran")
