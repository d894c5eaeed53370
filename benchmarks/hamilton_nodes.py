"""What the Hamilton adapter adds to a node: hamilton_nodes.py [--small]

Runs in build/env-hamilton with the package on PYTHONPATH. A wrong answer fails the run, a figure does not."""
import argparse
import os
import sqlite3
import sys
import tempfile
import time
import types

from hamilton import driver

import tristrata
from tristrata.hamilton import TristrataAdapter
from tristrata.kpi import emit_kpi


def chain(nodes):
    """A module of trivial nodes, each adding one to the node before it."""
    made = types.ModuleType("chain")
    text = "def n0() -> int:\n    return 0\n"
    text += "".join(f"def n{i}(n{i - 1}: int) -> int:\n    return n{i - 1} + 1\n" for i in range(1, nodes))
    exec(text, made.__dict__)
    sys.modules["chain"] = made  # where Hamilton looks for what a function belongs to
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    nodes, turns = (50, 3) if parser.parse_args().small else (500, 150)
    module, last = chain(nodes), f"n{nodes - 1}"
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(TRISTRATA_KPI_URL=f"sqlite:///{folder}/kpi.db", TRISTRATA_SPOOL=f"{folder}/spool",
                          TRISTRATA_SPOOL_LEVEL="async")
        tristrata.init_store("kpi")
        plain = driver.Builder().with_modules(module).build()
        adapter = TristrataAdapter(run_id="r", module="chain")
        watched = driver.Builder().with_modules(module).with_adapters(adapter).build()

        def spent(dr):
            begun = time.perf_counter()
            assert dr.execute([last])[last] == nodes - 1
            return 1e6 * (time.perf_counter() - begun) / nodes

        best = [min(both) for both in zip(*((spent(plain), spent(watched)) for _ in range(turns)))]
        print(f"Hamilton, {nodes} trivial nodes: {best[0]:.1f} us a node, with the adapter {best[1]:.1f} us: "
              f"{best[1] - best[0]:.1f} us more (20 at most)")
        kept = 0
        for _ in range(60):  # Each close carries for two seconds.
            emit_kpi("carrier", success=True)
            tristrata.close()
            with sqlite3.connect(f"{folder}/kpi.db") as store:
                kept = store.execute("SELECT count(*) FROM events WHERE dag_node IS NOT NULL").fetchone()[0]
            if kept == turns * nodes:
                break
        assert kept == turns * nodes, f"{kept} of {turns * nodes} nodes are in the store"


if __name__ == "__main__":
    main()
