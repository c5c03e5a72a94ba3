#!/usr/bin/env python3
"""test_webhooks.py PROGRAM - what a receiver of webhooks gets: signed, at least once, in a customer's order, through failures."""
import collections
import hashlib
import hmac
import http.server
import json
import signal
import sqlite3
import threading
import time
import unittest

from test_live import Live, now, track


class Receiver:
    """Takes POSTs on a free port. `answer(body)` gives the status, or (status, headers)."""

    def __init__(self, answer=lambda body: 204):
        self.got = []
        self.answer = answer
        self.lock = threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                body = json.loads(raw)
                answer = receiver.answer(body)
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                with receiver.lock:
                    receiver.got.append((time.time(), status, dict(self.headers), raw, body))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # the sender was killed
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def bodies(self, well=True):
        with self.lock:
            return [body for _, status, _, _, body in self.got if not well or status < 300]

    def wait_for(self, n, seconds, well=True):
        until = time.monotonic() + seconds
        while len(self.bodies(well)) < n and time.monotonic() < until:
            time.sleep(0.02)
        return self.bodies(well)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Webhooks(Live):
    def receive(self, *answer):
        receiver = Receiver(*answer)
        self.addCleanup(receiver.close)
        return receiver

    def hook(self, receiver, name="crm", *options):
        return self.gyeol("webhook", "add", name, receiver.url, *options).strip()

    def hooks(self):
        return {one["name"]: one for one in json.loads(self.gyeol("webhook", "list", "--json"))}

    def wait_for_hook(self, key, value, seconds=15):
        until = time.monotonic() + seconds
        while self.hooks()["crm"][key] != value and time.monotonic() < until:
            time.sleep(0.1)
        self.assertEqual(self.hooks()["crm"][key], value)


class Deliveries(Webhooks):
    def test_event_in_webhook_out(self):
        server = self.start()
        receiver = self.receive()
        self.add("buyers", 'did("Order")')
        self.add("others", 'did("Other")')
        secret = self.hook(receiver, "crm", "--segment", "buyers")
        self.wait_for_refresh("others")
        self.send(server, "/v1/batch", {"batch": [track("ann", "Order"), track("ann", "Other")]})
        self.send(server, "/v1/track", {**track("", "Order"), "userId": "", "anonymousId": "phone"})
        bodies = receiver.wait_for(2, 5)
        self.assertEqual(len(bodies), 2, bodies)
        first = bodies[0]
        self.assertEqual({key: first[key] for key in ("type", "segment", "version", "change", "customer", "cause")},
                         {"type": "segment.entered", "segment": "buyers", "version": 1, "change": "entered",
                          "customer": {"id": "ann", "is_identified": True}, "cause": {"type": "event", "event": "Order"}})
        self.assertEqual(bodies[1]["customer"], {"id": "phone", "is_identified": False})
        at, _, headers, raw, body = receiver.got[0]
        self.assertEqual(headers["Idempotency-Key"], body["id"])
        self.assertEqual(headers["Content-Type"], "application/json")
        parts = dict(part.split("=") for part in headers["Gyeol-Signature"].split(","))
        self.assertLess(abs(at - int(parts["t"])), 60)
        self.assertEqual(parts["v1"], hmac.new(secret.encode(), f"{parts['t']}.".encode() + raw, hashlib.sha256).hexdigest())
        time.sleep(1)
        self.assertEqual(server.end(), 0)
        self.serve()
        time.sleep(1)
        self.assertEqual(len(receiver.got), 2)  # a restart tells nothing again
        self.gyeol("check")

    def test_an_exit_by_time_alone(self):
        server = self.start()
        receiver = self.receive()
        self.add("now", 'did("Visit" last 1 minutes)')
        self.hook(receiver)
        self.wait_for_refresh("now")
        entered = time.time() - 45
        self.send(server, "/v1/track", track("a", "Visit", now(-45)))
        bodies = receiver.wait_for(2, 80)
        self.assertEqual([(one["change"], one["cause"]["type"]) for one in bodies], [("entered", "event"), ("left", "time")])
        instant = entered + 60
        self.assertTrue(instant - 1 <= receiver.got[1][0] <= instant + 60, receiver.got[1][0] - instant)

    def test_add_list_test_remove(self):
        self.gyeol("init")
        receiver = self.receive()
        self.gyeol("webhook", "add", "crm", "ftp://example.org/", status=2)
        self.gyeol("webhook", "add", "crm", receiver.url, "--segment", "nobody", status=2)
        secret = self.hook(receiver)
        self.assertRegex(secret, "^gyw_[A-Za-z0-9]{32}$")
        self.assertNotIn(secret, self.gyeol("webhook", "list", "--json") + self.gyeol("webhook", "list"))
        self.gyeol("webhook", "add", "crm", receiver.url, status=2)
        self.gyeol("webhook", "test", "crm")
        self.assertEqual([one["type"] for one in receiver.bodies()], ["test"])
        receiver.answer = lambda body: 500
        self.gyeol("webhook", "test", "crm", status=1)
        self.gyeol("webhook", "test", "none", status=2)
        self.gyeol("webhook", "remove", "crm")
        self.gyeol("webhook", "remove", "crm", status=2)
        self.assertEqual(self.hooks(), {})

    def test_over_the_api(self):
        server = self.start()
        receiver = self.receive()
        self.add("buyers", 'did("Order")')
        token = {"Authorization": "Bearer " + self.gyeol("token", "add", "me", "--role", "owner").strip()}

        def ask(method, path, status, body=None):
            answer, text = self.ask(server, method, path, None if body is None else json.dumps(body),
                                    {**token, "Content-Type": "application/json"})
            self.assertEqual(answer.status, status, text)
            return json.loads(text) if text else None

        self.wait_for_refresh("buyers")
        ask("POST", "/api/webhooks", 400, {"name": "crm", "url": "file:///etc/passwd"})
        ask("POST", "/api/webhooks", 404, {"name": "crm", "url": receiver.url, "segments": ["nobody"]})
        made = ask("POST", "/api/webhooks", 201, {"name": "crm", "url": receiver.url, "segments": ["buyers"]})
        self.assertTrue(made["secret"].startswith("gyw_"))
        ask("POST", "/api/webhooks", 409, {"name": "crm", "url": receiver.url})
        listed = ask("GET", "/api/webhooks", 200)
        self.assertEqual([(one["name"], one["segments"], one["is_active"]) for one in listed], [("crm", ["buyers"], True)])
        self.assertNotIn("secret", listed[0])
        self.send(server, "/v1/track", track("a", "Order"))
        self.assertEqual(len(receiver.wait_for(1, 5)), 1)
        self.assertEqual(ask("POST", "/api/webhooks/crm/replay", 200), {"replayed": 0})
        ask("DELETE", "/api/webhooks/crm", 204)
        ask("DELETE", "/api/webhooks/crm", 404)

    def test_only_public_addresses_where_that_is_said(self):
        server = self.start("--only-public-webhooks")
        receiver = self.receive()
        self.add("buyers", 'did("Order")')
        self.hook(receiver)
        self.wait_for_refresh("buyers")
        self.send(server, "/v1/track", track("a", "Order"))
        self.wait_for_hook("waiting", 1)
        self.assertEqual(receiver.got, [])


