#!/usr/bin/env python3
"""test_serve.py PROGRAM - the server as SDKs, operators and careless clients meet it."""
import base64
import gzip
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "GYEOL_DATA"}
AS_OF = "2025-06-01T00:00:00Z"


def track(user, number, **more):
    return {"type": "track", "userId": user, "event": "Visit", "messageId": f"m-{user}-{number}",
            "timestamp": f"2025-01-01T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z",
            "properties": {"n": number}, **more}


class Server:
    """`gyeol serve` on a free port, ended by its process id."""

    def __init__(self, data, *options):
        self.log = tempfile.NamedTemporaryFile("r", encoding="utf-8")
        with open(self.log.name, "ab") as ours:  # a place in the file of its own: this one is moved to read
            self.process = subprocess.Popen([PROGRAM, "--data", str(data), "serve", "--listen", "127.0.0.1:0", *options],
                                            stderr=ours, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
        self.address = self.wait_for("listening", 30)["address"]
        self.host, port = self.address.rsplit(":", 1)
        self.port = int(port)

    def lines(self):
        self.log.seek(0)
        return [json.loads(line) for line in self.log.read().splitlines()]

    def wait_for(self, event, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for line in self.lines():
                if line["event"] == event:
                    return line
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.log.seek(0)
        raise AssertionError(f"no line \"{event}\": {self.log.read()}")

    def connect(self, timeout=60):
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(60)
        return self.process.returncode


class Serving(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = pathlib.Path(folder.name, "data")

    def gyeol(self, *args, status=0):
        done = subprocess.run([PROGRAM, "--data", str(self.data), *args], capture_output=True, text=True, timeout=120,
                              env=ENVIRONMENT)
        self.assertEqual(done.returncode, status, f"{args}: {done.stderr}")
        return done.stdout

    def serve(self, *options):
        server = Server(self.data, *options)
        self.addCleanup(server.log.close)
        self.addCleanup(server.end, signal.SIGKILL)
        return server

    def start(self, *options):
        """A server with a key."""
        self.gyeol("init")
        self.key = self.gyeol("key", "add", "web").strip()
        return self.serve(*options)

    def ask(self, server, method, path, body=None, headers=None, connection=None):
        mine = connection or server.connect()
        mine.request(method, path, body, headers or {})
        answer = mine.getresponse()
        text = answer.read()
        if connection is None:
            mine.close()
        return answer, text

    def basic(self, key=None):
        return {"Authorization": "Basic " + base64.b64encode(f"{key or self.key}:".encode()).decode()}

    def send(self, server, path, body, headers=None, status=200):
        """The answer to a body sent with the key, which must have this status."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer, text = self.ask(server, "POST", path, raw, {**self.basic(), **(headers or {})})
        self.assertEqual(answer.status, status, text)
        return json.loads(text)

    def refused(self, server, status, method, path, body=None, headers=None):
        answer, text = self.ask(server, method, path, body, headers)
        self.assertEqual(answer.status, status, text)
        self.assertEqual(answer.getheader("Content-Type"), "application/problem+json")
        problem = json.loads(text)
        self.assertEqual((problem["status"], problem["type"]), (status, "about:blank"))
        self.assertTrue(problem["title"] and problem["detail"])
        return problem["detail"]

    def events(self):
        return json.loads(self.gyeol("status", "--json"))["events"]

    def count(self, definition):
        return int(self.gyeol("count", definition))


class TheServer(Serving):
    def test_it_makes_the_directory_says_where_it_listens_and_stops(self):
        server = self.serve()
        self.assertEqual(os.stat(self.data).st_mode & 0o777, 0o700)
        answer, text = self.ask(server, "GET", "/healthz")
        self.assertEqual((answer.status, json.loads(text)), (200, {"status": "ok"}))
        self.assertEqual(server.end(), 0)
        self.assertEqual([line["event"] for line in server.lines()][-1], "stopped")
        self.assertTrue(all({"time", "level", "event"} <= line.keys() for line in server.lines()))
        self.gyeol("check")

    def test_it_listens_on_this_machine_only(self):
        for address, status in [("0.0.0.0:0", 2), ("[::]:0", 2), ("192.0.2.1:0", 2), ("8700", 2)]:
            with self.subTest(address=address):
                self.gyeol("serve", "--listen", address, status=status)
        self.assertFalse(self.data.exists())

    def test_one_server_a_directory(self):
        server = self.start()
        self.gyeol("serve", "--listen", "127.0.0.1:0", status=1)
        self.assertEqual(server.end(signal.SIGINT), 0)

    def test_paths_and_methods(self):
        server = self.start()
        self.refused(server, 404, "GET", "/nothing")
        self.refused(server, 404, "POST", "/v1", b"{}")
        self.refused(server, 405, "GET", "/v1/track")
        self.refused(server, 405, "DELETE", "/healthz")

    def test_other_commands_write_while_it_runs(self):
        server = self.start()
        self.send(server, "/v1/track", track("a", 1))
        self.gyeol("segment", "add", "visitors", 'did("Visit")')
        key = self.gyeol("key", "add", "app").strip()
        answer, text = self.ask(server, "POST", "/v1/track", json.dumps(track("b", 2)), self.basic(key))
        self.assertEqual(answer.status, 200, text)
        self.gyeol("key", "remove", "app")
        self.refused(server, 401, "POST", "/v1/track", json.dumps(track("c", 3)), self.basic(key))
        self.assertEqual(self.count("visitors"), 2)
        self.assertEqual([one["name"] for one in json.loads(self.gyeol("key", "list", "--json"))], ["web"])
        self.assertEqual(server.end(), 0)

    def test_what_is_being_answered_when_it_stops(self):
        server = self.start()
        acknowledged = [0]

        def send_on():
            connection = server.connect()
            try:
                while True:
                    body = json.dumps({"batch": [track("a", acknowledged[0] * 10 + i) for i in range(10)]})
                    answer, _ = self.ask(server, "POST", "/v1/batch", body, self.basic(), connection)
                    if answer.status != 200:
                        return
                    acknowledged[0] += 1
            except OSError:
                pass
            except http.client.HTTPException:
                pass

        sender = threading.Thread(target=send_on)
        sender.start()
        time.sleep(0.5)
        self.assertEqual(server.end(), 0)
        sender.join()
        self.assertGreater(acknowledged[0], 0)
        self.assertEqual(self.events(), acknowledged[0] * 10)


class Collecting(Serving):
    def test_every_path(self):
        server = self.start()
        calls = {"track": {"event": "E"}, "identify": {"traits": {"age": 3}}, "page": {"name": "Home"},
                 "screen": {"name": "Home"}, "group": {"groupId": "g"}, "alias": {}}
        for name, call in calls.items():
            for path in [f"/v1/{name}", f"/v1/{name[0]}", f"/v1/{name}/"]:
                body = {"userId": f"u{path}", "previousId": f"old{path}", **call}
                self.assertEqual(self.send(server, path, body), {"success": True})
        for path in ["/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch"]:
            body = {"batch": [{"type": name, "userId": f"u{path}", "previousId": f"old{path}", **call} for name, call in calls.items()]}
            self.assertEqual(self.send(server, path, body), {"success": True})
        self.assertEqual(self.count('did("E")'), 3 + 4)
        self.assertEqual(self.count('did("Page Viewed")'), 3 + 4)
        self.assertEqual(self.count('did("Screen Viewed")'), 3 + 4)
        self.assertEqual(self.count('did("Group Joined")'), 3 + 4)
        self.assertEqual(self.count("trait.age = 3"), 3 + 4)

    def test_where_the_key_stands(self):
        server = self.start()
        body = json.dumps({"batch": [track("a", 1)]})
        with_key = json.dumps({"batch": [track("b", 1)], "writeKey": self.key})
        for path, text, headers, status in [
            ("/v1/b", body, self.basic(), 200), ("/v1/b", with_key, {}, 200), (f"/v1/b?writeKey={self.key}", body, {}, 200),
            ("/v1/b", body, {}, 401), ("/v1/b", body, self.basic("web"), 401), ("/v1/b?writeKey=", body, {}, 401),
            ("/v1/b", with_key.replace("gyk_", "gyk-"), {}, 401), ("/v1/b", b"", {}, 401),
        ]:
            with self.subTest(path=path, headers=headers):
                answer, said = self.ask(server, "POST", path, text, headers)
                self.assertEqual(answer.status, status, said)
        self.assertEqual(self.count("everyone"), 2)
        for path in self.data.iterdir():
            if path.is_file():
                self.assertNotIn(self.key.encode(), path.read_bytes())

    def test_types_that_lie(self):
        server = self.start()
        body = json.dumps({"batch": [track("a", 1)]}).encode()
        for headers, raw in [({"Content-Type": "text/plain"}, body), ({"Content-Type": "application/x-www-form-urlencoded"}, gzip.compress(body)),
                             ({"Content-Encoding": "gzip", "Content-Type": "application/json"}, gzip.compress(body)),
                             ({"Content-Encoding": "gzip"}, body), ({"Content-Type": "application/x-www-form-urlencoded"}, body)]:
            self.assertEqual(self.send(server, "/v1/batch", raw, headers), {"success": True})
        self.assertEqual(self.events(), 1)

    def test_from_other_origins(self):
        server = self.start()
        answer, _ = self.ask(server, "OPTIONS", "/v1/t", None, {
            "Origin": "https://shop.example", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,anonymousid,content-type"})
        self.assertEqual(answer.status, 204)
        self.assertEqual(answer.getheader("Access-Control-Allow-Origin"), "https://shop.example")
        self.assertEqual(answer.getheader("Access-Control-Allow-Headers"), "authorization,anonymousid,content-type")
        self.assertIn("POST", answer.getheader("Access-Control-Allow-Methods"))
        for headers in [self.basic(), {}]:
            answer, _ = self.ask(server, "POST", "/v1/track", json.dumps(track("a", 1)), {"Origin": "https://shop.example", **headers})
            self.assertEqual(answer.getheader("Access-Control-Allow-Origin"), "https://shop.example")

    def test_the_settings_document(self):
        server = self.start()
        answer, text = self.ask(server, "GET", f"/v1/projects/{self.key}/settings")
        self.assertEqual(answer.status, 200)
        segment = json.loads(text)["integrations"]["Segment.io"]
        self.assertEqual((segment["apiKey"], segment["apiHost"], segment["protocol"]), (self.key, f"{server.address}/v1", "http"))
        self.refused(server, 404, "GET", "/v1/projects/nobody/settings")

    def test_the_source_of_a_web_page(self):
        """What RudderStack's library asks for before it sends."""
        server = self.start()
        for path, headers in [(f"/sourceConfig/?p=npm&v=3&writeKey={self.key}", {}), ("/sourceConfig", self.basic())]:
            answer, text = self.ask(server, "GET", path, None, {"Origin": "https://shop.example", **headers})
            self.assertEqual((answer.status, answer.getheader("Access-Control-Allow-Origin")), (200, "https://shop.example"))
            source = json.loads(text)["source"]
            self.assertEqual((source["enabled"], source["destinations"]), (True, []))
            self.assertEqual(source["config"]["statsCollection"], {"errors": {"enabled": False}, "metrics": {"enabled": False}})
        self.refused(server, 401, "GET", "/sourceConfig/?writeKey=nobody")
        self.refused(server, 401, "GET", "/sourceConfig")

    def test_bad_calls_fail_alone_and_are_kept(self):
        server = self.start()
        long = track("a", 2, context={"x": "y" * 33000})
        bad = ['{"type":"trac"}', json.dumps(long), "7", '{"type":"track","userId":"a","event":"E","properties":{"a":1e999}}',
               json.dumps({**track("a", 3), "timestamp": "2900-01-01"}), json.dumps({**track("a", 3), "timestamp": "soon"})]
        body = '{"batch":[' + ",".join([json.dumps(track("a", 1)), *bad, json.dumps(track("b", 1))]) + "]}"
        said = self.send(server, "/v1/batch", body.encode())
        self.assertTrue(said["success"])
        self.assertEqual([one["index"] for one in said["rejected"]], [1, 2, 3, 4, 5, 6])
        self.assertTrue(all(one["reason"] for one in said["rejected"]))
        self.assertEqual(self.events(), 2)
        with sqlite3.connect(self.data / "gyeol.db") as db:
            letters = db.execute("SELECT write_key, reason, call FROM dead_letter ORDER BY id").fetchall()
        self.assertEqual([call.decode() for _, _, call in letters], bad)
        self.assertEqual([reason for _, reason, _ in letters], [one["reason"] for one in said["rejected"]])
        self.assertEqual({key for key, _, _ in letters}, {"web"})
        detail = self.refused(server, 400, "POST", "/v1/track", b'{"userId":"a"}', self.basic())
        self.assertIn("event", detail)

    def test_many_bad_calls(self):
        server = self.start()
        said = self.send(server, "/v1/batch", b'{"batch":[' + b"7," * 9999 + b"7]}")
        self.assertEqual(said["rejected_count"], 10000)
        self.assertEqual([one["index"] for one in said["rejected"]], list(range(100)))

    def test_keys_that_cannot_be_read(self):
        """A key that was removed may not go on working, and senders are not told to throw away what they have."""
        server = self.start()
        body = json.dumps(track("a", 1))
        with sqlite3.connect(self.data / "gyeol.db") as db:
            db.execute("ALTER TABLE write_key RENAME TO gone")
        self.gyeol("segment", "add", "visitors", "everyone")
        answer, _ = self.ask(server, "POST", "/v1/track", body, self.basic())
        self.assertEqual((answer.status, answer.getheader("Retry-After")), (503, "1"))
        with sqlite3.connect(self.data / "gyeol.db") as db:
            db.execute("ALTER TABLE gone RENAME TO write_key")
        for _ in range(100):
            if self.ask(server, "POST", "/v1/track", body, self.basic())[0].status == 200:
                break
            time.sleep(0.1)
        self.send(server, "/v1/track", track("a", 1))
        self.refused(server, 401, "POST", "/v1/track", body, self.basic("nobody"))

    def test_bodies_that_are_none(self):
        server = self.start()
        for body in [b"", b"[]", b"{", b"\x1f\x8b", b"\x1f\x8bnothing", b"[" * 400000, b'{"batch":' + b"[" * 400000]:
            self.refused(server, 400, "POST", "/v1/batch", body, self.basic())
        answer, text = self.ask(server, "POST", "/v1/batch", b'{"batch":[' + b"[" * 200000 + b"]" * 200000 + b"]}", self.basic())
        self.assertEqual((answer.status, json.loads(text)["rejected"][0]["index"]), (200, 0))
        self.assertEqual(self.ask(server, "GET", "/healthz")[0].status, 200)

    def test_a_clock_that_is_off(self):
        server = self.start()
        now = time.time()

        def at(seconds):
            return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + seconds))

        call = {**track("a", 1), "timestamp": at(-3 * 3600 - 600)}
        self.send(server, "/v1/batch", {"batch": [call], "sentAt": at(-3 * 3600)})
        self.assertEqual(self.count('did("Visit" last 20 minutes) and not did("Visit" last 5 minutes)'), 1)
        self.send(server, "/v1/batch", {"batch": [call], "sentAt": at(-2 * 3600)})
        self.assertEqual(self.events(), 1)

    def test_sent_again_it_is_one(self):
        server = self.start()
        body = {"batch": [track("a", i) for i in range(10)]}
        for _ in range(3):
            self.send(server, "/v1/batch", body)
        server.end(signal.SIGKILL)
        server = self.serve()
        self.send(server, "/v1/batch", body)
        self.assertEqual(self.events(), 10)


class Careless(Serving):
    def test_a_key_that_is_not_known_spares_the_body(self):
        server = self.start()
        authorization = self.basic("nobody")["Authorization"]
        for path, header in [("/v1/batch", f"Authorization: {authorization}\r\n"), ("/v1/batch?writeKey=nobody", "")]:
            for size in ["Content-Length: 400000", "Transfer-Encoding: chunked"]:
                with socket.create_connection((server.host, server.port), 30) as s:
                    s.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n{header}{size}\r\n\r\n".encode())
                    self.assertIn(b" 401 ", s.recv(4096).split(b"\r\n")[0])

    def test_a_large_body_is_refused_before_it_comes(self):
        server = self.start()
        with socket.create_connection((server.host, server.port), 30) as s:
            s.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\nExpect: 100-continue\r\n\r\n")
            said = s.recv(4096)
        self.assertIn(b" 413 ", said.split(b"\r\n")[0])

    def test_a_large_body_without_its_size(self):
        server = self.start()
        piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        for n, is_answered in [(16, True), (160, False)]:
            said = b""
            with socket.create_connection((server.host, server.port), 30) as s:
                try:
                    s.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                    for _ in range(n):
                        s.sendall(piece)
                    s.sendall(b"0\r\n\r\n")
                    said = s.recv(4096)
                except OSError:
                    pass
            self.assertEqual(b" 413 " in said.split(b"\r\n")[0], is_answered)
        self.assertEqual(self.ask(server, "GET", "/healthz")[0].status, 200)

    def test_a_byte_a_second(self):
        server = self.start("--request-timeout", "2")
        started = time.monotonic()
        with socket.create_connection((server.host, server.port), 30) as s:
            s.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
            try:
                while time.monotonic() < started + 20:
                    s.sendall(b" ")
                    time.sleep(0.3)
                    if self.ask(server, "GET", "/healthz")[0].status != 200:
                        self.fail("others are not served")
            except OSError:
                pass
        self.assertLess(time.monotonic() - started, 10)

    def test_a_client_that_does_not_read(self):
        server = self.start()
        body = json.dumps({"batch": [7] * 5000, "writeKey": self.key}).encode()
        request = b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        with socket.create_connection((server.host, server.port), 30) as s:
            s.settimeout(0.5)
            try:
                for _ in range(100):
                    s.sendall(request)
            except OSError:
                pass
            self.assertEqual(self.ask(server, "GET", "/healthz")[0].status, 200)
            self.send(server, "/v1/track", track("a", 1))

    def test_many_idle_connections(self):
        server = self.start()
        idle = []
        try:
            for _ in range(500):
                idle.append(socket.create_connection((server.host, server.port), 30))
            self.send(server, "/v1/track", track("a", 1))
        finally:
            for s in idle:
                s.close()


class Killed(Serving):
    """Under load, at random, GYEOL_KILLS times: what was acknowledged is there, once."""

    def load(self, server, sender, acknowledged, stop):
        connection = server.connect()
        n = 0
        try:
            while not stop.is_set():
                user = f"s{sender}-{n}"
                body = json.dumps({"batch": [track(user, i) for i in range(20)]})
                answer, _ = self.ask(server, "POST", "/v1/batch", body, self.basic(), connection)
                if answer.status == 200:
                    acknowledged.add(user)
                n += 1
        except (OSError, http.client.HTTPException):
            pass

    def test_kill_under_load(self):
        seed = int(os.environ.get("SEED", time.time()))
        print(f"SEED={seed}", flush=True)
        rng = random.Random(seed)
        server = self.start()
        acknowledged = set()
        for round_no in range(int(os.environ.get("GYEOL_KILLS", 5))):
            stop = threading.Event()
            senders = [threading.Thread(target=self.load, args=(server, f"{round_no}-{i}", acknowledged, stop)) for i in range(4)]
            for sender in senders:
                sender.start()
            # mostly between commits, now and then when the log becomes a part and parts are merged
            time.sleep(rng.uniform(9.8, 11) if round_no % 5 == 4 else rng.uniform(0.2, 1.5))
            server.end(signal.SIGKILL)
            stop.set()
            for sender in senders:
                sender.join()
            server = self.serve()
        self.assertGreater(len(acknowledged), 10)
        self.assertEqual(server.end(), 0)
        self.gyeol("check")
        rows = self.gyeol("members", "--format", "csv", "--columns", 'count("Visit")', "everyone").splitlines()[1:]
        counts = dict(row.rsplit(",", 1) for row in rows)
        self.assertEqual({counts.get(user) for user in acknowledged}, {"20"})
        self.assertEqual(set(counts.values()), {"20"})


if __name__ == "__main__":
    unittest.main()
