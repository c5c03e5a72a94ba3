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
        return response.status, response.headers, json.loads(text) if kind.endswith("json") and text else text

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

    def test_what_nobody_reads_is_refused(self):
        """A misspelt name would else give an answer to another question."""
        problem = self.refused(400, "POST", "/api/count", {"definition": "everyone", "asof": "2025-01-01"})
        self.assertIn("as_of", problem["hint"])
        self.refused(400, "POST", "/api/count?asof=2025-01-01", {"definition": "everyone"})
        self.refused(400, "GET", "/api/segments?limits=3")
        self.refused(400, "PUT", "/api/segments/vip", {"definition": "everyone", "refresh": "live"})
        self.refused(400, "PUT", "/api/segments/vip", {"where": "everyone"})
        self.refused(400, "PUT", "/api/lists/news", {"ids": [], "keep": True})

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


class Segments(ApiCase):
    PATH = "/api/segments/" + urllib.parse.quote("VIP/단골", safe="")

    def put(self, body, role="editor"):
        status, _, answer = self.request("PUT", self.PATH, body, role)
        self.assertEqual(status, 200, answer)
        return answer

    def test_what_is_put_is_what_the_commands_show(self):
        self.orders(9)
        answer = self.put({"definition": 'count("Order Completed") >= 5', "reason": "five is many",
                           "attributes": {"title": {"en": "VIPs", "ko": "단골"}, "priority": 1, "tags": ["a", "b"]}})
        self.assertEqual((answer["version"], answer["customers"], answer["versions"][0]["author"]), (1, 5, "editor"))
        said = json.loads(self.gyeol("--json", "segment", "show", "VIP/단골"))
        later = {"as_of": None, "refreshed": None}  # the schedule looks at it meanwhile
        self.assertEqual({**said, **later}, {**answer, **later})
        answer = self.put({"definition": 'count("Order Completed") >= 8', "attributes": {"owner": "crm", "tags": None}})
        self.assertEqual((answer["version"], answer["customers"]), (2, 2))
        self.assertEqual(answer["attributes"], {"title": {"en": "VIPs", "ko": "단골"}, "priority": 1, "owner": "crm"})
        answer = self.put({"attributes": {"owner": "sales"}})
        self.assertEqual((answer["version"], answer["attributes"]["owner"]), (2, "sales"))
        _, _, version = self.request("GET", self.PATH + "/versions/2")
        self.assertEqual((version["removed"], version["added"]),
                         (['count("Order Completed") >= 5'], ['count("Order Completed") >= 8']))
        listed = self.request("GET", "/api/segments?as_of=2025-01-07", role="analyst")[2]
        self.assertEqual([(s["name"], s["customers"]) for s in listed["segments"]], [("VIP/단골", 0)])
        self.assertEqual(listed, json.loads(self.gyeol("--json", "segment", "list", "--as-of", "2025-01-07")))
        for by in ("day", "week", "month"):
            query = f"by={by}&from=2025-01-01&to=2025-01-12&as_of=2025-02-01"
            said = json.loads(self.gyeol("--json", "segment", "history", "--by", by, "--from", "2025-01-01", "--to",
                                         "2025-01-12", "--as-of", "2025-02-01", "VIP/단골"))
            self.assertEqual(self.request("GET", f"{self.PATH}/history?{query}")[2], said)

    def test_a_preview_changes_nothing(self):
        self.orders(9)
        self.put({"definition": 'count("Order Completed") >= 5'})
        _, _, said = self.request("POST", self.PATH + "/preview", {"definition": 'count("Order Completed") < 7'})
        self.assertEqual((said["customers"], said["enter"], said["leave"]), (6, 4, 3))
        self.assertEqual((said["enter_revenue"], said["leave_revenue"]), (100, 240))
        self.assertEqual(self.request("GET", self.PATH)[2]["version"], 1)

    def test_what_would_break_is_refused(self):
        self.orders(2)
        self.put({"definition": "everyone"})
        self.request("PUT", "/api/segments/other", {"definition": 'in segment("VIP/단골")'})
        self.assertIn("other", self.refused(409, "DELETE", self.PATH)["detail"])
        self.refused(400, "PUT", self.PATH, {"definition": 'did("Visti")'})
        self.refused(400, "PUT", "/api/segments/new", {})
        self.refused(400, "PUT", self.PATH, {"attributes": {"priority": "high"}})
        self.refused(400, "PUT", self.PATH, {"attributes": {"colour": "red"}})
        self.assertEqual(self.request("DELETE", "/api/segments/other")[0], 204)
        self.assertEqual(self.request("DELETE", self.PATH)[0], 204)
        self.refused(404, "GET", self.PATH)
        self.refused(404, "DELETE", self.PATH)

    def test_changes_are_in_the_audit_trail(self):
        self.put({"definition": "everyone"})
        self.request("DELETE", self.PATH, role="owner")
        self.refused(404, "DELETE", self.PATH)
        trail = json.loads(self.gyeol("--json", "audit"))
        told = [(e["who"], e["action"], e["object"]) for e in trail if e["action"].startswith("segment ")]
        self.assertEqual(sorted(told), [("editor", "segment add", "VIP/단골"), ("owner", "segment remove", "VIP/단골")])


