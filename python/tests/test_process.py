"""Threads, forks, spawned processes and the end of the interpreter."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import Stores

import tristrata
from tristrata.kpi import emit_kpi

Spooled = Callable[[str], Stores]


def test_a_program_that_goes_to_another_folder_keeps_its_spool_and_stores(stores: Stores) -> None:
    program = """
import os, tristrata
from tristrata.kpi import emit_kpi, query_kpi
os.environ["TRISTRATA_SPOOL"], os.environ["TRISTRATA_KPI_URL"] = "spool", "sqlite:///kpi.db"
tristrata.init_store("kpi")
emit_kpi("m", x=1)
os.mkdir("other"); os.chdir("other")
emit_kpi("m", x=2)
tristrata.close()
os.chdir("..")
print(len(query_kpi("m")), os.listdir("other"))
"""
    (stores.folder / "run").mkdir()
    ran = subprocess.run([sys.executable, "-c", program], cwd=stores.folder / "run", check=True,
                         capture_output=True, text=True)
    assert ran.stdout == "2 []\n"


def test_eight_threads_lose_nothing(spooled: Spooled) -> None:
    stores = spooled("async")
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(lambda: [emit_kpi("m", x=i) for i in range(250)]) for _ in range(8)]:
            done.result()
    tristrata.close()
    assert len(stores.kpis()) == 2000


def test_other_threads_run_while_a_call_waits_for_the_disk(spooled: Spooled) -> None:
    spooled("sync")
    counted = 0
    stop = threading.Event()

    def count() -> None:
        nonlocal counted
        while not stop.is_set():
            counted += 1

    counting = threading.Thread(target=count)
    counting.start()
    for _ in range(20):
        assert emit_kpi("m", x=1).durability == "disk"
    stop.set()
    counting.join()
    assert counted > 0


def test_tasks_of_asyncio(spooled: Spooled) -> None:
    stores = spooled("async")

    async def node(index: int) -> None:
        await asyncio.sleep(0)
        emit_kpi("m", x=index)

    async def graph() -> None:
        await asyncio.gather(*(node(i) for i in range(100)))

    asyncio.run(graph())
    tristrata.close()
    assert sorted(row["metric_value"] for row in stores.kpis()) == list(range(100))
    assert {row["tags"]["caller_module"] for row in stores.kpis()} == {__name__}


def test_levels_and_the_barrier(spooled: Spooled) -> None:
    spooled("async")
    assert emit_kpi("m", x=1).durability == "process"
    tristrata.flush()
    spooled("group")
    assert emit_kpi("m", x=1).durability == "disk"
    tristrata.close()
    tristrata.flush()  # nothing is open


def test_a_forked_child_goes_on(spooled: Spooled) -> None:
    stores = spooled("async")
    emit_kpi("m", x=0)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            emit_kpi("m", x=1)
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    emit_kpi("m", x=2)
    tristrata.close()
    assert sorted(row["metric_value"] for row in stores.kpis()) == [0, 1, 2]
    assert len({row["event_id"] for row in stores.kpis()}) == 3


POOLS = """
import multiprocessing, sys
from tristrata.kpi import emit_kpi

if __name__ == "__main__":
    emit_kpi("parent", x=1)
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        for done in [pool.apply_async(emit_kpi, ("child",), {"x": i}) for i in range(10)]:
            assert done.get(60).stored == 1
"""


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_pool_of_processes(stores: Stores, start: str) -> None:
    # From a file: a spawned child imports it.
    (stores.folder / "pools.py").write_text(POOLS)
    stores.run("import subprocess, sys; subprocess.run([sys.executable, 'pools.py', sys.argv[1]], check=True)", start)
    stores.run("import tristrata.kpi; tristrata.kpi.emit_kpi('m', x=1)")  # and carries what was left
    children = [row for row in stores.kpis() if row["module"] == "child"]
    assert sorted(row["metric_value"] for row in children) == list(range(10))


def test_what_is_spooled_goes_out_at_the_end(stores: Stores) -> None:
    stores.run("from tristrata.kpi import emit_kpi\nfor i in range(100): emit_kpi('m', x=i)", level="async")
    assert len(stores.kpis()) == 100


LATE = """
import atexit
atexit.register(lambda: emit_kpi("m", from_handler=1))
from tristrata.kpi import emit_kpi
class Run:
    def __del__(self):
        emit_kpi("m", from_destructor=1)
