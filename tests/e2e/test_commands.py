#!/usr/bin/env python3
"""test_commands.py PROGRAM - what scripts rely on: exit statuses, what goes to which stream, forms of output."""
import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile
import unittest

from workbook import write_workbook

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
AS_OF = "2024-06-01T00:00:00Z"
IDS = ["a", "Z", "é", "가나", "𠀀", "10", "9"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "GYEOL_DATA"}
COMMANDS = ["init", "import", "count", "members", "waterfall", "why", "explain", "segment add", "segment apply", "segment list", "segment show", "segment history",
            "segment remove", "list add", "list show", "list remove", "customer show", "report summary", "report rfm", "schema",
            "status", "check"]


def call(user, event, minute, **properties):
    return json.dumps({"type": "track", "userId": user, "event": event, "messageId": f"{user}-{event}-{minute}",
                       "timestamp": f"2024-05-01T10:{minute:02d}:00Z", "properties": properties}, ensure_ascii=False)


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"

    def run_it(self, *args, data=True, stdin="", **env):
        command = [PROGRAM, *(["--data", str(self.data)] if data else []), *map(str, args)]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, cwd=self.folder,
                              env={**ENVIRONMENT, **env})

    def ok(self, *args, **more):
        done = self.run_it(*args, **more)
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        return done.stdout

    def refused(self, status, *args):
        done = self.run_it(*args)
        self.assertEqual((done.returncode, done.stdout), (status, ""), f"{args}: {done.stderr}")
        self.assertTrue(done.stderr.strip())
        return done.stderr

    def write(self, name, *lines):
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    def fill(self):
        self.ok("init", "--time-zone", "Asia/Seoul")
        calls = [call(user, "Visit", i, page=f"p{i % 2}", depth=i) for i, user in enumerate(IDS)]
        self.ok("import", self.write("calls.jsonl", *calls))

    def test_without_a_data_directory(self):
        for args in (["count", "everyone"], ["members", "everyone"], ["check"], ["status"], ["schema"], ["segment", "list"],
                     ["segment", "add", "x", "everyone"], ["list", "show", "x"], ["customer", "show", "x"], ["report", "summary"]):
            with self.subTest(args=args):
                self.assertIn(str(self.data), self.refused(1, *args))
                self.assertFalse(self.data.exists())

    def test_usage(self):
        for args in (["no-such-command"], ["count"], ["count", "--no-such-option", "everyone"], ["init", "--time-zone", "Mars/Base"]):
            with self.subTest(args=args):
                self.refused(2, *args)
        for command in COMMANDS:
            with self.subTest(command=command):
                self.assertIn(f"gyeol {command}", self.ok(*command.split(), "--help"))

    def test_data_directory(self):
        self.fill()
        self.assertEqual(stat.S_IMODE(self.data.stat().st_mode), 0o700)
        self.assertEqual(self.ok("count", "everyone", data=False, GYEOL_DATA=str(self.data)), "7\n")
        self.ok("init", data=False)
        self.assertTrue((self.folder / "gyeol-data").is_dir())

    def test_ids_are_in_the_order_of_code_points(self):
        self.fill()
        self.assertEqual(self.ok("members", "--as-of", AS_OF, "everyone").splitlines(), sorted(IDS))

    def test_definitions_that_begin_with_a_sign(self):
        self.fill()
        self.assertEqual(self.ok("count", "--as-of", AS_OF, "--", "-1 < count(Visit)"), "7\n")

    def test_errors_have_a_place(self):
        self.fill()
        for text, place in [("count(Visit) >", "1:15"), ("everyone\n and did(Visitt)", "2:10"), ("did(Visit) or ?", "1:15")]:
            with self.subTest(text=text):
                for command in (["count"], ["members", "--as-of", AS_OF], ["waterfall"], ["explain", "--json"], ["segment", "add", "x"]):
                    self.assertIn(place, self.refused(2, *command, text))
        self.assertIn("Visit", self.refused(2, "count", "did(Visitt)"))
        self.assertEqual(self.ok("count", "--allow-unknown", "did(Visitt)"), "0\n")

    def test_explain(self):
        self.fill()
        said = json.loads(self.ok("explain", "--json", "DID(Visit  LAST 1 DAYS)"))
        self.assertEqual(said["text"], "did(Visit last 1 day)")
        self.assertEqual(said["json"], {"did": [{"event": "Visit"}], "window": {"last": [1, "days"]}})

    def test_explain_in_words(self):
        self.fill()
        asked = ["--as-of", "2025-03-31T09:00:00", "did(Visit last 1 day)"]
        said = json.loads(self.ok("explain", "--json", *asked))["sentence"]
        self.assertEqual(said["en"], 'Every customer for whom, as of 31 Mar 2025 09:00 (Asia/Seoul), there is an event "Visit" '
                                     "in the last day (after 30 Mar 2025 09:00, through 31 Mar 2025 09:00).")
        self.assertEqual(said["ko"], "2025년 3월 31일 09:00(Asia/Seoul) 기준으로, 최근 1일(2025년 3월 30일 09:00 후부터 "
                                     '2025년 3월 31일 09:00까지)의 "Visit" 이벤트가 있는 고객.')
        self.assertEqual(self.ok("explain", *asked).splitlines()[2:4], ["en    " + said["en"], "ko    " + said["ko"]])

    def test_explain_says_what_is_read(self):
        self.fill()
        asked = "avg(Visit.depth where page = 'p0' last 1 day) > 1 and ntile(count(Visit), 5) = 5"
        plan = json.loads(self.ok("explain", "--json", "--as-of", AS_OF, asked))["plan"]
        customers, visits = plan["streams"]
        self.assertEqual((customers["kind"], customers["rows"]), ("customers", 7))
        self.assertEqual((visits["kind"], visits["name"], visits["parts"], visits["rows"]), ("event", "Visit", 1, 7))
        self.assertEqual([column["name"] for column in visits["columns"]], ["page", "depth"])
        self.assertEqual(visits["bytes"], visits["row_bytes"] + sum(column["bytes"] for column in visits["columns"]))
        self.assertEqual((plan["parts"], plan["columns"], plan["rows"]), (1, 2, 14))
        self.assertEqual(plan["bytes"], customers["bytes"] + visits["bytes"])
        self.assertEqual(plan["populations"], [{"value": "count(Visit)", "as_of": "2024-06-01T00:00:00.000Z", "pass": 1}])
        text = self.ok("explain", "--as-of", AS_OF, asked).splitlines()
        self.assertEqual(text[4], "")
        self.assertEqual([line.split()[0] for line in text[5:6] + text[7:]], ["reads", "(customers)", "Visit", "at", "ranks"])
        self.assertEqual(text[8].split()[:3] + text[8].split()[-3:], ["Visit", "1", "7", "time,", "page,", "depth"])
        self.assertEqual(text[-1], "ranks first: count(Visit)")

    def test_an_error_of_excel_is_no_missing_amount(self):
        def row(*cells):
            return "<row>" + "".join(f'<c t="{kind}"><v>{text}</v></c>' for kind, text in cells) + "</row>"
        texts = [("str", text) for text in ("order_id", "customer_id", "time", "revenue")]
        write_workbook(self.folder / "o.xlsx", row(*texts) + row(("n", 1), ("str", "a"), ("str", "2024-05-01"), ("n", 5)) +
                       row(("n", 2), ("str", "a"), ("str", "2024-05-01"), ("e", "#DIV/0!")) +
                       row(("n", 3), ("str", "a"), ("str", "2024-05-01"), ("str", "")))
        said = json.loads(self.ok("import", "--json", "o.xlsx"))
        self.assertEqual((said["kind"], said["lines"], said["lines_taken"]), ("orders", 3, 2))
        self.assertEqual(said["rejected"], [{"reason": "the revenue is not a number", "count": 1, "first_line": 3}])

    def test_import_reports_to_standard_error(self):
        self.ok("init")
        path = self.write("mixed.jsonl", call("a", "Visit", 1), "{broken", call("a", "Visit", 1), '{"type":"track","event":"Visit"}')
        done = self.run_it("import", path, "--rejects", self.folder / "rejects")
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr)
        self.assertEqual((self.folder / "rejects").read_text().splitlines(), ["{broken", '{"type":"track","event":"Visit"}'])
        self.assertEqual(self.ok("count", "count(Visit) = 1"), "1\n")

    def test_import_of_standard_input_and_twice(self):
        self.ok("init")
        lines = "".join(call("a", "Visit", i) + "\n" for i in range(5))
        for _ in range(2):
            self.ok("import", "-", stdin=lines)
            self.assertEqual(self.ok("count", "count(Visit) = 5"), "1\n")
        self.ok("import", "-", "--as", "customers", stdin="customer_id,age\na,30\nb,40\n")
        self.assertEqual(self.ok("members", "trait.age >= 30"), "a\nb\n")
        self.ok("check")

    def test_dry_run_changes_nothing(self):
        self.fill()
        self.ok("import", "--dry-run", self.write("more.jsonl", call("new", "Visit", 1)))
        self.assertEqual(self.ok("count", "everyone"), "7\n")

    def test_formats_of_members(self):
        self.fill()
        csv = self.ok("members", "--as-of", AS_OF, "--format", "csv", "everyone").splitlines()
        self.assertEqual(len(csv), 1 + len(IDS))
        for line, name in zip(self.ok("members", "--as-of", AS_OF, "--format", "jsonl", "everyone").splitlines(), sorted(IDS), strict=True):
            self.assertIn(name, json.loads(line).values())
        self.assertEqual(self.ok("members", "--as-of", AS_OF, "--format", "xlsx", "-o", "out.xlsx", "everyone"), "")
        self.assertEqual((self.folder / "out.xlsx").read_bytes()[:4], b"PK\x03\x04")

    def test_the_ending_of_the_file_is_its_format(self):
        self.fill()
        for name, begin in [("a.xlsx", b"PK\x03\x04"), ("b.XLSX", b"PK\x03\x04"), ("c.csv", b"id\n10\n"), ("d.jsonl", b'{"id":"10"}\n'),
                            ("e.txt", b"10\n"), ("f", b"10\n")]:
            with self.subTest(name=name):
                done = self.run_it("members", "--as-of", AS_OF, "-o", name, "everyone")
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", f'wrote 7 customers to "{name}"\n'))
                self.assertEqual((self.folder / name).read_bytes()[:len(begin)], begin)
        self.ok("members", "--as-of", AS_OF, "--format", "ids", "-o", "g.csv", "everyone")
        self.assertEqual((self.folder / "g.csv").read_text().split(), sorted(IDS))
        self.ok("members", "--as-of", AS_OF, "--json", "-o", "h.xlsx", "everyone")
        self.assertEqual((self.folder / "h.xlsx").read_bytes()[:2], b"PK")
        done = self.run_it("members", "-o", "none/a.xlsx", "everyone")
        self.assertEqual((done.returncode, done.stderr), (1, 'gyeol: could not write "none/a.xlsx": No such file or directory\n'))

    def test_a_type_set_anew_says_what_reads_as_it(self):
        self.ok("init")
        self.ok("import", "-", "--as", "customers", stdin="customer_id,born,points\na,1976.05.27,1\nb,1980-01-01,2\nc,,3\n")
        done = self.run_it("schema", "set", "trait.born", "time")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "", 'trait.born: time, 1 value; 1 more does not read as one and counts as missing, such as "1976.05.27"\n'))
        self.assertEqual(self.ok("members", "trait.born is known"), "b\n")
        self.assertEqual(self.run_it("schema", "set", "trait.points", "string").stderr, "trait.points: string, 3 values\n")
        self.assertEqual(self.run_it("schema", "set", "trait.born", "string").stderr, "trait.born: string, 2 values\n")

    def test_a_table_of_no_kind_names_its_columns(self):
        self.ok("init")
        many = [f"{i}번째 열" for i in range(40)]
        for names in [["이름", "금액"], many]:
            with self.subTest(names=names):
                said = self.run_it("import", "-", stdin=",".join(names) + "\n" + ",".join("1" for _ in names) + "\n").stderr
                self.assertIn("--as events, orders, order-lines or customers", said)
                shown = said.split("The columns are ")[1]
                self.assertTrue(shown.endswith(".\n"))
                listed = shown.removesuffix(".\n").split(", ")
                self.assertEqual(listed, [f'"{name}"' for name in names[:len(listed)]] if names != many
                                 else [f'"{name}"' for name in names[:len(listed) - 1]] + ["…"])

    def test_settings_that_nobody_chose_are_said(self):
        done = self.run_it("import", "-", stdin=call("a", "Visit", 1))
        self.assertTrue(done.stderr.startswith(f"made {self.data} (time zone UTC, no currency)\n"), done.stderr)
        self.assertNotIn("made", self.run_it("import", "-", stdin=call("a", "Visit", 1)).stderr)
        self.assertIn(f'"{self.data}" already\n  Its settings stay', self.refused(2, "init", "--time-zone", "Asia/Seoul"))
        self.assertIn("time zone UTC", self.ok("status"))

    def test_words_of_a_status(self):
        self.ok("init", "--currency", "KRW")
        kinds = {"Order Cancelled": ["취소", "취소 완료", "주문취소", "Canceled", "CANCELLED"], "Order Refunded": ["반품", "반품 완료", "환불완료", "refunded"],
                 "": ["취소요청", "부분 취소", "교환", "취", "취소완료됨", "cancelledx", "결제완료"]}
        rows = [f"{i},c{i},2024-05-01,1000,{word}" for i, word in enumerate(word for words in kinds.values() for word in words)]
        self.ok("import", "-", stdin="\n".join(["주문번호,회원ID,주문일시,결제금액,주문상태", *rows]) + "\n")
        self.assertEqual(self.ok("count", 'did("Order Completed")'), "16\n")
        self.assertEqual(self.ok("members", 'did("Order Cancelled")').split(), ["c0", "c1", "c2", "c3", "c4"])
        self.assertEqual(self.ok("members", 'did("Order Refunded")').split(), ["c5", "c6", "c7", "c8"])

    def test_options_stand_in_columns(self):
        """Also behind a value whose name has more bytes than letters."""
        for command in COMMANDS:
            page = self.ok(*command.split(), "--help", data=False).split("\nOptions\n")
            lines = page[1].split("\n\n")[0].splitlines() if len(page) == 2 else []
            self.assertLessEqual(len({re.match(r"  \S+(?: \S+)*  +", line).end() for line in lines}), 1, command)

    def test_segments(self):
        self.fill()
        self.ok("segment", "add", "deep", "max(Visit.depth) >= 4")
        self.ok("segment", "add", "deep_and_odd", 'in segment(deep) and did(Visit where page = "p1")')
        self.assertEqual(self.ok("members", "--as-of", AS_OF, "deep").splitlines(), sorted(IDS[4:]))
        self.assertEqual(self.ok("members", "--as-of", AS_OF, "deep_and_odd").splitlines(), [IDS[5]])
        self.assertIn("deep_and_odd", self.ok("segment", "list"))
        self.assertIn("max(Visit.depth) >= 4", self.ok("segment", "show", "deep"))
        self.refused(2, "segment", "remove", "deep")  # one that stays refers to it
        self.refused(2, "segment", "add", "deep", "in segment(deep_and_odd)")  # a circle
        self.ok("segment", "remove", "deep_and_odd")
        self.ok("segment", "remove", "deep")
        self.refused(2, "segment", "show", "deep")

    def test_lists(self):
        self.fill()
        self.ok("list", "add", "some", self.write("ids", "가나", "unheard of", "10"))
        self.assertEqual(self.ok("members", "--as-of", AS_OF, "in list(some)").splitlines(), ["10", "가나"])
        self.ok("list", "remove", "some")
        self.refused(2, "count", "in list(some)")

    def test_reports_as_json(self):
        self.fill()
        for args in (["schema"], ["status"], ["check"], ["segment", "list"], ["customer", "show", "가나"]):
            with self.subTest(args=args):
                json.loads(self.ok("--json", *args))

    def test_waterfall(self):
        """Two pages, p0 of a é 𠀀 9 and p1 of Z 가나 10; depths 0 to 6 in that order of IDS."""
        self.fill()
        text = 'did(Visit where page = "p0") and (min(Visit.depth) > 3 or min(Visit.depth) = 0) and trait.age > 1'
        said = self.ok("waterfall", "--as-of", AS_OF, "--allow-unknown", text).splitlines()
        self.assertEqual([line.split()[-4:] for line in said[3:-1]],
                         [["4", "4", "0", "0"], ["4", "3", "0", "0"], ["3", "2", "0", "0"], ["1", "3", "0", "0"],
                          ["0", "0", "7", "+3"]])
        self.assertEqual([line.split()[0] for line in said], ["condition", said[1].split()[0], "everyone", "did(Visit",
                                                             "min(Visit.depth)", "min(Visit.depth)", "min(Visit.depth)",
                                                             "trait.age", "result:"])
        self.assertEqual([len(line) - len(line.lstrip()) for line in said[3:-1]], [0, 0, 2, 2, 0])
        self.assertEqual((said[2].split()[-1], said[-1].split()[-1]), ("7", "0"))
        self.ok("segment", "add", "deep", "max(Visit.depth) >= 4")
        self.assertEqual(json.loads(self.ok("waterfall", "--json", "--as-of", AS_OF, "deep")), {
            "text": "max(Visit.depth) >= 4", "as_of": "2024-06-01T00:00:00.000Z", "everyone": 7, "count": 3, "conditions": [
                {"text": "max(Visit.depth) >= 4", "alone": 3, "remaining": 3, "unknown": 0, "more_without": 4}]})

    def test_what_is_later_does_not_exist(self):
        self.fill()
        for as_of, n in [("2024-05-01T09:59:59Z", 0), ("2024-05-01T10:00:00Z", 1), ("2024-05-01T10:03:30Z", 4),
                         ("2024-05-01T19:03:30", 4), ("2024-05-01", 0), ("2024-05-02", 7)]:
            with self.subTest(as_of=as_of):
                self.assertEqual(self.ok("count", "--as-of", as_of, "everyone"), f"{n}\n")


if __name__ == "__main__":
    unittest.main()
