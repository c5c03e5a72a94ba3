#!/usr/bin/env python3
"""test_language_examples.py PROGRAM - every example of docs/language.md is run: each recipe of the cookbook over a few customers
made for it, all others over all of these customers."""
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
PAGE = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
COOKBOOK = PAGE.split("\n## Cookbook\n")[1]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "GYEOL_DATA"}
AS_OF = "2025-07-17T12:00"  # a Thursday, in Seoul
NOON = datetime.datetime(2025, 7, 17, 12)

# ---- calls ----


def event(name, when, **properties):
    """`when` is a day at noon, or how many days before AS_OF."""
    time = NOON - datetime.timedelta(days=when) if isinstance(when, (int, float)) else datetime.datetime.fromisoformat(f"{when}T12:00")
    return {"type": "track", "event": name, "timestamp": time.isoformat() + "+09:00", "properties": properties}


def order(when, revenue=100, **properties):
    return event("Order Completed", when, revenue=revenue, **properties)


def bought(when, **product):
    return order(when, products=[product])


def traits(**values):
    return {"type": "identify", "timestamp": "2020-01-01T00:00:00Z", "traits": values}


def orders(n, **properties):
    return [order(100 + i, **properties) for i in range(n)]


def is_sampled(share, salt, customer):
    """As the page says: FNV-1a, and MurmurHash3's finaliser."""
    h = 0xCBF29CE484222325
    for byte in f"{salt}\0{customer}".encode():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    h = (h ^ h >> 33) * 0xFF51AFD7ED558CCD % 2**64
    h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53 % 2**64
    return (h ^ h >> 33) < share * 2**64


def born(*days):
    """A customer who is not in the control group, by birthday."""
    return {next(f"{day} {i}" for i in range(99) if not is_sampled(0.1, "birthday control", f"{day} {i}")): [traits(birthday=day)]
            for day in days}


def control(day):
    return {next(f"{day} {i}" for i in range(999) if is_sampled(0.1, "birthday control", f"{day} {i}")): [traits(birthday=day)]}


# ---- the cookbook: for whom a recipe is, and for whom it is not ----

RECIPES = {
    "New this month": ({"once": [order("2025-07-01")], "twice": [order("2025-07-03"), order("2025-07-10")]},
                       {"before": [order("2025-06-30")], "again": [order("2025-06-30"), order("2025-07-03")]}),
    "Second purchase due": ({"three weeks": [order(21)], "five weeks": [order(35)]},
                            {"early": [order(20)], "late": [order(36)], "two": [order(30), order(25)]}),
    "Overdue by their own rhythm": ({"late": [order(60), order(50), order(40)]},
                                    {"in time": [order(35), order(25), order(15)], "two": [order(60), order(50)]}),
    "RFM champions": ({"5": [order(5 + i) for i in range(5)]},
                      {str(n): [order(10 - n + i) for i in range(n)] for n in range(1, 5)} | {"none": [traits(age=1)]}),
    "Abandoned carts": (
        {"left": [traits(email_opt_in=True), event("Product Added", 3, product_id="x"), bought(2.9, product_id="y")]},
        {"bought": [traits(email_opt_in=True), event("Product Added", 3, product_id="x"), bought(2.9, product_id="x")],
         "may not": [traits(email_opt_in=False), event("Product Added", 3, product_id="x")],
         "today": [traits(email_opt_in=True), event("Product Added", 0.5, product_id="x")]}),
    "Browsed, did not buy": ({"looked": [event("Product Viewed", i, product_id="x") for i in range(5)]},
                             {"bought": [event("Product Viewed", i, product_id="x") for i in range(5)] + [order(1)],
                              "hardly": [event("Product Viewed", i, product_id="x") for i in range(4)]}),
    "Buys on offer only": ({"always": orders(5, coupon="A"), "nine of ten": orders(9, coupon="A") + [order(1)]},
                           {"four of five": orders(4, coupon="A") + [order(1)], "four": orders(4, coupon="A")}),
    "Weekend shoppers": ({"weekend": [order("2025-07-12"), order("2025-07-13"), order("2025-07-14")]},
                         {"as often": [order("2025-07-12"), order("2025-07-14")], "never": [traits(age=1)]}),
    "Spending less": ({"less": [order("2024-10-01", 1000), order("2025-05-01", 499)]},
                      {"half": [order("2024-10-01", 1000), order("2025-05-01", 500)], "never": [traits(age=1)]}),
    "Returns too much": ({"three of nine": orders(9) + [event("Order Refunded", i) for i in range(3)]},
                         {"three of ten": orders(10) + [event("Order Refunded", i) for i in range(3)],
                          "two": orders(1) + [event("Order Refunded", i) for i in range(2)]}),
    "Unhappy and worth it": (
        {"5": [order(9, 500), event("Survey Answered", 8, score=9), event("Survey Answered", 7, score=6)]},
        {"6": [order(9, 600), event("Survey Answered", 8, score=3), event("Survey Answered", 7, score=7)],
         "4": [order(9, 400), event("Survey Answered", 8, score=0)], "3": [order(9, 300)], "2": [order(9, 200)], "1": [order(9, 100)]}),
    "Birthdays within a week": (born("2000-07-17", "2000-07-23"),
                                born("2000-07-16", "2000-07-24", "2006-07-18") | control("2000-07-20")),
    "Won back": ({"back": [order("2025-01-01"), order("2025-06-01")]},
                 {"never lost": [order("2025-04-01"), order("2025-06-01")], "lost": [order("2025-01-01")],
                  "new": [order("2025-06-01")]}),
    "One kind of goods, never another": (
        {"food": [bought(9, category="식품")], "fashion once": [bought(500, category="패션"), bought(9, category="식품")]},
        {"both": [bought(9, category="식품"), bought(99, category="패션")], "fashion": [bought(500, category="패션")]}),
    "Visitors who were never named": (
        {"?three": [event("App Opened", day) for day in ("2025-07-14", "2025-07-15", "2025-07-16")]},
        {"?two": [event("App Opened", day) for day in ("2025-07-13", "2025-07-15", "2025-07-16")],
         "named": [event("App Opened", day) for day in ("2025-07-14", "2025-07-15", "2025-07-16")]}),
}

