#!/usr/bin/env python3
"""test_online_retail.py PROGRAM - the example as a user runs it, held against the same figures got by other means.

shop.py puts the orders together anew; each of the ten segments stands below as a function of them; and a few
figures are those that are known of the data set. The program must name the same customers, one by one.
"""
import bisect
import datetime
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import unittest

import shop

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
EXAMPLE = shop.LINES.parent
AS_OF = "2011-12-10"
NOW = shop.instant(AS_OF)
DAY = shop.MS_A_DAY
EVER = 100_000  # days
MAP = ("order_id=InvoiceNo,customer_id=CustomerID,time=InvoiceDate,product_id=StockCode,"
       "quantity=Quantity,price=UnitPrice,name=Description,trait.country=Country")


def within(orders, now, last_days, first_days=0):
    """Those with now - last_days < time <= now - first_days."""
    return [o for o in orders if now - last_days * DAY < o.time <= now - first_days * DAY]


def bought(customer, last_days=EVER, first_days=0, now=NOW):
    return within(customer.completed, now, last_days, first_days)


def returned(customer, last_days=EVER):
    return within(customer.refunded, NOW, last_days)


def revenue(orders):
    return float(sum(o.revenue for o in orders))


def quantities(orders):
    return [quantity for o in orders for _, _, quantity, _ in o.lines]


def ranks(values):
    """For each customer how many have a smaller value; and how many there are."""
    ordered = sorted(values.values())
    return {name: bisect.bisect_left(ordered, value) for name, value in values.items()}, len(ordered)


