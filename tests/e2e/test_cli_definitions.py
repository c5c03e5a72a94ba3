#!/usr/bin/env python3
"""test_cli_definitions.py PROGRAM - segments, metrics, lists: they hold together whatever is changed, and files are all or nothing."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "GYEOL_DATA"}
AS_OF = ["--as-of", "2024-06-01"]


class Definitions(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        lines = [json.dumps({"type": "track", "event": "Visit", "userId": f"c{i}", "messageId": str(i),
                             "timestamp": f"2024-05-0{i}T00:00:00Z", "properties": {"depth": i, "page": f"p{i}"}}) for i in range(1, 6)]
        self.ok("init", "--language", "ko")
        self.ok("import", self.write("calls.jsonl", "\n".join(lines)))

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def run_it(self, *args):
        command = [PROGRAM, "--data", str(self.folder / "data"), *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, env=ENVIRONMENT, cwd=self.folder)

    def ok(self, *args):
        done = self.run_it(*args)
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        return done.stdout

    def refused(self, *args, status=2):
        done = self.run_it(*args)
        self.assertEqual(done.returncode, status, f"{args}: {done.stdout}{done.stderr}")
        return done.stderr

    def segments(self):
        return {s["name"]: s for s in json.loads(self.ok("segment", "list", *AS_OF, "--json"))["segments"]}

    def apply(self, *options):
        return {s["segment"]: s for s in json.loads(self.ok("segment", "apply", self.folder / "s.yaml", *AS_OF, "--json", *options))}

    def test_a_file_may_refer_in_any_order(self):
        self.write("s.yaml", """
segments:
  - name: deep and late
    where: in segment(deep) and in segment(late)
    title: { en: Deep and late, ko: 깊고 늦은 }
    priority: 2
  - { name: deep, where: "max(Visit.depth) >= 3", purpose: "깊이 본다" }
  - name: late
    where: |
      -- who came late
      did(Visit since "2024-05-04")
