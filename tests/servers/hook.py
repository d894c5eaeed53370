"""A place for webhooks, as a user would write it: it believes what the function of docs/alerts.md calls genuine.

    hook.py SECRET [--port PORT] [--keep FILE]

Prints one line of JSON once it listens: {"url": ...}. `tell` is answered with what came since, a JSON array of
{"genuine": ..., "id": ..., "body": ...}. What is genuine is answered with 204, anything else with 401.
With --keep each is also a line of FILE before it is answered: what a receiver took it still has when it was killed.
"""
import argparse
import collections.abc
import http.server
import json
import pathlib
import re
import sys
import threading
import typing

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/alerts.md"
Verifier = collections.abc.Callable[[bytes, collections.abc.Mapping[str, str], bytes], bool]


def verifier_of_the_page() -> Verifier:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, typing.Any] = {}
    exec(code, names)
    verifier: Verifier = names["is_genuine"]
    return verifier


def main() -> None:
    parser = argparse.ArgumentParser(description="A place for webhooks")
    parser.add_argument("secret")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--keep", type=pathlib.Path)
    arguments = parser.parse_args()
    secret, is_genuine = arguments.secret.encode(), verifier_of_the_page()
    came: list[dict[str, object]] = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            genuine = is_genuine(secret, self.headers, body)
            one = {"genuine": genuine, "id": self.headers["Tristrata-Id"], "body": body.decode()}
            came.append(one)
            if arguments.keep:
                with arguments.keep.open("a") as kept:
                    kept.write(json.dumps(one) + "\n")
            self.send_response(204 if genuine else 401)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: standard output is for the words."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_address[1]}/hooks/drift"}), flush=True)
    for line in sys.stdin:
        if line.strip() != "tell":
            raise SystemExit(f"{line.strip()!r} is no word; expected tell")
        print(json.dumps(came), flush=True)
        came.clear()


if __name__ == "__main__":
    main()
