"""A server with everything that has to do with who may ask it: commands, certificates, browsers."""
import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

ENVIRONMENT = {**{name: value for name, value in os.environ.items() if name != "GYEOL_DATA"}, "GYEOL_AUTHOR": "tester"}


class Server:
    """`gyeol serve` on a free port, ended by its process id."""

    def __init__(self, data, *options, listen="127.0.0.1:0"):
        self.log = tempfile.NamedTemporaryFile("a+", encoding="utf-8")
        self.process = subprocess.Popen([Case.program, "--data", str(data), "serve", "--listen", listen, *options],
                                        stderr=self.log, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
        self.host, port = self.wait_for("listening")["address"].rsplit(":", 1)
        self.port = int(port)

    def lines(self):
        text = pathlib.Path(self.log.name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]

    def wait_for(self, event, seconds=30):
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            for line in self.lines():
                if line["event"] == event:
                    return line
            time.sleep(0.02)
        raise AssertionError(f"no line \"{event}\": {self.lines()}")

    def link(self):
        """The first owner's link."""
        return self.wait_for("nobody can log in: there is no user")["link"]

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(60)


class Case(unittest.TestCase):
    program = None  # its path; set by the test that runs

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"

    def run_gyeol(self, *args):
        return subprocess.run([self.program, "--data", str(self.data), *args], capture_output=True, text=True, timeout=120,
                              env=ENVIRONMENT)

    def gyeol(self, *args, status=0):
        done = self.run_gyeol(*args)
        self.assertEqual(done.returncode, status, f"{args}: {done.stderr}")
        return done.stdout.strip()

    def serve(self, *options, **more):
        server = Server(self.data, *options, **more)
        self.addCleanup(server.log.close)
        self.addCleanup(server.end, signal.SIGKILL)
        return server

    def all_bytes(self):
        return b"".join(path.read_bytes() for path in self.data.rglob("*") if path.is_file())


class Browser:
    """What a page of ours in somebody's browser sends: the cookie, and the token that it was told."""

    def __init__(self, server, headers=()):
        self.server = server
        self.headers = {"Sec-Fetch-Site": "same-origin", **dict(headers)}
        self.cookie = None  # NAME=VALUE
        self.said = None  # the Set-Cookie of the last answer
        self.csrf = None

    def send(self, method, path, body=None, headers=None):
        """Status, headers and the open answer."""
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=60)
        all_headers = dict(self.headers)
        if self.cookie:
            all_headers["Cookie"] = self.cookie
        if self.csrf:
            all_headers["X-CSRF-Token"] = self.csrf
        all_headers.update(headers or {})
        all_headers = {name: value for name, value in all_headers.items() if value is not None}
        connection.request(method, path, None if body is None else json.dumps(body), all_headers)
        return connection, connection.getresponse()

    def ask(self, method, path, body=None, headers=None):
        """Status and body."""
        connection, answer = self.send(method, path, body, headers)
        text = answer.read()
        connection.close()
        self.answer = answer
        self.said = answer.headers["Set-Cookie"]
        if self.said is not None:
            self.cookie = self.said.split(";")[0]
        body = json.loads(text) if text else None
        if isinstance(body, dict) and "csrf" in body:
            self.csrf = body["csrf"]
        return answer.status, body

    def log_in(self, name, password):
        return self.ask("POST", "/api/login", {"name": name, "password": password})


PASSWORD = "correct horse battery"


class PeopleCase(Case):
    def setUp(self):
        super().setUp()
        self.gyeol("init")
        self.server = self.serve()

    def restart(self):
        self.assertEqual(self.server.end(), 0)
        self.server = self.serve()

    def browser(self, **headers):
        return Browser(self.server, headers)

    def owner(self):
        browser = self.browser()
        link = self.server.link().split("#")[1]
        status, body = browser.ask("POST", "/api/setup", {"link": link, "name": "kim", "password": PASSWORD})
        self.assertEqual((status, body["name"], body["role"]), (200, "kim", "owner"))
        return browser

    def invite(self, owner, name, password=PASSWORD, **grants):
        """A user who has come by a link, logged in."""
        status, body = owner.ask("POST", "/api/users", {"name": name, **grants})
        self.assertEqual((status, body["name"]), (201, name))
        browser = self.browser()
        status, _ = browser.ask("POST", "/api/setup", {"link": body["link"].split("#")[1], "password": password})
        self.assertEqual(status, 200)
        browser.id = body["id"]
        return browser
