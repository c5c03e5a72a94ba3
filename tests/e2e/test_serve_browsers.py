#!/usr/bin/env python3
"""test_serve_browsers.py PROGRAM - the SDKs of web pages, in a real browser, deliver what they send, by configuration alone."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

from server_case import SDKS, ServerCase

ServerCase.program = str(pathlib.Path(sys.argv.pop(1)).resolve())
CHROMIUM = shutil.which("chromium")
N = 200


class Delivering(ServerCase):
    def setUp(self):
        super().setUp()
        self.browser = None

    def browse(self, sdk):
        self.browser = subprocess.Popen(["node", "browse.mjs", sdk, f"http://{self.address}", self.key, str(N)], cwd=SDKS,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env=dict(os.environ, CHROMIUM=CHROMIUM))
        self.addCleanup(self.close)

    def close(self):
        """The browser ends with its standard input."""
        if self.browser is None:
            return
        said, _ = self.browser.communicate(timeout=60)
        code, self.browser = self.browser.returncode, None
        self.assertEqual((code, said), (0, "sent\n"))

    def holds(self, definition):
        return self.gyeol("count", "--allow-unknown", definition).strip() == "1"

    def assert_all_comes(self):
        """Everything, once; and all of it is the customer's who said later who it is."""
        all_of_it = f'count("Product Viewed") >= {N} and did("Group Joined")'
        end = time.monotonic() + 60
        while not self.holds(all_of_it) and time.monotonic() < end:
            time.sleep(0.3)
        self.close()
        time.sleep(0.5)
        self.assertEqual(self.gyeol("count", "everyone").strip(), "1")
        for definition in [f'count("Product Viewed") = {N} and sum("Product Viewed".n) = {N * (N - 1) // 2}',
                           f'distinct("Product Viewed".n) = {N} and count("Product Viewed/items" where sku = "a") = {N}',
                           'identified and trait.email = "u0@example.com" and trait.visits = 3',
                           'count("Page Viewed") = 1 and did("Page Viewed" where name = "Home" and path = "/")',
                           'count("Before") = 1 and count("Group Joined" where group_id = "g1") = 1',
                           f'did("Product Viewed" where name = "홍길동" and n = {N - 1})',
                           'count(Visit where source = "news" and channel = "Email" and search_term = "shoes") = 1']:
            self.assertTrue(self.holds(definition), definition)
        self.gyeol("check")

    def through_restarts(self, sdk):
        self.browse(sdk)
        end = time.monotonic() + 60
        while not self.holds('did("Product Viewed")') and time.monotonic() < end:
            time.sleep(0.1)
        for how in [signal.SIGKILL, signal.SIGTERM, signal.SIGKILL]:
            self.end(how)
            time.sleep(0.2)
            self.start()
            time.sleep(0.3)
        self.assert_all_comes()

    def test_segment_through_restarts(self):
        self.through_restarts("segment")

    def test_segment_in_batches_through_restarts(self):
        self.through_restarts("segment-batching")

    def test_rudder_through_restarts(self):
        self.through_restarts("rudder")

    def test_rudder_by_beacons(self):
        """A page is not told whether a beacon came, so none is sent to a server that is down."""
        self.browse("rudder-beacon")
        self.assert_all_comes()


class SettingUp(ServerCase):
    """Somebody follows the link by which people come."""

    def follow(self, link, name=""):
        done = subprocess.run(["node", "setup.mjs", link, name, "correct horse battery"], cwd=SDKS, capture_output=True, text=True,
                              timeout=120, env=dict(os.environ, CHROMIUM=CHROMIUM))
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_people_come_by_links(self):
        link = json.loads(self.server.stderr.readline())["link"]
        found = self.follow(link, "kim")
        self.assertEqual((found["before"], found["after"]), ("You will be the owner.", "You are logged in as kim."))
        self.assertEqual((found["me"]["name"], found["me"]["role"]), ("kim", "owner"))
        self.assertEqual((found["visible"], found["hash"]), ("", ""))
        self.assertEqual(found["cookies"], [{"name": "gyeol", "httpOnly": True, "sameSite": "Strict"}])
        again = self.follow(link)
        self.assertIn("does not hold", again["before"])
        self.assertNotIn("me", again)
        found = self.follow(self.gyeol("user", "add", "lee", "--role", "editor").strip())
        self.assertEqual((found["before"], found["after"]), ("Welcome, lee.", "You are logged in as lee."))


if __name__ == "__main__":
    modules = SDKS / "node_modules"
    if shutil.which("node") is None or not (modules / "@segment" / "analytics-next").is_dir():
        print("SKIPPED: the SDKs are not installed, so nothing shows that they deliver. `npm ci --prefix tests/sdk` installs them.")
        sys.exit(77)
    if CHROMIUM is None:
        print("SKIPPED: there is no chromium, so nothing shows that the SDKs of web pages deliver. Debian's package has it.")
        sys.exit(77)
    unittest.main()
