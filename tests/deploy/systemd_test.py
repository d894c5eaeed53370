"""The units as systemd reads them, and what they start, started as they say: systemd_test.py TRISTRATA SOURCE"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import typing

from serving import Serving, failures, known_settings, report, settings_in, until

TRISTRATA, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
UNITS = SOURCE / "deploy/systemd"
INSTALLED = "/opt/tristrata/bin/tristrata"
EXPOSURE_MAX = 15  # of 100, as systemd-analyze counts


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


def verify(folder: pathlib.Path, text: str, drop_ins: dict[str, str]) -> str:
    """What systemd has to say about a unit with these drop-ins, of a program that is there."""
    beside = folder / "tristrata.service.d"
    beside.mkdir(parents=True)
    (folder / "tristrata.service").write_text(text.replace(INSTALLED, "/bin/true"))
    for name, content in drop_ins.items():
        (beside / name).write_text(content.replace(INSTALLED, "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", folder / "tristrata.service"], capture_output=True,
                          text=True, timeout=60, env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"})
    return done.stdout + done.stderr + (f"exit {done.returncode}" if done.returncode else "")


def entries(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", ";", "["))]
    return [(key, value) for key, _, value in (line.partition("=") for line in lines)]


def joined(*texts: str) -> dict[str, list[str]]:
    """Keys and values of a unit and its drop-ins, as systemd joins them: an empty value takes back what was said."""
    found: dict[str, list[str]] = {}
    for text in texts:
        for key, value in entries(text):
            found[key] = [*found.get(key, []), value] if value else []
    return found


def seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+)(s|min|m|)", text)
    assert match, text
    return float(match[1]) * (60 if match[2] in ("min", "m") else 1)


class Started:
    """What a unit starts, with its environment and credentials, in folders of its own."""

    def __init__(self, folder: pathlib.Path, unit: dict[str, list[str]]) -> None:
        credentials, state = folder / "credentials", folder / "state"
        credentials.mkdir(mode=0o700)
        (state / unit["StateDirectory"][0]).mkdir(mode=int(unit["StateDirectoryMode"][0], 8), parents=True)

        def placed(text: str) -> str:
            return text.replace("%S", str(state)).replace("%d", str(credentials))

        values = {"alertmanager_url": "http://127.0.0.1:9", "webhook_url": "http://127.0.0.1:9/hook",
                  "webhook_secret": "signs", "intake_token": "shown",
                  "admin_url": f"sqlite:///{folder}/kpi.db"}
        for loaded in unit["LoadCredential"]:
            name = loaded.split(":")[0]
            place = credentials / name
            place.write_text(values.get(name, f"sqlite:///{folder}/{name.removesuffix('_url')}.db") + "\n")
            place.chmod(0o400)
        environment = dict(placed(line).split("=", 1) for line in unit["Environment"])
        self.environment = {**{key: value for key, value in os.environ.items() if not key.startswith("TRISTRATA_")},
                            **environment}
        self.arguments = [placed(word) for word in unit["ExecStart"][0].split()[1:]]
        self.folder = folder

    def run(self, *arguments: str) -> str:
        done = subprocess.run([TRISTRATA, *arguments], env=self.environment, cwd=self.folder, capture_output=True,
                              text=True, timeout=120)
        expect(done.returncode == 0, f"{arguments}: exit {done.returncode}: {done.stderr}")
        return done.stdout


def starts(folder: pathlib.Path, name: str, unit: dict[str, list[str]]) -> None:
    started = Started(folder, unit)
    words = unit["ExecStart"][0].split()
    expect(words[:2] == [INSTALLED, "serve"], f"{name}: it starts {words[:2]}")
    budget = seconds(words[words.index("--budget") + 1])
    stop = seconds(unit["TimeoutStopSec"][0])
    expect(budget + 10 <= stop, f"{name}: a stop has {stop} s for a budget of {budget} s")
    started.run("store", "init")
    started.run("kpi", "emit", "--module", "m", "first=1")
    arguments = ["127.0.0.1:0" if before == "--listen" else word
                 for before, word in zip(["", *started.arguments], started.arguments, strict=False)]
    if "TRISTRATA_INTAKE_LISTEN" in started.environment:
        started.environment["TRISTRATA_INTAKE_LISTEN"] = "127.0.0.1:0"
    serving = Serving(TRISTRATA, arguments, started.environment, folder)
    try:
        expect(until(lambda: serving.status("/livez") == 200), f"{name}: it does not live")
        (reload,) = unit["ExecReload"]
        subprocess.run(reload.replace("$MAINPID", str(serving.process.pid)).split(), check=True, timeout=60)
        expect(until(lambda: '"event":"reload"' in serving.log.read_text()),
               f"{name}: it reads nothing anew: {serving.log.read_text()}")
        expect(until(lambda: serving.status("/healthz") == 200), f"{name}: it is not healthy")
    finally:
        code = serving.stop(getattr(signal, unit["KillSignal"][0]), stop)
    expect(code == 0, f"{name}: it ends with {code}")
    expect("first" in started.run("kpi", "query"), f"{name}: it carried nothing")
    log = serving.log.read_text()
    expect("every user of this machine may read" not in log, f"{name}: a credential lies open: {log}")
    wrong = subprocess.run([TRISTRATA, *arguments], cwd=folder, capture_output=True, timeout=60,
                           env={**started.environment, "TRISTRATA_KPI_URL_FILE": str(folder / "absent")})
    expect(str(wrong.returncode) in unit["RestartPreventExitStatus"][0].split(),
           f"{name}: a setting that is wrong ends with {wrong.returncode}, and it is started again")


def check_settings(known: set[str]) -> None:
    """Every setting of the units and of the samples is one of the program's; secrets come by credentials alone."""
    files = [path for path in sorted(UNITS.rglob("*")) if path.is_file()]
    expect(len(files) >= 5, f"only {len(files)} files are in deploy/systemd")
    for path in files:
        text = path.read_text()
        for setting in settings_in(text) - known:
            failures.append(f"{path.name}: {setting} is no setting")
        if re.search(r"postgres(ql)?://", text):
            failures.append(f"{path.name}: an URL of a database stands in it")
        loaded = {value.split(":")[0] for key, value in entries(text) if key == "LoadCredential"}
        used = set(re.findall(r"%d/(\w+)", text))
        expect(loaded == used, f"{path.name}: credentials {sorted(loaded)} are loaded, {sorted(used)} are used")
        for key, value in entries(text):
            if key == "Environment" and "%d/" in value:
                variable, _, credential = value.partition("=%d/")
                expect(variable == f"TRISTRATA_{credential.upper()}_FILE", f"{path.name}: {value}")


