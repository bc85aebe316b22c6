#!/usr/bin/python3
"""Bad input at the command line: what, where, what to do, and the exit code; nothing half done."""

import os
import re
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAMS = Path(os.environ.get("MXSWITCH_PROGRAMS", "build/release/bin"))
NEW_MX = "10 mx1.filter.example"


def run(*words, program="mxswitch", **environment):
    done = subprocess.run([PROGRAMS / program, *map(str, words)], capture_output=True, text=True,
                          timeout=60, env={**os.environ, **environment},
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


class BadInput(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.addCleanup(self._folder.cleanup)

    def file(self, name, text, mode=0o644):
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def refused(self, words, code, *patterns):
        got, out, err = run(*words)
        self.assertEqual(got, code, f"{words}: {out}{err}")
        for pattern in patterns:
            self.assertRegex(err, pattern)
        self.assertNotIn("terminate called", err)

    def test_no_verb_and_unknown_flag_are_usage(self):
        self.refused([], 2)
        self.refused(["check", "shop.example", "--expekt-mx", NEW_MX], 2)

    def test_every_verb_has_help_with_an_example(self):
        verbs = ["check", "watch", "serve", "plan init", "plan apply", "status", "gates",
                 "history", "switch", "rollback", "abort", "freeze", "unfreeze", "override",
                 "waive", "approve", "resolve", "verify", "finalize", "roster check",
                 "roster load", "alert test", "doctor", "simulate"]
        for verb in verbs:
            with self.subTest(verb=verb):
                code, out, _ = run(*verb.split(), "--help")
                self.assertEqual(code, 0)
                self.assertRegex(out, rf"Example: mxswitch {verb}")

    def test_bad_scenario(self):
        self.refused(["simulate", self.folder / "none.scn"], 2, "none.scn: can't be read")
        bad = self.file("bad.scn", "owner shop.example\ncolour blue\n")
        self.refused(["simulate", bad], 2, "bad.scn:2: unknown directive \"colour\"")

    def test_bad_mx_set(self):
        self.refused(["check", "shop.example", "--expect-mx", "ten mx1"], 2, "--expect-mx")

    def test_bad_domain(self):
        self.refused(["check", "shop..example", "--expect-mx", NEW_MX], 2, r"shop\.\.example")

    def test_bad_resolver_address_names_file_and_line(self):
        path = self.file("resolvers.csv", "address,operator\n8.8.8.8,Google\n8.8.8,Broken\n")
        self.refused(["check", "shop.example", "--expect-mx", NEW_MX, "--resolvers", path], 2,
                     re.escape(str(path)) + ":3")

    def test_missing_resolver_file(self):
        self.refused(["check", "shop.example", "--expect-mx", NEW_MX, "--resolvers",
                      self.folder / "none.csv"], 2, "none.csv")

    def test_bad_authority(self):
        self.refused(["check", "shop.example", "--expect-mx", NEW_MX, "--authority", "ns1"], 2,
                     "--authority ns1")

    def test_unknown_configuration_key_names_the_nearest(self):
        path = self.file("mxswitch.toml", "[server]\nlisten = \"127.0.0.1:0\"\n[pacr]\nburst=1\n")
        self.refused(["serve", "--config", path], 2, r"mxswitch\.toml:3", "pacr", "pacer")

    def test_unknown_plan_key_names_the_nearest(self):
        path = self.file("plan.toml", "domain = \"shop.example\"\n[mx]\nnew = [\"10 mx1.a.example\"]"
                                      "\n[polcy]\nk = 5\n")
        self.refused(["plan", "apply", path], 2, r"plan\.toml:4", "polcy", "policy")

    def test_bad_roster_line_names_file_and_line_and_no_password(self):
        accounts = self.file("accounts", "joe joes-password\nmary marys password two\n")
        code, out, err = run("roster", "check", "shop.example", "--accounts", accounts)
        self.assertEqual(code, 2)
        self.assertRegex(err, r"accounts:2")
        self.assertNotIn("marys", out + err)

    def test_alias_to_nobody(self):
        accounts = self.file("accounts", "joe joes-password\n")
        aliases = self.file("aliases", "sales: marry\n")
        self.refused(["roster", "check", "shop.example", "--accounts", accounts, "--aliases",
                      aliases], 2, "aliases:1", "marry")

    def test_providers_example_is_accepted(self):
        accounts = self.file("accounts", "joe joes-password\nmary marys-password\njane "
                                         "janes-password\n")
        aliases = self.file("aliases", "info: mary\nsales: mary, jane\nmerry: mary\n"
                                       "dan: dan@yahoo.com\njanitor: joe\n"
                                       "all: mary, jane, dan, joe\n")
        code, out, err = run("roster", "check", "shop.example", "--accounts", accounts, "--aliases",
                             aliases)
        self.assertEqual((code, err), (0, ""))
        self.assertIn("3 accounts, 6 aliases", out)

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as held:
            port = held.getsockname()[1]
            path = self.file("mxswitch.toml", f"store = \"sqlite:{self.folder}/x.db\"\n[server]\n"
                                              f"listen = \"127.0.0.1:{port}\"\n")
            self.refused(["serve", "--config", path], 1, str(port), "in use")

    def test_no_server(self):
        code, _, err = run("status", "--server", "http://127.0.0.1:1")
        self.assertEqual(code, 1)
        self.assertIn("mxswitch serve", err)

    def test_readable_token_file_is_refused(self):
        token = self.file("token", "secret\n", 0o644)
        self.refused(["status", "--token-file", token, "--server", "http://127.0.0.1:1"], 2,
                     "token")

    def test_agent_says_what_is_missing(self):
        code, _, err = run("serve", "--config", self.folder / "none.toml",
                           program="mxswitch-relay")
        self.assertIn(code, (1, 2))
        self.assertIn("none.toml", err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