def top_fifth(values):
    rank, n = ranks(values)
    return {name for name in values if 1 + rank[name] * 5 // n == 5}


def champions(customers, now=NOW):
    orders = {name: bought(c, now=now) for name, c in customers.items()}
    orders = {name: of for name, of in orders.items() if of}
    return (top_fifth({name: max(o.time for o in of) for name, of in orders.items()})
            & top_fifth({name: len(of) for name, of in orders.items()})
            & top_fifth({name: revenue(of) for name, of in orders.items()}))


def slipping_champions(customers):
    return champions(customers, NOW - 90 * DAY) - champions(customers)


def lapsed_big_spenders(customers):
    rank, n = ranks({name: revenue(bought(c)) for name, c in customers.items() if bought(c)})
    return {name for name in rank if 100 * rank[name] / n >= 80 and not bought(customers[name], 120)}


def is_overdue_regular(c):
    times = [o.time for o in bought(c)]
    return (len(times) >= 4 and bool(bought(c, 180))
            and (NOW - max(times)) / DAY > 2 * ((max(times) - min(times)) / DAY / (len(times) - 1)))


def is_new(c):
    return bool(bought(c, 30)) and len(bought(c)) == len(bought(c, 30))


def is_second_order_due(c):
    return len(bought(c)) == 1 and bool(bought(c, 90, 30))


def is_trade_buyer(c):
    of = quantities(bought(c, 365))
    return len(of) >= 10 and statistics.median(of) >= 24


def is_export_regular(c):
    return c.country not in ("United Kingdom", "Unspecified") and len(bought(c, 365)) >= 3


def has_christmas(c, after, until):
    return any(after < o.time <= until and any("CHRISTMAS" in name for name, *_ in o.lines) for o in c.completed)


def is_christmas_not_yet(c):
    return (has_christmas(c, shop.instant("2010-10-10"), shop.instant("2011-01-10"))
            and not has_christmas(c, NOW - 90 * DAY, NOW))


def is_frequent_returner(c):
    back = returned(c, 365)
    return len(back) >= 3 and revenue(back) >= 0.1 * revenue(bought(c, 365))


BY_ALL = {"champions": champions, "slipping_champions": slipping_champions, "lapsed_big_spenders": lapsed_big_spenders}
BY_ONE = {"overdue_regulars": is_overdue_regular, "new_customers": is_new, "second_order_due": is_second_order_due,
          "trade_buyers": is_trade_buyer, "export_regulars": is_export_regular,
          "christmas_not_yet": is_christmas_not_yet, "frequent_returners": is_frequent_returner}


class OnlineRetail(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.shop = shop.Shop()
        cls.gyeol("init", "--time-zone", "Europe/London", "--currency", "GBP")
        cls.said = cls.gyeol("import", shop.LINES, "--as", "order-lines", "--map", MAP)
        cls.gyeol("segment", "apply", EXAMPLE / "segments.yaml")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def gyeol(cls, *args):
        """All that it says; only its standard output for what answers with data."""
        command = [PROGRAM, "--data", os.path.join(cls.folder.name, "data"), *map(str, args)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: status {done.returncode}: {done.stderr}")
        return done.stdout if args[0] in ("count", "members", "waterfall", "explain", "check") or "history" in args else done.stdout + done.stderr

    def members(self, what):
        return self.gyeol("members", "--as-of", AS_OF, what).split()

    def numbers(self, text):
        return {int(n) for n in re.findall(r"\d+", text.replace(",", ""))}

    def test_known_figures(self):
        """Those of the data set, which shop.py agrees with."""
        good = [o for c in self.shop.customers.values() for o in c.completed if o.revenue > 0]
        self.assertEqual((len(good), f"{sum(o.revenue for o in good):.2f}"), (18_532, "8911407.90"))
        self.assertEqual((self.shop.n_lines, self.shop.n_without_customer), (541_909, 135_080))
        self.assertLessEqual({541_909, 135_080}, self.numbers(self.said))
        self.assertEqual(self.gyeol("count", "--as-of", AS_OF, "everyone").strip(), "4372")
        self.assertEqual(self.gyeol("count", "--as-of", AS_OF, 'did("Order Completed" where revenue > 0)').strip(), "4338")

    def test_segments_that_look_at_one_customer(self):
        for name, holds in BY_ONE.items():
            with self.subTest(segment=name):
                self.assertEqual(self.members(name), self.shop.ids(holds))

    def test_segments_that_compare_customers(self):
        for name, find in BY_ALL.items():
            with self.subTest(segment=name):
                self.assertEqual(self.members(name), sorted(find(self.shop.customers)))

    def test_every_segment_of_the_file_is_tried(self):
        text = (EXAMPLE / "segments.yaml").read_text(encoding="utf-8")
        self.assertEqual(set(re.findall(r"^  - name: (\w+)$", text, re.MULTILINE)), {*BY_ALL, *BY_ONE})

    def test_revenue_is_exact(self):
        """Of everyone who ever bought: the sum to the last digit, in steps of a hundred customers."""
        names = sorted(name for name, c in self.shop.customers.items() if c.completed)
        for name in names[::100]:
            total = repr(revenue(self.shop.customers[name].completed))
            with self.subTest(customer=name, total=total):
                same = self.shop.ids(lambda c, t=total: c.completed != [] and repr(revenue(c.completed)) == t)
                self.assertIn(name, same)
                self.assertEqual(self.members(f'did("Order Completed") and sum("Order Completed".revenue) = {total}'), same)

    def test_waterfall(self):
        """Each number counted by hand, from the four tests as functions of a customer."""
        often = lambda c: len(bought(c, 90)) >= 3
        near = lambda c: c.country in ("France", "Germany")
        back = lambda c: bool(returned(c, 90))
        small = lambda c: bool(bought(c)) and revenue(bought(c)) / len(bought(c)) < 300
        never = lambda c: not bought(c)
        said = json.loads(self.gyeol(
            "waterfall", "--json", "--as-of", AS_OF,
            'count("Order Completed" last 90 days) >= 3 and trait.country in ("France", "Germany")'
            ' and not (did("Order Refunded" last 90 days) or avg("Order Completed".revenue) < 300)'))
        size = lambda holds: len(self.shop.ids(holds))
        whole = size(lambda c: often(c) and near(c) and not (back(c) or small(c)))

        def row(alone, remaining, unknown, without):
            return size(alone), size(remaining), size(unknown), size(without) - whole

        def found(row):
            return row["alone"], row["remaining"], row["unknown"], row["more_without"]

        nobody = lambda c: False
        first, second, third = said["conditions"]
        self.assertEqual((said["everyone"], said["count"]), (4372, whole))
        self.assertGreater(whole, 0)
        self.assertEqual(found(first), row(often, often, nobody, lambda c: near(c) and not (back(c) or small(c))))
        self.assertEqual(found(second), row(near, lambda c: often(c) and near(c), nobody,
                                            lambda c: often(c) and not (back(c) or small(c))))
        self.assertEqual(found(third), row(lambda c: not (back(c) or small(c)),
                                           lambda c: often(c) and near(c) and not (back(c) or small(c)), never,
                                           lambda c: often(c) and near(c)))
        self.assertEqual(found(third["conditions"][0]), row(back, lambda c: often(c) and near(c) and not back(c), nobody,
                                                            lambda c: often(c) and near(c) and not small(c)))
        self.assertEqual(found(third["conditions"][1]), row(small, lambda c: often(c) and near(c) and not (back(c) or small(c)),
                                                            never, lambda c: often(c) and near(c) and not back(c)))

    def test_waterfalls_of_every_segment_end_with_its_size(self):
        for name in (*BY_ALL, *BY_ONE):
            with self.subTest(segment=name):
                said = json.loads(self.gyeol("waterfall", "--json", "--as-of", AS_OF, name))
                self.assertEqual(said["count"], len(self.members(name)))
                self.assertEqual(said["conditions"][-1]["remaining"], said["count"])

    def check_history(self, by, first, holds, text):
        """Each row counted anew, from what everyone had done by the end of the period."""
        said = json.loads(self.gyeol("segment", "history", "--json", "--by", by, "--from", first, "--as-of", AS_OF, text))
        ends = {row["period"]: round(datetime.datetime.fromisoformat(row["as_of"].replace("Z", "+00:00")).timestamp() * 1000)
                for row in said["rows"]}
        before = None
        for row, now in zip(said["rows"], ends.values()):
            members = {name for name, c in self.shop.customers.items() if holds(c, now)}
            spent = revenue(o for name in members for o in bought(self.shop.customers[name], now=now))
            with self.subTest(by=by, period=row["period"]):
                self.assertEqual((row["size"], row["revenue"]), (len(members), spent))
                if before is not None:
                    self.assertEqual((row["entered"], row["left"]), (len(members - before), len(before - members)))
            before = members
        return list(ends.values())

    def test_history(self):
        often = lambda c, now: len(bought(c, 90, now=now)) >= 3
        large = lambda c, now: revenue(bought(c, 30, now=now)) >= 1000
        quiet = lambda c, now: bool(bought(c, now=now)) and not bought(c, 60, now=now)
        days = self.check_history("day", "2011-03-20", often, 'count("Order Completed" last 90 days) >= 3')
        self.assertEqual(len(days), 266)
        self.assertEqual(days[7] + 1, shop.instant("2011-03-28"))  # as summer time began
        self.check_history("week", "2011-01-01", large, 'sum("Order Completed".revenue last 30 days) >= 1000')
        months = self.check_history("month", "2010-12-01", quiet,
                                    'did("Order Completed") and not did("Order Completed" last 60 days)')
        self.assertEqual(months[-2] + 1, shop.instant("2011-12-01"))

    def test_histories_of_every_segment_end_with_its_size(self):
        for name in (*BY_ALL, *BY_ONE):
            with self.subTest(segment=name):
                rows = json.loads(self.gyeol("segment", "history", "--json", "--by", "month", "--as-of", AS_OF, name))["rows"]
                self.assertEqual(rows[-1]["size"], len(self.members(name)))
                self.assertEqual(rows[-2]["size"], int(self.gyeol("count", "--as-of", rows[-2]["as_of"], name)))
                self.assertEqual(rows[-1]["size"] - rows[-2]["size"], rows[-1]["entered"] - rows[-1]["left"])

    def test_what_is_read(self):
        """As many rows as there are orders and lines, and no more bytes than there are on the disk."""
        orders = [o for c in self.shop.customers.values() for o in c.completed]
        plan = json.loads(self.gyeol("explain", "--json", 'sum("Order Completed".revenue) > 3 and '
                                     'did("Order Completed/products" where name contains "CHRISTMAS")'))["plan"]
        rows = {stream.get("name", stream["kind"]): stream["rows"] for stream in plan["streams"]}
        self.assertEqual(rows, {"customers": len(self.shop.customers), "Order Completed": len(orders),
                                "Order Completed/products": sum(len(o.lines) for o in orders)})
        parts = pathlib.Path(self.folder.name, "data", "parts")
        self.assertLess(plan["bytes"], sum(path.stat().st_size for path in parts.glob("*.part")))
        self.assertGreater(plan["bytes"], 4 * plan["rows"])  # each has a time

    def test_importing_again_changes_nothing(self):
        before = self.members('count("Order Completed/products") >= 100')
        self.gyeol("import", shop.LINES, "--as", "order-lines", "--map", MAP)
        self.assertEqual(self.members('count("Order Completed/products") >= 100'), before)
        self.assertEqual(before, self.shop.ids(lambda c: len(quantities(c.completed)) >= 100))
        self.gyeol("check")


if __name__ == "__main__":
    unittest.main()
