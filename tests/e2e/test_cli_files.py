#!/usr/bin/env python3
"""test_cli_files.py PROGRAM - what comes in as files and goes out as files: nothing is lost without a word."""
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import unittest

from workbook import write_workbook

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "GYEOL_DATA"}


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_it(self, *args, **more):
        return subprocess.run([PROGRAM, *map(str, args)], capture_output=True, text=True, timeout=120, cwd=self.folder,
                              **{"env": ENVIRONMENT, **more})

    def ok(self, *args, **more):
        done = self.run_it(*args, **more)
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        return done.stdout

    def refused(self, status, *args, **more):
        """What it says on standard error."""
        done = self.run_it(*args, **more)
        self.assertEqual(done.returncode, status, f"{args}: {done.stdout} {done.stderr}")
        return done.stderr

    def write(self, name, text, encoding="utf-8"):
        (self.folder / name).write_bytes(text.encode(encoding))
        return name

    # ---- names ----

    def test_the_nearest_name_is_suggested(self):
        self.ok("init")
        ids = self.write("ids", "a\n")
        self.ok("list", "add", "newsletter", ids)
        self.ok("metric", "add", "--allow-unknown", "spend", 'count("Paid")')
        for command in (["list", "show", "newsleter"], ["list", "remove", "newsleter"], ["list", "remove", "newsleter", ids],
                        ["metric", "remove", "spent"]):
            with self.subTest(command=command):
                self.assertRegex(self.refused(2, *command), 'Did you mean "(newsletter|spend)"')

    # ---- import ----

    def imported(self, *args):
        return json.loads(self.ok("import", "--json", *args))

    def test_cells_right_of_the_header_are_not_ignored(self):
        """A sheet's row and a line of CSV with one cell too many: both are rejected; a blank is no cell of a sheet."""
        rows = [["user_id", "event", "time"], ["c1", "Paid", "2024-05-01"], ["c2", "Paid", "2024-05-01", "5"],
                ["c3", "Paid", "2024-05-01", " "], ["c4", "Paid", "2024-05-01", "", "6"]]
        sheet = "".join("<row>" + "".join(f'<c r="{"ABCDE"[i]}{n}" t="inlineStr"><is><t xml:space="preserve">{cell}</t></is></c>'
                                          for i, cell in enumerate(row)) + "</row>" for n, row in enumerate(rows, 1))
        write_workbook(self.folder / "a.xlsx", sheet)
        self.write("a.csv", "".join(",".join(row) + "\n" for row in rows if row[-1] != " "))
        self.assertEqual(self.imported("a.xlsx")["rejected"],
                         [{"reason": "the row has more or fewer columns than the first", "count": 2, "first_line": 3}])
        self.assertEqual(self.ok("members", "everyone"), "c1\nc3\n")
        self.assertEqual(self.imported("a.csv")["rejected"],
                         [{"reason": "the row has more or fewer columns than the first", "count": 2, "first_line": 3}])

    def test_the_rejects_of_any_encoding_can_be_imported(self):
        text = "고객번호,이벤트,일시,지역\n가나,결제,2024-05-01,서울\n,결제,2024-05-02,부산\n다라,,2024-05-03,\"대구\n북구\"\n"
        self.write("a.csv", text, "cp949")
        report = self.imported("a.csv", "--rejects", "rejects.csv")
        self.assertEqual((report["encoding"], report["lines_taken"], report["lines_rejected"]), ("CP949", 1, 2))
        head, _, *rejected = text.splitlines(keepends=True)
        self.assertEqual((self.folder / "rejects.csv").read_text(encoding="utf-8"), head + "".join(rejected))
        again = self.imported("rejects.csv", "--set", "event=결제", "--rejects", "again.csv")
        self.assertEqual((again["encoding"], again["lines_taken"], again["lines_rejected"]), ("UTF-8", 1, 1))
        self.assertEqual(self.ok("members", "did(결제)"), "가나\n다라\n")
        mended = (self.folder / "again.csv").read_text(encoding="utf-8").replace("\n,", "\n마바,")
        self.assertEqual(self.imported(self.write("mended.csv", mended))["lines_taken"], 1)
        self.imported("mended.csv", "--rejects", "none.csv")
        self.assertEqual((self.folder / "none.csv").read_bytes(), b"")

    def test_of_two_usual_names_it_says_which_was_taken(self):
        path = self.write("a.csv", "user_id,event,date,timestamp\nc1,Paid,2024-05-01,2024-05-02\n")
        said = self.run_it("import", path).stderr
        self.assertIn('time is "timestamp", not "date"', said)
        report = self.imported(path)
        self.assertEqual(report["choices"], [{"field": "time", "taken": "timestamp", "other": "date"}])
        self.assertEqual(self.imported(path, "--map", "time=date")["choices"], [])
        self.assertEqual(self.imported(self.write("b.csv", "user_id,event,date\nc1,Paid,2024-05-01\n"))["choices"], [])

    def test_a_rehearsal_needs_no_data_directory(self):
        """It counts as the import then does, and leaves nothing behind."""
        path = self.write("a.csv", "user_id,event,time\nc1,Paid,2024-05-01\nc1,Paid,2024-05-01\n,Paid,2024-05-01\n")
        before = set(pathlib.Path("/tmp").glob("gyeol-rehearsal-*"))
        rehearsed = self.imported("--dry-run", path)
        self.refused(2, "import", "--dry-run", path, "--map", "time=when")
        self.assertEqual(set(pathlib.Path("/tmp").glob("gyeol-rehearsal-*")), before)
        self.assertEqual([found.name for found in self.folder.iterdir()], ["a.csv"])
        imported = self.imported(path)
        self.assertEqual({**rehearsed, "seconds": 0}, {**imported, "seconds": 0})
        self.assertEqual(imported["lines_taken"], 2)

    # ---- export ----

    def import_ids(self, *ids, **traits):
        self.write("ids.jsonl", "".join(json.dumps({"type": "identify", "userId": i, "messageId": i, "traits": traits}) + "\n" for i in ids))
        self.ok("import", "ids.jsonl")

    def test_an_id_of_two_lines_is_not_two_ids(self):
        self.import_ids("plain", "two\nlines")
        self.ok("list", "add", "one", self.write("list", "plain\n"))
        self.assertEqual(self.ok("list", "show", "one"), "plain\n")
        self.assertEqual(self.ok("members", "in list(one)"), "plain\n")
        said = self.refused(2, "members", "everyone")
        self.assertIn('the id "two lines" has a line end in it', said)
        self.assertIn("--format csv", said)
        self.assertEqual(self.ok("members", "--format", "csv", "everyone"), 'id\nplain\n"two\nlines"\n')

    def test_a_workbook_says_every_character(self):
        """What is exported and imported again is what it was."""
        texts = {"nul": "a\0b", "control": "a\1b\x1fc", "escape": "_x0041_ and _x00e9_", "half": "_x004_", "both": "x\0_x0000_\0x", "line": "a\nb"}
        columns = ", ".join(f"trait.{name}" for name in texts)
        self.import_ids("i\0d", **texts)
        self.ok("members", "-o", "out.xlsx", "--columns", columns, "everyone")
        self.ok("--data", "other", "import", "out.xlsx", "--as", "customers", "--map",
                "customer_id=id," + ",".join(f"trait.{name}=trait.{name}" for name in texts))
        said = json.loads(self.ok("--data", "other", "members", "--format", "jsonl", "--columns", columns, "everyone"))
        self.assertEqual(said, {"id": "i\0d", **{f"trait.{name}": text for name, text in texts.items()}})

    def test_a_full_disk_is_our_error_only(self):
        """Whatever file may not grow further: the workbook, or one of those it is put together from."""
        self.import_ids(*(f"customer-{i:06d}" for i in range(20_000)))
        for most in (50_000, 100_000, 500_000):
            def limit(most=most):
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            with self.subTest(most=most):
                said = self.refused(1, "members", "-o", "out.xlsx", "everyone", preexec_fn=limit)
                self.assertRegex(said, r'\Agyeol: could not write "out.xlsx": [A-Z].*\n\Z')
                self.assertEqual(list(self.folder.glob("out*")), [])


if __name__ == "__main__":
    unittest.main()
