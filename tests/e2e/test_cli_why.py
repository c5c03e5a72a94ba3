#!/usr/bin/env python3
"""test_cli_why.py PROGRAM - why a customer is in or not: the tree as text and as JSON, instants, what is missing, errors."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "GYEOL_DATA"}
AS_OF = "2024-06-01"


def order(n, day, **properties):
    return json.dumps({"type": "track", "userId": "가나", "event": "Order Completed", "messageId": str(n),
                       "timestamp": f"2024-05-{day:02d}T01:02:03Z", "properties": properties})


class Why(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        lines = [order(i, 10 + i, revenue=1000 * i + 500, coupon=i % 2 == 0) for i in range(1, 6)]
        lines.append(json.dumps({"type": "identify", "userId": "late", "messageId": "l", "timestamp": "2024-07-01T00:00:00Z",
                                 "traits": {"tier": "\u001b[31mred"}}))
        path = self.folder / "calls.jsonl"
        path.write_text("\n".join(lines), encoding="utf-8")
        self.ok("init", "--time-zone", "Asia/Seoul", "--currency", "KRW")
        self.ok("import", path)

    def run_it(self, *args):
        command = [PROGRAM, "--data", str(self.folder / "data"), *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, env=ENVIRONMENT, cwd=self.folder)

    def ok(self, *args):
        done = self.run_it(*args)
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        return done.stdout

    def refused(self, *args):
        done = self.run_it(*args)
        self.assertEqual((done.returncode, done.stdout), (2, ""), f"{args}: {done.stderr}")
        return done.stderr

    def why(self, text, *options, customer="가나"):
        return json.loads(self.ok("why", customer, text, "--as-of", AS_OF, "--json", *options))["why"]

    def test_for_people(self):
        said = self.ok("why", "가나", "--as-of", AS_OF,
                       'count("Order Completed" where coupon = true last 30 days) >= 2 and sum("Order Completed".revenue) >= 30_000')
        self.assertEqual(said, """\
가나 is not in, as of 2024-06-01 00:00:00; if nothing happens: stays out

✗ and  — stays out
  ✓ count("Order Completed" where coupon = true last 30 days) >= 2  — until 2024-06-11 10:02:03
      found 2
        2024-05-14 10:02:03  coupon true
        2024-05-12 10:02:03  coupon true
  ✗ sum("Order Completed".revenue) >= 30000  — stays out
      found ₩17,500
        2024-05-15 10:02:03  revenue ₩5,500
        2024-05-14 10:02:03  revenue ₩4,500
        2024-05-13 10:02:03  revenue ₩3,500
        and 2 earlier
      missing: ₩12,500 more revenue of Order Completed
""")

    def test_as_json(self):
        said = json.loads(self.ok("why", "가나", 'did("Order Completed" last 20 days) and percentile(count("Order Completed")) < 50',
                                  "--as-of", AS_OF, "--json", "--events", "1"))
        self.assertEqual(said["customer"], "가나")
        root = said["why"]
        self.assertEqual(root["text"], 'did("Order Completed" last 20 days) and percentile(count("Order Completed")) < 50')
        self.assertEqual((root["holds"], root["as_of"]), (True, "2024-05-31T15:00:00.000Z"))
        self.assertEqual(root["flip"], {"when": "not foreseeable", "because": "it rests on what other customers do",
                                        "not_before": "2024-05-31T15:00:00.001Z"})
        did, rank = root["conditions"]
        self.assertEqual(did, {"text": 'did("Order Completed" last 20 days)', "as_of": "2024-05-31T15:00:00.000Z", "holds": True,
                               "flip": {"when": "at", "at": "2024-06-04T01:02:03.000Z"}, "n_events": 4,
                               "events": [{"event": "Order Completed", "time": "2024-05-15T01:02:03.000Z", "properties": {}}]})
        self.assertEqual([(v["text"], v["value"]) for v in rank["values"]],
                         [('percentile(count("Order Completed"))', 0), ('count("Order Completed")', 5)])
        self.assertNotIn("n_events", rank["values"][0])
        self.assertEqual(rank["values"][1]["n_events"], 5)

    def test_what_is_missing(self):
        self.assertEqual(self.why('count("Order Completed") >= 7')["missing"], {"of": "events", "event": "Order Completed", "amount": 2})
        self.assertEqual(self.why('sum("Order Completed".revenue) > 17_500')["missing"],
                         {"of": "sum", "event": "Order Completed", "property": "revenue", "more_than": 0})
        self.assertIn("missing: 2 more days with Order Completed\n",
                      self.ok("why", "가나", 'days("Order Completed") >= 7', "--as-of", AS_OF))

    def test_through_segments(self):
        self.ok("segment", "add", "busy", 'count("Order Completed" last 20 days) >= 4')
        self.ok("segment", "add", "was busy", 'in segment(busy 7 days ago)')
        said = self.ok("why", "가나", "was busy", "--as-of", AS_OF)
        self.assertIn('✓ in segment(busy 7 days ago)  — until 2024-06-08 10:02:03\n  as of 2024-05-25 00:00:00\n'
                      '  ✓ count("Order Completed" last 20 days) >= 4', said)
        inside = self.why("was busy")["conditions"][0]
        self.assertEqual((inside["as_of"], inside["holds"]), ("2024-05-24T15:00:00.000Z", True))

    def test_of_the_instant_that_flips(self):
        text = 'days_since("Order Completed") > 30'
        at = self.why(text)["flip"]["at"]
        self.assertEqual(at, "2024-06-14T01:02:03.001Z")
        self.assertEqual(self.ok("count", text, "--as-of", "2024-06-14T01:02:03.000Z"), "0\n")
        self.assertEqual(self.ok("count", text, "--as-of", at), "1\n")

    def test_errors(self):
        self.assertIn('there is no customer "who"', self.refused("why", "who", "everyone"))
        self.assertIn('customer "late" came later', self.refused("why", "late", "everyone", "--as-of", AS_OF))
        self.assertIn("1:5: ", self.refused("why", "가나", "did(Nothing)"))
        self.assertIn("--events", self.refused("why", "가나", "everyone", "--events", "-1"))
        self.refused("why", "가나")
        self.assertFalse(self.why("did(Nothing)", "--allow-unknown")["holds"])
        self.assertIn("found ?[31mred", self.ok("why", "late", 'trait.tier = "x"', "--as-of", "2024-08-01"))


if __name__ == "__main__":
    unittest.main()
