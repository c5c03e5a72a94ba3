#!/usr/bin/env python3
"""test_backup.py PROGRAM - a backup is the data of one instant, is sound, can be used as it is, and is its owner's alone."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import test_erasure
from test_erasure import ENVIRONMENT, N, SEVEN, Server, write_calls

PROGRAM = test_erasure.PROGRAM
AS_OF = test_erasure.AS_OF


def event(batch, number):
    return {"type": "track", "userId": f"u{number}", "event": "Visit", "messageId": f"{batch}-{number}",
            "timestamp": "2025-01-01T00:00:00Z", "properties": {"batch": batch}}


class BackingUp(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"
        self.backup = self.folder / "backup"

    def run_gyeol(self, *args, data=None, **options):
        return subprocess.run([PROGRAM, "--data", str(data or self.data), *map(str, args)], capture_output=True, text=True,
                              timeout=120, env=ENVIRONMENT, **options)

    def gyeol(self, *args, status=0, data=None, **options):
        done = self.run_gyeol(*args, data=data, **options)
        self.assertEqual(done.returncode, status, f"{args}: {done.stderr}")
        return done.stdout

    def answer(self, data):
        return self.gyeol("members", "--as-of", AS_OF, "--format", "jsonl", "--columns", 'trait.email,count("Review")', "everyone",
                          data=data)

    def fill(self):
        self.gyeol("import", write_calls(self.folder / "calls.jsonl", range(N)))

    def expect_closed(self, folder, mode=0o700):
        """Nobody but the owner reads a file of it: by its own mode, or that of a folder on the way."""
        self.assertEqual(os.stat(folder).st_mode & 0o777, mode, folder)
        n = 0
        for place, _, files in os.walk(folder):
            is_closed = place != str(folder) and os.stat(place).st_mode & 0o077 == 0
            for file in files:
                mode = os.lstat(pathlib.Path(place, file)).st_mode
                n += 1
                if file != "erasures":  # of which nobody learns anything
                    self.assertTrue(is_closed or mode & 0o077 == 0, f"{place}/{file}: {mode:o}")
        self.assertGreater(n, 2)

    def test_what_it_is(self):
        self.fill()
        for options in ([], ["--copy"]):
            with self.subTest(options=options):
                made = json.loads(self.gyeol("--json", "backup", self.backup, *options))
                files = list((self.data / "parts").iterdir())
                self.assertEqual((made["linked"], made["copied"]), (0, len(files)) if options else (len(files), 0))
                shared = [os.path.samefile(file, self.backup / "parts" / file.name) for file in files]
                self.assertEqual(all(shared), not options)
                self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["backup", "calls.jsonl", "data"])
                self.gyeol("check", data=self.backup)
                self.assertEqual(self.answer(self.backup), self.answer(self.data))
                self.expect_closed(self.backup)
                # It goes its own way, and so does the original.
                self.gyeol("segment", "add", "x", "everyone", data=self.backup)
                self.gyeol("segment", "show", "x", status=2)
                shutil.rmtree(self.backup)
        self.gyeol("backup", self.backup)
        before = self.answer(self.backup)
        for i in range(6):
            (self.folder / "more.jsonl").write_text(json.dumps(event(i, 1)) + "\n", encoding="utf-8")
            self.gyeol("import", self.folder / "more.jsonl")
        shutil.rmtree(self.data)
        self.gyeol("check", data=self.backup)
        self.assertEqual(self.answer(self.backup), before)

    def test_what_is_refused(self):
        self.fill()
        self.backup.mkdir()
        (self.backup / "mine").touch()
        self.assertIn("there is something at", self.run_gyeol("backup", self.backup).stderr)
        self.gyeol("backup", self.backup / "mine", status=2)
        self.gyeol("backup", self.data, status=2)
        self.gyeol("backup", self.folder / "nowhere" / "backup", status=1)
        self.gyeol("backup", self.folder / "of-nothing", data=self.folder / "nothing", status=1)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["backup", "calls.jsonl", "data"])
        (self.backup / "mine").unlink()
        self.gyeol("backup", str(self.backup) + "/")
        self.gyeol("check", data=self.backup)

    def test_damage_is_not_backed_up(self):
        self.fill()
        part = next((self.data / "parts").glob("*.part"))
        content = bytearray(part.read_bytes())
        content[len(content) // 2] ^= 1
        part.write_bytes(content)
        self.assertIn("damaged", self.run_gyeol("backup", self.backup).stderr)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["calls.jsonl", "data"])

    def test_beside_a_server_that_takes_events(self):
        """What was acknowledged before is in it, and of every batch all or nothing."""
        self.gyeol("init")
        key = self.gyeol("key", "add", "web").strip()
        server = Server(self.data)
        self.addCleanup(server.end)
        acknowledged = []
        is_over = threading.Event()

        def send():
            batch = 0
            while not is_over.is_set():
                status, _ = server.send(key, [event(batch, number) for number in range(20)])
                if status == 200:
                    acknowledged.append(batch)
                batch += 1

        sender = threading.Thread(target=send)
        sender.start()
        try:
            for number in range(6):
                time.sleep(0.3)
                known = list(acknowledged)
                to = self.folder / f"backup-{number}"
                self.gyeol("backup", to, *(["--copy"] if number % 2 else []))
                self.gyeol("check", data=to)
                counts = [self.gyeol("count", "--as-of", AS_OF, f'did("Visit" where batch = {batch})', data=to).strip()
                          for batch in [*known[-8:], *range(len(known), len(known) + 4)]]
                self.assertEqual(counts[:len(known[-8:])], ["20"] * len(known[-8:]))
                self.assertLessEqual(set(counts), {"0", "20"})
        finally:
            is_over.set()
            sender.join()
        self.assertGreater(len(acknowledged), 10)

    def test_who_is_erased_later(self):
        """The backup keeps them; with the ledger of after it forgets them at its first start."""
        self.fill()
        self.gyeol("backup", self.backup)
        self.gyeol("customer", "erase", SEVEN, "--now")
        self.assertIn(SEVEN, self.answer(self.backup))
        self.assertNotIn(SEVEN, self.answer(self.data))
        shutil.copy(self.data / "erasures", self.backup / "erasures")
        server = Server(self.backup)
        server.end()
        self.assertEqual(self.answer(self.backup), self.answer(self.data))
        self.gyeol("customer", "erase", "--now", data=self.backup)
        done = subprocess.run(["grep", "-raF", SEVEN, str(self.backup)], capture_output=True)
        self.assertEqual(done.returncode, 1, done.stdout)
        # A backup of after has the ledger itself.
        self.gyeol("backup", self.folder / "later")
        self.assertEqual((self.folder / "later" / "erasures").read_text(), (self.data / "erasures").read_text())

    def test_the_data_directory_is_its_owners_alone(self):
        old = os.umask(0)
        try:
            self.data.mkdir(mode=0o755)
            self.fill()
            self.gyeol("backup", self.backup)
            server = Server(self.data)
            self.expect_closed(self.data, 0o755)  # somebody's own folder; what we put into it is closed
            self.expect_closed(self.backup)
            server.end()
        finally:
            os.umask(old)
        if os.geteuid() == 0:  # somebody else can be tried only by who may become them
            for folder in (self.data, self.backup):
                os.chmod(self.folder, 0o755)
                seen = subprocess.run(["cat", str(folder / "gyeol.db")], capture_output=True, user=65534, group=65534)
                self.assertNotEqual(seen.returncode, 0)
                self.assertEqual(seen.stdout, b"")


if __name__ == "__main__":
    unittest.main()
