"""A command as a whole process: wall time, CPU time and peak memory, as the operating system counted them."""
import os
import subprocess
import sys
import tempfile
import threading
import time


class Measured:
    """With `limit_s` the process is killed when that has passed; `timed_out` says so, and what was counted stands."""

    def __init__(self, command, environment=None, limit_s=None):
        begun = time.perf_counter()
        self.timed_out = False
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=err,
                                       env={**os.environ, **(environment or {})})
            clock = threading.Timer(limit_s or 0, self._stop, [process])
            if limit_s:
                clock.start()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            clock.cancel()
            self.wall = time.perf_counter() - begun
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read().decode(), err.read().decode()
        self.code, self.cpu = process.returncode, usage.ru_utime + usage.ru_stime
        self.peak_mb = usage.ru_maxrss / 1024

    def _stop(self, process):
        self.timed_out = True
        process.kill()


def ended_well(run, command, codes=(0,)):
    if run.code not in codes:
        sys.exit(f"{' '.join(map(str, command))} ended with {run.code}: {run.err}")
    return run


def best(times, command, codes=(0,)):
    runs = [ended_well(Measured(command), command, codes) for _ in range(times)]
    return min(runs, key=lambda run: run.wall)