run = Run()
emit_kpi("m", from_program=1)
"""


@pytest.mark.parametrize("spool", [False, True])
def test_calls_while_the_interpreter_ends(stores: Stores, spool: bool) -> None:
    done = stores.run(LATE, spool=spool)
    assert "Error" not in done.stderr
    assert [row["metric_name"] for row in stores.kpis()] == ["from_program", "from_handler", "from_destructor"]


DAEMONS = """
import threading, time
from tristrata.kpi import emit_kpi
def forever():
    while True:
        emit_kpi("m", x=1)
for _ in range(4):
    threading.Thread(target=forever, daemon=True).start()
time.sleep(0.2)
"""


@pytest.mark.parametrize("level", ["async", "group"])
def test_daemon_threads_do_not_abort_the_end(stores: Stores, level: str) -> None:
    for _ in range(3):
        # What a busy machine does not carry within the end's two seconds waits in the spool, and is said.
        said = stores.run(DAEMONS, level=level).stderr.splitlines()
        assert [line for line in said if "records wait" not in line] == []


LOGGING_DAEMON = """
import atexit, time
atexit.register(time.sleep, 0.5)  # runs after the package's own handler
import logging, os, threading
from tristrata.kpi import emit_kpi
class Slow(logging.Handler):
    def emit(self, record):
        time.sleep(2)  # lets go of the GIL, and the interpreter ends meanwhile
logging.getLogger("tristrata").addHandler(Slow())
os.environ["TRISTRATA_KPI_URL"] = "postgresql://nobody@127.0.0.1:1/none"
def forever():
    while True:
        emit_kpi("m", x=1)
threading.Thread(target=forever, daemon=True).start()
time.sleep(0.2)
"""


def test_a_notice_in_a_daemon_thread_does_not_abort_the_end(stores: Stores) -> None:
    for _ in range(4):
        assert stores.run(LOGGING_DAEMON).stderr == ""


def test_a_store_that_is_not_there_holds_up_nothing(spooled: Spooled, caplog: pytest.LogCaptureFixture,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    spooled("group")
    monkeypatch.setenv("TRISTRATA_KPI_URL", "postgresql://nobody@127.0.0.1:1/none")
    tristrata.close()
    with caplog.at_level(logging.WARNING, logger="tristrata"):
        assert emit_kpi("m", x=1).durability == "disk"
        tristrata.close()
    assert any("kpi records wait" in record.message for record in caplog.records)


def test_an_interrupt_is_raised_once_the_call_is_done(spooled: Spooled) -> None:
    stores = spooled("sync")
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    interrupted: list[int] = []
    previous = signal.signal(signal.SIGALRM, lambda *_: interrupted.append(1))
    try:
        emitted = 0
        while not interrupted:
            emit_kpi("m", x=1)
            emitted += 1
    finally:
        signal.signal(signal.SIGALRM, previous)
    tristrata.close()
    assert len(stores.kpis()) == emitted


# What the limit of pids of a container does: a stack of that size is never to be had.
WITHOUT_THREADS = """
import os, resource, sys
if "started" not in os.environ:
    resource.setrlimit(resource.RLIMIT_STACK, (120 << 40, resource.RLIM_INFINITY))
    once = {**os.environ, "started": "", "OPENBLAS_NUM_THREADS": "1"}
    os.execve(sys.executable, [sys.executable, "-c", PROGRAM], once)
"""
EMITS_AND_CHECKS = """
import threading, tristrata
from tristrata.kpi import emit_kpi
from tristrata.otel import emit_event
try:
    threading.Thread(target=print).start()
except RuntimeError as error:
    assert "new thread" in str(error)
else:
    raise SystemExit("there are threads")
