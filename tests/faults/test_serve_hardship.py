#!/usr/bin/env python3
"""test_serve_hardship PROGRAM [CLOCK_JUMP] - the server on a bad day: full disks, clocks that jump, clients without number.

docs/operations.md has a row for each of these. CLOCK_JUMP is the library of clock_jump.c.
"""
import os
import pathlib
import resource
import socket
import struct
import subprocess
import sys
import time
import unittest

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
CLOCK_JUMP = str(pathlib.Path(sys.argv.pop(2)).resolve()) if len(sys.argv) > 2 else None
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import test_serve  # noqa: E402  (takes PROGRAM)

IDLE = 10000


def batch(user, first, n):
    return {"batch": [test_serve.track(user, i) for i in range(first, first + n)]}


class Hardship(test_serve.Serving):
    def resident(self, server):
        for line in pathlib.Path("/proc", str(server.process.pid), "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) << 10
        raise AssertionError("no VmRSS")

    def health(self, server):
        return self.ask(server, "GET", "/healthz")[0].status

    def mount(self, size):
        """A file system of its own for the data; a loud skip where that is not allowed."""
        folder = self.data.parent / "mount"
        folder.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "none", str(folder)],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"SKIPPED, this user may not mount: {done.stderr.strip()}", flush=True)
            self.skipTest("no right to mount")
        self.addCleanup(subprocess.run, ["umount", str(folder)], check=True)
        self.data = folder / "data"
        return folder


class Disks(Hardship):
    def test_the_disk_is_full(self):
        folder = self.mount("24m")
        server = self.start()
        ballast = folder / "ballast"
        with open(ballast, "wb") as f:
            f.write(b"\0" * (18 << 20))
        acknowledged = 0
        status = 200
        for n in range(2000):
            answer, _ = self.ask(server, "POST", "/v1/batch", test_serve.json.dumps(batch(f"u{n}", 0, 500)), self.basic())
            status = answer.status
            if status != 200:
                break
            acknowledged += 500
        self.assertEqual((status, answer.getheader("Retry-After")), (503, "1"))
        self.assertEqual(self.health(server), 503)
        ballast.unlink()
        until = time.monotonic() + 30
        while time.monotonic() < until and status != 200:
            status = self.ask(server, "POST", "/v1/batch", test_serve.json.dumps(batch("last", 0, 500)), self.basic())[0].status
            time.sleep(0.1)
        self.assertEqual((status, self.health(server)), (200, 200))
        self.assertEqual(server.end(), 0)
        self.gyeol("check")
        stored = self.events()
        self.assertGreater(acknowledged, 0)
        self.assertIn(stored, [acknowledged + 500, acknowledged + 1000])  # the refused batch may have been stored

    def test_a_directory_that_cannot_be_written(self):
        folder = self.mount("24m")
        self.gyeol("init")
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        done = subprocess.run([PROGRAM, "--data", str(self.data), "serve", "--listen", "127.0.0.1:0"], capture_output=True,
                              text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.data), done.stderr)

    def test_the_disk_becomes_read_only_meanwhile(self):
        """As a kernel does that has met a broken disk; here no file can be opened for writing, and none grow."""
        server = self.start()
        self.send(server, "/v1/batch", batch("a", 0, 10))
        before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, before[1]))
        answer, _ = self.ask(server, "POST", "/v1/batch", test_serve.json.dumps(batch("b", 0, 10)), self.basic())
        self.assertEqual((answer.status, self.health(server)), (503, 503))
        self.assertEqual(self.count('did("Visit")'), 1)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)
        self.send(server, "/v1/batch", batch("b", 0, 10))
        self.assertEqual((self.health(server), self.count('did("Visit")')), (200, 2))


@unittest.skipIf(CLOCK_JUMP is None, "a preloaded library does not go with sanitizers")
class Clocks(Hardship):
    def serve_by(self, clock):
        clock.write_bytes(struct.pack("=q", 0))
        test_serve.ENVIRONMENT.update(LD_PRELOAD=CLOCK_JUMP, GYEOL_CLOCK_FILE=str(clock))
        try:
            return self.serve()
        finally:
            del test_serve.ENVIRONMENT["LD_PRELOAD"], test_serve.ENVIRONMENT["GYEOL_CLOCK_FILE"]

    def test_the_clock_jumps(self):
        """A call without a time is of the server's now; nothing is lost, doubled or held up by where that has gone."""
        clock = self.data.parent / "clock"
        self.gyeol("init")
        self.key = self.gyeol("key", "add", "web").strip()
        server = self.serve_by(clock)
        day = 86400000
        jumps = [0, 2 * day, -2 * day, 0, 3600000]
        for n, jump in enumerate(jumps):
            with open(clock, "r+b") as f:
                f.write(struct.pack("=q", jump))
            call = {"userId": f"u{n}", "event": "Visit", "messageId": f"jump-{n}"}
            began = time.monotonic()
            self.send(server, "/v1/track", call)
            self.assertLess(time.monotonic() - began, 10)
            self.assertEqual(self.health(server), 200)
        time.sleep(11)  # the log becomes a part all the same
        self.assertEqual(len(list((self.data / "parts").glob("*.part"))), 1)
        server.end()
        self.gyeol("check")
        self.assertEqual(self.events(), len(jumps))
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 7 * 86400))
        self.assertEqual(int(self.gyeol("count", "--as-of", soon, 'did("Visit" last 6 days)')), 1)
        self.assertEqual(self.count('did("Visit" last 1 day)'), 2)


class Clients(Hardship):
    def test_ten_thousand_idle_connections(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < IDLE + 1000:
            print(f"SKIPPED, only {hard} files may be open", flush=True)
            self.skipTest("too few files may be open")
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        server = self.start()
        before = self.resident(server)
        idle = []
        try:
            for n in range(IDLE):
                idle.append(socket.create_connection((server.host, server.port), 30))
                if n % 1000 == 0:
                    self.send(server, "/v1/track", test_serve.track("a", n // 1000))
            began = time.monotonic()
            for n in range(10, 30):
                self.send(server, "/v1/track", test_serve.track("a", n))
            self.assertLess(time.monotonic() - began, 20)
            self.assertLess(self.resident(server) - before, IDLE * (48 << 10))
            for s in idle[::100]:  # they are served, should they wake
                s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertIn(b" 200 ", s.recv(4096).split(b"\r\n")[0])
        finally:
            for s in idle:
                s.close()
        self.assertEqual(self.events(), 30)

    def test_ten_gigabytes_without_end(self):
        """Chunked, so that its size is not known before: cut off after a few megabytes, which are not kept."""
        server = self.start()
        before = self.resident(server)
        authorization = self.basic()["Authorization"].encode()
        head = b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: " + authorization + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
        piece = b"10000\r\n" + b"[" * 65536 + b"\r\n"
        sent = 0
        with socket.create_connection((server.host, server.port), 30) as s:
            try:
                s.sendall(head)
                while sent < 10_000_000_000:
                    s.sendall(piece)
                    sent += 65536
                    if sent % (16 * 65536) == 0:
                        self.assertEqual(self.health(server), 200)
            except OSError:
                pass
        self.assertLess(sent, 64 << 20)
        self.assertLess(self.resident(server) - before, 32 << 20)
        self.send(server, "/v1/track", test_serve.track("a", 1))


if __name__ == "__main__":
    unittest.main()
