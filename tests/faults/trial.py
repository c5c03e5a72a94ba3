"""trial - what the kill loop and the fault loop share: a small shop whose figures are known.

A *deed* is one command that changes the store: an import, a list, a segment. Each knows, from how its
input was made and not from the program, what must hold
  - once it is acknowledged (the command exited 0): all of it is there, exactly once;
  - when it was cut off: `check` is content, nothing of it is there twice, and what cannot be half is whole;
  - and that doing it again finishes the job.

The figures work like this. A customer has 1 to 4 events in a batch, each with `step` 0, 1, …, with `of`,
how many there are in all, and with the amount 2^step: the amounts sum to 2^of - 1 only if each is there
once. The batch's number keeps the batches apart.
"""
import datetime
import json
import os
import pathlib
import random
import shutil
import subprocess

FIRST_TIME = datetime.datetime(2023, 1, 1)  # events come one a minute from here on
AS_OF = "2030-01-01T00:00:00Z"


class Failure(Exception):
    """Something that must hold does not."""


class Gyeol:
    """The program, on one data directory."""

    def __init__(self, program, data):
        self.program = str(program)
        self.data = pathlib.Path(data)

    def start(self, *args, env=None):
        command = [self.program, "--data", str(self.data), *map(str, args)]
        return subprocess.Popen(command, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *args, env=None, timeout=120):
        process = self.start(*args, env=env)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise Failure(f"gyeol {' '.join(map(str, args))}: not done after {timeout} s") from None
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def must(self, *args):
        """Its standard output; any status but 0 is a failure."""
        done = self.run(*args)
        if done.returncode != 0:
            raise Failure(f"gyeol {' '.join(map(str, args))}: status {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def check(self):
        self.must("check")

    def members(self, expr, *options):
        return self.must("members", "--as-of", AS_OF, *options, expr).split()

    def copy_to(self, data):
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self.data, data)
        return Gyeol(self.program, data)


def expect(what, found, wanted):
    """Both are lists of ids."""
    if found == wanted:
        return
    lost, more = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
    raise Failure(f"{what}: {len(found)} in place of {len(wanted)}; {len(lost)} not there: {lost[:5]}, {len(more)} too many: {more[:5]}")


# ------------------------------------------------------------------------------------------ deeds


class Init:
    """Making the data directory. There is nothing in it that could be half there."""

    name = "init"

    def args(self):
        return ["init", "--time-zone", "Asia/Seoul"]

    def holds(self, gyeol):
        expect("members of an empty store", gyeol.members("everyone"), [])

    def is_sane(self, gyeol):
        pass

    def redo(self, gyeol):
        done = gyeol.run(*self.args())
        if done.returncode != 0:  # it may have come so far that it is there already
            gyeol.check()