units: dict[str, str] = {path.name: path.read_text() for path in sorted((UNITS / "tristrata.service.d").glob("*.conf"))}
main = (UNITS / "tristrata.service").read_text()
check_settings(known_settings(TRISTRATA))
sets: list[tuple[str, dict[str, str]]] = [("alone", {}), *((name, {name: text}) for name, text in units.items()),
                                          ("with every drop-in", units)]
with tempfile.TemporaryDirectory() as temporary:
    place = pathlib.Path(temporary)
    for number, (which, drop_ins) in enumerate(sets):
        said = verify(place / f"verify{number}", main, drop_ins)
        expect(not said, f"{which}: systemd says {said}")
        folder = place / f"run{number}"
        folder.mkdir()
        starts(folder, which, joined(main, *drop_ins.values()))
    exposed = subprocess.run(["systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE_MAX}",
                              "--no-pager", place / "verify0/tristrata.service"], capture_output=True, text=True)
    level = re.search(r"Overall exposure level .*", exposed.stdout)
    expect(exposed.returncode == 0, f"exposure: {exposed.stdout[-400:]}{exposed.stderr}")
    for number, (right, wrong) in enumerate((("ProtectSystem=strict", "ProtectSystme=strict"),
                                             ("TimeoutStopSec=45", "TimeoutStopSec=soon"),
                                             (f"ExecStart={INSTALLED}", "ExecStart=bin/tristrata"))):
        expect(right in main, f"{right} is not in the unit")
        expect(bool(verify(place / f"wrong{number}", main.replace(right, wrong), {})), f"{wrong} is not noticed")
    root: typing.Final = place / "root"
    (root / "etc").mkdir(parents=True)
    made = subprocess.run(["systemd-sysusers", f"--root={root}", UNITS / "sysusers.conf"], capture_output=True,
                          text=True)
    users = (root / "etc/passwd").read_text() if made.returncode == 0 else ""
    expect(bool(re.search(r"^tristrata:[^:]*:\d+:\d+:Tristrata:/var/lib/tristrata:/usr/sbin/nologin$", users, re.M)),
           f"no user is made: {users}{made.stderr}")
report(f"{len(sets)} ways of the unit are read and start; {level[0] if level else ''}")
