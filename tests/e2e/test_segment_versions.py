#!/usr/bin/env python3
"""test_segment_versions.py PROGRAM - segments over time: versions with author and reason, who enters and leaves before a change,
refreshes and what they record, segments that end, and everything as of a past instant."""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GYEOL_")}
NOW = ["--as-of", "2024-06-01"]


def order(i, day, revenue, customer=None):
    return {"type": "track", "event": "Order Completed", "userId": customer or f"c{i}", "messageId": f"{customer}{i}-{day}",
            "timestamp": f"{day}T00:00:00Z", "properties": {"revenue": revenue}}


class Workspace(unittest.TestCase):
    """Customers c1 to c5: ci bought for 100 × i on the i-th of May."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = dict(ENVIRONMENT)
        self.ok("init", "--currency", "EUR")
        self.take([order(i, f"2024-05-0{i}", 100 * i) for i in range(1, 6)])

    def take(self, calls):
        self.ok("import", self.write("calls.jsonl", "\n".join(map(json.dumps, calls))))

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def run_it(self, *args):
        command = [PROGRAM, "--data", str(self.folder / "data"), *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, env=self.environment, cwd=self.folder)

    def ok(self, *args):
        done = self.run_it(*args)
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        return done.stdout

    def said(self, *args):
        """What goes to standard error."""
        done = self.run_it(*args)
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        return done.stderr

    def refused(self, *args, status=2):
        done = self.run_it(*args)
        self.assertEqual(done.returncode, status, f"{args}: {done.stdout}{done.stderr}")
        return done.stderr

    def json(self, *args):
        return json.loads(self.ok(*args, "--json"))

    def members(self, *args):
        return self.ok("members", *args).split()

    def segment(self, name, *args):
        return {s["name"]: s for s in self.json("segment", "list", *args)["segments"]}[name]


class Versions(Workspace):
    def test_a_changed_definition_is_a_version(self):
        self.environment["GYEOL_AUTHOR"] = "lee"
        self.ok("segment", "add", "x", 'did("Order Completed") and identified', "--author", "kim", "--reason", "the first try")
        self.ok("segment", "add", "x", 'did("Order Completed") and identified', "--owner", "crm", "--reason", "no new definition")
        self.ok("segment", "add", "x", 'did("Order Completed") and sum("Order Completed".revenue) > 250', "--reason", "하한선")
        shown = self.json("segment", "show", "x", *NOW)
        self.assertEqual([(v["version"], v["author"], v["reason"]) for v in shown["versions"]], [(1, "kim", "the first try"), (2, "lee", "하한선")])
        self.assertEqual((shown["version"], shown["customers"], shown["attributes"]), (2, 3, {"owner": "crm"}))
        second = self.json("segment", "show", "x", "--version", "2", *NOW)
        self.assertEqual((second["removed"], second["added"]), (["identified"], ['sum("Order Completed".revenue) > 250']))
        first = self.json("segment", "show", "x", "--version", "1", *NOW)
        self.assertEqual((first["where"], first["customers"], first["removed"], first["added"]), ('did("Order Completed") and identified', 5, [], []))
        self.assertIn("by lee\nreason      하한선\n", self.ok("segment", "show", "x"))

    def test_without_a_name_the_author_is_who_logged_in(self):
        self.ok("segment", "add", "x", "everyone")
        self.assertEqual(self.json("segment", "show", "x")["versions"][0]["author"], subprocess.check_output(["id", "-un"], text=True).strip())
        self.refused("segment", "add", "x", "nobody", "--author", "a" * 201)
        self.refused("segment", "add", "x", "nobody", "--reason", "a" * 2001)
        self.assertEqual(self.segment("x")["version"], 1)

    def test_any_version_can_be_asked(self):
        for least in (100, 300, 500):
            self.ok("segment", "add", "big", f'sum("Order Completed".revenue) >= {least}')
        for version, n in ((1, 5), (2, 3), (3, 1)):
            self.assertEqual(self.ok("count", *NOW, "big", "--version", version), f"{n}\n")
            self.assertEqual(len(self.members(*NOW, "big", "--version", version)), n)
        self.assertEqual(self.json("explain", "big", "--version", "2")["text"], 'sum("Order Completed".revenue) >= 300')
        self.assertEqual(self.members("big", "--version", "2", "--as-of", "2024-05-04"), ["c3", "c4"])  # as it was written, at that time
        for version, n in ((1, 5), (2, 3)):
            self.assertEqual(self.json("segment", "history", "big", "--version", version, "--from", "2024-05-31", *NOW)["rows"][-1]["size"], n)
            self.assertEqual(self.json("waterfall", "big", "--version", version, *NOW)["count"], n)
        self.assertIn("no version 4", self.refused("count", "big", "--version", "4"))
        self.assertIn("no whole number", self.refused("count", "big", "--version", "last"))
        self.assertIn('no segment "everyone"', self.refused("count", "everyone", "--version", "1"))

    def test_an_apply_says_who_and_why_of_each(self):
        self.write("s.yaml", "segments:\n  - {name: same, where: everyone}\n  - {name: other, where: everyone}\n")
        self.ok("segment", "apply", "s.yaml", "--author", "kim", "--reason", "start")
        self.write("s.yaml", "segments:\n  - {name: same, where: everyone}\n  - {name: other, where: nobody}\n")
        self.ok("segment", "apply", "s.yaml", "--author", "lee", "--reason", "spring")
        versions = {name: [(v["author"], v["reason"]) for v in self.json("segment", "show", name)["versions"]] for name in ("same", "other")}
        self.assertEqual(versions, {"same": [("kim", "start")], "other": [("kim", "start"), ("lee", "spring")]})


class Changes(Workspace):
    def test_who_enters_and_leaves_and_what_they_are_worth(self):
        before = {"segment": "x", "customers": 3, "enter": 3, "enter_revenue": 600, "leave": 0, "leave_revenue": 0}
        self.assertEqual(self.json("segment", "add", "x", 'sum("Order Completed".revenue) <= 300', *NOW, "--dry-run"), before)
        self.assertEqual(self.json("segment", "list")["segments"], [])
        self.assertEqual(self.json("segment", "add", "x", 'sum("Order Completed".revenue) <= 300', *NOW), before)
        self.take([order(2, "2024-07-01", 5000)])  # later than the instant asked for: it does not count
        change = ["segment", "add", "x", 'sum("Order Completed".revenue) between 300 and 400', *NOW]
        self.assertEqual(self.json(*change, "--dry-run"),
                         {"segment": "x", "customers": 2, "enter": 1, "enter_revenue": 400, "leave": 2, "leave_revenue": 300})
        self.assertIn("2 customers, 1 enter (€400.00), 2 leave (€300.00)", self.said(*change, "--dry-run"))
        self.assertEqual(self.segment("x")["version"], 1)
        self.write("s.yaml", 'segments:\n  - {name: y, where: everyone}\n')
        self.assertEqual(self.json("segment", "apply", "s.yaml", "--prune", "--dry-run", *NOW), [
            {"segment": "y", "change": "new", "customers": 5, "enter": 5, "enter_revenue": 1500, "leave": 0, "leave_revenue": 0},
            {"segment": "x", "change": "removed", "customers": 0, "enter": 0, "enter_revenue": 0, "leave": 3, "leave_revenue": 600}])
        self.assertIn("€600.00", self.said("segment", "apply", "s.yaml", "--prune", *NOW))
        self.assertEqual([s["name"] for s in self.json("segment", "list")["segments"]], ["y"])

    def test_money_that_binary_fractions_cannot_hold(self):
        self.take([order(9, f"2024-05-{10 + i}", 0.1, "dime") for i in range(10)])
        said = self.json("segment", "add", "x", 'count("Order Completed") = 10', *NOW)
        self.assertEqual(said["enter_revenue"], 1)

    def test_what_is_referred_to_stays(self):
        self.ok("segment", "add", "a", "everyone")
        self.ok("segment", "add", "b", "not in segment(a)")
        self.assertIn('segment "b"', self.refused("segment", "remove", "a"))
        self.assertIn('Did you mean "a"?', self.refused("segment", "remove", "q"))
        self.assertEqual(self.ok("count", "b"), "0\n")

    def test_a_cycle_names_the_chain(self):
        self.ok("segment", "add", "a", "everyone")
        self.ok("segment", "add", "b", "in segment(a)")
        self.ok("segment", "add", "c", "identified and in segment(b 3 days ago)")
        self.assertIn('1:12: segment "a" refers to itself: "a" -> "c" -> "b" -> "a"',
                      self.refused("segment", "add", "a", "in segment(c)").replace("gyeol: ", ""))
        self.assertIn('refers to itself: "a" -> "a"', self.refused("segment", "add", "a", "in segment(a)"))
        self.assertEqual(self.segment("a")["version"], 1)


class Refreshes(Workspace):
    def refresh(self, *args):
        return {s["segment"]: (s["outcome"], s.get("customers"), s.get("entered"), s.get("left")) for s in self.json("segment", "refresh", *args)}

    def test_changes_are_held_against_the_refresh_before(self):
        self.ok("segment", "add", "recent", 'did("Order Completed" last 3 days)')
        self.assertEqual(self.segment("recent")["refreshed"], None)
        self.assertEqual(self.refresh("recent", "--as-of", "2024-05-04"), {"recent": ("first refresh", 3, 0, 0)})
        self.assertEqual(self.refresh("recent", "--as-of", "2024-05-06"), {"recent": ("refreshed", 2, 1, 2)})
        self.assertEqual(self.segment("recent")["refreshed"], "2024-05-06T00:00:00.000Z")
        self.assertIn("2024-05-06 00:00:00", self.ok("segment", "list"))
        ask = ["--as-of", "2024-05-06"]
        self.assertEqual(self.members("entered segment(recent last 1 day)", *ask), ["c5"])
        self.assertEqual(self.members("left segment(recent last 1 day)", *ask), ["c2", "c3"])
        self.assertEqual(self.members("entered segment(recent last 9 days)", "--as-of", "2024-05-05"), [])  # not yet
        self.assertEqual(self.refresh("recent", "--as-of", "2024-05-06"), {"recent": ("refreshed", 2, 0, 0)})
        self.assertIn("2024-05-06 00:00:00 already", self.refused("segment", "refresh", "recent", "--as-of", "2024-05-05T23:59"))
        self.ok("check")

    def test_a_new_definition_moves_customers_too(self):
        self.ok("segment", "add", "x", 'sum("Order Completed".revenue) >= 400')
        self.refresh("x", *NOW)
        self.ok("segment", "add", "x", 'sum("Order Completed".revenue) <= 400')
        self.assertEqual(self.refresh("x", "--as-of", "2024-06-02"), {"x": ("refreshed", 4, 3, 1)})
        self.assertEqual(self.members("left segment(x last 9 days)", "--as-of", "2024-06-02"), ["c5"])

    def test_which_ones(self):
        self.ok("segment", "add", "a", "everyone")
        self.ok("segment", "add", "b", "nobody")
        self.assertEqual(self.refresh("b", "b", *NOW), {"b": ("first refresh", 0, 0, 0)})
        self.assertEqual(self.refresh("--all", *NOW), {"a": ("first refresh", 5, 0, 0), "b": ("refreshed", 0, 0, 0)})
        self.refused("segment", "refresh")
        self.refused("segment", "refresh", "--all", "a")
        self.assertIn('no segment "aa"', self.refused("segment", "refresh", "a", "aa"))
        self.assertIn("refreshed", self.said("segment", "refresh", "a"))

    def test_all_or_nothing(self):
        self.ok("segment", "add", "a", "everyone")
        self.ok("segment", "add", "b", "everyone")
        self.refresh("b", *NOW)
        self.refused("segment", "refresh", "--all", "--as-of", "2024-05-20")  # b was refreshed later
        self.assertEqual(self.segment("a")["refreshed"], None)

    def test_who_was_merged_neither_comes_nor_goes(self):
        self.ok("segment", "add", "x", "everyone")
        self.refresh("x", *NOW)
        self.take([{"type": "alias", "previousId": "c1", "userId": "c2", "timestamp": "2024-06-01T12:00:00Z"}])
        self.assertEqual(self.refresh("x", "--as-of", "2024-06-02"), {"x": ("refreshed", 4, 0, 0)})

    def test_recorded_membership_from_elsewhere_stays(self):
        self.ok("segment", "add", "x", "nobody")
        self.ok("segment", "history", "import", self.write("h", '{"segment": "x", "id": "c4", "change": "entered", "at": "2024-05-30"}\n'))
        self.refresh("x", *NOW)
        self.ok("segment", "add", "x", 'sum("Order Completed".revenue) = 100')
        self.refresh("x", "--as-of", "2024-06-02")
        self.assertEqual(self.members("entered segment(x last 9 days)", "--as-of", "2024-06-02"), ["c1", "c4"])

    def test_a_segment_of_the_same_name_begins_anew(self):
        self.ok("segment", "add", "x", "nobody")
        self.refresh("x", *NOW)
        self.ok("segment", "add", "x", "everyone")
        self.refresh("x", *NOW)
        self.assertEqual(self.ok("count", "entered segment(x last 9 days)", *NOW), "5\n")
        self.ok("segment", "remove", "x")
        self.ok("segment", "add", "x", "everyone")
        self.assertEqual(self.ok("count", "entered segment(x last 9 days)", *NOW), "0\n")
        self.assertEqual(self.refresh("x", "--as-of", "2024-05-05"), {"x": ("first refresh", 5, 0, 0)})

    def test_recorded_changes_add_up(self):
        """Law: what is recorded between two refreshes is the difference of their members, whatever the instants."""
        seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        print(f"SEED={seed}")
        chance = random.Random(seed)
        self.take([order(i, f"2024-08-{chance.randint(1, 28):02}", 1, f"r{chance.randint(0, 15)}") for i in range(100, 160)])
        self.ok("segment", "add", "busy", 'count("Order Completed" last 5 days) >= 1')
        before = None
        for day in sorted(chance.sample(range(1, 31), 8)):
            instant = f"2024-08-{day:02}"
            self.refresh("busy", "--as-of", instant)
            now = set(self.members("busy", "--as-of", instant))
            entered = set(self.members(f'entered segment(busy since "{instant}")', "--as-of", instant))
            left = set(self.members(f'left segment(busy since "{instant}")', "--as-of", instant))
            self.assertEqual((entered, left), (now - before, before - now) if before is not None else (set(), set()))
            before = now


class Validity(Workspace):
    RECENT = 'did("Order Completed" last 3 days)'

    def test_a_closed_segment_keeps_its_last_audience(self):
        self.ok("segment", "add", "spring", self.RECENT, "--valid-from", "2024-05-02", "--valid-until", "2024-05-05")
        for day, status, ids in (("01", "planned", ["c1"]), ("02", "open", ["c1", "c2"]), ("05", "open", ["c3", "c4", "c5"]), ("20", "closed", ["c3", "c4", "c5"])):
            with self.subTest(day=day):
                ask = ["--as-of", f"2024-05-{day}"]
                self.assertEqual(self.members("spring", *ask), ids)
                self.assertEqual(self.ok("count", "spring", *ask), f"{len(ids)}\n")
                found = self.segment("spring", *ask)
                self.assertEqual((found["status"], found["customers"]), (status, len(ids)))
                self.assertEqual(self.json("segment", "show", "spring", *ask)["status"], status)
                self.assertEqual("closed" in self.said("count", "spring", *ask), status == "closed")
        self.assertEqual(self.json("customer", "show", "c4", *NOW)["segments"], ["spring"])
        self.assertEqual(self.json("customer", "show", "c2", *NOW)["segments"], [])
        self.assertEqual(self.ok("count", self.RECENT, *NOW), "0\n")
        self.assertEqual(self.ok("count", "in segment(spring)", *NOW), "0\n")  # in a definition it is its expression, now
        report = self.json("report", "summary", "--segment", "spring", *NOW)
        self.assertEqual((report["as_of"], report["customers"], report["revenue"]), ("2024-06-01T00:00:00.000Z", 3, 1200))
        self.assertIn("2024-05-05 00:00:00", self.said("explain", "spring", *NOW))
        self.assertEqual(self.json("segment", "history", "spring", *NOW)["rows"][-1]["period"], "2024-05-05")

    def test_a_closed_segment_is_refreshed_once_more(self):
        self.ok("segment", "add", "spring", self.RECENT, "--valid-from", "2024-05-02", "--valid-until", "2024-05-05")
        self.assertEqual(self.json("segment", "refresh", "spring", "--as-of", "2024-05-01"), [{"segment": "spring", "outcome": "planned"}])
        self.ok("segment", "refresh", "spring", "--as-of", "2024-05-03")
        last = self.json("segment", "refresh", "spring", *NOW)[0]
        self.assertEqual((last["outcome"], last["as_of"], last["entered"], last["left"]), ("refreshed", "2024-05-05T00:00:00.000Z", 2, 2))
        self.assertEqual(self.json("segment", "refresh", "spring", *NOW), [{"segment": "spring", "outcome": "closed"}])
        self.assertEqual(self.segment("spring")["refreshed"], "2024-05-05T00:00:00.000Z")
        self.assertEqual(self.members("entered segment(spring today)", "--as-of", "2024-05-05"), ["c4", "c5"])

    def test_it_can_be_opened_again(self):
        self.ok("segment", "add", "spring", self.RECENT, "--valid-until", "2024-05-05")
        said = self.json("segment", "add", "spring", self.RECENT, "--valid-until", "", "--as-of", "2024-05-07")
        self.assertEqual((said["customers"], said["enter"], said["leave"]), (1, 0, 2))  # as who asks by name sees it
        self.assertEqual(self.segment("spring")["attributes"], {})
        self.assertEqual(self.members("spring", "--as-of", "2024-05-07"), ["c5"])

    def test_what_is_no_span_is_refused(self):
        self.assertIn("valid_until", self.refused("segment", "add", "x", "everyone", "--valid-until", "soon"))
        self.refused("segment", "add", "x", "everyone", "--valid-from", "2024-05-05", "--valid-until", "2024-05-04")
        self.write("s.yaml", "segments:\n  - {name: x, where: everyone, valid_from: 2024-05-05, valid_until: 2024-05-04}\n")
        self.assertIn('segment "x" in line 2', self.refused("segment", "apply", "s.yaml"))
        self.write("s.yaml", "segments:\n  - {name: x, where: everyone, valid_until: tomorrow}\n")
        self.assertIn("2:45: the valid_until of a segment is a time", self.refused("segment", "apply", "s.yaml"))
        self.write("s.yaml", "segments:\n  - {name: x, where: everyone, valid_from: 2024-05-05, valid_until: 2024-05-05T12:00}\n")
        self.ok("segment", "apply", "s.yaml")
        self.assertEqual(self.segment("x", *NOW)["as_of"], "2024-05-05T12:00:00.000Z")


class AsOf(Workspace):
    def test_a_list_as_it_was(self):
        self.ok("list", "add", "l", self.write("ids", "c1\nc2\nnobody\n"))
        self.ok("list", "add", "l", self.write("ids", "c2\nc3\n"))
        changed = self.json("list")[0]["changed"]
        self.ok("list", "remove", "l", self.write("ids", "c2\n"))
        for instant, ids, size in (("1990-01-01", ["c1", "c2"], 3), (changed, ["c2", "c3"], 2), ("2099-01-01", ["c3"], 1)):
            with self.subTest(instant=instant):
                self.assertEqual(self.ok("list", "show", "l", "--as-of", instant).split(), ids)
                self.assertEqual(self.json("list", "--as-of", instant)[0]["ids"], size)
        self.assertEqual(self.ok("count", "in list(l)", "--as-of", changed), "2\n")
        self.assertEqual(self.ok("count", "in list(l)"), "1\n")

    def test_names_are_known_once_they_came_and_rows_are_of_the_time(self):
        self.take([{"type": "identify", "userId": "c1", "timestamp": "2024-05-03T00:00:00.500Z", "traits": {"city": "Seoul"}},
                   {"type": "identify", "userId": "c2", "traits": {"city": "Busan"}, "timestamp": "2024-05-09T00:00:00Z"}])
        for instant, orders, cities in (("2024-04-30", 0, 0), ("2024-05-03", 3, 0), ("2024-05-03T00:00:00.5", 3, 1), ("2024-06-01", 5, 2)):
            with self.subTest(instant=instant):
                known = self.json("schema", "--as-of", instant)
                self.assertEqual(known["events"], [{"name": "Order Completed", "rows": orders, "properties": {"revenue": "number"}, "personal": []}])
                self.assertEqual(known["traits"], [{"name": "city", "rows": cities, "type": "string", "personal": False}])
        self.assertIn("city", self.ok("schema", "--as-of", "1990-01-01"))

    def test_reports_segments_and_customers(self):
        self.ok("segment", "add", "x", 'did("Order Completed")')
        ask = ["--as-of", "2024-05-03"]
        self.assertEqual(self.json("report", "summary", *ask)["revenue"], 600)
        self.assertEqual(self.json("report", "rfm", *ask)["customers"], 3)
        self.assertEqual(self.segment("x", *ask)["customers"], 3)
        self.assertEqual(self.json("segment", "show", "x", *ask)["customers"], 3)
        self.assertEqual(self.json("customer", "show", "c3", *ask)["n_events"], 1)
        self.refused("customer", "show", "c4", *ask)


if __name__ == "__main__":
    unittest.main()
