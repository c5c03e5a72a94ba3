#!/usr/bin/env python3
"""test_cli_interrupt.py PROGRAM - Ctrl-C during an import leaves a sound store, and doing it again finishes it."""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "GYEOL_DATA"}
N = 60_000
LINES = "".join(json.dumps({"type": "track", "event": "Visit", "userId": f"c{i % 1000:04d}", "messageId": str(i),
                            "timestamp": "2024-05-01T00:00:00Z", "properties": {"n": i}}) + "\n" for i in range(N)).encode()


class Interrupt(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.command = [PROGRAM, "--data", os.path.join(folder.name, "data")]

    def ok(self, *args, **more):
        done = subprocess.run([*self.command, *args], capture_output=True, timeout=120, env=ENVIRONMENT, **more)
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        return done.stdout.decode()

    def interrupt(self, first, rest, signals):
        """Signals the import once it has read `first`; then gives it `rest`. Its status and what it said."""
        process = subprocess.Popen([*self.command, "import", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
        self.addCleanup(process.stderr.close)
        process.stdin.write(first)
        process.stdin.flush()  # more than a pipe holds: it reads, so it watches
        process.send_signal(signals)

        def give():
            try:
                process.stdin.write(rest)
            except BrokenPipeError:
                pass
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()

        giver = threading.Thread(target=give)
        giver.start()
        said = process.stderr.read().decode()
        status = process.wait(timeout=60)
        giver.join()
        return status, said

    def test_an_interrupted_import_is_finished_by_another(self):
        for how in (signal.SIGINT, signal.SIGTERM):
            status, said = self.interrupt(LINES[:len(LINES) // 2], LINES[len(LINES) // 2:], how)
            self.assertEqual(status, 1, said)
            self.assertIn("importing the file again finishes it", said)
            self.ok("check")
        self.ok("import", "-", input=LINES)
        self.ok("check")
        self.assertEqual(self.ok("count", f"count(Visit) = {N // 1000}"), "1000\n")
        self.assertEqual(self.ok("count", f"distinct(Visit.n) = {N // 1000}"), "1000\n")


if __name__ == "__main__":
    unittest.main()
