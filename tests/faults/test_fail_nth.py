#!/usr/bin/env python3
"""test_fail_nth.py LIBRARY - the preloaded library counts the calls it should, and spoils the one it should.

The programs under it are small ones in Python, whose os functions are the C library's calls; and SQLite.
"""
import errno
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

LIBRARY = str(pathlib.Path(sys.argv.pop(1)).resolve())

# Nine calls on the directory: each line says what it did, or with which error it did not.
STEPS = """
import os, sys
here = sys.argv[1]
outside = os.open(here + "-outside", os.O_WRONLY | os.O_CREAT)
os.write(outside, b"not counted"); os.fsync(outside)
fd = -1
def step(name, call):
    try:
        print(name, call() or 0, flush=True)
    except OSError as e:
        print(name, os.strerror(e.errno), flush=True)
def opened():
    global fd
    fd = os.open("f", os.O_RDWR | os.O_CREAT, 0o600, dir_fd=os.open(here, os.O_RDONLY))
os.chdir(os.path.dirname(here))
step("mkdir", lambda: os.mkdir(here + "/sub"))
step("open", opened)
step("write", lambda: os.write(fd, b"12345678"))
step("pwrite", lambda: os.pwrite(fd, b"abcd", 8))
step("writev", lambda: os.writev(fd, [b"x", b"y"]))
step("fsync", lambda: os.fsync(fd))
step("ftruncate", lambda: os.ftruncate(fd, 4))
step("rename", lambda: os.rename(os.path.basename(here) + "/f", here + "/g"))
step("unlink", lambda: os.unlink(here + "/g"))
"""
NAMES = ["mkdir", "open", "write", "pwrite", "writev", "fsync", "ftruncate", "rename", "unlink"]
WELL = ["0", "0", "8", "4", "2", "0", "0", "0", "0"]

SQL = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1] + "/t.db", isolation_level=None)
db.execute("pragma journal_mode=wal"); db.execute("pragma synchronous=full")
db.execute("create table if not exists t (i integer primary key)")
for i in range(20):
    db.execute("insert into t values (?)", (i,))
    print(i, flush=True)
"""


def run(program, folder, **how):
    """Output lines, status and the lines of the report."""
    here = os.path.realpath(os.path.join(folder, "here"))
    os.mkdir(here)
    report = os.path.join(folder, "report")
    faults = {f"GYEOL_FAULT_{key.upper()}": str(value) for key, value in {"dir": here, "report": report, **how}.items()}
    done = subprocess.run([sys.executable, "-c", program, here], capture_output=True, text=True,
                          env={**os.environ, "LD_PRELOAD": LIBRARY, **faults})
    said = pathlib.Path(report).read_text().splitlines() if os.path.exists(report) else None
    return done.stdout.splitlines(), done.returncode, said


def steps(**how):
    with tempfile.TemporaryDirectory() as folder:
        lines, status, said = run(STEPS, folder, **how)
        return [line.split(" ", 1)[1] for line in lines], status, said


class FailNth(unittest.TestCase):
    def test_counts_only_what_is_under_the_directory(self):
        self.assertEqual(steps(), (WELL, 0, ["9 calls"]))

    def test_fails_the_nth(self):
        for how, error in [("eio", errno.EIO), ("enospc", errno.ENOSPC)]:
            for nth, name in enumerate(NAMES, start=1):
                if name == "open":
                    continue  # without its file the rest fails in other ways
                with self.subTest(name=name, how=how):
                    answers, status, said = steps(n=nth, how=how)
                    self.assertEqual(status, 0)
                    self.assertEqual(answers[nth - 1], os.strerror(error))
                    self.assertEqual(answers[:nth - 1], WELL[:nth - 1])
                    self.assertTrue(said[1].startswith(name), said)
                    if name != "rename":  # without it there is nothing to unlink
                        self.assertEqual(answers[nth:], WELL[nth:])

    def test_fails_all_later_ones_too_but_unlink(self):
        io = os.strerror(errno.EIO)
        self.assertEqual(steps(n=6, sticky=1)[0], WELL[:5] + [io, io, io, os.strerror(errno.ENOENT)])

    def test_cuts_short(self):
        self.assertEqual(steps(n=3, how="short")[0], ["0", "0", "4", "4", "2", "0", "0", "0", "0"])
        self.assertEqual(steps(n=5, how="short")[0], ["0", "0", "8", "4", "1", "0", "0", "0", "0"])
        full = os.strerror(errno.ENOSPC)
        self.assertEqual(steps(n=6, how="short")[0], WELL[:5] + [full] + WELL[6:])

    def test_kills_before_and_after(self):
        for how, is_done in [("kill-before", False), ("kill-after", True)]:
            with self.subTest(how=how), tempfile.TemporaryDirectory() as folder:
                lines, status, said = run(STEPS, folder, n=8, how=how)
                self.assertEqual((len(lines), status, said), (7, -signal.SIGKILL, None))
                self.assertEqual(os.path.exists(os.path.join(folder, "here", "g")), is_done)

    def test_meets_the_calls_of_sqlite(self):
        """And SQLite is what one hopes: whichever call fails, what it acknowledged is there."""
        with tempfile.TemporaryDirectory() as folder:
            n_calls = int(run(SQL, folder)[2][0].split()[0])
        self.assertGreater(n_calls, 40)
        for nth in range(1, n_calls + 1, 5):
            with self.subTest(nth=nth), tempfile.TemporaryDirectory() as folder:
                lines, status, said = run(SQL, folder, n=nth, how="eio", sticky=1)
                self.assertEqual(len(said), 2)
                self.assertTrue(status != 0 or len(lines) == 20, said)  # only tidying up may fail unsaid
                db = sqlite3.connect(os.path.join(folder, "here", "t.db"))
                self.assertEqual(db.execute("pragma integrity_check").fetchall(), [("ok",)])
                if lines:
                    rows = [str(i) for (i,) in db.execute("select i from t")]
                    self.assertEqual(rows[:len(lines)], lines)
                db.close()


if __name__ == "__main__":
    unittest.main()