class Members(ApiCase):
    def test_pages_join_to_the_whole(self):
        self.orders(30)
        self.gyeol("segment", "add", "many", 'count("Order Completed") >= 8')
        seen, cursor = [], "0"
        while cursor is not None:
            _, _, page = self.request("GET", f"/api/segments/many/members?limit=5&cursor={cursor}&as_of=2025-03-01&columns="
                                      + urllib.parse.quote('count("Order Completed")'))
            self.assertEqual(page["count"], 23)
            self.assertLessEqual(len(page["members"]), 5)
            seen += page["members"]
            cursor = page["next"]
        self.assertEqual(seen, [{"id": f"c{n}", 'count("Order Completed")': n} for n in range(8, 31)])
        whole = self.ask("/api/members?limit=10000", segment="many", columns='count("Order Completed")', as_of="2025-03-01")
        self.assertEqual((whole["members"], whole["next"]), (seen, None))
        for query in ("limit=0", "limit=10001", "limit=x", "cursor=-1", "columns=nothing("):
            self.refused(400, "GET", f"/api/segments/many/members?{query}")

    def test_a_file_is_what_the_command_writes(self):
        self.orders(30)
        self.gyeol("segment", "add", "many", 'count("Order Completed") >= 8')
        columns = 'count("Order Completed"), last("Order Completed".revenue)'
        for form in ("csv", "jsonl"):
            said = self.gyeol("members", "--format", form, "--as-of", "2025-03-01", "--columns", columns, "many")
            path = f"/api/segments/many/export?format={form}&as_of=2025-03-01&columns={urllib.parse.quote(columns)}"
            status, headers, text = self.request("GET", path, role="analyst")
            self.assertEqual((status, text.decode("utf-8-sig" if form == "csv" else "utf-8")), (200, said))
            self.assertIn(f"members.{form}", headers["Content-Disposition"])
        status, _, book = self.request("POST", "/api/export?format=xlsx", {"definition": "everyone"})
        self.assertEqual((status, book[:2]), (200, b"PK"))
        self.refused(400, "GET", "/api/segments/many/export?format=pdf")

    def test_whether_somebody_is_in(self):
        self.orders(9)
        self.gyeol("segment", "add", "many", 'count("Order Completed") >= 8')
        self.assertEqual([self.request("GET", f"/api/segments/many/members/c{n}", role="analyst")[2]["member"] for n in (7, 8, 9)],
                         [False, True, True])
        self.assertFalse(self.request("GET", "/api/segments/many/members/c9?as_of=2025-01-07")[2]["member"])
        self.refused(404, "GET", "/api/segments/many/members/nobody")
        self.refused(404, "GET", "/api/segments/nothing/members/c1")


