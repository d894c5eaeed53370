"""Tristrata as an operator has it, for tests and benchmarks: a real PostgreSQL with a user for each task, a real
Alertmanager, a place for signed webhooks, and `tristrata serve` over them. Each can be killed and started again."""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import typing
import urllib.error
import urllib.request

SERVERS = pathlib.Path(__file__).resolve().parent
ROLES = {"pipeline": "kpi_writer", "checker": "drift_writer", "duty": "responder", "dashboard": "grafana_reader"}
SETTINGS = {"KPI_URL": "pipeline", "DRIFT_URL": "checker", "RESPONSE_URL": "duty", "READ_URL": "dashboard"}
SECRET = "a secret of tests"
SECONDS_MAX = 120.0


def until(condition: typing.Callable[[], object], seconds: float = SECONDS_MAX, step: float = 0.1) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(step)
    return bool(condition())


class Server:
    """A program of this folder: a line of JSON when it is ready, then a word a line."""

    def __init__(self, stack: contextlib.ExitStack, name: str, *arguments: str) -> None:
        self.process = subprocess.Popen([sys.executable, SERVERS / f"{name}.py", *arguments], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        stack.callback(self.stop)
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        if not said:
            raise SystemExit(f"{name} did not start; what it said stands above")
        self.said: dict[str, typing.Any] = json.loads(said)

    def ask(self, word: str) -> str:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{word}: the server is gone; what it said stands above")
        return answer

    def stop(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Watched:
    def __init__(self, tristrata: pathlib.Path, folder: pathlib.Path, stack: contextlib.ExitStack,
                 webhook: bool = False) -> None:
        self.tristrata, self.folder, self.stack = tristrata, folder, stack
        self.postgres = Server(stack, "postgres")
        self.alertmanager = Server(stack, "alertmanager")
        self.hook = Server(stack, "hook", SECRET) if webhook else None
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.startswith(("TRISTRATA_", "OTEL_"))}
        self.environment |= {"TRISTRATA_ENVIRONMENT": "test", "NO_PROXY": "127.0.0.1",
                             "TRISTRATA_SPOOL": str(folder / "spool")}
        place = f"127.0.0.1:{self.postgres.said['port']}/postgres"
        urls = {f"TRISTRATA_{setting}": f"postgresql://{user}:word@{place}" for setting, user in SETTINGS.items()}
        self.run("store", "init", "--accept", "plain",
                 environment=self.environment | urls | {"TRISTRATA_ADMIN_URL": self.postgres.said["url"]})
        self.sql(" ".join(f"CREATE ROLE {user} LOGIN PASSWORD 'word' IN ROLE {role};"
                          for user, role in ROLES.items()))
        self.operator = self.environment | urls | {"TRISTRATA_ALERTMANAGER_URL": self.alertmanager.said["url"]}
        if self.hook:
            self.operator |= {"TRISTRATA_WEBHOOK_URL": self.hook.said["url"], "TRISTRATA_WEBHOOK_SECRET": SECRET}
        self.serving: subprocess.Popen[str] | None = None
        self.url = ""

    def run(self, *words: str | pathlib.Path, environment: dict[str, str] | None = None) -> str:
        done = subprocess.run([self.tristrata, *words], env=environment or self.operator, cwd=self.folder, text=True,
                              capture_output=True, timeout=300, check=False)
        if done.returncode != 0:
            raise SystemExit(f"tristrata {' '.join(map(str, words))} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def psql(self) -> list[str]:
        said = self.postgres.said
        return ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", said["folder"], "-p",
                str(said["port"]), "-U", "postgres"]

    def sql(self, statement: str) -> str:
        done = subprocess.run([*self.psql(), "-c", statement], capture_output=True, text=True, check=False,
                              env={"PATH": os.environ["PATH"], "PGPASSWORD": self.postgres.said["password"]})
        if done.returncode != 0:
            raise SystemExit(f"psql: {done.stderr}")
        return done.stdout.strip()

    def serve(self, *words: str) -> None:
        """Starts it; where it runs, nothing. What it says is added to serve.log."""
        if self.serving is not None:
            return
        with (self.folder / "serve.log").open("a") as log:
            self.serving = subprocess.Popen([self.tristrata, "serve", "--listen", "127.0.0.1:0", "--log-format",
                                             "json", *words], env=self.operator, cwd=self.folder, text=True,
                                            stdout=subprocess.PIPE, stderr=log)
        self.stack.callback(self.end_serve, signal.SIGKILL)
        assert self.serving.stdout is not None
        self.url = self.serving.stdout.readline().strip()
        if not self.url:
            raise SystemExit((self.folder / "serve.log").read_text()[-3000:])

    def end_serve(self, how: int = signal.SIGKILL) -> None:
        if self.serving is not None:
            self.serving.send_signal(how)
            self.serving.wait()
            assert self.serving.stdout is not None
            self.serving.stdout.close()
            self.serving = None

    def get(self, path: str) -> str:
        try:
            with urllib.request.urlopen(self.url + path, timeout=30) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as refused:
            return refused.read().decode()

    def figures(self) -> dict[str, float]:
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in self.get("/metrics").splitlines() if not line.startswith("#"))}

    def alerts(self) -> list[dict[str, typing.Any]]:
        """What Alertmanager lists now."""
        return list(json.loads(self.alertmanager.ask("alerts")))

    def told(self) -> list[dict[str, typing.Any]]:
        """What came to the webhook since the last call: {"genuine": ..., "id": ..., "body": {...}}."""
        assert self.hook is not None
        came = json.loads(self.hook.ask("tell"))
        return [one | {"body": json.loads(one["body"])} for one in came]
