#!/usr/bin/env python3
"""test_serve_sdks.py PROGRAM - real SDKs from npm, pointed at the server by configuration alone, deliver what they send."""
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

from server_case import SDKS, ServerCase

ServerCase.program = str(pathlib.Path(sys.argv.pop(1)).resolve())
N = 1000


class Delivering(ServerCase):
    def sender(self, sdk):
        return subprocess.Popen(["node", "send.mjs", sdk, f"http://{self.address}", self.key, str(N)], cwd=SDKS,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def assert_all_there(self):
        self.assertEqual(self.gyeol("count", f'count("Visit") = {N // 10}').strip(), "10")
        self.assertEqual(self.gyeol("count", f'avg("Visit".n) >= {N // 2 - 5} and avg("Visit".n) < {N // 2 + 5}').strip(), "10")
        for definition in ['trait.email = "u0@example.com" and trait.visits = 3', 'did("Page Viewed" where name = "Home")',
                           'did("Screen Viewed")', 'did("Group Joined" where group_id = "g1")',
                           'count("Visit" where name = "홍길동") > 0 and trait.visits = 3']:
            self.assertEqual(self.gyeol("count", definition).strip(), "1", definition)
        self.gyeol("check")

    def test_a_server_that_runs(self):
        for sdk in ["segment", "rudder"]:
            with self.subTest(sdk=sdk):
                sender = self.sender(sdk)
                said, _ = sender.communicate(timeout=120)
                self.assertEqual((sender.returncode, said), (0, ""))
                self.assert_all_there()
                self.end(signal.SIGTERM)
                shutil.rmtree(self.data)
                self.address = "127.0.0.1:0"
                self.gyeol("init")
                self.key = self.gyeol("key", "add", "server").strip()
                self.start()

    def test_through_restarts(self):
        sender = self.sender("segment")
        for how in [signal.SIGKILL, signal.SIGTERM, signal.SIGKILL]:
            time.sleep(0.5)
            self.end(how)
            time.sleep(0.2)
            self.start()
        said, _ = sender.communicate(timeout=300)
        self.assertEqual(sender.returncode, 0, said)
        self.assert_all_there()


if __name__ == "__main__":
    if shutil.which("node") is None or not (SDKS / "node_modules" / "@segment" / "analytics-node").is_dir():
        print("SKIPPED: the SDKs are not installed, so nothing shows that they deliver. `npm ci --prefix tests/sdk` installs them.")
        sys.exit(77)
    unittest.main()
