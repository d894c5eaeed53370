"""What can be known of the container without building one: its file as hadolint and a parser read it, the tree that it
copies, made by its own command, and the program in that tree, as its user: container_test.py SOURCE BUILD HADOLINT"""
import fnmatch
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile

from dockerfile_parse import DockerfileParser
from serving import Serving, failures, report, until

SOURCE, BUILD, HADOLINT = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
FILE = SOURCE / "deploy/container/Dockerfile"
# What it loads when it is first used, and what it reads beside libraries; the rest is what its files link.
LOADED = {"libpq5": "libpq.so.5", "libxgboost0": "libxgboost.so.0"}
READ = {"ca-certificates": "/etc/ssl/certs/ca-certificates.crt", "tzdata": "/usr/share/zoneinfo"}
ESSENTIAL = {"libc6"}


def expect(holds: bool, message: str) -> None:
    if not holds:
        failures.append(message)


def lint(text: str) -> str:
    done = subprocess.run([HADOLINT, "-"], input=text, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def instructions(text: str) -> list[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        parser = DockerfileParser(path=folder)
        parser.content = text
        return [(entry["instruction"], entry["value"]) for entry in parser.structure]


def package_of(library: str) -> str:
    """Whose file it is; Debian 12 knows some by /lib and some by /usr/lib."""
    for path in (library, library.removeprefix("/usr"), f"/usr{library}"):
        done = subprocess.run(["dpkg-query", "--search", path], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    return f"no package has {library}"


def linked(tree: pathlib.Path) -> set[str]:
    """Packages of the libraries that the tree's files name themselves, found as the container's loader finds them."""
    packages: set[str] = set()
    for file in sorted([*tree.glob("bin/*"), *tree.glob("lib/*")]):
        dynamic = subprocess.run(["readelf", "-d", file], capture_output=True, text=True, check=True).stdout
        named = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
        expect(bool(named), f"{file.name} links nothing")
        said = subprocess.run(["ldd", file], capture_output=True, text=True, env={"PATH": os.environ["PATH"]}).stdout
        places = dict(re.findall(r"^\s*(\S+) => (\S.*?)(?: \(0x.*)?$", said, re.M))
        for library in named:
            place = places.get(library, "")
            if library.startswith("ld-linux"):
                continue
            if not place.startswith("/"):
                failures.append(f"{file.name}: {library} is not found: {said}")
            elif pathlib.Path(place).resolve().is_relative_to(tree):
                continue
            elif place.startswith(("/lib/", "/usr/lib/")):
                packages.add(package_of(place))
            else:
                failures.append(f"{file.name}: {library} is taken from {place}")
    return packages


def check_file(found: list[tuple[str, str]], text: str) -> None:
    said = lint(text)
    expect(not said, f"hadolint: {said}")
    for right, wrong in (("USER 10001:10001", "USER root"), ("    && rm -rf /var/lib/apt/lists/* \\\n", ""),
                         ("ARG DEBIAN=debian:12-slim", "ARG DEBIAN=debian:latest\nFROM debian"),
                         ("COPY . ./", "ADD . ./")):
        expect(right in text and bool(lint(text.replace(right, wrong))), f"{wrong!r} for {right!r} is not noticed")
    names = [name for name, _ in found]
    last = {name: value for name, value in found[len(names) - 1 - names[::-1].index("FROM"):]}
    expect(names.count("FROM") == 2 and found[0] == ("ARG", "DEBIAN=debian:12-slim"), f"stages: {names}")
    expect(bool(re.fullmatch(r"[1-9]\d*:[1-9]\d*", last.get("USER", ""))), f"it runs as {last.get('USER')}")
    expect(names.index("USER") < names.index("ENTRYPOINT"), "the user comes behind the program")
    expect({"HEALTHCHECK", "STOPSIGNAL", "VOLUME"} <= set(last), f"the last stage has {sorted(last)}")
    for name, value in found:
        if name in ("ENV", "ARG") and re.search(r"_URL|PASSWORD|SECRET|TOKEN|KEY", value):
            failures.append(f"a layer would hold {name} {value}")


def check_context(found: list[tuple[str, str]]) -> None:
    """What is copied is there and let through; what is let through is enough to configure a build."""
    rules = [line for line in (FILE.parent / "Dockerfile.dockerignore").read_text().splitlines()
             if line and not line.startswith("#")]
    expect(rules[0] == "*" and all(rule.startswith("!") for rule in rules[1:]), f"kept out is not everything: {rules}")
    passed = [rule[1:] for rule in rules[1:]]
    for name in passed:
        expect((SOURCE / name).exists(), f".dockerignore lets {name} through, which is not there")
    for secret in ("build", ".git", "tristrata.toml", "kpi.db"):
        expect(not any(fnmatch.fnmatch(secret, name) for name in passed), f"{secret} would be sent to the builder")
    copies = [shlex.split(value)[:-1] for name, value in found if name == "COPY" and "--from" not in value]
    expect(copies == [["dev"], ["."]], f"copied from the context: {copies}")
    with tempfile.TemporaryDirectory() as temporary:
        context = pathlib.Path(temporary)
        for name in passed:
            (context / name).parent.mkdir(parents=True, exist_ok=True)
            (context / name).symlink_to(SOURCE / name)
        done = subprocess.run(["cmake", "--preset", "release", f"-DTRISTRATA_PYTHON={SOURCE}/build/env/bin/python"],
                              cwd=context, capture_output=True, text=True, timeout=300)
        expect(done.returncode == 0, f"the context does not configure: {done.stdout[-500:]}{done.stderr[-1500:]}")
        helped = subprocess.run(["bash", "dev", "help"], cwd=context, capture_output=True, text=True, timeout=60)
        for command in ("build", "setup [python]"):
            expect(f"\n  {command} " in helped.stdout, f"./dev has no {command}: {helped.stderr}")


def check_program(found: list[tuple[str, str]], place: pathlib.Path) -> None:
    """The tree, made by the file's own command and started as the file says, by the file's own user."""
    commands = [command for name, value in found if name == "RUN" for command in value.split("&&")]
    installs = [command for command in commands if "cmake --install" in command]
    copied = [shlex.split(value) for name, value in found if name == "COPY" and "--from" in value]
    expect(len(installs) == 1 and copied == [["--from=build", "/opt/tristrata", "/opt/tristrata"]],
           f"made by {installs}, copied by {copied}")
    words = [str(BUILD) if word == "build/release" else word.replace("/opt/", f"{place}/opt/")
             for word in shlex.split(installs[0])]
    made = subprocess.run(words, capture_output=True, text=True, cwd=SOURCE, timeout=300)
    if made.returncode != 0:
        failures.append(f"{words}: {made.stderr}")
        return
    tree = (place / "opt/tristrata").resolve()
    packages = linked(tree) - ESSENTIAL
    program = (tree / "bin/tristrata").read_bytes()
    for package, library in LOADED.items():
        expect(library.encode() in program, f"the program loads no {library}: {package} is not needed")
    run = next(value for name, value in found if name == "RUN" and "apt-get install" in value)
    listed = set(re.search(r"--no-install-recommends([^&]*)", run)[1].split())  # type: ignore[index]
    needed = packages | set(LOADED) | set(READ)
    expect(listed == needed, f"the runtime stage installs {sorted(listed)}; the program needs {sorted(needed)}")

    last = dict(found[max(number for number, (name, _) in enumerate(found) if name == "FROM"):])
    environment = dict(word.split("=", 1) for word in shlex.split(last["ENV"]))
    expect(environment["PATH"].split(":")[0] == "/opt/tristrata/bin", f"PATH: {environment['PATH']}")
    state = place / "state"
    state.mkdir(mode=0o700)
    user = int(last["USER"].split(":")[0]) if os.geteuid() == 0 else os.geteuid()
    os.chown(state, user, user if os.geteuid() == 0 else -1)
    volume = json.loads(last["VOLUME"])[0]
    expect(environment["TRISTRATA_SPOOL"].startswith(volume + "/"), "the spool lies in no volume")
    # No place to write but the volume: a read-only root.
    own = {"PATH": environment["PATH"].replace("/opt/", f"{place}/opt/", 1), "TMPDIR": "/nowhere",
           "TRISTRATA_SPOOL": environment["TRISTRATA_SPOOL"].replace("/var/lib/tristrata", str(state)),
           "TRISTRATA_KPI_URL": f"sqlite:///{state}/kpi.db"}
    identity = {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}

    def call(*arguments: str) -> str:
        done = subprocess.run([tree / "bin/tristrata", *arguments], env=own, cwd=state, capture_output=True, text=True,
                              timeout=120, **identity)  # type: ignore[call-overload]
        expect(done.returncode == 0, f"{arguments}: exit {done.returncode}: {done.stderr}")
        return str(done.stdout)

    expect(call("--version").startswith("tristrata "), "it has no version")
    call("store", "init")
    call("kpi", "emit", "--module", "m", "first=1")
    entry, command = json.loads(last["ENTRYPOINT"]), json.loads(last["CMD"])
    expect(entry == ["tristrata"] and command[2].endswith(f":{last['EXPOSE']}"), f"{entry} {command}, {last['EXPOSE']}")
    command[2] = "127.0.0.1:0"
    check = json.loads(last["HEALTHCHECK"].split("CMD", 1)[1])
    serving = Serving(tree / "bin/tristrata", command, own, state, identity)
    port = serving.url.rsplit(":", 1)[-1]
    expect("127.0.0.1/9871" in check[2], f"the health check asks {check}")
    check[2] = check[2].replace("127.0.0.1/9871", f"127.0.0.1/{port}")
    try:
        asked = subprocess.run(check, env=own, capture_output=True, text=True, timeout=30)
        expect(asked.returncode == 0, f"the health check of a process that lives: {asked.stderr}")
        elsewhere = subprocess.run([*check[:2], check[2].replace("/livez", "/none")], capture_output=True, timeout=30)
        expect(elsewhere.returncode != 0, "the health check takes any answer")
        expect(until(lambda: serving.status("/healthz") == 200), "it is not healthy")
        code = serving.stop(getattr(signal, last["STOPSIGNAL"]), 30)
    finally:
        serving.process.kill()
    expect(code == 0, f"it ends with {code}: {serving.log.read_text()}")
    expect(subprocess.run(check, capture_output=True, timeout=30).returncode != 0, "the health check of a dead process")
    expect("first" in call("kpi", "query"), "it carried nothing")


content = FILE.read_text()
parsed = [entry for entry in instructions(content) if entry[0] != "COMMENT"]
check_file(parsed, content)
check_context(parsed)
with tempfile.TemporaryDirectory() as name:
    os.chmod(name, 0o755)
    check_program(parsed, pathlib.Path(name))
report("the container's file is in order, and what it copies runs as it says; no container was built")
