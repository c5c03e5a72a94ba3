#!/usr/bin/env python3
"""tools/check-layers finds each thing it says it finds, and passes a tree that keeps the rules."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check-layers"

GOOD = {
    "src/base/str.h": "#include <stddef.h>\n",
    "src/base/str.c": '#include "base/str.h"\n/* strcpy(a, b) in a comment, */ const char *s = "and gets() in text";\n',
    "src/base/str_internal.h": "\n",
    "src/base/chars.cc": '#include "base/str_internal.h"\n',
    "src/store/part.h": '#include "base/str.h"\n',
    "src/store/part.c": '#include "store/part.h"\n\n#include <sqlite3.h>\n',
    "src/lang/ast.h": '#include "base/str.h"\n',
    "src/ingest/csv.h": '#include "store/part.h"\n#include "lang/ast.h"\n',
    "src/engine/exec.c": '#include "store/part.h"\nint f(void) { return gmtime_r(0, 0) == 0 && x->gets(1) && gy_atoi(2); }\n',
    "src/clickhouse/sql_print.c": '#include "lang/ast.h"\n',
    "src/insight/rfm.c": '#include "engine/plan.h"\n#include "ingest/csv.h"\n',
    "src/engine/plan.h": "\n",
    "src/activate/journey.h": '#include "base/str.h"\n',
    "src/server/http.h": "\n",
    "src/server/http.c": '#include "activate/journey.h"\n#include <microhttpd.h>\n',
    "src/cli/main.c": '#include "ingest/csv.h"\n#include "server/http.h"\n// #include "server/none.h"\n',
    "tests/unit/base/test_str.c": '#include "base/str_internal.h"\n',
}


def check(changes):
    """Status and messages for the good tree with `changes` laid over it."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in {**GOOD, **changes}.items():
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, PROGRAM, root], capture_output=True, text=True)
        return done.returncode, done.stderr


class CheckLayers(unittest.TestCase):
    def assert_refused(self, changes, place, why):
        status, said = check(changes)
        self.assertEqual(status, 1, said)
        self.assertEqual(len(said.splitlines()), 1, said)
        self.assertIn(place, said)
        self.assertIn(why, said)

    def test_good_tree_passes(self):
        self.assertEqual(check({}), (0, ""))

    def test_empty_tree_is_refused(self):
        with tempfile.TemporaryDirectory() as root:
            done = subprocess.run([sys.executable, PROGRAM, root], capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)

    def test_layers_point_down(self):
        for folder, target in [
            ("base", "store/part.h"), ("store", "lang/ast.h"), ("lang", "store/part.h"), ("ingest", "engine/plan.h"),
            ("engine", "ingest/csv.h"), ("store", "engine/plan.h"), ("activate", "cli/x.h"), ("server", "cli/x.h"),
            ("insight", "activate/journey.h"), ("clickhouse", "store/part.h"),
        ]:
            with self.subTest(folder=folder, target=target):
                changes = {f"src/{folder}/bad.c": f'\n#include "{target}"\n', "src/server/http.h": "", "src/cli/x.h": ""}
                self.assert_refused(changes, f"src/{folder}/bad.c:2:", f"does not see {target.split('/')[0]}")

    def test_includes_are_written_from_src(self):
        self.assert_refused({"src/base/bad.c": '#include "str.h"\n'}, "src/base/bad.c:1:", "includes are written from there")

    def test_internal_headers_stay_at_home(self):
        self.assert_refused({"src/store/bad.c": '#  include "base/str_internal.h"\n'}, "src/store/bad.c:1:", "for base alone")

    def test_names_are_unique(self):
        self.assert_refused({"src/lang/csv.c": "\n"}, "src/lang/csv.c:1:", "has that name already")
        self.assert_refused({"tests/property/test_str.c": "\n"}, "tests/unit/base/test_str.c:1:", "has that name already")

    def test_libraries_have_one_home(self):
        self.assert_refused({"src/engine/bad.c": "#include <sqlite3.h>\n"}, "src/engine/bad.c:1:", "store alone")
        self.assert_refused({"src/cli/bad.c": "#include <microhttpd.h>\n"}, "src/cli/bad.c:1:", "server alone")

    def test_banned_functions(self):
        for name in "strcpy strcat sprintf strtok gets atoi localtime gmtime".split():
            with self.subTest(name=name):
                self.assert_refused({"src/lang/bad.c": f"int x;\n\nvoid f(void) {{ {name} (0); }}\n"}, "src/lang/bad.c:3:", f"{name} is banned")
        self.assert_refused({"tests/unit/base/test_bad.c": "int x = atoi(0);\n"}, "tests/unit/base/test_bad.c:1:", "atoi is banned")

    def test_files_stand_in_known_folders(self):
        self.assert_refused({"src/utils/bad.c": "\n"}, "src/utils/bad.c:1:", "no layer")
        self.assert_refused({"src/base/deeper/bad.c": "\n"}, "src/base/deeper/bad.c:1:", "no deeper")


if __name__ == "__main__":
    unittest.main()