class Batch:
    """Importing a file of events: the calls of customers, or lines of orders."""

    def __init__(self, folder, number, n_customers, as_lines):
        self.number = number
        self.name = f"import of {'order lines' if as_lines else 'calls'}, batch {number}"
        self.event = '"Order Completed/products"' if as_lines else '"Order Completed"'
        self.amount = "price" if as_lines else "revenue"
        self.as_lines = as_lines
        rng = random.Random(number * 7919 + 17)
        self.of = {f"c{i:05d}": rng.randint(1, 4) for i in range(n_customers)}
        rows = [(customer, step, of) for customer, of in self.of.items() for step in range(of)]
        rng.shuffle(rows)
        self.file = pathlib.Path(folder, f"batch-{number}.{'csv' if as_lines else 'jsonl'}")
        self.file.write_text(self._lines(rows) if as_lines else self._calls(rows), encoding="utf-8")

    def _calls(self, rows):
        return "".join(json.dumps({
            "type": "track", "event": "Order Completed", "userId": customer,
            "messageId": f"b{self.number}-{customer}-{step}", "timestamp": _time(self.number, i) + "Z",
            "properties": {"batch": self.number, "step": step, "of": of, "revenue": 2 ** step,
                           "note": f"{customer} bought {step} times before"},
        }) + "\n" for i, (customer, step, of) in enumerate(rows))

    def _lines(self, rows):
        text = ["order_id,customer_id,time,product_id,quantity,price,batch,step,of\n"]
        for i, (customer, step, of) in enumerate(rows):
            order = f"o{self.number}-{customer}-{step // 2}"
            text.append(f"{order},{customer},{_time(self.number, i)},p{step},1,{2 ** step},{self.number},{step},{of}\n")
        return "".join(text)

    def args(self):
        return ["import", *(["--as", "order-lines"] if self.as_lines else []), self.file]

    def _all_of(self, of):
        those = f"where batch = {self.number} and of = {of}"
        return (f"(count({self.event} {those}) = {of} and count({self.event} where batch = {self.number}) = {of}"
                f" and sum({self.event}.{self.amount} {those}) = {2 ** of - 1})")

    def question(self):
        """Who has all of it, once? And who should have."""
        return " or ".join(self._all_of(of) for of in range(1, 5))

    def answer(self):
        return sorted(self.of)

    def holds(self, gyeol):
        expect(f"customers with all of batch {self.number}, once", gyeol.members(self.question()), self.answer())

    def is_sane(self, gyeol):
        twice = " or ".join(f"count({self.event} where batch = {self.number} and step = {step}) > 1" for step in range(4))
        expect(f"customers with an event of batch {self.number} twice",
               gyeol.members(twice, "--allow-unknown"), [])

    def redo(self, gyeol):
        gyeol.must(*self.args())


class UploadedList:
    """Adding a list of ids: a list is there whole or not at all."""

    def __init__(self, folder, number, batch):
        self.list = f"list_{number}"
        self.name = f"upload of {self.list}"
        self.ids = sorted(random.Random(number).sample(sorted(batch.of), len(batch.of) // 3))
        self.file = pathlib.Path(folder, f"{self.list}.txt")
        self.file.write_text("".join(f"{i}\n" for i in self.ids), encoding="utf-8")

    def args(self):
        return ["list", "add", self.list, self.file]

    def holds(self, gyeol):
        expect(f"list {self.list}", gyeol.members(f"in list({self.list})"), self.ids)

    def is_sane(self, gyeol):
        _whole_or_unknown(self, gyeol, f"in list({self.list})")

    def redo(self, gyeol):
        gyeol.must(*self.args())


class Segment:
    """Defining a segment: it is there whole or not at all."""

    def __init__(self, number, batch):
        self.segment = f"segment_{number}"
        self.name = f"definition of {self.segment}"
        self.least = 1 + number % 4
        self.expr = f"count({batch.event} where batch = {batch.number}) >= {self.least}"
        self.ids = sorted(customer for customer, of in batch.of.items() if of >= self.least)

    def args(self):
        return ["segment", "add", self.segment, self.expr]

    def question(self):
        return f"in segment({self.segment})"

    def answer(self):
        return self.ids

    def holds(self, gyeol):
        expect(f"segment {self.segment}", gyeol.members(self.question()), self.answer())

    def is_sane(self, gyeol):
        _whole_or_unknown(self, gyeol, self.question())

    def redo(self, gyeol):
        done = gyeol.run(*self.args())
        if done.returncode != 0:  # it may be there already
            self.holds(gyeol)


def _whole_or_unknown(deed, gyeol, expr):
    done = gyeol.run("members", "--as-of", AS_OF, expr)
    if done.returncode == 0:
        expect(deed.name, done.stdout.split(), deed.ids)
    elif done.returncode != 2:
        raise Failure(f"gyeol members '{expr}': status {done.returncode}: {done.stderr.strip()}")


def _time(number, i):
    """The time of the i-th row of a batch, without a zone."""
    return (FIRST_TIME + datetime.timedelta(minutes=number * 1000 + i)).isoformat()
