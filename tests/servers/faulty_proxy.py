"""Something between a client and an HTTP server that can be told to answer wrongly, and that keeps what passed:
threads of s3.py. A line says what becomes of the next N requests (whose "METHOD path?query" holds TEXT, where one is
given):

    pass                    nothing: they pass
    fail STATUS N [TEXT]    answered with the status, and the server never sees them
    break N [TEXT]          their body ends in the middle on its way to the server, and both connections are reset
    forget N [TEXT]         done, and the connection is closed without an answer
    cut N [TEXT]            the answer's body ends in the middle
    slow N [TEXT]           the answer comes in pieces
    hang N [TEXT]           no answer
    mix SHARE SEED          until the next line this share of all requests meets one of the above but hang, drawn by
                            the seed

and "tell" gives, as a line of JSON, the requests that came since the last one and how many met which fault.
"""
import collections
import http.client
import http.server
import json
import pathlib
import random
import socket
import ssl
import struct
import threading
import time
import typing

HANG_SECONDS_MAX = 60.0
SLOW_PIECES, SLOW_SECONDS = 5, 0.2
COUNTED = {"break", "forget", "cut", "slow", "hang"}
MIXED = ["fail 500", "fail 503", "break", "forget", "cut", "slow"]


class Faults:
    """What becomes of the next requests, and what became of those before."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.fate, self.left, self.text = "pass", 0, ""
        self.share, self.drawn = 0.0, random.Random(0)
        self.met: collections.Counter[str] = collections.Counter()
        self.seen: list[dict[str, typing.Any]] = []
        self.over = threading.Event()

    def obey(self, line: str) -> str:
        """The answer to a line; nothing where it is none that the head of this file lists."""
        words = line.split()
        with self.lock:
            if words == ["tell"]:
                told = json.dumps({"requests": self.seen, "faults": self.met})
                self.seen, self.met = [], collections.Counter()
                return told
            if words[:1] == ["mix"]:
                self.fate, self.left, self.share, self.drawn = "pass", 0, float(words[1]), random.Random(int(words[2]))
                return line
            if words[:1] == ["fail"]:
                words = [" ".join(words[:2]), *words[2:]]
            elif words == ["pass"]:
                words = ["pass", "0"]
            elif words[:1] and words[0] not in COUNTED:
                words = []
            if len(words) < 2:
                return ""
            self.fate, self.left, self.text, self.share = words[0], int(words[1]), " ".join(words[2:]), 0.0
            return line

    def take(self, method: str, path: str, headers: dict[str, str]) -> str:
        """The next request's fate; only an answer with a body can be cut, only a body can break."""
        impossible = {"cut": method != "GET", "break": method not in {"PUT", "POST"}}
        with self.lock:
            self.seen.append({"method": method, "path": path, "headers": headers})
            fate = "pass"
            if self.share > 0:
                if self.drawn.random() < self.share:
                    fate = self.drawn.choice(MIXED)
                if impossible.get(fate, False):
                    fate = "fail 500"
            elif self.left > 0 and self.text in f"{method} {path}" and not impossible.get(self.fate, False):
                self.left -= 1
                fate = self.fate
            if fate != "pass":
                self.met[fate] += 1
            return fate


def reset(connection: socket.socket) -> None:
    """As a machine that is gone closes it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def handler_of(port: int, faults: Faults) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: typing.Any) -> None:
            """Says nothing."""

        def sent(self) -> bytes:
            """The request's body as it came, the frames of a chunked one among it."""
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", "0")))
            frames = b""
            while True:
                line = self.rfile.readline()
                size = int(line.split(b";")[0], 16)
                frames += line + self.rfile.read(size + 2)
                if size == 0:
                    return frames

        def refuse(self, status: int) -> None:
            code = {500: "InternalError", 501: "NotImplemented"}.get(status, "SlowDown")
            text = f"<Error><Code>{code}</Code><Message>not now</Message></Error>".encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text)

        def ask(self, body: bytes) -> http.client.HTTPConnection:
            """The request on its way to the server, with as much of its body."""
            server = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                server.putheader(name, value)
            server.endheaders(body)
            return server

        def answer(self, server: http.client.HTTPConnection, fate: str) -> None:
            answer = server.getresponse()
            answered = answer.read()
            if fate == "forget":
                self.close_connection = True
                return
            self.send_response_only(answer.status)
            sized = False
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "connection"}:
                    self.send_header(name, value)
                sized = sized or name.lower() == "content-length"
            if not sized:
                self.send_header("Content-Length", str(len(answered)))
            self.end_headers()
            if fate == "cut":
                self.wfile.write(answered[:len(answered) // 2])
                self.close_connection = True
            elif fate == "slow":
                size = len(answered) // SLOW_PIECES + 1
                for at in range(0, max(len(answered), 1), size):
                    time.sleep(SLOW_SECONDS / SLOW_PIECES)
                    self.wfile.write(answered[at:at + size])
            else:
                self.wfile.write(answered)

        def forward(self) -> None:
            if self.headers.get("Expect", "").lower() == "100-continue":
                del self.headers["Expect"]
            fate = faults.take(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
            body = self.sent()
            if fate.startswith("fail"):
                self.refuse(int(fate.split()[1]))
            elif fate == "hang":
                faults.over.wait(HANG_SECONDS_MAX)
                self.close_connection = True
            elif fate == "break":
                server = self.ask(body[:len(body) // 2])
                if server.sock is not None:
                    reset(server.sock)
                self.close_connection = True
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                server = self.ask(body)
                self.answer(server, fate)
                server.close()

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = forward

    return Handler


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: typing.Any, client_address: typing.Any) -> None:
        """A client that has gone away is what these tests are about."""


def serve(port: int, faults: Faults, certificate: typing.Optional[pathlib.Path] = None) -> Server:
    """In a thread of its own, before the server of that port, with a certificate (and its key) over TLS; returns the
    one to ask for its own port."""
    server = Server(("127.0.0.1", 0), handler_of(port, faults))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
