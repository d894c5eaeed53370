"""A command as a whole process: wall time, CPU time and peak memory, as the operating system counted them."""
import os
import subprocess
import sys
import tempfile
import time


class Measured:
    def __init__(self, command, environment=None):
        begun = time.perf_counter()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=err,
                                       env={**os.environ, **(environment or {})})
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.wall = time.perf_counter() - begun
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read().decode(), err.read().decode()
        self.code, self.cpu = process.returncode, usage.ru_utime + usage.ru_stime
        self.peak_mb = usage.ru_maxrss / 1024


def best(times, command, codes=(0,)):
    runs = [Measured(command) for _ in range(times)]
    for run in runs:
        if run.code not in codes:
            sys.exit(f"{' '.join(map(str, command))} ended with {run.code}: {run.err}")
    return min(runs, key=lambda run: run.wall)
