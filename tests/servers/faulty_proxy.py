"""Something between a client and an HTTP server that can be told to answer wrongly: threads of s3.py."""
import http.client
import http.server
import threading
import typing

HANG_SECONDS_MAX = 60.0


class Faults:
    """What becomes of the next requests."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.word, self.left, self.status = "pass", 0, 0
        self.over = threading.Event()

    def obey(self, line: str) -> bool:
        """Whether the line is one of: pass, fail STATUS N, cut N, hang N, forget N."""
        words = line.split()
        if not words or words[0] not in {"pass", "fail", "cut", "hang", "forget"}:
            return False
        numbers = [int(word) for word in words[1:]]
        with self.lock:
            self.word = words[0]
            self.left = numbers[-1] if numbers else 0
            self.status = numbers[0] if words[0] == "fail" else 0
        return True

    def take(self, has_body: bool) -> typing.Tuple[str, int]:
        """The next request's fate; only an answer with a body can be cut."""
        with self.lock:
            if self.left == 0 or (self.word == "cut" and not has_body):
                return "pass", 0
            self.left -= 1
            return self.word, self.status


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

        def forward(self) -> None:
            if self.headers.get("Expect", "").lower() == "100-continue":
                del self.headers["Expect"]
            body = self.sent()
            fate, status = faults.take(self.command == "GET")
            if fate == "fail":
                text = b"<Error><Code>SlowDown</Code><Message>not now</Message></Error>"
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text)
                return
            if fate == "hang":
                faults.over.wait(HANG_SECONDS_MAX)
                self.close_connection = True
                return
            server = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                server.putheader(name, value)
            server.endheaders(body)
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
            self.wfile.write(answered[:len(answered) // 2] if fate == "cut" else answered)
            if fate == "cut":
                self.close_connection = True
            server.close()

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = forward

    return Handler


def serve(port: int, faults: Faults) -> http.server.ThreadingHTTPServer:
    """In a thread of its own, before the server of that port; returns the one to ask for its own port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_of(port, faults))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