for _ in range(2):
    try:
        emit_kpi("m", x=1)
    except OSError as error:
        print(error)
print(emit_event("training_fold_complete", run_id="r", crypto="BTC", fold_id=1).failure)
print(tristrata.check({"a": [float(i) for i in range(500)]}, {"a": [float(i % 7) for i in range(500)]}).drifted)
"""


@pytest.mark.parametrize("level", ["async", "group"])
def test_a_process_that_may_have_no_more_threads(stores: Stores, level: str) -> None:
    program = f"PROGRAM = {EMITS_AND_CHECKS!r}\n{WITHOUT_THREADS}"
    emitted, again, event, drifted = stores.run(program, level=level).stdout.splitlines()
    assert emitted.startswith("no thread can be started") and again == emitted and event == emitted
    assert drifted == "['a']"


CHECKING_DAEMONS = """
import numpy, threading, time, tristrata
table = {f"x{i}": numpy.random.default_rng(i).normal(size=100_000) for i in range(4)}
def forever():
    while True:
        tristrata.check(table, table).to_html()
for _ in range(2):
    threading.Thread(target=forever, daemon=True).start()
time.sleep(0.3)
"""


def test_a_check_in_a_daemon_thread_does_not_abort_the_end(stores: Stores) -> None:
    for _ in range(4):
        stores.run(CHECKING_DAEMONS)


def test_an_interrupt_in_a_handler_of_notices_is_the_program_s(stores: Stores) -> None:
    class Interrupted(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise KeyboardInterrupt

    handler = Interrupted()
    logging.getLogger("tristrata").addHandler(handler)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TRISTRATA_SPOOL", str(stores.spool))
            patch.delenv("TRISTRATA_KPI_URL")
            tristrata.close()
            with pytest.raises(KeyboardInterrupt):
                emit_kpi("m", x=1)
    finally:
        logging.getLogger("tristrata").removeHandler(handler)


def test_a_handler_of_notices_may_close_the_session(stores: Stores) -> None:
    program = """
import logging, os, time, tristrata
from tristrata.kpi import emit_kpi
class Closing(logging.Handler):
    def emit(self, record):
        tristrata.close()
logging.getLogger("tristrata").addHandler(Closing())
del os.environ["TRISTRATA_KPI_URL"]
begun = time.monotonic()
emit_kpi("m", x=1)
print(time.monotonic() - begun < 5)
"""
    assert stores.run(program).stdout == "True\n"


def test_a_sub_interpreter_is_refused(stores: Stores) -> None:
    program = """
import _xxsubinterpreters as interpreters
from tristrata.kpi import emit_kpi
emit_kpi("m", x=1)
made = interpreters.create()
try:
    interpreters.run_string(made, "import tristrata")
except interpreters.RunFailedError as error:
    print(error)
print(emit_kpi("m", x=2).durability)
"""
    if sys.version_info[:2] == (3, 11):  # Later ones do not load such an extension there.
        told = stores.run(program).stdout
        assert "main interpreter" in told and told.endswith("disk\n"), told


HOST = """
import os, time, tristrata
from tristrata import _core
def tell():
    begun = time.monotonic()
    try:
        _core.emit_host_kpi("host", {}, "m", "r", "n", None, True, None, None, None, {"x": 1.0})
        return "emitted"
    except OSError as error:
        return str(error)
good, os.environ["TRISTRATA_SPOOL"] = os.environ["TRISTRATA_SPOOL"], "/proc/no_spool"
print(tell())
print(tell())
os.environ["TRISTRATA_SPOOL"] = good
tristrata.close()
time.sleep(1.1)
print(tell())
print(tell())
"""


def test_a_host_waits_for_a_spool_that_fails_once_a_second_and_more_seldom(stores: Stores) -> None:
    failed, not_tried, *emitted = stores.run(HOST).stdout.splitlines()
    assert "/proc/no_spool" in failed
    assert not_tried.startswith("not tried, for 1 s more: an emit failed just now: ") and "/proc/no_spool" in not_tried
    assert emitted == ["emitted", "emitted"]