class Customers(ApiCase):
    def people(self):
        self.collect([{"type": "identify", "userId": f"Kim-{n}", "messageId": f"i{n}", "timestamp": "2025-01-01T00:00:00Z",
                       "traits": {"email": f"{name}@example.com", "name": name, "plan": "gold"}}
                      for n, name in enumerate(("철수", "영희", "minsu"))]
                     + [{"type": "identify", "userId": "kim-1", "anonymousId": "device-7", "messageId": "d", "traits": {}}])

    def found(self, text, role="owner", limit=20):
        status, _, answer = self.request("GET", f"/api/customers?limit={limit}&search={urllib.parse.quote(text)}", role=role)
        self.assertEqual(status, 200, answer)
        return [c["id"] for c in answer["customers"]]

    def test_search(self):
        self.people()
        self.assertEqual(self.found("kim-1"), ["kim-1", "Kim-1"])
        self.assertEqual(self.found("KIM"), ["Kim-0", "Kim-1", "Kim-2", "kim-1"])
        self.assertEqual(self.found("KIM", limit=2), ["Kim-0", "Kim-1"])
        self.assertEqual(self.found("영희"), ["Kim-1"])
        self.assertEqual(self.found("minsu@example"), ["Kim-2"])
        self.assertEqual(self.found("gold"), [])
        self.assertEqual(self.found("device-7"), ["kim-1"])
        self.assertEqual(self.found('"'), [])
        self.assertEqual(len(self.found("")), 4)

    def test_a_search_does_not_tell_what_is_masked(self):
        self.people()
        self.assertEqual(self.found("minsu@example", role="analyst"), [])
        self.assertEqual(self.found("kim-2", role="analyst"), ["Kim-2"])

    def test_a_card_is_what_the_command_shows(self):
        self.orders(3)
        self.gyeol("segment", "add", "many", 'count("Order Completed") >= 3')
        self.gyeol("metric", "add", "spent", 'sum("Order Completed".revenue)')
        said = json.loads(self.gyeol("--json", "customer", "show", "--events", "2", "--as-of", "2025-02-01", "c3"))
        status, _, answer = self.request("GET", "/api/customers/c3?events=2&as_of=2025-02-01")
        self.assertEqual((status, answer), (200, said))
        self.assertEqual((answer["segments"], answer["metrics"]["spent"], answer["n_events"], len(answer["events"])),
                         (["many"], 30, 3, 2))
        self.refused(404, "GET", "/api/customers/nobody")
        self.refused(400, "GET", "/api/customers/c3?events=many")


class Lists(ApiCase):
    def test_lists_are_put_added_to_and_taken_from(self):
        self.orders(5)
        self.assertEqual(self.request("PUT", "/api/lists/news", {"ids": ["c1", "c2", "later"]}, "editor")[0], 204)
        self.assertEqual(self.request("POST", "/api/lists/news/add", {"ids": ["c4", "c4"]})[0], 204)
        self.assertEqual(self.request("POST", "/api/lists/news/take", {"ids": ["c2", "nobody"]})[0], 204)
        self.assertEqual(self.request("GET", "/api/lists/news")[2], {"count": 2, "customers": ["c1", "c4"], "next": None})
        self.assertEqual(self.request("GET", "/api/lists/news?limit=1")[2], {"count": 2, "customers": ["c1"], "next": "1"})
        self.assertEqual(self.request("GET", "/api/lists/news?cursor=1")[2]["customers"], ["c4"])
        self.assertEqual([(l["name"], l["ids"]) for l in self.request("GET", "/api/lists")[2]["lists"]], [("news", 3)])
        self.assertEqual(self.ask("/api/count", definition="in list(news)")["count"], 2)

    def test_a_list_in_use_stays(self):
        self.request("PUT", "/api/lists/news", {"ids": ["c1"]})
        self.request("PUT", "/api/segments/readers", {"definition": "in list(news)"})
        self.refused(409, "DELETE", "/api/lists/news")
        self.assertEqual(self.request("DELETE", "/api/segments/readers")[0], 204)
        self.assertEqual(self.request("DELETE", "/api/lists/news")[0], 204)
        self.refused(404, "GET", "/api/lists/news")
        for body in ({}, {"ids": "c1"}, {"ids": [1]}, {"ids": [""]}, {"ids": ["x" * 1025]}):
            self.refused(400, "PUT", "/api/lists/news", body)


