#!/usr/bin/env python3
"""test_cli_reports.py PROGRAM - the reports over a shop of ten customers, against figures worked out here by hand."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
AS_OF = "2024-06-01"
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "GYEOL_DATA"}

# Customer b<n> has n orders of n.10 each, the latest n days before 1 June, the others one a month before that;
# b10's latest is a free one. Two of them return something. One only looks.
BUYERS = range(1, 11)
MONTHS = ["2024-05", "2024-04", "2024-03", "2024-02", "2024-01", "2023-12", "2023-11", "2023-10", "2023-09", "2023-08"]


def calls():
    for n in BUYERS:
        for k in range(n):
            free = n == 10 and k == 0
            yield "Order Completed", f"b{n:02d}", f"{MONTHS[k]}-{31 - n if k == 0 else 15:02d}T12:00:00Z", 0 if free else n + 0.1
    yield "Order Refunded", "b03", "2024-05-20T00:00:00Z", 3.1
    yield "Order Refunded", "b09", "2024-03-20T00:00:00Z", 9.1
    yield "Visit", "looker", "2024-05-02T00:00:00Z", 0


N_ORDERS = sum(BUYERS)
REVENUE = round(sum(n * (n + 0.1) for n in BUYERS) - 10.1, 2)  # 390.5 - 10.1

# Fifths of ten buyers are two each, in the order of the value: b10 bought longest ago and most often.
R = {n: 5 - (n - 1) // 2 for n in BUYERS}
F = {n: 1 + (n - 1) // 2 for n in BUYERS}
GROUPS = {1: "New", 2: "New", 3: "Potential Loyalists", 4: "Potential Loyalists", 5: "Need Attention", 6: "Need Attention",
          7: "At Risk", 8: "At Risk", 9: "Cannot Lose", 10: "Cannot Lose"}


def unpack(path, pattern):
    with zipfile.ZipFile(path) as book:
        return [book.read(name).decode() for name in sorted(book.namelist()) if re.match(pattern, name)]


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.file = pathlib.Path(cls.folder.name, "calls.jsonl")
        cls.file.write_text("".join(json.dumps({
            "type": "track", "event": event, "userId": user, "timestamp": time, "messageId": f"m{i}",
            "properties": {"revenue": revenue} if event != "Visit" else {}}) + "\n"
            for i, (event, user, time, revenue) in enumerate(calls())))
        cls.make("data", "--currency", "GBP")
        cls.make("korean", "--currency", "KRW", "--language", "ko", "--time-zone", "Asia/Seoul")

    @classmethod
    def make(cls, name, *options):
        cls.say("init", *options, data=name)
        cls.say("import", cls.file, data=name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def say(cls, *args, data="data", status=0):
        command = [PROGRAM, "--data", os.path.join(cls.folder.name, data), *map(str, args)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=ENVIRONMENT, cwd=cls.folder.name)
        if done.returncode != status:
            raise AssertionError(f"{' '.join(command)}: status {done.returncode}: {done.stderr}")
        return done.stdout if status == 0 else done.stderr

    def test_summary(self):
        said = json.loads(self.say("report", "summary", "--as-of", AS_OF, "--json"))
        months = said.pop("months")
        self.assertEqual(said, {
            "as_of": "2024-06-01T00:00:00.000Z", "currency": "GBP", "customers": 11, "buyers": 10, "repeat_buyers": 9,
            "repeat_rate": 0.9, "orders": N_ORDERS, "orders_with_revenue": N_ORDERS - 1, "revenue": REVENUE,
            "average_order_value": REVENUE / N_ORDERS, "returns": 2, "returned": 12.2, "return_rate": 12.2 / REVENUE})
        self.assertEqual([m["month"] for m in months], MONTHS[::-1])
        may = round(sum(n + 0.1 for n in BUYERS) - 10.1, 2)
        self.assertEqual(months[-1], {"month": "2024-05", "orders": 10, "buyers": 10, "revenue": may, "returns": 1, "returned": 3.1})
        self.assertEqual(months[0], {"month": "2023-08", "orders": 1, "buyers": 1, "revenue": 10.1, "returns": 0, "returned": 0})
        self.assertEqual([m["returns"] for m in months], [0, 0, 0, 0, 0, 0, 0, 1, 0, 1])

    def test_summary_for_people(self):
        said = self.say("report", "summary", "--as-of", AS_OF)
        for line in (r"customers +11", r"repeat rate +90\.0%", r"revenue +£380\.40", r"returned of revenue +3\.2%", r"2024-05 +10 +10 +£"):
            self.assertRegex(said, line)
        korean = self.say("report", "summary", "--as-of", AS_OF, data="korean")
        self.assertRegex(korean, r"매출 +₩380\n")

    def test_summary_of_a_segment(self):
        said = json.loads(self.say("report", "summary", "--as-of", AS_OF, "--json", "--segment", 'count("Order Completed") >= 9'))
        self.assertEqual((said["customers"], said["orders"], said["revenue"], said["returns"]), (2, 19, 172.8, 1))

    def test_summary_earlier(self):
        said = json.loads(self.say("report", "summary", "--as-of", "2023-09-01", "--json"))
        self.assertEqual((said["customers"], said["orders"], said["repeat_buyers"], said["returns"]), (1, 1, 0, 0))

    def test_values(self):
        self.say("metric", "add", "orders", 'count("Order Completed")')
        said = json.loads(self.say("report", "values", "--as-of", AS_OF, "--json",
                                   'metric.orders, avg("Order Completed".revenue), trait.unseen', "--allow-unknown"))
        orders, means, unseen = said["values"]
        self.assertEqual(orders, {  # 0 to 10 of eleven customers: the third, sixth and ninth
            "value": "metric.orders", "customers": 11, "known": 11, "sum": N_ORDERS, "mean": 5, "lowest": 0,
            "lower_quarter": 2, "median": 5, "upper_quarter": 8, "highest": 10})
        paid = [n + 0.1 for n in range(1, 10)] + [9.09]  # one of ten orders of 10.10 was free
        self.assertEqual((means["customers"], means["known"], means["lowest"], means["highest"]), (11, 10, 1.1, max(paid)))
        self.assertEqual((means["lower_quarter"], means["upper_quarter"]), (sorted(paid)[2], sorted(paid)[7]))
        self.assertAlmostEqual(means["median"], (5.1 + 6.1) / 2, 12)
        self.assertEqual(means["sum"], round(sum(paid), 2))
        self.assertEqual((unseen["known"], unseen["mean"], unseen["median"], unseen["sum"]), (0, None, None, None))

    def test_values_for_people(self):
        said = self.say("report", "values", "--as-of", AS_OF, 'count("Order Completed")', "--segment", 'count("Order Completed") >= 9')
        self.assertRegex(said, r'count\("Order Completed"\) +2 +9\.50 +9 +9 +9\.50 +10 +10 +19\n')
        self.assertRegex(self.say("report", "values", 'count("Order Completed")', data="korean"), "중앙값")
        self.assertIn("takes numbers", self.say("report", "values", 'last_time("Order Completed")', status=2))

    def test_rfm(self):
        said = json.loads(self.say("report", "rfm", "--as-of", AS_OF, "--json"))
        self.assertEqual((said["customers"], said["revenue"], said["scheme"]), (10, REVENUE, "RF-11"))
        cells = {(c["r"], c["f"]): c for c in said["cells"]}
        self.assertEqual(len(cells), 25)
        for n in BUYERS:
            self.assertEqual((cells[R[n], F[n]]["customers"], cells[R[n], F[n]]["group"]), (2, GROUPS[n]))
        self.assertEqual(sum(c["customers"] for c in said["cells"]), 10)
        groups = {g["group"]: g for g in said["groups"]}
        self.assertEqual(len(groups), 11)
        self.assertEqual(sum(g["customers"] for g in groups.values()), 10)
        lost = groups["Cannot Lose"]
        self.assertEqual((lost["customers"], lost["share"], lost["mean_frequency"]), (2, 0.2, 9.5))
        self.assertEqual(lost["revenue"], round(81.9 + 90.9, 2))
        self.assertEqual(lost["mean_recency_days"], (9.5 + 10.5) / 2)  # noon to midnight

    def test_rfm_is_as_documented(self):
        """The table of docs/rfm.md is the scheme of the program, cell by cell."""
        cells = {(c["r"], c["f"]): c["group"] for c in json.loads(self.say("report", "rfm", "--json"))["cells"]}
        page = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "rfm.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| \*\*F (\d)\*\* \| (.+) \|$", page, re.MULTILINE)
        self.assertEqual({(r + 1, int(f)): name for f, row in rows for r, name in enumerate(row.split(" | "))}, cells)

    def test_rfm_for_people(self):
        said = self.say("report", "rfm", "--as-of", AS_OF)
        self.assertEqual(said.count("Champions"), 3)  # two cells and the table
        self.assertRegex(said, r"New +2 +20\.0% +£5\.30")
        lines = said.split("┌")[1].splitlines()
        self.assertEqual(len({len(line) for line in lines if line.endswith("│")}), 1)
        korean = self.say("report", "rfm", "--as-of", AS_OF, data="korean")
        self.assertRegex(korean, r"신규 고객 +2 +20\.0% +₩5 ")

    def test_rfm_keeps_the_scores_of_all(self):
        said = json.loads(self.say("report", "rfm", "--as-of", AS_OF, "--json", "--segment", 'count("Order Completed") >= 9'))
        self.assertEqual({g["group"]: g["customers"] for g in said["groups"] if g["customers"]}, {"Cannot Lose": 2})

    def test_rfm_as_an_excel_file(self):
        path = pathlib.Path(self.folder.name, "rfm.xlsx")
        self.say("report", "rfm", "--as-of", AS_OF, "-o", path)
        charts = unpack(path, r"xl/charts/chart\d")
        self.assertEqual(len(charts), 2)
        self.assertIn("barChart", charts[0])
        for chart in charts:
            self.assertIn("Groups!$A$4:$A$14", chart)
        sheets = unpack(path, r"xl/worksheets/sheet\d")
        self.assertEqual(len(sheets), 3)
        self.assertEqual(sheets[2].count("<row "), 11)
        self.assertIn("b07", sheets[2])
        self.assertIn("At Risk", sheets[2])
        self.assertFalse(path.with_suffix(".xlsx.tmp").exists())
        self.say("report", "rfm", "-o", "/no/such/folder/rfm.xlsx", status=1)

    def history(self, *args, **more):
        return json.loads(self.say("segment", "history", *args, "--as-of", AS_OF, "--json", **more))

    def test_history_by_month(self):
        """As of k months before May b<n> has n - k orders: one customer more has three with each month."""
        said = self.history("--by", "month", "--from", "2024-01-31", "--to", "2024-05-01", 'count("Order Completed") >= 3')
        rows = said.pop("rows")
        self.assertEqual(said, {"text": 'count("Order Completed") >= 3', "as_of": "2024-06-01T00:00:00.000Z", "by": "month",
                                "currency": "GBP"})
        self.assertEqual([row["period"] for row in rows], MONTHS[4::-1])
        for k, row in zip(range(4, -1, -1), rows):
            revenue = sum((n - k) * (n + 0.1) for n in BUYERS if n - k >= 3) - (10.1 if k == 0 else 0)
            with self.subTest(month=row["period"]):
                self.assertEqual((row["size"], row["entered"], row["left"], row["revenue"]), (8 - k, 1, 0, round(revenue, 2)))
        self.assertEqual(rows[3]["as_of"], "2024-04-30T23:59:59.999Z")

    def test_history_in_another_zone(self):
        """b01 orders at noon of 30 May, in Seoul in the evening; a day there ends at 15:00 of London."""
        rows = self.history("--from", "2024-05-29", "--to", "2024-05-31", 'did("Order Completed" today)', data="korean")["rows"]
        self.assertEqual([(row["period"], row["as_of"], row["size"], row["left"]) for row in rows],
                         [("2024-05-29", "2024-05-29T14:59:59.999Z", 1, 1), ("2024-05-30", "2024-05-30T14:59:59.999Z", 1, 1),
                          ("2024-05-31", "2024-05-31T14:59:59.999Z", 0, 1)])

    def test_history_for_people(self):
        """On the 26th the latest orders of b02 to b04 are those of April; on the 31st b<n>'s is n days old."""
        said = self.say("segment", "history", "--by", "week", "--from", "2024-05-20", "--as-of", "2024-05-31T12:00:00Z",
                        'days_since("Order Completed") > 6')
        self.assertEqual([line.rstrip() for line in said.splitlines()], [
            "week of      customers  entered  left  revenue",
            "───────────  ─────────  ───────  ────  ───────  ────────────────────────",
            "2024-05-20           3        0     6   £20.60  ██████████████████",
            "2024-05-27*          4        4     3  £287.30  ████████████████████████",
            "* so far, as of 2024-05-31 12:00:00"])
        self.assertRegex(self.say("segment", "history", "everyone", data="korean"), r"^일 +고객 +진입 +이탈 +매출")

    def test_history_periods(self):
        for by, n in (("day", 30), ("week", 26), ("month", 24)):
            self.assertEqual(len(self.history("--by", by, "everyone")["rows"]), n)
        self.assertIn("none of day, week and month", self.say("segment", "history", "--by", "year", "everyone", status=2))
        self.assertIn('"soon" of "from" is no time', self.say("segment", "history", "--from", "soon", "everyone", status=2))
        self.assertIn("begins on 2024-06-02, after its end on 2024-06-01",
                      self.say("segment", "history", "--from", "2024-06-02", "--as-of", AS_OF, "everyone", status=2))
        self.assertIn("at most 10000 periods", self.say("segment", "history", "--from", "1990-01-01", "everyone", status=2))

    def test_history_of_a_version(self):
        self.say("segment", "add", "regulars", 'count("Order Completed") >= 3')
        self.say("segment", "add", "regulars", 'count("Order Completed") >= 9')
        sizes = [[row["size"] for row in self.history("--by", "month", "--from", "2024-04-01", *version, "regulars")["rows"]]
                 for version in (["--version", "1"], [])]
        self.assertEqual(sizes, [[7, 8, 8], [1, 2, 2]])

    def test_history_as_an_excel_file(self):
        path = pathlib.Path(self.folder.name, "history.xlsx")
        self.say("segment", "history", "--as-of", AS_OF, "-o", path, "everyone")
        charts = unpack(path, r"xl/charts/chart\d")
        self.assertEqual(["lineChart" in charts[0], "barChart" in charts[1]], [True, True])
        self.assertIn("History!$B$2:$B$31", charts[0])
        self.assertEqual(unpack(path, r"xl/worksheets/sheet\d")[0].count("<row "), 31)
        self.say("segment", "history", "-o", "/no/such/folder/history.xlsx", "everyone", status=1)

    def test_empty_workspace(self):
        self.say("init", data="empty")
        said = json.loads(self.say("report", "summary", "--json", data="empty"))
        self.assertEqual((said["customers"], said["orders"], said["months"], said["repeat_rate"]), (0, 0, [], None))
        self.assertEqual((said["revenue"], said["average_order_value"], said["return_rate"]), (0, None, None))
        said = json.loads(self.say("report", "rfm", "--json", data="empty"))
        self.assertEqual((said["customers"], said["share"], said["mean_frequency"], said["groups"][0]["mean_monetary"]), (0, None, None, None))
        self.assertRegex(self.say("report", "rfm", data="empty"), r"Champions +0 +- +0\.00 +- +- +- +-\n")
        self.assertRegex(self.say("report", "summary", data="empty"), r"average order value +-\n")
        self.assertEqual(self.say("count", "everyone", data="empty"), "0\n")


if __name__ == "__main__":
    unittest.main()
