#!/usr/bin/env python3
"""kill_loop PROGRAM ROUNDS - SIGKILL at random points of what writes, on one store that grows.

Each round starts an import, an upload or a definition and kills it after a random part of the time that
such a deed takes. Whatever was acknowledged must be there exactly once, in this round and to the end; what
was cut off must be consistent, and is finished by doing it again. trial.py says what that means.
The random numbers come from SEED, if that is set; a failure prints it, and keeps the store.
"""
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from trial import Batch, Failure, Gyeol, Init, Segment, UploadedList, expect

N_CUSTOMERS = 400


class Loop:
    def __init__(self, program, folder, rng):
        self.gyeol = Gyeol(program, pathlib.Path(folder, "store"))
        self.folder = folder
        self.rng = rng
        self.usual = {}  # kind of deed -> seconds it takes undisturbed
        self.done = []   # acknowledged, in order
        self.n_killed = 0

    def new_deed(self, number):
        kind = self.rng.choice(["calls", "calls", "lines", "list", "segment"])
        if kind in ("calls", "lines"):
            return kind, Batch(self.folder, number, N_CUSTOMERS, kind == "lines")
        batch = self.rng.choice([deed for deed in self.done if isinstance(deed, Batch)])
        return kind, UploadedList(self.folder, number, batch) if kind == "list" else Segment(number, batch)

    def do_whole(self, kind, deed):
        start = time.monotonic()
        self.gyeol.must(*deed.args())
        self.usual[kind] = time.monotonic() - start
        deed.holds(self.gyeol)
        self.done.append(deed)

    def prepare(self):
        """One of each kind undisturbed, which says how long it takes."""
        Init().redo(self.gyeol)
        self.do_whole("calls", Batch(self.folder, 0, N_CUSTOMERS, False))
        self.do_whole("lines", Batch(self.folder, 1, N_CUSTOMERS, True))
        self.do_whole("list", UploadedList(self.folder, 2, self.done[0]))
        self.do_whole("segment", Segment(3, self.done[1]))

    def kill_one(self, kind, deed):
        """Whether it was acknowledged before the signal came."""
        process = self.gyeol.start(*deed.args())
        try:
            process.wait(self.rng.uniform(0, 1.1) * self.usual[kind])
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        _, err = process.communicate()
        if process.returncode == -signal.SIGKILL:
            self.n_killed += 1
            return False
        if process.returncode != 0:
            raise Failure(f"{deed.name}: status {process.returncode}: {err.strip()}")
        return True

    def round(self, number):
        kind, deed = self.new_deed(number)
        is_acknowledged = self.kill_one(kind, deed)
        self.gyeol.check()
        if not is_acknowledged:
            deed.is_sane(self.gyeol)
            self.rng.choice(self.done).holds(self.gyeol)
            deed.redo(self.gyeol)
            self.gyeol.check()
        deed.holds(self.gyeol)
        self.done.append(deed)

    def finish(self):
        """All of it is there; and importing every file again changes nothing."""
        for again in (False, True):
            for deed in self.done:
                if again and isinstance(deed, Batch):
                    deed.redo(self.gyeol)
            for deed in self.done:
                deed.holds(self.gyeol)
            self.gyeol.check()
        everyone = set().union(*(deed.of for deed in self.done if isinstance(deed, Batch)))
        expect("customers", self.gyeol.members("everyone"), sorted(everyone))


def main(program, n_rounds):
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000_007))
    folder = tempfile.mkdtemp(prefix="gyeol-kill-")
    loop = Loop(program, folder, random.Random(seed))
    number = 3
    try:
        loop.prepare()
        for number in range(4, 4 + n_rounds):
            loop.round(number)
        loop.finish()
        # Most rounds must really have been cut off, or the loop has shown nothing.
        if loop.n_killed * 3 < n_rounds:
            raise Failure(f"only {loop.n_killed} of {n_rounds} were killed before they were done")
    except Failure as failure:
        print(f"kill_loop: round {number}: {failure}\nSEED={seed}, the store is in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    print(f"kill_loop: {loop.n_killed} of {n_rounds} killed, nothing acknowledged was lost or doubled (SEED={seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
