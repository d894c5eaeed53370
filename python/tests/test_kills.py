"""Whatever ends a process, what it was told is emitted is in the store: once, and whole."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable

import pytest
from conftest import Stores

import tristrata
from tristrata.kpi import emit_kpi

SEED = 20240607
ROUNDS = 500 if os.environ.get("TRISTRATA_LONG") else 30

# Emits from three threads, and tells the id of each emit that was acknowledged, in one write.
WRITER = """
import os, signal, sys, threading, time
from tristrata.kpi import emit_kpi

def emit():
    os.write(1, (emit_kpi("m", first=1, second=2, third=3).event_id + "\\n").encode())

def emit_on():
    while True:
        emit()
        time.sleep(0.0003)

ending, after = sys.argv[1], float(sys.argv[2])
emit()
for _ in range(3):
    threading.Thread(target=emit_on, daemon=True).start()
if ending == "killed":
    time.sleep(60)
time.sleep(after)
if ending == "fork":
    if os.fork() == 0:
        for _ in range(5):
            emit()
        os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)
os._exit(0)
"""


def acknowledged_by(ending: str, after: float, environment: dict[str, str]) -> list[str]:
    """Starts a writer, lets it end, or kills it so long after its first emit; the emits that it was told of."""
    with subprocess.Popen([sys.executable, "-c", WRITER, ending, str(after)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env={**os.environ, **environment}) as writer:
        assert writer.stdout and writer.stderr
        ready, _, _ = select.select([writer.stdout], [], [], 60)
        assert ready, "the writer emitted nothing"
        if ending == "killed":
            time.sleep(after)
            writer.send_signal(signal.SIGKILL)
        told, said = writer.communicate(timeout=60)
    assert writer.returncode == (0 if ending == "exit" else -signal.SIGKILL), said.decode()
    lines = told.decode().split("\n")
    assert lines.pop() == ""
    return lines


def missing_of(acknowledged: list[str], stores: Stores) -> list[str]:
    """Which of them are not in the store once everything spooled is carried."""
    missing = acknowledged
    for _ in range(60):
        emit_kpi("carrier", success=True)
        tristrata.close()
        there = {row["emit_id"] for row in stores.kpis()}
        missing = [emit for emit in acknowledged if emit not in there]
        if not missing:
            break
    return missing


@pytest.mark.parametrize("level", ["async", "group"])
def test_no_acknowledged_emit_is_lost_and_none_is_there_in_part(
        spooled: Callable[[str], Stores], level: str) -> None:
    stores = spooled(level)
    draw = random.Random(f"{SEED} {level}")
    acknowledged = []
    for index in range(ROUNDS // 2):
        ending = ("killed", "exit", "fork")[index % 3]
        acknowledged += acknowledged_by(ending, draw.uniform(0.0, 0.05), stores.environment(spool=True, level=level))
    assert len(acknowledged) > ROUNDS
    missing = missing_of(acknowledged, stores)
    assert not missing, f"{len(missing)} of {len(acknowledged)} acknowledged emits are lost"
    parts = Counter(row["emit_id"] for row in stores.kpis() if row["module"] == "m")
    assert set(parts.values()) == {3}, "an emit of three metrics is there in part, or twice"
    assert len({row["event_id"] for row in stores.kpis()}) == len(stores.kpis())
