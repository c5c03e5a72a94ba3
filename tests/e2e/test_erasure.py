#!/usr/bin/env python3
"""test_erasure.py PROGRAM - who is erased is nowhere: in no answer at once, on no disk in the end, and does not come back."""
import base64
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "GYEOL_DATA"}
AS_OF = "2025-06-01T00:00:00Z"
N = 40  # customers



def name(i):
    """Letters, since of texts that differ in their digits the pattern is stored once, and no hexadecimal ones."""
    return f"cust-{'ghijklmnop'[i // 10]}{'ghijklmnop'[i % 10]}"


# All that the seventh is known by. The alias makes two ids one customer, and two devices are theirs.
SEVEN = name(7)
IDS = [SEVEN, f"old-{SEVEN}", f"phone-of-{SEVEN}", f"tablet-of-{SEVEN}"]
TEXTS = [f"{SEVEN}@mail.example", f"only {SEVEN} ever wrote this", f"a note that {SEVEN} alone has", f"tag-of-{SEVEN}",
         f"misfit-of-{SEVEN}", f"Event/{SEVEN}-only/text"]
SHARED = "many people write this"


def at(day, hour=0):
    return f"2025-01-{day:02d}T{hour:02d}:00:00Z"


def calls_of(i):
    """The calls of customer i. The seventh has what the others have, and more."""
    user = name(i)
    calls = [
        {"type": "track", "anonymousId": f"phone-of-{user}", "event": "Visit", "timestamp": at(1), "messageId": f"{user}-1",
         "properties": {"page": "/"}},
        {"type": "identify", "userId": user, "anonymousId": f"phone-of-{user}", "timestamp": at(2), "messageId": f"{user}-2",
         "traits": {"email": f"{user}@mail.example", "tags": ["all", f"tag-of-{user}"], "age": 20 + i}},
        {"type": "track", "userId": user, "event": "Review", "timestamp": at(3), "messageId": f"{user}-3",
         "properties": {"text": SHARED, "stars": i % 5 + 1, "note": f"a note that {user} alone has"}},
        {"type": "track", "userId": user, "event": "Review", "timestamp": at(4), "messageId": f"{user}-4",
         "properties": {"text": f"only {user} ever wrote this", "stars": f"misfit-of-{user}" if i else 5}},
        {"type": "track", "userId": f"old-{user}", "anonymousId": f"tablet-of-{user}", "event": "Order Completed",
         "timestamp": at(5), "messageId": f"{user}-5",
         "properties": {"revenue": 10 + i, "products": [{"sku": f"Event/{user}-only/text", "price": 10 + i}]}},
        {"type": "alias", "previousId": f"old-{user}", "userId": user, "timestamp": at(6), "messageId": f"{user}-6"},
    ]
    return calls


def write_calls(path, customers):
    # Event by event, so that customers stand among one another.
    rows = [call for step in range(6) for i in customers for call in calls_of(i)[step:step + 1]]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


