"""The program as the packagings start it."""
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import typing
import urllib.error
import urllib.request

SECONDS_MAX = 30.0
failures: list[str] = []


def report(done: str) -> typing.NoReturn:
    print("\n".join(failures) or done)
    sys.exit(bool(failures))


def known_settings(tristrata: pathlib.Path) -> set[str]:
    """Every setting that the program reads, and the twins of those that are secrets."""
    done = subprocess.run([tristrata, "doctor", "--format", "json"], capture_output=True, text=True, cwd="/",
                          env={"PATH": os.environ["PATH"]}, timeout=60)
    names = {entry["setting"] for entry in json.loads(done.stdout)["settings"]}
    assert len(names) > 10, names
    # A variable that is known has no note; so it is the program that says which have a twin.
    twins = {f"{name}_FILE" for name in names if name.startswith("TRISTRATA_")}
    asked = subprocess.run([tristrata, "doctor", "--format", "json"], capture_output=True, text=True, cwd="/",
                           env={"PATH": os.environ["PATH"], **dict.fromkeys(twins, "")}, timeout=60)
    unknown = {entry["variable"] for entry in json.loads(asked.stdout)["unknown_variables"]}
    assert "TRISTRATA_SPOOL_FILE" in unknown and "TRISTRATA_KPI_URL_FILE" not in unknown, unknown
    return names | (twins - unknown)


def settings_in(text: str) -> set[str]:
    return set(re.findall(r"\bTRISTRATA_[A-Z_]+\b", text))


def until(condition: typing.Callable[[], bool]) -> bool:
    end = time.monotonic() + SECONDS_MAX
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


class Receiver:
    """A server of tests/servers: its URL, and what it answers to a word."""

    def __init__(self, file: pathlib.Path, *arguments: str) -> None:
        self.process = subprocess.Popen([sys.executable, file, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdin is not None and self.process.stdout is not None
        self.input, self.output = self.process.stdin, self.process.stdout
        self.url = str(json.loads(self.output.readline())["url"])

    def ask(self, word: str) -> typing.Any:
        self.input.write(word + "\n")
        self.input.flush()
        return json.loads(self.output.readline())

    def stop(self) -> None:
        self.input.close()
        self.process.wait(timeout=SECONDS_MAX)


class Serving:
    """tristrata serve as a process; its URL is what it prints."""

    def __init__(self, tristrata: pathlib.Path, arguments: list[str], environment: dict[str, str],
                 folder: pathlib.Path, identity: typing.Optional[dict[str, typing.Any]] = None) -> None:
        self.log = folder / "serve.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([tristrata, *arguments], text=True, env=environment, cwd=folder,
                                            stdout=subprocess.PIPE, stderr=log, **identity or {})
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code
        except (OSError, ValueError):
            return 0

    def stop(self, signal_number: int, seconds: float) -> int:
        self.process.send_signal(signal_number)
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return -9
