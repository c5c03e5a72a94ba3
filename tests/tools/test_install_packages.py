#!/usr/bin/env python3
"""tools/install-packages asks for what is missing, all of it, only that, and without a question.

dpkg-query, apt-get, sudo and id are stand-ins that write down how they were called.
"""
import os
import pathlib
import subprocess
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
WANTED = {}
for line in (TOOLS / "packages.txt").read_text().splitlines():
    if line and not line.startswith("#"):
        package, kind, *why = line.split()
        assert why, f"{package} is not explained"
        WANTED.setdefault(kind, []).append(package)

STAND_INS = {
    "dpkg-query": 'for p in $INSTALLED; do [ "$p" = "$4" ] && { printf "installed "; exit 0; }; done\n'
                  'for p in $REMOVED; do [ "$p" = "$4" ] && { printf "config-files "; exit 0; }; done; exit 1',
    "apt-get": 'echo "$DEBIAN_FRONTEND: $*" >>"$CALLS"; exit "${APT_STATUS:-0}"',
    "id": 'echo "${USER_ID:-0}"',
    "sudo": 'echo sudo >>"$CALLS"; exec "$@"',
}


def install(sets, installed, removed=(), without=(), **env):
    """Status, what it said, and the calls it made."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in STAND_INS.items():
            if name not in without:
                path = pathlib.Path(folder, name)
                path.write_text(f"#!/bin/sh\n{text}\n")
                path.chmod(0o755)
        for name in ("sh", "dirname", "awk", "grep", "env", "cat"):  # and nothing else from this machine
            os.symlink(subprocess.check_output(["which", name], text=True).strip(), pathlib.Path(folder, name))
        calls = pathlib.Path(folder, "calls")
        done = subprocess.run(["/bin/sh", TOOLS / "install-packages", *sets], capture_output=True, text=True, env={
            "PATH": folder, "CALLS": str(calls), "INSTALLED": " ".join(installed), "REMOVED": " ".join(removed), **env})
        return done.returncode, done.stderr, calls.read_text().splitlines() if calls.exists() else []


class InstallPackages(unittest.TestCase):
    def test_nothing_missing_does_nothing(self):
        self.assertEqual(install(["build"], WANTED["build"]), (0, "", []))

    def test_bare_machine(self):
        status, _, calls = install(["build"], [])
        self.assertEqual(status, 0)
        self.assertEqual([call.split()[:1] for call in calls], [["noninteractive:"]] * 2)
        self.assertTrue(calls[0].endswith(" update"))
        head, asked = calls[1].split("--no-install-recommends ")
        self.assertTrue(head.endswith(" install -y "), head)
        self.assertEqual(asked.split(), WANTED["build"])

    def test_only_what_is_missing(self):
        """One that was removed, but left its settings, is missing."""
        here = [p for p in WANTED["build"] if p not in ("cmake", "libzip-dev")]
        _, _, calls = install(["build", "long"], here + WANTED["long"], removed=["libzip-dev"])
        self.assertEqual(calls[1].split("--no-install-recommends ")[1].split(), ["cmake", "libzip-dev"])

    def test_user_goes_by_sudo(self):
        _, _, calls = install(["build"], WANTED["build"][1:], USER_ID="1000")
        self.assertEqual(calls.count("sudo"), 2)

    def test_says_what_is_missing_where_it_cannot_install(self):
        for without, env in [(["sudo"], {"USER_ID": "1000"}), (["apt-get"], {}), ([], {"APT_STATUS": "100"})]:
            with self.subTest(without=without, env=env):
                status, said, _ = install(["build"], WANTED["build"][2:], without=without, **env)
                self.assertEqual(status, 1)
                self.assertIn(f"not there: {' '.join(WANTED['build'][:2])}", said)

    def test_unknown_set_is_refused(self):
        self.assertEqual(install(["everything"], [])[0], 2)
        self.assertEqual(install([], [])[0], 2)


if __name__ == "__main__":
    unittest.main()
