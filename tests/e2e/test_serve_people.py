#!/usr/bin/env python3
"""test_serve_people.py PROGRAM - who may ask the server, who may not, by every way there is."""
import base64
import json
import pathlib
import re
import sys
import time
import unittest

from access_case import PASSWORD, Case, PeopleCase

Case.program = str(pathlib.Path(sys.argv.pop(1)).resolve())


class People(PeopleCase):
    def test_the_first_owner(self):
        link = self.server.link()
        self.assertTrue(link.startswith(f"http://127.0.0.1:{self.server.port}/setup#gyi_"))
        secret = link.split("#")[1]
        nobody = self.browser()
        self.assertEqual(nobody.ask("GET", "/api/me")[0], 401)
        self.assertEqual(nobody.ask("POST", "/api/setup/check", {"link": secret}), (200, {"name": None}))
        self.assertEqual(nobody.ask("POST", "/api/setup/check", {"link": "gyi_none"})[0], 404)
        for wrong in ({"name": "kim", "password": "short"}, {"name": "kim"}, {"password": PASSWORD},
                      {"name": "a\nb", "password": PASSWORD}, {"name": PASSWORD, "password": PASSWORD}):
            self.assertEqual(nobody.ask("POST", "/api/setup", {"link": secret, **wrong})[0], 400, wrong)
        self.restart()  # a new link takes the place of the one before
        again = self.browser()
        self.assertEqual(again.ask("POST", "/api/setup", {"link": secret, "name": "kim", "password": PASSWORD})[0], 404)
        owner = self.owner()
        self.assertEqual(owner.ask("GET", "/api/me")[1]["name"], "kim")
        used = self.server.link().split("#")[1]
        self.assertEqual(again.ask("POST", "/api/setup", {"link": used, "name": "lee", "password": PASSWORD})[0], 404)
        self.restart()  # sessions outlive it, and there is no further link
        owner.server = self.server
        self.assertEqual(owner.ask("GET", "/api/me")[0], 200)
        self.assertFalse([line for line in self.server.lines() if "link" in line])
        on_disk = self.all_bytes()
        for text in (PASSWORD, secret, used, owner.cookie.split("=")[1], owner.csrf):
            self.assertNotIn(text.encode(), on_disk)
        self.assertIn(b"$argon2id$v=19$m=65536,t=2,p=1$", on_disk)

    def test_cookies(self):
        owner = self.owner()
        session = owner.cookie.split("=")[1]
        self.assertEqual(owner.said, f"gyeol={session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800")
        behind_proxy = self.browser(**{"X-Forwarded-Proto": "https"})
        self.assertEqual(behind_proxy.log_in("kim", PASSWORD)[0], 200)
        session = behind_proxy.cookie.split("=")[1]
        self.assertEqual(behind_proxy.said,
                         f"__Host-gyeol={session}; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=604800")
        self.assertEqual(behind_proxy.ask("GET", "/api/me")[0], 200)
        # one that did not come over TLS is not taken there
        self.assertEqual(behind_proxy.ask("GET", "/api/me", headers={"Cookie": owner.cookie})[0], 401)
        self.assertEqual(behind_proxy.ask("POST", "/api/logout")[0], 204)
        self.assertIn("Max-Age=0", behind_proxy.said)

    def test_logging_out(self):
        owner = self.owner()
        other = self.browser()
        self.assertEqual(other.log_in("KIM", PASSWORD)[0], 200)
        old_cookie, old_csrf = other.cookie, other.csrf
        self.assertEqual(other.ask("POST", "/api/logout")[0], 204)
        other.cookie, other.csrf = old_cookie, old_csrf
        self.assertEqual(other.ask("GET", "/api/me")[0], 401)
        self.assertEqual(owner.ask("GET", "/api/me")[0], 200)
        self.restart()
        other.server = owner.server = self.server
        self.assertEqual(other.ask("GET", "/api/me")[0], 401)
        self.assertEqual(owner.ask("GET", "/api/me")[0], 200)

    def test_another_password_ends_other_sessions(self):
        owner = self.owner()
        other = self.browser()
        other.log_in("kim", PASSWORD)
        new = "another horse battery"
        self.assertEqual(owner.ask("POST", "/api/me/password", {"old": "wrong horse battery", "password": new})[0], 403)
        self.assertEqual(owner.ask("POST", "/api/me/password", {"old": PASSWORD, "password": "kim"})[0], 400)
        self.assertEqual(owner.ask("POST", "/api/me/password", {"old": PASSWORD, "password": new})[0], 204)
        self.assertEqual(owner.ask("GET", "/api/me")[0], 200)
        self.assertEqual(other.ask("GET", "/api/me")[0], 401)
        self.assertEqual(other.log_in("kim", PASSWORD)[0], 401)
        self.assertEqual(other.log_in("kim", new)[0], 200)

    def test_wrong_passwords_are_limited(self):
        self.owner()
        browser = self.browser()
        unknown, known = browser.log_in("nobody", PASSWORD), browser.log_in("kim", "wrong horse battery")
        self.assertEqual(unknown, known)
        self.assertEqual(known[0], 401)
        statuses = [browser.log_in("kim", "wrong horse battery")[0] for _ in range(8)]
        self.assertIn(429, statuses)
        self.assertEqual(browser.log_in("Kim", PASSWORD)[0], 429)  # the right one has to wait, too
        self.assertGreaterEqual(int(browser.answer.headers["Retry-After"]), 1)
        time.sleep(int(browser.answer.headers["Retry-After"]) + 0.1)
        self.assertEqual(browser.log_in("kim", PASSWORD)[0], 200)
        failed = [line for line in self.server.lines() if line["event"] == "login failed"]
        self.assertTrue(failed)
        self.assertEqual({line.get("user") for line in failed}, {None, "kim"})
        self.assertNotIn("nobody", json.dumps(failed))  # it may be a password

    def test_other_sites(self):
        owner = self.owner()
        body = {"name": "app"}
        for headers in ({"X-CSRF-Token": None}, {"X-CSRF-Token": "0" * 64}, {"Sec-Fetch-Site": "cross-site"},
                        {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": None, "Origin": "https://evil.example.com"},
                        {"Sec-Fetch-Site": None, "Origin": "null"}):
            self.assertEqual(owner.ask("POST", "/api/keys", body, headers)[0], 403, headers)
        self.assertEqual(owner.ask("GET", "/api/keys")[1], [])
        for path, body in (("/api/login", {"name": "kim", "password": PASSWORD}), ("/api/setup", {"link": "x", "password": PASSWORD})):
            self.assertEqual(self.browser(**{"Sec-Fetch-Site": "cross-site"}).ask("POST", path, body)[0], 403)
        here = {"Sec-Fetch-Site": None, "Origin": f"http://127.0.0.1:{self.server.port}"}
        self.assertEqual(owner.ask("POST", "/api/keys", {"name": "app"}, here)[0], 201)
        connection, answer = owner.send("GET", "/api/keys", headers={"Origin": "https://evil.example.com"})
        answer.read()
        connection.close()
        self.assertIsNone(answer.headers["Access-Control-Allow-Origin"])  # so no other page can read it

    def test_roles(self):
        owner = self.owner()
        lee = self.invite(owner, "lee", role="editor")
        park = self.invite(owner, "park")
        self.assertEqual(park.ask("GET", "/api/me")[1]["role"], "analyst")
        self.assertFalse(park.ask("GET", "/api/me")[1]["personal"])
        self.assertTrue(lee.ask("GET", "/api/me")[1]["personal"])
        for browser in lee, park:
            self.assertEqual(browser.ask("GET", "/api/users")[0], 403)
            self.assertEqual(browser.ask("PATCH", f"/api/users/{browser.id}", {"role": "owner"})[0], 403)
        self.assertEqual(owner.ask("PATCH", f"/api/users/{park.id}", {"personal": True})[0], 204)
        self.assertTrue(park.ask("GET", "/api/me")[1]["personal"])
        self.assertEqual(owner.ask("PATCH", f"/api/users/{park.id}", {"role": "king"})[0], 400)
        users = owner.ask("GET", "/api/users")[1]
        self.assertEqual([(u["name"], u["role"], u["personal"], u["invited"]) for u in users],
                         [("kim", "owner", True, False), ("lee", "editor", True, False), ("park", "analyst", True, False)])
        kim = users[0]["id"]
        self.assertEqual(owner.ask("DELETE", f"/api/users/{kim}")[0], 409)  # the last owner
        self.assertEqual(owner.ask("PATCH", f"/api/users/{kim}", {"role": "editor"})[0], 409)
        self.assertEqual(owner.ask("PATCH", f"/api/users/{lee.id}", {"role": "owner"})[0], 204)
        self.assertEqual(lee.ask("PATCH", f"/api/users/{kim}", {"role": "analyst"})[0], 204)
        self.assertEqual(owner.ask("GET", "/api/users")[0], 403)  # at once
        status, body = lee.ask("POST", f"/api/users/{park.id}/reset")
        self.assertEqual(status, 200)
        self.assertEqual(park.ask("GET", "/api/me")[0], 401)
        self.assertEqual(self.browser().log_in("park", PASSWORD)[0], 401)
        self.assertEqual(self.browser().ask("POST", "/api/setup/check", {"link": body["link"].split("#")[1]})[1], {"name": "park"})
        self.assertEqual(lee.ask("DELETE", f"/api/users/{kim}")[0], 204)
        self.assertEqual(owner.ask("GET", "/api/me")[0], 401)
        for path in "/api/users/999", "/api/users/x", f"/api/users/{kim}":
            self.assertEqual(lee.ask("DELETE", path)[0], 404)
        self.assertEqual(lee.ask("POST", "/api/users", {"name": "PARK"})[0], 409)

    def test_commands_beside_the_server(self):
        """A command borrows the writer, and what it changes holds at once."""
        owner = self.owner()
        link = self.gyeol("user", "add", "lee", "--role", "editor").split("#")[1]
        lee = self.browser()
        self.assertEqual(lee.ask("POST", "/api/setup", {"link": link, "password": PASSWORD})[0], 200)
        self.gyeol("user", "role", "lee", "owner")
        self.assertEqual(lee.ask("GET", "/api/users")[0], 200)
        self.gyeol("user", "remove", "lee")
        self.assertEqual(lee.ask("GET", "/api/me")[0], 401)
        self.gyeol("user", "remove", "kim", status=2)
        link = self.gyeol("user", "reset", "kim").split("#")[1]
        self.assertEqual(owner.ask("GET", "/api/me")[0], 401)
        self.assertEqual(self.browser().ask("POST", "/api/setup", {"link": link, "password": "another horse battery"})[0], 200)

    def test_tokens_and_keys(self):
        owner = self.owner()
        status, made = owner.ask("POST", "/api/tokens", {"name": "결/a b", "role": "editor"})
        self.assertEqual(status, 201)
        program = self.browser(**{"Authorization": f"Bearer {made['token']}", "Sec-Fetch-Site": None})
        self.assertEqual(program.ask("GET", "/api/me"), (200, {"name": "결/a b", "role": "editor", "personal": True}))
        self.assertEqual(program.ask("GET", "/api/tokens")[0], 403)
        self.assertEqual(program.ask("POST", "/api/logout")[0], 400)
        self.assertEqual(owner.ask("POST", "/api/tokens", {"name": "결/a b"})[0], 409)
        self.assertEqual(owner.ask("DELETE", "/api/tokens/%EA%B2%B0%2Fa%20b")[0], 204)
        self.assertEqual(program.ask("GET", "/api/me")[0], 401)
        status, key = owner.ask("POST", "/api/keys", {"name": "web"})
        self.assertEqual(status, 201)
        event = {"userId": "a", "event": "Visit"}
        self.assertEqual(self.browser().ask("POST", f"/v1/track?writeKey={key['key']}", event)[0], 200)
        for header in f"Bearer {key['key']}", "Basic " + base64.b64encode(f"{key['key']}:".encode()).decode():
            self.assertEqual(self.browser(Authorization=header).ask("GET", "/api/me")[0], 401)  # it can write only
        self.assertEqual(self.browser().ask("POST", f"/v1/track?writeKey={made['token']}", event)[0], 401)
        self.assertEqual(owner.ask("DELETE", "/api/keys/web")[0], 204)
        self.assertEqual(owner.ask("DELETE", "/api/keys/web")[0], 404)
        self.assertEqual(self.browser().ask("POST", f"/v1/track?writeKey={key['key']}", event)[0], 401)

    def test_the_trail(self):
        owner = self.owner()
        lee = self.invite(owner, "lee", role="editor")
        owner.ask("PATCH", f"/api/users/{lee.id}", {"role": "analyst", "personal": True})
        owner.ask("POST", "/api/keys", {"name": "web"}, {"X-Forwarded-For": "198.51.100.7"})
        owner.ask("DELETE", "/api/keys/none")
        lee.ask("POST", "/api/logout")
        self.gyeol("key", "remove", "web")
        status, page = owner.ask("GET", "/api/audit")
        self.assertEqual(status, 200)
        self.assertEqual([(e["who"], e["action"], e["object"], e["detail"]) for e in reversed(page["entries"])],
                         [("kim", "user accept", "kim", ""), ("kim", "login", "kim", ""), ("kim", "user add", "lee", "editor"),
                          ("lee", "user accept", "lee", ""), ("lee", "login", "lee", ""),
                          ("kim", "user role", "lee", "editor -> analyst (personal)"), ("kim", "key add", "web", ""),
                          ("lee", "logout", "lee", ""), ("tester", "key remove", "web", "")])
        self.assertEqual([e["address"] for e in page["entries"]][:4], ["", "127.0.0.1", "198.51.100.7", "127.0.0.1"])
        seen, before = [], None
        while True:
            page_of_four = owner.ask("GET", "/api/audit?limit=4" + (f"&before={before}" if before else ""))[1]
            seen += page_of_four["entries"]
            before = page_of_four.get("next")
            if before is None:
                break
        self.assertEqual(seen, page["entries"])
        self.gyeol("check")


class Changes(PeopleCase):
    def test_every_change_over_the_api_is_in_the_trail(self):
        owner = self.owner()
        lee = self.invite(owner, "lee", role="editor")
        n_before = len(owner.ask("GET", "/api/audit?limit=1000")[1]["entries"])
        changes = (("PUT", "/api/segments/big", {"definition": "identified"}, "segment add", "big"),
                   ("PUT", "/api/lists/vip", {"ids": ["c-secret"]}, "list add", "vip"),
                   ("POST", "/api/lists/vip/add", {"ids": ["c2"]}, "list add", "vip"),
                   ("POST", "/api/lists/vip/take", {"ids": ["c2"]}, "list remove", "vip"),
                   ("DELETE", "/api/lists/vip", None, "list remove", "vip"),
                   ("DELETE", "/api/segments/big", None, "segment remove", "big"))
        for method, path, body, _, _ in changes:
            status = lee.ask(method, path, body)[0]
            self.assertIn(status, (200, 201, 204), path)
        for method, path, body in (("PUT", "/api/segments/bad", {"definition": "nonsense("}), ("DELETE", "/api/lists/none", None)):
            self.assertIn(lee.ask(method, path, body)[0], (400, 404))
        trail = owner.ask("GET", "/api/audit?limit=1000")[1]["entries"]
        told = [(e["who"], e["action"], e["object"]) for e in trail[:len(trail) - n_before]]
        self.assertEqual(told[::-1], [("lee", action, name) for *_, action, name in changes])
        self.assertNotIn("c-secret", json.dumps(trail))


class Masking(PeopleCase):
    """Whoever may not see who somebody is sees it nowhere."""
    SECRETS = ("kim@example.com", "010-1234-5678", "Kim Min", "gift@example.com")

    def ask_all(self, browser):
        """What every question that shows values shows, as one text; the status of each is 200."""
        columns = ('trait.email, trait.name, trait.region, metric.contact, last("Visit".phone), first("Visit".page), '
                   'count("Visit"), distinct("Visit".phone)')
        why = 'trait.email contains "example" and did("Visit" where phone starts with "010") and last("Visit".phone) != "1"'
        shown = []
        for method, path, body in (("POST", "/api/members", {"definition": "everyone", "columns": columns}),
                                   ("POST", "/api/export?format=csv", {"definition": "everyone", "columns": columns}),
                                   ("POST", "/api/export?format=jsonl", {"definition": "everyone", "columns": columns}),
                                   ("POST", "/api/why", {"definition": why, "customer": "c1"}),
                                   *self.more):
            connection, answer = browser.send(method, path, body)
            text = answer.read().decode()
            connection.close()
            self.assertEqual(answer.status, 200, (path, text))
            shown.append(text)
        return shown

    def test_personal_fields(self):
        owner = self.owner()
        park = self.invite(owner, "park")
        lee = self.invite(owner, "lee", role="editor")
        key = owner.ask("POST", "/api/keys", {"name": "web"})[1]["key"]
        at = "2025-01-01T00:00:00Z"
        batch = [{"type": "identify", "userId": "c1", "timestamp": at, "messageId": "1",
                  "traits": {"email": "kim@example.com", "name": "Kim Min", "region": "Seoul"}},
                 {"type": "track", "userId": "c1", "event": "Visit", "timestamp": at, "messageId": "2",
                  "properties": {"phone": "010-1234-5678", "page": "home", "recipient_email": "gift@example.com"}}]
        self.assertEqual(self.browser().ask("POST", f"/v1/batch?writeKey={key}", {"batch": batch})[0], 200)
        self.gyeol("metric", "add", "contact", "trait.email")
        self.more = []
        if "/api/customers/{id}" in self.browser().ask("GET", "/api/openapi.json")[1]["paths"]:
            self.more = [("GET", "/api/customers/c1", None)]
        for browser in owner, lee:
            shown = "".join(self.ask_all(browser))
            for secret in self.SECRETS[:3]:
                self.assertIn(secret, shown)
            self.assertNotIn("•••", shown)
        for masked in self.ask_all(park):
            for secret in self.SECRETS:
                self.assertNotIn(secret, masked)
            self.assertIn("•••", masked)
        self.assertIn("c1,•••,•••,Seoul,•••,•••,home,1,1", "".join(self.ask_all(park)))
        self.gyeol("schema", "set", "trait.name", "--personal", "no")
        self.assertIn("c1,•••,Kim Min,Seoul,•••,•••,home,1,1", "".join(self.ask_all(park)))
        owner.ask("PATCH", f"/api/users/{park.id}", {"personal": True})
        shown = "".join(self.ask_all(park))
        self.assertIn("kim@example.com", shown)
        self.assertNotIn("•••", shown)

    def test_why_does_not_tell_what_is_masked(self):
        """Not by when it turns, from which a day of birth could be reckoned, nor by what is missing to a sum."""
        owner = self.owner()
        park = self.invite(owner, "park")
        key = owner.ask("POST", "/api/keys", {"name": "web"})[1]["key"]
        at = "2025-01-01T00:00:00Z"
        batch = [{"type": "identify", "userId": "c1", "timestamp": at, "messageId": "1", "traits": {"birthday": "1999-05-27"}},
                 {"type": "track", "userId": "c1", "event": "Visit", "timestamp": at, "messageId": "2",
                  "properties": {"phone": 1012345678, "depth": 3}}]
        self.assertEqual(self.browser().ask("POST", f"/v1/batch?writeKey={key}", {"batch": batch})[0], 200)
        for definition, word in (("age(trait.birthday) >= 60", '"at"'),
                                 ("sum(Visit.phone) >= 2000000000", '"missing"')):
            body = {"customer": "c1", "definition": definition}
            self.assertIn(word, json.dumps(owner.ask("POST", "/api/why", body)[1]))
            told = park.ask("POST", "/api/why", body)
            self.assertEqual(told[0], 200)
            self.assertNotIn(word, json.dumps(told[1]))
        self.assertIn('"missing"', json.dumps(park.ask("POST", "/api/why", {"customer": "c1", "definition": "sum(Visit.depth) >= 5"})[1]))

    def test_visits_of_personal_pages(self):
        """What is derived of a personal text is as personal."""
        owner = self.owner()
        park = self.invite(owner, "park")
        key = owner.ask("POST", "/api/keys", {"name": "web"})[1]["key"]
        page = {"type": "page", "userId": "c1", "timestamp": "2025-01-01T00:00:00Z", "messageId": "1",
                "properties": {"url": "https://shop.example/kim", "path": "/kim"}}
        self.assertEqual(self.browser().ask("POST", f"/v1/batch?writeKey={key}", {"batch": [page]})[0], 200)
        body = {"definition": "everyone", "columns": "last(Visit.landing_path), last(Visit.source), sum(Visit.pages)"}
        for personal, expected in ("no", "c1,/kim,(direct),1"), ("yes", "c1,•••,•••,1"):
            self.gyeol("schema", "set", '"Page Viewed".url', "--personal", personal)
            connection, answer = park.send("POST", "/api/export?format=csv", body)
            self.assertIn(expected, answer.read().decode())
            connection.close()



class EveryRoute(PeopleCase):
    """No answer without the right role: every route of the document, with everybody."""

    def everybody(self):
        """By name: the rank, and a function that gives a browser of theirs."""
        owner = self.owner()
        ranks = {"analyst": 1, "editor": 2, "owner": 3}
        people = {"nobody": (0, self.browser)}
        key = owner.ask("POST", "/api/keys", {"name": "web"})[1]["key"]
        people["write key"] = 0, lambda: self.browser(Authorization=f"Bearer {key}")
        people["made-up session"] = 0, lambda: self.with_cookie("gyeol=gys_" + "x" * 32)
        for role, rank in ranks.items():
            token = owner.ask("POST", "/api/tokens", {"name": role, "role": role})[1]["token"]
            people[f"token {role}"] = rank, lambda token=token: self.browser(Authorization=f"Bearer {token}")
            self.invite(owner, f"user {role}", role=role)
            people[f"user {role}"] = rank, lambda role=role: self.logged_in(f"user {role}")
        return people

    def with_cookie(self, cookie):
        browser = self.browser()
        browser.cookie = cookie
        return browser

    def logged_in(self, name):
        browser = self.browser()
        self.assertEqual(browser.log_in(name, PASSWORD)[0], 200)
        return browser

    def test_with_every_role(self):
        document = self.browser().ask("GET", "/api/openapi.json")[1]
        needed = {"public": 0, "analyst": 1, "editor": 2, "owner": 3}
        n = 0
        for who, (rank, make) in self.everybody().items():
            browser = make()
            for path, item in document["paths"].items():
                for verb, operation in item.items():
                    if verb == "parameters" or operation["x-role"] == "public":
                        continue
                    place = re.sub(r"\{.*?\}", "nothing", path)
                    body = {} if "requestBody" in operation else None
                    if path == "/api/logout":
                        browser, spare = make(), browser
                    connection, answer = browser.send(verb.upper(), place, body)
                    connection.close()  # some would go on for ever
                    if path == "/api/logout":
                        browser = spare
                    with self.subTest(who=who, verb=verb, path=path):
                        n += 1
                        if rank >= needed[operation["x-role"]]:
                            self.assertNotIn(answer.status, (401, 403, 404) if place == path and not body else (401, 403))
                        else:
                            self.assertEqual(answer.status, 403 if rank else 401)
                    if "user" in who and verb != "get":
                        connection, answer = browser.send(verb.upper(), place, body, {"X-CSRF-Token": None})
                        connection.close()
                        with self.subTest("without a CSRF token", who=who, verb=verb, path=path):
                            self.assertEqual(answer.status, 403)
        self.assertGreater(n, 9 * 15)


if __name__ == "__main__":
    unittest.main(verbosity=2)
