"""shop - the example's order lines, read once more by other means: what the program says of them can be held against it.

Orders are put together from their lines as the documentation of the import has it, with the csv module,
decimals and zoneinfo, so that nothing here shares a line with the program. Segments are plain functions of a Shop.
"""
import csv
import datetime
import decimal
import io
import pathlib
import subprocess
import zoneinfo

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINES = ROOT / "examples" / "online-retail" / "online-retail-2010-2011.csv.zst"
LONDON = zoneinfo.ZoneInfo("Europe/London")
MS_A_DAY = 86_400_000


def instant(text):
    """Milliseconds since 1970 of a local time in London."""
    local = datetime.datetime.fromisoformat(text).replace(tzinfo=LONDON)
    return round(local.timestamp() * 1000)


class Order:
    """One Order Completed or Order Refunded: its time, revenue and lines, quantities positive."""

    def __init__(self, is_refund):
        self.is_refund = is_refund
        self.time = None
        self.revenue = decimal.Decimal(0)
        self.lines = []  # (name, product, quantity, price)

    def add(self, row):
        time = instant(row["InvoiceDate"])
        quantity = abs(int(row["Quantity"]))
        price = decimal.Decimal(row["UnitPrice"])
        self.time = time if self.time is None else min(self.time, time)
        self.revenue += quantity * price
        self.lines.append((row["Description"], row["StockCode"], quantity, price))


class Customer:
    def __init__(self):
        self.country = None
        self.completed = []
        self.refunded = []


class Shop:
    """Customers by id; and how many lines there were, and how many without a customer."""

    def __init__(self):
        self.customers = {}
        self.n_lines = self.n_without_customer = 0
        orders = {}
        for row in csv.DictReader(io.StringIO(unpacked(), newline="")):
            self.n_lines += 1
            if not row["CustomerID"]:
                self.n_without_customer += 1
                continue
            self._add(row, orders)

    def _add(self, row, orders):
        customer = self.customers.setdefault(row["CustomerID"], Customer())
        customer.country = row["Country"]  # the file is in the order of time, so the last one is the latest
        is_refund = int(row["Quantity"]) < 0
        key = (row["InvoiceNo"], is_refund)
        if key not in orders:
            orders[key] = Order(is_refund)
            (customer.refunded if is_refund else customer.completed).append(orders[key])
        orders[key].add(row)

    def ids(self, holds):
        return sorted(name for name, customer in self.customers.items() if holds(customer))


def unpacked():
    return subprocess.run(["zstd", "-dcq", LINES], check=True, capture_output=True).stdout.decode("utf-8")
