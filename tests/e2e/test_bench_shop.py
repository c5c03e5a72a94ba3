#!/usr/bin/env python3
"""The shop that the benchmark is asked over is the one that bench/schema.md describes, and never another.

  test_bench_shop.py SHOP_MAKE
"""
import collections
import csv
import datetime
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SHOP_MAKE = sys.argv.pop(1)
EVENTS = 200_000
SHARES = {  # percent, as schema.md has them
    "Page Viewed": 55, "Product Viewed": 20, "Product Added": 8, "Email Sent": 6.3, "Order Completed": 3.2,
    "Products Searched": 3, "Email Opened": 1.7, "App Opened": 1.5, "Coupon Used": 0.6, "Email Link Clicked": 0.5,
    "Product Reviewed": 0.3, "Order Refunded": 0.2}
PROPERTIES = {  # those every event of the kind has, and those it may have
    "Page Viewed": ({"path"}, {"seconds"}),
    "Product Viewed": ({"product_id", "category", "brand", "price"}, set()),
    "Product Added": ({"product_id", "category", "brand", "price", "quantity"}, set()),
    "Email Sent": ({"campaign"}, set()),
    "Order Completed": ({"order_id", "revenue", "discount", "shipping", "channel", "payment", "products"}, {"coupon"}),
    "Products Searched": ({"query", "results"}, set()),
    "Email Opened": ({"campaign"}, set()),
    "App Opened": ({"os", "version"}, set()),
    "Coupon Used": ({"coupon", "discount"}, set()),
    "Email Link Clicked": ({"campaign"}, set()),
    "Product Reviewed": ({"product_id", "rating"}, set()),
    "Order Refunded": ({"order_id", "revenue"}, set())}
START = datetime.datetime(2023, 12, 31)
END = datetime.datetime(2025, 12, 31)
# Of 100,000 events. They change only when the shop is meant to become another one; then all results are void.
DIGESTS = {
    "calls.jsonl": "1e61ceeb5e907e04f6327a7b6903742534a2c715e2288d579e7ad5d233b2f156",
    "customers.csv": "7fc532f986ccaf7f1a03a354081bc0746621a8caeb14f29b27edc4ad7be1e5d7",
    "events.csv": "c91dc44f5125d54cc5a72ef874c187fca0da6fe9bbe7f72dff7c3c4df0f84514",
    "items.csv": "17812f9eb2c3447286a076fc865e4c08b3003c0b29c2e75e877958e7df5761db"}


def make(folder, *options):
    subprocess.run([SHOP_MAKE, *options, folder], check=True, stdout=subprocess.DEVNULL)
    return pathlib.Path(folder)


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def read_calls(folder):
    return [json.loads(line) for line in (folder / "calls.jsonl").read_text().splitlines()]


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


