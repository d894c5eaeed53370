"""A real PostgreSQL for tests: a cluster of its own on a free loopback port, with a socket folder of its own.

    postgres.py [--tls] [--pooler] [--full-disk LIBRARY] [--set NAME=VALUE]...

Prints one line of JSON once it answers: {"url": ..., "host": ..., "port": ..., "password": ..., "folder": ...}, with
--tls also "authority" (the certificate that signed the server's, and beside it client.crt and client.key for a user
`certified`), with --pooler also "pooler_port" (PgBouncer in transaction mode in front of it). Then it obeys one word
a line on standard input and answers each with a line:

    stop                  at once, as a power cut
    start                 the same data is there again
    restart               as an administrator does
    snapshot, go_back     the cluster is kept aside; it is the kept one again, as after a failover that lost commits
    fill, make_room       with --full-disk: between the two no file of the server grows

At the end of the input everything is stopped by its process id and the folder is removed. Nothing is synced to the
disk unless --set fsync=on says so.
"""
import argparse
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import typing

BINARIES = pathlib.Path("/usr/lib/postgresql/15/bin")
POOLER = pathlib.Path("/usr/sbin/pgbouncer")
READY_SECONDS_MAX = 60.0
# What breaks parsers of connection strings; a URL must percent-encode it.
PASSWORD = "p@ss:w/rd%?#'\"\\ &=x"
PASSWORD_ENCODED = "p%40ss%3Aw%2Frd%25%3F%23%27%22%5C%20%26%3Dx"
PARENT_DIED = 1  # PR_SET_PDEATHSIG


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def account() -> dict[str, typing.Any]:
    """PostgreSQL refuses to run as root: then as the user that Debian's package made."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PARENT_DIED, signal.SIGQUIT)


def run(*command: typing.Union[str, pathlib.Path], cwd: pathlib.Path) -> None:
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **account())
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} ended with {done.returncode}:\n{done.stdout}")


class Server:
    """One process that writes what it says into a log."""

    def __init__(self, command: list[str], folder: pathlib.Path, log: str, ready: typing.Callable[[], bool]) -> None:
        self.command, self.folder, self.log, self.ready = command, folder, folder / log, ready
        self.environment: typing.Optional[dict[str, str]] = None
        self.process: typing.Optional[subprocess.Popen[bytes]] = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=self.environment, preexec_fn=die_with_parent, **account())
        deadline = time.monotonic() + READY_SECONDS_MAX
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.command[0]} did not come up:\n{self.log.read_text(errors='replace')}")
            time.sleep(0.01)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=READY_SECONDS_MAX)
            self.process = None


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def certificate(folder: pathlib.Path) -> pathlib.Path:
    """A server's certificate for 127.0.0.1 and localhost, signed by an authority; returns the authority's."""
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "authority.key", "-out", "authority.crt",
        "-days", "2", "-subj", "/CN=authority of a test", cwd=folder)
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj",
        "/CN=localhost", cwd=folder)
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    run("openssl", "x509", "-req", "-in", "server.csr", "-CA", "authority.crt", "-CAkey", "authority.key",
        "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "server.crt", cwd=folder)
    # And a client's, for the user `certified`, who has no password. libpq takes only a key of its own user.
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "client.key", "-out", "client.csr", "-subj",
        "/CN=certified", cwd=folder)
    run("openssl", "x509", "-req", "-in", "client.csr", "-CA", "authority.crt", "-CAkey", "authority.key",
        "-CAcreateserial", "-days", "2", "-out", "client.crt", cwd=folder)
    os.chown(folder / "client.key", os.getuid(), os.getgid())
    return folder / "authority.crt"


def cluster(folder: pathlib.Path, arguments: argparse.Namespace) -> tuple[Server, int]:
    data, password_file, port = folder / "data", folder / "password", free_port()
    password_file.write_text(PASSWORD + "\n")
    run(BINARIES / "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={password_file}",
        "--data-checksums", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions", cwd=folder)
    settings = {"port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": str(folder),
                "fsync": "off", "full_page_writes": "off", "logging_collector": "off", "log_min_messages": "warning",
                "max_connections": "200", "shared_buffers": "64MB", "jit": "off"}
    if arguments.tls:
        certificate(folder)
        settings |= {"ssl": "on", "ssl_cert_file": str(folder / "server.crt"),
                     "ssl_key_file": str(folder / "server.key"), "ssl_ca_file": str(folder / "authority.crt")}
        host_based = data / "pg_hba.conf"
        host_based.write_text("hostssl all certified 127.0.0.1/32 cert\n" + host_based.read_text())
    for setting in arguments.set:
        name, _, value = setting.partition("=")
        settings[name] = value
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def ready() -> bool:
        try:
            return (data / "postmaster.pid").read_text().splitlines()[-1].strip() == "ready" and answers(port)
        except (OSError, IndexError):
            return False

    return Server([str(BINARIES / "postgres"), "-D", str(data)], folder, "postgres.log", ready), port


def pooler(folder: pathlib.Path, server_port: int) -> tuple[Server, int]:
    port = free_port()
    quoted = PASSWORD.replace('"', '""')
    (folder / "users").write_text(f'"postgres" "{quoted}"\n')
    (folder / "pooler.ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={server_port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nauth_type = scram-sha-256\nauth_file = {folder / 'users'}\npool_mode = transaction\n"
        f"default_pool_size = 4\nunix_socket_dir =\nlogfile =\npidfile =\nmax_client_conn = 100\n")
    return Server([str(POOLER), str(folder / "pooler.ini")], folder, "pooler.log", lambda: answers(port)), port


def obey(word: str, server: Server, folder: pathlib.Path) -> None:
    data, kept, full = folder / "data", folder / "kept", folder / "full"
    if word == "stop":
        server.stop()
    elif word == "start":
        server.start()
    elif word == "restart":
        server.stop(signal.SIGINT)
        server.start()
    elif word in ("snapshot", "go_back"):
        server.stop()
        source, target = (data, kept) if word == "snapshot" else (kept, data)
        shutil.rmtree(target, ignore_errors=True)
        # As its user, who owns the copy then.
        run("cp", "-a", source, target, cwd=folder)
        server.start()
    elif word == "fill":
        full.touch()
    elif word == "make_room":
        full.unlink()
    else:
        raise SystemExit(f"no command {word!r}; the head of this file lists them")


def serve(folder: pathlib.Path, arguments: argparse.Namespace) -> None:
    server, port = cluster(folder, arguments)
    servers = [server]
    if arguments.full_disk:
        server.environment = {**os.environ, "LD_PRELOAD": arguments.full_disk, "FULL_DISK": str(folder / "full")}
    try:
        server.start()
        said = {"url": f"postgresql://postgres:{PASSWORD_ENCODED}@127.0.0.1:{port}/postgres", "host": "127.0.0.1",
                "port": port, "password": PASSWORD, "password_encoded": PASSWORD_ENCODED, "folder": str(folder)}
        if arguments.tls:
            said["authority"] = str(folder / "authority.crt")
        if arguments.pooler:
            front, said["pooler_port"] = pooler(folder, port)
            servers.append(front)
            front.start()
        print(json.dumps(said), flush=True)
        for line in sys.stdin:
            word = line.strip()
            obey(word, server, folder)
            print(word, flush=True)
    finally:
        for running in reversed(servers):
            running.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description="A real PostgreSQL for tests")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--pooler", action="store_true")
    parser.add_argument("--full-disk", metavar="LIBRARY")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pg_"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            folder.chmod(0o755)
        serve(folder, arguments)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
