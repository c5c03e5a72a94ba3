#!/usr/bin/env python3
"""test_serve_access.py PROGRAM - the commands of access, what is left of secrets on the disk, and where the server listens."""
import http.client
import json
import os
import pathlib
import re
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import unittest
import warnings

from access_case import Case

Case.program = str(pathlib.Path(sys.argv.pop(1)).resolve())


class Commands(Case):
    def test_tokens(self):
        self.gyeol("init")
        secret = self.gyeol("token", "add", "dashboard")
        self.assertRegex(secret, r"\Agyt_[A-Za-z0-9]{32}\Z")
        other = json.loads(self.gyeol("--json", "token", "add", "export", "--role", "editor"))
        self.assertEqual(other["name"], "export")
        self.assertNotEqual(other["token"], secret)
        self.gyeol("token", "add", "dashboard", status=2)
        self.gyeol("token", "add", "x", "--role", "king", status=2)
        self.gyeol("token", "add", "x", "--personal", "maybe", status=2)
        self.gyeol("token", "add", "sees", "--personal", "yes")
        listed = json.loads(self.gyeol("--json", "token", "list"))
        self.assertEqual([(t["name"], t["role"], t["personal"]) for t in listed],
                         [("dashboard", "analyst", False), ("export", "editor", True), ("sees", "analyst", True)])
        self.assertNotIn(secret.encode(), self.all_bytes())
        self.assertNotIn(other["token"].encode(), self.all_bytes())
        self.gyeol("token", "remove", "dashboard")
        self.gyeol("token", "remove", "dashboard", status=2)
        self.assertEqual(len(json.loads(self.gyeol("--json", "token", "list"))), 2)

    def test_users(self):
        self.gyeol("init")
        link = self.gyeol("user", "add", "kim@example.com", "--role", "owner")
        self.assertRegex(link, r"\Ahttp://127\.0\.0\.1:8700/setup#gyi_[A-Za-z0-9]{32}\Z")
        self.assertNotIn(link.split("#")[1].encode(), self.all_bytes())
        self.gyeol("user", "add", "KIM@example.com", status=2)
        self.gyeol("user", "add", "lee")
        self.gyeol("user", "role", "lee", "editor")
        self.gyeol("user", "role", "nobody", "editor", status=2)
        again = self.gyeol("user", "reset", "Kim@Example.com")
        self.assertNotEqual(again, link)
        listed = json.loads(self.gyeol("--json", "user", "list"))
        self.assertEqual([(u["name"], u["role"], u["invited"]) for u in listed],
                         [("kim@example.com", "owner", True), ("lee", "editor", True)])
        self.assertIn("lee", self.gyeol("user", "list"))
        self.gyeol("user", "remove", "lee")
        self.gyeol("user", "remove", "lee", status=2)
        self.gyeol("check")

    def test_every_change_is_in_the_trail(self):
        self.gyeol("init")
        orders = self.folder / "orders.csv"
        orders.write_text("order_id,customer_id,time,revenue\n1,c-secret,2025-01-01,10\n")
        names = self.folder / "vip.txt"
        names.write_text("c-secret\n")
        self.gyeol("import", str(orders), "--as", "orders")
        self.gyeol("segment", "add", "loyal", 'count("Order Completed") >= 1', "--reason", "for mailing")
        self.gyeol("segment", "add", "loyal", "nonsense(", status=2)
        self.gyeol("metric", "add", "spend", 'sum("Order Completed".revenue)')
        self.gyeol("list", "add", "vip", str(names))
        self.gyeol("segment", "refresh", "loyal")
        self.gyeol("key", "add", "web")
        self.gyeol("token", "add", "dashboard")
        self.gyeol("user", "add", "kim")
        self.gyeol("schema", "set", "Order Completed.order_id", "number")
        self.gyeol("segment", "remove", "loyal")
        self.gyeol("key", "remove", "web")
        self.gyeol("count", 'did("Order Completed")')  # reads only
        trail = json.loads(self.gyeol("--json", "audit"))
        self.assertEqual([(e["action"], e["object"]) for e in reversed(trail)],
                         [("import", str(orders)), ("segment add", "loyal"), ("metric add", "spend"), ("list add", "vip"),
                          ("segment refresh", "loyal"), ("key add", "web"), ("token add", "dashboard"), ("user add", "kim"),
                          ("schema set", "Order Completed.order_id"), ("segment remove", "loyal"), ("key remove", "web")])
        self.assertEqual({e["who"] for e in trail}, {"tester"})
        self.assertEqual(trail[-2]["detail"], "for mailing")
        self.assertTrue(all(re.match(r"\d{4}-\d\d-\d\dT", e["at"]) for e in trail))
        self.assertNotIn("c-secret", json.dumps(trail))
        self.assertEqual(len(json.loads(self.gyeol("--json", "audit", "--limit", "2"))), 2)
        self.assertIn("list add", self.gyeol("audit"))
        with sqlite3.connect(self.data / "gyeol.db") as db, self.assertRaisesRegex(sqlite3.Error, "only added to"):
            db.execute("DELETE FROM audit")
        db.close()

    def test_personal_fields(self):
        self.gyeol("init")
        calls = self.folder / "calls.jsonl"
        calls.write_text(json.dumps({"type": "identify", "userId": "a", "traits": {"email": "a@b.c", "region": "x", "card": "1"},
                                     "timestamp": "2025-01-01T00:00:00Z"}) + "\n"
                         + json.dumps({"type": "track", "userId": "a", "event": "Visit", "messageId": "1",
                                       "properties": {"name": "Home", "phone": "1"}, "timestamp": "2025-01-01T00:00:00Z"}))
        self.gyeol("import", str(calls))

        def personal():
            schema = json.loads(self.gyeol("--json", "schema"))
            return [t["name"] for t in schema["traits"] if t["personal"]], schema["events"][0]["personal"]

        self.assertEqual(personal(), (["email"], ["phone"]))
        self.gyeol("schema", "set", "trait.card", "--personal", "yes")
        self.gyeol("schema", "set", "trait.email", "string", "--personal", "no")
        self.gyeol("schema", "set", "Visit.phone", "--personal", "no")
        self.assertEqual(personal(), (["card"], []))
        self.gyeol("schema", "set", "trait.card", status=2)
        self.gyeol("schema", "set", "trait.card", "--personal", "perhaps", status=2)
        self.gyeol("schema", "set", "trait.none", "--personal", "no", status=2)

    def test_the_directory_is_its_owners_alone(self):
        """Another user of the machine cannot even enter it, whatever the umask is."""
        before = os.umask(0)
        try:
            server = self.serve()
            server.end()
            self.gyeol("token", "add", "dashboard")
        finally:
            os.umask(before)
        self.assertEqual(stat.S_IMODE(self.data.stat().st_mode), 0o700)
        self.assertEqual(stat.S_IMODE((self.data / "gyeol.db").stat().st_mode), 0o600)
        if os.geteuid() == 0:
            self.folder.chmod(0o755)
            done = subprocess.run(["cat", str(self.data / "gyeol.db")], capture_output=True, user=65534, group=65534,
                                  extra_groups=[], timeout=60)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(b"Permission denied", done.stderr)