""")
        self.assertEqual(self.apply("--dry-run")["deep"], {"segment": "deep", "change": "new", "customers": 3, "enter": 3, "enter_revenue": 0, "leave": 0, "leave_revenue": 0})
        self.assertEqual(self.segments(), {})
        self.apply()
        found = self.segments()
        self.assertEqual({name: s["customers"] for name, s in found.items()}, {"deep": 3, "late": 2, "deep and late": 2})
        self.assertEqual(found["deep and late"]["attributes"], {"title": {"en": "Deep and late", "ko": "깊고 늦은"}, "priority": 2})
        self.assertEqual({s["change"] for s in self.apply().values()}, {"unchanged"})
        self.assertEqual({s["version"] for s in self.segments().values()}, {1})
        self.assertIn("깊고 늦은", self.ok("segment", "list"))
        self.assertEqual(self.ok("members", *AS_OF, "deep and late").split(), ["c4", "c5"])

    def test_changes_say_who_comes_and_goes(self):
        self.ok("segment", "add", "deep", "max(Visit.depth) >= 3")
        self.ok("segment", "add", "gone", "nobody")
        self.write("s.yaml", 'segments:\n  - {name: deep, where: "max(Visit.depth) between 2 and 4"}\n')
        self.assertEqual(self.apply("--prune"), {
            "deep": {"segment": "deep", "change": "changed", "customers": 3, "enter": 1, "enter_revenue": 0, "leave": 1, "leave_revenue": 0},
            "gone": {"segment": "gone", "change": "removed", "customers": 0, "enter": 0, "enter_revenue": 0, "leave": 0, "leave_revenue": 0}})
        self.assertEqual(set(self.segments()), {"deep"})
        self.assertEqual(self.segments()["deep"]["version"], 2)

    def test_all_or_nothing(self):
        self.ok("segment", "add", "old", "everyone")
        for text, said in [
                ('segments:\n  - {name: a, where: everyone}\n  - name: b\n    where: |\n      did(Visit)\n       and did(Visitt)\n',
                 'segment "b" in line 3 of'),
                ("segments:\n  - {name: a, where: in segment(b)}\n  - {name: b, where: in segment(a)}\n", "refers to itself"),
                ("segments:\n  - {name: a, where: in segment(c)}\n", '"c"'),
                ("segments:\n  - {name: a, where: everyone, wher: x}\n", '2:32: unknown key "wher"')]:
            with self.subTest(text=text):
                error = self.refused("segment", "apply", self.write("s.yaml", text))
                self.assertIn(said, error)
                self.assertEqual(set(self.segments()), {"old"})
        self.assertIn("2:10: ", self.refused("segment", "apply", self.write("s.yaml", 'segments:\n  - name: b\n    where: |\n      did(Visit)\n       and did(Visitt)\n')))

    def test_nothing_that_is_used_goes_away(self):
        self.ok("list", "add", "some", self.write("ids", "c1\nc2\n"))
        self.ok("metric", "add", "depth", "max(Visit.depth)")
        self.ok("metric", "add", "twice", "metric.depth * 2")
        self.ok("segment", "add", "base", "in list(some) and metric.twice > 1")
        self.ok("segment", "add", "top", "not in segment(base)")
        self.assertIn('segment "top"', self.refused("segment", "remove", "base"))
        self.assertIn('segment "base"', self.refused("list", "remove", "some"))
        self.assertIn('metric "twice"', self.refused("metric", "remove", "depth"))
        self.assertIn('segment "base"', self.refused("metric", "remove", "twice"))
        self.assertIn('metric "twice"', self.refused("metric", "add", "depth", "first(Visit.page)"))  # no number any more
        self.refused("metric", "add", "depth", "metric.twice")  # a circle
        self.write("s.yaml", "segments:\n  - {name: top, where: not in segment(base)}\n")
        self.refused("segment", "apply", self.folder / "s.yaml", "--prune")
        self.assertEqual(self.ok("members", *AS_OF, "top").split(), ["c3", "c4", "c5"])
        for what in (["segment", "remove", "top"], ["segment", "remove", "base"], ["metric", "remove", "twice"],
                     ["metric", "remove", "depth"], ["list", "remove", "some"]):
            self.ok(*what)

    def test_attributes_stay_when_the_text_changes(self):
        self.ok("segment", "add", "x", "everyone", "--owner", "crm", "--tags", "a,b", "--priority", "3")
        self.ok("segment", "add", "x", "nobody", "--owner", "sales")
        found = self.segments()["x"]
        self.assertEqual((found["version"], found["where"], found["attributes"]), (2, "nobody", {"owner": "sales", "tags": ["a", "b"], "priority": 3}))
        self.refused("segment", "add", "x", "nobody", "--refresh", "often")
        self.ok("segment", "add", "x", "everyone", "--dry-run")
        self.assertEqual(self.segments()["x"]["where"], "nobody")
        self.assertIn('no segment "xx"\n  Did you mean "x"?', self.refused("segment", "show", "xx"))
        self.assertNotIn("Did you mean", self.refused("segment", "show", "qq"))

    def test_a_definition_comes_before_a_segment_of_that_name(self):
        self.ok("segment", "add", "nobody", "everyone")
        self.ok("segment", "add", "deep ones", "max(Visit.depth) >= 5")
        self.assertEqual(self.ok("count", *AS_OF, "nobody"), "0\n")
        self.assertEqual(self.ok("count", *AS_OF, "deep ones"), "1\n")
        self.assertIn('Did you mean "deep ones"?', self.refused("members", *AS_OF, "deep one"))

    def test_who_came_and_went_of_a_segment_that_is_new(self):
        self.write("s.yaml", "segments:\n  - {name: back, where: entered segment(new last 9 days) or left segment(new today)}\n"
                             "  - {name: new, where: everyone}\n")
        self.assertEqual(self.apply()["back"], {"segment": "back", "change": "new", "customers": 0, "enter": 0, "enter_revenue": 0, "leave": 0, "leave_revenue": 0})

    def test_names(self):
        self.refused("segment", "add", "", "everyone")
        self.refused("segment", "add", "a\nb", "everyone")
        self.refused("segment", "add", "x" * 201, "everyone")
        self.ok("segment", "add", "가" * 200, "everyone")
        self.ok("segment", "add", "\u1100\u1161", "everyone")  # decomposed, is stored composed
        self.assertIn("가", self.segments())

    def test_recorded_membership_is_all_or_nothing(self):
        self.ok("segment", "add", "x", "everyone")
        good = {"segment": "x", "id": "c1", "change": "entered", "at": "2024-05-10"}
        for bad, said in [({**good, "change": "came"}, "came"), ({**good, "segment": "z"}, '"z"'), ({**good, "at": "soon"}, "soon"),
                          ({"segment": "x"}, "not an object of"), ({**good, "id": 3}, '"id"')]:
            with self.subTest(bad=bad):
                error = self.refused("segment", "history", "import", self.write("h", json.dumps(good) + "\n" + json.dumps(bad) + "\n"))
                self.assertIn(said, error)
                self.assertIn(": 2: ", error)
                self.assertEqual(self.ok("count", *AS_OF, "entered segment(x last 90 days)"), "0\n")
        self.ok("segment", "history", "import", self.write("h", json.dumps(good) + "\n"))
        self.assertEqual(self.ok("members", *AS_OF, "entered segment(x last 90 days)"), "c1\n")

    def test_lists_change(self):
        self.ok("list", "add", "some", self.write("ids", "\ufeffc1\r\nc2\r\n\r\nlater\r\n"))
        self.assertEqual(self.ok("list", "show", "some"), "c1\nc2\n")
        self.ok("list", "add", "some", "--keep", self.write("ids", "c4\n"))
        self.ok("list", "remove", "some", self.write("ids", "c1\nc5\n"))
        self.assertEqual(self.ok("list", "show", "some"), "c2\nc4\n")
        self.assertEqual(json.loads(self.ok("list", "--json"))[0]["ids"], 3)
        self.ok("list", "add", "some", self.write("ids", "c3"))
        self.assertEqual(self.ok("list", "show", "some"), "c3\n")
        self.assertEqual(self.ok("list", "show", "some", *AS_OF), "c1\nc2\n")  # as it was from the first
        self.refused("list", "remove", "none", self.folder / "ids")
        self.refused("list", "add", "none", "/no/such/file", status=1)

    def test_the_nearest_command_is_named(self):
        for words, said in [(["sgment", "list"], '"gyeol segment"'), (["segment", "lst"], '"gyeol segment list"'), (["cuont", "everyone"], '"gyeol count"'),
                            (["segment"], '"gyeol segment --help"'), (["list", "show"], "NAME"), (["count", "did(Visit)", "or", "x"], "quotes")]:
            with self.subTest(words=words):
                self.assertIn(said, self.refused(*words))

    def test_what_was_done_is_said(self):
        for words, said in [(["list", "add", "some", self.write("ids", "c1\nc2\nnobody\n")], 'list "some": 3 ids stored; it has 2 customers\n'),
                            (["list", "add", "some", "--keep", self.write("more", "c3\n")], 'list "some": 1 id added; it has 3 customers\n'),
                            (["metric", "add", "depth", "max(Visit.depth)"], 'metric "depth": max(Visit.depth)\n'),
                            (["metric", "remove", "depth"], 'removed metric "depth"\n'), (["list", "remove", "some"], 'removed list "some"\n')]:
            with self.subTest(words=words):
                done = self.run_it(*words)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", said))
        self.ok("segment", "add", "deep", "everyone")
        self.assertEqual(self.run_it("segment", "remove", "deep").stderr, 'removed segment "deep"\n')
        self.assertNotIn("removed", self.refused("segment", "remove", "deep"))

    def test_columns(self):
        said = self.ok("members", *AS_OF, "--columns", 'max( Visit.depth ),first(Visit.page), sum(Visit.depth where page in ("p1","p2"))', "everyone")
        self.assertEqual(said.splitlines()[:2], ['id,max(Visit.depth),first(Visit.page),"sum(Visit.depth where page in (""p1"", ""p2""))"', "c1,1,p1,1"])
        rows = [json.loads(line) for line in self.ok("members", *AS_OF, "--format", "jsonl", "--columns", "last_time(Visit), avg(Visit.depth where depth > 4)", "everyone").splitlines()]
        self.assertEqual(rows[0], {"id": "c1", "last_time(Visit)": "2024-05-01T00:00:00.000Z", "avg(Visit.depth where depth > 4)": None})
        self.assertEqual(rows[4]["avg(Visit.depth where depth > 4)"], 5)
        self.assertIn("column 2: 1:1: ", self.refused("members", "--columns", "1,bad thing", "everyone"))
        self.refused("members", "--columns", "1,", "everyone")
        self.refused("members", "--format", "xlsx", "everyone")

    def test_customer(self):
        self.ok("metric", "add", "depth", "max(Visit.depth)")
        self.ok("segment", "add", "deep", "metric.depth > 2")
        said = json.loads(self.ok("customer", "show", "c3", *AS_OF, "--json"))
        self.assertEqual((said["id"], said["is_identified"], said["metrics"], said["segments"], said["n_events"]), ("c3", True, {"depth": 3}, ["deep"], 1))
        self.assertEqual(said["events"], [{"event": "Visit", "time": "2024-05-03T00:00:00.000Z", "properties": {"depth": 3, "page": "p3"}}])
        self.assertEqual(json.loads(self.ok("customer", "show", "c3", *AS_OF, "--json", "--events", "0"))["events"], [])
        self.assertIn("c3", self.ok("customer", "show", "c3"))
        self.refused("customer", "show", "nobody-has-it")
        self.refused("customer", "show", "c3", "--as-of", "2024-05-02")
        self.refused("customer", "show", "c3", "--events", "-1")

    def test_schema_can_be_set(self):
        self.assertEqual(json.loads(self.ok("schema", "--json"))["events"], [{"name": "Visit", "rows": 5, "properties": {"depth": "number", "page": "string"},
                                                                           "personal": []}])
        self.ok("schema", "set", "Visit.page", "string")
        self.refused("schema", "set", "Visit.pages", "string")
        self.refused("schema", "set", "Visit.page", "list")
        self.refused("schema", "set", "trait.x", "number")
        self.ok("schema", "set", '"Visit".depth', "string")
        self.assertEqual(json.loads(self.ok("schema", "--json"))["events"][0]["properties"]["depth"], "string")


if __name__ == "__main__":
    unittest.main()
