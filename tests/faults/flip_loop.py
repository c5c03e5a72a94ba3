#!/usr/bin/env python3
"""flip_loop PROGRAM TRIALS - damaged part files are reported, and never answer wrongly.

In a small store one bit of one part file is turned, or the file is cut, or goes away, TRIALS times, spread evenly
over all bytes of all parts. Each time `check` must say so, with the status of damage, and each question must either
be refused or be answered rightly: a damaged column that is not read does not matter to it.
The bit within a byte comes from SEED, if that is set.
"""
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

from trial import AS_OF, Batch, Failure, Gyeol, Init, Segment, expect

N_CUSTOMERS = 60


class Loop:
    def __init__(self, program, folder, rng):
        self.gyeol = Gyeol(program, pathlib.Path(folder, "store"))
        self.rng = rng
        calls, lines = Batch(folder, 0, N_CUSTOMERS, False), Batch(folder, 1, N_CUSTOMERS, True)
        self.deeds = [calls, lines, Segment(2, calls)]
        Init().redo(self.gyeol)
        for deed in self.deeds:
            self.gyeol.must(*deed.args())
            deed.holds(self.gyeol)
        self.gyeol.check()
        self.parts = sorted(p for p in (self.gyeol.data / "parts").rglob("*") if p.is_file())
        if not self.parts:
            raise Failure("the store has no part files")

    def damages(self, n_trials):
        """(what, file, its new bytes or None), spread over all bytes there are."""
        total = sum(p.stat().st_size for p in self.parts)
        step = max(1, total // n_trials)
        begin = 0
        for part in self.parts:
            sound = part.read_bytes()
            for at in range(-begin % step, len(sound), step):
                bit = self.rng.randrange(8)
                flipped = bytes([sound[at] ^ (1 << bit)])
                yield f"bit {bit} of byte {at} turned in", part, sound[:at] + flipped + sound[at + 1:]
            for size in {0, 1, len(sound) // 2, len(sound) - 1}:
                yield f"all behind byte {size} cut off", part, sound[:size]
            yield "a byte more at the end of", part, sound + b"\0"
            yield "gone:", part, None
            begin += len(sound)

    def is_reported(self):
        done = self.gyeol.run("check")
        if done.returncode != 1:
            raise Failure(f"check: status {done.returncode}: {done.stdout.strip()} {done.stderr.strip()}")
        if not done.stderr.strip():
            raise Failure("check failed without a word")

    def is_not_misled(self, deed):
        what = deed.question()
        done = self.gyeol.run("members", "--as-of", AS_OF, what)
        if done.returncode == 0:
            expect(f"members '{what[:60]}…'", done.stdout.split(), deed.answer())
        elif done.returncode != 1:
            raise Failure(f"members: status {done.returncode}: {done.stderr.strip()}")
        return done.returncode == 1

    def trial(self, part, damaged):
        sound = part.read_bytes()
        part.unlink()  # a new file, so that nothing holds the old one mapped
        if damaged is not None:
            part.write_bytes(damaged)
        try:
            self.is_reported()
            return any([self.is_not_misled(deed) for deed in self.deeds])
        finally:
            part.unlink(missing_ok=True)
            part.write_bytes(sound)


def main(program, n_trials):
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000_007))
    folder = tempfile.mkdtemp(prefix="gyeol-flip-")
    what, n_done, n_refused = "before any damage", 0, 0
    try:
        loop = Loop(program, folder, random.Random(seed))
        for deed, part, damaged in loop.damages(n_trials):
            what = f"{deed} {part.name}"
            n_refused += loop.trial(part, damaged)
            n_done += 1
        what = "after all was put right"
        loop.gyeol.check()
    except Failure as failure:
        print(f"flip_loop: {what}: {failure}\nSEED={seed}, the store is in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    print(f"flip_loop: {n_done} damages, each reported; {n_refused} refused a question, none misled (SEED={seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