class Shop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        made = make(cls.folder.name, "--events", str(EVENTS), "--products")
        cls.customers, cls.events, cls.items = (table(made / f"{name}.csv") for name in ("customers", "events", "items"))
        cls.calls = read_calls(made)
        cls.times = [datetime.datetime.fromisoformat(event["t"]) for event in cls.events]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_size_and_shares(self):
        n = len(self.events)
        self.assertEqual(len(self.customers), EVENTS // 50)
        self.assertLess(abs(n - EVENTS), EVENTS * 0.02)  # 1 % from a million on
        counts = collections.Counter(event["event"] for event in self.events)
        self.assertEqual(set(counts), set(SHARES))
        for event, share in SHARES.items():
            margin = 0.5 if share >= 2 else share / 4
            self.assertLess(abs(100 * counts[event] / n - share), margin, event)

    def test_nobody_does_two_things_in_a_second(self):
        self.assertEqual(len({(e["customer"], e["t"]) for e in self.events}), len(self.events))
        self.assertLessEqual(START, min(self.times))
        self.assertLessEqual(max(self.times), END)

    def test_order_of_arrival(self):
        """By time, but for one in a hundred, which come up to two days late."""
        latest, late = START, 0
        for time in self.times:
            late += time < latest
            self.assertLessEqual(latest - time, datetime.timedelta(days=2))
            latest = max(latest, time)
        self.assertLess(abs(late / len(self.times) - 0.01), 0.002)

    def test_a_few_are_busy_and_some_never_come(self):
        counts = collections.Counter(event["customer"] for event in self.events)
        busiest = sorted(counts.values(), reverse=True)
        n = len(self.customers)
        self.assertLess(abs(sum(busiest[:n // 10]) / len(self.events) - 0.5), 0.05)
        self.assertLess(abs(1 - len(counts) / n - 1 / 7), 0.03)

    def test_orders_add_up(self):
        items = collections.defaultdict(list)
        for item in self.items:
            items[item["customer"], item["t"], item["order_id"]].append(item)
        orders = [event for event in self.events if event["event"] == "Order Completed"]
        self.assertEqual(len({order["order_id"] for order in orders}), len(orders))
        for order in orders:
            lines = items.pop((order["customer"], order["t"], order["order_id"]))
            self.assertIn(len(lines), range(1, 7))
            total = sum(int(line["price"]) * int(line["quantity"]) for line in lines)
            shipping = 3000 if total < 30000 and order["channel"] != "store" else 0
            self.assertEqual(int(order["shipping"]), shipping)
            self.assertEqual(int(order["revenue"]), total - int(order["discount"]) + shipping)
            self.assertEqual({line["channel"] for line in lines}, {order["channel"]})
        self.assertEqual(dict(items), {})

    def test_coupon_used_stands_right_before_its_order(self):
        by_customer = collections.defaultdict(list)
        for event in sorted(self.events, key=lambda event: event["t"]):
            by_customer[event["customer"]].append(event)
        used = 0
        for events in by_customer.values():
            for event, after in zip(events, events[1:]):
                if event["event"] == "Coupon Used":
                    used += 1
                    self.assertEqual((after["event"], after["coupon"], after["discount"]),
                                     ("Order Completed", event["coupon"], event["discount"]))
        self.assertGreater(used, 0)

    def test_properties_are_those_of_their_kind(self):
        for event in self.events:
            there = {key for key, value in event.items() if value} - {"event", "customer", "t"}
            needed, possible = PROPERTIES[event["event"]]
            self.assertLessEqual(needed, there)
            self.assertLessEqual(there - needed, possible)

    def test_calls_say_what_the_tables_say(self):
        n = len(self.customers)
        self.assertEqual([call["messageId"] for call in self.calls], [f"m{i + 1:x}" for i in range(len(self.calls))])
        for call, row in zip(self.calls[:n], self.customers):
            self.assertEqual((call["type"], call["userId"]), ("identify", f"c{int(row['customer']):07}"))
            traits = {name: str(value).lower() if isinstance(value, bool) else value
                      for name, value in call["traits"].items()}
            traits["signed_up"] = traits["signed_up"].replace("T", " ").rstrip("Z")
            self.assertEqual(traits, {name: value for name, value in row.items() if value and name != "customer"})
        self.assertEqual(len(self.calls) - n, len(self.events))
        for call, row in zip(self.calls[n:], self.events):
            self.assertEqual((call["type"], call["userId"], call["event"], call["timestamp"]),
                             ("track", f"c{int(row['customer']):07}", row["event"], row["t"].replace(" ", "T") + "Z"))
            self.compare_properties(call["properties"], row)

    def compare_properties(self, properties, row):
        self.assertEqual(set(properties), {name for name in row if row[name]} - {"event", "customer", "t"})
        for name, value in properties.items():
            if name == "products":
                numbered = [item | {"product_id": int(item["product_id"].removeprefix("p"))} for item in value]
                self.assertEqual(numbered, json.loads(row[name]))
            elif name == "product_id":
                self.assertEqual(value, f"p{int(row[name]):05}")
            elif isinstance(value, str):
                self.assertEqual(value, row[name])
            else:
                self.assertEqual(value, float(row[name]))


class Bytes(unittest.TestCase):
    def test_they_are_these(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(digests(make(folder, "--events", "100k")), DIGESTS)

    def test_switches(self):
        """What is left out is all that changes."""
        with tempfile.TemporaryDirectory() as folder:
            settings = [], ["--products", "--no-message-ids", "--only", "events,calls"], ["--seed", "7"]
            plain, switched, other = (make(f"{folder}/{i}", "--events", "1k", *options)
                                      for i, options in enumerate(settings))
            self.assertEqual({path.name for path in switched.iterdir()}, {"events.csv", "calls.jsonl"})
            without = [{key: value for key, value in row.items() if key != "products"}
                       for row in table(switched / "events.csv")]
            self.assertEqual(without, table(plain / "events.csv"))
            whole = read_calls(plain)
            for call in whole:
                del call["messageId"]
            self.assertEqual(read_calls(switched), whole)
            self.assertNotEqual((other / "events.csv").read_bytes(), (plain / "events.csv").read_bytes())

    def test_refuses_what_it_cannot_make(self):
        for options in (["--events", "49"], ["--events", "500M"], ["--events", "many"], ["--only", "sales"], []):
            done = subprocess.run([SHOP_MAKE, *options, *(["/nowhere/shop"] if options else [])], capture_output=True)
            self.assertEqual(done.returncode, 2)
        self.assertEqual(subprocess.run([SHOP_MAKE, "/nowhere/shop"], capture_output=True).returncode, 1)


if __name__ == "__main__":
    unittest.main()
