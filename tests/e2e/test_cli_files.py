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


if __name__ == "__main__":
    unittest.main()