class Workspace(ApiCase):
    def test_reports_schema_and_status_are_those_of_the_commands(self):
        self.orders(9)
        for path, command in (("/api/status", ("status",)), ("/api/schema?as_of=2025-02-01", ("schema", "--as-of", "2025-02-01")),
                              ("/api/reports/summary?as_of=2025-02-01", ("report", "summary", "--as-of", "2025-02-01")),
                              ("/api/reports/rfm?as_of=2025-02-01", ("report", "rfm", "--as-of", "2025-02-01")),
                              ("/api/reports/summary?as_of=2025-02-01&segment=" + urllib.parse.quote('count("Order Completed") > 5'),
                               ("report", "summary", "--as-of", "2025-02-01", "--segment", 'count("Order Completed") > 5'))):
            with self.subTest(path=path):
                self.assertEqual(self.request("GET", path, role="analyst")[2], json.loads(self.gyeol("--json", *command)))
        self.refused(400, "GET", "/api/reports/summary?segment=nothing")

    def test_dead_letters(self):
        self.collect([{"type": "track", "userId": "c1", "event": "Visit", "messageId": "1"}]
                     + [{"type": "track", "event": f"Visit {n}"} for n in range(5)])
        page = self.request("GET", "/api/dead-letters?limit=3", role="editor")[2]
        rest = self.request("GET", f"/api/dead-letters?limit=3&cursor={page['next']}")[2]
        calls = [json.loads(letter["call"])["event"] for letter in page["letters"] + rest["letters"]]
        self.assertEqual((calls, rest["next"]), ([f"Visit {n}" for n in (4, 3, 2, 1, 0)], None))
        self.assertEqual(page["letters"][0]["write_key"], "server")
        self.assertTrue(page["letters"][0]["reason"])
        self.refused(403, "GET", "/api/dead-letters", role="analyst")


