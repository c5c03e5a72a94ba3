#!/usr/bin/env python3
"""fault_loop PROGRAM LIBRARY STEP - every write, fsync, rename, … of what writes goes wrong, in turn.

For each deed (trial.py) and each way of going wrong (fail_nth.c), the n-th I/O call on the data directory
does so, for n = 1, 1 + STEP, …, on a fresh copy of a small store. The program must say that it failed, or
have done all of it; the store must be sound, with everything acknowledged in it exactly once; and doing the
deed again, undisturbed, must finish it.
"""
import pathlib
import shutil
import signal
import sys
import tempfile

from trial import Batch, Failure, Gyeol, Init, Segment, UploadedList

N_CUSTOMERS = 60
WAYS = {
    "EIO": {"GYEOL_FAULT_HOW": "eio"},
    "EIO from then on": {"GYEOL_FAULT_HOW": "eio", "GYEOL_FAULT_STICKY": "1"},
    "ENOSPC from then on": {"GYEOL_FAULT_HOW": "enospc", "GYEOL_FAULT_STICKY": "1"},
    "a short write": {"GYEOL_FAULT_HOW": "short"},
    "a short write, then ENOSPC": {"GYEOL_FAULT_HOW": "short", "GYEOL_FAULT_STICKY": "1"},
    "SIGKILL before it": {"GYEOL_FAULT_HOW": "kill-before"},
    "SIGKILL after it": {"GYEOL_FAULT_HOW": "kill-after"},
}


class Loop:
    def __init__(self, program, library, folder):
        self.library = library
        self.folder = pathlib.Path(folder)
        self.base = Gyeol(program, self.folder / "base")
        self.trial_dir = self.folder / "trial"
        self.report = self.folder / "report"
        self.before = []

    def prepare(self):
        calls, lines = Batch(self.folder, 0, N_CUSTOMERS, False), Batch(self.folder, 1, N_CUSTOMERS, True)
        self.before = [calls, lines, UploadedList(self.folder, 2, calls), Segment(3, lines)]
        Init().redo(self.base)
        for deed in self.before:
            self.base.must(*deed.args())
            deed.holds(self.base)

    def deeds(self):
        calls, lines = self.before[:2]
        return [Init(), Batch(self.folder, 4, N_CUSTOMERS, False), Batch(self.folder, 5, N_CUSTOMERS, True),
                UploadedList(self.folder, 6, lines), Segment(7, calls)]

    def fresh(self, deed):
        """What the deed is done to: nothing at all, or a copy of the store."""
        if isinstance(deed, Init):
            shutil.rmtree(self.trial_dir, ignore_errors=True)
            return Gyeol(self.base.program, self.trial_dir)
        return self.base.copy_to(self.trial_dir)

    def run(self, gyeol, deed, nth, way):
        self.report.unlink(missing_ok=True)
        return gyeol.run(*deed.args(), env={"LD_PRELOAD": str(self.library), "GYEOL_FAULT_DIR": str(self.trial_dir),
                                            "GYEOL_FAULT_N": str(nth), "GYEOL_FAULT_REPORT": str(self.report), **way})

    def count_calls(self, deed):
        gyeol = self.fresh(deed)
        done = self.run(gyeol, deed, 0, {})
        if done.returncode != 0:
            raise Failure(f"{deed.name}: undisturbed, status {done.returncode}: {done.stderr.strip()}")
        deed.holds(gyeol)
        n_calls = int(self.report.read_text().split()[0])
        if n_calls == 0:
            raise Failure(f"{deed.name}: the library saw no call of it")
        return n_calls

    def trial(self, deed, nth, way):
        gyeol = self.fresh(deed)
        done = self.run(gyeol, deed, nth, way)
        wants_kill = way["GYEOL_FAULT_HOW"].startswith("kill")
        if done.returncode not in ((0, 1, -signal.SIGKILL) if wants_kill else (0, 1)):
            raise Failure(f"status {done.returncode}: {done.stderr.strip()}")
        if done.returncode == 1 and not done.stderr.strip():
            raise Failure("failed without a word")
        has_store = not isinstance(deed, Init)
        if done.returncode == 0:
            deed.holds(gyeol)
        if has_store or done.returncode == 0:
            gyeol.check()
            deed.is_sane(gyeol)
        deed.redo(gyeol)
        gyeol.check()
        for one in [deed, *(self.before if has_store else [])]:
            one.holds(gyeol)
        return done.returncode != 0

    def which(self):
        return self.report.read_text().split("\n", 1)[1].strip() if self.report.exists() else "unknown, it was killed"

    def all_of(self, step):
        """Every deed, every way, every step-th call; each way begins at another call."""
        n_trials = n_failed = 0
        for deed in self.deeds():
            n_calls = self.count_calls(deed)
            for i, (name, way) in enumerate(WAYS.items()):
                for nth in range(1 + i * 3 % step, n_calls + 1, step):
                    try:
                        n_failed += self.trial(deed, nth, way)
                    except Failure as failure:
                        raise Failure(f"{deed.name}, {name} at call {nth} of {n_calls} ({self.which()}): {failure}") from None
                    n_trials += 1
            print(f"{deed.name}: {n_calls} calls", flush=True)
        if n_failed * 3 < n_trials:
            raise Failure(f"only {n_failed} of {n_trials} trials disturbed anything")
        return n_trials


def main(program, library, step):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gyeol-fault-")).resolve()
    loop = Loop(program, pathlib.Path(library).resolve(), folder)
    try:
        loop.prepare()
        n_trials = loop.all_of(step)
    except Failure as failure:
        print(f"fault_loop: {failure}\nthe store is in {loop.trial_dir}, what it was before in {loop.base.data}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    print(f"fault_loop: {n_trials} trials, nothing acknowledged was lost or doubled")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
