#!/usr/bin/env python3
"""live.py PROGRAM [--rate N] [--seconds N] [--segments N] - from an event that is sent to the webhook that tells of it.

Starts a server on a new data directory with live segments, sends events at a steady rate in batches of 100, and takes
what the webhook tells. Each event is judged here too, so that it is known who enters what by which event: nothing may be
missing, nothing may be told that did not happen. Says the time from the moment the event's batch began to be sent to
the moment the webhook's request had come, and what the server used.
"""
import argparse
import asyncio
import base64
import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

KINDS = 10
BATCH = 100
FORMS = ('did("{e}" where n >= {t} last 7 days)', 'max("{e}".n last 7 days) >= {t}',
         'count("{e}" where n >= {t} last 7 days) >= 1', 'not (max("{e}".n) < {t}) and count("{e}" where n >= {t}) > 0')


class Receiver(asyncio.Protocol):
    """HTTP, as far as one sender needs it."""
    told = {}
    twice = 0

    def connection_made(self, transport):
        self.transport, self.bytes = transport, b""

    def data_received(self, data):
        self.bytes += data
        while (end := self.bytes.find(b"\r\n\r\n")) >= 0:
            head = self.bytes[:end].lower()
            at = head.index(b"content-length:") + 15
            size = int(head[at:].split(b"\r\n", 1)[0])
            if len(self.bytes) < end + 4 + size:
                return
            body = json.loads(self.bytes[end + 4:end + 4 + size])
            self.bytes = self.bytes[end + 4 + size:]
            key = body["customer"]["id"], body["segment"], body["change"]
            Receiver.twice += key in Receiver.told
            Receiver.told.setdefault(key, time.monotonic())
            self.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def receive(port):
    async def serve():
        server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0)
        port.append(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()
    asyncio.run(serve())


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rate", type=int, default=5000)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--segments", type=int, default=50)
    parser.add_argument("--customers", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    o = parser.parse_args()
    program = str(pathlib.Path(o.program).resolve())
    chance = random.Random(o.seed)
    port = []
    threading.Thread(target=receive, args=(port,), daemon=True).start()
    while not port:
        time.sleep(0.01)
    with tempfile.TemporaryDirectory() as folder:
        data = str(pathlib.Path(folder, "data"))

        def gyeol(*args):
            return subprocess.run([program, "--data", data, *args], check=True, capture_output=True, text=True).stdout

        gyeol("init")
        key = gyeol("key", "add", "bench").strip()
        segments = []
        for i in range(o.segments):
            kind, bound = i % KINDS, 985 + i // KINDS * 3
            segments.append((kind, bound, f"s{i}"))
            gyeol("segment", "add", f"s{i}", FORMS[i % len(FORMS)].format(e=f"Event {kind}", t=bound), "--allow-unknown", "--refresh", "live")
        gyeol("webhook", "add", "bench", f"http://127.0.0.1:{port[0]}/")
        with open(pathlib.Path(folder, "log"), "w+", encoding="utf-8") as log:
            server = subprocess.Popen([program, "--data", data, "serve", "--listen", "127.0.0.1:0"], stderr=log)
            try:
                bench(o, chance, segments, key, server, log)
            finally:
                server.terminate()
                server.wait(60)


def address_of(log):
    while True:
        log.seek(0)
        for line in log.read().splitlines():
            if '"listening"' in line:
                return json.loads(line)["address"]
        time.sleep(0.05)


def bench(o, chance, segments, key, server, log):
    connection = http.client.HTTPConnection(address_of(log), timeout=60)
    headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
    due, late = {}, 0.0
    time.sleep(2)
    begin = time.monotonic()
    n = 0
    while n < o.rate * o.seconds:
        batch, entries = [], []
        for _ in range(BATCH):
            customer, kind, value = f"c{chance.randrange(o.customers)}", chance.randrange(KINDS), chance.randrange(1000)
            batch.append({"type": "track", "userId": customer, "event": f"Event {kind}", "properties": {"n": value}})
            entries += [(customer, name, "entered") for k, bound, name in segments if k == kind and value >= bound]
        body = json.dumps({"batch": batch})
        wait = begin + n / o.rate - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        late = max(late, -wait)
        sent = time.monotonic()
        for entry in entries:
            due.setdefault(entry, sent)
        connection.request("POST", "/v1/batch", body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            sys.exit(f"the server answered {answer.status}")
        n += BATCH
    took = time.monotonic() - begin
    until = time.monotonic() + 30
    while len(Receiver.told) < len(due) and time.monotonic() < until:
        time.sleep(0.05)
    times = sorted(Receiver.told[entry] - at for entry, at in due.items() if entry in Receiver.told)
    print(f"{n / took:,.0f} events/s for {took:.0f} s ({n:,}), {o.segments} live segments; at most {late * 1000:.0f} ms behind schedule")
    print(f"{len(times):,} changes told; missing {len(due) - len(times)}, not due {len(Receiver.told.keys() - due.keys())}, twice {Receiver.twice}")
    print("event in -> webhook out: " + ", ".join(f"{name} {percentile(times, share) * 1000:.0f} ms" for name, share in
                                                 (("median", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0))))
    print(f"server: {cpu_seconds(server.pid):.1f} s of processor time")


if __name__ == "__main__":
    main()