class Erasing(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"

    def run_gyeol(self, *args, data=None):
        return subprocess.run([PROGRAM, "--data", str(data or self.data), *map(str, args)], capture_output=True, text=True,
                              timeout=120, env=ENVIRONMENT)

    def gyeol(self, *args, status=0, data=None):
        done = self.run_gyeol(*args, data=data)
        self.assertEqual(done.returncode, status, f"{args}: {done.stderr}")
        return done.stdout

    def fill(self, data, customers):
        """A store of several parts, with lists, recorded members and changes."""
        customers = list(customers)
        self.gyeol("init", data=data)
        for number, some in enumerate((customers[::2], customers[1::2])):
            self.gyeol("import", write_calls(self.folder / f"calls-{number}-{len(customers)}.jsonl", some), data=data)
        ids = self.folder / "ids.txt"
        ids.write_text("".join(f"{name(i)}\n" for i in customers), encoding="utf-8")
        self.gyeol("list", "add", "all", ids, data=data)
        self.gyeol("segment", "add", "reviewers", 'count("Review") >= 2', data=data)
        self.gyeol("segment", "refresh", "reviewers", "--as-of", AS_OF, data=data)
        history = self.folder / "history.jsonl"
        history.write_text("".join(json.dumps({"segment": "reviewers", "id": f"{name(i)}", "change": "entered", "at": at(9)}) + "\n"
                                   for i in customers), encoding="utf-8")
        self.gyeol("segment", "history", "import", history, data=data)

    def answers(self, data):
        """What the program says of the store, in the forms in which it can say it."""
        def ask(*args):
            return self.gyeol(*args, "--as-of", AS_OF, data=data)
        return {
            "members": ask("members", "--format", "jsonl", "--columns",
                           'trait.email,trait.age,count("Review"),sum("Order Completed".revenue),'
                           'percentile(sum("Order Completed".revenue))', "everyone"),
            "list": ask("members", "in list(all)"),
            "entered": ask("members", "entered segment(reviewers last 1 year)"),
            "identified": ask("count", "identified"),
            "items": ask("count", 'did("Order Completed/products" where price >= 17)'),
            "text": ask("members", f'did("Review" where text = "{SHARED}")'),
            "summary": ask("report", "summary", "--json"),
            "waterfall": ask("waterfall", "--json", 'count("Review") >= 2 and trait.age > 22'),
            "segments": ask("segment", "list", "--json").replace(str(data), ""),
        }

    def find(self, words, data=None):
        """The words that stand in any file, as grep sees it."""
        found = []
        for word in words:
            done = subprocess.run(["grep", "-raF", "-l", "-e", word, str(data or self.data)], capture_output=True, text=True,
                                  env={**ENVIRONMENT, "LC_ALL": "C"})
            self.assertIn(done.returncode, (0, 1), done.stderr)
            found += [(word, done.stdout.split())] if done.returncode == 0 else []
        return found

    def expect_gone(self, data=None):
        self.assertEqual(self.find(IDS + TEXTS, data), [])

    def test_by_file(self):
        self.fill(self.data, range(N))
        self.assertEqual(len(self.find(IDS + TEXTS)), len(IDS + TEXTS), "the search finds nothing in the first place")
        without = self.folder / "without"
        self.fill(without, [i for i in range(N) if i != 7])
        wanted = self.answers(without)
        refreshed = {data: json.loads(self.gyeol("segment", "list", "--json", data=data)) for data in (self.data, without)}

        # At once, before anything is written anew. The old id is the customer's as well as the new one.
        self.assertEqual(json.loads(self.gyeol("--json", "customer", "erase", f"old-{SEVEN}")),
                         {"ids": 4, "was_erased": False, "done": False})
        masked = self.answers(self.data)
        for question, answer in wanted.items():
            if question != "segments":
                self.assertEqual(masked[question], answer, question)
        for known in IDS:
            self.assertIn("there is no customer", self.run_gyeol("customer", "show", known).stderr)
        self.gyeol("check")

        self.assertIn("erased before", self.run_gyeol("customer", "erase", f"phone-of-{SEVEN}", "--now").stderr)
        self.expect_gone()
        self.assertEqual([word for word, _ in self.find([SHARED, f"{name(6)}@mail.example", f"only {name(8)} ever wrote this"])],
                         [SHARED, f"{name(6)}@mail.example", f"only {name(8)} ever wrote this"])
        for question, answer in self.answers(self.data).items():
            if question != "segments":
                self.assertEqual(answer, wanted[question], question)
        self.gyeol("check")
        self.assertEqual(len(refreshed[self.data]), len(refreshed[without]))

        # The same files again, as calls and as rows of a table; and an alias that would bring the id back.
        for number in (0, 1):
            done = json.loads(self.gyeol("--json", "import", self.folder / f"calls-{number}-{N}.jsonl"))
            reasons = {reason["reason"]: reason["count"] for reason in done["rejected"]}
            self.assertEqual(reasons, {"the customer was erased": 6} if number else {}, done)
        table = self.folder / "customers.csv"
        table.write_text(f"customer_id,email\n{SEVEN},{SEVEN}@mail.example\n{name(8)},{name(8)}@mail.example\n", encoding="utf-8")
        self.gyeol("import", table, "--as", "customers")
        alias = self.folder / "alias.jsonl"
        alias.write_text(json.dumps({"type": "alias", "previousId": SEVEN, "userId": name(8), "messageId": "x", "timestamp": at(20)})
                         + "\n" + json.dumps({"type": "alias", "previousId": name(8), "userId": f"old-{SEVEN}", "messageId": "y",
                                              "timestamp": at(20)}) + "\n", encoding="utf-8")
        self.gyeol("import", alias)
        self.gyeol("list", "add", "all", self.folder / "ids.txt")
        self.expect_gone()
        self.assertEqual(self.answers(self.data)["summary"], wanted["summary"])

        # A device of theirs in somebody else's hands is no reason to refuse these calls.
        self.fill_shared()
        self.assertIn("Visit", self.gyeol("customer", "show", "somebody"))
        self.expect_gone()
        self.gyeol("check")

    def fill_shared(self):
        path = self.folder / "shared.jsonl"
        path.write_text(json.dumps({"type": "track", "userId": "somebody", "anonymousId": f"phone-of-{SEVEN}", "event": "Visit",
                                    "timestamp": at(21), "messageId": "z"}) + "\n", encoding="utf-8")
        self.gyeol("import", path)

    def test_forgetting(self):
        self.fill(self.data, range(10))
        self.gyeol("customer", "erase", SEVEN, "--now")
        self.assertIn("no customer", self.run_gyeol("customer", "erase", name(8), "--forget").stderr)
        for known in IDS:
            self.gyeol("customer", "erase", known, "--forget")
        before = self.gyeol("count", "--as-of", AS_OF, "everyone")
        self.gyeol("import", self.folder / "calls-1-10.jsonl")
        self.assertEqual(int(self.gyeol("count", "--as-of", AS_OF, "everyone")), int(before) + 1)
        shown = json.loads(self.gyeol("--json", "customer", "show", SEVEN, "--as-of", AS_OF))
        self.assertEqual((shown["n_events"], sorted(shown["other_ids"])), (4, sorted(IDS[1:])))
        self.gyeol("check")
        self.gyeol("customer", "erase", SEVEN, "--now")
        self.expect_gone()

    def test_nobody(self):
        self.fill(self.data, range(3))
        self.assertIn("there is no customer", self.run_gyeol("customer", "erase", SEVEN).stderr)
        self.gyeol("customer", "erase", status=2)
        self.gyeol("customer", "erase", "--now")
        self.gyeol("check")

    def test_everybody(self):
        self.fill(self.data, range(6, 9))
        for i in (6, 7, 8):
            self.gyeol("customer", "erase", f"{name(i)}")
        self.gyeol("customer", "erase", "--now")
        self.assertEqual(self.gyeol("count", "--as-of", AS_OF, "everyone").strip(), "0")
        self.expect_gone()
        self.assertEqual(self.find([SHARED, "mail.example"]), [])
        self.gyeol("check")

    def test_a_restored_backup(self):
        self.fill(self.data, range(N))
        backup = self.folder / "restored"
        shutil.copytree(self.data, backup)
        self.gyeol("customer", "erase", SEVEN, "--now")
        shutil.copy(self.data / "erasures", backup / "erasures")
        self.assertEqual(self.find(IDS, self.folder / "data"), [])
        self.gyeol("customer", "erase", "--now", data=backup)
        self.expect_gone(backup)
        self.assertEqual(self.answers(backup)["members"], self.answers(self.data)["members"])
        self.gyeol("check", data=backup)
        # What the backup did not know yet is refused there too.
        late = self.folder / "late"
        self.gyeol("init", data=late)
        (late / "erasures").write_text("0123456789abcdef" * 2 + "\n", encoding="ascii")
        self.gyeol("customer", "erase", "--now", data=late)
        (late / "erasures").write_text("no hash\n", encoding="ascii")
        self.assertIn("damaged", self.run_gyeol("list", "remove", "x", data=late).stderr)

    def test_ledgers_one_behind_the_other(self):
        """In any order, with lines that are there twice; it is written anew in its own."""
        self.fill(self.data, range(10))
        backup = self.folder / "restored"
        shutil.copytree(self.data, backup)
        self.gyeol("customer", "erase", SEVEN, "--now")
        known = (self.data / "erasures").read_text(encoding="ascii").splitlines()
        others = [f"{number:032x}" for number in range(20)]
        (backup / "erasures").write_text("".join(f"{line}\n" for line in known + others + others), encoding="ascii")
        self.gyeol("customer", "erase", "--now", data=backup)
        self.expect_gone(backup)
        self.assertEqual((backup / "erasures").read_text(encoding="ascii").splitlines(), sorted(known + others))
        self.gyeol("check", data=backup)

    def test_killed_at_any_moment(self):
        """SIGKILL while it erases; the next one finishes it."""
        seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000_007))
        rng = random.Random(seed)
        self.fill(self.data, range(N))
        usual = 0.0
        n_killed = n_masked = 0
        for number in range(24):
            data = self.folder / f"copy-{number}"
            shutil.copytree(self.data, data)
            began = time.monotonic()
            process = subprocess.Popen([PROGRAM, "--data", str(data), "customer", "erase", SEVEN, "--now"], env=ENVIRONMENT,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if number > 0:
                try:
                    process.wait(rng.uniform(0, 1.1) * usual)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
            n_killed += process.wait(60) == -signal.SIGKILL
            usual = usual or time.monotonic() - began
            with self.subTest(number=number, seed=seed):
                self.gyeol("check", data=data)
                is_there = self.run_gyeol("customer", "show", SEVEN, data=data).returncode == 0
                n_masked += not is_there and process.returncode != 0
                self.gyeol("customer", "erase", *([SEVEN] if is_there else []), "--now", data=data)
                self.expect_gone(data)
                self.gyeol("check", data=data)
                self.assertEqual(self.gyeol("count", "--as-of", AS_OF, "everyone", data=data).strip(), str(N - 1))
            shutil.rmtree(data)
        self.assertGreater(n_killed, 5, f"SEED={seed}")
        self.assertGreater(n_masked, 0, f"SEED={seed}: none was killed between the two steps")


class Server:
    """`gyeol serve` on a free port, ended by its process id."""

    def __init__(self, data):
        self.log = tempfile.TemporaryFile("w+", encoding="utf-8")
        self.process = subprocess.Popen([PROGRAM, "--data", str(data), "serve", "--listen", "127.0.0.1:0"], stderr=self.log,
                                        stdout=subprocess.DEVNULL, env=ENVIRONMENT)
        until = time.monotonic() + 30
        self.port = None
        while self.port is None and time.monotonic() < until and self.process.poll() is None:
            time.sleep(0.05)
            self.log.seek(0)
            for line in self.log.read().splitlines():
                if json.loads(line)["event"] == "listening":
                    self.port = int(json.loads(line)["address"].rsplit(":", 1)[1])

    def send(self, key, calls):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        authorization = base64.b64encode(f"{key}:".encode()).decode()
        connection.request("POST", "/v1/batch", json.dumps({"batch": calls}), {"Authorization": f"Basic {authorization}"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text)

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.log.close()


class ErasingLive(Erasing):
    """The same beside a server, which does the rest by itself."""

    test_by_file = test_forgetting = test_nobody = test_everybody = test_a_restored_backup = test_killed_at_any_moment = None
    test_ledgers_one_behind_the_other = None

    def test_beside_a_server(self):
        self.gyeol("init")
        key = self.gyeol("key", "add", "web").strip()
        server = Server(self.data)
        self.addCleanup(server.end)
        calls = [call for i in range(N) for call in calls_of(i)]
        bad = [{"type": "track", "userId": SEVEN, "timestamp": at(7)},  # no event
               {"type": "track", "event": "X", "timestamp": at(7), "properties": {"mail": f"{SEVEN}@mail.example"}},  # no customer
               {"type": "track", "userId": name(8), "timestamp": at(7)}]
        status, answer = server.send(key, calls + bad)
        self.assertEqual((status, len(answer["rejected"])), (200, 3), answer)
        self.gyeol("customer", "erase", SEVEN)
        self.assertIn("there is no customer", self.run_gyeol("customer", "show", SEVEN).stderr)
        status, answer = server.send(key, calls_of(7) + calls_of(8) + [
            {"type": "identify", "userId": SEVEN, "traits": {"email": f"{SEVEN}@mail.example"}},
            {"type": "track", "userId": SEVEN},
            {"type": "track", "userId": "somebody", "event": "Visit", "anonymousId": f"phone-of-{SEVEN}", "timestamp": at(8)}])
        reasons = {rejected["index"]: rejected["reason"] for rejected in answer["rejected"]}
        self.assertEqual({index for index, reason in reasons.items() if "erased" in reason}, {0, 1, 2, 3, 4, 5, 12}, answer)
        self.assertEqual(set(reasons), {0, 1, 2, 3, 4, 5, 12, 13}, answer)
        until = time.monotonic() + 90
        while self.find(IDS + TEXTS) and time.monotonic() < until:
            time.sleep(1)
        self.expect_gone()
        self.assertEqual(self.gyeol("count", "--as-of", AS_OF, "everyone").strip(), str(N))
        server.end()
        self.expect_gone()
        self.gyeol("check")


if __name__ == "__main__":
    unittest.main()
