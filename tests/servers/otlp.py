"""A place for OTLP's logs that answers as it is told: otlp.py [--tls]. It prints {"port": …, "certificate": …} when it
is ready; the certificate is its own, with --tls. A line of its input says how the next N requests are answered, in
order:

    answer STATUS N [HEADER=VALUE]    with the status, and a header where one is given
    partial REJECTED N                with 200 and a partial success, of an ExportLogsServiceResponse
    hang N                            not at all, for a minute
    reset N                           not at all: the connection is reset
    tell                              what came: a line of JSON, each request with path, headers and body (base64)

Without a line it answers 200. It ends at the end of its input."""
import base64
import collections
import contextlib
import http.server
import json
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

HANG_SECONDS = 60.0
ending = threading.Event()


def partial(rejected: int) -> bytes:
    """partial_success (1) { rejected_log_records (1), error_message (2) }, by hand: rejected stays below 128."""
    message = b"too old"
    inner = bytes([0x08, rejected]) + bytes([0x12, len(message)]) + message
    return bytes([0x0A, len(inner)]) + inner


class State:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.orders: collections.deque[list[str]] = collections.deque()
        self.came: list[dict[str, object]] = []

    def obey(self, words: list[str]) -> str:
        with self.lock:
            if words == ["tell"]:
                came, self.came = self.came, []
                return json.dumps(came)
            if len(words) < 2 or words[0] not in ("answer", "partial", "hang", "reset"):
                raise SystemExit(f"no order {words}")
            count = int(words[2 if words[0] in ("answer", "partial") else 1])
            self.orders.extend([words] * count)
        return " ".join(words)

    def next_order(self, request: dict[str, object]) -> list[str]:
        with self.lock:
            self.came.append(request)
            return self.orders.popleft() if self.orders else ["answer", "200", "1"]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    state: State

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        order = self.state.next_order({"path": self.path, "headers": headers, "body": base64.b64encode(body).decode()})
        if order[0] == "hang":
            ending.wait(HANG_SECONDS)
            self.close_connection = True
        elif order[0] == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RD)
            self.connection.close()
        elif order[0] == "partial":
            self.reply(200, partial(int(order[1])), [])
        else:
            self.reply(int(order[1]), b"" if order[1] == "200" else f"told to say {order[1]}".encode(),
                       [header.split("=", 1) for header in order[3:]])

    def reply(self, status: int, body: bytes, headers: list[list[str]]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-protobuf" if status == 200 else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value.replace("_", " "))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """It is asked what came, and says nothing unasked."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """A client that went away is part of the game."""


def own_certificate(folder: pathlib.Path) -> pathlib.Path:
    file, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", str(key), "-out", str(file)], stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return file


def main() -> None:
    state = State()
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"state": state}))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="otlp_"))
    try:
        certificate = ""
        if "--tls" in sys.argv[1:]:
            file = own_certificate(folder)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file, folder / "key.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
            certificate = str(file)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(json.dumps({"port": server.server_address[1], "certificate": certificate}), flush=True)
        for line in sys.stdin:
            print(state.obey(line.split()), flush=True)
    finally:
        ending.set()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
