#!/usr/bin/env python3
"""test_service.py PROGRAM - the systemd unit is one that systemd takes, and exposes little; the program runs by its command."""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
UNIT = pathlib.Path(__file__).resolve().parents[2] / "examples" / "gyeol.service"
MOST_EXPOSED = 20  # tenths, on systemd's scale of 0 (nothing) to 100


def analyze(*args):
    return subprocess.run(["systemd-analyze", *map(str, args)], capture_output=True, text=True, timeout=120)


class TheUnit(unittest.TestCase):
    def setUp(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed: the unit is NOT checked")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.unit = pathlib.Path(folder.name, "gyeol.service")
        # The program need not be installed where the unit has it.
        self.unit.write_text(UNIT.read_text().replace("/usr/local/bin/gyeol", PROGRAM))

    def test_systemd_takes_it(self):
        done = analyze("verify", "--man=no", self.unit)
        ours = [line for line in done.stderr.splitlines() if "gyeol.service" in line]
        self.assertEqual((done.returncode, ours), (0, []), done.stderr)
        broken = self.unit.with_name("broken.service")
        broken.write_text(self.unit.read_text().replace("ProtectSystem=strict", "ProtectSystem=perhaps"))
        self.assertIn("perhaps", analyze("verify", "--man=no", broken).stderr)

    def test_it_exposes_little(self):
        done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", self.unit)
        if "unrecognized option" in done.stderr:
            self.skipTest("systemd-analyze is too old to look at a file: its exposure is NOT checked")
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)


class TheCommand(unittest.TestCase):
    def test_the_program_has_its_options(self):
        command = shlex.split(re.search(r"^ExecStart=(.*)$", UNIT.read_text(), re.M).group(1))
        done = subprocess.run([PROGRAM, "serve", "--help"], capture_output=True, text=True, timeout=60)
        for word in command:
            if word.startswith("--") and word != "--data":
                self.assertIn(word, done.stdout)
        self.assertEqual(command[1:3], ["--data", "/var/lib/gyeol"])


if __name__ == "__main__":
    unittest.main()
