#!/usr/bin/env python3
"""test_api.py PROGRAM - what the API answers is what the commands say, and nobody is answered without the right to ask."""
import http.client
import json
import pathlib
import re
import socket
import subprocess
import sys
import time
import unittest
import urllib.parse

import server_case
from server_case import ServerCase

ServerCase.program = str(pathlib.Path(sys.argv.pop(1)).resolve())


class ApiCase(ServerCase):
    def setUp(self):
        super().setUp()
        self.tokens = {role: self.gyeol("token", "add", role, "--role", role).strip() for role in ("analyst", "editor", "owner")}

    def request(self, method, path, body=None, role="owner", headers=None):
        """Status, headers and the body, read as JSON where it is that."""
        connection = http.client.HTTPConnection(self.address, timeout=60)
        self.addCleanup(connection.close)
        all_headers = {} if role is None else {"Authorization": f"Bearer {self.tokens[role]}"}
        all_headers.update(headers or {})
        connection.request(method, path, None if body is None else json.dumps(body), all_headers)
        response = connection.getresponse()
        text = response.read()
        kind = response.headers.get("Content-Type", "")
        return response.status, response.headers, json.loads(text) if "json" in kind and text else text

    def ask(self, path, role="owner", **body):
        status, _, answer = self.request("POST", path, body, role)
        self.assertEqual(status, 200, answer)
        return answer

    def refused(self, status, method, path, body=None, role="owner"):
        got, headers, problem = self.request(method, path, body, role)
        self.assertEqual((got, headers["Content-Type"]), (status, "application/problem+json"), problem)
        self.assertEqual(problem["status"], status)
        return problem

    def collect(self, calls):
        connection = http.client.HTTPConnection(self.address, timeout=60)
        self.addCleanup(connection.close)
        connection.request("POST", "/v1/batch", json.dumps({"writeKey": self.key, "batch": calls}))
        self.assertEqual(connection.getresponse().status, 200)

    def orders(self, count):
        """Customer cN has N orders, on the days of January."""
        self.collect([{"type": "track", "userId": f"c{n}", "event": "Order Completed", "messageId": f"{n}-{k}",
                       "timestamp": f"2025-01-{k + 1:02d}T00:00:00Z", "properties": {"revenue": 10}}
                      for n in range(1, count + 1) for k in range(n)])


class Asking(ApiCase):
    def test_answers_are_those_of_the_commands(self):
        self.orders(9)
        for text in ('count("Order Completed") >= 5', 'did("Order Completed") and not count("Order Completed") > 3',
                     'sum("Order Completed".revenue) > 30 or count("Order Completed") = 1'):
            said = self.gyeol("count", "--as-of", "2025-02-01", text).strip()
            self.assertEqual(self.ask("/api/count", definition=text, as_of="2025-02-01"),
                             {"count": int(said), "as_of": "2025-02-01T00:00:00.000Z"})
            for command in ("waterfall", "explain"):
                said = json.loads(self.gyeol("--json", command, "--as-of", "2025-02-01", text))
                self.assertEqual(self.ask(f"/api/{command}", definition=text, as_of="2025-02-01"), said)
            said = json.loads(self.gyeol("--json", "why", "--as-of", "2025-02-01", "c5", text))
            self.assertEqual(self.ask("/api/why", customer="c5", definition=text, as_of="2025-02-01"), said)

    def test_a_segment_is_asked_by_its_name(self):
        self.orders(9)
        self.gyeol("segment", "add", "많이/사는 사람", 'count("Order Completed") >= 5')
        self.assertEqual(self.ask("/api/count", segment="많이/사는 사람", as_of="2025-02-01")["count"], 5)
        self.refused(404, "POST", "/api/count", {"segment": "nobody's"})

    def test_what_was_collected_is_seen_within_a_fifth_of_a_second(self):
        self.orders(3)
        self.assertEqual(self.ask("/api/count", definition="everyone")["count"], 3)
        self.orders(4)
        time.sleep(0.2)
        self.assertEqual(self.ask("/api/count", definition="everyone")["count"], 4)

    def test_an_error_has_its_place(self):
        problem = self.refused(400, "POST", "/api/count", {"definition": 'did("Visit") and\n  did(', "allow_unknown": True})
        self.assertEqual((problem["code"], problem["line"]), ("INVALID", 2))
        problem = self.refused(400, "POST", "/api/count", {"definition": 'did("Vist")'})
        self.assertIn("Vist", problem["detail"])

    def test_bodies_that_are_none(self):
        for body in ({}, {"definition": 1}, {"definition": "everyone", "segment": "x"}, {"definition": "everyone", "as_of": "soon"}):
            self.refused(400, "POST", "/api/count", body)
        self.refused(400, "POST", "/api/count", [])
        connection = http.client.HTTPConnection(self.address, timeout=60)
        for text in ("{", "{} {}", '{"definition": "everyone", "definition": "nobody"}', "[" * 100000, "\0"):
            connection.request("POST", "/api/count", text, {"Authorization": f"Bearer {self.tokens['owner']}"})
            response = connection.getresponse()
            self.assertEqual((response.status, json.loads(response.read())["status"]), (400, 400))
        connection.close()
        self.refused(413, "POST", "/api/count", {"definition": "x" * 300000})

    def test_a_client_that_goes_away_stops_its_question(self):
        """Thousands of questions whose askers have hung up do not hold up the next one."""
        self.orders(9)
        text = json.dumps({"definition": 'percentile(sum("Order Completed".revenue)) > 50', "as_of": "2025-02-01"})
        head = (f"POST /api/count HTTP/1.1\r\nHost: {self.address}\r\nAuthorization: Bearer {self.tokens['owner']}\r\n"
                f"Content-Length: {len(text)}\r\n\r\n{text}")
        host, port = self.address.rsplit(":", 1)
        for _ in range(300):
            with socket.create_connection((host, int(port))) as gone:
                gone.sendall(head.encode())
        began = time.monotonic()
        self.assertEqual(self.ask("/api/count", definition="everyone")["count"], 9)
        self.assertLess(time.monotonic() - began, 10)


