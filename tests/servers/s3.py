"""A real S3 server for tests: SeaweedFS on free loopback ports, which checks signatures and rights.

    s3.py

Prints one line of JSON once it answers: {"endpoint": ..., "host_endpoint": ..., "faulty_endpoint": ..., "tls_endpoint":
..., "authority": ..., "access_key": ..., "secret_key": ..., "reader_access_key": ..., "reader_secret_key": ...,
"bucket": ...}. The reader may list and read only; host_endpoint also takes a bucket's name before the host's;
faulty_endpoint is the same server behind faulty_proxy.py, which is told by a line on standard input what to do with its
next requests (`fail 503 2`), and answers each with the same line, but `tell` with what it saw; tls_endpoint is it over
TLS, by a certificate that `authority`, a file, holds. At the end of the input the server is killed by its process id
and its folder is removed.
"""
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

import faulty_proxy

SOURCE = pathlib.Path(__file__).resolve().parents[2]
WEED = SOURCE / "build/env-test/bin/weed"
READY_SECONDS_MAX = 120.0
# What breaks signatures and URLs, where somebody encodes it twice or not at all.
ACCESS_KEY, SECRET_KEY = "writer", "s3cr3t/+=%40:&?"
READER_ACCESS_KEY, READER_SECRET_KEY = "reader", "0th3r+s3cr3t/"
BUCKET = "cold-store"
ENCRYPTION_KEY = "what SSE-S3 encrypts with"
PARENT_DIED = 1  # PR_SET_PDEATHSIG
GRPC_OFFSET = 10000


def bindable(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """One whose neighbour for gRPC, 10,000 above, is free too."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        # Ports that the system gives out lie above 32,768: taken from below them, nobody else draws one of ours.
        port = 12000 + port % 18000
        if bindable(port) and bindable(port + GRPC_OFFSET):
            return port


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PARENT_DIED, signal.SIGKILL)


def identity(name: str, access_key: str, secret_key: str, actions: list[str]) -> dict[str, typing.Any]:
    return {"name": name, "credentials": [{"accessKey": access_key, "secretKey": secret_key}], "actions": actions}


def start(folder: pathlib.Path, port: int) -> subprocess.Popen[bytes]:
    if not WEED.exists():
        raise SystemExit(f"{WEED} is missing; ./dev setup installs it")
    (folder / "s3.json").write_text(json.dumps({"identities": [
        identity("writer", ACCESS_KEY, SECRET_KEY, ["Admin", "Read", "Write", "List", "Tagging"]),
        identity("reader", READER_ACCESS_KEY, READER_SECRET_KEY, ["Read", "List"])]}))
    ports = {"master.port": free_port(), "volume.port": free_port(), "filer.port": free_port(), "s3.port": port,
             "s3.port.grpc": free_port(), "s3.port.iceberg": 0, "s3.port.lance": 0}
    command = [str(WEED), "-logtostderr=true", "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3",
               f"-s3.config={folder / 's3.json'}", "-s3.domainName=localhost", "-master.volumeSizeLimitMB=64",
               "-volume.max=20", "-master.telemetry=false", *(f"-{name}={number}" for name, number in ports.items())]
    with (folder / "weed.log").open("wb") as log:
        return subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                preexec_fn=die_with_parent, env={"PATH": os.environ["PATH"], "HOME": str(folder),
                                                                 "WEED_S3_SSE_KEY": ENCRYPTION_KEY})


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def log_of(folder: pathlib.Path) -> str:
    return (folder / "weed.log").read_text(errors="replace")[-4000:]


def make_bucket(folder: pathlib.Path, port: int, process: subprocess.Popen[bytes]) -> None:
    """By pyarrow, as its owner; also shows that the server takes writes."""
    from pyarrow import fs
    deadline = time.monotonic() + READY_SECONDS_MAX
    while not answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"SeaweedFS did not come up:\n{log_of(folder)}")
        time.sleep(0.05)
    files = fs.S3FileSystem(access_key=ACCESS_KEY, secret_key=SECRET_KEY, endpoint_override=f"127.0.0.1:{port}",
                            scheme="http", region="us-east-1", allow_bucket_creation=True,
                            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=2))
    while True:
        try:
            files.create_dir(BUCKET)
            with files.open_output_stream(f"{BUCKET}/first") as stream:
                stream.write(b"x")
            files.delete_file(f"{BUCKET}/first")
            return
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"SeaweedFS takes no writes: {error}\n{log_of(folder)}") from error
            time.sleep(0.2)


def certificate(folder: pathlib.Path) -> pathlib.Path:
    """For 127.0.0.1, signed by itself, with its key in the same file."""
    file = folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
               "-keyout", str(folder / "key.pem"), "-out", str(file)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"openssl ended with {done.returncode}: {done.stderr}")
    file.write_text(file.read_text() + (folder / "key.pem").read_text())
    return file


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="s3_"))
    port = free_port()
    process = start(folder, port)
    try:
        make_bucket(folder, port, process)
        faults = faulty_proxy.Faults()
        faulty_port = faulty_proxy.serve(port, faults).server_address[1]
        authority = certificate(folder)
        tls_port = faulty_proxy.serve(port, faulty_proxy.Faults(), authority).server_address[1]
        print(json.dumps({"endpoint": f"http://127.0.0.1:{port}", "host_endpoint": f"http://localhost:{port}",
                          "faulty_endpoint": f"http://127.0.0.1:{faulty_port}",
                          "tls_endpoint": f"https://127.0.0.1:{tls_port}", "authority": str(authority),
                          "access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "reader_access_key": READER_ACCESS_KEY,
                          "reader_secret_key": READER_SECRET_KEY, "bucket": BUCKET}), flush=True)
        for line in sys.stdin:
            answer = faults.obey(line.strip())
            if not answer:
                raise SystemExit(f"no command {line!r}")
            print(answer, flush=True)
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