class Listening(Case):
    def certificate(self, name="localhost"):
        """A certificate of our own making, and its key."""
        cert, key = self.folder / f"{name}.cert.pem", self.folder / f"{name}.key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", cert, "-days", "2", "-subj", f"/CN={name}",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True, timeout=60)
        return str(cert), str(key)

    def test_other_machines_only_with_tls_or_a_proxy(self):
        self.gyeol("init")
        for listen in "0.0.0.0:0", "[::]:0":
            done = self.run_gyeol("serve", "--listen", listen)
            self.assertEqual(done.returncode, 2)
            self.assertIn("open to other machines", done.stderr)
            self.assertIn("--tls-cert", done.stderr)
        for options in (("--tls-cert", "none.pem"), ("--tls-key", "none.pem"), ("--behind-proxy", "the-proxy"),
                        ("--url", "crm.example.com")):
            self.assertEqual(self.run_gyeol("serve", "--listen", "127.0.0.1:0", *options).returncode, 2, options)
        cert, key = self.certificate()
        other_cert, _ = self.certificate("other")
        self.assertEqual(self.run_gyeol("serve", "--listen", "127.0.0.1:0", "--tls-cert", other_cert, "--tls-key", key).returncode, 1)
        self.serve("--tls-cert", cert, "--tls-key", key, listen="0.0.0.0:0").end()
        self.serve("--behind-proxy", "10.1.2.3", listen="0.0.0.0:0").end()

    def test_tls(self):
        self.gyeol("init")
        cert, key = self.certificate()
        write_key = self.gyeol("key", "add", "web")
        server = self.serve("--tls-cert", cert, "--tls-key", key)
        self.assertTrue(server.link().startswith(f"https://127.0.0.1:{server.port}/setup#gyi_"))
        trusting = ssl.create_default_context(cafile=cert)

        def ask(context):
            connection = http.client.HTTPSConnection(server.host, server.port, context=context, timeout=30)
            try:
                connection.request("POST", f"/v1/track?writeKey={write_key}", json.dumps({"userId": "a", "event": "Visit"}))
                answer = connection.getresponse()
                answer.read()
                return answer, connection.sock.version() if connection.sock else None
            finally:
                connection.close()

        answer, _ = ask(trusting)
        self.assertEqual(answer.status, 200)
        self.assertIn("max-age=", answer.headers["Strict-Transport-Security"])
        with self.assertRaises(ssl.SSLCertVerificationError):
            ask(ssl.create_default_context())
        for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
            only = ssl.create_default_context(cafile=cert)
            only.minimum_version = only.maximum_version = version
            self.assertEqual(ask(only)[0].status, 200)
        old = ssl.create_default_context(cafile=cert)
        old.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # which is what it is about
            old.minimum_version = ssl.TLSVersion.TLSv1
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            ask(old)
        plain = http.client.HTTPConnection(server.host, server.port, timeout=30)
        self.addCleanup(plain.close)
        with self.assertRaises((http.client.HTTPException, ConnectionError)):
            plain.request("GET", "/healthz")
            plain.getresponse()
        self.assertEqual(server.end(), 0)
        self.assertEqual(self.gyeol("count", 'count("Visit") = 3'), "1")

    def test_a_proxy(self):
        """Whoever is on this machine is believed; others may only connect if they are the proxy."""
        self.gyeol("init")
        write_key = self.gyeol("key", "add", "web")
        server = self.serve("--behind-proxy", "10.1.2.3", "--url", "https://crm.example.com/")
        self.assertTrue(server.link().startswith("https://crm.example.com/setup#gyi_"))
        for forwarded, protocol in (("https", "https"), ("http", "http"), (None, "http")):
            connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
            connection.request("GET", f"/v1/projects/{write_key}/settings",
                               headers={"X-Forwarded-Proto": forwarded} if forwarded else {})
            settings = json.loads(connection.getresponse().read())
            connection.close()
            self.assertEqual(settings["integrations"]["Segment.io"]["protocol"], protocol)
        server.end()
        link = self.gyeol("user", "add", "kim")
        self.assertTrue(link.startswith("https://crm.example.com/setup#gyi_"))

    def test_only_the_proxy_may_connect(self):
        """Where this machine has an address beside loopback, whoever connects by it comes from there."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # which sends nothing
            except OSError:
                self.skipTest("this machine has no other address")
            address = probe.getsockname()[0]
        self.gyeol("init")

        def health(server):
            connection = http.client.HTTPConnection(address, server.port, timeout=30)
            try:
                connection.request("GET", "/healthz")
                return connection.getresponse().status
            except (ConnectionError, http.client.HTTPException):
                return None
            finally:
                connection.close()

        server = self.serve("--behind-proxy", "192.0.2.7", listen="0.0.0.0:0")
        self.assertIsNone(health(server))
        server.end()
        server = self.serve("--behind-proxy", f"192.0.2.7,{address}/32", listen="0.0.0.0:0")
        self.assertEqual(health(server), 200)

    def test_every_answer_is_guarded(self):
        server = self.serve()
        for method, path in (("GET", "/healthz"), ("GET", "/nothing"), ("PUT", "/healthz"), ("POST", "/v1/track")):
            connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
            connection.request(method, path, body="{}" if method == "POST" else None)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff", path)
            self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer", path)
            self.assertIn("frame-ancestors 'none'", answer.headers["Content-Security-Policy"])
            self.assertIsNone(answer.headers["Strict-Transport-Security"])

    def test_the_page_behind_links(self):
        """It loads its own script and style and nothing else, and has none inside."""
        server = self.serve()
        for path, kind in (("/setup", "text/html"), ("/setup.css", "text/css"), ("/setup.js", "text/javascript")):
            connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read().decode()
            connection.close()
            self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, f"{kind}; charset=utf-8"))
            if path == "/setup":
                policy = answer.headers["Content-Security-Policy"]
                self.assertTrue(policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"))
                self.assertNotIn("unsafe", policy)
                self.assertEqual(re.findall(r"(?:src|href)=\"(.*?)\"", text), ["/setup.css", "/setup.js"])
                self.assertEqual(re.findall(r"<script.*?>(.*?)</script>", text), [""])


if __name__ == "__main__":
    unittest.main(verbosity=2)
