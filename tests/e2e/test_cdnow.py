#!/usr/bin/env python3
"""test_cdnow.py PROGRAM - the purchases of the CD shop CDNOW: a table of blanks, dates without marks, no order ids.

The data set is public, but not ours to give away: it is looked for in $GYEOL_TEST_DATA/cdnow. Its known figures:
69,659 purchases of 23,570 customers, 2,500,315.63 dollars.
"""
import collections
import decimal
import gzip
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
DATA = pathlib.Path(os.environ.get("GYEOL_TEST_DATA", "/nonexistent"), "cdnow", "CDNOW_master.txt.gz")
AS_OF = "1998-07-01"


def purchases():
    """customer -> its amounts, in the order of the file."""
    of = collections.defaultdict(list)
    for line in gzip.open(DATA, "rt", encoding="ascii").read().splitlines()[1:]:
        customer, _, _, amount = line.split()
        of[customer].append(decimal.Decimal(amount))
    return of


class Cdnow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.of = purchases()
        cls.gyeol("init", "--time-zone", "America/New_York", "--currency", "USD")
        cls.load()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def load(cls):
        cls.gyeol("import", DATA, "--as", "events", "--delimiter", "blanks", "--time-format", "%Y%m%d",
                  "--map", "customer_id=customer_id,time=date", "--set", "event=Order Completed")

    @classmethod
    def gyeol(cls, *args):
        command = [PROGRAM, "--data", os.path.join(cls.folder.name, "data"), *map(str, args)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: status {done.returncode}: {done.stderr}")
        return done.stdout

    def count(self, expr):
        return int(self.gyeol("count", "--as-of", AS_OF, expr))

    def test_file_is_the_one_we_know(self):
        amounts = [amount for of in self.of.values() for amount in of]
        self.assertEqual((len(amounts), len(self.of), sum(amounts)), (69_659, 23_570, decimal.Decimal("2500315.63")))

    def test_customers_by_number_of_purchases(self):
        """All of them together are the purchases: none is lost, and rows that are alike are not one."""
        sizes = collections.Counter(len(of) for of in self.of.values())
        self.assertEqual(self.count("everyone"), len(self.of))
        for n in [*range(1, 8), max(sizes)]:
            with self.subTest(n=n):
                self.assertEqual(self.count(f'count("Order Completed") = {n}'), sizes[n])
        self.assertEqual(self.count('count("Order Completed") >= 8'), sum(m for n, m in sizes.items() if n >= 8))

    def test_amounts(self):
        sums = {customer: float(sum(of)) for customer, of in self.of.items()}
        for least in (0.01, 12, 50, 106.08, 1000, max(sums.values())):
            with self.subTest(least=least):
                self.assertEqual(self.gyeol("members", "--as-of", AS_OF, f'sum("Order Completed".dollar_value) >= {least!r}').split(),
                                 sorted(customer for customer, total in sums.items() if total >= least))

    def test_importing_again_changes_nothing(self):
        self.load()
        self.test_customers_by_number_of_purchases()


if __name__ == "__main__":
    if not DATA.exists():
        print(f"SKIPPED: there is no {DATA}; GYEOL_TEST_DATA says where public data sets are", file=sys.stderr)
        sys.exit(77)
    unittest.main()
