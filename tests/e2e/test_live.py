#!/usr/bin/env python3
"""test_live.py PROGRAM - live segments and schedules: what happens changes recorded membership, once, with its cause."""
import datetime
import json
import signal
import sqlite3
import struct
import time
import unittest

from test_serve import Serving


def now(seconds=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).isoformat()


def track(user, event, time=None, **more):
    return {"type": "track", "userId": user, "event": event, "timestamp": time or now(), **more}


def ordinals(blob):
    """A set as docs/format.md has it: a checksum, then a Roaring bitmap of few ordinals, in array or run containers."""
    data = blob[8:]
    cookie, = struct.unpack_from("<I", data)
    has_runs = cookie & 0xFFFF == 12347
    n = (cookie >> 16) + 1 if has_runs else struct.unpack_from("<I", data, 4)[0]
    at = 4 + (n + 7) // 8 if has_runs else 8
    runs = data[4:4 + (n + 7) // 8] if has_runs else b""
    heads = [struct.unpack_from("<HH", data, at + 4 * i) for i in range(n)]
    at += 4 * n + (0 if has_runs and n < 4 else 4 * n)
    found = []
    for i, (key, size) in enumerate(heads):
        if has_runs and runs[i // 8] >> i % 8 & 1:
            count, = struct.unpack_from("<H", data, at)
            pairs = [struct.unpack_from("<HH", data, at + 2 + 4 * r) for r in range(count)]
            found += [key << 16 | low for first, more in pairs for low in range(first, first + more + 1)]
            at += 2 + 4 * count
        else:
            found += [key << 16 | low for low in struct.unpack_from(f"<{size + 1}H", data, at)]
            at += 2 * (size + 1)
    return found


class Live(Serving):
    def add(self, name, definition, refresh="live"):
        self.gyeol("segment", "add", name, definition, "--allow-unknown", "--refresh", refresh)

    def changes(self, segment=None):
        """(segment, entered or left, number of the customer, cause), in the order in which they were recorded."""
        with sqlite3.connect(self.data / "gyeol.db", timeout=30) as catalog:
            rows = catalog.execute("SELECT s.name, c.came, c.went, cause FROM refresh_change c JOIN segment s ON"
                                   " s.id = c.segment JOIN change_cause ON change = c.id ORDER BY c.id").fetchall()
        return [(name, how, customer, json.loads(cause)) for name, came, went, cause in rows if segment in (None, name)
                for how, blob in (("left", went), ("entered", came)) for customer in ordinals(blob)]

    def wait_for_changes(self, n, seconds, segment=None):
        until = time.monotonic() + seconds
        while len(found := self.changes(segment)) < n and time.monotonic() < until:
            time.sleep(0.02)
        self.assertEqual(len(found), n, found)
        return found

    def refreshed(self, name):
        return {one["name"]: one["refreshed"] for one in json.loads(self.gyeol("segment", "list", "--json"))["segments"]}[name]

    def wait_for_refresh(self, name, seconds=20):
        until = time.monotonic() + seconds
        while self.refreshed(name) is None and time.monotonic() < until:
            time.sleep(0.05)
        self.assertIsNotNone(self.refreshed(name))


class Calls(Live):
    def test_a_call_changes_membership_at_once(self):
        server = self.start()
        self.add("buyers", 'did("Order" where amount > 5)')
        self.add("adults", 'trait.age >= 18')
        self.add("both", 'in segment("buyers") and in segment("adults")')
        self.add("idle", 'not did("Order")')
        self.wait_for_refresh("idle")
        self.send(server, "/v1/batch", {"batch": [track("a", "Visit")]})
        self.assertEqual(self.wait_for_changes(1, 5), [("idle", "entered", 0, {"type": "customer"})])
        self.send(server, "/v1/batch", {"batch": [track("a", "Order", properties={"amount": 1})]})
        self.assertEqual(self.wait_for_changes(2, 5)[1:], [("idle", "left", 0, {"type": "event", "event": "Order"})])
        self.send(server, "/v1/batch", {"batch": [track("a", "Order", properties={"amount": 6})]})
        self.assertEqual(self.wait_for_changes(3, 5)[2:], [("buyers", "entered", 0, {"type": "event", "event": "Order"})])
        self.send(server, "/v1/identify", {"userId": "a", "traits": {"age": 20}})
        cause = {"type": "trait", "trait": "age"}
        self.assertEqual(sorted(map(str, self.wait_for_changes(5, 5)[3:])),
                         sorted(map(str, [("adults", "entered", 0, cause), ("both", "entered", 0, cause)])))
        self.send(server, "/v1/batch", {"batch": [track("a", "Order", properties={"amount": 7})]})
        self.send(server, "/v1/identify", {"userId": "a", "traits": {"age": 30}})
        time.sleep(1)
        self.wait_for_changes(5, 0)  # still in: nothing to record

    def test_what_was_never_seen_before(self):
        server = self.start()
        self.send(server, "/v1/track", track("a", "Visit"))
        self.add("buyers", 'did("Order")')
        self.wait_for_refresh("buyers")
        self.send(server, "/v1/track", track("a", "Order"))
        self.assertEqual(self.wait_for_changes(1, 5), [("buyers", "entered", 0, {"type": "event", "event": "Order"})])

    def test_items_of_an_event(self):
        server = self.start()
        self.send(server, "/v1/track", track("a", "Order", properties={"products": [{"sku": "x"}]}))
        self.add("of y", 'did("Order/products" where sku = "y")')
        self.wait_for_refresh("of y")
        self.send(server, "/v1/track", track("a", "Order", properties={"products": [{"sku": "y"}]}))
        self.assertEqual(self.wait_for_changes(1, 5), [("of y", "entered", 0, {"type": "event", "event": "Order"})])

    def test_the_first_items_of_an_event(self):
        """The event was known before, and nobody read it: the call itself tells nothing."""
        server = self.start()
        self.send(server, "/v1/track", track("a", "Order"))
        self.add("of y", 'did("Order/products" where sku = "y")')
        self.wait_for_refresh("of y")
        self.send(server, "/v1/track", track("a", "Order", properties={"products": [{"sku": "y"}]}))
        self.assertEqual(self.wait_for_changes(1, 5), [("of y", "entered", 0, {"type": "catch_up"})])

    def test_a_sender_whose_clock_is_ahead(self):
        server = self.start()
        self.send(server, "/v1/track", track("a", "Visit"))
        self.add("buyers", 'did("Order")')
        self.wait_for_refresh("buyers")
        self.send(server, "/v1/track", track("a", "Order", now(3)))
        for _ in range(10):  # looks as of before it happens
            self.send(server, "/v1/track", track("a", "Order/2"))
            time.sleep(0.1)
        self.wait_for_changes(0, 0)
        self.assertEqual(self.wait_for_changes(1, 5), [("buyers", "entered", 0, {"type": "event", "event": "Order"})])

    def test_the_first_look_records_nobody(self):
        server = self.start()
        self.send(server, "/v1/track", track("a", "Visit"))
        self.add("visitors", 'did("Visit")')
        self.wait_for_refresh("visitors")
        self.send(server, "/v1/track", track("b", "Visit"))
        self.assertEqual([one[:3] for one in self.wait_for_changes(1, 5)], [("visitors", "entered", 1)])

    def test_merges_and_claims(self):
        server = self.start()
        self.add("twice", 'count("Visit") >= 2')
        self.add("visitors", 'did("Visit")')
        self.wait_for_refresh("visitors")
        self.send(server, "/v1/track", track("a", "Visit"))
        self.send(server, "/v1/track", {**track("", "Visit"), "userId": "", "anonymousId": "phone"})
        self.wait_for_changes(2, 5)
        self.send(server, "/v1/identify", {"userId": "a", "anonymousId": "phone", "traits": {"age": 3}})
        # who was in `visitors` by both ids stays in it, and did not come again
        self.assertEqual(self.wait_for_changes(3, 5)[2:], [("twice", "entered", 0, {"type": "merge"})])
        self.assertEqual(server.end(), 0)
        self.serve()
        time.sleep(1)
        self.wait_for_changes(3, 0)

    def test_who_entered_is_read_by_others(self):
        server = self.start()
        self.add("buyers", 'did("Order" last 1 days)')
        self.add("fresh", 'entered segment("buyers" last 1 days)')
        self.wait_for_refresh("fresh")
        self.send(server, "/v1/track", track("a", "Order"))
        self.assertEqual(self.wait_for_changes(2, 5)[1], ("fresh", "entered", 0, {"type": "segment", "segment": "buyers"}))

    def test_definitions_lists_and_imports(self):
        server = self.start()
        self.send(server, "/v1/batch", {"batch": [track("a", "Visit"), track("b", "Visit"), track("b", "Visit")]})
        self.add("often", 'count("Visit") >= 2')
        self.gyeol("list", "add", "vips", "/dev/null")
        self.add("vip", 'in list("vips")')
        self.wait_for_refresh("vip")
        self.add("often", 'count("Visit") >= 1')
        self.assertEqual(self.wait_for_changes(1, 5), [("often", "entered", 0, {"type": "definition"})])
        file = self.data.parent / "vips.txt"
        file.write_text("b\n")
        self.gyeol("list", "add", "vips", str(file))
        self.assertEqual([one[:3] for one in self.wait_for_changes(2, 5)[1:]], [("vip", "entered", 1)])
        file = self.data.parent / "more.jsonl"
        file.write_text(json.dumps(track("c", "Visit")) + "\n")
        self.gyeol("import", str(file))
        self.assertEqual([one[:3] for one in self.wait_for_changes(3, 5)[2:]], [("often", "entered", 2)])

    def test_who_is_erased_did_not_leave(self):
        server = self.start()
        file = self.data.parent / "some.txt"
        file.write_text("b\n")
        self.gyeol("list", "add", "some", "/dev/null")
        self.add("visitors", 'did("Visit")')
        self.wait_for_refresh("visitors")
        self.send(server, "/v1/batch", {"batch": [track("a", "Visit"), track("b", "Visit")]})
        self.wait_for_changes(2, 5)
        self.gyeol("customer", "erase", "a", "--now")
        self.gyeol("list", "add", "some", str(file))  # after which everybody is looked at
        self.send(server, "/v1/track", track("c", "Visit"))
        # that they entered is no longer told either
        self.assertEqual([one[1:3] for one in self.wait_for_changes(2, 5)], [("entered", 1), ("entered", 2)])
        time.sleep(1)
        self.wait_for_changes(2, 0)

    def test_an_import_of_a_customer_who_is_there(self):
        server = self.start()
        self.send(server, "/v1/batch", {"batch": [track("a", "Visit"), track("b", "Order")]})
        self.add("buyers", 'did("Order")')
        self.wait_for_refresh("buyers")
        time.sleep(1)
        file = self.data.parent / "more.jsonl"
        file.write_text(json.dumps(track("a", "Order")) + "\n")
        self.gyeol("import", str(file))
        self.assertEqual(self.wait_for_changes(1, 5), [("buyers", "entered", 0, {"type": "catch_up"})])

    def test_ranks_follow_within_a_minute(self):
        server = self.start()
        self.send(server, "/v1/batch", {"batch": [track("a", "Visit"), track("b", "Visit"), track("b", "Visit")]})
        self.add("best", 'percentile(count("Visit")) >= 50')
        self.wait_for_refresh("best")
        self.send(server, "/v1/batch", {"batch": [track("a", "Visit")] * 1 + [track("a", "Visit", messageId=str(i)) for i in range(9)]})
        found = self.wait_for_changes(2, 65)
        self.assertEqual(sorted(one[:3] for one in found), [("best", "entered", 0), ("best", "left", 1)])
        self.assertEqual(found[0][3], {"type": "population"})


class Time(Live):
    def test_an_exit_by_time_alone_comes_within_a_minute(self):
        server = self.start()
        self.add("now", 'did("Visit" last 1 minutes)')
        self.wait_for_refresh("now")
        self.send(server, "/v1/track", track("a", "Visit", now(-50)))
        self.wait_for_changes(1, 5)
        found = self.wait_for_changes(2, 70)
        self.assertEqual(found[1], ("now", "left", 0, {"type": "time"}))

    def test_schedules_catch_up_once(self):
        server = self.start()
        self.send(server, "/v1/track", track("a", "Visit", "2024-01-01T00:00:00Z"))
        self.assertEqual(server.end(), 0)
        for name, refresh in [("hours", "hourly"), ("days", "daily"), ("weeks", "weekly"), ("hand", "manual")]:
            self.add(name, 'did("Visit" last 1 days)', refresh)
            self.gyeol("segment", "refresh", name, "--as-of", "2024-01-01T06:00:00Z")
        then = self.refreshed("hand")
        server = self.serve()
        found = self.wait_for_changes(3, 20)
        self.assertEqual(sorted((one[0], one[1], one[3]["type"]) for one in found),
                         [("days", "left", "schedule"), ("hours", "left", "schedule"), ("weeks", "left", "schedule")])
        at = {name: self.refreshed(name) for name in ("hours", "days", "weeks")}
        self.assertEqual(self.refreshed("hand"), then)
        self.assertEqual(server.end(), 0)
        self.serve()
        time.sleep(1.5)
        self.wait_for_changes(3, 0)
        hour = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
        if datetime.datetime.fromisoformat(at["hours"].replace("Z", "+00:00")) >= hour:  # no turn in between
            self.assertEqual({name: self.refreshed(name) for name in at}, at)


    def test_a_segment_that_is_valid_from_soon(self):
        self.start()
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=5)
        self.gyeol("segment", "add", "soon", "everyone", "--refresh", "weekly", "--valid-from", soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.wait_for_refresh("soon", 10)


class Restarts(Live):
    def test_killed_in_the_middle(self):
        """Whatever was recorded when it was killed: in the end everybody entered once."""
        server = self.start()
        self.add("visitors", 'did("Visit")')
        self.wait_for_refresh("visitors")
        n = 0
        for _ in range(6):
            for _ in range(20):
                self.send(server, "/v1/batch", {"batch": [track(f"u{n + i}", "Visit") for i in range(10)]})
                n += 10
            server.end(signal.SIGKILL)
            server = self.serve()
        found = self.wait_for_changes(n, 20)
        self.assertEqual(sorted(customer for _, how, customer, _ in found if how == "entered"), list(range(n)))
        self.assertEqual(server.end(), 0)
        self.gyeol("check")


if __name__ == "__main__":
    unittest.main()