class Failures(Webhooks):
    def test_failures_are_tried_again_and_a_customer_stays_in_order(self):
        server = self.start()
        failures = collections.Counter()

        def answer(body):
            failures[body["id"]] += 1
            is_first = failures[body["id"]] <= 2 and body["customer"]["id"] == "a"
            return 503 if is_first else 200

        receiver = self.receive(answer)
        self.add("odd", 'last("Visit".n) = 1')
        self.hook(receiver)
        self.wait_for_refresh("odd")
        for n in (1, 0, 1, 0):
            self.send(server, "/v1/batch", {"batch": [track("a", "Visit", properties={"n": n}), track("b", "Visit", properties={"n": n})]})
            time.sleep(0.4)
        bodies = receiver.wait_for(8, 40)
        self.assertEqual(len(bodies), 8, bodies)
        for user in "ab":
            self.assertEqual([one["change"] for one in bodies if one["customer"]["id"] == user], ["entered", "left", "entered", "left"])
        self.assertEqual([one["customer"]["id"] for one in bodies[:4]].count("b"), 4)  # b does not wait for a
        self.wait_for_hook("waiting", 0)

    def test_it_waits_as_long_as_it_is_told(self):
        server = self.start()
        receiver = self.receive(lambda body: (429, {"Retry-After": "4"}) if not receiver.got else 200)
        self.add("buyers", 'did("Order")')
        self.hook(receiver)
        self.wait_for_refresh("buyers")
        self.send(server, "/v1/track", track("a", "Order"))
        self.assertEqual(len(receiver.wait_for(1, 15)), 1)
        self.assertGreaterEqual(receiver.got[1][0] - receiver.got[0][0], 3.9)
        self.assertEqual(receiver.got[0][4], receiver.got[1][4])
        self.assertEqual(receiver.got[0][2]["Idempotency-Key"], receiver.got[1][2]["Idempotency-Key"])

    def test_it_is_told_to_wait_for_ever(self):
        server = self.start()
        receiver = self.receive(lambda body: (429, {"Retry-After": "9223372036854775807"}))
        self.add("buyers", 'did("Order")')
        self.hook(receiver)
        self.wait_for_refresh("buyers")
        self.send(server, "/v1/track", track("a", "Order"))
        self.wait_for_hook("waiting", 1)
        time.sleep(2)
        self.assertEqual(len(receiver.got), 1)
        with sqlite3.connect(self.data / "gyeol.db", timeout=30) as catalog:
            rows = catalog.execute("SELECT until_ms - next_ms FROM webhook_retry WHERE NOT is_dead").fetchall()
        self.assertEqual(rows, [(0,)])  # once more before it is given up

    def test_redirects_are_not_followed(self):
        server = self.start()
        other = self.receive()
        receiver = self.receive(lambda body: (302, {"Location": other.url}))
        self.add("buyers", 'did("Order")')
        self.hook(receiver)
        self.wait_for_refresh("buyers")
        self.send(server, "/v1/track", track("a", "Order"))
        receiver.wait_for(2, 10, well=False)
        self.assertEqual(other.got, [])
        self.assertGreaterEqual(len(receiver.got), 2)

    def test_gone_is_gone_until_it_is_replayed(self):
        server = self.start()
        receiver = self.receive(lambda body: 410)
        self.add("buyers", 'did("Order")')
        self.hook(receiver)
        self.wait_for_refresh("buyers")
        self.send(server, "/v1/track", track("a", "Order"))
        self.wait_for_hook("is_active", False)
        self.assertEqual(self.hooks()["crm"]["dead"], 1)
        self.send(server, "/v1/track", track("b", "Order"))
        self.wait_for_changes(2, 5)
        time.sleep(1)
        self.assertEqual(len(receiver.got), 1)
        receiver.answer = lambda body: 200
        self.gyeol("webhook", "replay", "crm")
        self.assertEqual(sorted(one["customer"]["id"] for one in receiver.wait_for(2, 10)), ["a", "b"])
        self.wait_for_hook("dead", 0)

    def test_dead_letters_are_kept_and_replayed(self):
        server = self.start()
        receiver = self.receive(lambda body: 500)
        self.add("buyers", 'did("Order")')
        self.hook(receiver)
        self.wait_for_refresh("buyers")
        self.send(server, "/v1/track", track("a", "Order"))
        self.wait_for_hook("waiting", 1)
        self.assertEqual(server.end(), 0)
        with sqlite3.connect(self.data / "gyeol.db") as catalog:  # a day goes by
            catalog.execute("UPDATE webhook_retry SET until_ms = next_ms - 86400000, next_ms = next_ms - 86400000")
        server = self.serve()
        self.wait_for_hook("dead", 1)
        receiver.answer = lambda body: 200
        self.gyeol("webhook", "replay", "crm")
        self.assertEqual(len(receiver.wait_for(1, 10)), 1)
        self.wait_for_hook("dead", 0)
        self.wait_for_hook("waiting", 0)
        self.assertEqual(server.end(), 0)
        self.gyeol("check")


