"""A server with a data directory of its own, for tests that send to it: it can be ended and started again where it was."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "GYEOL_DATA"}
SDKS = pathlib.Path(__file__).resolve().parents[1] / "sdk"


class ServerCase(unittest.TestCase):
    program = None  # its path; set by the test that runs

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = pathlib.Path(folder.name, "data")
        self.gyeol("init")
        self.key = self.gyeol("key", "add", "server").strip()
        self.server = None
        self.address = "127.0.0.1:0"
        self.addCleanup(lambda: self.end(signal.SIGKILL))
        self.start()

    def gyeol(self, *args):
        done = subprocess.run([self.program, "--data", str(self.data), *args], capture_output=True, text=True, timeout=120,
                              env=ENVIRONMENT)
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        return done.stdout

    def start(self):
        """On the port it had before, if it was started before."""
        self.server = subprocess.Popen([self.program, "--data", str(self.data), "serve", "--listen", self.address],
                                       stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=ENVIRONMENT)
        for line in self.server.stderr:
            said = json.loads(line)
            if said["event"] == "listening":
                self.address = said["address"]
                return
        self.fail("the server does not listen")

    def end(self, how):
        self.server.send_signal(how)
        self.server.wait(60)
        self.server.stderr.close()
