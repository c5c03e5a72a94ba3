#!/usr/bin/env python3
"""test_cli_docs.py PROGRAM - docs/commands.md and the program's own help tell of the same commands and options."""
import pathlib
import re
import subprocess
import sys
import unittest

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "commands.md"
EVERYWHERE = {"--data", "--json", "--help"}


def say(*args):
    return subprocess.run([PROGRAM, *args], check=True, capture_output=True, text=True, timeout=60).stdout


def documented():
    """The page's text by command."""
    parts = re.split(r"^### (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: re.split(r"^## ", text, flags=re.MULTILINE)[0] for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def commands():
    listed = say("--help").split("Commands\n")[1].split("\n\n")[0]
    return [re.split(r"  +", line.strip())[0] for line in listed.splitlines()]


def options(command):
    text = say(*command.split(), "--help").split("Options of every command")[0]
    return set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", text, flags=re.MULTILINE))


class Documents(unittest.TestCase):
    def test_the_same_commands(self):
        self.assertGreater(len(commands()), 20)
        self.assertEqual(sorted(documented()), sorted(commands()))

    def test_the_same_options(self):
        for command, text in documented().items():
            with self.subTest(command=command):
                self.assertEqual(set(re.findall(r"--[a-z][a-z-]+", text)) - EVERYWHERE, options(command))

    def test_every_help_has_an_example(self):
        for command in commands():
            with self.subTest(command=command):
                self.assertIn(f"  gyeol {command}", say(*command.split(), "--help").split("\nExample\n")[1].replace("| ", "")
                              .replace("\n      ", "\n  "))


if __name__ == "__main__":
    unittest.main()