class Rights(ApiCase):
    def test_nobody_is_answered_without_a_token(self):
        self.refused(401, "POST", "/api/count", {"definition": "everyone"}, role=None)
        status, _, _ = self.request("POST", "/api/count", {"definition": "everyone"}, None, {"Authorization": f"Bearer {self.key}"})
        self.assertEqual(status, 401)

    def test_a_token_that_was_removed_opens_nothing(self):
        self.ask("/api/count", "analyst", definition="everyone")
        self.gyeol("token", "remove", "analyst")
        self.refused(401, "POST", "/api/count", {"definition": "everyone"}, role="analyst")

    def test_every_route_of_the_document_takes_its_role(self):
        status, _, document = self.request("GET", "/api/openapi.json", role=None)
        self.assertEqual(status, 200)
        ranks = {"public": 0, "analyst": 1, "editor": 2, "owner": 3}
        for path, item in document["paths"].items():
            for verb, operation in item.items():
                if verb == "parameters" or operation["x-role"] == "public":
                    continue
                place = re.sub(r"\{.*?\}", "nothing", path)
                needs = ranks[operation["x-role"]]
                for role, rank in (("nobody", 0), ("analyst", 1), ("editor", 2)):
                    if rank < needs:
                        with self.subTest(verb=verb, path=path, role=role):
                            body = {} if "requestBody" in operation else None
                            self.refused(403 if rank else 401, verb.upper(), place, body, role if rank else None)


class Paths(ApiCase):
    def test_unknown_paths_and_methods(self):
        self.refused(404, "GET", "/api/nothing")
        problem = self.request("GET", "/api/count")
        self.assertEqual((problem[0], problem[1]["Allow"]), (405, "POST"))

    def test_answers_are_not_kept_by_caches(self):
        _, headers, _ = self.request("POST", "/api/count", {"definition": "everyone"})
        self.assertEqual(headers["Cache-Control"], "no-store")


class Stopping(ApiCase):
    def test_it_stops_while_questions_are_asked(self):
        self.orders(9)
        text = json.dumps({"definition": "everyone"})
        waiting = []
        for _ in range(20):
            connection = http.client.HTTPConnection(self.address, timeout=60)
            connection.request("POST", "/api/count", text, {"Authorization": f"Bearer {self.tokens['owner']}"})
            waiting.append(connection)
        self.server.terminate()
        self.assertEqual(self.server.wait(30), 0)
        for connection in waiting:
            try:
                self.assertIn(connection.getresponse().status, (200, 503))
            except (http.client.HTTPException, ConnectionError):
                pass
            connection.close()


if __name__ == "__main__":
    unittest.main()