# ---- running ----


def lines_of(customers):
    """Whose id begins with a question mark has no other."""
    for customer, calls in customers.items():
        for n, call in enumerate(calls):
            kind = "anonymousId" if customer.startswith("?") else "userId"
            yield json.dumps({kind: customer, "messageId": f"{customer} {n}"} | call, ensure_ascii=False)


def blocks(text):
    return re.findall(r"```gyeol\n(.*?)```", text, flags=re.DOTALL)


def recipes():
    """The cookbook's definitions by their titles."""
    return {title: blocks(text)[0] for title, text in re.findall(r"^\*\*(.+?)\*\*(.*?```gyeol.*?```)", COOKBOOK,
                                                                flags=re.MULTILINE | re.DOTALL)}


def examples():
    """Those of one block stand apart by an empty line."""
    return [example for block in blocks(PAGE) for example in block.split("\n\n")]


class Examples(unittest.TestCase):
    def run_it(self, *args):
        done = subprocess.run([PROGRAM, "--data", self.data, *args], capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        return done.stdout

    def make(self, folder, customers):
        """A workspace with them, and the definitions that the page refers to."""
        self.data = f"{folder}/data"
        calls = pathlib.Path(folder) / "calls.jsonl"
        calls.write_text("\n".join(lines_of(customers)), encoding="utf-8")
        ids = pathlib.Path(folder) / "ids.txt"
        ids.write_text("left\n", encoding="utf-8")
        self.run_it("init", "--time-zone", "Asia/Seoul")
        self.run_it("import", str(calls))
        self.run_it("list", "add", "blocked", str(ids))
        for name, text in (("At risk", 'not did("Order Completed" last 60 days)'), ("Champions", 'count("Order Completed") >= 5')):
            self.run_it("segment", "add", name, text, "--allow-unknown")
        for name, text in (("orders", 'count("Order Completed")'), ("aov", 'avg("Order Completed".revenue)')):
            self.run_it("metric", "add", name, text, "--allow-unknown")

    def count(self, text):
        return int(self.run_it("count", "--allow-unknown", "--as-of", AS_OF, "--", text))

    def test_each_recipe_finds_whom_it_says(self):
        texts = recipes()
        self.assertEqual(list(texts), list(RECIPES))
        for title, (those, others) in RECIPES.items():
            with self.subTest(recipe=title), tempfile.TemporaryDirectory() as folder:
                self.make(folder, those | others)
                found = self.run_it("members", "--allow-unknown", "--as-of", AS_OF, "--format", "ids", texts[title])
                self.assertEqual(found.splitlines(), sorted(those))

    def test_every_example_tells_those_for_whom_it_holds_from_all_others(self):
        customers = {f"?{title} {customer}" if customer.startswith("?") else f"{title} {customer}": calls
                     for title, both in RECIPES.items() for half in both for customer, calls in half.items()}
        with tempfile.TemporaryDirectory() as folder:
            self.make(folder, customers)
            self.assertGreater(len(examples()), 30)
            everyone = self.count("everyone")
            self.assertEqual(everyone, len(customers))
            for text in examples():
                with self.subTest(text=text):
                    self.assertEqual(self.count(text) + self.count(f"not ({text}\n)"), everyone)


if __name__ == "__main__":
    unittest.main()