class Restarts(Webhooks):
    def test_killed_in_the_middle(self):
        """Nothing is missed; what comes twice has the id that it had."""
        server = self.start()
        receiver = self.receive(lambda body: 200 if hash(body["id"]) % 3 or seen[body["id"]] > 0 else seen.update([body["id"]]) or 503)
        seen = collections.Counter()
        self.add("visitors", 'did("Visit")')
        self.hook(receiver)
        self.wait_for_refresh("visitors")
        n = 0
        for _ in range(5):
            for _ in range(15):
                self.send(server, "/v1/batch", {"batch": [track(f"u{n + i}", "Visit") for i in range(10)]})
                n += 10
            server.end(signal.SIGKILL)
            server = self.serve()
        until = time.monotonic() + 60
        while len({one["id"] for one in receiver.bodies()}) < n and time.monotonic() < until:
            time.sleep(0.1)
        by_id = {one["id"]: one for one in receiver.bodies()}
        self.assertEqual(len(by_id), n)
        self.assertEqual(sorted(one["customer"]["id"] for one in by_id.values()), sorted(f"u{i}" for i in range(n)))
        for body in receiver.bodies():
            self.assertEqual(body, by_id[body["id"]])
        self.wait_for_hook("waiting", 0, 30)
        self.assertEqual(server.end(), 0)
        self.gyeol("check")


if __name__ == "__main__":
    unittest.main()
