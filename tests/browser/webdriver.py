"""A browser driven over WebDriver with nothing but the standard library."""
import json
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,1000")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def program(*names):
    for name in names:
        if path := shutil.which(name):
            return path
    sys.exit(f"none of {', '.join(names)} is on the PATH; the page is only tested in a browser: "
             "install chromium and chromium-driver")


class Browser:
    """One window; on leaving, the browser and its driver have ended and the profile is gone."""

    def __enter__(self):
        chromium, driver = program("chromium", "chromium-browser", "google-chrome"), program("chromedriver")
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.driver = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                       text=True)
        self.session = None
        try:
            self.address = self._address()
            options = {"binary": chromium, "args": [*FLAGS, f"--user-data-dir={self.profile.name}"]}
            wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            made = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
            self.session = f"/session/{made['sessionId']}"
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            if self.session:
                self._send("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait(20)
            self.profile.cleanup()

    def _address(self):
        for line in self.driver.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                return f"http://127.0.0.1:{found[1]}"
        raise RuntimeError("chromedriver ended before it named its port")

    def _send(self, verb, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=verb)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{verb} {path}: {json.load(error)['value']['message']}") from None

    def post(self, path, **body):
        return self._send("POST", self.session + path, body)

    def open(self, address):
        self.post("/url", url=address)

    def run(self, script, *arguments):
        return self.post("/execute/sync", script=script, args=list(arguments))

    def find(self, selector):
        return self.post("/element", using="css selector", value=selector)[ELEMENT]

    def click(self, selector):
        self.post(f"/element/{self.find(selector)}/click")

    def type(self, selector, text):
        self.post(f"/element/{self.find(selector)}/value", text=text)

    def press(self, key):
        strokes = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.post("/actions", actions=[{"type": "key", "id": "keyboard", "actions": strokes}])

    def tool(self, command, **parameters):
        return self.post("/goog/cdp/execute", cmd=command, params=parameters)

    def console(self):
        return [entry["message"] for entry in self.post("/se/log", type="browser")]