class Files(ApiCase):
    def many(self, count):
        """Each with a long trait, so that a file of them does not fit into what sockets hold."""
        path = pathlib.Path(self.data.parent, "many.csv")
        path.write_text("id,note\n" + "".join(f"m{n},{'x' * 200}\n" for n in range(count)))
        self.gyeol("import", "--as", "customers", "--map", "customer_id=id", str(path))

    def begin(self):
        """A file that nobody reads."""
        connection = http.client.HTTPConnection(self.address, timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/segments/all/export?columns=trait.note", headers={"Authorization": f"Bearer {self.tokens['analyst']}"})
        return connection

    def test_files_that_nobody_reads_hold_up_neither_others_nor_the_end(self):
        self.many(100000)
        self.gyeol("segment", "add", "all", "everyone")
        readers = [self.begin() for _ in range(12)]
        time.sleep(2)
        began = time.monotonic()
        self.assertEqual(self.ask("/api/count", definition="everyone")["count"], 100000)
        self.assertLess(time.monotonic() - began, 10)
        statuses = sorted(reader.getresponse().status for reader in readers)
        self.assertEqual(set(statuses), {200, 503})
        self.assertLess(statuses.count(200), 8)
        began = time.monotonic()
        self.server.terminate()
        self.assertEqual(self.server.wait(60), 0)
        self.assertLess(time.monotonic() - began, 20)

    def test_a_file_that_breaks_off_is_no_whole_one(self):
        self.many(100000)
        self.gyeol("segment", "add", "all", "everyone")
        response = self.begin().getresponse()
        self.server.terminate()
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            response.read()
        self.server.wait(60)


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


class Events(ApiCase):
    def listen(self):
        connection = http.client.HTTPConnection(self.address, timeout=30)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/events", headers={"Authorization": f"Bearer {self.tokens['analyst']}"})
        response = connection.getresponse()
        self.assertEqual((response.status, response.headers["Content-Type"]), (200, "text/event-stream"))
        self.assertEqual(response.readline(), b"retry: 1000\n")
        return response

    def wait_for(self, response, event):
        for _ in range(100):
            line = response.readline()
            if line == f"event: {event}\n".encode():
                return json.loads(response.readline()[len("data: "):])
        self.fail(f"no {event}")

    def test_what_happens_is_told_to_all_who_listen(self):
        listeners = [self.listen() for _ in range(3)]
        self.orders(3)
        for response in listeners:
            self.assertEqual(self.wait_for(response, "collected"), {"calls": 6})
        self.request("PUT", "/api/segments/all", {"definition": "everyone"})
        for response in listeners:
            self.assertEqual(self.wait_for(response, "changed"), {})

    def test_nothing_is_told_where_nothing_was_recorded(self):
        self.orders(2)
        self.gyeol("segment", "add", "never", 'did("Never")', "--allow-unknown", "--refresh", "live")
        time.sleep(1)
        response = self.listen()
        recorded = 0
        for n in range(8):
            self.collect([{"type": "track", "userId": "c1", "event": "Order Completed", "messageId": f"more-{n}"}])
            while (line := response.readline()) != b"event: collected\n":
                recorded += line == b"event: recorded\n"
            time.sleep(0.4)
        self.assertLessEqual(recorded, 1)  # a sweep may be among them

    def test_who_goes_away_holds_up_nobody(self):
        for _ in range(50):
            self.listen().close()
        response = self.listen()
        self.orders(3)
        self.assertEqual(self.wait_for(response, "collected"), {"calls": 6})

    def test_listening_ends_with_the_server(self):
        response = self.listen()
        began = time.monotonic()
        self.server.terminate()
        self.assertEqual(self.server.wait(30), 0)
        response.read()
        self.assertLess(time.monotonic() - began, 8)


class Metrics(ApiCase):
    def figures(self):
        status, headers, text = self.request("GET", "/metrics", role=None)
        self.assertEqual((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        return dict(line.rsplit(" ", 1) for line in text.decode().splitlines() if not line.startswith("#"))

    def test_what_was_taken_is_counted(self):
        call = {"type": "track", "userId": "c1", "event": "Visit", "messageId": "1", "timestamp": "2025-01-01T00:00:00Z"}
        self.collect([call, {**call, "messageId": "2"}, {"type": "track"}])
        self.collect([call])
        self.refused(404, "GET", "/nothing")
        seen = self.figures()
        self.assertEqual([seen[f"gyeol_calls_{what}_total"] for what in ("taken", "duplicate", "rejected")], ["2", "1", "1"])
        self.assertEqual((seen['gyeol_http_answers_total{class="4xx"}'], seen["gyeol_can_store"]), ("1", "1"))
        self.assertEqual(seen['gyeol_commit_seconds_bucket{le="+Inf"}'], seen["gyeol_commits_total"])
        self.assertGreater(float(seen["process_resident_memory_bytes"]), 1e6)

    def test_every_metric_has_its_kind(self):
        _, _, text = self.request("GET", "/metrics", role=None)
        kinds = re.findall(r"^# TYPE (\S+) (counter|gauge|histogram)$", text.decode(), re.M)
        names = [name for name, _ in kinds]
        self.assertEqual(len(names), len(set(names)))
        for name in self.figures():
            self.assertIn(re.sub(r"(_bucket|_sum|_count)?(\{.*)?$", "", name), names)


class Paths(ApiCase):
    def test_a_name_in_a_path_is_text(self):
        for name in ("vip%00", "vip%FF", "%ED%A0%80"):
            self.refused(400, "GET", f"/api/segments/{name}")
            self.refused(400, "DELETE", f"/api/segments/{name}")

    def test_a_body_is_not_waited_for_where_it_may_not_be_sent(self):
        host, port = self.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=20) as client:
            client.sendall(f"PUT /api/lists/x HTTP/1.1\r\nHost: {self.address}\r\nContent-Length: 16000000\r\n\r\n".encode())
            self.assertTrue(client.recv(1000).startswith(b"HTTP/1.1 401 "))

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
