#!/usr/bin/env python3
"""test_cli_templates.py PROGRAM - templates become segments that are evaluated, and built-in metrics have the values they say."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "GYEOL_DATA"}
MEDIUM = pathlib.Path(__file__).resolve().parents[1] / "conformance" / "data" / "medium.jsonl.gz"
AS_OF = ["--as-of", "2025-01-31T00:00Z"]


def track(customer, time, event, **properties):
    return {"type": "track", "userId": customer, "event": event, "timestamp": time, "properties": properties,
            "messageId": f"{customer} {time} {event}"}


def order(customer, time, revenue, product, **more):
    products = [{"product_id": product, "category": "tea", "brand": "B1", "quantity": 2}]
    return track(customer, time, "Order Completed", revenue=revenue, products=products,
                 **{"discount": 0, "channel": "app", "coupon": "", **more})


# Every event, property and trait that a template or a metric names.
SHOP = [
    {"type": "identify", "userId": "c5", "timestamp": "2024-01-01T00:00:00Z", "messageId": "i",
     "traits": {"birthday": "1990-02-03", "gender": "F", "region": "서울", "interests": ["여행"], "agrees": 5}},
    order("c1", "2024-12-01T10:00:00Z", 100, "P1"),
    order("c1", "2025-01-10T10:00:00Z", 200, "P2", discount=20, channel="web", coupon="TEA"),
    order("c1", "2025-01-20T10:00:00Z", 300, "P1"),
    order("c2", "2024-11-15T10:00:00Z", 50, "P1"),
    track("c3", "2025-01-25T10:00:00Z", "Product Added", product_id="P1"),
    track("c4", "2025-01-25T10:00:00Z", "Product Added", product_id="P1"),
    order("c4", "2025-01-25T11:00:00Z", 70, "P1"),
    track("c6", "2025-01-05T10:00:00Z", "Survey Answered", score=10, survey="NPS"),
    track("c7", "2025-01-05T10:00:00Z", "Survey Answered", score=3, survey="NPS"),
    track("c1", "2025-01-22T10:00:00Z", "Order Refunded", revenue=30),
    track("c2", "2024-11-16T10:00:00Z", "Order Cancelled"),
    track("c3", "2025-01-25T09:00:00Z", "Product Viewed", product_id="P1"),
    track("c3", "2025-01-25T10:30:00Z", "Checkout Started"),
    track("c3", "2025-01-20T09:00:00Z", "Signed Up"),
    track("c2", "2024-12-01T09:00:00Z", "Support Contacted"),
    track("c3", "2025-01-25T09:00:00Z", "Page Viewed", name="home"),
]


class Workspace(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def fill(self, calls):
        path = self.folder / "calls.jsonl"
        path.write_text("\n".join(json.dumps(call, ensure_ascii=False) for call in calls), encoding="utf-8")
        self.ok("init", "--time-zone", "UTC")
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
        self.assertEqual(done.returncode, 2, f"{args}: {done.stdout}{done.stderr}")
        return done.stderr

    def members(self, segment):
        return self.ok("members", *AS_OF, segment).split()

    def templates(self):
        return [t["name"] for t in json.loads(self.ok("segment", "template", "list", "--json"))]

    def required(self, name):
        parameters = json.loads(self.ok("segment", "template", "show", name, "--json"))["parameters"]
        return [f"--set={p['name']}={p['example']}" for p in parameters if p["required"]]


class Templates(Workspace):
    def test_every_template_becomes_a_segment(self):
        self.fill(SHOP)
        names = self.templates()
        self.assertGreater(len(names), 40)
        for name in names:
            with self.subTest(template=name):
                self.ok("segment", "template", "add", name, *AS_OF, *self.required(name))
        listed = json.loads(self.ok("segment", "list", *AS_OF, "--json"))["segments"]
        self.assertEqual(sorted(s["name"] for s in listed), sorted(names))
        for segment in listed:
            with self.subTest(segment=segment["name"]):
                self.assertIsNotNone(segment["customers"])
                for attribute in ("title", "purpose", "action"):
                    self.assertEqual(sorted(segment["attributes"][attribute]), ["en", "ko"])

    def test_who_is_in_them(self):
        self.fill(SHOP)
        expected = {
            "one_time_buyer": ["c2"],            # its one order is older than 90 days
            "lapsing": ["c2"],                   # 76.6 days
            "first_time_buyer": ["c4"],
            "new_customer": ["c4"],
            "abandoned_cart": ["c3"],            # c4 bought the product an hour later
            "abandoned_checkout": ["c3"],
            "signed_up_not_bought": ["c3"],
            "birthday_soon": ["c5"],
            "psychographic": ["c5"],
            "promoter": ["c6"],
            "detractor": ["c7"],
            "passive": [],
        }
        settings = {"one_time_buyer": ["--set", "window=60 days"]}
        for name, customers in expected.items():
            with self.subTest(template=name):
                self.ok("segment", "template", "add", name, *AS_OF, *self.required(name), *settings.get(name, []))
                self.assertEqual(self.members(name), customers)

    def test_a_segment_takes_name_and_values(self):
        self.fill(SHOP)
        said = json.loads(self.ok("segment", "template", "add", "frequent_buyer", "--as", "단골", "--set", "orders=3", *AS_OF, "--json"))
        self.assertEqual(said, {"segment": "단골", "where": 'count("Order Completed" last 1 year) >= 3', "customers": 1, "enter": 1, "enter_revenue": 600,
                                "leave": 0, "leave_revenue": 0})
        self.assertEqual(self.members("단골"), ["c1"])

    def test_a_dry_run_stores_nothing(self):
        self.fill(SHOP)
        self.ok("segment", "template", "add", "lapsed", "--dry-run")
        self.assertEqual(json.loads(self.ok("segment", "list", "--json"))["segments"], [])

    def test_what_a_segment_carried_stays(self):
        self.fill(SHOP)
        self.ok("segment", "add", "lapsed", "everyone", "--owner", "crm", "--title", "old")
        self.ok("segment", "template", "add", "lapsed", *AS_OF)
        attributes = json.loads(self.ok("segment", "show", "lapsed", "--json"))["attributes"]
        self.assertEqual(attributes["owner"], "crm")
        self.assertEqual(attributes["title"], {"en": "Lapsed", "ko": "이탈 고객"})

    def test_what_is_missing_is_said(self):
        self.fill(SHOP[:5])
        said = self.refused("segment", "template", "add", "abandoned_cart")
        self.assertIn('template "abandoned_cart" needs what has never been seen: event "Product Added" (product_id: string)', said)
        self.assertIn("--set cart=NAME", said)
        self.assertIn("--allow-unknown", said)
        self.ok("segment", "template", "add", "abandoned_cart", "--allow-unknown")
        self.assertEqual(self.members("abandoned_cart"), [])
        self.assertIn('of event "Order Completed" (amount: number)',
                      self.refused("segment", "template", "add", "vip", "--set", "revenue=amount"))
        self.assertIn('segment "gold"', self.refused("segment", "template", "add", "slipped", "--set", "from=gold"))
        self.assertIn('unrecognized segment "gold"',
                      self.refused("segment", "template", "add", "slipped", "--set", "from=gold", "--allow-unknown"))

    def test_what_is_wrong_is_said(self):
        self.fill(SHOP[:5])
        self.assertIn('Did you mean "lapsed"?', self.refused("segment", "template", "show", "lapsd"))
        self.assertIn("is not PARAM=VALUE", self.refused("segment", "template", "add", "lapsed", "--set", "days"))
        self.assertIn("out of its range", self.refused("segment", "template", "add", "lapsed", "--set", "days=0"))
        self.assertIn("must be given", self.refused("segment", "template", "add", "geographic"))
        self.assertIn("neither", self.refused("segment", "template", "list", "--language", "fr"))

    def test_pages_speak_the_workspace_s_language(self):
        self.assertIn("Lapsed", self.ok("segment", "template", "list"))  # there is no workspace yet
        self.ok("init", "--language", "ko")
        self.assertIn("이탈 고객", self.ok("segment", "template", "list"))
        shown = self.ok("segment", "template", "show", "vip")
        self.assertIn('이벤트 "Order Completed" (revenue: 숫자)', shown)
        self.assertIn("구매 고객 상위 몇 퍼센트", shown)
        self.assertIn("number, 0.1 to 50", self.ok("segment", "template", "show", "vip", "--language", "en"))

    def test_the_groups_of_rfm_are_those_of_the_report(self):
        self.ok("init", "--time-zone", "Asia/Seoul")
        self.ok("import", MEDIUM)
        as_of = ["--as-of", "2025-06-30"]
        report = json.loads(self.ok("report", "rfm", *as_of, "--json"))
        reported = {"rfm_" + g["group"].lower().replace(" ", "_"): g["customers"] for g in report["groups"]}
        names = [name for name in self.templates() if name.startswith("rfm_")]
        self.assertEqual(sorted(names), sorted(reported))
        for name in names:
            with self.subTest(template=name):
                added = json.loads(self.ok("segment", "template", "add", name, *as_of, "--json"))
                self.assertEqual(added["customers"], reported[name])


class Metrics(Workspace):
    def values(self, customer, names):
        columns = ",".join(f"metric.{name}" for name in names)
        rows = self.ok("members", *AS_OF, "--format", "csv", "--columns", columns, f"count(\"Order Completed\") = {customer}").splitlines()
        self.assertEqual(len(rows), 2)
        return dict(zip(names, rows[1].split(",")[1:], strict=True))

    def test_values_by_hand(self):
        self.fill(SHOP)
        # c1: 100, 200 and 300 on 1 December, 10 and 20 January at 10:00; asked ten days and 14 hours after the last
        expected = {"orders": "3", "revenue": "600", "average_order_value": "200", "largest_order": "300", "net_revenue": "570",
                    "order_interval": "25", "order_days": "3", "discount": "20", "returns": "1", "items_per_order": "2", "products": "2",
                    "favorite_category": "tea", "order_channel": "app", "cancellations": "0",
                    "first_order_time": "2024-12-01T10:00:00.000Z", "last_order_time": "2025-01-20T10:00:00.000Z"}
        self.assertEqual(self.values(3, list(expected)), expected)
        thirds = self.values(3, ["discount_share", "coupon_share", "return_rate", "days_since_order", "order_lateness"])
        self.assertAlmostEqual(float(thirds["discount_share"]), 1 / 3)
        self.assertAlmostEqual(float(thirds["coupon_share"]), 1 / 3)
        self.assertAlmostEqual(float(thirds["return_rate"]), 1 / 3)
        self.assertAlmostEqual(float(thirds["days_since_order"]), 10 + 14 / 24)
        self.assertAlmostEqual(float(thirds["order_lateness"]), (10 + 14 / 24) / 25)

    def test_of_people_who_never_ordered(self):
        self.fill(SHOP)
        self.assertEqual(self.members("metric.age = 34"), ["c5"])
        self.assertEqual(self.members("metric.nps_score >= 9"), ["c6"])
        self.assertEqual(self.members("metric.visits = 1 and metric.orders = 0"), ["c3"])
        self.assertEqual(self.members("metric.average_order_value is missing and metric.product_views > 0"), ["c3"])

    def test_one_s_own_comes_first(self):
        self.fill(SHOP)
        self.ok("segment", "add", "buyers", "metric.orders >= 1")
        self.assertEqual(self.members("buyers"), ["c1", "c2", "c4"])
        self.ok("metric", "add", "orders", 'count("Order Completed" where revenue > 60)')
        self.assertEqual(self.members("buyers"), ["c1", "c4"])
        self.assertIn("refers to itself", self.refused("metric", "add", "revenue", "metric.revenue + 1"))

    def test_are_listed_where_their_data_is(self):
        self.fill(SHOP[:5])
        self.ok("metric", "add", "orders", "1")
        listed = {m["name"]: m for m in json.loads(self.ok("metric", "list", "--json"))}
        self.assertEqual(listed["orders"], {"name": "orders", "value": "1", "built_in": False})
        self.assertEqual(listed["revenue"], {"name": "revenue", "value": 'sum("Order Completed".revenue)', "built_in": True})
        self.assertNotIn("cancel_rate", listed)
        self.assertIn("mean revenue of an order", self.ok("metric", "list"))

    def test_is_unknown_where_its_data_is(self):
        self.fill(SHOP[:5])
        said = self.refused("count", "metric.cancel_rate > 0")
        self.assertIn('unrecognized metric "cancel_rate"', said)
        self.assertIn('unrecognized event "Order Cancelled"', said)
        self.assertIn('Did you mean "orders"?', self.refused("count", "metric.oders > 0"))


if __name__ == "__main__":
    unittest.main()
